//! What is measured in air, and what follows from its temperature and humidity.
//!
//! The formula is that of Tetens with the coefficients of Allen et al., Crop evapotranspiration, FAO
//! Irrigation and Drainage Paper 56 (1998), equation 11, which horticulture computes with:
//!
//! ```text
//! e(T) = 610.8 Pa × exp(17.27 T / (T + 237.3 °C))
//! ```
//!
//! It holds over water, also below 0 °C, where a humidity sensor refers to water too.

use crate::quantity::{divide, ratio};
use crate::{MilliCelsius, OutOfRange};

quantity! {
    /// Relative humidity in thousandths, 0 to 1000.
    ///
    /// Text is in %. A sensor that answers 100.1 % has to be limited by whoever knows the sensor.
    PermilleRh(u16) in 0..=1000: 1 decimals of "%"
}

quantity! {
    /// Carbon dioxide in parts per million (by volume).
    ///
    /// Text is in ppm.
    PpmCo2(u32): 0 decimals of "ppm"
}

quantity! {
    /// Pressure in pascals: of the air, of vapour, or of a pipe against the air, which may be negative.
    ///
    /// Text is in kPa.
    Pascals(i32): 3 decimals of "kPa"
}

/// Pressure of water vapour in saturated air.
///
/// The closed formula of FAO-56, equation 11, within one pascal. The formula itself is within 0.25 % of
/// the steam tables from 0 °C to 80 °C and reads about 3 % low at −40 °C.
///
/// # Errors
///
/// [`OutOfRange`] below −40 °C and above 80 °C.
pub fn saturation_vapour_pressure(air: MilliCelsius) -> Result<Pascals, OutOfRange> {
    Pascals::from_raw(divide::<{ 32 * 1_000 }>(saturation(exponent(air)?)))
}

/// Vapour-pressure deficit: how much more vapour the air would take up, as a pressure.
///
/// It is the saturation pressure of FAO-56, equation 11, times what is missing to 100 %; within one pascal
/// of that closed formula. A leaf that is cooler or warmer than the air sees a different one: its own
/// [`saturation_vapour_pressure`] less the vapour in the air.
///
/// ```
/// use quantity::{MilliCelsius, PermilleRh, vapour_pressure_deficit};
///
/// let deficit = vapour_pressure_deficit(MilliCelsius::new(25_000), PermilleRh::new(600)?)?;
/// assert_eq!(deficit.to_string(), "1.267 kPa");
/// # Ok::<(), quantity::OutOfRange>(())
/// ```
///
/// # Errors
///
/// [`OutOfRange`] below −40 °C and above 80 °C.
pub fn vapour_pressure_deficit(air: MilliCelsius, humidity: PermilleRh) -> Result<Pascals, OutOfRange> {
    let missing = i64::from(PermilleRh::MAX.get() - humidity.get());
    Pascals::from_raw(divide::<{ 32 * 1_000 * 1_000 }>(
        saturation(exponent(air)?) * missing,
    ))
}

/// Temperature at which the vapour in the air would begin to condense.
///
/// FAO-56, equation 11, solved for the temperature; within a thousandth of a degree of that closed
/// formula. Dew points below 0 °C are over water; frost forms a little earlier.
///
/// ```
/// use quantity::{MilliCelsius, PermilleRh, dew_point};
///
/// let dew = dew_point(MilliCelsius::new(25_000), PermilleRh::new(600)?)?;
/// assert_eq!(format!("{dew:.1}"), "16.7 °C");
/// # Ok::<(), quantity::OutOfRange>(())
/// ```
///
/// # Errors
///
/// [`OutOfRange`] below −40 °C, above 80 °C, and below 1 % of humidity, where no sensor means what it says.
pub fn dew_point(air: MilliCelsius, humidity: PermilleRh) -> Result<MilliCelsius, OutOfRange> {
    if humidity.get() < 10 {
        return Err(OutOfRange);
    }
    // ln(e / 610.8 Pa)
    let ln = exponent(air)? + ln_permille(i64::from(humidity.get()))?;
    MilliCelsius::from_raw(ratio(B * ln, ONE * A / 100 - ln)?)
}

// Below, fractions are fixed point with 30 binary places: an i64 holds the product of any two.

const ONE: i64 = 1 << 30;

/// ln 2.
const LN_2: i64 = 744_261_118;

/// 17.27 in hundredths, and 237.3 °C.
const A: i64 = 1_727;
const B: i64 = 237_300;

/// `17.27 T / (T + 237.3 °C)`: -3.51 to 4.36.
fn exponent(air: MilliCelsius) -> Result<i64, OutOfRange> {
    match i64::from(air.get()) {
        t @ -40_000..=80_000 => ratio(A * t * ONE, 100 * (t + B)),
        _ => Err(OutOfRange),
    }
}

