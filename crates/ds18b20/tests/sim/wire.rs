//! Many devices on one wire.

use crate::*;

/// −55 to +125 °C in sixteenths, with the data sheet's examples and both sides of zero.
const TEMPERATURES: [i16; 16] = [
    -880, -641, -401, -162, -100, -8, -1, 0, 1, 8, 162, 401, 640, 1359, 1361, 2000,
];

/// Eight devices, two of them clones: one of fixed resolution, one that takes as long at 9 bits as at 12.
fn eight(rig: &Rig, tolerance: Tolerance) -> Vec<Probe> {
    (0..8_u64)
        .map(|index| {
            let make = match index {
                2 => Make::C,
                5 => Make::D2,
                _ => Make::A1,
            };
            let serial = 0x0123_4567_89AB ^ (index * 0x0011_1101_0107);
            rig.wire.attach(
                sim::Ds18b20::new(serial)
                    .with_make(make)
                    .with_tolerance(tolerance),
            )
        })
        .collect()
}

fn probe_of<'a>(probes: &'a [Probe], sensor: &Ds18b20) -> (usize, &'a Probe) {
    let rom = sensor.rom().unwrap().bytes();
    probes
        .iter()
        .enumerate()
        .find(|(_, probe)| probe.with(|model| model.rom()) == rom)
        .unwrap()
}

#[test]
fn eight_devices_are_right_at_every_resolution_with_one_unplugged_half_way() {
    for tolerance in TOLERANCES {
        let mut rig = Rig::new();
        let probes = eight(&rig, tolerance);
        let mut sensors = rig.enumerate();
        assert_eq!(sensors.len(), 8, "{tolerance:?}");
        let mut group = Group::new();
        let mut right = 0;
        for resolution in RESOLUTIONS {
            for sensor in &mut sensors {
                let (index, probe) = probe_of(&probes, sensor);
                let set = sensor.set_resolution(&mut rig.bus, resolution);
                match index {
                    _ if !probe.is_plugged() => assert_eq!(set, Err(Error::Device(Fault::Absent))),
                    2 if resolution != Bits12 => {
                        assert_eq!(
                            set,
                            Err(Error::Device(Fault::ResolutionIgnored { actual: Bits12 }))
                        );
                    }
                    _ => assert_eq!(set, Ok(())),
                }
            }
            for round in 0..TEMPERATURES.len() {
                for (index, probe) in probes.iter().enumerate() {
                    let temperature = TEMPERATURES[(round + index) % TEMPERATURES.len()];
                    probe.with(|model| model.set_sixteenths(temperature));
                }
                if resolution == Bits11 && round == 8 {
                    // Goes in the middle of its own answer, the 90th slot after the reset and presence pulses.
                    rig.bus.reset().unwrap();
                    probes[3].unplug_after(2 + 90 + 2 + 24 + 7 * 154);
                }
                group.convert(&mut rig.bus, &sensors, Completion::Wait).unwrap();
                for sensor in &mut sensors {
                    let (index, probe) = probe_of(&probes, sensor);
                    let read = sensor.read(&mut rig.bus).map(ds18b20::Temperature::sixteenths);
                    if probe.is_plugged() {
                        let truth = TEMPERATURES[(round + index) % TEMPERATURES.len()];
                        let resolution = if index == 2 { Bits12 } else { resolution };
                        assert_eq!(
                            read,
                            Ok(shown(truth, resolution)),
                            "{tolerance:?} {resolution:?} {index}"
                        );
                        right += 1;
                    } else {
                        assert_eq!(read, Err(Error::Device(Fault::Absent)));
                    }
                }
            }
        }
        assert!(!probes[3].is_plugged());
        assert!(right > 7 * 4 * 16, "{right}");
        assert_eq!(rig.enumerate().len(), 7);
    }
}

#[test]
fn every_sixteenth_of_a_degree_is_read_as_it_is() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(1));
    let mut sensor = driver(&probe);
    for sixteenths in -880..=2000 {
        probe.with(|model| model.set_sixteenths(sixteenths));
        assert_eq!(sensor.measure(&mut rig.bus).unwrap().sixteenths(), sixteenths);
    }
    assert_eq!(sensor.counters(), ds18b20::Counters::default());
}

#[test]
fn unplugged_device_is_absent_and_the_others_are_read() {
    let mut rig = Rig::new();
    let probes = eight(&rig, Tolerance::Nominal);
    let mut gone = driver(&probes[0]);
    let mut other = driver(&probes[1]);
    gone.measure(&mut rig.bus).unwrap();
    probes[0].unplug();
    assert_eq!(gone.measure(&mut rig.bus), Err(Error::Device(Fault::Absent)));
    assert_eq!(other.measure(&mut rig.bus).unwrap().sixteenths(), 320);
}

#[test]
fn last_device_to_go_leaves_an_empty_wire() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(1));
    let mut sensor = driver(&probe);
    probe.unplug();
    let nobody = Err(Error::Bus(one_wire::Error::Wire(Wire::NoPresence)));
    assert_eq!(sensor.measure(&mut rig.bus), nobody);
}

#[test]
fn device_that_was_plugged_in_again_has_not_measured() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(1));
    let mut sensor = driver(&probe);
    sensor.measure(&mut rig.bus).unwrap();
    probe.unplug();
    probe.plug();
    assert_eq!(sensor.read(&mut rig.bus), Err(Error::Device(Fault::PowerOn)));
    assert_eq!(sensor.measure(&mut rig.bus).unwrap().sixteenths(), 320);
}

#[test]
fn polling_ends_with_the_slowest_of_all() {
    let mut rig = Rig::new();
    let probes = eight(&rig, Tolerance::Nominal);
    let mut sensors = rig.enumerate();
    let begun = rig.clock.now();
    Group::new()
        .convert(&mut rig.bus, &sensors, Completion::Poll)
        .unwrap();
    let taken = (rig.clock.now() - begun) / 1_000_000;
    assert!(
        (667..680).contains(&taken),
        "the genuine ones take 667 ms, this took {taken}"
    );
    for sensor in &mut sensors {
        assert_eq!(sensor.read(&mut rig.bus).unwrap().sixteenths(), 320);
    }
    assert!(
        probes
            .iter()
            .all(|probe| probe.with(|model| model.counts().conversions) == 1)
    );
}

#[test]
fn only_devices_in_alarm_answer_the_alarm_search() {
    let mut rig = Rig::new();
    let probes = eight(&rig, Tolerance::Nominal);
    let mut sensors = rig.enumerate();
    for sensor in &mut sensors {
        sensor
            .set_alarms(&mut rig.bus, ds18b20::Alarms { low: -10, high: 30 })
            .unwrap();
    }
    probes[4].with(|model| model.set_sixteenths(30 * 16));
    probes[6].with(|model| model.set_sixteenths(-10 * 16));
    Group::new()
        .convert(&mut rig.bus, &sensors, Completion::Wait)
        .unwrap();
    let mut search = Search::all().in_alarm();
    let mut found = Vec::new();
    while let Some(rom) = rig.bus.search(&mut search).unwrap() {
        found.push(rom.bytes());
    }
    let mut expected = [4, 6].map(|index: usize| probes[index].with(|model| model.rom()));
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}
