//! An I2C bus: the host's controller, any number of targets, and what can go wrong between them.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use embedded_hal::i2c::{ErrorKind, ErrorType, NoAcknowledgeSource, Operation};

use crate::clock::Clock;
use crate::faults::SplitMix64;
use crate::lock;

/// Which way the bytes go that follow an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The host writes.
    Write,
    /// The host reads.
    Read,
}

/// Something that answers on an [`I2cBus`]: implement it for a device of your own and [attach](I2cBus::attach) that.
///
/// It is called byte by byte, with the time in nanoseconds of the [`Clock`] at which the byte is complete, so that a
/// target can care about the time between two bytes, as a display behind a port expander does.
///
/// ```
/// use embedded_hal::i2c::I2c;
///
/// /// A PCF8574: what is written is on its pins, what is read is their state.
/// struct Expander(u8);
///
/// impl sim::I2cTarget for Expander {
///     fn write(&mut self, _at: u64, byte: u8) -> bool {
///         self.0 = byte;
///         true
///     }
///     fn read(&mut self, _at: u64) -> u8 {
///         self.0
///     }
/// }
///
/// let clock = sim::Clock::new();
/// let mut bus = sim::I2cBus::new(&clock);
/// let expander = bus.attach(0x27, Expander(0xFF));
/// bus.write(0x27, &[0x0F]).unwrap();
/// assert_eq!(expander.with(|expander| expander.0), 0x0F);
/// // Start, address and acknowledge, byte and acknowledge, stop: 20 bits of 10 µs.
/// assert_eq!(clock.now(), 200_000);
/// ```
pub trait I2cTarget: Any + Send {
    /// Takes a byte that the host wrote. Returns false to leave it unacknowledged, which ends the transfer.
    fn write(&mut self, at: u64, byte: u8) -> bool;

    /// Returns the next byte for the host, which begins to read it at `at`.
    fn read(&mut self, at: u64) -> u8;

    /// Takes notice of its address after a start or a repeated start. Returns false to leave it unacknowledged.
    fn start(&mut self, at: u64, direction: Direction) -> bool {
        let _ = (at, direction);
        true
    }

    /// Takes notice that the transfer it was addressed in is over, by a stop or by a repeated start.
    fn stop(&mut self, at: u64) {
        let _ = at;
    }

    /// Returns the address that it answers to now, none while it is deaf. `attached` is the one that it was attached
    /// at, which is what it returns unless overridden.
    fn address(&mut self, at: u64, attached: u8) -> Option<u8> {
        let _ = at;
        Some(attached)
    }

    /// Takes notice that it was put on a bus at this address, before it is powered.
    fn attached(&mut self, at: u64, address: u8) {
        let _ = (at, address);
    }

    /// Takes notice that supply came on or went: the target was attached, plugged or unplugged.
    fn power(&mut self, at: u64, on: bool) {
        let _ = (at, on);
    }
}

/// What an [`I2cBus`] reports to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum I2cError {
    /// Nobody acknowledged the address.
    AddressNack,
    /// A byte written was not acknowledged.
    DataNack,
    /// A start or stop in the wrong place.
    Bus,
    /// Another host pulled a bit low that this one had let go.
    ArbitrationLoss,
    /// A target held the clock for longer than the host allows.
    StretchTimeout,
}

impl fmt::Display for I2cError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AddressNack => "the address was not acknowledged",
            Self::DataNack => "a byte was not acknowledged",
            Self::Bus => "misplaced start or stop",
            Self::ArbitrationLoss => "arbitration lost",
            Self::StretchTimeout => "the clock was held for too long",
        })
    }
}

impl std::error::Error for I2cError {}

impl embedded_hal::i2c::Error for I2cError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::AddressNack => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address),
            Self::DataNack => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data),
            Self::Bus => ErrorKind::Bus,
            Self::ArbitrationLoss => ErrorKind::ArbitrationLoss,
            Self::StretchTimeout => ErrorKind::Other,
        }
    }
}

