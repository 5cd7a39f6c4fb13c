//! What the sensor measured.

use fugit::MillisDurationU32;
use quantity::{MilliCelsius, PermilleRh};

/// Temperature and relative humidity of one conversion. Both come in tenths of a unit, and exactly so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reading {
    /// Temperature: 35.1 °C is 35 100.
    pub temperature: MilliCelsius,
    /// Relative humidity: 65.2 % is 652.
    pub humidity: PermilleRh,
}

/// The last good reading and its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LastReading {
    /// What was read.
    pub reading: Reading,
    /// How long ago it was read; stays at its greatest value, 49 days, once it has reached it.
    pub age: MillisDurationU32,
}
