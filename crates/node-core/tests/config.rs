//! The configuration: what is taken, and what is said of what is not.

// To panic is how a test fails, in its helpers, too; some helpers' results are compared with outcomes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::unnecessary_wraps)]

use node_core::{
    Config, ConfigError, Quantity, SensorId,
    config::{Device, Medium, Problem, Secret},
};
use proptest::prelude::*;

const GOOD: &str = r#"{
    "version": 1,
    "node": "hydro-node-01", "farm": "farm1", "zone": "zone1",
    "broker": { "host": "192.168.1.10", "port": 1884, "user": "grower", "password": "pass\"word" },
    "summary_interval_s": 30,
    "topics": { "summary": "farm/{zone}/sensors", "reading": "f/{farm}/{zone}/{node}/{sensor}/{kind}" },
    "sensors": [
        { "name": "reservoir", "device": "ds18b20", "address": "28-00000bbb9b13", "kind": "temperature", "interval_s": 10 },
        { "name": "room", "device": "ds18b20", "address": "28-00001010d6ca", "medium": "air", "kind": "room" },
        { "name": "canopy", "device": "dht22", "interval_s": 2 }
    ]
}"#;

const SMALLEST: &str = r#"{"node":"n","farm":"f","zone":"z","broker":{"host":"h"},"sensors":[]}"#;

fn read(json: &str) -> Result<Config, ConfigError> {
    Config::from_json(json.as_bytes())
}

#[test]
fn everything_that_is_written_is_read() {
    let config = read(GOOD).unwrap();
    assert_eq!(config.node, "hydro-node-01");
    assert_eq!(
        (config.broker.host.as_str(), config.broker.port),
        ("192.168.1.10", 1884)
    );
    assert_eq!(config.broker.user.as_deref(), Some("grower"));
    assert_eq!(
        config.broker.password.as_ref().map(Secret::reveal),
        Some("pass\"word")
    );
    assert_eq!(config.summary_interval.as_millis(), 30_000);

    let [reservoir, room, canopy] = &config.sensors[..] else {
        panic!("three sensors")
    };
    assert_eq!(reservoir.device, Device::Ds18b20);
    assert_eq!(
        reservoir.rom.unwrap().bytes(),
        [0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F]
    );
    assert_eq!(
        (reservoir.medium, reservoir.interval.as_millis()),
        (Medium::Water, 10_000)
    );
    assert_eq!((room.medium, room.interval.as_millis()), (Medium::Air, 30_000));
    assert_eq!(canopy.interval.as_millis(), 2_000);
    let kinds: Vec<_> = canopy.quantities().collect();
    assert_eq!(
        kinds,
        [
            (Quantity::AirTemperature, "air_temperature"),
            (Quantity::Humidity, "humidity")
        ]
    );
}

#[test]
fn what_is_left_out_has_a_default() {
    let config = read(SMALLEST).unwrap();
    assert_eq!(config.broker.port, 1883);
    assert_eq!(config.summary_interval.as_millis(), 60_000);
    assert_eq!(config.summary_topic().unwrap(), "farm/z/sensors");
    assert_eq!(config.status_topic().unwrap(), "farm/f/node/n/status");
}

#[test]
fn topics_are_filled_in() {
    let config = read(GOOD).unwrap();
    assert_eq!(config.summary_topic().unwrap(), "farm/zone1/sensors");
    assert_eq!(
        config.reading_topic(SensorId(2), Quantity::Humidity).unwrap(),
        "f/farm1/zone1/hydro-node-01/canopy/humidity"
    );
    assert_eq!(config.reading_topic(SensorId(0), Quantity::Humidity), None);
    assert_eq!(config.reading_topic(SensorId(3), Quantity::Humidity), None);
}

