//! The node's configuration: one schema for every board, read from JSON.
//!
//! ```
//! # fn main() -> Result<(), node_core::ConfigError> {
//! let config = node_core::Config::from_json(
//!     br#"{
//!         "node": "hydro-node-01", "farm": "farm1", "zone": "zone1",
//!         "broker": { "host": "192.168.1.10" },
//!         "sensors": [
//!             { "name": "reservoir", "device": "ds18b20", "address": "28-00000bbb9b13" },
//!             { "name": "canopy", "device": "dht22" }
//!         ]
//!     }"#,
//! )?;
//! assert_eq!(config.broker.port, 1883);
//! assert_eq!(config.sensors.len(), 2);
//! # Ok(())
//! # }
//! ```

use core::fmt;

use fugit::MillisDurationU32;
use heapless::{String, Vec};
use one_wire::Rom;

mod file;

use crate::{
    Quantity, SensorId,
    topic::{self, Fields, MAX_TOPIC, TemplateError},
};

/// Most sensors that one node reads.
pub const MAX_SENSORS: usize = 16;
/// Longest name, host, user or password in bytes.
pub const MAX_TEXT: usize = 64;

/// A name, host or topic level.
pub type Text = String<MAX_TEXT>;

/// A text that never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Text);

impl Secret {
    /// Hides `text`.
    pub const fn new(text: Text) -> Self {
        Self(text)
    }

    /// The text, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"…\"")
    }
}

/// The broker and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// Host name or address.
    pub host: Text,
    /// TCP port; 1883 unless given.
    pub port: u16,
    /// User name, if the broker asks for one.
    pub user: Option<Text>,
    /// Password, if the broker asks for one.
    pub password: Option<Secret>,
}

/// The kind of sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// Any temperature sensor of the DS18B20 family.
    Ds18b20,
    /// DHT11.
    Dht11,
    /// DHT12 on its single wire.
    Dht12,
    /// DHT21, AM2301.
    Dht21,
    /// DHT22, AM2302.
    Dht22,
}

impl Device {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "ds18b20" => Self::Ds18b20,
            "dht11" => Self::Dht11,
            "dht12" => Self::Dht12,
            "dht21" => Self::Dht21,
            "dht22" => Self::Dht22,
            _ => return None,
        })
    }

    const fn is_climate(self) -> bool {
        !matches!(self, Self::Ds18b20)
    }

    /// Shortest interval between two samplings: a DHT measures no faster, and a DS18B20 takes 750 ms.
    const fn min_interval_s(self) -> u32 {
        if self.is_climate() { 2 } else { 1 }
    }
}

/// Where a temperature sensor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// In water: reservoir, inlet, outlet.
    Water,
    /// In air.
    Air,
}

impl Medium {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "water" => Self::Water,
            "air" => Self::Air,
            _ => return None,
        })
    }
}

/// One sensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sensor {
    /// Its name, unique in the node.
    pub name: Text,
    /// What it is.
    pub device: Device,
    /// Its ROM code; without one it is the only device on its wire.
    pub rom: Option<Rom>,
    /// What its temperature is the temperature of.
    pub medium: Medium,
    /// Its temperature's kind in topics and in the summary.
    pub kind: Text,
    /// Its humidity's kind, if it measures that.
    pub humidity_kind: Option<Text>,
    /// Time between two samplings.
    pub interval: MillisDurationU32,
}

impl Sensor {
    /// What this sensor measures, and under which kind it is published.
    pub fn quantities(&self) -> impl Iterator<Item = (Quantity, &str)> {
        let temperature = match self.medium {
            Medium::Water => Quantity::WaterTemperature,
            Medium::Air => Quantity::AirTemperature,
        };
        let humidity = self
            .humidity_kind
            .as_deref()
            .map(|kind| (Quantity::Humidity, kind));
        core::iter::once((temperature, self.kind.as_str())).chain(humidity)
    }
}

