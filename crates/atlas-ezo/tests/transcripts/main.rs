//! What is said on the bus, byte by byte and wait by wait, through every front end.

#![cfg(all(feature = "async", feature = "nb"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test that panics fails the test"
)]

mod i2c;
mod properties;
mod uart;

use atlas_ezo::Fault;
use std::fmt::Debug;

/// An outcome as the tests write it.
fn ok(value: impl Debug) -> String {
    format!("Ok({value:?})")
}

fn fault(fault: Fault) -> String {
    format!("Err(Device({fault:?}))")
}

fn bus(error: impl Debug) -> String {
    format!("Err(Bus({error:?}))")
}
