//! Random histories of relays, and what must hold at every moment of them.
//!
//! A history is read from bytes: a configuration, then steps. Time has two sides: the truth, by which outputs are
//! judged, and the clock, which the driver sees and which may jump. The caller sleeps by the truth until the deadline
//! that it was given. What the driver cannot know is allowed for, exactly:
//! - `late`: the caller overslept by so much, all together;
//! - `lost`, `gained`: the clock jumped by so much less than the driver can notice.

#![allow(clippy::indexing_slicing, reason = "a panic is how a history fails")]

use fugit::MillisDurationU32;
use relay::{
    Anomaly, Command, Config, Drive, Duty, Error, Fault, Group, Guard, Instant, LatchingRelay, Level, MaxOn,
    Permille, Pulses, Relay, State, Update, Waiting,
};
use std::cell::RefCell;
use std::rc::Rc;

const DAY_MS: u64 = 86_400_000;

/// The bytes of a history; zeros when they are used up.
#[derive(Debug)]
struct Tape<'a>(&'a [u8]);

impl Tape<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn below(&mut self, n: u8) -> u8 {
        self.byte() % n
    }

    fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    fn ms(&mut self, most: u8) -> MillisDurationU32 {
        MillisDurationU32::from_ticks(u32::from(self.below(most + 1)))
    }
}

/// How much happened, so that a run can show that it was not idle.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    /// Histories.
    pub(crate) histories: u64,
    /// Steps of them.
    pub(crate) steps: u64,
    /// Times an output went on.
    pub(crate) switchings: u64,
    /// Clock jumps.
    pub(crate) jumps: u64,
    /// Resets.
    pub(crate) resets: u64,
    /// Writes that failed.
    pub(crate) pin_errors: u64,
}

#[derive(Debug, Default)]
struct Wire {
    level: Level,
    /// The last write did not fail.
    ok: bool,
    /// The next writes fail, and take effect or not.
    failures: Vec<bool>,
    failed: u64,
}

/// An output that the history can look at and break.
#[derive(Debug, Clone, Default)]
struct Pin(Rc<RefCell<Wire>>);

impl Drive for Pin {
    type Error = u8;

    fn write(&mut self, level: Level) -> Result<(), u8> {
        let mut wire = self.0.borrow_mut();
        let failure = wire.failures.pop();
        wire.ok = failure.is_none();
        if failure != Some(false) {
            wire.level = level;
        }
        if wire.ok {
            return Ok(());
        }
        wire.failed += 1;
        Err(7)
    }
}

impl Pin {
    fn is_on(&self) -> bool {
        self.0.borrow().level == Level::On
    }

    fn is_ok(&self) -> bool {
        self.0.borrow().ok
    }

    fn break_next(&self, failures: &[bool]) {
        self.0.borrow_mut().failures = failures.to_vec();
    }

    /// What a reset of the microcontroller does to a pin.
    fn reset(&self) {
        let mut wire = self.0.borrow_mut();
        wire.level = Level::Off;
        wire.ok = true;
        wire.failures.clear();
    }
}

/// The truth and the clock.
#[derive(Debug)]
struct Time {
    truth: u64,
    offset: u64,
    /// Clock and truth when the driver saw the clock last, and whether it had promised to look again.
    seen: (u64, u64),
    promised: bool,
    due: Option<u64>,
    patience: u64,
    expected: Option<Anomaly>,
    late: u64,
    lost: u64,
    gained: u64,
}

impl Time {
    fn new(tape: &mut Tape, config: &Config) -> Self {
        let offset = match tape.below(4) {
            0 => u64::MAX - 700,
            1 => 49 * DAY_MS,
            _ => 0,
        };
        let mut time = Self {
            truth: 0,
            offset,
            seen: (0, 0),
            promised: false,
            due: None,
            patience: u64::from(config.patience.as_ticks()),
            expected: None,
            late: 0,
            lost: 0,
            gained: 0,
        };
        time.restart();
        time
    }

    fn clock(&self) -> u64 {
        self.truth.wrapping_add(self.offset)
    }

    /// The driver starts.
    fn restart(&mut self) {
        self.seen = (self.clock(), self.truth);
        self.expected = None;
    }

