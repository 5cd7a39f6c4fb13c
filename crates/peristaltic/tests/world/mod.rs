//! Two pumps in one tank, a host that crashes, a memory that sometimes does not take, a clock that jumps: a random
//! history, with an oracle that looks at nothing but what came out of the simulated tips.

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

use fugit::{MillisDurationU32, SecsDurationU32};
use peristaltic::{
    AntiDrip, Calibration, Dose, Duty, Instant, Limits, Microlitres, MicrolitresPerMinute, Outcome, Point,
    Pulses, Pump, Pumps, PwmBridge, RampStep, Record, Refused, Request, Rules, SoftStart, Tank,
};
use sim::{Clock, PumpPin, SplitMix64};

pub(crate) const MS: u64 = 1_000_000;
const SECOND_MS: u64 = 1_000;
const HOUR_MS: u64 = 3_600_000;

pub(crate) fn ms(ms: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(ms)
}

pub(crate) fn ul(volume: i64) -> Microlitres {
    Microlitres::new(volume)
}

pub(crate) const LIMITS: Limits = Limits {
    largest_dose: Microlitres::new(3_000),
    per_hour: Microlitres::new(4_500),
    per_day: Microlitres::new(9_000),
    longest_run: MillisDurationU32::from_ticks(9_000),
    interval: MillisDurationU32::from_ticks(120_000),
};

pub(crate) const RULES: Rules = Rules {
    mixing: MillisDurationU32::from_ticks(60_000),
    lateness: MillisDurationU32::from_ticks(100),
    longest_gap: MillisDurationU32::from_ticks(1_200_000),
    checkpoint: MillisDurationU32::from_ticks(900_000),
    longest_pause: MillisDurationU32::from_ticks(30_000),
    interruptions: 0,
};

/// 60 ml/min after 200 ms, soft start, anti-drip; and 90 ml/min from the start.
pub(crate) fn setups() -> [Pump; 2] {
    let step = |duty, flow_permille, time| RampStep {
        duty: Duty::new(duty).unwrap(),
        flow_permille,
        time: ms(time),
    };
    let pulses = Pulses {
        period: ms(10_000),
        shortest: ms(400),
        most_permille: 750,
    };
    let first = Calibration::new(&[
        Point::new(ms(1_200), ul(1_000)),
        Point::new(ms(10_200), ul(10_000)),
    ])
    .unwrap();
    let second = Calibration::new(&[Point::new(ms(60_000), ul(90_000))]).unwrap();
    let fastest = MicrolitresPerMinute::new(100_000);
    [
        Pump::new(LIMITS, fastest)
            .unwrap()
            .with_calibration(first)
            .with_soft_start(SoftStart::new(&[step(300, 0, 50), step(750, 500, 100)]).unwrap())
            .with_pulses(pulses)
            .unwrap()
            .reversible(ul(1_500))
            .with_anti_drip(AntiDrip {
                pause: ms(50),
                time: ms(500),
            })
            .unwrap(),
        Pump::new(LIMITS, fastest)
            .unwrap()
            .with_calibration(second)
            .with_pulses(pulses)
            .unwrap()
            .reversible(ul(1_500)),
    ]
}

pub(crate) fn models(clock: &Clock) -> [sim::Pump; 2] {
    [
        sim::Pump::new(clock, 60_000.0)
            .with_dead_time(200)
            .with_stall(500)
            .with_line(1_500.0),
        sim::Pump::new(clock, 90_000.0).with_line(1_500.0),
    ]
}

type Motors = PwmBridge<PumpPin, PumpPin>;

/// What a history came to, so that a test can see that it was not idle.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) doses: u64,
    pub(crate) refused: u64,
    pub(crate) hour_caps: u64,
    pub(crate) day_caps: u64,
    pub(crate) repeated: u64,
    pub(crate) interrupted: u64,
    pub(crate) faults: u64,
    pub(crate) crashes: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.doses += other.doses;
        self.refused += other.refused;
        self.hour_caps += other.hour_caps;
        self.day_caps += other.day_caps;
        self.repeated += other.repeated;
        self.interrupted += other.interrupted;
        self.faults += other.faults;
        self.crashes += other.crashes;
    }
}

