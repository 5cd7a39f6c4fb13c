//! What a refresh costs on the bus, and that no controller is ever sent anything while it is busy.
#![cfg(feature = "async")]
#![allow(clippy::unwrap_used, reason = "this is a test, helpers included")]

mod common;

use common::{Bench, model, timing, with};
use core::fmt::Write;
use hd44780_i2c::{Geometry, Glyph, Screen, Slot, Timing};

/// Nanoseconds and bytes of a change, after a first flush.
fn cost(
    bench: &Bench,
    timing: Timing,
    geometry: Geometry,
    change: impl FnOnce(&mut Screen),
) -> (u64, u64, u64) {
    let mut lcd = bench.blocking(with(geometry, |config| config.timing = timing));
    lcd.flush().unwrap();
    change(&mut lcd.screen);
    bench.bus.reset_stats();
    let begin = bench.clock.now();
    lcd.flush().unwrap();
    let stats = bench.bus.stats();
    assert_eq!(bench.difference(&lcd.screen), None);
    assert_eq!(bench.violations(), []);
    (bench.clock.now() - begin, stats.bytes_written, stats.transactions)
}

fn full(screen: &mut Screen) {
    screen.write_str(&"0123456789".repeat(8)).unwrap();
}

fn twenty_by_four(bus: u32, oscillator: u32) -> Bench {
    Bench::new(bus, model(Geometry::Lcd20x4).with_oscillator(oscillator))
}

#[test]
fn twenty_by_four_takes_less_than_30_ms_at_100_khz() {
    let bench = twenty_by_four(100_000, 190_000);
    let (ns, bytes, transactions) = cost(&bench, Timing::STANDARD, Geometry::Lcd20x4, full);
    // 5 for the address, 1 to change RS, 80 times 4, and 1 to begin the second transaction.
    assert_eq!((bytes, transactions), (327, 2));
    // Two starts, addresses and stops of 11 clocks, and 9 clocks for a byte.
    assert_eq!(ns, (2 * 11 + 327 * 9) * 10_000);
    assert!(ns <= 30_000_000);
}

#[test]
fn twenty_by_four_takes_less_than_9_5_ms_at_400_khz() {
    let bench = twenty_by_four(400_000, 250_000);
    let (ns, bytes, transactions) = cost(&bench, timing(400_000, 250_000), Geometry::Lcd20x4, full);
    assert_eq!((bytes, transactions), (405, 2));
    assert_eq!(ns, (2 * 11 + 405 * 9) * 2_500);
    assert!(ns <= 9_500_000);
}

#[test]
fn twenty_by_four_takes_less_than_12_ms_at_400_khz_with_the_slowest_controller() {
    let bench = twenty_by_four(400_000, 190_000);
    let (ns, bytes, transactions) = cost(&bench, Timing::FAST, Geometry::Lcd20x4, full);
    assert_eq!((bytes, transactions), (486, 2));
    assert_eq!(ns, (2 * 11 + 486 * 9) * 2_500);
    assert!(ns <= 12_000_000);
}

#[test]
fn five_cells_in_two_runs_take_less_than_3_ms_at_100_khz() {
    let bench = twenty_by_four(100_000, 190_000);
    let (ns, bytes, transactions) = cost(&bench, Timing::STANDARD, Geometry::Lcd20x4, |screen| {
        screen.set_position(0, 4).unwrap();
        screen.write_str("6.4").unwrap();
        screen.set_position(1, 4).unwrap();
        screen.write_str("85").unwrap();
    });
    assert_eq!((bytes, transactions), (32, 1));
    assert_eq!(ns, 2_990_000);
}

#[test]
fn nothing_is_sent_when_nothing_changed() {
    let bench = twenty_by_four(100_000, 270_000);
    assert_eq!(
        cost(&bench, Timing::STANDARD, Geometry::Lcd20x4, |_| ()),
        (0, 0, 0)
    );
}

#[test]
fn one_unchanged_cell_between_two_changed_ones_is_written_two_are_skipped() {
    let bench = twenty_by_four(100_000, 270_000);
    let bytes = |text: &str| {
        let (_, bytes, _) = cost(&bench, Timing::STANDARD, Geometry::Lcd20x4, |screen| {
            screen.write_str(text).unwrap();
        });
        bytes
    };
    assert_eq!(bytes("A"), 10);
    assert_eq!(bytes("A B"), 18);
    assert_eq!(bytes("A  B"), 20);
}

/// Oscillators of the data sheet in steps of 5 kHz, fillers for exactly that one.
#[test]
fn no_controller_is_sent_anything_while_it_is_busy() {
    for bus in [100_000, 200_000, 250_000, 400_000, 500_000, 1_000_000] {
        for oscillator in (190_000..=350_000).step_by(5_000) {
            let bench = twenty_by_four(bus, oscillator);
            let mut lcd = bench.blocking(with(Geometry::Lcd20x4, |config| {
                config.timing = timing(bus, oscillator);
            }));
            full(&mut lcd.screen);
            lcd.screen.set_cursor(true);
            lcd.screen.define(Slot::S7, Glyph::DEGREE);
            lcd.screen.set_shift(3);
            lcd.flush().unwrap();
            assert_eq!(bench.violations(), [], "{bus} Hz, {oscillator} Hz");
        }
    }
}

#[test]
fn fillers_for_a_faster_controller_are_too_few_for_a_slower_one() {
    let bench = twenty_by_four(400_000, 240_000);
    let mut lcd = bench.blocking(with(Geometry::Lcd20x4, |config| {
        config.timing = timing(400_000, 250_000);
    }));
    lcd.screen.write_str("AB").unwrap();
    lcd.flush().unwrap();
    assert!(matches!(
        bench.violations().as_slice(),
        [
            sim::LcdViolation {
                fault: sim::LcdFault::Early(_),
                ..
            },
            ..
        ]
    ));
}

#[test]
fn without_fillers_the_slowest_controller_loses_characters_at_400_khz() {
    let bench = twenty_by_four(400_000, 190_000);
    let mut lcd = bench.blocking(Geometry::Lcd20x4);
    full(&mut lcd.screen);
    lcd.flush().unwrap();
    let lost = |violation: &sim::LcdViolation| matches!(violation.fault, sim::LcdFault::Lost(_));
    assert!(bench.violations().iter().any(lost));
    assert!(bench.difference(&lcd.screen).is_some());
}
