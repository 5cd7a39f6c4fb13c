//! A chain of WS2812 or SK6812 LEDs on the MOSI line of an SPI peripheral.

use std::fmt;
use std::future::poll_fn;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use embedded_hal::spi::{ErrorKind, ErrorType, SpiBus};

use crate::clock::Clock;
use crate::lock;

/// Which LEDs a [`Ws2812`] is made of, and so which widths they understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LedPart {
    /// WS2812: the widths that `FastLED` drives it with, ±150 ns.
    Ws2812,
    /// WS2812B: 400/850/800/450 ns ±150 ns, latch after 50 µs.
    Ws2812b,
    /// WS2812B-V5 and Mini-V3: limits of their own, latch after 280 µs.
    Ws2812bV5,
    /// SK6812: 300/900/600/600 ns ±150 ns, latch after 80 µs. From memory.
    Sk6812,
}

/// Nanoseconds.
struct Limits {
    zero_high: RangeInclusive<u64>,
    zero_low: RangeInclusive<u64>,
    one_high: RangeInclusive<u64>,
    one_low: RangeInclusive<u64>,
    latch: u64,
}

impl LedPart {
    fn limits(self) -> Limits {
        let limits = |zero_high, zero_low, one_high, one_low, latch| Limits {
            zero_high,
            zero_low,
            one_high,
            one_low,
            latch,
        };
        match self {
            Self::Ws2812 => limits(100..=400, 850..=1_150, 725..=1_025, 225..=525, 280_000),
            Self::Ws2812b => limits(250..=550, 700..=1_000, 650..=950, 300..=600, 50_000),
            Self::Ws2812bV5 => limits(220..=380, 580..=1_000, 580..=1_000, 220..=420, 280_000),
            Self::Sk6812 => limits(150..=450, 750..=1_050, 450..=750, 450..=750, 80_000),
        }
    }
}

/// What a part's data sheet does not allow, with its width in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LedViolation {
    /// A high level that is neither a zero's nor a one's.
    High(u64),
    /// A low level after a zero that is neither a zero's nor a latch.
    LowAfterZero(u64),
    /// A low level after a one that is neither a one's nor a latch.
    LowAfterOne(u64),
}

/// The error of a transfer that was made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LedError;

impl fmt::Display for LedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("overrun")
    }
}

impl std::error::Error for LedError {}

impl embedded_hal::spi::Error for LedError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Overrun
    }
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "wiring, faults and levels, each on its own"
)]
struct Line {
    part: LedPart,
    bit_ps: u64,
    /// Which of red, green, blue and white each byte of an LED is.
    order: Vec<usize>,
    idle_high: bool,
    inverted: bool,
    byte_gap_ps: u64,
    fail: bool,
    yields: bool,
    /// The level at the first LED, for how long, and how long the high level before it was.
    level: bool,
    run_ps: u64,
    high_ps: Option<u64>,
    resting_since: u64,
    bits: Vec<bool>,
    latched: bool,
    shown: Vec<[u8; 4]>,
    frames: u64,
    writes: u64,
    stray_bits: u64,
    violations: Vec<LedViolation>,
}

/// A chain of LEDs behind MOSI. Clones are the same chain.
///
/// It implements `SpiBus` of embedded-hal and embedded-hal-async and takes the bits on MOSI for the waveform that they are.
/// The LEDs decode it by the limits of their data sheet, and show a new picture after the latch.
///
/// ```
/// use embedded_hal::spi::SpiBus;
///
/// let clock = sim::Clock::new();
/// // Four bits of 312.5 ns for each bit: 1000 is a zero, 1110 a one.
/// let leds = sim::Ws2812::new(&clock, sim::LedPart::Ws2812bV5, 3_200_000, 1);
/// clock.advance(280_000);
/// leds.handle().write(&[0x88, 0x88, 0x88, 0x88, 0xEE, 0xEE, 0xEE, 0xEE, 0x88, 0x88, 0x88, 0x8E]).unwrap();
/// assert_eq!(leds.colours(), [[0, 0, 0, 0]]);
/// clock.advance(280_000);
/// // The order is green, red, blue.
/// assert_eq!(leds.colours(), [[0xFF, 0x00, 0x01, 0]]);
/// assert_eq!(leds.violations(), []);
/// ```
#[derive(Clone)]
pub struct Ws2812 {
    clock: Clock,
    line: Arc<Mutex<Line>>,
}

