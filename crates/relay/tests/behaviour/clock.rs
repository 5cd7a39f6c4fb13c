//! Clocks that go backwards, jump or wrap, and limits that hold all the same.

use crate::common::{at, guard, limit, ms, run};
use relay::Level::{Off, On};
use relay::{Anomaly, Command, Config, Duty, Fault, Guard, State, Waiting};

const DAY: u64 = 86_400_000;

#[test]
fn time_that_goes_backwards_switches_a_limited_relay_off_and_latches() {
    let mut guard = guard(Config {
        max_on: Some(limit(600, 0)),
        ..Config::new()
    });
    guard.update(at(1_000));
    guard.command(Command::On, at(1_000)).unwrap();
    guard.update(at(1_000));
    let update = guard.update(at(999));
    assert_eq!(update.level, Off);
    assert_eq!(update.anomaly, Some(Anomaly::Backwards));
    assert_eq!(update.fault, Some(Fault::Clock(Anomaly::Backwards)));
}

#[test]
fn hang_while_on_under_a_limit_is_latched() {
    let mut guard = guard(Config {
        max_on: Some(limit(600, 0)),
        ..Config::new()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    let update = guard.update(at(10_001));
    assert_eq!(
        (update.level, update.fault),
        (Off, Some(Fault::Clock(Anomaly::Late)))
    );
}

#[test]
fn update_as_late_as_the_patience_is_not_late() {
    let mut guard = guard(Config {
        max_on: Some(limit(60_000, 0)),
        ..Config::new()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    let update = guard.update(at(10_000));
    assert_eq!((update.level, update.anomaly), (On, None));
}

#[test]
fn jump_does_not_end_the_minimum_off() {
    let mut guard = guard(Config {
        min_off: ms(300),
        ..Config::new()
    });
    guard.update(at(100));
    let update = guard.update(at(DAY));
    assert_eq!(update.anomaly, Some(Anomaly::Late));
    guard.command(Command::On, at(DAY)).unwrap();
    guard.update(at(DAY));
    // 100 ms had passed before the jump.
    assert_eq!(run(&mut guard, DAY + 1_000).0, [(DAY + 200, On)]);
}

#[test]
fn jump_does_not_end_the_cool_down() {
    let mut guard = guard(Config {
        max_on: Some(limit(600, 500)),
        ..Config::new()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    run(&mut guard, 600);
    guard.update(at(DAY));
    guard.command(Command::On, at(DAY)).unwrap();
    assert_eq!(run(&mut guard, DAY + 550).0, [(DAY + 500, On)]);
}

#[test]
fn jump_drops_what_waits_to_be_switched_on() {
    for jump in [DAY, 5] {
        let mut guard = guard(Config {
            on_delay: ms(70),
            ..Config::new()
        });
        guard.update(at(10));
        guard.command(Command::On, at(10)).unwrap();
        guard.update(at(10));
        let update = guard.update(at(jump));
        assert!(update.anomaly.is_some());
        assert_eq!(run(&mut guard, jump + 5_000).0, []);
    }
}

#[test]
fn command_after_a_long_rest_is_obeyed_at_once() {
    let mut guard = guard(Config {
        min_off: ms(300),
        ..Config::new()
    });
    run(&mut guard, 300);
    guard.command(Command::On, at(DAY)).unwrap();
    assert_eq!(guard.update(at(DAY)).level, On);
}

#[test]
fn command_whose_update_is_forgotten_switches_nothing_on_a_day_later() {
    let mut guard = guard(Config::new());
    guard.command(Command::On, at(1)).unwrap();
    assert_eq!(guard.update(at(DAY)).level, Off);
}

#[test]
fn unlimited_relay_stays_on_when_the_clock_goes_backwards() {
    let mut guard = guard(Config::new());
    guard.command(Command::On, at(1_000)).unwrap();
    guard.update(at(1_000));
    let update = guard.update(at(0));
    assert_eq!((update.level, update.anomaly), (On, Some(Anomaly::Backwards)));
}

#[test]
fn pulse_is_a_limit_too() {
    let mut guard = guard(Config::new());
    guard.command(Command::Pulse(ms(100)), at(1_000)).unwrap();
    guard.update(at(1_000));
    let update = guard.update(at(0));
    assert_eq!(update.fault, Some(Fault::Clock(Anomaly::Backwards)));
}

#[test]
fn share_is_dropped_when_the_clock_jumps() {
    let mut guard = guard(Config {
        period: ms(1_000),
        ..Config::new()
    });
    let half = relay::Permille::new(500).unwrap();
    guard.command(Command::Proportional(half), at(0)).unwrap();
    guard.update(at(0));
    run(&mut guard, 700);
    assert_eq!(guard.update(at(DAY)).level, Off);
    assert_eq!(guard.fault(), None, "it was off");
    assert_eq!(run(&mut guard, DAY + 5_000).0, []);
}

#[test]
fn clock_at_its_end_stands_still() {
    let config = Config {
        max_on: Some(limit(600, 0)),
        ..Config::new()
    };
    let end = at(u64::MAX);
    let mut guard = Guard::new(config, Some(State::unused()), end).unwrap();
    guard.command(Command::On, end).unwrap();
    let update = guard.update(end);
    assert_eq!((update.level, update.deadline), (On, Some(end)));
    let update = guard.update(at(0));
    assert_eq!((update.level, update.anomaly), (Off, Some(Anomaly::Backwards)));
}

#[test]
fn time_on_that_nobody_knows_counts_as_the_whole_limit() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let config = Config {
        duty: Some(duty),
        max_on: Some(limit(90, 500)),
        ..Config::new()
    };
    let mut guard = guard(config);
    guard.update(at(1_000));
    guard.command(Command::On, at(1_000)).unwrap();
    guard.update(at(1_000));
    guard.update(at(0));
    guard.acknowledge(at(0)).unwrap();
    guard.command(Command::On, at(0)).unwrap();
    assert_eq!(guard.update(at(0)).waiting, Some(Waiting::CoolDown));
    assert_eq!(guard.update(at(500)).waiting, Some(Waiting::Duty));
    assert_eq!(guard.update(at(1_199)).waiting, Some(Waiting::Duty));
}
