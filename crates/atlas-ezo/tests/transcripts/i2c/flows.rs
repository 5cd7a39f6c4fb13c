//! Several commands in a row.

use super::Act::{Read, Wait, Write};
use crate::{fault, i2c, ok};
use atlas_ezo::quantity::*;
use atlas_ezo::*;
use atlas_ezo::{I2c, asynch, blocking};

const DONE: &[u8] = &[0x01];

fn ph(milli: i16) -> MilliPh {
    MilliPh::new(milli).unwrap()
}

fn celsius(milli: i32) -> MilliCelsius {
    MilliCelsius::new(milli)
}

i2c! { flow init_takes_a_circuit_of_its_kind: Ph,
    [Write(0x63, "i"), Wait(20), Read(0x63, b"\x01?i,pH,2.12")],
    init() => ok(Information { kind: Kind::Ph, firmware: Firmware::from_hundredths(212) })
}

i2c! { flow init_refuses_a_circuit_of_another_kind: Ph,
    [Write(0x63, "i"), Wait(20), Read(0x63, b"\x01?i,EC,2.12")],
    init() => fault(Fault::WrongCircuit(Kind::Ec))
}

i2c! { flow compensated_reading_is_checked_afterwards: Ph,
    [
        Write(0x63, "T,19.5"), Wait(20), Read(0x63, DONE),
        Write(0x63, "R"), Wait(450), Read(0x63, b"\x017.004"),
        Write(0x63, "T,?"), Wait(20), Read(0x63, b"\x01?T,19.5"),
    ],
    read_at(celsius(19_500)) => ok(ph(7_004))
}

i2c! { flow same_temperature_is_not_sent_again: Ph,
    [
        Write(0x63, "T,19.5"), Wait(20), Read(0x63, DONE),
        Write(0x63, "R"), Wait(450), Read(0x63, b"\x017.004"),
        Write(0x63, "T,?"), Wait(20), Read(0x63, b"\x01?T,19.5"),
        Write(0x63, "R"), Wait(20), Read(0x63, b"\x017.005"),
        Write(0x63, "T,?"), Wait(20), Read(0x63, b"\x01?T,19.5"),
    ],
    read_at(celsius(19_500)) => ok(ph(7_004)),
    read_at(celsius(19_540)) => ok(ph(7_005))
}

i2c! { flow circuit_that_has_restarted_is_told_the_temperature_again: Ph,
    [
        Write(0x63, "T,19.5"), Wait(20), Read(0x63, DONE),
        Write(0x63, "R"), Wait(450), Read(0x63, b"\x017.004"),
        Write(0x63, "T,?"), Wait(20), Read(0x63, b"\x01?T,25.0"),
        Write(0x63, "T,19.5"), Wait(20), Read(0x63, DONE),
        Write(0x63, "R"), Wait(20), Read(0x63, b"\x017.010"),
        Write(0x63, "T,?"), Wait(20), Read(0x63, b"\x01?T,19.5"),
    ],
    read_at(celsius(19_500)) => ok(ph(7_010))
}

i2c! { flow circuit_that_restarts_again_and_again_is_given_up: Ph,
    [
        Write(0x63, "T,19.5"), Wait(20), Read(0x63, DONE),
        Write(0x63, "R"), Wait(450), Read(0x63, b"\x017.004"),
        Write(0x63, "T,?"), Wait(20), Read(0x63, b"\x01?T,25.0"),
        Write(0x63, "T,19.5"), Wait(20), Read(0x63, DONE),
        Write(0x63, "R"), Wait(20), Read(0x63, b"\x017.010"),
        Write(0x63, "T,?"), Wait(20), Read(0x63, b"\x01?T,25.0"),
    ],
    read_at(celsius(19_500)) => fault(Fault::Restarted)
}

