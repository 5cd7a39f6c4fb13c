//! EZO-DO: outputs, calibration, salinity, pressure.

use super::{Circuit, Do};
use crate::calibration::{Calibrate, states};
use crate::command::{AnyBus, Command, Reply, Request, Sealed, Work, commands, query, setter};
use crate::text::{Text, fixed};
use crate::{Address, Fault, Kind, OutputSet};
use core::fmt::{self, Write as _};
use quantity::{Decimal, MicrogramsPerLitre, NanoSiemensPerCm, Pascals, PermilleSaturation};

/// A value in a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Output {
    /// `mg`: concentration.
    Concentration,
    /// `%`: saturation.
    Saturation,
}
impl Sealed for Output {}

impl crate::Output for Output {
    type Circuit = Do;
    const ALL: &'static [(Self, &'static str)] = &[(Self::Concentration, "mg"), (Self::Saturation, "%")];
}

/// A reading: the values that are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reading {
    /// Concentration.
    pub concentration: Option<MicrogramsPerLitre>,
    /// Saturation.
    pub saturation: Option<PermilleSaturation>,
}

/// Twice what the data sheet promises (`100+ mg/L`, `400+ %`); pure oxygen at 0 °C gives 70 mg/L and 480 %.
const HIGHEST: Reading = Reading {
    concentration: Some(MicrogramsPerLitre::new(200_000)),
    saturation: Some(PermilleSaturation::new(8_000)),
};

impl Circuit for Do {
    const KIND: Kind = Kind::Do;
    const ADDRESS: Address = Address::literal(0x61);
    const READING_MS: u32 = 600;
    const CALIBRATION_MS: u32 = 1_300;
    type Reading = Reading;
    type Format = OutputSet<Output>;
    type FormatQuery = crate::output::OutputsQuery<Output>;
    const FORMAT: Option<Self::Format> = None;
    const FORMAT_QUERY: Self::FormatQuery = crate::output::OutputsQuery::new();

    fn reading(text: Text<'_>, outputs: OutputSet<Output>) -> Result<Reading, Fault> {
        let mut reading = Reading::default();
        outputs.assign(text.fields(), |output, field| {
            match output {
                Output::Concentration => reading.concentration = Some(MicrogramsPerLitre::parse(field)?),
                Output::Saturation => reading.saturation = Some(PermilleSaturation::parse(field)?),
            }
            Ok(())
        })?;
        if reading.concentration > HIGHEST.concentration || reading.saturation > HIGHEST.saturation {
            return Err(Fault::OutOfRange);
        }
        Ok(reading)
    }
}

/// A point of the calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Point {
    /// The probe in air: `Cal`.
    Atmosphere,
    /// The probe in a solution without oxygen: `Cal,0`.
    Zero,
}
impl Sealed for Point {}

impl Command<Do> for Point {
    type Output = ();
    type Bus = AnyBus;
    const WORK: Work = Work::Calibration;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        request.write_str(match self {
            Self::Atmosphere => "Cal",
            Self::Zero => "Cal,0",
        })
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        text.printable()?.nothing()
    }
}

states! {
    /// How far the calibration has come.
    Calibration {
        /// Not calibrated.
        None,
        /// One point.
        OnePoint,
        /// Both points.
        TwoPoints,
    }
}

impl Calibrate for Do {
    type Point = Point;
    type State = Calibration;

    fn state(number: u8) -> Result<Calibration, Fault> {
        Calibration::new(number)
    }
}

/// Salt in the water. Below 2500 µS/cm it makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Salinity {
    /// As conductivity.
    Conductivity(NanoSiemensPerCm),
    /// In thousandths of a part per thousand.
    MilliPpt(u32),
}

commands! {
    /// Sets the salinity, which is kept without supply: `S,n`, `S,n,ppt`.
    SetSalinity(Salinity);
    /// Asks for the salinity: `S,?`.
    SalinityQuery;
    /// Sets the pressure of the air, which is kept without supply: `P,n` in kPa.
    SetPressure(Pascals);
    /// Asks for the pressure of the air: `P,?`.
    PressureQuery;
}

impl Command<Do> for SetSalinity {
    type Output = ();
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        match self.0 {
            Salinity::Conductivity(ec) => write!(request, "S,{}", ec.number()),
            Salinity::MilliPpt(ppt) => {
                let ppt = Decimal::new(ppt.into(), 3).map_err(|_| fmt::Error)?;
                write!(request, "S,{ppt},ppt")
            }
        }
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        text.printable()?.nothing()
    }
}

impl Command<Do> for SalinityQuery {
    type Output = Salinity;
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Query;

    fn write(&self, request: &mut Request) -> fmt::Result {
        request.write_str("S,?")
    }

    /// `?S,1200,µS`, where the µ is one byte or two, or `?S,12.5,ppt`.
    fn decode(&self, text: Text<'_>) -> Result<Salinity, Fault> {
        let mut fields = text.reply("S")?;
        let number = fields.required()?;
        match fields.next() {
            Some(unit) if unit.eq_ignore_ascii_case(b"ppt") => {
                fields.end()?;
                Ok(Salinity::MilliPpt(fixed(number, 3)?))
            }
            Some(unit) if !without_micro(unit).eq_ignore_ascii_case(b"S") => Err(Fault::Malformed),
            _ => {
                fields.end()?;
                Ok(Salinity::Conductivity(NanoSiemensPerCm::parse(number)?))
            }
        }
    }
}

/// What follows the bytes of a µ, in whatever encoding, or of the `u` that stands for it.
fn without_micro(unit: &[u8]) -> &[u8] {
    let micro = unit
        .iter()
        .take_while(|byte| !byte.is_ascii() || **byte == b'u')
        .count();
    unit.get(micro..).unwrap_or_default()
}

setter!(SetPressure: Do, AnyBus, |this| "P,{}", this.0.number());
query!(PressureQuery: Do, AnyBus, Query "P,?" => Pascals, |text| text.reply("P")?.only(Pascals::parse));