/// What goes wrong in one transaction; see [`I2cBus::inject`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum I2cFault {
    /// The address is not acknowledged; the target does not hear of it.
    AddressNack,
    /// The written byte with this index in the transaction is not acknowledged, nor heard by the target.
    DataNack(usize),
    /// The transaction ends with [`I2cError::Bus`] after the address.
    Bus,
    /// The transaction ends with [`I2cError::ArbitrationLoss`] after the address.
    ArbitrationLoss,
    /// The clock is held for this many nanoseconds after the address.
    Stretch(u64),
}

/// What an [`I2cBus`] has been used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct I2cStats {
    /// Transactions, whether they succeeded or not.
    pub transactions: u64,
    /// Transactions that failed.
    pub errors: u64,
    /// Starts and repeated starts with an address for writing.
    pub writes: u64,
    /// Starts and repeated starts with an address for reading.
    pub reads: u64,
    /// Bytes written, without addresses.
    pub bytes_written: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// Nanoseconds between starts and stops.
    pub busy_ns: u64,
}

struct Slot {
    target: Box<dyn I2cTarget>,
    address: u8,
    plugged: bool,
}

struct Bus {
    bit_ns: u64,
    slots: Vec<Slot>,
    stats: I2cStats,
    /// How many transactions from now on, and what happens then.
    faults: Vec<(u64, I2cFault)>,
    stretch_limit: u64,
    noise: Option<(u32, SplitMix64)>,
    yields: bool,
}

/// An I2C bus with the host as its only controller. Clones are the same bus.
///
/// It implements `I2c` of embedded-hal and embedded-hal-async for 7-bit addresses. Every start, address, byte, acknowledge
/// and stop passes the time that it takes. Several targets with one address all answer: zeros win.
#[derive(Clone)]
pub struct I2cBus {
    clock: Clock,
    bus: Arc<Mutex<Bus>>,
}

impl I2cBus {
    /// Makes a bus with nothing on it, at 100 kHz.
    pub fn new(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            bus: Arc::new(Mutex::new(Bus {
                bit_ns: bit_ns(100_000),
                slots: Vec::new(),
                stats: I2cStats::default(),
                faults: Vec::new(),
                stretch_limit: u64::MAX,
                noise: None,
                yields: false,
            })),
        }
    }

    /// Sets the frequency of the clock line in hertz, at least 1.
    #[must_use]
    pub fn with_frequency(self, hz: u32) -> Self {
        lock(&self.bus).bit_ns = bit_ns(hz);
        self
    }

    /// Makes the host give up with [`I2cError::StretchTimeout`] when the clock is held longer than `ns`. Default never.
    #[must_use]
    pub fn with_stretch_limit(self, ns: u64) -> Self {
        lock(&self.bus).stretch_limit = ns;
        self
    }

    /// Returns the clock that the bus lives by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns another handle to this bus, to give to a driver.
    #[must_use]
    pub fn handle(&self) -> Self {
        self.clone()
    }

    /// Puts a target on the bus and powers it.
    pub fn attach<T: I2cTarget>(&self, address: u8, target: T) -> I2cAttached<T> {
        let mut bus = lock(&self.bus);
        let mut target = Box::new(target);
        target.attached(self.clock.now(), address);
        target.power(self.clock.now(), true);
        bus.slots.push(Slot {
            target,
            address,
            plugged: true,
        });
        I2cAttached {
            bus: self.clone(),
            index: bus.slots.len() - 1,
            target: PhantomData,
        }
    }

    /// Makes `fault` happen in the transaction that follows `after` more of them: with 0 in the next one.
    pub fn inject(&self, after: u64, fault: I2cFault) {
        lock(&self.bus).faults.push((after, fault));
    }

    /// Takes back all faults that have not happened yet, and the noise.
    pub fn clear_faults(&self) {
        let mut bus = lock(&self.bus);
        bus.faults.clear();
        bus.noise = None;
    }

    /// Turns each bit that the host reads over with a probability of `ppm` in a million, by `seed`.
    pub fn set_noise(&self, seed: u64, ppm: u32) {
        lock(&self.bus).noise = Some((ppm, SplitMix64::new(seed)));
    }

    /// Makes each asynchronous transaction pending once before it begins, so that a test can drop its future there.
    pub fn set_yields(&self, yields: bool) {
        lock(&self.bus).yields = yields;
    }

    /// Returns the sums so far.
    pub fn stats(&self) -> I2cStats {
        lock(&self.bus).stats
    }

    /// Sets the sums to 0.
    pub fn reset_stats(&self) {
        lock(&self.bus).stats = I2cStats::default();
    }

    fn run(&self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), I2cError> {
        if operations.is_empty() {
            return Ok(());
        }
        let bus = &mut *lock(&self.bus);
        let begin = self.clock.now();
        let faults = bus.due_faults();
        let mut transaction = Transaction {
            clock: &self.clock,
            bus,
            faults,
            addressed: Vec::new(),
            written: 0,
        };
        let result = transaction.run(address, operations);
        transaction.stop();
        let stats = &mut bus.stats;
        stats.transactions += 1;
        stats.errors += u64::from(result.is_err());
        stats.busy_ns += self.clock.now() - begin;
        result
    }
}

