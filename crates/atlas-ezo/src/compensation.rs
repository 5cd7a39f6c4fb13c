//! A reading at a temperature, by a circuit that may forget the temperature at any time.

use crate::Fault;
use quantity::MilliCelsius;

/// What is next for a reading at a temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Tell the circuit the temperature.
    Set(MilliCelsius),
    /// Take a reading.
    Read,
    /// Ask which temperature the circuit had.
    Check,
    /// The reading is good.
    Done,
}

/// What a circuit was told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    told: Option<MilliCelsius>,
    restarts: u32,
}

impl Memory {
    pub(crate) const NONE: Self = Self {
        told: None,
        restarts: 0,
    };

    /// After a restart that was asked for.
    pub(crate) const fn restarted(self) -> Self {
        Self { told: None, ..self }
    }

    /// How often a circuit was found to have forgotten its temperature.
    pub(crate) const fn restarts(self) -> u32 {
        self.restarts
    }
}

/// The sequence for one reading.
///
/// The temperature is checked after the reading, not before it: a circuit that restarts in between goes back to its
/// default, and only a check behind the reading tells.
#[derive(Debug)]
pub(crate) struct Compensation {
    wanted: MilliCelsius,
    next: Next,
    again: bool,
}

impl Compensation {
    pub(crate) fn new(wanted: MilliCelsius, memory: Memory) -> Self {
        let wanted = in_tenths(wanted);
        let next = if memory.told == Some(wanted) {
            Next::Read
        } else {
            Next::Set(wanted)
        };
        Self {
            wanted,
            next,
            again: false,
        }
    }

    pub(crate) const fn next(&self) -> Next {
        self.next
    }

    pub(crate) const fn was_set(&mut self, memory: &mut Memory) {
        memory.told = Some(self.wanted);
        self.next = Next::Read;
    }

    pub(crate) const fn was_read(&mut self) {
        self.next = Next::Check;
    }

    /// Takes the temperature that the circuit had. A restart is forgiven once.
    pub(crate) fn was_checked(&mut self, found: MilliCelsius, memory: &mut Memory) -> Result<(), Fault> {
        if found.get().abs_diff(self.wanted.get()) < 100 {
            self.next = Next::Done;
            return Ok(());
        }
        memory.told = None;
        memory.restarts += 1;
        if self.again {
            return Err(Fault::Restarted);
        }
        self.again = true;
        self.next = Next::Set(self.wanted);
        Ok(())
    }
}

/// The temperature as it is sent.
fn in_tenths(temperature: MilliCelsius) -> MilliCelsius {
    let half = if temperature.get() < 0 { -50 } else { 50 };
    MilliCelsius::new(temperature.get().saturating_add(half) / 100 * 100)
}
