//! An exchange over a UART: lines, response codes, and what comes unasked.

use crate::command::{Effect, Reply, Request};
use crate::terms::Terms;
use crate::text::Text;
use crate::{Fault, Switch};
use fugit::MillisDurationU32;
use heapless::{Deque, Vec};
use quantity::Microlitres;

/// A circuit on a UART of its own: the UART, a delay, and what is known of the circuit.
///
/// `N` is the length of the longest line. 48 bytes do for all but `M,all` of an RTD circuit.
#[derive(Debug)]
pub struct Uart<U, D, const N: usize = 48> {
    pub(crate) serial: U,
    pub(crate) delay: D,
    pub(crate) link: Link<N>,
}

impl<U, D> Uart<U, D> {
    /// Takes a UART, at 9600 baud unless the circuit was told otherwise, and a delay. Does no I/O.
    ///
    /// The UART has to keep what it receives between calls: take a buffered one. An async one must not lose bytes
    /// when a read is dropped.
    pub fn new(serial: U, delay: D) -> Self {
        Self::with_line(serial, delay)
    }
}

impl<U, D, const N: usize> Uart<U, D, N> {
    /// Reads lines of `N` bytes: `Uart::<_, _, 512>::with_line(..)`.
    pub fn with_line(serial: U, delay: D) -> Self {
        Self {
            serial,
            delay,
            link: Link::new(),
        }
    }

    /// Sets how long an answer is waited for. Default 3 s.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: MillisDurationU32) -> Self {
        self.link.deadline = deadline;
        self
    }

    /// What came unasked during exchanges, oldest first.
    pub fn next_event(&mut self) -> Option<Event> {
        self.link.events.pop_front()
    }

    /// How many events have been lost since the start, because nobody took them or they were too long.
    pub const fn lost_events(&self) -> u32 {
        self.link.lost
    }

    /// Gives the UART and the delay back.
    pub fn release(self) -> (U, D) {
        (self.serial, self.delay)
    }
}

/// What a circuit sends unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// `*OV`: the supply is 5.5 V or more.
    OverVoltage,
    /// `*UV`: the supply is 3.1 V or less.
    UnderVoltage,
    /// `*UV,PUMPPWR`: the motor has no supply.
    NoMotorPower,
    /// `*RS`: it was reset, and with it the temperature that it compensates for.
    Reset,
    /// `*RE`: it is ready after a reset.
    Ready,
    /// `*SL`: it sleeps.
    Sleeping,
    /// `*WA`: it woke up.
    Awake,
    /// `*WARM`: it is warming up.
    WarmingUp,
    /// `*DONE,v`: the pump is done, after this volume.
    Dispensed(Microlitres),
    /// `*MINVOL`: the pump cannot dispense so little.
    TooLittle,
    /// `*TOOFAST`: the pump cannot go that fast.
    TooFast,
    /// A reading of continuous mode, or the report of a pump. [`Circuit::reading`](crate::Circuit::reading) reads it.
    Reading(Line),
    /// Anything else.
    Other(Line),
}

#[cfg(feature = "defmt")]
impl defmt::Format for Event {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Debug2Format(self));
    }
}

/// A line that came unasked, up to 40 bytes of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line(Vec<u8, 40>);

impl Line {
    fn new(bytes: &[u8]) -> Self {
        Self(bytes.iter().copied().take(40).collect())
    }

