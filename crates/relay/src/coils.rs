//! The two coils of a latching relay over time.

use crate::{ConfigError, Instant, Level};
use fugit::MillisDurationU32;

/// How long the coils of a latching relay have current, from its data sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pulses {
    /// The coil that closes the contact.
    pub set: MillisDurationU32,
    /// The coil that opens the contact.
    pub reset: MillisDurationU32,
}

impl Pulses {
    pub(crate) fn check(self) -> Result<(), ConfigError> {
        if self.set.as_ticks() == 0 || self.reset.as_ticks() == 0 {
            return Err(ConfigError::Pulse);
        }
        Ok(())
    }
}

/// Where the contact is, or on its way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    Unknown,
    /// Unknown too, and the coil rests until the next call, so that it never has current for longer than a pulse.
    Pausing,
    Opening {
        left: u32,
    },
    Open,
    Closing {
        left: u32,
    },
    Closed,
}

/// Decides which coil has current. Never both, as there is no way to say so.
#[derive(Debug, Clone)]
pub(crate) struct Coils {
    pulses: Pulses,
    /// Longest time between two calls during a pulse.
    patience: u32,
    now: Instant,
    contact: Contact,
}

impl Coils {
    pub(crate) fn new(pulses: Pulses, patience: MillisDurationU32, now: Instant) -> Self {
        Self {
            pulses,
            patience: patience.as_ticks(),
            now,
            contact: Contact::Unknown,
        }
    }

    /// Lets time pass. A pulse during which the clock cannot be believed may have been too short, so that nobody knows
    /// where the contact is.
    pub(crate) fn advance(&mut self, now: Instant) {
        let elapsed = now.as_ticks().checked_sub(self.now.as_ticks());
        self.now = now;
        let believed = elapsed
            .and_then(|ms| u32::try_from(ms).ok())
            .filter(|ms| *ms <= self.patience);
        self.contact = match (self.contact, believed) {
            (Contact::Opening { .. } | Contact::Closing { .. }, None) => Contact::Pausing,
            (Contact::Pausing, elapsed) if elapsed != Some(0) => Contact::Unknown,
            (Contact::Opening { left }, Some(ms)) if ms >= left => Contact::Open,
            (Contact::Closing { left }, Some(ms)) if ms >= left => Contact::Closed,
            (Contact::Opening { left }, Some(ms)) => Contact::Opening { left: left - ms },
            (Contact::Closing { left }, Some(ms)) => Contact::Closing { left: left - ms },
            (contact, _) => contact,
        };
    }

    /// Starts a pulse if the contact is not at `level` or on its way there.
    pub(crate) fn aim(&mut self, level: Level) {
        self.contact = match (level, self.contact) {
            (_, Contact::Pausing) => Contact::Pausing,
            (Level::Off, contact @ (Contact::Open | Contact::Opening { .. }))
            | (Level::On, contact @ (Contact::Closed | Contact::Closing { .. })) => contact,
            (Level::Off, _) => Contact::Opening {
                left: self.pulses.reset.as_ticks(),
            },
            (Level::On, _) => Contact::Closing {
                left: self.pulses.set.as_ticks(),
            },
        };
    }

    /// A coil could not be written.
    pub(crate) fn lose(&mut self) {
        self.contact = Contact::Pausing;
    }

    pub(crate) fn is_open(&self) -> bool {
        self.contact == Contact::Open
    }

    /// Levels of the set coil and of the reset coil.
    pub(crate) fn levels(&self) -> (Level, Level) {
        match self.contact {
            Contact::Closing { .. } => (Level::On, Level::Off),
            Contact::Opening { .. } => (Level::Off, Level::On),
            Contact::Unknown | Contact::Pausing | Contact::Open | Contact::Closed => (Level::Off, Level::Off),
        }
    }

    /// When the pulse ends, or has to be looked after.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let left = match self.contact {
            Contact::Opening { left } | Contact::Closing { left } => left,
            Contact::Pausing => self.pulses.reset.as_ticks(),
            Contact::Unknown | Contact::Open | Contact::Closed => return None,
        };
        let ms = left.min(self.patience / 2).max(1);
        Some(Instant::from_ticks(
            self.now.as_ticks().saturating_add(u64::from(ms)),
        ))
    }
}
