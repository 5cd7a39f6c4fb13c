//! The water of a hydroponic tank as probes see it and pumps change it, and the bottles that pumps draw from.

use std::fmt;
use std::sync::{Arc, Mutex, Weak};

use super::circuit::Circuit;
use super::tube::Tube;
use crate::clock::Clock;
use crate::lock;

/// What is in a [`Bottle`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Liquid {
    /// Strong acid in mmol per ml; base is negative.
    pub acid_mmol_per_ml: f64,
    /// What a millilitre adds to the conductivity of one litre, in µS/cm.
    pub microsiemens_litres_per_ml: f64,
}

impl Liquid {
    /// Neither acid nor salt: thins the nutrients.
    pub const PLAIN: Self = Self {
        acid_mmol_per_ml: 0.0,
        microsiemens_litres_per_ml: 0.0,
    };

    /// pH down of `mmol` acid per ml.
    pub fn acid(mmol: f64) -> Self {
        Self {
            acid_mmol_per_ml: mmol,
            ..Self::PLAIN
        }
    }

    /// pH up of `mmol` base per ml.
    pub fn base(mmol: f64) -> Self {
        Self::acid(-mmol)
    }

    /// Nutrient of which a millilitre adds `microsiemens` µS/cm to one litre.
    pub fn nutrient(microsiemens: f64) -> Self {
        Self {
            microsiemens_litres_per_ml: microsiemens,
            ..Self::PLAIN
        }
    }
}

/// A bottle that a pump draws from. Clones are the same bottle.
#[derive(Clone, Debug)]
pub struct Bottle {
    liquid: Liquid,
    millilitres: Arc<Mutex<f64>>,
}

impl Bottle {
    /// Makes a bottle with `millilitres` of `liquid` in it.
    pub fn new(liquid: Liquid, millilitres: f64) -> Self {
        Self {
            liquid,
            millilitres: Arc::new(Mutex::new(millilitres)),
        }
    }

    /// Returns what is left, in millilitres. A pump's latest share is missing until the pump or the water is looked at.
    pub fn millilitres(&self) -> f64 {
        *lock(&self.millilitres)
    }

    /// Puts `millilitres` in.
    pub fn fill(&self, millilitres: f64) {
        *lock(&self.millilitres) += millilitres;
    }

    pub(super) fn liquid(&self) -> Liquid {
        self.liquid
    }

    /// Takes up to `millilitres` out and returns how much it was; a pump that runs backwards takes out less than none.
    pub(super) fn draw(&self, millilitres: f64) -> f64 {
        let left = &mut *lock(&self.millilitres);
        let drawn = millilitres.min(*left);
        *left -= drawn;
        drawn
    }
}

/// The water of a tank. Clones are the same water.
///
/// The chemistry is as simple as tests of a controller allow:
/// - acid of *n* mmol lowers the pH by *n* / (volume × buffer), at every pH alike;
/// - conductivity, referred to 25 °C, is that of the water and of what is poured in, weighted by volume;
/// - both follow what was poured in with a time constant, the mixing time, the same everywhere in the tank;
/// - temperature, dissolved oxygen and ORP stay as set; a [`Reservoir`](crate::Reservoir) can say what temperature to set.
///
/// ```
/// let clock = sim::Clock::new();
/// let water = sim::Water::new(&clock).with_volume(20.0).with_buffer(2.0).with_mixing_time(60.0);
/// water.set_ph(6.8);
/// water.pour(sim::Liquid::acid(1.0), 40.0);
/// assert!(water.ph() > 6.79);
/// clock.advance(600_000_000_000);
/// // 40 mmol in 20.04 l at 2 mmol per litre and pH: down by 0.998.
/// assert!((water.ph() - 5.802).abs() < 0.001);
/// ```
#[derive(Clone)]
pub struct Water {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

/// A pump that pours in: what tells it to, and its tube. Water is locked before both.
struct Pump {
    circuit: Weak<Mutex<Circuit>>,
    tube: Arc<Mutex<Tube>>,
}

struct State {
    at: u64,
    litres: f64,
    buffer: f64,
    mixing_ns: f64,
    /// What probes see, and what they will see once all is mixed.
    ph: (f64, f64),
    microsiemens: (f64, f64),
    celsius: f64,
    oxygen: f64,
    orp: f64,
    pumps: Vec<Pump>,
}

impl Water {
    /// Makes 20 l of water at pH 7, 1000 µS/cm, 25 °C, 8.26 mg/l oxygen, 300 mV ORP, with a buffer capacity of
    /// 1 mmol per litre and pH and a mixing time of 30 s.
    pub fn new(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            state: Arc::new(Mutex::new(State {
                at: clock.now(),
                litres: 20.0,
                buffer: 1.0,
                mixing_ns: 30.0e9,
                ph: (7.0, 7.0),
                microsiemens: (1_000.0, 1_000.0),
                celsius: 25.0,
                oxygen: 8.26,
                orp: 300.0,
                pumps: Vec::new(),
            })),
        }
    }

    /// Sets the volume in litres.
    #[must_use]
    pub fn with_volume(self, litres: f64) -> Self {
        self.now(|state| state.litres = litres);
        self
    }

    /// Sets the buffer capacity in mmol per litre and pH.
    #[must_use]
    pub fn with_buffer(self, mmol: f64) -> Self {
        self.now(|state| state.buffer = mmol);
        self
    }