    /// The line for a parser.
    pub fn text(&self) -> Text<'_> {
        Text::new(&self.0)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Event {
    fn of(line: &[u8]) -> Self {
        let text = Text::new(line);
        let mut fields = text.fields();
        let token = fields.next().unwrap_or_default();
        match (upper(token).as_slice(), fields.next()) {
            (b"*OV", _) => Self::OverVoltage,
            (b"*UV", Some(_)) => Self::NoMotorPower,
            (b"*UV", None) => Self::UnderVoltage,
            (b"*RS", _) => Self::Reset,
            (b"*RE", _) => Self::Ready,
            (b"*SL", _) => Self::Sleeping,
            (b"*WA", _) => Self::Awake,
            (b"*WARM", _) => Self::WarmingUp,
            (b"*MINVOL", _) => Self::TooLittle,
            (b"*TOOFAST", _) => Self::TooFast,
            (b"*DONE", Some(volume)) => {
                Microlitres::parse(volume).map_or_else(|_| Self::Other(Line::new(line)), Self::Dispensed)
            }
            ([b'0'..=b'9' | b'-' | b'+' | b'.', ..], _) => Self::Reading(Line::new(line)),
            _ => Self::Other(Line::new(line)),
        }
    }

    const fn is_reading(&self) -> bool {
        matches!(self, Self::Reading(_))
    }
}

/// The first bytes in capitals, as many as the longest token has.
fn upper(token: &[u8]) -> Vec<u8, 8> {
    token.iter().map(u8::to_ascii_uppercase).take(8).collect()
}

/// What a front end has to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// Write this and have it sent.
    Write(&'a [u8]),
    /// Hand bytes to [`Link::received`] until it says that it is enough, for this long at most; then call
    /// [`Link::expired`]. If the time is zero, those that are there already.
    Listen(MillisDurationU32),
    /// Let time pass.
    Wait(MillisDurationU32),
    /// Nothing; the exchange is over.
    Done,
}

const fn ms(ms: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(ms)
}

/// Ends a command, also one that somebody left half-way.
const END: &[u8] = b"\r";

/// Commands are executed in order, and nothing else has this answer: when it comes, nothing older can.
const PROBE: &[u8] = b"*OK,?\r";

/// For the rest of a line, and for what the circuit makes of a lone carriage return.
const QUIET: MillisDurationU32 = ms(50);
const PROBING: MillisDurationU32 = ms(1_000);
/// `*OK` follows at once, and takes 133 ms at 300 baud.
const CODE: MillisDurationU32 = ms(300);
/// At least 10 ms are needed between waking a circuit and the first command that counts.
const WAKING: MillisDurationU32 = ms(20);
/// A circuit has answered 740 ms to 850 ms after power-up.
const RESTARTING: MillisDurationU32 = ms(2_000);
/// A receiver that overran tells that once; a line that was pulled and plugged a few times.
const DISTURBANCES: u8 = 4;
/// More than any answer, even with a continuous stream of readings during it, at any rate that a deadline allows.
const BABBLE: u32 = 8_192;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Bringing both sides together: a lone carriage return, then the probe.
    Nudge,
    Quiet,
    Probe,
    Probing,
    ProbeWoken,
    ProbeCode,
    /// What came before the command.
    Drain,
    Send,
    Answer,
    Woken,
    /// Asking whether a command without an answer was taken.
    Confirm,
    Confirming,
    /// The tokens that follow some commands.
    After,
    /// Waiting for events.
    Hear(MillisDurationU32),
    Over,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(crate) struct Link<const N: usize> {
    deadline: MillisDurationU32,
    line: Vec<u8, N>,
    /// The line does not fit.
    overlong: bool,
    /// The line began before the command was sent.
    stale: bool,
    events: Deque<Event, 8>,
    lost: u32,
    in_sync: bool,
    codes: Switch,
    phase: Phase,
    request: Vec<u8, 41>,
    terms: Option<Terms>,
    answer: Vec<u8, N>,
    /// What was said before `*ER`.
    cause: Option<Fault>,
    fault: Option<Fault>,
    resent: bool,
    received: u32,
    disturbances: u8,
}

impl<const N: usize> Link<N> {
    const fn new() -> Self {
        Self {
            deadline: ms(3_000),
            line: Vec::new(),
            overlong: false,
            stale: false,
            events: Deque::new(),
            lost: 0,
            in_sync: false,
            codes: Switch::On,
            phase: Phase::Idle,
            request: Vec::new(),
            terms: None,
            answer: Vec::new(),
            cause: None,
            fault: None,
            resent: false,
            received: 0,
            disturbances: 0,
        }
    }

    /// Starts an exchange. An empty request only waits for more of an answer.
    pub(crate) fn begin(&mut self, request: &Request, terms: Terms) {
        self.in_sync &= self.phase == Phase::Idle;
        self.request.clear();
        let end = if request.as_bytes().is_empty() {
            &[][..]
        } else {
            END
        };
        // A request is 40 bytes at most.
        self.request.extend(request.as_bytes().iter().chain(end).copied());
        self.terms = Some(terms);
        self.answer.clear();
        self.cause = None;
        self.fault = None;
        self.resent = false;
        self.received = 0;
        self.disturbances = 0;
        self.stale = false;
        self.phase = match (self.request.is_empty(), self.in_sync) {
            (true, _) => Phase::Answer,
            (_, true) => Phase::Drain,
            (_, false) => Phase::Nudge,
        };
    }

