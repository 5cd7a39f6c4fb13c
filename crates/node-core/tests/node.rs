//! The node as a function of events: what it samples, when, and what it reports.

// To panic is how a test fails, in its helpers, too; some helpers' results are compared with outcomes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::unnecessary_wraps)]

use node_core::{
    Action, Config, Event, Fault, Instant, Node, OUTBOX, Quality, ReportKind, Sample, SensorId,
    telemetry::{self, MAX_OFFLINE, MAX_PAYLOAD, QoS},
};
use proptest::prelude::*;
use quantity::{MilliCelsius, PermilleRh};

const CONFIG: &str = r#"{
    "node": "hydro-node-01", "farm": "farm1", "zone": "zone1", "broker": { "host": "h" },
    "sensors": [
        { "name": "reservoir", "device": "ds18b20", "kind": "temperature", "interval_s": 10 },
        { "name": "canopy", "device": "dht22", "interval_s": 20 }
    ]
}"#;
const RESERVOIR: SensorId = SensorId(0);
const CANOPY: SensorId = SensorId(1);

fn config() -> Config {
    Config::from_json(CONFIG.as_bytes()).unwrap()
}

fn at(ms: u64) -> Instant {
    Instant::from_ticks(ms)
}

fn water(milli_celsius: i32) -> Result<Sample, Fault> {
    Ok(Sample::Temperature(MilliCelsius::new(milli_celsius)))
}

fn air(milli_celsius: i32, permille: u16) -> Result<Sample, Fault> {
    Ok(Sample::Climate(
        MilliCelsius::new(milli_celsius),
        PermilleRh::new(permille).unwrap(),
    ))
}

fn actions(node: &mut Node<'_>) -> Vec<Action> {
    std::iter::from_fn(|| node.next_action()).collect()
}

/// Takes everything out of the outbox as it would be sent.
fn drain(node: &mut Node<'_>) -> Vec<(String, String, QoS, bool)> {
    let mut messages = Vec::new();
    while let Some(report) = node.outbox().cloned() {
        let mut buffer = [0; MAX_PAYLOAD];
        let message = telemetry::render(node, &report, &mut buffer).expect("a message");
        let payload = String::from_utf8(message.payload.to_vec()).unwrap();
        messages.push((message.topic.to_string(), payload, message.qos, message.retain));
        let now = node.now();
        node.handle(now, Event::Delivered(report.sequence));
    }
    messages
}

#[test]
fn each_sensor_is_sampled_on_its_own_interval() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    let mut sampled = Vec::new();
    for second in 0..=40 {
        node.handle(at(second * 1000), Event::Tick);
        for action in actions(&mut node) {
            let Action::Sample(sensor) = action else { continue };
            node.handle(at(second * 1000), Event::Sampled(sensor, Err(Fault::Absent)));
            sampled.push((second, action));
        }
    }
    let expected = [
        (0, 0),
        (0, 1),
        (10, 0),
        (20, 0),
        (20, 1),
        (30, 0),
        (40, 0),
        (40, 1),
    ];
    let expected = expected.map(|(second, sensor)| (second, Action::Sample(SensorId(sensor))));
    assert_eq!(sampled, expected);
}

#[test]
fn the_deadline_is_that_of_the_next_sampling() {
    let config = config();
    let mut node = Node::new(&config, at(500));
    assert_eq!(node.deadline(), at(500));
    node.handle(at(500), Event::Tick);
    actions(&mut node);
    node.handle(at(510), Event::Sampled(RESERVOIR, water(21_000)));
    node.handle(at(520), Event::Sampled(CANOPY, air(22_000, 500)));
    assert_eq!(node.deadline(), at(10_500));
}

