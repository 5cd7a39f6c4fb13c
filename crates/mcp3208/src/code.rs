//! What a conversion gives, and what it means in volts.

use crate::Part;
use quantity::{Microvolts, Millivolts, OutOfRange};

/// The result of a conversion, or of several: a fraction of the reference in units of `2^-bits`.
///
/// The voltage is code × reference ÷ `2^bits`: of 4096 codes with 12 bits, and not 4095, so the highest code is one
/// step below the reference (DS21298E, equation 4-2).
///
/// ```
/// use mcp3208::Code;
/// use mcp3208::quantity::{Microvolts, Millivolts};
///
/// let code = Code::new(2_048, 12)?;
/// assert_eq!(code.microvolts(Microvolts::new(3_300_000)), Microvolts::new(1_650_000));
/// assert_eq!(code.millivolts(Microvolts::new(4_096_000)), Millivolts::new(2_048));
/// # Ok::<(), mcp3208::quantity::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Code {
    value: u16,
    bits: u8,
}

impl Code {
    /// Takes a code of `bits` bits.
    ///
    /// # Errors
    /// [`OutOfRange`] if it does not fit in them, or if they are more than 16.
    pub const fn new(value: u16, bits: u8) -> Result<Self, OutOfRange> {
        if bits <= 16 && (value as u32) < 1 << bits {
            Ok(Self { value, bits })
        } else {
            Err(OutOfRange)
        }
    }

    pub(crate) const fn from_bits(value: u16, bits: u8) -> Self {
        Self { value, bits }
    }

    pub(crate) const fn none(bits: u8) -> Self {
        Self { value: 0, bits }
    }

    /// The code, from 0 to one less than [`full_scale`](Self::full_scale).
    pub const fn get(self) -> u16 {
        self.value
    }

    /// Its number of bits: 10 or 12, and more after [`Oversampling`](crate::Oversampling).
    pub const fn bits(self) -> u8 {
        self.bits
    }

    /// The number of codes, and what the reference itself would be: 4096 with 12 bits.
    pub const fn full_scale(self) -> u32 {
        1 << self.bits
    }

    /// Whether it is the lowest or the highest code, where the true voltage may be beyond. A sensor that should never
    /// get there is broken, or its wire is.
    pub const fn is_at_limit(self) -> bool {
        self.value == 0 || self.value as u32 == self.full_scale() - 1
    }

    /// The voltage, rounded to the nearest millivolt, halves up.
    pub const fn millivolts(self, reference: Microvolts) -> Millivolts {
        Millivolts::new(scale(self.value as i32, reference, self.bits, 1_000))
    }

    /// The voltage, rounded to the nearest microvolt, halves up.
    pub const fn microvolts(self, reference: Microvolts) -> Microvolts {
        Microvolts::new(scale(self.value as i32, reference, self.bits, 1))
    }
}

/// The difference of two channels, with its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Delta {
    value: i16,
    bits: u8,
}

impl Delta {
    /// Puts the two conversions of a pair together. One of them is 0 but for noise and offset.
    pub(crate) const fn of<P: Part>(even_minus_odd: Code, odd_minus_even: Code) -> Self {
        // A conversion has at most 12 bits.
        #[expect(clippy::cast_possible_wrap, reason = "both are below 4096")]
        let value = even_minus_odd.value as i16 - odd_minus_even.value as i16;
        Self { value, bits: P::BITS }
    }

    /// The even channel minus the odd one, in codes.
    pub const fn get(self) -> i16 {
        self.value
    }

    /// The number of bits of a code: 10 or 12.
    pub const fn bits(self) -> u8 {
        self.bits
    }

    /// The voltage, rounded to the nearest millivolt, halves away from zero.
    pub const fn millivolts(self, reference: Microvolts) -> Millivolts {
        Millivolts::new(scale(self.value as i32, reference, self.bits, 1_000))
    }

    /// The voltage, rounded to the nearest microvolt, halves away from zero.
    pub const fn microvolts(self, reference: Microvolts) -> Microvolts {
        Microvolts::new(scale(self.value as i32, reference, self.bits, 1))
    }
}

