//! Answers as circuits were seen to write them, and what must not pass for one.

use crate::command::*;
use crate::output::{OutputSet, OutputsQuery};
use crate::value::*;
use crate::*;
use proptest::prelude::*;
use quantity::*;

#[allow(clippy::needless_pass_by_value, reason = "so that tests are easier to read")]
fn answer<C: Circuit, M: Command<C>>(command: M, text: &str) -> Result<M::Output, Fault> {
    decode::<C, M>(&command, text.as_bytes())
}

mod common {
    use super::*;

    #[test]
    fn information_has_kind_and_firmware() {
        let information = answer::<Ph, _>(Information, "?i,pH,1.98").unwrap();
        assert_eq!(information.kind, Kind::Ph);
        assert_eq!(information.firmware.hundredths(), 198);
    }

    #[test]
    fn information_of_old_firmware_is_in_capitals() {
        let information = answer::<Do, _>(Information, "?I,DO,2.16").unwrap();
        assert_eq!(
            (information.kind, information.firmware.hundredths()),
            (Kind::Do, 216)
        );
    }

    #[test]
    fn information_may_have_points_and_blanks() {
        assert_eq!(
            answer::<Do, _>(Information, "?i, D.O., 1.98").map(|i| i.kind),
            Ok(Kind::Do)
        );
    }

    #[test]
    fn firmware_with_one_decimal_is_a_number() {
        let pump = answer::<Pmp, _>(Information, "?i,PMP,1.1").unwrap();
        assert_eq!(pump.firmware, Firmware::from_hundredths(110));
        assert!(pump.firmware < Firmware::from_hundredths(198));
    }

    #[test]
    fn status_has_restart_and_supply() {
        let status = answer::<Ph, _>(Status, "?Status,P,5.038");
        assert_eq!(
            status,
            Ok(value::Status {
                restart: Restart::PoweredOff,
                supply: Millivolts::new(5_038)
            })
        );
        let status = answer::<Ph, _>(Status, "?STATUS,B,4.89");
        assert_eq!(
            status,
            Ok(value::Status {
                restart: Restart::BrownOut,
                supply: Millivolts::new(4_890)
            })
        );
    }

    #[test]
    fn switches_are_one_or_zero() {
        assert_eq!(answer::<Ph, _>(LedQuery, "?L,1"), Ok(Switch::On));
        assert_eq!(answer::<Ph, _>(LedQuery, "?L,0"), Ok(Switch::Off));
        assert_eq!(answer::<Ph, _>(LedQuery, "?L,2"), Err(Fault::Malformed));
        assert_eq!(answer::<Ph, _>(ProtocolLockQuery, "?Plock,1"), Ok(Switch::On));
        assert_eq!(answer::<Ph, _>(ResponseCodesQuery, "?*OK,0"), Ok(Switch::Off));
    }

    #[test]
    fn name_may_be_empty() {
        assert_eq!(
            answer::<Ph, _>(NameQuery, "?Name,zzt").as_ref().map(Name::as_str),
            Ok("zzt")
        );
        assert_eq!(
            answer::<Ph, _>(NameQuery, "?NAME,").as_ref().map(Name::as_str),
            Ok("")
        );
    }

    #[test]
    fn continuous_mode_is_in_seconds() {
        assert_eq!(
            answer::<Ph, _>(ContinuousQuery, "?C,1").map(Continuous::seconds),
            Ok(1)
        );
        assert_eq!(answer::<Ph, _>(ContinuousQuery, "?C,0"), Ok(Continuous::OFF));
        assert_eq!(answer::<Ph, _>(ContinuousQuery, "?C,100"), Err(Fault::OutOfRange));
        assert_eq!(Continuous::every(0), Err(Fault::Argument));
        assert_eq!(Continuous::every(100), Err(Fault::Argument));
    }

    #[test]
    fn size_of_an_export_may_have_a_prefix() {
        let size = ExportSize {
            strings: 10,
            bytes: 120,
        };
        assert_eq!(answer::<Ph, _>(ExportQuery, "10,120"), Ok(size));
        assert_eq!(answer::<Ph, _>(ExportQuery, "?EXPORT,10,120"), Ok(size));
    }

    #[test]
    fn export_ends_with_done() {
        assert_eq!(answer::<Ph, _>(Export::First, "*DONE"), Ok(None));
        let chunk = answer::<Ph, _>(Export::First, "59 6F 75 20").unwrap().unwrap();
        assert_eq!(chunk.as_str(), "59 6F 75 20");
        assert_eq!(
            answer::<Ph, _>(Export::First, "0123456789abc"),
            Err(Fault::Malformed)
        );
        assert_eq!(answer::<Ph, _>(Export::First, ""), Err(Fault::Malformed));
    }

    #[test]
    fn baud_rate_is_read() {
        assert_eq!(answer::<Ph, _>(BaudQuery, "?Baud,9600"), Ok(BaudRate::B9600));
    }

    #[test]
    fn setter_has_no_answer() {
        assert_eq!(answer::<Ph, _>(Find, ""), Ok(()));
        assert_eq!(answer::<Ph, _>(Find, "7.004"), Err(Fault::Malformed));
    }

    #[test]
    fn every_output_off_is_no_reading() {
        for text in ["no output", "No output", "NO OUTPUT"] {
            assert_eq!(
                answer::<Ec, _>(Read(OutputSet::all()), text),
                Err(Fault::NoOutput)
            );
        }
    }

