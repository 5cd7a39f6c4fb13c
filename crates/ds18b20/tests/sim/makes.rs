//! The parts of the family, and what is sold under their names.

use crate::*;
use ds18b20::{Family, fugit};

/// Every make with what it measures wrongly, in thousandths of a degree.
const MAKES: [(Make, i32); 13] = [
    (Make::A1, 0),
    (Make::A2, -2_650),
    (Make::A3, 0),
    (Make::B1, 0),
    (Make::B2, 0),
    (Make::C, 0),
    (Make::D1, 3_000),
    (Make::D2, 0),
    (Make::E, 0),
    (Make::F, 0),
    (Make::G, 0),
    (Make::H, 0),
    (Make::A1, 0),
];

#[test]
fn no_make_is_read_before_it_has_converted() {
    for tolerance in TOLERANCES {
        for (make, error) in MAKES {
            for completion in [Completion::Wait, Completion::Poll] {
                let mut rig = Rig::new();
                let probe = rig
                    .wire
                    .attach(sim::Ds18b20::new(7).with_make(make).with_tolerance(tolerance));
                probe.with(|model| model.set_offset(-error));
                let mut sensor = driver(&probe);
                sensor.init(&mut rig.bus).unwrap();
                for (resolution, truth) in [(Bits9, 160), (Bits12, -163), (Bits10, 404), (Bits11, -8)] {
                    let set = sensor.set_resolution(&mut rig.bus, resolution);
                    assert_eq!(set.is_ok(), make != Make::C || resolution == Bits12, "{make:?}");
                    probe.with(|model| model.set_sixteenths(truth));
                    sensor.convert(&mut rig.bus, completion).unwrap();
                    let read = sensor.read(&mut rig.bus).unwrap().sixteenths();
                    assert_eq!(
                        read,
                        shown(truth, sensor.resolution()),
                        "{make:?} {tolerance:?} {completion:?}"
                    );
                }
                assert_eq!(probe.with(|model| model.counts().eeprom_writes), 0, "{make:?}");
            }
        }
    }
}

#[test]
fn fast_clone_that_is_polled_takes_no_longer_than_it_needs() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(7).with_make(Make::C));
    let mut sensor = driver(&probe);
    let begun = rig.clock.now();
    sensor.convert(&mut rig.bus, Completion::Poll).unwrap();
    let taken = (rig.clock.now() - begun) / 1_000_000;
    assert!(
        (29..45).contains(&taken),
        "it takes 29 ms and its address 6, this took {taken}"
    );
    assert!(probe.with(|model| !model.is_busy()));
}

#[test]
fn clone_whose_byte_6_is_constant_is_refused_at_85_degrees_only() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(7).with_make(Make::C));
    let mut sensor = driver(&probe);
    for (truth, expected) in [
        (1359, Ok(1359)),
        (1360, Err(Error::Device(Fault::PowerOn))),
        (1361, Ok(1361)),
    ] {
        probe.with(|model| model.set_sixteenths(truth));
        let read = sensor.measure(&mut rig.bus).map(ds18b20::Temperature::sixteenths);
        assert_eq!(read, expected);
    }
}

#[test]
fn genuine_device_is_read_at_85_degrees() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(7).with_milli_celsius(85_000));
    let mut sensor = driver(&probe);
    assert_eq!(sensor.read(&mut rig.bus), Err(Error::Device(Fault::PowerOn)));
    assert_eq!(sensor.measure(&mut rig.bus).unwrap().sixteenths(), 1360);
}

/// A clone that shows 25 °C until it has converted, at 20 °C. It measures 3 °C too much, which is taken away here.
fn at_20_degrees_that_shows_25(rig: &Rig) -> Probe {
    let probe = rig.wire.attach(sim::Ds18b20::new(7).with_make(Make::D1));
    probe.with(|model| model.set_offset(-3_000));
    probe
}

#[test]
fn clone_that_powers_up_at_25_degrees_is_measured_after_each_power_cycle() {
    let mut rig = Rig::new();
    let probe = at_20_degrees_that_shows_25(&rig);
    let mut sensor = driver(&probe);
    assert_eq!(
        sensor.read(&mut rig.bus).unwrap().sixteenths(),
        400,
        "unconverted"
    );
    for _ in 0..10 {
        assert_eq!(sensor.measure(&mut rig.bus).unwrap().sixteenths(), 320);
        probe.power_cycle();
    }
}

