//! The converter model against DS21298 and DS21295, and its bus: every byte is a literal.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in test functions, but not in the helpers beside them"
)]

use embedded_hal::spi::{Operation, SpiBus as _, SpiDevice as _};
use sim::{Clock, Mcp3208, McpKind, McpViolation, MisoIdle, MisoShort, SpiAttached, SpiBus, SpiError};

fn bus_with(adc: Mcp3208) -> (SpiBus, SpiAttached<Mcp3208>) {
    let bus = SpiBus::new(&Clock::new());
    let adc = bus.attach(adc);
    (bus, adc)
}

fn exchange<const N: usize>(adc: &SpiAttached<Mcp3208>, mut frame: [u8; N]) -> [u8; N] {
    adc.device().transfer_in_place(&mut frame).unwrap();
    frame
}

/// Codes 0xA53 on channel 6 and 0x0F0 on channel 7.
fn twelve_bits() -> (SpiBus, SpiAttached<Mcp3208>) {
    let mut adc = Mcp3208::new(McpKind::Mcp3208);
    adc.set_code(6, 0xA53);
    adc.set_code(7, 0x0F0);
    bus_with(adc)
}

#[test]
fn twelve_bits_follow_the_null_bit() {
    let (_, adc) = twelve_bits();
    assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), [0xFF, 0xEA, 0x53]);
    assert_eq!(exchange(&adc, [0x07, 0xC0, 0x00]), [0xFF, 0xE0, 0xF0]);
}

#[test]
fn ten_bits_follow_the_null_bit() {
    let mut adc = Mcp3208::new(McpKind::Mcp3008);
    adc.set_code(5, 0x2A5);
    let (_, adc) = bus_with(adc);
    assert_eq!(exchange(&adc, [0x01, 0xD0, 0x00]), [0xFF, 0xFA, 0xA5]);
}

#[test]
fn twelve_bits_are_repeated_from_the_second_lowest_and_zeros_follow() {
    let (_, adc) = twelve_bits();
    // 1111110 101001010011 10010100101 00 00000000
    assert_eq!(exchange(&adc, [0xF0, 0, 0, 0, 0]), [0xFD, 0x4A, 0x72, 0x94, 0x00]);
}

#[test]
fn ten_bits_are_repeated_from_the_second_lowest_and_zeros_follow() {
    let mut adc = Mcp3208::new(McpKind::Mcp3008);
    adc.set_code(6, 0x2A5);
    let (_, adc) = bus_with(adc);
    // 1111110 1010100101 010010101 000000
    assert_eq!(exchange(&adc, [0xF0, 0, 0, 0]), [0xFD, 0x52, 0xA5, 0x40]);
}

#[test]
fn difference_is_converted_one_way_only() {
    let adc = Mcp3208::new(McpKind::Mcp3208)
        .with_reference(4_096_000)
        .with_microvolts(2, 1_500_000)
        .with_microvolts(3, 500_000);
    let (_, adc) = bus_with(adc);
    assert_eq!(exchange(&adc, [0x04, 0x80, 0x00]), [0xFF, 0xE3, 0xE8]);
    assert_eq!(exchange(&adc, [0x04, 0xC0, 0x00]), [0xFF, 0xE0, 0x00]);
}

#[test]
fn voltage_is_rounded_down_and_limited() {
    for (microvolts, code) in [
        (-1, 0),
        (999, 0),
        (1_000, 1),
        (4_095_000, 4_095),
        (6_000_000, 4_095),
    ] {
        let adc = Mcp3208::new(McpKind::Mcp3208)
            .with_reference(4_096_000)
            .with_microvolts(0, microvolts);
        let (_, adc) = bus_with(adc);
        let [_, high, low] = exchange(&adc, [0x06, 0x00, 0x00]);
        assert_eq!(u16::from_be_bytes([high & 0x0F, low]), code, "{microvolts}");
    }
}

#[test]
fn four_channels_ignore_the_highest_channel_bit() {
    let mut adc = Mcp3208::new(McpKind::Mcp3204);
    adc.set_code(1, 0x123);
    let (_, adc) = bus_with(adc);
    assert_eq!(exchange(&adc, [0x07, 0x40, 0x00]), [0xFF, 0xE1, 0x23]);
}

#[test]
fn nothing_is_driven_before_the_start_bit() {
    let (bus, adc) = twelve_bits();
    bus.set_idle(MisoIdle::PulledDown);
    assert_eq!(exchange(&adc, [0x00, 0x00, 0x00]), [0, 0, 0]);
    bus.set_idle(MisoIdle::PulledUp);
    assert_eq!(exchange(&adc, [0x00, 0x00, 0x00]), [0xFF, 0xFF, 0xFF]);
    bus.set_idle(MisoIdle::Crosstalk);
    assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), [0x07, 0x8A, 0x53]);
}

#[test]
fn unplugged_converter_leaves_the_line_alone() {
    let (_, adc) = twelve_bits();
    adc.unplug();
    assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), [0xFF, 0xFF, 0xFF]);
    adc.plug();
    assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), [0xFF, 0xEA, 0x53]);
}