/// Topic templates; a field in braces is filled in. An empty template switches its messages off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// The summary of all sensors, on each publication interval.
    pub summary: String<MAX_TOPIC>,
    /// Every reading as it is taken.
    pub reading: String<MAX_TOPIC>,
    /// Whether the node is there: retained, and the broker's last will.
    pub status: String<MAX_TOPIC>,
}

/// The whole configuration, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Name of the node, and its MQTT client identifier: unique at the broker.
    pub node: Text,
    /// Name of the farm.
    pub farm: Text,
    /// Name of the zone.
    pub zone: Text,
    /// The broker.
    pub broker: Broker,
    /// Time between two summaries.
    pub summary_interval: MillisDurationU32,
    /// Topics.
    pub topics: Topics,
    /// Sensors, by [`SensorId`].
    pub sensors: Vec<Sensor, MAX_SENSORS>,
}

/// Where in the configuration an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Index in the list of sensors, if it is there.
    pub sensor: Option<SensorId>,
    /// Name of the field; empty for the sensor as a whole.
    pub name: &'static str,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sensor {
            Some(SensorId(index)) if self.name.is_empty() => write!(f, "sensors[{index}]"),
            Some(SensorId(index)) => write!(f, "sensors[{index}].{}", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It is not there, and has no default.
    Missing,
    /// It is there twice.
    Repeated,
    /// Not the name of a device or medium.
    UnknownName,
    /// This version of the schema is not known.
    Version,
    /// A name that cannot be one level of a topic: empty, or with `/`, `+`, `#`, braces, quotes, `\` or control
    /// characters.
    NotALevel,
    /// A name or kind that another sensor has.
    Duplicate,
    /// Not a 1-Wire ROM code, or one whose CRC is wrong.
    Address,
    /// A field that this device does not have.
    NotForThisDevice,
    /// Several sensors of this kind are on one wire, so each needs its address.
    AddressNeeded,
    /// Below what the device can do, or zero.
    TooShort,
    /// More than 24 hours.
    TooLong,
    /// An empty host name.
    Empty,
    /// Port zero.
    Port,
    /// A password without a user: MQTT has no such thing.
    PasswordWithoutUser,
    /// A template with a field that is not known there.
    UnknownTemplateField,
    /// A template without the field that keeps its messages apart.
    KindMissing,
    /// Its topic is also that of other messages.
    SameTopic,
    /// A template whose braces do not match, that has wildcards, or that begins with `$`.
    BadTopic,
    /// A topic longer than 128 bytes once it is filled in.
    TopicTooLong,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Repeated => "is there twice",
            Self::UnknownName => "is not one of those known: ds18b20, dht11, dht12, dht21, dht22; water, air",
            Self::Version => "this version of the configuration is not known; the current one is 1",
            Self::NotALevel => {
                r#"must be a name without '/', '+', '#', braces, '"', '\' or control characters"#
            }
            Self::Duplicate => "another sensor has the same",
            Self::Address => "is not a 1-Wire ROM code such as 28-00000bbb9b13, or its CRC is wrong",
            Self::NotForThisDevice => "this device does not have it",
            Self::AddressNeeded => "is needed, because there is more than one ds18b20",
            Self::TooShort => "is shorter than the sensor can measure",
            Self::TooLong => "is longer than a day",
            Self::Empty => "must not be empty",
            Self::Port => "must not be 0",
            Self::PasswordWithoutUser => "needs a user",
            Self::UnknownTemplateField => "has a field that is not farm, zone, node, sensor or kind",
            Self::KindMissing => "needs {kind}, or messages of different kinds become one",
            Self::SameTopic => "is also the topic of other messages",
            Self::BadTopic => "is not a topic: unmatched braces, wildcards or a leading '$'",
            Self::TopicTooLong => "becomes longer than 128 bytes",
        })
    }
}

