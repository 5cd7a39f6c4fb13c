use crate::support::*;
use embedded_hal_mock::eh1::MockError;
use embedded_hal_mock::eh1::digital::{Mock as Pin, State, Transaction as Set};
use embedded_hal_mock::eh1::pwm::{Mock as PwmPin, Transaction as SetDuty};
use peristaltic::{
    Bridge, Dose, Drive, Duty, End, Error, Fault, Motor, OutputError, Pumps, Pwm, PwmBridge, Request,
    Switched,
};
use std::io::ErrorKind;

fn high() -> Set {
    Set::set(State::High)
}

fn low() -> Set {
    Set::set(State::Low)
}

fn broken() -> MockError {
    MockError::Io(ErrorKind::Other)
}

fn duty(permille: u16) -> Duty {
    Duty::new(permille).unwrap()
}

#[test]
fn pin_is_high_while_an_active_high_motor_runs() {
    let mut pin = Pin::new(&[high(), low(), low(), low()]);
    let mut motor = Switched::active_high(pin.clone());
    for drive in [
        Drive::Forward(Duty::FULL),
        Drive::Stop,
        Drive::Reverse(Duty::FULL),
        Drive::Forward(duty(0)),
    ] {
        motor.drive(drive).unwrap();
    }
    pin.done();
}

#[test]
fn pin_is_low_while_an_active_low_motor_runs() {
    let mut pin = Pin::new(&[low(), high(), high()]);
    let mut motor = Switched::active_low(pin.clone());
    for drive in [Drive::Forward(duty(1)), Drive::Stop, Drive::Reverse(Duty::FULL)] {
        motor.drive(drive).unwrap();
    }
    pin.done();
}

#[test]
fn duty_is_a_fraction_of_what_the_pwm_has() {
    let expected = [
        SetDuty::max_duty_cycle(4_000),
        SetDuty::set_duty_cycle(1_200),
        SetDuty::max_duty_cycle(4_000),
        SetDuty::set_duty_cycle(4_000),
        SetDuty::set_duty_cycle(0),
        SetDuty::set_duty_cycle(0),
    ];
    let mut pwm = PwmPin::new(&expected);
    let mut motor = Pwm::new(pwm.clone());
    for drive in [
        Drive::Forward(duty(300)),
        Drive::Forward(Duty::FULL),
        Drive::Stop,
        Drive::Reverse(duty(300)),
    ] {
        motor.drive(drive).unwrap();
    }
    pwm.done();
}

#[test]
fn bridge_switches_off_before_it_switches_on() {
    let mut forward = Pin::new(&[high(), low(), low()]);
    let mut reverse = Pin::new(&[low(), high(), low()]);
    let mut motor = Bridge::new(forward.clone(), reverse.clone());
    motor.drive(Drive::Forward(Duty::FULL)).unwrap();
    motor.drive(Drive::Reverse(Duty::FULL)).unwrap();
    motor.drive(Drive::Stop).unwrap();
    forward.done();
    reverse.done();
}

#[test]
fn bridge_does_not_turn_round_if_it_cannot_switch_off() {
    let mut forward = Pin::new(&[low().with_error(broken())]);
    let mut reverse = Pin::new(&[]);
    let mut motor = Bridge::new(forward.clone(), reverse.clone());
    assert_eq!(motor.drive(Drive::Reverse(Duty::FULL)), Err(broken()));
    forward.done();
    reverse.done();
}

#[test]
fn bridge_tries_to_stop_both_ways() {
    let mut forward = Pin::new(&[low().with_error(broken())]);
    let mut reverse = Pin::new(&[low()]);
    let mut motor = Bridge::new(forward.clone(), reverse.clone());
    assert_eq!(motor.drive(Drive::Stop), Err(broken()));
    forward.done();
    reverse.done();
}

