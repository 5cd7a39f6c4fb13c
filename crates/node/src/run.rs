//! The node's two services side by side: sampling, and the link to the broker.

use core::{cell::RefCell, future::Future};

use edge_nal::{Dns, TcpConnect};
use embassy_futures::select::select;
use embassy_sync::{blocking_mutex::raw::NoopRawMutex, signal::Signal};
use heapless::Vec;
use node_core::{Action, Event, Instant, Node, Sample, SensorId, config::MAX_SENSORS, telemetry::Message};

use crate::{Clock, LinkError, Memory, Network, Sensors, link, sensors::SensorError};

/// What the node did, for a console or a log.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// A sensor was sampled.
    Sampled(&'a str, &'a Result<Sample, SensorError>),
    /// A message was handed to the broker; with QoS 1, the broker has acknowledged it.
    Published(&'a Message<'a>),
    /// The broker has accepted the node.
    Connected,
    /// There is no connection to the broker, for this reason; the node tries again.
    Disconnected(LinkError),
}

/// The node and all that its services share, on one executor.
pub(crate) struct Shared<'a, 'c, C, O> {
    node: RefCell<Node<'c>>,
    clock: &'a C,
    observer: RefCell<O>,
    /// Set when the outbox may have something new.
    pub(crate) outbox: Signal<NoopRawMutex, ()>,
}

impl<'c, C: Clock, O: FnMut(Instant, Notice<'_>)> Shared<'_, 'c, C, O> {
    pub(crate) fn handle(&self, event: Event) {
        self.node.borrow_mut().handle(self.clock.now(), event);
        self.outbox.signal(());
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&Node<'c>) -> T) -> T {
        look(&self.node.borrow())
    }

    pub(crate) fn notice(&self, notice: Notice<'_>) {
        (self.observer.borrow_mut())(self.clock.now(), notice);
    }

    /// Takes the samplings that are due.
    fn due(&self) -> Vec<SensorId, MAX_SENSORS> {
        let mut node = self.node.borrow_mut();
        core::iter::from_fn(|| node.next_action())
            .filter_map(|action| match action {
                Action::Sample(sensor) => Some(sensor),
                _ => None,
            })
            .take(MAX_SENSORS)
            .collect()
    }

    async fn sample(&self, sensors: &mut impl Sensors) -> ! {
        let config = self.with(Node::config);
        loop {
            self.clock.wait_until(self.with(Node::deadline)).await;
            self.handle(Event::Tick);
            let due = self.due();
            if due.is_empty() {
                continue;
            }
            sensors
                .sample(config, self.clock, &due, |sensor, outcome| {
                    if let Some(sensor) = config.sensors.get(usize::from(sensor.0)) {
                        self.notice(Notice::Sampled(&sensor.name, &outcome));
                    }
                    self.handle(Event::Sampled(sensor, outcome.map_err(|error| error.fault())));
                })
                .await;
        }
    }
}

/// Runs the node until `stop` is ready; then says goodbye to the broker and returns.
///
/// A lost network or an absent broker never ends it: samplings go on, messages wait, and the connection is tried
/// again for ever, after 1 s at first and every 30 s at last.
///
/// # Cancellation safety
/// May be dropped at any time; the broker then sends the node's last will.
pub async fn run<C, N, T>(
    node: Node<'_>,
    clock: &C,
    sensors: &mut impl Sensors,
    network: Network<'_, N, T>,
    memory: &mut Memory,
    observer: impl FnMut(Instant, Notice<'_>),
    stop: impl Future<Output = ()>,
) where
    C: Clock,
    N: TcpConnect + Dns,
    T: Clock,
{
    let shared = Shared {
        node: RefCell::new(node),
        clock,
        observer: RefCell::new(observer),
        outbox: Signal::new(),
    };
    select(
        link::serve(&shared, &network, memory, stop),
        shared.sample(sensors),
    )
    .await;
}
