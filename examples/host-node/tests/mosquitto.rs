//! The node against a real Mosquitto, watched by Mosquitto's own client.
//!
//! Needs `mosquitto` and `mosquitto_sub`: `cargo test -p cress-host-node --test mosquitto -- --ignored`.

// To panic is how a test fails, in its helpers, too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use support::{PATIENCE, Program};

/// A child process that does not outlive the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Debian puts it where only root looks.
fn program(name: &str) -> Command {
    let system = Path::new("/usr/sbin").join(name);
    Command::new(if system.exists() { system } else { name.into() })
}

/// Starts Mosquitto with a configuration of its own on loopback.
fn mosquitto(folder: &Path, port: u16, more: &str) -> Process {
    let path = folder.join("mosquitto.conf");
    fs::write(&path, format!("listener {port} 127.0.0.1\n{more}\n")).unwrap();
    let child = program("mosquitto")
        .arg("-c")
        .arg(&path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mosquitto is installed");
    let broker = Process(child);
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "mosquitto does not listen");
        thread::sleep(Duration::from_millis(20));
    }
    broker
}

/// A message as `mosquitto_sub -F '%j'` prints it.
struct Message {
    topic: String,
    qos: u64,
    retain: bool,
    payload: Value,
}

/// Watches everything.
fn watch(port: u16, more: &[&str]) -> (Process, Receiver<Message>) {
    let mut child = program("mosquitto_sub")
        .args([
            "-h",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "-q",
            "2",
            "-t",
            "#",
            "-F",
            "%j",
        ])
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .expect("mosquitto_sub is installed");
    let (sender, receiver) = channel();
    let out = child.stdout.take().unwrap();
    thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let printed: Value = serde_json::from_str(&line).expect("mosquitto_sub prints JSON");
            let message = Message {
                topic: printed["topic"].as_str().unwrap().into(),
                qos: printed["qos"].as_u64().unwrap(),
                retain: printed["retain"] == 1 || printed["retain"] == true,
                payload: serde_json::from_str(printed["payload"].as_str().unwrap())
                    .expect("the node publishes JSON"),
            };
            if sender.send(message).is_err() {
                break;
            }
        }
    });
    (Process(child), receiver)
}

impl Message {
    fn next(messages: &Receiver<Self>, wanted: impl Fn(&Self) -> bool) -> Self {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = messages.recv_timeout(left).expect("a message in time");
            if wanted(&message) {
                return message;
            }
        }
    }
}

const STATUS: &str = "farm/farm1/node/hydro-node-01/status";

#[test]
#[ignore = "needs mosquitto and mosquitto_sub"]
fn topics_payloads_and_qos_are_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _broker = mosquitto(folder.path(), port, "allow_anonymous true");
    let (_watcher, messages) = watch(port, &[]);
    let mut node = Program::start(&["--speed", "100", "--broker", &format!("mqtt://127.0.0.1:{port}")]);

    let mut by_topic = BTreeMap::<String, Vec<Message>>::new();
    while by_topic.len() < 6
        || by_topic
            .values()
            .any(|messages| messages.len() < 3 && messages[0].topic != STATUS)
    {
        let message = Message::next(&messages, |_| true);
        by_topic.entry(message.topic.clone()).or_default().push(message);
    }
    let topics: Vec<_> = by_topic.keys().map(String::as_str).collect();
    assert_eq!(
        topics,
        [
            STATUS,
            "farm/farm1/zone/zone1/air_temperature",
            "farm/farm1/zone/zone1/humidity",
            "farm/farm1/zone/zone1/inlet_temperature",
            "farm/farm1/zone/zone1/temperature",
            "farm/zone1/sensors",
        ]
    );
    for (topic, messages) in &by_topic {
        let qos = u64::from(topic == STATUS);
        assert!(messages.iter().all(|message| message.qos == qos), "{topic}");
    }
    let readings = &by_topic["farm/farm1/zone/zone1/temperature"];
    let members: Vec<_> = readings[0].payload.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        members,
        [
            "node",
            "quality",
            "sensor",
            "sequence",
            "time_ms",
            "unit",
            "uptime_ms",
            "value"
        ]
    );
    assert_eq!(readings[0].payload["sensor"], "reservoir");
    // A minute apart in the node's own time, however fast that ran.
    let times: Vec<_> = readings
        .iter()
        .map(|message| message.payload["uptime_ms"].as_u64().unwrap())
        .collect();
    assert!(
        times
            .windows(2)
            .all(|pair| (59_000..=61_000).contains(&(pair[1] - pair[0]))),
        "{times:?}"
    );
    let mut sequence: Vec<_> = by_topic
        .values()
        .flatten()
        .map(|message| message.payload["sequence"].as_u64().unwrap())
        .collect();
    sequence.sort_unstable();
    let count = u64::try_from(sequence.len()).unwrap();
    assert_eq!(
        sequence,
        (0..count).collect::<Vec<_>>(),
        "a message is missing or came twice"
    );
    let summary = &by_topic["farm/zone1/sensors"][0].payload;
    assert_eq!(
        summary["temperature"],
        by_topic["farm/farm1/zone/zone1/temperature"][0].payload["value"]
    );

    node.interrupt();
    assert!(node.end().success());
    let goodbye = Message::next(&messages, |message| message.topic == STATUS);
    assert_eq!(
        (goodbye.payload["status"].as_str(), goodbye.qos),
        (Some("offline"), 1)
    );

    // Who subscribes later is told, too.
    let (_late, retained) = watch(port, &[]);
    let goodbye = Message::next(&retained, |_| true);
    assert!(goodbye.retain && goodbye.topic == STATUS && goodbye.payload["status"] == "offline");
}

