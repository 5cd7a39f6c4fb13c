//! A volume that is known between two bounds.

use crate::Microlitres;

/// A volume that lies between a lower and an upper bound, by the calibration.
///
/// A dose that ran undisturbed is known to a microlitre or two. One that was cut by a reset lies anywhere between nothing
/// and all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Delivered {
    least: u64,
    most: u64,
}

impl Delivered {
    /// Nothing at all.
    pub const NONE: Self = Self::new(0, 0);

    pub(crate) const fn new(least: u64, most: u64) -> Self {
        let most = if most < least { least } else { most };
        Self { least, most }
    }

    /// At least this much.
    pub const fn least(self) -> Microlitres {
        microlitres(self.least)
    }

    /// At most this much; what caps and totals count.
    pub const fn most(self) -> Microlitres {
        microlitres(self.most)
    }

    pub(crate) const fn low(self) -> u64 {
        self.least
    }

    pub(crate) const fn high(self) -> u64 {
        self.most
    }

    pub(crate) fn add(self, other: Self) -> Self {
        Self::new(
            self.least.saturating_add(other.least),
            self.most.saturating_add(other.most),
        )
    }

    /// What is left of it when `held` of it stays behind.
    pub(crate) fn beyond(self, held: Self) -> Self {
        Self::new(
            self.least.saturating_sub(held.most),
            self.most.saturating_sub(held.least),
        )
    }
}

/// Takes what fits.
pub(crate) const fn microlitres(volume: u64) -> Microlitres {
    if volume > i64::MAX as u64 {
        Microlitres::MAX
    } else {
        Microlitres::new(volume.cast_signed())
    }
}

/// The volume without a sign, or 0 if it is negative.
pub(crate) fn unsigned(volume: Microlitres) -> u64 {
    u64::try_from(volume.get()).unwrap_or(0)
}