pub(crate) struct World {
    random: SplitMix64,
    clock: Clock,
    pumps: [sim::Pump; 2],
    host: Pumps<Motors, 2>,
    /// What the memory holds.
    flash: Record<2>,
    flash_at: u64,
    /// Host clock less true clock, in milliseconds.
    offset: i128,
    /// True time at which the host must call, in milliseconds.
    due: u64,
    /// Numbers of commands that ran, the latest last.
    ran: [Vec<u64>; 2],
    /// The dose of which an outcome is due, and what had come out before it.
    open: Option<(Request, f64)>,
    /// A pin stayed on although it should have been off: what comes then is bounded, but not by the caps.
    leaked: bool,
    tally: Tally,
    /// Whether the host starts a pump before its record is stored: the fault that the oracle must find.
    planted: bool,
    /// Whether there are resets.
    troubled: bool,
}

impl World {
    pub(crate) fn new(seed: u64, planted: bool) -> Self {
        let clock = Clock::new();
        let pumps = models(&clock);
        let offset = 1_000_000_000;
        let now = Instant::from_ticks(1_000_000_000);
        let tank = Tank::first_start(setups(), RULES, now).unwrap();
        let flash = *tank.record();
        let (host, started) = Pumps::new(tank, motors(&pumps), now);
        started.unwrap();
        Self {
            random: SplitMix64::new(seed),
            clock,
            pumps,
            host,
            flash,
            flash_at: 0,
            offset,
            due: 0,
            ran: [Vec::new(), Vec::new()],
            open: None,
            leaked: false,
            tally: Tally::default(),
            planted,
            troubled: !seed.is_multiple_of(4),
        }
    }

    /// Lives through `steps` random events. One history in four is without trouble, one has resets only.
    pub(crate) fn live(mut self, seed: u64, steps: u32) -> Tally {
        self.tick();
        let events = [80, 86, 100, 100][(seed % 4) as usize];
        for _ in 0..steps {
            match self.random.below(events) {
                0..40 => self.sleep(),
                40..62 => self.command(),
                62..67 => self.long_sleep(),
                67..72 => {
                    let now = self.now();
                    let _paused = self.host.pause(now);
                    self.settle();
                }
                72..76 => {
                    let now = self.now();
                    let _resumed = self.host.resume(now);
                    self.settle();
                }
                76..80 => {
                    let now = self.now();
                    let (outcome, _error) = self.host.stop(now);
                    self.check_outcome(outcome);
                    self.settle();
                }
                80..86 => self.crash(),
                86 => {
                    let now = self.now();
                    let _error = self.host.emergency_stop(now);
                    self.settle();
                }
                87..93 => self.acknowledge(),
                93..98 => self.jump(),
                _ => {
                    let pump = self.random.below(2) as usize;
                    self.pumps[pump].set_broken(self.random.chance(500_000));
                }
            }
            self.check_now();
        }
        self.finish()
    }

    fn true_ms(&self) -> u64 {
        self.clock.now() / MS
    }

    fn now(&self) -> Instant {
        let ms = i128::from(self.true_ms()) + self.offset;
        Instant::from_ticks(u64::try_from(ms.clamp(0, i128::from(u64::MAX))).unwrap())
    }

    /// Lets the host look, up to its lateness after the deadline.
    fn sleep(&mut self) {
        let until = self.due + self.random.below(101);
        let now = self.true_ms();
        let until = if self.random.chance(300_000) && until > now {
            now + self.random.below(until - now)
        } else {
            until.max(now)
        };
        self.clock.advance((until - now) * MS);
        self.tick();
    }

    fn long_sleep(&mut self) {
        let most = if self.random.chance(30_000) { 170 } else { 12 };
        for _ in 0..=self.random.below(most) {
            self.sleep();
        }
    }

    fn tick(&mut self) {
        let before = self.true_ms();
        let now = self.now();
        let (step, _error) = self.host.tick(now);
        let wait = step.deadline.as_ticks().saturating_sub(now.as_ticks());
        self.due = before + wait;
        self.check_outcome(step.outcome);
        if step.store && self.random.chance(700_000) {
            self.store();
            let sequence = self.flash.sequence();
            self.host.tank_mut().saved(sequence);
        }
    }

    /// What a host does after every command.
    fn settle(&mut self) {
        self.tick();
    }

    fn store(&mut self) {
        self.flash = *self.host.tank().record();
        self.flash_at = self.true_ms();
    }

