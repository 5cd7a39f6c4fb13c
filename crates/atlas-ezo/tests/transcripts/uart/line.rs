//! A UART on which things happen at their time, its clock, and an executor that lets time pass when nothing else does.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// What happens on the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// The host sends this.
    Host(&'static str),
    /// The host sends this, so many milliseconds after what came before.
    HostAfter(u32, &'static str),
    /// The circuit sends this, so many milliseconds after what came before.
    Circuit(u32, &'static [u8]),
    /// The next read fails.
    Breaks,
    /// The next read finds the end.
    Ends,
}

/// The UART's own error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

impl embedded_io::Error for Broken {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

#[derive(Debug, Default)]
struct World {
    now: u64,
    /// When the last thing happened.
    last: u64,
    script: VecDeque<Act>,
    received: VecDeque<u8>,
    baud: Vec<u32>,
    slack: u64,
}

impl World {
    /// Moves what the circuit has sent by now into the receiver.
    fn run(&mut self) {
        while let Some(Act::Circuit(after, bytes)) = self.script.front() {
            let due = self.last + u64::from(*after);
            if due > self.now {
                return;
            }
            self.received.extend(*bytes);
            self.last = due;
            self.script.pop_front();
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.run();
        let (after, text) = match self.script.pop_front() {
            Some(Act::Host(text)) => (None, text),
            Some(Act::HostAfter(after, text)) => (Some(after), text),
            act => panic!("{:?} is sent instead of {act:?}", String::from_utf8_lossy(bytes)),
        };
        assert_eq!(String::from_utf8_lossy(bytes), text);
        if let Some(after) = after {
            let due = self.last + u64::from(after);
            assert_eq!(self.now, due + self.slack, "{text:?} at the wrong time");
        }
        self.last = self.now;
    }

    fn read(&mut self, into: &mut [u8]) -> Result<usize, Broken> {
        self.run();
        if self.received.is_empty() {
            match self.script.front() {
                Some(Act::Breaks) => {
                    self.script.pop_front();
                    return Err(Broken);
                }
                Some(Act::Ends) => {
                    self.script.pop_front();
                    return Ok(0);
                }
                _ => panic!("a read that would block"),
            }
        }
        let count = into.len().min(self.received.len());
        for (byte, received) in into.iter_mut().zip(self.received.drain(..count)) {
            *byte = received;
        }
        Ok(count)
    }

    fn is_ready(&mut self) -> bool {
        self.run();
        !self.received.is_empty() || matches!(self.script.front(), Some(Act::Breaks | Act::Ends))
    }
}

/// The UART, its delay and its clock.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Rc<RefCell<World>>);

impl Line {
    pub(crate) fn new(script: &[Act]) -> Self {
        let line = Self::default();
        line.0.borrow_mut().script = script.iter().cloned().collect();
        line
    }

    /// The polled front end lets one tick more pass, since the tick in which a wait begins may be nearly over.
    pub(crate) fn polled(self) -> Self {
        self.0.borrow_mut().slack = 1;
        self
    }

    pub(crate) fn now(&self) -> u64 {
        self.0.borrow().now
    }

    pub(crate) fn pass(&self, ms: u64) {
        self.0.borrow_mut().now += ms;
    }

    pub(crate) fn set_baud(&mut self, baud: u32) {
        self.0.borrow_mut().baud.push(baud);
    }

    pub(crate) fn bauds(&self) -> Vec<u32> {
        self.0.borrow().baud.clone()
    }

    pub(crate) fn done(&self) {
        let world = self.0.borrow();
        assert!(world.script.is_empty(), "left: {:?}", world.script);
        assert!(world.received.is_empty(), "unread: {:?}", world.received);
    }

    /// Polls `future`, and lets a millisecond pass whenever it waits.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        for _ in 0..100_000 {
            match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(value) => return value,
                Poll::Pending => self.pass(1),
            }
        }
        panic!("it never ends");
    }
}

impl embedded_io::ErrorType for Line {
    type Error = Broken;
}

impl embedded_io::Read for Line {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Broken> {
        self.0.borrow_mut().read(into)
    }
}

impl embedded_io::ReadReady for Line {
    fn read_ready(&mut self) -> Result<bool, Broken> {
        Ok(self.0.borrow_mut().is_ready())
    }
}

impl embedded_io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        self.0.borrow_mut().write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Broken> {
        Ok(())
    }
}

