//! What the front ends do on the wire, and when.

mod common;

use common::Event::{Enter, High, Leave, Low, Wait};
use common::{NOMINAL, PinError, Wire, numbers, read_once, wave, with_both};
use dht22::fugit::{MicrosDurationU32, MillisDurationU32};
use dht22::{Checksum, Config, Error, Fault, Frame, Model};

/// 65.2 %, 35.1 °C.
const GOOD: [u8; 5] = [0x02, 0x8C, 0x01, 0x5F, 0xEE];
/// 40.0 %, −1.0 °C.
const COLD: [u8; 5] = [0x01, 0x90, 0x80, 0x0A, 0x1B];
const CORRUPT: [u8; 5] = [0x02, 0x8C, 0x01, 0x5F, 0xEF];

fn milliseconds(milliseconds: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(milliseconds)
}

fn with_retries(retries: u8) -> Config {
    let mut config = Config::new(Model::Dht22);
    config.retries = retries;
    config
}

#[test]
fn frame_is_read() {
    assert_eq!(
        numbers(read_once(Model::Dht22, || Wire::sending(&[GOOD]))),
        Ok((35_100, 652))
    );
}

fn start_pulse_is(model: Model, nanoseconds: u64) {
    with_both(
        model,
        || Wire::new([]),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::NoResponse)));
            let start = [High, Low, Wait(nanoseconds), Enter, High];
            assert!(wire.take_log().starts_with(&start));
        },
    );
}

#[test]
fn dht11_is_started_for_20_ms() {
    start_pulse_is(Model::Dht11, 20_000_000);
}

#[test]
fn dht12_is_started_for_20_ms() {
    start_pulse_is(Model::Dht12, 20_000_000);
}

#[test]
fn dht21_is_started_for_1_1_ms() {
    start_pulse_is(Model::Dht21, 1_100_000);
    start_pulse_is(Model::AM2301, 1_100_000);
}

#[test]
fn dht22_is_started_for_1_1_ms() {
    start_pulse_is(Model::Dht22, 1_100_000);
    start_pulse_is(Model::AM2302, 1_100_000);
    start_pulse_is(Model::AM2120, 1_100_000);
}

#[test]
fn si7021_is_started_for_half_a_millisecond() {
    start_pulse_is(Model::Si7021, 500_000);
}

#[test]
fn start_pulse_can_be_set() {
    let mut config = Config::new(Model::Dht22);
    config.start_pulse = MicrosDurationU32::from_ticks(2_000);
    with_both(
        config,
        || Wire::sending(&[GOOD]),
        |mut driver, wire| {
            assert!(driver.read(2_000).is_ok());
            assert_eq!(
                wire.take_log(),
                [High, Low, Wait(2_000_000), Enter, High, Leave, High]
            );
        },
    );
}

#[test]
fn short_checksum_is_accepted_only_if_configured() {
    let clone = [0x37, 0x05, 0x19, 0x04, 0x50];
    let refused = Error::Device(Fault::Checksum(Frame::new(clone)));
    assert_eq!(read_once(Model::Dht11, || Wire::sending(&[clone])), Err(refused));
    let mut config = Config::new(Model::Dht11);
    config.checksum = Checksum::FullOrIntegers;
    assert_eq!(
        numbers(read_once(config, || Wire::sending(&[clone]))),
        Ok((25_000, 550))
    );
}

#[test]
fn line_that_is_low_before_the_start_is_left_alone() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD]),
        |mut driver, wire| {
            wire.short(true);
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::StuckLow)));
            let mut expected = vec![High];
            expected.extend([Wait(1_000); 100]);
            assert_eq!(wire.take_log(), expected);
        },
    );
}

#[test]
fn line_that_rises_late_is_waited_for() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD]),
        |mut driver, wire| {
            wire.play(&vec![0, 40_000]);
            assert_eq!(numbers(driver.read(2_000)), Ok((35_100, 652)));
            // Each look and each wait takes a microsecond.
            let mut expected = vec![High];
            expected.extend([Wait(1_000); 19]);
            expected.extend([Low, Wait(1_100_000), Enter, High, Leave, High]);
            assert_eq!(wire.take_log(), expected);
        },
    );
}

#[test]
fn failed_reading_is_repeated_after_the_interval() {
    with_both(
        with_retries(2),
        || Wire::sending(&[CORRUPT, COLD]),
        |mut driver, wire| {
            assert_eq!(numbers(driver.read(2_000)), Ok((-1_000, 400)));
            assert_eq!(
                wire.take_log(),
                [
                    [High, Low, Wait(1_100_000), Enter, High, Leave, High].as_slice(),
                    &[Wait(2_000_000_000)],
                    &[High, Low, Wait(1_100_000), Enter, High, Leave, High],
                ]
                .concat()
            );
        },
    );
}

