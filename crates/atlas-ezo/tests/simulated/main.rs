//! The driver against simulated circuits, which have been written from the same data sheets by somebody else.

#![cfg(all(feature = "async", feature = "nb"))]

mod flow;
mod pumps;
mod shared_bus;

use atlas_ezo::command::*;
use atlas_ezo::quantity::*;
use atlas_ezo::*;
use atlas_ezo::{Circuit, I2c, Uart, asynch, blocking, nonblocking};
use sim::{Clock, Delay, EzoFirmware, EzoKind, EzoTiming, I2cBus, Serial};

const MS: u64 = 1_000_000;

type OverI2c<C> = blocking::Ezo<C, I2c<I2cBus, Delay>>;
type OverUart<C> = blocking::Ezo<C, Uart<Serial, Delay>>;

fn over_i2c<C: Circuit>(clock: &Clock, circuit: &sim::Ezo) -> OverI2c<C> {
    let bus = I2cBus::new(clock);
    bus.attach(C::ADDRESS.get(), circuit.clone());
    blocking::Ezo::new(I2c::new(bus, C::ADDRESS, clock.delay()))
}

fn over_uart<C: Circuit>(clock: &Clock, circuit: &sim::Ezo) -> OverUart<C> {
    let serial = Serial::new(clock, circuit.clone());
    blocking::Ezo::new(Uart::new(serial, clock.delay()))
}

/// Initialises and reads a circuit over both buses, with both firmwares and three speeds, and compares.
macro_rules! reads {
    ($name:ident: $circuit:ident, $kind:ident, $value:expr, $expected:expr) => {
        mod $name {
            use super::*;

            fn all(read: impl Fn(&Clock, sim::Ezo)) {
                for firmware in [EzoFirmware::Old, EzoFirmware::New] {
                    for timing in [
                        EzoTiming::fast(),
                        EzoTiming::nominal(EzoKind::$kind),
                        EzoTiming::slow(),
                    ] {
                        let clock = Clock::new();
                        let circuit = sim::Ezo::new(&clock, EzoKind::$kind)
                            .with_firmware(firmware)
                            .with_timing(timing);
                        circuit.set($value);
                        read(&clock, circuit);
                    }
                }
            }

            #[test]
            fn over_i2c_blocking() {
                all(|clock, circuit| {
                    let mut ezo = over_i2c::<$circuit>(clock, &circuit);
                    ezo.init().unwrap();
                    for _ in 0..3 {
                        let reading = ezo.read().unwrap();
                        assert!($expected(reading), "{reading:?}");
                    }
                });
            }

            #[test]
            fn over_i2c_async() {
                all(|clock, circuit| {
                    let bus = I2cBus::new(clock);
                    bus.attach($circuit::ADDRESS.get(), circuit);
                    let mut ezo =
                        asynch::Ezo::<$circuit, _>::new(I2c::new(bus, $circuit::ADDRESS, clock.delay()));
                    embassy_futures::block_on(async {
                        ezo.init().await.unwrap();
                        let reading = ezo.read().await.unwrap();
                        assert!($expected(reading), "{reading:?}");
                    });
                });
            }

            #[test]
            fn over_i2c_polled() {
                all(|clock, circuit| {
                    let bus = I2cBus::new(clock);
                    bus.attach($circuit::ADDRESS.get(), circuit);
                    let mut ezo = nonblocking::Ezo::<$circuit, _>::new(I2c::new(bus, $circuit::ADDRESS, ()));
                    let reading = poll(clock, |now| ezo.read(now));
                    assert!($expected(reading), "{reading:?}");
                });
            }

            #[test]
            fn over_uart_blocking() {
                all(|clock, circuit| {
                    let mut ezo = over_uart::<$circuit>(clock, &circuit);
                    ezo.init().unwrap();
                    let reading = ezo.read().unwrap();
                    assert!($expected(reading), "{reading:?}");
                });
            }

            #[test]
            fn over_uart_async() {
                all(|clock, circuit| {
                    let serial = Serial::new(clock, circuit);
                    let mut ezo = asynch::Ezo::<$circuit, _>::new(Uart::new(serial, clock.delay()));
                    clock.run(async {
                        ezo.init().await.unwrap();
                        let reading = ezo.read().await.unwrap();
                        assert!($expected(reading), "{reading:?}");
                    });
                });
            }

            #[test]
            fn over_uart_polled() {
                all(|clock, circuit| {
                    let serial = Serial::new(clock, circuit);
                    let mut ezo = nonblocking::Ezo::<$circuit, _>::new(Uart::new(serial, ()));
                    let reading = poll(clock, |now| ezo.read(now));
                    assert!($expected(reading), "{reading:?}");
                });
            }
        }
    };
}

