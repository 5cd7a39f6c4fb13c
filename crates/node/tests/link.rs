//! The link to the broker, byte by byte, in a time that only the test moves.

// To panic is how a test fails, in its helpers, too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    net::SocketAddr,
    rc::Rc,
    task::Poll,
};

use node::{
    Clock, Memory, Network, Notice, Requests, Sensors,
    node_core::{Config, Instant, Node, Sample},
    run,
};
use quantity::MilliCelsius;
use support::{Door, Ending, Net, Packet, Stack, Turn, play};

const CONNACK: &[u8] = &[0x20, 0x03, 0x00, 0x00, 0x00];

const CONFIG: &str = r#"{
    "node": "n1", "farm": "f", "zone": "z",
    "broker": { "host": "10.0.0.1", "port": 1884 },
    "topics": { "summary": "" },
    "sensors": [{ "name": "reservoir", "device": "ds18b20", "interval_s": 20 }]
}"#;

/// A sensor that counts the times it was sampled, in degrees.
struct Counting(i32);

impl Sensors for Counting {
    async fn serve(&mut self, _: &impl Clock, requests: &Requests<'_>) -> ! {
        loop {
            for sensor in requests.next(|_| true).await {
                self.0 += 1;
                requests.answer(sensor, Ok(Sample::Temperature(MilliCelsius::new(self.0 * 1000))));
            }
        }
    }
}

/// What the node told its board, as text.
type Told = Rc<RefCell<Vec<String>>>;

struct Scene {
    net: Rc<Net>,
    told: Told,
    stop: Rc<Cell<bool>>,
    config: String,
}

impl Scene {
    fn new(door: Door) -> Self {
        Self {
            net: Net::new(door),
            told: Told::default(),
            stop: Rc::default(),
            config: CONFIG.into(),
        }
    }

    fn configured(mut self, from: &str, to: &str) -> Self {
        self.config = self.config.replacen(from, to, 1);
        self
    }

