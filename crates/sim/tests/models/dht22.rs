//! The single-bus timing and the frames of the DHT family.

use sim::{Attached, Dht22, DhtFault, DhtFrame, DhtKind, Tolerance, TooSoon};

use crate::host::{Host, MS, TOLERANCES, US};

const S: u64 = 1_000 * MS;

fn with(sensor: Dht22) -> (Host, Attached<Dht22>) {
    let host = Host::new();
    let sensor = host.wire.attach(sensor);
    (host, sensor)
}

/// The levels that follow a start pulse of `ns`: high, low, high, low ..., in nanoseconds.
fn answer(host: &mut Host, ns: u64) -> Vec<u64> {
    host.wire.clear_trace();
    host.low(ns);
    host.clock.advance(10 * MS);
    host.lengths().split_off(1)
}

/// The five bytes after a start pulse of `ns`; none if there are not 40 bits.
fn frame(host: &mut Host, ns: u64) -> Option<[u8; 5]> {
    let lengths = answer(host, ns);
    let ones: Vec<_> = lengths.get(3..83)?.chunks(2).map(|bit| bit[1] > bit[0]).collect();
    Some(std::array::from_fn(|index| {
        ones[index * 8..][..8]
            .iter()
            .fold(0, |byte, &one| byte << 1 | u8::from(one))
    }))
}

fn reading(sensor: Dht22) -> [u8; 5] {
    frame(&mut with(sensor).0, 18 * MS).unwrap()
}

#[test]
fn frame_of_the_data_sheet() {
    assert_eq!(
        reading(Dht22::new().with_reading(35_100, 652)),
        [0x02, 0x8C, 0x01, 0x5F, 0xEE]
    );
}

#[test]
fn pulses_have_the_lengths_of_each_tolerance() {
    for (tolerance, expected) in TOLERANCES.into_iter().zip([
        [20_000, 75_000, 75_000, 48_000, 22_000, 48_000, 68_000, 45_000],
        [30_000, 80_000, 80_000, 50_000, 26_000, 50_000, 70_000, 50_000],
        [40_000, 85_000, 85_000, 55_000, 30_000, 55_000, 75_000, 55_000],
    ]) {
        let (mut host, sensor) = with(Dht22::new().with_tolerance(tolerance));
        sensor.with(|sensor| sensor.set_raw_frame(Some([0x40, 0, 0, 0, 0])));
        let lengths = answer(&mut host, MS);
        assert_eq!(lengths[..7], expected[..7], "{tolerance:?}");
        assert_eq!(lengths[83..], expected[7..], "{tolerance:?}");
    }
}

#[test]
fn dht22_answers_a_start_pulse_of_0_8_to_20_ms() {
    for (ns, answers) in [(799_999, 0), (800_000, 1), (20_000_000, 1), (20_000_001, 0)] {
        let (mut host, sensor) = with(Dht22::new());
        answer(&mut host, ns);
        assert_eq!(sensor.with(|sensor| sensor.answers()), answers, "{ns}");
    }
}

#[test]
fn dht11_answers_a_start_pulse_of_18_to_30_ms() {
    for (ns, answers) in [
        (1_000_000, 0),
        (17_999_999, 0),
        (18_000_000, 1),
        (30_000_000, 1),
        (30_000_001, 0),
    ] {
        let (mut host, sensor) = with(Dht22::of_kind(DhtKind::Dht11));
        answer(&mut host, ns);
        assert_eq!(sensor.with(|sensor| sensor.answers()), answers, "{ns}");
    }
}

#[test]
fn dht22_carries_negative_temperatures_as_sign_and_magnitude() {
    assert_eq!(
        reading(Dht22::new().with_reading(-10_100, 400)),
        [0x01, 0x90, 0x80, 0x65, 0x76]
    );
    assert_eq!(
        reading(Dht22::of_kind(DhtKind::Dht21).with_reading(-1_000, 400)),
        [0x01, 0x90, 0x80, 0x0A, 0x1B]
    );
}

#[test]
fn clones_carry_negative_temperatures_in_twos_complement() {
    let clone = Dht22::new().with_frame(DhtFrame::TwosComplement);
    assert_eq!(
        reading(clone.clone().with_reading(-10_100, 501)),
        [0x01, 0xF5, 0xFF, 0x9B, 0x90]
    );
    assert_eq!(
        reading(clone.with_reading(-100, 501)),
        [0x01, 0xF5, 0xFF, 0xFF, 0xF4]
    );
}