    #[test]
    fn answer_to_another_command_is_refused() {
        assert_eq!(answer::<Ph, _>(LedQuery, "?Plock,1"), Err(Fault::Malformed));
        assert_eq!(answer::<Ph, _>(Read(()), "?L,1"), Err(Fault::Malformed));
        assert_eq!(answer::<Ph, _>(LedQuery, "7.004"), Err(Fault::Malformed));
    }

    #[test]
    fn bytes_of_a_broken_line_are_named() {
        assert_eq!(
            decode::<Ph, _>(&Read(()), b"7.0\xB04"),
            Err(Fault::Character(0xB0))
        );
        assert_eq!(decode::<Ph, _>(&Read(()), b"\x017.004"), Err(Fault::Character(1)));
    }
}

mod ph {
    use super::*;
    use crate::ph::*;

    fn reading(text: &str) -> Result<i16, Fault> {
        answer::<Ph, _>(Read(()), text).map(MilliPh::get)
    }

    #[test]
    fn reading_is_in_thousandths() {
        assert_eq!(reading("9.560"), Ok(9_560));
        assert_eq!(reading("6.536"), Ok(6_536));
        assert_eq!(reading("0.001"), Ok(1));
        assert_eq!(reading("13.999"), Ok(13_999));
    }

    #[test]
    fn end_of_the_scale_is_no_measurement() {
        assert_eq!(reading("0.000"), Err(Fault::Pinned));
        assert_eq!(reading("14.000"), Err(Fault::Pinned));
    }

    #[test]
    fn reading_beyond_the_scale_is_out_of_range() {
        assert_eq!(reading("14.001"), Err(Fault::OutOfRange));
        assert_eq!(reading("-0.001"), Err(Fault::OutOfRange));
    }

    #[test]
    fn garbage_is_no_reading_and_not_zero() {
        for text in [
            "",
            "*OK",
            "*ER",
            "7,004",
            "7.0.4",
            "7.004,25",
            "check probe",
            "nan",
            "7.",
            ".5",
        ] {
            assert_eq!(reading(text), Err(Fault::Malformed), "{text}");
        }
    }

    #[test]
    fn extended_range_ends_beyond_the_scale() {
        let reading = |text| answer::<Ph, _>(ReadExtended, text).map(ExtendedPh::get);
        assert_eq!(reading("-1.600"), Ok(-1_600));
        assert_eq!(reading("15.600"), Ok(15_600));
        assert_eq!(reading("14.000"), Ok(14_000));
        assert_eq!(reading("-1.601"), Err(Fault::OutOfRange));
        assert_eq!(reading("15.601"), Err(Fault::OutOfRange));
        assert_eq!(answer::<Ph, _>(ExtendedQuery, "?PHEXT,1"), Ok(Switch::On));
    }

    #[test]
    fn calibration_has_up_to_three_points() {
        let state = |text| answer::<Ph, _>(CalibrationQuery, text);
        assert_eq!(state("?Cal,0"), Ok(Calibration::None));
        assert_eq!(state("?CAL,1"), Ok(Calibration::Mid));
        assert_eq!(state("?Cal,2"), Ok(Calibration::MidLow));
        assert_eq!(state("?Cal,3"), Ok(Calibration::MidLowHigh));
        assert_eq!(state("?Cal,4"), Err(Fault::OutOfRange));
    }

    fn slope(text: &str) -> Result<Slope, Fault> {
        answer::<Ph, _>(SlopeQuery, text)
    }

    #[test]
    fn slope_of_new_firmware_has_three_fields() {
        let offset = Some(Microvolts::new(-890));
        assert_eq!(
            slope("?Slope,99.7,100.3,-0.89"),
            Ok(Slope {
                acid_permille: 997,
                base_permille: 1_003,
                offset
            })
        );
    }

    #[test]
    fn slope_of_old_firmware_has_two_fields() {
        assert_eq!(
            slope("?SLOPE,99.7,-100.3"),
            Ok(Slope {
                acid_permille: 997,
                base_permille: -1_003,
                offset: None
            })
        );
    }

    #[test]
    fn slope_with_one_or_four_fields_is_none() {
        assert_eq!(slope("?Slope,99.7"), Err(Fault::Malformed));
        assert_eq!(slope("?Slope,99.7,100.3,-0.89,1"), Err(Fault::Malformed));
    }

    fn health(text: &str) -> Health {
        slope(text).unwrap().health()
    }

    #[test]
    fn health_follows_the_slope() {
        assert_eq!(health("?Slope,95.0,105.0,0.0"), Health::Good);
        assert_eq!(health("?Slope,94.9,100.0,0.0"), Health::Worn);
        assert_eq!(health("?Slope,100.0,105.1,0.0"), Health::Worn);
        assert_eq!(health("?Slope,90.0,100.0,0.0"), Health::Worn);
        assert_eq!(health("?Slope,100.0,89.9,0.0"), Health::Spent);
        assert_eq!(health("?Slope,99.7,-100.3"), Health::Good);
    }

