//! Any input at all: nothing overflows, nothing panics, and a reset never makes a pump run.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test, helpers included"
)]

use fugit::{MillisDurationU32, SecsDurationU32};
use peristaltic::metered::{Answer, Progress};
use peristaltic::{
    AntiDrip, Calibration, Dose, Drive, Duty, Instant, Limits, Microlitres, MicrolitresPerMinute, Point,
    Pulses, Pump, RampStep, Request, Rules, SoftStart, Tank,
};
use proptest::prelude::*;

fn time() -> impl Strategy<Value = MillisDurationU32> {
    prop_oneof![0_u32..20_000, any::<u32>(), Just(u32::MAX)].prop_map(MillisDurationU32::from_ticks)
}

fn volume() -> impl Strategy<Value = Microlitres> {
    prop_oneof![0_i64..10_000, any::<i64>(), Just(i64::from(u32::MAX))].prop_map(Microlitres::new)
}

fn limits() -> impl Strategy<Value = Limits> {
    (volume(), volume(), volume(), time(), time()).prop_map(
        |(largest_dose, per_hour, per_day, longest_run, interval)| Limits {
            largest_dose,
            per_hour,
            per_day,
            longest_run,
            interval,
        },
    )
}

prop_compose! {
    fn calibration()(
        points in proptest::collection::vec((time(), volume()), 1..4),
        duty in 0_u16..=1_000,
    ) -> Option<Calibration> {
        let points: Vec<_> = points.into_iter().map(|(time, volume)| Point::new(time, volume)).collect();
        Calibration::new(&points).ok().map(|calibration| calibration.with_duty(Duty::new(duty).unwrap()))
    }
}

prop_compose! {
    fn pump()(
        limits in limits(),
        flow in any::<i32>(),
        calibration in calibration(),
        steps in proptest::collection::vec((0_u16..=1_000, 0_u16..=1_100, time()), 0..9),
        pulses in (time(), time(), 0_u16..1_100),
        line in proptest::option::of(volume()),
        anti_drip in proptest::option::of((time(), time())),
        metered in any::<bool>(),
    ) -> Option<Pump> {
        let mut pump = Pump::new(limits, MicrolitresPerMinute::new(flow)).ok()?;
        if let Some(calibration) = calibration {
            pump = pump.with_calibration(calibration);
        }
        let steps: Vec<_> = steps
            .into_iter()
            .map(|(duty, flow_permille, time)| RampStep { duty: Duty::new(duty).unwrap(), flow_permille, time })
            .collect();
        if let Ok(soft_start) = SoftStart::new(&steps) {
            pump = pump.with_soft_start(soft_start);
        }
        let (period, shortest, most_permille) = pulses;
        pump = pump.with_pulses(Pulses { period, shortest, most_permille }).unwrap_or(pump);
        if let Some(line) = line {
            pump = pump.reversible(line);
        }
        if let Some((pause, time)) = anti_drip {
            pump = pump.with_anti_drip(AntiDrip { pause, time }).unwrap_or(pump);
        }
        Some(if metered { pump.metered() } else { pump })
    }
}

#[derive(Debug, Clone)]
enum Event {
    Tick,
    Dose(Request),
    Cancel,
    Pause,
    Resume,
    Stop,
    EmergencyStop,
    Failed(usize, bool),
    Stopped(usize),
    Acknowledge(usize),
    Empty(usize),
    Bottle(usize, Option<Microlitres>),
    Answer(usize, Option<Microlitres>, bool),
    Reset(u32),
}

