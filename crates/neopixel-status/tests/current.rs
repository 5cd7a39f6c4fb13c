//! The budget holds for every input. Currents are those of the data sheets, in microamperes, added up here from what
//! simulated LEDs show.

mod common;

use common::strip;
use neopixel_status::{
    Budget, Colour, Current, Encoding, GAMMA_2_8, Order, Part, Strip, blocking::Neopixels, buffer_len,
};
use proptest::prelude::*;
use sim::{Clock, LedPart, Ws2812};

strip!(V5: Part::Ws2812bV5, Encoding::FourBits, 3_200_000);
strip!(Classic: Part::Ws2812b, Encoding::ThreeBits, 2_400_000);
strip!(White: Part::Sk6812, Encoding::FourBitsEven, 3_200_000, ORDER: Order = Order::GRBW);

const LEDS: usize = 6;

#[derive(Debug, Clone)]
struct Input {
    pixels: [Colour; LEDS],
    brightness: u8,
    gamma: bool,
    milliamperes: u16,
}

fn colour() -> impl Strategy<Value = Colour> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(|[r, g, b, w]| Colour::new(r, g, b).with_white(w)),
        Just(Colour::new(255, 255, 255).with_white(255)),
    ]
}

/// Not less than the 6 mA that the chips draw by themselves.
fn input() -> impl Strategy<Value = Input> {
    let milliamperes = prop_oneof![6..=40_u16, 40..=600_u16, Just(u16::MAX)];
    (
        prop::array::uniform6(colour()),
        any::<u8>(),
        any::<bool>(),
        milliamperes,
    )
        .prop_map(|(pixels, brightness, gamma, milliamperes)| Input {
            pixels,
            brightness,
            gamma,
            milliamperes,
        })
}

fn shown<S: Strip, const BYTES: usize>(chain: &Ws2812, input: &Input, current: Current) -> Vec<[u8; 4]> {
    let mut leds = Neopixels::<_, S, LEDS, BYTES>::new(chain.handle());
    leds.frame().set_brightness(input.brightness);
    leds.frame().set_gamma(input.gamma.then_some(&GAMMA_2_8));
    leds.frame()
        .set_budget(Some(Budget::new(input.milliamperes, current)));
    leds.show(&input.pixels).expect("the model does not fail");
    chain.colours()
}

/// In 255ths of a microampere, so that nothing is rounded.
fn drawn(colours: &[[u8; 4]], full: [u64; 4], idle: u64) -> u64 {
    let parts = colours.iter().flat_map(|led| led.iter().zip(full));
    let light: u64 = parts.map(|(&part, full)| u64::from(part) * full).sum();
    light + 255 * idle * colours.len() as u64
}

fn rested(chain: impl Fn(&Clock) -> Ws2812) -> Ws2812 {
    let clock = Clock::new();
    let chain = chain(&clock);
    clock.advance(1_000_000);
    chain
}

fn v5() -> Ws2812 {
    rested(|clock| Ws2812::new(clock, LedPart::Ws2812bV5, 3_200_000, LEDS))
}

proptest! {
    #[test]
    fn v5_stays_within_its_budget(input in input()) {
        let colours = shown::<V5, { buffer_len::<V5>(LEDS) }>(&v5(), &input, Part::Ws2812bV5.current());
        let drawn = drawn(&colours, [12_000, 12_000, 12_000, 0], 1_000);
        prop_assert!(drawn <= u64::from(input.milliamperes) * 255_000, "{colours:?}");
    }

    #[test]
    fn ws2812b_stays_within_its_budget(input in input()) {
        let chain = rested(|clock| Ws2812::new(clock, LedPart::Ws2812b, 2_400_000, LEDS));
        let colours = shown::<Classic, { buffer_len::<Classic>(LEDS) }>(&chain, &input, Part::Ws2812b.current());
        let drawn = drawn(&colours, [20_000, 20_000, 20_000, 0], 1_000);
        prop_assert!(drawn <= u64::from(input.milliamperes) * 255_000, "{colours:?}");
    }

    #[test]
    fn sk6812_with_white_stays_within_its_budget(input in input()) {
        let chain = rested(|clock| Ws2812::new(clock, LedPart::Sk6812, 3_200_000, LEDS).with_order("GRBW"));
        let colours = shown::<White, { buffer_len::<White>(LEDS) }>(&chain, &input, Part::Sk6812.current());
        let drawn = drawn(&colours, [20_000; 4], 1_000);
        prop_assert!(drawn <= u64::from(input.milliamperes) * 255_000, "{colours:?}");
    }

    #[test]
    fn measured_currents_are_kept_too(input in input(), full: [u16; 3], idle in 0..=1_000_u16) {
        let [red, green, blue] = full.map(u32::from);
        let current = Current { red, green, blue, white: u32::MAX, idle: idle.into() };
        let colours = shown::<V5, { buffer_len::<V5>(LEDS) }>(&v5(), &input, current);
        let drawn = drawn(&colours, [red.into(), green.into(), blue.into(), 0], idle.into());
        prop_assert!(drawn <= u64::from(input.milliamperes) * 255_000, "{colours:?}");
    }

    #[test]
    fn picture_within_the_budget_is_not_touched(input in input()) {
        let unlimited = Input { milliamperes: u16::MAX, ..input.clone() };
        let asked = shown::<V5, { buffer_len::<V5>(LEDS) }>(&v5(), &unlimited, Part::Ws2812bV5.current());
        let colours = shown::<V5, { buffer_len::<V5>(LEDS) }>(&v5(), &input, Part::Ws2812bV5.current());
        if drawn(&asked, [12_000, 12_000, 12_000, 0], 1_000) <= u64::from(input.milliamperes) * 255_000 {
            prop_assert_eq!(colours, asked);
        } else {
            prop_assert_ne!(colours, asked);
        }
    }
}

fn white_at(milliamperes: u16) -> Vec<[u8; 4]> {
    let input = Input {
        pixels: [Colour::new(255, 255, 255); LEDS],
        brightness: 255,
        gamma: false,
        milliamperes,
    };
    shown::<V5, { buffer_len::<V5>(LEDS) }>(&v5(), &input, Part::Ws2812bV5.current())
}

/// Six LEDs of 36 mA and 1 mA: 222 mA. The budget is used, not just kept.
#[test]
fn half_the_light_has_half_the_bytes() {
    assert_eq!(white_at(222), [[255, 255, 255, 0]; 6]);
    assert_eq!(white_at(221), [[253, 253, 253, 0]; 6]);
    assert_eq!(white_at(114), [[127, 127, 127, 0]; 6]);
}

#[test]
fn budget_below_that_of_the_chips_leaves_the_leds_dark() {
    for milliamperes in [0, 5, 6] {
        assert_eq!(white_at(milliamperes), [[0; 4]; 6], "{milliamperes} mA");
    }
}
