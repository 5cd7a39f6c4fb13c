//! Noise, shorts and interrupts: the answer is the truth or a fault, never something else.

use crate::*;
use sim::{Faults, SplitMix64};

/// Measures a hundred changing temperatures on a wire with `faults` and returns how many came through.
///
/// A clone that converts in 29 ms: of a slower one, most of what the test simulates is the polling.
fn survives(seed: u64, faults: Faults) -> usize {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(seed).with_make(Make::C));
    let mut sensor = driver(&probe);
    sensor.init(&mut rig.bus).unwrap();
    sensor.convert(&mut rig.bus, Completion::Wait).unwrap();
    rig.wire.inject(faults);
    let mut random = SplitMix64::new(seed);
    let mut right = 0;
    for round in 0..100 {
        // All but 85 °C, which this clone cannot show.
        let truth = i16::try_from(random.below(2239)).unwrap() - 880;
        probe.with(|model| model.set_sixteenths(truth));
        let completion = if round % 2 == 0 {
            Completion::Wait
        } else {
            Completion::Poll
        };
        let measured = sensor
            .convert(&mut rig.bus, completion)
            .and_then(|()| sensor.read(&mut rig.bus));
        if let Ok(temperature) = measured {
            assert_eq!(temperature.sixteenths(), truth, "seed {seed}, round {round}");
            right += 1;
        }
    }
    right
}

#[test]
fn misread_levels_never_become_a_temperature() {
    for seed in 0..6 {
        for ppm in [100, 1_000, 5_000] {
            let right = survives(seed, Faults::new(seed).flipped_samples(ppm));
            assert!(ppm > 1_000 || right > 90, "{right} of 100 at {ppm} ppm");
        }
    }
}

#[test]
fn spikes_never_become_a_temperature() {
    for seed in 0..6 {
        for per_second in [10, 50, 200] {
            let right = survives(seed, Faults::new(seed).noise(per_second, 100..5_000));
            assert!(
                per_second > 10 || right > 90,
                "{right} of 100 at {per_second} per second"
            );
        }
    }
}

#[test]
fn interrupts_never_become_a_temperature() {
    for seed in 0..6 {
        for ppm in [50, 500] {
            let right = survives(seed, Faults::new(seed).interrupts(ppm, 5_000..60_000));
            assert!(ppm > 50 || right > 90, "{right} of 100 at {ppm} ppm");
        }
    }
}

#[test]
fn short_circuit_is_named_and_over_when_it_is_over() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(7));
    let mut sensor = driver(&probe);
    let now = rig.clock.now();
    rig.wire
        .inject(Faults::new(0).short_circuit(now..now + 1_000_000_000));
    let short = Err(Error::Bus(one_wire::Error::Wire(Wire::StuckLow)));
    assert_eq!(sensor.measure(&mut rig.bus), short);
    rig.clock.advance_to(now + 1_000_000_000);
    assert_eq!(sensor.measure(&mut rig.bus).unwrap().sixteenths(), 320);
}

#[test]
fn short_circuit_during_the_answer_is_no_temperature() {
    for microseconds in (6_000..11_000).step_by(130) {
        let mut rig = Rig::new();
        let probe = rig.wire.attach(sim::Ds18b20::new(7));
        let mut sensor = driver(&probe);
        sensor.convert(&mut rig.bus, Completion::Wait).unwrap();
        let from = rig.clock.now() + microseconds * 1_000;
        rig.wire
            .inject(Faults::new(0).short_circuit(from..from + 1_000_000_000));
        assert!(
            sensor.read(&mut rig.bus).is_err(),
            "short after {microseconds} µs"
        );
    }
}

#[test]
fn missing_pullup_is_a_wire_held_low() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(7));
    rig.wire.inject(Faults::new(0).broken_pullup(0..u64::MAX));
    let short = Err(Error::Bus(one_wire::Error::Wire(Wire::StuckLow)));
    assert_eq!(driver(&probe).measure(&mut rig.bus), short);
}

#[test]
fn clone_that_jams_the_wire_is_a_wire_held_low() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(7).with_make(Make::G));
    let mut sensor = driver(&probe);
    sensor.measure(&mut rig.bus).unwrap();
    probe.with(|model| model.set_jammed(true));
    let short = Err(Error::Bus(one_wire::Error::Wire(Wire::StuckLow)));
    assert_eq!(sensor.measure(&mut rig.bus), short);
}
