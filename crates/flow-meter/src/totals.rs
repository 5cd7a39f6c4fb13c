//! What has passed since the meter was new.

use crate::KFactor;
use core::num::NonZeroU32;
use quantity::{Microlitres, OutOfRange};

/// Pulses and volume so far, with the part of a microlitre that has not filled up yet.
///
/// Nothing is rounded: after any number of pulses of one K factor the volume is what their product is. A new
/// factor applies to the pulses that follow; it costs at most one unit of the remainder, a fraction of a
/// microlitre. Both sums stop at their limits: 9.2 × 10¹² L, and 1.8 × 10¹⁹ pulses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Stored", into = "Stored")
)]
pub struct Totals {
    pulses: u64,
    /// Not negative.
    microlitres: i64,
    /// Less than `parts`.
    remainder: u32,
    /// How many parts of the remainder are a microlitre.
    parts: NonZeroU32,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            pulses: 0,
            microlitres: 0,
            remainder: 0,
            parts: NonZeroU32::MIN,
        }
    }
}

impl Totals {
    /// Pulses so far.
    pub const fn pulses(&self) -> u64 {
        self.pulses
    }

    /// Volume so far, rounded down.
    pub const fn volume(&self) -> Microlitres {
        Microlitres::new(self.microlitres)
    }

    /// Adds pulses.
    pub(crate) fn add(&mut self, pulses: u32, k: KFactor) {
        self.pulses = self.pulses.saturating_add(u64::from(pulses));
        self.change_parts(k.pulses());
        // (2^32 - 1)^2 + 2^32 - 1 is less than 2^64.
        let parts = u64::from(pulses) * u64::from(k.microlitres().get()) + u64::from(self.remainder);
        let whole = parts / u64::from(self.parts.get());
        self.microlitres = self
            .microlitres
            .saturating_add(i64::try_from(whole).unwrap_or(i64::MAX));
        // Less than `self.parts`, so it fits.
        self.remainder = u32::try_from(parts % u64::from(self.parts.get())).unwrap_or(0);
    }

    fn change_parts(&mut self, parts: NonZeroU32) {
        if parts != self.parts {
            let remainder = u64::from(self.remainder) * u64::from(parts.get()) / u64::from(self.parts.get());
            // Less than `parts`, as the old remainder was less than the old parts.
            self.remainder = u32::try_from(remainder).unwrap_or(0);
            self.parts = parts;
        }
    }

    /// The totals as 24 bytes, to be stored. Little endian: pulses, microlitres, remainder and its parts.
    ///
    /// There is no checksum among them; storage has one.
    pub fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        let fields = self
            .pulses
            .to_le_bytes()
            .into_iter()
            .chain(self.microlitres.to_le_bytes())
            .chain(self.remainder.to_le_bytes())
            .chain(self.parts.get().to_le_bytes());
        bytes.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Takes what [`to_bytes`](Self::to_bytes) has made.
    ///
    /// # Errors
    /// [`OutOfRange`] if it cannot have made that: a negative volume, or a remainder of more than a microlitre.
    pub fn from_bytes(bytes: [u8; 24]) -> Result<Self, OutOfRange> {
        let mut bytes = bytes.into_iter();
        let pulses = u64::from_le_bytes(next(&mut bytes));
        let microlitres = i64::from_le_bytes(next(&mut bytes));
        let remainder = u32::from_le_bytes(next(&mut bytes));
        let parts = u32::from_le_bytes(next(&mut bytes));
        Self::new(pulses, microlitres, remainder, parts)
    }

    fn new(pulses: u64, microlitres: i64, remainder: u32, parts: u32) -> Result<Self, OutOfRange> {
        let parts = NonZeroU32::new(parts).ok_or(OutOfRange)?;
        if microlitres < 0 || remainder >= parts.get() {
            return Err(OutOfRange);
        }
        Ok(Self {
            pulses,
            microlitres,
            remainder,
            parts,
        })
    }
}

/// The next `N` bytes.
fn next<const N: usize>(bytes: &mut impl Iterator<Item = u8>) -> [u8; N] {
    [(); N].map(|()| bytes.next().unwrap_or(0))
}

/// As serde sees it.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Stored {
    pulses: u64,
    microlitres: i64,
    remainder: u32,
    parts: u32,
}

#[cfg(feature = "serde")]
impl From<Totals> for Stored {
    fn from(totals: Totals) -> Self {
        Self {
            pulses: totals.pulses,
            microlitres: totals.microlitres,
            remainder: totals.remainder,
            parts: totals.parts.get(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Totals {
    type Error = OutOfRange;

    fn try_from(stored: Stored) -> Result<Self, OutOfRange> {
        Self::new(stored.pulses, stored.microlitres, stored.remainder, stored.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn k(pulses: u32, microlitres: i64) -> KFactor {
        KFactor::new(pulses, Microlitres::new(microlitres)).unwrap()
    }

    #[test]
    fn third_of_a_microlitre_is_not_lost() {
        let mut totals = Totals::default();
        for expected in [0, 0, 1, 1, 1, 2] {
            totals.add(1, k(3, 1));
            assert_eq!(totals.volume().get(), expected);
        }
    }

    #[test]
    fn largest_step_fits() {
        let mut totals = Totals::default();
        totals.add(u32::MAX, k(1, 4_294_967_295));
        assert_eq!(totals.volume().get(), i64::MAX);
        totals.add(u32::MAX, k(1, 4_294_967_295));
        assert_eq!(totals.volume().get(), i64::MAX);
        let mut totals = Totals::default();
        totals.add(u32::MAX, k(4_294_967_295, 4_294_967_295));
        assert_eq!(totals.volume().get(), 4_294_967_295);
    }

    #[test]
    fn new_factor_applies_to_what_follows() {
        let mut totals = Totals::default();
        totals.add(450, k(450, 1_000_000));
        totals.add(500, k(500, 1_000_000));
        assert_eq!(totals.volume().get(), 2_000_000);
        assert_eq!(totals.pulses(), 950);
    }

    #[test]
    fn new_factor_keeps_the_fraction() {
        let mut totals = Totals::default();
        totals.add(1, k(2, 1));
        totals.add(2, k(4, 1));
        assert_eq!(totals.volume().get(), 1);
    }

    #[test]
    fn bytes_are_little_endian_in_order() {
        let mut totals = Totals::default();
        totals.add(0x0102, k(0x0403, 0x05));
        // 0x0102 × 5 = 0x050A, of which 0x0403 are a microlitre and 0x0107 are left.
        let bytes = [
            0x02, 0x01, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x07, 0x01, 0, 0, 0x03, 0x04, 0, 0,
        ];
        assert_eq!(totals.to_bytes(), bytes);
        assert_eq!(Totals::from_bytes(bytes), Ok(totals));
    }

    #[test]
    fn impossible_bytes_are_refused() {
        // Erased flash, zeros, a negative volume, a remainder of a whole microlitre.
        assert_eq!(Totals::from_bytes([0xFF; 24]), Err(OutOfRange));
        assert_eq!(Totals::from_bytes([0; 24]), Err(OutOfRange));
        let mut bytes = Totals::default().to_bytes();
        bytes[15] = 0x80;
        assert_eq!(Totals::from_bytes(bytes), Err(OutOfRange));
        bytes = Totals::default().to_bytes();
        bytes[16] = 1;
        assert_eq!(Totals::from_bytes(bytes), Err(OutOfRange));
    }
}