    /// Sets the time constant of mixing in seconds; 0 is at once.
    #[must_use]
    pub fn with_mixing_time(self, seconds: f64) -> Self {
        self.now(|state| state.mixing_ns = seconds * 1e9);
        self
    }

    /// Sets the pH everywhere in the tank.
    pub fn set_ph(&self, ph: f64) {
        self.now(|state| state.ph = (ph, ph));
    }

    /// Sets the conductivity everywhere in the tank, in µS/cm at 25 °C.
    pub fn set_microsiemens(&self, microsiemens: f64) {
        self.now(|state| state.microsiemens = (microsiemens, microsiemens));
    }

    /// Sets the temperature in °C.
    pub fn set_celsius(&self, celsius: f64) {
        self.now(|state| state.celsius = celsius);
    }

    /// Sets the dissolved oxygen in mg/l.
    pub fn set_oxygen(&self, milligrams_per_litre: f64) {
        self.now(|state| state.oxygen = milligrams_per_litre);
    }

    /// Sets the oxidation-reduction potential in mV.
    pub fn set_orp(&self, millivolts: f64) {
        self.now(|state| state.orp = millivolts);
    }

    /// Pours `millilitres` of `liquid` in.
    pub fn pour(&self, liquid: Liquid, millilitres: f64) {
        self.now(|state| state.pour(liquid, millilitres));
    }

    /// Takes `litres` out, of the water as it is.
    pub fn drain(&self, litres: f64) {
        self.now(|state| state.litres = (state.litres - litres).max(0.0));
    }

    /// Returns the pH at the probes now.
    pub fn ph(&self) -> f64 {
        self.now(|state| state.ph.0)
    }

    /// Returns the conductivity at the probes now, in µS/cm at 25 °C.
    pub fn microsiemens(&self) -> f64 {
        self.now(|state| state.microsiemens.0)
    }

    /// Returns the temperature in °C.
    pub fn celsius(&self) -> f64 {
        self.now(|state| state.celsius)
    }

    /// Returns the dissolved oxygen in mg/l.
    pub fn oxygen(&self) -> f64 {
        self.now(|state| state.oxygen)
    }

    /// Returns the oxidation-reduction potential in mV.
    pub fn orp(&self) -> f64 {
        self.now(|state| state.orp)
    }

    /// Returns the volume in litres.
    pub fn litres(&self) -> f64 {
        self.now(|state| state.litres)
    }

    pub(super) fn add_pump(&self, circuit: &Arc<Mutex<Circuit>>, tube: Arc<Mutex<Tube>>) {
        let circuit = Arc::downgrade(circuit);
        self.now(|state| state.pumps.push(Pump { circuit, tube }));
    }

    fn now<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        self.at(self.clock.now(), f)
    }

    fn at<R>(&self, at: u64, f: impl FnOnce(&mut State) -> R) -> R {
        let mut state = lock(&self.state);
        state.run_to(at);
        f(&mut state)
    }

    /// What probes saw at `at`, or see now if somebody has looked at the water since.
    pub(super) fn sample(&self, at: u64) -> Sample {
        self.at(at, |state| Sample {
            ph: state.ph.0,
            microsiemens: state.microsiemens.0,
            celsius: state.celsius,
            oxygen: state.oxygen,
            orp: state.orp,
        })
    }
}

/// The water at one instant, in the units of the setters of [`Water`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) ph: f64,
    pub(crate) microsiemens: f64,
    pub(crate) celsius: f64,
    pub(crate) oxygen: f64,
    pub(crate) orp: f64,
}

impl State {
    fn run_to(&mut self, at: u64) {
        let mut poured = Vec::new();
        for pump in &self.pumps {
            if let Some(circuit) = pump.circuit.upgrade() {
                lock(&circuit).run_to(at);
            }
            let mut tube = lock(&pump.tube);
            tube.run_to(at);
            poured.append(&mut tube.take_poured());
        }
        poured.sort_by_key(|pour| pour.at);
        for pour in poured {
            self.mix_to(pour.at);
            self.pour(pour.liquid, pour.millilitres);
        }
        self.mix_to(at);
    }

    fn pour(&mut self, liquid: Liquid, millilitres: f64) {
        let before = self.litres;
        self.litres = (before + millilitres / 1_000.0).max(0.0);
        // A pump that runs backwards takes water out; it does not sort it.
        if self.litres <= before || self.litres <= 0.0 {
            return;
        }
        let salt = self.microsiemens.1 * before + liquid.microsiemens_litres_per_ml * millilitres;
        self.microsiemens.1 = salt / self.litres;
        let acid = liquid.acid_mmol_per_ml * millilitres;
        self.ph.1 = (self.ph.1 - acid / (self.litres * self.buffer)).clamp(0.0, 14.0);
    }

    fn mix_to(&mut self, at: u64) {
        let time = ns(at.saturating_sub(self.at));
        self.at = self.at.max(at);
        let part = if self.mixing_ns > 0.0 {
            -(-time / self.mixing_ns).exp_m1()
        } else {
            1.0
        };
        for (seen, mixed) in [&mut self.ph, &mut self.microsiemens] {
            *seen += (*mixed - *seen) * part;
        }
    }
}

/// Exact below 2^53 ns, which is 104 days.
#[allow(clippy::cast_precision_loss)]
pub(super) fn ns(ns: u64) -> f64 {
    ns as f64
}

impl fmt::Debug for Water {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Water")
            .field("ph", &self.ph())
            .field("microsiemens", &self.microsiemens())
            .finish_non_exhaustive()
    }
}
