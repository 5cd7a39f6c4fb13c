//! Noise, shorts and interrupts: the answer is the truth or a fault, never something else.

use crate::*;
use sim::{Faults, SplitMix64};

/// Measures a hundred changing temperatures on a wire with `faults`. Returns how many came through and how many
/// attempts had to be repeated.
///
/// The device is a clone that converts in 29 ms: of a slower one, most of what the test simulates is the polling.
fn measure(seed: u64, faults: Faults) -> (usize, u32) {
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
    (right, sensor.counters().retries)
}

/// Makes sure that nothing but the truth comes through, for twenty seeds, and that `faults` are not without effect.
fn only_the_truth_comes_through(faults: impl Fn(u64) -> Faults) -> usize {
    let (right, retries) = (0..20)
        .map(|seed| measure(seed, faults(seed)))
        .fold((0, 0), |(right, retries), one| (right + one.0, retries + one.1));
    assert!(retries > 0, "nothing was disturbed");
    right
}

#[test]
fn misread_levels_never_become_a_temperature() {
    let right = [100, 1_000, 5_000]
        .map(|ppm| only_the_truth_comes_through(|seed| Faults::new(seed).flipped_samples(ppm)));
    assert!(right[0] > 1_900 && right[1] > 1_800, "of 2000 each: {right:?}");
}

#[test]
fn spikes_never_become_a_temperature() {
    let right = [10, 50, 200]
        .map(|rate| only_the_truth_comes_through(|seed| Faults::new(seed).noise(rate, 100..5_000)));
    assert!(right[0] > 1_900 && right[1] > 1_800, "of 2000 each: {right:?}");
}

#[test]
fn interrupts_never_become_a_temperature() {
    let right = [50, 500]
        .map(|ppm| only_the_truth_comes_through(|seed| Faults::new(seed).interrupts(ppm, 5_000..60_000)));
    assert!(right[0] > 1_900, "of 2000 each: {right:?}");
}

#[test]
fn devices_started_one_by_one_never_show_an_old_temperature() {
    let (mut right, mut missed) = (0, 0);
    for seed in 0..10 {
        let mut rig = Rig::new();
        let probes = [1, 2, 3].map(|serial| rig.wire.attach(sim::Ds18b20::new(serial)));
        let mut sensors = probes.each_ref().map(driver);
        for sensor in &mut sensors {
            sensor.measure(&mut rig.bus).unwrap();
        }
        rig.wire.inject(Faults::new(seed).noise(50, 1_000..30_000));
        for truth in (100..900).step_by(40) {
            for probe in &probes {
                probe.with(|model| model.set_sixteenths(truth));
            }
            let started = sensors
                .each_mut()
                .map(|sensor| sensor.start_conversion(&mut rig.bus));
            rig.clock.advance(750_000_000);
            for (sensor, started) in sensors.iter_mut().zip(started) {
                let read = started.and_then(|_| sensor.read(&mut rig.bus));
                if let Ok(temperature) = read {
                    assert_eq!(temperature.sixteenths(), truth, "seed {seed}");
                    right += 1;
                }
                missed = missed.max(sensor.counters().not_started);
            }
        }
    }
    assert!(
        right > 300 && missed > 0,
        "{right} of 600, {missed} commands were missed"
    );
}

/// Asks for the supply many times on a wire with `faults`. Returns how often it was told, which is never wrong.
fn ask_supply(faults: impl Fn(u64) -> Faults) -> usize {
    let mut told = 0;
    for seed in 0..200 {
        for (supply, parasite) in [(Supply::External, false), (Supply::Parasite, true)] {
            let mut rig = Rig::new();
            let model = sim::Ds18b20::new(seed).with_tolerance(Tolerance::Nominal);
            let probe = rig.wire.attach(if parasite {
                model.with_parasite_power()
            } else {
                model
            });
            let mut sensor = driver(&probe);
            rig.wire.inject(faults(seed));
            for _ in 0..5 {
                if let Ok(answer) = sensor.read_supply(&mut rig.bus) {
                    assert_eq!(answer, supply, "seed {seed}");
                    told += 1;
                }
            }
        }
    }
    told
}

#[test]
fn misread_levels_never_make_another_supply() {
    let told = [100, 1_000, 5_000].map(|ppm| ask_supply(|seed| Faults::new(seed).flipped_samples(ppm)));
    assert!(told[0] > 1_990 && told[2] > 1_950, "of 2000 each: {told:?}");
}

#[test]
fn spikes_never_make_another_supply() {
    let told = [10, 50].map(|rate| ask_supply(|seed| Faults::new(seed).noise(rate, 100..5_000)));
    assert!(told[0] > 1_990, "of 2000 each: {told:?}");
}

#[test]
fn interrupts_never_make_another_supply() {
    let told = [50, 200].map(|ppm| ask_supply(|seed| Faults::new(seed).interrupts(ppm, 5_000..60_000)));
    assert!(told[0] > 1_990, "of 2000 each: {told:?}");
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