    /// Starts to wait for an event, unless there is one.
    pub(crate) fn begin_hearing(&mut self, time: MillisDurationU32) {
        self.in_sync &= self.phase == Phase::Idle;
        self.fault = None;
        self.received = 0;
        self.phase = if self.events.is_empty() {
            Phase::Hear(time)
        } else {
            Phase::Over
        };
    }

    /// Starts to wait for the circuit to come up again at another rate.
    pub(crate) fn begin_restart(&mut self) {
        self.fault = None;
        self.received = 0;
        self.line.clear();
        self.phase = Phase::After;
    }

    /// Ends an exchange that the UART broke. One that the circuit ended is over already.
    pub(crate) fn abort_unless_refused(&mut self) {
        self.in_sync &= self.phase == Phase::Idle;
        self.phase = Phase::Idle;
    }

    /// Takes note that the other side may not be where it was.
    pub(crate) const fn lose_sync(&mut self) {
        self.in_sync = false;
    }

    /// The text of the answer.
    pub(crate) fn answer(&self) -> &[u8] {
        &self.answer
    }

    pub(crate) fn pop_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The next thing to do. Call again once it has been done.
    pub(crate) fn step(&mut self) -> Result<Step<'_>, Fault> {
        if let Some(fault) = self.fault.take() {
            self.phase = Phase::Idle;
            // A refusal is an answer; after anything else there may be one to come.
            self.in_sync &= matches!(
                fault,
                Fault::Syntax | Fault::TooFast | Fault::TooLittle | Fault::NoMotorPower
            );
            return Err(fault);
        }
        Ok(match self.phase {
            Phase::Idle => Step::Done,
            Phase::Nudge => {
                self.phase = Phase::Quiet;
                Step::Write(END)
            }
            Phase::Quiet => Step::Listen(QUIET),
            Phase::Probe => {
                self.phase = Phase::Probing;
                Step::Write(PROBE)
            }
            Phase::Probing | Phase::Confirming => Step::Listen(PROBING),
            Phase::ProbeWoken => {
                self.phase = Phase::Probe;
                Step::Wait(WAKING)
            }
            Phase::ProbeCode => Step::Listen(CODE),
            Phase::Drain => Step::Listen(ms(0)),
            Phase::Send => {
                self.phase = Phase::Answer;
                self.stale = !self.line.is_empty() || self.overlong;
                Step::Write(&self.request)
            }
            Phase::Answer => Step::Listen(self.answer_time()),
            Phase::Woken => {
                self.phase = Phase::Send;
                Step::Wait(WAKING)
            }
            Phase::Confirm => {
                self.phase = Phase::Confirming;
                Step::Write(PROBE)
            }
            Phase::After => Step::Listen(match self.effect() {
                Effect::Restart | Effect::Rate(_) => RESTARTING,
                _ => CODE,
            }),
            Phase::Hear(time) => Step::Listen(time),
            Phase::Over => {
                self.phase = Phase::Idle;
                Step::Done
            }
        })
    }

    /// Takes a byte. Returns whether there is something else to do than to listen on.
    pub(crate) fn received(&mut self, byte: u8) -> bool {
        let before = self.phase;
        self.received += 1;
        match byte {
            b'\r' => self.end_of_line(),
            b'\n' => {}
            _ => self.overlong |= self.line.push(byte).is_err(),
        }
        if self.received > BABBLE {
            self.fault = Some(Fault::Babble);
        }
        self.fault.is_some() || self.phase != before
    }

    /// Takes note of an error of the UART's receiver. Returns whether to go on: while everything is left behind that
    /// came before the command, an error is about that, as when nobody has listened to the reports of a pump for so
    /// long that the receiver overran. It must not keep the command from being sent.
    pub(crate) fn disturbed(&mut self) -> bool {
        let before_command = matches!(self.phase, Phase::Quiet | Phase::Drain);
        if !before_command || self.disturbances == DISTURBANCES {
            return false;
        }
        self.disturbances += 1;
        // What follows up to the end of the line may be the end of another one.
        self.overlong = true;
        self.phase = Phase::Nudge;
        true
    }

