//! The Cress node on a laptop: the code that the boards run, on simulated sensors and a real network.

mod args;
mod broker;
mod clock;
mod plant;

use std::{
    fs,
    io::{Write as _, stdout},
    net::{Ipv4Addr, TcpStream},
    process::{ExitCode, exit},
    time::SystemTime,
};

use anyhow::{Context as _, Result, bail};
use args::{BrokerUrl, Command, Options};
use clock::PacedClock;
use node::{Clock as _, EmbassyClock, LinkError, Memory, Network, Notice};
use node_core::{
    Config, Event, Instant, Node, Sample,
    config::{Broker, Secret, Text},
    telemetry::QoS,
};
use plant::Plant;

const BUILT_IN: &str = include_str!("../config.json");
const DAY_MS: u64 = 86_400_000;

fn main() -> ExitCode {
    match command() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cress-host-node: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command() -> Result<()> {
    match args::parse(lexopt::Parser::from_env())? {
        Command::Help => say(args::HELP.trim_end()),
        Command::Version => say(concat!("cress-host-node ", env!("CARGO_PKG_VERSION"))),
        Command::PrintConfig => say(BUILT_IN.trim_end()),
        Command::Run(options) => run(options)?,
    }
    Ok(())
}

/// Prints a line; whoever reads may stop reading at any time, and then nothing is left to do.
fn say(line: &str) {
    if writeln!(stdout(), "{line}").is_err() {
        exit(0);
    }
}

fn configuration(options: Options) -> Result<Config> {
    let mut config = match &options.config {
        None => Config::from_json(BUILT_IN.as_bytes()).context("the built-in configuration")?,
        Some(path) => {
            let json = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            Config::from_json(&json).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?
        }
    };
    match options.broker {
        Some(url) => config.broker = addressed(&url)?,
        // Whoever names no broker of another computer and has none here gets one.
        None if is_here(&config.broker) => {
            let wanted = config.broker.port;
            let answers = TcpStream::connect((Ipv4Addr::LOCALHOST, wanted)).is_ok();
            if !answers || options.config.is_none() {
                config.broker.port = broker::start(wanted)?;
                say(&format!(
                    "A broker of the node's own listens on 127.0.0.1:{}.",
                    config.broker.port
                ));
            }
        }
        None => {}
    }
    Ok(config)
}

fn is_here(broker: &Broker) -> bool {
    matches!(broker.host.as_str(), "127.0.0.1" | "localhost")
}

fn addressed(url: &BrokerUrl) -> Result<Broker> {
    let text = |text: &str| match Text::try_from(text) {
        Ok(text) => Ok(text),
        Err(_) => bail!("--broker: host, user and password may have 64 bytes each"),
    };
    Ok(Broker {
        host: text(&url.host)?,
        port: url.port,
        user: url.user.as_deref().map(text).transpose()?,
        password: url.password.as_deref().map(text).transpose()?.map(Secret::new),
    })
}

fn run(options: Options) -> Result<()> {
    let speed = options.speed;
    let config = configuration(options)?;
    let unix_ms = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .context("this computer's clock")?;
    let unix_ms = u64::try_from(unix_ms.as_millis()).context("this computer's clock")?;

    let time = sim::Clock::new();
    let mut plant = Plant::new(&config, &time, unix_ms % DAY_MS * 1_000_000);
    let clock = PacedClock::new(time, speed);
    let mut node = Node::new(&config, clock.now());
    node.handle(clock.now(), Event::TimeSet(unix_ms));

    let (interrupt, interrupted) = async_channel::bounded(1);
    ctrlc::set_handler(move || {
        // The second one does not wait for the broker.
        if interrupt.try_send(()).is_err() {
            exit(130);
        }
    })
    .context("cannot listen to Ctrl-C")?;

    introduce(&config, speed);
    let mut console = Console {
        config: &config,
        unix_ms,
        silenced: None,
    };
    let mut memory = Memory::new();
    async_io::block_on(node::run(
        node,
        &clock,
        &mut plant,
        Network {
            stack: &edge_nal_std::Stack::new(),
            clock: &EmbassyClock,
        },
        &mut memory,
        |now, notice| console.show(now, &notice),
        async {
            // Closed or not, it is the end.
            let _ = interrupted.recv().await;
        },
    ));
    say("Ended.");
    Ok(())
}

fn introduce(config: &Config, speed: u32) {
    let Broker { host, port, .. } = &config.broker;
    let watch = format!("mosquitto_sub -h {host} -p {port} -v -t '{}'", watched(config));
    say(&format!(
        "Node {} with {} simulated sensors, at {speed} times the speed of real time.",
        config.node,
        config.sensors.len()
    ));
    say(&format!("Watch it with:  {watch}"));
    say("Ctrl-C ends it.");
}

/// A topic filter for all that the node says: the first level of its topics, if they share one.
fn watched(config: &Config) -> String {
    let readings = config.sensors.iter().zip(0..).flat_map(|(sensor, index)| {
        sensor
            .quantities()
            .filter_map(move |(quantity, _)| config.reading_topic(node_core::SensorId(index), quantity))
    });
    let mut first = config
        .summary_topic()
        .into_iter()
        .chain(config.status_topic())
        .chain(readings)
        .map(|topic| topic.split('/').next().unwrap_or_default().to_owned());
    match first.next() {
        Some(level) if first.all(|other| other == level) => format!("{level}/#"),
        _ => "#".into(),
    }
}

/// Tells a person what the node does.
struct Console<'a> {
    config: &'a Config,
    /// Time of day at boot.
    unix_ms: u64,
    /// The error that was told last: an absent broker is worth one line, not one for each attempt.
    silenced: Option<LinkError>,
}

impl Console<'_> {
    fn show(&mut self, now: Instant, notice: &Notice<'_>) {
        let broker = &self.config.broker;
        let text = match notice {
            Notice::Sampled(name, Ok(Sample::Temperature(temperature))) => format!("{name}: {temperature}"),
            Notice::Sampled(name, Ok(Sample::Climate(temperature, humidity))) => {
                format!("{name}: {temperature}, {humidity}")
            }
            Notice::Sampled(name, Ok(sample)) => format!("{name}: {sample:?}"),
            Notice::Sampled(name, Err(error)) => format!("{name}: {error}"),
            Notice::Published(message) => {
                let qos = match message.qos {
                    QoS::AtMostOnce => 0,
                    QoS::AtLeastOnce => 1,
                };
                let payload = String::from_utf8_lossy(message.payload);
                format!("-> {} (QoS {qos}) {payload}", message.topic)
            }
            Notice::Connected => {
                self.silenced = None;
                format!("connected to mqtt://{}:{}", broker.host, broker.port)
            }
            Notice::Disconnected(error) => {
                if self.silenced.replace(*error) == Some(*error) {
                    return;
                }
                format!(
                    "no connection to mqtt://{}:{}: {error}; the node measures on and tries again",
                    broker.host, broker.port
                )
            }
            _ => return,
        };
        say(&format!("{}  {text}", self.time_of_day(now)));
    }

    fn time_of_day(&self, now: Instant) -> String {
        let seconds = (self.unix_ms + now.as_ticks()) % DAY_MS / 1000;
        format!(
            "{:02}:{:02}:{:02}Z",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}
