//! Temperature as the devices give it.

use crate::Fault;
use core::fmt;
use quantity::MilliCelsius;

/// A temperature in sixteenths of a degree Celsius, from −55 to +125 °C: exactly what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Temperature(i16);

impl Temperature {
    /// −55 °C, the lowest that the devices can measure.
    pub const MIN: Self = Self(-880);
    /// +125 °C, the highest that the devices can measure.
    pub const MAX: Self = Self(2000);

    /// Takes sixteenths of a degree Celsius.
    ///
    /// # Errors
    /// [`Fault::OutOfRange`] below −55 °C and above +125 °C.
    pub const fn from_sixteenths(sixteenths: i16) -> Result<Self, Fault> {
        if Self::MIN.0 <= sixteenths && sixteenths <= Self::MAX.0 {
            Ok(Self(sixteenths))
        } else {
            Err(Fault::OutOfRange)
        }
    }

    /// Sixteenths of a degree Celsius, −880 to 2000.
    pub const fn sixteenths(self) -> i16 {
        self.0
    }

    /// Thousandths of a degree. A sixteenth is 62.5 thousandths; a half rounds away from zero.
    pub const fn milli_celsius(self) -> MilliCelsius {
        let halves = self.0 as i32 * 125;
        MilliCelsius::new(halves / 2 + halves % 2)
    }
}

impl From<Temperature> for MilliCelsius {
    fn from(temperature: Temperature) -> Self {
        temperature.milli_celsius()
    }
}

/// Writes all four decimals, such as `-10.1250 °C`.
impl fmt::Display for Temperature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let sixteenths = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:04} °C", sixteenths / 16, sixteenths % 16 * 625)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    fn of(sixteenths: i16) -> Temperature {
        Temperature::from_sixteenths(sixteenths).unwrap()
    }

    #[test]
    fn half_a_thousandth_rounds_away_from_zero() {
        for (sixteenths, thousandths) in [
            (1, 63),
            (-1, -63),
            (3, 188),
            (-3, -188),
            (401, 25_063),
            (-401, -25_063),
        ] {
            assert_eq!(of(sixteenths).milli_celsius().get(), thousandths);
        }
    }

    #[test]
    fn whole_thousandths_are_exact() {
        for (sixteenths, thousandths) in [
            (0, 0),
            (2, 125),
            (-2, -125),
            (8, 500),
            (-8, -500),
            (-162, -10_125),
            (-880, -55_000),
            (2000, 125_000),
        ] {
            assert_eq!(MilliCelsius::from(of(sixteenths)).get(), thousandths);
        }
    }

    #[test]
    fn range_ends_at_minus_55_and_125() {
        assert_eq!(Temperature::from_sixteenths(-881), Err(Fault::OutOfRange));
        assert_eq!(Temperature::from_sixteenths(-880), Ok(Temperature::MIN));
        assert_eq!(Temperature::from_sixteenths(2000), Ok(Temperature::MAX));
        assert_eq!(Temperature::from_sixteenths(2001), Err(Fault::OutOfRange));
    }

    #[test]
    fn display_is_exact_on_both_sides_of_zero() {
        for (sixteenths, text) in [
            (401, "25.0625 °C"),
            (-1, "-0.0625 °C"),
            (-162, "-10.1250 °C"),
            (0, "0.0000 °C"),
            (2000, "125.0000 °C"),
        ] {
            assert_eq!(of(sixteenths).to_string(), text);
        }
    }
}
