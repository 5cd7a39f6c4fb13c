//! A circuit in time: supply, sleep, transport, the command under way and its answer.

use std::collections::VecDeque;

use super::common::Settings;
use super::family::{Answer, Env, Event, Family, Outcome, Probe, Then};
use super::faults::EzoFaults;
use super::timing::{EzoDialect, EzoTiming, version_number};
use super::{EzoKind, EzoMode};

const SECOND_NS: u64 = 1_000_000_000;
/// A circuit that nobody listens to stops reporting rather than filling memory.
const MOST_UNSENT: usize = 64;
const LONGEST_LINE: usize = 64;
const CR: u8 = b'\r';

/// From the last answer until the restart that it announces; chosen.
const LAST_WORD_NS: u64 = 20_000_000;
/// How long `*Pending` can be read after an import; chosen.
const PENDING_NS: u64 = 300_000_000;

const PROCESSING: u8 = 254;
const NO_DATA: u8 = 255;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    Off,
    /// Deaf until then.
    Booting(u64),
    Awake,
    Asleep,
    /// Awake but inattentive until then.
    Waking(u64),
}

#[derive(Debug)]
struct Work {
    line: String,
    ready: u64,
}

#[derive(Debug)]
pub(super) struct Circuit {
    pub(super) kind: EzoKind,
    pub(super) timing: EzoTiming,
    pub(super) dialect: EzoDialect,
    pub(super) token: String,
    pub(super) version: String,
    pub(super) family: Box<dyn Family>,
    pub(super) probe: Probe,
    pub(super) temperature: f64,
    pub(super) settings: Settings,
    pub(super) mode: EzoMode,
    pub(super) volts: f64,
    pub(super) cause: char,
    pub(super) finding: bool,
    pub(super) exported: usize,
    pub(super) imported: String,
    pub(super) faults: EzoFaults,
    pub(super) log: Vec<String>,
    pub(super) answered_at: Option<u64>,
    pub(super) at: u64,
    power: Power,
    since: Option<u64>,
    work: Option<Work>,
    queue: VecDeque<String>,
    /// Bytes of a command that is being received; `eating` while they are lost on the wake-up.
    input: Vec<u8>,
    eating: bool,
    /// The answer that waits to be read over I2C, and what is left of the one being read.
    reply: Option<Vec<u8>>,
    frame: VecDeque<u8>,
    output: VecDeque<u8>,
    then: Option<(u64, Then)>,
    next_report: u64,
}

impl Circuit {
    /// Makes a circuit as it comes from the factory, which was switched on long before `at`.
    pub(super) fn new(kind: EzoKind, family: Box<dyn Family>, probe: Probe, at: u64) -> Self {
        let firmware = super::EzoFirmware::New;
        let (token, version) = super::timing::identity(kind, firmware);
        let settings = Settings::new(kind);
        let mut circuit = Self {
            kind,
            timing: EzoTiming::nominal(kind),
            dialect: EzoDialect::new(firmware),
            token: token.to_owned(),
            version: version.to_owned(),
            family,
            probe,
            temperature: 25.0,
            mode: EzoMode::Uart(settings.baud),
            settings,
            volts: 5.0,
            cause: 'P',
            finding: false,
            exported: 0,
            imported: String::new(),
            faults: EzoFaults::default(),
            log: Vec::new(),
            answered_at: None,
            at,
            power: Power::Awake,
            since: None,
            work: None,
            queue: VecDeque::new(),
            input: Vec::new(),
            eating: false,
            reply: None,
            frame: VecDeque::new(),
            output: VecDeque::new(),
            then: None,
            next_report: u64::MAX,
        };
        circuit.with_family(|family, env| family.started(env));
        circuit.schedule_report(at);
        circuit
    }

