//! DS18B20 data sheet, AC electrical characteristics and figures of the time slots.

use sim::{Ds18b20, Source, Tolerance};

use crate::host::{Host, SERIAL, STANDARD, Slot, TOLERANCES, US};

fn host(tolerance: Tolerance) -> Host {
    Host::with(Ds18b20::new(SERIAL).with_tolerance(tolerance)).0
}

/// Whether the device understands the command "read ROM" written with such slots.
fn understands(tolerance: Tolerance, slot: Slot) -> bool {
    let mut host = host(tolerance);
    assert!(host.reset());
    host.slot = slot;
    host.write(&[0x33]);
    host.slot = STANDARD;
    host.read() == [0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F]
}

/// A device that is about to send the 0 in bit 0 of its ROM, and the time it began to.
fn sending_a_zero(tolerance: Tolerance) -> Host {
    let mut host = host(tolerance);
    assert!(host.reset());
    host.write(&[0x33]);
    host.wire.clear_trace();
    host
}

#[test]
fn presence_pulse_has_the_limits_of_the_data_sheet() {
    let expected = [
        [480_000, 15_000, 60_000],
        [480_000, 30_000, 120_000],
        [480_000, 60_000, 240_000],
    ];
    for (tolerance, expected) in TOLERANCES.into_iter().zip(expected) {
        let mut host = host(tolerance);
        host.low(480 * US);
        host.clock.advance(480 * US);
        assert_eq!(host.lengths(), expected, "{tolerance:?}");
    }
}

#[test]
fn trace_names_who_pulled() {
    let mut host = host(Tolerance::Nominal);
    host.low(480 * US);
    host.clock.advance(480 * US);
    let by: Vec<_> = host
        .wire
        .trace()
        .edges()
        .map(|edge| (edge.high, edge.by))
        .collect();
    let (master, device) = (Source::Host(0), Source::Device(0));
    assert_eq!(
        by,
        [(false, master), (true, master), (false, device), (true, device)]
    );
}

#[test]
fn low_of_480_us_is_always_a_reset() {
    for tolerance in TOLERANCES {
        assert!(host(tolerance).reset(), "{tolerance:?}");
    }
}

#[test]
fn low_of_120_us_is_never_a_reset() {
    for tolerance in TOLERANCES {
        let mut host = host(tolerance);
        host.low(120 * US);
        host.clock.advance(480 * US);
        assert_eq!(host.lengths(), [120_000], "{tolerance:?}");
    }
}

#[test]
fn low_in_between_depends_on_the_part() {
    for (ns, answered) in [
        (120_009, [true, false, false]),
        (240_000, [true, true, false]),
        (479_999, [true, true, false]),
    ] {
        for (tolerance, answered) in TOLERANCES.into_iter().zip(answered) {
            let mut host = host(tolerance);
            host.low(ns);
            host.clock.advance(480 * US);
            assert_eq!(host.lengths().len() == 3, answered, "{tolerance:?} {ns}");
        }
    }
}

#[test]
fn one_may_be_low_for_1_to_15_us() {
    for tolerance in TOLERANCES {
        for one in [US, 15 * US] {
            assert!(
                understands(
                    tolerance,
                    Slot {
                        one,
                        read: 20 * US,
                        ..STANDARD
                    }
                ),
                "{tolerance:?} {one}"
            );
        }
    }
}

#[test]
fn one_that_is_low_for_longer_is_a_zero_to_the_fastest_part() {
    assert!(!understands(
        Tolerance::Fastest,
        Slot {
            one: 15_001,
            read: 20 * US,
            ..STANDARD
        }
    ));
    assert!(understands(
        Tolerance::Slowest,
        Slot {
            one: 15_001,
            read: 20 * US,
            ..STANDARD
        }
    ));
}

#[test]
fn zero_may_be_low_for_60_to_120_us() {
    for tolerance in TOLERANCES {
        for zero in [60 * US, 120 * US] {
            assert!(
                understands(
                    tolerance,
                    Slot {
                        zero,
                        all: 121 * US,
                        ..STANDARD
                    }
                ),
                "{tolerance:?} {zero}"
            );
        }
    }
}

#[test]
fn zero_that_is_low_for_less_is_a_one_to_the_slowest_part() {
    assert!(!understands(
        Tolerance::Slowest,
        Slot {
            zero: 59_999,
            ..STANDARD
        }
    ));
    assert!(understands(
        Tolerance::Fastest,
        Slot {
            zero: 59_999,
            ..STANDARD
        }
    ));
}

#[test]
fn recovery_of_1_us_is_enough() {
    for tolerance in TOLERANCES {
        assert!(
            understands(
                tolerance,
                Slot {
                    zero: 60 * US,
                    all: 61 * US,
                    ..STANDARD
                }
            ),
            "{tolerance:?}"
        );
    }
}

