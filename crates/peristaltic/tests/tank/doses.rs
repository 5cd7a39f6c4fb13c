use crate::support::*;
use peristaltic::{
    AntiDrip, Calibration, Dose, Drive, Duty, End, Point, Pulses, RampStep, Refused, Request, SoftStart,
};

const FORWARD: Drive = Drive::Forward(Duty::FULL);

#[test]
fn volume_is_dosed_by_the_calibration() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(5_000)).unwrap();
    assert_eq!(tank.drive(0), FORWARD);
    let (end, outcome) = run(&mut tank, 0);
    // 5 mL at 1.2 mL/s take 4166.7 ms; never more than was asked for.
    assert_eq!(end, 4_166);
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(4_999), ul(5_000))
    );
    assert_eq!((outcome.end, outcome.on), (End::Done, ms(4_166)));
    assert_eq!(tank.drive(0), Drive::Stop);
}

#[test]
fn deadlines_are_a_tenth_of_a_second_apart_while_the_motor_runs() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(300)).unwrap();
    assert_eq!(tank.tick(at(0)).deadline, at(100));
    assert_eq!(tank.tick(at(100)).deadline, at(200));
    assert_eq!(tank.tick(at(200)).deadline, at(250));
    assert!(tank.tick(at(250)).outcome.is_some());
}

#[test]
fn volume_needs_a_calibration() {
    let mut tank = tank([bare(LIMITS)]);
    assert_eq!(begin(&mut tank, 0, volume(5_000)), Err(Refused::NotCalibrated));
    let over = Request::new(0, Dose::VolumeOver(ul(5_000), ms(60_000)));
    assert_eq!(begin(&mut tank, 0, over), Err(Refused::NotCalibrated));
}

#[test]
fn time_without_a_calibration_counts_as_the_fastest_flow() {
    let mut tank = tank([bare(LIMITS)]);
    let (end, outcome) = dose(&mut tank, 0, Request::new(0, Dose::Time(ms(2_000))));
    assert_eq!((end, outcome.end), (2_000, End::Done));
    // 90 mL/min.
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(0), ul(3_000))
    );
}

#[test]
fn dead_time_is_added_to_the_dose() {
    let points = [
        Point::new(ms(2_500), ul(2_000)),
        Point::new(ms(10_500), ul(10_000)),
    ];
    let pump = bare(LIMITS).with_calibration(Calibration::new(&points).unwrap());
    let mut tank = tank([pump]);
    let (end, outcome) = dose(&mut tank, 0, volume(1_000));
    assert_eq!(end, 1_500);
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(1_000), ul(1_000))
    );
}

#[test]
fn soft_start_is_made_up_for() {
    let step = |duty, flow_permille, time| RampStep {
        duty: Duty::new(duty).unwrap(),
        flow_permille,
        time: ms(time),
    };
    let ramp = SoftStart::new(&[step(300, 0, 100), step(700, 500, 200)]).unwrap();
    let mut tank = tank([pump().with_soft_start(ramp)]);
    begin(&mut tank, 0, volume(1_200)).unwrap();
    let mut seen = std::vec![(0, tank.drive(0))];
    let mut now = 0;
    let outcome = loop {
        let step = tank.tick(at(now));
        if seen.last().map(|(_, drive)| *drive) != Some(tank.drive(0)) {
            seen.push((now, tank.drive(0)));
        }
        if let Some(outcome) = step.outcome {
            break outcome;
        }
        now = step.deadline.as_ticks();
    };
    // The ramp gives as much as 100 ms of full flow, so that 900 ms are left of the second.
    let drive = |duty| Drive::Forward(Duty::new(duty).unwrap());
    assert_eq!(
        seen,
        [
            (0, drive(300)),
            (100, drive(700)),
            (300, FORWARD),
            (1_200, Drive::Stop)
        ]
    );
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(1_200), ul(1_200))
    );
}

