//! The dosing pump: what it is told, what it believes, and what its tube really does.

use std::sync::{Arc, Mutex};

use super::family::{Answer, Env, Event, Family, Numbers, Outputs, number};
use super::tube::Tube;
use super::water::ns;
use crate::lock;

/// A motor below this does not turn, and the circuit says so; chosen.
pub(super) const LEAST_MOTOR_VOLTS: f64 = 5.0;
const LEAST_DOSE: f64 = 0.5;
const MINUTE_NS: f64 = 60e9;
/// A pump that has been running for 20 days resets itself.
const LONGEST_RUN_NS: u64 = 20 * 86_400_000_000_000;

#[derive(Debug)]
pub(super) struct Pmp {
    tube: Arc<Mutex<Tube>>,
    /// Ml per minute at full speed, before calibration; and the least that can be metered.
    full: f64,
    least_rate: f64,
    run: Option<Run>,
    /// What the last dispense was asked for, as `D,?` shows it.
    asked: String,
    paused: bool,
    /// Ml of the current or last dispense, net and absolute totals; as the circuit believes.
    volume: f64,
    net: f64,
    absolute: f64,
    /// True ml per believed ml: of a plain dose, and of a dose over time.
    by_volume: Option<f64>,
    by_time: Option<f64>,
    timed: bool,
    inverted: bool,
    start: Option<String>,
    /// What the probe of another circuit is here: true ml per ml of an ideal tube.
    gain: f64,
    outputs: Outputs,
}

/// A dispense under way.
#[derive(Clone, Copy, Debug)]
struct Run {
    begun: u64,
    /// Until where `volume` has been counted.
    at: u64,
    /// Believed ml per minute; backwards is negative.
    rate: f64,
    /// Turning time that is left, for ever if `u64::MAX`.
    left: u64,
}

impl Pmp {
    pub(super) fn new(tube: Arc<Mutex<Tube>>, full: f64, least_rate: f64) -> Self {
        Self {
            tube,
            full,
            least_rate,
            run: None,
            asked: "0.00".to_owned(),
            paused: false,
            volume: 0.0,
            net: 0.0,
            absolute: 0.0,
            by_volume: None,
            by_time: None,
            timed: false,
            inverted: false,
            start: None,
            gain: 1.0,
            outputs: Outputs::new(&[("V", true), ("TV", false), ("ATV", false)]),
        }
    }

    fn highest_rate(&self) -> f64 {
        self.full * self.by_time.unwrap_or(1.0)
    }

    /// Starts a dispense. `rate` is believed ml per minute, `turning` the nanoseconds it takes.
    fn begin(&mut self, asked: String, rate: f64, turning: u64, at: u64) {
        self.asked = asked;
        self.volume = 0.0;
        self.paused = false;
        self.run = Some(Run {
            begun: at,
            at,
            rate,
            left: turning,
        });
        self.turn(at);
    }

    /// Makes the tube do what the circuit wants.
    fn turn(&self, at: u64) {
        let mut tube = lock(&self.tube);
        match self.run.filter(|_| !self.paused) {
            Some(run) => {
                let believed = if self.timed { self.by_time } else { self.by_volume };
                let direction = if self.inverted { -1.0 } else { 1.0 };
                let flow = run.rate / believed.unwrap_or(1.0) * self.gain * direction;
                tube.turn(at, flow, at.saturating_add(run.left));
            }
            None => tube.stop(at),
        }
    }

    fn count(&mut self, at: u64) {
        let Some(run) = &mut self.run else { return };
        let time = at.saturating_sub(run.at);
        run.at = run.at.max(at);
        if self.paused {
            return;
        }
        let time = time.min(run.left);
        if run.left != u64::MAX {
            run.left -= time;
        }
        let millilitres = run.rate * ns(time) / MINUTE_NS;
        self.volume += millilitres;
        self.net += millilitres;
        self.absolute += millilitres.abs();
    }

    fn motor_missing(&self) -> Option<Answer> {
        let volts = lock(&self.tube).volts;
        (volts < LEAST_MOTOR_VOLTS).then(|| Answer::refused().after(format!("*UV,PUMPPWR,{volts:.2}")))
    }

