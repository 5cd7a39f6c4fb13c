//! A UART between the host and one device: bytes in both directions, each with a baud rate of its own.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use crate::clock::Clock;
use crate::executor;
use crate::faults::SplitMix64;
use crate::lock;
use crate::uart::UartError;

/// Start bit, eight data bits, stop bit.
const FRAME_BITS: u64 = 10;
/// So many events of a device without a byte for the host are taken for silence.
const MOST_EVENTS: u32 = 1_000_000;

/// Something at the other end of a [`Serial`]: implement it for a device of your own. Times are nanoseconds.
///
/// ```
/// use embedded_io::{Read, Write};
///
/// /// Sends back what it is sent.
/// struct Echo(Option<u8>);
///
/// impl sim::SerialDevice for Echo {
///     fn receive(&mut self, _at: u64, byte: u8) {
///         self.0 = Some(byte);
///     }
///     fn transmit(&mut self, _at: u64) -> Option<u8> {
///         self.0.take()
///     }
/// }
///
/// let clock = sim::Clock::new();
/// let mut serial = sim::Serial::new(&clock, Echo(None));
/// serial.write_all(b"x").unwrap();
/// let mut answer = [0];
/// serial.read_exact(&mut answer).unwrap();
/// assert_eq!(&answer, b"x");
/// // The call takes 20 ns, then ten bits of 104 167 ns go there and ten come back.
/// assert_eq!(clock.now(), 2 * 1_041_670 + 20);
/// // Nothing more will come, and that is an error rather than a test that hangs.
/// assert_eq!(serial.read(&mut answer), Err(sim::UartError::Silence));
/// ```
pub trait SerialDevice: Any + Send {
    /// Takes a byte whose stop bit ends at `at`.
    fn receive(&mut self, at: u64, byte: u8);

    /// Returns the byte to send from `at` on. Called when the transmitter is free: after each byte, after each
    /// received byte, and when [`next_event`](Self::next_event) is due.
    fn transmit(&mut self, at: u64) -> Option<u8>;

    /// Returns when the device will want to send of its own accord, none if that depends on the host.
    fn next_event(&self) -> Option<u64> {
        None
    }

    /// Returns the rate at which the device sends and receives now, in bits per second. 9600 unless overridden.
    fn baud(&self) -> u32 {
        9_600
    }

    /// Takes notice that supply came on or went: the device was attached, plugged or unplugged.
    fn power(&mut self, at: u64, on: bool) {
        let _ = (at, on);
    }
}

/// One direction: what is still to go, what is under way, and until when the receiver at its end is busy.
struct Lane {
    under_way: Option<(u64, u64, u8)>,
    receiver_busy: u64,
}

struct Link {
    now: u64,
    device: Box<dyn SerialDevice>,
    plugged: bool,
    host_bit_ns: u64,
    depth: usize,
    cost_ns: u64,
    timeout: u64,
    outgoing: VecDeque<u8>,
    there: Lane,
    back: Lane,
    received: VecDeque<Result<u8, UartError>>,
    noise: Option<(u32, SplitMix64)>,
    /// Who waits for a byte, and has to look again once the host has sent something.
    reader: Option<Waker>,
}

/// A UART of the host, wired to one [`SerialDevice`]. Clones are the same UART.
///
/// It implements `Read`, `ReadReady`, `Write` and `WriteReady` of embedded-io, and `Read` and `Write` of
/// embedded-io-async. [`read`](embedded_io::Read::read) passes time until a byte has arrived, but not more than the
/// [time-out](Self::set_timeout); where real hardware would wait for ever it fails with [`UartError::Silence`].
/// [`write`](embedded_io::Write::write) returns once the bytes are in the FIFO, or passes time until one fits;
/// [`flush`](embedded_io::Write::flush) passes time until the last stop bit has gone out.
///
/// If the rates of the two ends differ, each byte is sampled at the wrong places and arrives as others, always the
/// same ones, or with [`UartError::Framing`].
#[derive(Clone)]
pub struct Serial {
    clock: Clock,
    link: Arc<Mutex<Link>>,
}