    /// Takes note that the time to listen is over.
    pub(crate) fn expired(&mut self) {
        let effect = self.effect();
        self.phase = match self.phase {
            Phase::Quiet => Phase::Probe,
            Phase::ProbeCode => Phase::Drain,
            Phase::Drain => Phase::Send,
            Phase::Answer if self.is_silent() && matches!(effect, Effect::Rate(_)) => Phase::Over,
            Phase::Answer if self.is_silent() && !effect.is_silent() => Phase::Confirm,
            Phase::Hear(_) => Phase::Over,
            // The answer is there; the tokens after it were not seen, which happens when a circuit leaves.
            Phase::After => {
                self.in_sync = false;
                Phase::Over
            }
            phase => {
                self.fault = Some(Fault::Timeout);
                phase
            }
        };
    }

    fn effect(&self) -> Effect {
        self.terms.map_or(Effect::None, |terms| terms.effect)
    }

    /// Whether success has no answer, or may have none.
    fn is_silent(&self) -> bool {
        let acknowledges = self.terms.is_some_and(|terms| terms.reply == Reply::Acknowledge);
        acknowledges && (!self.codes.is_on() || matches!(self.effect(), Effect::Codes(_)))
    }

    fn answer_time(&self) -> MillisDurationU32 {
        match self.terms {
            Some(terms) if self.is_silent() && !terms.effect.is_silent() => terms.delay,
            _ => self.deadline,
        }
    }

    fn end_of_line(&mut self) {
        let line = core::mem::take(&mut self.line);
        let overlong = core::mem::take(&mut self.overlong);
        let stale = core::mem::take(&mut self.stale);
        if line.is_empty() {
            return;
        }
        if overlong {
            match self.phase {
                Phase::Answer if !stale && !line.starts_with(b"*") => self.fault = Some(Fault::Truncated),
                Phase::Probing if probe_answer(&line).is_some() => self.probed(&line),
                _ => self.lost += 1,
            }
        } else if stale {
            self.unasked(&line);
        } else {
            match self.phase {
                Phase::Probing | Phase::Confirming => self.probed(&line),
                Phase::ProbeCode if is(&line, "*OK") => self.phase = Phase::Drain,
                Phase::Answer => self.answered(&line),
                Phase::After => self.followed(&line),
                _ => self.unasked(&line),
            }
        }
    }

    /// A line after the probe.
    fn probed(&mut self, line: &[u8]) {
        let confirming = self.phase == Phase::Confirming;
        if let Some(codes) = probe_answer(line) {
            self.codes = codes;
            // With codes on one more follows, which the next exchange leaves behind.
            self.phase = match (confirming, codes) {
                (true, _) => Phase::Over,
                (false, Switch::On) => Phase::ProbeCode,
                (false, Switch::Off) => Phase::Drain,
            };
            self.in_sync = !confirming || codes == Switch::Off;
        } else if confirming && is(line, "*ER") {
            self.fault = Some(self.cause.take().unwrap_or(Fault::Syntax));
        } else {
            if is(line, "*WA") && !self.resent && !confirming {
                self.resent = true;
                self.phase = Phase::ProbeWoken;
            }
            self.unasked(line);
        }
    }

    /// A line after the command.
    fn answered(&mut self, line: &[u8]) {
        let Some(terms) = self.terms else { return };
        let event = Event::of(line);
        match (line.first(), terms.reply, &event) {
            (_, reply, _) if is(line, "*OK") => match reply {
                Reply::Acknowledge => self.accepted(terms.effect),
                Reply::Query | Reply::Line | Reply::Any if !self.answer.is_empty() => {
                    self.phase = Phase::Over;
                }
                // That of an older command.
                _ => {}
            },
            _ if is(line, "*ER") => self.fault = Some(self.cause.take().unwrap_or(Fault::Syntax)),
            (Some(b'*'), Reply::Done, Event::Dispensed(_)) => self.complete(line),
            (Some(b'*'), Reply::Chunk, _) if is(line, "*DONE") => self.complete(line),
            (Some(b'*'), _, _) => self.token(line, event, terms),
            (Some(b'?'), Reply::Query | Reply::Any, _) => self.data(line),
            (Some(b'?'), _, _) => self.unasked(line),
            (_, Reply::Line | Reply::Any, _) => self.data(line),
            (_, Reply::Chunk, _) => self.complete(line),
            _ => self.unasked(line),
        }
    }

