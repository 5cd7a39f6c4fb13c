//! Relays on a board: a coil that takes its time, a contact that bounces, and what happens before the firmware runs.

use std::sync::{Arc, Mutex};

use embedded_hal::digital::{ErrorType, OutputPin};

use crate::{Clock, lock};

const MS: u64 = 1_000_000;

/// One relay of a board, with the transistor or opto-coupler before its coil. Clones are the same relay.
///
/// By default active low, closing 10 ms after its coil has current and opening 5 ms after it has none, which are the
/// limits of the Sanyou SRD, without bounce. Until [`pin`](Self::pin) is written first, the input floats as
/// [`boot_glitch`](Self::boot_glitch) says.
#[derive(Clone, Debug)]
pub struct RelayBoard {
    clock: Clock,
    inner: Arc<Mutex<Channel>>,
}

#[derive(Debug)]
struct Channel {
    active_low: bool,
    operate: u64,
    release: u64,
    bounces: u32,
    bounce: u64,
    coil: bool,
    coil_operations: u32,
    welded: bool,
    failing_writes: u32,
    /// What the contact will do, earliest first.
    coming: Vec<(u64, bool)>,
    /// What the contact has done.
    edges: Vec<(u64, bool)>,
}

impl RelayBoard {
    /// A relay without current.
    pub fn new(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            inner: Arc::new(Mutex::new(Channel {
                active_low: true,
                operate: 10 * MS,
                release: 5 * MS,
                bounces: 0,
                bounce: 0,
                coil: false,
                coil_operations: 0,
                welded: false,
                failing_writes: 0,
                coming: Vec::new(),
                edges: Vec::new(),
            })),
        }
    }

    /// Makes a high pin switch on.
    #[must_use]
    pub fn active_high(self) -> Self {
        self.with(|channel| channel.active_low = false);
        self
    }

    /// Sets how long the contact takes to close and to open, in nanoseconds.
    #[must_use]
    pub fn with_delays(self, operate: u64, release: u64) -> Self {
        self.with(|channel| {
            channel.operate = operate;
            channel.release = release;
        });
        self
    }

    /// Makes the contact open again this often after it has closed, every `ns` nanoseconds.
    #[must_use]
    pub fn with_bounce(self, times: u32, ns: u64) -> Self {
        self.with(|channel| {
            channel.bounces = times;
            channel.bounce = ns;
        });
        self
    }

    /// Gives the coil current from now until the pin is written: the input of an active-low board while the pin of the
    /// microcontroller is not an output yet and pulls it low, as after a reset.
    pub fn boot_glitch(&self) {
        let now = self.clock.now();
        self.with(|channel| channel.set_coil(now, true));
    }

    /// Welds the contact: once closed, it stays closed whatever the coil does.
    pub fn weld(&self) {
        self.with(|channel| channel.welded = true);
    }

    /// Makes the next `count` writes of the pin fail without effect.
    pub fn fail_writes(&self, count: u32) {
        self.with(|channel| channel.failing_writes = count);
    }

    /// The pin that switches it.
    pub fn pin(&self) -> RelayPin {
        RelayPin { board: self.clone() }
    }

    /// Whether the coil has current.
    pub fn has_coil_current(&self) -> bool {
        self.with(|channel| channel.coil)
    }

    /// How often the coil got current.
    pub fn coil_operations(&self) -> u32 {
        self.with(|channel| channel.coil_operations)
    }

    /// Whether the contact is closed.
    pub fn is_closed(&self) -> bool {
        self.edges().last().is_some_and(|(_, closed)| *closed)
    }

    /// What the contact has done: when, in nanoseconds, and whether it closed. Bounces are in it.
    pub fn edges(&self) -> Vec<(u64, bool)> {
        self.with(|channel| channel.edges.clone())
    }

    /// How long the contact has been closed, all together, in nanoseconds.
    pub fn closed_for(&self) -> u64 {
        let spells = spells(&self.edges(), self.clock.now());
        spells.iter().map(|(from, to)| to - from).sum()
    }

    /// How long this contact and the other were closed at the same time, in nanoseconds.
    pub fn closed_with(&self, other: &Self) -> u64 {
        let now = self.clock.now();
        let others = spells(&other.edges(), now);
        spells(&self.edges(), now)
            .iter()
            .flat_map(|mine| {
                others
                    .iter()
                    .map(|other| mine.1.min(other.1).saturating_sub(mine.0.max(other.0)))
            })
            .sum()
    }

    fn with<T>(&self, f: impl FnOnce(&mut Channel) -> T) -> T {
        let now = self.clock.now();
        let mut channel = lock(&self.inner);
        channel.run_to(now);
        f(&mut channel)
    }
}

fn spells(edges: &[(u64, bool)], now: u64) -> Vec<(u64, u64)> {
    let mut spells = Vec::new();
    let mut since = None;
    for (at, closed) in edges {
        match (since, closed) {
            (None, true) => since = Some(*at),
            (Some(from), false) => {
                spells.push((from, *at));
                since = None;
            }
            _ => {}
        }
    }
    if let Some(from) = since {
        spells.push((from, now));
    }
    spells
}

impl Channel {
    fn run_to(&mut self, now: u64) {
        let due = self.coming.partition_point(|(at, _)| *at <= now);
        for (at, closed) in self.coming.drain(..due) {
            let is_closed = self.edges.last().is_some_and(|(_, closed)| *closed);
            if closed != is_closed && (closed || !self.welded) {
                self.edges.push((at, closed));
            }
        }
    }

    fn set_coil(&mut self, now: u64, current: bool) {
        if current == self.coil {
            return;
        }
        self.coil = current;
        // The armature turns back before it has arrived.
        self.coming.clear();
        if !current {
            self.coming.push((now.saturating_add(self.release), false));
            return;
        }
        self.coil_operations = self.coil_operations.saturating_add(1);
        let mut at = now.saturating_add(self.operate);
        self.coming.push((at, true));
        for _ in 0..self.bounces {
            for closed in [false, true] {
                at = at.saturating_add(self.bounce);
                self.coming.push((at, closed));
            }
        }
    }
}

/// The pin of a [`RelayBoard`]. Clones are the same pin.
#[derive(Clone, Debug)]
pub struct RelayPin {
    board: RelayBoard,
}

/// A write that failed because the test asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayPinError;

impl std::fmt::Display for RelayPinError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the pin could not be written")
    }
}

impl std::error::Error for RelayPinError {}

impl embedded_hal::digital::Error for RelayPinError {
    fn kind(&self) -> embedded_hal::digital::ErrorKind {
        embedded_hal::digital::ErrorKind::Other
    }
}

impl ErrorType for RelayPin {
    type Error = RelayPinError;
}

impl RelayPin {
    fn write(&mut self, high: bool) -> Result<(), RelayPinError> {
        let now = self.board.clock.now();
        self.board.with(|channel| {
            if channel.failing_writes > 0 {
                channel.failing_writes -= 1;
                return Err(RelayPinError);
            }
            let current = high != channel.active_low;
            channel.set_coil(now, current);
            Ok(())
        })
    }
}

impl OutputPin for RelayPin {
    fn set_low(&mut self) -> Result<(), RelayPinError> {
        self.write(false)
    }

    fn set_high(&mut self) -> Result<(), RelayPinError> {
        self.write(true)
    }
}
