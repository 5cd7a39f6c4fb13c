//! EZO-EC: outputs, calibration, cell constant, TDS factor.

use super::{Circuit, Ec};
use crate::calibration::{Calibrate, Step, states};
use crate::command::{AnyBus, Command, Reply, Request, Sealed, Work, commands, query, setter};
use crate::text::{Text, fixed};
use crate::{Address, Fault, Kind, OutputSet};
use core::fmt::{self, Write as _};
use quantity::{Decimal, MilliPpmTds, NanoSiemensPerCm, TdsFactor};

/// A value in a reading. New circuits send the conductivity only; firmware before 2.10 sent all four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Output {
    /// `EC`: conductivity.
    Conductivity,
    /// `TDS`: total dissolved solids.
    Tds,
    /// `S`: salinity.
    Salinity,
    /// `SG`: specific gravity of sea water.
    SpecificGravity,
}
impl Sealed for Output {}

impl crate::Output for Output {
    type Circuit = Ec;
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Conductivity, "EC"),
        (Self::Tds, "TDS"),
        (Self::Salinity, "S"),
        (Self::SpecificGravity, "SG"),
    ];
}

/// A reading: the values that are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reading {
    /// Conductivity.
    pub conductivity: Option<NanoSiemensPerCm>,
    /// Total dissolved solids.
    pub tds: Option<MilliPpmTds>,
    /// Salinity in hundredths of a PSU, 0 to 4200.
    pub salinity_centi_psu: Option<u16>,
    /// Specific gravity in thousandths, 1000 to 1300. Holds for sea water only.
    pub specific_gravity_milli: Option<u16>,
}

/// 1 S/cm, where the range of a K 10 probe ends.
const HIGHEST: NanoSiemensPerCm = NanoSiemensPerCm::new(1_000_000_000);

impl Circuit for Ec {
    const KIND: Kind = Kind::Ec;
    const ADDRESS: Address = Address::literal(0x64);
    const READING_MS: u32 = 600;
    const CALIBRATION_MS: u32 = 600;
    type Reading = Reading;
    type Format = OutputSet<Output>;
    type FormatQuery = crate::output::OutputsQuery<Output>;
    const FORMAT: Option<Self::Format> = None;
    const FORMAT_QUERY: Self::FormatQuery = crate::output::OutputsQuery::new();

    fn reading(text: Text<'_>, outputs: OutputSet<Output>) -> Result<Reading, Fault> {
        let mut reading = Reading::default();
        outputs.assign(text.fields(), |output, field| {
            match output {
                Output::Conductivity => {
                    let value = NanoSiemensPerCm::parse(field)?;
                    reading.conductivity = Some(value).filter(|value| *value <= HIGHEST);
                    reading.conductivity.ok_or(Fault::OutOfRange)?;
                }
                Output::Tds => reading.tds = Some(MilliPpmTds::parse(field)?),
                Output::Salinity => reading.salinity_centi_psu = Some(between(fixed(field, 2)?, 0, 4_200)?),
                Output::SpecificGravity => {
                    reading.specific_gravity_milli = Some(between(fixed(field, 3)?, 1_000, 1_300)?);
                }
            }
            Ok(())
        })?;
        Ok(reading)
    }
}

fn between(value: u16, low: u16, high: u16) -> Result<u16, Fault> {
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(Fault::OutOfRange)
    }
}

/// A point of the calibration: `Cal,dry`, `Cal,1413`, `Cal,low,12880`, `Cal,high,80000`.
///
/// Dry comes first; then one wet point, or low and high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Point {
    /// The dry probe.
    Dry,
    /// The only wet point.
    Single(NanoSiemensPerCm),
    /// The lower of two wet points. Readings do not change until the higher one.
    Low(NanoSiemensPerCm),
    /// The higher of two wet points.
    High(NanoSiemensPerCm),
}
impl Sealed for Point {}

