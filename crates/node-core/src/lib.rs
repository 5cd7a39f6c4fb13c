#![doc = include_str!("../README.md")]
#![no_std]

pub mod config;
mod node;
mod reading;
mod schedule;
pub mod telemetry;
mod topic;

pub use config::{Config, ConfigError};
pub use fugit;
pub use node::{Action, Event, Node, OUTBOX, Report, ReportKind};
pub use reading::{Fault, Quality, Quantity, Reading, Sample, SensorId, Value};

/// Time since boot in milliseconds; 64 bits, so that it does not wrap.
pub type Instant = fugit::MonotonicTimerInstantU64<1000>;
