//! Decimal text to fixed point and back.

use core::fmt::{self, Write as _};
use core::num::NonZeroU64;

use num_traits::float::FloatCore;

use crate::{OutOfRange, ParseError, float};

/// Reads a decimal number as an integer count of its last place: `parse_fixed(b"7.004", 3)` is 7004.
///
/// The text is an optional sign, one or more digits, and optionally a point followed by one or more
/// digits: `7.004`, `-0.5`, `1023`, `+1.5`, `007`. Places beyond `decimals` are rounded, halves away
/// from zero. Nothing else is a number: no blanks, no unit, no `.5`, no `1.`, no exponent, no comma.
///
/// # Errors
///
/// - [`ParseError::Empty`] if there is no text.
/// - [`ParseError::Malformed`] if the text is anything but a decimal number, however large.
/// - [`ParseError::OutOfRange`] if the number is well formed and does not fit.
pub const fn parse_fixed(text: &[u8], decimals: u8) -> Result<i64, ParseError> {
    let (negative, mut rest) = match text {
        [] => return Err(ParseError::Empty),
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if first_digit(rest).is_none() {
        return Err(ParseError::Malformed);
    }

    // Below zero, because the negative half of an i64 is one longer. `None` once it has overflowed;
    // the rest of the text is still looked at, so that rubbish is never reported as a large number.
    let mut value = Some(0);
    while let Some((digit, tail)) = first_digit(rest) {
        value = append(value, digit);
        rest = tail;
    }
    rest = match rest {
        [] => rest,
        [b'.', fraction @ ..] if first_digit(fraction).is_some() => fraction,
        _ => return Err(ParseError::Malformed),
    };
    let mut place = 0;
    while place < decimals {
        let digit = match first_digit(rest) {
            Some((digit, tail)) => {
                rest = tail;
                digit
            }
            None => 0,
        };
        value = append(value, digit);
        place += 1;
    }
    // The first place too many decides: a half or more goes away from zero.
    if let (Some(sum), [b'5'..=b'9', ..]) = (value, rest) {
        value = sum.checked_sub(1);
    }
    while let Some((_, tail)) = first_digit(rest) {
        rest = tail;
    }
    if !rest.is_empty() {
        return Err(ParseError::Malformed);
    }
    let signed = match value {
        Some(value) if !negative => value.checked_neg(),
        value => value,
    };
    match signed {
        Some(signed) => Ok(signed),
        None => Err(ParseError::OutOfRange),
    }
}

const fn first_digit(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [digit @ b'0'..=b'9', rest @ ..] => Some((*digit - b'0', rest)),
        _ => None,
    }
}

/// Appends a digit to a number that is counted downwards.
const fn append(value: Option<i64>, digit: u8) -> Option<i64> {
    let Some(value) = value else { return None };
    match value.checked_mul(10) {
        // `as`, because `From` is not const.
        #[allow(clippy::cast_lossless)]
        Some(tens) => tens.checked_sub(digit as i64),
        None => None,
    }
}

/// A decimal number without a unit: an integer and how many of its digits stand behind the point.
///
/// This is what a quantity is in JSON, in a CSV file or in a command to a circuit. `{}` writes it
/// exactly and as short as that goes (`22.7`, `-0.5`, `1413`), `{:.2}` with two places, halves away
/// from zero (`22.70`); width, fill, alignment, `+` and `0` are honoured. There is no minus sign in
/// front of a zero, and [`parse_fixed`] reads all of it back.
///
/// ```
/// use quantity::Decimal;
///
/// let k = Decimal::new(1_050, 3)?;
/// assert_eq!(format!("K,{k} K,{k:.1}"), "K,1.05 K,1.1");
/// # Ok::<(), quantity::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decimal {
    raw: i64,
    decimals: u8,
}

impl Decimal {
    /// The most digits behind the point.
    pub const MAX_DECIMALS: u8 = 18;

    /// Takes `raw` counts of the last place.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] for more than [`MAX_DECIMALS`](Self::MAX_DECIMALS).
    pub const fn new(raw: i64, decimals: u8) -> Result<Self, OutOfRange> {
        if decimals <= Self::MAX_DECIMALS {
            Ok(Self { raw, decimals })
        } else {
            Err(OutOfRange)
        }
    }

    /// For the quantities, whose decimals are literals.
    pub(crate) const fn literal(raw: i64, decimals: u8) -> Self {
        Self { raw, decimals }
    }

    /// The number as a count of its last place.
    pub const fn raw(self) -> i64 {
        self.raw
    }

    /// How many digits stand behind the point.
    pub const fn decimals(self) -> u8 {
        self.decimals
    }

    /// The number as an `f32` or `f64`: the nearest there is for 32 bits with up to 8 decimals, else
    /// within one unit in the last place of the float.
    pub fn to<F: FloatCore>(self) -> F {
        float::from_fixed(self.raw, self.decimals)
    }

