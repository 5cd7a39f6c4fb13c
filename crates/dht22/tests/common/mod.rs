//! A wire in virtual time, with a sensor on it that plays back a waveform, and both front ends.
#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::indexing_slicing, reason = "this is a test, too")]

use dht22::{Config, Error, Guard, Instant, LastReading, Reading, blocking};
use embedded_hal::digital::{Error as DigitalError, ErrorKind, ErrorType, InputPin, OutputPin};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// What the host did, polls left out. Waits are in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Low,
    High,
    Wait(u64),
    Enter,
    Leave,
}

/// The level changes of an answer: alternating widths in nanoseconds, the first one high, from the moment the
/// host lets go. Afterwards the line rests at what the next level would have been.
pub(crate) type Wave = Vec<u64>;

/// Widths in microseconds of a sensor's levels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) gap: u64,
    pub(crate) response: (u64, u64),
    pub(crate) low: u64,
    pub(crate) zero: u64,
    pub(crate) one: u64,
    pub(crate) end: u64,
}

pub(crate) const NOMINAL: Timing = Timing {
    gap: 30,
    response: (80, 80),
    low: 50,
    zero: 26,
    one: 70,
    end: 50,
};
/// The limits of the AM2302's data sheet, from memory.
pub(crate) const FASTEST: Timing = Timing {
    gap: 20,
    response: (75, 75),
    low: 48,
    zero: 22,
    one: 68,
    end: 45,
};
pub(crate) const SLOWEST: Timing = Timing {
    gap: 40,
    response: (85, 85),
    low: 55,
    zero: 30,
    one: 75,
    end: 55,
};
/// The closest that a one and a zero come to their low level.
pub(crate) const CLOSEST_ONE: Timing = Timing {
    low: 55,
    one: 68,
    ..NOMINAL
};
pub(crate) const CLOSEST_ZERO: Timing = Timing {
    low: 48,
    zero: 30,
    ..NOMINAL
};

/// The answer of a sensor that sends `frame`.
pub(crate) fn wave(frame: [u8; 5], timing: Timing) -> Wave {
    let mut widths = vec![timing.gap, timing.response.0, timing.response.1];
    for bit in 0..40 {
        let one = frame[bit / 8] >> (7 - bit % 8) & 1 == 1;
        widths.extend([timing.low, if one { timing.one } else { timing.zero }]);
    }
    widths.push(timing.end);
    widths.iter().map(|width| width * 1000).collect()
}

/// A waveform on the line: when its levels end, and how many have ended.
#[derive(Debug)]
struct Playing {
    start: u64,
    ends: Vec<u64>,
    ended: usize,
}

impl Playing {
    fn new(start: u64, wave: &Wave) -> Self {
        let mut end = start;
        let ends = wave.iter().map(|width| {
            end += width;
            end
        });
        Self {
            start,
            ends: ends.collect(),
            ended: 0,
        }
    }

    fn high(&mut self, now: u64) -> bool {
        while self.ends.get(self.ended).is_some_and(|&end| end <= now) {
            self.ended += 1;
        }
        self.ended.is_multiple_of(2)
    }
}

#[derive(Debug, Default)]
struct State {
    now: u64,
    poll: u64,
    calls: usize,
    fail_at: Option<usize>,
    held_low: bool,
    short: bool,
    answers: VecDeque<Wave>,
    playing: Option<Playing>,
    /// Interrupts: when after the release, and how long.
    interrupts: VecDeque<(u64, u64)>,
    log: Vec<Event>,
}

impl State {
    fn call(&mut self) -> Result<(), PinError> {
        self.calls += 1;
        self.now += self.poll;
        if let (Some(Playing { start, .. }), Some(&(at, length))) = (&self.playing, self.interrupts.front())
            && self.now >= start + at
        {
            self.now += length;
            self.interrupts.pop_front();
        }
        if self.fail_at == Some(self.calls) {
            Err(PinError)
        } else {
            Ok(())
        }
    }

    fn high(&mut self) -> bool {
        if self.held_low || self.short {
            return false;
        }
        let now = self.now;
        self.playing.as_mut().is_none_or(|playing| playing.high(now))
    }
}

/// The pin's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PinError;

impl DigitalError for PinError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Wire(Rc<RefCell<State>>);

impl Wire {
    /// A wire whose sensor gives these answers, one per start pulse, and then none.
    pub(crate) fn new(answers: impl IntoIterator<Item = Wave>) -> Self {
        let wire = Self::default();
        wire.0.borrow_mut().poll = 1_000;
        wire.0.borrow_mut().answers = answers.into_iter().collect();
        wire
    }

    /// A nominal DHT22 that sends these frames.
    pub(crate) fn sending(frames: &[[u8; 5]]) -> Self {
        Self::new(frames.iter().map(|&frame| wave(frame, NOMINAL)))
    }

    /// Sets what a poll costs in nanoseconds; 1000 at first.
    pub(crate) fn poll_cost(self, nanoseconds: u64) -> Self {
        self.0.borrow_mut().poll = nanoseconds;
        self
    }

    pub(crate) fn interrupts(self, interrupts: impl IntoIterator<Item = (u64, u64)>) -> Self {
        self.0.borrow_mut().interrupts = interrupts.into_iter().collect();
        self
    }

    /// Makes this call of the pin fail, counted from 1.
    pub(crate) fn fail_at(self, call: usize) -> Self {
        self.0.borrow_mut().fail_at = Some(call);
        self
    }

    pub(crate) fn short(&self, short: bool) {
        self.0.borrow_mut().short = short;
    }