#[test]
fn clones_carry_negative_temperatures_in_12_bits() {
    let clone = Dht22::new().with_frame(DhtFrame::TwelveBit);
    assert_eq!(
        reading(clone.with_reading(-800, 500)),
        [0x01, 0xF4, 0x0F, 0xF8, 0xFC]
    );
}

#[test]
fn positive_temperatures_are_the_same_in_all_16_bit_frames() {
    for frame in [
        DhtFrame::SignMagnitude,
        DhtFrame::TwosComplement,
        DhtFrame::TwelveBit,
    ] {
        let sensor = Dht22::new().with_frame(frame).with_reading(25_500, 1_000);
        assert_eq!(reading(sensor), [0x03, 0xE8, 0x00, 0xFF, 0xEA], "{frame:?}");
    }
}

#[test]
fn tenths_round_half_away_from_zero() {
    assert_eq!(reading(Dht22::new().with_reading(50, 0))[2..4], [0x00, 0x01]);
    assert_eq!(reading(Dht22::new().with_reading(49, 0))[2..4], [0x00, 0x00]);
    assert_eq!(reading(Dht22::new().with_reading(-50, 0))[2..4], [0x80, 0x01]);
}

#[test]
fn dht11_carries_whole_numbers_and_tenths() {
    assert_eq!(
        reading(Dht22::of_kind(DhtKind::Dht11).with_reading(23_400, 415)),
        [41, 5, 23, 4, 73]
    );
    assert_eq!(
        reading(Dht22::of_kind(DhtKind::Dht12).with_reading(-5_300, 415)),
        [41, 5, 5, 0x83, 182]
    );
}

#[test]
fn old_dht11_carries_whole_numbers_only() {
    let sensor = Dht22::of_kind(DhtKind::Dht11).with_frame(DhtFrame::Whole);
    assert_eq!(
        reading(sensor.clone().with_reading(23_400, 415)),
        [42, 0, 23, 0, 65]
    );
    assert_eq!(reading(sensor.with_reading(-3_000, 415)), [42, 0, 0, 0, 42]);
}

#[test]
fn sign_may_be_in_byte_2() {
    let sensor = Dht22::of_kind(DhtKind::Dht11).with_frame(DhtFrame::SignInByte2);
    assert_eq!(reading(sensor.with_reading(-5_300, 415)), [41, 5, 0x85, 3, 182]);
}

#[test]
fn clone_may_sum_two_bytes_only() {
    let sensor = Dht22::of_kind(DhtKind::Dht11)
        .with_two_byte_sum()
        .with_reading(23_400, 415);
    assert_eq!(reading(sensor), [41, 5, 23, 4, 64]);
}

#[test]
fn raw_frame_is_sent_as_it_is() {
    let (mut host, sensor) = with(Dht22::new());
    sensor.with(|sensor| sensor.set_raw_frame(Some([1, 2, 3, 4, 5])));
    assert_eq!(frame(&mut host, MS), Some([1, 2, 3, 4, 5]));
    sensor.with(|sensor| sensor.set_raw_frame(None));
    assert_eq!(frame(&mut host, MS), Some([0x01, 0xF4, 0x00, 0xC8, 0xBD]));
}

#[test]
fn asked_too_soon_it_repeats_itself() {
    let (mut host, sensor) = with(Dht22::new().with_reading(20_000, 500));
    let first = frame(&mut host, MS);
    sensor.with(|sensor| sensor.set_reading(30_000, 500));
    host.clock.advance(2 * S - 13 * MS);
    assert_eq!(frame(&mut host, MS), first);
    assert_eq!(frame(&mut host, MS).unwrap()[2..4], [0x01, 0x2C]);
}

#[test]
fn asked_too_soon_it_may_be_silent() {
    let (mut host, sensor) = with(Dht22::new());
    sensor.with(|sensor| sensor.set_too_soon(TooSoon::Silent));
    assert!(frame(&mut host, MS).is_some());
    assert_eq!(answer(&mut host, MS), []);
    host.clock.advance(2 * S);
    assert!(frame(&mut host, MS).is_some());
}

#[test]
fn minimum_interval_is_two_seconds_and_one_for_the_dht11() {
    for (kind, seconds) in [
        (DhtKind::Dht11, 1),
        (DhtKind::Dht12, 2),
        (DhtKind::Dht21, 2),
        (DhtKind::Dht22, 2),
    ] {
        for (early, answers) in [(1, 1), (0, 2)] {
            let (mut host, sensor) = with(Dht22::of_kind(kind));
            sensor.with(|sensor| sensor.set_too_soon(TooSoon::Silent));
            host.low(18 * MS);
            let asked = host.clock.now();
            host.clock.advance_to(asked + seconds * S - 18 * MS - 1 - early);
            host.low(18 * MS);
            assert_eq!(sensor.with(|sensor| sensor.answers()), answers, "{kind:?}");
        }
    }
}

