//! What a user may want otherwise.

use crate::{Backpack, Geometry, Rom, Timing};

/// Whether the controller is asked if it is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BusyFlag {
    /// No: R/W stays low, and the longest execution time is waited out.
    #[default]
    Ignored,
    /// Yes: the busy flag is polled after a clear, and each [`flush`](crate::blocking::Hd44780::flush) begins by
    /// reading it together with the address counter, so that a display that got out of step is found and initialised.
    ///
    /// Needs a [`Backpack`] with a PCF8574 and [`rw`](Backpack::rw); with another one it is as `Ignored`.
    Polled,
}

/// What is connected, and how.
///
/// Starts from the values of an ordinary module; change the fields that have to differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Config {
    /// Rows and columns.
    pub geometry: Geometry,
    /// The expander's address, 7 bits; 0x27 at first, which is a PCF8574 with open jumpers. A PCF8574A has 0x3F.
    pub address: u8,
    /// The wiring; [`Backpack::YWROBOT`] at first.
    pub backpack: Backpack,
    /// The characters that the controller knows; [`Rom::A00`] at first. It cannot be detected.
    pub rom: Rom,
    /// The code shown for a character that neither the ROM nor a [definition](crate::Screen::define_char) has; that
    /// of `?` at first.
    pub replacement: u8,
    /// Speed of the bus and of the controller; [`Timing::STANDARD`] at first.
    pub timing: Timing,
    /// Whether the controller is asked if it is ready; [`BusyFlag::Ignored`] at first.
    pub busy_flag: BusyFlag,
}

impl Config {
    /// The configuration of an ordinary module.
    pub const fn new(geometry: Geometry) -> Self {
        Self {
            geometry,
            address: 0x27,
            backpack: Backpack::YWROBOT,
            rom: Rom::A00,
            replacement: b'?',
            timing: Timing::STANDARD,
            busy_flag: BusyFlag::Ignored,
        }
    }
}

impl From<Geometry> for Config {
    fn from(geometry: Geometry) -> Self {
        Self::new(geometry)
    }
}
