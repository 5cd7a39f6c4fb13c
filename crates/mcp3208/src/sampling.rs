//! Several conversions for one result.

use crate::{Code, Part};

/// How many conversions are added up for how many more bits: four times as many for each.
///
/// This only works if the input is noisy by about half a code or more; a quiet input gives the same code again and
/// again, and the additional bits are zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Oversampling {
    /// 4 conversions, one more bit.
    X4,
    /// 16 conversions, two more bits.
    X16,
    /// 64 conversions, three more bits.
    X64,
    /// 256 conversions, four more bits.
    X256,
}

impl Oversampling {
    /// The number of additional bits.
    pub const fn extra_bits(self) -> u8 {
        match self {
            Self::X4 => 1,
            Self::X16 => 2,
            Self::X64 => 3,
            Self::X256 => 4,
        }
    }

    /// The number of conversions.
    pub const fn conversions(self) -> u16 {
        1 << (2 * self.extra_bits())
    }

    /// Makes a code with more bits of the sum of all conversions, rounded to the nearest, halves up.
    pub(crate) const fn decimate<P: Part>(self, sum: u32) -> Code {
        let extra = self.extra_bits();
        // At most 256 × 4095: the rounded quotient is at most 65520.
        #[expect(clippy::cast_possible_truncation, reason = "at most 65520")]
        let value = ((sum + (1 << (extra - 1))) >> extra) as u16;
        Code::from_bits(value, P::BITS + extra)
    }
}

/// The mean of `conversions` codes that add up to `sum`, rounded to the nearest, halves up.
pub(crate) const fn mean<P: Part>(sum: u32, conversions: core::num::NonZeroU16) -> Code {
    let conversions = conversions.get() as u32;
    // A mean of codes is no larger than the largest of them.
    #[expect(clippy::cast_possible_truncation, reason = "no larger than a code")]
    let value = ((sum + conversions / 2) / conversions) as u16;
    Code::from_bits(value, P::BITS)
}

/// The middle one of an odd number of codes.
pub(crate) fn median<P: Part, const N: usize>(mut values: [u16; N]) -> Code {
    const { assert!(N % 2 == 1, "a median has a middle only among an odd number") };
    values.sort_unstable();
    let value = values.get(N / 2).copied().unwrap_or_default();
    Code::from_bits(value, P::BITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mcp3008, Mcp3208};
    use core::num::NonZeroU16;

    #[test]
    fn extra_bits_cost_four_times_as_much_each() {
        for (oversampling, conversions, bits) in [
            (Oversampling::X4, 4, 13),
            (Oversampling::X16, 16, 14),
            (Oversampling::X64, 64, 15),
            (Oversampling::X256, 256, 16),
        ] {
            assert_eq!(oversampling.conversions(), conversions);
            assert_eq!(oversampling.decimate::<Mcp3208>(0).bits(), bits);
            assert_eq!(oversampling.decimate::<Mcp3008>(0).bits(), bits - 2);
        }
    }

    #[test]
    fn decimated_sum_is_rounded() {
        assert_eq!(Oversampling::X4.decimate::<Mcp3208>(4 * 1_000 + 2).get(), 2_001);
        assert_eq!(Oversampling::X4.decimate::<Mcp3208>(4 * 1_000 + 1).get(), 2_001);
        assert_eq!(Oversampling::X16.decimate::<Mcp3208>(16 * 1_000 + 1).get(), 4_000);
        assert_eq!(Oversampling::X16.decimate::<Mcp3208>(16 * 1_000 + 2).get(), 4_001);
        assert_eq!(Oversampling::X256.decimate::<Mcp3208>(256 * 4_095).get(), 65_520);
    }

    #[test]
    fn mean_is_rounded() {
        let of = |sum, conversions| mean::<Mcp3208>(sum, NonZeroU16::new(conversions).unwrap()).get();
        assert_eq!(of(10, 4), 3);
        assert_eq!(of(9, 4), 2);
        assert_eq!(of(65_535 * 4_095, 65_535), 4_095);
    }

    #[test]
    fn median_ignores_a_spike() {
        assert_eq!(median::<Mcp3208, 5>([7, 4_095, 9, 0, 8]).get(), 8);
        assert_eq!(median::<Mcp3208, 1>([7]).get(), 7);
    }
}
