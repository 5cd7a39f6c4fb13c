//! What can go wrong.

use core::fmt;

/// Why an answer is not a conversion. Carries no bus type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// All ones where the null bit and the code should be: no converter, no supply, or MISO is held high.
    NoAnswer,
    /// The null bit is a one: MISO floats, touches another line, or the converter is out of step. Carries the
    /// received bits, the last one lowest.
    NullBit(u32),
    /// MISO is low where a pull-up should hold it: shorted to ground, or the converter is out of step. Only with
    /// [`PullUp::Present`](crate::PullUp::Present).
    HeldLow,
    /// The repetition of the code, or the zeros after it, differ: a disturbed bit. Carries the received bits, the
    /// last one lowest. Only with [`Check::Repetition`](crate::Check::Repetition).
    Repetition(u32),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer => f.write_str("no converter answers"),
            Self::NullBit(bits) => write!(f, "the null bit of {bits:#010x} is not null"),
            Self::HeldLow => f.write_str("MISO is held low"),
            Self::Repetition(bits) => write!(f, "the code in {bits:#010x} is not repeated"),
        }
    }
}

impl core::error::Error for Fault {}

/// A fault of the converter or of its wiring, or an error of the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The bus or the chip select failed.
    Bus(E),
    /// The answer is not a conversion.
    Device(Fault),
}

impl<E> From<Fault> for Error<E> {
    fn from(fault: Fault) -> Self {
        Self::Device(fault)
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => write!(f, "SPI error: {error:?}"),
            Self::Device(fault) => fault.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn messages_name_the_bits_and_the_bus_error() {
        let error = Error::<()>::from(Fault::NullBit(0xFF_F000));
        assert_eq!(error.to_string(), "the null bit of 0x00fff000 is not null");
        assert_eq!(Error::Bus("overrun").to_string(), "SPI error: \"overrun\"");
    }
}
