use crate::support::*;
use peristaltic::{Dose, Drive, End, Fault, Refused, Request, Tank};

fn refused(tank: &mut Tank<1>, now: u64) -> Refused {
    begin(tank, now, Request::new(0, Dose::Prime(ms(10)))).unwrap_err()
}

#[test]
fn call_that_comes_too_late_is_a_fault_between_bounds() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(5_000)).unwrap();
    tank.tick(at(100));
    // Due at 200, and 100 ms late is allowed.
    let outcome = tank.tick(at(301)).outcome.unwrap();
    assert_eq!(outcome.end, End::Fault(Fault::Late));
    assert_eq!(outcome.on, ms(301));
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(120), ul(362))
    );
    assert_eq!(tank.drive(0), Drive::Stop);
    assert_eq!(refused(&mut tank, 301), Refused::Fault(Fault::Late));
}

#[test]
fn call_that_is_late_but_not_too_late_is_counted() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(360)).unwrap();
    tank.tick(at(200));
    let outcome = tank.tick(at(400)).outcome.unwrap();
    assert_eq!((outcome.end, outcome.delivered.least()), (End::Done, ul(480)));
}

#[test]
fn clock_that_goes_backwards_ends_the_dose() {
    let mut tank = tank([pump()]);
    tank.tick(at(100_000));
    begin(&mut tank, 100_000, volume(5_000)).unwrap();
    tank.tick(at(100_100));
    let outcome = tank.tick(at(0)).outcome.unwrap();
    assert_eq!(outcome.end, End::Fault(Fault::Clock));
    // 100 ms are certain; until this call 200 more can have passed.
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(120), ul(360))
    );
    assert_eq!(tank.drive(0), Drive::Stop);
}

#[test]
fn clock_that_jumps_a_day_ahead_ends_the_dose_and_counts_it_as_a_day() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(5_000)).unwrap();
    tank.tick(at(100));
    let outcome = tank.tick(at(100 + 24 * HOUR)).outcome.unwrap();
    assert_eq!(outcome.end, End::Fault(Fault::Late));
    assert_eq!(outcome.delivered.least(), ul(120));
    assert_eq!(outcome.delivered.most(), ul(103_680_120));
    assert_eq!(tank.status(0).unwrap().left_of_day, ul(0));
}

#[test]
fn jump_of_the_clock_frees_nothing() {
    let mut tank = tank([pump()]);
    let (end, _) = dose(&mut tank, 0, volume(5_000));
    let before = tank.status(0).unwrap();
    for now in [end + 48 * HOUR, 0, u64::MAX, 5, u64::MAX / 2] {
        tank.tick(at(now));
        assert_eq!(tank.status(0).unwrap(), before);
        assert_eq!(tank.mixing(), ms(60_000));
        assert_eq!(tank.drive(0), Drive::Stop);
    }
}

#[test]
fn jump_of_the_clock_starts_no_pulse() {
    let mut tank = tank([pump()]);
    begin(
        &mut tank,
        0,
        Request::new(0, Dose::VolumeOver(ul(6_000), ms(600_000))),
    )
    .unwrap();
    let mut now = 0;
    while tank.drive(0) != Drive::Stop {
        now = tank.tick(at(now)).deadline.as_ticks();
    }
    for now in [24 * HOUR, 3, u64::MAX] {
        tank.tick(at(now));
        assert_eq!(tank.drive(0), Drive::Stop);
    }
}

#[test]
fn longest_gap_is_time_and_more_is_none() {
    let mut tank = tank([pump()]);
    let (end, _) = dose(&mut tank, 0, Request::new(0, Dose::Prime(ms(10))));
    tank.tick(at(end + 120_001));
    assert_eq!(tank.mixing(), ms(60_000));
    tank.tick(at(end + 120_001 + 59_999));
    assert_eq!(tank.mixing(), ms(1));
    tank.tick(at(end + 120_001 + 59_999 + 120_000));
    assert_eq!(tank.mixing(), ms(0));
}