    /// The driver looks at the clock.
    fn look(&mut self) -> Instant {
        let (clock, truth) = self.seen;
        let real = self.truth - truth;
        match self.clock().checked_sub(clock) {
            None => self.expected = Some(Anomaly::Backwards),
            Some(ms) if self.promised && ms > self.patience => self.expected = Some(Anomaly::Late),
            Some(ms) => {
                self.lost += real.saturating_sub(ms);
                if ms <= self.patience {
                    self.gained += ms.saturating_sub(real);
                }
            }
        }
        if let Some(due) = self.due {
            self.late += self.truth.saturating_sub(due);
            self.due = None;
        }
        self.seen = (self.clock(), self.truth);
        Instant::from_ticks(self.clock())
    }

    /// The driver has said when to look again.
    fn promise(&mut self, deadline: Option<Instant>) {
        self.promised = deadline.is_some();
        self.due = deadline.map(|at| {
            let ms = at.as_ticks() - self.clock();
            assert!(
                (1..=self.patience / 2).contains(&ms) || self.clock() == u64::MAX,
                "the deadline is {ms} ms away"
            );
            self.truth + ms.max(1)
        });
    }

    fn jump(&mut self, tape: &mut Tape, small: bool) {
        let by = match tape.below(if small { 8 } else { 6 }) {
            0 => DAY_MS,
            1 => DAY_MS.wrapping_neg(),
            2 => 60_000_u64.wrapping_neg(),
            3 => self.clock().wrapping_neg(), // to zero, as after a wrap
            4 => (u64::MAX - 50).wrapping_sub(self.clock()),
            5 => 60_000,
            6 => u64::from(tape.byte()),
            _ => u64::from(tape.byte()).wrapping_neg(),
        };
        self.offset = self.offset.wrapping_add(by);
    }
}

/// Judges one output by the truth.
#[derive(Debug)]
struct Judge {
    config: Config,
    pin: Pin,
    spells: Vec<(u64, u64)>,
    on_since: Option<u64>,
    boot: u64,
    switchings: u64,
    /// Somebody asked for on, and nothing has taken that back.
    asked: bool,
    /// It may go on again by itself.
    repeats: bool,
    /// Something has happened since it went on that ends the minimum on.
    excused: bool,
}

impl Judge {
    fn new(config: Config, pin: Pin) -> Self {
        Self {
            config,
            pin,
            spells: Vec::new(),
            on_since: None,
            boot: 0,
            switchings: 0,
            asked: false,
            repeats: false,
            excused: false,
        }
    }

    /// When it went off last, or the driver started.
    fn off_since(&self) -> u64 {
        self.spells
            .last()
            .map_or(self.boot, |spell| spell.1.max(self.boot))
    }

    /// Looks at the output. Returns whether it went on.
    fn look(&mut self, time: &Time) -> bool {
        let now = time.truth;
        let mut went_on = false;
        match (self.on_since, self.pin.is_on()) {
            (None, true) => {
                let off = now - self.off_since() + time.gained;
                let min_off = u64::from(self.config.min_off.as_ticks());
                assert!(off >= min_off, "off for {off} ms only");
                assert!(self.asked, "went on unasked");
                self.on_since = Some(now);
                self.switchings += 1;
                went_on = true;
            }
            (Some(since), false) => {
                let on = now - since;
                let min_on = u64::from(self.config.min_on.as_ticks());
                assert!(on >= min_on || self.excused, "on for {on} ms only");
                self.spells.push((since, now));
                self.on_since = None;
                self.asked &= self.repeats;
            }
            _ => {}
        }
        self.limits(time);
        went_on
    }

    /// No output is on longer than its maximum, by run and by window. An output that cannot be written is excused
    /// while that is so, but its time on counts.
    fn limits(&self, time: &Time) {
        let (Some(since), true) = (self.on_since, self.pin.is_ok()) else {
            return;
        };
        let slack = time.late + time.lost;
        let spells = || self.spells.iter().rev().copied();
        if let Some(max_on) = self.config.max_on {
            let cool_down = u64::from(max_on.cool_down.as_ticks());
            let mut run = time.truth - since;
            let mut from = since;
            for (start, end) in spells() {
                if from - end + time.gained >= cool_down {
                    break;
                }
                run += end - start;
                from = start;
            }
            let most = u64::from(max_on.time.as_ticks());
            assert!(run <= most + slack, "on for {run} ms of {most}");
        }
        if let Some(duty) = self.config.duty {
            let window = u64::from(duty.window.as_ticks()).saturating_sub(time.gained);
            let from = time.truth.saturating_sub(window);
            let on: u64 = spells()
                .chain([(since, time.truth)])
                .map(|(start, end)| end.saturating_sub(start.max(from)))
                .sum();
            let most = u64::from(duty.on.as_ticks());
            assert!(on <= most + slack, "on for {on} ms of {most} in the window");
        }
    }

