//! What is written to the pins, and when.

use crate::common::{at, ms};
use embedded_hal_mock::eh1::MockError;
use embedded_hal_mock::eh1::digital::{Mock, State as Pin, Transaction};
use relay::{
    ActiveHigh, ActiveLow, Command, Config, ConfigError, Drive, Error, Fault, Group, LatchingRelay, Level,
    Output, Polarity, Pulses, Refused, Relay, State,
};
use std::io::ErrorKind;

const HIGH: Pin = Pin::High;
const LOW: Pin = Pin::Low;

fn pin(states: &[Pin]) -> Mock {
    Mock::new(
        &states
            .iter()
            .map(|state| Transaction::set(*state))
            .collect::<Vec<_>>(),
    )
}

fn broken(state: Pin) -> Transaction {
    Transaction::set(state).with_error(MockError::Io(ErrorKind::BrokenPipe))
}

fn start<D: Drive>(drive: D, config: Config) -> Relay<D>
where
    D::Error: std::fmt::Debug,
{
    match Relay::new(drive, config, Some(State::unused()), at(0)) {
        Ok(relay) => relay,
        Err(failure) => panic!("{:?}", failure.error),
    }
}

fn on_and_off<D: Drive>(drive: D) -> D
where
    D::Error: std::fmt::Debug,
{
    let mut relay = start(drive, Config::new());
    relay.on(at(1)).unwrap();
    relay.on(at(2)).unwrap();
    relay.off(at(3)).unwrap();
    let (drive, result) = relay.release();
    result.unwrap();
    drive
}

#[test]
fn active_low_is_high_when_off() {
    on_and_off(ActiveLow(pin(&[HIGH, LOW, HIGH, HIGH]))).0.done();
}

#[test]
fn active_high_is_low_when_off() {
    on_and_off(ActiveHigh(pin(&[LOW, HIGH, LOW, LOW]))).0.done();
}

#[test]
fn polarity_can_be_a_value() {
    let low = Output::new(pin(&[HIGH, LOW, HIGH, HIGH]), Polarity::ActiveLow);
    on_and_off(low).pin.done();
    let high = Output::new(pin(&[LOW, HIGH, LOW, LOW]), Polarity::ActiveHigh);
    on_and_off(high).pin.done();
}

#[test]
fn off_is_written_before_the_configuration_is_looked_at() {
    let config = Config {
        patience: ms(0),
        ..Config::new()
    };
    let failure = Relay::new(ActiveLow(pin(&[HIGH])), config, None, at(0)).unwrap_err();
    assert_eq!(failure.error, Error::Config(ConfigError::Patience));
    let mut drive = failure.drive;
    drive.0.done();
}

#[test]
fn pin_that_fails_at_the_start_is_tried_again_and_comes_back() {
    let mock = Mock::new(&[broken(HIGH), Transaction::set(HIGH)]);
    let failure = Relay::new(ActiveLow(mock), Config::new(), None, at(0)).unwrap_err();
    assert_eq!(failure.error, Error::Pin(MockError::Io(ErrorKind::BrokenPipe)));
    let mut drive = failure.drive;
    drive.0.done();
}

#[test]
fn failed_on_is_followed_by_off_and_a_fault() {
    let mut mock = Mock::new(&[Transaction::set(HIGH), broken(LOW), Transaction::set(HIGH)]);
    let mut relay = start(ActiveLow(mock.clone()), Config::new());
    assert_eq!(
        relay.on(at(1)),
        Err(Error::Pin(MockError::Io(ErrorKind::BrokenPipe)))
    );
    assert_eq!(relay.guard().fault(), Some(Fault::Output));
    assert!(!relay.guard().is_uncertain());
    let refused = Refused::Fault(Fault::Output);
    assert_eq!(relay.on(at(2)), Err(Error::Refused(refused)));
    mock.done();
}

#[test]
fn failed_off_is_tried_again_every_hundred_milliseconds() {
    let mut mock = Mock::new(&[
        Transaction::set(HIGH),
        Transaction::set(LOW),
        broken(HIGH),
        broken(HIGH),
        broken(HIGH),
        broken(HIGH),
        Transaction::set(HIGH),
    ]);
    let mut relay = start(ActiveLow(mock.clone()), Config::new());
    relay.on(at(1)).unwrap();
    assert!(relay.off(at(2)).is_err());
    assert_eq!(relay.guard().deadline(), Some(at(102)));
    assert!(relay.update(at(102)).is_err());
    assert!(relay.guard().is_uncertain());
    let update = relay.update(at(202)).unwrap();
    assert_eq!((update.level, update.fault), (Level::Off, Some(Fault::Output)));
    assert!(!relay.guard().is_uncertain());
    mock.done();
}