    /// Plays this on the line at once, unasked.
    pub(crate) fn play(&self, wave: &Wave) {
        let mut state = self.0.borrow_mut();
        state.playing = Some(Playing::new(state.now, wave));
    }

    pub(crate) fn answer(&self, wave: Wave) {
        self.0.borrow_mut().answers.push_back(wave);
    }

    pub(crate) fn calls(&self) -> usize {
        self.0.borrow().calls
    }

    pub(crate) fn now(&self) -> u64 {
        self.0.borrow().now
    }

    pub(crate) fn is_held_low(&self) -> bool {
        self.0.borrow().held_low
    }

    pub(crate) fn pin(&self) -> Pin {
        Pin(self.clone())
    }

    pub(crate) fn delay(&self) -> Delay {
        Delay(self.clone())
    }

    pub(crate) fn take_log(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.borrow_mut().log)
    }
}

#[derive(Debug)]
pub(crate) struct Pin(Wire);

impl ErrorType for Pin {
    type Error = PinError;
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, PinError> {
        let mut state = self.0.0.borrow_mut();
        state.call()?;
        Ok(state.high())
    }

    fn is_low(&mut self) -> Result<bool, PinError> {
        self.is_high().map(|high| !high)
    }
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), PinError> {
        let mut state = self.0.0.borrow_mut();
        state.log.push(Event::Low);
        state.call()?;
        state.held_low = true;
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), PinError> {
        let mut state = self.0.0.borrow_mut();
        state.log.push(Event::High);
        state.call()?;
        if state.held_low {
            state.held_low = false;
            let now = state.now;
            state.playing = state.answers.pop_front().map(|wave| Playing::new(now, &wave));
        }
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) struct Delay(Wire);

impl embedded_hal::delay::DelayNs for Delay {
    fn delay_ns(&mut self, nanoseconds: u32) {
        let mut state = self.0.0.borrow_mut();
        state.now += u64::from(nanoseconds);
        state.log.push(Event::Wait(nanoseconds.into()));
    }
}

#[cfg(feature = "async")]
impl embedded_hal_async::delay::DelayNs for Delay {
    async fn delay_ns(&mut self, nanoseconds: u32) {
        embassy_futures::yield_now().await;
        embedded_hal::delay::DelayNs::delay_ns(self, nanoseconds);
    }
}

#[derive(Debug)]
pub(crate) struct Section(Wire);

impl Guard for Section {
    fn run<R>(&mut self, capture: impl FnOnce() -> R) -> R {
        self.0.0.borrow_mut().log.push(Event::Enter);
        let result = capture();
        self.0.0.borrow_mut().log.push(Event::Leave);
        result
    }
}

/// The clock of the caller, in milliseconds.
pub(crate) fn at(milliseconds: u64) -> Instant {
    Instant::from_ticks(milliseconds)
}

/// A front end, of either kind.
pub(crate) enum Front {
    Blocking(blocking::Dht22<Pin, Delay, Section>),
    #[cfg(feature = "async")]
    Async(dht22::asynch::Dht22<Pin, Delay, Section>),
}

macro_rules! call {
    ($self:ident, $driver:ident => $call:expr, $future:expr) => {
        match $self {
            Self::Blocking($driver) => $call,
            #[cfg(feature = "async")]
            Self::Async($driver) => $future,
        }
    };
}

#[cfg(feature = "async")]
fn block_on<T>(future: impl Future<Output = T>) -> T {
    embassy_futures::block_on(future)
}

impl Front {
    pub(crate) fn read(&mut self, now: u64) -> Result<Reading, Error<PinError>> {
        call!(self, driver => driver.read(at(now)), block_on(driver.read(at(now))))
    }

    pub(crate) fn read_fresh(&mut self, now: u64) -> Result<Reading, Error<PinError>> {
        call!(self, driver => driver.read_fresh(at(now)), block_on(driver.read_fresh(at(now))))
    }

    pub(crate) fn last(&self, now: u64) -> Option<LastReading> {
        call!(self, driver => driver.last(at(now)), driver.last(at(now)))
    }

    pub(crate) fn powered_up(&mut self, now: u64) {
        call!(self, driver => driver.powered_up(at(now)), driver.powered_up(at(now)));
    }

    pub(crate) fn release(self) -> (Pin, Delay, Section) {
        call!(self, driver => driver.release(), driver.release())
    }
}

/// Runs a test with each front end on a wire of its own.
pub(crate) fn with_both(config: impl Into<Config>, wire: impl Fn() -> Wire, test: impl Fn(Front, &Wire)) {
    let config = config.into();
    let on = wire();
    let driver = blocking::Dht22::new(on.pin(), on.delay(), config);
    test(Front::Blocking(driver.with_guard(Section(on.clone()))), &on);
    #[cfg(feature = "async")]
    {
        let on = wire();
        let driver = dht22::asynch::Dht22::new(on.pin(), on.delay(), config);
        test(Front::Async(driver.with_guard(Section(on.clone()))), &on);
    }
}

/// Reads once, at a time when that is allowed, with each front end; they must agree.
pub(crate) fn read_once(
    config: impl Into<Config>,
    wire: impl Fn() -> Wire,
) -> Result<Reading, Error<PinError>> {
    let results = RefCell::new(Vec::new());
    with_both(config, wire, |mut driver, _| {
        results.borrow_mut().push(driver.read(2_000));
    });
    let results = results.into_inner();
    assert!(results.iter().all(|result| *result == results[0]), "{results:?}");
    results[0]
}

/// Milli-degrees and permille of a reading.
pub(crate) fn numbers<E>(result: Result<Reading, E>) -> Result<(i32, u16), E> {
    result.map(|reading| (reading.temperature.get(), reading.humidity.get()))
}