reads! { reads_ph: Ph, Ph, 6.2, |ph: MilliPh| (6_190..=6_210).contains(&ph.get()) }
reads! { reads_ec: Ec, Ec, 1413.0, |ec: ec::Reading| {
    ec.conductivity.is_some_and(|ec| (1_400_000..=1_426_000).contains(&ec.get()))
} }
reads! { reads_dissolved_oxygen: Do, Do, 8.42, |oxygen: do_::Reading| {
    oxygen.concentration.is_some_and(|mg| (8_000..=9_500).contains(&mg.get()))
} }
reads! { reads_orp: Orp, Orp, -120.5, |orp: Microvolts| (-121_000..=-120_000).contains(&orp.get()) }
reads! { reads_rtd: Rtd, Rtd, 25.104, |rtd: MilliCelsius| (25_100..=25_110).contains(&rtd.get()) }
reads! { reads_hum: Hum, Hum, 45.2, |hum: hum::Reading| hum.humidity.is_some_and(|rh| rh.get() == 452) }
reads! { reads_co2: Co2, Co2, 1250.0, |co2: co2::Reading| co2.carbon_dioxide.is_some_and(|ppm| ppm.get() == 1_250) }
reads! { reads_flo: Flo, Flo, 1.55, |flow: flo::Reading| {
    flow.total.is_some() && flow.rate.is_some_and(|rate| (rate.raw(), rate.decimals()) == (1_550, 3))
} }
reads! { reads_prs: Prs, Prs, 12.34, |prs: Pascals| (84_000..=86_000).contains(&prs.get()) }

/// Polls until there is an answer, a fifth of a millisecond at a time.
fn poll<T, E: std::fmt::Debug>(
    clock: &Clock,
    mut f: impl FnMut(nonblocking::Instant) -> nb::Result<T, E>,
) -> T {
    let end = clock.now() + 60_000 * MS;
    while clock.now() < end {
        match f(nonblocking::Instant::from_ticks(clock.now() / MS)) {
            Ok(value) => return value,
            Err(nb::Error::WouldBlock) => clock.advance(MS / 5),
            Err(nb::Error::Other(error)) => panic!("{error:?}"),
        }
    }
    panic!("it never ends");
}

/// From the time when the circuit has its answer, over 100 kHz.
#[test]
fn answers_are_at_most_30_ms_late_with_at_most_10_polls() {
    for ready in (4..=1_660).step_by(3).chain([1_656, 1_660]) {
        let clock = Clock::new();
        let timing = EzoTiming {
            reading_ms: ready,
            ..EzoTiming::fast()
        };
        let circuit = sim::Ezo::new(&clock, EzoKind::Ph).with_timing(timing);
        circuit.set(6.2);
        let mut ezo = over_i2c::<Ph>(&clock, &circuit);
        for turn in 0..6 {
            ezo.read().unwrap();
            let polls = ezo.transport().polls();
            assert!(polls <= 10, "{ready} ms, reading {turn}: {polls} polls");
            let late = clock.now() - circuit.answered_at().unwrap();
            if turn >= 3 {
                assert!(late <= 30 * MS, "{ready} ms, reading {turn}: {late} ns late");
            }
        }
    }
}

/// `i` was measured to take 4 ms, ten at a time.
#[test]
fn first_information_is_25_ms_late_at_most() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph).with_timing(EzoTiming::fast());
    let mut ezo = over_i2c::<Ph>(&clock, &circuit);
    ezo.init().unwrap();
    assert_eq!(ezo.transport().polls(), 1);
    assert!(clock.now() - circuit.answered_at().unwrap() <= 25 * MS);
}

