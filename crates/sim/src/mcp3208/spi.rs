//! An SPI bus with chip selects, and what can go wrong on it.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use embedded_hal::digital::OutputPin;
use embedded_hal::spi::{ErrorKind, ErrorType, Operation};

use crate::clock::Clock;
use crate::faults::SplitMix64;
use crate::lock;

/// Something with a chip select on a [`SpiBus`]: implement it for a device of your own and
/// [attach](SpiBus::attach) that.
///
/// It is called edge by edge, with the time in nanoseconds of the [`Clock`].
pub trait SpiTarget: Any + Send {
    /// Takes notice that its chip select fell (`selected`) or rose.
    fn select(&mut self, at: u64, selected: bool);

    /// Takes the level of MOSI at a rising edge of the clock and returns the level that the host samples on MISO
    /// at that edge, none if the device lets go of the line. Called only while selected.
    fn clock(&mut self, at: u64, mosi: bool) -> Option<bool>;
}

/// What a [`SpiBus`] reports to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpiError {
    /// The transfer broke off.
    Overrun,
    /// The chip select could not be set.
    ChipSelect,
}

impl fmt::Display for SpiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overrun => "overrun",
            Self::ChipSelect => "the chip select could not be set",
        })
    }
}

impl std::error::Error for SpiError {}

impl embedded_hal::spi::Error for SpiError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Overrun => ErrorKind::Overrun,
            Self::ChipSelect => ErrorKind::ChipSelectFault,
        }
    }
}

/// The level of MISO while no device drives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MisoIdle {
    /// A resistor pulls it up.
    #[default]
    PulledUp,
    /// A resistor pulls it down.
    PulledDown,
    /// Nothing pulls it: it follows MOSI by the capacitance between the wires.
    Crosstalk,
}

/// What MISO is soldered to by mistake. It wins against every device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MisoShort {
    /// Ground.
    Low,
    /// The supply.
    High,
    /// The line next to it.
    Mosi,
}

struct Slot {
    target: Box<dyn SpiTarget>,
    plugged: bool,
    selected: bool,
}

struct Bus {
    bit_ns: u64,
    slots: Vec<Slot>,
    idle: MisoIdle,
    short: Option<MisoShort>,
    /// Counts MISO bits down to the one that is turned over.
    flip: Option<u64>,
    noise: Option<(u32, SplitMix64)>,
    /// Counts bytes down to the one that is not transferred any more.
    break_off: Option<u64>,
    fail_select: bool,
    yields: bool,
    sent: Vec<u8>,
}

/// An SPI bus in mode 0 or 3 with the host as its controller. Clones are the same bus.
///
/// It implements `SpiBus` of embedded-hal and embedded-hal-async. Each attached target has a chip select;
/// [`SpiAttached::device`] is the bus and that chip select as an `SpiDevice`, and [`SpiAttached::select_pin`] is the pin
/// alone, for the adapters of embedded-hal-bus.
#[derive(Clone)]
pub struct SpiBus {
    clock: Clock,
    bus: Arc<Mutex<Bus>>,
}

