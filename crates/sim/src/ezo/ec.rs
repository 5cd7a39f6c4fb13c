//! Conductivity: a cell, a dry offset, one or two points, and what follows from it.

use super::EzoFirmware;
use super::family::{Answer, Env, Family, Numbers, Outputs, decimal, number, store};

/// How much more a solution conducts for each degree above 25 °C.
const PER_DEGREE: f64 = 0.019;

#[derive(Debug)]
pub(super) struct Ec {
    k: f64,
    tds_factor: f64,
    /// What the cell conducts when dry, gain and offset after that, in µS at the cell.
    dry: Option<f64>,
    gain: f64,
    offset: f64,
    points: f64,
    /// Conductance and nominal value at the low point, until the high one comes.
    low: Option<(f64, f64)>,
    outputs: Outputs,
}

impl Ec {
    pub(super) fn new(firmware: EzoFirmware) -> Self {
        // From 2.10 on only EC is on.
        let all = firmware == EzoFirmware::Old;
        Self {
            k: 1.0,
            tds_factor: 0.54,
            dry: None,
            gain: 1.0,
            offset: 0.0,
            points: 0.0,
            low: None,
            outputs: Outputs::new(&[("EC", true), ("TDS", all), ("S", all), ("SG", all)]),
        }
    }

    /// What the cell conducts, in µS times the cell constant that is set.
    fn conductance(&self, env: &Env<'_>) -> f64 {
        let sample = env.probe.sample(env.at);
        let wet = if env.probe.in_air || !env.probe.connected {
            0.0
        } else {
            let at_25 = env.probe.fixed.unwrap_or(sample.microsiemens);
            at_25 * (1.0 + PER_DEGREE * (sample.celsius - 25.0))
        };
        env.probe.signal(wet / env.probe.cell_constant) * self.k
    }

    fn compensation(env: &Env<'_>) -> f64 {
        1.0 + PER_DEGREE * (*env.temperature - 25.0)
    }

    fn microsiemens(&self, env: &Env<'_>) -> f64 {
        let wet = self.conductance(env) - self.dry.unwrap_or(0.0);
        let value = (wet * self.gain + self.offset) / Self::compensation(env);
        // The lowest and the highest that a probe of this K is good for.
        let (least, most) = match self.k {
            k if k < 0.5 => (0.07, 50_000.0),
            k if k < 5.0 => (5.0, 200_000.0),
            _ => (10.0, 1_000_000.0),
        };
        if value < least { 0.0 } else { value.min(most) }
    }

    fn clear(&mut self) {
        (self.dry, self.gain, self.offset, self.points, self.low) = (None, 1.0, 0.0, 0.0, None);
    }

    fn calibrate(&mut self, point: &str, nominal: f64, env: &Env<'_>) -> bool {
        let Some(dry) = self.dry.filter(|_| nominal > 0.0) else {
            return false;
        };
        let wet = self.conductance(env) - dry;
        let nominal = nominal * Self::compensation(env);
        match (point, self.low) {
            ("one", _) if wet > 0.0 => {
                (self.gain, self.offset, self.points) = (nominal / wet, 0.0, 1.0);
            }
            ("low", _) => self.low = Some((wet, nominal)),
            ("high", Some((low_wet, low))) if wet > low_wet => {
                self.gain = (nominal - low) / (wet - low_wet);
                self.offset = low - low_wet * self.gain;
                (self.low, self.points) = (None, 2.0);
            }
            _ => return false,
        }
        true
    }
}

/// µS/cm with the resolution of the circuit at that value.
fn microsiemens_text(value: f64) -> String {
    match value {
        v if v < 99.995 => format!("{v:.2}"),
        v if v < 999.95 => format!("{v:.1}"),
        v if v < 9_999.5 => format!("{v:.0}"),
        v if v < 99_995.0 => format!("{:.0}0", v / 10.0),
        v => format!("{:.0}00", v / 100.0),
    }
}

/// Practical salinity, by the usual power law; good to some percent.
fn salinity(microsiemens: f64) -> f64 {
    (0.4665 * (microsiemens / 1_000.0).powf(1.0878)).min(42.0)
}

impl Family for Ec {
    fn read(&mut self, env: &mut Env<'_>) -> String {
        let ec = self.microsiemens(env);
        let salinity = salinity(ec);
        self.outputs.join(&[
            microsiemens_text(ec),
            format!("{:.0}", ec * self.tds_factor),
            format!("{salinity:.2}"),
            format!("{:.3}", 1.0 + 0.000_76 * salinity),
        ])
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("cal", ["dry"]) => {
                self.clear();
                self.dry = Some(self.conductance(env));
                Answer::done()
            }
            ("cal", ["clear"]) => {
                self.clear();
                Answer::done()
            }
            // In capitals whatever the firmware.
            ("cal", ["?"]) => Answer::text(format!("?CAL,{:.0}", self.points)),
            ("cal", ["one", _]) => Answer::refused(),
            ("cal", [point, value]) => {
                Answer::done_if(number(value).is_some_and(|value| self.calibrate(point, value, env)))
            }
            ("cal", [value]) => {
                Answer::done_if(number(value).is_some_and(|value| self.calibrate("one", value, env)))
            }
            ("k", ["?"]) => Answer::text(format!("?K,{}", decimal(self.k))),
            ("k", [value]) => {
                let answer = store(&mut self.k, value, 0.1..=10.0);
                if matches!(answer.outcome, super::family::Outcome::Done) {
                    self.clear();
                }
                answer
            }
            ("tds", ["?"]) => Answer::text(format!("?TDS,{}", decimal(self.tds_factor))),
            ("tds", [value]) => store(&mut self.tds_factor, value, 0.01..=1.0),
            _ => Answer::refused(),
        }
    }

    fn outputs(&mut self) -> Option<&mut Outputs> {
        Some(&mut self.outputs)
    }

    fn factory(&mut self, env: &mut Env<'_>) {
        let old = env.version < 210;
        *self = Self::new(if old { EzoFirmware::Old } else { EzoFirmware::New });
    }

    fn calibration(&self) -> Numbers {
        let dry = self.dry.unwrap_or(f64::NAN);
        [self.k, dry, self.gain, self.offset, self.points, 0.0, 0.0]
    }

    fn set_calibration(&mut self, [k, dry, gain, offset, points, ..]: Numbers) {
        (self.k, self.gain, self.offset, self.points) = (k, gain, offset, points);
        self.dry = Some(dry).filter(|dry| !dry.is_nan());
        self.low = None;
    }
}