/// `610.8 Pa × exp(x)` in 1/32 mPa.
fn saturation(mut x: i64) -> i64 {
    /// The series of the exponential function, from the eighth power down.
    const EXP: [i64; 9] = [
        ONE / 40_320,
        ONE / 5_040,
        ONE / 720,
        ONE / 120,
        ONE / 24,
        ONE / 6,
        ONE / 2,
        ONE,
        ONE,
    ];

    // Bring x to ±½ ln 2 where the series is short: seven times at most. The factor 32 is there so that
    // the five halvings at −40 °C lose nothing.
    let mut scale = 610_800 * 32;
    while x > LN_2 / 2 {
        x -= LN_2;
        scale *= 2;
    }
    while x < -LN_2 / 2 {
        x += LN_2;
        scale /= 2;
    }
    multiply(scale, series(&EXP, x))
}

/// `ln(permille / 1000)` for 10 to 1000.
fn ln_permille(mut permille: i64) -> Result<i64, OutOfRange> {
    /// The series of artanh(z) / z in z², from the fifth power down.
    const ARTANH: [i64; 6] = [ONE / 11, ONE / 9, ONE / 7, ONE / 5, ONE / 3, ONE];

    // Bring it between √½ and √2, where the series is short: seven times at most.
    let mut ln = 0;
    while permille < 708 {
        permille *= 2;
        ln -= LN_2;
    }
    // ln y = 2 artanh((y - 1) / (y + 1))
    let z = ratio((permille - 1_000) * ONE, permille + 1_000)?;
    Ok(ln + 2 * multiply(z, series(&ARTANH, multiply(z, z))))
}

fn series(coefficients: &[i64], x: i64) -> i64 {
    coefficients
        .iter()
        .fold(0, |sum, coefficient| multiply(sum, x) + coefficient)
}

