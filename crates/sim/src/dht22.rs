//! A DHT22 or one of its relatives, edge by edge.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use crate::Tolerance;
use crate::wire::Device;

/// Which sensor of the DHT family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DhtKind {
    /// DHT11: answers a start pulse of 18 to 30 ms, at most once a second.
    Dht11,
    /// DHT12 on its single wire: start pulse as the DHT11, at most once in two seconds.
    Dht12,
    /// DHT21, AM2301: as the DHT22.
    Dht21,
    /// DHT22, AM2302: answers a start pulse of 0.8 to 20 ms, at most once in two seconds.
    #[default]
    Dht22,
}

/// How the five bytes carry the reading. The last one is the sum of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DhtFrame {
    /// Tenths in 16 bits, a negative temperature as bit 15 and its magnitude: the DHT22.
    SignMagnitude,
    /// Tenths in 16 bits, a negative temperature in two's complement: some clones of the DHT22.
    TwosComplement,
    /// Tenths, a negative temperature in two's complement of 12 bits: `0FFF` is −0.1 °C.
    TwelveBit,
    /// A byte of whole numbers and a byte of zeros each; no negative temperatures: the old DHT11.
    Whole,
    /// A byte of whole numbers and one of tenths each; bit 7 of byte 3 is the sign: the DHT12 and ASAIR's DHT11.
    SignInByte3,
    /// As [`SignInByte3`](Self::SignInByte3), with the sign in bit 7 of byte 2.
    SignInByte2,
}

/// What a sensor does when it is asked again before its minimum interval is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TooSoon {
    /// Sends what it sent before.
    #[default]
    Stale,
    /// Does not answer.
    Silent,
}

/// How an answer goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DhtFault {
    /// It does not answer.
    Silent,
    /// The last byte is one too high.
    WrongChecksum,
    /// It lets the line go after so many bits, 0 to 39.
    StopsHigh(u8),
    /// It holds the line low from the bit of this number on, 0 to 39, until the fault is cleared.
    StopsLow(u8),
}

/// Lengths in nanoseconds, in the order in which they happen.
#[derive(Clone, Copy)]
struct Timing {
    release: u64,
    response_low: u64,
    response_high: u64,
    bit_low: u64,
    zero: u64,
    one: u64,
    end_low: u64,
}

impl Timing {
    /// The limits are those of the AM2302's table of single-bus timing, from memory; the typical values are in every
    /// data sheet of the family.
    fn new(tolerance: Tolerance) -> Self {
        let us = |fastest: u64, nominal: u64, slowest: u64| {
            1_000
                * match tolerance {
                    Tolerance::Fastest => fastest,
                    Tolerance::Nominal => nominal,
                    Tolerance::Slowest => slowest,
                }
        };
        Self {
            release: us(20, 30, 40),
            response_low: us(75, 80, 85),
            response_high: us(75, 80, 85),
            bit_low: us(48, 50, 55),
            zero: us(22, 26, 30),
            one: us(68, 70, 75),
            end_low: us(45, 50, 55),
        }
    }
}

/// A DHT22, DHT21, DHT12 or DHT11 on a line of its own.
///
/// It recognises the start pulse by its length, answers with the timing of its data sheet at either limit or in
/// between, and keeps to its minimum interval.
///
/// ```
/// use sim::{Clock, Dht22, DhtFault, DhtKind, Wire};
///
/// let clock = Clock::new();
/// let air = Wire::new(&clock).attach(Dht22::new().with_reading(24_300, 652));
/// air.with(|sensor| sensor.set_fault(Some(DhtFault::WrongChecksum)));
/// let cheap = Dht22::of_kind(DhtKind::Dht11);
/// # drop(cheap);
/// ```
#[derive(Clone, Debug)]
pub struct Dht22 {
    kind: DhtKind,
    tolerance: Tolerance,
    frame: DhtFrame,
    sums_two_bytes: bool,
    one_behind: bool,
    too_soon: TooSoon,
    min_interval: u64,
    power_up: u64,
    answer_delay: u64,
    raw: Option<[u8; 5]>,
    fault: Option<DhtFault>,
    answers: u32,

    /// Temperature in milli-degrees and humidity in thousandths: around it, and as last measured.
    air: (i32, u16),
    measured: (i32, u16),
    measured_at: Option<u64>,
    /// How long it will take to come up, and when it will have.
    boot: u64,
    ready_at: Option<u64>,
    fell: Option<u64>,
    /// When it will pull, and when it will let go.
    planned: VecDeque<(u64, bool)>,
    pulling: bool,
}

