//! What the families of circuits have in common: a probe, commands in, answers out.

use std::fmt;

use super::timing::EzoDialect;
use super::water::{Sample, Water};

/// What the EEPROM keeps of a calibration: seven numbers are 112 hexadecimal digits in an export.
pub(super) type Numbers = [f64; 7];

/// The part of a circuit that differs from family to family.
pub(super) trait Family: Send + fmt::Debug {
    /// Takes a reading and returns its text.
    fn read(&mut self, env: &mut Env<'_>) -> String;

    /// Carries out a command that the common part does not know. `name` and `args` are in lower case.
    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer;

    fn outputs(&mut self) -> Option<&mut Outputs> {
        None
    }

    /// Back to how it left the factory.
    fn factory(&mut self, env: &mut Env<'_>);

    /// Supply came on, or the circuit restarted: forgets what is not in EEPROM.
    fn started(&mut self, env: &mut Env<'_>) {
        let _ = env;
    }

    /// Supply went.
    fn stopped(&mut self, at: u64) {
        let _ = at;
    }

    fn calibration(&self) -> Numbers;

    fn set_calibration(&mut self, numbers: Numbers);

    /// Follows the time; called before anything else happens at `env.at`.
    fn run_to(&mut self, env: &mut Env<'_>) {
        let _ = env;
    }

    fn next_event(&self) -> Option<u64> {
        None
    }

    /// Acts, at a time that [`next_event`](Self::next_event) gave, and says so in a token.
    fn event(&mut self, at: u64) -> Event {
        let _ = at;
        Event::Nothing
    }

    /// Returns false while continuous mode has nothing to report.
    fn reports(&self) -> bool {
        true
    }
}

/// What a circuit does of its own accord.
pub(super) enum Event {
    Nothing,
    Token(String),
    Restart,
}

/// What a command may look at and change besides its family.
pub(super) struct Env<'a> {
    pub(super) at: u64,
    /// When supply came on or the circuit restarted; none if that was long ago.
    pub(super) since: Option<u64>,
    pub(super) uart: bool,
    pub(super) version: u32,
    pub(super) dialect: EzoDialect,
    /// What `T` set.
    pub(super) temperature: &'a mut f64,
    pub(super) probe: &'a Probe,
}

/// What is at the probe's end of the cable.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) fixed: Option<f64>,
    pub(super) second: f64,
    pub(super) water: Water,
    pub(super) connected: bool,
    pub(super) in_air: bool,
    pub(super) gain: f64,
    pub(super) offset: f64,
    pub(super) cell_constant: f64,
}

impl Probe {
    /// Returns what a probe makes of an ideal signal.
    pub(super) fn signal(&self, ideal: f64) -> f64 {
        ideal * self.gain + self.offset
    }

    pub(super) fn sample(&self, at: u64) -> Sample {
        self.water.sample(at)
    }
}

/// What comes of a command.
#[derive(Debug)]
pub(super) struct Answer {
    /// Sent ahead over UART.
    pub(super) tokens: Vec<String>,
    pub(super) outcome: Outcome,
    pub(super) then: Then,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Done,
    Text(String),
    /// Without `*OK` over UART.
    Bare(Vec<String>),
    Refused,
    /// Nothing at all.
    Silent,
}

/// What follows the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Then {
    #[default]
    Stay,
    Sleep,
    Restart,
    Factory,
    ToI2c(u8),
    ToUart(u32),
}

impl Answer {
    fn of(outcome: Outcome) -> Self {
        Self {
            tokens: Vec::new(),
            outcome,
            then: Then::Stay,
        }
    }

    pub(super) fn done() -> Self {
        Self::of(Outcome::Done)
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::of(Outcome::Text(text.into()))
    }

    pub(super) fn bare(lines: Vec<String>) -> Self {
        Self::of(Outcome::Bare(lines))
    }

    pub(super) fn refused() -> Self {
        Self::of(Outcome::Refused)
    }

    pub(super) fn silent() -> Self {
        Self::of(Outcome::Silent)
    }

