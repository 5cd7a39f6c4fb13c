//! Conductivity, and what is read out of it.

use crate::quantity::{divide, ratio};
use crate::{Decimal, MilliCelsius, OutOfRange, ParseError, parse_fixed};

quantity! {
    /// Electrical conductivity in billionths of a siemens per centimetre.
    ///
    /// Text is in µS/cm, as EZO circuits print it: from `0.07` to `1000000` in one type.
    ///
    /// ```
    /// use quantity::{NanoSiemensPerCm, TdsFactor};
    ///
    /// let ec: NanoSiemensPerCm = "1413".parse()?;
    /// assert_eq!(ec.to_string(), "1413 µS/cm");
    /// assert_eq!(format!("{:.2} mS/cm", ec.milli_siemens_per_cm()), "1.41 mS/cm");
    /// assert_eq!(format!("{:.0}", ec.to_tds(TdsFactor::SCALE_500)), "707 ppm");
    /// # Ok::<(), quantity::ParseError>(())
    /// ```
    NanoSiemensPerCm(u32): 3 decimals of "µS/cm"
}

quantity! {
    /// Total dissolved solids in thousandths of a part per million (by mass), on the scale of a
    /// [`TdsFactor`].
    ///
    /// Text is in ppm. It is a conductivity in another coat: without the factor it means nothing.
    MilliPpmTds(u32): 3 decimals of "ppm"
}

/// How many ppm of dissolved solids one µS/cm is taken for, in thousandths: 1 to 1000.
///
/// What is dissolved decides which factor is right; people name it by the ppm of 1 mS/cm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TdsFactor(u16);

impl TdsFactor {
    /// The 500 scale, 0.5: sodium chloride.
    pub const SCALE_500: Self = Self(500);

    /// The 540 scale, 0.54: what an EZO-EC circuit uses unless told otherwise.
    pub const SCALE_540: Self = Self(540);

    /// The 640 scale, 0.64.
    pub const SCALE_640: Self = Self(640);

    /// The 700 scale, 0.7: potassium chloride, and the 442 mixture.
    pub const SCALE_700: Self = Self(700);

    /// Takes ppm per mS/cm, as the scales are named.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] for zero and above 1000.
    pub const fn new(ppm_per_milli_siemens: u16) -> Result<Self, OutOfRange> {
        match ppm_per_milli_siemens {
            1..=1000 => Ok(Self(ppm_per_milli_siemens)),
            _ => Err(OutOfRange),
        }
    }

    /// Ppm per mS/cm, thousandths of a ppm per µS/cm.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// How much the conductivity of a solution rises per °C, in ten thousandths of its value at 25 °C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TemperatureCoefficient(u16);

impl TemperatureCoefficient {
    /// 1.9 % per °C, the usual one of instruments.
    pub const PERCENT_1_9: Self = Self(190);

    /// 2 % per °C, the usual one of rules of thumb.
    pub const PERCENT_2: Self = Self(200);

    /// Takes ten thousandths per °C: 190 is 1.9 %.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] above 300, 3 %; solutions of salts stay below it.
    pub const fn new(ten_thousandths_per_degree: u16) -> Result<Self, OutOfRange> {
        match ten_thousandths_per_degree {
            0..=300 => Ok(Self(ten_thousandths_per_degree)),
            _ => Err(OutOfRange),
        }
    }

    /// Ten thousandths per °C.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl NanoSiemensPerCm {
    /// Takes whole µS/cm.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] above 4,294,967 µS/cm.
    pub const fn from_micro_siemens_per_cm(value: u32) -> Result<Self, OutOfRange> {
        match value.checked_mul(1_000) {
            Some(nano) => Ok(Self::new(nano)),
            None => Err(OutOfRange),
        }
    }

    /// Takes whole mS/cm.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] above 4,294 mS/cm.
    pub const fn from_milli_siemens_per_cm(value: u32) -> Result<Self, OutOfRange> {
        match value.checked_mul(1_000_000) {
            Some(nano) => Ok(Self::new(nano)),
            None => Err(OutOfRange),
        }
    }

    /// Reads a number in mS/cm, as growers write it: `1.413`.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_milli_siemens_per_cm(text: &[u8]) -> Result<Self, ParseError> {
        Ok(Self::from_raw(parse_fixed(text, 6)?)?)
    }

    /// Whole µS/cm, rounded to the nearest, halves up. With decimals it is [`number`](Self::number).
    pub const fn micro_siemens_per_cm(self) -> u32 {
        let whole = self.get() / 1_000;
        if self.get() % 1_000 < 500 {
            whole
        } else {
            whole + 1
        }
    }

    /// The number in mS/cm, exactly.
    #[allow(clippy::cast_lossless)] // `From` is not const
    pub const fn milli_siemens_per_cm(self) -> Decimal {
        Decimal::literal(self.get() as i64, 6)
    }

