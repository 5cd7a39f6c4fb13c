//! A peristaltic pump on two pins: a motor, a tube that wears, a bottle and a tip.

use std::fmt;
use std::sync::{Arc, Mutex};

use embedded_hal::digital::{self, OutputPin};
use embedded_hal::pwm::{self, SetDutyCycle};

use crate::clock::Clock;
use crate::{Liquid, Water, lock};

const MINUTE_NS: f64 = 60e9;
const HOUR_NS: f64 = 3_600e9;

/// A peristaltic pump that a test drives through its pins. Clones are the same pump.
///
/// It knows nothing of doses: it turns as long as a pin tells it to, and keeps a list of what came out of its tip and
/// when. Flow falls with the hours that the tube has run; nothing comes while a start is not yet through its dead time;
/// what was drawn back is pushed out again before anything drips; an empty bottle gives nothing.
///
/// ```
/// use embedded_hal::digital::OutputPin;
///
/// let clock = sim::Clock::new();
/// let pump = sim::Pump::new(&clock, 72_000.0).with_dead_time(500);
/// let mut pin = pump.forward();
/// pin.set_high()?;
/// clock.advance(3_000_000_000);
/// pin.set_low()?;
/// // 1.2 ml a second, of which the first half second gives nothing.
/// assert!((pump.delivered() - 3_000.0).abs() < 0.001);
/// # Ok::<(), sim::PumpPinBroken>(())
/// ```
#[derive(Clone)]
pub struct Pump {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

/// What came out of the tip of a [`Pump`] without a pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spurt {
    /// When it began, in nanoseconds of the clock.
    pub from: u64,
    /// When it ended.
    pub to: u64,
    /// How much it was, in microlitres.
    pub microlitres: f64,
}

struct State {
    at: u64,
    /// Microlitres per minute at full duty with a new tube.
    flow: f64,
    /// Below this duty the motor does not turn.
    stall: u16,
    dead_ns: f64,
    wear_per_hour: f64,
    forward: u16,
    reverse: u16,
    broken: bool,
    /// Full flow, in nanoseconds, since the motor started.
    turned: f64,
    /// How long it has been on without a pause, and the longest that it ever was.
    on_ns: u64,
    longest_on: u64,
    all_on: u64,
    /// Air between the tip and the liquid, and the most that there can be.
    held: f64,
    line: f64,
    bottle: f64,
    delivered: f64,
    spurts: Vec<Spurt>,
    water: Option<(Water, Liquid)>,
}

impl Pump {
    /// Makes a pump of this many microlitres per minute at full duty, with an endless bottle and full tubing.
    pub fn new(clock: &Clock, microlitres_per_minute: f64) -> Self {
        Self {
            clock: clock.clone(),
            state: Arc::new(Mutex::new(State {
                at: clock.now(),
                flow: microlitres_per_minute,
                stall: 0,
                dead_ns: 0.0,
                wear_per_hour: 0.0,
                forward: 0,
                reverse: 0,
                broken: false,
                turned: 0.0,
                on_ns: 0,
                longest_on: 0,
                all_on: 0,
                held: 0.0,
                line: f64::INFINITY,
                bottle: f64::INFINITY,
                delivered: 0.0,
                spurts: Vec::new(),
                water: None,
            })),
        }
    }

    /// Makes the first `ms` of full flow after every start give nothing.
    #[must_use]
    pub fn with_dead_time(self, ms: u32) -> Self {
        self.now(|state| state.dead_ns = f64::from(ms) * 1e6);
        self
    }

    /// Makes the motor stand still below `permille`; above it, flow rises in a straight line up to full duty.
    #[must_use]
    pub fn with_stall(self, permille: u16) -> Self {
        self.now(|state| state.stall = permille.min(999));
        self
    }

    /// Makes the flow fall by `percent` of itself for every hour that the tube runs.
    #[must_use]
    pub fn with_wear(self, percent: f64) -> Self {
        self.now(|state| state.wear_per_hour = percent / 100.0);
        self
    }

