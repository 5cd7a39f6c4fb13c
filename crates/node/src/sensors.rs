//! The sensors of a board, read through their drivers.

use core::{
    fmt::{self, Write as _},
    future::pending,
};

use dht22::asynch::Dht22;
use ds18b20::{Completion, Supply, asynch::Ds18b20, fugit::MicrosDurationU32};
use embassy_futures::join::{join_array, join3};
use embedded_hal::{
    delay::DelayNs as BlockingDelayNs,
    digital::{InputPin, OutputPin},
};
use embedded_hal_async::delay::DelayNs;
use heapless::{String, Vec};
use node_core::{
    Config, Fault, Instant, Sample, SensorId,
    config::{Device, MAX_SENSORS, Sensor},
};
use one_wire::{Rom, asynch::OneWire};

use crate::{Clock, Requests};

/// Whatever samples the sensors of the configuration.
pub trait Sensors {
    /// Samples what `requests` asks for, each sensor once for each time it is asked for, and answers every time.
    ///
    /// # Cancellation safety
    /// The node drops it only to end.
    async fn serve(&mut self, clock: &impl Clock, requests: &Requests<'_>) -> !;
}

/// Why a sensor gave no value: the driver's own fault.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SensorError {
    /// Of a temperature probe.
    Probe(ds18b20::Fault),
    /// Of the 1-Wire bus.
    Wire(one_wire::Fault),
    /// Of a humidity sensor.
    Climate(dht22::Fault),
    /// Of the board's pin, UART or bridge: as much of the error's text as there is room for.
    Bus(String<48>),
    /// The board has no place for this sensor.
    NotFitted,
}

impl SensorError {
    /// What the node makes of it.
    pub fn fault(&self) -> Fault {
        use dht22::Fault as Climate;
        use ds18b20::Fault as Probe;
        use one_wire::Fault as Wire;
        match self {
            Self::Probe(fault) => match fault {
                Probe::Absent => Fault::Absent,
                Probe::AllZeros => Fault::Shorted,
                Probe::PowerOn | Probe::ConversionFailed | Probe::NotStarted => Fault::NotMeasured,
                Probe::OutOfRange => Fault::OutOfRange,
                Probe::Timeout => Fault::Late,
                Probe::Family(_) | Probe::Max31850 => Fault::Unsupported,
                _ => Fault::Corrupt,
            },
            Self::Wire(fault) => match fault {
                Wire::NoPresence => Fault::Absent,
                Wire::StuckLow => Fault::Shorted,
                Wire::Unsupported => Fault::Unsupported,
                _ => Fault::Corrupt,
            },
            Self::Climate(fault) => match fault {
                Climate::NoResponse => Fault::Absent,
                Climate::StuckLow | Climate::NotReleased | Climate::AllZero => Fault::Shorted,
                Climate::Bogus(_) => Fault::NotMeasured,
                Climate::Humidity(_) | Climate::Temperature(_) => Fault::OutOfRange,
                _ => Fault::Corrupt,
            },
            Self::Bus(_) => Fault::Bus,
            Self::NotFitted => Fault::Unsupported,
        }
    }

    fn bus(error: impl fmt::Debug) -> Self {
        let mut text = String::new();
        // What does not fit is left out.
        let _ = write!(text, "{error:?}");
        Self::Bus(text)
    }
}

impl fmt::Display for SensorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Probe(fault) => fault.fmt(f),
            Self::Wire(fault) => fault.fmt(f),
            Self::Climate(fault) => fault.fmt(f),
            Self::Bus(text) => write!(f, "the board's bus failed: {text}"),
            Self::NotFitted => f.write_str("this board has no place for it"),
        }
    }
}

impl core::error::Error for SensorError {}

impl<E: fmt::Debug> From<one_wire::Error<E>> for SensorError {
    fn from(error: one_wire::Error<E>) -> Self {
        match error {
            one_wire::Error::Wire(fault) => Self::Wire(fault),
            other => Self::bus(other),
        }
    }
}

impl<E: fmt::Debug> From<ds18b20::Error<E>> for SensorError {
    fn from(error: ds18b20::Error<E>) -> Self {
        match error {
            ds18b20::Error::Device(fault) => Self::Probe(fault),
            ds18b20::Error::Bus(error) => error.into(),
            other => Self::bus(other),
        }
    }
}

/// A temperature probe of the configuration.
#[derive(Debug)]
struct Probe {
    id: SensorId,
    /// Its ROM code; `None` if it is the only device on the wire and is asked for it.
    rom: Option<Rom>,
    /// Once it was found.
    driver: Option<Ds18b20>,
}

