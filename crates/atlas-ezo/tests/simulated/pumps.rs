//! The pumps, small and large.

#![allow(clippy::unwrap_used, reason = "functions that several tests share")]

use super::*;
use atlas_ezo::pmp::Amount;

/// Doses through every front end, with three speeds, and compares what the driver says with what left the tube.
macro_rules! doses {
    ($name:ident: $circuit:ident, $kind:ident, $microlitres:literal) => {
        mod $name {
            use super::*;

            const VOLUME: Microlitres = Microlitres::new($microlitres);

            fn all(dose: impl Fn(&Clock, &sim::Ezo)) {
                for timing in [
                    EzoTiming::fast(),
                    EzoTiming::nominal(EzoKind::$kind),
                    EzoTiming::slow(),
                ] {
                    let clock = Clock::new();
                    let circuit = sim::Ezo::new(&clock, EzoKind::$kind).with_timing(timing);
                    dose(&clock, &circuit);
                    let millilitres = f64::from($microlitres) / 1_000.0;
                    let delivered = circuit.delivered();
                    assert!((delivered - millilitres).abs() < 0.01, "{delivered} ml");
                }
            }

            fn blocking<T: blocking::Transport>(clock: &Clock, ezo: blocking::Ezo<$circuit, T>)
            where
                T::Error: std::fmt::Debug + PartialEq,
            {
                let mut pump = blocking::Pump::new(ezo);
                pump.ezo().init().unwrap();
                pump.dose(VOLUME).unwrap();
                let running = pump.dispensing().unwrap();
                assert_eq!(running.requested, Amount::Volume(VOLUME));
                assert!(running.running.is_on());
                assert_eq!(pump.dose(VOLUME), Err(Error::Device(Fault::Running)));
                clock.advance(10_000 * MS);
                assert!(!pump.dispensing().unwrap().running.is_on());
                assert_eq!(pump.delivered(), Ok(VOLUME));
                let totals = pump.totals().unwrap();
                assert_eq!((totals.net, totals.absolute), (VOLUME, VOLUME));
            }

            async fn asynch<T: asynch::Transport>(mut delay: Delay, ezo: asynch::Ezo<$circuit, T>)
            where
                T::Error: std::fmt::Debug + PartialEq,
            {
                let mut pump = asynch::Pump::new(ezo);
                pump.ezo().init().await.unwrap();
                pump.dose(VOLUME).await.unwrap();
                assert!(pump.dispensing().await.unwrap().running.is_on());
                embedded_hal_async::delay::DelayNs::delay_ms(&mut delay, 10_000).await;
                assert!(!pump.dispensing().await.unwrap().running.is_on());
                assert_eq!(pump.delivered().await, Ok(VOLUME));
                assert_eq!(pump.totals().await.unwrap().net, VOLUME);
            }

            fn polled<T: nonblocking::Transport>(clock: &Clock, mut ezo: nonblocking::Ezo<$circuit, T>)
            where
                T::Error: std::fmt::Debug,
            {
                let dose = pmp::Dispense(Amount::Volume(VOLUME));
                poll(clock, |now| ezo.execute(&dose, now));
                let running = poll(clock, |now| ezo.execute(&pmp::DispenseQuery, now));
                assert!(running.running.is_on());
                for _ in 0..100 {
                    clock.advance(100 * MS);
                    let still = ezo.execute(
                        &pmp::DispenseQuery,
                        nonblocking::Instant::from_ticks(clock.now() / MS),
                    );
                    if still.is_ok_and(|still| !still.running.is_on()) {
                        break;
                    }
                }
                let reading = poll(clock, |now| ezo.read(now));
                assert_eq!(reading.volume, Some(VOLUME));
            }

            #[test]
            fn over_i2c_blocking() {
                all(|clock, circuit| blocking(clock, over_i2c::<$circuit>(clock, circuit)));
            }

            #[test]
            fn over_i2c_async() {
                all(|clock, circuit| {
                    let bus = I2cBus::new(clock);
                    bus.attach($circuit::ADDRESS.get(), circuit.clone());
                    let ezo = asynch::Ezo::new(I2c::new(bus, $circuit::ADDRESS, clock.delay()));
                    clock.run(asynch(clock.delay(), ezo));
                });
            }

            #[test]
            fn over_i2c_polled() {
                all(|clock, circuit| {
                    let bus = I2cBus::new(clock);
                    bus.attach($circuit::ADDRESS.get(), circuit.clone());
                    polled(
                        clock,
                        nonblocking::Ezo::new(I2c::new(bus, $circuit::ADDRESS, ())),
                    );
                });
            }

            #[test]
            fn over_uart_blocking() {
                all(|clock, circuit| blocking(clock, over_uart::<$circuit>(clock, circuit)));
            }

            #[test]
            fn over_uart_async() {
                all(|clock, circuit| {
                    let serial = Serial::new(clock, circuit.clone());
                    let ezo = asynch::Ezo::new(Uart::new(serial, clock.delay()));
                    clock.run(asynch(clock.delay(), ezo));
                });
            }

            #[test]
            fn over_uart_polled() {
                all(|clock, circuit| {
                    let serial = Serial::new(clock, circuit.clone());
                    polled(clock, nonblocking::Ezo::new(Uart::new(serial, ())));
                });
            }
        }
    };
}