    /// Runs `f` on the family and what it may look at.
    pub(super) fn with_family<R>(&mut self, f: impl FnOnce(&mut dyn Family, &mut Env<'_>) -> R) -> R {
        let mut env = Env {
            at: self.at,
            since: self.since,
            uart: self.is_uart(),
            version: version_number(&self.version),
            dialect: self.dialect,
            temperature: &mut self.temperature,
            probe: &self.probe,
        };
        f(&mut *self.family, &mut env)
    }

    pub(super) fn is_uart(&self) -> bool {
        matches!(self.mode, EzoMode::Uart(_))
    }

    /// Sets the transport as if it had always been so.
    pub(super) fn set_mode(&mut self, mode: EzoMode) {
        match mode {
            EzoMode::I2c(address) => self.settings.address = address,
            EzoMode::Uart(baud) => self.settings.baud = baud,
        }
        self.mode = mode;
        self.output.clear();
        self.schedule_report(self.at);
    }

    pub(super) fn power(&self) -> Power {
        self.power
    }

    fn listens(&self) -> bool {
        !matches!(self.power, Power::Off | Power::Booting(_))
    }

    // Time.

    pub(super) fn run_to(&mut self, at: u64) {
        while let Some(next) = self.next_event().filter(|&next| next <= at) {
            self.at = self.at.max(next);
            self.fire();
        }
        self.at = self.at.max(at);
        self.with_family(|family, env| family.run_to(env));
    }

    /// When something will happen of its own accord.
    fn next_event(&self) -> Option<u64> {
        if self.power == Power::Off {
            return None;
        }
        let power = match self.power {
            Power::Booting(until) | Power::Waking(until) => Some(until),
            _ => None,
        };
        let work = self.work.as_ref().map(|work| work.ready);
        // Over UART the last answer has to be out before the circuit restarts.
        let then = self.then.filter(|_| !self.is_uart() || self.output.is_empty());
        let report = Some(self.next_report).filter(|_| self.power == Power::Awake && self.is_uart());
        let all = [
            power,
            work,
            then.map(|(at, _)| at),
            report,
            self.faults.brown_out_at,
        ];
        let family = self.family.next_event();
        let all = all.into_iter().chain([family]).flatten();
        all.filter(|&at| at != u64::MAX).min()
    }

    fn fire(&mut self) {
        let at = self.at;
        let due = |time: Option<u64>| time.is_some_and(|time| time <= at);
        self.with_family(|family, env| family.run_to(env));
        if due(self.faults.brown_out_at) {
            self.faults.brown_out_at = None;
            self.restart('B', Then::Restart);
            return;
        }
        match self.power {
            Power::Booting(until) if until <= at => self.booted(),
            Power::Waking(until) if until <= at => {
                self.power = Power::Awake;
                self.schedule_report(at);
            }
            _ => (),
        }
        if let Some((time, then)) = self.then
            && time <= at
            && (!self.is_uart() || self.output.is_empty())
        {
            self.then = None;
            self.restart('S', then);
            return;
        }
        if due(self.work.as_ref().map(|work| work.ready)) {
            self.finish();
        }
        if self.next_report <= at && self.power == Power::Awake && self.is_uart() {
            self.report();
        }
        if due(self.family.next_event()) {
            match self.family.event(at) {
                Event::Token(token) => self.emit(&token),
                Event::Restart => self.restart('S', Then::Restart),
                Event::Nothing => (),
            }
        }
    }

    // Supply.

    pub(super) fn power_off(&mut self) {
        self.power = Power::Off;
        self.forget();
        self.output.clear();
    }

    pub(super) fn power_on(&mut self) {
        if self.power == Power::Off {
            self.start('P');
        }
    }

    pub(super) fn brown_out(&mut self) {
        if self.power != Power::Off {
            self.restart('B', Then::Restart);
        }
    }

    /// Forgets everything that is not in EEPROM.
    fn forget(&mut self) {
        let at = self.at;
        self.family.stopped(at);
        self.work = None;
        self.queue.clear();
        self.input.clear();
        self.eating = false;
        self.reply = None;
        self.frame.clear();
        self.then = None;
        self.finding = false;
        self.exported = 0;
        self.imported.clear();
        self.next_report = u64::MAX;
        self.temperature = 25.0;
    }

    fn restart(&mut self, cause: char, then: Then) {
        self.forget();
        self.output.clear();
        match then {
            Then::Factory => {
                let (address, baud) = (self.settings.address, self.settings.baud);
                self.settings = Settings::new(self.kind);
                (self.settings.address, self.settings.baud) = (address, baud);
                self.with_family(|family, env| family.factory(env));
            }
            Then::ToI2c(address) => {
                self.settings.address = address;
                self.mode = EzoMode::I2c(address);
            }
            Then::ToUart(baud) => {
                self.settings.baud = baud;
                self.mode = EzoMode::Uart(baud);
            }
            _ => (),
        }
        self.start(cause);
    }

    fn start(&mut self, cause: char) {
        self.cause = cause;
        self.since = Some(self.at);
        self.power = Power::Booting(self.at + u64::from(self.timing.boot_ms) * 1_000_000);
        self.emit("*RS");
    }

    fn booted(&mut self) {
        self.power = Power::Awake;
        self.emit("*RE");
        self.with_family(|family, env| family.started(env));
        if self.kind == EzoKind::Co2 {
            self.emit("*WARM");
        }
        self.schedule_report(self.at);
    }

    // Output.

    /// Sends a line over UART; over I2C there is nothing like that.
    pub(super) fn emit(&mut self, line: &str) {
        if self.is_uart() {
            self.output.extend(latin_1(line));
            self.output.push_back(CR);
        }
    }

    fn ok(&mut self) {
        if self.settings.ok {
            self.emit("*OK");
        }
    }

    pub(super) fn schedule_report(&mut self, from: u64) {
        let interval = self.settings.report_seconds.saturating_mul(SECOND_NS);
        self.next_report = match interval {
            0 => u64::MAX,
            interval => from.saturating_add(interval),
        };
    }

    fn report(&mut self) {
        self.schedule_report(self.next_report);
        let wanted = self.settings.report_always || self.family.reports();
        if wanted && self.output.len() < MOST_UNSENT {
            let text = self.with_family(|family, env| family.read(env));
            self.emit(&text);
        }
    }

    // Commands.

    fn accept(&mut self, line: String) {
        self.queue.push_back(line);
        self.begin();
    }

    fn begin(&mut self) {
        if self.work.is_some() {
            return;
        }
        let Some(line) = self.queue.pop_front() else {
            return;
        };
        if self.power != Power::Awake {
            // What came right behind `Sleep` is lost on the wake-up.
            self.queue.clear();
            self.wake();
            return;
        }
        let lower = line.to_lowercase();
        let mut words = lower.split(',');
        let name = words.next().unwrap_or_default();
        let args: Vec<_> = words.collect();
        let delay = self.timing.delay_ns(self.kind, name, &args) + self.faults.next_jitter();
        let ready = if self.faults.hung {
            u64::MAX
        } else {
            self.at.saturating_add(delay)
        };
        if std::mem::take(&mut self.faults.brown_out_next) {
            self.faults.brown_out_at = Some(self.at + delay / 2);
        }
        self.log.push(line.clone());
        self.answered_at = None;
        self.work = Some(Work { line, ready });
    }

    /// Carries the command out and makes its answer available.
    fn finish(&mut self) {
        let Some(work) = self.work.take() else { return };
        let answer = self.execute(&work.line);
        self.answered_at = Some(self.at);
        let then = answer.then;
        if self.is_uart() {
            self.answer_uart(answer);
        } else {
            self.answer_i2c(answer);
        }
        match then {
            Then::Stay => (),
            Then::Sleep => {
                self.emit("*SL");
                self.power = Power::Asleep;
            }
            Then::ToI2c(_) => {
                self.emit("*RS");
                self.then = Some((self.at, then));
            }
            Then::Restart => self.then = Some((self.at + PENDING_NS, then)),
            Then::Factory | Then::ToUart(_) => self.then = Some((self.at + LAST_WORD_NS, then)),
        }
        self.begin();
    }

    fn answer_uart(&mut self, answer: Answer) {
        if self.faults.take_ignored() {
            return;
        }
        for token in &answer.tokens {
            self.emit(token);
        }
        match answer.outcome {
            Outcome::Done => self.ok(),
            Outcome::Text(text) => {
                let (bytes, whole) = self.faults.disturb(latin_1(&text));
                self.output.extend(bytes);
                if whole {
                    self.output.push_back(CR);
                    self.ok();
                }
            }
            Outcome::Bare(lines) => lines.iter().for_each(|line| self.emit(line)),
            Outcome::Refused => self.emit("*ER"),
            Outcome::Silent => (),
        }
    }

    fn answer_i2c(&mut self, answer: Answer) {
        let (status, text) = match answer.outcome {
            Outcome::Done => (1, Vec::new()),
            Outcome::Text(text) => (1, latin_1(&text)),
            Outcome::Bare(lines) => (1, lines.first().map(|line| latin_1(line)).unwrap_or_default()),
            Outcome::Refused => (2, Vec::new()),
            Outcome::Silent => return,
        };
        if self.faults.take_ignored() {
            return;
        }
        let mut frame = vec![self.faults.status.take().unwrap_or(status)];
        frame.extend(self.faults.disturb(text).0);
        self.reply = Some(frame);
    }

    // I2C.

    pub(super) fn address(&mut self, at: u64) -> Option<u8> {
        self.run_to(at);
        match self.mode {
            EzoMode::I2c(address) if self.listens() => Some(address),
            _ => None,
        }
    }

    pub(super) fn i2c_start(&mut self, read: bool) {
        self.input.clear();
        self.frame.clear();
        self.eating = matches!(self.power, Power::Asleep | Power::Waking(_));
        self.wake();
        if read {
            self.frame = if self.eating {
                [NO_DATA].into()
            } else if self.work.is_some() {
                [PROCESSING].into()
            } else {
                self.reply.take().unwrap_or_else(|| vec![NO_DATA]).into()
            };
        }
    }

    pub(super) fn i2c_write(&mut self, byte: u8) {
        if self.input.len() < LONGEST_LINE {
            self.input.push(byte);
        }
    }

    pub(super) fn i2c_read(&mut self) -> u8 {
        self.frame.pop_front().unwrap_or(0)
    }

    pub(super) fn i2c_stop(&mut self, at: u64) {
        self.run_to(at);
        let mut bytes = std::mem::take(&mut self.input);
        if bytes.is_empty() || self.eating || !self.listens() {
            return;
        }
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        // What a command under way does is done; its answer is lost.
        if self.work.is_some() && !self.faults.hung {
            self.finish();
        }
        self.reply = None;
        self.finding = false;
        if self.power == Power::Asleep {
            self.wake();
        } else if self.listens() && self.then.is_none() {
            self.accept(String::from_utf8_lossy(&bytes).into_owned());
        }
    }

    fn wake(&mut self) {
        if self.power == Power::Asleep {
            self.power = Power::Waking(self.at + u64::from(self.timing.wake_ms) * 1_000_000);
            self.emit("*WA");
        }
    }

    // UART.

    pub(super) fn uart_receive(&mut self, at: u64, byte: u8) {
        self.run_to(at);
        if !self.is_uart() || !self.listens() || self.then.is_some() {
            return;
        }
        self.finding = false;
        if matches!(self.power, Power::Asleep | Power::Waking(_)) {
            self.wake();
            self.eating = byte != CR;
            return;
        }
        if self.eating {
            self.eating = byte != CR;
        } else if byte == CR {
            let line = std::mem::take(&mut self.input);
            self.accept(String::from_utf8_lossy(&line).into_owned());
        } else if self.input.len() < LONGEST_LINE {
            self.input.push(byte);
        }
    }

    pub(super) fn uart_transmit(&mut self, at: u64) -> Option<u8> {
        self.run_to(at);
        if self.power == Power::Off {
            return None;
        }
        self.output.pop_front()
    }

    pub(super) fn uart_next_event(&self) -> Option<u64> {
        if self.output.is_empty() {
            self.next_event()
        } else {
            Some(self.at)
        }
    }
}

/// The text as bytes, µ as 0xB5.
fn latin_1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?'))
        .collect()
}
