//! A UART on the wire: its transmitter pulls, its receiver listens, as in Maxim's application note 214.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::task::Poll;

use crate::executor;
use crate::wire::{Attached, Device, Wire};

/// Start bit, eight data bits, stop bit.
const FRAME_BITS: u8 = 10;
/// How often a read may be polled in vain while no time passes: other futures may need a few polls to pass some.
const SILENT_POLLS: u8 = 16;

/// The UART's two shift registers and its FIFOs.
pub(crate) struct UartPort {
    bit_ns: u64,
    depth: usize,
    cut: bool,
    high: bool,
    sent: VecDeque<u8>,
    tx: Option<Shift>,
    rx: Option<Shift>,
    received: VecDeque<Result<u8, UartError>>,
}

/// A frame under way: what is left of it, which bit it is at, and when that bit is to be acted upon.
#[derive(Clone, Copy)]
struct Shift {
    bits: u16,
    bit: u8,
    at: u64,
}

impl UartPort {
    pub(crate) fn new() -> Self {
        Self {
            bit_ns: bit_ns(9_600),
            depth: 16,
            cut: false,
            high: true,
            sent: VecDeque::new(),
            tx: None,
            rx: None,
            received: VecDeque::new(),
        }
    }

    fn busy(&self) -> bool {
        self.tx.is_some() || !self.sent.is_empty()
    }

    fn transmit(&mut self, at: u64) {
        match &mut self.tx {
            Some(shift) if shift.at > at => (),
            Some(shift) if shift.bit + 1 < FRAME_BITS => {
                shift.bit += 1;
                shift.bits >>= 1;
                shift.at = at.saturating_add(self.bit_ns);
            }
            _ => {
                let bits = self.sent.pop_front().map(|byte| u16::from(byte) << 1 | 0x200);
                self.tx = bits.map(|bits| Shift {
                    bits,
                    bit: 0,
                    at: at.saturating_add(self.bit_ns),
                });
            }
        }
    }

    fn receive(&mut self, at: u64, high: bool) {
        let Some(shift) = self.rx.as_mut().filter(|shift| shift.at <= at) else {
            return;
        };
        if shift.bit == 0 && high {
            self.rx = None;
            return;
        }
        shift.bits = shift.bits >> 1 | u16::from(high) << 9;
        shift.bit += 1;
        shift.at = at.saturating_add(self.bit_ns);
        if shift.bit == FRAME_BITS {
            let byte = u8::try_from(shift.bits >> 1 & 0xFF).unwrap_or_default();
            self.rx = None;
            self.store(if high { Ok(byte) } else { Err(UartError::Framing) });
        }
    }

    fn store(&mut self, byte: Result<u8, UartError>) {
        if self.received.len() < self.depth {
            self.received.push_back(byte);
        } else if let Some(last) = self.received.back_mut() {
            *last = Err(UartError::Overrun);
        }
    }
}

impl Device for UartPort {
    fn power(&mut self, _at: u64, _on: bool, high: bool) {
        self.high = high;
        self.tx = None;
        self.rx = None;
    }

    fn edge(&mut self, at: u64, high: bool) {
        self.high = high;
        if !high && self.rx.is_none() {
            self.rx = Some(Shift {
                bits: 0,
                bit: 0,
                at: at.saturating_add(self.bit_ns / 2),
            });
        }
    }

    fn next_event(&self) -> Option<u64> {
        self.tx.iter().chain(&self.rx).map(|shift| shift.at).min()
    }

    fn event(&mut self, at: u64, high: bool) {
        self.receive(at, high);
        if self.tx.is_some() {
            self.transmit(at);
        }
    }

    fn pulls_low(&self) -> bool {
        !self.cut && self.tx.is_some_and(|shift| shift.bits & 1 == 0)
    }
}

/// The time of a bit in nanoseconds, rounded to the nearest.
fn bit_ns(baud: u32) -> u64 {
    let baud = u64::from(baud.max(1));
    (1_000_000_000 + baud / 2) / baud
}

/// A UART whose transmitter and receiver are both on the [`Wire`], through a diode or an open-drain buffer.
///
/// Whatever it sends it also receives, with the bits that devices pulled low in it: that is how a UART does 1-Wire.
/// Each bit is received as the line's level in the middle of the bit.
/// [`read`](embedded_io::Read::read) passes time until a byte has arrived; [`write`](embedded_io::Write::write)
/// returns once the bytes are in the FIFO, or passes time until one fits; [`flush`](embedded_io::Write::flush)
/// passes time until the last stop bit has gone out. The asynchronous traits do the same.
pub struct Uart {
    port: Attached<UartPort>,
    cost_ns: u64,
}

impl Uart {
    pub(crate) fn new(port: Attached<UartPort>) -> Self {
        Self { port, cost_ns: 20 }
    }

    /// Sets the baud rate of both directions at once, even in the middle of a byte, as hardware does. Default 9600.
    pub fn set_baud(&mut self, baud: u32) {
        self.port.with(|port| port.bit_ns = bit_ns(baud));
    }

    /// Makes each call last at least `ns` nanoseconds, not less than 1. Default 20.
    pub fn set_cost(&mut self, ns: u64) {
        self.cost_ns = ns.max(1);
    }