#[test]
fn retries_end_with_the_last_fault() {
    with_both(
        with_retries(2),
        || Wire::sending(&[GOOD; 0]),
        |mut driver, wire| {
            wire.answer(wave(CORRUPT, NOMINAL));
            wire.answer(wave(CORRUPT, NOMINAL));
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::NoResponse)));
            let waits: Vec<_> = wire
                .take_log()
                .into_iter()
                .filter(|event| matches!(event, Wait(time) if *time != 2_000))
                .collect();
            let [pulse, gap] = [Wait(1_100_000), Wait(2_000_000_000)];
            assert_eq!(waits, [pulse, gap, pulse, gap, pulse]);
        },
    );
}

#[test]
fn without_retries_a_fault_is_returned_at_once() {
    let corrupt = Error::Device(Fault::Checksum(Frame::new(CORRUPT)));
    assert_eq!(
        read_once(Model::Dht22, || Wire::sending(&[CORRUPT, GOOD])),
        Err(corrupt)
    );
}

#[test]
fn pin_error_is_not_retried() {
    with_both(
        with_retries(3),
        || Wire::sending(&[GOOD]).fail_at(1),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Pin(PinError)));
            assert_eq!(wire.take_log(), [High]);
        },
    );
}

#[test]
fn retries_move_the_time_of_the_next_reading() {
    with_both(
        with_retries(1),
        || Wire::sending(&[CORRUPT, GOOD, COLD]),
        |mut driver, _| {
            assert!(driver.read(2_000).is_ok());
            assert_eq!(
                driver.read(5_999),
                Err(Error::TooSoon {
                    wait: milliseconds(1)
                })
            );
            assert_eq!(driver.last(6_000).unwrap().age, milliseconds(2_000));
            assert_eq!(numbers(driver.read(6_000)), Ok((-1_000, 400)));
        },
    );
}

#[test]
fn reading_during_power_up_is_too_soon_and_nothing_is_sent() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD]),
        |mut driver, wire| {
            assert_eq!(
                driver.read(0),
                Err(Error::TooSoon {
                    wait: milliseconds(2_000)
                })
            );
            assert_eq!(
                driver.read(1_999),
                Err(Error::TooSoon {
                    wait: milliseconds(1)
                })
            );
            assert_eq!(wire.take_log(), []);
            assert!(driver.read(2_000).is_ok());
        },
    );
}

#[test]
fn sensor_powered_up_later_gets_its_wait() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD]),
        |mut driver, _| {
            driver.powered_up(10_000);
            assert_eq!(
                driver.read(11_999),
                Err(Error::TooSoon {
                    wait: milliseconds(1)
                })
            );
            assert!(driver.read(12_000).is_ok());
        },
    );
}

#[test]
fn second_reading_before_the_interval_is_too_soon_and_nothing_is_sent() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD, COLD]),
        |mut driver, wire| {
            assert!(driver.read(10_000).is_ok());
            wire.take_log();
            assert_eq!(
                driver.read(11_999),
                Err(Error::TooSoon {
                    wait: milliseconds(1)
                })
            );
            assert_eq!(wire.take_log(), []);
            assert_eq!(numbers(driver.read(12_000)), Ok((-1_000, 400)));
        },
    );
}

#[test]
fn failed_reading_counts_for_the_interval() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[CORRUPT, GOOD]),
        |mut driver, _| {
            assert!(driver.read(10_000).is_err());
            assert_eq!(
                driver.read(11_000),
                Err(Error::TooSoon {
                    wait: milliseconds(1_000)
                })
            );
        },
    );
}

#[test]
fn interval_can_be_set() {
    let mut config = Config::new(Model::Dht22);
    config.interval = milliseconds(500);
    with_both(
        config,
        || Wire::sending(&[GOOD, COLD]),
        |mut driver, _| {
            assert!(driver.read(2_000).is_ok());
            assert_eq!(
                driver.read(2_499),
                Err(Error::TooSoon {
                    wait: milliseconds(1)
                })
            );
            assert!(driver.read(2_500).is_ok());
        },
    );
}

#[test]
fn power_up_wait_can_be_set() {
    let mut config = Config::new(Model::Dht22);
    config.power_up = milliseconds(1_000);
    with_both(
        config,
        || Wire::sending(&[GOOD]),
        |mut driver, _| {
            assert_eq!(
                driver.read(999),
                Err(Error::TooSoon {
                    wait: milliseconds(1)
                })
            );
            assert!(driver.read(1_000).is_ok());
        },
    );
}

#[test]
fn power_up_wait_may_be_longer_than_the_interval() {
    let mut config = Config::new(Model::Dht22);
    config.power_up = milliseconds(5_000);
    with_both(
        config,
        || Wire::sending(&[GOOD]),
        |mut driver, _| {
            assert_eq!(
                driver.read(1_000),
                Err(Error::TooSoon {
                    wait: milliseconds(4_000)
                })
            );
            assert!(driver.read(5_000).is_ok());
        },
    );
}