#[test]
#[ignore = "needs mosquitto and mosquitto_sub"]
fn a_node_that_is_killed_leaves_its_last_will() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _broker = mosquitto(folder.path(), port, "allow_anonymous true");
    let (_watcher, messages) = watch(port, &[]);
    let node = Program::start(&["--broker", &format!("mqtt://127.0.0.1:{port}")]);
    Message::next(&messages, |message| {
        message.topic == STATUS && message.payload["status"] == "online"
    });
    drop(node);
    let will = Message::next(&messages, |message| message.topic == STATUS);
    assert_eq!((will.payload["status"].as_str(), will.qos), (Some("offline"), 1));
}

#[test]
#[ignore = "needs mosquitto and mosquitto_sub"]
fn a_broker_that_goes_away_and_comes_back_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let broker = mosquitto(folder.path(), port, "allow_anonymous true");
    let mut node = Program::start(&["--speed", "100", "--broker", &format!("mqtt://127.0.0.1:{port}")]);
    node.line_with("connected to");
    node.line_with("-> farm/zone1/sensors");
    drop(broker);
    node.line_with("no connection to");
    let missed = node.line_with("reservoir: ");
    assert!(!missed.is_empty());

    let _broker = mosquitto(folder.path(), port, "allow_anonymous true");
    let (_watcher, messages) = watch(port, &[]);
    node.line_with("connected to");
    let status = Message::next(&messages, |message| {
        message.topic == STATUS && message.payload["connects"] == 2
    });
    let first = status.payload["sequence"].as_u64().unwrap();
    let next = Message::next(&messages, |message| {
        message.payload["sequence"].as_u64() > Some(first)
    });
    assert_eq!(next.payload["sequence"].as_u64(), Some(first + 1));
}

#[test]
#[ignore = "needs mosquitto and mosquitto_sub"]
fn a_password_is_asked_for_and_a_wrong_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let passwords = folder.path().join("passwords");
    let made = program("mosquitto_passwd")
        .arg("-b")
        .arg("-c")
        .arg(&passwords)
        .args(["grower", "p@ss"])
        .status();
    assert!(made.expect("mosquitto_passwd is installed").success());
    let port = free_port();
    let _broker = mosquitto(
        folder.path(),
        port,
        // Mosquitto gives up root's rights, and must still be able to read the file.
        &format!(
            "allow_anonymous false\nuser root\npassword_file {}",
            passwords.display()
        ),
    );
    let (_watcher, messages) = watch(port, &["-u", "grower", "-P", "p@ss"]);

    let mut wrong = Program::start(&["--broker", &format!("mqtt://grower:wrong@127.0.0.1:{port}")]);
    let line = wrong.line_with("no connection to");
    assert!(line.contains("the broker does not a"), "{line}");
    assert!(!line.contains("wrong"), "{line}");
    drop(wrong);

    let _right = Program::start(&["--broker", &format!("mqtt://grower:p%40ss@127.0.0.1:{port}")]);
    let status = Message::next(&messages, |message| message.topic == STATUS);
    assert_eq!(status.payload["status"], "online");
}
