//! What can go wrong, and what is refused.

use crate::ConfigError;
use core::fmt;

/// Why the clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Anomaly {
    /// The time is earlier than it was: set back, or wrapped.
    Backwards,
    /// More than [`Config::patience`](crate::Config::patience) has passed although a deadline had been returned: the
    /// clock has jumped, or nobody looked after the relay.
    Late,
}

/// Why the relay stays off until [`acknowledge`](crate::Guard::acknowledge). Carries no pin type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Fault {
    /// Somebody pressed stop.
    Stop,
    /// The caller's own reason, by a number of the caller's: a leak, a welded contact, a sensor that is gone.
    External(u16),
    /// It was on for as long as it may be, and [`MaxOn::latch`](crate::MaxOn::latch) is set.
    MaxOn,
    /// It was on under a limit while the clock could not be believed: the limit may have been exceeded.
    Clock(Anomaly),
    /// The output could not be written.
    Output,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stop => f.write_str("stopped"),
            Self::External(code) => write!(f, "tripped by the application, code {code}"),
            Self::MaxOn => f.write_str("on for as long as allowed"),
            Self::Clock(Anomaly::Backwards) => f.write_str("the clock went backwards while on"),
            Self::Clock(Anomaly::Late) => f.write_str("nobody looked after the relay while on"),
            Self::Output => f.write_str("the output could not be written"),
        }
    }
}

impl core::error::Error for Fault {}

/// Why a command changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refused {
    /// This fault has not been acknowledged.
    Fault(Fault),
    /// [`Config::period`](crate::Config::period) is zero, so there is no period to take a share of.
    NoPeriod,
    /// The group has no member of this number.
    NoMember,
    /// The fault cannot be acknowledged as long as its cause is there: the output is not known to be off.
    Uncertain,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => write!(f, "not acknowledged: {fault}"),
            Self::NoPeriod => f.write_str("no period is configured"),
            Self::NoMember => f.write_str("the group has no such member"),
            Self::Uncertain => f.write_str("the output is not known to be off"),
        }
    }
}

impl core::error::Error for Refused {}

/// An error of the pin, or a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The output could not be written. It has been tried to switch it off since.
    Pin(E),
    /// The command changed nothing.
    Refused(Refused),
    /// The configuration contradicts itself.
    Config(ConfigError),
}

impl<E> From<Refused> for Error<E> {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin(error) => write!(f, "pin error: {error:?}"),
            Self::Refused(refused) => refused.fmt(f),
            Self::Config(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}

/// Why a relay could not be made, and the outputs to try again with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitError<D, E> {
    /// The outputs. They have been told to be off.
    pub drive: D,
    /// What went wrong.
    pub error: Error<E>,
}

impl<D, E: fmt::Debug> fmt::Display for InitError<D, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<D: fmt::Debug, E: fmt::Debug> core::error::Error for InitError<D, E> {}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn messages_say_what_happened() {
        let error = Error::<()>::from(Refused::Fault(Fault::External(7)));
        assert_eq!(
            error.to_string(),
            "not acknowledged: tripped by the application, code 7"
        );
        assert_eq!(Error::Pin(3_u8).to_string(), "pin error: 3");
    }
}