#[test]
fn pump_runs_at_the_duty_of_its_calibration() {
    let duty = Duty::new(600).unwrap();
    let mut tank = tank([bare(LIMITS).with_calibration(calibration().with_duty(duty))]);
    begin(&mut tank, 0, volume(5_000)).unwrap();
    assert_eq!(tank.drive(0), Drive::Forward(duty));
}

/// 6 mL over a minute in pulses of ten seconds: six of 1 mL each, 833 ms long.
#[test]
fn volume_over_time_comes_in_pulses() {
    let pulses = Pulses {
        period: ms(10_000),
        shortest: ms(500),
        most_permille: 750,
    };
    let mut tank = tank([pump().with_pulses(pulses).unwrap()]);
    begin(
        &mut tank,
        0,
        Request::new(0, Dose::VolumeOver(ul(6_000), ms(60_000))),
    )
    .unwrap();
    let (mut now, mut on, mut starts) = (0, false, std::vec![]);
    let outcome = loop {
        let step = tank.tick(at(now));
        if (tank.drive(0) == FORWARD) != on {
            on = !on;
            if on {
                starts.push(now);
            }
        }
        if let Some(outcome) = step.outcome {
            break outcome;
        }
        now = step.deadline.as_ticks();
    };
    assert_eq!(starts, [0, 10_000, 20_000, 30_000, 40_000, 50_000]);
    assert_eq!(outcome.delivered.most(), ul(6_000));
    assert!(outcome.delivered.least() >= ul(5_992), "{outcome:?}");
    // A pulse is rounded down to a millisecond, and what is missing is made up for by the next ones: not 6 times 833.
    assert_eq!(outcome.on, ms(4_998));
}

#[test]
fn small_volume_over_time_gets_fewer_pulses() {
    let mut tank = tank([pump()]);
    // 600 µL are 500 ms, the shortest pulse: one instead of ten.
    let (end, outcome) = dose(
        &mut tank,
        0,
        Request::new(0, Dose::VolumeOver(ul(600), ms(600_000))),
    );
    assert_eq!((end, outcome.on), (500, ms(500)));
}

#[test]
fn volume_that_needs_too_much_of_the_time_is_refused() {
    let mut tank = tank([pump()]);
    // 9 mL take 7.5 s: three quarters of ten seconds.
    let over = |time| Request::new(0, Dose::VolumeOver(ul(9_000), ms(time)));
    assert_eq!(begin(&mut tank, 0, over(9_999)), Err(Refused::TooFast));
    assert_eq!(begin(&mut tank, 0, over(10_000)), Ok(()));
}

#[test]
fn continuous_run_ends_at_its_maximum() {
    let mut tank = tank([pump()]);
    let (end, outcome) = dose(&mut tank, 0, Request::new(0, Dose::Continuous(ms(3_000))));
    assert_eq!((end, outcome.end), (3_000, End::Done));
    assert_eq!(outcome.delivered.most(), ul(3_600));
}

#[test]
fn run_longer_than_the_longest_is_refused() {
    let limits = peristaltic::Limits {
        longest_run: ms(2_000),
        ..LIMITS
    };
    let mut tank = tank([bare(limits).with_calibration(calibration())]);
    assert_eq!(
        begin(&mut tank, 0, Request::new(0, Dose::Time(ms(2_001)))),
        Err(Refused::TooLong)
    );
    assert_eq!(begin(&mut tank, 0, volume(2_402)), Err(Refused::TooLong));
    assert_eq!(
        begin(&mut tank, 0, Request::new(0, Dose::Continuous(ms(2_000)))),
        Ok(())
    );
}

#[test]
fn dose_above_the_largest_is_refused() {
    let mut tank = tank([pump()]);
    assert_eq!(begin(&mut tank, 0, volume(10_001)), Err(Refused::TooLarge));
    assert_eq!(
        begin(&mut tank, 0, Request::new(0, Dose::Time(ms(8_334)))),
        Err(Refused::TooLarge)
    );
    assert_eq!(begin(&mut tank, 0, volume(10_000)), Ok(()));
}