#[test]
fn emergency_stop_holds_every_pump_until_it_is_acknowledged() {
    let mut tank = tank([pump(), pump()]);
    begin(&mut tank, 0, volume(5_000)).unwrap();
    tank.emergency_stop(at(50));
    assert_eq!(tank.drive(0), Drive::Stop);
    let outcome = tank.tick(at(50)).outcome.unwrap();
    assert_eq!(
        (outcome.end, outcome.delivered.least()),
        (End::Fault(Fault::EmergencyStop), ul(60))
    );
    let prime = |pump| Request::new(pump, Dose::Prime(ms(10)));
    for pump in 0..2 {
        assert_eq!(
            begin(&mut tank, 50, prime(pump)),
            Err(Refused::Fault(Fault::EmergencyStop))
        );
    }
    assert_eq!(tank.acknowledge(1), Ok(()));
    assert_eq!(
        begin(&mut tank, 50, prime(0)),
        Err(Refused::Fault(Fault::EmergencyStop))
    );
    assert_eq!(begin(&mut tank, 50, prime(1)), Ok(()));
}

#[test]
fn emergency_stop_draws_nothing_back() {
    let anti_drip = peristaltic::AntiDrip {
        pause: ms(50),
        time: ms(100),
    };
    let mut tank = tank([pump().reversible(ul(5_000)).with_anti_drip(anti_drip).unwrap()]);
    begin(&mut tank, 0, volume(5_000)).unwrap();
    tank.emergency_stop(at(50));
    assert!(tank.tick(at(50)).outcome.is_some());
    idle(&mut tank, 51, 2_000);
    assert_eq!(tank.status(0).unwrap().held.most(), ul(0));
}

#[test]
fn bottle_found_empty_ends_the_dose() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(5_000)).unwrap();
    tank.bottle_empty(at(50), 0);
    assert_eq!(tank.tick(at(50)).outcome.unwrap().end, End::Fault(Fault::Empty));
    assert_eq!(tank.status(0).unwrap().bottle, Some(ul(0)));
    assert_eq!(refused(&mut tank, 50), Refused::Fault(Fault::Empty));
}

#[test]
fn motor_that_cannot_be_switched_off_counts_as_running() {
    let mut tank = tank([pump(), pump()]);
    begin(&mut tank, 0, volume(1_200)).unwrap();
    let (_, outcome) = run(&mut tank, 0);
    assert_eq!(outcome.end, End::Done);
    tank.output_failed(at(1_000), 0, false);
    assert!(tank.is_stuck(0));
    tank.tick(at(2_000));
    // 90 mL/min at its fastest.
    let total = tank.status(0).unwrap().total;
    assert_eq!((total.least(), total.most()), (ul(1_200), ul(2_700)));
    let other = Request::new(1, Dose::Prime(ms(10)));
    assert_eq!(begin(&mut tank, 2_000, other), Err(Refused::Fault(Fault::Output)));
    assert_eq!(tank.acknowledge(0), Err(Fault::Output));
    tank.output_stopped(at(3_000), 0);
    tank.tick(at(9_000));
    assert_eq!(tank.status(0).unwrap().total.most(), ul(4_200));
    assert_eq!(tank.acknowledge(0), Ok(()));
    assert_eq!(begin(&mut tank, 9_000, other), Ok(()));
}

#[test]
fn fault_of_one_pump_leaves_the_other_alone() {
    let mut tank = tank([pump(), pump()]);
    tank.bottle_empty(at(0), 0);
    assert_eq!(begin(&mut tank, 0, Request::new(1, Dose::Prime(ms(10)))), Ok(()));
}

#[test]
fn first_fault_is_kept() {
    let mut tank = tank([pump()]);
    tank.bottle_empty(at(0), 0);
    tank.emergency_stop(at(0));
    assert_eq!(tank.status(0).unwrap().fault, Some(Fault::Empty));
}
