//! The async bus.