fn event() -> impl Strategy<Value = Event> {
    let dose = prop_oneof![
        volume().prop_map(Dose::Volume),
        (volume(), time()).prop_map(|(volume, time)| Dose::VolumeOver(volume, time)),
        time().prop_map(Dose::Time),
        time().prop_map(Dose::Continuous),
        time().prop_map(Dose::Prime),
        time().prop_map(Dose::Purge),
    ];
    let pump = || 0_usize..3;
    prop_oneof![
        4 => Just(Event::Tick),
        6 => (pump(), dose, any::<Option<u64>>())
            .prop_map(|(pump, dose, id)| Event::Dose(Request { pump, dose, id })),
        1 => Just(Event::Cancel),
        1 => Just(Event::Pause),
        1 => Just(Event::Resume),
        1 => Just(Event::Stop),
        1 => Just(Event::EmergencyStop),
        1 => (pump(), any::<bool>()).prop_map(|(pump, stopped)| Event::Failed(pump, stopped)),
        1 => pump().prop_map(Event::Stopped),
        3 => pump().prop_map(Event::Acknowledge),
        1 => pump().prop_map(Event::Empty),
        1 => (pump(), proptest::option::of(volume())).prop_map(|(pump, volume)| Event::Bottle(pump, volume)),
        2 => (pump(), proptest::option::of(volume()), any::<bool>())
            .prop_map(|(pump, volume, more)| Event::Answer(pump, volume, more)),
        1 => any::<u32>().prop_map(Event::Reset),
    ]
}

fn instant() -> impl Strategy<Value = Option<u64>> {
    // Nothing, or a clock that says what it likes.
    proptest::option::weighted(0.2, prop_oneof![any::<u64>(), Just(u64::MAX), Just(0)])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn nothing_overflows_whatever_happens(
        pumps in (pump(), pump()),
        mixing in time(),
        lateness in time(),
        events in proptest::collection::vec((event(), instant(), 0_u64..1_000), 1..40),
    ) {
        let (Some(first), Some(second)) = pumps else { return Ok(()) };
        let rules = Rules { mixing, lateness, longest_gap: MillisDurationU32::from_ticks(u32::MAX), ..Rules::DEFAULT };
        let mut now = 0_u64;
        let Ok(mut tank) = Tank::first_start([first, second], rules, Instant::from_ticks(now)) else { return Ok(()) };
        for (event, set, passed) in events {
            now = set.unwrap_or(now.saturating_add(passed));
            let at = Instant::from_ticks(now);
            match event {
                Event::Tick => {}
                Event::Dose(request) => {
                    if let Ok(ticket) = tank.prepare(at, request) {
                        prop_assert_eq!(tank.start(at, ticket.stored()), Ok(()));
                    }
                }
                Event::Cancel => tank.cancel(at),
                Event::Pause => { tank.pause(at); }
                Event::Resume => { tank.resume(at); }
                Event::Stop => { tank.stop(at); }
                Event::EmergencyStop => tank.emergency_stop(at),
                Event::Failed(pump, stopped) => tank.output_failed(at, pump, stopped),
                Event::Stopped(pump) => tank.output_stopped(at, pump),
                Event::Acknowledge(pump) => { let _stuck = tank.acknowledge(pump); }
                Event::Empty(pump) => tank.bottle_empty(at, pump),
                Event::Bottle(pump, volume) => tank.set_bottle(pump, volume),
                Event::Answer(pump, volume, underway) => {
                    let answer = volume.map_or(Answer::Failed, |delivered| {
                        Answer::Progress(Progress { delivered, underway })
                    });
                    tank.answered(at, pump, answer);
                }
                Event::Reset(off) => {
                    tank = Tank::restore([first, second], rules, *tank.record(), at).unwrap();
                    tank.was_off_for(SecsDurationU32::from_ticks(off));
                    prop_assert!((0..2).all(|pump| tank.drive(pump) == Drive::Stop));
                }
            }
            let step = tank.tick(at);
            prop_assert!(step.deadline.as_ticks() >= now);
            if let Some(outcome) = step.outcome {
                prop_assert!(outcome.delivered.least() <= outcome.delivered.most());
            }
            let on = (0..2).filter(|pump| tank.drive(*pump) != Drive::Stop).count();
            prop_assert!(on <= 1);
        }
    }
}