#[test]
fn circuit_as_it_was_shipped_is_brought_to_silence() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
    circuit.set(6.2);
    let mut ezo = over_uart::<Ph>(&clock, &circuit);
    clock.advance(3_300 * MS); // three readings in the receiver, and half of a fourth
    assert_eq!(ezo.execute(&SetContinuous(Continuous::OFF)), Ok(()));
    assert_eq!(ezo.init().map(|information| information.kind), Ok(Kind::Ph));
    assert_eq!(ezo.execute(&ContinuousQuery), Ok(Continuous::OFF));
    assert_eq!(ezo.read().map(|ph| ph.get() / 100), Ok(62));
}

#[test]
fn codes_may_be_switched_off_and_on_again() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
    let mut ezo = over_uart::<Ph>(&clock, &circuit);
    ezo.execute(&SetContinuous(Continuous::OFF)).unwrap();
    ezo.execute(&SetResponseCodes(Switch::Off)).unwrap();
    assert_eq!(ezo.execute(&ResponseCodesQuery), Ok(Switch::Off));
    assert_eq!(ezo.execute(&SetLed(Switch::Off)), Ok(()));
    assert!(!circuit.led());
    assert_eq!(ezo.execute(&LedQuery), Ok(Switch::Off));
    ezo.execute(&SetResponseCodes(Switch::On)).unwrap();
    assert_eq!(ezo.execute(&ResponseCodesQuery), Ok(Switch::On));
}

#[test]
fn speed_is_changed_on_both_sides() {
    for rate in BaudRate::ALL {
        let clock = Clock::new();
        let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
        circuit.set(6.2);
        let mut ezo = over_uart::<Ph>(&clock, &circuit);
        ezo.execute(&SetContinuous(Continuous::OFF)).unwrap();
        let follow = |serial: &mut Serial, baud| {
            serial.set_baud(baud);
            Ok(())
        };
        assert_eq!(ezo.set_baud(rate, follow), Ok(()), "{rate:?}");
        assert_eq!(circuit.mode(), sim::EzoMode::Uart(rate.get()));
        ezo.execute(&SetContinuous(Continuous::OFF)).unwrap();
        assert!(ezo.read().is_ok(), "{rate:?}");
    }
}

#[test]
fn sleeping_circuit_is_woken_by_the_next_command_over_i2c() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
    circuit.set(6.2);
    let mut ezo = over_i2c::<Ph>(&clock, &circuit);
    ezo.execute(&Sleep).unwrap();
    assert!(circuit.is_asleep());
    assert!(ezo.read().is_ok());
    assert!(!circuit.is_asleep());
}

#[test]
fn sleeping_circuit_is_woken_by_the_next_command_over_uart() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
    circuit.set(6.2);
    let mut ezo = over_uart::<Ph>(&clock, &circuit);
    ezo.execute(&SetContinuous(Continuous::OFF)).unwrap();
    ezo.execute(&Sleep).unwrap();
    assert!(circuit.is_asleep());
    assert!(ezo.read().is_ok());
}

#[test]
fn circuit_that_fell_asleep_unseen_is_woken_too() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
    circuit.set(6.2);
    let bus = I2cBus::new(&clock);
    bus.attach(0x63, circuit.clone());
    embedded_hal::i2c::I2c::write(&mut bus.handle(), 0x63, b"Sleep").unwrap();
    clock.advance(400 * MS);
    assert!(circuit.is_asleep());
    let mut ezo = blocking::Ezo::<Ph, _>::new(I2c::new(bus, Ph::ADDRESS, clock.delay()));
    assert!(ezo.read().is_ok());
}

#[test]
fn driver_follows_to_another_address() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
    circuit.set(6.2);
    let mut ezo = over_i2c::<Ph>(&clock, &circuit);
    ezo.execute(&SetAddress(Address::new(42).unwrap())).unwrap();
    assert_eq!(ezo.transport().address().get(), 42);
    assert!(ezo.read().is_ok());
}

#[test]
fn circuit_goes_from_uart_to_i2c_and_back() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
    circuit.set(6.2);
    let mut uart = over_uart::<Ph>(&clock, &circuit);
    uart.execute(&SwitchToI2c(Address::new(0x63).unwrap())).unwrap();
    assert_eq!(circuit.mode(), sim::EzoMode::I2c(0x63));
    clock.advance(1_000 * MS);
    let mut i2c = over_i2c::<Ph>(&clock, &circuit);
    assert!(i2c.read().is_ok());
    i2c.execute(&SwitchToUart(BaudRate::B9600)).unwrap();
    clock.advance(1_000 * MS);
    assert_eq!(circuit.mode(), sim::EzoMode::Uart(9_600));
}

