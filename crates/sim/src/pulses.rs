//! A meter that gives a pulse for every so much water.

use std::fmt;
use std::sync::{Arc, Mutex};

use crate::clock::Clock;
use crate::faults::SplitMix64;
use crate::lock;

/// Nanoseconds of a minute times microlitres of a litre: what the phase reaches with each pulse.
const WHOLE: u128 = 60_000_000_000 * 1_000_000;

struct Source {
    now: u64,
    pulses_per_litre: u32,
    microlitres_per_minute: u32,
    jammed: bool,
    /// Nanoseconds × µL/min × pulses/L since the last pulse.
    phase: u128,
    pulses: u64,
    jitter: Option<(u64, SplitMix64)>,
    bounce: Option<(u8, u64, SplitMix64)>,
    edges: Vec<u64>,
}

/// A pulse flow meter of the turbine and Hall switch kind. Clones are the same meter.
///
/// The pulses can be had as a register of a hardware counter, and as the times of the rising edges with jitter and
/// bounces.
///
/// ```
/// let clock = sim::Clock::new();
/// let source = sim::PulseSource::new(&clock, 450);
/// source.set_flow(2_000_000); // 2 L/min are 15 pulses per second
/// clock.advance(1_000_000_000);
/// assert_eq!(source.pulses(), 15);
/// assert_eq!(source.register(3), 7);
/// assert_eq!(source.take_edges().first(), Some(&66_666_667));
/// ```
#[derive(Clone)]
pub struct PulseSource {
    clock: Clock,
    source: Arc<Mutex<Source>>,
}

impl PulseSource {
    /// Makes a meter that gives so many pulses per litre, at standstill.
    pub fn new(clock: &Clock, pulses_per_litre: u32) -> Self {
        Self {
            clock: clock.clone(),
            source: Arc::new(Mutex::new(Source {
                now: clock.now(),
                pulses_per_litre,
                microlitres_per_minute: 0,
                jammed: false,
                phase: 0,
                pulses: 0,
                jitter: None,
                bounce: None,
                edges: Vec::new(),
            })),
        }
    }

    /// Lets water flow from now on, in microlitres per minute.
    pub fn set_flow(&self, microlitres_per_minute: u32) {
        self.at_now(|source| source.microlitres_per_minute = microlitres_per_minute);
    }

    /// Holds the turbine while `jammed`: water flows and nothing is counted.
    pub fn set_jammed(&self, jammed: bool) {
        self.at_now(|source| source.jammed = jammed);
    }

    /// Moves each edge by up to `ns` nanoseconds to later, by `seed`. Edges stay in order, and no pulse is lost.
    pub fn set_jitter(&self, seed: u64, ns: u64) {
        self.at_now(|source| source.jitter = Some((ns, SplitMix64::new(seed))));
    }

    /// Adds up to `count` edges within `ns` nanoseconds after each one, by `seed`. They are no pulses: the register of a
    /// filtered counter does not see them.
    pub fn set_bounce(&self, seed: u64, count: u8, ns: u64) {
        self.at_now(|source| source.bounce = Some((count, ns, SplitMix64::new(seed))));
    }

    /// Returns the number of pulses since the meter was made.
    pub fn pulses(&self) -> u64 {
        self.at_now(|source| source.pulses)
    }

    /// Returns the register of a counter with so many bits, at most 32, that has counted all pulses.
    pub fn register(&self, bits: u8) -> u32 {
        let mask = u64::from(u32::MAX >> (32 - u32::from(bits.clamp(1, 32))));
        u32::try_from(self.pulses() & mask).unwrap_or(0)
    }

    /// Takes the times of the rising edges since the last call, in nanoseconds and in order, bounces among them.
    ///
    /// An edge that jitter has moved may lie after now.
    pub fn take_edges(&self) -> Vec<u64> {
        self.at_now(|source| std::mem::take(&mut source.edges))
    }

    fn at_now<R>(&self, f: impl FnOnce(&mut Source) -> R) -> R {
        let mut source = lock(&self.source);
        source.run_to(self.clock.now());
        f(&mut source)
    }
}

impl Source {
    fn run_to(&mut self, now: u64) {
        let speed = u128::from(self.microlitres_per_minute) * u128::from(self.pulses_per_litre);
        if speed == 0 || self.jammed {
            self.now = now;
            return;
        }
        loop {
            let wait = (WHOLE - self.phase).div_ceil(speed);
            let left = u128::from(now - self.now);
            if wait > left {
                self.phase += speed * left;
                self.now = now;
                return;
            }
            self.phase += speed * wait;
            self.phase -= WHOLE;
            self.now += u64::try_from(wait).unwrap_or(0);
            self.pulse();
        }
    }

    fn pulse(&mut self) {
        self.pulses += 1;
        let mut at = self.now;
        if let Some((ns, random)) = &mut self.jitter {
            at += random.below(ns.saturating_add(1));
        }
        at = at.max(self.edges.last().copied().unwrap_or(0));
        self.edges.push(at);
        if let Some((count, ns, random)) = &mut self.bounce {
            let bounces = random.below(u64::from(*count) + 1);
            let mut times: Vec<u64> = (0..bounces).map(|_| at + random.below(*ns)).collect();
            times.sort_unstable();
            self.edges.extend(times);
        }
    }
}

impl fmt::Debug for PulseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PulseSource")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