impl Ws2812 {
    /// Makes a chain of so many dark LEDs in the order green, red, blue, on an SPI clock of `hz`. MOSI idles low.
    pub fn new(clock: &Clock, part: LedPart, hz: u32, leds: usize) -> Self {
        Self {
            clock: clock.clone(),
            line: Arc::new(Mutex::new(Line {
                part,
                bit_ps: 1_000_000_000_000 / u64::from(hz.max(1)),
                order: vec![1, 0, 2],
                idle_high: false,
                inverted: false,
                byte_gap_ps: 0,
                fail: false,
                yields: false,
                level: false,
                run_ps: 0,
                high_ps: None,
                resting_since: clock.now(),
                bits: Vec::new(),
                latched: false,
                shown: vec![[0; 4]; leds],
                frames: 0,
                writes: 0,
                stray_bits: 0,
                violations: Vec::new(),
            })),
        }
    }

    /// Sets the order of the bytes of an LED, of the letters R, G, B and W; others are left out.
    #[must_use]
    pub fn with_order(self, order: &str) -> Self {
        lock(&self.line).order = order.chars().filter_map(|letter| "RGBW".find(letter)).collect();
        self
    }

    /// Makes MOSI rest high between transfers. At the LEDs that is low if there is an inverter.
    #[must_use]
    pub fn with_idle_high(self) -> Self {
        self.rest(|line| line.idle_high = true)
    }

    /// Puts an inverter between MOSI and the LEDs.
    #[must_use]
    pub fn with_inverter(self) -> Self {
        self.rest(|line| line.inverted = true)
    }

    fn rest(self, change: impl FnOnce(&mut Line)) -> Self {
        let mut line = lock(&self.line);
        change(&mut line);
        line.level = line.idle_high != line.inverted;
        drop(line);
        self
    }

    /// Returns another handle to this chain, to give to a driver.
    #[must_use]
    pub fn handle(&self) -> Self {
        self.clone()
    }

    /// Makes the peripheral hold the level of the last bit for `ns` nanoseconds after each byte.
    pub fn set_byte_gap(&self, ns: u64) {
        lock(&self.line).byte_gap_ps = ns * 1_000;
    }

    /// Makes the transfers fail before they begin, while `fail`.
    pub fn set_failing(&self, fail: bool) {
        lock(&self.line).fail = fail;
    }

    /// Makes each asynchronous transfer pending once before it begins, so that a test can drop its future there.
    pub fn set_yields(&self, yields: bool) {
        lock(&self.line).yields = yields;
    }

    /// Returns what each LED shows now: red, green, blue and white.
    pub fn colours(&self) -> Vec<[u8; 4]> {
        self.at_now(|line| line.shown.clone())
    }

    /// Returns how often the chain has latched whole colours.
    pub fn frames(&self) -> u64 {
        self.at_now(|line| line.frames)
    }

    /// Returns how many transfers there were.
    pub fn writes(&self) -> u64 {
        lock(&self.line).writes
    }

    /// Returns how many bits were thrown away by a latch because they were not enough for an LED: a line that rests high
    /// gives one each time.
    pub fn stray_bits(&self) -> u64 {
        self.at_now(|line| line.stray_bits)
    }

    /// Returns what the part's limits did not allow, in order.
    pub fn violations(&self) -> Vec<LedViolation> {
        self.at_now(|line| line.violations.clone())
    }

    fn at_now<R>(&self, f: impl FnOnce(&mut Line) -> R) -> R {
        let mut line = lock(&self.line);
        line.rest_until(self.clock.now());
        f(&mut line)
    }

    fn send(&self, words: &[u8]) -> Result<(), LedError> {
        let mut line = lock(&self.line);
        line.rest_until(self.clock.now());
        line.writes += 1;
        if line.fail {
            return Err(LedError);
        }
        let inverted = line.inverted;
        let (bit, gap) = (line.bit_ps, line.byte_gap_ps);
        for word in words {
            for shift in (0..8).rev() {
                line.hold((word >> shift & 1 == 1) != inverted, bit);
            }
            let level = line.level;
            line.hold(level, gap);
        }
        let length = u64::try_from(words.len()).unwrap_or(0) * (8 * bit + gap);
        self.clock.advance(length / 1_000);
        line.resting_since = self.clock.now();
        Ok(())
    }
}