    /// Writes the number and what follows it, padded together.
    pub(crate) fn fmt_with(self, f: &mut fmt::Formatter<'_>, suffix: &str) -> fmt::Result {
        let precision = f
            .precision()
            .unwrap_or_else(|| usize::from(self.significant_decimals()));
        let places = u8::try_from(precision).unwrap_or(u8::MAX).min(self.decimals);
        let missing_zeros = precision - usize::from(places);

        let dropped = power_of_ten(self.decimals - places);
        let rounded = (self.raw.unsigned_abs() + dropped.get() / 2) / dropped;
        let one = power_of_ten(places);
        let (whole, fraction) = (rounded / one, rounded % one);

        let sign = match self.raw {
            i64::MIN..0 if rounded != 0 => "-",
            _ if f.sign_plus() => "+",
            _ => "",
        };
        let point = if precision == 0 { "" } else { "." };
        let digits = whole.checked_ilog10().map_or(1, |log| log as usize + 1);
        let length = sign.len() + digits + point.len() + precision + suffix.chars().count();
        let padding = f.width().unwrap_or(0).saturating_sub(length);
        let (before, zeros, after) = match f.align() {
            _ if f.sign_aware_zero_pad() => (0, padding, 0),
            Some(fmt::Alignment::Left) => (0, 0, padding),
            Some(fmt::Alignment::Center) => (padding / 2, 0, padding - padding / 2),
            Some(fmt::Alignment::Right) | None => (padding, 0, 0),
        };

        let fill = f.fill();
        repeat(f, fill, before)?;
        f.write_str(sign)?;
        repeat(f, '0', zeros)?;
        write!(f, "{whole}{point}")?;
        if places > 0 {
            write!(f, "{fraction:0places$}", places = usize::from(places))?;
        }
        repeat(f, '0', missing_zeros)?;
        f.write_str(suffix)?;
        repeat(f, fill, after)
    }

    /// How many decimals are left when the zeros at the end are gone.
    const fn significant_decimals(self) -> u8 {
        let (mut raw, mut decimals) = (self.raw, self.decimals);
        while decimals > 0 && raw % 10 == 0 {
            raw /= 10;
            decimals -= 1;
        }
        decimals
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_with(f, "")
    }
}

/// Non-zero, so that dividing by it has no panic path.
const fn power_of_ten(exponent: u8) -> NonZeroU64 {
    let ten = NonZeroU64::MIN.saturating_add(9);
    let mut power = NonZeroU64::MIN;
    let mut i = 0;
    while i < exponent {
        power = power.saturating_mul(ten);
        i += 1;
    }
    power
}

