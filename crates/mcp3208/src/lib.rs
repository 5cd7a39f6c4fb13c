#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "async")]
pub mod asynch;
pub mod blocking;
mod code;
mod config;
mod error;
mod frame;
mod input;
mod part;
mod sampling;

pub use code::{Code, Delta};
pub use config::{Check, Config, PullUp};
pub use error::{Error, Fault};
pub use frame::Frame;
pub use input::{Input, Pair};
pub use part::{EightChannels, Mcp3004, Mcp3008, Mcp3204, Mcp3208, Part};
pub use quantity;
pub use sampling::Oversampling;