    fn on_ms(&self, now: u64) -> u64 {
        let past: u64 = self.spells.iter().map(|(start, end)| end - start).sum();
        past + self.on_since.map_or(0, |since| now - since)
    }
}

fn config(tape: &mut Tape) -> Config {
    let kinds = tape.byte();
    let min_on = tape.ms(20);
    let min_off = tape.ms(30);
    let mut config = Config::new();
    config.min_on = min_on;
    config.min_off = min_off;
    if kinds & 1 != 0 {
        let time = min_on + tape.ms(60) + MillisDurationU32::from_ticks(1);
        config.max_on = Some(MaxOn {
            time,
            cool_down: tape.ms(80),
            latch: tape.below(4) == 0,
        });
    }
    if kinds & 2 != 0 {
        let on = min_on + tape.ms(60) + MillisDurationU32::from_ticks(1);
        let window = on + tape.ms(250);
        config.duty = Some(Duty { on, window });
    }
    if kinds & 4 != 0 {
        config.on_delay = tape.ms(30);
        config.off_delay = tape.ms(30);
    }
    config.period = min_on + min_off + tape.ms(60);
    config.patience = MillisDurationU32::from_ticks(20 + u32::from(tape.below(180)));
    config.write_ahead = kinds & 8 != 0;
    config
}

fn command(tape: &mut Tape) -> Command {
    match tape.below(8) {
        0..=2 => Command::On,
        3 => Command::Off,
        4 => Command::Toggle,
        5..=6 => Command::Pulse(tape.ms(100)),
        _ => {
            let share = u16::from(tape.byte()) * 4;
            Permille::new(share).map_or(Command::Off, Command::Proportional)
        }
    }
}

/// What may happen in a history.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent")]
struct Mode {
    hang: bool,
    small_jumps: bool,
    pin_errors: bool,
    /// Stores a record whenever it is asked to.
    obedient: bool,
}

impl Mode {
    fn new(tape: &mut Tape) -> Self {
        Self {
            hang: tape.below(4) == 0,
            small_jumps: tape.below(4) == 0,
            pin_errors: tape.flag(),
            obedient: tape.below(4) != 0,
        }
    }
}

/// Most outputs of a history.
const MOST: usize = 3;

type Answer = Result<[Option<Update>; MOST], Error<u8>>;

fn answer<const N: usize>(updates: Result<[Update; N], Error<u8>>) -> Answer {
    let mut updates = updates?.into_iter();
    Ok([(); MOST].map(|()| updates.next()))
}

/// What a driver of some outputs is to a history.
trait Subject: Sized {
    const OUTPUTS: usize;

    fn start(pins: &[Pin], configs: &[Config], flash: &[Option<State>], dead: u32, now: Instant) -> Self;
    fn guard(&self, output: usize) -> &Guard;
    fn command(&mut self, output: usize, command: Command, now: Instant) -> Answer;
    fn trip(&mut self, fault: Fault, now: Instant) -> Answer;
    fn acknowledge(&mut self, now: Instant) -> Answer;
    fn update(&mut self, now: Instant) -> Answer;
    fn record(&mut self) -> Vec<State>;
    fn stored(&mut self, states: &[State]);
}

impl Subject for Relay<Pin> {
    const OUTPUTS: usize = 1;

    fn start(pins: &[Pin], configs: &[Config], flash: &[Option<State>], _dead: u32, now: Instant) -> Self {
        match Self::new(pins[0].clone(), configs[0], flash[0], now) {
            Ok(relay) => relay,
            Err(failure) => panic!("{failure}"),
        }
    }

    fn guard(&self, _output: usize) -> &Guard {
        Relay::guard(self)
    }

    fn command(&mut self, _output: usize, command: Command, now: Instant) -> Answer {
        answer(Relay::command(self, command, now).map(|update| [update]))
    }

    fn trip(&mut self, fault: Fault, now: Instant) -> Answer {
        answer(Relay::trip(self, fault, now).map(|update| [update]))
    }

    fn acknowledge(&mut self, now: Instant) -> Answer {
        answer(Relay::acknowledge(self, now).map(|update| [update]))
    }

