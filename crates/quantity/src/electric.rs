//! Voltage.

use crate::OutOfRange;
use crate::quantity::divide;

quantity! {
    /// Voltage in thousandths of a volt: supplies, and what an analogue input sees.
    ///
    /// Text is in V.
    Millivolts(i32): 3 decimals of "V"
}

quantity! {
    /// Voltage in millionths of a volt: redox potential, and what a pH probe gives.
    ///
    /// Text is in mV. An ORP circuit prints tenths of a millivolt and a pH circuit the offset of its probe
    /// in hundredths; three decimals hold both, and a unit that has a name serves both, where tenths of a
    /// millivolt would need a second one.
    ///
    /// ```
    /// use quantity::Microvolts;
    ///
    /// let orp: Microvolts = "-120.5".parse()?;
    /// assert_eq!(orp.to_string(), "-120.5 mV");
    /// # Ok::<(), quantity::ParseError>(())
    /// ```
    Microvolts(i32): 3 decimals of "mV"
}

impl Millivolts {
    /// The same voltage in microvolts.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] beyond ±2147.483 V.
    pub const fn to_microvolts(self) -> Result<Microvolts, OutOfRange> {
        match self.get().checked_mul(1_000) {
            Some(microvolts) => Ok(Microvolts::new(microvolts)),
            None => Err(OutOfRange),
        }
    }
}

impl Microvolts {
    /// The same voltage in millivolts, rounded to the nearest, halves away from zero.
    pub const fn to_millivolts(self) -> Millivolts {
        // It always fits: the range of an i32 shrinks to a thousandth.
        #[allow(clippy::cast_lossless, clippy::cast_possible_truncation)]
        Millivolts::new(divide::<1_000>(self.get() as i64) as i32)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use super::*;

    /// The reply to `Status` of an EZO circuit ends in its supply.
    #[test]
    fn supply_voltage_is_read() {
        assert_eq!("5.038".parse(), Ok(Millivolts::new(5_038)));
        assert_eq!(Millivolts::new(5_038).to_string(), "5.038 V");
    }

    /// `?Slope,99.7,100.3,-0.89` of an EZO-pH, `209.6` of an EZO-ORP.
    #[test]
    fn probe_voltages_are_read() {
        assert_eq!("-0.89".parse(), Ok(Microvolts::new(-890)));
        assert_eq!("209.6".parse(), Ok(Microvolts::new(209_600)));
        assert_eq!("-120.5".parse(), Ok(Microvolts::new(-120_500)));
    }

    #[test]
    fn half_a_millivolt_goes_away_from_zero() {
        for (microvolts, millivolts) in [
            (499, 0),
            (500, 1),
            (-499, 0),
            (-500, -1),
            (1_499, 1),
            (-1_500, -2),
        ] {
            assert_eq!(
                Microvolts::new(microvolts).to_millivolts(),
                Millivolts::new(millivolts)
            );
        }
    }

    #[test]
    fn limits_convert_or_are_refused() {
        assert_eq!(Microvolts::MAX.to_millivolts(), Millivolts::new(2_147_484));
        assert_eq!(Microvolts::MIN.to_millivolts(), Millivolts::new(-2_147_484));
        assert_eq!(
            Millivolts::new(2_147_483).to_microvolts(),
            Ok(Microvolts::new(2_147_483_000))
        );
        assert_eq!(Millivolts::new(2_147_484).to_microvolts(), Err(OutOfRange));
        assert_eq!(Millivolts::new(-2_147_484).to_microvolts(), Err(OutOfRange));
    }
}