const fn multiply(a: i64, b: i64) -> i64 {
    (a * b) >> 30
}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use num_traits::ToPrimitive as _;

    use super::*;

    fn humidity(permille: u16) -> PermilleRh {
        PermilleRh::new(permille).unwrap()
    }

    /// The formula of the module in floats.
    fn reference(celsius: f64) -> f64 {
        610.8 * (17.27 * celsius / (celsius + 237.3)).exp()
    }

    #[test]
    fn humidity_ends_at_1000() {
        assert_eq!(PermilleRh::new(1_000).map(PermilleRh::get), Ok(1_000));
        assert_eq!(PermilleRh::new(1_001), Err(OutOfRange));
        assert_eq!("100.04".parse(), Ok(PermilleRh::MAX));
        assert_eq!("100.05".parse::<PermilleRh>(), Err(crate::ParseError::OutOfRange));
    }

    /// `45.20` of an EZO-HUM, `1250` of an EZO-CO2, `101.3` as an EZO-DO is told the pressure.
    #[test]
    fn circuit_readings_are_read() {
        assert_eq!("45.20".parse(), Ok(humidity(452)));
        assert_eq!("1250".parse(), Ok(PpmCo2::new(1_250)));
        assert_eq!("101.3".parse(), Ok(Pascals::new(101_300)));
    }

    #[test]
    fn units_are_written() {
        assert_eq!(humidity(452).to_string(), "45.2 %");
        assert_eq!(PpmCo2::new(1_250).to_string(), "1250 ppm");
        assert_eq!(Pascals::new(-250).to_string(), "-0.25 kPa");
    }

    /// FAO-56, annex 2, table 2.3, in kPa with three decimals (15.0 and 24.5 also in example 3 of its
    /// chapter 3; the other rows from memory).
    #[test]
    fn saturation_matches_the_published_table() {
        for (millicelsius, pascals) in [
            (1_000, 657),
            (5_000, 872),
            (10_000, 1_228),
            (15_000, 1_705),
            (18_000, 2_064),
            (20_000, 2_338),
            (24_500, 3_075),
            (25_000, 3_168),
            (30_000, 4_243),
            (35_000, 5_623),
            (40_000, 7_376),
        ] {
            let air = MilliCelsius::new(millicelsius);
            assert_eq!(
                saturation_vapour_pressure(air),
                Ok(Pascals::new(pascals)),
                "{air}"
            );
        }
    }

    /// Steam tables (IAPWS, from memory), as a check of the formula and not only of its arithmetic.
    #[test]
    fn saturation_is_within_a_quarter_percent_of_the_steam_tables() {
        for (celsius, pascals) in [
            (10, 1_228.2),
            (20, 2_339.3),
            (30, 4_247.0),
            (40, 7_384.9),
            (50, 12_352.0),
            (60, 19_946.0),
            (70, 31_201.0),
            (80, 47_414.0),
        ] {
            let ours = saturation_vapour_pressure(MilliCelsius::new(celsius * 1_000)).unwrap();
            let error = (f64::from(ours.get()) / pascals - 1.0).abs();
            assert!(error < 0.002_5, "{celsius} °C: {error}");
        }
    }

    #[test]
    fn deficit_is_what_is_missing_to_saturation() {
        let air = MilliCelsius::new(25_000);
        for (permille, pascals) in [(0, 3_168), (500, 1_584), (600, 1_267), (1_000, 0)] {
            assert_eq!(
                vapour_pressure_deficit(air, humidity(permille)),
                Ok(Pascals::new(pascals))
            );
        }
    }

    #[test]
    fn saturated_air_is_at_its_dew_point() {
        for millicelsius in (-40_000..=80_000).step_by(100) {
            let air = MilliCelsius::new(millicelsius);
            assert_eq!(dew_point(air, PermilleRh::MAX), Ok(air));
        }
    }

    /// The closed formula with 40 digits, rounded.
    #[test]
    fn dew_points_of_a_room() {
        for (millicelsius, permille, dew) in [
            (30_000, 500, 18_438),
            (25_000, 600, 16_696),
            (20_000, 500, 9_270),
            (0, 500, -9_157),
            (80_000, 10, -3_399),
            (-40_000, 10, -75_805),
        ] {
            let air = MilliCelsius::new(millicelsius);
            assert_eq!(
                dew_point(air, humidity(permille)),
                Ok(MilliCelsius::new(dew)),
                "{air} {permille}"
            );
        }
    }

    /// Every reading that a DHT22 can give. Rounding to the unit is half a unit; the rest is what the
    /// fixed point may cost.
    #[test]
    fn grid_agrees_with_the_formula() {
        for tenths in -400..=800 {
            let air = MilliCelsius::new(tenths * 100);
            let celsius = f64::from(tenths) / 10.0;
            let saturated = reference(celsius);
            let ours = saturation_vapour_pressure(air).unwrap();
            assert!((f64::from(ours.get()) - saturated).abs() < 0.501, "{air}: {ours}");

            let exponent = 17.27 * celsius / (celsius + 237.3);
            for permille in 10..=1_000 {
                let part = f64::from(permille) / 1_000.0;
                let deficit = vapour_pressure_deficit(air, humidity(permille)).unwrap();
                let error = f64::from(deficit.get()) - saturated * (1.0 - part);
                assert!(error.abs() < 0.501, "{air} {permille}: {error} Pa");

                let ln = exponent + part.ln();
                let dew = dew_point(air, humidity(permille)).unwrap();
                let error = f64::from(dew.get()) - 237_300.0 * ln / (17.27 - ln);
                assert!(error.abs() < 0.501, "{air} {permille}: {error} m°C");
            }
        }
    }

    /// The grid above rounds to the unit, which would hide a slip in the small terms of a series.
    #[test]
    fn exponential_is_good_to_8_digits() {
        for thousandths in -3_510_i32..=4_360 {
            let x = f64::from(thousandths) / 1_000.0;
            let exact = 610_800.0 * 32.0 * x.exp();
            let fixed = saturation(i64::from(thousandths) * ONE / 1_000).to_f64().unwrap();
            assert!(
                (fixed - exact).abs() < 1.0 + exact * 1.0e-8,
                "{x}: {fixed} {exact}"
            );
        }
    }

    #[test]
    fn logarithm_is_good_to_8_digits() {
        for permille in 10..=1_000_i32 {
            let fixed = ln_permille(permille.into()).unwrap().to_f64().unwrap() / ONE.to_f64().unwrap();
            let error = fixed - (f64::from(permille) / 1_000.0).ln();
            assert!(error.abs() < 5.0e-9, "{permille}: {error:e}");
        }
    }

    #[test]
    fn air_outside_the_range_is_refused() {
        for millicelsius in [-40_001, 80_001, i32::MIN, i32::MAX] {
            let air = MilliCelsius::new(millicelsius);
            assert_eq!(saturation_vapour_pressure(air), Err(OutOfRange));
            assert_eq!(vapour_pressure_deficit(air, humidity(500)), Err(OutOfRange));
            assert_eq!(dew_point(air, humidity(500)), Err(OutOfRange));
        }
    }

    #[test]
    fn dry_air_has_no_dew_point() {
        assert_eq!(dew_point(MilliCelsius::new(20_000), humidity(9)), Err(OutOfRange));
    }
}
