#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

mod admission;
mod calibration;
mod delivered;
mod dose;
#[cfg(test)]
mod exhaustive;
mod math;
pub mod metered;
mod motor;
mod pumps;
mod record;
mod run;
mod setup;
mod soft_start;
mod tank;
mod window;

pub use calibration::{BadCalibration, Calibration, Point};
pub use delivered::Delivered;
pub use dose::{Dose, Drive, End, Fault, Outcome, Refused, Request};
pub use fugit;
pub use metered::{MeteredPump, Order};
pub use motor::{Bridge, Motor, Pwm, PwmBridge, Switched};
pub use pumps::{Error, OutputError, Pumps};
pub use quantity;
pub use quantity::{Microlitres, MicrolitresPerMinute};
pub use record::{Record, Status};
pub use setup::{AntiDrip, BadSetup, Limits, Pulses, Pump, Rules};
pub use soft_start::{BadSoftStart, Duty, RampStep, SoftStart};
pub use tank::{Running, Step, Stored, Tank, Ticket};

/// A point in time in milliseconds, on a clock of the caller that starts with the power and never wraps.
pub type Instant = fugit::MonotonicTimerInstantU64<1000>;
