#![doc = include_str!("../README.md")]
#![no_std]

use core::fmt;

/// The value is outside what the quantity can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OutOfRange;

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value out of range")
    }
}

impl core::error::Error for OutOfRange {}

/// Temperature in thousandths of a degree Celsius.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MilliCelsius(i32);

impl MilliCelsius {
    /// Takes thousandths of a degree Celsius.
    pub const fn new(value: i32) -> Self {
        Self(value)
    }

    /// Thousandths of a degree Celsius.
    pub const fn get(self) -> i32 {
        self.0
    }
}

/// Relative humidity in thousandths, 0 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PermilleRh(u16);

impl PermilleRh {
    /// Takes thousandths.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] above 1000.
    pub const fn new(value: u16) -> Result<Self, OutOfRange> {
        if value <= 1000 { Ok(Self(value)) } else { Err(OutOfRange) }
    }

    /// Thousandths.
    pub const fn get(self) -> u16 {
        self.0
    }
}
