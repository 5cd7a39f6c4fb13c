#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

#[macro_use]
mod quantity;

mod air;
mod conductivity;
mod decimal;
mod electric;
mod error;
mod float;
mod temperature;
mod volume;
mod water;

pub use air::{Pascals, PermilleRh, PpmCo2, dew_point, saturation_vapour_pressure, vapour_pressure_deficit};
pub use conductivity::{MilliPpmTds, NanoSiemensPerCm, TdsFactor, TemperatureCoefficient};
pub use decimal::{Decimal, parse_fixed};
pub use electric::{Microvolts, Millivolts};
pub use error::{OutOfRange, ParseError};
pub use temperature::{MilliCelsius, MilliFahrenheit};
pub use volume::{Microlitres, MicrolitresPerMinute};
pub use water::{MicrogramsPerLitre, MilliPh, PermilleSaturation};
