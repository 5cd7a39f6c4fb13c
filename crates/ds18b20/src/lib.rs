#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "async")]
pub mod asynch;
pub mod blocking;
mod command;
mod conversion;
mod counters;
mod error;
mod family;
#[cfg(feature = "nb")]
pub mod nonblocking;
mod resolution;
mod scratchpad;
mod sensor;
mod temperature;

pub use conversion::Completion;
pub use counters::Counters;
pub use error::{Error, Fault};
pub use family::Family;
pub use fugit;
pub use one_wire;
pub use quantity;
pub use resolution::Resolution;
pub use scratchpad::{Alarms, Scratchpad};
pub use sensor::Supply;
pub use temperature::Temperature;

/// The types behind both front ends, for code that serves either.
pub mod mode {
    pub use crate::sensor::{Async, Blocking, Ds18b20, Group};
}
