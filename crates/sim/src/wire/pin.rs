//! The host's pins.

use std::convert::Infallible;

use embedded_hal::digital::{ErrorType, InputPin, OutputPin, StatefulOutputPin};

use super::Wire;

/// An open-drain pin of the host with its input: low pulls, high lets go, reading gives the line.
///
/// Every call passes some time on the clock, and takes effect at its end.
#[derive(Debug)]
pub struct Pin {
    wire: Wire,
    index: usize,
    cost_ns: u64,
}

impl Pin {
    pub(super) fn new(wire: Wire, index: usize) -> Self {
        Self {
            wire,
            index,
            cost_ns: 20,
        }
    }

    /// Makes each call last `ns` nanoseconds, at least 1. Default 20, a fast processor; a slow one needs 5000.
    pub fn set_cost(&mut self, ns: u64) {
        self.cost_ns = ns.max(1);
    }

    /// As [`set_cost`](Self::set_cost), for use where the pin is made.
    #[must_use]
    pub fn with_cost(mut self, ns: u64) -> Self {
        self.set_cost(ns);
        self
    }

    fn drive(&self, low: bool) {
        self.wire
            .host_call(self.cost_ns, |bus| bus.set_pin(self.index, low));
    }

    fn sample(&self) -> bool {
        self.wire
            .host_call(self.cost_ns, |bus| bus.high ^ bus.faults.flip_sample())
    }
}

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.drive(true);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.drive(false);
        Ok(())
    }
}

impl StatefulOutputPin for Pin {
    fn is_set_high(&mut self) -> Result<bool, Infallible> {
        self.is_set_low().map(|low| !low)
    }

    fn is_set_low(&mut self) -> Result<bool, Infallible> {
        Ok(self.wire.host_call(self.cost_ns, |bus| {
            bus.pins.get(self.index).is_some_and(|&low| low)
        }))
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.sample())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.sample())
    }
}

/// The output that switches the strong pull-up of a [`Wire`]: high is on, low is off.
#[derive(Debug)]
pub struct StrongPullup {
    wire: Wire,
    cost_ns: u64,
}

impl StrongPullup {
    pub(super) fn new(wire: Wire) -> Self {
        Self { wire, cost_ns: 20 }
    }

    /// Makes each call last `ns` nanoseconds, at least 1. Default 20.
    pub fn set_cost(&mut self, ns: u64) {
        self.cost_ns = ns.max(1);
    }
}

impl ErrorType for StrongPullup {
    type Error = Infallible;
}

impl OutputPin for StrongPullup {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.wire.host_call(self.cost_ns, |bus| bus.set_strong(false));
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.wire.host_call(self.cost_ns, |bus| bus.set_strong(true));
        Ok(())
    }
}