impl SpiBus {
    /// Makes a bus with nothing on it, at 1 MHz, its MISO pulled up.
    pub fn new(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            bus: Arc::new(Mutex::new(Bus {
                bit_ns: 1_000,
                slots: Vec::new(),
                idle: MisoIdle::default(),
                short: None,
                flip: None,
                noise: None,
                break_off: None,
                fail_select: false,
                yields: false,
                sent: Vec::new(),
            })),
        }
    }

    /// Sets the frequency of the clock line in hertz, at least 1.
    #[must_use]
    pub fn with_frequency(self, hz: u32) -> Self {
        lock(&self.bus).bit_ns = 1_000_000_000 / u64::from(hz.max(1));
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

    /// Puts a target on the bus, not selected.
    pub fn attach<T: SpiTarget>(&self, target: T) -> SpiAttached<T> {
        let mut bus = lock(&self.bus);
        bus.slots.push(Slot {
            target: Box::new(target),
            plugged: true,
            selected: false,
        });
        SpiAttached {
            bus: self.clone(),
            index: bus.slots.len() - 1,
            target: PhantomData,
        }
    }

    /// Sets what MISO is while no device drives it.
    pub fn set_idle(&self, idle: MisoIdle) {
        lock(&self.bus).idle = idle;
    }

    /// Solders MISO to something, or frees it.
    pub fn set_short(&self, short: Option<MisoShort>) {
        lock(&self.bus).short = short;
    }

    /// Turns one bit over that the host reads: the next one with 0, or the one that follows `after` others.
    pub fn flip_bit(&self, after: u64) {
        lock(&self.bus).flip = Some(after);
    }

    /// Turns each bit that the host reads over with a probability of `ppm` in a million, by `seed`.
    pub fn set_noise(&self, seed: u64, ppm: u32) {
        lock(&self.bus).noise = Some((ppm, SplitMix64::new(seed)));
    }

    /// Makes a transfer fail with [`SpiError::Overrun`] after so many more bytes, once.
    pub fn break_off(&self, after: u64) {
        lock(&self.bus).break_off = Some(after);
    }

    /// Makes chip selects stay as they are with [`SpiError::ChipSelect`] when they are to change, while `fail`.
    pub fn fail_select(&self, fail: bool) {
        lock(&self.bus).fail_select = fail;
    }

    /// Makes each asynchronous transfer pending once before its bytes move, so that a test can drop its future there.
    pub fn set_yields(&self, yields: bool) {
        lock(&self.bus).yields = yields;
    }

    /// Takes the bytes that the host has sent since the last call.
    pub fn take_sent(&self) -> Vec<u8> {
        std::mem::take(&mut lock(&self.bus).sent)
    }

    async fn pause(&self) {
        let mut pending = lock(&self.bus).yields;
        poll_fn(|context| {
            if std::mem::take(&mut pending) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }

    fn byte(&self, sent: u8) -> Result<u8, SpiError> {
        let bus = &mut *lock(&self.bus);
        match &mut bus.break_off {
            Some(0) => {
                bus.break_off = None;
                return Err(SpiError::Overrun);
            }
            Some(after) => *after -= 1,
            None => {}
        }
        bus.sent.push(sent);
        let mut received = 0;
        for bit in (0..8).rev() {
            self.clock.advance(bus.bit_ns / 2);
            let miso = bus.sample(self.clock.now(), sent >> bit & 1 == 1);
            received |= u8::from(miso) << bit;
            self.clock.advance(bus.bit_ns - bus.bit_ns / 2);
        }
        Ok(received)
    }

    fn run(&self, operation: &mut Operation<'_, u8>) -> Result<(), SpiError> {
        match operation {
            Operation::Read(words) => self.fill(words),
            Operation::Write(words) => words.iter().try_for_each(|&word| self.byte(word).map(drop)),
            Operation::Transfer(read, write) => self.both(read, write),
            Operation::TransferInPlace(words) => self.in_place(words),
            Operation::DelayNs(ns) => {
                self.clock.advance(u64::from(*ns));
                Ok(())
            }
        }
    }

    fn fill(&self, words: &mut [u8]) -> Result<(), SpiError> {
        words.fill(0);
        self.in_place(words)
    }

    fn in_place(&self, words: &mut [u8]) -> Result<(), SpiError> {
        words.iter_mut().try_for_each(|word| {
            *word = self.byte(*word)?;
            Ok(())
        })
    }

    fn both(&self, read: &mut [u8], write: &[u8]) -> Result<(), SpiError> {
        let length = read.len().max(write.len());
        let mut read = read.iter_mut();
        let write = write.iter().copied().chain(std::iter::repeat(0));
        for word in write.take(length) {
            let received = self.byte(word)?;
            if let Some(word) = read.next() {
                *word = received;
            }
        }
        Ok(())
    }
}

impl Bus {
    fn sample(&mut self, at: u64, mosi: bool) -> bool {
        let mut driven = None;
        for slot in self.slots.iter_mut().filter(|slot| slot.plugged && slot.selected) {
            if let Some(level) = slot.target.clock(at, mosi) {
                driven = Some(driven.unwrap_or(true) && level);
            }
        }
        let level = match self.short {
            Some(MisoShort::Low) => false,
            Some(MisoShort::High) => true,
            Some(MisoShort::Mosi) => mosi,
            None => driven.unwrap_or(match self.idle {
                MisoIdle::PulledUp => true,
                MisoIdle::PulledDown => false,
                MisoIdle::Crosstalk => mosi,
            }),
        };
        let flipped = match &mut self.flip {
            Some(0) => {
                self.flip = None;
                true
            }
            Some(after) => {
                *after -= 1;
                false
            }
            None => false,
        };
        let noise = self
            .noise
            .as_mut()
            .is_some_and(|(ppm, random)| random.chance(*ppm));
        level ^ flipped ^ noise
    }

    fn select(&mut self, index: usize, at: u64, selected: bool) -> Result<(), SpiError> {
        if self.fail_select {
            return Err(SpiError::ChipSelect);
        }
        if let Some(slot) = self.slots.get_mut(index).filter(|slot| slot.selected != selected) {
            slot.selected = selected;
            if slot.plugged {
                slot.target.select(at, selected);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for SpiBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpiBus")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

impl ErrorType for SpiBus {
    type Error = SpiError;
}

impl embedded_hal::spi::SpiBus for SpiBus {
    fn read(&mut self, words: &mut [u8]) -> Result<(), SpiError> {
        self.fill(words)
    }

    fn write(&mut self, words: &[u8]) -> Result<(), SpiError> {
        self.run(&mut Operation::Write(words))
    }

    fn transfer(&mut self, read: &mut [u8], write: &[u8]) -> Result<(), SpiError> {
        self.both(read, write)
    }

    fn transfer_in_place(&mut self, words: &mut [u8]) -> Result<(), SpiError> {
        self.in_place(words)
    }

    fn flush(&mut self) -> Result<(), SpiError> {
        Ok(())
    }
}

impl embedded_hal_async::spi::SpiBus for SpiBus {
    async fn read(&mut self, words: &mut [u8]) -> Result<(), SpiError> {
        self.pause().await;
        self.fill(words)
    }

    async fn write(&mut self, words: &[u8]) -> Result<(), SpiError> {
        self.pause().await;
        self.run(&mut Operation::Write(words))
    }

    async fn transfer(&mut self, read: &mut [u8], write: &[u8]) -> Result<(), SpiError> {
        self.pause().await;
        self.both(read, write)
    }

    async fn transfer_in_place(&mut self, words: &mut [u8]) -> Result<(), SpiError> {
        self.pause().await;
        self.in_place(words)
    }

    async fn flush(&mut self) -> Result<(), SpiError> {
        Ok(())
    }
}

/// A target on a [`SpiBus`]. Clones are the same target.
pub struct SpiAttached<T> {
    bus: SpiBus,
    index: usize,
    target: PhantomData<fn() -> T>,
}

impl<T: SpiTarget> SpiAttached<T> {
    /// Runs `f` on the target and returns what `f` returns; `f` must not touch the bus, which is locked meanwhile.
    ///
    /// # Panics
    ///
    /// Never: a target keeps its type.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let mut bus = lock(&self.bus.bus);
        let slot = bus.slots.get_mut(self.index).expect("slots are never removed");
        let target: &mut dyn Any = &mut *slot.target;
        f(target.downcast_mut().expect("a target keeps its type"))
    }

    /// Returns the bus with this target's chip select.
    pub fn device(&self) -> SpiDevice {
        SpiDevice {
            bus: self.bus.clone(),
            index: self.index,
        }
    }

    /// Returns this target's chip select, active low.
    pub fn select_pin(&self) -> SelectPin {
        SelectPin(self.device())
    }

    /// Whether the chip select is low.
    pub fn is_selected(&self) -> bool {
        lock(&self.bus.bus)
            .slots
            .get(self.index)
            .is_some_and(|slot| slot.selected)
    }

    /// Cuts the wires to the target.
    pub fn unplug(&self) {
        self.set_plugged(false);
    }

    /// Connects the target again.
    pub fn plug(&self) {
        self.set_plugged(true);
    }

    fn set_plugged(&self, plugged: bool) {
        let at = self.bus.clock.now();
        let mut bus = lock(&self.bus.bus);
        let slot = bus.slots.get_mut(self.index);
        if let Some(slot) = slot.filter(|slot| slot.plugged != plugged) {
            slot.plugged = plugged;
            if slot.selected {
                slot.target.select(at, plugged);
            }
        }
    }
}

impl<T> Clone for SpiAttached<T> {
    fn clone(&self) -> Self {
        Self {
            bus: self.bus.clone(),
            index: self.index,
            target: PhantomData,
        }
    }
}

impl<T> fmt::Debug for SpiAttached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpiAttached")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// A bus and a chip select, as embedded-hal's `SpiDevice`, blocking and asynchronous.
///
/// The chip select is low for half a microsecond before the first clock and high for as long after the last one.
#[derive(Clone, Debug)]
pub struct SpiDevice {
    bus: SpiBus,
    index: usize,
}

impl SpiDevice {
    fn select(&self, selected: bool) -> Result<(), SpiError> {
        let clock = &self.bus.clock;
        lock(&self.bus.bus).select(self.index, clock.now(), selected)?;
        clock.advance(500);
        Ok(())
    }
}

impl ErrorType for SpiDevice {
    type Error = SpiError;
}

impl embedded_hal::spi::SpiDevice for SpiDevice {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), SpiError> {
        self.select(true)?;
        let result = operations
            .iter_mut()
            .try_for_each(|operation| self.bus.run(operation));
        let released = self.select(false);
        result.and(released)
    }
}

impl embedded_hal_async::spi::SpiDevice for SpiDevice {
    async fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), SpiError> {
        self.bus.pause().await;
        embedded_hal::spi::SpiDevice::transaction(self, operations)
    }
}

/// The chip select of a target, low when selected.
#[derive(Clone, Debug)]
pub struct SelectPin(SpiDevice);

impl embedded_hal::digital::ErrorType for SelectPin {
    type Error = SelectError;
}

impl OutputPin for SelectPin {
    fn set_low(&mut self) -> Result<(), SelectError> {
        self.0.select(true).map_err(SelectError)
    }

    fn set_high(&mut self) -> Result<(), SelectError> {
        self.0.select(false).map_err(SelectError)
    }
}

/// What a [`SelectPin`] reports to the host: the error of its bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SelectError(SpiError);

impl fmt::Display for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SelectError {}

impl embedded_hal::digital::Error for SelectError {
    fn kind(&self) -> embedded_hal::digital::ErrorKind {
        embedded_hal::digital::ErrorKind::Other
    }
}
