//! 120 days of two pumps on a host that is reset every few hours, now and then in the middle of a dose.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test, helpers included"
)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "all numbers are small"
)]

use fugit::MillisDurationU32;
use peristaltic::{
    AntiDrip, Calibration, Dose, Duty, End, Error, Instant, Limits, Microlitres, MicrolitresPerMinute, Point,
    Pump, Pumps, PwmBridge, RampStep, Record, Refused, Request, Rules, SoftStart, Tank,
};
use sim::{Clock, Liquid, PumpPin, SplitMix64, Water};

const MS: u64 = 1_000_000;
const HOUR: u64 = 3_600_000;
const DOSE: i64 = 5_000;

fn ms(ms: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(ms)
}

const LIMITS: Limits = Limits {
    largest_dose: Microlitres::new(6_000),
    per_hour: Microlitres::new(12_000),
    per_day: Microlitres::new(42_000),
    longest_run: MillisDurationU32::from_ticks(20_000),
    interval: MillisDurationU32::from_ticks(600_000),
};

const RULES: Rules = Rules {
    longest_gap: MillisDurationU32::from_ticks(600_000),
    interruptions: 0,
    ..Rules::DEFAULT
};

type Motor = PwmBridge<PumpPin, PumpPin>;

struct Season {
    clock: Clock,
    pumps: [sim::Pump; 2],
    setups: [Pump; 2],
    flash: Record<2>,
    booted: u64,
    host: Pumps<Motor, 2>,
}

impl Season {
    fn new() -> Self {
        let clock = Clock::new();
        let water = Water::new(&clock).with_volume(1_000.0).with_buffer(50.0);
        // A pump that dribbles for 0.3 s, loses half a per cent per hour of running, and stalls below half its duty.
        let model = |liquid| {
            sim::Pump::new(&clock, 72_000.0)
                .with_dead_time(300)
                .with_stall(500)
                .with_wear(0.5)
                .with_line(2_000.0)
                .with_bottle(10_000_000.0)
                .into_water(&water, liquid)
        };
        let pumps = [model(Liquid::acid(1.0)), model(Liquid::nutrient(50.0))];
        let points = [(2_000, 2_040), (20_300, 24_000)];
        let points = points.map(|(time, volume)| Point::new(ms(time), Microlitres::new(volume)));
        let ramp = RampStep {
            duty: Duty::new(750).unwrap(),
            flow_permille: 500,
            time: ms(200),
        };
        let setup = Pump::new(LIMITS, MicrolitresPerMinute::new(80_000))
            .unwrap()
            .with_calibration(Calibration::new(&points).unwrap())
            .with_soft_start(SoftStart::new(&[ramp]).unwrap())
            .reversible(Microlitres::new(2_000))
            .with_anti_drip(AntiDrip {
                pause: ms(100),
                time: ms(600),
            })
            .unwrap();
        let tank = Tank::first_start([setup; 2], RULES, Instant::from_ticks(0)).unwrap();
        let flash = *tank.record();
        let (host, result) = Pumps::new(tank, motors(&pumps), Instant::from_ticks(0));
        result.unwrap();
        Self {
            clock,
            pumps,
            setups: [setup; 2],
            flash,
            booted: 0,
            host,
        }
    }

    /// Whether the dose began; it may have to wait.
    fn dose(&mut self, pump: usize, id: u64) -> bool {
        let request = Request::new(pump, Dose::Volume(Microlitres::new(DOSE))).with_id(id);
        let (clock, booted, flash) = (self.clock.clone(), self.booted, &mut self.flash);
        let now = || Instant::from_ticks(clock.now() / MS - booted);
        let store = |record: &Record<2>| {
            *flash = *record;
            Ok::<_, ()>(())
        };
        match self.host.dose(now, request, store) {
            Ok(()) => true,
            Err(Error::Refused(
                Refused::Mixing(_)
                | Refused::Busy
                | Refused::Interval(_)
                | Refused::DayCap(_)
                | Refused::HourCap(_),
            )) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    fn now(&self) -> Instant {
        Instant::from_ticks(self.clock.now() / MS - self.booted)
    }

    fn reset(&mut self, off: u64) {
        for pump in &self.pumps {
            pump.power_cut();
        }
        self.clock.advance(off * MS);
        self.booted = self.clock.now() / MS;
        let tank = Tank::restore(self.setups, RULES, self.flash, Instant::from_ticks(0)).unwrap();
        let (host, result) = Pumps::new(tank, motors(&self.pumps), Instant::from_ticks(0));
        result.unwrap();
        self.host = host;
    }

    /// Waits for the deadline, but no longer than to `until`, and says how the dose that ended meanwhile did.
    fn step(&mut self, until: u64) -> Option<End> {
        let (step, result) = self.host.tick(self.now());
        result.unwrap();
        if step.store {
            self.flash = *self.host.tank().record();
            let sequence = self.flash.sequence();
            self.host.tank_mut().saved(sequence);
        }
        if let Some(outcome) = step.outcome {
            return Some(outcome.end);
        }
        let wait = step.deadline.as_ticks() - self.now().as_ticks();
        let left = until.saturating_sub(self.clock.now() / MS);
        self.clock.advance(wait.min(left) * MS);
        None
    }
}

fn motors(pumps: &[sim::Pump; 2]) -> [Motor; 2] {
    [0, 1].map(|index| PwmBridge::new(pumps[index].forward(), pumps[index].reverse()))
}

#[test]
fn season_with_a_reset_every_few_hours_doses_what_was_asked_and_passes_no_cap() {
    let mut season = Season::new();
    let mut random = SplitMix64::new(1);
    let mut next_reset = 3 * HOUR;
    let mut due = [HOUR, 3 * HOUR];
    let (mut asked, mut resets, mut cut, mut done) = (0, 0, 0, 0);
    let end = 120 * 24 * HOUR;
    while season.clock.now() / MS < end {
        let now = season.clock.now() / MS;
        if now >= next_reset {
            season.reset(random.below(300_000));
            resets += 1;
            next_reset = season.clock.now() / MS + 2 * HOUR + random.below(4 * HOUR);
            continue;
        }
        for (pump, due) in due.iter_mut().enumerate() {
            if now >= *due && season.dose(pump, *due) {
                asked += DOSE;
                *due += 4 * HOUR;
                // One dose in 150 is cut by a reset.
                if random.below(150) == 0 {
                    next_reset = now + random.below(4_500);
                }
            }
        }
        let until = due[0]
            .max(now + 1_000)
            .min(due[1].max(now + 1_000))
            .min(next_reset.max(now + 1));
        match season.step(until) {
            Some(End::Done) => done += 1,
            Some(End::Interrupted) => cut += 1,
            Some(other) => panic!("{other:?}"),
            None => {}
        }
    }

    let delivered: f64 = season.pumps.iter().map(sim::Pump::delivered).sum();
    let part = delivered / asked as f64;
    println!(
        "asked {asked} µl, delivered {part:.4} of it; {done} doses done, {cut} cut by one of {resets} resets"
    );
    assert!((0.99..=1.01).contains(&part), "{part}");
    assert!(resets > 500 && cut >= 5 && done > 1_400, "{resets} {cut} {done}");
    for (index, pump) in season.pumps.iter().enumerate() {
        assert!(pump.most_in(HOUR * MS) <= 12_000.0);
        assert!(pump.most_in(24 * HOUR * MS) <= 42_000.0);
        let total = season.host.tank().status(index).unwrap().total;
        assert!(pump.delivered() <= total.most().get() as f64);
        // What the wear takes is not known to the accounts.
        assert!(pump.delivered() >= total.least().get() as f64 * 0.99);
    }
}