    fn command(&mut self) {
        let pump = self.random.below(2) as usize;
        let volume = ul(self.random.below(3_300) as i64);
        let time = ms(self.random.below(4_000) as u32);
        let dose = match self.random.below(12) {
            0..6 => Dose::Volume(volume),
            6 | 7 => Dose::VolumeOver(volume, ms(self.random.below(60_000) as u32)),
            8 => Dose::Time(time),
            9 => Dose::Continuous(time),
            10 => Dose::Prime(time),
            _ => Dose::Purge(time),
        };
        let repeated = self.ran[pump]
            .last()
            .copied()
            .filter(|_| self.random.chance(300_000));
        let id = repeated.unwrap_or_else(|| self.random.next_u64());
        let request = Request::new(pump, dose).with_id(id);
        let now = self.now();
        let ticket = match self.host.prepare(now, request) {
            Ok(ticket) => ticket,
            Err(refused) => {
                self.tally.refused += 1;
                self.tally.hour_caps += u64::from(matches!(refused, Refused::HourCap(_)));
                self.tally.day_caps += u64::from(matches!(refused, Refused::DayCap(_)));
                self.tally.repeated += u64::from(refused == Refused::Repeated);
                return;
            }
        };
        let mark = self.pumps[pump].delivered();
        if self.planted {
            self.start(ticket, request, mark);
            self.settle();
            if self.random.chance(900_000) {
                self.store();
            }
            return;
        }
        match self.random.below(20) {
            0 => {
                // Not stored, and known not to be.
                let now = self.now();
                self.host.tank_mut().cancel(now);
            }
            1 => {
                // Stored, but thought not to be.
                self.store();
                let now = self.now();
                self.host.tank_mut().cancel(now);
            }
            2 if self.troubled => self.crash(),
            3 if self.troubled => {
                self.store();
                self.open = Some((request, mark));
                self.crash();
            }
            _ => {
                self.store();
                self.clock.advance(self.random.below(200) * MS);
                self.start(ticket, request, mark);
            }
        }
        self.settle();
    }

    fn start(&mut self, ticket: peristaltic::Ticket, request: Request, mark: f64) {
        let pump = request.pump;
        if !request.dose_is_maintenance() && !self.leaked {
            let spurts = self.pumps.iter().filter_map(|pump| pump.spurts().last().copied());
            if let Some(last) = spurts.map(|spurt| spurt.to).max() {
                assert!(self.true_ms() - last / MS >= 60_000, "the tank had not mixed");
            }
        }
        let id = request.id.unwrap();
        let known = self.ran[pump].iter().rev().take(8).any(|ran| *ran == id);
        let now = self.now();
        if let Err(peristaltic::Error::Refused(refused)) = self.host.start(now, ticket.stored()) {
            panic!("refused to start: {refused}");
        }
        assert!(!known, "command {id} was carried out twice");
        self.ran[pump].push(id);
        self.open = Some((request, mark));
        self.tally.doses += 1;
    }

    fn acknowledge(&mut self) {
        for pump in 0..2 {
            let _stuck = self.host.tank_mut().acknowledge(pump);
        }
    }

    /// The clock is set: back by a second to a day, or ahead by more than what passes for time.
    fn jump(&mut self) {
        let now = self.now().as_ticks();
        let set = match self.random.below(6) {
            0 => now.saturating_sub(1_000 + self.random.below(20_000)),
            1 => now.saturating_sub(24 * HOUR_MS),
            2 => now.saturating_add(24 * HOUR_MS + self.random.below(HOUR_MS)),
            3 => now.saturating_add(25 * 60 * SECOND_MS),
            4 => u64::MAX - (1 << 40),
            // What a counter of 32 bits does after 49 days.
            _ => now % (1 << 16),
        };
        // A clock that has reached its end stands still, and nobody can tell; that is not a jump.
        let set = set.min(u64::MAX - (1 << 40));
        let ahead = set.saturating_sub(now);
        if now.abs_diff(set) < 1_000 || (1..=1_200_000).contains(&ahead) {
            return;
        }
        self.offset = i128::from(set) - i128::from(self.true_ms());
        // Whatever the clock says, the host is called at the true time.
        let until = self.true_ms()
            + self
                .random
                .below((self.due + 100).saturating_sub(self.true_ms()).max(1));
        self.clock.advance(until.saturating_sub(self.true_ms()) * MS);
        self.tick();
    }