#[test]
fn nothing_less_than_nothing_and_next_to_nothing_are_refused() {
    let mut tank = tank([pump()]);
    for request in [
        volume(0),
        volume(-1),
        volume(i64::MIN),
        volume(1),
        Request::new(0, Dose::Time(ms(0))),
    ] {
        assert_eq!(
            begin(&mut tank, 0, request),
            Err(Refused::TooSmall),
            "{request:?}"
        );
    }
    assert_eq!(begin(&mut tank, 0, volume(2)), Ok(()));
}

#[test]
fn stopped_dose_says_what_it_delivered() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(5_000)).unwrap();
    tank.tick(at(100));
    let outcome = tank.stop(at(175)).unwrap();
    assert_eq!((outcome.end, outcome.on), (End::Stopped, ms(175)));
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(210), ul(210))
    );
    assert_eq!(tank.drive(0), Drive::Stop);
    assert_eq!(tank.stop(at(175)), None);
}

#[test]
fn paused_dose_goes_on_with_the_rest() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(1_200)).unwrap();
    for now in [100, 200, 300, 400] {
        tank.tick(at(now));
    }
    assert!(tank.pause(at(500)));
    assert_eq!(tank.drive(0), Drive::Stop);
    assert_eq!(
        tank.running()
            .map(|running| (running.paused, running.delivered.most())),
        Some((true, ul(600)))
    );
    idle(&mut tank, 500, 60_000);
    assert!(tank.resume(at(60_000)));
    let (end, outcome) = run(&mut tank, 60_000);
    assert_eq!((end, outcome.end), (60_500, End::Done));
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(1_200), ul(1_200))
    );
}

#[test]
fn pause_that_is_too_long_ends_the_dose() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(1_200)).unwrap();
    tank.pause(at(50));
    let (end, outcome) = run(&mut tank, 50);
    assert_eq!((end, outcome.end), (50 + 10 * MINUTE, End::PausedTooLong));
    assert_eq!(outcome.delivered.most(), ul(60));
}

#[test]
fn nothing_is_paused_or_resumed_when_nothing_runs() {
    let mut tank = tank([pump()]);
    assert!(!tank.pause(at(0)));
    assert!(!tank.resume(at(0)));
}

#[test]
fn pump_that_cannot_run_backwards_is_not_purged() {
    let mut tank = tank([pump()]);
    assert_eq!(
        begin(&mut tank, 0, Request::new(0, Dose::Purge(ms(1_000)))),
        Err(Refused::Unsupported)
    );
}

#[test]
fn purge_is_pushed_out_again_before_the_next_dose_counts() {
    let mut tank = tank([pump().reversible(ul(5_000))]);
    begin(&mut tank, 0, Request::new(0, Dose::Purge(ms(1_000)))).unwrap();
    assert_eq!(tank.drive(0), Drive::Reverse(Duty::FULL));
    let (end, outcome) = run(&mut tank, 0);
    assert_eq!((end, outcome.delivered.most()), (1_000, ul(0)));
    assert_eq!(tank.status(0).unwrap().held.least(), ul(1_200));
    let (end, outcome) = dose(&mut tank, 2_000, volume(1_200));
    assert_eq!(end, 4_000);
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(1_200), ul(1_200))
    );
    assert_eq!(tank.status(0).unwrap().held.most(), ul(0));
}

#[test]
fn purge_of_an_unknown_line_is_not_made_up_for() {
    let mut tank = tank([pump().reversible(ul(0))]);
    let (end, _) = dose(&mut tank, 0, Request::new(0, Dose::Purge(ms(1_000))));
    let (_, outcome) = dose(&mut tank, end, volume(1_200));
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(0), ul(1_200))
    );
}

