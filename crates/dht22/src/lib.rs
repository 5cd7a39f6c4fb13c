#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "async")]
pub mod asynch;
pub mod blocking;
mod capture;
mod config;
mod error;
mod frame;
mod model;
mod pulses;
mod reading;
mod schedule;

pub use capture::{Guard, Unguarded};
pub use config::{Checksum, Config};
pub use error::{Error, Fault};
pub use frame::Frame;
pub use fugit;
pub use model::{Layout, Model};
pub use quantity;
pub use reading::{LastReading, Reading};

/// A point in time in milliseconds, on a clock of the caller that starts with the power and never wraps.
pub type Instant = fugit::MonotonicTimerInstantU64<1000>;
