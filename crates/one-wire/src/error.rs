//! What can go wrong on the wire.

use core::fmt;

/// Why the wire could not be used, or what arrived over it. Carries no bus type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// No device answered the reset with a presence pulse.
    NoPresence,
    /// The line did not come back high: a short to ground, or the pull-up is missing.
    StuckLow,
    /// The line stays high although the bus drives it low: a short to the supply, or a pin that cannot do both.
    StuckHigh,
    /// Devices stopped answering in the middle of a search, or did not answer Read ROM.
    Interrupted,
    /// A ROM code whose CRC does not match its contents.
    Crc,
    /// The bus cannot do what was asked of it, such as overdrive or a strong pull-up.
    Unsupported,
    /// The UART did not return the byte that it had sent, nor one that the wire can make of it: noise, a receiver that
    /// is not joined to the transmitter, or a line that was low before the first byte.
    Echo,
    /// A search has found more devices than a wire can have: what answers is no device.
    Endless,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPresence => "no device answered the reset",
            Self::StuckLow => "the 1-Wire line is held low",
            Self::StuckHigh => "the 1-Wire line cannot be driven low",
            Self::Interrupted => "the 1-Wire devices stopped answering",
            Self::Crc => "the ROM code's CRC does not match",
            Self::Unsupported => "this 1-Wire bus cannot do that",
            Self::Echo => "the UART's echo is not one that the wire can cause",
            Self::Endless => "the search finds devices without end",
        })
    }
}

impl core::error::Error for Fault {}

/// A fault of the wire, or of the pin, UART or bridge that drives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The pin, UART or bridge failed.
    Bus(E),
    /// The wire, or what is on it, failed.
    Wire(Fault),
}

impl<E> From<Fault> for Error<E> {
    fn from(fault: Fault) -> Self {
        Self::Wire(fault)
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => write!(f, "1-Wire bus error: {error:?}"),
            Self::Wire(fault) => fault.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}