    fn update(&mut self, now: Instant) -> Answer {
        answer(Relay::update(self, now).map(|update| [update]))
    }

    fn record(&mut self) -> Vec<State> {
        vec![Relay::record(self)]
    }

    fn stored(&mut self, states: &[State]) {
        Relay::stored(self, &states[0]);
    }
}

impl Subject for Group<Pin, MOST> {
    const OUTPUTS: usize = MOST;

    fn start(pins: &[Pin], configs: &[Config], flash: &[Option<State>], dead: u32, now: Instant) -> Self {
        let pins = [pins[0].clone(), pins[1].clone(), pins[2].clone()];
        let configs = [configs[0], configs[1], configs[2]];
        let flash = [flash[0], flash[1], flash[2]];
        match Self::new(pins, configs, flash, MillisDurationU32::from_ticks(dead), now) {
            Ok(group) => group,
            Err(failure) => panic!("{failure}"),
        }
    }

    fn guard(&self, output: usize) -> &Guard {
        &self.interlock().members()[output]
    }

    fn command(&mut self, output: usize, command: Command, now: Instant) -> Answer {
        answer(Group::command(self, output, command, now))
    }

    fn trip(&mut self, fault: Fault, now: Instant) -> Answer {
        answer(Group::trip(self, fault, now))
    }

    fn acknowledge(&mut self, now: Instant) -> Answer {
        answer(Group::acknowledge(self, now))
    }

    fn update(&mut self, now: Instant) -> Answer {
        answer(Group::update(self, now))
    }

    fn record(&mut self) -> Vec<State> {
        Group::record(self).to_vec()
    }

    fn stored(&mut self, states: &[State]) {
        Group::stored(self, &[states[0], states[1], states[2]]);
    }
}

/// One history of a subject.
struct History<S> {
    time: Time,
    mode: Mode,
    dead: u32,
    configs: Vec<Config>,
    pins: Vec<Pin>,
    judges: Vec<Judge>,
    flash: Vec<Option<State>>,
    /// Since the start no jump, no pin error and no reset, so that the counters are exact.
    exact: bool,
    subject: S,
    tally: Tally,
}

impl<S: Subject> History<S> {
    fn new(tape: &mut Tape) -> Self {
        let mode = Mode::new(tape);
        let dead = 1 + u32::from(tape.below(40));
        let mut configs: Vec<Config> = (0..S::OUTPUTS).map(|_| config(tape)).collect();
        let (patience, write_ahead) = (configs[0].patience, configs[0].write_ahead);
        for config in &mut configs {
            config.patience = patience;
            config.write_ahead = write_ahead;
        }
        let time = Time::new(tape, &configs[0]);
        let pins: Vec<Pin> = configs.iter().map(|_| Pin::default()).collect();
        let judges = configs.iter().zip(&pins);
        let judges = judges
            .map(|(config, pin)| Judge::new(*config, pin.clone()))
            .collect();
        let flash: Vec<Option<State>> = configs.iter().map(|_| Some(State::unused())).collect();
        let now = Instant::from_ticks(time.clock());
        let subject = S::start(&pins, &configs, &flash, dead, now);
        // Only a record that is written ahead remains true when it is switched on.
        let flash = if write_ahead {
            flash
        } else {
            vec![None; S::OUTPUTS]
        };
        let tally = Tally::default();
        let mut history = Self {
            time,
            mode,
            dead,
            configs,
            pins,
            judges,
            flash,
            exact: true,
            subject,
            tally,
        };
        history.promise();
        history
    }

    /// The driver has said when to look again.
    fn promise(&mut self) {
        let guards = (0..S::OUTPUTS).map(|index| self.subject.guard(index));
        self.time.promise(guards.filter_map(Guard::deadline).min());
    }

