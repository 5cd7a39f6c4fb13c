//! An answer that ends too early, at every point at which it can.

mod common;

use common::Event::{Enter, High, Leave, Low, Wait};
use common::{NOMINAL, Wave, Wire, numbers, read_once, wave, with_both};
use dht22::{Config, Error, Fault, Model};

const GOOD: [u8; 5] = [0x02, 0x8C, 0x01, 0x5F, 0xEE];

/// The first so many level changes of a good answer; the line stays as it is then.
fn cut_off(changes: usize) -> Wave {
    wave(GOOD, NOMINAL).into_iter().take(changes).collect()
}

/// The fault that this answer leads to. The guard is left and the line released, whatever it is.
fn fault_of(answer: &Wave) -> Fault {
    with_both(
        Model::Dht22,
        || Wire::new([answer.clone()]),
        |mut driver, wire| {
            assert!(driver.read(2_000).is_err());
            assert_eq!(
                wire.take_log(),
                [High, Low, Wait(1_100_000), Enter, High, Leave, High]
            );
        },
    );
    match read_once(Model::Dht22, || Wire::new([answer.clone()])) {
        Err(Error::Device(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sensor_that_is_not_there() {
    assert_eq!(fault_of(&cut_off(0)), Fault::NoResponse);
}

#[test]
fn line_that_stays_low_after_the_start_pulse() {
    assert_eq!(fault_of(&vec![0]), Fault::NotReleased);
}

#[test]
fn response_that_does_not_end() {
    assert_eq!(fault_of(&cut_off(1)), Fault::ResponseLow);
}

#[test]
fn response_that_nothing_follows() {
    assert_eq!(fault_of(&cut_off(2)), Fault::ResponseHigh);
}

#[test]
fn bit_that_stays_low_is_named() {
    for bit in 0..40_u8 {
        assert_eq!(fault_of(&cut_off(3 + 2 * usize::from(bit))), Fault::BitLow(bit));
    }
}

#[test]
fn bit_that_stays_high_is_named() {
    for bit in 0..40_u8 {
        assert_eq!(fault_of(&cut_off(4 + 2 * usize::from(bit))), Fault::BitHigh(bit));
    }
}

#[test]
fn end_of_the_frame_need_not_be_high_again() {
    assert_eq!(
        numbers(read_once(Model::Dht22, || Wire::new([cut_off(83)]))),
        Ok((35_100, 652))
    );
}

#[test]
fn first_bit_lost_to_a_late_start_is_a_fault() {
    // The host was held up until 130 µs after its release and takes the rest of the response for the silence
    // before it: the bits are one too few.
    let late = || Wire::new([wave(GOOD, NOMINAL)]).interrupts([(0, 130_000)]);
    assert_eq!(
        read_once(Model::Dht22, late),
        Err(Error::Device(Fault::BitHigh(39)))
    );
}

#[test]
fn response_is_waited_for_as_long_as_patience_says() {
    let mut config = Config::new(Model::Dht22);
    config.patience = 100;
    with_both(
        config,
        || Wire::new([]),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::NoResponse)));
            // Release, look, start, release; one poll sees the line high; 100 polls; release.
            assert_eq!(wire.calls(), 4 + 1 + 100 + 1);
        },
    );
}

#[test]
fn patience_is_20_000_polls_at_first() {
    with_both(
        Model::Dht22,
        || Wire::new([]),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::NoResponse)));
            assert_eq!(wire.calls(), 4 + 1 + 20_000 + 1);
        },
    );
}

#[test]
fn level_of_a_bit_is_waited_for_four_times_as_long_as_the_response_took() {
    // The longer half of the response counts: 81 µs.
    let answer = vec![30_000, 79_000, 81_000];
    with_both(
        Model::Dht22,
        || Wire::new([answer.clone()]),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::BitLow(0))));
            assert_eq!(wire.calls(), 4 + 30 + 79 + 81 + 324 + 1);
        },
    );
}

#[test]
fn shortest_patience_is_still_a_fault() {
    let mut config = Config::new(Model::Dht22);
    config.patience = 0;
    assert_eq!(
        read_once(config, || Wire::sending(&[GOOD])),
        Err(Error::Device(Fault::NotReleased))
    );
}