    fn crash(&mut self) {
        if self.is_on_against_orders() {
            self.leaked = true;
        }
        self.tally.crashes += 1;
        // At any time up to the next call.
        if self.random.chance(700_000) {
            let left = (self.due + 100).saturating_sub(self.true_ms());
            self.clock.advance(self.random.below(left + 1) * MS);
        }
        for pump in &self.pumps {
            pump.power_cut();
            pump.set_broken(false);
        }
        let cut = self.true_ms();
        self.clock.advance(self.random.below(HOUR_MS) * MS);
        self.offset = i128::from(self.random.below(10_000)) - i128::from(self.true_ms());
        let now = self.now();
        let mut tank = Tank::restore(setups(), RULES, self.flash, now).unwrap();
        if self.random.chance(300_000) {
            let off = (self.true_ms() - cut) / 1_000;
            assert!(tank.was_off_for(SecsDurationU32::from_ticks(off as u32)));
        }
        let (host, started) = Pumps::new(tank, motors(&self.pumps), now);
        started.unwrap();
        self.host = host;
        // The record knows of a dose that the host had closed without storing that: it is reported once more, in full.
        let (step, _error) = self.host.tick(now);
        self.due = self.true_ms() + step.deadline.as_ticks().saturating_sub(now.as_ticks());
        if let Some(outcome) = step.outcome {
            self.tally.interrupted += 1;
            match self.open {
                Some((request, _)) if request == outcome.request => self.check_outcome(Some(outcome)),
                _ => {}
            }
        }
        self.open = None;
        assert!(
            self.pumps.iter().all(|pump| !pump.is_on()),
            "runs by itself after a reset"
        );
    }

    fn check_outcome(&mut self, outcome: Option<Outcome>) {
        let Some(outcome) = outcome else { return };
        if matches!(outcome.end, peristaltic::End::Fault(_)) {
            self.tally.faults += 1;
        }
        let Some((request, mark)) = self.open.take() else {
            return;
        };
        assert_eq!(request, outcome.request);
        if self.leaked || self.is_on_against_orders() {
            return;
        }
        let came = self.pumps[request.pump].delivered() - mark;
        assert_within(
            came,
            outcome.delivered.least(),
            outcome.delivered.most(),
            &outcome,
        );
    }

    fn is_on_against_orders(&self) -> bool {
        (0..2).any(|pump| self.host.tank().is_stuck(pump))
    }

    fn check_now(&mut self) {
        if self.is_on_against_orders() {
            self.leaked = true;
        }
        let on = self.pumps.iter().filter(|pump| pump.is_on()).count();
        if !self.leaked {
            assert!(on <= 1, "two pumps at once");
        }
    }

    fn finish(mut self) -> Tally {
        for pump in &self.pumps {
            pump.set_broken(false);
        }
        let now = self.now();
        let _error = self.host.emergency_stop(now);
        let (step, _error) = self.host.tick(now);
        self.check_outcome(step.outcome);
        for (index, pump) in self.pumps.iter().enumerate() {
            let status = self.host.tank().status(index).unwrap();
            assert!(status.fault.is_some(), "nobody knows of the emergency stop");
            if self.leaked {
                continue;
            }
            assert_within(
                pump.delivered(),
                status.total.least(),
                status.total.most(),
                &status,
            );
            let hour = pump.most_in(HOUR_MS * MS);
            assert!(hour <= 4_500.001, "{hour} in an hour");
            let day = pump.most_in(24 * HOUR_MS * MS);
            assert!(day <= 9_000.001, "{day} in a day");
            let longest = pump.longest_on() / MS;
            assert!(longest <= 9_100, "on for {longest} ms");
        }
        self.tally
    }
}

fn assert_within(came: f64, least: Microlitres, most: Microlitres, what: &dyn std::fmt::Debug) {
    let (least, most) = (least.get() as f64, most.get() as f64);
    assert!(
        came >= least - 0.01 && came <= most + 0.01,
        "{came} is not within {what:?}"
    );
}

fn motors(pumps: &[sim::Pump; 2]) -> [Motors; 2] {
    [0, 1].map(|index| PwmBridge::new(pumps[index].forward(), pumps[index].reverse()))
}

trait Maintenance {
    fn dose_is_maintenance(&self) -> bool;
}

impl Maintenance for Request {
    fn dose_is_maintenance(&self) -> bool {
        matches!(self.dose, Dose::Prime(_) | Dose::Purge(_))
    }
}

/// Runs the histories of these seeds.
pub(crate) fn run(seeds: std::ops::Range<u64>, steps: u32, planted: bool) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let result = std::panic::catch_unwind(|| World::new(seed, planted).live(seed, steps));
        match result {
            Ok(one) => tally.add(one),
            Err(cause) => {
                eprintln!("history {seed}");
                std::panic::resume_unwind(cause);
            }
        }
    }
    tally
}