#[test]
fn a_reading_is_published_with_unit_quality_and_its_own_time() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Tick);
    actions(&mut node);
    node.handle(at(760), Event::Sampled(RESERVOIR, water(22_688)));
    node.handle(at(5000), Event::TimeSet(1_763_690_605_000));
    let [(topic, payload, qos, retain)] = &drain(&mut node)[..] else {
        panic!("one message")
    };
    assert_eq!(topic, "farm/farm1/zone/zone1/temperature");
    assert_eq!(
        payload,
        r#"{"value":22.688,"unit":"°C","quality":"good","sensor":"reservoir","node":"hydro-node-01","time_ms":1763690600760,"uptime_ms":760,"sequence":0}"#
    );
    assert_eq!((*qos, *retain), (QoS::AtMostOnce, false));
}

#[test]
fn before_the_time_of_day_is_known_there_is_none() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(760), Event::Sampled(RESERVOIR, water(-500)));
    let payload = &drain(&mut node)[0].1;
    assert!(payload.contains(r#""value":-0.5,"#), "{payload}");
    assert!(payload.contains(r#""time_ms":null,"uptime_ms":760"#), "{payload}");
}

#[test]
fn a_fault_is_published_as_one_and_never_as_a_value() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Sampled(RESERVOIR, Err(Fault::NotMeasured)));
    let payload = &drain(&mut node)[0].1;
    assert!(
        payload.starts_with(r#"{"value":null,"unit":"°C","quality":"fault","fault":"not_measured","#),
        "{payload}"
    );
}

#[test]
fn what_cannot_be_water_or_air_is_said_to_be_implausible() {
    let cases = [
        (RESERVOIR, -2_001, "implausible"),
        (RESERVOIR, -2_000, "good"),
        (RESERVOIR, 45_000, "good"),
        (RESERVOIR, 45_001, "implausible"),
        (CANOPY, -20_001, "implausible"),
        (CANOPY, -20_000, "good"),
        (CANOPY, 60_000, "good"),
        (CANOPY, 60_001, "implausible"),
    ];
    for (sensor, milli_celsius, quality) in cases {
        let config = config();
        let mut node = Node::new(&config, at(0));
        node.handle(at(0), Event::Sampled(sensor, air(milli_celsius, 500)));
        let payload = &drain(&mut node)[0].1;
        assert!(
            payload.contains(&format!(r#""quality":"{quality}""#)),
            "{payload}"
        );
    }
}

#[test]
fn air_that_is_drier_than_any_is_implausible() {
    for (permille, quality) in [(9, "implausible"), (10, "good"), (1_000, "good")] {
        let config = config();
        let mut node = Node::new(&config, at(0));
        node.handle(at(0), Event::Sampled(CANOPY, air(20_000, permille)));
        let payload = &drain(&mut node)[1].1;
        assert!(
            payload.contains(&format!(r#""quality":"{quality}""#)),
            "{payload}"
        );
    }
}

#[test]
fn a_climate_sensor_gives_two_readings() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Sampled(CANOPY, air(24_100, 558)));
    let messages = drain(&mut node);
    assert_eq!(messages[0].0, "farm/farm1/zone/zone1/air_temperature");
    assert!(
        messages[0].1.contains(r#""value":24.1,"unit":"°C""#),
        "{}",
        messages[0].1
    );
    assert_eq!(messages[1].0, "farm/farm1/zone/zone1/humidity");
    assert!(
        messages[1].1.contains(r#""value":55.8,"unit":"%RH""#),
        "{}",
        messages[1].1
    );
}

#[test]
fn a_climate_sensor_that_gave_no_humidity_gives_none() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Sampled(CANOPY, water(24_100)));
    let messages = drain(&mut node);
    assert!(messages[0].1.contains(r#""value":24.1"#));
    assert!(
        messages[1]
            .1
            .contains(r#""value":null,"unit":"%RH","quality":"fault","fault":"unsupported""#)
    );
}

#[test]
fn the_summary_has_the_readings_of_its_own_instant() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Tick);
    actions(&mut node);
    node.handle(at(760), Event::Sampled(RESERVOIR, water(22_700)));
    assert_eq!(drain(&mut node).len(), 1, "the canopy is still being sampled");
    node.handle(at(770), Event::Sampled(CANOPY, air(24_100, 558)));
    let messages = drain(&mut node);
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[2].0, "farm/zone1/sensors");
    assert_eq!(
        messages[2].1,
        r#"{"temperature":22.7,"air_temperature":24.1,"humidity":55.8,"node":"hydro-node-01","time_ms":null,"sequence":3}"#
    );
    assert_eq!((messages[2].2, messages[2].3), (QoS::AtMostOnce, false));
}

#[test]
fn a_sensor_that_never_answers_holds_the_summary_up_for_ten_seconds() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Tick);
    actions(&mut node);
    node.handle(at(760), Event::Sampled(RESERVOIR, water(22_700)));
    drain(&mut node);
    assert_eq!(node.deadline(), at(10_000));
    node.handle(at(9_999), Event::Tick);
    assert_eq!(node.waiting(), 0);
    node.handle(at(10_000), Event::Tick);
    actions(&mut node);
    let messages = drain(&mut node);
    assert!(
        messages[0]
            .1
            .starts_with(r#"{"temperature":22.7,"air_temperature":null,"humidity":null,"#),
        "{}",
        messages[0].1
    );
}

#[test]
fn the_summary_leaves_out_faults_and_implausible_values_however_good_the_one_before_was() {
    for (outcome, value) in [
        (water(22_800), "22.8"),
        (Err(Fault::Corrupt), "null"),
        (water(60_000), "null"),
    ] {
        let config = config();
        let mut node = Node::new(&config, at(0));
        node.handle(at(0), Event::Tick);
        actions(&mut node);
        node.handle(at(0), Event::Sampled(CANOPY, air(24_100, 558)));
        node.handle(at(0), Event::Sampled(RESERVOIR, water(22_700)));
        let first = drain(&mut node);
        assert!(first.last().unwrap().1.starts_with(r#"{"temperature":22.7,"#));
        for second in (10..60).step_by(10) {
            node.handle(at(second * 1000), Event::Tick);
            for action in actions(&mut node) {
                let Action::Sample(sensor) = action else { continue };
                let good = if sensor == RESERVOIR {
                    water(22_700)
                } else {
                    air(24_100, 558)
                };
                node.handle(at(second * 1000), Event::Sampled(sensor, good));
            }
        }
        drain(&mut node);
        // Ten seconds after a good one: far from stale.
        node.handle(at(60_000), Event::Tick);
        actions(&mut node);
        node.handle(at(60_000), Event::Sampled(CANOPY, air(24_100, 558)));
        node.handle(at(60_000), Event::Sampled(RESERVOIR, outcome));
        let summary = drain(&mut node).pop().unwrap().1;
        assert!(
            summary.starts_with(&format!(r#"{{"temperature":{value},"air_temperature":24.1,"#)),
            "{summary}"
        );
    }
}

#[test]
fn a_value_is_stale_after_three_intervals() {
    for (summary_at, value) in [(30_000, "22.7"), (30_001, "null")] {
        let config = config();
        let mut node = Node::new(&config, at(0));
        node.handle(at(0), Event::Tick);
        actions(&mut node);
        node.handle(at(0), Event::Sampled(RESERVOIR, water(22_700)));
        // The canopy does not answer, so the summary comes when patience has run out: at once, this late.
        node.handle(at(summary_at), Event::Tick);
        actions(&mut node);
        let messages = drain(&mut node);
        let start = format!(r#"{{"temperature":{value},"#);
        assert!(messages.last().unwrap().1.starts_with(&start), "{messages:?}");
    }
}

#[test]
fn being_online_is_said_once_for_each_connection_and_kept_by_the_broker() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(100), Event::LinkUp);
    let [(topic, payload, qos, retain)] = &drain(&mut node)[..] else {
        panic!("one message")
    };
    assert_eq!(topic, "farm/farm1/node/hydro-node-01/status");
    assert_eq!(
        payload,
        concat!(
            r#"{"status":"online","node":"hydro-node-01","version":""#,
            env!("CARGO_PKG_VERSION"),
            r#"","sensors":2,"connects":1,"waiting":1,"dropped":0,"time_ms":null,"uptime_ms":100,"sequence":0}"#
        )
    );
    assert_eq!((*qos, *retain), (QoS::AtLeastOnce, true));
    let mut buffer = [0; MAX_OFFLINE];
    let will = telemetry::offline(&config, &mut buffer).unwrap();
    assert_eq!(will.topic, topic.as_str());
    assert_eq!(will.payload, br#"{"status":"offline","node":"hydro-node-01"}"#);
    assert_eq!((will.qos, will.retain), (QoS::AtLeastOnce, true));
}

#[test]
fn an_undelivered_online_is_said_of_the_next_connection_instead_and_leaves_no_gap() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::LinkUp);
    node.handle(at(1), Event::LinkDown);
    node.handle(at(2), Event::LinkUp);
    node.handle(at(3), Event::Sampled(RESERVOIR, water(20_000)));
    let messages = drain(&mut node);
    assert_eq!(messages.len(), 2);
    assert!(
        messages[0].1.contains(r#""connects":2,"#)
            && messages[0].1.ends_with(r#""uptime_ms":2,"sequence":0}"#)
    );
    assert!(messages[1].1.ends_with(r#""sequence":1}"#));
}

#[test]
fn messages_wait_for_the_network_in_order() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    for n in 0..10 {
        node.handle(at(n), Event::Sampled(RESERVOIR, water(20_000)));
    }
    let messages = drain(&mut node);
    for (n, message) in messages.iter().enumerate() {
        assert!(
            message
                .1
                .ends_with(&format!(r#""uptime_ms":{n},"sequence":{n}}}"#)),
            "{}",
            message.1
        );
    }
}

#[test]
fn a_full_outbox_gives_up_the_oldest_and_counts_it() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    for n in 0..u64::try_from(OUTBOX).unwrap() + 3 {
        node.handle(at(n), Event::Sampled(RESERVOIR, water(20_000)));
    }
    assert_eq!((node.waiting(), node.dropped()), (OUTBOX, 3));
    assert_eq!(node.outbox().unwrap().sequence, 3);
}

#[test]
fn what_is_being_sent_and_the_word_on_being_online_are_not_given_up() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Sampled(RESERVOIR, water(20_000)));
    node.handle(at(0), Event::LinkUp);
    assert_eq!(node.take_up().map(|report| report.sequence), Some(0));
    for _ in 0..OUTBOX {
        node.handle(at(1), Event::Sampled(RESERVOIR, water(20_000)));
    }
    assert_eq!((node.waiting(), node.dropped()), (OUTBOX, 2));
    node.handle(at(1), Event::Delivered(0));
    assert_eq!(
        node.outbox().map(|report| &report.kind),
        Some(&ReportKind::Online)
    );
    node.handle(at(1), Event::Delivered(1));
    assert_eq!(node.outbox().map(|report| report.sequence), Some(4));
    assert_eq!(node.dropped(), 2);
}

#[test]
fn what_was_being_sent_over_a_lost_connection_may_be_given_up() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Sampled(RESERVOIR, water(20_000)));
    node.take_up();
    node.handle(at(0), Event::LinkDown);
    for _ in 0..OUTBOX {
        node.handle(at(1), Event::Sampled(RESERVOIR, water(20_000)));
    }
    assert_eq!(node.outbox().map(|report| report.sequence), Some(1));
}

#[test]
fn a_message_that_cannot_be_sent_at_all_is_counted() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Sampled(RESERVOIR, water(20_000)));
    node.handle(at(0), Event::Undeliverable(7));
    assert_eq!((node.waiting(), node.dropped()), (1, 0));
    node.handle(at(0), Event::Undeliverable(0));
    assert_eq!((node.waiting(), node.dropped()), (0, 1));
}

#[test]
fn a_sensor_that_has_not_answered_is_not_asked_again() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Tick);
    assert_eq!(
        actions(&mut node),
        [Action::Sample(RESERVOIR), Action::Sample(CANOPY)]
    );
    node.handle(at(5_000), Event::Sampled(CANOPY, air(24_100, 558)));
    node.handle(at(20_000), Event::Tick);
    assert_eq!(actions(&mut node), [Action::Sample(CANOPY)]);
    node.handle(at(25_000), Event::Sampled(RESERVOIR, water(20_000)));
    node.handle(at(30_000), Event::Tick);
    assert_eq!(actions(&mut node), [Action::Sample(RESERVOIR)]);
}

#[test]
fn only_the_oldest_message_can_be_delivered() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::Sampled(RESERVOIR, water(20_000)));
    node.handle(at(0), Event::Sampled(RESERVOIR, water(20_000)));
    node.handle(at(0), Event::Delivered(1));
    assert_eq!(node.waiting(), 2);
    node.handle(at(0), Event::Delivered(0));
    assert_eq!(node.outbox().unwrap().sequence, 1);
}