/// Why a configuration is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not JSON, or not what belongs there: a text longer than it may be, a number out of its range or where a text
    /// belongs, or more than 16 sensors.
    Json {
        /// What was being read, if it was a field.
        field: Option<Field>,
        /// What is wrong with it.
        error: serde_json_core::de::Error,
    },
    /// A field that there is not: the first 64 bytes of its name, with that of its section before it.
    UnknownField {
        /// The sensor that has it, if it is one's.
        sensor: Option<SensorId>,
        /// Its name.
        name: Text,
    },
    /// A value that cannot be used.
    Field(Field, Problem),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json { field: None, error } => write!(f, "not a configuration in JSON: {error}"),
            Self::Json {
                field: Some(field),
                error,
            } => {
                write!(
                    f,
                    "{field} cannot be read, it is of another type or too long: {error}"
                )
            }
            Self::UnknownField { sensor: None, name } => write!(f, "there is no field '{name}'"),
            Self::UnknownField {
                sensor: Some(SensorId(index)),
                name,
            } => {
                write!(f, "there is no field 'sensors[{index}].{name}'")
            }
            Self::Field(field, problem) => write!(f, "{field} {problem}"),
        }
    }
}

impl core::error::Error for ConfigError {}

const VERSION: u32 = 1;
const DAY_S: u32 = 86_400;

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// [`ConfigError::Json`] names what is missing or unknown; [`ConfigError::Field`] names the field and what
    /// is wrong with it.
    pub fn from_json(json: &[u8]) -> Result<Self, ConfigError> {
        let mut unescaped = [0; MAX_TOPIC];
        let trail = file::Trail::default();
        let file = file::Root::read(json, &mut unescaped, &trail).map_err(|error| ConfigError::Json {
            field: trail.field(),
            error,
        })?;
        file.check()
    }

    /// Fills the template of the summary in; `None` if it is switched off.
    pub fn summary_topic(&self) -> Option<String<MAX_TOPIC>> {
        self.expand(&self.topics.summary, None, None)
    }

    /// Fills the template of the status in; `None` if it is switched off.
    pub fn status_topic(&self) -> Option<String<MAX_TOPIC>> {
        self.expand(&self.topics.status, None, None)
    }

    /// Fills the template of a reading in; `None` if it is switched off or there is no such quantity.
    pub fn reading_topic(&self, sensor: SensorId, quantity: Quantity) -> Option<String<MAX_TOPIC>> {
        let kind = self.kind(sensor, quantity)?;
        let name = &self.sensors.get(usize::from(sensor.0))?.name;
        self.expand(&self.topics.reading, Some(name), Some(kind))
    }

    /// The kind under which `quantity` of `sensor` is published.
    pub fn kind(&self, sensor: SensorId, quantity: Quantity) -> Option<&str> {
        self.sensors
            .get(usize::from(sensor.0))?
            .quantities()
            .find_map(|(measured, kind)| (measured == quantity).then_some(kind))
    }

    /// `None` only for an empty template: every other was expanded once when it was checked.
    fn expand(&self, template: &str, sensor: Option<&str>, kind: Option<&str>) -> Option<String<MAX_TOPIC>> {
        self.try_expand(template, sensor, kind).ok()
    }

    fn try_expand(
        &self,
        template: &str,
        sensor: Option<&str>,
        kind: Option<&str>,
    ) -> Result<String<MAX_TOPIC>, TemplateError> {
        let fields = Fields {
            farm: &self.farm,
            zone: &self.zone,
            node: &self.node,
            sensor,
            kind,
        };
        topic::expand(template, fields)
    }

    fn check_topics(&self) -> Result<(), ConfigError> {
        let expanded = |name, template: &str, sensor, kind| match template {
            "" => Ok(None),
            _ => match self.try_expand(template, sensor, kind) {
                Ok(topic) => Ok(Some(topic)),
                Err(error) => Err(fault(None, name, Problem::from(error))),
            },
        };
        let Topics {
            summary,
            reading,
            status,
        } = &self.topics;
        let summary = expanded("topics.summary", summary, None, None)?;
        let status = expanded("topics.status", status, None, None)?;
        if summary.is_some() && summary == status {
            return Err(fault(None, "topics.status", Problem::SameTopic));
        }
        if !reading.is_empty() && !reading.contains("{kind}") {
            return Err(fault(None, "topics.reading", Problem::KindMissing));
        }
        for sensor in &self.sensors {
            for (_, kind) in sensor.quantities() {
                let topic = expanded("topics.reading", reading, Some(sensor.name.as_str()), Some(kind))?;
                if topic.is_some() && [&summary, &status].contains(&&topic) {
                    return Err(fault(None, "topics.reading", Problem::SameTopic));
                }
            }
        }
        Ok(())
    }
}

