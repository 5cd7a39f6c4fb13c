//! EZO-CO2: outputs, calibration, alarm.

use super::{Circuit, Co2};
use crate::calibration::{Calibrate, states};
use crate::command::{AnyBus, Command, Reply, Request, Sealed, Work, commands, query, setter};
use crate::text::Text;
use crate::{Address, Alarm, Fault, Kind, OutputSet, Switch};
use core::fmt::{self, Write as _};
use quantity::{MilliCelsius, PpmCo2};

/// A value in a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Output {
    /// `ppm`: carbon dioxide.
    CarbonDioxide,
    /// `t`: temperature inside of the sensor.
    Temperature,
}
impl Sealed for Output {}

impl crate::Output for Output {
    type Circuit = Co2;
    const ALL: &'static [(Self, &'static str)] = &[(Self::CarbonDioxide, "ppm"), (Self::Temperature, "t")];
}

/// A reading: the values that are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reading {
    /// Carbon dioxide, 0 to 10 000 ppm.
    pub carbon_dioxide: Option<PpmCo2>,
    /// Temperature inside of the sensor. It has to be steady for readings to be good.
    pub temperature: Option<MilliCelsius>,
}

impl Circuit for Co2 {
    const KIND: Kind = Kind::Co2;
    const ADDRESS: Address = Address::literal(0x69);
    const READING_MS: u32 = 900;
    const CALIBRATION_MS: u32 = 900;
    type Reading = Reading;
    type Format = OutputSet<Output>;
    type FormatQuery = crate::output::OutputsQuery<Output>;
    const FORMAT: Option<Self::Format> = None;
    const FORMAT_QUERY: Self::FormatQuery = crate::output::OutputsQuery::new();

    fn reading(text: Text<'_>, outputs: OutputSet<Output>) -> Result<Reading, Fault> {
        let mut reading = Reading::default();
        outputs.assign(text.fields(), |output, field| {
            match output {
                Output::CarbonDioxide => reading.carbon_dioxide = Some(ppm(field)?),
                Output::Temperature => {
                    let temperature = MilliCelsius::parse(field)?;
                    if !(-100_000..=125_000).contains(&temperature.get()) {
                        return Err(Fault::OutOfRange);
                    }
                    reading.temperature = Some(temperature);
                }
            }
            Ok(())
        })?;
        Ok(reading)
    }
}

fn ppm(field: &[u8]) -> Result<PpmCo2, Fault> {
    match PpmCo2::parse(field)? {
        ppm if ppm.get() <= 10_000 => Ok(ppm),
        _ => Err(Fault::OutOfRange),
    }
}

/// A point of the calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Point {
    /// No carbon dioxide: `Cal,0`.
    Zero,
    /// A known concentration, 3000 to 5000 ppm as a rule: `Cal,n`.
    High(PpmCo2),
}
impl Sealed for Point {}

impl Command<Co2> for Point {
    type Output = ();
    type Bus = AnyBus;
    const WORK: Work = Work::Calibration;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        match self {
            Self::Zero => request.write_str("Cal,0"),
            Self::High(ppm) => write!(request, "Cal,{}", ppm.number()),
        }
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        text.printable()?.nothing()
    }
}

states! {
    /// Which points are calibrated. (What the numbers mean is from memory.)
    Calibration {
        /// None.
        None,
        /// The zero point.
        Zero,
        /// The high point.
        High,
        /// Both.
        Both,
    }
}

impl Calibrate for Co2 {
    type Point = Point;
    type State = Calibration;

    fn state(number: u8) -> Result<Calibration, Fault> {
        Calibration::new(number)
    }
}

commands! {
    /// Switches the alarm output: `Alarm,en,1`, `Alarm,en,0`.
    EnableAlarm(Switch);
    /// Sets where the alarm output switches on, up to 10 000 ppm: `Alarm,n`.
    SetAlarm(PpmCo2);
    /// Sets how far below its level the alarm output switches off, up to 500 ppm: `Alarm,tol,n`.
    SetAlarmTolerance(PpmCo2);
    /// Asks for the alarm output: `Alarm,?`.
    AlarmQuery;
}

setter!(EnableAlarm: Co2, AnyBus, |this| "Alarm,en,{}", this.0);
setter!(SetAlarm: Co2, AnyBus, |this| "Alarm,{}", this.0.number());
setter!(SetAlarmTolerance: Co2, AnyBus, |this| "Alarm,tol,{}", this.0.number());
query!(AlarmQuery: Co2, AnyBus, Query "Alarm,?" => Alarm<PpmCo2>, |text| {
    Alarm::parse(text.reply("Alarm")?, ppm, Switch::parse)
});