    /// Makes room for `bytes` bytes, at least 1, in the FIFO of each direction. Default 16.
    pub fn set_fifo_depth(&mut self, bytes: usize) {
        self.port.with(|port| port.depth = bytes.max(1));
    }

    /// Cuts the transmitter off the line while `cut`: bytes still take their time, but nothing comes back.
    pub fn set_cut(&mut self, cut: bool) {
        self.port.with(|port| port.cut = cut);
    }

    fn wire(&self) -> &Wire {
        self.port.wire()
    }

    fn call(&self) {
        self.wire().uart_call(self.cost_ns);
    }

    /// Passes time until the next thing happens on the line. Returns false if nothing ever will.
    fn wait(&self) -> bool {
        let next = self.wire().next_event();
        if let Some(at) = next {
            self.wire().clock().advance_to(at);
        }
        next.is_some()
    }

    fn under_way(&self) -> bool {
        self.port.with(|port| port.busy() || port.rx.is_some())
    }

    /// Takes what has been received, up to the first error.
    fn take(&self, buf: &mut [u8]) -> Result<usize, UartError> {
        let mut count = 0;
        for byte in buf {
            let next = self.port.with(|port| match port.received.front() {
                Some(Err(_)) if count > 0 => None,
                _ => port.received.pop_front(),
            });
            let Some(next) = next else { break };
            *byte = self.wire().misread(next?);
            count += 1;
        }
        Ok(count)
    }

    /// Takes what has been received, or passes time until there is something. Returns 0 if nothing is under way.
    fn receive(&self, buf: &mut [u8]) -> Result<usize, UartError> {
        loop {
            let count = self.take(buf)?;
            if count > 0 || buf.is_empty() || !self.under_way() || !self.wait() {
                return Ok(count);
            }
        }
    }

    fn send(&self, buf: &[u8]) -> usize {
        self.call();
        let now = self.wire().clock().now();
        loop {
            let count = self.port.with(|port| {
                let room = port.depth.saturating_sub(port.sent.len());
                let fits = buf.iter().take(room);
                port.sent.extend(fits.clone());
                if port.tx.is_none() {
                    port.transmit(now);
                }
                fits.len()
            });
            if count > 0 || buf.is_empty() || !self.wait() {
                return count;
            }
        }
    }

    fn drain(&self) {
        self.call();
        while self.port.with(|port| port.busy()) && self.wait() {}
    }
}

impl fmt::Debug for Uart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uart")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// What a [`Uart`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UartError {
    /// The stop bit was low.
    Framing,
    /// Bytes arrived and the FIFO was full; one of them is missing here.
    Overrun,
    /// Nothing has been received, nothing is being sent: real hardware would wait for ever.
    Silence,
}

impl fmt::Display for UartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Framing => "the stop bit was low",
            Self::Overrun => "the FIFO was full when a byte arrived",
            Self::Silence => "waiting for a byte that nobody sends",
        })
    }
}

impl std::error::Error for UartError {}

impl embedded_io::Error for UartError {
    fn kind(&self) -> embedded_io::ErrorKind {
        match self {
            Self::Framing | Self::Overrun => embedded_io::ErrorKind::InvalidData,
            Self::Silence => embedded_io::ErrorKind::TimedOut,
        }
    }
}

impl embedded_io::ErrorType for Uart {
    type Error = UartError;
}

impl embedded_io::ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, UartError> {
        self.call();
        Ok(self.port.with(|port| !port.received.is_empty()))
    }
}

impl embedded_io::WriteReady for Uart {
    fn write_ready(&mut self) -> Result<bool, UartError> {
        self.call();
        Ok(self.port.with(|port| port.sent.len() < port.depth))
    }
}

impl embedded_io::Read for Uart {
    /// Fails with [`UartError::Silence`] where real hardware would wait for ever.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, UartError> {
        self.call();
        match self.receive(buf)? {
            0 if !buf.is_empty() => Err(UartError::Silence),
            count => Ok(count),
        }
    }
}

impl embedded_io::Write for Uart {
    fn write(&mut self, buf: &[u8]) -> Result<usize, UartError> {
        Ok(self.send(buf))
    }

    fn flush(&mut self) -> Result<(), UartError> {
        self.drain();
        Ok(())
    }
}

impl embedded_io_async::Read for Uart {
    /// Passes time like the blocking one. Where real hardware would wait for ever it is pending, so that a time-out
    /// beside it can win, with or without a [`Clock::run`](crate::Clock::run).
    ///
    /// Outside of a run it fails with [`UartError::Silence`] once it has been polled sixteen times in vain while no time
    /// passed, so that no test hangs; a run panics when nobody is left who waits for a time.
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, UartError> {
        self.call();
        let (mut since, mut polls) = (0, 0);
        poll_fn(|context| {
            let result = self.receive(buf);
            if result != Ok(0) || buf.is_empty() {
                return Poll::Ready(result);
            }
            if executor::is_running() {
                return Poll::Pending;
            }
            let now = self.wire().clock().now();
            if since != now {
                (since, polls) = (now, 0);
            }
            if polls == SILENT_POLLS {
                return Poll::Ready(Err(UartError::Silence));
            }
            polls += 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}

impl embedded_io_async::Write for Uart {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, UartError> {
        Ok(self.send(buf))
    }

    async fn flush(&mut self) -> Result<(), UartError> {
        self.drain();
        Ok(())
    }
}
