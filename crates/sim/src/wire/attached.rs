//! The test's hold on a device.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use super::{Device, Wire};
use crate::trace::Source;

/// A device that has been put on a [`Wire`]. Clones are the same device.
pub struct Attached<M> {
    wire: Wire,
    index: usize,
    model: PhantomData<fn() -> M>,
}

impl<M: Device> Attached<M> {
    pub(super) fn new(wire: Wire, index: usize) -> Self {
        Self {
            wire,
            index,
            model: PhantomData,
        }
    }

    /// Runs `f` on the model as it is now, and returns what `f` returns.
    ///
    /// `f` must not touch the wire, its pins or this handle: the wire is locked meanwhile.
    pub fn with<R>(&self, f: impl FnOnce(&mut M) -> R) -> R {
        self.wire.at_now(|bus| {
            let slot = bus.slots.get_mut(self.index);
            let device = slot.and_then(|slot| (&mut *slot.device as &mut dyn Any).downcast_mut::<M>());
            let Some(model) = device else {
                unreachable!("a slot keeps the device it was made for")
            };
            let result = f(model);
            bus.refresh(self.index);
            result
        })
    }

    /// Takes the device off the line; it loses its supply, too.
    pub fn unplug(&self) {
        self.wire.at_now(|bus| bus.plug(self.index, bus.now, false));
    }

    /// Takes the device off the line when the clock reaches `at`, in nanoseconds.
    pub fn unplug_at(&self, at: u64) {
        self.wire.at_now(|bus| {
            if let Some(slot) = bus.slots.get_mut(self.index) {
                slot.unplug_at = at;
            }
            bus.plan(bus.now);
        });
    }

    /// Takes the device off the line at the falling edge that follows `falls` more of them, before it can answer.
    ///
    /// On 1-Wire each time slot has one falling edge, and so have a reset and a presence pulse: with 0 the next slot
    /// goes unanswered.
    pub fn unplug_after(&self, falls: u64) {
        self.wire.at_now(|bus| {
            if let Some(slot) = bus.slots.get_mut(self.index) {
                slot.unplug_after_falls = Some(falls);
            }
        });
    }

    /// Puts the device back on the line and powers it up. Does nothing if it is on the line.
    pub fn plug(&self) {
        if !self.is_plugged() {
            self.power_cycle();
        }
    }

    /// Returns true while the device is on the line.
    pub fn is_plugged(&self) -> bool {
        self.wire
            .at_now(|bus| bus.slots.get(self.index).is_some_and(|slot| slot.plugged))
    }

    /// Takes the supply away and gives it back at once. What is in EEPROM stays.
    pub fn power_cycle(&self) {
        self.wire.at_now(|bus| bus.plug(self.index, bus.now, true));
    }

    /// Returns the number under which the [trace](Wire::trace) lists this device.
    pub fn source(&self) -> Source {
        Source::Device(self.index)
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }
}

impl<M> Clone for Attached<M> {
    fn clone(&self) -> Self {
        Self {
            wire: self.wire.clone(),
            index: self.index,
            model: PhantomData,
        }
    }
}

impl<M> fmt::Debug for Attached<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}
