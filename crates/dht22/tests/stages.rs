//! An answer that ends too early, at every point at which it can.

mod common;

use common::Event::{Enter, High, Leave, Low, Wait};
use common::{NOMINAL, Wave, Wire, numbers, read_once, wave, with_both};
use dht22::{Error, Fault, Model};

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
            let mut log = wire.take_log();
            log.retain(|event| *event != Wait(2_000));
            assert_eq!(log, [High, Low, Wait(1_100_000), Enter, High, Leave, High]);
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

/// A line that does this after the start pulse is given up after so many polls, the last 100 of them 2 µs apart.
fn is_given_up(answer: &Wave, fault: Fault, polls: usize) {
    with_both(
        Model::Dht22,
        || Wire::new([answer.clone()]),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Device(fault)));
            let mut expected = vec![High, Low, Wait(1_100_000), Enter, High];
            expected.extend([Wait(2_000); 100]);
            expected.extend([Leave, High]);
            assert_eq!(wire.take_log(), expected);
            // Release, look, start, release; the polls; release.
            assert_eq!(wire.calls(), 4 + polls + 1);
        },
    );
}

#[test]
fn response_is_waited_for_160_polls_and_100_more_after_waits() {
    // One poll sees the line high.
    is_given_up(&vec![], Fault::NoResponse, 1 + 160 + 100);
}

#[test]
fn line_that_stays_low_is_waited_for_no_longer() {
    is_given_up(&vec![0], Fault::NotReleased, 160 + 100);
}

#[test]
fn end_of_the_response_is_waited_for_no_longer() {
    is_given_up(&vec![30_000], Fault::ResponseLow, 30 + 160 + 100);
}

#[test]
fn second_half_of_the_response_is_waited_for_four_times_as_long_as_the_first() {
    with_both(
        Model::Dht22,
        || Wire::new([vec![30_000, 80_000]]),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::ResponseHigh)));
            assert_eq!(wire.calls(), 4 + 30 + 80 + 320 + 1);
        },
    );
}

#[test]
fn first_half_of_the_response_that_was_cut_short_costs_no_second_half() {
    // 20 polls of it were seen, so that four times that would end before its 80 µs do.
    with_both(
        Model::Dht22,
        || Wire::new([vec![30_000, 15_000]]),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::ResponseHigh)));
            assert_eq!(wire.calls(), 4 + 30 + 15 + 160 + 1);
        },
    );
}

#[test]
fn processor_that_polls_too_fast_to_know_its_speed_waits_for_20_000_polls() {
    // 80 µs are 800 polls of 100 ns: 160, and 31 after waits.
    with_both(
        Model::Dht22,
        || Wire::new([vec![10_000, 80_000]]).poll_cost(100),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::ResponseHigh)));
            assert_eq!(wire.calls(), 4 + 100 + 160 + 31 + 20_000 + 1);
        },
    );
}

#[test]
fn forty_bits_are_given_up_125_times_as_long_as_half_the_response() {
    // A response of 10 µs and bits of 60 µs, each of which is short enough for it: 1250 µs are over in the 21st.
    let mut answer = vec![30_000, 10_000, 10_000];
    answer.extend([[30_000; 2]; 40].concat());
    with_both(
        Model::Dht22,
        || Wire::new([answer.clone()]),
        |mut driver, wire| {
            assert_eq!(driver.read(2_000), Err(Error::Device(Fault::BitHigh(20))));
            assert_eq!(wire.calls(), 4 + 30 + 10 + 10 + 1_250 + 1);
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
