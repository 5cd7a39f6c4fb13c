//! The sensors of a board: the real drivers on simulated wires.

use std::collections::BTreeMap;

use embassy_futures::block_on;
use node::{
    Clock, Fitted, SensorError, Sensors,
    node_core::{Config, Fault, Instant, Sample, SensorId},
};
use one_wire::gpio::Gpio;
use proptest::prelude::*;
use quantity::{MilliCelsius, PermilleRh};
use sim::{Attached, DhtKind, Ds18b20, Faults, Pin, Wire};

const NS_PER_MS: u64 = 1_000_000;

/// ROM codes whose CRCs are those of the Maxim application notes and of dumps of real parts.
const ROMS: [([u8; 8], &str); 3] = [
    (
        [0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F],
        "28-00000bbb9b13",
    ),
    (
        [0x28, 0xCA, 0xD6, 0x10, 0x10, 0x00, 0x00, 0xFE],
        "28-00001010d6ca",
    ),
    (
        [0x28, 0xFF, 0x64, 0x1D, 0xCD, 0x96, 0xF2, 0x01],
        "28-f296cd1d64ff",
    ),
];

/// Simulated time.
struct Time(sim::Clock);

impl Clock for Time {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.0.now() / NS_PER_MS)
    }

    async fn wait_until(&self, at: Instant) {
        self.0.advance_to(at.as_ticks() * NS_PER_MS);
    }
}

type Bus = Gpio<Pin, sim::Delay>;

struct Bench<const N: usize> {
    time: Time,
    config: Config,
    fitted: Fitted<Bus, Pin, sim::Delay, N>,
}

