//! EZO-PRS: unit, decimals, calibration, alarm.

use super::{Circuit, Prs};
use crate::calibration::{Calibrate, states};
use crate::command::{AnyBus, Command, Effect, Reply, Request, Sealed, Work, commands, query, setter};
use crate::text::{Text, whole};
use crate::{Address, Alarm, Fault, Kind, Switch};
use core::fmt::{self, Write as _};
use quantity::{Decimal, Pascals, parse_fixed};

/// The unit in which the circuit speaks. Readings of this crate are in pascals whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Unit {
    /// `psi`, the factory's.
    Psi,
    /// `atm`.
    Atmosphere,
    /// `bar`.
    Bar,
    /// `kPa`.
    Kilopascal,
    /// `inh2o`: inches of water.
    InchOfWater,
    /// `cmh2o`: centimetres of water.
    CentimetreOfWater,
}

impl Unit {
    const ALL: [Self; 6] = [
        Self::Psi,
        Self::Atmosphere,
        Self::Bar,
        Self::Kilopascal,
        Self::InchOfWater,
        Self::CentimetreOfWater,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Psi => "psi",
            Self::Atmosphere => "atm",
            Self::Bar => "bar",
            Self::Kilopascal => "kPa",
            Self::InchOfWater => "inh2o",
            Self::CentimetreOfWater => "cmh2o",
        }
    }

    /// Thousandths of a pascal. Water is that of 4 °C (conventional).
    const fn milli_pascals(self) -> i64 {
        match self {
            Self::Psi => 6_894_757,
            Self::Atmosphere => 101_325_000,
            Self::Bar => 100_000_000,
            Self::Kilopascal => 1_000_000,
            Self::InchOfWater => 249_089,
            Self::CentimetreOfWater => 98_067,
        }
    }

    fn parse(field: &[u8]) -> Result<Self, Fault> {
        Self::ALL
            .into_iter()
            .find(|unit| field.eq_ignore_ascii_case(unit.name().as_bytes()))
            .ok_or(Fault::Malformed)
    }

    /// A gauge pressure within the range of the sensor, 0 to 50 psi, and a little noise around it.
    fn measured(self, field: &[u8]) -> Result<Pascals, Fault> {
        let micro = parse_fixed(field, 6)?;
        let nano_pascals = micro.checked_mul(self.milli_pascals()).ok_or(Fault::OutOfRange)?;
        let half = if nano_pascals < 0 {
            -500_000_000
        } else {
            500_000_000
        };
        let pascals = nano_pascals.checked_add(half).ok_or(Fault::OutOfRange)? / 1_000_000_000;
        match i32::try_from(pascals) {
            Ok(pascals @ -7_000..=352_000) => Ok(Pascals::new(pascals)),
            _ => Err(Fault::OutOfRange),
        }
    }
}

impl Circuit for Prs {
    const KIND: Kind = Kind::Prs;
    const ADDRESS: Address = Address::literal(0x6A);
    const READING_MS: u32 = 900;
    const CALIBRATION_MS: u32 = 900;
    type Reading = Pascals;
    type Format = Unit;
    type FormatQuery = UnitQuery;
    const FORMAT: Option<Unit> = None;
    const FORMAT_QUERY: UnitQuery = UnitQuery;

    /// The unit may follow the number; then it has to be the expected one.
    fn reading(text: Text<'_>, unit: Unit) -> Result<Pascals, Fault> {
        let mut fields = text.fields();
        let pressure = fields.value(|field: &[u8]| unit.measured(field))?;
        match fields.next() {
            Some(field) if Unit::parse(field)? != unit => return Err(Fault::Fields),
            _ => fields.end()?,
        }
        Ok(pressure)
    }
}

/// A point of the calibration. (That there are two, and how they are written, is from memory.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Point {
    /// No pressure against the air: `Cal,0`.
    Zero,
    /// A known pressure in the circuit's unit: `Cal,n`.
    High(Decimal),
}
impl Sealed for Point {}

impl Command<Prs> for Point {
    type Output = ();
    type Bus = AnyBus;
    const WORK: Work = Work::Calibration;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        match self {
            Self::Zero => request.write_str("Cal,0"),
            Self::High(pressure) => write!(request, "Cal,{pressure}"),
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

impl Calibrate for Prs {
    type Point = Point;
    type State = Calibration;

    fn state(number: u8) -> Result<Calibration, Fault> {
        Calibration::new(number)
    }
}

commands! {
    /// Sets the unit: `U,psi`, `U,atm`, `U,bar`, `U,kPa`, `U,inh2o`, `U,cmh2o`.
    SetUnit(Unit);
    /// Asks for the unit: `U,?`.
    UnitQuery;
    /// Sends the unit with each reading, or not: `U,1`, `U,0`. (From memory.)
    SetUnitText(Switch);
    /// Sets the number of decimals: `Dec,n`.
    SetDecimals(u8);
    /// Asks for the number of decimals: `Dec,?`.
    DecimalsQuery;
    /// Switches the alarm output: `Alarm,en,1`, `Alarm,en,0`.
    EnableAlarm(Switch);
    /// Sets where the alarm output switches on, in the circuit's unit: `Alarm,n`.
    SetAlarm(Decimal);
    /// Sets how far below its level the alarm output switches off, in the circuit's unit: `Alarm,tol,n`.
    SetAlarmTolerance(Decimal);
    /// Asks for the alarm output, whose numbers are in this unit: `Alarm,?`.
    AlarmQuery;
}

setter!(SetUnit: Prs, AnyBus { fn effect(&self) -> Effect { Effect::Format } }, |this| "U,{}", this.0.name());
query!(UnitQuery: Prs, AnyBus, Query "U,?" => Unit, |text| text.reply("U")?.only(Unit::parse));
setter!(SetUnitText: Prs, AnyBus, |this| "U,{}", this.0);
setter!(SetDecimals: Prs, AnyBus { const WORK: Work = Work::Calibration; }, |this| "Dec,{}", this.0);
query!(DecimalsQuery: Prs, AnyBus, Query "Dec,?" => u8, |text| text.reply("Dec")?.only(whole::<u8>));
setter!(EnableAlarm: Prs, AnyBus, |this| "Alarm,en,{}", this.0);
setter!(SetAlarm: Prs, AnyBus, |this| "Alarm,{}", this.0);
setter!(SetAlarmTolerance: Prs, AnyBus, |this| "Alarm,tol,{}", this.0);
query!(AlarmQuery: Prs, AnyBus, Query "Alarm,?" => Alarm<Decimal>, |text| {
    Alarm::parse(text.reply("Alarm")?, number, Switch::parse)
});

/// A number in whatever unit, in thousandths.
fn number(field: &[u8]) -> Result<Decimal, Fault> {
    Ok(Decimal::new(parse_fixed(field, 3)?, 3)?)
}