fn fault(sensor: Option<usize>, name: &'static str, problem: Problem) -> ConfigError {
    ConfigError::Field(
        Field {
            sensor: sensor_id(sensor),
            name,
        },
        problem,
    )
}

/// The list holds at most 16, so the index fits.
fn sensor_id(index: Option<usize>) -> Option<SensorId> {
    index.and_then(|index| u8::try_from(index).ok()).map(SensorId)
}

impl From<TemplateError> for Problem {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::UnknownField => Self::UnknownTemplateField,
            TemplateError::TooLong => Self::TopicTooLong,
            TemplateError::Unclosed | TemplateError::Wildcard => Self::BadTopic,
        }
    }
}

fn required<T>(value: Option<T>, name: &'static str) -> Result<T, ConfigError> {
    value.ok_or(fault(None, name, Problem::Missing))
}

/// Refuses a section with a field that there is not, or with one twice.
fn known(
    sensor: Option<usize>,
    unknown: Option<Text>,
    repeated: Option<&'static str>,
) -> Result<(), ConfigError> {
    if let Some(name) = unknown {
        return Err(ConfigError::UnknownField {
            sensor: sensor_id(sensor),
            name,
        });
    }
    repeated.map_or(Ok(()), |name| Err(fault(sensor, name, Problem::Repeated)))
}

impl file::Broker {
    fn check(self) -> Result<Broker, ConfigError> {
        known(None, self.unknown, self.repeated)?;
        let host = required(self.host, "broker.host")?;
        let port = self.port.unwrap_or(1883);
        let fault = |name, problem| Err(fault(None, name, problem));
        if host.is_empty() {
            return fault("broker.host", Problem::Empty);
        }
        if port == 0 {
            return fault("broker.port", Problem::Port);
        }
        if self.password.is_some() && self.user.is_none() {
            return fault("broker.password", Problem::PasswordWithoutUser);
        }
        Ok(Broker {
            host,
            port,
            user: self.user,
            password: self.password.map(Secret),
        })
    }
}

impl file::Root {
    fn check(self) -> Result<Config, ConfigError> {
        known(None, self.unknown, self.repeated)?;
        if self.version.unwrap_or(VERSION) != VERSION {
            return Err(fault(None, "version", Problem::Version));
        }
        let level = |value, name| {
            let text: Text = required(value, name)?;
            if topic::is_level(&text) {
                Ok(text)
            } else {
                Err(fault(None, name, Problem::NotALevel))
            }
        };
        let (node, farm, zone) = (
            level(self.node, "node")?,
            level(self.farm, "farm")?,
            level(self.zone, "zone")?,
        );
        let broker = required(self.broker, "broker")?.check()?;
        let topics = self.topics.unwrap_or_default();
        known(None, topics.unknown, topics.repeated)?;
        let summary_interval_s = self.summary_interval_s.unwrap_or(60);
        let summary_interval =
            seconds(summary_interval_s, 1).map_err(|problem| fault(None, "summary_interval_s", problem))?;

        let list = required(self.sensors, "sensors")?;
        let probes = list
            .iter()
            .filter(|sensor| sensor.device.as_deref() == Some("ds18b20"))
            .count();
        let mut sensors: Vec<Sensor, MAX_SENSORS> = Vec::new();
        for (index, sensor) in list.into_iter().enumerate() {
            known(Some(index), sensor.unknown.clone(), sensor.repeated)?;
            let sensor = sensor
                .check(summary_interval_s, probes, &sensors)
                .map_err(|(name, problem)| fault(Some(index), name, problem))?;
            // Both lists have the same capacity.
            let _ = sensors.push(sensor);
        }

        let config = Config {
            node,
            farm,
            zone,
            broker,
            summary_interval,
            topics: Topics {
                summary: topics.summary.unwrap_or_else(|| text("farm/{zone}/sensors")),
                reading: topics
                    .reading
                    .unwrap_or_else(|| text("farm/{farm}/zone/{zone}/{kind}")),
                status: topics
                    .status
                    .unwrap_or_else(|| text("farm/{farm}/node/{node}/status")),
            },
            sensors,
        };
        config.check_topics()?;
        Ok(config)
    }
}