    /// Done if `done`, else refused.
    pub(super) fn done_if(done: bool) -> Self {
        if done { Self::done() } else { Self::refused() }
    }

    pub(super) fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    pub(super) fn after(mut self, token: impl Into<String>) -> Self {
        self.tokens.push(token.into());
        self
    }
}

/// The values that a reading consists of, in the order of the reading.
#[derive(Clone, Debug)]
pub(super) struct Outputs {
    list: Vec<(&'static str, bool)>,
    /// The list is answered from the back.
    reversed: bool,
}

impl Outputs {
    pub(super) fn new(list: &[(&'static str, bool)]) -> Self {
        Self {
            list: list.to_vec(),
            reversed: false,
        }
    }

    pub(super) fn reversed(list: &[(&'static str, bool)]) -> Self {
        Self {
            reversed: true,
            ..Self::new(list)
        }
    }

    /// Switches `name`, in lower case. Returns false if there is no such output.
    pub(super) fn set(&mut self, name: &str, on: bool) -> bool {
        let output = self.list.iter_mut().find(|(own, _)| own.to_lowercase() == name);
        output.map(|output| output.1 = on).is_some()
    }

    /// Answers `O,?`.
    pub(super) fn query(&self, dialect: EzoDialect, flags: bool) -> String {
        let mut names: Vec<String> = if flags && dialect.outputs_as_flags {
            let all = self.list.iter();
            all.map(|(name, on)| format!("{},{}", name.to_uppercase(), u8::from(*on)))
                .collect()
        } else {
            let on = self.list.iter().filter(|(_, on)| *on);
            on.map(|(name, _)| (*name).to_owned()).collect()
        };
        if names.is_empty() {
            return "no output".to_owned();
        }
        if self.reversed && !(flags && dialect.outputs_as_flags) {
            names.reverse();
        }
        dialect.comma_prefix("O") + &names.join(",")
    }

    /// Puts the values of a reading together: those whose output is on.
    pub(super) fn join(&self, values: &[String]) -> String {
        let on = self.list.iter().zip(values).filter(|((_, on), _)| *on);
        let values: Vec<_> = on.map(|(_, value)| value.as_str()).collect();
        if values.is_empty() {
            "no output".to_owned()
        } else {
            values.join(",")
        }
    }
}

/// The alarm of CO2 and PRS, which is the auto monitor of HUM under another name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Alarm {
    pub(super) mode: u8,
    value: f64,
    tolerance: f64,
}

impl Alarm {
    /// Carries out `Alarm` or `Auto`, whichever `name` is. `modes` is the highest value of `en`.
    pub(super) fn command(&mut self, name: &str, modes: u8, args: &[&str], dialect: EzoDialect) -> Answer {
        match args {
            ["?"] => Answer::text(format!(
                "{}{},{},{}",
                dialect.prefix(name),
                plain(self.value),
                plain(self.tolerance),
                self.mode
            )),
            ["en", mode] => {
                let mode = mode.parse().ok().filter(|&mode| mode <= modes);
                Answer::done_if(mode.map(|mode| self.mode = mode).is_some())
            }
            ["tol", value] => store(&mut self.tolerance, value, 0.0..=1e6),
            [value] => store(&mut self.value, value, 0.0..=1e6),
            _ => Answer::refused(),
        }
    }
}

/// Reads a number as a circuit does: digits, at most one point, a sign.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let plain = plain && digits.bytes().any(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// Sets `to` if `text` is a number in `range`.
pub(super) fn store(to: &mut f64, text: &str, range: std::ops::RangeInclusive<f64>) -> Answer {
    let value = number(text).filter(|value| range.contains(value));
    Answer::done_if(value.map(|value| *to = value).is_some())
}

/// A setting as it is answered: three decimals, without trailing zeros but one.
pub(super) fn decimal(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0');
    if text.ends_with('.') {
        format!("{text}0")
    } else {
        text.to_owned()
    }
}

/// As [`decimal`], but whole numbers without decimals.
pub(super) fn plain(value: f64) -> String {
    decimal(value).trim_end_matches(".0").to_owned()
}

/// `number` of 0 or 1.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}
