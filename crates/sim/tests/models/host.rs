//! A master that does as the test says, to the nanosecond.

use embedded_hal::digital::{InputPin, OutputPin};
use sim::{Attached, Clock, Ds18b20, Pin, StrongPullup, Tolerance, Wire};

pub(crate) const TOLERANCES: [Tolerance; 3] = [Tolerance::Fastest, Tolerance::Nominal, Tolerance::Slowest];

pub(crate) const MS: u64 = 1_000_000;
pub(crate) const US: u64 = 1_000;

/// The serial number whose ROM is `28 13 9B BB 0B 00 00 1F`.
pub(crate) const SERIAL: u64 = 0x0BBB_9B13;

/// A slot: low, until the level is read, in all.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) one: u64,
    pub(crate) zero: u64,
    pub(crate) read: u64,
    pub(crate) all: u64,
}

pub(crate) const STANDARD: Slot = Slot {
    one: 3 * US,
    zero: 65 * US,
    read: 13 * US,
    all: 70 * US,
};

pub(crate) struct Host {
    pub(crate) clock: Clock,
    pub(crate) wire: Wire,
    pub(crate) pin: Pin,
    pub(crate) strong: StrongPullup,
    pub(crate) slot: Slot,
}

impl Host {
    /// A line with nothing on it, and pins whose calls take 1 ns.
    pub(crate) fn new() -> Self {
        let clock = Clock::new();
        let wire = Wire::new(&clock);
        let mut strong = wire.strong_pullup();
        strong.set_cost(1);
        Self {
            pin: wire.pin().with_cost(1),
            strong,
            slot: STANDARD,
            clock,
            wire,
        }
    }

    pub(crate) fn with(probe: Ds18b20) -> (Self, Attached<Ds18b20>) {
        let host = Self::new();
        let probe = host.wire.attach(probe);
        (host, probe)
    }

    /// Pulls the line low for exactly `ns`.
    pub(crate) fn low(&mut self, ns: u64) {
        self.pin.set_low().unwrap();
        self.clock.advance(ns - 1);
        self.pin.set_high().unwrap();
    }

    /// Reads the line exactly `ns` from now.
    pub(crate) fn high_after(&mut self, ns: u64) -> bool {
        self.clock.advance(ns - 1);
        self.pin.is_high().unwrap()
    }

    pub(crate) fn reset(&mut self) -> bool {
        self.low(480 * US);
        let present = !self.high_after(70 * US);
        self.clock.advance(410 * US);
        present
    }

    pub(crate) fn bit(&mut self, bit: bool) -> bool {
        let Slot { one, zero, read, all } = self.slot;
        if bit {
            self.low(one);
            let high = self.high_after(read - one);
            self.clock.advance(all - read);
            high
        } else {
            self.low(zero);
            self.clock.advance(all - zero);
            false
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            for bit in 0..8 {
                self.bit(byte >> bit & 1 == 1);
            }
        }
    }

    pub(crate) fn read<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| (0..8).fold(0, |byte, bit| byte | u8::from(self.bit(true)) << bit))
    }

    /// Reset, skip ROM, `bytes`.
    pub(crate) fn command(&mut self, bytes: &[u8]) {
        assert!(self.reset());
        self.write(&[0xCC]);
        self.write(bytes);
    }

    pub(crate) fn scratchpad(&mut self) -> [u8; 9] {
        self.command(&[0xBE]);
        self.read()
    }

    /// Converts, waits 750 ms (and the 60 µs in which the last bit is sampled), reads.
    pub(crate) fn convert(&mut self) -> [u8; 9] {
        self.command(&[0x44]);
        self.clock.advance(750 * MS + 60 * US);
        self.scratchpad()
    }

    /// Skip ROM and a command with the strong pull-up on `after` the last slot's low has ended, for `ns`.
    pub(crate) fn powered_command(&mut self, command: u8, after: u64, ns: u64) {
        self.command(&[]);
        for bit in 0..7 {
            self.bit(command >> bit & 1 == 1);
        }
        self.low(60 * US);
        self.clock.advance(after - 1);
        self.strong.set_high().unwrap();
        self.clock.advance(ns);
        self.strong.set_low().unwrap();
    }

    /// The lengths of the levels on the line, in nanoseconds, beginning with the first low.
    pub(crate) fn lengths(&self) -> Vec<u64> {
        let trace = self.wire.trace();
        let at: Vec<_> = trace.edges().map(|edge| edge.at).collect();
        at.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// Every ROM that answers `command`, in the order of the search.
    pub(crate) fn search(&mut self, command: u8) -> Vec<[u8; 8]> {
        let mut found = Vec::new();
        let mut branches = vec![Vec::new()];
        while let Some(path) = branches.pop() {
            if !self.reset() {
                break;
            }
            self.write(&[command]);
            let mut bits: Vec<bool> = Vec::new();
            for index in 0..64 {
                let chosen = match (self.bit(true), self.bit(true)) {
                    (false, false) => path.get(index).copied().unwrap_or_else(|| {
                        branches.push([bits.as_slice(), &[true]].concat());
                        false
                    }),
                    (true, true) => break,
                    (bit, _) => bit,
                };
                self.bit(chosen);
                bits.push(chosen);
            }
            if bits.len() == 64 {
                let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
                found.push(std::array::from_fn(|index| byte(&bits[index * 8..index * 8 + 8])));
            }
        }
        found
    }
}
