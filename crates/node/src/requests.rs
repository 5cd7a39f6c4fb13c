//! The samplings that the node asks its sensors for.

use core::{
    cell::{Cell, RefCell},
    fmt,
    future::poll_fn,
    task::Poll,
};

use embassy_sync::waitqueue::MultiWakerRegistration;
use heapless::Vec;
use node_core::{Sample, SensorId, config::MAX_SENSORS};

use crate::SensorError;

/// Samplings that are asked for, and where their outcomes go. Several futures may serve it, each the sensors that are its
/// own, so that one sensor that takes its time keeps no other waiting.
pub struct Requests<'a> {
    /// A bit for each sensor.
    asked: Cell<u16>,
    wakers: RefCell<MultiWakerRegistration<{ MAX_SENSORS + 2 }>>,
    answered: &'a dyn Fn(SensorId, Result<Sample, SensorError>),
}

impl<'a> Requests<'a> {
    /// No sampling is asked for yet. Outcomes go to `answered`.
    pub const fn new(answered: &'a dyn Fn(SensorId, Result<Sample, SensorError>)) -> Self {
        Self {
            asked: Cell::new(0),
            wakers: RefCell::new(MultiWakerRegistration::new()),
            answered,
        }
    }

    /// Asks for a sampling of each of `sensors`.
    pub fn ask(&self, sensors: &[SensorId]) {
        let bits = sensors.iter().fold(0, |bits, &sensor| bits | sensor.bit());
        self.asked.set(self.asked.get() | bits);
        self.wakers.borrow_mut().wake();
    }

    /// Waits until at least one of the sensors that are `mine` is to be sampled, and takes all of those that are.
    ///
    /// # Cancellation safety
    /// Nothing is taken unless it is returned.
    pub async fn next(&self, mine: impl Fn(SensorId) -> bool) -> Vec<SensorId, MAX_SENSORS> {
        poll_fn(|context| {
            let asked = |sensor: &SensorId| self.asked.get() & sensor.bit() != 0 && mine(*sensor);
            let taken: Vec<SensorId, MAX_SENSORS> =
                (0..).take(MAX_SENSORS).map(SensorId).filter(asked).collect();
            if taken.is_empty() {
                self.wakers.borrow_mut().register(context.waker());
                return Poll::Pending;
            }
            let bits = taken.iter().fold(0, |bits, &sensor| bits | sensor.bit());
            self.asked.set(self.asked.get() & !bits);
            Poll::Ready(taken)
        })
        .await
    }

    /// Tells what a sampling gave.
    pub fn answer(&self, sensor: SensorId, outcome: Result<Sample, SensorError>) {
        (self.answered)(sensor, outcome);
    }
}

impl fmt::Debug for Requests<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests")
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}
