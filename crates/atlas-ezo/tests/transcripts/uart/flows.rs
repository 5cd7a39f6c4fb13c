//! Several exchanges in a row, and none.

use super::{Circuit, Host, HostAfter, Line};
use crate::{fault, ok, uart};
use atlas_ezo::quantity::*;
use atlas_ezo::*;
use atlas_ezo::{Uart, asynch, blocking, nonblocking};

const CR: super::Act = Host("\r");
const PROBE: super::Act = HostAfter(50, "*OK,?\r");
const ON: super::Act = Circuit(10, b"?*OK,1\r*OK\r");

fn ms(ms: u32) -> fugit::MillisDurationU32 {
    fugit::MillisDurationU32::from_ticks(ms)
}

fn backup(chunks: &[&str]) -> Backup {
    let mut backup = Backup::new();
    for chunk in chunks {
        backup.push(Chunk::new(chunk.as_bytes()).unwrap()).unwrap();
    }
    backup
}

uart! { flow export_comes_in_one_stream: Ph,
    [
        CR, PROBE, ON, Host("Export,?\r"), Circuit(5, b"2,17\r*OK\r"),
        Host("Export\r"), Circuit(5, b"596F75206172\r65207\r*DONE\r"),
    ],
    export::<16>() => ok(backup(&["596F75206172", "65207"])); []
}

uart! { flow import_ends_when_the_circuit_is_ready: Ph,
    [
        CR, PROBE, ON, Host("Import,596F75206172\r"), Circuit(5, b"*OK\r"),
        Host("Import,65207\r"), Circuit(5, b"*OK\r*RS\r"), Circuit(800, b"*RE\r"),
    ],
    import(&backup(&["596F75206172", "65207"])) => ok(()); []
}

uart! { flow synchronising_tells_whether_codes_are_on: Ph,
    [CR, PROBE, ON, Host("*OK,?\r"), Circuit(5, b"?*OK,1\r*OK\r")],
    synchronise() => ok(Switch::On)
}

uart! { flow compensated_reading: Ph,
    [
        CR, PROBE, ON, Host("T,19.5\r"), Circuit(5, b"*OK\r"), Host("R\r"), Circuit(600, b"7.004\r*OK\r"),
        Host("T,?\r"), Circuit(5, b"?T,19.5\r*OK\r"),
    ],
    read_at(MilliCelsius::new(19_500)) => ok(MilliPh::new(7_004).unwrap()); []
}

uart! { flow calibration: Orp,
    [
        CR, PROBE, ON, Host("Cal,?\r"), Circuit(5, b"?CAL,0\r*OK\r"), Host("Cal,225\r"), Circuit(900, b"*OK\r"),
        Host("Cal,?\r"), Circuit(5, b"?CAL,1\r*OK\r"),
    ],
    calibrate(&orp::Point(Microvolts::new(225_000))) =>
        ok(Calibrated { before: orp::Calibration::None, after: orp::Calibration::Done }); []
}

uart! { flow event_is_waited_for: Pmp,
    [Circuit(500, b"*DONE,10.00\r")],
    wait_for_event(ms(1_000)) => ok(Some(Event::Dispensed(Microlitres::new(10_000))))
}

uart! { flow wait_for_an_event_ends: Pmp,
    [Circuit(500, b"*DO"), Circuit(600, b"NE,10.00\r")],
    wait_for_event(ms(1_000)) => ok(None::<Event>),
    wait_for_event(ms(1_000)) => ok(Some(Event::Dispensed(Microlitres::new(10_000))))
}

const SCRIPT: [super::Act; 11] = [
    CR,
    PROBE,
    ON,
    Host("Baud,38400\r"),
    Circuit(5, b"*OK\r"),
    Circuit(5, b"*RS\r"),
    Circuit(800, b"*RE\r"),
    Host("\r"),
    PROBE,
    ON,
    Host("Baud,?\r"),
];

#[test]
fn baud_rate_is_followed_on_both_sides() {
    let script = [&SCRIPT[..], &[Circuit(5, b"?Baud,38400\r*OK\r")]].concat();
    let line = Line::new(&script);
    let mut ezo = blocking::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
    let set_baud = |line: &mut Line, baud| {
        line.set_baud(baud);
        Ok(())
    };
    assert_eq!(ezo.set_baud(BaudRate::B38400, set_baud), Ok(()));
    assert_eq!(line.bauds(), [38_400]);
    line.done();

    let line = Line::new(&script);
    let mut ezo = asynch::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
    assert_eq!(line.block_on(ezo.set_baud(BaudRate::B38400, set_baud)), Ok(()));
    assert_eq!(line.bauds(), [38_400]);
    line.done();
}

#[test]
fn refused_baud_rate_leaves_the_host_where_it_was() {
    let line = Line::new(&[CR, PROBE, ON, Host("Baud,38400\r"), Circuit(5, b"*ER\r")]);
    let mut ezo = blocking::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
    let result = ezo.set_baud(BaudRate::B38400, |_, _| panic!("not to be called"));
    assert_eq!(format!("{result:?}"), fault(Fault::Syntax));
    line.done();
}

#[test]
fn dropped_command_does_not_disturb_the_next() {
    use std::future::Future as _;
    use std::task::{Context, Waker};

    let line = Line::new(&[
        CR,
        PROBE,
        ON,
        Host("R\r"),
        // Dropped here; its answer comes while both sides are brought together.
        Host("\r"),
        Circuit(20, b"6.999\r*OK\r"),
        HostAfter(30, "*OK,?\r"),
        ON,
        Host("R\r"),
        Circuit(600, b"7.004\r*OK\r"),
    ]);
    let mut ezo = asynch::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
    {
        let mut read = std::pin::pin!(ezo.read());
        for _ in 0..200 {
            assert!(
                read.as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
            line.pass(1);
        }
    }
    assert_eq!(line.block_on(ezo.read()), Ok(MilliPh::new(7_004).unwrap()));
    line.done();
}

#[test]
fn polled_events() {
    let line = Line::new(&[Circuit(5, b"*UV\r*DONE,1.00\r"), Circuit(5, b"*OV\r")]);
    let mut ezo = nonblocking::Ezo::<Pmp, _>::new(Uart::new(line.clone(), ()));
    let at = nonblocking::Instant::from_ticks;
    assert_eq!(ezo.event(at(0)), Err(nb::Error::WouldBlock));
    line.pass(5);
    assert_eq!(ezo.event(at(5)), Ok(Event::UnderVoltage));
    assert_eq!(ezo.event(at(5)), Ok(Event::Dispensed(Microlitres::new(1_000))));
    assert_eq!(ezo.event(at(5)), Err(nb::Error::WouldBlock));
    line.pass(5);
    assert_eq!(ezo.event(at(10)), Ok(Event::OverVoltage));
    line.done();
}