impl<const N: usize> Bench<N> {
    fn new(sensors: &str, clock: &sim::Clock, wire: &Wire, humid: [&Wire; N]) -> Self {
        let json =
            format!(r#"{{"node":"n","farm":"f","zone":"z","broker":{{"host":"h"}},"sensors":[{sensors}]}}"#);
        let config = Config::from_json(json.as_bytes()).expect("a good configuration");
        let pins = humid.map(|wire| (wire.pin(), clock.delay()));
        let fitted = Fitted::new(&config, Gpio::new(wire.pin(), clock.delay()), pins);
        Self {
            time: Time(clock.clone()),
            config,
            fitted,
        }
    }

    /// Samples all sensors; each answers exactly once.
    fn sample(&mut self) -> Vec<Result<Sample, SensorError>> {
        let due: Vec<_> = (0..).map(SensorId).take(self.config.sensors.len()).collect();
        let mut outcomes = BTreeMap::new();
        block_on(
            self.fitted
                .sample(&self.config, &self.time, &due, |sensor, outcome| {
                    assert!(
                        outcomes.insert(sensor, outcome).is_none(),
                        "{sensor:?} answered twice"
                    );
                }),
        );
        assert_eq!(outcomes.len(), due.len(), "a sensor did not answer");
        outcomes.into_values().collect()
    }

    fn faults(&mut self) -> Vec<Option<Fault>> {
        self.sample()
            .into_iter()
            .map(|outcome| outcome.err().map(|error| error.fault()))
            .collect()
    }
}

fn probe(name: &str, address: &str) -> String {
    format!(r#"{{"name":"{name}","device":"ds18b20","address":"{address}","kind":"{name}"}}"#)
}

fn three_probes() -> String {
    ROMS.iter()
        .zip(["a", "b", "c"])
        .map(|((_, address), name)| probe(name, address))
        .collect::<Vec<_>>()
        .join(",")
}

fn attach_three(wire: &Wire) -> [Attached<Ds18b20>; 3] {
    let probe = |(rom, _): ([u8; 8], &str), milli_celsius| {
        wire.attach(Ds18b20::from_rom(rom).with_milli_celsius(milli_celsius))
    };
    let [a, b, c] = ROMS;
    [probe(a, 21_062), probe(b, -10_125), probe(c, 85_000)]
}

#[allow(clippy::unnecessary_wraps)] // It is compared with outcomes.
fn temperature(milli_celsius: i32) -> Result<Sample, SensorError> {
    Ok(Sample::Temperature(MilliCelsius::new(milli_celsius)))
}

const DHT: &str = r#"{"name":"canopy","device":"dht22","interval_s":60}"#;

#[test]
fn several_probes_are_converted_at_once() {
    let clock = sim::Clock::new();
    let wire = Wire::new(&clock);
    let _probes = attach_three(&wire);
    let mut bench = Bench::new(&three_probes(), &clock, &wire, []);
    // 21.0625 °C is the nearest that the probe can say to 21.062 °C.
    let expected = [temperature(21_063), temperature(-10_125), temperature(85_000)];
    assert_eq!(bench.sample(), expected);
    let began = clock.now();
    assert_eq!(bench.sample(), expected);
    let took_ms = (clock.now() - began) / NS_PER_MS;
    assert!(
        took_ms < 2 * 600,
        "three conversions one after the other took {took_ms} ms"
    );
}

#[test]
fn an_unplugged_probe_is_absent_and_the_others_are_read() {
    let clock = sim::Clock::new();
    let wire = Wire::new(&clock);
    let probes = attach_three(&wire);
    let mut bench = Bench::new(&three_probes(), &clock, &wire, []);
    assert_eq!(bench.faults(), [None, None, None]);
    probes[1].unplug();
    assert_eq!(bench.faults(), [None, Some(Fault::Absent), None]);
    probes[1].plug();
    assert_eq!(bench.faults(), [None, None, None]);
}

#[test]
fn nobody_on_the_wire_is_absent() {
    let clock = sim::Clock::new();
    let wire = Wire::new(&clock);
    let mut bench = Bench::new(&three_probes(), &clock, &wire, []);
    assert_eq!(bench.faults(), [Some(Fault::Absent); 3]);
}

#[test]
fn a_shorted_wire_is_shorted_for_every_probe() {
    let clock = sim::Clock::new();
    let wire = Wire::new(&clock);
    let _probes = attach_three(&wire);
    wire.inject(Faults::new(1).short_circuit(0..u64::MAX));
    let mut bench = Bench::new(&three_probes(), &clock, &wire, []);
    assert_eq!(bench.faults(), [Some(Fault::Shorted); 3]);
}

#[test]
fn a_probe_without_an_address_is_found_and_so_is_the_one_that_replaces_it() {
    let clock = sim::Clock::new();
    let wire = Wire::new(&clock);
    let first = wire.attach(Ds18b20::from_rom(ROMS[0].0).with_milli_celsius(20_000));
    let mut bench = Bench::new(r#"{"name":"a","device":"ds18b20"}"#, &clock, &wire, []);
    assert_eq!(bench.sample(), [temperature(20_000)]);
    first.unplug();
    assert_eq!(bench.faults(), [Some(Fault::Absent)]);
    let _second = wire.attach(Ds18b20::from_rom(ROMS[1].0).with_milli_celsius(25_000));
    bench.sample();
    assert_eq!(bench.sample(), [temperature(25_000)]);
}

#[test]
fn a_probe_that_needs_a_strong_pull_up_is_refused_rather_than_read_wrong() {
    let clock = sim::Clock::new();
    let wire = Wire::new(&clock);
    let _probe = wire.attach(
        Ds18b20::from_rom(ROMS[0].0)
            .with_parasite_power()
            .with_milli_celsius(20_000),
    );
    let mut bench = Bench::new(&probe("a", ROMS[0].1), &clock, &wire, []);
    assert_eq!(bench.faults(), [Some(Fault::Unsupported)]);
}

#[test]
fn a_probe_that_cannot_be_powered_does_not_keep_the_others_from_being_read() {
    let clock = sim::Clock::new();
    let wire = Wire::new(&clock);
    let [(a, at_a), (b, at_b), (c, at_c)] = ROMS;
    let _a = wire.attach(Ds18b20::from_rom(a).with_milli_celsius(20_000));
    let _b = wire.attach(
        Ds18b20::from_rom(b)
            .with_parasite_power()
            .with_milli_celsius(21_000),
    );
    let _c = wire.attach(Ds18b20::from_rom(c).with_milli_celsius(22_000));
    let sensors = [probe("a", at_a), probe("b", at_b), probe("c", at_c)].join(",");
    let mut bench = Bench::new(&sensors, &clock, &wire, []);
    let refused = Err(SensorError::Wire(one_wire::Fault::Unsupported));
    assert_eq!(
        bench.sample(),
        [temperature(20_000), refused, temperature(22_000)]
    );
}

#[test]
fn a_quick_probe_is_not_waited_for_longer_than_it_takes() {
    // A clone of family C converts in 30 ms, whatever its resolution.
    let clock = sim::Clock::new();
    let wire = Wire::new(&clock);
    let _probe = wire.attach(
        Ds18b20::from_rom(ROMS[0].0)
            .with_make(sim::Make::C)
            .with_milli_celsius(20_000),
    );
    let mut bench = Bench::new(&probe("a", ROMS[0].1), &clock, &wire, []);
    assert_eq!(bench.sample(), [temperature(20_000)]);
    let began = clock.now();
    assert_eq!(bench.sample(), [temperature(20_000)]);
    let took_ms = (clock.now() - began) / NS_PER_MS;
    assert!(took_ms < 100, "{took_ms} ms");
}

#[test]
fn an_address_of_something_else_is_unsupported() {
    let clock = sim::Clock::new();
    let wire = Wire::new(&clock);
    // A DS2401 serial number; its CRC was computed with the table of Maxim's application note 27.
    let mut bench = Bench::new(&probe("a", "01-000000000000"), &clock, &wire, []);
    assert_eq!(bench.faults(), [Some(Fault::Unsupported)]);
}

#[test]
fn a_humidity_sensor_is_asked_twice_so_that_its_answer_is_of_now() {
    let clock = sim::Clock::new();
    let (wire, humid) = (Wire::new(&clock), Wire::new(&clock));
    let canopy = humid.attach(
        sim::Dht22::new()
            .with_previous_reading()
            .with_reading(15_000, 400),
    );
    let mut bench = Bench::new(DHT, &clock, &wire, [&humid]);
    clock.advance_to(60_000 * NS_PER_MS);
    canopy.with(|model| model.set_reading(24_100, 558));
    let humidity = PermilleRh::new(558).unwrap();
    assert_eq!(
        bench.sample(),
        [Ok(Sample::Climate(MilliCelsius::new(24_100), humidity))]
    );
    assert_eq!(canopy.with(|model| model.answers()), 2);
}

#[test]
fn a_humidity_sensor_on_a_short_interval_is_asked_once_and_not_too_soon() {
    let clock = sim::Clock::new();
    let (wire, humid) = (Wire::new(&clock), Wire::new(&clock));
    let canopy = humid.attach(sim::Dht22::new().with_reading(24_100, 558));
    let mut bench = Bench::new(&DHT.replace("60", "2"), &clock, &wire, [&humid]);
    clock.advance_to(2_000 * NS_PER_MS);
    assert!(bench.sample()[0].is_ok());
    // At once again: the driver waits until the sensor has measured.
    let began = clock.now();
    assert!(bench.sample()[0].is_ok());
    assert!(clock.now() - began >= 1_990 * NS_PER_MS);
    assert_eq!(canopy.with(|model| model.answers()), 2);
}

#[test]
fn a_humidity_sensor_that_is_not_there_is_absent() {
    let clock = sim::Clock::new();
    let (wire, humid) = (Wire::new(&clock), Wire::new(&clock));
    let mut bench = Bench::new(DHT, &clock, &wire, [&humid]);
    clock.advance_to(2_000 * NS_PER_MS);
    assert_eq!(bench.faults(), [Some(Fault::Absent)]);
}

#[test]
fn a_humidity_sensor_is_asked_three_times_before_its_fault_is_told() {
    // The line is shorted while the sensor would answer for the first, the second, the third time.
    for (answers, fault) in [(1, None), (2, None), (3, Some(Fault::Shorted))] {
        let clock = sim::Clock::new();
        let (wire, humid) = (Wire::new(&clock), Wire::new(&clock));
        let _canopy = humid.attach(sim::Dht22::new().with_reading(24_100, 558));
        let mut bench = Bench::new(&DHT.replace("60", "2"), &clock, &wire, [&humid]);
        // Each attempt takes its place in an interval of 2 s.
        let until_ms = 2_000 + answers * 2_000 - 500;
        humid.inject(Faults::new(1).short_circuit(0..until_ms * NS_PER_MS));
        clock.advance_to(2_000 * NS_PER_MS);
        assert_eq!(bench.faults(), [fault], "{answers} lost");
    }
}

#[test]
fn humidity_sensors_take_the_pins_in_order_and_the_last_may_find_none() {
    let clock = sim::Clock::new();
    let (wire, first, second) = (Wire::new(&clock), Wire::new(&clock), Wire::new(&clock));
    let _a = first.attach(sim::Dht22::of_kind(DhtKind::Dht11).with_reading(21_000, 450));
    let _b = second.attach(sim::Dht22::new().with_reading(24_100, 558));
    let sensors = [
        r#"{"name":"a","device":"dht11","kind":"ta","humidity_kind":"ha"}"#,
        r#"{"name":"b","device":"dht22","kind":"tb","humidity_kind":"hb"}"#,
        r#"{"name":"c","device":"dht22","kind":"tc","humidity_kind":"hc"}"#,
    ];
    let mut bench = Bench::new(&sensors.join(","), &clock, &wire, [&first, &second]);
    clock.advance_to(2_000 * NS_PER_MS);
    let climate = |milli_celsius, permille| {
        Ok(Sample::Climate(
            MilliCelsius::new(milli_celsius),
            PermilleRh::new(permille).unwrap(),
        ))
    };
    assert_eq!(
        bench.sample(),
        [
            climate(21_000, 450),
            climate(24_100, 558),
            Err(SensorError::NotFitted)
        ]
    );
}

#[test]
fn every_fault_has_a_word_and_a_line() {
    let errors = [
        (SensorError::Probe(ds18b20::Fault::PowerOn), Fault::NotMeasured),
        (
            SensorError::Probe(ds18b20::Fault::ConversionFailed),
            Fault::NotMeasured,
        ),
        (SensorError::Probe(ds18b20::Fault::OutOfRange), Fault::OutOfRange),
        (SensorError::Probe(ds18b20::Fault::Crc), Fault::Corrupt),
        (SensorError::Probe(ds18b20::Fault::AllZeros), Fault::Shorted),
        (SensorError::Probe(ds18b20::Fault::Timeout), Fault::Late),
        (SensorError::Wire(one_wire::Fault::NoPresence), Fault::Absent),
        (SensorError::Climate(dht22::Fault::NoResponse), Fault::Absent),
        (SensorError::Climate(dht22::Fault::AllZero), Fault::Shorted),
        (SensorError::NotFitted, Fault::Unsupported),
    ];
    for (error, fault) in errors {
        assert_eq!(error.fault(), fault, "{error:?}");
        assert!(!error.to_string().is_empty() && !error.to_string().contains('\n'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Noise on the wire, also while devices are being found: a fault perhaps, a wrong temperature never.
    #[test]
    fn noise_never_becomes_a_temperature(seed in any::<u64>(), per_second in 0..2_000_u32) {
        let clock = sim::Clock::new();
        let wire = Wire::new(&clock);
        let _probes = attach_three(&wire);
        wire.inject(Faults::new(seed).noise(per_second, 1_000..8_000));
        let mut bench = Bench::new(&three_probes(), &clock, &wire, []);
        for _ in 0..3 {
            for (outcome, truth) in bench.sample().into_iter().zip([21_063, -10_125, 85_000]) {
                if let Ok(sample) = outcome {
                    prop_assert_eq!(sample, Sample::Temperature(MilliCelsius::new(truth)));
                }
            }
        }
    }
}
