//! The traits of the smart-leds family.

use crate::{Colour, Error, Strip, blocking};
use smart_leds_trait::{RGB8, RGBW, SmartLedsWrite};

impl From<RGB8> for Colour {
    fn from(colour: RGB8) -> Self {
        Self::new(colour.r, colour.g, colour.b)
    }
}

impl From<RGBW<u8>> for Colour {
    fn from(colour: RGBW<u8>) -> Self {
        Self::new(colour.r, colour.g, colour.b).with_white(colour.a.0)
    }
}

/// LEDs without a pixel are dark.
fn collect<const LEDS: usize, I: Into<Colour>, E>(
    pixels: impl IntoIterator<Item = I>,
) -> Result<[Colour; LEDS], Error<E>> {
    let mut collected = [Colour::DARK; LEDS];
    let mut pixels = pixels.into_iter();
    for (to, from) in collected.iter_mut().zip(pixels.by_ref()) {
        *to = from.into();
    }
    match pixels.next() {
        None => Ok(collected),
        Some(_) => Err(Error::TooManyPixels),
    }
}

/// Takes pixels of any colour type of smart-leds. LEDs that there is no pixel for are dark; too many pixels are an error.
impl<SPI, S, const LEDS: usize, const BYTES: usize> SmartLedsWrite
    for blocking::Neopixels<SPI, S, LEDS, BYTES>
where
    SPI: embedded_hal::spi::SpiBus,
    S: Strip,
{
    type Error = Error<SPI::Error>;
    type Color = Colour;

    fn write<T, I>(&mut self, iterator: T) -> Result<(), Self::Error>
    where
        T: IntoIterator<Item = I>,
        I: Into<Colour>,
    {
        let pixels = collect(iterator)?;
        self.show(&pixels).map(drop)
    }
}

/// As the blocking one.
#[cfg(feature = "async")]
impl<SPI, S, const LEDS: usize, const BYTES: usize> smart_leds_trait::SmartLedsWriteAsync
    for crate::asynch::Neopixels<SPI, S, LEDS, BYTES>
where
    SPI: embedded_hal_async::spi::SpiBus,
    S: Strip,
{
    type Error = Error<SPI::Error>;
    type Color = Colour;

    async fn write<T, I>(&mut self, iterator: T) -> Result<(), Self::Error>
    where
        T: IntoIterator<Item = I>,
        I: Into<Colour>,
    {
        let pixels = collect(iterator)?;
        self.show(&pixels).await.map(drop)
    }
}
