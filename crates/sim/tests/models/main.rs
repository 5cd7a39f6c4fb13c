//! The models against their data sheets, driven by hand: every length here is a literal.

// clippy.toml allows both in test functions, but not in the helpers beside them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod clock;
mod clones;
mod commands;
mod dht22;
mod faults;
mod host;
mod parasite;
mod properties;
mod slots;
mod uart;
mod uart_asynch;
mod wire;
