//! The macro that every quantity is made with, and the arithmetic they share.

use crate::OutOfRange;

/// Defines a quantity: an integer newtype with decimal text in a unit that is `10^decimals` larger.
///
/// `Name(i32): 3 decimals of "unit"` takes every integer and can be added up;
/// `Name(u16) in 0..=1000: ..` has a range, a checked constructor and no arithmetic.
macro_rules! quantity {
    (
        $(#[$attribute:meta])*
        $name:ident($raw:ty): $decimals:literal decimals of $unit:literal
    ) => {
        quantity!(@shared $(#[$attribute])* $name($raw), <$raw>::MIN, <$raw>::MAX, $decimals, $unit);

        impl $name {
            /// Takes the integer, in the unit of the type's name.
            pub const fn new(value: $raw) -> Self {
                Self(value)
            }

            /// The sum, or `None` if it does not fit.
            pub const fn checked_add(self, other: Self) -> Option<Self> {
                match self.0.checked_add(other.0) {
                    Some(sum) => Some(Self(sum)),
                    None => None,
                }
            }

            /// The difference, or `None` if it does not fit.
            pub const fn checked_sub(self, other: Self) -> Option<Self> {
                match self.0.checked_sub(other.0) {
                    Some(difference) => Some(Self(difference)),
                    None => None,
                }
            }

            /// The sum, or the limit that it would pass.
            #[must_use]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            /// The difference, or the limit that it would pass.
            #[must_use]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }
    };
    (
        $(#[$attribute:meta])*
        $name:ident($raw:ty) in $min:literal..=$max:literal: $decimals:literal decimals of $unit:literal
    ) => {
        quantity!(@shared $(#[$attribute])* $name($raw), $min, $max, $decimals, $unit);

        impl $name {
            /// Takes the integer, in the unit of the type's name.
            ///
            /// # Errors
            ///
            /// [`OutOfRange`](crate::OutOfRange) below [`MIN`](Self::MIN) and above
            /// [`MAX`](Self::MAX).
            pub const fn new(value: $raw) -> Result<Self, crate::OutOfRange> {
                if value >= Self::MIN.0 && value <= Self::MAX.0 {
                    Ok(Self(value))
                } else {
                    Err(crate::OutOfRange)
                }
            }
        }
    };
    (
        @shared $(#[$attribute:meta])*
        $name:ident($raw:ty), $min:expr, $max:expr, $decimals:literal, $unit:literal
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name($raw);

        impl $name {
            /// The smallest value.
            pub const MIN: Self = Self($min);

            /// The largest value.
            pub const MAX: Self = Self($max);

            /// The unit of the text and of the floats.
            pub const UNIT: &'static str = $unit;

            /// The integer, in the unit of the type's name.
            pub const fn get(self) -> $raw {
                self.0
            }

            /// The number in [`UNIT`](Self::UNIT), without it.
            #[allow(clippy::cast_lossless)] // `From` is not const
            pub const fn number(self) -> crate::Decimal {
                crate::Decimal::literal(self.0 as i64, $decimals)
            }

            /// The value in [`UNIT`](Self::UNIT) as an `f32` or `f64`.
            pub fn to<F: num_traits::float::FloatCore>(self) -> F {
                self.number().to()
            }

            /// Takes a float in [`UNIT`](Self::UNIT), rounded to the nearest, halves away from zero.
            ///
            /// # Errors
            ///
            /// [`OutOfRange`](crate::OutOfRange) if it does not fit, also if it is not a number.
            pub fn from_float<F: num_traits::float::FloatCore>(
                value: F,
            ) -> Result<Self, crate::OutOfRange> {
                Self::from_raw(crate::float::to_fixed(value, $decimals)?)
            }

            /// Reads a number in [`UNIT`](Self::UNIT), in the form that
            /// [`parse_fixed`](crate::parse_fixed) takes. It is rounded before it is checked.
            ///
            /// # Errors
            ///
            /// Those of [`parse_fixed`](crate::parse_fixed), and
            /// [`ParseError::OutOfRange`](crate::ParseError::OutOfRange) below [`MIN`](Self::MIN) and
            /// above [`MAX`](Self::MAX).
            pub fn parse(text: &[u8]) -> Result<Self, crate::ParseError> {
                Ok(Self::from_raw(crate::parse_fixed(text, $decimals)?)?)
            }

            pub(crate) fn from_raw(raw: i64) -> Result<Self, crate::OutOfRange> {
                match <$raw>::try_from(raw) {
                    Ok(raw) if (Self::MIN.0..=Self::MAX.0).contains(&raw) => Ok(Self(raw)),
                    _ => Err(crate::OutOfRange),
                }
            }
        }

        /// Reads a number without its unit; see [`parse`](Self::parse).
        impl core::str::FromStr for $name {
            type Err = crate::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text.as_bytes())
            }
        }

        /// Writes [`number`](Self::number), a blank and [`UNIT`](Self::UNIT); padding is around all
        /// of it.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.number().fmt_with(f, concat!(" ", $unit))
            }
        }

        /// Writes the integer.
        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        /// Reads the integer and refuses what is out of range.
        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw = <$raw>::deserialize(deserializer)?;
                Self::from_raw(raw.into()).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Divides by a constant and rounds halves away from zero.
///
/// A constant, so that there is no division by zero left to check.
pub(crate) const fn divide<const DIVISOR: i64>(numerator: i64) -> i64 {
    let half = if numerator < 0 {
        -(DIVISOR / 2)
    } else {
        DIVISOR / 2
    };
    (numerator + half) / DIVISOR
}

/// Divides and rounds halves away from zero; a divisor of zero or less is out of range.
pub(crate) fn ratio(numerator: i64, divisor: i64) -> Result<i64, OutOfRange> {
    if divisor <= 0 {
        return Err(OutOfRange);
    }
    let half = if numerator < 0 {
        -(divisor / 2)
    } else {
        divisor / 2
    };
    numerator
        .checked_add(half)
        .and_then(|sum| sum.checked_div(divisor))
        .ok_or(OutOfRange)
}