    #[test]
    fn health_follows_the_offset() {
        assert_eq!(health("?Slope,100.0,100.0,5.00"), Health::Good);
        assert_eq!(health("?Slope,100.0,100.0,-5.01"), Health::Worn);
        assert_eq!(health("?Slope,100.0,100.0,10.00"), Health::Worn);
        assert_eq!(health("?SLOPE,100.0,100.0,-20.06"), Health::Spent);
    }

    #[test]
    fn temperature_is_read_with_either_prefix() {
        assert_eq!(
            answer::<Ph, _>(TemperatureQuery, "?T,19.5"),
            Ok(MilliCelsius::new(19_500))
        );
        assert_eq!(
            answer::<Ph, _>(TemperatureQuery, "?,T,19.5"),
            Ok(MilliCelsius::new(19_500))
        );
    }
}

mod orp {
    use super::*;
    use crate::orp::*;

    #[test]
    fn reading_has_a_sign_and_tenths() {
        assert_eq!(answer::<Orp, _>(Read(()), "209.6"), Ok(Microvolts::new(209_600)));
        assert_eq!(
            answer::<Orp, _>(Read(()), "-120.5"),
            Ok(Microvolts::new(-120_500))
        );
    }

    #[test]
    fn reading_ends_at_1019_9() {
        assert_eq!(
            answer::<Orp, _>(Read(()), "-1019.9"),
            Ok(Microvolts::new(-1_019_900))
        );
        assert_eq!(answer::<Orp, _>(Read(()), "1020.0"), Err(Fault::OutOfRange));
        assert_eq!(
            answer::<Orp, _>(ReadExtended, "1020.0"),
            Ok(Microvolts::new(1_020_000))
        );
        assert_eq!(answer::<Orp, _>(ReadExtended, "-2100.1"), Err(Fault::OutOfRange));
    }

    #[test]
    fn calibration_is_done_or_not() {
        assert_eq!(
            answer::<Orp, _>(CalibrationQuery, "?CAL,1"),
            Ok(Calibration::Done)
        );
        assert_eq!(
            answer::<Orp, _>(CalibrationQuery, "?Cal,0"),
            Ok(Calibration::None)
        );
        assert_eq!(
            answer::<Orp, _>(CalibrationQuery, "?Cal,2"),
            Err(Fault::OutOfRange)
        );
        assert_eq!(answer::<Orp, _>(ExtendedQuery, "?ORPext,0"), Ok(Switch::Off));
    }
}

mod ec {
    use super::*;
    use crate::ec::{Calibration, CellConstant, CellQuery, Output, Reading, TdsFactorQuery};

    fn outputs(list: &[Output]) -> OutputSet<Output> {
        list.iter()
            .fold(OutputSet::EMPTY, |set, &output| set.with(output))
    }

    fn reading(list: &[Output], text: &str) -> Result<Reading, Fault> {
        answer::<Ec, _>(Read(outputs(list)), text)
    }

    const FULL: Reading = Reading {
        conductivity: Some(NanoSiemensPerCm::new(1_413_000)),
        tds: Some(MilliPpmTds::new(706_000)),
        salinity_centi_psu: Some(70),
        specific_gravity_milli: Some(1_000),
    };

    #[test]
    fn four_outputs_are_four_values() {
        assert_eq!(
            answer::<Ec, _>(Read(OutputSet::all()), "1413,706,0.70,1.000"),
            Ok(FULL)
        );
    }

    #[test]
    fn values_are_told_by_the_output_list_not_by_their_place() {
        let only = |reading: Reading| Ok(reading);
        assert_eq!(
            reading(&[Output::Tds], "706"),
            only(Reading {
                tds: FULL.tds,
                ..Reading::default()
            })
        );
        assert_eq!(
            reading(&[Output::SpecificGravity, Output::Conductivity], "1413,1.000"),
            only(Reading {
                conductivity: FULL.conductivity,
                specific_gravity_milli: FULL.specific_gravity_milli,
                ..Reading::default()
            })
        );
    }

    #[test]
    fn reading_that_does_not_match_the_list_is_refused() {
        assert_eq!(reading(&[Output::Conductivity], "1413,706"), Err(Fault::Fields));
        assert_eq!(
            reading(&[Output::Conductivity, Output::Tds], "1413"),
            Err(Fault::Fields)
        );
        assert_eq!(
            reading(&[Output::Conductivity, Output::Tds], "1413,"),
            Err(Fault::Malformed)
        );
    }

    #[test]
    fn values_out_of_range_are_refused() {
        assert!(reading(&[Output::Conductivity], "1000000").is_ok());
        assert_eq!(
            reading(&[Output::Conductivity], "1000001"),
            Err(Fault::OutOfRange)
        );
        assert_eq!(reading(&[Output::Conductivity], "-1"), Err(Fault::OutOfRange));
        assert!(reading(&[Output::Salinity], "42.00").is_ok());
        assert_eq!(reading(&[Output::Salinity], "42.01"), Err(Fault::OutOfRange));
        assert_eq!(
            reading(&[Output::SpecificGravity], "0.999"),
            Err(Fault::OutOfRange)
        );
        assert_eq!(
            reading(&[Output::SpecificGravity], "1.301"),
            Err(Fault::OutOfRange)
        );
    }