#[test]
fn fault_of_the_output_is_acknowledged_only_when_it_is_off() {
    let mut mock = Mock::new(&[
        Transaction::set(HIGH),
        broken(LOW),
        broken(HIGH),
        broken(HIGH),
        broken(HIGH),
        Transaction::set(HIGH),
        Transaction::set(LOW),
    ]);
    let mut relay = start(ActiveLow(mock.clone()), Config::new());
    relay.on(at(1)).unwrap_err();
    relay.acknowledge(at(2)).unwrap_err();
    assert_eq!(relay.guard().fault(), Some(Fault::Output));
    assert_eq!(relay.acknowledge(at(3)).unwrap().fault, None);
    relay.on(at(4)).unwrap();
    mock.done();
}

#[test]
fn release_leaves_the_fail_safe_level() {
    let config = Config {
        fail_safe: Level::On,
        ..Config::new()
    };
    let (mut drive, result) = start(ActiveLow(pin(&[HIGH, LOW])), config).release();
    result.unwrap();
    drive.0.done();
}

#[test]
fn release_with_a_fault_is_off_whatever_the_fail_safe_level() {
    let config = Config {
        fail_safe: Level::On,
        ..Config::new()
    };
    let mut relay = start(ActiveLow(pin(&[HIGH, HIGH])), config);
    relay.trip(Fault::Stop, at(1)).unwrap();
    let (mut drive, result) = relay.release();
    result.unwrap();
    drive.0.done();
}

#[test]
fn group_writes_all_off_first_and_keeps_the_dead_time() {
    let mut left = pin(&[HIGH, LOW, HIGH]);
    let mut right = pin(&[HIGH, LOW]);
    let pins = [ActiveLow(left.clone()), ActiveLow(right.clone())];
    let states = [Some(State::unused()); 2];
    let mut group = Group::new(pins, [Config::new(); 2], states, ms(100), at(0)).unwrap();
    group.update(at(100)).unwrap();
    group.command(0, Command::On, at(100)).unwrap();
    group.command(1, Command::On, at(200)).unwrap();
    group.update(at(299)).unwrap();
    group.update(at(300)).unwrap();
    left.done();
    right.done();
}

#[test]
fn member_that_cannot_be_switched_off_holds_the_group() {
    let mut left = Mock::new(&[
        Transaction::set(HIGH),
        Transaction::set(LOW),
        broken(HIGH),
        broken(HIGH),
        broken(HIGH),
        broken(HIGH),
    ]);
    let mut right = pin(&[HIGH]);
    let pins = [ActiveLow(left.clone()), ActiveLow(right.clone())];
    let states = [Some(State::unused()); 2];
    let mut group = Group::new(pins, [Config::new(); 2], states, ms(100), at(0)).unwrap();
    group.update(at(100)).unwrap();
    group.command(0, Command::On, at(100)).unwrap();
    group.command(1, Command::On, at(200)).unwrap_err();
    group.update(at(300)).unwrap_err();
    left.done();
    right.done();
}

#[test]
fn group_switches_all_off_when_it_is_released() {
    let pins = [ActiveHigh(pin(&[LOW, LOW])), ActiveHigh(pin(&[LOW, LOW]))];
    let group = Group::new(pins, [Config::new(); 2], [None; 2], ms(1), at(0)).unwrap();
    let (drives, result) = group.release();
    result.unwrap();
    for mut drive in drives {
        drive.0.done();
    }
}

const PULSES: Pulses = Pulses {
    set: ms_const(30),
    reset: ms_const(50),
};

const fn ms_const(ms: u32) -> fugit::MillisDurationU32 {
    fugit::MillisDurationU32::from_ticks(ms)
}

fn latching(set: &Mock, reset: &Mock) -> LatchingRelay<ActiveHigh<Mock>, ActiveHigh<Mock>> {
    let (set, reset) = (ActiveHigh(set.clone()), ActiveHigh(reset.clone()));
    LatchingRelay::new(set, reset, PULSES, Config::new(), Some(State::unused()), at(0)).unwrap()
}

#[test]
fn latching_relay_is_opened_first() {
    // Each pulse writes the coil that loses current, then the one that gets it.
    let mut set = pin(&[LOW, LOW, LOW]);
    let mut reset = pin(&[LOW, HIGH, LOW]);
    let mut relay = latching(&set, &reset);
    assert_eq!(relay.update(at(0)).unwrap().deadline, Some(at(50)));
    assert!(relay.guard().is_uncertain());
    assert_eq!(relay.update(at(50)).unwrap().deadline, None);
    assert!(!relay.guard().is_uncertain());
    set.done();
    reset.done();
}