doses! { small_pump_doses: Pmp, Pmp, 10_000 }
doses! { large_pump_doses: PmpL, PmpL, 100_000 }

#[test]
fn large_pump_may_call_itself_a_small_one() {
    for token in ["PMPL", "PMP-L", "PMP"] {
        let clock = Clock::new();
        let circuit = sim::Ezo::new(&clock, EzoKind::PmpL).with_token(token);
        assert!(over_i2c::<PmpL>(&clock, &circuit).init().is_ok(), "{token}");
    }
}

#[test]
fn small_pump_is_not_taken_for_a_large_one() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::PmpL);
    let wrong = Error::Device(Fault::WrongCircuit(Kind::PmpL));
    assert_eq!(over_i2c::<Pmp>(&clock, &circuit).init(), Err(wrong));
}

#[test]
fn large_pump_keeps_rates_from_10_to_750_ml_per_minute() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::PmpL);
    let mut pump = blocking::Pump::new(over_uart::<PmpL>(&clock, &circuit));
    let fastest = MicrolitresPerMinute::new(750_000);
    assert_eq!(pump.ezo().execute(&pmp::FastestQuery), Ok(fastest));
    let faster = MicrolitresPerMinute::new(750_010);
    assert_eq!(pump.dose_at(faster, None), Err(Error::Device(Fault::TooFast)));
    let slower = MicrolitresPerMinute::new(9_990);
    assert_eq!(pump.dose_at(slower, None), Err(Error::Device(Fault::Syntax)));
    for rate in [fastest, MicrolitresPerMinute::new(10_000)] {
        pump.dose_at(rate, None).unwrap();
        clock.advance(60_000 * MS);
        let delivered = pump.stop().unwrap().get();
        let minute = i64::from(rate.get());
        assert!((minute..minute + minute / 50).contains(&delivered), "{delivered}");
    }
}

#[test]
fn large_pump_is_calibrated_by_what_it_gave() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::PmpL);
    circuit.set_probe(0.9, 0.0);
    let mut pump = blocking::Pump::new(over_i2c::<PmpL>(&clock, &circuit));
    pump.dose(Microlitres::new(100_000)).unwrap();
    clock.advance(20_000 * MS);
    assert!((circuit.delivered() - 90.0).abs() < 0.01);
    let calibrated = pump.ezo().calibrate(&pmp::Point(Microlitres::new(90_000)));
    assert_eq!(
        calibrated.map(|calibrated| calibrated.after),
        Ok(pmp::Calibration::Volume)
    );
    pump.dose(Microlitres::new(100_000)).unwrap();
    clock.advance(20_000 * MS);
    assert!((circuit.delivered() - 190.0).abs() < 0.02);
}

#[test]
fn large_pump_tells_its_totals_in_a_reading() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::PmpL);
    let mut pump = blocking::Pump::new(over_i2c::<PmpL>(&clock, &circuit));
    for volume in [60_000, -20_000] {
        pump.dose(Microlitres::new(volume)).unwrap();
        clock.advance(10_000 * MS);
    }
    for output in [pmp::Output::Total, pmp::Output::AbsoluteTotal] {
        pump.ezo().execute(&SetOutput(output, Switch::On)).unwrap();
    }
    let reading = pmp::Reading {
        volume: Some(Microlitres::new(-20_000)),
        total: Some(Microlitres::new(40_000)),
        absolute_total: Some(Microlitres::new(80_000)),
    };
    assert_eq!(pump.ezo().read(), Ok(reading));
}

