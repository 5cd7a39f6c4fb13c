//! What holds for every text, every number and every quantity.

use proptest::prelude::*;
use quantity::{Decimal, MilliCelsius, MilliFahrenheit, ParseError, parse_fixed};

/// The number in `text` as a count of the last of `decimals` places, in integers that hold 38 digits.
fn oracle(negative: bool, whole: &str, fraction: &str, decimals: u8) -> i128 {
    let digits: i128 = format!("{whole}{fraction}").parse().expect("digits");
    let divisor = fraction.chars().fold(1, |power, _| power * 10);
    let rounded = divide(digits * 10_i128.pow(decimals.into()), divisor);
    if negative { -rounded } else { rounded }
}

/// Divides by a power of ten and rounds halves away from zero, by looking at the remainder.
fn divide(numerator: i128, divisor: i128) -> i128 {
    let (quotient, remainder) = (numerator / divisor, numerator % divisor);
    if 2 * remainder.abs() >= divisor {
        quotient + numerator.signum()
    } else {
        quotient
    }
}

/// Whether the text is what the documentation calls a number, by looking at its parts.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(unsigned),
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_number_or_an_error(bytes: Vec<u8>, decimals: u8) {
        let number = str::from_utf8(&bytes).is_ok_and(is_number);
        match parse_fixed(&bytes, decimals) {
            Ok(_) | Err(ParseError::OutOfRange) => prop_assert!(number),
            Err(ParseError::Empty) => prop_assert!(bytes.is_empty()),
            Err(_) => prop_assert!(!number),
        }
    }

    #[test]
    fn almost_numbers_are_a_number_or_an_error(text in "[-+]{0,2}[0-9]{0,21}[.]{0,2}[0-9]{0,21}[ e.0-9]?", decimals: u8) {
        match parse_fixed(text.as_bytes(), decimals) {
            Ok(_) | Err(ParseError::OutOfRange) => prop_assert!(is_number(&text)),
            Err(ParseError::Empty) => prop_assert!(text.is_empty()),
            Err(_) => prop_assert!(!is_number(&text)),
        }
    }

    #[test]
    fn numbers_are_read_as_large_integers_do_it(
        sign in "[-+]?", whole in "[0-9]{1,20}", fraction in "[0-9]{0,10}", decimals in 0_u8..=8,
    ) {
        let point = if fraction.is_empty() { "" } else { "." };
        let text = format!("{sign}{whole}{point}{fraction}");
        let expected = i64::try_from(oracle(sign == "-", &whole, &fraction, decimals));
        prop_assert_eq!(parse_fixed(text.as_bytes(), decimals), expected.map_err(|_| ParseError::OutOfRange));
    }

    #[test]
    fn written_numbers_are_read_back(raw: i64, decimals in 0..=Decimal::MAX_DECIMALS) {
        let text = Decimal::new(raw, decimals).unwrap().to_string();
        prop_assert_eq!(parse_fixed(text.as_bytes(), decimals), Ok(raw));
    }

    #[test]
    fn short_text_has_no_zeros_at_its_end(raw: i64, decimals in 0..=Decimal::MAX_DECIMALS) {
        let text = Decimal::new(raw, decimals).unwrap().to_string();
        if text.contains('.') {
            prop_assert!(!text.ends_with(['0', '.']), "{}", text);
        }
    }

    #[test]
    fn precision_rounds_as_large_integers_do_it(
        raw: i64, decimals in 0..=Decimal::MAX_DECIMALS, precision in 0_u8..=18,
    ) {
        let places = precision.min(decimals);
        let text = format!("{:.*}", usize::from(precision), Decimal::new(raw, decimals).unwrap());
        let rounded = divide(raw.into(), 10_i128.pow((decimals - places).into()));
        let digits: i128 = text.replace('.', "").parse().unwrap();
        prop_assert_eq!(digits, rounded * 10_i128.pow((precision - places).into()));
        prop_assert_eq!(text.split_once('.').map_or(0, |(_, fraction)| fraction.len()), usize::from(precision));
    }

    #[test]
    fn padding_is_that_of_text(raw: i64, decimals in 0..=Decimal::MAX_DECIMALS, width in 0_usize..40) {
        let number = Decimal::new(raw, decimals).unwrap();
        let text = number.to_string();
        prop_assert_eq!(format!("{number:>width$}"), format!("{text:>width$}"));
        prop_assert_eq!(format!("{number:µ<width$}"), format!("{text:µ<width$}"));
        prop_assert_eq!(format!("{number:^width$}"), format!("{text:^width$}"));
    }

    #[test]
    fn floats_are_the_nearest_there_are(raw: i32, decimals in 0_u8..=8) {
        let number = Decimal::new(raw.into(), decimals).unwrap();
        let text = number.to_string();
        prop_assert_eq!(number.to::<f32>().to_bits(), text.parse::<f32>().unwrap().to_bits());
        prop_assert_eq!(number.to::<f64>().to_bits(), text.parse::<f64>().unwrap().to_bits());
    }

    #[test]
    fn any_float_is_a_temperature_or_an_error(bits: u64) {
        let float = f64::from_bits(bits);
        let fits = (-2_147_483.648_5..2_147_483.647_5).contains(&float);
        prop_assert_eq!(MilliCelsius::from_float(float).is_ok(), fits);
    }

    #[test]
    fn fahrenheit_is_the_nearest_there_is(raw: i32) {
        let exact_times_5 = i64::from(raw) * 9 + 160_000;
        match MilliCelsius::new(raw).to_fahrenheit() {
            Ok(fahrenheit) => prop_assert!((i64::from(fahrenheit.get()) * 5 - exact_times_5).abs() <= 2),
            Err(_) => prop_assert!(i32::try_from(exact_times_5 / 5).is_err()),
        }
    }

    #[test]
    fn celsius_is_the_nearest_there_is(raw: i32) {
        let exact_times_9 = (i64::from(raw) - 32_000) * 5;
        let celsius = MilliFahrenheit::new(raw).to_celsius();
        prop_assert!((i64::from(celsius.get()) * 9 - exact_times_9).abs() <= 4);
    }
}