impl Serial {
    /// Makes a UART at 9600 baud, wired to `device`, which is powered.
    pub fn new<D: SerialDevice>(clock: &Clock, device: D) -> Self {
        let now = clock.now();
        let mut device = Box::new(device);
        device.power(now, true);
        let lane = || Lane {
            under_way: None,
            receiver_busy: 0,
        };
        Self {
            clock: clock.clone(),
            link: Arc::new(Mutex::new(Link {
                now,
                device,
                plugged: true,
                host_bit_ns: bit_ns(9_600),
                depth: 256,
                cost_ns: 20,
                timeout: u64::MAX,
                outgoing: VecDeque::new(),
                there: lane(),
                back: lane(),
                received: VecDeque::new(),
                noise: None,
                reader: None,
            })),
        }
    }

    /// Returns another handle to this UART.
    #[must_use]
    pub fn handle(&self) -> Self {
        self.clone()
    }

    /// Returns the clock that the UART lives by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sets the baud rate of the host's end, both directions. Default 9600. A byte under way keeps its rate.
    pub fn set_baud(&self, baud: u32) {
        self.at_now(|link| link.host_bit_ns = bit_ns(baud));
    }

    /// Makes room for `bytes` bytes, at least 1, in the host's FIFO of each direction. Default 256.
    pub fn set_fifo_depth(&self, bytes: usize) {
        self.at_now(|link| link.depth = bytes.max(1));
    }

    /// Makes each call last at least `ns` nanoseconds, not less than 1. Default 20.
    pub fn set_cost(&self, ns: u64) {
        self.at_now(|link| link.cost_ns = ns.max(1));
    }

    /// Makes a read give up with [`UartError::Silence`] after `ns` nanoseconds. Default never, as long as the device
    /// is going to send anything at all.
    pub fn set_timeout(&self, ns: u64) {
        self.at_now(|link| link.timeout = ns);
    }

    /// Turns each bit that the host receives over with a probability of `ppm` in a million, by `seed`.
    pub fn set_noise(&self, seed: u64, ppm: u32) {
        self.at_now(|link| link.noise = Some((ppm, SplitMix64::new(seed))));
    }

    /// Cuts the wires to the device, and its supply.
    pub fn unplug(&self) {
        self.at_now(|link| link.set_plugged(false));
    }

    /// Connects the device again and powers it up. Does nothing if it is connected.
    pub fn plug(&self) {
        self.at_now(|link| link.set_plugged(true));
    }

    /// Runs `f` on the device as it is now, and returns what `f` returns; none if the device is no `D`.
    ///
    /// `f` must not touch this UART: it is locked meanwhile.
    pub fn with_device<D: SerialDevice, R>(&self, f: impl FnOnce(&mut D) -> R) -> Option<R> {
        self.at_now(|link| (&mut *link.device as &mut dyn Any).downcast_mut::<D>().map(f))
    }

    fn at_now<R>(&self, f: impl FnOnce(&mut Link) -> R) -> R {
        let mut link = lock(&self.link);
        link.run_to(self.clock.now());
        let result = f(&mut link);
        link.start();
        result
    }

    fn call(&self) {
        let cost = lock(&self.link).cost_ns;
        self.clock.spend(cost);
    }

    /// Passes time until the next thing happens, but not beyond `limit`. Returns false if nothing will.
    fn wait(&self, limit: u64) -> bool {
        let next = self.at_now(|link| link.next_event());
        if next.is_some() || limit < u64::MAX {
            self.clock.advance_to(next.unwrap_or(limit).min(limit));
        }
        next.is_some_and(|at| at <= limit)
    }

    fn limit(&self) -> u64 {
        self.clock.now().saturating_add(lock(&self.link).timeout)
    }

    /// Takes what has been received, up to the first error.
    fn take(&self, buf: &mut [u8]) -> Result<usize, UartError> {
        self.at_now(|link| {
            let mut count = 0;
            for byte in buf {
                if count > 0 && matches!(link.received.front(), Some(Err(_))) {
                    break;
                }
                let Some(next) = link.received.pop_front() else {
                    break;
                };
                *byte = next?;
                count += 1;
            }
            Ok(count)
        })
    }