    #[test]
    fn output_list_comes_in_three_forms() {
        let list = |text| answer::<Ec, _>(OutputsQuery::<Output>::new(), text);
        let two = outputs(&[Output::Conductivity, Output::Tds]);
        assert_eq!(list("?,O,EC,TDS"), Ok(two));
        assert_eq!(list("?O,EC,TDS"), Ok(two));
        assert_eq!(list("?,O,EC,TDS,S,SG"), Ok(OutputSet::all()));
        assert_eq!(list("?,O"), Ok(OutputSet::EMPTY));
        assert_eq!(list("?,O,"), Ok(OutputSet::EMPTY));
        assert_eq!(list("No output"), Ok(OutputSet::EMPTY));
        assert_eq!(list("?,O,pH"), Err(Fault::Malformed));
    }

    #[test]
    fn calibration_has_up_to_three_states() {
        assert_eq!(
            answer::<Ec, _>(CalibrationQuery, "?CAL,2"),
            Ok(Calibration::TwoPoints)
        );
        assert_eq!(
            answer::<Ec, _>(CalibrationQuery, "?Cal,3"),
            Ok(Calibration::ThreePoints)
        );
    }

    #[test]
    fn cell_constant_and_factor_are_read() {
        assert_eq!(answer::<Ec, _>(CellQuery, "?K,1.0"), Ok(CellConstant::K1));
        assert_eq!(answer::<Ec, _>(CellQuery, "?K,0.05"), Err(Fault::OutOfRange));
        assert_eq!(CellConstant::new(9), Err(Fault::Argument));
        assert_eq!(CellConstant::new(1_001), Err(Fault::Argument));
        assert_eq!(
            answer::<Ec, _>(TdsFactorQuery, "?TDS,0.54"),
            Ok(TdsFactor::SCALE_540)
        );
        assert_eq!(answer::<Ec, _>(TdsFactorQuery, "?TDS,0"), Err(Fault::OutOfRange));
    }
}

mod dissolved_oxygen {
    use super::*;
    use crate::do_::{Output, *};

    fn reading(set: OutputSet<Output>, text: &str) -> Result<Reading, Fault> {
        answer::<Do, _>(Read(set), text)
    }

    #[test]
    fn reading_has_concentration_then_saturation() {
        let both = Reading {
            concentration: Some(MicrogramsPerLitre::new(8_420)),
            saturation: Some(PermilleSaturation::new(923)),
        };
        assert_eq!(reading(OutputSet::all(), "8.42,92.3"), Ok(both));
    }

    #[test]
    fn list_in_the_other_order_is_the_same_list() {
        let list = |text| answer::<Do, _>(OutputsQuery::<Output>::new(), text);
        assert_eq!(list("?,O,%,mg"), Ok(OutputSet::all()));
        assert_eq!(list("?,O,mg,%"), Ok(OutputSet::all()));
    }

    #[test]
    fn list_of_old_firmware_has_switches() {
        let list = answer::<Do, _>(OutputsQuery::<Output>::new(), "?O,MG,1,%,0");
        assert_eq!(list, Ok(OutputSet::EMPTY.with(Output::Concentration)));
    }

    #[test]
    fn impossible_values_are_refused() {
        let mg = OutputSet::EMPTY.with(Output::Concentration);
        let percent = OutputSet::EMPTY.with(Output::Saturation);
        assert!(reading(mg, "200.00").is_ok());
        assert_eq!(reading(mg, "200.01"), Err(Fault::OutOfRange));
        assert!(reading(percent, "800.0").is_ok());
        assert_eq!(reading(percent, "800.1"), Err(Fault::OutOfRange));
    }

    #[test]
    fn salinity_is_a_conductivity_or_ppt() {
        let salinity = |text: &[u8]| decode::<Do, _>(&SalinityQuery, text);
        let ec = Ok(Salinity::Conductivity(NanoSiemensPerCm::new(1_200_000)));
        assert_eq!(salinity(b"?S,1200,\xC2\xB5S"), ec); // UTF-8
        assert_eq!(salinity(b"?S,1200,\xB5S"), ec); // Latin-1
        assert_eq!(salinity(b"?S,1200,\xE6S"), ec); // code page 437
        assert_eq!(salinity(b"?S,1200,uS"), ec);
        assert_eq!(salinity(b"?S,1200"), ec);
        assert_eq!(salinity(b"?S,12.5,ppt"), Ok(Salinity::MilliPpt(12_500)));
        assert_eq!(salinity(b"?S,12.5,psu"), Err(Fault::Malformed));
        assert_eq!(salinity(b"?S,12.5,ppt,1"), Err(Fault::Malformed));
    }

    #[test]
    fn pressure_is_read_with_either_prefix() {
        assert_eq!(
            answer::<Do, _>(PressureQuery, "?,P,90.25"),
            Ok(Pascals::new(90_250))
        );
        assert_eq!(
            answer::<Do, _>(PressureQuery, "?P,101.3"),
            Ok(Pascals::new(101_300))
        );
    }

    #[test]
    fn calibration_has_up_to_two_points() {
        assert_eq!(
            answer::<Do, _>(CalibrationQuery, "?Cal,2"),
            Ok(Calibration::TwoPoints)
        );
        assert_eq!(
            answer::<Do, _>(CalibrationQuery, "?Cal,3"),
            Err(Fault::OutOfRange)
        );
    }
}

mod rtd {
    use super::*;
    use crate::rtd::*;

