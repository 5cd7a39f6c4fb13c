//! EZO-RTD: scale, calibration, data logger.

use super::{Circuit, Rtd};
use crate::calibration::{Calibrate, states};
use crate::command::{AnyBus, Command, Effect, Reply, Request, Sealed, Work, commands, query, setter};
use crate::text::{Text, whole};
use crate::{Address, Fault, Kind};
use core::fmt::{self, Write as _};
use quantity::{MilliCelsius, MilliFahrenheit};

/// The scale in which the circuit speaks. Values of this crate are in Celsius whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Scale {
    /// `c`, the factory's.
    Celsius,
    /// `k`.
    Kelvin,
    /// `f`.
    Fahrenheit,
}

impl Scale {
    const fn letter(self) -> char {
        match self {
            Self::Celsius => 'c',
            Self::Kelvin => 'k',
            Self::Fahrenheit => 'f',
        }
    }

    fn parse(field: &[u8]) -> Result<Self, Fault> {
        match field {
            b"c" | b"C" => Ok(Self::Celsius),
            b"k" | b"K" => Ok(Self::Kelvin),
            b"f" | b"F" => Ok(Self::Fahrenheit),
            _ => Err(Fault::Malformed),
        }
    }

    fn celsius(self, field: &[u8]) -> Result<MilliCelsius, Fault> {
        Ok(match self {
            Self::Celsius => MilliCelsius::parse(field)?,
            Self::Kelvin => MilliCelsius::parse(field)?
                .checked_sub(MilliCelsius::new(273_150))
                .ok_or(Fault::OutOfRange)?,
            Self::Fahrenheit => MilliFahrenheit::parse(field)?.to_celsius(),
        })
    }

    /// A temperature that a probe can have.
    fn measured(self, field: &[u8]) -> Result<MilliCelsius, Fault> {
        let temperature = self.celsius(field)?;
        match temperature.get() {
            ..-1_000_000 => Err(Fault::Disconnected),
            -126_000..=1_254_000 => Ok(temperature),
            _ => Err(Fault::OutOfRange),
        }
    }
}

impl Circuit for Rtd {
    const KIND: Kind = Kind::Rtd;
    const ADDRESS: Address = Address::literal(0x66);
    const READING_MS: u32 = 600;
    const CALIBRATION_MS: u32 = 600;
    type Reading = MilliCelsius;
    type Format = Scale;
    type FormatQuery = ScaleQuery;
    const FORMAT: Option<Scale> = None;
    const FORMAT_QUERY: ScaleQuery = ScaleQuery;

    /// An answer below −1000 °C is that of a missing probe (−1023.000): [`Fault::Disconnected`].
    fn reading(text: Text<'_>, scale: Scale) -> Result<MilliCelsius, Fault> {
        text.fields().only(|field: &[u8]| scale.measured(field))
    }
}

states! {
    /// Whether the circuit is calibrated.
    Calibration {
        /// No.
        None,
        /// Yes.
        Done,
    }
}

impl Calibrate for Rtd {
    type Point = Point;
    type State = Calibration;

    fn state(number: u8) -> Result<Calibration, Fault> {
        Calibration::new(number)
    }
}

/// The point of the calibration: `Cal,t`, in the circuit's scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Point {
    /// What the temperature really is.
    pub temperature: MilliCelsius,
    /// The scale that the circuit is set to.
    pub scale: Scale,
}
impl Sealed for Point {}

impl Command<Rtd> for Point {
    type Output = ();
    type Bus = AnyBus;
    const WORK: Work = Work::Calibration;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        match self.scale {
            Scale::Celsius => write!(request, "Cal,{}", self.temperature.number()),
            Scale::Kelvin => {
                let kelvin = self
                    .temperature
                    .checked_add(MilliCelsius::new(273_150))
                    .ok_or(fmt::Error)?;
                write!(request, "Cal,{}", kelvin.number())
            }
            Scale::Fahrenheit => {
                let fahrenheit = self.temperature.to_fahrenheit().map_err(|_| fmt::Error)?;
                write!(request, "Cal,{}", fahrenheit.number())
            }
        }
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        text.printable()?.nothing()
    }
}

/// A stored reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stored {
    /// Its number.
    pub index: u16,
    /// The reading.
    pub temperature: MilliCelsius,
}

/// Every stored reading, up to 50.
pub type Memory = heapless::Vec<MilliCelsius, 50>;

commands! {
    /// Sets the scale, which is kept without supply: `S,c`, `S,k`, `S,f`.
    SetScale(Scale);
    /// Asks for the scale: `S,?`.
    ScaleQuery;
    /// Sets the interval of the data logger: `D,n`. 0 is off; the unit is said to be 10 s.
    SetLogger(u16);
    /// Asks for the interval of the data logger: `D,?`.
    LoggerQuery;
    /// Recalls the next stored reading: `M`.
    Recall(Scale);
    /// Recalls every stored reading: `M,all`. Needs a transport with a buffer of at least 512 bytes.
    RecallAll(Scale);
    /// Asks for the number of the last stored reading: `M,?`.
    StoredQuery;
    /// Forgets the stored readings: `M,clear`.
    ClearMemory;
}

setter!(SetScale: Rtd, AnyBus { fn effect(&self) -> Effect { Effect::Format } }, |this| "S,{}", this.0.letter());
query!(ScaleQuery: Rtd, AnyBus, Query "S,?" => Scale, |text| text.reply("S")?.only(Scale::parse));
setter!(SetLogger: Rtd, AnyBus, |this| "D,{}", this.0);
query!(LoggerQuery: Rtd, AnyBus, Query "D,?" => u16, |text| text.reply("D")?.only(whole::<u16>));
query!(StoredQuery: Rtd, AnyBus, Query "M,?" => u16, |text| text.reply("M")?.only(whole::<u16>));
setter!(ClearMemory: Rtd, AnyBus, |_this| "M,clear");

impl Command<Rtd> for Recall {
    type Output = Stored;
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Line;
    const REPEATABLE: bool = false;

    fn write(&self, request: &mut Request) -> fmt::Result {
        request.write_str("M")
    }

    fn decode(&self, text: Text<'_>) -> Result<Stored, Fault> {
        let mut fields = text.printable()?.fields();
        let index = fields.value(whole::<u16>)?;
        let temperature = fields.only(|field: &[u8]| self.0.measured(field))?;
        Ok(Stored { index, temperature })
    }
}

impl Command<Rtd> for RecallAll {
    type Output = Memory;
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Line;
    /// 50 readings of up to 9 characters and a comma.
    const CAPACITY: usize = 512;

    fn write(&self, request: &mut Request) -> fmt::Result {
        request.write_str("M,all")
    }

    fn decode(&self, text: Text<'_>) -> Result<Memory, Fault> {
        let mut memory = Memory::new();
        for field in text.printable()?.fields() {
            let temperature = self.0.measured(field)?;
            memory.push(temperature).map_err(|_| Fault::Truncated)?;
        }
        Ok(memory)
    }
}
