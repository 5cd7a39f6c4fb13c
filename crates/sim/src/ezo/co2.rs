//! Carbon dioxide, with the ten seconds that it takes to warm up.

use super::family::{Alarm, Answer, Env, Family, Numbers, Outputs, number};
use super::water::ns;

const WARM_UP_NS: u64 = 10_000_000_000;

#[derive(Debug)]
pub(super) struct Co2 {
    /// Signal without gas, and nominal value per signal above that.
    zero: Option<f64>,
    gain: Option<f64>,
    alarm: Alarm,
    outputs: Outputs,
}

impl Co2 {
    pub(super) fn new() -> Self {
        Self {
            zero: None,
            gain: None,
            alarm: Alarm::default(),
            outputs: Outputs::new(&[("ppm", true), ("t", false)]),
        }
    }

    fn signal(env: &Env<'_>) -> f64 {
        // Too much by 30 % at power-up, then less and less; chosen.
        let left = env
            .since
            .map_or(0, |since| (since + WARM_UP_NS).saturating_sub(env.at));
        let warm_up = 1.0 + 0.3 * ns(left) / ns(WARM_UP_NS);
        env.probe.signal(env.probe.fixed.unwrap_or(420.0)) * warm_up
    }
}

impl Family for Co2 {
    fn read(&mut self, env: &mut Env<'_>) -> String {
        let ppm = (Self::signal(env) - self.zero.unwrap_or(0.0)) * self.gain.unwrap_or(1.0);
        self.outputs.join(&[
            format!("{:.0}", ppm.clamp(0.0, 10_000.0)),
            format!("{:.1}", env.probe.second),
        ])
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("cal", ["?"]) => {
                let points = u8::from(self.zero.is_some()) + 2 * u8::from(self.gain.is_some());
                Answer::text(format!("{}{points}", env.dialect.prefix("Cal")))
            }
            ("cal", ["clear"]) => {
                (self.zero, self.gain) = (None, None);
                Answer::done()
            }
            ("cal", ["0"]) => {
                self.zero = Some(Self::signal(env));
                Answer::done()
            }
            ("cal", [ppm]) => {
                let above = Self::signal(env) - self.zero.unwrap_or(0.0);
                let ppm = number(ppm).filter(|ppm| (1.0..=10_000.0).contains(ppm) && above > 0.0);
                Answer::done_if(ppm.map(|ppm| self.gain = Some(ppm / above)).is_some())
            }
            ("alarm", args) => self.alarm.command("Alarm", 1, args, env.dialect),
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
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        [number(self.zero), number(self.gain), 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    fn set_calibration(&mut self, [zero, gain, ..]: Numbers) {
        let some = |value: f64| Some(value).filter(|value| !value.is_nan());
        (self.zero, self.gain) = (some(zero), some(gain));
    }
}