#[test]
fn time_does_not_run_backwards() {
    let config = config();
    let mut node = Node::new(&config, at(1000));
    node.handle(at(10), Event::Tick);
    assert_eq!(node.now(), at(1000));
}

#[test]
fn a_buffer_that_is_too_short_gives_no_message_rather_than_half_of_one() {
    let config = config();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::LinkUp);
    let report = node.outbox().cloned().unwrap();
    for length in 0..100 {
        assert_eq!(telemetry::render(&node, &report, &mut vec![0; length]), None);
    }
}

#[test]
fn the_longest_summary_fits() {
    let name = |n: usize| format!("{n:a<64}");
    let sensor = |n: usize| {
        format!(
            r#"{{"name":"{n}","device":"dht22","kind":"{}","humidity_kind":"{}"}}"#,
            name(n),
            name(100 + n)
        )
    };
    let sensors: Vec<_> = (10..26).map(sensor).collect();
    let json = format!(
        r#"{{"node":"{}","farm":"f","zone":"z","broker":{{"host":"h"}},"sensors":[{}]}}"#,
        name(9),
        sensors.join(",")
    );
    let config = Config::from_json(json.as_bytes()).unwrap();
    let mut node = Node::new(&config, at(0));
    node.handle(at(0), Event::TimeSet(u64::MAX));
    node.handle(at(0), Event::Tick);
    actions(&mut node);
    for index in 0..16 {
        node.handle(at(0), Event::Sampled(SensorId(index), air(-19_999, 999)));
    }
    assert!(telemetry::offline(&config, &mut [0; MAX_OFFLINE]).is_some());
    let summary = drain(&mut node).pop().unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&summary.1).unwrap();
    assert_eq!(parsed.as_object().unwrap().len(), 32 + 3);
}

