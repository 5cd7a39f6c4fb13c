//! The five milliseconds in which the sensor talks.

use crate::{Error, Fault};
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
    pub(crate) fn capture<G>(self, guard: &mut G, patience: u16) -> Result<Pulses, Error<P::Error>>
    where
        G: Guard,
    {
        guard.run(|| {
            self.pin.set_high().map_err(Error::Pin)?;
            measure(self.pin, patience)
        })
    }
}

impl<P: OutputPin> Drop for HeldLow<'_, P> {
    fn drop(&mut self) {
        // An error here is the second one, or nobody is left to hear of it.
        self.pin.set_high().ok();
    }
}

/// Measures the 40 bits by counting polls of the pin, from the end of the start pulse.
fn measure<P: InputPin>(pin: &mut P, patience: u16) -> Result<Pulses, Error<P::Error>> {
    level(pin, false, patience, Fault::NotReleased)?;
    level(pin, true, patience, Fault::NoResponse)?;
    let low = level(pin, false, patience, Fault::ResponseLow)?;
    let high = level(pin, true, patience, Fault::ResponseHigh)?;
    // 80 µs, unless an interrupt cut one of them short. No level of a bit is longer; four times that is a
    // limit in real time, whatever a poll costs.
    let limit = low.max(high).saturating_mul(4);
    let mut pulses = [(0, 0); 40];
    for (bit, pulse) in (0..).zip(&mut pulses) {
        let low = level(pin, false, limit, Fault::BitLow(bit))?;
        let high = level(pin, true, limit, Fault::BitHigh(bit))?;
        *pulse = (low, high);
    }
    Ok(pulses)
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
