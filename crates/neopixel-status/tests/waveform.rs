//! The waveform, decoded by simulated LEDs with the limits of their data sheets.

mod common;

use common::{Front, strip, with_both};
use neopixel_status::{
    Colour, Encoding, Error, Idle, Order, Part, Polarity, Shown, Status, Strip, buffer_len,
};
use sim::{Clock, LedError, LedPart, SplitMix64, Ws2812};

type Leds<S, const LEDS: usize, const BYTES: usize> = Front<Ws2812, S, LEDS, BYTES>;

/// A chain that has rested for a millisecond.
fn rested(chain: Ws2812, clock: &Clock) -> Ws2812 {
    clock.advance(1_000_000);
    chain
}

fn random(random: &mut SplitMix64) -> Colour {
    let [red, green, blue, white, ..] = random.next_u64().to_le_bytes();
    Colour::new(red, green, blue).with_white(white)
}

/// Shows pictures and looks at the LEDs, which must show them at once and find nothing to object to.
fn decodes<S: Strip, const LEDS: usize, const BYTES: usize>(chain: impl Fn(&Clock) -> Ws2812) {
    let last = std::cell::RefCell::new(None);
    let bus = || {
        let clock = Clock::new();
        let chain = rested(chain(&clock), &clock);
        *last.borrow_mut() = Some((clock, chain.handle()));
        chain
    };
    with_both(bus, |mut leds: Leds<S, LEDS, BYTES>| {
        let (clock, chain) = last.borrow_mut().take().expect("the bus was just made");
        let mut numbers = SplitMix64::new(9);
        for frame in 1..=10 {
            let pixels = [(); LEDS].map(|()| random(&mut numbers));
            assert_eq!(leds.show(&pixels), Ok(Shown::Sent));
            let has_white = S::ORDER.channels() == 4;
            let expected = pixels.map(
                |Colour {
                     red,
                     green,
                     blue,
                     white,
                 }| { [red, green, blue, if has_white { white } else { 0 }] },
            );
            assert_eq!(chain.colours(), expected);
            assert_eq!((chain.frames(), chain.writes()), (frame, frame));
            clock.advance(1_000_000);
        }
        assert_eq!(chain.violations(), []);
    });
}

/// Tries an encoding with every order of these letters.
macro_rules! every_order {
    ($part:ident, $encoding:ident, $hz:literal: $($letters:literal)*) => {
        $({
            strip!(Tried: Part::$part, Encoding::$encoding, $hz,
                ORDER: Order = Order::new($letters).expect("a good order"));
            decodes::<Tried, 3, { buffer_len::<Tried>(3) }>(|clock| {
                Ws2812::new(clock, LedPart::$part, $hz, 3).with_order($letters)
            });
        })*
    };
    ($part:ident, $encoding:ident, $hz:literal) => {
        every_order!($part, $encoding, $hz: "RGB" "RBG" "GRB" "GBR" "BRG" "BGR");
        every_order!($part, $encoding, $hz:
            "RGBW" "RBGW" "GRBW" "GBRW" "BRGW" "BGRW" "RGWB" "RBWG" "GRWB" "GBWR" "BRWG" "BGWR"
            "RWGB" "RWBG" "GWRB" "GWBR" "BWRG" "BWGR" "WRGB" "WRBG" "WGRB" "WGBR" "WBRG" "WBGR");
    };
}

#[test]
fn ws2812b_understands_three_bits_in_every_order() {
    every_order!(Ws2812b, ThreeBits, 2_400_000);
}

#[test]
fn ws2812b_understands_four_bits_in_every_order() {
    every_order!(Ws2812b, FourBits, 3_200_000);
}

#[test]
fn v5_understands_three_bits_in_every_order() {
    every_order!(Ws2812bV5, ThreeBits, 3_000_000);
}

#[test]
fn v5_understands_four_bits_in_every_order() {
    every_order!(Ws2812bV5, FourBits, 3_200_000);
}

#[test]
fn ws2812_understands_four_bits_in_every_order() {
    every_order!(Ws2812, FourBits, 3_200_000);
}

#[test]
fn sk6812_understands_even_bits_in_every_order() {
    every_order!(Sk6812, FourBitsEven, 3_200_000);
}

/// Tries the clocks at both ends of what the crate allows.
macro_rules! both_ends {
    ($part:ident, $encoding:ident: $($hz:literal)*) => {
        $({
            strip!(Tried: Part::$part, Encoding::$encoding, $hz);
            decodes::<Tried, 2, { buffer_len::<Tried>(2) }>(|clock| Ws2812::new(clock, LedPart::$part, $hz, 2));
        })*
    };
}