impl Command<Ec> for Point {
    type Output = ();
    type Bus = AnyBus;
    const WORK: Work = Work::Calibration;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        match self {
            Self::Dry => request.write_str("Cal,dry"),
            Self::Single(ec) => write!(request, "Cal,{}", ec.number()),
            Self::Low(ec) => write!(request, "Cal,low,{}", ec.number()),
            Self::High(ec) => write!(request, "Cal,high,{}", ec.number()),
        }
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        text.printable()?.nothing()
    }
}

states! {
    /// How far the calibration has come. A dry point alone does not show.
    Calibration {
        /// Not calibrated, or dry only.
        None,
        /// Dry and one wet point.
        OnePoint,
        /// Dry, low and high.
        TwoPoints,
        /// Seen with some firmware.
        ThreePoints,
    }
}

impl Calibrate for Ec {
    type Point = Point;
    type State = Calibration;

    fn state(number: u8) -> Result<Calibration, Fault> {
        Calibration::new(number)
    }

    fn step(point: &Point) -> Step {
        match point {
            Point::Dry => Step {
                needs: 0,
                does: 0b01,
                undoes: 0b10,
            },
            Point::Single(_) => Step {
                needs: 0b01,
                does: 0,
                undoes: 0b10,
            },
            Point::Low(_) => Step {
                needs: 0b01,
                does: 0b10,
                undoes: 0,
            },
            Point::High(_) => Step {
                needs: 0b11,
                does: 0,
                undoes: 0,
            },
        }
    }

    fn proved(state: Calibration) -> u8 {
        match state {
            Calibration::None => 0,
            Calibration::OnePoint => 0b01,
            Calibration::TwoPoints | Calibration::ThreePoints => 0b11,
        }
    }
}

/// Constant of a probe's cell in hundredths, 0.1 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CellConstant(u16);

impl CellConstant {
    /// 0.1, for pure water.
    pub const K0_1: Self = Self(10);
    /// 1.0, the factory's.
    pub const K1: Self = Self(100);
    /// 10, for brine.
    pub const K10: Self = Self(1_000);

    /// Takes hundredths.
    ///
    /// # Errors
    ///
    /// [`Fault::Argument`] below 0.1 and above 10.
    pub const fn new(hundredths: u16) -> Result<Self, Fault> {
        match hundredths {
            10..=1_000 => Ok(Self(hundredths)),
            _ => Err(Fault::Argument),
        }
    }

    /// Hundredths.
    pub const fn get(self) -> u16 {
        self.0
    }

    fn parse(field: &[u8]) -> Result<Self, Fault> {
        Self::new(fixed(field, 2)?).map_err(|_| Fault::OutOfRange)
    }
}

commands! {
    /// Sets the constant of the probe's cell, which a calibration belongs to: `K,n`.
    SetCell(CellConstant);
    /// Asks for it: `K,?`.
    CellQuery;
    /// Sets the factor of the TDS output: `TDS,n`.
    SetTdsFactor(TdsFactor);
    /// Asks for it: `TDS,?`.
    TdsFactorQuery;
}

setter!(SetCell: Ec, AnyBus, |this| "K,{}", Number(this.0.get(), 2));
query!(CellQuery: Ec, AnyBus, Query "K,?" => CellConstant, |text| text.reply("K")?.only(CellConstant::parse));
setter!(SetTdsFactor: Ec, AnyBus, |this| "TDS,{}", Number(this.0.get(), 3));
query!(TdsFactorQuery: Ec, AnyBus, Query "TDS,?" => TdsFactor, |text| {
    let thousandths = text.reply("TDS")?.only(|field: &[u8]| fixed(field, 3))?;
    Ok(TdsFactor::new(thousandths)?)
});

/// A fixed-point number.
struct Number(u16, u8);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Decimal::new(self.0.into(), self.1).map_err(|_| fmt::Error)?;
        write!(f, "{number}")
    }
}
