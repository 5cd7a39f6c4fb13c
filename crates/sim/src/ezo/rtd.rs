//! Temperature: one calibration point, three scales, and the data logger.

use std::collections::VecDeque;

use super::family::{Answer, Env, Family, Numbers, number};

/// The logger's unit of time.
const LOG_UNIT_NS: u64 = 10_000_000_000;
const LOG_LENGTH: usize = 50;
/// What a circuit reads that has no probe.
const OPEN: f64 = -1023.0;

#[derive(Debug)]
pub(super) struct Rtd {
    scale: Scale,
    offset: Option<f64>,
    interval: u64,
    next_record: u64,
    log: VecDeque<f64>,
    recalled: usize,
}

#[derive(Clone, Copy, Debug)]
enum Scale {
    Celsius,
    Kelvin,
    Fahrenheit,
}

impl Scale {
    fn value(self, celsius: f64) -> f64 {
        match self {
            Self::Celsius => celsius,
            Self::Kelvin => celsius + 273.15,
            Self::Fahrenheit => celsius * 1.8 + 32.0,
        }
    }

    fn celsius(self, value: f64) -> f64 {
        match self {
            Self::Celsius => value,
            Self::Kelvin => value - 273.15,
            Self::Fahrenheit => (value - 32.0) / 1.8,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Celsius => 'c',
            Self::Kelvin => 'k',
            Self::Fahrenheit => 'f',
        }
    }
}

impl Rtd {
    pub(super) fn new() -> Self {
        Self {
            scale: Scale::Celsius,
            offset: None,
            interval: 0,
            next_record: u64::MAX,
            log: VecDeque::new(),
            recalled: 0,
        }
    }

    fn signal(env: &Env<'_>, at: u64) -> f64 {
        let sample = env.probe.sample(at);
        env.probe.signal(env.probe.fixed.unwrap_or(sample.celsius))
    }

    /// In the scale that is set.
    fn measure(&self, env: &Env<'_>, at: u64) -> f64 {
        if !env.probe.connected {
            return OPEN;
        }
        let celsius = Self::signal(env, at) + self.offset.unwrap_or(0.0);
        self.scale.value(celsius.clamp(-126.0, 1254.0))
    }

    fn set_interval(&mut self, units: u64, at: u64) {
        self.interval = units.saturating_mul(LOG_UNIT_NS);
        self.next_record = match self.interval {
            0 => u64::MAX,
            interval => at.saturating_add(interval),
        };
    }

    /// Answers `M`: the next record, the oldest first.
    fn recall(&mut self) -> Answer {
        let Some(value) = self.log.get(self.recalled) else {
            return Answer::refused();
        };
        self.recalled += 1;
        Answer::text(format!("{},{value:.2}", self.recalled))
    }
}

impl Family for Rtd {
    fn read(&mut self, env: &mut Env<'_>) -> String {
        format!("{:.3}", self.measure(env, env.at))
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("s", ["?"]) => Answer::text(format!("?S,{}", self.scale.letter())),
            ("s", [scale]) => {
                self.scale = match *scale {
                    "c" => Scale::Celsius,
                    "k" => Scale::Kelvin,
                    "f" => Scale::Fahrenheit,
                    _ => return Answer::refused(),
                };
                Answer::done()
            }
            ("cal", ["?"]) => Answer::text(format!(
                "{}{}",
                env.dialect.prefix("Cal"),
                u8::from(self.offset.is_some())
            )),
            ("cal", ["clear"]) => {
                self.offset = None;
                Answer::done()
            }
            ("cal", [value]) if env.probe.connected => {
                let celsius = number(value).map(|value| self.scale.celsius(value));
                let offset = celsius.map(|celsius| celsius - Self::signal(env, env.at));
                Answer::done_if(offset.map(|offset| self.offset = Some(offset)).is_some())
            }
            ("d", ["?"]) => Answer::text(format!("?D,{}", self.interval / LOG_UNIT_NS)),
            ("d", [units]) => {
                let units = units.parse().ok().filter(|&units| units <= 32_000);
                Answer::done_if(units.map(|units| self.set_interval(units, env.at)).is_some())
            }
            ("m", []) => self.recall(),
            ("m", ["?"]) => Answer::text(format!("?M,{}", self.log.len())),
            ("m", ["all"]) => {
                let all: Vec<_> = self.log.iter().map(|value| format!("{value:.2}")).collect();
                Answer::text(all.join(","))
            }
            ("m", ["clear"]) => {
                self.log.clear();
                self.recalled = 0;
                Answer::done()
            }
            _ => Answer::refused(),
        }
    }

    fn run_to(&mut self, env: &mut Env<'_>) {
        while self.next_record <= env.at {
            let value = self.measure(env, self.next_record);
            if self.log.len() == LOG_LENGTH {
                self.log.pop_front();
            }
            self.log.push_back(value);
            self.next_record = self.next_record.saturating_add(self.interval);
        }
    }

    fn started(&mut self, env: &mut Env<'_>) {
        self.set_interval(self.interval / LOG_UNIT_NS, env.at);
    }

    fn stopped(&mut self, _at: u64) {
        self.next_record = u64::MAX;
    }

    fn factory(&mut self, _env: &mut Env<'_>) {
        *self = Self::new();
    }

    fn calibration(&self) -> Numbers {
        [self.offset.unwrap_or(f64::NAN), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    fn set_calibration(&mut self, [offset, ..]: Numbers) {
        self.offset = Some(offset).filter(|offset| !offset.is_nan());
    }
}
