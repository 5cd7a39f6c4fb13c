//! What can be wrong with a number or a text.

use core::fmt;

/// The value is outside what the quantity can be, or outside what the calculation is valid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OutOfRange;

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value out of range")
    }
}

impl core::error::Error for OutOfRange {}

/// Why a text is not a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ParseError {
    /// There is no text at all.
    Empty,
    /// The text is not a decimal number and nothing but a decimal number.
    Malformed,
    /// The text is a decimal number, but not one that the quantity can be.
    OutOfRange,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "no number",
            Self::Malformed => "not a decimal number",
            Self::OutOfRange => "number out of range",
        })
    }
}

impl core::error::Error for ParseError {}

impl From<OutOfRange> for ParseError {
    fn from(_: OutOfRange) -> Self {
        Self::OutOfRange
    }
}
