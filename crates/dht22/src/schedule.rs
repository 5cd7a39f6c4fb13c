//! When the sensor may be asked, and what it said last.

use crate::{Config, Error, Instant, LastReading, Reading};
use fugit::MillisDurationU32;

#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) config: Config,
    ready: Instant,
    last: Option<(Reading, Instant)>,
}

impl Schedule {
    /// Takes it that the power came with the start of the clock.
    pub(crate) fn new(config: Config) -> Self {
        let mut schedule = Self {
            config,
            ready: Instant::from_ticks(0),
            last: None,
        };
        schedule.powered_up(Instant::from_ticks(0));
        schedule
    }

    pub(crate) fn powered_up(&mut self, now: Instant) {
        self.ready = after(now, self.config.power_up);
    }

    /// When the sensor may be asked next.
    pub(crate) fn ready(&self) -> Instant {
        self.ready
    }

    /// Refuses to ask before it is time.
    pub(crate) fn admit<E>(&mut self, now: Instant) -> Result<(), Error<E>> {
        // A clock that was set back must not lock the sensor out until it has caught up.
        let longest = self.config.interval.max(self.config.power_up);
        self.ready = self.ready.min(after(now, longest));
        match between(now, self.ready) {
            wait if wait.is_zero() => Ok(()),
            wait => Err(Error::TooSoon { wait }),
        }
    }

    /// Notes that the sensor is asked.
    pub(crate) fn started(&mut self, now: Instant) {
        self.ready = after(now, self.config.interval);
    }

    /// Notes what it answered.
    pub(crate) fn keep(&mut self, reading: Reading, now: Instant) {
        self.last = Some((reading, now));
    }

    pub(crate) fn last(&self, now: Instant) -> Option<LastReading> {
        self.last.map(|(reading, at)| LastReading {
            reading,
            age: between(at, now),
        })
    }
}

/// `time` after `now`, or the end of time.
fn after(now: Instant, time: MillisDurationU32) -> Instant {
    Instant::from_ticks(now.as_ticks().saturating_add(time.as_ticks().into()))
}

/// The time from `start` to `end`: zero if `end` comes first, and no more than fits.
fn between(start: Instant, end: Instant) -> MillisDurationU32 {
    let ticks = end.as_ticks().saturating_sub(start.as_ticks());
    MillisDurationU32::from_ticks(u32::try_from(ticks).unwrap_or(u32::MAX))
}
