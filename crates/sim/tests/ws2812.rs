//! The LED chain against waveforms by hand.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in test functions, but not in the helpers beside them"
)]

use embedded_hal::spi::SpiBus;
use sim::{Clock, LedError, LedPart, LedViolation, Ws2812};

/// Green 0xA5, red 0x00, blue 0xFF.
const FOUR_BITS: [u8; 12] = [
    0xE8, 0xE8, 0x8E, 0x8E, 0x88, 0x88, 0x88, 0x88, 0xEE, 0xEE, 0xEE, 0xEE,
];
const THREE_BITS: [u8; 9] = [0xD3, 0x49, 0xA6, 0x92, 0x49, 0x24, 0xDB, 0x6D, 0xB6];
/// A one is 1100.
const FOUR_BITS_EVEN: [u8; 12] = [
    0xC8, 0xC8, 0x8C, 0x8C, 0x88, 0x88, 0x88, 0x88, 0xCC, 0xCC, 0xCC, 0xCC,
];

fn chain(part: LedPart, hz: u32, leds: usize) -> (Clock, Ws2812) {
    let clock = Clock::new();
    let leds = Ws2812::new(&clock, part, hz, leds);
    clock.advance(1_000_000);
    (clock, leds)
}

fn send(leds: &Ws2812, clock: &Clock, bytes: &[u8]) {
    leds.handle().write(bytes).unwrap();
    clock.advance(300_000);
}

fn violations(part: LedPart, hz: u32, bytes: &[u8]) -> Vec<LedViolation> {
    let (clock, leds) = chain(part, hz, 1);
    send(&leds, &clock, bytes);
    assert_eq!(leds.colours(), [[0x00, 0xA5, 0xFF, 0]]);
    let mut violations = leds.violations();
    violations.sort_by_key(|violation| format!("{violation:?}"));
    violations.dedup();
    violations
}

#[test]
fn encodings_of_the_data_sheets_are_understood() {
    assert_eq!(violations(LedPart::Ws2812b, 2_400_000, &THREE_BITS), []);
    assert_eq!(violations(LedPart::Ws2812b, 3_200_000, &FOUR_BITS), []);
    assert_eq!(violations(LedPart::Ws2812bV5, 3_000_000, &THREE_BITS), []);
    assert_eq!(violations(LedPart::Ws2812bV5, 3_200_000, &FOUR_BITS), []);
    assert_eq!(violations(LedPart::Ws2812, 3_200_000, &FOUR_BITS), []);
    assert_eq!(violations(LedPart::Sk6812, 3_200_000, &FOUR_BITS_EVEN), []);
}

#[test]
fn zero_of_417_ns_is_too_long_for_a_v5() {
    assert_eq!(
        violations(LedPart::Ws2812bV5, 2_400_000, &THREE_BITS),
        [LedViolation::High(416)]
    );
}

#[test]
fn one_of_937_ns_is_too_long_for_an_sk6812() {
    assert_eq!(
        violations(LedPart::Sk6812, 3_200_000, &FOUR_BITS),
        [LedViolation::High(937), LedViolation::LowAfterOne(312)]
    );
}

#[test]
fn low_after_a_zero_has_its_limits() {
    let (clock, leds) = chain(LedPart::Ws2812b, 3_200_000, 1);
    // 312 ns and 1250 ns low after the first and second zero.
    send(&leds, &clock, &[0xA1, 0x08, 0x88]);
    let low = LedViolation::LowAfterZero;
    assert_eq!(leds.violations(), [low(312), low(1_250), low(1_250)]);
}

#[test]
fn picture_changes_after_the_latch_and_not_before() {
    let (clock, leds) = chain(LedPart::Ws2812bV5, 3_200_000, 1);
    leds.handle().write(&FOUR_BITS).unwrap();
    // The last bit of the transfer was already low.
    clock.advance(280_000 - 313);
    assert_eq!(leds.colours(), [[0, 0, 0, 0]]);
    clock.advance(1);
    assert_eq!(leds.colours(), [[0x00, 0xA5, 0xFF, 0]]);
    assert_eq!(leds.frames(), 1);
}

