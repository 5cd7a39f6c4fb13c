//! The simulation's clock, held back to a multiple of real time.

use std::time::{Duration, Instant as Wall};

use embassy_futures::yield_now;
use node::Clock;
use node_core::Instant;

const NS_PER_MS: u64 = 1_000_000;

/// Virtual time, which the drivers' own waits move forward and which otherwise keeps step with the wall clock.
pub(crate) struct PacedClock {
    clock: sim::Clock,
    speed: u32,
    started: Wall,
}

impl PacedClock {
    pub(crate) fn new(clock: sim::Clock, speed: u32) -> Self {
        Self {
            clock,
            speed,
            started: Wall::now(),
        }
    }

    /// How long virtual time still has to wait for real time before it may be `ns`.
    fn ahead(&self, ns: u64) -> Duration {
        let due = Duration::from_nanos(ns) / self.speed;
        due.saturating_sub(self.started.elapsed())
    }
}

impl Clock for PacedClock {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.clock.now() / NS_PER_MS)
    }

    async fn wait_until(&self, at: Instant) {
        // What the drivers' waits have passed already has to be lived through, too.
        let ns = at.as_ticks().saturating_mul(NS_PER_MS).max(self.clock.now());
        async_io::Timer::after(self.ahead(ns)).await;
        // On a computer that does not keep up there is nothing to wait for, ever; others want to be served, too.
        yield_now().await;
        self.clock.advance_to(ns);
    }
}