/// A minute of reports that nobody listens to is more than the receiver holds.
#[test]
fn pump_is_stopped_although_the_receiver_overran() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::PmpL);
    let mut pump = blocking::Pump::new(over_uart::<PmpL>(&clock, &circuit));
    pump.dose_at(MicrolitresPerMinute::new(10_000), None).unwrap();
    clock.advance(60_000 * MS);
    let begin = clock.now();
    let delivered = pump.stop().unwrap();
    assert!(clock.now() - begin < 1_500 * MS);
    assert!((delivered.to::<f64>() - circuit.delivered()).abs() < 0.01);
}

#[test]
fn end_of_a_dose_is_an_event_between_reports() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::PmpL);
    let mut pump = blocking::Pump::new(over_uart::<PmpL>(&clock, &circuit));
    pump.dose(Microlitres::new(40_000)).unwrap(); // takes 3.2 s
    let mut reports = 0;
    let dispensed = loop {
        let event = pump
            .ezo()
            .wait_for_event(fugit::MillisDurationU32::from_ticks(2_000));
        match event.unwrap() {
            Some(Event::Reading(_)) => reports += 1,
            Some(Event::Dispensed(volume)) => break volume,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(dispensed, Microlitres::new(40_000));
    assert_eq!(reports, 3);
}

#[test]
fn pump_delivers_what_it_says() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Pmp);
    let mut pump = blocking::Pump::new(over_i2c::<Pmp>(&clock, &circuit));
    assert!(pump.motor_supply().unwrap().get() >= 11_000);
    pump.dose(Microlitres::new(10_000)).unwrap();
    assert!(pump.dispensing().unwrap().running.is_on());
    assert_eq!(
        pump.dose(Microlitres::new(10_000)),
        Err(Error::Device(Fault::Running))
    );
    clock.advance(20_000 * MS);
    assert!(!pump.dispensing().unwrap().running.is_on());
    assert_eq!(pump.delivered(), Ok(Microlitres::new(10_000)));
    assert_eq!(pump.totals().unwrap().net, Microlitres::new(10_000));
    assert!((circuit.delivered() - 10.0).abs() < 0.6); // ±5 % before calibration
}

#[test]
fn pump_that_is_stopped_tells_the_part_that_was_delivered() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Pmp);
    let mut pump = blocking::Pump::new(over_uart::<Pmp>(&clock, &circuit));
    pump.ezo()
        .execute(&pmp::SetReporting(pmp::Reporting::Off))
        .unwrap();
    pump.dose_over(Microlitres::new(60_000), fugit::MinutesDurationU32::from_ticks(1))
        .unwrap();
    clock.advance(10_000 * MS);
    let delivered = pump.stop().unwrap().get();
    assert!((9_500..=11_500).contains(&delivered), "{delivered}");
    assert!(!pump.dispensing().unwrap().running.is_on());
}

#[test]
fn armed_pump_is_refused() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Pmp);
    let mut pump = blocking::Pump::new(over_i2c::<Pmp>(&clock, &circuit));
    let startup = pmp::Startup::Dispense(pmp::Amount::Volume(Microlitres::new(5_000)));
    pump.ezo().execute(&pmp::SetStartup(startup)).unwrap();
    assert_eq!(
        pump.dose(Microlitres::new(10_000)),
        Err(Error::Device(Fault::Armed))
    );
    pump.disarm().unwrap();
    assert_eq!(pump.dose(Microlitres::new(10_000)), Ok(()));
}

#[test]
fn pump_without_motor_supply_is_told_over_uart() {
    let clock = Clock::new();
    let circuit = sim::Ezo::new(&clock, EzoKind::Pmp);
    circuit.set_motor_supply(0.0);
    let mut pump = blocking::Pump::new(over_uart::<Pmp>(&clock, &circuit));
    assert_eq!(
        pump.dose(Microlitres::new(10_000)),
        Err(Error::Device(Fault::NoMotorPower))
    );
}
