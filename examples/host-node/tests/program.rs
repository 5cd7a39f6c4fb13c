//! The program as a person uses it: with the broker that it brings, with wrong options, and ended with Ctrl-C.

// To panic is how a test fails, in its helpers, too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::{
    collections::HashMap,
    fs,
    net::TcpListener,
    time::{Duration, Instant},
};

use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use support::{PATIENCE, Program};

/// The port in "A broker of the node's own listens on 127.0.0.1:1883."
fn port(line: &str) -> u16 {
    line.trim_end_matches('.')
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port")
}

fn json(payload: &[u8]) -> Value {
    serde_json::from_slice(payload).expect("JSON")
}

/// Messages by topic, from a client of another make that speaks MQTT 3.1.1.
fn messages(
    port: u16,
    enough: impl Fn(&HashMap<String, Vec<rumqttc::Publish>>) -> bool,
) -> HashMap<String, Vec<rumqttc::Publish>> {
    let mut options = MqttOptions::new("watcher", "127.0.0.1", port);
    options.set_keep_alive(Duration::from_secs(30));
    let (client, mut connection) = Client::new(options, 10);
    client.subscribe("farm/#", QoS::AtLeastOnce).unwrap();
    let mut seen = HashMap::<_, Vec<_>>::new();
    let deadline = Instant::now() + PATIENCE;
    while !enough(&seen) {
        let left = deadline.saturating_duration_since(Instant::now());
        let event = connection
            .recv_timeout(left)
            .expect("a message in time")
            .expect("no error");
        if let Event::Incoming(Packet::Publish(publish)) = event {
            seen.entry(publish.topic.clone()).or_default().push(publish);
        }
    }
    seen
}

#[test]
fn the_node_publishes_to_a_broker_of_its_own_and_ends_with_ctrl_c() {
    let mut program = Program::start(&["--speed", "100"]);
    let port = port(&program.line_with("listens on"));
    program.line_with("(QoS 1)");

    // Subscribed late: the status is retained, the readings are of later minutes.
    let seen = messages(port, |seen| {
        seen.len() == 6 && seen["farm/zone1/sensors"].len() >= 2
    });
    let status = &seen["farm/farm1/node/hydro-node-01/status"][0];
    assert!(status.retain);
    assert_eq!(json(&status.payload)["status"], "online");
    for (topic, unit, low, high) in [
        ("temperature", "°C", 15.0, 27.0),
        ("inlet_temperature", "°C", 15.0, 27.0),
        ("air_temperature", "°C", 17.0, 27.0),
        ("humidity", "%RH", 44.0, 76.0),
    ] {
        let publish = &seen[&format!("farm/farm1/zone/zone1/{topic}")][0];
        let reading = json(&publish.payload);
        let value = reading["value"].as_f64().expect("a number");
        assert!((low..=high).contains(&value), "{topic} {value}");
        assert_eq!(
            (&reading["unit"], &reading["quality"]),
            (&unit.into(), &"good".into())
        );
        assert!(!publish.retain);
    }
    let summary = json(&seen["farm/zone1/sensors"][1].payload);
    assert_eq!(summary["node"], "hydro-node-01");
    assert!(summary["temperature"].is_f64() && summary["humidity"].is_f64());

    program.interrupt();
    assert!(program.end().success());
    assert_eq!(program.seen.last().map(String::as_str), Some("Ended."));
}

#[test]
fn several_nodes_started_at_once_each_have_a_broker() {
    let mut programs: Vec<_> = (0..4).map(|_| Program::start(&[])).collect();
    let mut ports: Vec<_> = programs
        .iter_mut()
        .map(|program| port(&program.line_with("listens on")))
        .collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 4);
    for program in &mut programs {
        program.line_with("connected to");
        program.interrupt();
        assert!(program.end().success());
    }
}

#[test]
fn a_node_that_cannot_keep_up_still_publishes_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("busy.json");
    let sensor = |n| {
        format!(r#"{{"name":"s{n}","device":"dht22","kind":"t{n}","humidity_kind":"h{n}","interval_s":2}}"#)
    };
    let sensors: Vec<_> = (0..16).map(sensor).collect();
    let built_in = include_str!("../config.json");
    let list = built_in.find("\"sensors\": [").expect("a list");
    let json = format!("{} \"sensors\": [{}] }}", &built_in[..list], sensors.join(","));
    fs::write(&path, json).unwrap();
    let mut program = Program::start(&["--config", path.to_str().unwrap(), "--speed", "10000"]);
    program.line_with("-> farm/zone1/sensors");
    program.interrupt();
    assert!(program.end().success());
}

#[test]
fn an_unreachable_broker_gets_one_line_and_the_node_measures_on() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut program = Program::start(&["--speed", "1000", "--broker", &format!("mqtt://{closed}")]);
    program.line_with("no connection to");
    for _ in 0..40 {
        program.line_with("reservoir: ");
    }
    program.interrupt();
    assert!(program.end().success());
    let complaints: Vec<_> = program
        .seen
        .iter()
        .filter(|line| line.contains("no connection"))
        .collect();
    let [complaint] = complaints[..] else {
        panic!("{complaints:#?}")
    };
    assert!(
        complaint.contains(&closed.to_string()) && complaint.contains("ConnectionRefused"),
        "{complaint}"
    );
}

#[test]
fn what_the_user_got_wrong_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let built_in = include_str!("../config.json");
    let missing = folder.path().join("missing.json").to_str().unwrap().to_owned();
    let cases = [
        (vec!["--sped".into()], "--sped"),
        (vec!["--speed".into(), "0".into()], "'0'"),
        (vec!["--broker".into(), "somewhere".into()], "'somewhere'"),
        (vec!["--config".into(), missing], "missing.json"),
        (
            vec!["--config".into(), file("empty.json", "")],
            "not a configuration in JSON",
        ),
        (
            vec![
                "--config".into(),
                file("typo.json", &built_in.replace("zone1", "zone#")),
            ],
            "zone must be a name",
        ),
        (
            vec![
                "--config".into(),
                file(
                    "crc.json",
                    &built_in.replace("28-00000bbb9b13", "2813bbbb0b00001f"),
                ),
            ],
            "sensors[0].address",
        ),
        (
            vec![
                "--config".into(),
                file("type.json", &built_in.replace("1883", "\"1883\"")),
            ],
            "broker.port cannot be read",
        ),
    ];
    for (arguments, hint) in cases {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut program = Program::start(&arguments);
        assert_eq!(program.end().code(), Some(1), "{arguments:?}");
        let [line] = &program.seen[..] else {
            panic!("{arguments:?}: {:#?}", program.seen)
        };
        assert!(
            line.starts_with("cress-host-node: ") && line.contains(hint),
            "{line}"
        );
    }
}

#[test]
fn the_configuration_that_it_prints_is_one_that_it_takes() {
    let mut printer = Program::start(&["--print-config"]);
    assert!(printer.end().success());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    fs::write(&path, printer.seen.join("\n").replace("1883", &port)).unwrap();
    let mut program = Program::start(&["--config", path.to_str().unwrap()]);
    assert!(program.line_with("listens on").ends_with(&format!(":{port}.")));
    program.line_with("reservoir: ");
    program.interrupt();
    assert!(program.end().success());
}

#[test]
fn help_and_version_are_there() {
    for (option, text) in [
        ("--help", "--broker"),
        ("-h", "--speed"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let mut program = Program::start(&[option]);
        assert!(program.end().success());
        assert!(
            program.seen.iter().any(|line| line.contains(text)),
            "{:?}",
            program.seen
        );
    }
}