#[test]
fn anti_drip_draws_back_and_the_next_dose_makes_up_for_it() {
    let anti_drip = AntiDrip {
        pause: ms(50),
        time: ms(100),
    };
    let pump = pump().reversible(ul(5_000)).with_anti_drip(anti_drip).unwrap();
    let mut tank = tank([pump]);
    let (end, outcome) = dose(&mut tank, 0, volume(1_200));
    assert_eq!((end, outcome.delivered.least()), (1_000, ul(1_200)));
    assert_eq!(tank.drive(0), Drive::Stop);
    assert_eq!(tank.tick(at(1_000)).deadline, at(1_050));
    tank.tick(at(1_050));
    assert_eq!(tank.drive(0), Drive::Reverse(Duty::FULL));
    assert_eq!(begin(&mut tank, 1_060, volume(5)), Err(Refused::Busy));
    assert_eq!(tank.tick(at(1_150)).outcome, None);
    assert_eq!(tank.drive(0), Drive::Stop);
    assert_eq!(tank.status(0).unwrap().held.least(), ul(120));
    idle(&mut tank, 1_150, 10 * MINUTE);
    let (end, outcome) = dose(&mut tank, 10 * MINUTE, volume(1_200));
    assert_eq!(end, 10 * MINUTE + 1_100);
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(1_200), ul(1_200))
    );
}

#[test]
fn prime_needs_no_mixing_but_begins_it() {
    let mut tank = tank([pump(), pump()]);
    let (end, _) = dose(&mut tank, 0, volume(1_200));
    let prime = Request::new(1, Dose::Prime(ms(2_000)));
    let (end, outcome) = dose(&mut tank, end, prime);
    assert_eq!(outcome.delivered.most(), ul(2_400));
    assert_eq!(tank.mixing(), ms(60_000));
    assert_eq!(begin(&mut tank, end, Request::new(0, Dose::Prime(ms(1)))), Ok(()));
}

#[test]
fn pump_that_does_not_exist_is_refused() {
    let mut tank = tank([pump()]);
    assert_eq!(
        begin(&mut tank, 0, Request::new(1, Dose::Time(ms(1)))),
        Err(Refused::NoSuchPump)
    );
    assert_eq!(tank.drive(7), Drive::Stop);
    assert_eq!(tank.status(7), None);
}

#[test]
fn pulse_does_not_start_a_millisecond_early() {
    let pulses = Pulses {
        period: ms(10_000),
        shortest: ms(500),
        most_permille: 750,
    };
    let mut tank = tank([pump().with_pulses(pulses).unwrap()]);
    begin(
        &mut tank,
        0,
        Request::new(0, Dose::VolumeOver(ul(2_400), ms(20_000))),
    )
    .unwrap();
    let mut now = 0;
    while tank.drive(0) == FORWARD {
        now = tank.tick(at(now)).deadline.as_ticks();
    }
    tank.tick(at(9_999));
    assert_eq!(tank.drive(0), Drive::Stop);
    tank.tick(at(10_000));
    assert_eq!(tank.drive(0), FORWARD);
}

#[test]
fn late_calls_in_the_ramp_do_not_lengthen_the_longest_run() {
    let ramp = SoftStart::new(&[RampStep {
        duty: Duty::new(300).unwrap(),
        flow_permille: 0,
        time: ms(100),
    }]);
    let limits = peristaltic::Limits {
        longest_run: ms(1_100),
        ..LIMITS
    };
    let pump = bare(limits)
        .with_calibration(calibration())
        .with_soft_start(ramp.unwrap());
    let mut tank = tank([pump]);
    begin(&mut tank, 0, volume(1_200)).unwrap();
    assert_eq!(tank.tick(at(0)).deadline, at(100));
    // Twice as long in the ramp, in which nothing flows: a second more would be needed.
    let (end, outcome) = run(&mut tank, 200);
    assert_eq!((end, outcome.end), (1_100, End::RunLimit));
    assert_eq!((outcome.delivered.least(), outcome.on), (ul(1_080), ms(1_100)));
}
