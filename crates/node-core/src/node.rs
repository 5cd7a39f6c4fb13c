//! The node's state: events in, actions out.

use heapless::{Deque, Vec};

use crate::{
    Config, Instant,
    config::MAX_SENSORS,
    reading::{Fault, Quality, Quantity, Reading, Sample, SensorId, Value},
    schedule::Periodic,
};

/// How many messages wait for the network before the oldest is given up.
pub const OUTBOX: usize = 64;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Time has passed.
    Tick,
    /// A sensor was sampled, as [`Action::Sample`] asked.
    Sampled(SensorId, Result<Sample, Fault>),
    /// The broker took the message with this sequence number.
    Delivered(u32),
    /// The message with this sequence number cannot be sent at all.
    Undeliverable(u32),
    /// The broker can be reached.
    LinkUp,
    /// The broker cannot be reached any more.
    LinkDown,
    /// The time of day is known: milliseconds since 1970-01-01T00:00:00Z.
    TimeSet(u64),
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Sample this sensor and answer with [`Event::Sampled`].
    Sample(SensorId),
}

/// A message for the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Counts up by one with every message since boot, so that a receiver sees what it missed.
    pub sequence: u32,
    /// When its contents were true.
    pub at: Instant,
    /// Its contents.
    pub kind: ReportKind,
}

/// The contents of a message.
// There is no allocator to box the large one with; the outbox takes 18 KB with it.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportKind {
    /// One reading, as it was taken.
    Reading(Reading),
    /// The last reading of every quantity of every sensor, in the order of the configuration: its value, if it was
    /// good and is not stale.
    Summary(Vec<Option<Value>, { 2 * MAX_SENSORS }>),
    /// The node is there.
    Online,
}

/// How long a summary waits for the samplings that fall on the same instant.
const SUMMARY_PATIENCE_MS: u64 = 10_000;

/// The node: what it is configured to do, and what it knows.
#[derive(Debug)]
pub struct Node<'c> {
    config: &'c Config,
    samplings: Vec<Periodic, MAX_SENSORS>,
    /// One place for each quantity of each sensor, in the order of the configuration.
    latest: Vec<Latest, { 2 * MAX_SENSORS }>,
    summary: Periodic,
    /// Samplings that were asked for and not answered, a bit for each sensor.
    outstanding: u16,
    outbox: Deque<Report, OUTBOX>,
    /// The message that is being sent.
    under_way: Option<u32>,
    sequence: u32,
    dropped: u32,
    connects: u32,
    /// Unix time of boot in milliseconds.
    epoch_ms: Option<u64>,
    now: Instant,
}

/// The last reading of a quantity.
#[derive(Debug)]
struct Latest {
    sensor: SensorId,
    quantity: Quantity,
    /// After how long without a new one it says nothing about now.
    stale_after_ms: u64,
    reading: Option<Reading>,
}

impl Latest {
    fn good(&self, now: Instant) -> Option<Value> {
        let reading = self
            .reading
            .filter(|reading| reading.quality() == Quality::Good)?;
        let age = now.as_ticks().saturating_sub(reading.at.as_ticks());
        if age > self.stale_after_ms {
            None
        } else {
            reading.outcome.ok()
        }
    }
}

impl<'c> Node<'c> {
    /// A node that has just booted at `now`.
    pub fn new(config: &'c Config, now: Instant) -> Self {
        let mut samplings = Vec::new();
        let mut latest = Vec::new();
        for (index, sensor) in (0..).zip(&config.sensors) {
            // The capacities are those of the configuration's list, twice as much for the quantities.
            let _ = samplings.push(Periodic::new(now, sensor.interval));
            for (quantity, _) in sensor.quantities() {
                let _ = latest.push(Latest {
                    sensor: SensorId(index),
                    quantity,
                    stale_after_ms: 3 * u64::from(sensor.interval.as_millis()),
                    reading: None,
                });
            }
        }
        Self {
            config,
            samplings,
            latest,
            summary: Periodic::new(now, config.summary_interval),
            outstanding: 0,
            outbox: Deque::new(),
            under_way: None,
            sequence: 0,
            dropped: 0,
            connects: 0,
            epoch_ms: None,
            now,
        }
    }

