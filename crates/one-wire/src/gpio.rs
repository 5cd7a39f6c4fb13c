//! A wire on one open-drain pin.

mod options;

pub use options::{Guard, NoPullup, PullupPin, StrongPullup, Unguarded};

use crate::{Error, Fault, Speed, Timing, Wait, blocking::OneWire};
use embedded_hal::{
    delay::DelayNs,
    digital::{ErrorType, InputPin, OutputPin},
};
use fugit::MicrosDurationU32;

type BusResult<T, P> = Result<T, Error<<P as ErrorType>::Error>>;

/// A wire on one pin that can be driven low, released, and read in both states, and has a pull-up.
///
/// `S` is the strong pull-up, `G` the guard around what must not be interrupted; neither is needed.
/// The line is released after every operation, also after one that failed.
#[derive(Debug)]
pub struct Gpio<P, D, S = NoPullup, G = Unguarded> {
    pin: P,
    delay: D,
    pullup: S,
    guard: G,
    standard: Timing,
    overdrive: Timing,
    speed: Speed,
    powered: bool,
}

impl<P, D> Gpio<P, D> {
    /// Takes a pin and a means of waiting. Does not touch the pin: configure it as open drain, high, beforehand.
    pub const fn new(pin: P, delay: D) -> Self {
        Self {
            pin,
            delay,
            pullup: NoPullup,
            guard: Unguarded,
            standard: Timing::STANDARD,
            overdrive: Timing::OVERDRIVE,
            speed: Speed::Standard,
            powered: false,
        }
    }
}

impl<P, D, S, G> Gpio<P, D, S, G> {
    /// Sets the waits of a speed.
    #[must_use]
    pub fn with_timing(mut self, speed: Speed, timing: Timing) -> Self {
        match speed {
            Speed::Standard => self.standard = timing,
            Speed::Overdrive => self.overdrive = timing,
        }
        self
    }

    /// Adds a strong pull-up, which is off.
    #[must_use]
    pub fn with_pullup<S2: StrongPullup<P>>(self, pullup: S2) -> Gpio<P, D, S2, G>
    where
        P: ErrorType,
    {
        Gpio {
            pin: self.pin,
            delay: self.delay,
            pullup,
            guard: self.guard,
            standard: self.standard,
            overdrive: self.overdrive,
            speed: self.speed,
            powered: self.powered,
        }
    }

    /// Adds a guard.
    #[must_use]
    pub fn with_guard<G2: Guard>(self, guard: G2) -> Gpio<P, D, S, G2> {
        Gpio {
            pin: self.pin,
            delay: self.delay,
            pullup: self.pullup,
            guard,
            standard: self.standard,
            overdrive: self.overdrive,
            speed: self.speed,
            powered: self.powered,
        }
    }

    /// Gives back pin, delay, strong pull-up and guard. Does not touch the pin.
    pub fn release(self) -> (P, D, S, G) {
        (self.pin, self.delay, self.pullup, self.guard)
    }

    fn timing(&self) -> Timing {
        match self.speed {
            Speed::Standard => self.standard,
            Speed::Overdrive => self.overdrive,
        }
    }
}

/// How often to look whether the line comes back high before a reset: longer than a presence pulse.
const IDLE_LOOKS: u8 = 32;