impl fmt::Debug for I2cBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("I2cBus")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// The time of a bit in nanoseconds, rounded to the nearest.
fn bit_ns(hz: u32) -> u64 {
    let hz = u64::from(hz.max(1));
    (1_000_000_000 + hz / 2) / hz
}

impl Bus {
    fn due_faults(&mut self) -> Vec<I2cFault> {
        let due = self.faults.iter().filter(|(after, _)| *after == 0);
        let due = due.map(|&(_, fault)| fault).collect();
        self.faults.retain(|(after, _)| *after > 0);
        for (after, _) in &mut self.faults {
            *after -= 1;
        }
        due
    }
}

/// One transaction under way.
struct Transaction<'a> {
    clock: &'a Clock,
    bus: &'a mut Bus,
    faults: Vec<I2cFault>,
    /// Indices of the targets that acknowledged.
    addressed: Vec<usize>,
    written: usize,
}

impl Transaction<'_> {
    fn run(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), I2cError> {
        let mut before = None;
        for operation in operations {
            let direction = match operation {
                Operation::Read(_) => Direction::Read,
                Operation::Write(_) => Direction::Write,
            };
            if before != Some(direction) {
                self.start(address, direction)?;
                before = Some(direction);
            }
            match operation {
                Operation::Read(buffer) => buffer.iter_mut().for_each(|byte| *byte = self.read()),
                Operation::Write(bytes) => bytes.iter().try_for_each(|&byte| self.write(byte))?,
            }
        }
        Ok(())
    }

    fn bits(&self, count: u64) -> u64 {
        self.clock.advance(self.bus.bit_ns.saturating_mul(count));
        self.clock.now()
    }

    fn leave(&mut self, at: u64) {
        for index in self.addressed.drain(..) {
            if let Some(slot) = self.bus.slots.get_mut(index) {
                slot.target.stop(at);
            }
        }
    }

    fn start(&mut self, address: u8, direction: Direction) -> Result<(), I2cError> {
        let at = self.bits(1);
        self.leave(at);
        match direction {
            Direction::Read => self.bus.stats.reads += 1,
            Direction::Write => self.bus.stats.writes += 1,
        }
        let at = self.bits(9);
        if self.faults.contains(&I2cFault::AddressNack) {
            return Err(I2cError::AddressNack);
        }
        for (index, slot) in self.bus.slots.iter_mut().enumerate() {
            let here = slot.plugged && slot.target.address(at, slot.address) == Some(address);
            if here && slot.target.start(at, direction) {
                self.addressed.push(index);
            }
        }
        if self.addressed.is_empty() {
            return Err(I2cError::AddressNack);
        }
        for fault in std::mem::take(&mut self.faults) {
            match fault {
                I2cFault::Bus => return Err(I2cError::Bus),
                I2cFault::ArbitrationLoss => return Err(I2cError::ArbitrationLoss),
                I2cFault::Stretch(ns) if ns > self.bus.stretch_limit => {
                    self.clock.advance(self.bus.stretch_limit);
                    return Err(I2cError::StretchTimeout);
                }
                I2cFault::Stretch(ns) => self.clock.advance(ns),
                later => self.faults.push(later),
            }
        }
        Ok(())
    }

    fn write(&mut self, byte: u8) -> Result<(), I2cError> {
        let at = self.bits(9);
        let refused = self.faults.contains(&I2cFault::DataNack(self.written));
        self.written += 1;
        self.bus.stats.bytes_written += 1;
        let mut acknowledged = false;
        for &index in self.addressed.iter().filter(|_| !refused) {
            if let Some(slot) = self.bus.slots.get_mut(index) {
                acknowledged |= slot.target.write(at, byte);
            }
        }
        if acknowledged {
            Ok(())
        } else {
            Err(I2cError::DataNack)
        }
    }

    fn read(&mut self) -> u8 {
        let at = self.clock.now();
        let mut byte = 0xFF;
        for &index in &self.addressed {
            if let Some(slot) = self.bus.slots.get_mut(index) {
                byte &= slot.target.read(at);
            }
        }
        self.bits(9);
        self.bus.stats.bytes_read += 1;
        let Some((ppm, random)) = &mut self.bus.noise else {
            return byte;
        };
        (0..8).fold(byte, |byte, bit| byte ^ (u8::from(random.chance(*ppm)) << bit))
    }

    fn stop(&mut self) {
        let at = self.bits(1);
        self.leave(at);
    }
}

