//! Dissolved oxygen: a galvanic probe that senses partial pressure, and the tables that make mg/l of it.

use super::family::{Answer, Env, Family, Numbers, Outputs, decimal, number, store};

const SEA_LEVEL_KPA: f64 = 101.3;
const DEFAULT_CELSIUS: f64 = 20.0;

#[derive(Debug)]
pub(super) struct Oxygen {
    /// What the probe gives without oxygen, and how much saturation its signal above that stands for.
    zero: Option<f64>,
    gain: Option<f64>,
    kilopascals: f64,
    salinity: Salinity,
    outputs: Outputs,
}

#[derive(Clone, Copy, Debug)]
enum Salinity {
    Microsiemens(f64),
    Ppt(f64),
}

/// Solubility of oxygen in fresh water under air at 101.3 kPa, in mg/l: Benson and Krause, from memory.
pub(super) fn saturation(celsius: f64) -> f64 {
    let per_kelvin = 1.0 / (celsius + 273.15);
    let powers = [1.575_701e5, -6.642_308e7, 1.243_8e10, -8.621_949e11];
    let sum = powers
        .iter()
        .rev()
        .fold(0.0, |sum, power| (sum + power) * per_kelvin);
    (sum - 139.344_11).exp()
}

impl Oxygen {
    pub(super) fn new() -> Self {
        Self {
            zero: None,
            gain: None,
            kilopascals: SEA_LEVEL_KPA,
            salinity: Salinity::Microsiemens(0.0),
            outputs: Outputs::reversed(&[("mg", true), ("%", false)]),
        }
    }

    /// What the probe gives: 1 for air and for water in equilibrium with it.
    fn signal(env: &Env<'_>) -> f64 {
        let sample = env.probe.sample(env.at);
        let part = match (env.probe.connected, env.probe.in_air) {
            (false, _) => return 0.0,
            (_, true) => 1.0,
            _ => env.probe.fixed.unwrap_or(sample.oxygen) / saturation(sample.celsius),
        };
        env.probe.signal(part)
    }

    fn part(&self, env: &Env<'_>) -> f64 {
        let above = Self::signal(env) - self.zero.unwrap_or(0.0);
        (above * self.gain.unwrap_or(1.0)).max(0.0)
    }

    /// What is in saturated water under the conditions that are set, in mg/l.
    fn full(&self, env: &Env<'_>) -> f64 {
        let ppt = match self.salinity {
            Salinity::Ppt(ppt) => ppt,
            Salinity::Microsiemens(value) if value < 2_500.0 => 0.0,
            Salinity::Microsiemens(value) => value * 0.000_64,
        };
        let pressure = self.kilopascals / SEA_LEVEL_KPA;
        saturation(*env.temperature) * pressure * (1.0 - 0.005_6 * ppt).max(0.0)
    }

    fn salinity(&self, env: &Env<'_>) -> String {
        let prefix = env.dialect.prefix("S");
        match self.salinity {
            Salinity::Ppt(ppt) => format!("{prefix}{},ppt", decimal(ppt)),
            Salinity::Microsiemens(value) => format!("{prefix}{value:.0},µS"),
        }
    }
}

impl Family for Oxygen {
    fn read(&mut self, env: &mut Env<'_>) -> String {
        let part = self.part(env);
        let milligrams = part * self.full(env);
        self.outputs
            .join(&[format!("{milligrams:.2}"), format!("{:.1}", part * 100.0)])
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("cal", []) => {
                let above = Self::signal(env) - self.zero.unwrap_or(0.0);
                self.gain = Some(1.0 / above).filter(|_| above > 0.0);
                Answer::done_if(above > 0.0)
            }
            ("cal", ["0"]) => {
                self.zero = Some(Self::signal(env));
                Answer::done()
            }
            ("cal", ["clear"]) => {
                (self.zero, self.gain) = (None, None);
                Answer::done()
            }
            ("cal", ["?"]) => {
                let points = u8::from(self.zero.is_some()) + u8::from(self.gain.is_some());
                Answer::text(format!("{}{points}", env.dialect.prefix("Cal")))
            }
            ("s", ["?"]) => Answer::text(self.salinity(env)),
            ("s", [value] | [value, "us" | "µs"]) => {
                let value = number(value).filter(|value| (0.0..=100_000.0).contains(value));
                Answer::done_if(value.map(|v| self.salinity = Salinity::Microsiemens(v)).is_some())
            }
            ("s", [value, "ppt"]) => {
                let value = number(value).filter(|value| (0.0..=42.0).contains(value));
                Answer::done_if(value.map(|v| self.salinity = Salinity::Ppt(v)).is_some())
            }
            ("p", ["?"]) => Answer::text(env.dialect.comma_prefix("P") + &decimal(self.kilopascals)),
            ("p", [value]) => store(&mut self.kilopascals, value, 1.0..=1_000.0),
            _ => Answer::refused(),
        }
    }

    fn outputs(&mut self) -> Option<&mut Outputs> {
        Some(&mut self.outputs)
    }

    fn started(&mut self, env: &mut Env<'_>) {
        *env.temperature = DEFAULT_CELSIUS;
    }

    fn factory(&mut self, _env: &mut Env<'_>) {
        *self = Self::new();
    }

    fn calibration(&self) -> Numbers {
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        [number(self.zero), number(self.gain), 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    fn set_calibration(&mut self, [zero, gain, ..]: Numbers) {
        let some = |value: f64| Some(value).filter(|value| !value.is_nan());
        (self.zero, self.gain) = (some(zero), some(gain));
    }
}
