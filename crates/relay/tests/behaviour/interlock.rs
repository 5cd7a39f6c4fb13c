//! Break before make.

use crate::common::{at, ms};
use relay::Level::{self, Off, On};
use relay::{Command, Config, ConfigError, Fault, Interlock, Refused, State, Update, Waiting};

fn pair(config: Config) -> Interlock<2> {
    Interlock::new([config; 2], [Some(State::unused()); 2], ms(100), at(0)).unwrap()
}

fn levels(updates: [Update; 2]) -> [Level; 2] {
    updates.map(|update| update.level)
}

#[test]
fn nothing_is_on_within_the_dead_time_of_the_start() {
    let mut pair = pair(Config::new());
    pair.command(0, Command::On, at(0)).unwrap();
    let updates = pair.update(at(0));
    assert_eq!(updates[0].waiting, Some(Waiting::Interlock));
    assert_eq!(updates[1].deadline, Some(at(100)));
    assert_eq!(levels(pair.update(at(99))), [Off, Off]);
    assert_eq!(levels(pair.update(at(100))), [On, Off]);
}

#[test]
fn last_to_ask_gets_it_after_the_dead_time() {
    let mut pair = pair(Config::new());
    pair.update(at(100));
    pair.command(0, Command::On, at(100)).unwrap();
    assert_eq!(levels(pair.update(at(100))), [On, Off]);
    pair.command(1, Command::On, at(500)).unwrap();
    assert_eq!(levels(pair.update(at(500))), [Off, Off]);
    assert_eq!(levels(pair.update(at(599))), [Off, Off]);
    assert_eq!(levels(pair.update(at(600))), [Off, On]);
    assert_eq!(pair.on(), Some(1));
}

#[test]
fn minimum_on_of_the_other_is_waited_for() {
    let mut pair = pair(Config {
        min_on: ms(300),
        ..Config::new()
    });
    pair.update(at(100));
    pair.command(0, Command::On, at(100)).unwrap();
    pair.update(at(100));
    pair.command(1, Command::On, at(150)).unwrap();
    assert_eq!(levels(pair.update(at(399))), [On, Off]);
    assert_eq!(levels(pair.update(at(400))), [Off, Off]);
    assert_eq!(levels(pair.update(at(500))), [Off, On]);
}

#[test]
fn off_for_one_member_leaves_the_other() {
    let mut pair = pair(Config::new());
    pair.update(at(100));
    pair.command(0, Command::On, at(100)).unwrap();
    pair.update(at(100));
    pair.command(1, Command::Off, at(200)).unwrap();
    assert_eq!(levels(pair.update(at(200))), [On, Off]);
}

#[test]
fn refused_member_does_not_take_it_from_the_other() {
    let mut pair = pair(Config::new());
    pair.update(at(100));
    pair.command(0, Command::On, at(100)).unwrap();
    pair.update(at(100));
    let half = relay::Permille::new(500).unwrap();
    let refused = pair.command(1, Command::Proportional(half), at(200));
    assert_eq!(refused, Err(Refused::NoPeriod));
    assert_eq!(pair.command(2, Command::On, at(200)), Err(Refused::NoMember));
    assert_eq!(levels(pair.update(at(200))), [On, Off]);
}

#[test]
fn output_that_is_not_known_to_be_off_holds_the_others() {
    let mut pair = pair(Config::new());
    pair.update(at(100));
    pair.output_failed(0);
    pair.command(1, Command::On, at(5_000)).unwrap();
    pair.update(at(5_000));
    assert_eq!(levels(pair.update(at(9_000))), [Off, Off]);
    pair.output_is_off(0);
    assert_eq!(levels(pair.update(at(9_099))), [Off, Off]);
    assert_eq!(levels(pair.update(at(9_199))), [Off, On]);
}

#[test]
fn jump_does_not_end_the_dead_time() {
    let mut pair = pair(Config::new());
    pair.update(at(100));
    pair.command(0, Command::On, at(100)).unwrap();
    pair.update(at(100));
    pair.command(0, Command::Off, at(200)).unwrap();
    pair.update(at(200));
    let day = 86_400_000;
    pair.command(1, Command::On, at(day)).unwrap();
    assert_eq!(levels(pair.update(at(day))), [Off, Off]);
    assert_eq!(levels(pair.update(at(day + 99))), [Off, Off]);
    assert_eq!(levels(pair.update(at(day + 100))), [Off, On]);
}

#[test]
fn stop_switches_all_off() {
    let mut pair = pair(Config::new());
    pair.update(at(100));
    pair.command(0, Command::On, at(100)).unwrap();
    pair.update(at(100));
    pair.trip(Fault::Stop, at(101));
    let updates = pair.update(at(101));
    assert_eq!(updates.map(|update| update.fault), [Some(Fault::Stop); 2]);
    assert_eq!(pair.on(), None);
}

#[test]
fn group_needs_a_dead_time_and_is_off_when_it_fails() {
    let states = [None; 2];
    let result = Interlock::new([Config::new(); 2], states, ms(0), at(0));
    assert_eq!(result.map(|_| ()), Err(ConfigError::DeadTime));
    let config = Config {
        fail_safe: On,
        ..Config::new()
    };
    let result = Interlock::new([config; 2], states, ms(1), at(0));
    assert_eq!(result.map(|_| ()), Err(ConfigError::FailSafe));
}
