//! The blocking front end.

use crate::exchange::{Exchange, Panel, Step};
use crate::{Config, Error, Screen};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{I2c, Operation};

/// A display on an I2C bus.
#[derive(Debug)]
pub struct Hd44780<I2C, D> {
    /// What is to be shown. Write here, then [`flush`](Self::flush).
    pub screen: Screen,
    i2c: I2C,
    delay: D,
    config: Config,
    panel: Panel,
}

impl<I2C, D> Hd44780<I2C, D> {
    /// Takes the bus and a means of waiting; does nothing with them yet.
    ///
    /// `config` is a [`Geometry`](crate::Geometry), or a [`Config`] to change more than that.
    pub fn new(i2c: I2C, delay: D, config: impl Into<Config>) -> Self {
        let config = config.into();
        Self {
            screen: Screen::new(&config),
            i2c,
            delay,
            config,
            panel: Panel::UNKNOWN,
        }
    }

    /// Gives back the bus and the delay. The display keeps showing what it shows.
    pub fn release(self) -> (I2C, D) {
        (self.i2c, self.delay)
    }
}

impl<I2C: I2c, D: DelayNs> Hd44780<I2C, D> {
    /// Initialises the display whatever its state, also between two halves of a byte, and shows the framebuffer.
    ///
    /// Waits for 58 ms in all, in case the power has just come. The first [`flush`](Self::flush) does the same, so this
    /// is for a display that was disturbed without an error on the bus.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub fn init(&mut self) -> Result<(), Error<I2C::Error>> {
        self.panel.forget();
        self.flush()
    }

    /// Shows the framebuffer: writes what differs from what the display shows, and nothing if nothing does.
    ///
    /// Begins with the [initialisation](Self::init) the first time, and after a call that failed.
    ///
    /// # Errors
    /// [`Error::Bus`] at once, and [`Error::Device`] if the busy flag is used and the controller does not get ready or
    /// does not follow. It is not known then what the display shows; the framebuffer is unchanged.
    pub fn flush(&mut self) -> Result<(), Error<I2C::Error>> {
        let address = self.config.address;
        let mut exchange = Exchange::new(&mut self.panel, &self.screen, &self.config);
        loop {
            match exchange.step()? {
                Step::Write(bytes) => self.i2c.write(address, bytes).map_err(Error::Bus)?,
                Step::Poll(poll) => self
                    .i2c
                    .transaction(
                        address,
                        &mut [
                            Operation::Write(&poll.rise),
                            Operation::Read(&mut poll.high),
                            Operation::Write(&poll.rise),
                            Operation::Read(&mut poll.low),
                            Operation::Write(&poll.fall),
                        ],
                    )
                    .map_err(Error::Bus)?,
                Step::Wait(time) => self.delay.delay_us(time.as_micros()),
                Step::Done => return Ok(()),
            }
        }
    }
}
