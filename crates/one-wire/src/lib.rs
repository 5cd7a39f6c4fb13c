#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "async")]
pub mod asynch;
pub mod blocking;
pub mod crc;
mod error;
pub mod gpio;
mod rom;
pub mod search;
mod timing;
pub mod uart;

pub use error::{Error, Fault};
pub use fugit;
pub use rom::{ParseRomError, Rom, Speed, Target};
pub use search::Search;
pub use timing::{Timing, Wait};
