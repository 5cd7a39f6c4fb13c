//! One command, one answer.

use super::Act::{Nack, Read, ReadFails, Wait, Write};
use super::bus::NACK;
use crate::{bus, fault, i2c, ok};
use atlas_ezo::command::*;
use atlas_ezo::quantity::*;
use atlas_ezo::*;
use atlas_ezo::{I2c, asynch, blocking, nonblocking};
use embedded_hal::i2c::ErrorKind;

const PENDING: &[u8] = &[0xFE];
const NO_DATA: &[u8] = &[0xFF, 0x00];
const DONE: &[u8] = &[0x01];
const REFUSED: &[u8] = &[0x02];

i2c! { setting_is_acknowledged: Ph,
    [Write(0x63, "L,1"), Wait(20), Read(0x63, DONE)],
    execute(&SetLed(Switch::On)) => ok(())
}

i2c! { information_is_there_after_20_ms: Ph,
    [Write(0x63, "i"), Wait(20), Read(0x63, b"\x01?i,pH,2.12")],
    execute(&Information) => ok(atlas_ezo::Information { kind: Kind::Ph, firmware: Firmware::from_hundredths(212) })
}

i2c! { reading_is_first_asked_for_at_half_its_delay: Ph,
    [Write(0x63, "R"), Wait(450), Read(0x63, &[0x01, 0x37, 0x2E, 0x30, 0x30, 0x34])],
    read() => ok(MilliPh::new(7_004).unwrap())
}

i2c! { slow_setting_is_polled_in_growing_steps: Ph,
    [
        Write(0x63, "L,1"), Wait(20), Read(0x63, PENDING),
        // 13 ms later, of which the read took 4.41 ms.
        Wait(9), Read(0x63, PENDING),
        Wait(17), Read(0x63, PENDING),
        Wait(30), Read(0x63, DONE),
    ],
    execute(&SetLed(Switch::On)) => ok(())
}

i2c! { second_reading_is_asked_for_where_the_first_was: Ph,
    [
        Write(0x63, "R"), Wait(450), Read(0x63, PENDING),
        Wait(68), Read(0x63, b"\x017.004"),
        Write(0x63, "R"), Wait(450), Read(0x63, PENDING),
        Wait(21), Read(0x63, PENDING),
        Wait(21), Read(0x63, PENDING),
        Wait(20), Read(0x63, b"\x017.005"),
    ],
    read() => ok(MilliPh::new(7_004).unwrap()),
    read() => ok(MilliPh::new(7_005).unwrap())
}

i2c! { syntax_error_is_the_circuits: Ph,
    [Write(0x63, "T,25.0"), Wait(20), Read(0x63, REFUSED)],
    execute(&SetTemperature(MilliCelsius::new(25_000))) => fault(Fault::Syntax)
}

i2c! { query_that_lost_its_answer_is_asked_again_once: Ph,
    [
        Write(0x63, "L,?"), Wait(20), Read(0x63, NO_DATA),
        Wait(20), Write(0x63, "L,?"), Wait(20), Read(0x63, b"\x01?L,1"),
    ],
    execute(&LedQuery) => ok(Switch::On)
}

i2c! { answer_lost_twice_is_lost: Ph,
    [
        Write(0x63, "L,?"), Wait(20), Read(0x63, NO_DATA),
        Wait(20), Write(0x63, "L,?"), Wait(20), Read(0x63, NO_DATA),
    ],
    execute(&LedQuery) => fault(Fault::NoData)
}

i2c! { dose_that_lost_its_answer_is_not_repeated: Pmp,
    [Write(0x67, "D,10"), Wait(20), Read(0x67, NO_DATA)],
    execute(&pmp::Dispense(pmp::Amount::Volume(Microlitres::new(10_000)))) => fault(Fault::NoData)
}

i2c! { brown_out_between_command_and_answer_is_found: Pmp,
    [Write(0x67, "Cal,9.8"), Wait(20), Read(0x67, PENDING), Wait(9), Read(0x67, NO_DATA)],
    execute(&pmp::Point(Microlitres::new(9_800))) => fault(Fault::NoData)
}

i2c! { unknown_status_is_told: Ph,
    [Write(0x63, "L,?"), Wait(20), Read(0x63, &[0x00, 0x3F])],
    execute(&LedQuery) => fault(Fault::Status(0))
}

i2c! { status_3_is_told: Ph,
    [Write(0x63, "L,?"), Wait(20), Read(0x63, &[0x03])],
    execute(&LedQuery) => fault(Fault::Status(3))
}

