//! The async front end: the start pulse and the gap before a retry are awaited. The five milliseconds in which the
//! sensor talks are not: they are spent polling the pin.

use crate::capture::HeldLow;
use crate::schedule::Schedule;
use crate::{Config, Error, Fault, Frame, Guard, Instant, LastReading, Reading, Unguarded};
use embedded_hal::digital::{InputPin, OutputPin};
use embedded_hal_async::delay::DelayNs;

/// A sensor on an open-drain pin with a pull-up.
#[derive(Debug)]
pub struct Dht22<P, D, G = Unguarded> {
    pin: P,
    delay: D,
    guard: G,
    schedule: Schedule,
}

impl<P, D> Dht22<P, D> {
    /// Takes the pin, which must be open drain, and a means of waiting; does nothing with them yet.
    ///
    /// `config` is a [`Model`](crate::Model), or a [`Config`] to change more than that.
    pub fn new(pin: P, delay: D, config: impl Into<Config>) -> Self {
        Self {
            pin,
            delay,
            guard: Unguarded,
            schedule: Schedule::new(config.into()),
        }
    }
}

impl<P, D, G> Dht22<P, D, G> {
    /// Runs the five milliseconds in which the sensor talks inside `guard`.
    pub fn with_guard<G2: Guard>(self, guard: G2) -> Dht22<P, D, G2> {
        let Self {
            pin, delay, schedule, ..
        } = self;
        Dht22 {
            pin,
            delay,
            guard,
            schedule,
        }
    }

    /// Says that the sensor has just been given power, so that it is left alone for [`Config::power_up`].
    ///
    /// A new driver takes it that the power came with the start of the clock.
    pub fn powered_up(&mut self, now: Instant) {
        self.schedule.powered_up(now);
    }

    /// The last good reading, however old; errors do not remove it.
    pub fn last(&self, now: Instant) -> Option<LastReading> {
        self.schedule.last(now)
    }

    /// Gives back the pin, the delay and the guard.
    pub fn release(self) -> (P, D, G) {
        (self.pin, self.delay, self.guard)
    }
}

impl<P, D, G> Dht22<P, D, G>
where
    P: InputPin + OutputPin,
    D: DelayNs + embedded_hal::delay::DelayNs,
    G: Guard,
{
    /// Asks the sensor and returns its answer, which is of the conversion **before**: a sensor measures after
    /// it has answered. After a pause the answer is as old as the pause; see [`read_fresh`](Self::read_fresh).
    ///
    /// Takes the start pulse and 3 to 6 ms. With [`Config::retries`], each of them adds as much again and
    /// [`Config::interval`] before it.
    ///
    /// # Errors
    /// [`Error::TooSoon`] before [`Config::interval`] or [`Config::power_up`] is over, and nothing is sent;
    /// [`Error::Device`] with the last attempt's fault; [`Error::Pin`] at once. The line is released in any case.
    ///
    /// # Cancellation safety
    /// A dropped future lets go of the line at once. The attempt counts for the interval; the sensor may still
    /// answer the start pulse, and nobody listens.
    pub async fn read(&mut self, now: Instant) -> Result<Reading, Error<P::Error>> {
        self.schedule.admit(now)?;
        let mut now = now;
        let mut retries = self.schedule.config.retries;
        loop {
            match self.attempt(now).await {
                Err(Error::Device(_)) if retries > 0 => retries -= 1,
                result => return result,
            }
            now = self.wait_until_ready().await;
        }
    }

    /// Reads twice, [`Config::interval`] apart, and returns the second answer: what was measured after this
    /// call, not before the last pause.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    ///
    /// # Cancellation safety
    /// As [`read`](Self::read).
    pub async fn read_fresh(&mut self, now: Instant) -> Result<Reading, Error<P::Error>> {
        self.read(now).await?;
        let now = self.wait_until_ready().await;
        self.read(now).await
    }

    /// Waits out the interval after an attempt and returns the time when it is over.
    async fn wait_until_ready(&mut self) -> Instant {
        DelayNs::delay_ms(&mut self.delay, self.schedule.config.interval.as_millis()).await;
        self.schedule.ready()
    }

    async fn attempt(&mut self, now: Instant) -> Result<Reading, Error<P::Error>> {
        let Config {
            model,
            checksum,
            start_pulse,
            ..
        } = self.schedule.config;
        self.schedule.started(now);
        self.wait_until_idle().await?;
        let line = HeldLow::new(&mut self.pin)?;
        DelayNs::delay_us(&mut self.delay, start_pulse.as_micros()).await;
        let pulses = line.capture(&mut self.guard, &mut self.delay)?;
        let reading = Frame::from_pulses(&pulses)?.decode(model, checksum)?;
        self.schedule.keep(reading, now);
        Ok(reading)
    }

    /// Releases the line and sees that it rises, within 100 µs.
    async fn wait_until_idle(&mut self) -> Result<(), Error<P::Error>> {
        self.pin.set_high().map_err(Error::Pin)?;
        for _ in 0..100 {
            if self.pin.is_high().map_err(Error::Pin)? {
                return Ok(());
            }
            DelayNs::delay_us(&mut self.delay, 1).await;
        }
        Err(Error::Device(Fault::StuckLow))
    }
}
