//! What goes over MOSI, byte by byte.

mod common;

use common::{Front, strip, with_both};
use embedded_hal_mock::eh1::spi::{Mock, Transaction};
use neopixel_status::{Colour, Encoding, GAMMA_2_8, Idle, Order, Part, Polarity, Shown, Strip, buffer_len};

strip!(V5: Part::Ws2812bV5, Encoding::FourBits, 3_200_000);
strip!(Classic: Part::Ws2812b, Encoding::ThreeBits, 2_400_000, LATCH_NS: u32 = 50_000);
strip!(White: Part::Sk6812, Encoding::FourBitsEven, 3_200_000, ORDER: Order = Order::GRBW);
strip!(High: Part::Ws2812b, Encoding::ThreeBits, 2_400_000, LATCH_NS: u32 = 20_000, IDLE: Idle = Idle::High);
strip!(Inverted: Part::Ws2812b, Encoding::ThreeBits, 2_400_000, LATCH_NS: u32 = 20_000,
    POLARITY: Polarity = Polarity::Inverted);

/// Runs a test with both front ends; each of these must have gone out in one transfer, and nothing else.
fn on_bus<S: Strip, const LEDS: usize, const BYTES: usize>(
    transfers: &[Vec<u8>],
    test: impl Fn(&mut Front<Mock<u8>, S, LEDS, BYTES>),
) {
    let transactions = transfers
        .iter()
        .flat_map(|bytes| [Transaction::write_vec(bytes.clone()), Transaction::flush()]);
    let transactions: Vec<_> = transactions.collect();
    with_both(
        || Mock::new(&transactions),
        |mut leds| {
            test(&mut leds);
            leds.release().done();
        },
    );
}

fn joined(lead: usize, leds: &[u8], latch: usize) -> Vec<u8> {
    [vec![0; lead].as_slice(), leds, vec![0; latch].as_slice()].concat()
}

const RED: [u8; 12] = [
    0x88, 0x88, 0x88, 0x88, 0xEE, 0xEE, 0xEE, 0xEE, 0x88, 0x88, 0x88, 0x88,
];
const OFF: [u8; 12] = [0x88; 12];

#[test]
fn picture_with_its_latch_is_one_transfer() {
    // 300 µs at 3.2 MHz are 120 bytes.
    let picture = joined(1, &[RED, OFF].concat(), 120);
    on_bus::<V5, 2, { buffer_len::<V5>(2) }>(&[picture], |leds| {
        let pixels = [Colour::new(255, 0, 0), Colour::DARK];
        assert_eq!(leds.show(&pixels), Ok(Shown::Sent));
    });
}

#[test]
fn three_bits_make_nine_bytes() {
    // 50 µs at 2.4 MHz are 15 bytes.
    let picture = joined(1, &[0xD3, 0x49, 0xA6, 0x92, 0x49, 0x24, 0xDB, 0x6D, 0xB6], 15);
    on_bus::<Classic, 1, { buffer_len::<Classic>(1) }>(&[picture], |leds| {
        assert_eq!(leds.show(&[Colour::new(0, 0xA5, 0xFF)]), Ok(Shown::Sent));
    });
}

#[test]
fn white_is_a_fourth_byte() {
    // 100 µs at 3.2 MHz are 40 bytes.
    let led = [
        0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0xC8, 0xC8, 0x8C, 0x8C,
    ];
    on_bus::<White, 1, { buffer_len::<White>(1) }>(&[joined(1, &led, 40)], |leds| {
        let pixels = [Colour::DARK.with_white(0xA5)];
        assert_eq!(leds.show(&pixels), Ok(Shown::Sent));
    });
}

#[test]
fn latch_leads_where_mosi_rests_high() {
    let picture = joined(6, &[0x92, 0x49, 0x24, 0x92, 0x49, 0x24, 0x92, 0x49, 0x26], 6);
    on_bus::<High, 1, { buffer_len::<High>(1) }>(&[picture], |leds| {
        assert_eq!(leds.show(&[Colour::new(0, 0, 1)]), Ok(Shown::Sent));
    });
}

#[test]
fn every_byte_is_inverted_for_an_inverter() {
    let picture = joined(1, &[0x92, 0x49, 0x24, 0x92, 0x49, 0x24, 0x92, 0x49, 0x26], 6);
    let picture = picture.iter().map(|byte| !byte).collect();
    on_bus::<Inverted, 1, { buffer_len::<Inverted>(1) }>(&[picture], |leds| {
        assert_eq!(leds.show(&[Colour::new(0, 0, 1)]), Ok(Shown::Sent));
    });
}

#[test]
fn same_picture_is_not_sent_again() {
    let (dark, red) = (joined(1, &OFF, 120), joined(1, &RED, 120));
    on_bus::<V5, 1, { buffer_len::<V5>(1) }>(&[dark.clone(), red, dark], |leds| {
        let red = [Colour::new(255, 0, 0)];
        // The LEDs may show anything before the first picture, so a dark one is sent, too.
        assert_eq!(leds.show(&[Colour::DARK]), Ok(Shown::Sent));
        assert_eq!(leds.show(&[Colour::DARK]), Ok(Shown::Unchanged));
        assert_eq!(leds.show(&red), Ok(Shown::Sent));
        assert_eq!(leds.show(&red), Ok(Shown::Unchanged));
        assert_eq!(leds.show(&[Colour::DARK]), Ok(Shown::Sent));
    });
}

#[test]
fn forgotten_picture_is_sent_again() {
    let red = joined(1, &RED, 120);
    on_bus::<V5, 1, { buffer_len::<V5>(1) }>(&[red.clone(), red], |leds| {
        let red = [Colour::new(255, 0, 0)];
        assert_eq!(leds.show(&red), Ok(Shown::Sent));
        leds.frame().forgotten();
        assert_eq!(leds.show(&red), Ok(Shown::Sent));
    });
}

#[test]
fn picture_that_looks_the_same_dimmed_is_not_sent_again() {
    let dark = joined(1, &OFF, 120);
    on_bus::<V5, 1, { buffer_len::<V5>(1) }>(&[dark], |leds| {
        leds.frame().set_brightness(100);
        assert_eq!(leds.show(&[Colour::DARK]), Ok(Shown::Sent));
        // 2 × 100 ÷ 255 is nothing.
        assert_eq!(leds.show(&[Colour::new(2, 2, 2)]), Ok(Shown::Unchanged));
    });
}

#[test]
fn brightness_comes_before_gamma() {
    // 255 at 128 is 128, and 37 = 0x25 with gamma. Gamma first would leave 128.
    let led = [
        0x88, 0xE8, 0x8E, 0x8E, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88,
    ];
    on_bus::<V5, 1, { buffer_len::<V5>(1) }>(&[joined(1, &led, 120)], |leds| {
        leds.frame().set_gamma(Some(&GAMMA_2_8));
        leds.frame().set_brightness(128);
        assert_eq!(leds.show(&[Colour::new(0, 255, 0)]), Ok(Shown::Sent));
    });
}

#[test]
fn nothing_is_sent_before_the_first_picture() {
    on_bus::<V5, 1, { buffer_len::<V5>(1) }>(&[], |_| {});
}