#[test]
fn slowest_and_fastest_clock_are_understood() {
    both_ends!(Ws2812b, ThreeBits: 2_106_000 2_857_000);
    both_ends!(Ws2812b, FourBits: 3_158_000 3_333_000);
    both_ends!(Ws2812bV5, ThreeBits: 2_632_000 3_448_000);
    both_ends!(Ws2812bV5, FourBits: 3_000_000 4_545_000);
    both_ends!(Ws2812, FourBits: 2_927_000 3_529_000);
    both_ends!(Sk6812, FourBitsEven: 2_858_000 4_000_000);
}

#[test]
fn line_that_rests_high_does_no_harm() {
    strip!(High: Part::Ws2812bV5, Encoding::FourBits, 3_200_000, IDLE: Idle = Idle::High);
    decodes::<High, 4, { buffer_len::<High>(4) }>(|clock| {
        Ws2812::new(clock, LedPart::Ws2812bV5, 3_200_000, 4).with_idle_high()
    });
}

#[test]
fn line_that_rests_high_would_do_harm_if_it_were_taken_for_low() {
    strip!(Low: Part::Ws2812bV5, Encoding::FourBits, 3_200_000);
    let clock = Clock::new();
    let chain = Ws2812::new(&clock, LedPart::Ws2812bV5, 3_200_000, 1).with_idle_high();
    let chain = rested(chain, &clock);
    let mut leds =
        neopixel_status::blocking::Neopixels::<_, Low, 1, { buffer_len::<Low>(1) }>::new(chain.handle());
    leds.show(&[Colour::new(1, 2, 3)]).unwrap();
    assert_ne!(chain.colours(), [[1, 2, 3, 0]]);
}

#[test]
fn inverter_is_compensated() {
    strip!(Low: Part::Ws2812b, Encoding::FourBits, 3_200_000, POLARITY: Polarity = Polarity::Inverted);
    decodes::<Low, 4, { buffer_len::<Low>(4) }>(|clock| {
        Ws2812::new(clock, LedPart::Ws2812b, 3_200_000, 4)
            .with_idle_high()
            .with_inverter()
    });
    strip!(High: Part::Ws2812b, Encoding::FourBits, 3_200_000, POLARITY: Polarity = Polarity::Inverted,
        IDLE: Idle = Idle::High);
    decodes::<High, 4, { buffer_len::<High>(4) }>(|clock| {
        Ws2812::new(clock, LedPart::Ws2812b, 3_200_000, 4).with_inverter()
    });
}

strip!(V5: Part::Ws2812bV5, Encoding::FourBits, 3_200_000);

fn on_v5(test: impl Fn(&mut Leds<V5, 2, { buffer_len::<V5>(2) }>, &Ws2812)) {
    let last = std::cell::RefCell::new(None);
    let bus = || {
        let clock = Clock::new();
        let chain = rested(Ws2812::new(&clock, LedPart::Ws2812bV5, 3_200_000, 2), &clock);
        *last.borrow_mut() = Some(chain.handle());
        chain
    };
    with_both(bus, |mut leds| {
        let chain = last.borrow_mut().take().expect("the bus was just made");
        test(&mut leds, &chain);
    });
}

#[test]
fn picture_is_sent_again_after_an_error_even_if_it_is_the_one_before() {
    on_v5(|leds, chain| {
        let (red, blue) = ([Colour::new(255, 0, 0); 2], [Colour::new(0, 0, 255); 2]);
        assert_eq!(leds.show(&red), Ok(Shown::Sent));
        chain.set_failing(true);
        assert_eq!(leds.show(&blue), Err(Error::Bus(LedError)));
        assert_eq!(leds.show(&blue), Err(Error::Bus(LedError)));
        chain.set_failing(false);
        assert_eq!(leds.show(&red), Ok(Shown::Sent));
        assert_eq!(chain.colours(), [[255, 0, 0, 0]; 2]);
        assert_eq!(leds.show(&red), Ok(Shown::Unchanged));
    });
}

#[test]
fn steady_status_is_sent_once() {
    on_v5(|leds, chain| {
        for now in (0..60_000).step_by(20) {
            leds.show_status(Status::Nominal, now).unwrap();
        }
        assert_eq!(chain.writes(), 1);
        assert_eq!(chain.colours(), [[0, 255, 0, 0]; 2]);
    });
}