i2c! { floating_bus_is_told_from_no_data: Ph,
    [Write(0x63, "L,?"), Wait(20), Read(0x63, &[0xFF; 48])],
    execute(&LedQuery) => fault(Fault::Floating)
}

i2c! { answer_without_its_end_is_truncated: Ph,
    [Write(0x63, "L,?"), Wait(20), Read(0x63, &[0x01; 48])],
    execute(&LedQuery) => fault(Fault::Truncated)
}

i2c! { answer_that_just_fits_is_read: Ph,
    [Write(0x63, "Name,?"), Wait(20), Read(0x63, b"\x01?Name,0123456789abcdef                        ")],
    execute(&NameQuery) => ok(Name::new("0123456789abcdef").unwrap())
}

i2c! { byte_that_is_no_text_is_told: Ph,
    [Write(0x63, "R"), Wait(450), Read(0x63, b"\x017.0\xB04")],
    read() => fault(Fault::Character(0xB0))
}

i2c! { end_of_line_and_blanks_are_dropped: Ph,
    [Write(0x63, "R"), Wait(450), Read(0x63, b"\x017.004 \r\0\0junk")],
    read() => ok(MilliPh::new(7_004).unwrap())
}

i2c! { absent_circuit_is_an_error_of_the_bus: Ph,
    [Nack(0x63, "R")],
    read() => bus(NACK)
}

i2c! { bus_error_while_reading_keeps_its_kind: Ph,
    [Write(0x63, "R"), Wait(450), ReadFails(0x63)],
    read() => bus(ErrorKind::ArbitrationLoss)
}

i2c! { exchange_after_a_bus_error_is_a_new_one: Ph,
    [
        Write(0x63, "R"), Wait(450), ReadFails(0x63),
        Write(0x63, "R"), Wait(450), Read(0x63, b"\x017.004"),
    ],
    read() => bus(ErrorKind::ArbitrationLoss),
    read() => ok(MilliPh::new(7_004).unwrap())
}

i2c! { sleeping_circuit_is_woken_before_the_command: Ph,
    [
        Write(0x63, "Sleep"), Wait(300),
        Write(0x63, "i"), Wait(20), Write(0x63, "R"), Wait(450), Read(0x63, b"\x017.004"),
    ],
    execute(&Sleep) => ok(()),
    read() => ok(MilliPh::new(7_004).unwrap())
}

i2c! { sleeping_circuit_need_not_acknowledge: Ph,
    [
        Write(0x63, "Sleep"), Wait(300),
        Nack(0x63, "i"), Wait(20), Write(0x63, "L,?"), Wait(20), Read(0x63, b"\x01?L,0"),
    ],
    execute(&Sleep) => ok(()),
    execute(&LedQuery) => ok(Switch::Off)
}

i2c! { circuit_is_woken_once: Ph,
    [
        Write(0x63, "Sleep"), Wait(300),
        Write(0x63, "i"), Wait(20), Write(0x63, "L,?"), Wait(20), Read(0x63, b"\x01?L,0"),
        Write(0x63, "L,?"), Wait(20), Read(0x63, b"\x01?L,0"),
    ],
    execute(&Sleep) => ok(()),
    execute(&LedQuery) => ok(Switch::Off),
    execute(&LedQuery) => ok(Switch::Off)
}

i2c! { nothing_is_read_after_factory: Ph,
    [Write(0x63, "Factory"), Wait(1_200)],
    execute(&Factory) => ok(())
}

i2c! { driver_follows_to_the_new_address: Ph,
    [Write(0x63, "I2C,100"), Wait(1_200), Write(0x64, "L,?"), Wait(20), Read(0x64, b"\x01?L,1")],
    execute(&SetAddress(Address::new(100).unwrap())) => ok(()),
    execute(&LedQuery) => ok(Switch::On)
}

i2c! { refused_bus_leaves_the_address_as_it_is: Ph,
    [Nack(0x63, "I2C,100"), Write(0x63, "L,?"), Wait(20), Read(0x63, b"\x01?L,1")],
    execute(&SetAddress(Address::new(100).unwrap())) => bus(NACK),
    execute(&LedQuery) => ok(Switch::On)
}

i2c! { nothing_is_read_after_the_circuit_has_left: Ph,
    [Write(0x63, "Baud,9600"), Wait(300)],
    execute(&SwitchToUart(BaudRate::B9600)) => ok(())
}