fn repeat(f: &mut fmt::Formatter<'_>, c: char, times: usize) -> fmt::Result {
    (0..times).try_for_each(|_| f.write_char(c))
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    fn decimal(raw: i64, decimals: u8) -> Decimal {
        Decimal::new(raw, decimals).unwrap()
    }

    #[test]
    fn numbers_are_read() {
        for (text, decimals, raw) in [
            ("7.004", 3, 7_004),
            ("-0.5", 3, -500),
            ("1023", 3, 1_023_000),
            ("+1.5", 3, 1_500),
            ("0", 3, 0),
            ("-0", 3, 0),
            ("-0.000", 3, 0),
            ("007.50", 1, 75),
            ("12", 0, 12),
        ] {
            assert_eq!(parse_fixed(text.as_bytes(), decimals), Ok(raw), "{text}");
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (text, raw) in [
            ("0.0004", 0),
            ("0.0005", 1),
            ("-0.0004", 0),
            ("-0.0005", -1),
            ("0.00049999999999999999999", 0),
            ("1.00150", 1_002),
            ("-1.0015", -1_002),
            ("9.9995", 10_000),
            ("-9.9995", -10_000),
        ] {
            assert_eq!(parse_fixed(text.as_bytes(), 3), Ok(raw), "{text}");
        }
    }

    #[test]
    fn nothing_is_not_a_number() {
        assert_eq!(parse_fixed(b"", 3), Err(ParseError::Empty));
    }

    #[test]
    fn rubbish_is_not_a_number() {
        for text in [
            "-",
            "+",
            ".",
            "-.",
            "1.",
            ".5",
            "-.5",
            "+-1",
            "--1",
            "1-",
            "1..2",
            "1.2.3",
            "1e3",
            "1.5e3",
            "0x10",
            "1,5",
            " 1",
            "1 ",
            "1\n",
            "1\0",
            "\0",
            "1 mV",
            "NaN",
            "inf",
            "no output",
            "1_000",
            "²",
            "٣",
            "1.²",
            "1.0000²",
            "1.0000x",
            "*",
            "-*",
        ] {
            assert_eq!(
                parse_fixed(text.as_bytes(), 3),
                Err(ParseError::Malformed),
                "{text:?}"
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_not_a_number() {
        for text in [&b"\xff\xff\xff"[..], b"1\xb5", b"7.0\x80", b"\x00\x00"] {
            assert_eq!(parse_fixed(text, 3), Err(ParseError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn limits_of_64_bits_are_exact() {
        for (text, result) in [
            ("9223372036854775807", Ok(i64::MAX)),
            ("9223372036854775807.4", Ok(i64::MAX)),
            ("9223372036854775807.5", Err(ParseError::OutOfRange)),
            ("9223372036854775808", Err(ParseError::OutOfRange)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("-9223372036854775808.4", Ok(i64::MIN)),
            ("-9223372036854775808.5", Err(ParseError::OutOfRange)),
            ("-9223372036854775809", Err(ParseError::OutOfRange)),
            ("18446744073709551616", Err(ParseError::OutOfRange)),
        ] {
            assert_eq!(parse_fixed(text.as_bytes(), 0), result, "{text}");
        }
    }

    #[test]
    fn large_rubbish_is_rubbish() {
        assert_eq!(
            parse_fixed(b"99999999999999999999x", 3),
            Err(ParseError::Malformed)
        );
        assert_eq!(
            parse_fixed(b"99999999999999999999.", 3),
            Err(ParseError::Malformed)
        );
    }

    #[test]
    fn absurd_decimals_do_not_overflow() {
        assert_eq!(parse_fixed(b"0", u8::MAX), Ok(0));
        assert_eq!(parse_fixed(b"1", u8::MAX), Err(ParseError::OutOfRange));
    }

    #[test]
    fn text_is_read_at_compile_time() {
        const SETPOINT: Result<i64, ParseError> = parse_fixed(b"5.8", 3);
        assert_eq!(SETPOINT, Ok(5_800));
    }

    #[test]
    fn number_is_written_exactly_and_short() {
        for (raw, decimals, text) in [
            (22_700, 3, "22.7"),
            (7_004, 3, "7.004"),
            (1_413_000, 3, "1413"),
            (-500, 3, "-0.5"),
            (5, 3, "0.005"),
            (0, 3, "0"),
            (100, 0, "100"),
            (i64::MAX, 18, "9.223372036854775807"),
            (i64::MIN, 3, "-9223372036854775.808"),
            (i64::MIN, 0, "-9223372036854775808"),
        ] {
            assert_eq!(format!("{}", decimal(raw, decimals)), text);
        }
    }

    #[test]
    fn precision_rounds_halves_away_from_zero() {
        for (raw, precision, text) in [
            (22_749, 1, "22.7"),
            (22_750, 1, "22.8"),
            (-22_749, 1, "-22.7"),
            (-22_750, 1, "-22.8"),
            (9_995, 2, "10.00"),
            (499, 0, "0"),
            (500, 0, "1"),
            (-500, 0, "-1"),
            (1_050, 2, "1.05"),
            (22_700, 3, "22.700"),
            (22_700, 5, "22.70000"),
            (0, 2, "0.00"),
        ] {
            assert_eq!(format!("{:.precision$}", decimal(raw, 3)), text);
        }
        assert_eq!(format!("{:.1}", decimal(i64::MIN, 18)), "-9.2");
        assert_eq!(format!("{:.2}", decimal(7, 0)), "7.00");
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(format!("{:.2}", decimal(-4, 3)), "0.00");
        assert_eq!(format!("{:.0}", decimal(-499, 3)), "0");
    }

    #[test]
    fn number_is_padded() {
        let number = decimal(-22_700, 3);
        assert_eq!(format!("[{number:8}]"), "[   -22.7]");
        assert_eq!(format!("[{number:<8}]"), "[-22.7   ]");
        assert_eq!(format!("[{number:*^8}]"), "[*-22.7**]");
        assert_eq!(format!("[{number:08.2}]"), "[-0022.70]");
        assert_eq!(format!("[{number:3}]"), "[-22.7]");
        assert_eq!(format!("[{:+}]", decimal(22_700, 3)), "[+22.7]");
        assert_eq!(format!("[{:+07}]", decimal(22_700, 3)), "[+0022.7]");
    }

    #[test]
    fn number_is_padded_with_its_unit() {
        let water = crate::MilliCelsius::new(22_700);
        assert_eq!(format!("[{water:10}]"), "[   22.7 °C]");
        assert_eq!(format!("[{water:<10.2}]"), "[22.70 °C  ]");
        assert_eq!(format!("[{water:-^11.0}]"), "[---23 °C---]");
        assert_eq!(format!("[{water:010}]"), "[00022.7 °C]");
    }

    #[test]
    fn more_than_18_decimals_are_refused() {
        assert_eq!(Decimal::new(1, 18).map(Decimal::decimals), Ok(18));
        assert_eq!(Decimal::new(1, 19), Err(OutOfRange));
    }

    #[test]
    fn number_becomes_a_float() {
        assert_eq!(decimal(-1, 18).to::<f64>().to_bits(), (-1e-18_f64).to_bits());
        assert_eq!(
            decimal(1_413_001, 3).to::<f32>().to_bits(),
            1413.001_f32.to_bits()
        );
    }
}
