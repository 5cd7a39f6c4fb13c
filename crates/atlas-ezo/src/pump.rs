//! What a pump refuses to do, whatever the front end.

use crate::pmp::{Dispensing, Startup};
use crate::{Fault, Switch};
use quantity::Microlitres;

/// Volumes since power-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Totals {
    /// Reverse counts negative.
    pub net: Microlitres,
    /// Reverse counts too.
    pub absolute: Microlitres,
}

/// The least that a pump dispenses.
const LEAST: u64 = 500;

/// Refuses volumes that the pump would refuse.
pub(crate) const fn check_volume(volume: Microlitres) -> Result<(), Fault> {
    if volume.get().unsigned_abs() < LEAST {
        Err(Fault::TooLittle)
    } else {
        Ok(())
    }
}

/// Refuses to dispense while the pump would do so by itself after a brown-out.
pub(crate) fn check_startup(startup: Startup) -> Result<(), Fault> {
    if startup == Startup::Off {
        Ok(())
    } else {
        Err(Fault::Armed)
    }
}

/// Refuses to dispense while the pump is at it.
pub(crate) fn check_idle(dispensing: Dispensing) -> Result<(), Fault> {
    match dispensing.running {
        Switch::Off => Ok(()),
        Switch::On => Err(Fault::Running),
    }
}
