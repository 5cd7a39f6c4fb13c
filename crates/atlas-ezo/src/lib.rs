#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(test)]
mod answers;
#[cfg(feature = "async")]
pub mod asynch;
pub mod blocking;
mod calibration;
mod circuit;
pub mod command;
mod compensation;
mod error;
mod i2c;
mod known;
#[cfg(feature = "nb")]
pub mod nonblocking;
mod output;
mod pace;
mod pump;
#[cfg(test)]
mod table;
mod terms;
mod text;
#[cfg(feature = "nb")]
mod timer;
mod uart;
mod value;

pub use calibration::{Backup, Calibrate, Calibrated, Chunk};
pub use circuit::{
    Circuit, Co2, Compensated, Do, Ec, Flo, Hum, Orp, Ph, Pmp, PmpL, Prs, Pumping, Rtd, Sensor,
};
pub use circuit::{co2, do_, ec, flo, hum, orp, ph, pmp, prs, rtd};
pub use error::{Error, Fault, Origin};
pub use fugit;
pub use i2c::I2c;
pub use output::{Output, OutputSet, OutputsQuery, SetOutput};
pub use pace::Pace;
pub use pump::Totals;
pub use quantity;
pub use text::Text;
pub use uart::{Event, Line, Uart};
pub use value::{Address, Alarm, BaudRate, Firmware, Information, Kind, Name, Restart, Status, Switch};