    /// Dissolved solids on the scale of `factor`, rounded to the nearest thousandth of a ppm.
    pub const fn to_tds(self, factor: TdsFactor) -> MilliPpmTds {
        // It always fits: a factor is at most one.
        #[allow(
            clippy::cast_lossless,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )]
        MilliPpmTds::new(divide::<1_000>(self.get() as i64 * factor.get() as i64) as u32)
    }

    /// The conductivity that the solution would have at 25 °C, by the linear law
    /// `EC / (1 + β (T − 25 °C))`.
    ///
    /// Not for readings that a circuit has compensated already.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] if `water` is not liquid (below 0 °C or above 100 °C), or if the result does not fit.
    pub fn at_25_celsius(
        self,
        water: MilliCelsius,
        coefficient: TemperatureCoefficient,
    ) -> Result<Self, OutOfRange> {
        /// Ten thousandths times thousandths of a degree.
        const ONE: i64 = 10_000 * 1_000;
        if !(0..=100_000).contains(&water.get()) {
            return Err(OutOfRange);
        }
        let rise = i64::from(coefficient.get()) * i64::from(water.get() - 25_000);
        Self::from_raw(ratio(i64::from(self.get()) * ONE, ONE + rise)?)
    }
}

impl MilliPpmTds {
    /// The conductivity that was taken for this with `factor`, rounded to the nearest nS/cm.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] if it does not fit.
    pub fn to_conductivity(self, factor: TdsFactor) -> Result<NanoSiemensPerCm, OutOfRange> {
        NanoSiemensPerCm::from_raw(ratio(i64::from(self.get()) * 1_000, i64::from(factor.get()))?)
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString as _;

    use super::*;

    /// Lowest and highest of the EZO-EC probes, and calibration liquids.
    #[test]
    fn circuit_readings_are_read() {
        for (text, nano) in [
            ("0.07", 70),
            ("84", 84_000),
            ("99.99", 99_990),
            ("1413", 1_413_000),
            ("12880", 12_880_000),
            ("500000", 500_000_000),
            ("1000000", 1_000_000_000),
        ] {
            assert_eq!(text.parse(), Ok(NanoSiemensPerCm::new(nano)), "{text}");
        }
    }

    #[test]
    fn conductivity_is_never_negative() {
        assert_eq!("-0.07".parse::<NanoSiemensPerCm>(), Err(ParseError::OutOfRange));
        assert_eq!("-0".parse(), Ok(NanoSiemensPerCm::new(0)));
    }

    #[test]
    fn limit_is_4_294_967_micro_siemens() {
        assert_eq!("4294967.295".parse(), Ok(NanoSiemensPerCm::MAX));
        assert_eq!(
            "4294967.2955".parse::<NanoSiemensPerCm>(),
            Err(ParseError::OutOfRange)
        );
        assert_eq!(
            NanoSiemensPerCm::from_micro_siemens_per_cm(4_294_967),
            Ok(NanoSiemensPerCm::new(4_294_967_000))
        );
        assert_eq!(
            NanoSiemensPerCm::from_micro_siemens_per_cm(4_294_968),
            Err(OutOfRange)
        );
        assert_eq!(
            NanoSiemensPerCm::from_milli_siemens_per_cm(4_294),
            Ok(NanoSiemensPerCm::new(4_294_000_000))
        );
        assert_eq!(
            NanoSiemensPerCm::from_milli_siemens_per_cm(4_295),
            Err(OutOfRange)
        );
    }

    #[test]
    fn milli_siemens_are_read_and_written() {
        let ec = NanoSiemensPerCm::parse_milli_siemens_per_cm(b"1.413").unwrap();
        assert_eq!(ec, NanoSiemensPerCm::new(1_413_000));
        assert_eq!(ec.milli_siemens_per_cm().to_string(), "1.413");
        assert_eq!(format!("{:.1}", ec.milli_siemens_per_cm()), "1.4");
        assert_eq!(
            NanoSiemensPerCm::parse_milli_siemens_per_cm(b"1,413"),
            Err(ParseError::Malformed)
        );
        assert_eq!(
            NanoSiemensPerCm::parse_milli_siemens_per_cm(b"5000"),
            Err(ParseError::OutOfRange)
        );
    }

    #[test]
    fn half_a_micro_siemens_is_rounded_up() {
        for (nano, micro) in [
            (0, 0),
            (499, 0),
            (500, 1),
            (1_413_499, 1_413),
            (u32::MAX, 4_294_967),
        ] {
            assert_eq!(NanoSiemensPerCm::new(nano).micro_siemens_per_cm(), micro);
        }
    }

    /// 1 mS/cm gives every scale its name.
    #[test]
    fn each_scale_has_the_ppm_of_its_name() {
        let ec = NanoSiemensPerCm::from_milli_siemens_per_cm(1).unwrap();
        for (factor, ppm) in [
            (TdsFactor::SCALE_500, "500 ppm"),
            (TdsFactor::SCALE_540, "540 ppm"),
            (TdsFactor::SCALE_640, "640 ppm"),
            (TdsFactor::SCALE_700, "700 ppm"),
        ] {
            assert_eq!(ec.to_tds(factor).to_string(), ppm);
            assert_eq!(ec.to_tds(factor).to_conductivity(factor), Ok(ec));
        }
    }

    #[test]
    fn half_a_thousandth_of_a_ppm_is_rounded_up() {
        for (nano, milli_ppm) in [
            (1, 1),
            (2, 1),
            (3, 2),
            (1_413_001, 706_501),
            (u32::MAX, 2_147_483_648),
        ] {
            assert_eq!(
                NanoSiemensPerCm::new(nano).to_tds(TdsFactor::SCALE_500),
                MilliPpmTds::new(milli_ppm)
            );
        }
        // 1 ppm / 0.7 = 1.428571 µS/cm
        assert_eq!(
            MilliPpmTds::new(1_000).to_conductivity(TdsFactor::SCALE_700),
            Ok(NanoSiemensPerCm::new(1_429))
        );
    }

    #[test]
    fn smallest_factor_is_undone() {
        let factor = TdsFactor::new(1).unwrap();
        let ec = NanoSiemensPerCm::new(1_413_000);
        assert_eq!(ec.to_tds(factor), MilliPpmTds::new(1_413));
        assert_eq!(MilliPpmTds::new(1_413).to_conductivity(factor), Ok(ec));
    }

    #[test]
    fn ppm_beyond_the_conductivities_are_refused() {
        assert_eq!(
            MilliPpmTds::MAX.to_conductivity(TdsFactor::SCALE_500),
            Err(OutOfRange)
        );
        let one = TdsFactor::new(1_000).unwrap();
        assert_eq!(MilliPpmTds::MAX.to_conductivity(one), Ok(NanoSiemensPerCm::MAX));
    }

    #[test]
    fn factors_end_at_1_and_1000() {
        assert_eq!(TdsFactor::new(0), Err(OutOfRange));
        assert_eq!(TdsFactor::new(1).map(TdsFactor::get), Ok(1));
        assert_eq!(TdsFactor::new(1_000).map(TdsFactor::get), Ok(1_000));
        assert_eq!(TdsFactor::new(1_001), Err(OutOfRange));
    }

    #[test]
    fn coefficients_end_at_300() {
        assert_eq!(
            TemperatureCoefficient::new(0).map(TemperatureCoefficient::get),
            Ok(0)
        );
        assert_eq!(
            TemperatureCoefficient::new(300).map(TemperatureCoefficient::get),
            Ok(300)
        );
        assert_eq!(TemperatureCoefficient::new(301), Err(OutOfRange));
    }

    /// The factors of the linear law at both usual coefficients, three decimals.
    #[test]
    fn compensation_factors_are_the_published_ones() {
        for (celsius, at_1_9, at_2) in [
            (5, 1_613, 1_667),
            (15, 1_235, 1_250),
            (18, 1_153, 1_163),
            (20, 1_105, 1_111),
            (22, 1_060, 1_064),
            (25, 1_000, 1_000),
            (30, 913, 909),
            (35, 840, 833),
        ] {
            let (ec, water) = (NanoSiemensPerCm::new(1_000), MilliCelsius::new(celsius * 1_000));
            for (coefficient, nano) in [
                (TemperatureCoefficient::PERCENT_1_9, at_1_9),
                (TemperatureCoefficient::PERCENT_2, at_2),
            ] {
                assert_eq!(
                    ec.at_25_celsius(water, coefficient),
                    Ok(NanoSiemensPerCm::new(nano)),
                    "{celsius} °C, {coefficient:?}"
                );
            }
        }
    }

    #[test]
    fn compensation_needs_liquid_water() {
        let ec = NanoSiemensPerCm::new(1_413_000);
        let at = |millicelsius| {
            ec.at_25_celsius(MilliCelsius::new(millicelsius), TemperatureCoefficient::PERCENT_2)
        };
        assert_eq!(at(-1), Err(OutOfRange));
        assert_eq!(at(0), Ok(NanoSiemensPerCm::new(2_826_000)));
        assert_eq!(at(100_000), Ok(NanoSiemensPerCm::new(565_200)));
        assert_eq!(at(100_001), Err(OutOfRange));
        assert_eq!(at(i32::MIN), Err(OutOfRange));
    }

    #[test]
    fn compensation_that_does_not_fit_is_refused() {
        let cold = MilliCelsius::new(24_000);
        assert_eq!(
            NanoSiemensPerCm::MAX.at_25_celsius(cold, TemperatureCoefficient::PERCENT_2),
            Err(OutOfRange)
        );
    }
}
