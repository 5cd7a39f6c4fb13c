use crate::support::*;
use peristaltic::{Dose, Limits, Refused, Request};

/// 10 mL each; the cap per hour is 25 mL.
#[test]
fn hour_is_full_until_the_first_dose_has_left_it() {
    let mut tank = tank([pump()]);
    dose(&mut tank, 0, volume(10_000));
    idle(&mut tank, 8_333, 10 * MINUTE);
    dose(&mut tank, 10 * MINUTE, volume(10_000));
    idle(&mut tank, 10 * MINUTE + 8_333, 20 * MINUTE);
    assert_eq!(
        begin(&mut tank, 20 * MINUTE, volume(10_000)),
        Err(Refused::HourCap(ul(5_000)))
    );
    idle(&mut tank, 20 * MINUTE, 64 * MINUTE);
    assert_eq!(
        begin(&mut tank, 64 * MINUTE, volume(10_000)),
        Err(Refused::HourCap(ul(5_000)))
    );
    // The bin of the first five minutes is out of the hour now.
    idle(&mut tank, 64 * MINUTE, 65 * MINUTE);
    assert_eq!(begin(&mut tank, 65 * MINUTE, volume(10_000)), Ok(()));
}

/// Late calls: 100 ms at 1.2 mL/s are 120 µL.
#[test]
fn cap_keeps_room_for_a_late_call() {
    let limits = Limits {
        per_hour: ul(5_119),
        ..LIMITS
    };
    let mut tight = tank([bare(limits).with_calibration(calibration())]);
    assert_eq!(
        begin(&mut tight, 0, volume(5_000)),
        Err(Refused::HourCap(ul(5_119)))
    );
    let limits = Limits {
        per_hour: ul(5_120),
        ..LIMITS
    };
    let mut enough = tank([bare(limits).with_calibration(calibration())]);
    assert_eq!(begin(&mut enough, 0, volume(5_000)), Ok(()));
}

#[test]
fn day_is_full_until_the_first_dose_has_left_it() {
    let limits = Limits {
        per_day: ul(15_000),
        ..LIMITS
    };
    let mut tank = tank([bare(limits).with_calibration(calibration())]);
    dose(&mut tank, 0, volume(10_000));
    idle(&mut tank, 8_333, 25 * HOUR - MINUTE);
    assert_eq!(
        begin(&mut tank, 25 * HOUR - MINUTE, volume(10_000)),
        Err(Refused::DayCap(ul(5_000)))
    );
    idle(&mut tank, 25 * HOUR - MINUTE, 25 * HOUR);
    assert_eq!(begin(&mut tank, 25 * HOUR, volume(10_000)), Ok(()));
}

#[test]
fn stopped_dose_counts_only_what_it_delivered() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(10_000)).unwrap();
    tank.stop(at(100));
    assert_eq!(tank.status(0).unwrap().left_of_hour, ul(24_880));
}

#[test]
fn interval_is_per_pump_and_mixing_for_all() {
    let mut tank = tank([pump(), pump()]);
    let (end, _) = dose(&mut tank, 0, volume(1_200));
    let other = Request::new(1, Dose::Volume(ul(1_200)));
    assert_eq!(
        begin(&mut tank, end, volume(1_200)),
        Err(Refused::Interval(ms(120_000)))
    );
    assert_eq!(begin(&mut tank, end, other), Err(Refused::Mixing(ms(60_000))));
    idle(&mut tank, end, end + 60_000 - 1);
    assert_eq!(
        begin(&mut tank, end + 60_000 - 1, other),
        Err(Refused::Mixing(ms(1)))
    );
    assert_eq!(begin(&mut tank, end + 60_000, other), Ok(()));
}

#[test]
fn one_pump_of_a_tank_runs_at_a_time() {
    let mut tank = tank([pump(), pump()]);
    begin(&mut tank, 0, volume(1_200)).unwrap();
    assert_eq!(
        begin(&mut tank, 10, Request::new(1, Dose::Prime(ms(10)))),
        Err(Refused::Busy)
    );
}

#[test]
fn bottle_is_counted_down_and_refuses_what_it_does_not_hold() {
    let mut tank = tank([pump()]);
    tank.set_bottle(0, Some(ul(6_000)));
    let (end, _) = dose(&mut tank, 0, volume(5_000));
    assert_eq!(tank.status(0).unwrap().bottle, Some(ul(1_000)));
    let prime = Request::new(0, Dose::Prime(ms(1_000)));
    assert_eq!(begin(&mut tank, end, prime), Err(Refused::BottleEmpty(ul(1_000))));
    tank.set_bottle(0, Some(ul(500_000)));
    assert_eq!(begin(&mut tank, end, prime), Ok(()));
}

#[test]
fn tubing_counts_its_hours_either_way() {
    let mut tank = tank([pump().reversible(ul(5_000))]);
    let (end, _) = dose(&mut tank, 0, Request::new(0, Dose::Prime(ms(2_000))));
    dose(&mut tank, end, Request::new(0, Dose::Purge(ms(3_000))));
    assert_eq!(tank.status(0).unwrap().tubing.as_ticks(), 5);
    tank.new_tubing(0);
    assert_eq!(tank.status(0).unwrap().tubing.as_ticks(), 0);
}

#[test]
fn purge_frees_no_cap_and_fills_no_bottle() {
    let mut tank = tank([pump().reversible(ul(5_000))]);
    tank.set_bottle(0, Some(ul(6_000)));
    let (end, _) = dose(&mut tank, 0, volume(1_200));
    dose(&mut tank, end, Request::new(0, Dose::Purge(ms(1_000))));
    let status = tank.status(0).unwrap();
    assert_eq!(
        (status.left_of_hour, status.bottle),
        (ul(23_800), Some(ul(4_800)))
    );
}

#[test]
fn command_is_not_repeated() {
    let mut tank = tank([pump(), pump()]);
    let (end, _) = dose(&mut tank, 0, volume(1_200).with_id(42));
    idle(&mut tank, end, HOUR);
    assert_eq!(
        begin(&mut tank, HOUR, volume(1_200).with_id(42)),
        Err(Refused::Repeated)
    );
    assert_eq!(begin(&mut tank, HOUR, volume(1_200).with_id(43)), Ok(()));
    // Also while it runs.
    assert_eq!(
        begin(&mut tank, HOUR, volume(1_200).with_id(43)),
        Err(Refused::Repeated)
    );
}

#[test]
fn last_eight_commands_are_known() {
    let mut tank = tank([pump()]);
    let prime = |id| Request::new(0, Dose::Prime(ms(1))).with_id(id);
    let mut now = 0;
    for id in 0..9 {
        (now, _) = dose(&mut tank, now, prime(id));
    }
    assert_eq!(begin(&mut tank, now, prime(1)), Err(Refused::Repeated));
    assert_eq!(begin(&mut tank, now, prime(0)), Ok(()));
}

#[test]
fn recalibration_waits_for_the_end_of_the_dose() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(1_200)).unwrap();
    assert_eq!(tank.calibrate(0, None), Err(Refused::Busy));
    tank.stop(at(10));
    assert_eq!(tank.calibrate(0, None), Ok(()));
    idle(&mut tank, 10, HOUR);
    assert_eq!(begin(&mut tank, HOUR, volume(1_200)), Err(Refused::NotCalibrated));
}
