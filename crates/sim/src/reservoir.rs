//! The water of a reservoir and the air above it.

use core::f64::consts::TAU;

const NS_PER_S: u64 = 1_000_000_000;
const DAY_S: f64 = 86_400.0;
/// Steps of the integration; far below the water's time constant.
const STEP_S: u64 = 60;

/// A reservoir in a grow room: the lights warm the air by day, and the water follows slowly.
///
/// Time starts at midnight. Air is 22 ± 4 °C, warmest at 15:00; relative humidity 60 ± 15 %, driest then.
/// The water tends to the air's temperature with a time constant of six hours. All of these figures are chosen, not
/// measured.
///
/// ```
/// let mut reservoir = sim::Reservoir::new(20.0);
/// reservoir.advance_to(15 * 3600 * 1_000_000_000);
/// assert!(reservoir.air_celsius() > 25.9);
/// assert!(reservoir.water_celsius() > 20.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Reservoir {
    water_celsius: f64,
    /// Seconds since midnight of the first day.
    at_s: u64,
}

impl Reservoir {
    const TIME_CONSTANT_S: f64 = 6.0 * 3600.0;

    /// A reservoir at midnight with water of this temperature.
    pub fn new(water_celsius: f64) -> Self {
        Self {
            water_celsius,
            at_s: 0,
        }
    }

    /// Lets time pass until `ns` after midnight of the first day. Time does not run backwards.
    pub fn advance_to(&mut self, ns: u64) {
        let until_s = ns / NS_PER_S;
        while self.at_s < until_s {
            let step = STEP_S.min(until_s - self.at_s);
            let towards_air = (self.air_celsius() - self.water_celsius) / Self::TIME_CONSTANT_S;
            self.water_celsius += towards_air * seconds(step);
            self.at_s += step;
        }
    }

    /// Temperature of the water.
    pub fn water_celsius(&self) -> f64 {
        self.water_celsius
    }

    /// Temperature of the air.
    pub fn air_celsius(&self) -> f64 {
        22.0 + 4.0 * self.day()
    }

    /// Relative humidity of the air in percent.
    pub fn humidity_percent(&self) -> f64 {
        60.0 - 15.0 * self.day()
    }

    /// The course of the day from −1 at 03:00 to 1 at 15:00.
    fn day(&self) -> f64 {
        (TAU * (seconds(self.at_s) / DAY_S - 0.375)).sin()
    }
}

/// Exact below 2^53 s.
#[allow(clippy::cast_precision_loss)]
fn seconds(s: u64) -> f64 {
    s as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_NS: u64 = 3600 * NS_PER_S;

    #[test]
    fn air_is_warmest_and_driest_at_three_in_the_afternoon() {
        let mut reservoir = Reservoir::new(20.0);
        reservoir.advance_to(15 * HOUR_NS);
        assert!((reservoir.air_celsius() - 26.0).abs() < 1e-9);
        assert!((reservoir.humidity_percent() - 45.0).abs() < 1e-9);
        reservoir.advance_to(27 * HOUR_NS);
        assert!((reservoir.air_celsius() - 18.0).abs() < 1e-9);
        assert!((reservoir.humidity_percent() - 75.0).abs() < 1e-9);
    }

    #[test]
    fn water_follows_the_air_late_and_by_less() {
        let mut reservoir = Reservoir::new(22.0);
        let mut warmest = (0, f64::MIN);
        let mut coldest = f64::MAX;
        for hour in 24..48 {
            reservoir.advance_to(hour * HOUR_NS);
            let water = reservoir.water_celsius();
            coldest = coldest.min(water);
            if water > warmest.1 {
                warmest = (hour - 24, water);
            }
        }
        // A first-order lag of six hours at one cycle a day: 57.5° late, which is 3.8 h, and 0.54 of the swing.
        assert!((18..=20).contains(&warmest.0), "warmest at {} h", warmest.0);
        assert!(
            (1.9..=2.4).contains(&((warmest.1 - coldest) / 2.0)),
            "{} .. {coldest}",
            warmest.1
        );
    }

    #[test]
    fn the_step_in_which_time_passes_does_not_matter() {
        let mut once = Reservoir::new(18.0);
        let mut often = once.clone();
        once.advance_to(10 * HOUR_NS);
        for second in (0..=36_000).step_by(7) {
            often.advance_to(second * NS_PER_S);
        }
        often.advance_to(10 * HOUR_NS);
        assert!((once.water_celsius() - often.water_celsius()).abs() < 0.01);
    }

    #[test]
    fn time_does_not_run_backwards() {
        let mut reservoir = Reservoir::new(18.0);
        reservoir.advance_to(10 * HOUR_NS);
        let before = reservoir.clone();
        reservoir.advance_to(0);
        assert_eq!(reservoir, before);
    }
}
