//! Relative humidity, air temperature and dew point.

use super::family::{Alarm, Answer, Env, Family, Numbers, Outputs, number};

#[derive(Debug)]
pub(super) struct Hum {
    temperature_offset: Option<f64>,
    auto: Alarm,
    outputs: Outputs,
}

impl Hum {
    pub(super) fn new() -> Self {
        Self {
            temperature_offset: None,
            auto: Alarm::default(),
            outputs: Outputs::new(&[("HUM", true), ("T", false), ("Dew", false)]),
        }
    }
}

/// The dew point by the Magnus formula, over water.
fn dew_point(percent: f64, celsius: f64) -> f64 {
    let gamma = (percent.max(0.01) / 100.0).ln() + 17.62 * celsius / (243.12 + celsius);
    243.12 * gamma / (17.62 - gamma)
}

impl Family for Hum {
    fn read(&mut self, env: &mut Env<'_>) -> String {
        let percent = env
            .probe
            .signal(env.probe.fixed.unwrap_or(50.0))
            .clamp(0.0, 100.0);
        let celsius = env.probe.second + self.temperature_offset.unwrap_or(0.0);
        let word = if env.dialect.dew_word { "Dew," } else { "" };
        self.outputs.join(&[
            format!("{percent:.2}"),
            format!("{celsius:.2}"),
            format!("{word}{:.2}", dew_point(percent, celsius)),
        ])
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("tcal", ["?"]) => Answer::text(format!(
                "{}{}",
                env.dialect.prefix("Tcal"),
                u8::from(self.temperature_offset.is_some())
            )),
            ("tcal", ["clear"]) => {
                self.temperature_offset = None;
                Answer::done()
            }
            ("tcal", [celsius]) => {
                let offset = number(celsius).map(|celsius| celsius - env.probe.second);
                Answer::done_if(
                    offset
                        .map(|offset| self.temperature_offset = Some(offset))
                        .is_some(),
                )
            }
            ("auto", args) => self.auto.command("Auto", 2, args, env.dialect),
            _ => Answer::refused(),
        }
    }

    fn outputs(&mut self) -> Option<&mut Outputs> {
        Some(&mut self.outputs)
    }

    fn factory(&mut self, _env: &mut Env<'_>) {
        *self = Self::new();
    }

    fn calibration(&self) -> Numbers {
        let offset = self.temperature_offset.unwrap_or(f64::NAN);
        [offset, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    fn set_calibration(&mut self, [offset, ..]: Numbers) {
        self.temperature_offset = Some(offset).filter(|offset| !offset.is_nan());
    }
}