#[test]
fn an_empty_topic_switches_its_messages_off() {
    let config =
        read(&SMALLEST.replace("\"sensors\"", r#""topics":{"summary":"","status":""},"sensors""#)).unwrap();
    assert_eq!(config.summary_topic(), None);
    assert_eq!(config.status_topic(), None);
}

#[test]
fn a_password_never_shows_itself() {
    let shown = format!("{:?}", read(GOOD).unwrap());
    assert!(shown.contains("grower"), "{shown}");
    assert!(!shown.contains("pass\\\"word"), "{shown}");
}

/// Each fault in [`GOOD`] gets a line that names the field.
#[test]
#[allow(clippy::too_many_lines)] // It is a table.
fn every_fault_is_named() {
    let cases = [
        (
            "\"version\": 1",
            "\"version\": 2",
            "version this version of the configuration is not known; the current one is 1",
        ),
        (
            "hydro-node-01",
            "hydro/node",
            "node must be a name without '/', '+', '#', braces, '\"', '\\' or control characters",
        ),
        (
            "\"farm1\"",
            "\"\"",
            "farm must be a name without '/', '+', '#', braces, '\"', '\\' or control characters",
        ),
        (
            "\"zone1\"",
            "\"zone+\"",
            "zone must be a name without '/', '+', '#', braces, '\"', '\\' or control characters",
        ),
        ("192.168.1.10", "", "broker.host must not be empty"),
        ("1884", "0", "broker.port must not be 0"),
        ("\"user\": \"grower\", ", "", "broker.password needs a user"),
        (
            "\"summary_interval_s\": 30",
            "\"summary_interval_s\": 0",
            "summary_interval_s is shorter than the sensor can measure",
        ),
        (
            "\"summary_interval_s\": 30",
            "\"summary_interval_s\": 86401",
            "summary_interval_s is longer than a day",
        ),
        (
            "\"interval_s\": 10",
            "\"interval_s\": 0",
            "sensors[0].interval_s is shorter than the sensor can measure",
        ),
        (
            "\"interval_s\": 2",
            "\"interval_s\": 1",
            "sensors[2].interval_s is shorter than the sensor can measure",
        ),
        (
            "00000bbb9b13",
            "00000bbb9bzz",
            "sensors[0].address is not a 1-Wire ROM code such as 28-00000bbb9b13, or its CRC is wrong",
        ),
        (
            "00001010d6ca",
            "00000bbb9b13",
            "sensors[1].address another sensor has the same",
        ),
        (
            ", \"address\": \"28-00001010d6ca\"",
            "",
            "sensors[1].address is needed, because there is more than one ds18b20",
        ),
        (
            "\"name\": \"room\"",
            "\"name\": \"reservoir\"",
            "sensors[1].name another sensor has the same",
        ),
        (
            "\"name\": \"room\"",
            "\"name\": \"\"",
            "sensors[1].name must be a name without '/', '+', '#', braces, '\"', '\\' or control characters",
        ),
        (
            "\"kind\": \"room\"",
            "\"kind\": \"temperature\"",
            "sensors[1].kind another sensor has the same",
        ),
        (
            "\"kind\": \"room\"",
            "\"kind\": \"a/b\"",
            "sensors[1].kind must be a name without '/', '+', '#', braces, '\"', '\\' or control characters",
        ),
        (
            "\"kind\": \"room\"",
            "\"kind\": \"time_ms\"",
            "sensors[1].kind another sensor has the same",
        ),
        (
            "\"kind\": \"room\"",
            "\"kind\": \"humidity\"",
            "sensors[2].humidity_kind another sensor has the same",
        ),
        (
            "\"kind\": \"room\"",
            "\"humidity_kind\": \"room\"",
            "sensors[1].humidity_kind this device does not have it",
        ),
        (
            "\"device\": \"dht22\"",
            "\"device\": \"dht22\", \"medium\": \"water\"",
            "sensors[2].medium this device does not have it",
        ),
        (
            "\"device\": \"dht22\"",
            "\"device\": \"dht22\", \"address\": \"1\"",
            "sensors[2].address this device does not have it",
        ),
        (
            "farm/{zone}/sensors",
            "farm/{zone/sensors",
            "topics.summary is not a topic: unmatched braces, wildcards or a leading '$'",
        ),
        (
            "farm/{zone}/sensors",
            "farm/{kind}/sensors",
            "topics.summary has a field that is not farm, zone, node, sensor or kind",
        ),
        (
            "farm/{zone}/sensors",
            "farm/#",
            "topics.summary is not a topic: unmatched braces, wildcards or a leading '$'",
        ),
        (
            "{sensor}/{kind}",
            "{sensor}",
            "topics.reading needs {kind}, or messages of different kinds become one",
        ),
    ];
    for (from, to, line) in cases {
        let json = GOOD.replacen(from, to, 1);
        assert_ne!(json, GOOD, "{from}");
        assert_eq!(read(&json).unwrap_err().to_string(), line, "{from} -> {to}");
    }
}

#[test]
fn the_shape_is_checked_by_name_too() {
    let unknown = "x".repeat(65);
    let known = "ds18b20, dht11, dht12, dht21, dht22; water, air";
    let cases = [
        (
            SMALLEST.replace("\"zone\"", "\"zonne\""),
            "there is no field 'zonne'".into(),
        ),
        (
            SMALLEST.replace("\"node\"", &format!("\"{unknown}\":1,\"node\"")),
            format!("there is no field '{}'", &unknown[1..]),
        ),
        (SMALLEST.replace(r#""zone":"z","#, ""), "zone is missing".into()),
        (SMALLEST.replace(r#""z""#, "null"), "zone is missing".into()),
        (
            SMALLEST.replace(r#"{"host":"h"}"#, "{}"),
            "broker.host is missing".into(),
        ),
        (
            SMALLEST.replace(r#""broker":{"host":"h"},"#, ""),
            "broker is missing".into(),
        ),
        (
            SMALLEST.replace(r#""host":"h""#, r#""hots":"h""#),
            "there is no field 'broker.hots'".into(),
        ),
        (
            GOOD.replacen("\"summary\"", "\"sumary\"", 1),
            "there is no field 'topics.sumary'".into(),
        ),
        (
            GOOD.replacen("\"interval_s\"", "\"interval\"", 1),
            "there is no field 'sensors[0].interval'".into(),
        ),
        (
            GOOD.replacen("\"name\": \"room\", ", "", 1),
            "sensors[1].name is missing".into(),
        ),
        (
            GOOD.replacen("\"device\": \"dht22\", ", "", 1),
            "sensors[2].device is missing".into(),
        ),
        (
            GOOD.replacen("dht22", "dht23", 1),
            format!("sensors[2].device is not one of those known: {known}"),
        ),
        (
            GOOD.replacen("\"air\"", "\"soil\"", 1),
            format!("sensors[1].medium is not one of those known: {known}"),
        ),
        (
            SMALLEST.replace(r#""zone""#, r#""node":"m","zone""#),
            "node is there twice".into(),
        ),
        (
            SMALLEST.replace(r#""host""#, r#""host":"g","host""#),
            "broker.host is there twice".into(),
        ),
        (
            GOOD.replacen("\"kind\": \"room\"", "\"kind\": \"room\", \"kind\": \"hall\"", 1),
            "sensors[1].kind is there twice".into(),
        ),
    ];
    for (json, line) in cases {
        assert_eq!(read(&json).unwrap_err().to_string(), line, "{json}");
    }
}

#[test]
fn a_value_of_the_wrong_type_is_named() {
    let long = format!("\"{}\"", "x".repeat(65));
    let cases = [
        (SMALLEST.replace(r#""z""#, "7"), "zone"),
        (SMALLEST.replace(r#""z""#, &long), "zone"),
        (SMALLEST.replace(r#""h""#, "[]"), "broker.host"),
        (GOOD.replacen("1884", "\"1884\"", 1), "broker.port"),
        (GOOD.replacen("1884", "65536", 1), "broker.port"),
        (
            GOOD.replacen("\"interval_s\": 2", "\"interval_s\": -5", 1),
            "sensors[2].interval_s",
        ),
        (
            GOOD.replacen("\"kind\": \"room\"", "\"kind\": true", 1),
            "sensors[1].kind",
        ),
        (SMALLEST.replace("[]", "[7]"), "sensors[0]"),
        (
            GOOD.replacen("\"interval_s\": 2", "\"interval_s\": 2.5", 1),
            "sensors[2]",
        ),
        (SMALLEST.replace("[]", "{}"), "sensors"),
    ];
    for (json, field) in cases {
        let line = read(&json).unwrap_err().to_string();
        assert!(
            line.starts_with(&format!(
                "{field} cannot be read, it is of another type or too long: "
            )),
            "{json}: {line}"
        );
        assert_eq!(line.lines().count(), 1);
    }
}

#[test]
fn what_is_not_json_is_said_not_to_be() {
    let broken = [
        "{".into(),
        String::new(),
        "[]".into(),
        format!("{SMALLEST}x"),
        SMALLEST.replace(r#","zone""#, r#" "zone""#),
    ];
    for json in broken {
        let line = read(&json).unwrap_err().to_string();
        assert!(
            line.starts_with("not a configuration in JSON: "),
            "{json}: {line}"
        );
        assert_eq!(line.lines().count(), 1);
    }
}

#[test]
fn messages_of_different_kinds_do_not_share_a_topic() {
    let cases = [
        (
            "farm/{zone}/sensors",
            "farm/{farm}/node/{node}/status",
            "topics.status",
        ),
        (
            "farm/{zone}/sensors",
            "f/farm1/zone1/hydro-node-01/room/room",
            "topics.reading",
        ),
    ];
    for (from, to, field) in cases {
        let json = GOOD.replacen(from, to, 1);
        assert_eq!(
            read(&json).unwrap_err().to_string(),
            format!("{field} is also the topic of other messages")
        );
    }
}

#[test]
fn a_topic_may_become_128_bytes_long_and_no_longer() {
    let long = "x".repeat(60);
    let json = |template: &str| {
        SMALLEST.replace("\"f\"", &format!("\"{long}\"")).replace(
            "\"sensors\"",
            &format!(r#""topics":{{"summary":"{template}"}},"sensors""#),
        )
    };
    assert_eq!(
        read(&json("{farm}/{farm}/1234/{zone}"))
            .unwrap()
            .summary_topic()
            .unwrap()
            .len(),
        128
    );
    let line = read(&json("{farm}/{farm}/12345/{zone}")).unwrap_err().to_string();
    assert_eq!(line, "topics.summary becomes longer than 128 bytes");
}

#[test]
fn more_sensors_than_fit_are_refused_and_not_cut_off() {
    let sensor =
        |n: usize| format!(r#"{{"name":"s{n}","device":"dht22","kind":"t{n}","humidity_kind":"h{n}"}}"#);
    let list = |n: usize| (0..n).map(sensor).collect::<Vec<_>>().join(",");
    let json = |n: usize| SMALLEST.replace("[]", &format!("[{}]", list(n)));
    assert_eq!(read(&json(16)).unwrap().sensors.len(), 16);
    let line = read(&json(17)).unwrap_err().to_string();
    assert!(line.starts_with("sensors[16] cannot be read"), "{line}");
}

#[test]
fn the_error_tells_the_sensor_apart() {
    let json = GOOD.replacen("\"interval_s\": 2", "\"interval_s\": 1", 1);
    let Err(ConfigError::Field(field, problem)) = read(&json) else {
        panic!("accepted")
    };
    assert_eq!(
        (field.sensor, field.name, problem),
        (Some(SensorId(2)), "interval_s", Problem::TooShort)
    );
}

proptest! {
    #[test]
    fn any_bytes_are_a_configuration_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Config::from_json(&bytes);
    }

    /// One changed byte: whatever is still accepted has topics that can be published on.
    #[test]
    fn a_changed_byte_never_gives_a_bad_topic(at in 0..GOOD.len(), byte in any::<u8>()) {
        let mut json = GOOD.as_bytes().to_vec();
        json[at] = byte;
        if let Ok(config) = Config::from_json(&json) {
            for topic in [config.summary_topic(), config.status_topic()].into_iter().flatten() {
                prop_assert!(!topic.is_empty() && !topic.contains(['+', '#', '\0']), "{topic}");
            }
        }
    }
}
