//! The line itself: who pulls it, what level it has, and who gets to know.

mod attached;
mod pin;

pub use attached::Attached;
pub use pin::{Pin, StrongPullup};

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex};

use crate::clock::Clock;
use crate::faults::Faults;
use crate::lock;
use crate::trace::{Edge, Source, Stats, Trace};
use crate::uart::{Uart, UartPort};

const NEVER: u64 = u64::MAX;
/// From here on, the host's pulse counts as a reset: tRSTL min of the DS18B20 data sheet.
const RESET_NS: u64 = 480_000;
/// Devices react to edges at once; more rounds than this in one instant are put off by 1 ns.
const SETTLE_ROUNDS: usize = 8;

/// Something on the line that reacts to its edges and may pull it low.
///
/// The [models](crate::Ds18b20) of this crate implement it; implement it for a device of your own and
/// [attach](Wire::attach) that. All times are nanoseconds of the [`Clock`].
pub trait Device: Any + Send {
    /// Takes notice that supply came on at `at`, with the line at `high`, or that it went.
    ///
    /// Called when the device is attached, plugged, unplugged or power-cycled.
    fn power(&mut self, at: u64, on: bool, high: bool);

    /// Takes notice that the line changed to `high` at `at`. The change may be the device's own.
    fn edge(&mut self, at: u64, high: bool);

    /// Returns when the device wants to act of its own accord, unless an edge comes first.
    fn next_event(&self) -> Option<u64>;

    /// Acts, at a time that [`next_event`](Self::next_event) gave. The line is at `high`.
    fn event(&mut self, at: u64, high: bool);

    /// Returns true while the device pulls the line low.
    fn pulls_low(&self) -> bool;

    /// Takes notice that the strong pull-up went on or off at `at`. Does nothing unless overridden.
    fn strong_pullup(&mut self, at: u64, on: bool) {
        let _ = (at, on);
    }
}

struct Slot {
    device: Box<dyn Device>,
    source: Source,
    plugged: bool,
    pulling: bool,
    unplug_at: u64,
    unplug_after_falls: Option<u64>,
}

struct Bus {
    now: u64,
    next: u64,
    pins: Vec<bool>,
    strong: bool,
    slots: Vec<Slot>,
    faults: Faults,
    rise_ns: u64,
    /// When a line that has been let go will have risen.
    rises_at: Option<u64>,
    high: bool,
    fell: (u64, Source),
    trace: Trace,
    stats: Stats,
}

/// An open-drain line with a pull-up resistor, the devices on it and the pins of the host.
///
/// Clones are the same line. It is lazy: whenever the host touches or reads the line, everything that the devices
/// and the faults did since then is worked out in the order of time.
#[derive(Clone)]
pub struct Wire {
    clock: Clock,
    bus: Arc<Mutex<Bus>>,
}

impl Wire {
    /// Makes a line with nothing on it, high.
    pub fn new(clock: &Clock) -> Self {
        let bus = Bus {
            now: clock.now(),
            next: NEVER,
            pins: Vec::new(),
            strong: false,
            slots: Vec::new(),
            faults: Faults::new(0),
            rise_ns: 0,
            rises_at: None,
            high: true,
            fell: (0, Source::Fault),
            trace: Trace::new(),
            stats: Stats::default(),
        };
        Self {
            clock: clock.clone(),
            bus: Arc::new(Mutex::new(bus)),
        }
    }

    /// Returns the clock that the line lives by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Makes an open-drain pin of the host, released.
    pub fn pin(&self) -> Pin {
        let index = self.at_now(|bus| {
            bus.pins.push(false);
            bus.pins.len() - 1
        });
        Pin::new(self.clone(), index)
    }

    /// Makes the output that switches the strong pull-up, off. High is on.
    pub fn strong_pullup(&self) -> StrongPullup {
        StrongPullup::new(self.clone())
    }

    /// Makes a UART whose transmitter pulls the line and whose receiver listens to it, at 9600 baud.
    pub fn uart(&self) -> Uart {
        Uart::new(self.attach_as(UartPort::new(), Source::Uart))
    }

    /// Puts a device on the line and powers it.
    pub fn attach<M: Device>(&self, model: M) -> Attached<M> {
        self.attach_as(model, Source::Device)
    }

    fn attach_as<M: Device>(&self, model: M, source: fn(usize) -> Source) -> Attached<M> {
        let index = self.at_now(|bus| {
            let now = bus.now;
            bus.slots.push(Slot {
                device: Box::new(model),
                source: source(bus.slots.len()),
                plugged: false,
                pulling: false,
                unplug_at: NEVER,
                unplug_after_falls: None,
            });
            let index = bus.slots.len() - 1;
            bus.plug(index, now, true);
            index
        });
        Attached::new(self.clone(), index)
    }