impl embedded_io_async::Read for Line {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Broken> {
        poll_fn(|_| {
            let mut world = self.0.borrow_mut();
            if world.is_ready() {
                Poll::Ready(world.read(into))
            } else {
                Poll::Pending
            }
        })
        .await
    }
}

impl embedded_io_async::Write for Line {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        self.0.borrow_mut().write(bytes);
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        Ok(())
    }
}

impl embedded_hal::delay::DelayNs for Line {
    fn delay_ns(&mut self, ns: u32) {
        assert_eq!(ns % 1_000_000, 0);
        self.pass(u64::from(ns / 1_000_000));
    }
}

impl embedded_hal_async::delay::DelayNs for Line {
    async fn delay_ns(&mut self, ns: u32) {
        let until = self.now() + u64::from(ns / 1_000_000);
        poll_fn(|_| {
            if self.now() < until {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
}

/// One transcript through every front end, or with `flow` through the blocking and the async one.
#[macro_export]
macro_rules! uart {
    ($name:ident: $circuit:ident, [$($act:expr),* $(,)?], $($method:ident $(::<$k:literal>)? ($($arg:expr),*) => $expected:expr),+
        $(; $events:expr)? $(,)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[test]
            fn polled() {
                let line = Line::new(&[$($act),*]).polled();
                let mut ezo = nonblocking::Ezo::<$circuit, _>::new(Uart::new(line.clone(), ()));
                $(
                    let outcome = loop {
                        let now = nonblocking::Instant::from_ticks(line.now());
                        match ezo.$method $(::<$k>)? ($($arg,)* now) {
                            Err(nb::Error::WouldBlock) => line.pass(1),
                            Err(nb::Error::Other(error)) => break Err(error),
                            Ok(value) => break Ok(value),
                        }
                        assert!(line.now() < 100_000, "it never ends");
                    };
                    assert_eq!(format!("{outcome:?}"), $expected);
                )+
                $($crate::uart!(@events ezo, $events);)?
                line.done();
            }

            $crate::uart!(@both $circuit, [$($act),*], $($method $(::<$k>)? ($($arg),*) => $expected),+ $(; $events)?);
        }
    };
    (flow $name:ident: $circuit:ident, [$($act:expr),* $(,)?], $($method:ident $(::<$k:literal>)? ($($arg:expr),*) => $expected:expr),+
        $(; $events:expr)? $(,)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $crate::uart!(@both $circuit, [$($act),*], $($method $(::<$k>)? ($($arg),*) => $expected),+ $(; $events)?);
        }
    };
    (@both $circuit:ident, [$($act:expr),*], $($method:ident $(::<$k:literal>)? ($($arg:expr),*) => $expected:expr),+ $(; $events:expr)?) => {
        #[test]
        fn blocking() {
            let line = Line::new(&[$($act),*]);
            let mut ezo = blocking::Ezo::<$circuit, _>::new(Uart::new(line.clone(), line.clone()));
            $(assert_eq!(format!("{:?}", ezo.$method $(::<$k>)? ($($arg),*)), $expected);)+
            $($crate::uart!(@events ezo, $events);)?
            line.done();
        }

        #[test]
        fn asynchronous() {
            let line = Line::new(&[$($act),*]);
            let mut ezo = asynch::Ezo::<$circuit, _>::new(Uart::new(line.clone(), line.clone()));
            $(assert_eq!(format!("{:?}", line.block_on(ezo.$method $(::<$k>)? ($($arg),*))), $expected);)+
            $($crate::uart!(@events ezo, $events);)?
            line.done();
        }
    };
    (@events $ezo:ident, $events:expr) => {
        let transport = $ezo.transport_mut();
        let events: Vec<Event> = std::iter::from_fn(|| transport.next_event()).collect();
        assert_eq!(events, $events);
    };
}