/// The parts that do not wait for longer than a slot, and that both front ends share.
impl<P, D, S, G> Gpio<P, D, S, G>
where
    P: InputPin + OutputPin,
    D: DelayNs,
    S: StrongPullup<P>,
    G: Guard,
{
    /// Sends the reset pulse and looks for presence; `reset_rest` is still to be waited.
    fn reset_pulse(&mut self) -> BusResult<bool, P> {
        self.unpower()?;
        let timing = self.timing();
        self.idle(timing)?;
        let Self {
            pin,
            delay,
            guard,
            speed,
            ..
        } = self;
        match speed {
            // May be longer: up to 960 µs if devices live on the line's power, any time otherwise.
            Speed::Standard => {
                lower(pin, delay, timing)?;
                guard.run(|| presence(pin, delay, timing))
            }
            // Longer than 80 µs is no reset at overdrive.
            Speed::Overdrive => guard.run(|| {
                lower(pin, delay, timing)?;
                presence(pin, delay, timing)
            }),
        }
    }

    /// Whether the line is high again after a reset.
    fn reset_end(&mut self, present: bool) -> BusResult<(), P> {
        if self.pin.is_low().map_err(Error::Bus)? {
            return Err(Fault::StuckLow.into());
        }
        if present {
            Ok(())
        } else {
            Err(Fault::NoPresence.into())
        }
    }

    fn idle(&mut self, timing: Timing) -> BusResult<(), P> {
        for _ in 0..IDLE_LOOKS {
            if self.pin.is_high().map_err(Error::Bus)? {
                return Ok(());
            }
            timing.presence_step.spend(&mut self.delay);
        }
        Err(Fault::StuckLow.into())
    }

    /// The low of a write slot; the rest is still to be waited.
    fn write_pulse(&mut self, bit: bool) -> BusResult<Wait, P> {
        self.unpower()?;
        let (low, rest) = self.timing().write(bit);
        let Self {
            pin, delay, guard, ..
        } = self;
        guard.run(|| pulse(pin, delay, low)).map_err(Error::Bus)?;
        Ok(rest)
    }

    /// The same, with power from the rising edge on.
    fn write_pulse_powered(&mut self, bit: bool) -> BusResult<Wait, P> {
        let (low, rest) = self.timing().write(bit);
        let Self {
            pin,
            delay,
            guard,
            pullup,
            ..
        } = self;
        self.powered = true;
        let written = guard.run(|| {
            pulse(pin, delay, low)?;
            pullup.on(pin)
        });
        if written.is_err() {
            self.unpower()?;
        }
        written.map_err(Error::Bus)?;
        Ok(rest)
    }

    /// The low and the sample of a read slot; the rest is still to be waited.
    fn read_pulse(&mut self) -> BusResult<bool, P> {
        self.unpower()?;
        let Timing {
            read_low,
            read_sample,
            ..
        } = self.timing();
        let Self {
            pin, delay, guard, ..
        } = self;
        guard
            .run(|| {
                pulse(pin, delay, read_low)?;
                read_sample.spend(delay);
                pin.is_high()
            })
            .map_err(Error::Bus)
    }

    fn unpower(&mut self) -> BusResult<(), P> {
        if self.powered {
            self.pullup.off(&mut self.pin).map_err(Error::Bus)?;
            self.powered = false;
        }
        Ok(())
    }
}

/// Drives the line low for `low`. Releases it whatever happens.
fn pulse<P: OutputPin>(pin: &mut P, delay: &mut impl DelayNs, low: Wait) -> Result<(), P::Error> {
    let lowered = pin.set_low();
    if lowered.is_ok() {
        low.spend(delay);
    }
    let released = pin.set_high();
    lowered.and(released)
}

/// Drives the line low for a reset pulse and makes sure that it is low. Releases it if anything fails.
fn lower<P, D>(pin: &mut P, delay: &mut D, timing: Timing) -> BusResult<(), P>
where
    P: InputPin + OutputPin,
    D: DelayNs,
{
    let lowered = pin.set_low().and_then(|()| {
        timing.reset_low.spend(delay);
        pin.is_low()
    });
    if let Ok(true) = lowered {
        return Ok(());
    }
    let released = pin.set_high();
    lowered.and(released).map_err(Error::Bus)?;
    Err(Fault::StuckHigh.into())
}

/// Releases the line and looks for a presence pulse.
fn presence<P, D>(pin: &mut P, delay: &mut D, timing: Timing) -> BusResult<bool, P>
where
    P: InputPin + OutputPin,
    D: DelayNs,
{
    pin.set_high().map_err(Error::Bus)?;
    let mut present = false;
    timing.presence_first.spend(delay);
    for look in 0..timing.presence_looks {
        if look > 0 {
            timing.presence_step.spend(delay);
        }
        present |= pin.is_low().map_err(Error::Bus)?;
    }
    Ok(present)
}

