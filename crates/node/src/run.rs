//! The node's services side by side: its sensors, and the link to the broker.

use core::{cell::RefCell, future::Future};

use edge_nal::{Dns, TcpConnect};
use embassy_futures::{select::select3, yield_now};
use embassy_sync::{blocking_mutex::raw::NoopRawMutex, signal::Signal};
use node_core::{
    Action, Event, Instant, Node, Sample, SensorId,
    telemetry::{self, Message},
};

use crate::{Clock, LinkError, Memory, Network, Requests, SensorError, Sensors, link};

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

    /// The oldest message, for sending: its number, and the message if it can be sent at all.
    pub(crate) fn take_up<'b>(&self, payload: &'b mut [u8]) -> Option<(u32, Option<Message<'b>>)> {
        let mut node = self.node.borrow_mut();
        let report = node.take_up().cloned()?;
        Some((report.sequence, telemetry::render(&node, &report, payload)))
    }

    fn next_action(&self) -> Option<Action> {
        self.node.borrow_mut().next_action()
    }

    fn answered(&self, sensor: SensorId, outcome: &Result<Sample, SensorError>) {
        if let Some(sensor) = self.with(Node::config).sensors.get(usize::from(sensor.0)) {
            self.notice(Notice::Sampled(&sensor.name, outcome));
        }
        let outcome = outcome.as_ref().map_err(SensorError::fault);
        self.handle(Event::Sampled(sensor, outcome.copied()));
    }

    /// Asks for each sampling when it is due.
    async fn ask(&self, requests: &Requests<'_>) -> ! {
        loop {
            self.clock.wait_until(self.with(Node::deadline)).await;
            self.handle(Event::Tick);
            while let Some(Action::Sample(sensor)) = self.next_action() {
                requests.ask(&[sensor]);
            }
            // What is always due must not keep the link from being served, nor the node from being stopped.
            yield_now().await;
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
    let answered = |sensor, outcome| shared.answered(sensor, &outcome);
    let requests = Requests::new(&answered);
    select3(
        link::serve(&shared, &network, memory, stop),
        shared.ask(&requests),
        sensors.serve(clock, &requests),
    )
    .await;
}
