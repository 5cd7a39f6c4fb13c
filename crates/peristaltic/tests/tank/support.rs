use fugit::MillisDurationU32;
use peristaltic::{
    Calibration, Dose, Instant, Limits, Microlitres, MicrolitresPerMinute, Outcome, Point, Pump, Refused,
    Request, Rules, Tank,
};

pub(crate) const MINUTE: u64 = 60_000;
pub(crate) const HOUR: u64 = 3_600_000;

pub(crate) const fn ms(ms: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(ms)
}

pub(crate) const fn ul(volume: i64) -> Microlitres {
    Microlitres::new(volume)
}

pub(crate) const fn at(ms: u64) -> Instant {
    Instant::from_ticks(ms)
}

pub(crate) const LIMITS: Limits = Limits {
    largest_dose: ul(10_000),
    per_hour: ul(25_000),
    per_day: ul(60_000),
    longest_run: ms(30_000),
    interval: ms(120_000),
};

pub(crate) const RULES: Rules = Rules {
    mixing: ms(60_000),
    lateness: ms(100),
    longest_gap: ms(120_000),
    checkpoint: ms(900_000),
    longest_pause: ms(600_000),
    interruptions: 3,
};

/// 1.2 mL/s.
pub(crate) fn calibration() -> Calibration {
    Calibration::new(&[Point::new(ms(60_000), ul(72_000))]).unwrap()
}

pub(crate) fn bare(limits: Limits) -> Pump {
    Pump::new(limits, MicrolitresPerMinute::new(90_000)).unwrap()
}

pub(crate) fn pump() -> Pump {
    bare(LIMITS).with_calibration(calibration())
}

pub(crate) fn tank<const N: usize>(pumps: [Pump; N]) -> Tank<N> {
    Tank::first_start(pumps, RULES, at(0)).unwrap()
}

/// Starts a dose at `now`.
pub(crate) fn begin<const N: usize>(tank: &mut Tank<N>, now: u64, request: Request) -> Result<(), Refused> {
    let ticket = tank.prepare(at(now), request)?;
    tank.start(at(now), ticket.stored())
}

pub(crate) fn volume(volume: i64) -> Request {
    Request::new(0, Dose::Volume(ul(volume)))
}

/// Calls at every deadline until something ends; when, and what.
pub(crate) fn run<const N: usize>(tank: &mut Tank<N>, mut now: u64) -> (u64, Outcome) {
    for _ in 0..100_000 {
        let step = tank.tick(at(now));
        if let Some(outcome) = step.outcome {
            return (now, outcome);
        }
        now = step.deadline.as_ticks();
    }
    panic!("nothing ends");
}

/// Calls at every deadline up to `until`.
pub(crate) fn idle<const N: usize>(tank: &mut Tank<N>, mut now: u64, until: u64) {
    while now < until {
        let step = tank.tick(at(now));
        assert_eq!(step.outcome, None);
        now = step.deadline.as_ticks().max(now + 1).min(until);
    }
    tank.tick(at(until));
}

/// Doses at `now` and waits for the end of it.
pub(crate) fn dose<const N: usize>(tank: &mut Tank<N>, now: u64, request: Request) -> (u64, Outcome) {
    begin(tank, now, request).unwrap();
    run(tank, now)
}