i2c! { outputs_are_asked_for_before_the_first_reading_only: Ec,
    [
        Write(0x64, "O,?"), Wait(20), Read(0x64, b"\x01?,O,EC,TDS"),
        Write(0x64, "R"), Wait(300), Read(0x64, b"\x011413,706"),
        Write(0x64, "R"), Wait(20), Read(0x64, b"\x011414,707"),
    ],
    read() => ok(ec(1_413, 706)),
    read() => ok(ec(1_414, 707))
}

fn ec(conductivity: u32, tds: u32) -> ec::Reading {
    ec::Reading {
        conductivity: Some(NanoSiemensPerCm::new(conductivity * 1_000)),
        tds: Some(MilliPpmTds::new(tds * 1_000)),
        ..ec::Reading::default()
    }
}

i2c! { outputs_are_asked_for_again_when_they_do_not_match: Ec,
    [
        Write(0x64, "O,?"), Wait(20), Read(0x64, b"\x01?,O,EC,TDS"),
        Write(0x64, "R"), Wait(300), Read(0x64, b"\x011413"),
        Write(0x64, "O,?"), Wait(20), Read(0x64, b"\x01?,O,EC"),
    ],
    read() => fault(Fault::Fields),
    execute(&OutputsQuery::<ec::Output>::new()) => ok(OutputSet::EMPTY.with(ec::Output::Conductivity))
}

i2c! { outputs_are_asked_for_again_after_a_change: Ec,
    [
        Write(0x64, "O,?"), Wait(20), Read(0x64, b"\x01?,O,EC,TDS"),
        Write(0x64, "R"), Wait(300), Read(0x64, b"\x011413,706"),
        Write(0x64, "O,S,1"), Wait(20), Read(0x64, DONE),
        Write(0x64, "O,?"), Wait(20), Read(0x64, b"\x01no output"),
        Write(0x64, "R"), Wait(20), Read(0x64, b"\x01no output"),
    ],
    read() => ok(ec(1_413, 706)),
    execute(&SetOutput(ec::Output::Salinity, Switch::On)) => ok(()),
    read() => fault(Fault::NoOutput)
}

i2c! { scale_is_asked_for_before_a_temperature: Rtd,
    [
        Write(0x66, "S,?"), Wait(20), Read(0x66, b"\x01?S,f"),
        Write(0x66, "R"), Wait(300), Read(0x66, b"\x0177.187"),
    ],
    read() => ok(MilliCelsius::new(25_104))
}

i2c! { missing_probe_is_told: Rtd,
    [
        Write(0x66, "S,?"), Wait(20), Read(0x66, b"\x01?S,c"),
        Write(0x66, "R"), Wait(300), Read(0x66, &[0x01, 0x2D, 0x31, 0x30, 0x32, 0x33, 0x2E, 0x30, 0x30, 0x30]),
    ],
    read() => fault(Fault::Disconnected)
}

i2c! { pump_stops_with_its_volume: Pmp,
    [Write(0x67, "X"), Wait(20), Read(0x67, b"\x01*DONE,12.35")],
    execute(&pmp::Stop) => ok(Microlitres::new(12_350))
}

i2c! { factory_address_is_that_of_the_circuit: PmpL,
    [Write(0x6D, "P,?"), Wait(20), Read(0x6D, b"\x01?P,0")],
    execute(&pmp::PauseQuery) => ok(Switch::Off)
}

i2c! { calibration_of_oxygen_is_given_1300_ms: Do,
    [Write(0x61, "Cal"), Wait(650), Read(0x61, DONE)],
    execute(&do_::Point::Atmosphere) => ok(())
}

i2c! { @with bit_7_is_cleared_if_asked_to: Ph, 48, |transport| transport.with_bit_7_cleared(),
    [Write(0x63, "R"), Wait(450), Read(0x63, b"\x01\xB7.\xB0\xB04")],
    read() => ok(MilliPh::new(7_004).unwrap())
}

i2c! { @with cleared_bit_7_leaves_the_status_alone: Ph, 48, |transport| transport.with_bit_7_cleared(),
    [Write(0x63, "R"), Wait(450), Read(0x63, PENDING), Wait(68), Read(0x63, &[0x82])],
    read() => fault(Fault::Status(0x82))
}

i2c! { @with deadline_ends_the_wait: Ph, 48,
    |transport| transport.with_deadline(fugit::MillisDurationU32::from_ticks(500)),
    [Write(0x63, "R"), Wait(450), Read(0x63, PENDING), Wait(46), Read(0x63, PENDING)],
    read() => fault(Fault::Timeout)
}