    /// Puts `faults` in place of those before, from now on.
    ///
    /// Interrupts strike the host on all wires of the [`Clock`]: the list that was injected last has the say.
    pub fn inject(&self, faults: Faults) {
        self.clock.set_interrupts(faults.host_interrupts());
        self.at_now(|bus| {
            bus.faults = faults;
            bus.faults.start(bus.now);
            bus.settle(bus.now, Source::Fault);
        });
    }

    /// Makes the line take `ns` nanoseconds to rise after it was let go, as a long cable does. Default 0.
    ///
    /// The strong pull-up lifts it at once.
    pub fn set_rise_time(&self, ns: u64) {
        self.at_now(|bus| bus.rise_ns = ns);
    }

    /// Returns true if the line is high now. Costs no time and is not subject to faults of the host.
    pub fn is_high(&self) -> bool {
        self.at_now(|bus| bus.high)
    }

    /// Returns a copy of the edges recorded so far.
    pub fn trace(&self) -> Trace {
        self.at_now(|bus| bus.trace.clone())
    }

    /// Forgets the recorded edges.
    pub fn clear_trace(&self) {
        self.at_now(|bus| bus.trace.clear());
    }

    /// Keeps at most `edges` of the latest edges; 0 switches recording off.
    pub fn set_trace_limit(&self, edges: usize) {
        self.at_now(|bus| bus.trace.set_limit(edges));
    }

    /// Returns the sums so far.
    pub fn stats(&self) -> Stats {
        self.at_now(|bus| {
            let mut stats = bus.stats;
            if !bus.high {
                stats.low_ns += bus.now.saturating_sub(bus.fell.0);
            }
            stats
        })
    }

    /// Sets the sums to 0.
    pub fn reset_stats(&self) {
        self.at_now(|bus| {
            bus.stats = Stats::default();
            bus.fell.0 = bus.now;
        });
    }

    /// Works out everything up to now, then runs `f`.
    fn at_now<R>(&self, f: impl FnOnce(&mut Bus) -> R) -> R {
        let mut bus = lock(&self.bus);
        bus.run_to(self.clock.now());
        f(&mut bus)
    }

    /// Passes the time of a host call, then runs `f` at its end.
    fn host_call<R>(&self, cost_ns: u64, f: impl FnOnce(&mut Bus) -> R) -> R {
        self.clock.spend(cost_ns);
        self.at_now(|bus| {
            bus.stats.host_calls += 1;
            f(bus)
        })
    }

    /// Returns when anything will happen of its own accord.
    pub(crate) fn next_event(&self) -> Option<u64> {
        self.at_now(|bus| Some(bus.next).filter(|&at| at != NEVER))
    }

    /// Passes the time of a UART call.
    pub(crate) fn uart_call(&self, cost_ns: u64) {
        self.host_call(cost_ns, |_| ());
    }