    /// `D` and `Dstart`: how much, and over how many minutes.
    fn dispense(&mut self, args: &[&str], at: u64) -> Answer {
        if let Some(answer) = self.motor_missing() {
            return answer;
        }
        let believed = self.full * self.by_volume.unwrap_or(1.0);
        match args {
            [star @ ("*" | "-*")] => {
                self.timed = false;
                let sign = if star.starts_with('-') { -1.0 } else { 1.0 };
                self.begin((*star).to_owned(), sign * believed, u64::MAX, at);
            }
            [volume] => {
                let Some(volume) = number(volume) else {
                    return Answer::refused();
                };
                if volume.abs() < LEAST_DOSE {
                    return Answer::refused().after("*MINVOL");
                }
                self.timed = false;
                let rate = believed.copysign(volume);
                self.begin(format!("{volume:.2}"), rate, turning(volume / rate), at);
            }
            [volume, minutes] => {
                let Some((volume, minutes)) = number(volume).zip(number(minutes)) else {
                    return Answer::refused();
                };
                if volume.abs() < LEAST_DOSE {
                    return Answer::refused().after("*MINVOL");
                }
                return self.meter(volume / minutes, Some(minutes), format!("{volume:.2}"), at);
            }
            _ => return Answer::refused(),
        }
        Answer::done()
    }

    /// A constant rate, for some minutes or for ever.
    fn meter(&mut self, rate: f64, minutes: Option<f64>, asked: String, at: u64) -> Answer {
        if let Some(answer) = self.motor_missing() {
            return answer;
        }
        if minutes.is_some_and(|minutes| minutes <= 0.0) || !rate.is_finite() {
            return Answer::refused();
        }
        if rate.abs() > self.highest_rate() {
            return Answer::refused().after("*TOOFAST");
        }
        if rate.abs() < self.least_rate {
            return Answer::refused();
        }
        self.timed = true;
        self.begin(asked, rate, minutes.map_or(u64::MAX, turning), at);
        Answer::done()
    }

    fn constant(&mut self, args: &[&str], env: &Env<'_>) -> Answer {
        match args {
            ["?"] => {
                let name = if env.uart { "?MAXRATE" } else { "?maxrate" };
                Answer::text(format!("{name},{:.1}", self.highest_rate()))
            }
            [rate, minutes] => {
                let Some(rate) = number(rate) else {
                    return Answer::refused();
                };
                if *minutes == "*" {
                    let star = if rate < 0.0 { "-*" } else { "*" };
                    return self.meter(rate, None, star.to_owned(), env.at);
                }
                let Some(minutes) = number(minutes) else {
                    return Answer::refused();
                };
                self.meter(rate, Some(minutes), format!("{:.2}", rate * minutes), env.at)
            }
            _ => Answer::refused(),
        }
    }

    fn calibrate(&mut self, args: &[&str], env: &Env<'_>) -> Answer {
        match args {
            ["?"] => {
                let points = u8::from(self.by_volume.is_some()) + 2 * u8::from(self.by_time.is_some());
                Answer::text(format!("{}{points}", env.dialect.prefix("Cal")))
            }
            ["clear"] => {
                (self.by_volume, self.by_time) = (None, None);
                Answer::done()
            }
            [volume] => {
                let volume = number(volume).filter(|&v| v > 0.0 && self.volume != 0.0 && self.run.is_none());
                let Some(volume) = volume else {
                    return Answer::refused();
                };
                let factor = if self.timed {
                    &mut self.by_time
                } else {
                    &mut self.by_volume
                };
                *factor = Some(factor.unwrap_or(1.0) * volume / self.volume.abs());
                Answer::done()
            }
            _ => Answer::refused(),
        }
    }

    fn arm(&mut self, args: &[&str], env: &Env<'_>) -> Answer {
        match args {
            ["?"] => Answer::text(format!(
                "{}{}",
                env.dialect.prefix("Dstart"),
                self.start.as_deref().unwrap_or("0")
            )),
            ["off"] => {
                self.start = None;
                Answer::done()
            }
            ["*" | "-*"] => {
                self.start = Some(args.join(","));
                Answer::done()
            }
            [volume] | [volume, _] => {
                let numbers = args.iter().all(|arg| number(arg).is_some());
                let enough = number(volume).is_some_and(|volume| volume.abs() >= LEAST_DOSE);
                if numbers && !enough {
                    return Answer::refused().after("*MINVOL");
                }
                self.start = Some(args.join(",")).filter(|_| numbers).or(self.start.take());
                Answer::done_if(numbers)
            }
            _ => Answer::refused(),
        }
    }