    fn reading(scale: Scale, text: &str) -> Result<i32, Fault> {
        answer::<Rtd, _>(Read(scale), text).map(MilliCelsius::get)
    }

    #[test]
    fn reading_is_in_celsius_in_whatever_scale_it_comes() {
        assert_eq!(reading(Scale::Celsius, "25.104"), Ok(25_104));
        assert_eq!(reading(Scale::Kelvin, "298.254"), Ok(25_104));
        assert_eq!(reading(Scale::Fahrenheit, "77.187"), Ok(25_104));
    }

    #[test]
    fn missing_probe_is_no_temperature() {
        assert_eq!(reading(Scale::Celsius, "-1023.000"), Err(Fault::Disconnected));
        assert_eq!(reading(Scale::Kelvin, "-749.850"), Err(Fault::Disconnected));
        assert_eq!(reading(Scale::Fahrenheit, "-1809.400"), Err(Fault::Disconnected));
        // As it would be if conversions of the circuit left the mark alone.
        assert_eq!(reading(Scale::Kelvin, "-1023.000"), Err(Fault::Disconnected));
    }

    #[test]
    fn temperature_outside_the_probe_is_refused() {
        assert_eq!(reading(Scale::Celsius, "-126.000"), Ok(-126_000));
        assert_eq!(reading(Scale::Celsius, "1254.000"), Ok(1_254_000));
        assert_eq!(reading(Scale::Celsius, "-126.001"), Err(Fault::OutOfRange));
        assert_eq!(reading(Scale::Celsius, "1254.001"), Err(Fault::OutOfRange));
        assert_eq!(reading(Scale::Celsius, "-1000.000"), Err(Fault::OutOfRange));
    }

    #[test]
    fn scale_is_read() {
        assert_eq!(answer::<Rtd, _>(ScaleQuery, "?S,c"), Ok(Scale::Celsius));
        assert_eq!(answer::<Rtd, _>(ScaleQuery, "?S,K"), Ok(Scale::Kelvin));
        assert_eq!(answer::<Rtd, _>(ScaleQuery, "?S,f"), Ok(Scale::Fahrenheit));
        assert_eq!(answer::<Rtd, _>(ScaleQuery, "?S,x"), Err(Fault::Malformed));
    }

    #[test]
    fn logger_and_memory_are_read() {
        assert_eq!(answer::<Rtd, _>(LoggerQuery, "?D,6"), Ok(6));
        assert_eq!(answer::<Rtd, _>(StoredQuery, "?M,4"), Ok(4));
        let stored = Stored {
            index: 4,
            temperature: MilliCelsius::new(112_000),
        };
        assert_eq!(answer::<Rtd, _>(Recall(Scale::Celsius), "4,112.00"), Ok(stored));
        assert_eq!(
            answer::<Rtd, _>(Recall(Scale::Celsius), "112.00"),
            Err(Fault::Malformed)
        );
    }

    #[test]
    fn memory_is_recalled_in_one() {
        let memory = answer::<Rtd, _>(RecallAll(Scale::Celsius), "100.00,104.00,108.00,112.00").unwrap();
        assert_eq!(
            memory,
            [100_000, 104_000, 108_000, 112_000].map(MilliCelsius::new)
        );
    }

    #[test]
    fn memory_has_50_readings() {
        let text = std::vec!["-12.34"; 50].join(",");
        assert_eq!(
            answer::<Rtd, _>(RecallAll(Scale::Celsius), &text).map(|memory| memory.len()),
            Ok(50)
        );
        let text = std::vec!["-12.34"; 51].join(",");
        assert_eq!(
            answer::<Rtd, _>(RecallAll(Scale::Celsius), &text),
            Err(Fault::Truncated)
        );
    }
}

mod hum {
    use super::*;
    use crate::hum::{Output, *};

    fn set(list: &[Output]) -> OutputSet<Output> {
        list.iter()
            .fold(OutputSet::EMPTY, |set, &output| set.with(output))
    }

    const ALL: Reading = Reading {
        humidity: match PermilleRh::new(452) {
            Ok(humidity) => Some(humidity),
            Err(_) => None,
        },
        temperature: Some(MilliCelsius::new(22_400)),
        dew_point: Some(MilliCelsius::new(9_940)),
    };

    #[test]
    fn dew_point_may_have_its_name_in_front() {
        assert_eq!(
            answer::<Hum, _>(Read(OutputSet::all()), "45.20,22.40,Dew,9.94"),
            Ok(ALL)
        );
        assert_eq!(
            answer::<Hum, _>(Read(OutputSet::all()), "45.20,22.40,9.94"),
            Ok(ALL)
        );
    }

    #[test]
    fn dew_point_alone_may_have_its_name_in_front() {
        let dew = Reading {
            dew_point: ALL.dew_point,
            ..Reading::default()
        };
        assert_eq!(
            answer::<Hum, _>(Read(set(&[Output::DewPoint])), "Dew,9.94"),
            Ok(dew)
        );
        assert_eq!(answer::<Hum, _>(Read(set(&[Output::DewPoint])), "9.94"), Ok(dew));
    }

    #[test]
    fn humidity_and_dew_point_without_temperature() {
        let both = Reading {
            humidity: Some(PermilleRh::new(485).unwrap()),
            dew_point: Some(MilliCelsius::new(9_200)),
            temperature: None,
        };
        let outputs = set(&[Output::Humidity, Output::DewPoint]);
        assert_eq!(answer::<Hum, _>(Read(outputs), "48.5,9.2"), Ok(both));
        assert_eq!(answer::<Hum, _>(Read(outputs), "48.5,Dew,9.2"), Ok(both));
    }

