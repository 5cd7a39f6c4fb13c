//! The pump as its pins see it.

use embedded_hal::digital::OutputPin;
use embedded_hal::pwm::SetDutyCycle;
use sim::{Clock, Liquid, Pump, PumpPinBroken, Water};

const SECOND: u64 = 1_000_000_000;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.001
}

#[allow(clippy::unwrap_used, reason = "this is a test, helpers included")]
fn run(clock: &Clock, pin: &mut impl OutputPin, ns: u64) {
    pin.set_high().unwrap();
    clock.advance(ns);
    pin.set_low().unwrap();
}

#[test]
fn volume_is_flow_times_time() {
    let clock = Clock::new();
    let pump = Pump::new(&clock, 60_000.0);
    run(&clock, &mut pump.forward(), 5 * SECOND);
    clock.advance(SECOND);
    assert!(close(pump.delivered(), 5_000.0));
    assert_eq!((pump.longest_on(), pump.on()), (5 * SECOND, 5 * SECOND));
}

#[test]
fn every_start_waits_out_its_dead_time() {
    let clock = Clock::new();
    let pump = Pump::new(&clock, 60_000.0).with_dead_time(300);
    for _ in 0..2 {
        run(&clock, &mut pump.forward(), SECOND);
        clock.advance(SECOND);
    }
    assert!(close(pump.delivered(), 1_400.0));
}

#[test]
fn flow_rises_above_the_stall_duty() {
    let clock = Clock::new();
    let pump = Pump::new(&clock, 60_000.0).with_stall(500);
    let mut pwm = pump.forward();
    for (duty, delivered) in [(500, 0.0), (750, 500.0), (1_000, 1_500.0)] {
        pwm.set_duty_cycle(duty).unwrap();
        clock.advance(SECOND);
        assert!(close(pump.delivered(), delivered), "{duty}");
    }
}

#[test]
fn worn_tube_gives_less() {
    let clock = Clock::new();
    let pump = Pump::new(&clock, 60_000.0).with_wear(10.0);
    let mut pin = pump.forward();
    pin.set_high().unwrap();
    clock.advance(3_600 * SECOND);
    let before = pump.delivered();
    clock.advance(SECOND);
    assert!((pump.delivered() - before - 900.0).abs() < 0.1);
}

#[test]
fn empty_bottle_gives_nothing() {
    let clock = Clock::new();
    let pump = Pump::new(&clock, 60_000.0).with_bottle(1_500.0);
    run(&clock, &mut pump.forward(), 3 * SECOND);
    assert!(close(pump.delivered(), 1_500.0));
    pump.refill(100.0);
    run(&clock, &mut pump.forward(), 3 * SECOND);
    assert!(close(pump.delivered(), 1_600.0));
    assert!(close(pump.bottle(), 0.0));
}

#[test]
fn what_was_drawn_back_is_pushed_out_first() {
    let clock = Clock::new();
    let pump = Pump::new(&clock, 60_000.0).with_line(400.0);
    run(&clock, &mut pump.reverse(), SECOND);
    run(&clock, &mut pump.forward(), SECOND);
    assert!(close(pump.delivered(), 600.0));
}

#[test]
fn both_pins_on_turn_nothing() {
    let clock = Clock::new();
    let pump = Pump::new(&clock, 60_000.0);
    pump.reverse().set_high().unwrap();
    run(&clock, &mut pump.forward(), SECOND);
    assert!(close(pump.delivered(), 0.0));
}

#[test]
fn broken_pin_stays_as_it_is() {
    let clock = Clock::new();
    let pump = Pump::new(&clock, 60_000.0);
    let mut pin = pump.forward();
    pin.set_high().unwrap();
    pump.set_broken(true);
    assert_eq!(pin.set_low(), Err(PumpPinBroken));
    clock.advance(SECOND);
    assert!(close(pump.delivered(), 1_000.0));
    pump.power_cut();
    assert!(!pump.is_on());
}

#[test]
fn most_in_a_window_is_found_across_spurts() {
    let clock = Clock::new();
    let pump = Pump::new(&clock, 60_000.0);
    for _ in 0..3 {
        run(&clock, &mut pump.forward(), 2 * SECOND);
        clock.advance(8 * SECOND);
    }
    assert_eq!(pump.spurts().len(), 3);
    assert!(close(pump.most_in(2 * SECOND), 2_000.0));
    assert!(close(pump.most_in(11 * SECOND), 3_000.0));
    assert!(close(pump.most_in(12 * SECOND), 4_000.0));
    assert!(close(pump.most_in(60 * SECOND), 6_000.0));
}

#[test]
fn dose_reaches_the_water() {
    let clock = Clock::new();
    let water = Water::new(&clock)
        .with_volume(20.0)
        .with_buffer(1.0)
        .with_mixing_time(0.0);
    let pump = Pump::new(&clock, 60_000.0).into_water(&water, Liquid::acid(1.0));
    run(&clock, &mut pump.forward(), 20 * SECOND);
    clock.advance(SECOND);
    // 20 mmol in 20.02 l at 1 mmol per litre and pH.
    assert!((water.ph() - 6.001).abs() < 0.001, "{}", water.ph());
}