    fn play(&self, script: impl FnMut(&Net) -> Turn) -> Ending {
        let config = Config::from_json(self.config.as_bytes()).unwrap();
        let stack = Stack(self.net.clone());
        let hand = &*self.net.hand;
        let mut memory = Memory::new();
        let stop = poll_fn(|_| {
            if self.stop.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        let node = Node::new(&config, hand.now());
        let mut sensors = Counting(0);
        let told = self.told.clone();
        let network = Network {
            stack: &stack,
            clock: hand,
        };
        let running = run(
            node,
            hand,
            &mut sensors,
            network,
            &mut memory,
            move |now, notice| {
                if !matches!(notice, Notice::Sampled(..)) {
                    told.borrow_mut()
                        .push(format!("{} {}", now.as_ticks(), describe(&notice)));
                }
            },
            stop,
        );
        play(&self.net, running, script)
    }

    fn told(&self) -> Vec<String> {
        self.told.borrow().clone()
    }
}

fn describe(notice: &Notice<'_>) -> String {
    match notice {
        Notice::Connected => "connected".into(),
        Notice::Disconnected(error) => format!("disconnected: {error}"),
        Notice::Published(message) => format!("published {}", message.topic),
        other => format!("{other:?}"),
    }
}

/// A broker that accepts the node and acknowledges what it publishes, and keeps it.
#[derive(Default)]
struct Broker {
    packets: Vec<Packet>,
}

impl Broker {
    fn serve(&mut self, net: &Net) -> bool {
        let Some(packet) = net.packet() else { return false };
        match packet.first >> 4 {
            1 => net.send(CONNACK),
            3 => {
                if let Some([high, low]) = packet.publish().id {
                    net.send(&[0x40, 0x02, high, low]);
                }
            }
            _ => {}
        }
        self.packets.push(packet);
        true
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn the_node_introduces_itself_with_its_last_will() {
    let scene = Scene::new(Door::Open);
    let mut connect = None;
    scene.play(|net| match net.packet() {
        Some(packet) => {
            connect = Some(packet);
            Turn::Stop
        }
        None => Turn::Wait,
    });
    let connect = connect.unwrap();
    assert_eq!(connect.first, 0x10);
    // MQTT 5; clean start, will, will QoS 1, will retained; keep alive 30 s.
    assert_eq!(
        connect.body[..10],
        [0x00, 0x04, b'M', b'Q', b'T', b'T', 0x05, 0x2E, 0x00, 0x1E]
    );
    assert!(contains(&connect.body, b"\x00\x02n1"));
    assert!(contains(&connect.body, b"\x00\x15farm/f/node/n1/status"));
    assert!(contains(&connect.body, br#"{"status":"offline","node":"n1"}"#));
    let addresses: Vec<_> = scene
        .net
        .attempts
        .borrow()
        .iter()
        .map(|attempt| attempt.1)
        .collect();
    assert_eq!(addresses, [SocketAddr::from(([10, 0, 0, 1], 1884))]);
}

#[test]
fn user_and_password_are_sent() {
    let scene = Scene::new(Door::Open).configured(
        r#""port": 1884"#,
        r#""port": 1884, "user": "grower", "password": "secret""#,
    );
    let mut connect = None;
    scene.play(|net| match net.packet() {
        Some(packet) => {
            connect = Some(packet);
            Turn::Stop
        }
        None => Turn::Wait,
    });
    let connect = connect.unwrap();
    assert_eq!(
        connect.body[7], 0xEE,
        "user, password, will retained, QoS 1, will, clean start"
    );
    assert!(connect.body.ends_with(b"\x00\x06grower\x00\x06secret"));
}

#[test]
fn a_host_name_is_resolved() {
    let scene = Scene::new(Door::Open).configured("10.0.0.1", "broker.local");
    scene.play(|net| {
        if net.attempts.borrow().is_empty() {
            Turn::Wait
        } else {
            Turn::Stop
        }
    });
    assert_eq!(
        scene.net.attempts.borrow()[0].1,
        SocketAddr::from(([10, 0, 0, 9], 1884))
    );
}

#[test]
fn a_name_that_nobody_knows_is_told() {
    let scene = Scene::new(Door::Nameless).configured("10.0.0.1", "broker.local");
    scene.play(|_| {
        if scene.told().is_empty() {
            Turn::Wait
        } else {
            Turn::Stop
        }
    });
    assert_eq!(
        scene.told(),
        ["0 disconnected: the host's name cannot be resolved (NotFound)"]
    );
}

#[test]
fn an_absent_broker_is_tried_again_ever_more_slowly() {
    let scene = Scene::new(Door::Closed);
    scene.play(|net| {
        if net.attempts.borrow().len() < 8 {
            Turn::Wait
        } else {
            Turn::Stop
        }
    });
    let times: Vec<_> = scene
        .net
        .attempts
        .borrow()
        .iter()
        .map(|attempt| attempt.0)
        .collect();
    assert_eq!(times, [0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]);
    assert_eq!(
        scene.told()[0],
        "0 disconnected: nothing answers there (ConnectionRefused)"
    );
}

#[test]
fn a_connection_that_is_neither_opened_nor_refused_is_given_up_after_ten_seconds() {
    let scene = Scene::new(Door::Dead);
    scene.play(|_| {
        if scene.told().is_empty() {
            Turn::Wait
        } else {
            Turn::Stop
        }
    });
    assert_eq!(scene.told(), ["10000 disconnected: no answer within 10 s"]);
}

#[test]
fn a_broker_that_accepts_and_says_nothing_is_given_up_after_ten_seconds() {
    let scene = Scene::new(Door::Open);
    scene.play(|_| {
        if scene.told().is_empty() {
            Turn::Wait
        } else {
            Turn::Stop
        }
    });
    assert_eq!(scene.told(), ["10000 disconnected: no answer within 10 s"]);
    assert!(scene.net.line.borrow().borrow().dropped);
}

#[test]
fn a_refusal_is_told_with_its_reason() {
    for (code, line) in [
        (
            0x86,
            "0 disconnected: the broker does not accept the user or the password",
        ),
        (0x84, "0 disconnected: the broker does not speak MQTT 5"),
        (
            0x97,
            "0 disconnected: the broker refused with MQTT reason code 0x97",
        ),
    ] {
        let scene = Scene::new(Door::Open);
        scene.play(|net| match net.packet() {
            Some(_) => {
                net.send(&[0x20, 0x03, 0x00, code, 0x00]);
                Turn::Again
            }
            None if scene.told().is_empty() => Turn::Wait,
            None => Turn::Stop,
        });
        assert_eq!(scene.told(), [line]);
    }
}

#[test]
fn a_broker_of_another_mqtt_is_told_apart() {
    // What MQTT 3.1.1 answers to a protocol level that it does not know, and then hangs up; and a web server.
    for answer in [
        &[0x20, 0x02, 0x00, 0x01][..],
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"",
    ] {
        let scene = Scene::new(Door::Open);
        scene.play(|net| match net.packet() {
            Some(_) => {
                net.send(answer);
                net.cut();
                Turn::Again
            }
            None if scene.told().is_empty() => Turn::Wait,
            None => Turn::Stop,
        });
        assert_eq!(
            scene.told(),
            ["0 disconnected: what answers there does not speak MQTT 5"]
        );
    }
}

#[test]
fn readings_go_once_and_the_status_is_kept_and_acknowledged() {
    let scene = Scene::new(Door::Open);
    let mut broker = Broker::default();
    scene.play(|net| match broker.serve(net) {
        true => Turn::Again,
        false if net.hand.ms() < 20_001 => Turn::Wait,
        false => Turn::Stop,
    });
    let mut published: Vec<_> = broker.packets.iter().skip(1).map(Packet::publish).collect();
    // Which of the first reading and the first status is first depends on which service is looked at first.
    published.sort_by_key(|publish| publish.qos);
    let [first, second, status] = &published[..] else {
        panic!("{published:#?}")
    };
    assert_eq!(
        (first.topic.as_str(), first.qos, first.retain),
        ("farm/f/zone/z/temperature", 0, false)
    );
    assert!(first.payload.starts_with(r#"{"value":1.0,"#) && first.payload.contains(r#""uptime_ms":0,"#));
    assert!(
        second.payload.starts_with(r#"{"value":2.0,"#) && second.payload.contains(r#""uptime_ms":20000,"#)
    );
    assert_eq!(
        (status.topic.as_str(), status.qos, status.retain),
        ("farm/f/node/n1/status", 1, true)
    );
    assert!(status.payload.starts_with(r#"{"status":"online","node":"n1","#));
}

#[test]
fn what_is_measured_while_the_broker_is_away_is_delivered_later_in_order() {
    let scene = Scene::new(Door::Closed);
    let mut broker = Broker::default();
    scene.play(|net| {
        if net.hand.ms() == 100_000 {
            net.door.set(Door::Open);
        }
        match broker.serve(net) {
            true => Turn::Again,
            false if net.hand.ms() < 130_000 => Turn::Wait,
            false => Turn::Stop,
        }
    });
    let published: Vec<_> = broker.packets.iter().skip(1).map(Packet::publish).collect();
    let readings: Vec<_> = published.iter().filter(|publish| publish.qos == 0).collect();
    assert_eq!(readings.len(), 7);
    for (publish, n) in readings.iter().zip(0..) {
        let value = format!(r#"{{"value":{}.0,"#, n + 1);
        let time = format!(r#""uptime_ms":{},"#, n * 20_000);
        assert!(
            publish.payload.starts_with(&value) && publish.payload.contains(&time),
            "{publish:?}"
        );
    }
    assert_eq!(published.len(), 8, "and one status");
}

#[test]
fn a_connection_that_breaks_between_two_messages_is_made_again_after_a_second_and_nothing_is_lost() {
    let scene = Scene::new(Door::Open);
    let mut broker = Broker::default();
    let mut cut = false;
    scene.play(|net| {
        if net.hand.ms() == 30_000 && !cut {
            cut = true;
            net.cut();
            return Turn::Again;
        }
        match broker.serve(net) {
            true => Turn::Again,
            false if net.hand.ms() < 50_000 => Turn::Wait,
            false => Turn::Stop,
        }
    });
    let times: Vec<_> = scene
        .net
        .attempts
        .borrow()
        .iter()
        .map(|attempt| attempt.0)
        .collect();
    assert_eq!(times, [0, 31_000]);
    assert!(
        scene
            .told()
            .contains(&"30000 disconnected: the connection broke (ConnectionReset)".into()),
        "{:?}",
        scene.told()
    );
    let readings = broker.packets.iter().filter(|packet| packet.first == 0x30);
    let values: Vec<_> = readings
        .map(|packet| packet.publish().payload[..12].to_owned())
        .collect();
    assert_eq!(values, [r#"{"value":1.0"#, r#"{"value":2.0"#, r#"{"value":3.0"#]);
    let online = broker
        .packets
        .iter()
        .filter(|packet| packet.first == 0x33)
        .map(|packet| packet.publish().payload);
    let connects: Vec<_> = online
        .map(|payload| payload.contains(r#""connects":2"#))
        .collect();
    assert_eq!(connects, [false, true]);
}

#[test]
fn an_acknowledgement_that_does_not_come_ends_the_connection_and_the_status_is_sent_again() {
    let scene = Scene::new(Door::Open);
    let mut statuses = Vec::new();
    scene.play(|net| {
        let Some(packet) = net.packet() else {
            return if net.hand.ms() < 13_000 {
                Turn::Wait
            } else {
                Turn::Stop
            };
        };
        match packet.first >> 4 {
            1 => net.send(CONNACK),
            3 if packet.publish().qos == 1 => statuses.push(packet.publish()),
            _ => {}
        }
        Turn::Again
    });
    let [first, second] = &statuses[..] else {
        panic!("{statuses:#?}")
    };
    assert!(first.payload.contains(r#""uptime_ms":0,"#), "{first:?}");
    assert!(
        second.payload.contains(r#""uptime_ms":11000,"#),
        "what was true of the lost connection is not said of this one"
    );
    assert!(
        scene
            .told()
            .contains(&"10000 disconnected: no answer within 10 s".into()),
        "{:?}",
        scene.told()
    );
}

#[test]
fn stopping_says_goodbye() {
    let scene = Scene::new(Door::Open);
    let mut broker = Broker::default();
    let ending = scene.play(|net| {
        if net.hand.ms() == 5_000 {
            scene.stop.set(true);
        }
        if broker.serve(net) {
            Turn::Again
        } else {
            Turn::Wait
        }
    });
    assert_eq!(ending, Ending::Returned);
    broker.serve(&scene.net);
    let [.., goodbye, disconnect] = &broker.packets[..] else {
        panic!("too few")
    };
    let goodbye = goodbye.publish();
    assert_eq!(goodbye.payload, r#"{"status":"offline","node":"n1"}"#);
    assert_eq!((goodbye.qos, goodbye.retain), (1, true));
    assert_eq!(disconnect.first, 0xE0);
}

#[test]
fn stopping_while_there_is_no_broker_ends_at_once() {
    for door in [Door::Closed, Door::Dead, Door::Open] {
        let scene = Scene::new(door);
        let ending = scene.play(|net| {
            scene.stop.set(net.hand.ms() >= 500);
            Turn::Wait
        });
        assert_eq!(ending, Ending::Returned);
        assert!(
            scene.net.hand.ms() <= 501,
            "{door:?} took {} ms",
            scene.net.hand.ms()
        );
    }
}

#[test]
fn stopping_does_not_wait_longer_than_ten_seconds_for_the_last_acknowledgement() {
    let scene = Scene::new(Door::Open);
    let mut broker = Broker::default();
    let ending = scene.play(|net| {
        if net.hand.ms() < 5_000 {
            return if broker.serve(net) {
                Turn::Again
            } else {
                Turn::Wait
            };
        }
        if scene.stop.replace(true) {
            Turn::Wait
        } else {
            Turn::Again
        }
    });
    assert_eq!(ending, Ending::Returned);
    assert_eq!(scene.net.hand.ms(), 15_000);
}

#[test]
fn an_empty_status_topic_means_no_last_will() {
    let scene = Scene::new(Door::Open).configured(r#""summary": """#, r#""summary": "", "status": """#);
    let mut broker = Broker::default();
    scene.play(|net| match broker.serve(net) {
        true => Turn::Again,
        false if net.hand.ms() < 10 => Turn::Wait,
        false => Turn::Stop,
    });
    assert_eq!(broker.packets[0].body[7], 0x02, "clean start and nothing else");
    assert_eq!(broker.packets.len(), 2, "one reading");
}

/// Time that runs away: it is always already as late as anybody waits for.
struct Runaway(Rc<support::Hand>, Cell<u64>);

impl Clock for Runaway {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.1.get())
    }

    async fn wait_until(&self, at: Instant) {
        self.1.set(self.1.get().max(at.as_ticks()));
    }
}

#[test]
fn sensors_that_are_always_due_keep_the_link_neither_from_working_nor_from_ending() {
    let scene = Scene::new(Door::Open);
    let config = Config::from_json(scene.config.as_bytes()).unwrap();
    let stack = Stack(scene.net.clone());
    let runaway = Runaway(scene.net.hand.clone(), Cell::new(0));
    let mut broker = Broker::default();
    let mut memory = Memory::new();
    let mut sensors = Counting(0);
    let running = run(
        Node::new(&config, Instant::from_ticks(0)),
        &runaway,
        &mut sensors,
        Network {
            stack: &stack,
            clock: &*runaway.0,
        },
        &mut memory,
        |_, _| {},
        poll_fn(|_| {
            if scene.stop.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }),
    );
    let mut looks = 0;
    let ending = play(&scene.net, running, |net| {
        looks += 1;
        scene.stop.set(looks > 100);
        if broker.serve(net) {
            Turn::Again
        } else {
            Turn::Wait
        }
    });
    assert_eq!(ending, Ending::Returned);
    while broker.serve(&scene.net) {}
    assert!(
        broker
            .packets
            .iter()
            .filter(|packet| packet.first == 0x30)
            .count()
            > 10
    );
    assert_eq!(broker.packets.last().map(|packet| packet.first), Some(0xE0));
}