#[test]
fn pwm_bridge_runs_either_way_by_duty() {
    let forward = [
        SetDuty::max_duty_cycle(1_000),
        SetDuty::set_duty_cycle(250),
        SetDuty::set_duty_cycle(0),
        SetDuty::set_duty_cycle(0),
    ];
    let reverse = [
        SetDuty::set_duty_cycle(0),
        SetDuty::max_duty_cycle(1_000),
        SetDuty::set_duty_cycle(700),
        SetDuty::set_duty_cycle(0),
    ];
    let mut pins = (PwmPin::new(&forward), PwmPin::new(&reverse));
    let mut motor = PwmBridge::new(pins.0.clone(), pins.1.clone());
    motor.drive(Drive::Forward(duty(250))).unwrap();
    motor.drive(Drive::Reverse(duty(700))).unwrap();
    motor.drive(Drive::Stop).unwrap();
    pins.0.done();
    pins.1.done();
}

#[test]
fn every_motor_is_switched_off_first() {
    let mut pins = [Pin::new(&[low()]), Pin::new(&[low()])];
    let motors = pins.clone().map(Switched::active_high);
    let (_pumps, result) = Pumps::new(tank([pump(), pump()]), motors, at(0));
    assert_eq!(result, Ok(()));
    for pin in &mut pins {
        pin.done();
    }
}

#[test]
fn motor_is_set_when_it_changes_and_only_then() {
    let mut pin = Pin::new(&[low(), high(), low()]);
    let (mut pumps, _) = Pumps::new(tank([pump()]), [Switched::active_high(pin.clone())], at(0));
    pumps.dose(|| at(0), volume(240), |_| Ok::<_, ()>(())).unwrap();
    for now in [0, 50, 100, 200, 300] {
        pumps.tick(at(now)).1.unwrap();
    }
    pin.done();
}

#[test]
fn record_is_stored_before_the_motor_runs() {
    let mut pin = Pin::new(&[low(), high(), low()]);
    let (mut pumps, _) = Pumps::new(tank([pump()]), [Switched::active_high(pin.clone())], at(0));
    let mut stored = None;
    let store = |record: &peristaltic::Record<1>| {
        stored = Some(*record);
        Ok::<_, ()>(())
    };
    pumps.dose(|| at(0), volume(240), store).unwrap();
    let mut after = peristaltic::Tank::restore([pump()], RULES, stored.unwrap(), at(0)).unwrap();
    assert_eq!(after.tick(at(0)).outcome.unwrap().end, End::Interrupted);
    let (_, _, result) = pumps.release(at(0));
    assert_eq!(result, Ok(()));
    pin.done();
}

#[test]
fn record_that_cannot_be_stored_starts_nothing() {
    let mut pin = Pin::new(&[low()]);
    let (mut pumps, _) = Pumps::new(tank([pump()]), [Switched::active_high(pin.clone())], at(0));
    let result = pumps.dose(|| at(0), volume(240), |_| Err("full"));
    assert_eq!(result, Err(Error::Store("full")));
    assert_eq!(pumps.tank().status(0).unwrap().left_of_hour, ul(25_000));
    pin.done();
}

#[test]
fn motor_that_cannot_be_switched_on_is_switched_off() {
    let mut pin = Pin::new(&[low(), high().with_error(broken()), low()]);
    let (mut pumps, _) = Pumps::new(tank([pump()]), [Switched::active_high(pin.clone())], at(0));
    let result = pumps.dose(|| at(0), volume(240), |_| Ok::<_, ()>(()));
    let error = OutputError {
        pump: 0,
        cause: broken(),
        stopped: true,
    };
    assert_eq!(result, Err(Error::Output(error)));
    let (step, result) = pumps.tick(at(0));
    assert_eq!(
        (step.outcome.unwrap().end, result),
        (End::Fault(Fault::Output), Ok(()))
    );
    pin.done();
}

