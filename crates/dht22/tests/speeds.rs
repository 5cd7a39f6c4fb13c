//! The same answer through processors of all speeds, from sensors of all speeds.

mod common;

use common::{CLOSEST_ONE, CLOSEST_ZERO, FASTEST, NOMINAL, SLOWEST, Timing, Wire, numbers, read_once, wave};
use dht22::{Error, Fault, Model};

/// Nanoseconds from one poll of the pin to the next.
const POLLS: [u64; 9] = [50, 70, 130, 500, 1_000, 2_000, 3_000, 4_000, 5_000];

const FRAMES: [([u8; 5], (i32, u16)); 5] = [
    ([0x02, 0x8C, 0x01, 0x5F, 0xEE], (35_100, 652)),
    ([0x01, 0x90, 0x80, 0x0A, 0x1B], (-1_000, 400)),
    ([0x01, 0xF5, 0xFF, 0xFF, 0xF4], (-100, 501)),
    ([0x01, 0x90, 0x0F, 0xF8, 0x98], (-800, 400)),
    ([0x00, 0x00, 0x81, 0x90, 0x11], (-40_000, 0)),
];

fn reads_the_same(timing: Timing) {
    for poll in POLLS {
        for (frame, expected) in FRAMES {
            let result = read_once(Model::Dht22, || Wire::new([wave(frame, timing)]).poll_cost(poll));
            assert_eq!(numbers(result), Ok(expected), "{poll} ns, {frame:02x?}");
        }
    }
}

#[test]
fn nominal_sensor_reads_the_same_on_every_processor() {
    reads_the_same(NOMINAL);
}

#[test]
fn fastest_sensor_reads_the_same_on_every_processor() {
    reads_the_same(FASTEST);
}

#[test]
fn slowest_sensor_reads_the_same_on_every_processor() {
    reads_the_same(SLOWEST);
}

#[test]
fn closest_zeros_and_ones_read_the_same_on_every_processor() {
    reads_the_same(CLOSEST_ZERO);
    reads_the_same(CLOSEST_ONE);
}

#[test]
fn sensor_with_a_clock_that_is_off_by_half_reads_the_same() {
    // A zero is then high for 13 µs, or for 49 µs: no fixed threshold suits both.
    let half = Timing {
        gap: 15,
        response: (40, 40),
        low: 25,
        zero: 13,
        one: 35,
        end: 25,
    };
    let twice = Timing {
        gap: 60,
        response: (152, 152),
        low: 95,
        zero: 49,
        one: 133,
        end: 95,
    };
    for timing in [half, twice] {
        let result = read_once(Model::Dht22, || Wire::new([wave(FRAMES[0].0, timing)]));
        assert_eq!(numbers(result), Ok((35_100, 652)));
    }
}

#[test]
fn response_is_waited_for_200_us_at_10_ns_a_poll() {
    let late = |gap| move || Wire::new([wave(FRAMES[0].0, Timing { gap, ..NOMINAL })]).poll_cost(10);
    assert_eq!(numbers(read_once(Model::Dht22, late(199))), Ok((35_100, 652)));
    assert_eq!(
        read_once(Model::Dht22, late(201)),
        Err(Error::Device(Fault::NoResponse))
    );
}

#[test]
fn missing_sensor_is_given_up_after_100_ms_at_5_us_a_poll() {
    let wire = Wire::new([]).poll_cost(5_000);
    let shared = wire.clone();
    let mut driver = dht22::blocking::Dht22::new(shared.pin(), shared.delay(), Model::Dht22);
    assert_eq!(
        driver.read(common::at(2_000)),
        Err(Error::Device(Fault::NoResponse))
    );
    assert!(wire.now() <= 102_000_000, "{}", wire.now());
}