    /// What must hold at every moment.
    fn look(&mut self) {
        let lit = self.pins.iter().filter(|pin| pin.is_on()).count();
        assert!(lit <= 1, "{lit} outputs of the group are on");
        for index in 0..S::OUTPUTS {
            let went_on = self.judges[index].look(&self.time);
            let others = self
                .judges
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index);
            for (_, other) in others.filter(|_| went_on) {
                let off = self.time.truth - other.off_since() + self.time.gained;
                assert!(off >= u64::from(self.dead), "another was on {off} ms ago");
            }
            if !self.pins[index].is_on() {
                continue;
            }
            if self.configs[index].write_ahead {
                let may_be_on = self.flash[index].is_some_and(|state| state.may_be_on());
                assert!(may_be_on, "on without a record");
            }
            let fault = self.subject.guard(index).fault();
            assert!(fault.is_none() || !self.pins[index].is_ok(), "on with {fault:?}");
        }
    }

    /// What must hold of what the driver says.
    fn check(&mut self, answer: Answer, commanded: Option<usize>) {
        let expected = self.time.expected.take();
        self.exact &= expected.is_none();
        let mut keeps_min_on = self.time.gained + self.time.lost == 0;
        match answer {
            Ok(updates) => {
                for (index, update) in updates.into_iter().flatten().enumerate() {
                    let judge = &mut self.judges[index];
                    assert_eq!(update.level == Level::On, self.pins[index].is_on());
                    assert_eq!(update.fault, self.subject.guard(index).fault());
                    assert!(update.fault.is_none() || update.level == Level::Off);
                    if let Some(Anomaly::Backwards) = expected {
                        assert_eq!(update.anomaly, expected, "member {index}");
                    }
                    let limited = matches!(update.waiting, Some(Waiting::CoolDown | Waiting::Duty));
                    let went_off = judge.on_since.is_some() && update.level == Level::Off;
                    let dropped = update.anomaly.is_some() && update.level == Level::Off;
                    keeps_min_on &= update.fault.is_none() && update.anomaly.is_none();
                    judge.asked &= update.fault.is_none() && !dropped && !(limited && went_off);
                    self.exact &= update.anomaly.is_none();
                }
                if S::OUTPUTS == 1 {
                    let anomaly = updates[0].and_then(|update| update.anomaly);
                    assert_eq!(anomaly, expected);
                }
            }
            Err(Error::Refused(_)) => keeps_min_on = false,
            Err(Error::Pin(error)) => {
                assert_eq!(error, 7, "the error of the pin is kept");
                let faults = (0..S::OUTPUTS).filter_map(|index| self.subject.guard(index).fault());
                assert!(faults.count() > 0);
                keeps_min_on = false;
                self.exact = false;
            }
            Err(error) => panic!("{error}"),
        }
        for (index, judge) in self.judges.iter_mut().enumerate() {
            judge.excused |= !keeps_min_on;
            // Also if a jump before the command has dropped what was asked for earlier.
            judge.asked |= commanded == Some(index);
        }
        self.promise();
        self.look();
        // A write that failed may have switched it on before the fault.
        for (index, judge) in self.judges.iter_mut().enumerate() {
            judge.asked |= commanded == Some(index);
            judge.asked &= self.subject.guard(index).fault().is_none();
            judge.excused &= judge.pin.is_on();
        }
    }

    fn pass(&mut self, ms: u64) {
        let until = self.time.truth + ms;
        while let Some(due) = self.time.due.filter(|due| *due <= until) {
            self.time.truth = self.time.truth.max(due);
            self.look();
            self.update();
        }
        self.time.truth = until;
        self.look();
    }

    fn update(&mut self) {
        let now = self.time.look();
        let answer = self.subject.update(now);
        self.check(answer, None);
    }

    /// Makes a record, which may be lost on the way to the flash, or arrive there without anybody knowing.
    fn store(&mut self, how: u8) {
        let states = self.subject.record();
        if how > 0 {
            self.flash = states.iter().copied().map(Some).collect();
        }
        if how > 1 {
            self.subject.stored(&states);
        }
    }

    fn command(&mut self, tape: &mut Tape) {
        let output = usize::from(tape.byte()) % S::OUTPUTS;
        let command = command(tape);
        let now = self.time.look();
        let judge = &mut self.judges[output];
        let before = judge.asked;
        judge.asked |= command != Command::Off;
        judge.repeats = matches!(command, Command::Proportional(_));
        let answer = self.subject.command(output, command, now);
        let commanded = (command != Command::Off && answer.is_ok()).then_some(output);
        if let Err(Error::Refused(_)) = answer {
            self.judges[output].asked = before;
        }
        self.check(answer, commanded);
        if command == Command::Off {
            self.judges[output].asked = false;
        }
        if self.mode.obedient && self.configs[0].write_ahead {
            self.store(2);
            self.update();
        }
    }

    fn reset(&mut self, tape: &mut Tape) {
        self.exact = false;
        for pin in &self.pins {
            pin.reset();
        }
        for judge in &mut self.judges {
            judge.excused = true;
            judge.asked = false;
        }
        self.look();
        self.time.truth += u64::from(tape.byte());
        if tape.below(8) == 0 {
            self.flash.fill(None);
        }
        let lost = |(state, guard): (&Option<State>, Option<Fault>)| {
            assert_eq!(state.and_then(|state| state.fault()), guard, "the fault is lost");
        };
        self.time.restart();
        let now = Instant::from_ticks(self.time.clock());
        self.subject = S::start(&self.pins, &self.configs, &self.flash, self.dead, now);
        for (index, state) in self.flash.iter().enumerate() {
            lost((state, self.subject.guard(index).fault()));
            self.judges[index].boot = self.time.truth;
        }
        self.promise();
    }

    fn step(&mut self, tape: &mut Tape) {
        self.tally.steps += 1;
        match tape.below(16) {
            0..=4 => self.command(tape),
            5..=8 => self.pass(u64::from(tape.byte())),
            9 => self.store(tape.below(3)),
            10 => {
                self.tally.jumps += 1;
                self.exact = false;
                self.time.jump(tape, self.mode.small_jumps);
            }
            11 if self.mode.pin_errors => {
                let failures = [tape.flag(), tape.flag(), tape.flag()];
                let pin = usize::from(tape.byte()) % S::OUTPUTS;
                self.pins[pin].break_next(&failures[..=usize::from(tape.below(3))]);
            }
            12 => {
                self.tally.resets += 1;
                self.reset(tape);
            }
            13 => {
                let now = self.time.look();
                let answer = self.subject.acknowledge(now);
                self.check(answer, None);
            }
            14 if tape.flag() => {
                let now = self.time.look();
                let answer = self.subject.trip(Fault::Stop, now);
                self.check(answer, None);
            }
            15 if self.mode.hang => {
                self.time.truth += u64::from(tape.byte()) * 4;
                self.update();
            }
            _ => self.update(),
        }
    }

    fn finish(mut self) -> Tally {
        self.look();
        for (index, judge) in self.judges.iter().enumerate() {
            let counters = self.subject.guard(index).counters();
            if self.exact {
                assert_eq!(u64::from(counters.switchings), judge.switchings);
                let seen = self.time.seen.1;
                assert_eq!(counters.on_ms, judge.on_ms(seen));
            }
            self.tally.switchings += judge.switchings;
            self.tally.pin_errors += judge.pin.0.borrow().failed;
        }
        self.tally.histories = 1;
        self.tally
    }
}