#[test]
fn latching_relay_gets_a_pulse_of_each_coil() {
    let mut set = pin(&[LOW, LOW, LOW, HIGH, LOW, LOW, LOW]);
    let mut reset = pin(&[LOW, HIGH, LOW, LOW, LOW, HIGH, LOW]);
    let mut relay = latching(&set, &reset);
    relay.update(at(0)).unwrap();
    relay.update(at(50)).unwrap();
    let update = relay.command(Command::On, at(60)).unwrap();
    assert_eq!((update.level, update.deadline), (Level::On, Some(at(90))));
    assert_eq!(relay.update(at(90)).unwrap().deadline, None);
    let update = relay.command(Command::Off, at(200)).unwrap();
    assert_eq!(update.deadline, Some(at(250)));
    relay.update(at(249)).unwrap();
    relay.update(at(250)).unwrap();
    set.done();
    reset.done();
}

#[test]
fn latching_relay_does_not_close_before_it_was_opened() {
    let mut set = pin(&[LOW, LOW]);
    let mut reset = pin(&[LOW, HIGH]);
    let mut relay = latching(&set, &reset);
    let update = relay.command(Command::On, at(0)).unwrap();
    assert_eq!(update.level, Level::Off);
    assert_eq!(relay.update(at(49)).unwrap().level, Level::Off);
    set.done();
    reset.done();
}

#[test]
fn pulse_during_which_the_clock_goes_backwards_is_repeated_after_a_pause() {
    let mut set = pin(&[LOW, LOW, LOW, LOW, LOW]);
    let mut reset = pin(&[LOW, HIGH, LOW, HIGH, LOW]);
    let mut relay = latching(&set, &reset);
    relay.update(at(0)).unwrap();
    relay.update(at(40)).unwrap();
    assert_eq!(relay.update(at(30)).unwrap().deadline, Some(at(80)));
    relay.update(at(80)).unwrap();
    assert!(relay.guard().is_uncertain());
    relay.update(at(130)).unwrap();
    assert!(!relay.guard().is_uncertain());
    set.done();
    reset.done();
}

#[test]
fn latching_relay_counts_as_on_until_its_reset_pulse_is_over() {
    let set = pin(&[LOW, LOW, LOW, HIGH, LOW, LOW]);
    let reset = pin(&[LOW, HIGH, LOW, LOW, LOW, HIGH]);
    let mut relay = latching(&set, &reset);
    for now in [0, 50] {
        relay.update(at(now)).unwrap();
    }
    relay.command(Command::On, at(60)).unwrap();
    relay.update(at(90)).unwrap();
    relay.command(Command::Off, at(100)).unwrap();
    relay.update(at(149)).unwrap();
    assert!(relay.guard().is_uncertain());
    assert!(relay.record().may_be_on());
    for mut mock in [set, reset] {
        mock.done();
    }
}

#[test]
fn coil_that_cannot_be_written_takes_the_current_from_both_and_opens_again() {
    let mut set = Mock::new(&[
        Transaction::set(LOW),
        Transaction::set(LOW),
        Transaction::set(LOW),
        broken(HIGH),
        Transaction::set(LOW),
        Transaction::set(LOW),
    ]);
    let mut reset = pin(&[LOW, HIGH, LOW, LOW, LOW, HIGH]);
    let mut relay = latching(&set, &reset);
    relay.update(at(0)).unwrap();
    relay.update(at(50)).unwrap();
    relay.command(Command::On, at(60)).unwrap_err();
    assert_eq!(relay.guard().fault(), Some(Fault::Output));
    let update = relay.update(relay.deadline().unwrap()).unwrap();
    assert_eq!(update.level, Level::Off);
    set.done();
    reset.done();
}

#[test]
fn pulse_of_no_time_is_refused() {
    let pulses = Pulses { set: ms(0), ..PULSES };
    let pins = (ActiveHigh(pin(&[LOW])), ActiveHigh(pin(&[LOW])));
    let result = LatchingRelay::new(pins.0, pins.1, pulses, Config::new(), None, at(0));
    let failure = result.unwrap_err();
    assert_eq!(failure.error, Error::Config(ConfigError::Pulse));
    let (mut set, mut reset) = failure.drive;
    set.0.done();
    reset.0.done();
}
