//! What relays do, by the millisecond.

#![allow(clippy::unwrap_used, reason = "a helper of a test that panics fails the test")]

mod board;
mod clock;
mod common;
mod interlock;
mod survival;
mod timing;
mod transcripts;