#[test]
fn blinking_status_is_sent_when_it_changes() {
    on_v5(|leds, chain| {
        for now in (0..10_000).step_by(10) {
            leds.show_status(Status::Alarm, now).unwrap();
        }
        // On and off twice in a second.
        assert_eq!(chain.writes(), 40);
    });
}

#[cfg(feature = "async")]
#[test]
fn picture_is_sent_again_after_a_dropped_future() {
    use core::task::{Context, Waker};
    let clock = Clock::new();
    let chain = rested(Ws2812::new(&clock, LedPart::Ws2812bV5, 3_200_000, 1), &clock);
    let mut leds =
        neopixel_status::asynch::Neopixels::<_, V5, 1, { buffer_len::<V5>(1) }>::new(chain.handle());
    let (red, blue) = ([Colour::new(255, 0, 0)], [Colour::new(0, 0, 255)]);
    assert_eq!(embassy_futures::block_on(leds.show(&red)), Ok(Shown::Sent));
    chain.set_yields(true);
    {
        let mut future = core::pin::pin!(leds.show(&blue));
        assert!(
            future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
    }
    assert_eq!(embassy_futures::block_on(leds.show(&red)), Ok(Shown::Sent));
}

#[cfg(feature = "smart-leds")]
mod smart {
    use super::*;
    use smart_leds_trait::{RGB8, RGBW, SmartLedsWrite, White};

    fn chain() -> Ws2812 {
        let clock = Clock::new();
        rested(Ws2812::new(&clock, LedPart::Ws2812bV5, 3_200_000, 2), &clock)
    }

    #[test]
    fn pixels_of_smart_leds_are_shown_and_missing_ones_are_dark() {
        let chain = chain();
        let mut leds =
            neopixel_status::blocking::Neopixels::<_, V5, 2, { buffer_len::<V5>(2) }>::new(chain.handle());
        leds.write([RGB8::new(1, 2, 3), RGB8::new(4, 5, 6)]).unwrap();
        assert_eq!(chain.colours(), [[1, 2, 3, 0], [4, 5, 6, 0]]);
        leds.write([RGB8::new(7, 8, 9)]).unwrap();
        assert_eq!(chain.colours(), [[7, 8, 9, 0], [0, 0, 0, 0]]);
    }

    #[test]
    fn too_many_pixels_are_an_error_and_not_sent() {
        let chain = chain();
        let mut leds =
            neopixel_status::blocking::Neopixels::<_, V5, 2, { buffer_len::<V5>(2) }>::new(chain.handle());
        assert_eq!(leds.write([RGB8::new(1, 2, 3); 3]), Err(Error::TooManyPixels));
        assert_eq!(chain.writes(), 0);
    }

    #[test]
    fn white_of_smart_leds_is_shown() {
        strip!(WithWhite: Part::Sk6812, Encoding::FourBitsEven, 3_200_000, ORDER: Order = Order::GRBW);
        let clock = Clock::new();
        let chain = Ws2812::new(&clock, LedPart::Sk6812, 3_200_000, 1).with_order("GRBW");
        let chain = rested(chain, &clock);
        let mut leds =
            neopixel_status::blocking::Neopixels::<_, WithWhite, 1, { buffer_len::<WithWhite>(1) }>::new(
                chain.handle(),
            );
        let pixel: RGBW<u8> = RGBW {
            r: 1,
            g: 2,
            b: 3,
            a: White(4),
        };
        leds.write([pixel]).unwrap();
        assert_eq!(chain.colours(), [[1, 2, 3, 4]]);
    }

    #[cfg(feature = "async")]
    #[test]
    fn async_trait_shows_pixels_too() {
        use smart_leds_trait::SmartLedsWriteAsync;
        let chain = chain();
        let mut leds =
            neopixel_status::asynch::Neopixels::<_, V5, 2, { buffer_len::<V5>(2) }>::new(chain.handle());
        let pixels = [RGB8::new(1, 2, 3), RGB8::new(4, 5, 6)];
        embassy_futures::block_on(SmartLedsWriteAsync::write(&mut leds, pixels)).unwrap();
        assert_eq!(chain.colours(), [[1, 2, 3, 0], [4, 5, 6, 0]]);
        let result =
            embassy_futures::block_on(SmartLedsWriteAsync::write(&mut leds, [RGB8::new(1, 2, 3); 3]));
        assert_eq!(result, Err(Error::TooManyPixels));
    }
}
