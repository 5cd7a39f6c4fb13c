//! The pulse source against arithmetic by hand.

use sim::{Clock, PulseSource};

const SECOND: u64 = 1_000_000_000;

#[test]
fn thirty_litres_per_minute_of_a_yf_s201_are_225_hz() {
    let clock = Clock::new();
    let source = PulseSource::new(&clock, 450);
    source.set_flow(30_000_000);
    clock.advance(10 * SECOND);
    assert_eq!(source.pulses(), 2_250);
    assert_eq!(source.take_edges().len(), 2_250);
}

#[test]
fn pulses_are_the_same_in_one_step_and_in_many() {
    let clock = Clock::new();
    let (once, often) = (PulseSource::new(&clock, 5_880), PulseSource::new(&clock, 5_880));
    once.set_flow(777_777);
    often.set_flow(777_777);
    for step in 0..1_000 {
        clock.advance(step * 12_345);
        often.pulses();
    }
    assert!(once.pulses() > 400);
    assert_eq!(once.take_edges(), often.take_edges());
}

#[test]
fn part_of_a_pulse_survives_a_pause() {
    let clock = Clock::new();
    let source = PulseSource::new(&clock, 60);
    source.set_flow(1_000_000); // one pulse per second
    clock.advance(SECOND * 6 / 10);
    source.set_flow(0);
    clock.advance(100 * SECOND);
    source.set_flow(1_000_000);
    clock.advance(SECOND * 4 / 10 - 1);
    assert_eq!(source.pulses(), 0);
    clock.advance(1);
    assert_eq!(source.pulses(), 1);
}

#[test]
fn jammed_turbine_counts_nothing() {
    let clock = Clock::new();
    let source = PulseSource::new(&clock, 60);
    source.set_flow(1_000_000);
    source.set_jammed(true);
    clock.advance(10 * SECOND);
    assert_eq!(source.pulses(), 0);
    source.set_jammed(false);
    clock.advance(SECOND);
    assert_eq!(source.pulses(), 1);
}

#[test]
fn register_wraps_at_its_width() {
    let clock = Clock::new();
    let source = PulseSource::new(&clock, 60_000);
    source.set_flow(1_000_000); // 1 kHz
    clock.advance(70 * SECOND);
    assert_eq!(source.register(8), 112);
    assert_eq!(source.register(16), 4_464);
    assert_eq!(source.register(32), 70_000);
}

#[test]
fn jitter_moves_edges_and_bounces_follow_them() {
    let clock = Clock::new();
    let source = PulseSource::new(&clock, 60);
    source.set_flow(1_000_000);
    source.set_jitter(1, 1_000);
    source.set_bounce(2, 3, 500);
    clock.advance(100 * SECOND);
    let edges = source.take_edges();
    assert_eq!(source.pulses(), 100);
    assert!(edges.is_sorted());
    assert!((150..=350).contains(&edges.len()), "{}", edges.len());
    assert!(edges.iter().all(|edge| edge % SECOND < 1_500));
    assert!(edges.iter().any(|edge| edge % SECOND > 0));
}