#[test]
fn short_wins_against_the_converter() {
    let (bus, adc) = twelve_bits();
    for (short, received) in [
        (MisoShort::Low, [0x00, 0x00, 0x00]),
        (MisoShort::High, [0xFF, 0xFF, 0xFF]),
        (MisoShort::Mosi, [0x07, 0x80, 0x00]),
    ] {
        bus.set_short(Some(short));
        assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), received);
    }
    bus.set_short(None);
    assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), [0xFF, 0xEA, 0x53]);
}

#[test]
fn one_bit_is_flipped_once() {
    let (bus, adc) = twelve_bits();
    bus.flip_bit(23);
    assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), [0xFF, 0xEA, 0x52]);
    assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), [0xFF, 0xEA, 0x53]);
}

#[test]
fn certain_noise_flips_every_bit() {
    let (bus, adc) = twelve_bits();
    bus.set_noise(1, 1_000_000);
    assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), [0x00, 0x15, 0xAC]);
}

#[test]
fn converter_noise_reaches_both_limits_and_no_further() {
    let mut adc = Mcp3208::new(McpKind::Mcp3208);
    adc.set_code(0, 100);
    adc.set_noise(5, 2);
    let (_, adc) = bus_with(adc);
    let codes = (0..200).map(|_| exchange(&adc, [0x06, 0x00, 0x00])[2]);
    let codes: std::collections::BTreeSet<u8> = codes.collect();
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), [98, 99, 100, 101, 102]);
}

#[test]
fn broken_transfer_releases_the_chip_select() {
    let (bus, adc) = twelve_bits();
    bus.break_off(2);
    let result = adc.device().transfer_in_place(&mut [0x07, 0x80, 0x00]);
    assert_eq!(result, Err(SpiError::Overrun));
    assert!(!adc.is_selected());
    assert_eq!(exchange(&adc, [0x07, 0x80, 0x00]), [0xFF, 0xEA, 0x53]);
}

#[test]
fn chip_select_that_stays_low_continues_the_conversion() {
    let (bus, adc) = twelve_bits();
    let mut device = adc.device();
    assert!(!adc.is_selected());
    device.transaction(&mut []).unwrap();
    embedded_hal::digital::OutputPin::set_low(&mut adc.select_pin()).unwrap();
    let mut frame = [0x07, 0x80, 0x00];
    bus.handle().transfer_in_place(&mut frame).unwrap();
    assert_eq!(frame, [0xFF, 0xEA, 0x53]);
    bus.fail_select(true);
    assert_eq!(device.transaction(&mut []), Err(SpiError::ChipSelect));
    assert!(adc.is_selected());
    frame = [0x07, 0x80, 0x00];
    bus.handle().transfer_in_place(&mut frame).unwrap();
    assert_eq!(frame, [0x94, 0xA0, 0x00]);
}

#[test]
fn transfer_of_three_bytes_takes_24_clocks() {
    let clock = Clock::new();
    let bus = SpiBus::new(&clock).with_frequency(500_000);
    let adc = bus.attach(Mcp3208::new(McpKind::Mcp3208));
    exchange(&adc, [0x06, 0x00, 0x00]);
    // 24 bits of 2 µs, and half a microsecond before and after.
    assert_eq!(clock.now(), 49_000);
    assert_eq!(bus.take_sent(), [0x06, 0x00, 0x00]);
    assert_eq!(adc.with(|adc| adc.conversions()), 1);
    assert_eq!(adc.with(|adc| adc.violations().to_vec()), []);
}

#[test]
fn fast_clock_is_reported() {
    let bus = SpiBus::new(&Clock::new()).with_frequency(1_250_000);
    let slow = bus.attach(Mcp3208::new(McpKind::Mcp3208));
    let fast = bus.attach(Mcp3208::new(McpKind::Mcp3008));
    slow.device().write(&[0]).unwrap();
    fast.device().write(&[0]).unwrap();
    assert_eq!(
        slow.with(|adc| adc.violations().to_vec()),
        [McpViolation::ClockTooFast(800); 7]
    );
    assert_eq!(fast.with(|adc| adc.violations().to_vec()), []);
}

#[test]
fn short_gap_between_conversions_is_reported() {
    let (_, adc) = twelve_bits();
    adc.device().transaction(&mut []).unwrap();
    // The pin waits half a microsecond after each change; take the bus away for no time at all instead.
    adc.with(|adc| {
        use sim::SpiTarget as _;
        adc.select(10_000, true);
        adc.select(11_000, false);
        adc.select(11_499, true);
    });
    assert_eq!(
        adc.with(|adc| adc.violations().to_vec()),
        [McpViolation::GapTooShort(499)]
    );
}

#[test]
fn conversion_that_takes_too_long_is_reported() {
    let (_, adc) = twelve_bits();
    let operations = &mut [
        Operation::Write(&[0x07, 0x80]),
        Operation::DelayNs(1_200_000),
        Operation::Write(&[0x00]),
    ];
    adc.device().transaction(operations).unwrap();
    // Sampled in the middle of the third bit of byte 1: 13 bits and the delay before the last one.
    assert_eq!(
        adc.with(|adc| adc.violations().to_vec()),
        [McpViolation::TooSlow(1_213_000)]
    );
}
