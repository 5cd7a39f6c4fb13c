#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "async")]
pub mod asynch;
mod backpack;
pub mod blocking;
mod config;
mod error;
mod exchange;
mod geometry;
mod glyph;
mod instruction;
mod rom;
mod screen;
mod timing;
mod transfer;

pub use backpack::{Backlight, Backpack, Expander, Pin, Polarity};
pub use config::{BusyFlag, Config};
pub use error::{Error, Fault};
pub use fugit;
pub use geometry::Geometry;
pub use glyph::{Glyph, Slot};
pub use rom::Rom;
pub use screen::{Direction, Screen, Wrap};
pub use timing::Timing;