#[test]
fn minimum_interval_can_be_set() {
    let (mut host, sensor) = with(Dht22::new());
    sensor.with(|sensor| {
        sensor.set_too_soon(TooSoon::Silent);
        sensor.set_min_interval(100 * MS);
    });
    assert!(frame(&mut host, MS).is_some());
    host.clock.advance(90 * MS);
    assert!(frame(&mut host, MS).is_some());
}

#[test]
fn answer_may_be_the_measurement_before() {
    let (mut host, sensor) = with(Dht22::new().with_previous_reading().with_reading(20_000, 500));
    for (set, sent) in [(30_000, [0x00, 0xC8]), (40_000, [0x01, 0x2C]), (0, [0x01, 0x90])] {
        sensor.with(|sensor| sensor.set_reading(set, 500));
        assert_eq!(frame(&mut host, MS).unwrap()[2..4], sent);
        host.clock.advance(2 * S);
    }
}

#[test]
fn it_takes_a_second_to_power_up() {
    let (mut host, sensor) = with(Dht22::new());
    sensor.power_cycle();
    host.clock.advance(990 * MS);
    assert_eq!(answer(&mut host, MS), []);
    assert!(frame(&mut host, MS).is_some());
}

#[test]
fn unplugged_sensor_is_silent() {
    let (mut host, sensor) = with(Dht22::new());
    sensor.unplug();
    assert_eq!(answer(&mut host, MS), []);
}

#[test]
fn sensor_unplugged_within_the_frame_stops() {
    let (mut host, sensor) = with(Dht22::new());
    // Start pulse, response, twenty bits, of which the last high does not end.
    sensor.unplug_after(22);
    assert_eq!(answer(&mut host, MS).len(), 3 + 2 * 20 - 1);
}

#[test]
fn silent_sensor_is_silent_until_the_fault_is_cleared() {
    let (mut host, sensor) = with(Dht22::new());
    sensor.with(|sensor| sensor.set_fault(Some(DhtFault::Silent)));
    assert_eq!(answer(&mut host, MS), []);
    sensor.with(|sensor| sensor.set_fault(None));
    assert!(frame(&mut host, MS).is_some());
}

#[test]
fn wrong_checksum_is_one_too_high() {
    let (mut host, sensor) = with(Dht22::new().with_reading(35_100, 652));
    sensor.with(|sensor| sensor.set_fault(Some(DhtFault::WrongChecksum)));
    assert_eq!(frame(&mut host, MS), Some([0x02, 0x8C, 0x01, 0x5F, 0xEF]));
}

#[test]
fn truncated_frame_ends_high() {
    for bits in [0, 1, 39] {
        let (mut host, sensor) = with(Dht22::new());
        sensor.with(|sensor| sensor.set_fault(Some(DhtFault::StopsHigh(bits))));
        // Release, response low; each bit adds the high before it and its low.
        assert_eq!(answer(&mut host, MS).len(), 2 + 2 * usize::from(bits), "{bits}");
        assert!(host.wire.is_high());
    }
}

#[test]
fn sensor_that_stops_low_holds_the_line_until_the_fault_is_cleared() {
    let (mut host, sensor) = with(Dht22::new());
    sensor.with(|sensor| sensor.set_fault(Some(DhtFault::StopsLow(7))));
    assert_eq!(answer(&mut host, MS).len(), 3 + 2 * 7);
    host.clock.advance(60 * S);
    assert!(!host.wire.is_high());
    sensor.with(|sensor| sensor.set_fault(None));
    assert!(host.wire.is_high());
}

#[test]
fn late_response_is_late_by_the_answer_delay() {
    let (mut host, sensor) = with(Dht22::new());
    sensor.with(|sensor| sensor.set_answer_delay(100 * US));
    assert_eq!(answer(&mut host, MS)[0], 130_000);
}

#[test]
fn host_that_pulls_during_the_answer_does_not_start_another() {
    let (mut host, sensor) = with(Dht22::new().with_tolerance(Tolerance::Slowest));
    host.low(MS);
    host.clock.advance(US);
    host.low(MS);
    host.clock.advance(10 * MS);
    assert_eq!(sensor.with(|sensor| sensor.answers()), 1);
}
