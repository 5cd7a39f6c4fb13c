//! What only the polled front end has: a conversion in flight, and time that the caller gives.

use crate::bus::{Bus, at};
use crate::*;
use ds18b20::{blocking, nonblocking};

fn polled(given: &One) -> nonblocking::Ds18b20 {
    nonblocking::Ds18b20::new(given.make().remove(0))
}

const STARTED: [Act; 4] = converting(BUSY);

#[test]
fn second_conversion_is_refused_while_one_is_in_flight() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&STARTED);
    sensor.start(&mut bus, Completion::Wait, at(0)).unwrap();
    assert_eq!(
        sensor.start(&mut bus, Completion::Wait, at(800)),
        Err(Error::Device(Fault::Busy))
    );
    bus.done();
}

#[test]
fn reading_is_refused_while_a_conversion_is_in_flight() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&STARTED);
    sensor.start(&mut bus, Completion::Wait, at(0)).unwrap();
    assert_eq!(sensor.read(&mut bus), Err(Error::Device(Fault::Busy)));
    bus.done();
}

#[test]
fn settings_are_refused_while_a_conversion_is_in_flight() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&STARTED);
    sensor.start(&mut bus, Completion::Wait, at(0)).unwrap();
    assert_eq!(sensor.sensor_mut().err(), Some(Fault::Busy));
}

#[test]
fn conversion_that_was_not_started_is_not_waited_for() {
    let idle = Err(nb::Error::Other(Error::Device(Fault::Idle)));
    assert_eq!(polled(&EXTERNAL).poll(&mut Bus::new(&[]), at(0)), idle);
}

#[test]
fn conversion_is_over_once() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&STARTED);
    sensor.start(&mut bus, Completion::Wait, at(0)).unwrap();
    assert_eq!(sensor.poll(&mut bus, at(751)), Ok(()));
    assert_eq!(
        sensor.poll(&mut bus, at(752)),
        Err(nb::Error::Other(Error::Device(Fault::Idle)))
    );
}

#[test]
fn conversion_of_750_ms_is_over_at_the_751st_tick() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&STARTED);
    sensor.start(&mut bus, Completion::Wait, at(5)).unwrap();
    assert_eq!(sensor.poll(&mut bus, at(755)), Err(nb::Error::WouldBlock));
    assert_eq!(sensor.poll(&mut bus, at(756)), Ok(()));
}

#[test]
fn conversion_that_does_not_start_is_not_in_flight() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&script(&[&[Reset, Breaks], &STARTED]));
    assert_eq!(
        sensor.start(&mut bus, Completion::Wait, at(0)),
        Err(Error::Bus(one_wire::Error::Bus(Broken)))
    );
    assert_eq!(sensor.start(&mut bus, Completion::Wait, at(0)), Ok(()));
}

#[test]
fn bus_error_while_polling_ends_the_conversion() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&script(&[&STARTED, &[Breaks]]));
    sensor.start(&mut bus, Completion::Poll, at(0)).unwrap();
    let broken = Err(nb::Error::Other(Error::Bus(one_wire::Error::Bus(Broken))));
    assert_eq!(sensor.poll(&mut bus, at(2)), broken);
    assert_eq!(
        sensor.poll(&mut bus, at(3)),
        Err(nb::Error::Other(Error::Device(Fault::Idle)))
    );
}

#[test]
fn only_a_conversion_in_flight_is_busy() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&script(&[&[Reset, Breaks], &STARTED, &[Breaks], &STARTED]));
    assert!(!sensor.is_busy());
    assert!(sensor.start(&mut bus, Completion::Poll, at(0)).is_err());
    assert!(!sensor.is_busy(), "not started");
    sensor.start(&mut bus, Completion::Poll, at(0)).unwrap();
    assert!(sensor.is_busy());
    assert!(sensor.poll(&mut bus, at(2)).is_err());
    assert!(!sensor.is_busy(), "ended by an error");
    sensor.start(&mut bus, Completion::Wait, at(10)).unwrap();
    sensor.poll(&mut bus, at(761)).unwrap();
    assert!(!sensor.is_busy(), "over");
}

#[test]
fn only_a_conversion_of_all_in_flight_is_busy() {
    let mut group = nonblocking::Group::new(blocking::Group::new());
    let mut bus = Bus::new(&[Reset, Write(&[0xCC, 0x44]), Read(BUSY)]);
    assert!(!group.is_busy());
    group.start(&mut bus, &[], Completion::Wait, at(0)).unwrap();
    assert!(group.is_busy());
    group.abort(&mut bus).unwrap();
    assert!(!group.is_busy());
}

#[test]
fn late_poll_is_enough() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&STARTED);
    sensor.start(&mut bus, Completion::Wait, at(0)).unwrap();
    assert_eq!(sensor.poll(&mut bus, at(u64::MAX)), Ok(()));
}

#[test]
fn clock_that_goes_back_ends_nothing() {
    let mut sensor = polled(&EXTERNAL);
    let mut bus = Bus::new(&STARTED);
    sensor.start(&mut bus, Completion::Wait, at(10_000)).unwrap();
    assert_eq!(sensor.poll(&mut bus, at(0)), Err(nb::Error::WouldBlock));
    assert_eq!(sensor.poll(&mut bus, at(10_751)), Ok(()));
}

#[test]
fn aborted_conversion_is_unpowered_and_forgotten() {
    let mut sensor = polled(&PARASITE);
    let mut bus = Bus::new(&[Reset, Write(MATCH), WritePowered(0x44), PowerOff]);
    sensor.start(&mut bus, Completion::Wait, at(0)).unwrap();
    assert_eq!(sensor.abort(&mut bus), Ok(()));
    assert_eq!(
        sensor.poll(&mut bus, at(1)),
        Err(nb::Error::Other(Error::Device(Fault::Idle)))
    );
    bus.done();
}

#[test]
fn nothing_to_abort_is_no_error() {
    assert_eq!(polled(&PARASITE).abort(&mut Bus::new(&[])), Ok(()));
}

#[test]
fn second_conversion_of_all_is_refused_while_one_is_in_flight() {
    let mut group = nonblocking::Group::new(blocking::Group::new());
    let mut bus = Bus::new(&[Reset, Write(&[0xCC, 0x44]), Read(BUSY)]);
    group.start(&mut bus, &[], Completion::Wait, at(0)).unwrap();
    assert_eq!(
        group.start(&mut bus, &[], Completion::Wait, at(0)),
        Err(Error::Device(Fault::Busy))
    );
    assert_eq!(group.group_mut().err(), Some(Fault::Busy));
    bus.done();
}

#[test]
fn aborted_conversion_of_all_is_unpowered_and_forgotten() {
    let mut group = nonblocking::Group::new(blocking::Group::new());
    group.group_mut().unwrap().set_supply(Supply::Parasite);
    let mut bus = Bus::new(&[Reset, Write(&[0xCC]), WritePowered(0x44), PowerOff]);
    group.start(&mut bus, &[], Completion::Wait, at(0)).unwrap();
    assert_eq!(group.abort(&mut bus), Ok(()));
    assert_eq!(
        group.poll(&mut bus, at(1)),
        Err(nb::Error::Other(Error::Device(Fault::Idle)))
    );
    bus.done();
}