impl Default for Dht22 {
    fn default() -> Self {
        Self::new()
    }
}

impl Dht22 {
    /// Makes a DHT22 with nominal timing at 20 °C and 50 % that has been under power for long.
    pub fn new() -> Self {
        Self::of_kind(DhtKind::Dht22)
    }

    /// Makes another sensor of the family, otherwise as [`new`](Self::new).
    pub fn of_kind(kind: DhtKind) -> Self {
        Self {
            kind,
            tolerance: Tolerance::Nominal,
            frame: match kind {
                DhtKind::Dht21 | DhtKind::Dht22 => DhtFrame::SignMagnitude,
                DhtKind::Dht11 | DhtKind::Dht12 => DhtFrame::SignInByte3,
            },
            sums_two_bytes: false,
            one_behind: false,
            too_soon: TooSoon::Stale,
            min_interval: if kind == DhtKind::Dht11 {
                1_000_000_000
            } else {
                2_000_000_000
            },
            power_up: 1_000_000_000,
            answer_delay: 0,
            raw: None,
            fault: None,
            answers: 0,
            air: (20_000, 500),
            measured: (20_000, 500),
            measured_at: None,
            boot: 0,
            ready_at: None,
            fell: None,
            planned: VecDeque::new(),
            pulling: false,
        }
    }

    /// Sets all lengths of its pulses.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Tolerance) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets how its frame carries the reading, where it differs from its kind.
    #[must_use]
    pub fn with_frame(mut self, frame: DhtFrame) -> Self {
        self.frame = frame;
        self
    }

    /// Makes it sum only bytes 0 and 2, as some clones of the DHT11 do.
    #[must_use]
    pub fn with_two_byte_sum(mut self) -> Self {
        self.sums_two_bytes = true;
        self
    }

    /// Makes it answer with the measurement before, and measure anew after each answer, as the real ones do.
    #[must_use]
    pub fn with_previous_reading(mut self) -> Self {
        self.one_behind = true;
        self
    }

    /// Sets the reading, as [`set_reading`](Self::set_reading).
    #[must_use]
    pub fn with_reading(mut self, milli_celsius: i32, permille: u16) -> Self {
        self.set_reading(milli_celsius, permille);
        self
    }

    /// Sets the temperature around it in thousandths of a degree Celsius and the relative humidity in thousandths.
    ///
    /// Nothing is clipped to the range of the sensor; the frame rounds to tenths, half away from zero.
    pub fn set_reading(&mut self, milli_celsius: i32, permille: u16) {
        self.air = (milli_celsius, permille);
    }

    /// Makes it send these five bytes from now on, right checksum or not; `None` goes back to the reading.
    pub fn set_raw_frame(&mut self, frame: Option<[u8; 5]>) {
        self.raw = frame;
    }

    /// Makes its answers go wrong from now on; `None` ends that.
    pub fn set_fault(&mut self, fault: Option<DhtFault>) {
        if matches!(self.fault, Some(DhtFault::StopsLow(_))) {
            self.planned.clear();
            self.pulling = false;
        }
        self.fault = fault;
    }

    /// Sets what it does when asked too soon.
    pub fn set_too_soon(&mut self, too_soon: TooSoon) {
        self.too_soon = too_soon;
    }

    /// Sets the minimum interval between two measurements in nanoseconds. Default 2 s, DHT11 1 s.
    pub fn set_min_interval(&mut self, ns: u64) {
        self.min_interval = ns;
    }

    /// Sets how long it takes until it answers after a power cycle or after it was plugged, in nanoseconds. Default 1 s.
    ///
    /// A sensor that has just been attached for the first time answers at once.
    pub fn set_power_up(&mut self, ns: u64) {
        self.power_up = ns;
    }

    /// Makes its response begin `ns` nanoseconds late. Default 0.
    pub fn set_answer_delay(&mut self, ns: u64) {
        self.answer_delay = ns;
    }

    /// Returns how many start pulses it has answered.
    pub fn answers(&self) -> u32 {
        self.answers
    }

    fn start_pulse(&self) -> RangeInclusive<u64> {
        match self.kind {
            DhtKind::Dht11 | DhtKind::Dht12 => 18_000_000..=30_000_000,
            DhtKind::Dht21 | DhtKind::Dht22 => 800_000..=20_000_000,
        }
    }

