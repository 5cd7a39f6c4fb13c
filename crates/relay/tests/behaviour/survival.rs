//! What survives a reset, and what is assumed when it is not known.

use crate::common::{at, limit, ms, run};
use relay::Level::{Off, On};
use relay::{Command, Config, Duty, Fault, Guard, Refused, State, Update, Waiting};

fn start(config: Config, restored: Option<State>) -> Guard {
    Guard::new(config, restored, at(0)).unwrap()
}

fn on(guard: &mut Guard, now: u64) -> Update {
    guard.command(Command::On, at(now)).unwrap();
    guard.update(at(now))
}

#[test]
fn minimum_off_starts_again_after_a_reset() {
    let config = Config {
        min_off: ms(300),
        write_ahead: true,
        ..Config::new()
    };
    let mut before = start(config, Some(State::unused()));
    run(&mut before, 5_000);
    let mut after = start(config, Some(before.record()));
    assert_eq!(on(&mut after, 299).waiting, Some(Waiting::MinOff));
}

#[test]
fn nothing_known_means_that_everything_is_used_up() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let config = Config {
        duty: Some(duty),
        max_on: Some(limit(50, 400)),
        ..Config::new()
    };
    let mut guard = start(config, None);
    assert_eq!(on(&mut guard, 399).waiting, Some(Waiting::CoolDown));
    assert_eq!(guard.update(at(400)).waiting, Some(Waiting::Duty));
    assert_eq!(run(&mut guard, 1_310).0, [(1_300, On)]);
}

#[test]
fn it_is_not_switched_on_before_the_record_is_stored() {
    let config = Config {
        write_ahead: true,
        ..Config::new()
    };
    let mut guard = start(config, Some(State::unused()));
    let update = on(&mut guard, 1);
    assert_eq!(
        (update.level, update.waiting, update.store),
        (Off, Some(Waiting::Store), true)
    );
    let record = guard.record();
    assert!(record.may_be_on());
    assert_eq!(guard.update(at(2)).level, Off);
    guard.stored(&record);
    assert_eq!(guard.update(at(3)).level, On);
}

#[test]
fn one_record_is_enough_for_many_switchings() {
    let config = Config {
        write_ahead: true,
        ..Config::new()
    };
    let mut guard = start(config, Some(State::unused()));
    on(&mut guard, 1);
    let record = guard.record();
    guard.stored(&record);
    for now in [2, 4, 6] {
        assert_eq!(on(&mut guard, now).level, On);
        guard.command(Command::Off, at(now + 1)).unwrap();
        guard.update(at(now + 1));
    }
}

#[test]
fn record_that_it_is_off_takes_the_permission_back_when_it_is_made() {
    let config = Config {
        write_ahead: true,
        ..Config::new()
    };
    let mut guard = start(config, Some(State::unused()));
    on(&mut guard, 1);
    let record = guard.record();
    guard.stored(&record);
    guard.update(at(1));
    guard.command(Command::Off, at(2)).unwrap();
    guard.update(at(2));
    assert!(!guard.record().may_be_on());
    // That record may be in the flash already, or not.
    guard.stored(&record);
    assert_eq!(on(&mut guard, 3).waiting, Some(Waiting::Store));
}

#[test]
fn record_of_a_relay_that_is_on_uses_up_its_limits() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let config = Config {
        duty: Some(duty),
        write_ahead: true,
        ..Config::new()
    };
    let mut before = start(config, Some(State::unused()));
    on(&mut before, 1);
    let record = before.record();
    let mut after = start(config, Some(record));
    assert_eq!(on(&mut after, 1).waiting, Some(Waiting::Duty));
}

#[test]
fn record_of_a_relay_that_is_off_keeps_what_is_left() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let config = Config {
        duty: Some(duty),
        write_ahead: true,
        ..Config::new()
    };
    let mut before = start(config, Some(State::unused()));
    before.command(Command::Pulse(ms(60)), at(0)).unwrap();
    let record = before.record();
    before.stored(&record);
    before.update(at(0));
    run(&mut before, 90);
    let mut after = start(config, Some(before.record()));
    on(&mut after, 0);
    let record = after.record();
    after.stored(&record);
    assert_eq!(after.update(at(0)).level, On);
    assert_eq!(run(&mut after, 90).0, [(40, Off)]);
}

