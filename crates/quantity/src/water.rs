//! What is measured in water, other than its conductivity.

use crate::quantity::ratio;
use crate::{MilliCelsius, OutOfRange};

quantity! {
    /// Acidity in thousandths of a pH, 0 to 14.
    ///
    /// Text is in pH. The extended range of a circuit, −1.6 to 15.6, is out of range here: no nutrient
    /// solution has it, a disconnected probe may. Signed, so that the difference of two values, which is a
    /// number and not an acidity, needs no cast.
    ///
    /// ```
    /// use quantity::{MilliPh, ParseError};
    ///
    /// let ph: MilliPh = "7.004".parse()?;
    /// assert_eq!(ph.get() - MilliPh::new(5_800)?.get(), 1_204);
    /// assert_eq!("14.001".parse::<MilliPh>(), Err(ParseError::OutOfRange));
    /// # Ok::<(), ParseError>(())
    /// ```
    MilliPh(i16) in 0..=14_000: 3 decimals of "pH"
}

quantity! {
    /// Mass concentration in millionths of a gram per litre: dissolved oxygen.
    ///
    /// Text is in mg/L.
    MicrogramsPerLitre(u32): 3 decimals of "mg/L"
}

quantity! {
    /// Dissolved oxygen in thousandths of what the water holds in balance with air.
    ///
    /// Text is in %. Algae in light go far beyond 100 %, so there is no upper limit.
    PermilleSaturation(u16): 1 decimals of "%"
}

/// Oxygen in fresh water in balance with moist air at 101.325 kPa, µg/L, for each °C from 0 to 40.
///
/// Benson and Krause, Limnology and Oceanography 29 (1984) 620-632, in the form that Standard Methods
/// (4500-O) and the tables of the US Geological Survey use, rounded to 1 µg/L.
const SATURATED_OXYGEN: [u16; 41] = [
    14_621, 14_216, 13_830, 13_461, 13_108, 12_771, 12_448, 12_139, 11_843, 11_560, // 0 °C
    11_288, 11_027, 10_777, 10_537, 10_306, 10_084, 9_870, 9_665, 9_467, 9_276, // 10 °C
    9_092, 8_915, 8_744, 8_578, 8_418, 8_263, 8_114, 7_968, 7_828, 7_691, // 20 °C
    7_559, 7_430, 7_305, 7_183, 7_065, 6_949, 6_837, 6_727, 6_620, 6_515, // 30 °C
    6_413, // 40 °C
];

impl MicrogramsPerLitre {
    /// Dissolved oxygen of fresh water in balance with air, at sea level.
    ///
    /// A table with a point per °C, straight lines in between: within 3 µg/L of the formula of Benson and
    /// Krause. Height above the sea is not accounted for (about 12 % less at 1000 m); nor is salt, which is
    /// little at the strength of a nutrient solution.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] below 0 °C and above 40 °C.
    pub fn oxygen_saturated_at(water: MilliCelsius) -> Result<Self, OutOfRange> {
        let above_zero = usize::try_from(water.get()).map_err(|_| OutOfRange)?;
        let (degree, thousandths) = (above_zero / 1_000, (above_zero % 1_000) as u64);
        let here = u64::from(*SATURATED_OXYGEN.get(degree).ok_or(OutOfRange)?);
        let next = match SATURATED_OXYGEN.get(degree + 1) {
            Some(&next) => u64::from(next),
            None if thousandths == 0 => here,
            None => return Err(OutOfRange),
        };
        let sum = here * (1_000 - thousandths) + next * thousandths;
        u32::try_from((sum + 500) / 1_000)
            .map(Self::new)
            .map_err(|_| OutOfRange)
    }

