#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "async")]
pub mod asynch;
pub mod blocking;
mod error;
mod rom;

pub use error::{Error, Fault};
pub use fugit;
pub use rom::{Rom, Speed, Target};
