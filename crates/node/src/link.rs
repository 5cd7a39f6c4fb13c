//! The connection to the broker: made, kept, made again.

use core::{fmt, future::Future, net::IpAddr, net::SocketAddr, pin::pin};

use edge_nal::{AddrType, Dns, TcpConnect};
use embassy_futures::{
    poll_once,
    select::{Either, Either3, select, select3},
};
use embedded_io_async::{Error as _, ErrorKind};
use minimq::{Buffers, ConfigBuilder, Connection, Io, Publication, Session, Will};
use node_core::{
    Config, Event, Instant,
    fugit::MillisDurationU64,
    telemetry::{self, MAX_OFFLINE, MAX_PAYLOAD, Message, QoS},
};

use crate::{
    Clock,
    run::{Notice, Shared},
};

/// What one step of connecting, or one message, may take.
const PATIENCE: MillisDurationU64 = MillisDurationU64::from_ticks(10_000);
/// Pause after the first attempt to connect, doubled with each that follows.
const FIRST_PAUSE: MillisDurationU64 = MillisDurationU64::from_ticks(1_000);
/// Longest pause between two attempts to connect.
const LONGEST_PAUSE: MillisDurationU64 = MillisDurationU64::from_ticks(30_000);
/// The broker declares the node dead after one and a half of these.
const KEEPALIVE_S: u16 = 30;

/// Buffers of the link, which may stand in a `static`.
#[derive(Debug)]
pub struct Memory {
    rx: [u8; 1024],
    tx: [u8; MAX_PAYLOAD + 1024],
    payload: [u8; MAX_PAYLOAD],
    will: [u8; MAX_OFFLINE],
}

impl Memory {
    /// Empty buffers.
    pub const fn new() -> Self {
        Self {
            rx: [0; 1024],
            tx: [0; MAX_PAYLOAD + 1024],
            payload: [0; MAX_PAYLOAD],
            will: [0; MAX_OFFLINE],
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// Why there is no connection to the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkError {
    /// The host's name is not known, or no name server answers.
    NoSuchHost(ErrorKind),
    /// The network or the host cannot be reached, or nothing listens there.
    Unreachable(ErrorKind),
    /// The broker did not answer in 10 s.
    NoAnswer,
    /// The broker does not accept the node: the MQTT 5 reason code.
    Refused(u8),
    /// What answered does not speak MQTT 5.
    NotMqtt5,
    /// The connection broke.
    Lost(ErrorKind),
    /// The MQTT client does not take the configuration; it is not tried again.
    Configuration,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchHost(kind) => write!(f, "the host's name cannot be resolved ({kind:?})"),
            Self::Unreachable(kind) => write!(f, "nothing answers there ({kind:?})"),
            Self::NoAnswer => f.write_str("no answer within 10 s"),
            Self::Refused(0x84) => f.write_str("the broker does not speak MQTT 5"),
            Self::Refused(0x85) => {
                f.write_str("the broker does not accept the node's name as client identifier")
            }
            Self::Refused(0x86) => f.write_str("the broker does not accept the user or the password"),
            Self::Refused(0x87) => f.write_str("the broker does not authorise this node"),
            Self::Refused(code) => write!(f, "the broker refused with MQTT reason code {code:#04x}"),
            Self::NotMqtt5 => f.write_str("what answers there does not speak MQTT 5"),
            Self::Lost(kind) => write!(f, "the connection broke ({kind:?})"),
            Self::Configuration => f.write_str("the configuration is not one that MQTT can have"),
        }
    }
}

impl core::error::Error for LinkError {}

/// The way to the broker: sockets, names, and the time that passes there. That is real time also where the node's own
/// time is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Network<'a, N, T> {
    /// Sockets and names.
    pub stack: &'a N,
    /// Real time.
    pub clock: &'a T,
}