    /// Ends the dispense and says what it came to.
    fn finish(&mut self, at: u64) -> String {
        self.run = None;
        self.paused = false;
        self.turn(at);
        format!("*DONE,{:.2}", self.volume)
    }
}

/// Minutes as nanoseconds. Beyond the range of `u64` it saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn turning(minutes: f64) -> u64 {
    (minutes * MINUTE_NS).round() as u64
}

impl Family for Pmp {
    fn read(&mut self, _env: &mut Env<'_>) -> String {
        self.outputs
            .join(&[self.volume, self.net, self.absolute].map(|ml| format!("{ml:.2}")))
    }

    fn command(&mut self, name: &str, args: &[&str], env: &mut Env<'_>) -> Answer {
        match (name, args) {
            ("d", ["?"]) => {
                let running = u8::from(self.run.is_some());
                Answer::text(format!("?D,{},{running}", self.asked))
            }
            ("d", args) => self.dispense(args, env.at),
            ("dc", args) => self.constant(args, env),
            ("p", []) => {
                self.paused = !self.paused && self.run.is_some();
                self.turn(env.at);
                Answer::done()
            }
            ("p", ["?"]) => Answer::text(format!("?P,{}", u8::from(self.paused))),
            ("x", []) => Answer::bare(vec![self.finish(env.at)]),
            ("tv", ["?"]) => Answer::text(format!("?TV,{:.2}", self.net)),
            ("atv", ["?"]) => Answer::text(format!("?ATV,{:.2}", self.absolute)),
            ("clear", []) => {
                (self.net, self.absolute) = (0.0, 0.0);
                Answer::done()
            }
            ("cal", args) => self.calibrate(args, env),
            ("pv", ["?"]) => Answer::text(format!("?PV,{:.2}", lock(&self.tube).volts)),
            ("invert", []) => {
                self.inverted = !self.inverted;
                self.turn(env.at);
                Answer::done()
            }
            ("invert", ["?"]) => Answer::text(format!(
                "{}{}",
                env.dialect.prefix("Invert"),
                u8::from(self.inverted)
            )),
            ("dstart", args) => self.arm(args, env),
            _ => Answer::refused(),
        }
    }

    fn outputs(&mut self) -> Option<&mut Outputs> {
        Some(&mut self.outputs)
    }

    fn run_to(&mut self, env: &mut Env<'_>) {
        if (self.gain - env.probe.gain).abs() > 0.0 {
            self.gain = env.probe.gain;
            self.turn(env.at);
        }
        self.count(env.at);
        lock(&self.tube).run_to(env.at);
    }

    fn next_event(&self) -> Option<u64> {
        let run = self.run.filter(|_| !self.paused)?;
        let reset = run.begun.saturating_add(LONGEST_RUN_NS);
        Some(run.at.saturating_add(run.left).min(reset))
    }

    fn event(&mut self, at: u64) -> Event {
        match self.run {
            Some(run) if run.left == 0 => Event::Token(self.finish(at)),
            Some(run) if at >= run.begun.saturating_add(LONGEST_RUN_NS) => Event::Restart,
            _ => Event::Nothing,
        }
    }

    fn reports(&self) -> bool {
        self.run.is_some() && !self.paused
    }

    fn started(&mut self, env: &mut Env<'_>) {
        self.stopped(env.at);
        (self.volume, self.net, self.absolute) = (0.0, 0.0, 0.0);
        "0.00".clone_into(&mut self.asked);
        if let Some(start) = self.start.clone() {
            let args: Vec<_> = start.split(',').collect();
            // Refused, as by a motor without supply, it just does not start.
            let _refused = self.dispense(&args, env.at);
        }
    }

    fn stopped(&mut self, at: u64) {
        self.run = None;
        self.paused = false;
        self.turn(at);
    }

    fn factory(&mut self, env: &mut Env<'_>) {
        self.stopped(env.at);
        *self = Self::new(self.tube.clone(), self.full, self.least_rate);
    }

    fn calibration(&self) -> Numbers {
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        [
            number(self.by_volume),
            number(self.by_time),
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
        ]
    }

    fn set_calibration(&mut self, [by_volume, by_time, ..]: Numbers) {
        let some = |value: f64| Some(value).filter(|value| !value.is_nan());
        (self.by_volume, self.by_time) = (some(by_volume), some(by_time));
    }
}
