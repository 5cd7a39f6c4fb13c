//! The five milliseconds in which the sensor talks.

use crate::{Error, Fault};
use embedded_hal::delay::DelayNs;
use embedded_hal::digital::{InputPin, OutputPin};

/// Keeps interrupts away while the sensor sends.
///
/// An interrupt in those five milliseconds makes a level look shorter than it is. Nothing worse comes of it
/// than a fault most of the time, but on a board with a radio that may be every time.
///
/// ```
/// struct NoInterrupts;
///
/// impl dht22::Guard for NoInterrupts {
///     fn run<R>(&mut self, capture: impl FnOnce() -> R) -> R {
///         // On hardware: critical_section::with(|_| capture())
///         capture()
///     }
/// }
/// ```
pub trait Guard {
    /// Runs `capture` with interrupts off and returns what it returns.
    fn run<R>(&mut self, capture: impl FnOnce() -> R) -> R;
}

/// Leaves interrupts as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unguarded;

impl Guard for Unguarded {
    fn run<R>(&mut self, capture: impl FnOnce() -> R) -> R {
        capture()
    }
}

/// The widths of low and high level of the 40 bits, in polls of the pin.
pub(crate) type Pulses = [(u16, u16); 40];

/// A line that is held low. It is let go when this is dropped, so that neither an error nor a cancelled
/// future leaves it there.
pub(crate) struct HeldLow<'a, P: OutputPin> {
    pin: &'a mut P,
}

impl<'a, P: InputPin + OutputPin> HeldLow<'a, P> {
    /// Pulls the line low.
    pub(crate) fn new(pin: &'a mut P) -> Result<Self, Error<P::Error>> {
        let line = Self { pin };
        line.pin.set_low().map_err(Error::Pin)?;
        Ok(line)
    }

    /// Lets go of the line and measures what the sensor makes of it.
    pub(crate) fn capture<G, D>(self, guard: &mut G, delay: &mut D) -> Result<Pulses, Error<P::Error>>
    where
        G: Guard,
        D: DelayNs,
    {
        guard.run(|| {
            self.pin.set_high().map_err(Error::Pin)?;
            measure(self.pin, delay)
        })
    }
}

impl<P: OutputPin> Drop for HeldLow<'_, P> {
    fn drop(&mut self) {
        // An error here is the second one, or nobody is left to hear of it.
        self.pin.set_high().ok();
    }
}

/// Polls that may follow upon one another while it is unknown what one of them costs: 0.8 ms at 5 µs.
const POLLS: u16 = 160;
/// Then there is a wait before each poll, so that a fast processor is as patient as a slow one: 200 µs, the longest that
/// an AM2302 takes to respond, and the time of the polls. This many.
const WAITS: u8 = 100;
const WAIT_US: u32 = 2;
/// Polls in 80 µs and more if 160 were too few for that, so that one costs half a microsecond at most: 0.2 ms at 10 ns.
const FAST_POLLS: u16 = 20_000;

/// Measures the 40 bits by counting polls of the pin, from the end of the start pulse.
///
/// Only that compares the levels of a bit without regard to what a poll costs; but a count limits no time before a level
/// of known length has been counted, which is the response.
fn measure<P, D>(pin: &mut P, delay: &mut D) -> Result<Pulses, Error<P::Error>>
where
    P: InputPin,
    D: DelayNs,
{
    edge(pin, delay, false, Fault::NotReleased)?;
    edge(pin, delay, true, Fault::NoResponse)?;
    let low = edge(pin, delay, false, Fault::ResponseLow)?;
    let limit = low.map_or(FAST_POLLS, |low| low.saturating_mul(4).max(POLLS));
    let high = level(pin, true, limit, Fault::ResponseHigh)?;
    // 80 µs, unless an interrupt cut one of them short. No level of a bit is longer than that, nor are all of them
    // together longer than 6 ms: four times that, and 10 ms, are limits in real time, whatever a poll costs.
    let response = high.max(low.unwrap_or(0));
    let limit = response.saturating_mul(4);
    let mut left = u32::from(response) * 125;
    let mut limited = |high, fault| {
        let limit = u16::try_from(left).map_or(limit, |left| left.min(limit));
        let polls = level(pin, high, limit, fault)?;
        left -= u32::from(polls);
        Ok::<_, Error<P::Error>>(polls)
    };
    let mut pulses = [(0, 0); 40];
    for (bit, pulse) in (0..).zip(&mut pulses) {
        let low = limited(false, Fault::BitLow(bit))?;
        let high = limited(true, Fault::BitHigh(bit))?;
        *pulse = (low, high);
    }
    Ok(pulses)
}

/// Polls the pin until it is no longer `high`, and returns the number of polls, if they were all that it took; `fault`
/// if waiting between them was in vain, too.
fn edge<P, D>(pin: &mut P, delay: &mut D, high: bool, fault: Fault) -> Result<Option<u16>, Error<P::Error>>
where
    P: InputPin,
    D: DelayNs,
{
    match level(pin, high, POLLS, fault) {
        Err(Error::Device(_)) => {}
        result => return result.map(Some),
    }
    for _ in 0..WAITS {
        delay.delay_us(WAIT_US);
        if pin.is_high().map_err(Error::Pin)? != high {
            return Ok(None);
        }
    }
    Err(Error::Device(fault))
}

/// Polls the pin until it is no longer `high`, and returns the number of polls; `fault` if that exceeds `limit`.
fn level<P: InputPin>(pin: &mut P, high: bool, limit: u16, fault: Fault) -> Result<u16, Error<P::Error>> {
    for polls in 1..=limit {
        if pin.is_high().map_err(Error::Pin)? != high {
            return Ok(polls);
        }
    }
    Err(Error::Device(fault))
}