impl<N: TcpConnect + Dns, T: Clock> Network<'_, N, T> {
    /// What `future` gives within [`PATIENCE`].
    async fn patiently<R>(&self, future: impl Future<Output = R>) -> Result<R, LinkError> {
        match select(future, self.clock.wait_until(self.clock.now() + PATIENCE)).await {
            Either::First(result) => Ok(result),
            Either::Second(()) => Err(LinkError::NoAnswer),
        }
    }

    async fn open(&self, config: &Config) -> Result<N::Socket<'_>, LinkError> {
        let host = config.broker.host.as_str();
        let address = if let Ok(address) = host.parse::<IpAddr>() {
            address
        } else {
            let found = self
                .patiently(self.stack.get_host_by_name(host, AddrType::IPv4))
                .await?;
            found.map_err(|error| LinkError::NoSuchHost(error.kind()))?
        };
        let opened = self
            .patiently(self.stack.connect(SocketAddr::new(address, config.broker.port)))
            .await?;
        opened.map_err(|error| LinkError::Unreachable(error.kind()))
    }
}

/// How a connection ended.
enum End {
    /// `stop` became ready.
    Stopped,
    Failed(LinkError),
}

/// Keeps a connection and delivers the outbox over it, until `stop` is ready.
pub(crate) async fn serve<C, N, T, O>(
    shared: &Shared<'_, '_, C, O>,
    network: &Network<'_, N, T>,
    memory: &mut Memory,
    stop: impl Future<Output = ()>,
) where
    C: Clock,
    N: TcpConnect + Dns,
    T: Clock,
    O: FnMut(Instant, Notice<'_>),
{
    let mut stop = pin!(stop);
    let config = shared.with(node_core::Node::config);
    let Memory {
        rx,
        tx,
        payload,
        will,
    } = memory;
    let will = telemetry::offline(config, will);
    let Ok(mut session) = session(config, will.as_ref(), rx, tx) else {
        // Not for a configuration that passed its checks: its names and topics are short enough.
        shared.notice(Notice::Disconnected(LinkError::Configuration));
        return stop.await;
    };
    let mut pause = FIRST_PAUSE;
    loop {
        let attempt = async {
            let socket = network.open(config).await?;
            network.patiently(session.connect(socket)).await?.map_err(refused)
        };
        let end = match select(attempt, stop.as_mut()).await {
            Either::Second(()) => return,
            Either::First(Err(error)) => End::Failed(error),
            Either::First(Ok(mut connection)) => {
                pause = FIRST_PAUSE;
                shared.handle(Event::LinkUp);
                shared.notice(Notice::Connected);
                let end = deliver(shared, network, &mut connection, payload, stop.as_mut()).await;
                shared.handle(Event::LinkDown);
                if matches!(end, End::Stopped) {
                    // Nothing more can be done about an error here: the node ends, and the last will follows.
                    let _ = network.patiently(farewell(&mut connection, will.as_ref())).await;
                }
                end
            }
        };
        match end {
            End::Stopped => return,
            End::Failed(error) => shared.notice(Notice::Disconnected(error)),
        }
        if let Either::Second(()) = select(
            network.clock.wait_until(network.clock.now() + pause),
            stop.as_mut(),
        )
        .await
        {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The MQTT session that `config` describes.
fn session<'m>(
    config: &'m Config,
    will: Option<&Message<'m>>,
    rx: &'m mut [u8],
    tx: &'m mut [u8],
) -> Result<Session<'m>, minimq::ConfigError> {
    let mut builder = ConfigBuilder::new(Buffers::new(rx, tx))
        .client_id(&config.node)?
        .keepalive_interval(KEEPALIVE_S);
    if let Some(message) = will {
        builder = builder.will(
            Will::new(&message.topic, message.payload, &[])?
                .retained()
                .qos(minimq::QoS::AtLeastOnce),
        )?;
    }
    if let Some(user) = &config.broker.user {
        let password = config
            .broker
            .password
            .as_ref()
            .map_or("", |password| password.reveal());
        builder = builder.auth(user, password.as_bytes())?;
    }
    Ok(Session::new(builder))
}

/// Why the broker did not take the node.
fn refused<E: embedded_io_async::Error>(error: minimq::Error<E>) -> LinkError {
    match error {
        minimq::Error::Peer(minimq::PeerError::Rejected(reason)) => LinkError::Refused(reason.into()),
        // A broker of MQTT 3.1.1 answers with a packet that MQTT 5 does not know, or hangs up.
        minimq::Error::Peer(_) | minimq::Error::Disconnected => LinkError::NotMqtt5,
        error => lost(error),
    }
}

fn lost<E: embedded_io_async::Error>(error: minimq::Error<E>) -> LinkError {
    LinkError::Lost(match error {
        minimq::Error::Transport(error) => error.kind(),
        minimq::Error::Disconnected => ErrorKind::ConnectionReset,
        minimq::Error::WriteZero => ErrorKind::WriteZero,
        minimq::Error::Peer(_) => ErrorKind::InvalidData,
        _ => ErrorKind::Other,
    })
}

/// Delivers messages as they come until the connection breaks or `stop` is ready.
async fn deliver<C: Clock, N: TcpConnect + Dns, T: Clock, I: Io, O: FnMut(Instant, Notice<'_>)>(
    shared: &Shared<'_, '_, C, O>,
    network: &Network<'_, N, T>,
    connection: &mut Connection<'_, '_, I>,
    payload: &mut [u8],
    mut stop: core::pin::Pin<&mut impl Future<Output = ()>>,
) -> End {
    loop {
        if poll_once(stop.as_mut()).is_ready() {
            return End::Stopped;
        }
        let next = shared.take_up(payload);
        let Some((sequence, message)) = next else {
            match select3(connection.poll(), shared.outbox.wait(), stop.as_mut()).await {
                Either3::First(Ok(_)) | Either3::Second(()) => continue,
                Either3::First(Err(error)) => return End::Failed(lost(error)),
                Either3::Third(()) => return End::Stopped,
            }
        };
        let Some(message) = message else {
            shared.handle(Event::Undeliverable(sequence));
            continue;
        };
        match network.patiently(send(connection, &message)).await {
            Ok(Ok(())) => shared.notice(Notice::Published(&message)),
            Ok(Err(error)) | Err(error) => return End::Failed(error),
        }
        shared.handle(Event::Delivered(sequence));
    }
}

/// Sends one message; with QoS 1, returns when the broker has acknowledged it.
async fn send<I: Io>(connection: &mut Connection<'_, '_, I>, message: &Message<'_>) -> Result<(), LinkError> {
    let qos = match message.qos {
        QoS::AtMostOnce => minimq::QoS::AtMostOnce,
        QoS::AtLeastOnce => minimq::QoS::AtLeastOnce,
    };
    let operation = loop {
        let mut publication = Publication::bytes(&message.topic, message.payload).qos(qos);
        if message.retain {
            publication = publication.retain();
        }
        match connection.publish(publication).await {
            Ok(operation) => break operation,
            // The session is still busy with its own packets.
            Err(minimq::PubError::Session(minimq::Error::NotReady)) => {}
            Err(minimq::PubError::Session(error)) => return Err(lost(error)),
            Err(minimq::PubError::Payload(())) => return Err(LinkError::Lost(ErrorKind::OutOfMemory)),
        }
        connection.poll().await.map_err(lost)?;
    };
    if let Some(operation) = operation {
        while connection.is_pending(&operation) {
            connection.poll().await.map_err(lost)?;
        }
    }
    Ok(())
}

/// Says that the node is gone, in its own words rather than by the broker's last will, and hangs up.
async fn farewell<I: Io>(
    connection: &mut Connection<'_, '_, I>,
    message: Option<&Message<'_>>,
) -> Result<(), LinkError> {
    if let Some(message) = message {
        send(connection, message).await?;
    }
    connection.disconnect().await.map_err(lost)
}
