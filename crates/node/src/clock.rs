//! The node's clock.

use embassy_time::{Duration, Timer};
use node_core::Instant;

/// Time since boot, and waiting for it to pass.
pub trait Clock {
    /// Time since boot.
    fn now(&self) -> Instant;

    /// Waits until it is `at`.
    ///
    /// # Cancellation safety
    /// Nothing is lost: the next call waits for the same instant.
    async fn wait_until(&self, at: Instant);
}

/// The clock of the board's embassy time driver.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmbassyClock;

impl Clock for EmbassyClock {
    fn now(&self) -> Instant {
        Instant::from_ticks(embassy_time::Instant::now().as_millis())
    }

    async fn wait_until(&self, at: Instant) {
        let left = at.as_ticks().saturating_sub(self.now().as_ticks());
        Timer::after(Duration::from_millis(left)).await;
    }
}
