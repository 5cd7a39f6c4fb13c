//! pH: the electrode's millivolts, and a calibration in one to three points.

use super::family::{Answer, Env, Family, Numbers, flag, number};

/// Millivolts per pH and kelvin.
const NERNST_MV: f64 = 0.198_42;

#[derive(Debug)]
pub(super) struct Ph {
    /// Buffer and millivolts at the first point.
    mid: Option<(f64, f64)>,
    /// Slopes towards acid and base as parts of the ideal one.
    acid: Option<f64>,
    base: Option<f64>,
    extended: bool,
}

impl Ph {
    pub(super) fn new() -> Self {
        Self {
            mid: None,
            acid: None,
            base: None,
            extended: false,
        }
    }

    fn ideal_slope(celsius: f64) -> f64 {
        NERNST_MV * (celsius + 273.15)
    }

    fn millivolts(env: &Env<'_>) -> f64 {
        let sample = env.probe.sample(env.at);
        if !env.probe.connected {
            // The open input floats around 0 mV, slowly.
            return 12.0 * (super::water::ns(env.at) / 7e9).sin();
        }
        let ph = env.probe.fixed.unwrap_or(sample.ph);
        env.probe.signal((7.0 - ph) * Self::ideal_slope(sample.celsius))
    }

    fn calibrate(&mut self, point: &str, buffer: f64, env: &Env<'_>) -> bool {
        let millivolts = Self::millivolts(env);
        let slope = Self::ideal_slope(*env.temperature);
        match (point, self.mid) {
            ("mid", _) if buffer > 6.0 && buffer < 8.0 => {
                (self.mid, self.acid, self.base) = (Some((buffer, millivolts)), None, None);
            }
            ("low", Some((mid, zero))) if (1.0..=6.0).contains(&buffer) => {
                self.acid = Some((millivolts - zero) / ((mid - buffer) * slope));
            }
            ("high", Some((mid, zero))) if (8.0..=14.0).contains(&buffer) => {
                self.base = Some((millivolts - zero) / ((mid - buffer) * slope));
            }
            _ => return false,
        }
        true
    }

    fn slope(&self, env: &Env<'_>) -> String {
        let acid = self.acid.unwrap_or(1.0) * 100.0;
        let base = self.base.unwrap_or(1.0) * 100.0;
        let (buffer, millivolts) = self.mid.unwrap_or((7.0, 0.0));
        let offset = millivolts - (7.0 - buffer) * Self::ideal_slope(*env.temperature);
        let prefix = env.dialect.prefix("Slope");
        if env.dialect.slope_offset {
            format!("{prefix}{acid:.1},{base:.1},{offset:.2}")
        } else {
            format!("{prefix}{acid:.1},{:.1}", -base)
        }
    }
}

impl Family for Ph {
    fn read(&mut self, env: &mut Env<'_>) -> String {
        let (buffer, zero) = self.mid.unwrap_or((7.0, 0.0));
        let below = zero - Self::millivolts(env);
        let slope = if below < 0.0 { self.acid } else { self.base };
        let ph = buffer + below / (Self::ideal_slope(*env.temperature) * slope.unwrap_or(1.0));
        let range = if self.extended { (-1.6, 15.6) } else { (0.0, 14.0) };
        format!("{:.3}", ph.clamp(range.0, range.1))
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("cal", ["clear"]) => {
                (self.mid, self.acid, self.base) = (None, None, None);
                Answer::done()
            }
            ("cal", ["?"]) => {
                let points = [self.mid.is_some(), self.acid.is_some(), self.base.is_some()];
                let points: u8 = points.map(u8::from).iter().sum();
                Answer::text(format!("{}{points}", env.dialect.prefix("Cal")))
            }
            ("cal", [point, buffer]) => {
                let buffer = number(buffer);
                Answer::done_if(buffer.is_some_and(|buffer| self.calibrate(point, buffer, env)))
            }
            ("slope", ["?"]) => Answer::text(self.slope(env)),
            ("phext", ["?"]) => Answer::text(format!(
                "{}{}",
                env.dialect.prefix("pHext"),
                u8::from(self.extended)
            )),
            ("phext", [on]) => Answer::done_if(flag(on).map(|on| self.extended = on).is_some()),
            _ => Answer::refused(),
        }
    }

    fn factory(&mut self, _env: &mut Env<'_>) {
        *self = Self::new();
    }

    fn calibration(&self) -> Numbers {
        let (buffer, zero) = self.mid.unwrap_or((f64::NAN, 0.0));
        let slope = |slope: Option<f64>| slope.unwrap_or(f64::NAN);
        [buffer, zero, slope(self.acid), slope(self.base), 0.0, 0.0, 0.0]
    }

    fn set_calibration(&mut self, [buffer, zero, acid, base, ..]: Numbers) {
        let some = |value: f64| Some(value).filter(|value| !value.is_nan());
        self.mid = some(buffer).map(|buffer| (buffer, zero));
        (self.acid, self.base) = (some(acid), some(base));
    }
}