#[test]
fn calibration_moves_to_another_circuit_over_either_bus() {
    let clock = Clock::new();
    let first = sim::Ezo::new(&clock, EzoKind::Ph);
    first.set(7.1);
    let mut ezo = over_i2c::<Ph>(&clock, &first);
    ezo.calibrate(&ph::Point::Mid(MilliPh::new(7_000).unwrap()))
        .unwrap();
    first.set(4.2);
    ezo.calibrate(&ph::Point::Low(MilliPh::new(4_000).unwrap()))
        .unwrap();
    let backup: Backup = ezo.export().unwrap();

    let second = sim::Ezo::new(&clock, EzoKind::Ph);
    let mut ezo = over_uart::<Ph>(&clock, &second);
    ezo.execute(&SetContinuous(Continuous::OFF)).unwrap();
    ezo.import(&backup).unwrap();
    ezo.execute(&SetContinuous(Continuous::OFF)).unwrap();
    assert_eq!(ezo.execute(&CalibrationQuery), Ok(ph::Calibration::MidLow));
    assert_eq!(ezo.export::<16>(), Ok(backup));
}

#[test]
fn compensation_survives_a_brown_out() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
    circuit.set(6.2);
    let mut ezo = over_i2c::<Ph>(&clock, &circuit);
    ezo.read_at(MilliCelsius::new(19_500)).unwrap();
    assert!((circuit.compensation() - 19.5).abs() < 0.01);
    circuit.brown_out();
    clock.advance(2_000 * MS);
    assert!((circuit.compensation() - 25.0).abs() < 0.01);
    ezo.read_at(MilliCelsius::new(19_500)).unwrap();
    assert!((circuit.compensation() - 19.5).abs() < 0.01);
    assert_eq!(ezo.restarts(), 1);
}

#[test]
fn faults_are_told_apart() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
    circuit.set(6.2);
    let mut ezo = over_i2c::<Ph>(&clock, &circuit);
    let mut fault = || match ezo.read() {
        Err(Error::Device(fault)) => fault,
        other => panic!("{other:?}"),
    };
    circuit.answer_next_with("rubbish");
    assert_eq!(fault(), Fault::Malformed);
    circuit.answer_next_with([b'7', 0xC3]);
    assert_eq!(fault(), Fault::Character(0xC3));
    circuit.set_next_status(7);
    assert_eq!(fault(), Fault::Status(7));
    circuit.set_hung(true);
    assert_eq!(fault(), Fault::Timeout);
    circuit.set_hung(false);
    circuit.power_off();
    assert!(matches!(ezo.read(), Err(Error::Bus(_))));
}

#[test]
fn rtd_without_a_probe_is_disconnected() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Rtd);
    circuit.set_probe_connected(false);
    let mut ezo = over_i2c::<Rtd>(&clock, &circuit);
    assert_eq!(ezo.read(), Err(Error::Device(Fault::Disconnected)));
}

#[test]
fn every_output_of_humidity_is_read() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Hum);
    circuit.set(45.2);
    circuit.set_second(22.4);
    let mut ezo = over_i2c::<Hum>(&clock, &circuit);
    ezo.execute(&SetOutput(hum::Output::Temperature, Switch::On))
        .unwrap();
    ezo.execute(&SetOutput(hum::Output::DewPoint, Switch::On))
        .unwrap();
    let reading = ezo.read().unwrap();
    assert_eq!(reading.temperature, Some(MilliCelsius::new(22_400)));
    assert!(
        reading
            .dew_point
            .is_some_and(|dew| (9_000..=11_000).contains(&dew.get()))
    );
    for output in [
        hum::Output::Humidity,
        hum::Output::Temperature,
        hum::Output::DewPoint,
    ] {
        ezo.execute(&SetOutput(output, Switch::Off)).unwrap();
    }
    assert_eq!(ezo.read(), Err(Error::Device(Fault::NoOutput)));
}