#[test]
fn record_that_was_not_written_ahead_is_not_believed() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let config = Config {
        duty: Some(duty),
        ..Config::new()
    };
    let mut before = start(config, Some(State::unused()));
    before.update(at(5_000));
    let mut after = start(config, Some(before.record()));
    assert_eq!(on(&mut after, 1).waiting, Some(Waiting::Duty));
}

#[test]
fn record_without_a_window_uses_a_new_duty_up() {
    let config = Config {
        write_ahead: true,
        ..Config::new()
    };
    let mut before = start(config, Some(State::unused()));
    before.update(at(5_000));
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let config = Config {
        duty: Some(duty),
        ..config
    };
    let mut after = start(config, Some(before.record()));
    assert_eq!(on(&mut after, 1).waiting, Some(Waiting::Duty));
}

#[test]
fn fault_is_not_acknowledged_while_the_output_may_be_on() {
    let mut guard = start(Config::new(), Some(State::unused()));
    on(&mut guard, 1);
    guard.output_failed();
    assert_eq!(guard.acknowledge(at(2)), Err(Refused::Uncertain));
    guard.output_is_off();
    assert_eq!(guard.acknowledge(at(2)), Ok(()));
}

#[test]
fn time_in_which_the_output_may_be_on_is_charged() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let config = Config {
        duty: Some(duty),
        ..Config::new()
    };
    let mut guard = start(config, Some(State::unused()));
    on(&mut guard, 1);
    guard.output_failed();
    guard.update(at(99));
    guard.output_is_off();
    guard.acknowledge(at(99)).unwrap();
    on(&mut guard, 99);
    assert_eq!(run(&mut guard, 1_000).0, [(101, Off)]);
}

#[test]
fn record_that_could_not_be_read_is_written_before_it_is_on() {
    let config = Config {
        write_ahead: true,
        ..Config::new()
    };
    let mut guard = start(config, None);
    assert_eq!(on(&mut guard, 1).waiting, Some(Waiting::Store));
}

#[test]
fn reset_does_not_clear_a_fault() {
    let mut before = start(Config::new(), Some(State::unused()));
    before.trip(Fault::External(7), at(1));
    assert!(before.update(at(1)).store);
    let record = before.record();
    before.stored(&record);
    assert!(!before.update(at(1)).store);
    let mut after = start(Config::new(), Some(record));
    assert!(after.command(Command::On, at(1)).is_err());
    after.acknowledge(at(2)).unwrap();
    assert!(after.update(at(2)).store);
    assert_eq!(on(&mut after, 3).level, On);
}

#[test]
fn acknowledging_switches_nothing_on() {
    let mut guard = start(Config::new(), Some(State::unused()));
    on(&mut guard, 1);
    guard.trip(Fault::Stop, at(2));
    guard.update(at(2));
    guard.acknowledge(at(3)).unwrap();
    assert_eq!(guard.update(at(3)).level, Off);
}

#[test]
fn first_fault_stays() {
    let mut guard = start(Config::new(), Some(State::unused()));
    guard.trip(Fault::External(1), at(1));
    guard.trip(Fault::Stop, at(2));
    assert_eq!(guard.fault(), Some(Fault::External(1)));
}

#[test]
fn counters_survive_a_reset() {
    let mut before = start(Config::new(), Some(State::unused()));
    before.command(Command::Pulse(ms(40)), at(0)).unwrap();
    before.update(at(0));
    run(&mut before, 100);
    let after = start(Config::new(), Some(before.record()));
    assert_eq!((after.counters().switchings, after.counters().on_ms), (1, 40));
}

#[cfg(feature = "serde")]
#[test]
fn record_is_the_same_after_it_was_written_and_read() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let mut guard = start(
        Config {
            duty: Some(duty),
            ..Config::new()
        },
        Some(State::unused()),
    );
    on(&mut guard, 1);
    guard.trip(Fault::External(7), at(40));
    let record = guard.record();
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<State>(&text).unwrap(), record);
}

#[cfg(feature = "serde")]
#[test]
fn counters_stop_at_their_largest_value() {
    let text = serde_json::to_string(&State::unused()).unwrap();
    let full = text
        .replace("\"switchings\":0", "\"switchings\":4294967295")
        .replace("\"on_ms\":0", "\"on_ms\":18446744073709551615");
    let mut guard = start(Config::new(), Some(serde_json::from_str(&full).unwrap()));
    on(&mut guard, 1);
    guard.update(at(100));
    assert_eq!(
        (guard.counters().switchings, guard.counters().on_ms),
        (u32::MAX, u64::MAX)
    );
}