    /// This much dissolved oxygen as a part of [what the water would hold in balance with
    /// air](Self::oxygen_saturated_at).
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] below 0 °C and above 40 °C, or if the result does not fit.
    pub fn oxygen_saturation(self, water: MilliCelsius) -> Result<PermilleSaturation, OutOfRange> {
        let saturated = Self::oxygen_saturated_at(water)?;
        PermilleSaturation::from_raw(ratio(i64::from(self.get()) * 1_000, i64::from(saturated.get()))?)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use super::*;
    use crate::ParseError;

    #[test]
    fn ph_ends_at_0_and_14() {
        assert_eq!(MilliPh::new(0).map(MilliPh::get), Ok(0));
        assert_eq!(MilliPh::new(14_000).map(MilliPh::get), Ok(14_000));
        assert_eq!(MilliPh::new(-1), Err(OutOfRange));
        assert_eq!(MilliPh::new(14_001), Err(OutOfRange));
    }

    /// EZO-pH: a reading, and both ends of its extended range.
    #[test]
    fn ph_readings_are_read() {
        assert_eq!("9.560".parse::<MilliPh>().map(MilliPh::get), Ok(9_560));
        assert_eq!("14.0004".parse::<MilliPh>(), Ok(MilliPh::MAX));
        assert_eq!("-0.0004".parse::<MilliPh>(), Ok(MilliPh::MIN));
        assert_eq!("-1.600".parse::<MilliPh>(), Err(ParseError::OutOfRange));
        assert_eq!("15.600".parse::<MilliPh>(), Err(ParseError::OutOfRange));
        assert_eq!("40000".parse::<MilliPh>(), Err(ParseError::OutOfRange));
    }

    #[test]
    fn ph_refuses_floats_out_of_range() {
        assert_eq!(MilliPh::from_float(7.004_f32).map(MilliPh::get), Ok(7_004));
        assert_eq!(MilliPh::from_float(14.001_f32), Err(OutOfRange));
    }

    /// `8.42,92.3` of an EZO-DO.
    #[test]
    fn oxygen_readings_are_read() {
        assert_eq!("8.42".parse(), Ok(MicrogramsPerLitre::new(8_420)));
        assert_eq!("92.3".parse(), Ok(PermilleSaturation::new(923)));
        assert_eq!("-0.1".parse::<MicrogramsPerLitre>(), Err(ParseError::OutOfRange));
    }

    #[test]
    fn units_are_written() {
        assert_eq!(MilliPh::new(7_004).unwrap().to_string(), "7.004 pH");
        assert_eq!(MicrogramsPerLitre::new(8_420).to_string(), "8.42 mg/L");
        assert_eq!(PermilleSaturation::new(923).to_string(), "92.3 %");
    }

    /// Standard Methods, table 4500-O:I (from memory): mg/L at 101.3 kPa.
    #[test]
    fn saturated_oxygen_matches_the_published_table() {
        for (celsius, micrograms) in [
            (0, 14_621),
            (5, 12_770),
            (10, 11_288),
            (15, 10_084),
            (20, 9_092),
            (25, 8_263),
            (30, 7_559),
            (35, 6_949),
            (40, 6_412),
        ] {
            let ours = MicrogramsPerLitre::oxygen_saturated_at(MilliCelsius::new(celsius * 1_000)).unwrap();
            assert!(ours.get().abs_diff(micrograms) <= 1, "{celsius} °C: {ours}");
        }
    }

    /// The formula behind the table, between its points as well.
    #[test]
    fn saturated_oxygen_stays_within_3_micrograms_of_the_formula() {
        for millicelsius in (0..=40_000).step_by(10) {
            let kelvin = f64::from(millicelsius) / 1_000.0 + 273.15;
            let ln = -139.344_11 + 1.575_701e5 / kelvin - 6.642_308e7 / kelvin.powi(2)
                + 1.243_800e10 / kelvin.powi(3)
                - 8.621_949e11 / kelvin.powi(4);
            let ours = MicrogramsPerLitre::oxygen_saturated_at(MilliCelsius::new(millicelsius)).unwrap();
            let error = f64::from(ours.get()) - ln.exp() * 1_000.0;
            // The points themselves are only rounded.
            let bound = if millicelsius % 1_000 == 0 { 0.5 } else { 3.0 };
            assert!(error.abs() < bound, "{millicelsius} m°C: {error} µg/L");
        }
    }

    #[test]
    fn oxygen_between_two_points_is_interpolated() {
        // 20 °C 9092, 21 °C 8915
        for (millicelsius, micrograms) in [
            (20_001, 9_092),
            (20_250, 9_048),
            (20_500, 9_004),
            (20_613, 8_983),
            (20_999, 8_915),
        ] {
            assert_eq!(
                MicrogramsPerLitre::oxygen_saturated_at(MilliCelsius::new(millicelsius)),
                Ok(MicrogramsPerLitre::new(micrograms))
            );
        }
    }

    #[test]
    fn oxygen_outside_the_table_is_refused() {
        for millicelsius in [-1, 40_001, i32::MIN, i32::MAX] {
            let water = MilliCelsius::new(millicelsius);
            assert_eq!(MicrogramsPerLitre::oxygen_saturated_at(water), Err(OutOfRange));
            assert_eq!(
                MicrogramsPerLitre::new(8_000).oxygen_saturation(water),
                Err(OutOfRange)
            );
        }
    }

    #[test]
    fn saturation_is_a_part_of_the_saturated_oxygen() {
        let water = MilliCelsius::new(20_000);
        for (micrograms, permille) in [
            (0, 0),
            (9_092, 1_000),
            (4_546, 500),
            (13_638, 1_500),
            (8_420, 926),
        ] {
            assert_eq!(
                MicrogramsPerLitre::new(micrograms).oxygen_saturation(water),
                Ok(PermilleSaturation::new(permille))
            );
        }
        assert_eq!(MicrogramsPerLitre::MAX.oxygen_saturation(water), Err(OutOfRange));
    }
}