i2c! { flow temperature_is_told_again_after_factory: Ph,
    [
        Write(0x63, "T,19.5"), Wait(20), Read(0x63, DONE),
        Write(0x63, "R"), Wait(450), Read(0x63, b"\x017.004"),
        Write(0x63, "T,?"), Wait(20), Read(0x63, b"\x01?T,19.5"),
        Write(0x63, "Factory"), Wait(1_200),
        Write(0x63, "T,19.5"), Wait(20), Read(0x63, DONE),
        Write(0x63, "R"), Wait(20), Read(0x63, b"\x017.004"),
        Write(0x63, "T,?"), Wait(20), Read(0x63, b"\x01?T,19.5"),
    ],
    read_at(celsius(19_500)) => ok(ph(7_004)),
    execute(&command::Factory) => ok(()),
    read_at(celsius(19_500)) => ok(ph(7_004))
}

i2c! { flow mid_point_is_calibrated_at_any_time: Ph,
    [
        Write(0x63, "Cal,?"), Wait(20), Read(0x63, b"\x01?Cal,3"),
        Write(0x63, "Cal,mid,7.00"), Wait(450), Read(0x63, DONE),
        Write(0x63, "Cal,?"), Wait(20), Read(0x63, b"\x01?Cal,1"),
    ],
    calibrate(&ph::Point::Mid(ph(7_000))) =>
        ok(Calibrated { before: ph::Calibration::MidLowHigh, after: ph::Calibration::Mid })
}

i2c! { flow low_point_before_the_mid_point_is_refused: Ph,
    [Write(0x63, "Cal,?"), Wait(20), Read(0x63, b"\x01?Cal,0")],
    calibrate(&ph::Point::Low(ph(4_000))) => fault(Fault::CalibrationOrder)
}

i2c! { flow low_point_after_the_mid_point_is_calibrated: Ph,
    [
        Write(0x63, "Cal,?"), Wait(20), Read(0x63, b"\x01?Cal,1"),
        Write(0x63, "Cal,low,4.00"), Wait(450), Read(0x63, DONE),
        Write(0x63, "Cal,?"), Wait(20), Read(0x63, b"\x01?Cal,2"),
    ],
    calibrate(&ph::Point::Low(ph(4_000))) =>
        ok(Calibrated { before: ph::Calibration::Mid, after: ph::Calibration::MidLow })
}

i2c! { flow wet_point_before_dry_is_refused: Ec,
    [Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0")],
    calibrate(&ec::Point::Single(NanoSiemensPerCm::new(1_413_000))) => fault(Fault::CalibrationOrder)
}

i2c! { flow dry_point_is_remembered_though_the_circuit_does_not_show_it: Ec,
    [
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,dry"), Wait(300), Read(0x64, DONE),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,1413"), Wait(20), Read(0x64, DONE),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,1"),
    ],
    calibrate(&ec::Point::Dry) => ok(Calibrated { before: ec::Calibration::None, after: ec::Calibration::None }),
    calibrate(&ec::Point::Single(NanoSiemensPerCm::new(1_413_000))) =>
        ok(Calibrated { before: ec::Calibration::None, after: ec::Calibration::OnePoint })
}

i2c! { flow high_point_before_the_low_one_is_refused: Ec,
    [Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,1")],
    calibrate(&ec::Point::High(NanoSiemensPerCm::new(80_000_000))) => fault(Fault::CalibrationOrder)
}

i2c! { flow dry_point_makes_the_low_one_undone: Ec,
    [
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,dry"), Wait(300), Read(0x64, DONE),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,low,12880"), Wait(20), Read(0x64, DONE),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,dry"), Wait(20), Read(0x64, DONE),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
    ],
    calibrate(&ec::Point::Dry) => ok(Calibrated { before: ec::Calibration::None, after: ec::Calibration::None }),
    calibrate(&ec::Point::Low(NanoSiemensPerCm::new(12_880_000))) =>
        ok(Calibrated { before: ec::Calibration::None, after: ec::Calibration::None }),
    calibrate(&ec::Point::Dry) => ok(Calibrated { before: ec::Calibration::None, after: ec::Calibration::None }),
    calibrate(&ec::Point::High(NanoSiemensPerCm::new(80_000_000))) => fault(Fault::CalibrationOrder)
}

i2c! { flow refused_point_is_not_remembered: Ec,
    [
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
        Write(0x64, "Cal,dry"), Wait(300), Read(0x64, &[0x02]),
        Write(0x64, "Cal,?"), Wait(20), Read(0x64, b"\x01?CAL,0"),
    ],
    calibrate(&ec::Point::Dry) => fault(Fault::Syntax),
    calibrate(&ec::Point::Low(NanoSiemensPerCm::new(12_880_000))) => fault(Fault::CalibrationOrder)
}

