//! What can go wrong.

use core::fmt;

/// Why a call failed that the bus did not fail. Carries no bus type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// There is no such position.
    Position {
        /// The row asked for.
        row: u8,
        /// The column asked for.
        column: u8,
    },
    /// The controller did not get ready within 32 polls of its busy flag, or R/W is not wired.
    Busy,
    /// The address counter is wrong although the display has just been initialised: what is read is not a controller.
    OutOfStep,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position { row, column } => write!(f, "no position at row {row}, column {column}"),
            Self::Busy => f.write_str("the display stays busy"),
            Self::OutOfStep => f.write_str("the display does not follow its initialisation"),
        }
    }
}

impl core::error::Error for Fault {}

/// A fault of the display, or an error of the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The bus failed. If the address was not acknowledged, there is no expander at it.
    Bus(E),
    /// The display, or what was asked of it.
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
            Self::Bus(error) => write!(f, "bus error: {error:?}"),
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
    fn messages_name_the_position_and_the_bus_error() {
        let fault = Fault::Position { row: 4, column: 20 };
        assert_eq!(
            Error::<()>::from(fault).to_string(),
            "no position at row 4, column 20"
        );
        assert_eq!(Error::Bus("lost").to_string(), "bus error: \"lost\"");
    }
}