#[test]
fn zero_is_valid_for_15_us() {
    for tolerance in TOLERANCES {
        let mut host = sending_a_zero(tolerance);
        host.low(US);
        assert!(!host.high_after(14 * US), "{tolerance:?}");
    }
}

#[test]
fn zero_is_gone_after_15_us_on_the_fastest_part() {
    let mut host = sending_a_zero(Tolerance::Fastest);
    host.low(US);
    assert!(host.high_after(14 * US + 1));
}

#[test]
fn zero_is_held_for_15_30_or_60_us() {
    for (tolerance, held) in TOLERANCES.into_iter().zip([15_001, 30_000, 60_000]) {
        let mut host = sending_a_zero(tolerance);
        host.low(US);
        host.clock.advance(100 * US);
        assert_eq!(host.lengths(), [held], "{tolerance:?}");
    }
}

#[test]
fn one_is_not_held() {
    let mut host = sending_a_zero(Tolerance::Slowest);
    for _ in 0..3 {
        host.bit(true);
    }
    host.wire.clear_trace();
    host.low(US);
    host.clock.advance(100 * US);
    assert_eq!(host.lengths(), [1_000], "bit 3 of 0x28 is a one");
}

#[test]
fn slow_presence_pulse_of_one_part_is_no_reset_to_another() {
    let mut host = host(Tolerance::Fastest);
    let _slow = host
        .wire
        .attach(Ds18b20::new(2).with_tolerance(Tolerance::Slowest));
    host.low(480 * US);
    host.clock.advance(480 * US);
    assert_eq!(
        host.lengths(),
        [480_000, 15_000, 285_000],
        "15 to 75 µs and 60 to 300 µs"
    );
}

#[test]
fn second_reset_begins_anew() {
    let mut host = host(Tolerance::Nominal);
    host.low(480 * US);
    host.clock.advance(5 * US - 1);
    host.low(480 * US);
    host.clock.advance(480 * US);
    assert_eq!(host.lengths(), [480_000, 5_000, 480_000, 30_000, 120_000]);
}

#[test]
fn late_presence_pulse_is_late_by_the_answer_delay() {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL));
    probe.with(|probe| probe.set_answer_delay(70 * US));
    host.low(480 * US);
    host.clock.advance(480 * US);
    assert_eq!(host.lengths(), [480_000, 100_000, 120_000]);
}

#[test]
fn late_bit_is_missed_and_does_not_confuse_the_part_that_sent_it() {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL));
    assert!(host.reset());
    host.write(&[0x33]);
    probe.with(|probe| probe.set_answer_delay(14 * US));
    assert_eq!(host.read(), [0xFF]);
    probe.with(|probe| probe.set_answer_delay(0));
    assert_eq!(host.read(), [0x13]);
}

#[test]
fn overdrive_slots_have_their_own_limits() {
    for (tolerance, presence) in
        TOLERANCES
            .into_iter()
            .zip([[2_000, 8_000], [3_000, 12_000], [6_000, 24_000]])
    {
        let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL).with_overdrive().with_tolerance(tolerance));
        assert!(host.reset());
        host.write(&[0x3C]);
        host.slot = Slot {
            one: 2 * US,
            zero: 6 * US,
            read: 2 * US + 1,
            all: 8 * US,
        };
        host.write(&[0xB4]);
        host.wire.clear_trace();
        host.low(48 * US);
        host.clock.advance(48 * US);
        assert_eq!(
            host.lengths(),
            [&[48_000], presence.as_slice()].concat(),
            "{tolerance:?}"
        );
        host.slot = Slot {
            one: US,
            zero: 6 * US,
            read: 2 * US,
            all: 8 * US,
        };
        host.write(&[0xCC, 0xBE]);
        assert_eq!(
            host.read(),
            [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C],
            "{tolerance:?}"
        );
    }
}

#[test]
fn overdrive_match_selects_one_part_only() {
    let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL).with_overdrive());
    let _other = host
        .wire
        .attach(Ds18b20::new(2).with_overdrive().with_eeprom([0x01, 0x02, 0x1F]));
    assert!(host.reset());
    host.write(&[0x69]);
    host.slot = Slot {
        one: US,
        zero: 6 * US,
        read: 2 * US,
        all: 8 * US,
    };
    host.write(&[0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F, 0xBE]);
    assert_eq!(
        host.read(),
        [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C]
    );
}

#[test]
fn standard_reset_ends_overdrive() {
    let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL).with_overdrive());
    assert!(host.reset());
    host.write(&[0x3C]);
    assert!(host.reset());
    host.write(&[0x33]);
    assert_eq!(host.read(), [0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F]);
}

#[test]
fn part_without_overdrive_does_not_answer_to_it() {
    let mut host = host(Tolerance::Nominal);
    assert!(host.reset());
    host.write(&[0x3C]);
    host.wire.clear_trace();
    host.low(48 * US);
    host.clock.advance(48 * US);
    assert_eq!(host.lengths(), [48_000]);
}
