//! The sensors of a board: the real drivers on simulated wires.

use std::{cell::RefCell, collections::BTreeMap, future::poll_fn, task::Poll};

use embassy_futures::{block_on, select::select};
use embedded_hal_async::delay::DelayNs as _;
use node::node_core::fugit;
use node::{
    Clock, Fitted, Requests, SensorError, Sensors,
    node_core::{Config, Fault, Instant, Sample, SensorId},
};
use one_wire::gpio::Gpio;
use proptest::prelude::*;
use quantity::{MilliCelsius, PermilleRh};
use sim::{Attached, DhtKind, Ds18b20, Faults, Pin, Wire};

const NS_PER_MS: u64 = 1_000_000;

/// ROM codes of real parts.
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
        let left = at.as_ticks().saturating_sub(self.now().as_ticks());
        self.0
            .delay()
            .delay_ms(u32::try_from(left).expect("a short wait"))
            .await;
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
        let outcomes = RefCell::new(BTreeMap::new());
        let answered = |sensor, outcome| {
            let before = outcomes.borrow_mut().insert(sensor, outcome);
            assert!(before.is_none(), "{sensor:?} answered twice");
        };
        let requests = Requests::new(&answered);
        requests.ask(&due);
        let all = poll_fn(|_| {
            if outcomes.borrow().len() == due.len() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        block_on(select(self.fitted.serve(&self.time, &requests), all));
        outcomes.into_inner().into_values().collect()
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
    // A DS2401 serial number.
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
fn a_humidity_sensor_that_does_not_answer_keeps_no_probe_waiting() {
    let clock = sim::Clock::new();
    let (wire, humid) = (Wire::new(&clock), Wire::new(&clock));
    let _probe = wire.attach(Ds18b20::from_rom(ROMS[0].0).with_milli_celsius(20_000));
    let sensors = format!("{},{DHT}", probe("a", ROMS[0].1));
    let Bench { time, mut fitted, .. } = Bench::new(&sensors, &clock, &wire, [&humid]);
    clock.advance_to(2_000 * NS_PER_MS);
    let began = clock.now();
    let answers = RefCell::new(Vec::new());
    let answered = |sensor: SensorId, outcome: Result<Sample, SensorError>| {
        let fault = outcome.err().map(|error| error.fault());
        answers
            .borrow_mut()
            .push((sensor.0, fault, (clock.now() - began) / NS_PER_MS));
    };
    let requests = Requests::new(&answered);
    requests.ask(&[SensorId(0), SensorId(1)]);
    // The probe is asked again every second, as by its interval.
    let asking = async {
        while answers.borrow().len() < 5 {
            time.wait_until(time.now() + fugit::MillisDurationU64::from_ticks(1_000))
                .await;
            requests.ask(&[SensorId(0)]);
        }
    };
    clock.run(select(fitted.serve(&time, &requests), asking));
    let answers = answers.into_inner();
    let probe: Vec<_> = answers
        .iter()
        .filter(|answer| answer.0 == 0)
        .map(|answer| answer.2)
        .collect();
    assert!(
        probe.iter().zip(1..).all(|(&ms, second)| ms <= second * 1_000),
        "{answers:?}"
    );
    // Three attempts, two seconds apart.
    let silent = answers.iter().find(|answer| answer.0 == 1).expect("an answer");
    assert!(
        silent.1 == Some(Fault::Absent) && (4_000..4_200).contains(&silent.2),
        "{answers:?}"
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

/// Noise on the wire, also while devices are being found. Up to fifty spikes a second: a fault perhaps, a temperature that
/// is not that of now never. Far beyond that, one that never was on the wire never: a probe that is busy already may
/// answer for one that has not heard the command, and that one is read with an earlier result.
/// The seeds are fixed, because a checksum of eight bits cannot promise this for every noise that there is.
#[test]
fn noise_does_not_become_a_temperature() {
    const FIRSTS: [i32; 3] = [20_000, -10_125, 84_000];
    let truth = |first: i32, round: i32| temperature(first - round * 1_000);
    for seed in 0..128 {
        let clock = sim::Clock::new();
        let wire = Wire::new(&clock);
        let probes = attach_three(&wire);
        let per_second = u32::try_from(seed).expect("small") * if seed < 64 { 1 } else { 12 };
        wire.inject(Faults::new(seed).noise(per_second, 1_000..8_000));
        let mut bench = Bench::new(&three_probes(), &clock, &wire, []);
        for round in 0..4 {
            for (probe, first) in probes.iter().zip(FIRSTS) {
                probe.with(|model| model.set_milli_celsius(first - round * 1_000));
            }
            for (outcome, first) in bench.sample().into_iter().zip(FIRSTS) {
                let oldest = if per_second <= 50 { round } else { 0 };
                let right = outcome.is_err() || (oldest..=round).any(|round| outcome == truth(first, round));
                assert!(right, "{outcome:?} in round {round}, seed {seed}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Without noise the temperature is that of now.
    #[test]
    fn a_quiet_wire_always_gives_the_temperature_of_now(milli_celsius in prop::collection::vec(-55..=125_i32, 3)) {
        let clock = sim::Clock::new();
        let wire = Wire::new(&clock);
        let probes = attach_three(&wire);
        let mut bench = Bench::new(&three_probes(), &clock, &wire, []);
        for celsius in milli_celsius {
            for probe in &probes {
                probe.with(|model| model.set_milli_celsius(celsius * 1000));
            }
            prop_assert_eq!(bench.sample(), [0; 3].map(|_| temperature(celsius * 1000)));
        }
    }
}