    /// The configuration.
    pub fn config(&self) -> &'c Config {
        self.config
    }

    /// Takes note of what happened at `now`. An instant before the last one is taken for the last one.
    pub fn handle(&mut self, now: Instant, event: Event) {
        self.now = self.now.max(now);
        match event {
            Event::Tick => {}
            Event::Sampled(sensor, outcome) => self.sampled(sensor, outcome),
            Event::Delivered(sequence) => {
                self.settle(sequence);
            }
            Event::Undeliverable(sequence) => {
                if self.settle(sequence) {
                    self.dropped = self.dropped.saturating_add(1);
                }
            }
            Event::LinkUp => {
                self.connects = self.connects.saturating_add(1);
                self.online();
            }
            Event::LinkDown => self.under_way = None,
            Event::TimeSet(unix_ms) => self.epoch_ms = Some(unix_ms.saturating_sub(self.now.as_ticks())),
        }
        self.summarise();
    }

    /// The next thing to do, until there is none. A sensor that has not answered yet is not asked again.
    pub fn next_action(&mut self) -> Option<Action> {
        let now = self.now;
        for (sensor, sampling) in (0..).map(SensorId).zip(&mut self.samplings) {
            if sampling.take(now) && self.outstanding & sensor.bit() == 0 {
                self.outstanding |= sensor.bit();
                return Some(Action::Sample(sensor));
            }
        }
        self.summarise();
        None
    }

    /// When [`Event::Tick`] is next needed, if nothing else happens.
    pub fn deadline(&self) -> Instant {
        let summary = match self.outstanding {
            0 => self.summary.due(),
            _ => self.patience_ends(),
        };
        self.samplings
            .iter()
            .map(Periodic::due)
            .fold(summary, Instant::min)
    }

    /// The oldest message that waits for the network. It stays until it is [delivered](Event::Delivered).
    pub fn outbox(&self) -> Option<&Report> {
        self.outbox.front()
    }

    /// The same, for sending: as long as it is under way it is not given up for want of room.
    pub fn take_up(&mut self) -> Option<&Report> {
        let report = self.outbox.front();
        self.under_way = report.map(|report| report.sequence);
        report
    }

    /// How many messages wait for the network.
    pub fn waiting(&self) -> usize {
        self.outbox.len()
    }

    /// How many messages were given up because the outbox was full.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    /// How many times the broker was reached since boot.
    pub fn connects(&self) -> u32 {
        self.connects
    }

    /// Time since boot at the last event.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// `at` in milliseconds since 1970, once the time of day is known: also for what was measured before.
    pub fn unix_ms(&self, at: Instant) -> Option<u64> {
        self.epoch_ms.map(|epoch| epoch.saturating_add(at.as_ticks()))
    }

    /// Makes the summary that is due: with the readings of this instant, not those of the last interval, unless a
    /// sensor keeps it waiting.
    fn summarise(&mut self) {
        let now = self.now;
        let unasked = self.samplings.iter().any(|sampling| sampling.due() <= now);
        let unanswered = self.outstanding != 0 && now < self.patience_ends();
        if unasked || unanswered {
            return;
        }
        if self.summary.take(now) {
            let values = self.latest.iter().map(|latest| latest.good(now)).collect();
            self.report(ReportKind::Summary(values));
        }
    }

    fn patience_ends(&self) -> Instant {
        Instant::from_ticks(self.summary.due().as_ticks().saturating_add(SUMMARY_PATIENCE_MS))
    }

    /// Takes the message that was being sent out of the outbox.
    fn settle(&mut self, sequence: u32) -> bool {
        let settled = self
            .outbox
            .front()
            .is_some_and(|report| report.sequence == sequence);
        if settled {
            self.outbox.pop_front();
            self.under_way = None;
        }
        settled
    }

    /// Says that the node is there: once for each connection, and only of the present one.
    fn online(&mut self) {
        let now = self.now;
        match self
            .outbox
            .iter_mut()
            .find(|report| report.kind == ReportKind::Online)
        {
            Some(waiting) => waiting.at = now,
            None => self.report(ReportKind::Online),
        }
    }

    fn sampled(&mut self, sensor: SensorId, outcome: Result<Sample, Fault>) {
        self.outstanding &= !sensor.bit();
        let at = self.now;
        let mut readings: Vec<Reading, 2> = Vec::new();
        for latest in self.latest.iter_mut().filter(|latest| latest.sensor == sensor) {
            let quantity = latest.quantity;
            let outcome = outcome.and_then(|sample| match (quantity, sample) {
                (Quantity::Humidity, Sample::Climate(_, humidity)) => Ok(Value::Humidity(humidity)),
                (Quantity::Humidity, Sample::Temperature(_)) => Err(Fault::Unsupported),
                (_, Sample::Climate(temperature, _) | Sample::Temperature(temperature)) => {
                    Ok(Value::Temperature(temperature))
                }
            });
            let reading = Reading {
                sensor,
                quantity,
                at,
                outcome,
            };
            latest.reading = Some(reading);
            // A sensor has at most two quantities.
            let _ = readings.push(reading);
        }
        for reading in readings {
            self.report(ReportKind::Reading(reading));
        }
    }

    fn report(&mut self, kind: ReportKind) {
        let wanted = match &kind {
            ReportKind::Reading(_) => !self.config.topics.reading.is_empty(),
            ReportKind::Summary(_) => !self.config.topics.summary.is_empty(),
            ReportKind::Online => !self.config.topics.status.is_empty(),
        };
        if !wanted {
            return;
        }
        let report = Report {
            sequence: self.sequence,
            at: self.now,
            kind,
        };
        self.sequence = self.sequence.wrapping_add(1);
        if self.outbox.is_full() {
            self.give_up_oldest();
        }
        // There is room now.
        let _ = self.outbox.push_back(report);
    }

    /// Makes room. What is being sent may still arrive, and the broker keeps the last word on being online for those
    /// who come later: these two stay.
    fn give_up_oldest(&mut self) {
        let mut kept: Vec<Report, 2> = Vec::new();
        while let Some(report) = self.outbox.pop_front() {
            let stays = self.under_way == Some(report.sequence) || report.kind == ReportKind::Online;
            if !stays || kept.push(report).is_err() {
                self.dropped = self.dropped.saturating_add(1);
                break;
            }
        }
        for report in kept.into_iter().rev() {
            // It stood there before.
            let _ = self.outbox.push_front(report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figure of the crate's README; on a 32-bit processor it is a little less.
    #[test]
    fn the_outbox_takes_18_kb() {
        let bytes = size_of::<Deque<Report, OUTBOX>>();
        assert!((17_500..18_500).contains(&bytes), "{bytes}");
    }
}
