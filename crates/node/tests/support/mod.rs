//! A clock that tests move, and a network with one broker on it whose every byte tests see.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::{Future, poll_fn},
    net::{IpAddr, SocketAddr},
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use edge_nal::{AddrType, Close, Dns, Readable, TcpConnect, TcpShutdown, TcpSplit};
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use node::{Clock, node_core::Instant};

/// A clock that stands still until it is moved.
#[derive(Default)]
pub(crate) struct Hand(Cell<u64>);

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.0.get())
    }

    async fn wait_until(&self, at: Instant) {
        poll_fn(|_| {
            if self.now() >= at {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

impl Hand {
    pub(crate) fn ms(&self) -> u64 {
        self.0.get()
    }
}

/// What the broker does when a connection is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Door {
    Open,
    /// The connection is refused.
    Closed,
    /// Packets are swallowed: neither refused nor opened.
    Dead,
    /// The host's name is not known.
    Nameless,
}

/// One connection, as the broker sees it.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) from_node: VecDeque<u8>,
    pub(crate) to_node: VecDeque<u8>,
    /// The broker has hung up.
    pub(crate) cut: bool,
    /// The node has let go of its socket.
    pub(crate) dropped: bool,
}

/// The network: at most one connection at a time, the latest.
pub(crate) struct Net {
    pub(crate) door: Cell<Door>,
    pub(crate) line: RefCell<Rc<RefCell<Line>>>,
    pub(crate) attempts: RefCell<Vec<(u64, SocketAddr)>>,
    pub(crate) hand: Rc<Hand>,
}

impl Net {
    pub(crate) fn new(door: Door) -> Rc<Self> {
        Rc::new(Self {
            door: Cell::new(door),
            line: RefCell::default(),
            attempts: RefCell::default(),
            hand: Rc::default(),
        })
    }

    pub(crate) fn send(&self, bytes: &[u8]) {
        self.line.borrow().borrow_mut().to_node.extend(bytes);
    }

    pub(crate) fn cut(&self) {
        self.line.borrow().borrow_mut().cut = true;
    }

    /// Takes the next whole MQTT packet that the node sent.
    pub(crate) fn packet(&self) -> Option<Packet> {
        let line = self.line.borrow();
        let bytes = &mut line.borrow_mut().from_node;
        let (mut length, mut header) = (0, 1);
        loop {
            let byte = usize::from(*bytes.get(header)?);
            length |= (byte & 0x7F) << (7 * (header - 1));
            header += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if bytes.len() < header + length {
            return None;
        }
        let first = bytes[0];
        bytes.drain(..header);
        Some(Packet {
            first,
            body: bytes.drain(..length).collect(),
        })
    }
}

/// An MQTT control packet: first byte, and all after the length.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) first: u8,
    pub(crate) body: Vec<u8>,
}

/// A PUBLISH as MQTT 5 has it: 3.3 of the standard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Publish {
    pub(crate) topic: String,
    pub(crate) payload: String,
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    pub(crate) dup: bool,
    pub(crate) id: Option<[u8; 2]>,
}

impl Packet {
    pub(crate) fn publish(&self) -> Publish {
        assert_eq!(self.first >> 4, 3, "not a PUBLISH: {self:02x?}");
        let qos = self.first >> 1 & 3;
        let length = usize::from(u16::from_be_bytes([self.body[0], self.body[1]]));
        let (topic, rest) = self.body[2..].split_at(length);
        let (id, rest) = if qos > 0 {
            (Some([rest[0], rest[1]]), &rest[2..])
        } else {
            (None, rest)
        };
        assert_eq!(rest[0], 0, "no properties");
        Publish {
            topic: String::from_utf8(topic.to_vec()).unwrap(),
            payload: String::from_utf8(rest[1..].to_vec()).unwrap(),
            qos,
            retain: self.first & 1 == 1,
            dup: self.first & 8 != 0,
            id,
        }
    }
}

/// The stack that the node is given.
pub(crate) struct Stack(pub(crate) Rc<Net>);

#[derive(Debug)]
pub(crate) struct NetError(pub(crate) ErrorKind);

impl std::fmt::Display for NetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for NetError {}

impl embedded_io_async::Error for NetError {
    fn kind(&self) -> ErrorKind {
        self.0
    }
}

pub(crate) struct Socket(Rc<RefCell<Line>>);

impl TcpConnect for Stack {
    type Error = NetError;
    type Socket<'a> = Socket;

    async fn connect(&self, remote: SocketAddr) -> Result<Socket, NetError> {
        self.0.attempts.borrow_mut().push((self.0.hand.ms(), remote));
        match self.0.door.get() {
            Door::Open | Door::Nameless => {
                let line = Rc::new(RefCell::new(Line::default()));
                self.0.line.replace(line.clone());
                Ok(Socket(line))
            }
            Door::Closed => Err(NetError(ErrorKind::ConnectionRefused)),
            Door::Dead => std::future::pending().await,
        }
    }
}

impl Dns for Stack {
    type Error = NetError;

    async fn get_host_by_name(&self, host: &str, _: AddrType) -> Result<IpAddr, NetError> {
        match self.0.door.get() {
            Door::Nameless => Err(NetError(ErrorKind::NotFound)),
            _ if host == "broker.local" => Ok([10, 0, 0, 9].into()),
            _ => Err(NetError(ErrorKind::InvalidInput)),
        }
    }

    async fn get_host_by_address(&self, _: IpAddr, _: &mut [u8]) -> Result<usize, NetError> {
        Err(NetError(ErrorKind::Unsupported))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.borrow_mut().dropped = true;
    }
}

impl ErrorType for Socket {
    type Error = NetError;
}

impl Read for Socket {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, NetError> {
        poll_fn(|_| {
            let line = &mut *self.0.borrow_mut();
            if line.to_node.is_empty() {
                return if line.cut {
                    Poll::Ready(Ok(0))
                } else {
                    Poll::Pending
                };
            }
            let count = buffer.len().min(line.to_node.len());
            for (place, byte) in buffer.iter_mut().zip(line.to_node.drain(..count)) {
                *place = byte;
            }
            Poll::Ready(Ok(count))
        })
        .await
    }
}

impl Write for Socket {
    async fn write(&mut self, buffer: &[u8]) -> Result<usize, NetError> {
        let line = &mut *self.0.borrow_mut();
        if line.cut {
            return Err(NetError(ErrorKind::ConnectionReset));
        }
        line.from_node.extend(buffer);
        Ok(buffer.len())
    }

    async fn flush(&mut self) -> Result<(), NetError> {
        Ok(())
    }
}

impl Readable for Socket {
    async fn readable(&mut self) -> Result<(), NetError> {
        unimplemented!("the link reads")
    }
}

impl TcpSplit for Socket {
    type Read<'a> = Socket;
    type Write<'a> = Socket;

    fn split(&mut self) -> (Socket, Socket) {
        unimplemented!("the link does not split")
    }
}

impl TcpShutdown for Socket {
    async fn close(&mut self, _: Close) -> Result<(), NetError> {
        Ok(())
    }

    async fn abort(&mut self) -> Result<(), NetError> {
        Ok(())
    }
}

/// Runs `node` beside `script`: after each look at the node, `script` is asked what happened; if nothing did, time
/// moves on by a millisecond. Ends with the node, or when `script` says so, or fails after an hour.
pub(crate) fn play(
    net: &Net,
    node: impl Future<Output = ()>,
    mut script: impl FnMut(&Net) -> Turn,
) -> Ending {
    let mut node = pin!(node);
    let mut context = Context::from_waker(Waker::noop());
    while net.hand.ms() < 3_600_000 {
        if node.as_mut().poll(&mut context).is_ready() {
            return Ending::Returned;
        }
        match script(net) {
            Turn::Again => {}
            Turn::Wait => net.hand.0.set(net.hand.ms() + 1),
            Turn::Stop => return Ending::Stopped,
        }
    }
    panic!("nothing more happened within an hour")
}

/// What a script says.
pub(crate) enum Turn {
    /// Something was done: look again before time moves.
    Again,
    /// Nothing to do: let time pass.
    Wait,
    /// It has seen enough.
    Stop,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Returned,
    Stopped,
}