#[test]
fn last_reading_is_kept_with_its_age() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD, CORRUPT]),
        |mut driver, _| {
            assert_eq!(driver.last(2_000), None);
            assert!(driver.read(2_000).is_ok());
            assert!(driver.read(2_001).is_err());
            assert!(driver.read(5_000).is_err());
            let last = driver.last(6_500).unwrap();
            assert_eq!(last.age, milliseconds(4_500));
            assert_eq!(
                (last.reading.temperature.get(), last.reading.humidity.get()),
                (35_100, 652)
            );
        },
    );
}

#[test]
fn age_stops_at_49_days() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD]),
        |mut driver, _| {
            assert!(driver.read(2_000).is_ok());
            assert_eq!(driver.last(u64::MAX).unwrap().age, milliseconds(4_294_967_295));
        },
    );
}

#[test]
fn clock_that_was_set_back_costs_one_interval_at_most() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD, COLD]),
        |mut driver, _| {
            assert!(driver.read(1_000_000).is_ok());
            assert_eq!(driver.last(5_000).unwrap().age, milliseconds(0));
            assert_eq!(
                driver.read(5_000),
                Err(Error::TooSoon {
                    wait: milliseconds(2_000)
                })
            );
            assert!(driver.read(7_000).is_ok());
        },
    );
}

#[test]
fn time_near_its_end_does_not_overflow() {
    with_both(
        with_retries(1),
        || Wire::sending(&[CORRUPT, GOOD]),
        |mut driver, _| {
            assert!(driver.read(u64::MAX).is_ok());
            assert_eq!(driver.last(u64::MAX).unwrap().age, milliseconds(0));
        },
    );
}

#[test]
fn fresh_reading_discards_the_first_answer() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD, COLD]),
        |mut driver, wire| {
            assert_eq!(numbers(driver.read_fresh(2_000)), Ok((-1_000, 400)));
            assert_eq!(
                wire.take_log(),
                [
                    [High, Low, Wait(1_100_000), Enter, High, Leave, High].as_slice(),
                    &[Wait(2_000_000_000)],
                    &[High, Low, Wait(1_100_000), Enter, High, Leave, High],
                ]
                .concat()
            );
            assert_eq!(driver.last(4_000).unwrap().age, milliseconds(0));
        },
    );
}

#[test]
fn every_pin_error_is_returned_with_the_section_left_and_the_line_released() {
    // Release, look, start, release; then a look every microsecond of 30 + 80 + 80 and of 40 bits of 50 + 26,
    // 17 of them 44 longer; and a release.
    let calls = 4 + 30 + 160 + 40 * 76 + 17 * 44;
    for call in 1..=calls {
        with_both(
            Model::Dht22,
            || Wire::sending(&[GOOD]).fail_at(call),
            |mut driver, wire| {
                assert_eq!(driver.read(2_000), Err(Error::Pin(PinError)), "call {call}");
                let log = wire.take_log();
                assert_eq!(log.contains(&Enter), log.contains(&Leave), "call {call}");
                assert_eq!(
                    log.contains(&Low),
                    log.ends_with(&[High]) && log.len() > 1,
                    "call {call}"
                );
                assert!(!wire.is_held_low(), "call {call}");
            },
        );
    }
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD]),
        |mut driver, wire| {
            assert!(driver.read(2_000).is_ok());
            assert_eq!(wire.calls(), calls + 1);
        },
    );
}

#[test]
fn pin_and_delay_are_given_back() {
    with_both(
        Model::Dht22,
        || Wire::sending(&[GOOD]),
        |driver, wire| {
            let (mut pin, mut delay, _) = driver.release();
            embedded_hal::digital::OutputPin::set_low(&mut pin).unwrap();
            embedded_hal::delay::DelayNs::delay_ns(&mut delay, 7);
            assert_eq!(wire.take_log(), [Low, Wait(7)]);
        },
    );
}

#[cfg(feature = "async")]
#[test]
fn cancelled_start_releases_the_line_and_counts_for_the_interval() {
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    with_both(
        Model::Dht11,
        || Wire::sending(&[GOOD]),
        |driver, wire| {
            let common::Front::Async(mut driver) = driver else {
                return;
            };
            {
                let mut reading = pin!(driver.read(common::at(2_000)));
                assert!(matches!(
                    reading.as_mut().poll(&mut Context::from_waker(Waker::noop())),
                    Poll::Pending
                ));
                assert!(wire.is_held_low());
            }
            assert!(!wire.is_held_low());
            let early = embassy_futures::block_on(driver.read(common::at(3_000)));
            assert_eq!(
                early,
                Err(Error::TooSoon {
                    wait: milliseconds(1_000)
                })
            );
        },
    );
}
