//! Flow: a total and a rate from a pulse meter.

use super::family::{Answer, Env, Family, Numbers, Outputs, decimal, number, plain, store};
use super::water::ns;

const SECOND_NS: f64 = 1e9;
const SETS: [&str; 4] = ["3/8", "1/4", "1/2", "3/4"];
/// As many pairs as the table of a foreign meter holds.
const MOST_PAIRS: usize = 16;

#[derive(Debug)]
pub(super) struct Flo {
    at: u64,
    litres: f64,
    set: &'static str,
    report: Base,
    table_base: Base,
    /// Volume and pulses, or volume and frequency.
    table: Vec<(f64, f64)>,
    factor: f64,
    resistor: i32,
    outputs: Outputs,
}

#[derive(Clone, Copy, Debug)]
enum Base {
    Second,
    Minute,
    Hour,
}

impl Base {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "s" => Some(Self::Second),
            "m" => Some(Self::Minute),
            "h" => Some(Self::Hour),
            _ => None,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Second => 's',
            Self::Minute => 'm',
            Self::Hour => 'h',
        }
    }

    fn seconds(self) -> f64 {
        match self {
            Self::Second => 1.0,
            Self::Minute => 60.0,
            Self::Hour => 3_600.0,
        }
    }
}

impl Flo {
    pub(super) fn new() -> Self {
        Self {
            at: 0,
            litres: 0.0,
            set: "3/8",
            report: Base::Minute,
            table_base: Base::Minute,
            table: Vec::new(),
            factor: 1.0,
            resistor: 1,
            outputs: Outputs::new(&[("TV", true), ("FR", true)]),
        }
    }

    /// In litres per second.
    fn flow(env: &Env<'_>) -> f64 {
        if env.probe.connected {
            env.probe.signal(env.probe.fixed.unwrap_or(0.0)) / 60.0
        } else {
            0.0
        }
    }

    fn table(&self, env: &Env<'_>) -> String {
        let pairs = self.table.iter();
        let pairs: Vec<_> = pairs
            .map(|(volume, n)| format!("{},{}", plain(*volume), plain(*n)))
            .collect();
        format!("{}{}", env.dialect.prefix("K"), pairs.join(","))
    }

    fn add_pair(&mut self, volume: &str, pulses: &str) -> bool {
        let pair = number(volume).zip(number(pulses));
        let pair = pair.filter(|&(volume, n)| volume > 0.0 && n > 0.0 && self.table.len() < MOST_PAIRS);
        pair.map(|pair| self.table.push(pair)).is_some()
    }
}

impl Family for Flo {
    fn read(&mut self, env: &mut Env<'_>) -> String {
        let rate = Self::flow(env) * self.report.seconds();
        self.outputs.join(&[
            format!("{:.2}", self.litres * self.factor),
            format!("{:.2}", rate * self.factor),
        ])
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("set", ["?"]) => Answer::text(format!("{}{}", env.dialect.prefix("Set"), self.set)),
            ("set", [set]) => {
                let set = SETS.into_iter().find(|known| known == set);
                Answer::done_if(set.map(|set| self.set = set).is_some())
            }
            ("frp", ["?"]) => Answer::text(format!("{}{}", env.dialect.prefix("Frp"), self.report.letter())),
            ("frp", [base]) => {
                let base = Base::parse(base);
                Answer::done_if(base.map(|base| self.report = base).is_some())
            }
            ("vp", ["?"]) => Answer::text(format!(
                "{}{}",
                env.dialect.prefix("Vp"),
                self.table_base.letter()
            )),
            ("vp", [base]) => {
                let base = Base::parse(base);
                Answer::done_if(base.map(|base| self.table_base = base).is_some())
            }
            ("k", ["clear"]) => {
                self.table.clear();
                Answer::done()
            }
            ("k", ["?"]) => Answer::text(self.table(env)),
            ("k", [volume, pulses]) => Answer::done_if(self.add_pair(volume, pulses)),
            ("cf", ["?"]) => Answer::text(format!("{}{}", env.dialect.prefix("CF"), decimal(self.factor))),
            ("cf", [factor]) => store(&mut self.factor, factor, 0.000_001..=1e6),
            ("p", ["?"]) => Answer::text(format!("?P,{}", self.resistor)),
            ("p", [kiloohm]) => {
                let known = [0, 1, -1, 10, -10, 100, -100];
                let value = kiloohm.parse().ok().filter(|value| known.contains(value));
                Answer::done_if(value.map(|value| self.resistor = value).is_some())
            }
            ("clear", []) => {
                self.litres = 0.0;
                Answer::done()
            }
            _ => Answer::refused(),
        }
    }

    fn outputs(&mut self) -> Option<&mut Outputs> {
        Some(&mut self.outputs)
    }

    fn run_to(&mut self, env: &mut Env<'_>) {
        self.litres += Self::flow(env) * ns(env.at.saturating_sub(self.at)) / SECOND_NS;
        self.at = self.at.max(env.at);
    }

    fn started(&mut self, env: &mut Env<'_>) {
        self.litres = 0.0;
        self.at = env.at;
    }

    fn factory(&mut self, env: &mut Env<'_>) {
        *self = Self::new();
        self.at = env.at;
    }

    fn calibration(&self) -> Numbers {
        [self.factor, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    fn set_calibration(&mut self, [factor, ..]: Numbers) {
        self.factor = factor;
    }
}
