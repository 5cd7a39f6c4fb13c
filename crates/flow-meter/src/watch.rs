//! Water that should flow and does not, or should not and does.

use crate::{FlowMeter, Instant, since};
use fugit::MillisDurationU32;
use quantity::{Microlitres, MicrolitresPerMinute};

/// Whether water should flow: what the pump or the valve was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Expected {
    /// The pump runs, or the valve is open.
    Flow,
    /// The pump is off, or the valve is closed.
    Standstill,
}

/// What is taken for a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Limits {
    /// Less than this is no flow. A meter has a lowest flow of its own: 1 L/min of a YF-S201.
    pub least_flow: MicrolitresPerMinute,
    /// How long there may be less, from the start of the pump or from the last good flow. Longer than the meter's
    /// window.
    pub blocked_after: MillisDurationU32,
    /// How long water may run on after the pump stops.
    pub settle: MillisDurationU32,
    /// How much may pass after that.
    pub leak: Microlitres,
}

/// What the water does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Status {
    /// Not what it should, but not for long enough to say more.
    Waiting,
    /// What it should.
    Good,
    /// It does not flow, for [`Limits::blocked_after`]: a blocked filter, a dry reservoir, a dead pump, a stuck turbine
    /// or a broken wire. Ends when it flows.
    Blocked,
    /// It flows, this much so far, which is [`Limits::leak`] at least: a valve that does not close, a siphon or a burst
    /// pipe. Stays until flow is expected.
    Leaking(Microlitres),
}

/// Compares a meter with what the pump was told.
///
/// ```
/// use flow_meter::fugit::MillisDurationU32;
/// use flow_meter::quantity::{Microlitres, MicrolitresPerMinute};
/// use flow_meter::{Expected, FlowMeter, Instant, KFactor, Limits, Status, Totals, Watch};
///
/// let at = Instant::from_ticks;
/// let mut meter = FlowMeter::new(KFactor::YF_S201, Totals::default(), at(0));
/// let mut watch = Watch::new(
///     Limits {
///         least_flow: MicrolitresPerMinute::new(1_000_000),
///         blocked_after: MillisDurationU32::from_ticks(10_000),
///         settle: MillisDurationU32::from_ticks(5_000),
///         leak: Microlitres::new(50_000),
///     },
///     at(0),
/// );
/// watch.expect(Expected::Flow, at(0));
/// meter.update(0, at(10_000));
/// assert_eq!(watch.check(&meter, at(10_000)), Status::Blocked);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Watch {
    limits: Limits,
    expected: Expected,
    /// When flow was last good, or when the expectation changed.
    since: Instant,
    /// The total when standstill had settled.
    settled: Option<Microlitres>,
}

impl Watch {
    /// Expects standstill from `now` on.
    pub const fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            expected: Expected::Standstill,
            since: now,
            settled: None,
        }
    }

    /// Says what the pump was told. The same again changes nothing.
    pub fn expect(&mut self, expected: Expected, now: Instant) {
        if expected != self.expected {
            self.expected = expected;
            self.since = now;
            self.settled = None;
        }
    }

    /// Looks at the meter, which has been updated at `now`.
    pub fn check(&mut self, meter: &FlowMeter, now: Instant) -> Status {
        match self.expected {
            Expected::Flow => self.check_flow(meter, now),
            Expected::Standstill => self.check_standstill(meter, now),
        }
    }

    fn check_flow(&mut self, meter: &FlowMeter, now: Instant) -> Status {
        if meter.flow().is_some_and(|flow| flow >= self.limits.least_flow) {
            self.since = now;
            return Status::Good;
        }
        if self.lasts(self.limits.blocked_after, now) {
            Status::Blocked
        } else {
            Status::Waiting
        }
    }

    fn check_standstill(&mut self, meter: &FlowMeter, now: Instant) -> Status {
        let volume = meter.totals().volume();
        if self.settled.is_none() && !self.lasts(self.limits.settle, now) {
            return Status::Waiting;
        }
        let settled = *self.settled.get_or_insert(volume);
        let passed = volume.saturating_sub(settled);
        if passed > Microlitres::default() && passed >= self.limits.leak {
            Status::Leaking(passed)
        } else {
            Status::Good
        }
    }

    fn lasts(&self, time: MillisDurationU32, now: Instant) -> bool {
        since(now, self.since) >= u64::from(time.as_ticks())
    }
}