/// `code * reference / 2^bits / unit`, rounded once, halves away from zero.
const fn scale(code: i32, reference: Microvolts, bits: u8, unit: i64) -> i32 {
    let divisor = unit << bits;
    let product = code as i64 * reference.get() as i64;
    let half = if product < 0 { -divisor / 2 } else { divisor / 2 };
    // |code| < 2^bits, so the result is no larger than the reference, which is an i32.
    #[expect(clippy::cast_possible_truncation, reason = "no larger than the reference")]
    let scaled = ((product + half) / divisor) as i32;
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mcp3208;

    const V3_3: Microvolts = Microvolts::new(3_300_000);
    const V4_096: Microvolts = Microvolts::new(4_096_000);

    fn code(value: u16, bits: u8) -> Code {
        Code::new(value, bits).unwrap()
    }

    #[test]
    fn code_must_fit_its_bits() {
        assert_eq!(Code::new(4_096, 12), Err(OutOfRange));
        assert_eq!(Code::new(1_024, 10), Err(OutOfRange));
        assert_eq!(Code::new(0, 17), Err(OutOfRange));
        assert_eq!(code(65_535, 16).get(), 65_535);
        assert_eq!(code(0, 0).bits(), 0);
    }

    #[test]
    fn full_scale_is_4096_and_1024() {
        assert_eq!(code(0, 12).full_scale(), 4_096);
        assert_eq!(code(0, 10).full_scale(), 1_024);
        assert_eq!(code(4_095, 12).microvolts(V4_096), Microvolts::new(4_095_000));
        assert_eq!(code(1_023, 10).microvolts(V4_096), Microvolts::new(4_092_000));
    }

    #[test]
    fn microvolts_are_rounded_to_the_nearest() {
        // 3.3 V / 4096 = 805.664 µV; / 1024 = 3222.656 µV
        assert_eq!(code(1, 12).microvolts(V3_3), Microvolts::new(806));
        assert_eq!(code(2, 12).microvolts(V3_3), Microvolts::new(1_611));
        assert_eq!(code(1, 10).microvolts(V3_3), Microvolts::new(3_223));
        assert_eq!(code(4_095, 12).microvolts(V3_3), Microvolts::new(3_299_194));
    }

    /// 620.5 steps of 805.664 µV are 499.92 mV; rounding to microvolts first would go wrong at 0.4999 mV.
    #[test]
    fn millivolts_are_rounded_once() {
        assert_eq!(code(620, 12).millivolts(V3_3), Millivolts::new(500));
        // 0.4999998 mV is 0 mV, though it is 500 µV.
        let reference = Microvolts::new(2_047_999);
        assert_eq!(code(1, 12).microvolts(reference), Microvolts::new(500));
        assert_eq!(code(1, 12).millivolts(reference), Millivolts::new(0));
        assert_eq!(
            code(1, 12).millivolts(Microvolts::new(2_048_000)),
            Millivolts::new(1)
        );
    }

    #[test]
    fn every_reference_is_good_for_every_code() {
        assert_eq!(
            code(65_535, 16).microvolts(Microvolts::MAX),
            Microvolts::new(2_147_450_879)
        );
        assert_eq!(
            code(65_535, 16).microvolts(Microvolts::MIN),
            Microvolts::new(-2_147_450_880)
        );
        assert_eq!(code(4_095, 12).millivolts(Microvolts::new(0)), Millivolts::new(0));
    }

    #[test]
    fn difference_has_a_sign() {
        let delta = Delta::of::<Mcp3208>(code(3, 12), code(4_003, 12));
        assert_eq!(delta.get(), -4_000);
        assert_eq!(delta.millivolts(V4_096), Millivolts::new(-4_000));
        assert_eq!(delta.microvolts(V3_3), Microvolts::new(-3_222_656));
        // 1.5 steps of 1 mV, and the half goes away from zero
        let half = Delta::of::<Mcp3208>(code(0, 12), code(3, 12));
        assert_eq!(half.millivolts(Microvolts::new(2_048_000)), Millivolts::new(-2));
    }

    #[test]
    fn limits_are_the_lowest_and_the_highest_code() {
        for (value, bits, limit) in [
            (0, 12, true),
            (1, 12, false),
            (4_094, 12, false),
            (4_095, 12, true),
            (1_023, 10, true),
            (1_023, 12, false),
        ] {
            assert_eq!(code(value, bits).is_at_limit(), limit, "{value} of {bits} bits");
        }
    }
}
