//! One dose while it lasts: how long the motor still runs, and what has come out.

use crate::setup::STEP_MS;
use crate::{Delivered, Drive, Duty, Order, Pump, Request};

/// How long a ticket is good, in milliseconds.
pub(crate) const TICKET_MS: u64 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Run {
    pub(crate) request: Request,
    pub(crate) reverse: bool,
    /// The short run backwards after a dose, of which nobody is told.
    pub(crate) anti_drip: bool,
    pub(crate) goal: Goal,
    /// What the pulses before this one pumped.
    pub(crate) closed: Delivered,
    /// How long the motor has been on without a pause, in milliseconds, and the full flow in it, in microseconds.
    pub(crate) on: u64,
    pub(crate) flowed: u64,
    /// How long the motor has been on in this dose, in milliseconds.
    pub(crate) total_on: u64,
    /// What was missing at the tip before.
    pub(crate) held: Delivered,
    pub(crate) stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Goal {
    /// Microlitres to pump, in so many pulses, of which this one is underway, one every so many milliseconds.
    Volume {
        pump: u64,
        pulses: u32,
        pulse: u32,
        period: u64,
    },
    /// Milliseconds to be on.
    Time(u64),
}

/// Times are what is left, in milliseconds, so that no clock can shorten them by being set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    /// Waits until its record is stored.
    Prepared {
        left: u64,
        ticket: u32,
    },
    On,
    /// Between pulses, or before the motor turns the other way.
    Rest {
        left: u64,
    },
    /// `rest` is what was left between pulses.
    Paused {
        left: u64,
        rest: u64,
    },
    /// A pump that meters by itself is told `order`, or else asked again after `ask`.
    Metered {
        order: Option<Order>,
        ask: u64,
        /// What it has reported.
        said: u64,
        /// It is given up after this.
        left: u64,
        paused: bool,
        /// The way that it will have ended, if that is not by being done.
        end: Option<crate::End>,
    },
}

impl Run {
    pub(crate) fn drive(&self, pump: &Pump) -> Drive {
        if self.stage != Stage::On {
            return Drive::Stop;
        }
        let (duty, _) = self.flow(pump);
        if self.reverse {
            Drive::Reverse(duty)
        } else {
            Drive::Forward(duty)
        }
    }

    /// What is put out, and the flow that belongs to it.
    fn flow(&self, pump: &Pump) -> (Duty, u16) {
        pump.soft_start
            .at(self.on)
            .map_or((pump.duty(), 1_000), |(duty, flow, _)| (duty, flow))
    }

    /// Counts `ms` of being on with what was put out last.
    pub(crate) fn was_on(&mut self, ms: u64, pump: &Pump) {
        let (_, flow) = self.flow(pump);
        self.flowed = self.flowed.saturating_add(ms.saturating_mul(u64::from(flow)));
        self.on = self.on.saturating_add(ms);
        self.total_on = self.total_on.saturating_add(ms);
    }

    /// What was pumped so far.
    pub(crate) fn pumped(&self, pump: &Pump) -> Delivered {
        match self.stage {
            Stage::Metered { said, .. } => Delivered::new(said, said),
            _ => self.closed.add(pump.volume(self.flowed)),
        }
    }

    /// How long the motor still has to be on until the end of this pulse, in milliseconds.
    pub(crate) fn pulse_left(&self, pump: &Pump) -> u64 {
        match self.goal {
            Goal::Time(ms) => ms.saturating_sub(self.total_on),
            Goal::Volume {
                pump: all,
                pulses,
                pulse,
                ..
            } => {
                let goal = crate::math::scale(all, pulse.saturating_add(1), pulses);
                let rest = goal.saturating_sub(self.closed.high());
                let needed = pump.calibration.map_or(0, |calibration| calibration.time(rest));
                // A pulse that has nothing to give does not wait for its dead time either.
                if rest == 0 || needed <= self.flowed {
                    0
                } else {
                    pump.soft_start.time_for(needed - self.flowed, self.on)
                }
            }
        }
    }

    /// How long until something is to be looked at, in milliseconds.
    pub(crate) fn next(&self, pump: &Pump, longest: u64) -> u64 {
        match self.stage {
            Stage::On => {
                let run = u64::from(pump.limits.longest_run.as_ticks()).saturating_sub(self.total_on);
                let ramp = pump.soft_start.at(self.on).map_or(STEP_MS, |(_, _, rest)| rest);
                self.pulse_left(pump).min(run).min(ramp).min(STEP_MS)
            }
            Stage::Prepared { left, .. } | Stage::Rest { left } | Stage::Paused { left, .. } => {
                left.min(longest)
            }
            Stage::Metered { order: Some(_), .. } => 0,
            Stage::Metered { ask, .. } => ask.min(longest),
        }
    }

    /// Ends the pulse: what it gave is kept, and the next one starts anew.
    pub(crate) fn close_pulse(&mut self, pump: &Pump) {
        self.closed = self.pumped(pump);
        self.on = 0;
        self.flowed = 0;
    }
}
