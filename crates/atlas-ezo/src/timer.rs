//! Waiting without waiting.

use crate::nonblocking::Instant;
use fugit::MillisDurationU32;

/// What is being waited for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timer {
    until: Option<Instant>,
    /// Nothing is to be done before that.
    pub(crate) waits: bool,
}

impl Timer {
    pub(crate) fn start(&mut self, time: MillisDurationU32, now: Instant) {
        // One tick more, except for no time: this one may be nearly over.
        let ticks = u64::from(time.as_ticks()) + u64::from(time.as_ticks() > 0);
        let time = fugit::MillisDurationU64::from_ticks(ticks);
        self.until = Some(
            self.until
                .unwrap_or_else(|| now.checked_add_duration(time).unwrap_or(now)),
        );
    }

    /// By how much the time is over, if it is.
    pub(crate) fn over(&self, now: Instant) -> Option<MillisDurationU32> {
        let late = now
            .as_ticks()
            .checked_sub(self.until.map_or(0, |until| until.as_ticks()))?;
        Some(MillisDurationU32::from_ticks(
            u32::try_from(late).unwrap_or(u32::MAX),
        ))
    }

    pub(crate) fn stop(&mut self) {
        *self = Self::default();
    }
}
