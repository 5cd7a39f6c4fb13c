//! The blocking front end.

use crate::{Colour, Error, Frame, Instant, Shown, Status, Strip};
use embedded_hal::spi::SpiBus;

/// A strip on the MOSI line of a bus that nobody else uses.
#[derive(Debug)]
pub struct Neopixels<SPI, S, const LEDS: usize, const BYTES: usize> {
    spi: SPI,
    frame: Frame<S, LEDS, BYTES>,
}

impl<SPI, S: Strip, const LEDS: usize, const BYTES: usize> Neopixels<SPI, S, LEDS, BYTES> {
    /// Takes the bus; does nothing with it yet.
    ///
    /// `BYTES` is [`buffer_len::<S>(LEDS)`](crate::buffer_len); anything else does not compile.
    pub fn new(spi: SPI) -> Self {
        Self {
            spi,
            frame: Frame::new(),
        }
    }

    /// The picture, to set its brightness, gamma and current budget, or to say that the LEDs have forgotten it.
    pub const fn frame(&mut self) -> &mut Frame<S, LEDS, BYTES> {
        &mut self.frame
    }

    /// Gives back the bus.
    pub fn release(self) -> SPI {
        self.spi
    }
}

impl<SPI: SpiBus, S: Strip, const LEDS: usize, const BYTES: usize> Neopixels<SPI, S, LEDS, BYTES> {
    /// Shows a picture. Nothing is sent if it is shown already.
    ///
    /// # Errors
    /// [`Error::Bus`]. The next picture is then sent whether it is another one or not.
    pub fn show(&mut self, pixels: &[Colour; LEDS]) -> Result<Shown, Error<SPI::Error>> {
        self.frame.draw(pixels);
        if !self.frame.is_pending() {
            return Ok(Shown::Unchanged);
        }
        self.spi.write(self.frame.bytes()).map_err(Error::Bus)?;
        self.spi.flush().map_err(Error::Bus)?;
        self.frame.sent();
        Ok(Shown::Sent)
    }

    /// Shows what a status looks like now. Call it 20 to 50 times per second.
    ///
    /// # Errors
    /// As [`show`](Self::show).
    pub fn show_status(&mut self, status: Status, now: Instant) -> Result<Shown, Error<SPI::Error>> {
        self.show(&status.pixels(now))
    }
}