    /// Takes what has been received, or passes time until there is something. Returns 0 if nothing will come.
    fn receive(&self, buf: &mut [u8]) -> Result<usize, UartError> {
        let limit = self.limit();
        for _ in 0..MOST_EVENTS {
            let count = self.take(buf)?;
            if count > 0 || buf.is_empty() {
                return Ok(count);
            }
            if !self.wait(limit) {
                break;
            }
        }
        Ok(0)
    }

    fn send(&self, buf: &[u8]) -> usize {
        self.call();
        loop {
            let count = self.at_now(|link| {
                let fits = buf.iter().take(link.depth.saturating_sub(link.outgoing.len()));
                link.outgoing.extend(fits.clone());
                link.reader.take().into_iter().for_each(Waker::wake);
                fits.len()
            });
            if count > 0 || buf.is_empty() || !self.wait(u64::MAX) {
                return count;
            }
        }
    }

    fn drain(&self) {
        self.call();
        let busy = || self.at_now(|link| link.there.under_way.is_some());
        while busy() && self.wait(u64::MAX) {}
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serial")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// The time of a bit in nanoseconds, rounded to the nearest.
fn bit_ns(baud: u32) -> u64 {
    let baud = u64::from(baud.max(1));
    (1_000_000_000 + baud / 2) / baud
}

impl Link {
    fn run_to(&mut self, target: u64) {
        loop {
            self.start();
            let Some(at) = self.next_event().filter(|&at| at <= target) else {
                break;
            };
            self.now = at;
            self.arrive();
        }
        self.now = self.now.max(target);
        self.start();
    }

    fn next_event(&self) -> Option<u64> {
        let device = self.device.next_event().filter(|_| self.plugged);
        let device = device.map(|at| at.max(self.now.saturating_add(1)));
        // While a byte is on its way back the device has to wait with the next one.
        let device = device.filter(|_| self.back.under_way.is_none());
        let ends = [&self.there, &self.back].map(|lane| lane.under_way.map(|(_, ends, _)| ends));
        ends.into_iter().flatten().chain(device).min()
    }

    /// Starts what can be sent now.
    fn start(&mut self) {
        let now = self.now;
        if self.there.under_way.is_none()
            && let Some(byte) = self.outgoing.pop_front()
        {
            self.there.under_way = Some((now, now + FRAME_BITS * self.host_bit_ns, byte));
        }
        if self.plugged
            && self.back.under_way.is_none()
            && let Some(byte) = self.device.transmit(now)
        {
            // Asked only now: the device may just have changed its rate.
            let bit = bit_ns(self.device.baud());
            self.back.under_way = Some((now, now + FRAME_BITS * bit, byte));
        }
    }

    /// Takes in what has just arrived.
    fn arrive(&mut self) {
        let now = self.now;
        if let Some(frame) = self.there.under_way.take_if(|(_, ends, _)| *ends <= now)
            && self.plugged
        {
            let bit = bit_ns(self.device.baud());
            // A device that sees a bad stop bit drops the byte.
            for byte in sample(frame, bit, &mut self.there.receiver_busy)
                .into_iter()
                .flatten()
            {
                self.device.receive(now, byte);
            }
        }
        if let Some(frame) = self.back.under_way.take_if(|(_, ends, _)| *ends <= now) {
            for byte in sample(frame, self.host_bit_ns, &mut self.back.receiver_busy) {
                let byte = byte.map(|byte| self.disturb(byte));
                self.store(byte.ok_or(UartError::Framing));
            }
        }
    }

    fn disturb(&mut self, byte: u8) -> u8 {
        let Some((ppm, random)) = &mut self.noise else {
            return byte;
        };
        (0..8).fold(byte, |byte, bit| byte ^ (u8::from(random.chance(*ppm)) << bit))
    }

    fn store(&mut self, byte: Result<u8, UartError>) {
        if self.received.len() < self.depth {
            self.received.push_back(byte);
        } else if let Some(last) = self.received.back_mut() {
            *last = Err(UartError::Overrun);
        }
    }

    fn set_plugged(&mut self, plugged: bool) {
        if self.plugged != plugged {
            self.plugged = plugged;
            self.back.under_way = None;
            self.device.power(self.now, plugged);
        }
    }
}

/// What a receiver with `bit` nanoseconds a bit makes of a frame that goes from `begin` to `end`: the bytes, none for
/// one whose stop bit is low. It is deaf until `busy`; the line is high after the frame.
fn sample((begin, end, byte): (u64, u64, u8), bit: u64, busy: &mut u64) -> Vec<Option<u8>> {
    let sent = (end - begin) / FRAME_BITS;
    let frame = u64::from(byte) << 1 | 1 << 9;
    let high = |at: u64| {
        let index = (at - begin) / sent.max(1);
        index >= FRAME_BITS || frame >> index & 1 == 1
    };
    let mut bytes = Vec::new();
    let mut at = begin;
    loop {
        let free = at.max(*busy);
        // The start bit, or a later fall: a sent bit that is low after one that is high.
        let falls = (0..FRAME_BITS).map(|index| begin + index * sent);
        let fall = falls.filter(|&fall| fall >= free && !high(fall));
        let Some(fall) = fall.filter(|&fall| fall == begin || high(fall - 1)).min() else {
            return bytes;
        };
        let middle = |index: u64| fall + index * bit + bit / 2;
        let bits = (1..9).fold(0, |bits, index| {
            bits | u8::from(high(middle(index))) << (index - 1)
        });
        bytes.push(Some(bits).filter(|_| high(middle(9))));
        at = middle(9);
        // Rates that differ by a few percent, as clocks do, must not cost the next byte.
        *busy = at;
    }
}

impl embedded_io::ErrorType for Serial {
    type Error = UartError;
}

impl embedded_io::ReadReady for Serial {
    fn read_ready(&mut self) -> Result<bool, UartError> {
        self.call();
        Ok(self.at_now(|link| !link.received.is_empty()))
    }
}

impl embedded_io::WriteReady for Serial {
    fn write_ready(&mut self) -> Result<bool, UartError> {
        self.call();
        Ok(self.at_now(|link| link.outgoing.len() < link.depth))
    }
}

impl embedded_io::Read for Serial {
    /// Fails with [`UartError::Silence`] where real hardware would wait for ever.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, UartError> {
        self.call();
        match self.receive(buf)? {
            0 if !buf.is_empty() => Err(UartError::Silence),
            count => Ok(count),
        }
    }
}

impl embedded_io::Write for Serial {
    fn write(&mut self, buf: &[u8]) -> Result<usize, UartError> {
        Ok(self.send(buf))
    }