/// What every quantity promises, over the range of its integer.
macro_rules! every_quantity {
    ($($module:ident: $name:ident, $raw:expr, $make:expr;)*) => {$(
        mod $module {
            use proptest::prelude::*;
            use quantity::{$name, ParseError};

            proptest! {
                #[test]
                fn text_is_read_back(raw in $raw) {
                    let value: $name = ($make)(raw);
                    prop_assert_eq!(value.number().to_string().parse(), Ok(value));
                    prop_assert_eq!(value.to_string(), format!("{} {}", value.number(), $name::UNIT));
                }

                #[test]
                fn any_text_is_a_quantity_or_an_error(text in "[-+]?[0-9]{1,20}([.][0-9]{1,6})?") {
                    match text.parse::<$name>() {
                        Ok(value) => prop_assert!($name::MIN <= value && value <= $name::MAX),
                        Err(error) => prop_assert_eq!(error, ParseError::OutOfRange),
                    }
                }

                #[test]
                fn float_comes_back(raw in $raw) {
                    let value: $name = ($make)(raw);
                    prop_assert_eq!($name::from_float(value.to::<f64>()), Ok(value));
                }

                #[cfg(feature = "serde")]
                #[test]
                fn json_is_the_integer(raw in $raw) {
                    let value: $name = ($make)(raw);
                    let json = serde_json::to_string(&value).unwrap();
                    prop_assert_eq!(&json, &raw.to_string());
                    prop_assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), value);
                }
            }

            #[test]
            fn limits_are_read_back() {
                for value in [$name::MIN, $name::MAX] {
                    assert_eq!(value.number().to_string().parse(), Ok(value));
                }
            }

            #[cfg(feature = "serde")]
            #[test]
            fn json_out_of_range_is_refused() {
                for limit in [$name::MIN, $name::MAX] {
                    let raw = i128::from(limit.get());
                    let beyond = if limit == $name::MIN { raw - 1 } else { raw + 1 };
                    assert!(serde_json::from_str::<$name>(&raw.to_string()).is_ok());
                    assert!(serde_json::from_str::<$name>(&beyond.to_string()).is_err());
                }
            }

            #[cfg(feature = "serde")]
            #[test]
            fn json_that_is_no_integer_is_refused() {
                for json in ["1.5", "\"1\"", "null", "true", "[1]"] {
                    assert!(serde_json::from_str::<$name>(json).is_err(), "{json}");
                }
            }
        }
    )*};
}

every_quantity! {
    milli_celsius: MilliCelsius, any::<i32>(), MilliCelsius::new;
    milli_fahrenheit: MilliFahrenheit, any::<i32>(), MilliFahrenheit::new;
    pascals: Pascals, any::<i32>(), Pascals::new;
    ppm_co2: PpmCo2, any::<u32>(), PpmCo2::new;
    nano_siemens_per_cm: NanoSiemensPerCm, any::<u32>(), NanoSiemensPerCm::new;
    milli_ppm_tds: MilliPpmTds, any::<u32>(), MilliPpmTds::new;
    micrograms_per_litre: MicrogramsPerLitre, any::<u32>(), MicrogramsPerLitre::new;
    permille_saturation: PermilleSaturation, any::<u16>(), PermilleSaturation::new;
    millivolts: Millivolts, any::<i32>(), Millivolts::new;
    microvolts: Microvolts, any::<i32>(), Microvolts::new;
    microlitres_per_minute: MicrolitresPerMinute, any::<i32>(), MicrolitresPerMinute::new;
    // What f64 holds after a division and a multiplication.
    microlitres: Microlitres, -(1_i64 << 50)..=1 << 50, Microlitres::new;
    permille_rh: PermilleRh, 0_u16..=1_000, |raw| PermilleRh::new(raw).unwrap();
    milli_ph: MilliPh, 0_i16..=14_000, |raw| MilliPh::new(raw).unwrap();
}
