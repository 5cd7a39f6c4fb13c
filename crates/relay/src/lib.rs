#![doc = include_str!("../README.md")]
#![no_std]

mod coils;
mod config;
mod error;
mod group;
mod guard;
mod interlock;
mod latching;
mod level;
mod relay;
mod request;
mod state;
mod window;

pub use coils::Pulses;
pub use config::{Config, ConfigError, Duty, MaxOn};
pub use error::{Anomaly, Error, Fault, InitError, Refused};
pub use fugit;
pub use group::Group;
pub use guard::{Guard, Update, Waiting};
pub use interlock::Interlock;
pub use latching::LatchingRelay;
pub use level::{ActiveHigh, ActiveLow, Drive, Level, Output, Polarity};
pub use relay::Relay;
pub use request::{Command, Permille};
pub use state::{Counters, State};

/// A point in time in milliseconds, on a clock of the caller that starts with the power and never wraps.
pub type Instant = fugit::MonotonicTimerInstantU64<1000>;