fn backup(chunks: &[&str]) -> Backup {
    let mut backup = Backup::new();
    for chunk in chunks {
        backup.push(Chunk::new(chunk.as_bytes()).unwrap()).unwrap();
    }
    backup
}

i2c! { flow export_is_read_string_by_string: Ph,
    [
        Write(0x63, "Export,?"), Wait(20), Read(0x63, b"\x012,17"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01596F75206172"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x0165207"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01*DONE"),
    ],
    export::<16>() => ok(backup(&["596F75206172", "65207"]))
}

i2c! { flow export_that_is_too_short_is_incomplete: Ph,
    [
        Write(0x63, "Export,?"), Wait(20), Read(0x63, b"\x012,24"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01596F75206172"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01*DONE"),
    ],
    export::<16>() => fault(Fault::Incomplete)
}

i2c! { flow export_with_a_byte_too_few_is_incomplete: Ph,
    [
        Write(0x63, "Export,?"), Wait(20), Read(0x63, b"\x012,18"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01596F75206172"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x0165207"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01*DONE"),
    ],
    export::<16>() => fault(Fault::Incomplete)
}

i2c! { flow export_without_an_end_is_given_up: Ph,
    [
        Write(0x63, "Export,?"), Wait(20), Read(0x63, b"\x011,12"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01596F75206172"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01596F75206172"),
    ],
    export::<16>() => fault(Fault::Incomplete)
}

i2c! { flow export_that_does_not_fit_is_told: Ph,
    [
        Write(0x63, "Export,?"), Wait(20), Read(0x63, b"\x012,24"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01596F75206172"),
        Write(0x63, "Export"), Wait(20), Read(0x63, b"\x01596F75206172"),
    ],
    export::<1>() => fault(Fault::Truncated)
}

i2c! { flow nothing_is_read_after_the_last_string_of_an_import: Ph,
    [
        Write(0x63, "Import,596F75206172"), Wait(20), Read(0x63, DONE),
        Write(0x63, "Import,65207"), Wait(1_200),
    ],
    import(&backup(&["596F75206172", "65207"])) => ok(())
}

i2c! { flow refused_string_ends_an_import: Ph,
    [Write(0x63, "Import,596F75206172"), Wait(20), Read(0x63, &[0x02])],
    import(&backup(&["596F75206172", "65207"])) => fault(Fault::Syntax)
}

/// What a pump does, in both front ends.
macro_rules! pump {
    ($name:ident: [$($act:expr),* $(,)?], $($method:ident($($arg:expr),*) => $expected:expr),+ $(,)?) => {
        mod $name {
            use super::*;

            #[test]
            fn blocking() {
                let script = [$($act),*];
                let mut bus = crate::i2c::i2c_mock(&script, 48);
                let mut delay = crate::i2c::delay_mock(&script, true);
                let mut pump = blocking::Pump::<_>::new(blocking::Ezo::new(I2c::new(bus.clone(), Pmp::ADDRESS, delay.clone())));
                $(assert_eq!(format!("{:?}", pump.$method($($arg),*)), $expected);)+
                bus.done();
                delay.done();
            }

            #[test]
            fn asynchronous() {
                let script = [$($act),*];
                let mut bus = crate::i2c::i2c_mock(&script, 48);
                let mut delay = crate::i2c::delay_mock(&script, false);
                let mut pump = asynch::Pump::<_>::new(asynch::Ezo::new(I2c::new(bus.clone(), Pmp::ADDRESS, delay.clone())));
                embassy_futures::block_on(async {
                    $(assert_eq!(format!("{:?}", pump.$method($($arg),*).await), $expected);)+
                });
                bus.done();
                delay.done();
            }
        }
    };
}

fn volume(micro: i64) -> Microlitres {
    Microlitres::new(micro)
}

fn minutes(minutes: u32) -> fugit::MinutesDurationU32 {
    fugit::MinutesDurationU32::from_ticks(minutes)
}

pump! { pump_is_asked_whether_it_may_before_a_dose: [
        Write(0x67, "Dstart,?"), Wait(20), Read(0x67, b"\x01?Dstart,0"),
        Write(0x67, "D,?"), Wait(20), Read(0x67, b"\x01?D,0.00,0"),
        Write(0x67, "D,10.5"), Wait(20), Read(0x67, DONE),
    ],
    dose(volume(10_500)) => ok(())
}

pump! { armed_pump_does_not_dose: [
        Write(0x67, "Dstart,?"), Wait(20), Read(0x67, b"\x01?Dstart,10.00"),
    ],
    dose(volume(10_500)) => fault(Fault::Armed)
}

pump! { disarmed_pump_doses: [
        Write(0x67, "Dstart,off"), Wait(20), Read(0x67, DONE),
        Write(0x67, "Dstart,?"), Wait(20), Read(0x67, b"\x01?Dstart,0"),
        Write(0x67, "D,?"), Wait(20), Read(0x67, b"\x01?D,0.00,0"),
        Write(0x67, "D,0.5"), Wait(20), Read(0x67, DONE),
    ],
    disarm() => ok(()),
    dose(volume(500)) => ok(())
}

pump! { running_pump_is_not_given_another_dose: [
        Write(0x67, "Dstart,?"), Wait(20), Read(0x67, b"\x01?Dstart,0"),
        Write(0x67, "D,?"), Wait(20), Read(0x67, b"\x01?D,10.00,1"),
    ],
    dose(volume(10_500)) => fault(Fault::Running)
}

pump! { less_than_half_a_millilitre_is_refused: [],
    dose(volume(499)) => fault(Fault::TooLittle),
    dose(volume(-499)) => fault(Fault::TooLittle),
    dose_over(volume(499), minutes(1)) => fault(Fault::TooLittle)
}

pump! { dose_over_time_and_at_a_rate: [
        Write(0x67, "Dstart,?"), Wait(20), Read(0x67, b"\x01?Dstart,0"),
        Write(0x67, "D,?"), Wait(20), Read(0x67, b"\x01?D,0.00,0"),
        Write(0x67, "D,100,30"), Wait(20), Read(0x67, DONE),
        Write(0x67, "Dstart,?"), Wait(20), Read(0x67, b"\x01?Dstart,0"),
        Write(0x67, "D,?"), Wait(20), Read(0x67, b"\x01?D,100.00,0"),
        Write(0x67, "DC,25,*"), Wait(20), Read(0x67, &[0x02]),
    ],
    dose_over(volume(100_000), minutes(30)) => ok(()),
    dose_at(MicrolitresPerMinute::new(25_000), None) => fault(Fault::Syntax)
}

pump! { stop_returns_what_was_delivered: [
        Write(0x67, "X"), Wait(20), Read(0x67, b"\x01*DONE,3.25"),
        Write(0x67, "O,?"), Wait(20), Read(0x67, b"\x01?,O,V"),
        Write(0x67, "R"), Wait(150), Read(0x67, b"\x013.25"),
    ],
    stop() => ok(volume(3_250)),
    delivered() => ok(volume(3_250))
}

pump! { pause_is_toggled_only_if_it_has_to_be: [
        Write(0x67, "P,?"), Wait(20), Read(0x67, b"\x01?P,0"),
        Write(0x67, "P"), Wait(20), Read(0x67, DONE),
        Write(0x67, "P,?"), Wait(20), Read(0x67, b"\x01?P,1"),
    ],
    set_paused(Switch::On) => ok(()),
    set_paused(Switch::On) => ok(())
}

pump! { totals_and_supply: [
        Write(0x67, "TV,?"), Wait(20), Read(0x67, b"\x01?TV,623.00"),
        Write(0x67, "ATV,?"), Wait(20), Read(0x67, b"\x01?ATV,700.50"),
        Write(0x67, "PV,?"), Wait(20), Read(0x67, b"\x01?PV,13.86"),
    ],
    totals() => ok(Totals { net: volume(623_000), absolute: volume(700_500) }),
    motor_supply() => ok(Millivolts::new(13_860))
}