#[test]
fn clone_that_powers_up_at_25_degrees_and_misses_the_command_is_not_measured() {
    let mut faults = 0;
    for seed in 0..100 {
        let mut rig = Rig::new();
        let probe = at_20_degrees_that_shows_25(&rig);
        let mut sensor = driver(&probe);
        sensor.measure(&mut rig.bus).unwrap();
        // Of the commands, most are lost.
        rig.wire.inject(sim::Faults::new(seed).noise(300, 100..5_000));
        for _ in 0..20 {
            probe.power_cycle();
            match sensor.measure(&mut rig.bus) {
                Ok(temperature) => assert_eq!(temperature.sixteenths(), 320, "seed {seed}"),
                Err(_) => faults += 1,
            }
        }
    }
    assert!(faults > 500, "of 2000: {faults}");
}

#[test]
fn clone_that_loses_its_supply_while_it_converts_is_told_by_its_resolution() {
    let mut rig = Rig::new();
    let probe = at_20_degrees_that_shows_25(&rig);
    let mut sensor = driver(&probe);
    sensor.set_resolution(&mut rig.bus, Bits11).unwrap();
    sensor.convert(&mut rig.bus, Completion::Wait).unwrap();
    probe.power_cycle();
    let changed = Err(Error::Device(Fault::ResolutionChanged { actual: Bits12 }));
    assert_eq!(sensor.read(&mut rig.bus), changed);
}

#[test]
fn clone_that_shows_150_degrees_is_out_of_range() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(
        sim::Ds18b20::new(7)
            .with_make(Make::F)
            .with_milli_celsius(150_000),
    );
    assert_eq!(
        driver(&probe).measure(&mut rig.bus),
        Err(Error::Device(Fault::OutOfRange))
    );
}

#[test]
fn relatives_are_right_on_both_sides_of_zero() {
    let relatives = [
        (sim::Family::Ds18s20, Family::Ds18s20),
        (sim::Family::Ds1822, Family::Ds1822),
        (sim::Family::Ds1825, Family::Ds1825),
        (sim::Family::Ds28ea00, Family::Ds28ea00),
    ];
    for tolerance in TOLERANCES {
        for (model, family) in relatives {
            let mut rig = Rig::new();
            let probe = rig
                .wire
                .attach(sim::Ds18b20::new(7).with_family(model).with_tolerance(tolerance));
            let mut sensor = driver(&probe);
            assert_eq!(sensor.family(), family);
            sensor.init(&mut rig.bus).unwrap();
            for truth in (-880..=2000).step_by(37).chain([-8, -1, 0, 1, 8, 1999, 2000]) {
                probe.with(|model| model.set_sixteenths(truth));
                assert_eq!(
                    sensor.measure(&mut rig.bus).unwrap().sixteenths(),
                    truth,
                    "{family:?}"
                );
            }
        }
    }
}

#[test]
fn relatives_with_a_resolution_take_it() {
    for family in [sim::Family::Ds1822, sim::Family::Ds1825, sim::Family::Ds28ea00] {
        let mut rig = Rig::new();
        let probe = rig.wire.attach(sim::Ds18b20::new(7).with_family(family));
        let mut sensor = driver(&probe);
        for resolution in RESOLUTIONS {
            sensor.set_resolution(&mut rig.bus, resolution).unwrap();
            probe.with(|model| model.set_sixteenths(-163));
            assert_eq!(
                sensor.measure(&mut rig.bus).unwrap().sixteenths(),
                shown(-163, resolution)
            );
        }
    }
}

#[test]
fn lower_resolution_takes_no_longer_than_its_maximum() {
    for (resolution, most) in [
        (Bits9, 93_750),
        (Bits10, 187_500),
        (Bits11, 375_000),
        (Bits12, 750_000),
    ] {
        let mut rig = Rig::new();
        let probe = rig
            .wire
            .attach(sim::Ds18b20::new(7).with_tolerance(Tolerance::Slowest));
        let mut sensor = driver(&probe);
        sensor.set_resolution(&mut rig.bus, resolution).unwrap();
        let begun = rig.clock.now();
        sensor.convert(&mut rig.bus, Completion::Wait).unwrap();
        let taken = fugit::MicrosDurationU64::from_micros((rig.clock.now() - begun) / 1_000);
        // The address, the command and two looks take 8 ms.
        let most = fugit::MicrosDurationU64::from_micros(most) + fugit::MicrosDurationU64::from_millis(8);
        assert!(taken < most, "{resolution:?} took {taken}");
    }
}