impl file::Sensor {
    fn check(
        self,
        default_interval_s: u32,
        probes: usize,
        before: &[Sensor],
    ) -> Result<Sensor, (&'static str, Problem)> {
        let name = self.name.ok_or(("name", Problem::Missing))?;
        let device = self.device.ok_or(("device", Problem::Missing))?;
        let device = Device::from_name(&device).ok_or(("device", Problem::UnknownName))?;
        let medium = match &self.medium {
            Some(medium) => Some(Medium::from_name(medium).ok_or(("medium", Problem::UnknownName))?),
            None => None,
        };
        let climate = device.is_climate();
        if !topic::is_level(&name) {
            return Err(("name", Problem::NotALevel));
        }
        if before.iter().any(|other| other.name == name) {
            return Err(("name", Problem::Duplicate));
        }
        if climate && self.address.is_some() {
            return Err(("address", Problem::NotForThisDevice));
        }
        if climate && medium == Some(Medium::Water) {
            return Err(("medium", Problem::NotForThisDevice));
        }
        if !climate && self.humidity_kind.is_some() {
            return Err(("humidity_kind", Problem::NotForThisDevice));
        }
        if !climate && self.address.is_none() && probes > 1 {
            return Err(("address", Problem::AddressNeeded));
        }
        let rom = match &self.address {
            None => None,
            Some(address) => Some(address.parse().map_err(|_| ("address", Problem::Address))?),
        };
        if rom.is_some() && before.iter().any(|other| other.rom == rom) {
            return Err(("address", Problem::Duplicate));
        }
        let medium = medium.unwrap_or(if climate { Medium::Air } else { Medium::Water });
        let kind = self.kind.unwrap_or_else(|| match medium {
            Medium::Water => text("temperature"),
            Medium::Air => text("air_temperature"),
        });
        let humidity_kind = climate.then(|| self.humidity_kind.unwrap_or_else(|| text("humidity")));
        let interval = match self.interval_s {
            Some(interval_s) => interval_s,
            None => default_interval_s.max(device.min_interval_s()),
        };
        let interval =
            seconds(interval, device.min_interval_s()).map_err(|problem| ("interval_s", problem))?;
        let sensor = Sensor {
            name,
            device,
            rom,
            medium,
            kind,
            humidity_kind,
            interval,
        };

        if sensor.humidity_kind.as_ref() == Some(&sensor.kind) {
            return Err(("humidity_kind", Problem::Duplicate));
        }
        for ((_, kind), field) in sensor.quantities().zip(["kind", "humidity_kind"]) {
            // These are members of the summary beside the readings.
            let reserved = ["node", "time_ms", "sequence"].contains(&kind);
            let taken = before
                .iter()
                .flat_map(Sensor::quantities)
                .any(|(_, other)| other == kind);
            if !topic::is_level(kind) {
                return Err((field, Problem::NotALevel));
            }
            if reserved || taken {
                return Err((field, Problem::Duplicate));
            }
        }
        Ok(sensor)
    }
}

fn seconds(value: u32, min: u32) -> Result<MillisDurationU32, Problem> {
    match value {
        _ if value < min => Err(Problem::TooShort),
        _ if value > DAY_S => Err(Problem::TooLong),
        _ => Ok(MillisDurationU32::from_ticks(value * 1000)),
    }
}

/// A default; all of them are shorter than the smallest capacity.
fn text<const N: usize>(text: &str) -> String<N> {
    String::try_from(text).unwrap_or_default()
}
