//! What went wrong so far, including what a retry put right.

use crate::{Error, Fault};

/// How often what went wrong. Every attempt counts, also one that a retry made good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Counters {
    /// Nobody answered the reset, or nobody has this ROM code.
    pub absent: u32,
    /// The wire was held low, or high.
    pub shorted: u32,
    /// The CRC or the configuration byte was wrong, answers about the supply differed, or the bus could not make sense
    /// of the wire.
    pub corrupt: u32,
    /// The temperature was none: power-on value, failed conversion, out of range.
    pub implausible: u32,
    /// Conversions that nobody was seen to begin.
    pub not_started: u32,
    /// Settings that did not read back as written.
    pub not_stored: u32,
    /// Attempts after the first.
    pub retries: u32,
}

impl Counters {
    pub(crate) const NONE: Self = Self {
        absent: 0,
        shorted: 0,
        corrupt: 0,
        implausible: 0,
        not_started: 0,
        not_stored: 0,
        retries: 0,
    };

    /// Counts `error` and says whether another attempt may do better.
    pub(crate) fn count<E>(&mut self, error: &Error<E>) -> bool {
        use one_wire::Fault as Wire;
        let (counter, transient) = match error {
            Error::Device(fault) => match fault {
                Fault::Absent => (&mut self.absent, true),
                Fault::AllZeros => (&mut self.shorted, true),
                Fault::Crc | Fault::Configuration(_) | Fault::SupplyUnclear => (&mut self.corrupt, true),
                Fault::NotStarted => (&mut self.not_started, true),
                Fault::PowerOn
                | Fault::ConversionFailed
                | Fault::OutOfRange
                | Fault::Count
                | Fault::ResolutionChanged { .. } => (&mut self.implausible, false),
                Fault::NotStored | Fault::ResolutionIgnored { .. } => (&mut self.not_stored, false),
                _ => return false,
            },
            Error::Bus(one_wire::Error::Wire(fault)) => match fault {
                Wire::NoPresence => (&mut self.absent, true),
                Wire::StuckLow | Wire::StuckHigh => (&mut self.shorted, true),
                Wire::Echo => (&mut self.corrupt, true),
                _ => return false,
            },
            Error::Bus(_) => return false,
        };
        *counter = counter.saturating_add(1);
        transient
    }
}
