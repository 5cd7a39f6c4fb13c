//! Both front ends behind one face, and the strips of the tests.
#![allow(dead_code, reason = "every test file uses a part of it")]

use core::fmt::Debug;
use neopixel_status::{Colour, Error, Frame, Instant, Shown, Status, Strip, blocking};

/// A unit type that is a strip with these constants.
macro_rules! strip {
    ($name:ident: $part:expr, $encoding:expr, $hz:expr $(, $constant:ident: $type:ty = $value:expr)*) => {
        struct $name;
        impl neopixel_status::Strip for $name {
            const PART: neopixel_status::Part = $part;
            const ENCODING: neopixel_status::Encoding = $encoding;
            const SPI_HZ: u32 = $hz;
            $(const $constant: $type = $value;)*
        }
    };
}
pub(crate) use strip;

/// What a front end of either kind needs of a bus.
#[cfg(feature = "async")]
pub(crate) trait Spi:
    embedded_hal::spi::SpiBus + embedded_hal_async::spi::SpiBus + embedded_hal::spi::ErrorType<Error = Self::E>
{
    type E: embedded_hal::spi::Error + PartialEq + Debug;
}
#[cfg(not(feature = "async"))]
pub(crate) trait Spi:
    embedded_hal::spi::SpiBus + embedded_hal::spi::ErrorType<Error = Self::E>
{
    type E: embedded_hal::spi::Error + PartialEq + Debug;
}
impl Spi for sim::Ws2812 {
    type E = sim::LedError;
}
impl Spi for embedded_hal_mock::eh1::spi::Mock<u8> {
    type E = embedded_hal::spi::ErrorKind;
}

pub(crate) enum Front<SPI, S, const LEDS: usize, const BYTES: usize> {
    Blocking(blocking::Neopixels<SPI, S, LEDS, BYTES>),
    #[cfg(feature = "async")]
    Async(neopixel_status::asynch::Neopixels<SPI, S, LEDS, BYTES>),
}

impl<SPI: Spi, S: Strip, const LEDS: usize, const BYTES: usize> Front<SPI, S, LEDS, BYTES> {
    pub(crate) fn show(&mut self, pixels: &[Colour; LEDS]) -> Result<Shown, Error<SPI::E>> {
        match self {
            Self::Blocking(leds) => leds.show(pixels),
            #[cfg(feature = "async")]
            Self::Async(leds) => embassy_futures::block_on(leds.show(pixels)),
        }
    }

    pub(crate) fn show_status(&mut self, status: Status, now: u64) -> Result<Shown, Error<SPI::E>> {
        let now = Instant::from_ticks(now);
        match self {
            Self::Blocking(leds) => leds.show_status(status, now),
            #[cfg(feature = "async")]
            Self::Async(leds) => embassy_futures::block_on(leds.show_status(status, now)),
        }
    }

    pub(crate) fn frame(&mut self) -> &mut Frame<S, LEDS, BYTES> {
        match self {
            Self::Blocking(leds) => leds.frame(),
            #[cfg(feature = "async")]
            Self::Async(leds) => leds.frame(),
        }
    }

    pub(crate) fn release(self) -> SPI {
        match self {
            Self::Blocking(leds) => leds.release(),
            #[cfg(feature = "async")]
            Self::Async(leds) => leds.release(),
        }
    }
}

/// Runs a test with each front end on a bus of its own.
pub(crate) fn with_both<SPI: Spi, S: Strip, const LEDS: usize, const BYTES: usize>(
    bus: impl Fn() -> SPI,
    test: impl Fn(Front<SPI, S, LEDS, BYTES>),
) {
    test(Front::Blocking(blocking::Neopixels::new(bus())));
    #[cfg(feature = "async")]
    test(Front::Async(neopixel_status::asynch::Neopixels::new(bus())));
}