/// A humidity sensor of the configuration, on a pin of its own.
#[derive(Debug)]
struct Climate<P, D> {
    id: SensorId,
    driver: Dht22<P, D>,
    interval: dht22::fugit::MillisDurationU32,
}

/// The sensors of a board with one 1-Wire bus and `N` pins for humidity sensors.
#[derive(Debug)]
pub struct Fitted<B, P, D, const N: usize> {
    wire: B,
    probes: Vec<Probe, MAX_SENSORS>,
    climates: Vec<Climate<P, D>, N>,
}

/// From this interval on a humidity sensor is read twice, because it answers with what it measured after it was last
/// asked: an answer that old is not a reading of now.
const FRESH_FROM_MS: u32 = 5_000;

impl<B, P, D, const N: usize> Fitted<B, P, D, N> {
    /// Gives each sensor of `config` its place: the temperature probes the wire, the humidity sensors the pins in the
    /// order of the configuration. A humidity sensor without a pin answers [`SensorError::NotFitted`].
    pub fn new(config: &Config, wire: B, pins: [(P, D); N]) -> Self {
        let sensors = || (0..).map(SensorId).zip(&config.sensors);
        let probes = sensors().filter(|(_, sensor)| sensor.device == Device::Ds18b20);
        let humid = sensors().filter_map(|(id, sensor)| Some((id, sensor, model(sensor)?)));
        Self {
            wire,
            probes: probes
                .map(|(id, sensor)| Probe {
                    id,
                    rom: sensor.rom,
                    driver: None,
                })
                .collect(),
            climates: humid
                .zip(pins)
                .map(|((id, sensor, model), (pin, delay))| {
                    let mut config = dht22::Config::from(model);
                    config.retries = 2;
                    Climate {
                        id,
                        driver: Dht22::new(pin, delay, config),
                        interval: sensor.interval,
                    }
                })
                .collect(),
        }
    }
}

fn model(sensor: &Sensor) -> Option<dht22::Model> {
    Some(match sensor.device {
        Device::Dht11 => dht22::Model::Dht11,
        Device::Dht12 => dht22::Model::Dht12,
        Device::Dht21 => dht22::Model::Dht21,
        Device::Dht22 => dht22::Model::Dht22,
        Device::Ds18b20 => return None,
    })
}

impl Probe {
    /// Finds the device, if that was not done before.
    async fn find<B: OneWire>(&mut self, wire: &mut B) -> Result<(), SensorError> {
        if self.driver.is_none() {
            let rom = match self.rom {
                Some(rom) => rom,
                None => wire.read_rom().await?,
            };
            let mut driver = Ds18b20::new(rom).map_err(SensorError::Probe)?;
            driver.init(wire).await?;
            self.driver = Some(driver);
        }
        Ok(())
    }

    async fn read<B: OneWire>(&mut self, wire: &mut B) -> Result<Sample, SensorError> {
        let Some(driver) = &mut self.driver else {
            return Err(SensorError::Probe(ds18b20::Fault::Absent));
        };
        match driver.read(wire).await {
            Ok(temperature) => Ok(Sample::Temperature(temperature.into())),
            Err(error) => Err(self.failed(error.into())),
        }
    }

    fn has_own_supply(&self) -> bool {
        self.driver
            .as_ref()
            .is_some_and(|driver| driver.supply() == Supply::External)
    }

    /// Starts a conversion and returns how long it takes at most.
    async fn start<B: OneWire>(&mut self, wire: &mut B) -> Result<MicrosDurationU32, SensorError> {
        let Some(driver) = &mut self.driver else {
            return Err(SensorError::Probe(ds18b20::Fault::Absent));
        };
        let begun = driver.start_conversion(wire).await;
        begun.map_err(|error| self.failed(error.into()))
    }

    /// Converts and reads, alone.
    async fn measure<B: OneWire>(&mut self, wire: &mut B) -> Result<Sample, SensorError> {
        if let Some(driver) = &mut self.driver
            && let Err(error) = driver.convert(wire, Completion::Poll).await
        {
            return Err(self.failed(error.into()));
        }
        self.read(wire).await
    }

    /// Takes note of an error: one that is gone may come back as another device, and one that cannot be served may be
    /// another than it was taken for.
    fn failed(&mut self, error: SensorError) -> SensorError {
        if matches!(error.fault(), Fault::Absent | Fault::Unsupported) {
            self.driver = None;
        }
        error
    }
}