impl Line {
    fn rest_until(&mut self, now: u64) {
        let level = self.idle_high != self.inverted;
        let rested = now - self.resting_since;
        self.resting_since = now;
        if rested > 0 {
            self.hold(level, rested * 1_000);
        }
    }

    /// Holds a level for some time.
    fn hold(&mut self, level: bool, ps: u64) {
        if level != self.level {
            self.turn();
            self.level = level;
        }
        self.run_ps = self.run_ps.saturating_add(ps);
        if !self.level && !self.latched && self.run_ps / 1_000 >= self.part.limits().latch {
            self.latch();
        }
    }

    /// Ends the run of one level.
    fn turn(&mut self) {
        let ended = std::mem::take(&mut self.run_ps);
        if self.level {
            self.high_ps = Some(ended);
        } else if let Some(high) = self.high_ps.take() {
            self.bit(high / 1_000, ended / 1_000);
        }
        self.latched = false;
    }

    fn bit(&mut self, high: u64, low: u64) {
        let limits = self.part.limits();
        let one = self.high(high);
        let (allowed, violation) = if one {
            (limits.one_low, LedViolation::LowAfterOne(low))
        } else {
            (limits.zero_low, LedViolation::LowAfterZero(low))
        };
        if !allowed.contains(&low) {
            self.violations.push(violation);
        }
    }

    /// Takes the bit that a high level is.
    fn high(&mut self, ns: u64) -> bool {
        let Limits {
            zero_high, one_high, ..
        } = self.part.limits();
        let one = ns * 2 > zero_high.end() + one_high.start();
        if !(if one { one_high } else { zero_high }).contains(&ns) {
            self.violations.push(LedViolation::High(ns));
        }
        self.bits.push(one);
        one
    }

    fn latch(&mut self) {
        self.latched = true;
        let before = self.violations.len();
        if let Some(high) = self.high_ps.take() {
            self.high(high / 1_000);
        }
        let bits = std::mem::take(&mut self.bits);
        let width = self.order.len() * 8;
        if bits.len() < width {
            // A line that was at rest high ends with one bit of any width.
            self.stray_bits += u64::try_from(bits.len()).unwrap_or(0);
            if bits.len() == 1 {
                self.violations.truncate(before);
            }
            return;
        }
        self.frames += 1;
        for (led, bits) in self.shown.iter_mut().zip(bits.chunks_exact(width)) {
            *led = [0; 4];
            for (channel, bits) in self.order.iter().zip(bits.chunks_exact(8)) {
                if let Some(byte) = led.get_mut(*channel) {
                    *byte = bits.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit));
                }
            }
        }
    }
}

impl fmt::Debug for Ws2812 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ws2812")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

impl ErrorType for Ws2812 {
    type Error = LedError;
}

impl SpiBus for Ws2812 {
    fn read(&mut self, words: &mut [u8]) -> Result<(), LedError> {
        words.fill(0);
        self.send(words)
    }

    fn write(&mut self, words: &[u8]) -> Result<(), LedError> {
        self.send(words)
    }

    fn transfer(&mut self, read: &mut [u8], write: &[u8]) -> Result<(), LedError> {
        read.fill(0);
        self.send(write)
    }

    fn transfer_in_place(&mut self, words: &mut [u8]) -> Result<(), LedError> {
        self.send(words)?;
        words.fill(0);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), LedError> {
        Ok(())
    }
}

impl embedded_hal_async::spi::SpiBus for Ws2812 {
    async fn read(&mut self, words: &mut [u8]) -> Result<(), LedError> {
        SpiBus::read(self, words)
    }

    async fn write(&mut self, words: &[u8]) -> Result<(), LedError> {
        let mut pending = lock(&self.line).yields;
        poll_fn(|context| {
            if std::mem::take(&mut pending) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        self.send(words)
    }

    async fn transfer(&mut self, read: &mut [u8], write: &[u8]) -> Result<(), LedError> {
        SpiBus::transfer(self, read, write)
    }

    async fn transfer_in_place(&mut self, words: &mut [u8]) -> Result<(), LedError> {
        SpiBus::transfer_in_place(self, words)
    }

    async fn flush(&mut self) -> Result<(), LedError> {
        Ok(())
    }
}