    /// Gives the pump a bottle with `microlitres` in it.
    #[must_use]
    pub fn with_bottle(self, microlitres: f64) -> Self {
        self.now(|state| state.bottle = microlitres);
        self
    }

    /// Makes the tubing hold no more than `microlitres` between the tip and the pump.
    #[must_use]
    pub fn with_line(self, microlitres: f64) -> Self {
        self.now(|state| state.line = microlitres);
        self
    }

    /// Lets it pour `liquid` into `water`. What is poured reaches the water when the pump is next looked at.
    #[must_use]
    pub fn into_water(self, water: &Water, liquid: Liquid) -> Self {
        self.now(|state| state.water = Some((water.clone(), liquid)));
        self
    }

    /// Returns the pin that makes it dose: high, or by its duty cycle.
    pub fn forward(&self) -> PumpPin {
        PumpPin {
            pump: self.clone(),
            reverse: false,
        }
    }

    /// Returns the pin that makes it run backwards. With both on, the motor is short-circuited and stands still.
    pub fn reverse(&self) -> PumpPin {
        PumpPin {
            pump: self.clone(),
            reverse: true,
        }
    }

    /// Makes both pins fail from now on, and stay as they are, if `broken`.
    pub fn set_broken(&self, broken: bool) {
        self.now(|state| state.broken = broken);
    }

    /// Takes the power away from the host: both pins are off.
    pub fn power_cut(&self) {
        self.now(|state| {
            state.set(false, 0);
            state.set(true, 0);
        });
    }

    /// Puts `microlitres` into the bottle.
    pub fn refill(&self, microlitres: f64) {
        self.now(|state| state.bottle += microlitres);
    }

    /// Returns what came out of the tip so far, in microlitres.
    pub fn delivered(&self) -> f64 {
        self.now(|state| state.delivered)
    }

    /// Returns what is left in the bottle, in microlitres.
    pub fn bottle(&self) -> f64 {
        self.now(|state| state.bottle)
    }

    /// Returns all that came out of the tip, in order.
    pub fn spurts(&self) -> Vec<Spurt> {
        self.now(|state| state.spurts.clone())
    }

    /// Returns the most that came out in any time of `ns`, in microlitres.
    pub fn most_in(&self, ns: u64) -> f64 {
        self.now(|state| most_in(&state.spurts, ns))
    }

    /// Returns the longest time that the motor was on without a pause, in nanoseconds.
    pub fn longest_on(&self) -> u64 {
        self.now(|state| state.longest_on)
    }

    /// Returns how long the motor was on altogether, in nanoseconds.
    pub fn on(&self) -> u64 {
        self.now(|state| state.all_on)
    }

    /// Returns whether the motor turns.
    pub fn is_on(&self) -> bool {
        self.now(|state| state.forward > 0 || state.reverse > 0)
    }

    fn now<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        state.run_to(now);
        f(&mut state)
    }
}

impl State {
    fn set(&mut self, reverse: bool, permille: u16) {
        let turned = self.turns();
        if reverse {
            self.reverse = permille;
        } else {
            self.forward = permille;
        }
        if self.turns() != turned {
            self.turned = 0.0;
            self.on_ns = 0;
        }
    }

    /// 1 forwards, −1 backwards.
    fn turns(&self) -> i8 {
        match (self.forward > 0, self.reverse > 0) {
            (true, false) => 1,
            (false, true) => -1,
            _ => 0,
        }
    }