    /// A token that is no answer.
    fn token(&mut self, line: &[u8], event: Event, terms: Terms) {
        match (event, terms.effect) {
            (Event::Awake, _) if !self.resent => {
                self.resent = true;
                self.phase = Phase::Woken;
            }
            (Event::Sleeping, Effect::Sleep) => {
                self.phase = Phase::Over;
                return;
            }
            (Event::Reset | Event::Ready, effect) if effect.is_silent() => {
                self.accepted(effect);
                return self.followed(line);
            }
            (Event::Reset | Event::Ready, _) => self.fault = Some(Fault::Restarted),
            (Event::WarmingUp, _) if terms.reply == Reply::Line => self.fault = Some(Fault::WarmingUp),
            (Event::TooFast, _) => self.cause = Some(Fault::TooFast),
            (Event::TooLittle, _) => self.cause = Some(Fault::TooLittle),
            (Event::NoMotorPower, _) => self.cause = Some(Fault::NoMotorPower),
            _ => {}
        }
        self.unasked(line);
    }

    /// The command was taken; some have more to come.
    fn accepted(&mut self, effect: Effect) {
        self.phase = match effect {
            Effect::Sleep | Effect::Restart | Effect::Leave | Effect::Move(_) => Phase::After,
            Effect::None | Effect::Format | Effect::Rate(_) => Phase::Over,
            Effect::Codes(codes) => {
                self.codes = codes;
                Phase::Over
            }
        };
    }

    /// A line after a command was taken.
    fn followed(&mut self, line: &[u8]) {
        let last = match self.effect() {
            Effect::Sleep => "*SL",
            Effect::Restart | Effect::Rate(_) => "*RE",
            _ => "*RS",
        };
        if is(line, last) {
            self.in_sync &= self.effect() == Effect::Sleep;
            self.phase = Phase::Over;
        } else if !is(line, "*RS") && !is(line, "*OK") {
            self.unasked(line);
        }
    }

    /// A line that may be the answer. With codes on the last before `*OK` is: one before it came unasked.
    fn data(&mut self, line: &[u8]) {
        if !self.answer.is_empty() {
            let older = core::mem::take(&mut self.answer);
            self.unasked(&older);
        }
        self.answer = Vec::from_slice(line).unwrap_or_default();
        if !self.codes.is_on() {
            self.phase = Phase::Over;
        }
    }

    /// A line that is the answer by itself. Whether `*OK` follows `*DONE` is not certain, and it must not pass for
    /// that of the next command.
    fn complete(&mut self, line: &[u8]) {
        self.answer = Vec::from_slice(line).unwrap_or_default();
        self.in_sync &= !line.starts_with(b"*");
        self.phase = Phase::Over;
    }

    /// A line that nobody asked for.
    fn unasked(&mut self, line: &[u8]) {
        if is(line, "*OK") || is(line, "*ER") {
            return;
        }
        let event = Event::of(line);
        if self.events.is_full() {
            self.lost += 1;
            if event.is_reading() {
                return;
            }
            self.drop_oldest_reading();
        }
        if self.events.push_back(event).is_ok() && matches!(self.phase, Phase::Hear(_)) {
            self.phase = Phase::Over;
        }
    }

    /// Makes room for a token: a reading if there is one, else the oldest token goes.
    fn drop_oldest_reading(&mut self) {
        let reading = self.events.iter().position(Event::is_reading).unwrap_or(0);
        for index in 0..self.events.len() {
            let event = self.events.pop_front().filter(|_| index != reading);
            self.events.extend(event);
        }
    }
}

/// The answer to the probe, also behind the rest of a line that never ended.
fn probe_answer(line: &[u8]) -> Option<Switch> {
    let begin = line.iter().rposition(|&byte| byte == b'?').unwrap_or(0);
    let fields = Text::new(line.get(begin..)?).reply("*OK").ok()?;
    fields.only(Switch::parse).ok()
}

fn is(line: &[u8], token: &str) -> bool {
    Text::new(line).is(token)
}
