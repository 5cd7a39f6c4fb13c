//! Relays on a simulated board, whose contacts take their time.

use crate::common::{at, ms};
use relay::{ActiveLow, Command, Config, Error, Fault, Group, LatchingRelay, Level, Pulses, Relay, State};
use sim::{Clock, RelayBoard, RelayPin, RelayPinError};

const MS: u64 = 1_000_000;

type Pair = Group<ActiveLow<RelayPin>, 2>;

fn start(board: &RelayBoard, clock: &Clock, config: Config) -> Relay<ActiveLow<RelayPin>> {
    let now = at(clock.now() / MS);
    Relay::new(ActiveLow(board.pin()), config, Some(State::unused()), now).unwrap()
}

/// Two boards that operate and release in these times, and a group with this dead time.
fn pair(clock: &Clock, operate: u64, release: u64, dead: u32) -> ([RelayBoard; 2], Pair) {
    let boards = [(); 2].map(|()| RelayBoard::new(clock).with_delays(operate * MS, release * MS));
    let pins = boards.each_ref().map(|board| ActiveLow(board.pin()));
    let states = [Some(State::unused()); 2];
    let group = Group::new(pins, [Config::new(); 2], states, ms(dead), at(0)).unwrap();
    (boards, group)
}

/// Asks each member in turn for on, ten times, and looks after the group every millisecond.
fn alternate(clock: &Clock, group: &mut Pair) {
    for turn in 0..10 {
        let now = at(clock.now() / MS);
        group.command(turn % 2, Command::On, now).unwrap();
        for _ in 0..200 {
            clock.advance(MS);
            group.update(at(clock.now() / MS)).unwrap();
        }
    }
}

#[test]
fn contact_never_closes_at_boot_if_the_driver_starts_before_the_coil_has_pulled_in() {
    let clock = Clock::new();
    let board = RelayBoard::new(&clock);
    board.boot_glitch();
    clock.advance(9 * MS);
    let mut relay = start(&board, &clock, Config::new());
    for _ in 0..1_000 {
        clock.advance(MS);
        relay.update(at(clock.now() / MS)).unwrap();
    }
    assert_eq!(board.edges(), []);
}

#[test]
fn driver_that_starts_too_late_cannot_keep_the_contact_open() {
    let clock = Clock::new();
    let board = RelayBoard::new(&clock);
    board.boot_glitch();
    clock.advance(11 * MS);
    start(&board, &clock, Config::new());
    clock.advance(100 * MS);
    assert_eq!(board.edges(), [(10 * MS, true), (16 * MS, false)]);
}

#[test]
fn interlocked_contacts_are_never_closed_together_if_the_dead_time_covers_the_release() {
    // The worst: a contact that closes at once and opens late.
    let clock = Clock::new();
    let ([left, right], mut group) = pair(&clock, 0, 20, 20);
    alternate(&clock, &mut group);
    assert!(left.closed_for() > 500 * MS && right.closed_for() > 500 * MS);
    assert_eq!(left.closed_with(&right), 0);
}

#[test]
fn dead_time_shorter_than_the_release_lets_contacts_overlap() {
    let clock = Clock::new();
    let ([left, right], mut group) = pair(&clock, 0, 20, 19);
    alternate(&clock, &mut group);
    // Nine changes, a millisecond each: the board convicts what the driver cannot know.
    assert_eq!(left.closed_with(&right), 9 * MS);
}

#[test]
fn bouncing_contact_is_one_switching() {
    let clock = Clock::new();
    let board = RelayBoard::new(&clock).with_bounce(3, MS);
    let mut relay = start(&board, &clock, Config::new());
    relay.on(at(0)).unwrap();
    clock.advance(100 * MS);
    relay.off(at(100)).unwrap();
    clock.advance(100 * MS);
    assert_eq!(board.edges().len(), 8);
    assert_eq!(relay.counters().switchings, 1);
}

#[test]
fn member_whose_pin_fails_stays_closed_alone() {
    let clock = Clock::new();
    let ([left, right], mut group) = pair(&clock, 10, 5, 20);
    for now in 1..=20 {
        clock.advance(MS);
        group.update(at(now)).unwrap();
    }
    group.command(0, Command::On, at(20)).unwrap();
    clock.advance(80 * MS);
    left.fail_writes(5);
    let failed = Err(Error::Pin(RelayPinError));
    assert_eq!(group.command(1, Command::On, at(100)).map(|_| ()), failed);
    clock.advance(100 * MS);
    assert_eq!(group.update(at(200)).map(|_| ()), failed);
    assert!(left.is_closed() && !right.is_closed());
    // The fifth write fails, the next succeeds: open, with the fault latched.
    clock.advance(100 * MS);
    assert_eq!(group.update(at(300)).map(|_| ()), failed);
    clock.advance(10 * MS);
    assert!(!left.is_closed());
    assert_eq!(group.interlock().members()[0].fault(), Some(Fault::Output));
}

#[test]
fn welded_contact_is_for_the_caller_to_notice_and_trip() {
    let clock = Clock::new();
    let board = RelayBoard::new(&clock);
    let mut relay = start(&board, &clock, Config::new());
    relay.on(at(0)).unwrap();
    clock.advance(100 * MS);
    board.weld();
    relay.off(at(100)).unwrap();
    clock.advance(100 * MS);
    assert!(board.is_closed() && relay.level() == Level::Off);
    let update = relay.trip(Fault::External(1), at(200)).unwrap();
    assert_eq!(update.fault, Some(Fault::External(1)));
}

#[test]
fn two_coils_of_a_latching_relay_never_have_current_together() {
    let clock = Clock::new();
    let (set, reset) = (RelayBoard::new(&clock), RelayBoard::new(&clock));
    let pulses = Pulses {
        set: ms(30),
        reset: ms(50),
    };
    let pins = (ActiveLow(set.pin()), ActiveLow(reset.pin()));
    let restored = Some(State::unused());
    let mut relay = LatchingRelay::new(pins.0, pins.1, pulses, Config::new(), restored, at(0)).unwrap();
    for now in 1..2_000 {
        clock.advance(MS);
        if now % 37 == 0 {
            relay.command(Command::Toggle, at(now)).unwrap();
        } else {
            relay.update(at(now)).unwrap();
        }
        assert!(!(set.has_coil_current() && reset.has_coil_current()));
    }
    assert!(set.coil_operations() > 10 && reset.coil_operations() > 10);
}
