//! When each sensor is sampled.

use fugit::MillisDurationU32;

use crate::Instant;

/// A job that comes round at an interval.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Periodic {
    due: Instant,
    interval: MillisDurationU32,
}

impl Periodic {
    /// First due at `first`.
    pub(crate) fn new(first: Instant, interval: MillisDurationU32) -> Self {
        Self { due: first, interval }
    }

    /// When it is next due.
    pub(crate) fn due(&self) -> Instant {
        self.due
    }

    /// Whether it is due, and if so when again. The grid is kept; what was slept through is skipped,
    /// not made up for, because a sensor that is asked faster than it can measure answers with its last value.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let (now, due) = (now.as_ticks(), self.due.as_ticks());
        if now < due || due == u64::MAX {
            return false;
        }
        let interval = u64::from(self.interval.as_millis()).max(1);
        let missed = (now - due) / interval;
        let next = missed
            .saturating_add(1)
            .saturating_mul(interval)
            .saturating_add(due);
        self.due = Instant::from_ticks(next);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::from_ticks(ms)
    }

    #[test]
    fn is_due_at_its_first_instant_and_not_before() {
        let mut job = Periodic::new(at(100), MillisDurationU32::from_ticks(60_000));
        assert!(!job.take(at(99)));
        assert!(job.take(at(100)));
        assert_eq!(job.due(), at(60_100));
    }

    #[test]
    fn late_by_a_little_keeps_the_grid() {
        let mut job = Periodic::new(at(0), MillisDurationU32::from_ticks(1_000));
        assert!(job.take(at(0)));
        assert!(job.take(at(1_400)));
        assert_eq!(job.due(), at(2_000));
    }

    #[test]
    fn the_end_of_time_comes_once() {
        let mut job = Periodic::new(at(0), MillisDurationU32::from_ticks(1_000));
        assert!(job.take(at(u64::MAX)));
        assert!(!job.take(at(u64::MAX)));
    }

    #[test]
    fn what_was_slept_through_is_skipped() {
        let mut job = Periodic::new(at(0), MillisDurationU32::from_ticks(1_000));
        assert!(job.take(at(5_500)));
        assert!(!job.take(at(5_500)));
        assert_eq!(job.due(), at(6_000));
    }
}
