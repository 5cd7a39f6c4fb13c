//! Virtual time, and the delay that passes it.

use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use crate::faults::Interrupts;
use crate::lock;

/// Virtual time in nanoseconds. Clones show the same time.
///
/// Nothing in this crate looks at a wall clock or sleeps: time passes only when the code under test waits with a
/// [`Delay`], calls a [`Pin`](crate::Pin) or a [`Uart`](crate::Uart), or when the test calls [`advance`](Self::advance).
/// It stops at `u64::MAX`, which is 584 years.
#[derive(Clone, Default)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    now: AtomicU64,
    interrupts: Mutex<Option<Interrupts>>,
}

impl Clock {
    /// Makes a clock that stands at 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the time in nanoseconds since the clock was made.
    pub fn now(&self) -> u64 {
        self.inner.now.load(Ordering::SeqCst)
    }

    /// Lets `ns` nanoseconds pass. Interrupts do not stretch this: it is the test that waits, not the host.
    pub fn advance(&self, ns: u64) {
        let _previous = self
            .inner
            .now
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| {
                Some(now.saturating_add(ns))
            });
    }

    /// Lets time pass until `at`, in nanoseconds. Does nothing if that is in the past.
    pub fn advance_to(&self, at: u64) {
        self.inner.now.fetch_max(at, Ordering::SeqCst);
    }

    /// Makes a delay that passes this clock's time.
    pub fn delay(&self) -> Delay {
        Delay {
            clock: self.clone(),
            overhead: Arc::default(),
            yields: Arc::default(),
        }
    }

    /// Interrupts the host from now on, as [`Faults::interrupts`](crate::Faults::interrupts) describes; `None` stops.
    pub fn set_interrupts(&self, interrupts: Option<Interrupts>) {
        *lock(&self.inner.interrupts) = interrupts;
    }

    /// Holds interrupts off while `masked`, as a critical section does.
    pub fn mask_interrupts(&self, masked: bool) {
        if let Some(interrupts) = lock(&self.inner.interrupts).as_mut() {
            interrupts.masked = masked;
        }
    }

    /// Passes the time of something the host does, and of an interrupt if one strikes.
    pub(crate) fn spend(&self, ns: u64) {
        self.advance(self.interrupted(ns));
    }

    /// How long something lasts that takes `ns` unless an interrupt strikes.
    fn interrupted(&self, ns: u64) -> u64 {
        let stolen = lock(&self.inner.interrupts)
            .as_mut()
            .map_or(0, Interrupts::strike);
        ns.saturating_add(stolen)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock")
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}

/// A blocking and asynchronous `DelayNs` that returns at once and moves the [`Clock`] on. In a [`Clock::run`], its
/// asynchronous waits pass beside those of other futures.
///
/// Clones share their settings, so a test can keep one and give the other to a driver.
#[derive(Clone, Debug)]
pub struct Delay {
    clock: Clock,
    overhead: Arc<AtomicU64>,
    yields: Arc<AtomicBool>,
}

impl Delay {
    /// Makes every call last `ns` nanoseconds longer than asked for, as real delays do. Default 0.
    pub fn set_overhead(&self, ns: u64) {
        self.overhead.store(ns, Ordering::SeqCst);
    }

    /// Makes each asynchronous wait pending once before its time passes, if `yields`, so that a test can drop a future
    /// at any of its waits. Default no: a wait is over when it is first polled.
    pub fn set_yields(&self, yields: bool) {
        self.yields.store(yields, Ordering::SeqCst);
    }

    async fn wait_async(&self, ns: u64) {
        let mut pending = self.yields.load(Ordering::SeqCst);
        poll_fn(|context| {
            if std::mem::take(&mut pending) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        let lasts = self.clock.interrupted(self.lengthened(ns));
        let until = self.clock.now().saturating_add(lasts);
        self.clock.wait_until(until).await;
    }

    fn wait(&self, ns: u64) {
        self.clock.spend(self.lengthened(ns));
    }

    fn lengthened(&self, ns: u64) -> u64 {
        ns.saturating_add(self.overhead.load(Ordering::SeqCst))
    }
}

impl embedded_hal::delay::DelayNs for Delay {
    fn delay_ns(&mut self, ns: u32) {
        self.wait(u64::from(ns));
    }

    fn delay_us(&mut self, us: u32) {
        self.wait(u64::from(us) * 1_000);
    }

    fn delay_ms(&mut self, ms: u32) {
        self.wait(u64::from(ms) * 1_000_000);
    }
}

impl embedded_hal_async::delay::DelayNs for Delay {
    async fn delay_ns(&mut self, ns: u32) {
        self.wait_async(u64::from(ns)).await;
    }

    async fn delay_us(&mut self, us: u32) {
        self.wait_async(u64::from(us) * 1_000).await;
    }

    async fn delay_ms(&mut self, ms: u32) {
        self.wait_async(u64::from(ms) * 1_000_000).await;
    }
}
