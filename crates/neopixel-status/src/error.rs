//! What can go wrong.

use core::fmt;

/// Why a picture was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The bus failed. The next picture is sent whether it is another one or not.
    Bus(E),
    /// More pixels than the strip has LEDs. Nothing was sent.
    TooManyPixels,
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => write!(f, "SPI error: {error:?}"),
            Self::TooManyPixels => f.write_str("more pixels than LEDs"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}
