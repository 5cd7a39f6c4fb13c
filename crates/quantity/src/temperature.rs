//! Temperature.

use crate::OutOfRange;
use crate::quantity::divide;

quantity! {
    /// Temperature, or a difference of temperatures, in thousandths of a degree Celsius.
    ///
    /// Text is in °C. There is no lower limit: a circuit may answer −1023.000 for a missing probe, and
    /// its driver has to see that.
    ///
    /// ```
    /// use quantity::MilliCelsius;
    ///
    /// let water: MilliCelsius = "22.7".parse()?;
    /// assert_eq!(water.get(), 22_700);
    /// assert_eq!(water.to_string(), "22.7 °C");
    /// assert_eq!(water.to::<f32>(), 22.7);
    /// # Ok::<(), quantity::ParseError>(())
    /// ```
    MilliCelsius(i32): 3 decimals of "°C"
}

quantity! {
    /// Temperature in thousandths of a degree Fahrenheit, for people who read it so.
    ///
    /// Text is in °F.
    MilliFahrenheit(i32): 3 decimals of "°F"
}

impl MilliCelsius {
    /// The same temperature in Fahrenheit, rounded to the nearest thousandth: 9/5 and 32 °F more.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] beyond about ±1.19 million °C, where the result does not fit.
    pub const fn to_fahrenheit(self) -> Result<MilliFahrenheit, OutOfRange> {
        #[allow(clippy::cast_lossless, clippy::cast_possible_truncation)] // `From` is not const; checked
        match divide::<5>(self.get() as i64 * 9) + 32_000 {
            fahrenheit if fahrenheit >= i32::MIN as i64 && fahrenheit <= i32::MAX as i64 => {
                Ok(MilliFahrenheit::new(fahrenheit as i32))
            }
            _ => Err(OutOfRange),
        }
    }
}

impl MilliFahrenheit {
    /// The same temperature in Celsius, rounded to the nearest thousandth: 32 °F less, and 5/9.
    pub const fn to_celsius(self) -> MilliCelsius {
        // It always fits: the range of an i32 shrinks to 5/9.
        #[allow(clippy::cast_lossless, clippy::cast_possible_truncation)]
        MilliCelsius::new(divide::<9>((self.get() as i64 - 32_000) * 5) as i32)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use super::*;

    /// The fixed points that define both scales, the point where they meet, and body temperature.
    #[test]
    fn fixed_points_agree_both_ways() {
        for (celsius, fahrenheit) in [
            (0, 32_000),
            (100_000, 212_000),
            (-40_000, -40_000),
            (37_000, 98_600),
            (-17_780, -4),
            (22_700, 72_860),
        ] {
            assert_eq!(
                MilliCelsius::new(celsius).to_fahrenheit(),
                Ok(MilliFahrenheit::new(fahrenheit))
            );
            assert_eq!(
                MilliFahrenheit::new(fahrenheit).to_celsius(),
                MilliCelsius::new(celsius)
            );
        }
    }

    #[test]
    fn fahrenheit_is_rounded_to_the_nearest() {
        // 0.001 °C is 0.0018 °F, 0.002 °C is 0.0036 °F, 0.003 °C is 0.0054 °F
        for (celsius, fahrenheit) in [(1, 32_002), (2, 32_004), (3, 32_005), (-1, 31_998), (-3, 31_995)] {
            assert_eq!(
                MilliCelsius::new(celsius).to_fahrenheit(),
                Ok(MilliFahrenheit::new(fahrenheit))
            );
        }
    }

    #[test]
    fn celsius_is_rounded_to_the_nearest() {
        // 0.001 °F is 0.00056 °C, 0.002 °F is 0.0011 °C, 0.004 °F is 0.0022 °C
        for (fahrenheit, celsius) in [
            (32_001, 1),
            (32_002, 1),
            (32_004, 2),
            (31_999, -1),
            (31_998, -1),
            (0, -17_778),
        ] {
            assert_eq!(
                MilliFahrenheit::new(fahrenheit).to_celsius(),
                MilliCelsius::new(celsius)
            );
        }
    }

    #[test]
    fn what_does_not_fit_into_fahrenheit_is_refused() {
        assert_eq!(
            MilliCelsius::new(1_193_028_693).to_fahrenheit(),
            Ok(MilliFahrenheit::MAX)
        );
        assert_eq!(MilliCelsius::new(1_193_028_694).to_fahrenheit(), Err(OutOfRange));
        assert_eq!(
            MilliCelsius::new(-1_193_064_249).to_fahrenheit(),
            Ok(MilliFahrenheit::MIN)
        );
        assert_eq!(MilliCelsius::new(-1_193_064_250).to_fahrenheit(), Err(OutOfRange));
        assert_eq!(MilliCelsius::MIN.to_fahrenheit(), Err(OutOfRange));
        assert_eq!(
            MilliFahrenheit::MAX.to_celsius(),
            MilliCelsius::new(1_193_028_693)
        );
        assert_eq!(
            MilliFahrenheit::MIN.to_celsius(),
            MilliCelsius::new(-1_193_064_249)
        );
    }

    /// EZO-RTD: a reading, and the answer when no probe is connected.
    #[test]
    fn circuit_readings_are_read() {
        assert_eq!("25.104".parse(), Ok(MilliCelsius::new(25_104)));
        assert_eq!("-1023.000".parse(), Ok(MilliCelsius::new(-1_023_000)));
    }

    #[test]
    fn limits_are_read_and_passed_limits_are_not() {
        assert_eq!("2147483.647".parse(), Ok(MilliCelsius::MAX));
        assert_eq!("-2147483.648".parse(), Ok(MilliCelsius::MIN));
        assert_eq!(
            "2147483.648".parse::<MilliCelsius>(),
            Err(crate::ParseError::OutOfRange)
        );
        assert_eq!(
            "-2147483.6485".parse::<MilliCelsius>(),
            Err(crate::ParseError::OutOfRange)
        );
    }

    #[test]
    fn difference_does_not_wrap() {
        let (night, day) = (MilliCelsius::new(-1_500), MilliCelsius::new(22_700));
        assert_eq!(night.checked_sub(day), Some(MilliCelsius::new(-24_200)));
        assert_eq!(MilliCelsius::MIN.checked_sub(day), None);
        assert_eq!(MilliCelsius::MIN.saturating_sub(day), MilliCelsius::MIN);
        assert!(night < day);
    }

    #[test]
    fn unit_is_written() {
        assert_eq!(MilliCelsius::new(-500).to_string(), "-0.5 °C");
        assert_eq!(MilliFahrenheit::new(72_860).to_string(), "72.86 °F");
    }

    #[test]
    fn floats_are_in_degrees() {
        assert_eq!(
            MilliCelsius::new(22_700).to::<f32>().to_bits(),
            22.7_f32.to_bits()
        );
        assert_eq!(
            MilliCelsius::new(-500).to::<f64>().to_bits(),
            (-0.5_f64).to_bits()
        );
        assert_eq!(MilliCelsius::from_float(22.7_f32), Ok(MilliCelsius::new(22_700)));
        assert_eq!(MilliCelsius::from_float(-0.0005_f64), Ok(MilliCelsius::new(-1)));
    }

    #[test]
    fn floats_that_are_no_temperature_are_refused() {
        for float in [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            2_147_483.648,
            -2_147_483.649,
            1e300,
        ] {
            assert_eq!(MilliCelsius::from_float(float), Err(OutOfRange), "{float}");
        }
    }
}