#[test]
fn motor_that_cannot_be_switched_off_is_tried_again_at_every_tick() {
    let no = || low().with_error(broken());
    let mut pin = Pin::new(&[low(), high(), no(), no(), no(), no(), low()]);
    let (mut pumps, _) = Pumps::new(tank([pump()]), [Switched::active_high(pin.clone())], at(0));
    pumps.dose(|| at(0), volume(120), |_| Ok::<_, ()>(())).unwrap();
    let (step, result) = pumps.tick(at(100));
    assert_eq!(step.outcome.unwrap().end, End::Done);
    let error = result.unwrap_err();
    assert_eq!((error.pump, error.stopped), (0, false));
    assert_eq!(step.deadline, at(200));
    assert!(pumps.tick(at(200)).1.is_err());
    assert!(pumps.tank().is_stuck(0));
    assert_eq!(pumps.tick(at(300)).1, Ok(()));
    assert!(!pumps.tank().is_stuck(0));
    // 120 µL by the dose, and 200 ms at its fastest.
    assert_eq!(pumps.tank().status(0).unwrap().total.most(), ul(420));
    pin.done();
}

#[test]
fn motor_that_cannot_be_switched_off_at_the_start_is_a_fault() {
    let no = || low().with_error(broken());
    let mut pin = Pin::new(&[no(), no()]);
    let (pumps, result) = Pumps::new(tank([pump()]), [Switched::active_high(pin.clone())], at(0));
    assert_eq!(result.unwrap_err().cause, broken());
    assert_eq!(pumps.tank().status(0).unwrap().fault, Some(Fault::Output));
    pin.done();
}

#[test]
fn emergency_stop_sets_every_motor_whatever_it_is_thought_to_be() {
    let mut pins = [Pin::new(&[low(), low()]), Pin::new(&[low(), high(), low()])];
    let motors = pins.clone().map(Switched::active_high);
    let (mut pumps, _) = Pumps::new(tank([pump(), pump()]), motors, at(0));
    let request = Request::new(1, Dose::Time(ms(500)));
    pumps.dose(|| at(0), request, |_| Ok::<_, ()>(())).unwrap();
    assert_eq!(pumps.emergency_stop(at(10)), Ok(()));
    for pin in &mut pins {
        pin.done();
    }
}

#[test]
fn pause_resume_and_stop_reach_the_motor() {
    let mut pin = Pin::new(&[low(), high(), low(), high(), low()]);
    let (mut pumps, _) = Pumps::new(tank([pump()]), [Switched::active_high(pin.clone())], at(0));
    pumps.dose(|| at(0), volume(1_200), |_| Ok::<_, ()>(())).unwrap();
    assert_eq!(pumps.pause(at(100)), Ok(true));
    assert_eq!(pumps.resume(at(200)), Ok(true));
    let (outcome, result) = pumps.stop(at(300));
    assert_eq!((outcome.unwrap().delivered.most(), result), (ul(240), Ok(())));
    pin.done();
}

/// Writes down what every motor is told.
struct Logged<'a>(usize, &'a std::cell::RefCell<Vec<(usize, Drive)>>);

impl Motor for Logged<'_> {
    type Error = ();

    fn drive(&mut self, drive: Drive) -> Result<(), ()> {
        self.1.borrow_mut().push((self.0, drive));
        Ok(())
    }
}

#[test]
fn one_motor_is_off_before_another_is_on() {
    let log = std::cell::RefCell::new(vec![]);
    let motors = [Logged(0, &log), Logged(1, &log)];
    let (mut pumps, _) = Pumps::new(tank([pump(), pump()]), motors, at(0));
    let prime = |pump| Request::new(pump, Dose::Prime(ms(100)));
    pumps.dose(|| at(0), prime(1), |_| Ok::<_, ()>(())).unwrap();
    // The state is asked behind the back of the outputs, so that both have to change at once.
    assert!(pumps.tank_mut().tick(at(100)).outcome.is_some());
    log.borrow_mut().clear();
    pumps.dose(|| at(100), prime(0), |_| Ok::<_, ()>(())).unwrap();
    let expected = [(1, Drive::Stop), (0, Drive::Forward(Duty::FULL))];
    assert_eq!(*log.borrow(), expected);
}