    fn flush(&mut self) -> Result<(), UartError> {
        self.drain();
        Ok(())
    }
}

impl embedded_io_async::Read for Serial {
    /// Inside a [`Clock::run`] it waits for a byte, for the [time-out](Serial::set_timeout), or for ever.
    ///
    /// Elsewhere it passes time like the blocking one. Where that fails, the first poll is pending, so that a time-out
    /// beside it can win, and the second one fails with [`UartError::Silence`], so that no test hangs.
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, UartError> {
        self.call();
        let limit = self.limit();
        let mut polled = false;
        poll_fn(|context| {
            let result = if polled || executor::is_running() {
                self.take(buf)
            } else {
                self.receive(buf)
            };
            if result != Ok(0) || buf.is_empty() {
                return Poll::Ready(result);
            }
            if executor::is_running() {
                if self.clock.now() >= limit {
                    return Poll::Ready(Err(UartError::Silence));
                }
                let next = self.at_now(|link| {
                    link.reader = Some(context.waker().clone());
                    link.next_event()
                });
                let next = next.unwrap_or(u64::MAX).min(limit);
                if next < u64::MAX {
                    executor::wake_at(next, context);
                }
                return Poll::Pending;
            }
            if std::mem::replace(&mut polled, true) {
                return Poll::Ready(Err(UartError::Silence));
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}

impl embedded_io_async::Write for Serial {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, UartError> {
        Ok(self.send(buf))
    }

    async fn flush(&mut self) -> Result<(), UartError> {
        self.drain();
        Ok(())
    }
}
