//! What can go wrong.

use crate::Resolution;
use core::fmt;

/// Why a device's answer could not be used. Carries no bus type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// The device with this ROM code is not on the wire, though others are: it answered all ones.
    Absent,
    /// All zeros, which passes the CRC: the wire is held low.
    AllZeros,
    /// The CRC does not match the scratchpad.
    Crc,
    /// The family code is not one of [`Family`](crate::Family).
    Family(u8),
    /// Scratchpad byte 4 cannot be that of this family: another part, or a clone with a layout of its own.
    Configuration(u8),
    /// A MAX31850 thermocouple converter, which shares the DS1825's family code and not its scratchpad.
    Max31850,
    /// The power-on value of 85 °C: the device has not converted since it was switched on.
    PowerOn,
    /// The value 127.9375 °C: the conversion failed, as a rule for want of current.
    ConversionFailed,
    /// A temperature below −55 °C or above +125 °C, which no device can measure.
    OutOfRange,
    /// A DS18S20 whose count per degree is zero or less than its count remaining.
    Count,
    /// The device did not begin to convert, although it did before: the command was lost.
    NotStarted,
    /// The device keeps `actual`, which it converts with, whatever is written to it.
    ResolutionIgnored {
        /// The resolution that the device has.
        actual: Resolution,
    },
    /// The device was given less time than the resolution needs that it turns out to have; it was probably
    /// switched off and on. The next conversion takes as long as `actual` needs.
    ResolutionChanged {
        /// The resolution that the device has.
        actual: Resolution,
    },
    /// What was written to the scratchpad did not read back.
    NotStored,
    /// The device's answers about its supply contradict one another: a disturbed wire.
    SupplyUnclear,
    /// The recall from the EEPROM did not end.
    Timeout,
    /// A conversion is in flight; poll until it is done.
    Busy,
    /// No conversion is in flight; start one.
    Idle,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("no device with this ROM code answered"),
            Self::AllZeros => f.write_str("the device answered all zeros"),
            Self::Crc => f.write_str("the scratchpad's CRC does not match"),
            Self::Family(code) => write!(f, "family code {code:#04x} is not a thermometer of this family"),
            Self::Configuration(byte) => {
                write!(f, "configuration byte {byte:#04x} is not one of this family")
            }
            Self::Max31850 => f.write_str("the device is a MAX31850 thermocouple converter"),
            Self::PowerOn => f.write_str("the device has not converted since power-on"),
            Self::ConversionFailed => f.write_str("the conversion failed"),
            Self::OutOfRange => f.write_str("the temperature is outside of -55 to 125 °C"),
            Self::Count => f.write_str("the count per degree is impossible"),
            Self::NotStarted => f.write_str("the conversion did not start"),
            Self::ResolutionIgnored { actual } => write!(f, "the device keeps its resolution, {actual:?}"),
            Self::ResolutionChanged { actual } => write!(f, "the device's resolution has become {actual:?}"),
            Self::NotStored => f.write_str("the scratchpad does not hold what was written"),
            Self::SupplyUnclear => f.write_str("the answers about the supply contradict one another"),
            Self::Timeout => f.write_str("the recall from the EEPROM did not end"),
            Self::Busy => f.write_str("a conversion is in flight"),
            Self::Idle => f.write_str("no conversion is in flight"),
        }
    }
}

impl core::error::Error for Fault {}

/// A fault of the device, or of the wire and what drives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The wire, or the pin, UART or bridge that drives it, failed.
    Bus(one_wire::Error<E>),
    /// The device failed.
    Device(Fault),
}

impl<E> From<one_wire::Error<E>> for Error<E> {
    fn from(error: one_wire::Error<E>) -> Self {
        Self::Bus(error)
    }
}

impl<E> From<Fault> for Error<E> {
    fn from(fault: Fault) -> Self {
        Self::Device(fault)
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => error.fmt(f),
            Self::Device(fault) => fault.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}
