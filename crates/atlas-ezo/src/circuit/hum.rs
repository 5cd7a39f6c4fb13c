//! EZO-HUM: outputs, trim of the temperature, automatic monitoring.

use super::{Circuit, Hum};
use crate::command::{Sealed, commands, query, setter};
use crate::text::Text;
use crate::{Address, Alarm, Fault, Kind, OutputSet, Switch};
use quantity::{MilliCelsius, PermilleRh};

/// A value in a reading. New circuits send the humidity only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Output {
    /// `HUM`: relative humidity.
    Humidity,
    /// `T`: temperature of the air.
    Temperature,
    /// `Dew`: dew point.
    DewPoint,
}
impl Sealed for Output {}

impl crate::Output for Output {
    type Circuit = Hum;
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Humidity, "HUM"),
        (Self::Temperature, "T"),
        (Self::DewPoint, "Dew"),
    ];
}

/// A reading: the values that are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reading {
    /// Relative humidity.
    pub humidity: Option<PermilleRh>,
    /// Temperature of the air.
    pub temperature: Option<MilliCelsius>,
    /// Dew point.
    pub dew_point: Option<MilliCelsius>,
}

impl Circuit for Hum {
    const KIND: Kind = Kind::Hum;
    const ADDRESS: Address = Address::literal(0x6F);
    const READING_MS: u32 = 300;
    type Reading = Reading;
    type Format = OutputSet<Output>;
    type FormatQuery = crate::output::OutputsQuery<Output>;
    const FORMAT: Option<Self::Format> = None;
    const FORMAT_QUERY: Self::FormatQuery = crate::output::OutputsQuery::new();

    /// The word `Dew` may stand in front of the dew point.
    fn reading(text: Text<'_>, outputs: OutputSet<Output>) -> Result<Reading, Fault> {
        let mut reading = Reading::default();
        let fields = text.fields().filter(|field| !field.eq_ignore_ascii_case(b"Dew"));
        let labels = text.fields().count() - fields.clone().count();
        if labels > usize::from(outputs.contains(Output::DewPoint)) || (labels == 1 && !labelled(text)) {
            return Err(Fault::Fields);
        }
        outputs.assign(fields, |output, field| {
            match output {
                Output::Humidity => reading.humidity = Some(PermilleRh::parse(field)?),
                Output::Temperature => reading.temperature = Some(air(field)?),
                Output::DewPoint => reading.dew_point = Some(air(field)?),
            }
            Ok(())
        })?;
        Ok(reading)
    }
}

/// Whether the last field but one is `Dew`.
fn labelled(text: Text<'_>) -> bool {
    let before_last = text.fields().count().checked_sub(2);
    before_last
        .and_then(|index| text.fields().nth(index))
        .is_some_and(|field| field.eq_ignore_ascii_case(b"Dew"))
}

/// A temperature that air can have around a circuit, −100 °C to 125 °C.
fn air(field: &[u8]) -> Result<MilliCelsius, Fault> {
    match MilliCelsius::parse(field)? {
        temperature if (-100_000..=125_000).contains(&temperature.get()) => Ok(temperature),
        _ => Err(Fault::OutOfRange),
    }
}

/// What the monitoring output follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Monitor {
    /// `0`: nothing.
    Off,
    /// `1`: humidity.
    Humidity,
    /// `2`: dew point.
    DewPoint,
}

impl Monitor {
    const fn digit(self) -> char {
        match self {
            Self::Off => '0',
            Self::Humidity => '1',
            Self::DewPoint => '2',
        }
    }

    fn parse(field: &[u8]) -> Result<Self, Fault> {
        match field {
            b"0" => Ok(Self::Off),
            b"1" => Ok(Self::Humidity),
            b"2" => Ok(Self::DewPoint),
            _ => Err(Fault::Malformed),
        }
    }
}

/// Level or tolerance of the monitoring output in thousandths, of % or of °C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Level(pub i32);

impl Level {
    fn parse(field: &[u8]) -> Result<Self, Fault> {
        crate::text::fixed(field, 3).map(Self)
    }

    const fn number(self) -> quantity::Decimal {
        MilliCelsius::new(self.0).number()
    }
}

commands! {
    /// Trims the temperature sensor: `Tcal,t`.
    TrimTemperature(MilliCelsius);
    /// Forgets the trim: `Tcal,clear`.
    ClearTrim;
    /// Asks whether the temperature sensor is trimmed: `Tcal,?`.
    TrimQuery;
    /// Chooses what the monitoring output follows: `Auto,en,n`.
    SetMonitor(Monitor);
    /// Sets where the monitoring output switches: `Auto,n`.
    SetMonitorLevel(Level);
    /// Sets how far below its level the monitoring output switches back: `Auto,tol,n`.
    SetMonitorTolerance(Level);
    /// Asks for the monitoring output: `Auto,?`.
    MonitorQuery;
}

setter!(TrimTemperature: Hum, AnyBus, |this| "Tcal,{}", this.0.number());
setter!(ClearTrim: Hum, AnyBus, |_this| "Tcal,clear");
query!(TrimQuery: Hum, AnyBus, Query "Tcal,?" => Switch, |text| text.reply("Tcal")?.only(Switch::parse));
setter!(SetMonitor: Hum, AnyBus, |this| "Auto,en,{}", this.0.digit());
setter!(SetMonitorLevel: Hum, AnyBus, |this| "Auto,{}", this.0.number());
setter!(SetMonitorTolerance: Hum, AnyBus, |this| "Auto,tol,{}", this.0.number());
query!(MonitorQuery: Hum, AnyBus, Query "Auto,?" => Alarm<Level, Monitor>, |text| {
    Alarm::parse(text.reply("Auto")?, Level::parse, Monitor::parse)
});
