#![doc = include_str!("../README.md")]
#![no_std]

mod calibration;
mod counter;
mod edges;
mod k_factor;
mod meter;
mod totals;
mod watch;

pub use calibration::{Calibration, CalibrationError};
pub use counter::Counter;
pub use edges::{EdgeInstant, Edges};
pub use fugit;
pub use k_factor::KFactor;
pub use meter::{Config, FlowMeter};
pub use quantity;
pub use totals::Totals;
pub use watch::{Expected, Limits, Status, Watch};

/// A point in time in milliseconds, on a clock of the caller that never wraps.
pub type Instant = fugit::MonotonicTimerInstantU64<1000>;

/// The time from `earlier` to `later`, none if the clock went backwards.
fn since(later: Instant, earlier: Instant) -> u64 {
    later.as_ticks().saturating_sub(earlier.as_ticks())
}