fn run<S: Subject>(bytes: &[u8]) -> Tally {
    let mut tape = Tape(bytes);
    let mut history = History::<S>::new(&mut tape);
    while !tape.0.is_empty() {
        history.step(&mut tape);
    }
    history.finish()
}

/// A history of one relay.
pub(crate) fn relay(bytes: &[u8]) -> Tally {
    run::<Relay<Pin>>(bytes)
}

/// A history of three interlocked relays.
pub(crate) fn group(bytes: &[u8]) -> Tally {
    run::<Group<Pin, MOST>>(bytes)
}

/// A latching relay as it is: it closes as soon as the set coil has current, and opens when the reset coil has had
/// it for the whole of its pulse.
struct Bistable {
    set: Pin,
    reset: Pin,
    pulses: Pulses,
    set_since: Option<u64>,
    reset_since: Option<u64>,
    /// The pin of the coil could not be written since it went on.
    stuck: [bool; 2],
    /// Since when it is closed.
    closed: Option<u64>,
    /// A coil could not be written or the reset came while it was closed, so it may be closed for longer.
    excused: bool,
}

impl Bistable {
    fn look(&mut self, time: &Time) {
        let now = time.truth;
        assert!(
            !(self.set.is_on() && self.reset.is_on()),
            "both coils have current"
        );
        let slack = time.late + time.lost;
        let coils = [
            (&self.set, &mut self.set_since, self.pulses.set),
            (&self.reset, &mut self.reset_since, self.pulses.reset),
        ];
        for (index, (pin, since, pulse)) in coils.into_iter().enumerate() {
            self.stuck[index] = pin.is_on() && (self.stuck[index] || !pin.is_ok());
            if pin.is_on() {
                let since = *since.get_or_insert(now);
                let most = u64::from(pulse.as_ticks()) + slack;
                let on = now - since;
                assert!(
                    on <= most || self.stuck[index],
                    "{on} ms of current for a pulse of {most}"
                );
            }
        }
        let whole = u64::from(self.pulses.reset.as_ticks());
        if self.reset_since.is_some_and(|since| now - since >= whole) {
            self.closed = None;
            self.excused = false;
        }
        if self.set.is_on() {
            self.closed.get_or_insert(now);
        }
        if !self.set.is_on() {
            self.set_since = None;
        }
        if !self.reset.is_on() {
            self.reset_since = None;
        }
    }
}