impl<P: InputPin + OutputPin, D: DelayNs + BlockingDelayNs> Climate<P, D> {
    async fn read(&mut self, clock: &impl Clock) -> Result<Sample, SensorError> {
        let outcome = match self.attempt(clock.now()).await {
            // The last sampling ended late because of its retries.
            Err(dht22::Error::TooSoon { wait }) => {
                clock.wait_until(clock.now() + wait).await;
                self.attempt(clock.now()).await
            }
            outcome => outcome,
        };
        match outcome {
            Ok(reading) => Ok(Sample::Climate(reading.temperature, reading.humidity)),
            Err(dht22::Error::Device(fault)) => Err(SensorError::Climate(fault)),
            Err(error) => Err(SensorError::bus(error)),
        }
    }

    async fn attempt(&mut self, now: Instant) -> Result<dht22::Reading, dht22::Error<P::Error>> {
        if self.interval.as_millis() < FRESH_FROM_MS {
            self.driver.read(now).await
        } else {
            self.driver.read_fresh(now).await
        }
    }
}

impl<B: OneWire, P: InputPin + OutputPin, D: DelayNs + BlockingDelayNs, const N: usize> Sensors
    for Fitted<B, P, D, N>
{
    /// The wire and each humidity sensor go on beside each other: a humidity sensor that is read twice, or that does not
    /// answer, takes seconds, in which the probes are read on.
    async fn serve(&mut self, clock: &impl Clock, requests: &Requests<'_>) -> ! {
        let Self {
            wire,
            probes,
            climates,
        } = self;
        let probe_ids = probes.iter().map(|probe| probe.id);
        let climate_ids = climates.iter().map(|climate| climate.id);
        let fitted = probe_ids.chain(climate_ids).fold(0, |set, id| set | id.bit());
        let mut climates = climates.iter_mut();
        let lanes = core::array::from_fn::<_, N, _>(|_| serve_climate(climates.next(), clock, requests));
        join3(
            serve_wire(wire, probes, requests),
            join_array(lanes),
            refuse(fitted, requests),
        )
        .await
        .0
    }
}

async fn serve_wire<B: OneWire>(wire: &mut B, probes: &mut [Probe], requests: &Requests<'_>) -> ! {
    loop {
        let due = requests
            .next(|id| probes.iter().any(|probe| probe.id == id))
            .await;
        let mut found: Vec<&mut Probe, MAX_SENSORS> = Vec::new();
        for probe in probes.iter_mut().filter(|probe| due.contains(&probe.id)) {
            match probe.find(wire).await {
                // There are no more probes than places.
                Ok(()) => drop(found.push(probe)),
                Err(error) => requests.answer(probe.id, Err(error)),
            }
        }
        if found.len() < 2 || !found.iter().all(|probe| probe.has_own_supply()) {
            // One that takes its current from the wire needs all of it; whether the board can give it is its answer.
            for probe in found {
                requests.answer(probe.id, probe.measure(wire).await);
            }
            continue;
        }
        // All convert at the same time: eight take little longer than one. Each is told by its name, not all at once,
        // because it shows then that it has heard; one that has not would answer with what it measured the time before.
        let mut longest = MicrosDurationU32::from_ticks(0);
        let mut begun: Vec<&mut Probe, MAX_SENSORS> = Vec::new();
        for probe in found {
            match probe.start(wire).await {
                Ok(time) => {
                    longest = longest.max(time);
                    drop(begun.push(probe));
                }
                Err(error) => requests.answer(probe.id, Err(error)),
            }
        }
        if !begun.is_empty() {
            wire.wait(longest).await;
        }
        for probe in begun {
            requests.answer(probe.id, probe.read(wire).await);
        }
    }
}

async fn serve_climate<P: InputPin + OutputPin, D: DelayNs + BlockingDelayNs>(
    climate: Option<&mut Climate<P, D>>,
    clock: &impl Clock,
    requests: &Requests<'_>,
) -> ! {
    let Some(climate) = climate else {
        // A pin to which nothing is configured.
        pending().await
    };
    loop {
        requests.next(|id| id == climate.id).await;
        requests.answer(climate.id, climate.read(clock).await);
    }
}

/// Answers for the sensors that the board has no place for: those that are not in the set `fitted`.
async fn refuse(fitted: u16, requests: &Requests<'_>) -> ! {
    loop {
        for sensor in requests.next(|id| fitted & id.bit() == 0).await {
            requests.answer(sensor, Err(SensorError::NotFitted));
        }
    }
}