impl<P, D, S, G> OneWire for Gpio<P, D, S, G>
where
    P: InputPin + OutputPin,
    D: DelayNs,
    S: StrongPullup<P>,
    G: Guard,
{
    type Error = P::Error;

    fn reset(&mut self) -> BusResult<(), P> {
        let present = self.reset_pulse()?;
        self.timing().reset_rest.spend(&mut self.delay);
        self.reset_end(present)
    }

    fn write_bit(&mut self, bit: bool) -> BusResult<(), P> {
        let rest = self.write_pulse(bit)?;
        rest.spend(&mut self.delay);
        Ok(())
    }

    fn read_bit(&mut self) -> BusResult<bool, P> {
        let bit = self.read_pulse()?;
        self.timing().read_rest.spend(&mut self.delay);
        Ok(bit)
    }

    fn wait(&mut self, time: MicrosDurationU32) {
        self.delay.delay_us(time.as_micros());
    }

    fn set_speed(&mut self, speed: Speed) -> BusResult<(), P> {
        self.speed = speed;
        Ok(())
    }

    fn write_byte_powered(&mut self, byte: u8) -> BusResult<(), P> {
        if !S::PRESENT {
            return Err(Fault::Unsupported.into());
        }
        for position in 0..7 {
            self.write_bit(byte >> position & 1 == 1)?;
        }
        let rest = self.write_pulse_powered(byte >> 7 == 1)?;
        rest.spend(&mut self.delay);
        Ok(())
    }

    fn power_off(&mut self) -> BusResult<(), P> {
        self.unpower()
    }
}

/// The part of a slot in which the line is low or sampled blocks, for 75 µs at most, as does a reset for 0.6 ms; the
/// rest, which may take any time, and [`wait`](crate::asynch::OneWire::wait) are awaited.
///
/// # Cancellation safety
/// The line is released whenever a future is suspended.
#[cfg(feature = "async")]
impl<P, D, S, G> crate::asynch::OneWire for Gpio<P, D, S, G>
where
    P: InputPin + OutputPin,
    D: DelayNs + embedded_hal_async::delay::DelayNs,
    S: StrongPullup<P>,
    G: Guard,
{
    type Error = P::Error;

    async fn reset(&mut self) -> BusResult<(), P> {
        let present = self.reset_pulse()?;
        self.timing().reset_rest.spend_async(&mut self.delay).await;
        self.reset_end(present)
    }

    async fn write_bit(&mut self, bit: bool) -> BusResult<(), P> {
        let rest = self.write_pulse(bit)?;
        rest.spend_async(&mut self.delay).await;
        Ok(())
    }

    async fn read_bit(&mut self) -> BusResult<bool, P> {
        let bit = self.read_pulse()?;
        self.timing().read_rest.spend_async(&mut self.delay).await;
        Ok(bit)
    }

    async fn wait(&mut self, time: MicrosDurationU32) {
        embedded_hal_async::delay::DelayNs::delay_us(&mut self.delay, time.as_micros()).await;
    }

    async fn set_speed(&mut self, speed: Speed) -> BusResult<(), P> {
        self.speed = speed;
        Ok(())
    }

    async fn write_byte_powered(&mut self, byte: u8) -> BusResult<(), P> {
        if !S::PRESENT {
            return Err(Fault::Unsupported.into());
        }
        for position in 0..7 {
            crate::asynch::OneWire::write_bit(self, byte >> position & 1 == 1).await?;
        }
        let rest = self.write_pulse_powered(byte >> 7 == 1)?;
        rest.spend_async(&mut self.delay).await;
        Ok(())
    }

    async fn power_off(&mut self) -> BusResult<(), P> {
        self.unpower()
    }
}
