//! How long the slave takes for what.

use crate::Tolerance;

/// Slot timing of the slave in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// From the falling edge: when it samples a written bit, and how long it holds a 0 that is read.
    pub(super) sample: u64,
    pub(super) presence_delay: u64,
    pub(super) presence_width: u64,
    /// A low this long is a reset.
    pub(super) reset: u64,
    pub(super) slot: u64,
}

impl Timing {
    /// A slave times everything with one oscillator whose unit is 15 to 60 µs: it samples after one unit, waits one
    /// and pulls for four in the presence pulse, and takes eight for a reset. That gives all limits of the DS18B20
    /// data sheet, table "AC electrical characteristics".
    ///
    /// A limit itself is still inside: the earliest sample is 1 ns after 15 µs.
    pub(super) fn standard(tolerance: Tolerance) -> Self {
        let unit = match tolerance {
            Tolerance::Fastest => 15_000,
            Tolerance::Nominal => 30_000,
            Tolerance::Slowest => 60_000,
        };
        Self::of_unit(unit, 15_001, 60_000)
    }

    /// Overdrive: 2 to 6 µs. The DS18B20 has none; these are the limits of its relatives that do, from memory.
    pub(super) fn overdrive(tolerance: Tolerance) -> Self {
        let unit = match tolerance {
            Tolerance::Fastest => 2_000,
            Tolerance::Nominal => 3_000,
            Tolerance::Slowest => 6_000,
        };
        Self::of_unit(unit, 2_001, 6_000)
    }

    fn of_unit(unit: u64, earliest_sample: u64, slot: u64) -> Self {
        Self {
            sample: unit.max(earliest_sample),
            presence_delay: unit,
            presence_width: 4 * unit,
            // A written 0 may last as long as eight of the shortest units.
            reset: if unit < earliest_sample {
                8 * unit + 1
            } else {
                8 * unit
            },
            slot,
        }
    }
}

/// tRSTL min of a reset that ends overdrive, and the longest low that other slaves' presence pulses cannot make.
pub(super) const STANDARD_RESET_NS: u64 = 480_000;
/// tSPON max: the strong pull-up must be on this long after the command's last slot.
pub(super) const STRONG_PULLUP_NS: u64 = 10_000;
/// tRSTL max with parasite power: a longer low drains the part.
pub(super) const PARASITE_HOLD_NS: u64 = 960_000;
/// The data sheet gives no time for the recall of the EEPROM: chosen to be visible to a host that polls.
pub(super) const RECALL_NS: u64 = 100_000;