/// A history of one latching relay.
#[allow(clippy::too_many_lines, reason = "it is one loop")]
pub(crate) fn latching(bytes: &[u8]) -> Tally {
    let mut tape = Tape(bytes);
    let mode = Mode::new(&mut tape);
    let mut config = config(&mut tape);
    config.write_ahead = false;
    let one = MillisDurationU32::from_ticks(1);
    let pulses = Pulses {
        set: tape.ms(40) + one,
        reset: tape.ms(40) + one,
    };
    let mut time = Time::new(&mut tape, &config);
    let (set, reset) = (Pin::default(), Pin::default());
    let mut contact = Bistable {
        set: set.clone(),
        reset: reset.clone(),
        pulses,
        set_since: None,
        reset_since: None,
        stuck: [false; 2],
        closed: tape.flag().then_some(0),
        excused: true,
    };
    let start = |state, time: &Time| {
        let now = Instant::from_ticks(time.clock());
        match LatchingRelay::new(set.clone(), reset.clone(), pulses, config, state, now) {
            Ok(relay) => relay,
            Err(failure) => panic!("{failure}"),
        }
    };
    let mut relay = start(Some(State::unused()), &time);
    let mut tally = Tally {
        histories: 1,
        ..Tally::default()
    };
    let mut answer = relay.update(time.look());
    loop {
        time.promise(relay.deadline());
        contact.look(&time);
        if let Err(error) = answer {
            assert!(matches!(error, Error::Pin(7) | Error::Refused(_)));
            contact.excused |= error == Error::Pin(7);
        }
        let open = relay.guard().level() == Level::Off && !relay.guard().is_uncertain();
        if open && time.gained == 0 {
            assert_eq!(contact.closed, None, "taken for open");
        }
        // A clock that jumps during a pulse makes it longer, and a jump that nobody can notice makes it too short.
        contact.excused |= time.expected.take().is_some() || time.gained > 0;
        if let (Some(since), Some(max_on), false) = (contact.closed, config.max_on, contact.excused) {
            let most = u64::from(max_on.time.as_ticks() + pulses.reset.as_ticks());
            let on = time.truth - since;
            assert!(on <= most + time.late + time.lost, "closed for {on} ms of {most}");
        }
        if tape.0.is_empty() {
            break;
        }
        tally.steps += 1;
        let step = tape.below(16);
        let until = match step {
            5..=9 => time.truth + u64::from(tape.byte()),
            _ => time.truth,
        };
        while let Some(due) = time.due.filter(|due| *due < until) {
            time.truth = time.truth.max(due);
            contact.look(&time);
            let failed = matches!(relay.update(time.look()), Err(Error::Pin(_)));
            time.promise(relay.deadline());
            contact.look(&time);
            contact.excused |= failed;
        }
        time.truth = until;
        match step {
            10 => {
                tally.jumps += 1;
                time.jump(&mut tape, mode.small_jumps);
            }
            11 if mode.pin_errors => {
                let failures = [tape.flag(), tape.flag(), tape.flag()];
                let pin = if tape.flag() { &set } else { &reset };
                pin.break_next(&failures[..=usize::from(tape.below(3))]);
            }
            12 => {
                tally.resets += 1;
                let state = tape.flag().then(|| relay.record());
                for pin in [&set, &reset] {
                    pin.reset();
                }
                contact.look(&time);
                contact.excused = true;
                time.truth += u64::from(tape.byte());
                time.restart();
                relay = start(state, &time);
            }
            15 if mode.hang => time.truth += u64::from(tape.byte()) * 4,
            _ => {}
        }
        let now = time.look();
        contact.look(&time);
        answer = match step {
            0..=4 => relay.command(command(&mut tape), now),
            13 => relay.acknowledge(now),
            14 if tape.flag() => relay.trip(Fault::Stop, now),
            _ => relay.update(now),
        };
        tally.switchings += u64::from(contact.set.is_on() && contact.set_since.is_none());
    }
    tally.pin_errors = set.0.borrow().failed + reset.0.borrow().failed;
    tally
}
