//! What a wire on a pin can have, and does without.

use embedded_hal::digital::{ErrorType, OutputPin, PinState};

/// Runs the part of a slot that must not be interrupted.
///
/// An interrupt of more than a few microseconds between the falling edge and the sample corrupts a bit. Callers find
/// that by the CRC and repeat; on a busy processor it is better to keep interrupts out. The guarded parts last at most
/// 65 µs in a slot and 110 µs after a reset pulse.
///
/// ```
/// struct InterruptsOff;
///
/// impl one_wire::gpio::Guard for InterruptsOff {
///     fn run<R>(&mut self, slot: impl FnOnce() -> R) -> R {
///         critical_section::with(|_| slot())
///     }
/// }
/// ```
pub trait Guard {
    /// Runs `slot` and returns what it returns.
    fn run<R>(&mut self, slot: impl FnOnce() -> R) -> R;
}

/// No guard: interrupts come when they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unguarded;

impl Guard for Unguarded {
    fn run<R>(&mut self, slot: impl FnOnce() -> R) -> R {
        slot()
    }
}

/// A strong pull-up: what connects the wire to the supply with no resistor in between.
///
/// It is switched on as soon as the line is released after the last bit, and off before the line is driven low again.
/// [`PullupPin`] does it with a transistor. The pin of the line can do it, too, if it can be made push-pull:
///
/// ```
/// use core::convert::Infallible;
/// use one_wire::gpio::StrongPullup;
/// # struct Flex;
/// # impl Flex {
/// #     fn set_push_pull(&mut self) {}
/// #     fn set_open_drain(&mut self) {}
/// # }
/// # impl embedded_hal::digital::ErrorType for Flex {
/// #     type Error = Infallible;
/// # }
///
/// struct PushPull;
///
/// // Flex stands for your HAL's pin.
/// impl StrongPullup<Flex> for PushPull {
///     fn on(&mut self, line: &mut Flex) -> Result<(), Infallible> {
///         line.set_push_pull();
///         Ok(())
///     }
///
///     fn off(&mut self, line: &mut Flex) -> Result<(), Infallible> {
///         line.set_open_drain();
///         Ok(())
///     }
/// }
/// ```
pub trait StrongPullup<P: ErrorType> {
    /// Whether there is one.
    const PRESENT: bool = true;

    /// Connects. The line has been released. A DS18B20 needs the power within 10 µs.
    fn on(&mut self, line: &mut P) -> Result<(), P::Error>;

    /// Disconnects; the line is as it was before.
    fn off(&mut self, line: &mut P) -> Result<(), P::Error>;
}

/// No strong pull-up: devices have a supply of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoPullup;

impl<P: ErrorType> StrongPullup<P> for NoPullup {
    const PRESENT: bool = false;

    fn on(&mut self, _: &mut P) -> Result<(), P::Error> {
        Ok(())
    }

    fn off(&mut self, _: &mut P) -> Result<(), P::Error> {
        Ok(())
    }
}

/// A transistor between supply and wire, on a pin of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullupPin<O> {
    /// The pin.
    pub pin: O,
    /// The pin's state in which the transistor conducts: [`PinState::Low`] for a P-channel FET.
    pub on: PinState,
}

impl<P: ErrorType, O: OutputPin<Error = P::Error>> StrongPullup<P> for PullupPin<O> {
    fn on(&mut self, _: &mut P) -> Result<(), P::Error> {
        self.pin.set_state(self.on)
    }

    fn off(&mut self, _: &mut P) -> Result<(), P::Error> {
        self.pin.set_state(!self.on)
    }
}