    #[test]
    fn name_of_the_dew_point_anywhere_else_is_refused() {
        let all = OutputSet::all();
        for text in [
            "Dew,45.20,22.40,9.94",
            "45.20,Dew,22.40,9.94",
            "45.20,22.40,9.94,Dew",
            "45.20,22.40,Dew,Dew,9.94",
        ] {
            assert_eq!(answer::<Hum, _>(Read(all), text), Err(Fault::Fields), "{text}");
        }
        let two = set(&[Output::Humidity, Output::Temperature]);
        assert_eq!(answer::<Hum, _>(Read(two), "45.20,Dew,9.94"), Err(Fault::Fields));
    }

    #[test]
    fn impossible_values_are_refused() {
        let reading = |output, text| answer::<Hum, _>(Read(set(&[output])), text);
        assert_eq!(reading(Output::Humidity, "100.1"), Err(Fault::OutOfRange));
        assert_eq!(reading(Output::Temperature, "125.001"), Err(Fault::OutOfRange));
        assert_eq!(reading(Output::Temperature, "-1023.000"), Err(Fault::OutOfRange));
    }

    #[test]
    fn lists_and_monitor_are_read() {
        assert_eq!(
            answer::<Hum, _>(OutputsQuery::<Output>::new(), "?,O,HUM,T,Dew"),
            Ok(OutputSet::all())
        );
        assert_eq!(answer::<Hum, _>(TrimQuery, "?Tcal,1"), Ok(Switch::On));
        assert_eq!(
            answer::<Hum, _>(MonitorQuery, "?Auto,60.00,5.00,2"),
            Ok(Alarm {
                level: Level(60_000),
                tolerance: Level(5_000),
                mode: Monitor::DewPoint
            })
        );
        assert_eq!(
            answer::<Hum, _>(MonitorQuery, "?Auto,60.00,5.00,3"),
            Err(Fault::Malformed)
        );
    }
}

mod others {
    use super::*;

    #[test]
    fn carbon_dioxide_may_come_with_a_temperature() {
        let both = co2::Reading {
            carbon_dioxide: Some(PpmCo2::new(1_250)),
            temperature: Some(MilliCelsius::new(31_600)),
        };
        assert_eq!(answer::<Co2, _>(Read(OutputSet::all()), "1250,31.6"), Ok(both));
        let one = OutputSet::EMPTY.with(co2::Output::CarbonDioxide);
        assert_eq!(
            answer::<Co2, _>(Read(one), "1250"),
            Ok(co2::Reading {
                temperature: None,
                ..both
            })
        );
    }

    #[test]
    fn carbon_dioxide_ends_at_10000_ppm() {
        let one = OutputSet::EMPTY.with(co2::Output::CarbonDioxide);
        assert!(answer::<Co2, _>(Read(one), "10000").is_ok());
        assert_eq!(answer::<Co2, _>(Read(one), "10001"), Err(Fault::OutOfRange));
    }

    #[test]
    fn cold_sensor_is_warming_up() {
        assert_eq!(
            answer::<Co2, _>(Read(OutputSet::all()), "*WARM"),
            Err(Fault::WarmingUp)
        );
    }

    #[test]
    fn alarm_of_carbon_dioxide_is_read() {
        assert_eq!(
            answer::<Co2, _>(co2::AlarmQuery, "?Alarm,1200,500,1"),
            Ok(Alarm {
                level: PpmCo2::new(1_200),
                tolerance: PpmCo2::new(500),
                mode: Switch::On
            })
        );
        assert_eq!(
            answer::<Co2, _>(CalibrationQuery, "?Cal,3"),
            Ok(co2::Calibration::Both)
        );
        assert_eq!(
            answer::<Co2, _>(OutputsQuery::<co2::Output>::new(), "?,O,ppm,t"),
            Ok(OutputSet::all())
        );
    }

    #[test]
    fn flow_is_a_number_in_units_of_the_meter() {
        let reading = answer::<Flo, _>(Read(OutputSet::all()), "75.43,1.55").unwrap();
        assert_eq!(reading.total, Decimal::new(75_430, 3).ok());
        assert_eq!(reading.rate, Decimal::new(1_550, 3).ok());
        let rate = OutputSet::EMPTY.with(flo::Output::Rate);
        assert_eq!(
            answer::<Flo, _>(Read(rate), "1.55").map(|reading| reading.total),
            Ok(None)
        );
        assert_eq!(answer::<Flo, _>(Read(rate), "-1.55"), Err(Fault::OutOfRange));
    }

    #[test]
    fn settings_of_a_meter_are_read() {
        assert_eq!(
            answer::<Flo, _>(flo::MeterQuery, "?Set,3/8"),
            Ok(flo::Meter::ThreeEighths)
        );
        assert_eq!(
            answer::<Flo, _>(flo::RateBaseQuery, "?Frp,h"),
            Ok(flo::TimeBase::Hour)
        );
        assert_eq!(
            answer::<Flo, _>(flo::ConversionQuery, "?CF,0.001"),
            Ok(Decimal::new(1, 3).unwrap())
        );
        assert_eq!(
            answer::<Flo, _>(flo::PointsQuery, "?K,0.1,5").as_deref(),
            Ok("?K,0.1,5")
        );
        assert_eq!(
            answer::<Flo, _>(OutputsQuery::<flo::Output>::new(), "?,O,TV,FR"),
            Ok(OutputSet::all())
        );
    }

