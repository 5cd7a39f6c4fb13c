//! What a sensor answered, and how far it can be trusted.

use core::fmt;

use quantity::{MilliCelsius, PermilleRh};

use crate::Instant;

/// Index of a sensor in the configuration's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SensorId(pub u8);

impl SensorId {
    /// Its bit in a set of sensors, of which there are at most 16.
    pub fn bit(self) -> u16 {
        1_u16.checked_shl(self.0.into()).unwrap_or(0)
    }
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Temperature of water.
    WaterTemperature,
    /// Temperature of air.
    AirTemperature,
    /// Relative humidity of air.
    Humidity,
}

impl Quantity {
    /// The unit that readings of this quantity are published in.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::WaterTemperature | Self::AirTemperature => "°C",
            Self::Humidity => "%RH",
        }
    }
}

/// One measured value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// A temperature.
    Temperature(MilliCelsius),
    /// A relative humidity.
    Humidity(PermilleRh),
}

impl Value {
    /// The value in the unit that it is published in: °C or %RH.
    pub fn to_f32(self) -> f32 {
        match self {
            Self::Temperature(value) => value.to::<f32>(),
            Self::Humidity(value) => value.to::<f32>(),
        }
    }
}

/// What one sampling of a sensor gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sample {
    /// A temperature alone.
    Temperature(MilliCelsius),
    /// Temperature and relative humidity, measured together.
    Climate(MilliCelsius, PermilleRh),
}

/// Why there is no value. The driver's own error says more; this is what the node publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Nobody answered: unplugged, unpowered, or another address.
    Absent,
    /// The line is held low or never comes high: a short or a missing pull-up.
    Shorted,
    /// Something answered, but not intact, also after the retries.
    Corrupt,
    /// The sensor answered without having measured: power-on value, failed conversion.
    NotMeasured,
    /// The sensor's answer is outside what it can measure.
    OutOfRange,
    /// The sensor took longer than its data sheet allows.
    Late,
    /// The pin, UART or bus of the board failed.
    Bus,
    /// The configuration asks for something that this sensor is not or cannot do.
    Unsupported,
}

impl Fault {
    /// One word for telemetry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Shorted => "shorted",
            Self::Corrupt => "corrupt",
            Self::NotMeasured => "not_measured",
            Self::OutOfRange => "out_of_range",
            Self::Late => "late",
            Self::Bus => "bus",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a reading can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quality {
    /// Measured, and plausible where the sensor stands.
    Good,
    /// Measured, but not plausible where the sensor stands: water of 60 °C, say.
    Implausible,
    /// Not measured.
    Fault,
}

impl Quality {
    /// One word for telemetry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Implausible => "implausible",
            Self::Fault => "fault",
        }
    }
}

/// One quantity of one sensor at one time, or the reason why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The sensor.
    pub sensor: SensorId,
    /// What it was to measure.
    pub quantity: Quantity,
    /// When it was measured.
    pub at: Instant,
    /// What it measured.
    pub outcome: Result<Value, Fault>,
}

/// Water of a reservoir that is neither ice nor cooking: −2 °C leaves room for the sensor's error at freezing,
/// and above 45 °C no crop is alive.
const WATER_MILLI_CELSIUS: core::ops::RangeInclusive<i32> = -2_000..=45_000;
/// Air of a grow room.
const AIR_MILLI_CELSIUS: core::ops::RangeInclusive<i32> = -20_000..=60_000;
/// Below 1 % a capacitive sensor is broken, not dry.
const HUMIDITY_PERMILLE: core::ops::RangeInclusive<u16> = 10..=1000;

impl Reading {
    /// How far the reading can be trusted.
    pub fn quality(&self) -> Quality {
        let plausible = match (self.quantity, self.outcome) {
            (_, Err(_)) => return Quality::Fault,
            (Quantity::WaterTemperature, Ok(Value::Temperature(value))) => {
                WATER_MILLI_CELSIUS.contains(&value.get())
            }
            (Quantity::AirTemperature, Ok(Value::Temperature(value))) => {
                AIR_MILLI_CELSIUS.contains(&value.get())
            }
            (Quantity::Humidity, Ok(Value::Humidity(value))) => HUMIDITY_PERMILLE.contains(&value.get()),
            (_, Ok(_)) => false,
        };
        if plausible {
            Quality::Good
        } else {
            Quality::Implausible
        }
    }
}
