//! What can go wrong on the wire and in the host, by seed.

use std::ops::Range;

/// `SplitMix64`, the generator behind every fault: the same seed gives the same numbers on every machine.
///
/// It follows the public description by Steele, Lea and Flood (OOPSLA 2014).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// Makes a generator from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number, any `u64`.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number from 0 up to and not including `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64().checked_rem(bound).unwrap_or(0)
    }

    /// Returns true with a probability of `ppm` in a million.
    pub fn chance(&mut self, ppm: u32) -> bool {
        self.below(1_000_000) < u64::from(ppm)
    }
}

/// A list of faults for a [`Wire`](crate::Wire), put in place with [`Wire::inject`](crate::Wire::inject).
///
/// What goes wrong with one device is the business of that device: it is unplugged through its
/// [`Attached`](crate::Attached), and it is late or jammed by the setters of its model.
///
/// Every kind of fault has a random sequence of its own derived from the seed, so that adding one does not move
/// another. The same seed and the same host calls give the same run.
///
/// ```
/// let clock = sim::Clock::new();
/// let wire = sim::Wire::new(&clock);
/// wire.inject(sim::Faults::new(7).noise(200, 50..2_000).short_circuit(5_000_000..6_000_000));
/// ```
#[derive(Clone, Debug)]
pub struct Faults {
    seed: u64,
    noise: Option<Noise>,
    shorts: Vec<Range<u64>>,
    no_pullup: Vec<Range<u64>>,
    flips: Option<(u32, SplitMix64)>,
    interrupts: Option<Interrupts>,
}

#[derive(Clone, Debug)]
struct Noise {
    mean_gap: u64,
    width: Range<u64>,
    random: SplitMix64,
    /// The spike under way or the next one; none once time has run out.
    spike: Range<u64>,
}

impl Faults {
    /// Makes an empty list. `seed` feeds everything that is random.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            noise: None,
            shorts: Vec::new(),
            no_pullup: Vec::new(),
            flips: None,
            interrupts: None,
        }
    }

    /// Adds spikes that turn the level of the line over, `per_second` of them on average, each as wide as a random
    /// number of nanoseconds in `width`.
    ///
    /// The gap between two spikes is anything between nothing and twice the average.
    #[must_use]
    pub fn noise(mut self, per_second: u32, width: Range<u64>) -> Self {
        let random = self.stream(1);
        self.noise = 1_000_000_000_u64
            .checked_div(u64::from(per_second))
            .map(|mean_gap| Noise {
                mean_gap,
                width,
                random,
                spike: 0..0,
            });
        self
    }

    /// Shorts the line to ground during `time`, in nanoseconds of the clock. May be called again for another one.
    #[must_use]
    pub fn short_circuit(mut self, time: Range<u64>) -> Self {
        self.shorts.push(time);
        self
    }

    /// Takes the pull-up resistor away during `time`, in nanoseconds of the clock. May be called again.
    ///
    /// A line that nothing pulls up reads low, because inputs leak; the strong pull-up still lifts it.
    #[must_use]
    pub fn broken_pullup(mut self, time: Range<u64>) -> Self {
        self.no_pullup.push(time);
        self
    }

    /// Makes the host misread the line: each level that a pin reads, and each bit that a UART receives, is turned
    /// over with a probability of `ppm` in a million. The devices see the true line.
    #[must_use]
    pub fn flipped_samples(mut self, ppm: u32) -> Self {
        self.flips = Some((ppm, self.stream(2)));
        self
    }

    /// Interrupts the host: each delay, pin or UART call lasts longer with a probability of `ppm` in a million, by a
    /// random number of nanoseconds in `length`.
    ///
    /// [`Clock::mask_interrupts`](crate::Clock::mask_interrupts) holds them off, as a critical section would.
    #[must_use]
    pub fn interrupts(mut self, ppm: u32, length: Range<u64>) -> Self {
        self.interrupts = Some(Interrupts {
            ppm,
            length,
            random: self.stream(3),
            masked: false,
        });
        self
    }

    fn stream(&self, kind: u64) -> SplitMix64 {
        SplitMix64::new(SplitMix64::new(self.seed ^ kind.rotate_left(32)).next_u64())
    }

    /// Returns the interrupts in this list, for a clock that has no wire.
    pub fn host_interrupts(&self) -> Option<Interrupts> {
        self.interrupts.clone()
    }

    /// Starts the noise at `now`.
    pub(crate) fn start(&mut self, now: u64) {
        if let Some(noise) = &mut self.noise {
            noise.spike = now..now;
            noise.plan();
        }
    }

    /// Moves on to the state at `now`.
    pub(crate) fn run_to(&mut self, now: u64) {
        if let Some(noise) = &mut self.noise {
            while noise.spike.end <= now && noise.spike.end != u64::MAX {
                noise.plan();
            }
        }
    }

    /// The next instant after `now` at which a fault begins or ends.
    pub(crate) fn next_change(&self, now: u64) -> Option<u64> {
        let spike = self.noise.as_ref().map(|noise| &noise.spike);
        spike
            .into_iter()
            .chain(&self.shorts)
            .chain(&self.no_pullup)
            .flat_map(|time| [time.start, time.end])
            .filter(|&at| at > now)
            .min()
    }

    pub(crate) fn shorted(&self, now: u64) -> bool {
        self.shorts.iter().any(|time| time.contains(&now))
    }

    pub(crate) fn pullup_broken(&self, now: u64) -> bool {
        self.no_pullup.iter().any(|time| time.contains(&now))
    }

    pub(crate) fn spike(&self, now: u64) -> bool {
        self.noise
            .as_ref()
            .is_some_and(|noise| noise.spike.contains(&now))
    }

    pub(crate) fn flip_sample(&mut self) -> bool {
        self.flips
            .as_mut()
            .is_some_and(|(ppm, random)| random.chance(*ppm))
    }
}

impl Noise {
    fn plan(&mut self) {
        let gap = self
            .random
            .below(self.mean_gap.saturating_mul(2).saturating_add(1))
            .max(1);
        let extra = self.random.below(self.width.end.saturating_sub(self.width.start));
        let start = self.spike.end.saturating_add(gap);
        self.spike = start..start.saturating_add(self.width.start.saturating_add(extra).max(1));
    }
}

/// Interrupts that steal time from the host; made by [`Faults::host_interrupts`].
#[derive(Clone, Debug)]
pub struct Interrupts {
    ppm: u32,
    length: std::ops::Range<u64>,
    random: SplitMix64,
    pub(crate) masked: bool,
}

impl Interrupts {
    /// The nanoseconds that an interrupt takes from the host now, mostly none.
    pub(crate) fn strike(&mut self) -> u64 {
        if self.masked || !self.random.chance(self.ppm) {
            return 0;
        }
        let extra = self
            .random
            .below(self.length.end.saturating_sub(self.length.start));
        self.length.start.saturating_add(extra)
    }
}
