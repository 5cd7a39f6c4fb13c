//! Messages as they go to the broker: topic, JSON, quality of service.

use heapless::String;
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    Node, Reading, Report, ReportKind, Value,
    config::{Config, MAX_SENSORS, Sensor},
    topic::MAX_TOPIC as TOPIC,
};

pub use crate::topic::MAX_TOPIC;

/// Room that the longest payload needs: a summary of 16 climate sensors with names of full length.
pub const MAX_PAYLOAD: usize = 2 * MAX_SENSORS * 84 + 256;

/// Room that [`offline`] needs with a name of full length.
pub const MAX_OFFLINE: usize = 128;

/// What the broker promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QoS {
    /// Readings: the next one follows.
    AtMostOnce,
    /// Status: must arrive.
    AtLeastOnce,
}

/// A message that only has to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// Where to.
    pub topic: String<TOPIC>,
    /// JSON.
    pub payload: &'a [u8],
    /// How surely.
    pub qos: QoS,
    /// Whether the broker keeps it for those who subscribe later.
    pub retain: bool,
}

#[derive(Serialize)]
struct ReadingMessage<'a> {
    value: Option<f32>,
    unit: &'static str,
    quality: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
    sensor: &'a str,
    node: &'a str,
    time_ms: Option<u64>,
    uptime_ms: u64,
    sequence: u32,
}

#[derive(Serialize)]
struct StatusMessage<'a> {
    status: &'static str,
    node: &'a str,
    version: &'static str,
    sensors: usize,
    connects: u32,
    waiting: usize,
    dropped: u32,
    time_ms: Option<u64>,
    uptime_ms: u64,
    sequence: u32,
}

/// A flat object whose members' names come from the configuration.
struct SummaryMessage<'a> {
    config: &'a Config,
    values: &'a [Option<Value>],
    time_ms: Option<u64>,
    sequence: u32,
}

impl Serialize for SummaryMessage<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let kinds = self.config.sensors.iter().flat_map(Sensor::quantities);
        for ((_, kind), value) in kinds.zip(self.values) {
            map.serialize_entry(kind, &value.map(Value::to_f32))?;
        }
        map.serialize_entry("node", self.config.node.as_str())?;
        map.serialize_entry("time_ms", &self.time_ms)?;
        map.serialize_entry("sequence", &self.sequence)?;
        map.end()
    }
}

/// Makes `report` of `node` ready to be sent. `None` if its topic is switched off, or if `buffer` is shorter than
/// [`MAX_PAYLOAD`] and too short for it.
pub fn render<'a>(node: &Node<'_>, report: &Report, buffer: &'a mut [u8]) -> Option<Message<'a>> {
    let config = node.config();
    let time_ms = node.unix_ms(report.at);
    let Report { sequence, .. } = *report;
    let (topic, length, qos, retain) = match &report.kind {
        ReportKind::Reading(reading) => {
            let Reading {
                sensor,
                quantity,
                outcome,
                ..
            } = *reading;
            let message = ReadingMessage {
                value: outcome.ok().map(Value::to_f32),
                unit: quantity.unit(),
                quality: reading.quality().as_str(),
                fault: outcome.err().map(crate::Fault::as_str),
                sensor: &config.sensors.get(usize::from(sensor.0))?.name,
                node: &config.node,
                time_ms,
                uptime_ms: report.at.as_ticks(),
                sequence,
            };
            let topic = config.reading_topic(sensor, quantity)?;
            (
                topic,
                serde_json_core::to_slice(&message, buffer).ok()?,
                QoS::AtMostOnce,
                false,
            )
        }
        ReportKind::Summary(values) => {
            let message = SummaryMessage {
                config,
                values,
                time_ms,
                sequence,
            };
            (
                config.summary_topic()?,
                serde_json_core::to_slice(&message, buffer).ok()?,
                QoS::AtMostOnce,
                false,
            )
        }
        ReportKind::Online => {
            let message = StatusMessage {
                status: "online",
                node: &config.node,
                version: env!("CARGO_PKG_VERSION"),
                sensors: config.sensors.len(),
                connects: node.connects(),
                waiting: node.waiting(),
                dropped: node.dropped(),
                time_ms,
                uptime_ms: report.at.as_ticks(),
                sequence,
            };
            let topic = config.status_topic()?;
            (
                topic,
                serde_json_core::to_slice(&message, buffer).ok()?,
                QoS::AtLeastOnce,
                true,
            )
        }
    };
    let payload = buffer.get(..length)?;
    Some(Message {
        topic,
        payload,
        qos,
        retain,
    })
}

/// The message that says that the node is gone: sent on a clean end, and by the broker after any other.
pub fn offline<'a>(config: &Config, buffer: &'a mut [u8]) -> Option<Message<'a>> {
    #[derive(Serialize)]
    struct Offline<'a> {
        status: &'static str,
        node: &'a str,
    }
    let topic = config.status_topic()?;
    let message = Offline {
        status: "offline",
        node: &config.node,
    };
    let length = serde_json_core::to_slice(&message, buffer).ok()?;
    Some(Message {
        topic,
        payload: buffer.get(..length)?,
        qos: QoS::AtLeastOnce,
        retain: true,
    })
}