    #[test]
    fn pressure_is_in_pascals_in_whatever_unit_it_comes() {
        for (unit, text, pascals) in [
            (prs::Unit::Psi, "12.34", 85_081),
            (prs::Unit::Atmosphere, "1.000", 101_325),
            (prs::Unit::Bar, "1.234", 123_400),
            (prs::Unit::Kilopascal, "101.325", 101_325),
            (prs::Unit::InchOfWater, "100.0", 24_909),
            (prs::Unit::CentimetreOfWater, "100.0", 9_807),
        ] {
            assert_eq!(
                answer::<Prs, _>(Read(unit), text),
                Ok(Pascals::new(pascals)),
                "{unit:?}"
            );
        }
    }

    #[test]
    fn pressure_may_come_with_its_unit() {
        let reading = |text| answer::<Prs, _>(Read(prs::Unit::Psi), text);
        assert_eq!(reading("0.00,psi"), Ok(Pascals::new(0)));
        assert_eq!(reading("0.00,bar"), Err(Fault::Fields));
        assert_eq!(reading("0.00,mmHg"), Err(Fault::Malformed));
        assert_eq!(reading("0.00,psi,1"), Err(Fault::Malformed));
    }

    #[test]
    fn pressure_ends_at_50_psi_and_a_little() {
        let reading = |text| answer::<Prs, _>(Read(prs::Unit::Psi), text);
        assert_eq!(reading("50.00"), Ok(Pascals::new(344_738)));
        assert_eq!(reading("-0.02"), Ok(Pascals::new(-138)));
        assert_eq!(reading("52.00"), Err(Fault::OutOfRange));
        assert_eq!(reading("-2.00"), Err(Fault::OutOfRange));
        assert_eq!(reading("99999999999"), Err(Fault::OutOfRange));
    }

    #[test]
    fn settings_of_a_pressure_circuit_are_read() {
        assert_eq!(
            answer::<Prs, _>(prs::UnitQuery, "?U,kPa"),
            Ok(prs::Unit::Kilopascal)
        );
        assert_eq!(answer::<Prs, _>(prs::DecimalsQuery, "?Dec,3"), Ok(3));
        let alarm = answer::<Prs, _>(prs::AlarmQuery, "?Alarm,12.5,0.5,0").unwrap();
        assert_eq!(
            (alarm.level.raw(), alarm.tolerance.raw(), alarm.mode),
            (12_500, 500, Switch::Off)
        );
        assert_eq!(
            answer::<Prs, _>(CalibrationQuery, "?Cal,1"),
            Ok(prs::Calibration::Zero)
        );
    }
}

mod pump {
    use super::*;
    use crate::pmp::{Output, *};

    #[test]
    fn dispensed_volume_is_read() {
        let volume = OutputSet::EMPTY.with(Output::Volume);
        let reading = answer::<Pmp, _>(Read(volume), "15.00").unwrap();
        assert_eq!(reading.volume, Some(Microlitres::new(15_000)));
        let reading = answer::<PmpL, _>(Read(OutputSet::all()), "15.00,-3.50,434.50").unwrap();
        assert_eq!(reading.total, Some(Microlitres::new(-3_500)));
        assert_eq!(reading.absolute_total, Some(Microlitres::new(434_500)));
    }

    #[test]
    fn requested_volume_may_be_a_star() {
        let query = |text| answer::<Pmp, _>(DispenseQuery, text).unwrap();
        let volume = Amount::Volume(Microlitres::new(-40_500));
        assert_eq!(
            query("?D,-40.50,0"),
            Dispensing {
                requested: volume,
                running: Switch::Off
            }
        );
        let endless = Amount::Endless(Direction::Forward);
        assert_eq!(
            query("?D,*,1"),
            Dispensing {
                requested: endless,
                running: Switch::On
            }
        );
        let endless = Amount::Endless(Direction::Reverse);
        assert_eq!(
            query("?D,-*,1"),
            Dispensing {
                requested: endless,
                running: Switch::On
            }
        );
    }

    #[test]
    fn stop_tells_the_volume() {
        assert_eq!(
            answer::<Pmp, _>(Stop, "*DONE,12.35"),
            Ok(Microlitres::new(12_350))
        );
        assert_eq!(answer::<Pmp, _>(Stop, "*DONE"), Err(Fault::Malformed));
        assert_eq!(answer::<Pmp, _>(Stop, "12.35"), Err(Fault::Malformed));
    }

    #[test]
    fn fastest_rate_is_read_in_both_cases() {
        let rate = Ok(MicrolitresPerMinute::new(58_500));
        assert_eq!(answer::<Pmp, _>(FastestQuery, "?MAXRATE,58.5"), rate);
        assert_eq!(answer::<Pmp, _>(FastestQuery, "?maxrate,58.5"), rate);
    }