    fn start(&mut self, at: u64) {
        let too_soon = self
            .measured_at
            .is_some_and(|before| at.saturating_sub(before) < self.min_interval);
        let booting = self.ready_at.is_none_or(|ready_at| at < ready_at);
        let silent = self.fault == Some(DhtFault::Silent) || too_soon && self.too_soon == TooSoon::Silent;
        if booting || silent {
            return;
        }
        let before = self.measured;
        if !too_soon {
            self.measured = self.air;
            self.measured_at = Some(at);
        }
        let reading = if self.one_behind && !too_soon {
            before
        } else {
            self.measured
        };
        let mut frame = self.raw.unwrap_or_else(|| self.encode(reading));
        if self.fault == Some(DhtFault::WrongChecksum) {
            frame[4] = frame[4].wrapping_add(1);
        }
        self.answers = self.answers.saturating_add(1);
        self.plan(at, frame);
    }

    fn encode(&self, (milli_celsius, permille): (i32, u16)) -> [u8; 5] {
        let magnitude = (milli_celsius.unsigned_abs() + 50) / 100;
        let magnitude = u16::try_from(magnitude).unwrap_or(u16::MAX).min(0x7FFF);
        let negative = milli_celsius < 0;
        let sign = if negative { 0x80 } else { 0 };
        let low = |value: u16| value.to_le_bytes()[0];
        let whole = |tenths: u16| [low(tenths / 10), low(tenths % 10)];
        let complement = if negative {
            magnitude.wrapping_neg()
        } else {
            magnitude
        };
        let humidity = match self.frame {
            DhtFrame::SignMagnitude | DhtFrame::TwosComplement | DhtFrame::TwelveBit => {
                permille.to_be_bytes()
            }
            DhtFrame::Whole => [low((permille + 5) / 10), 0],
            DhtFrame::SignInByte3 | DhtFrame::SignInByte2 => whole(permille),
        };
        let [integer, tenths] = whole(magnitude);
        let temperature = match self.frame {
            DhtFrame::SignMagnitude => (u16::from(sign) << 8 | magnitude).to_be_bytes(),
            DhtFrame::TwosComplement => complement.to_be_bytes(),
            DhtFrame::TwelveBit => (complement & 0x0FFF).to_be_bytes(),
            DhtFrame::Whole => [if negative { 0 } else { low((magnitude + 5) / 10) }, 0],
            DhtFrame::SignInByte3 => [integer, tenths | sign],
            DhtFrame::SignInByte2 => [integer | sign, tenths],
        };
        let [a, b] = humidity;
        let [c, d] = temperature;
        let sum = if self.sums_two_bytes {
            a.wrapping_add(c)
        } else {
            [a, b, c, d].into_iter().fold(0, u8::wrapping_add)
        };
        [a, b, c, d, sum]
    }

    /// Writes down all pulses of an answer to a start pulse that ended at `at`.
    fn plan(&mut self, at: u64, frame: [u8; 5]) {
        let timing = Timing::new(self.tolerance);
        let mut next = at
            .saturating_add(timing.release)
            .saturating_add(self.answer_delay);
        let mut pulse = |low: u64, high: u64| {
            let end = next.saturating_add(low);
            self.planned.extend([(next, true), (end, false)]);
            next = end.saturating_add(high);
        };
        pulse(timing.response_low, timing.response_high);
        let bits = frame
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
        for (index, bit) in (0..40).zip(bits) {
            match self.fault {
                Some(DhtFault::StopsHigh(stop)) if stop <= index => return,
                Some(DhtFault::StopsLow(stop)) if stop <= index => {
                    pulse(u64::MAX, 0);
                    return;
                }
                _ => pulse(timing.bit_low, if bit { timing.one } else { timing.zero }),
            }
        }
        pulse(timing.end_low, 0);
    }
}

impl Device for Dht22 {
    fn power(&mut self, at: u64, on: bool, _high: bool) {
        self.ready_at = on.then_some(at.saturating_add(self.boot));
        self.boot = self.power_up;
        self.measured = self.air;
        self.measured_at = None;
        self.fell = None;
        self.planned.clear();
        self.pulling = false;
    }

    fn edge(&mut self, at: u64, high: bool) {
        if !high {
            self.fell = Some(at);
        } else if let Some(fell) = self.fell.take()
            && self.planned.is_empty()
            && self.start_pulse().contains(&at.saturating_sub(fell))
        {
            self.start(at);
        }
    }

    fn next_event(&self) -> Option<u64> {
        self.planned.front().map(|&(at, _)| at)
    }

    fn event(&mut self, at: u64, _high: bool) {
        while let Some((_, pull)) = self.planned.pop_front_if(|&mut (due, _)| due <= at) {
            self.pulling = pull;
        }
    }

    fn pulls_low(&self) -> bool {
        self.pulling
    }
}
