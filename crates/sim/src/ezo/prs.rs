//! Gauge pressure in six units.

use super::family::{Alarm, Answer, Env, Family, Numbers, flag, number};

/// The units, and how much of each is one psi.
const UNITS: [(&str, f64); 6] = [
    ("psi", 1.0),
    ("atm", 0.068_046),
    ("bar", 0.068_948),
    ("kPa", 6.894_8),
    ("inh2o", 27.680),
    ("cmh2o", 70.307),
];

#[derive(Debug)]
pub(super) struct Prs {
    unit: (&'static str, f64),
    with_text: bool,
    decimals: usize,
    /// Psi without pressure, and true psi per psi above that.
    zero: Option<f64>,
    gain: Option<f64>,
    alarm: Alarm,
}

impl Prs {
    pub(super) fn new() -> Self {
        Self {
            unit: ("psi", 1.0),
            with_text: false,
            decimals: 2,
            zero: None,
            gain: None,
            alarm: Alarm::default(),
        }
    }

    /// In psi.
    fn signal(env: &Env<'_>) -> f64 {
        if !env.probe.connected {
            return 0.0;
        }
        env.probe.signal(env.probe.fixed.unwrap_or(0.0))
    }

    fn calibrate(&mut self, value: &str, env: &Env<'_>) -> bool {
        let above = Self::signal(env) - self.zero.unwrap_or(0.0);
        let psi = number(value).map(|value| value / self.unit.1);
        let psi = psi.filter(|psi| (0.1..=50.0).contains(psi) && above > 0.0);
        psi.map(|psi| self.gain = Some(psi / above)).is_some()
    }
}

impl Family for Prs {
    fn read(&mut self, env: &mut Env<'_>) -> String {
        let psi = (Self::signal(env) - self.zero.unwrap_or(0.0)) * self.gain.unwrap_or(1.0);
        let value = psi.clamp(0.0, 50.0) * self.unit.1;
        let decimals = self.decimals;
        if self.with_text {
            format!("{value:.decimals$},{}", self.unit.0)
        } else {
            format!("{value:.decimals$}")
        }
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("u", ["?"]) => Answer::text(format!("?U,{}", self.unit.0)),
            ("u", [on @ ("0" | "1")]) => Answer::done_if(flag(on).map(|on| self.with_text = on).is_some()),
            ("u", [unit]) => {
                let unit = UNITS.into_iter().find(|(name, _)| name.to_lowercase() == *unit);
                Answer::done_if(unit.map(|unit| self.unit = unit).is_some())
            }
            ("dec", ["?"]) => Answer::text(format!("{}{}", env.dialect.prefix("Dec"), self.decimals)),
            ("dec", [decimals]) => {
                let decimals = decimals.parse().ok().filter(|&decimals| decimals <= 3);
                Answer::done_if(decimals.map(|decimals| self.decimals = decimals).is_some())
            }
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
            ("cal" | "factorycal", [value]) => Answer::done_if(self.calibrate(value, env)),
            ("alarm", args) => self.alarm.command("Alarm", 1, args, env.dialect),
            _ => Answer::refused(),
        }
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
