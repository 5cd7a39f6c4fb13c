//! Oxidation-reduction potential: millivolts and an offset.

use super::family::{Answer, Env, Family, Numbers, flag, number};

#[derive(Debug, Default)]
pub(super) struct Orp {
    offset: Option<f64>,
    extended: bool,
}

impl Orp {
    fn signal(env: &Env<'_>) -> f64 {
        if !env.probe.connected {
            return 0.0;
        }
        let sample = env.probe.sample(env.at);
        env.probe.signal(env.probe.fixed.unwrap_or(sample.orp))
    }
}

impl Family for Orp {
    fn read(&mut self, env: &mut Env<'_>) -> String {
        let most = if self.extended { 2_000.0 } else { 1_019.9 };
        let millivolts = Self::signal(env) + self.offset.unwrap_or(0.0);
        format!("{:.1}", millivolts.clamp(-most, most))
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("cal", ["?"]) => Answer::text(format!(
                "{}{}",
                env.dialect.prefix("Cal"),
                u8::from(self.offset.is_some())
            )),
            ("cal", ["clear"]) => {
                self.offset = None;
                Answer::done()
            }
            ("cal", [value]) => {
                let value = number(value).filter(|value| value.abs() <= 2_000.0);
                let offset = value.map(|value| value - Self::signal(env));
                Answer::done_if(offset.map(|offset| self.offset = Some(offset)).is_some())
            }
            ("orpext", ["?"]) => Answer::text(format!(
                "{}{}",
                env.dialect.prefix("ORPext"),
                u8::from(self.extended)
            )),
            ("orpext", [on]) => Answer::done_if(flag(on).map(|on| self.extended = on).is_some()),
            _ => Answer::refused(),
        }
    }

    fn factory(&mut self, _env: &mut Env<'_>) {
        *self = Self::default();
    }

    fn calibration(&self) -> Numbers {
        [self.offset.unwrap_or(f64::NAN), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    fn set_calibration(&mut self, [offset, ..]: Numbers) {
        self.offset = Some(offset).filter(|offset| !offset.is_nan());
    }
}