    fn run_to(&mut self, now: u64) {
        let (from, passed) = (self.at, now.saturating_sub(self.at));
        self.at = self.at.max(now);
        let turns = self.turns();
        if turns == 0 || passed == 0 {
            return;
        }
        self.on_ns += passed;
        self.all_on += passed;
        self.longest_on = self.longest_on.max(self.on_ns);
        let duty = f64::from(self.forward.max(self.reverse));
        let stall = f64::from(self.stall);
        let part = ((duty - stall) / (1_000.0 - stall)).max(0.0);
        let before = (self.turned - self.dead_ns).max(0.0);
        self.turned += float(passed) * part;
        let turned = (self.turned - self.dead_ns).max(0.0) - before;
        let worn = (1.0 - self.wear_per_hour * float(self.all_on) / HOUR_NS).max(0.0);
        let volume = self.flow * worn * turned / MINUTE_NS;
        if turns < 0 {
            self.held = (self.held + volume).min(self.line);
            return;
        }
        let volume = volume.min(self.bottle);
        self.bottle -= volume;
        let filled = volume.min(self.held);
        self.held -= filled;
        self.drip(from, now, volume - filled);
    }

    fn drip(&mut self, from: u64, to: u64, microlitres: f64) {
        if microlitres <= 0.0 {
            return;
        }
        self.delivered += microlitres;
        match self.spurts.last_mut().filter(|spurt| spurt.to == from) {
            Some(spurt) => {
                spurt.to = to;
                spurt.microlitres += microlitres;
            }
            None => self.spurts.push(Spurt {
                from,
                to,
                microlitres,
            }),
        }
        if let Some((water, liquid)) = &self.water {
            water.pour(*liquid, microlitres / 1_000.0);
        }
    }
}

/// The most in any window: it may as well begin with a spurt or end with one.
fn most_in(spurts: &[Spurt], ns: u64) -> f64 {
    let inside = |from: u64, to: u64| -> f64 {
        spurts
            .iter()
            .map(|spurt| {
                let shared = to.min(spurt.to).saturating_sub(from.max(spurt.from));
                spurt.microlitres * float(shared) / float((spurt.to - spurt.from).max(1))
            })
            .sum()
    };
    spurts
        .iter()
        .flat_map(|spurt| {
            [
                inside(spurt.from, spurt.from.saturating_add(ns)),
                inside(spurt.to.saturating_sub(ns), spurt.to),
            ]
        })
        .fold(0.0, f64::max)
}

/// Exact below 2^53 ns, which is 104 days.
#[allow(clippy::cast_precision_loss)]
fn float(ns: u64) -> f64 {
    ns as f64
}

impl fmt::Debug for Pump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pump")
            .field("on", &self.is_on())
            .field("delivered", &self.delivered())
            .finish_non_exhaustive()
    }
}

/// One of the two pins of a [`Pump`].
#[derive(Clone, Debug)]
pub struct PumpPin {
    pump: Pump,
    reverse: bool,
}

/// The pin does not react.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PumpPinBroken;

impl fmt::Display for PumpPinBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the pin does not react")
    }
}

impl std::error::Error for PumpPinBroken {}

impl digital::Error for PumpPinBroken {
    fn kind(&self) -> digital::ErrorKind {
        digital::ErrorKind::Other
    }
}

impl pwm::Error for PumpPinBroken {
    fn kind(&self) -> pwm::ErrorKind {
        pwm::ErrorKind::Other
    }
}

impl PumpPin {
    fn set(&self, permille: u16) -> Result<(), PumpPinBroken> {
        self.pump.now(|state| {
            if state.broken {
                return Err(PumpPinBroken);
            }
            state.set(self.reverse, permille);
            Ok(())
        })
    }
}

impl digital::ErrorType for PumpPin {
    type Error = PumpPinBroken;
}

impl OutputPin for PumpPin {
    fn set_low(&mut self) -> Result<(), PumpPinBroken> {
        self.set(0)
    }

    fn set_high(&mut self) -> Result<(), PumpPinBroken> {
        self.set(1_000)
    }
}

impl pwm::ErrorType for PumpPin {
    type Error = PumpPinBroken;
}

impl SetDutyCycle for PumpPin {
    fn max_duty_cycle(&self) -> u16 {
        1_000
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), PumpPinBroken> {
        self.set(duty.min(1_000))
    }
}