    #[test]
    fn totals_and_supply_are_read() {
        assert_eq!(
            answer::<Pmp, _>(TotalQuery, "?TV,623.00"),
            Ok(Microlitres::new(623_000))
        );
        assert_eq!(
            answer::<Pmp, _>(AbsoluteTotalQuery, "?ATV,434.50"),
            Ok(Microlitres::new(434_500))
        );
        assert_eq!(
            answer::<Pmp, _>(MotorSupplyQuery, "?PV,13.86"),
            Ok(Millivolts::new(13_860))
        );
        assert_eq!(answer::<Pmp, _>(PauseQuery, "?P,1"), Ok(Switch::On));
        assert_eq!(answer::<Pmp, _>(DirectionQuery, "?Invert,1"), Ok(Switch::On));
        assert_eq!(
            answer::<Pmp, _>(CalibrationQuery, "?CAL,3"),
            Ok(Calibration::Both)
        );
    }

    #[test]
    fn startup_is_off_or_a_dose() {
        let query = |text| answer::<Pmp, _>(StartupQuery, text);
        assert_eq!(query("?Dstart,0"), Ok(Startup::Off));
        assert_eq!(query("?Dstart,off"), Ok(Startup::Off));
        assert_eq!(
            query("?Dstart,10.00"),
            Ok(Startup::Dispense(Amount::Volume(Microlitres::new(10_000))))
        );
        assert_eq!(
            query("?Dstart,-*"),
            Ok(Startup::Dispense(Amount::Endless(Direction::Reverse)))
        );
        assert_eq!(
            query("?Dstart,10.00,5"),
            Ok(Startup::DispenseOver(
                Microlitres::new(10_000),
                fugit::MinutesDurationU32::from_ticks(5)
            ))
        );
        assert_eq!(query("?Dstart,*,5"), Err(Fault::Malformed));
        assert_eq!(query("?Dstart"), Err(Fault::Malformed));
    }

    #[test]
    fn large_pump_may_call_itself_a_pump() {
        assert!(PmpL::is(Kind::Pmp) && PmpL::is(Kind::PmpL));
        assert!(Pmp::is(Kind::Pmp) && !Pmp::is(Kind::PmpL));
        assert!(!PmpL::is(Kind::Ph));
    }
}

mod faults {
    use super::*;

    #[test]
    fn origin_tells_circuit_text_wait_and_caller_apart() {
        for fault in [
            Fault::Syntax,
            Fault::NoData,
            Fault::Status(0),
            Fault::Floating,
            Fault::Restarted,
            Fault::Disconnected,
        ] {
            assert_eq!(fault.origin(), Origin::Circuit);
        }
        for fault in [
            Fault::Truncated,
            Fault::Character(0),
            Fault::Malformed,
            Fault::OutOfRange,
            Fault::Fields,
        ] {
            assert_eq!(fault.origin(), Origin::Text);
        }
        for fault in [Fault::Timeout, Fault::Busy, Fault::EndOfStream, Fault::Babble] {
            assert_eq!(fault.origin(), Origin::Wait);
        }
        assert_eq!(Fault::Argument.origin(), Origin::Caller);
        assert_eq!(Fault::CalibrationOrder.origin(), Origin::Caller);
    }

    #[test]
    fn errors_say_what_happened() {
        use std::string::ToString as _;
        assert_eq!(Error::<u8>::Bus(7).to_string(), "bus error: 7");
        assert_eq!(
            Error::<u8>::Device(Fault::Status(3)).to_string(),
            "the circuit answered with status 3"
        );
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = decode::<Ph, _>(&Information, &text);
        let _ = decode::<Ph, _>(&Status, &text);
        let _ = decode::<Ph, _>(&Read(()), &text);
        let _ = decode::<Ph, _>(&crate::ph::SlopeQuery, &text);
        let _ = decode::<Ph, _>(&crate::ph::ReadExtended, &text);
        let _ = decode::<Ec, _>(&Read(OutputSet::all()), &text);
        let _ = decode::<Ec, _>(&OutputsQuery::<crate::ec::Output>::new(), &text);
        let _ = decode::<Do, _>(&crate::do_::SalinityQuery, &text);
        let _ = decode::<Rtd, _>(&crate::rtd::RecallAll(crate::rtd::Scale::Fahrenheit), &text);
        let _ = decode::<Hum, _>(&Read(OutputSet::all()), &text);
        let _ = decode::<Prs, _>(&Read(crate::prs::Unit::Psi), &text);
        let _ = decode::<Pmp, _>(&crate::pmp::StartupQuery, &text);
        let _ = decode::<Pmp, _>(&crate::pmp::Stop, &text);
        let _ = decode::<Ph, _>(&Export::First, &text);
    }

    #[test]
    fn plausible_text_is_read_or_refused_but_never_garbled(
        text in "[?,.*0-9A-Za-z +-]{0,40}"
    ) {
        if let Ok(ph) = decode::<Ph, _>(&Read(()), text.as_bytes()) {
            let trimmed = text.trim();
            prop_assert_eq!(trimmed.parse::<MilliPh>().ok(), Some(ph));
        }
    }

    #[test]
    fn every_reading_comes_back(milli in 1_i16..14_000) {
        let text = std::format!("{:.3}", MilliPh::new(milli).unwrap().number());
        prop_assert_eq!(answer::<Ph, _>(Read(()), &text).map(MilliPh::get), Ok(milli));
    }
}
