//! Several futures at once in virtual time.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::clock::Clock;

thread_local! {
    /// Who waits for which time in the run of this thread, if there is one.
    static WAITING: RefCell<Option<Vec<(u64, Waker)>>> = const { RefCell::new(None) };
}

/// Asks to be polled again at `at`. Returns false if no [`Clock::run`] is under way to do that.
pub(crate) fn wake_at(at: u64, context: &Context<'_>) -> bool {
    WAITING.with_borrow_mut(|waiting| {
        let list = waiting.as_mut();
        list.map(|list| list.push((at, context.waker().clone())))
            .is_some()
    })
}

/// Returns true inside a [`Clock::run`].
pub(crate) fn is_running() -> bool {
    WAITING.with_borrow(Option::is_some)
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Ends the run also when the future panics.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        WAITING.set(None);
    }
}

impl Clock {
    /// Runs `future` to its end, and lets time pass only when all of it waits, up to what it waits for first.
    ///
    /// Waits that overlap then overlap in virtual time, too: those of a [`Delay`](crate::Delay), and reads of a
    /// [`Serial`](crate::Serial). A transaction on an [`I2cBus`](crate::I2cBus) passes its time in one go.
    ///
    /// ```
    /// use embassy_futures::join::join;
    /// use embedded_hal_async::delay::DelayNs;
    ///
    /// let clock = sim::Clock::new();
    /// let (mut one, mut other) = (clock.delay(), clock.delay());
    /// clock.run(join(one.delay_ms(300), other.delay_ms(900)));
    /// assert_eq!(clock.now(), 900_000_000);
    /// ```
    ///
    /// # Panics
    ///
    /// If the future waits for something that no time will bring, where real hardware would wait for ever; and inside
    /// of another run.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        assert!(!is_running(), "a run within a run");
        WAITING.set(Some(Vec::new()));
        let _end = End;
        let woken = Arc::new(Flag(AtomicBool::new(false)));
        let waker = Waker::from(woken.clone());
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            while !woken.0.swap(false, Ordering::SeqCst) {
                self.pass();
            }
        }
    }

    /// Lets time pass to the earliest that somebody waits for, and wakes all for whom it has come.
    fn pass(&self) {
        let first = WAITING.with_borrow(|waiting| waiting.iter().flatten().map(|(at, _)| *at).min());
        let Some(first) = first else {
            panic!("waiting for something that never comes");
        };
        self.advance_to(first);
        let now = self.now();
        let mut due = Vec::new();
        WAITING.with_borrow_mut(|waiting| {
            if let Some(list) = waiting {
                due = list.extract_if(.., |(at, _)| *at <= now).collect();
            }
        });
        for (_, waker) in due {
            waker.wake();
        }
    }

    /// Waits until it is `at`: in a [`run`](Self::run) beside its other futures, elsewhere by passing the time.
    pub(crate) async fn wait_until(&self, at: u64) {
        poll_fn(|context| {
            if self.now() < at {
                if wake_at(at, context) {
                    return Poll::Pending;
                }
                self.advance_to(at);
            }
            Poll::Ready(())
        })
        .await;
    }
}
