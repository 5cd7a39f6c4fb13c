#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "async")]
pub mod asynch;
pub mod blocking;
mod colour;
mod current;
mod encoding;
mod error;
mod frame;
mod gamma;
mod order;
mod part;
mod pattern;
#[cfg(feature = "smart-leds")]
mod smart;
mod status;
mod strip;

pub use colour::Colour;
pub use current::{Budget, Current};
pub use encoding::{Encoding, Misfit};
pub use error::Error;
pub use frame::{Frame, Shown};
pub use fugit;
pub use gamma::{GAMMA_2_8, Gamma};
pub use order::Order;
pub use part::{Part, Width};
pub use pattern::Pattern;
pub use status::{Status, Statuses};
pub use strip::{Idle, Polarity, Strip, buffer_len};

/// A point in time in milliseconds, on a clock of the caller that never wraps.
pub type Instant = fugit::MonotonicTimerInstantU64<1000>;