i2c! { @with answer_at_the_deadline_is_taken: Ph, 48,
    |transport| transport.with_deadline(fugit::MillisDurationU32::from_ticks(500)),
    [Write(0x63, "R"), Wait(450), Read(0x63, PENDING), Wait(46), Read(0x63, b"\x017.004")],
    read() => ok(MilliPh::new(7_004).unwrap())
}

i2c! { @with long_frame_holds_the_memory_of_a_logger: Rtd, 512, |transport| transport,
    [Write(0x66, "M,all"), Wait(20), Read(0x66, b"\x01100.00,104.00,108.00,112.00,100.00,104.00,108.00,112.00")],
    execute(&rtd::RecallAll(rtd::Scale::Celsius)) => ok([100, 104, 108, 112, 100, 104, 108, 112]
        .map(|celsius| MilliCelsius::new(celsius * 1_000)))
}

/// The default deadline is 3 s, after which a wedged circuit is given up, however it has been polled.
#[test]
fn wedged_circuit_is_given_up_after_3_s() {
    struct Wedged(u32);
    impl embedded_hal::i2c::ErrorType for Wedged {
        type Error = core::convert::Infallible;
    }
    impl embedded_hal::i2c::I2c for Wedged {
        fn transaction(
            &mut self,
            _: u8,
            operations: &mut [embedded_hal::i2c::Operation<'_>],
        ) -> Result<(), Self::Error> {
            if let [embedded_hal::i2c::Operation::Read(frame)] = operations {
                self.0 += 1;
                frame.fill(0);
                frame[0] = 0xFE;
            }
            Ok(())
        }
    }
    struct Sum(u64);
    impl embedded_hal::delay::DelayNs for &mut Sum {
        fn delay_ns(&mut self, ns: u32) {
            self.0 += u64::from(ns);
        }
    }
    let mut waited = Sum(0);
    let mut ezo = blocking::Ezo::<Ph, _>::new(I2c::new(Wedged(0), Ph::ADDRESS, &mut waited));
    assert_eq!(ezo.read(), Err(Error::Device(Fault::Timeout)));
    let polls = ezo.transport().polls();
    let (_, waited) = ezo.release().release();
    // Each read takes 4.41 ms at 100 kHz, which the deadline includes.
    let total = waited.0 / 1_000 + u64::from(polls - 1) * 4_410;
    assert!((3_000_000..3_002_000).contains(&total), "{total} µs");
    assert!(polls <= 16, "{polls}");
}

mod polled {
    use super::*;
    use crate::i2c::Timed;

    #[test]
    fn other_command_is_refused_while_one_is_in_flight() {
        let bus = Timed::new(&[Write(0x63, "L,?"), Wait(20), Read(0x63, b"\x01?L,1")], 48);
        let mut ezo = nonblocking::Ezo::<Ph, _>::new(I2c::new(bus.clone(), Ph::ADDRESS, ()));
        let at = nonblocking::Instant::from_ticks;
        assert_eq!(ezo.execute(&LedQuery, at(0)), Err(nb::Error::WouldBlock));
        assert!(ezo.is_busy());
        assert_eq!(
            ezo.execute(&Find, at(0)),
            Err(nb::Error::Other(Error::Device(Fault::Busy)))
        );
        for _ in 0..21 {
            bus.tick();
        }
        assert_eq!(ezo.execute(&LedQuery, at(21)), Ok(Switch::On));
        assert!(!ezo.is_busy());
        bus.done();
    }

    #[test]
    fn aborted_exchange_makes_way() {
        let script = [Write(0x63, "L,?"), Write(0x63, "L,1"), Wait(20), Read(0x63, DONE)];
        let bus = Timed::new(&script, 48);
        let mut ezo = nonblocking::Ezo::<Ph, _>::new(I2c::new(bus.clone(), Ph::ADDRESS, ()));
        let at = nonblocking::Instant::from_ticks;
        assert_eq!(ezo.execute(&LedQuery, at(0)), Err(nb::Error::WouldBlock));
        ezo.abort();
        assert_eq!(
            ezo.execute(&SetLed(Switch::On), at(0)),
            Err(nb::Error::WouldBlock)
        );
        for _ in 0..21 {
            bus.tick();
        }
        assert_eq!(ezo.execute(&SetLed(Switch::On), at(21)), Ok(()));
        bus.done();
    }
}