    /// Returns the received byte with bits flipped as the faults have it.
    pub(crate) fn misread(&self, byte: u8) -> u8 {
        self.at_now(|bus| {
            (0..8).fold(byte, |byte, bit| {
                byte ^ (u8::from(bus.faults.flip_sample()) << bit)
            })
        })
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

impl Bus {
    fn run_to(&mut self, target: u64) {
        while self.next <= target && self.next != NEVER {
            let at = self.next.max(self.now);
            self.now = at;
            let by = self.fire(at);
            self.settle(at, by);
        }
        self.now = self.now.max(target);
    }

    /// Lets everything act that is due at `at`, and returns one that changed its pull.
    fn fire(&mut self, at: u64) -> Source {
        let mut by = Source::Fault;
        self.faults.run_to(at);
        for index in 0..self.slots.len() {
            let due = |slot: &Slot| slot.plugged && slot.unplug_at <= at;
            if self.slots.get(index).is_some_and(due) {
                self.plug(index, at, false);
            }
        }
        for slot in self.slots.iter_mut().filter(|slot| slot.plugged) {
            if slot.device.next_event().is_some_and(|due| due <= at) {
                slot.device.event(at, self.high);
                if slot.refresh() {
                    by = slot.source;
                }
            }
        }
        by
    }

    /// Works out the level, and tells the devices until it no longer changes.
    fn settle(&mut self, at: u64, mut by: Source) {
        if self.strong && self.pulled() {
            self.stats.contentions += 1;
        }
        for _ in 0..SETTLE_ROUNDS {
            let mut high = self.level(at);
            if self.high && !high && self.count_fall(at) {
                high = self.level(at);
            }
            if high == self.high {
                break;
            }
            by = self.change(at, high, by);
        }
        self.plan(at);
    }

    fn pulled(&self) -> bool {
        self.pins.iter().any(|&low| low)
            || self.slots.iter().any(|slot| slot.pulling)
            || self.faults.shorted(self.now)
    }

    fn level(&mut self, at: u64) -> bool {
        let released = !self.pulled() && (self.strong || !self.faults.pullup_broken(at));
        let spike = self.faults.spike(at);
        if !released {
            self.rises_at = None;
            return spike;
        }
        if self.high || spike {
            return !spike;
        }
        let rises_at = *self.rises_at.get_or_insert(at.saturating_add(self.rise_ns));
        let risen = self.strong || rises_at <= at;
        if risen {
            self.rises_at = None;
        }
        risen
    }

    fn change(&mut self, at: u64, high: bool, by: Source) -> Source {
        self.high = high;
        self.stats.edges += 1;
        self.trace.record(Edge { at, high, by });
        if high {
            let (fell_at, fell_by) = self.fell;
            let low = at.saturating_sub(fell_at);
            self.stats.low_ns += low;
            match fell_by {
                Source::Host(_) | Source::Uart(_) if low >= RESET_NS => self.stats.resets += 1,
                Source::Host(_) | Source::Uart(_) => self.stats.slots += 1,
                _ => (),
            }
        } else {
            self.fell = (at, by);
        }
        let mut reacted = by;
        for slot in self.slots.iter_mut().filter(|slot| slot.plugged) {
            slot.device.edge(at, high);
            if slot.refresh() {
                reacted = slot.source;
            }
        }
        reacted
    }

    /// Unplugs the devices that were to go at this falling edge; returns true if there were any.
    fn count_fall(&mut self, at: u64) -> bool {
        let mut unplugged = false;
        for index in 0..self.slots.len() {
            let Some(slot) = self.slots.get_mut(index) else {
                continue;
            };
            let Some(left) = slot.unplug_after_falls else {
                continue;
            };
            slot.unplug_after_falls = left.checked_sub(1);
            if left == 0 {
                self.unplug(index, at);
                unplugged = true;
            }
        }
        unplugged
    }

    /// Finds out when something will happen next, always after `at`.
    fn plan(&mut self, at: u64) {
        let devices = self.slots.iter().filter(|slot| slot.plugged);
        let devices = devices.flat_map(|slot| [slot.device.next_event().unwrap_or(NEVER), slot.unplug_at]);
        let own = [
            self.rises_at.unwrap_or(NEVER),
            self.faults.next_change(at).unwrap_or(NEVER),
        ];
        self.next = devices
            .chain(own)
            .min()
            .unwrap_or(NEVER)
            .max(at.saturating_add(1));
    }

    /// Takes the device off without working out the level.
    fn unplug(&mut self, index: usize, at: u64) {
        let high = self.high;
        if let Some(slot) = self.slots.get_mut(index).filter(|slot| slot.plugged) {
            slot.plugged = false;
            slot.pulling = false;
            slot.unplug_at = NEVER;
            slot.unplug_after_falls = None;
            slot.device.power(at, false, high);
        }
    }

    fn plug(&mut self, index: usize, at: u64, plug: bool) {
        self.unplug(index, at);
        let (high, strong) = (self.high, self.strong);
        if let Some(slot) = self.slots.get_mut(index).filter(|_| plug) {
            slot.plugged = true;
            slot.device.strong_pullup(at, strong);
            slot.device.power(at, true, high);
        }
        self.refresh(index);
    }

    /// Asks the device whether it pulls, and works out what follows.
    fn refresh(&mut self, index: usize) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.refresh();
            let source = slot.source;
            self.settle(self.now, source);
        }
    }

    fn set_strong(&mut self, on: bool) {
        if self.strong == on {
            return;
        }
        self.strong = on;
        let now = self.now;
        for slot in self.slots.iter_mut().filter(|slot| slot.plugged) {
            slot.device.strong_pullup(now, on);
            slot.refresh();
        }
        self.settle(now, Source::StrongPullup);
    }

    fn set_pin(&mut self, index: usize, low: bool) {
        if let Some(pin) = self.pins.get_mut(index)
            && *pin != low
        {
            *pin = low;
            self.settle(self.now, Source::Host(index));
        }
    }
}

impl Slot {
    /// Asks the device whether it pulls, and returns true if that changed.
    fn refresh(&mut self) -> bool {
        let pulling = self.plugged && self.device.pulls_low();
        std::mem::replace(&mut self.pulling, pulling) != pulling
    }
}
