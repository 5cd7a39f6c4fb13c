#![doc = include_str!("../README.md")]
#![no_std]

/// Temperature in thousandths of a degree Celsius.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PermilleRh(u16);

impl PermilleRh {
    /// Takes thousandths; `None` above 1000 (see the crate for the final signature).
    pub const fn new(value: u16) -> Option<Self> {
        if value <= 1000 { Some(Self(value)) } else { None }
    }

    /// Thousandths.
    pub const fn get(self) -> u16 {
        self.0
    }
}