#[test]
fn pause_that_is_no_latch_is_reported() {
    let (clock, leds) = chain(LedPart::Ws2812bV5, 3_200_000, 2);
    leds.handle().write(&FOUR_BITS).unwrap();
    clock.advance(50_000);
    send(&leds, &clock, &FOUR_BITS);
    assert_eq!(leds.colours(), [[0x00, 0xA5, 0xFF, 0]; 2]);
    assert_eq!(leds.violations(), [LedViolation::LowAfterOne(50_312)]);
}

#[test]
fn each_led_keeps_its_bytes_and_passes_the_rest_on() {
    let (clock, leds) = chain(LedPart::Ws2812b, 2_400_000, 2);
    let green = [0x92, 0x49, 0x26, 0x92, 0x49, 0x24, 0x92, 0x49, 0x24];
    send(&leds, &clock, &[THREE_BITS, green, THREE_BITS].concat());
    assert_eq!(leds.colours(), [[0x00, 0xA5, 0xFF, 0], [0, 1, 0, 0]]);
    send(&leds, &clock, &green);
    assert_eq!(leds.colours(), [[0, 1, 0, 0], [0, 1, 0, 0]]);
    assert_eq!(leds.writes(), 2);
}

#[test]
fn order_says_which_byte_is_which_colour() {
    let clock = Clock::new();
    let leds = Ws2812::new(&clock, LedPart::Sk6812, 3_200_000, 1).with_order("WBGR");
    clock.advance(1_000_000);
    send(
        &leds,
        &clock,
        &[FOUR_BITS_EVEN.as_slice(), &[0x88, 0x88, 0x88, 0x8C]].concat(),
    );
    assert_eq!(leds.colours(), [[0x01, 0xFF, 0x00, 0xA5]]);
}

#[test]
fn line_at_rest_high_spoils_the_first_bit() {
    let clock = Clock::new();
    let leds = Ws2812::new(&clock, LedPart::Ws2812bV5, 3_200_000, 1).with_idle_high();
    clock.advance(1_000_000);
    leds.handle()
        .write(&[&[0x08], &FOUR_BITS[1..], &[0; 120]].concat())
        .unwrap();
    assert!(matches!(leds.violations()[0], LedViolation::High(1_000_000..)));
}

#[test]
fn zeros_before_the_first_bit_rescue_it() {
    let clock = Clock::new();
    let leds = Ws2812::new(&clock, LedPart::Ws2812bV5, 3_200_000, 1).with_idle_high();
    clock.advance(1_000_000);
    let zeros = [0; 113];
    leds.handle()
        .write(&[zeros.as_slice(), &FOUR_BITS, &zeros].concat())
        .unwrap();
    assert_eq!(leds.colours(), [[0x00, 0xA5, 0xFF, 0]]);
    assert_eq!(leds.violations(), []);
    assert_eq!((leds.frames(), leds.stray_bits()), (1, 1));
}

#[test]
fn inverter_turns_the_line_over() {
    let clock = Clock::new();
    let leds = Ws2812::new(&clock, LedPart::Ws2812b, 3_200_000, 1)
        .with_idle_high()
        .with_inverter();
    clock.advance(1_000_000);
    send(&leds, &clock, &FOUR_BITS.map(|byte| !byte));
    assert_eq!(leds.colours(), [[0x00, 0xA5, 0xFF, 0]]);
    assert_eq!(leds.violations(), []);
}

#[test]
fn gap_between_bytes_is_a_violation() {
    let (clock, leds) = chain(LedPart::Ws2812bV5, 3_200_000, 1);
    leds.set_byte_gap(200);
    send(&leds, &clock, &FOUR_BITS);
    assert_eq!(leds.violations()[0], LedViolation::LowAfterZero(1_137));
}

#[test]
fn transfer_takes_its_time_and_can_fail() {
    let (clock, leds) = chain(LedPart::Ws2812b, 2_500_000, 1);
    let begin = clock.now();
    leds.handle().write(&THREE_BITS).unwrap();
    assert_eq!(clock.now() - begin, 28_800);
    leds.set_failing(true);
    assert_eq!(leds.handle().write(&THREE_BITS), Err(LedError));
}