impl ErrorType for I2cBus {
    type Error = I2cError;
}

impl embedded_hal::i2c::I2c for I2cBus {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), I2cError> {
        self.run(address, operations)
    }
}

impl embedded_hal_async::i2c::I2c for I2cBus {
    async fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), I2cError> {
        let mut pending = lock(&self.bus).yields;
        poll_fn(|context| {
            if std::mem::take(&mut pending) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(self.run(address, operations))
        })
        .await
    }
}

/// A target that has been put on an [`I2cBus`]. Clones are the same target.
pub struct I2cAttached<T> {
    bus: I2cBus,
    index: usize,
    target: PhantomData<fn() -> T>,
}

impl<T: I2cTarget> I2cAttached<T> {
    /// Runs `f` on the target, and returns what `f` returns.
    ///
    /// `f` must not touch the bus or this handle: the bus is locked meanwhile.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let mut bus = lock(&self.bus.bus);
        let slot = bus.slots.get_mut(self.index);
        let target = slot.and_then(|slot| (&mut *slot.target as &mut dyn Any).downcast_mut::<T>());
        let Some(target) = target else {
            unreachable!("a slot keeps the target it was made for")
        };
        f(target)
    }

    /// Takes the target off the bus; it loses its supply, too.
    pub fn unplug(&self) {
        self.set_plugged(false);
    }

    /// Puts the target back on the bus and powers it up. Does nothing if it is on the bus.
    pub fn plug(&self) {
        self.set_plugged(true);
    }

    /// Returns true while the target is on the bus.
    pub fn is_plugged(&self) -> bool {
        let bus = lock(&self.bus.bus);
        bus.slots.get(self.index).is_some_and(|slot| slot.plugged)
    }

    fn set_plugged(&self, plugged: bool) {
        let mut bus = lock(&self.bus.bus);
        let slot = bus.slots.get_mut(self.index);
        if let Some(slot) = slot.filter(|slot| slot.plugged != plugged) {
            slot.plugged = plugged;
            slot.target.power(self.bus.clock.now(), plugged);
        }
    }
}

impl<T> Clone for I2cAttached<T> {
    fn clone(&self) -> Self {
        Self {
            bus: self.bus.clone(),
            index: self.index,
            target: PhantomData,
        }
    }
}

impl<T> fmt::Debug for I2cAttached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("I2cAttached")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}
