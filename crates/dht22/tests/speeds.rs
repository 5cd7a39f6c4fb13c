//! The same answer through processors of all speeds, from sensors of all speeds.

mod common;

use common::{CLOSEST_ONE, CLOSEST_ZERO, FASTEST, NOMINAL, SLOWEST, Timing, Wire, numbers, read_once, wave};
use dht22::Model;

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
fn response_that_takes_200_us_is_waited_for_on_every_processor() {
    for poll in [10, 50, 130, 500, 1_000, 5_000] {
        let late = || Wire::new([wave(FRAMES[0].0, Timing { gap: 200, ..NOMINAL })]).poll_cost(poll);
        assert_eq!(
            numbers(read_once(Model::Dht22, late)),
            Ok((35_100, 652)),
            "{poll} ns"
        );
    }
}

/// How long a reading takes on top of the start pulse, in microseconds, if the line does this after it.
fn time_lost(answer: &[u64], poll: u64) -> u64 {
    let wire = Wire::new([answer.to_vec()]).poll_cost(poll);
    let mut driver = dht22::blocking::Dht22::new(wire.pin(), wire.delay(), Model::Dht22);
    assert!(driver.read(common::at(2_000)).is_err());
    wire.now() / 1_000 - 1_100
}

#[test]
fn missing_sensor_is_given_up_within_2_ms_on_every_processor() {
    for (poll, limit) in [(10, 210), (130, 240), (1_000, 470), (5_000, 1_600)] {
        for answer in [[].as_slice(), &[0]] {
            let lost = time_lost(answer, poll);
            assert!((200..limit).contains(&lost), "{poll} ns: {lost} µs");
        }
    }
}

#[test]
fn sensor_that_stops_at_any_level_is_given_up_within_17_ms_on_every_processor() {
    let good: Vec<u64> = wave(FRAMES[0].0, NOMINAL);
    for poll in [10, 130, 450, 550, 1_000, 5_000] {
        for levels in 1..83 {
            let lost = time_lost(&good[..levels], poll);
            assert!(lost < 17_000, "{poll} ns, {levels} levels: {lost} µs");
        }
    }
}