proptest! {
    /// Whatever happens in whatever order: no panic, the outbox stays bounded, every message can be rendered and
    /// is JSON, and a message with a fault has no value.
    #[test]
    fn any_events_keep_the_node_sane(events in prop::collection::vec((0..8_u8, 0..4_u8, any::<i32>(), prop_oneof![0..200_000_u64, any::<u64>()]), 0..200)) {
        let config = config();
        let mut node = Node::new(&config, at(0));
        for (event, sensor, value, time) in events {
            let event = match event {
                0 => Event::Sampled(SensorId(sensor), water(value)),
                1 => Event::Sampled(SensorId(sensor), air(value, 500)),
                2 => Event::Sampled(SensorId(sensor), Err(Fault::Corrupt)),
                3 => Event::LinkUp,
                4 => Event::LinkDown,
                5 => Event::TimeSet(time),
                6 => Event::Delivered(node.outbox().map_or(0, |report| report.sequence)),
                _ => Event::Tick,
            };
            node.handle(at(time), event);
            prop_assert!(actions(&mut node).len() <= 2);
            prop_assert!(node.waiting() <= OUTBOX);
            if let Some(report) = node.outbox() {
                let mut buffer = [0; MAX_PAYLOAD];
                let message = telemetry::render(&node, report, &mut buffer).expect("a message");
                let json: serde_json::Value = serde_json::from_slice(message.payload).unwrap();
                if let ReportKind::Reading(reading) = &report.kind {
                    prop_assert_eq!(reading.quality() == Quality::Fault, json["value"].is_null());
                }
            }
        }
    }
}
