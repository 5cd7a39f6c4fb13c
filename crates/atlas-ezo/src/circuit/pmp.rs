//! EZO-PMP and EZO-PMP-L: dispensing, totals, calibration, what happens at power-up.

use super::{Circuit, Pmp, PmpL, Pumping};
use crate::calibration::{Calibrate, states};
use crate::command::{AnyBus, Command, Reply, Request, Sealed, commands, query, setter};
use crate::output::OutputsQuery;
use crate::text::Text;
use crate::{Address, Fault, Kind, OutputSet, Switch};
use core::fmt::{self, Write as _};
use fugit::MinutesDurationU32;
use quantity::{Microlitres, MicrolitresPerMinute, Millivolts};

/// A value in a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Output {
    /// `V`: volume of this or the last dispense.
    Volume,
    /// `TV`: total, in which reverse counts negative.
    Total,
    /// `ATV`: total, in which reverse counts too.
    AbsoluteTotal,
}
impl Sealed for Output {}

impl crate::Output for Output {
    type Circuit = Pmp;
    const ALL: &'static [(Self, &'static str)] = &[
        (Self::Volume, "V"),
        (Self::Total, "TV"),
        (Self::AbsoluteTotal, "ATV"),
    ];
}

/// A reading: the values that are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reading {
    /// Volume of this or the last dispense.
    pub volume: Option<Microlitres>,
    /// Total since power-up, in which reverse counts negative.
    pub total: Option<Microlitres>,
    /// Total since power-up, in which reverse counts too.
    pub absolute_total: Option<Microlitres>,
}

fn reading(text: Text<'_>, outputs: OutputSet<Output>) -> Result<Reading, Fault> {
    let mut reading = Reading::default();
    outputs.assign(text.fields(), |output, field| {
        let volume = Some(Microlitres::parse(field)?);
        match output {
            Output::Volume => reading.volume = volume,
            Output::Total => reading.total = volume,
            Output::AbsoluteTotal => reading.absolute_total = volume,
        }
        Ok(())
    })?;
    Ok(reading)
}

impl Circuit for Pmp {
    const KIND: Kind = Kind::Pmp;
    const ADDRESS: Address = Address::literal(0x67);
    const READING_MS: u32 = 300;
    type Reading = Reading;
    type Format = OutputSet<Output>;
    type FormatQuery = OutputsQuery<Output>;
    const FORMAT: Option<Self::Format> = None;
    const FORMAT_QUERY: Self::FormatQuery = OutputsQuery::new();

    fn reading(text: Text<'_>, outputs: OutputSet<Output>) -> Result<Reading, Fault> {
        reading(text, outputs)
    }
}

impl Circuit for PmpL {
    const KIND: Kind = Kind::PmpL;
    const ADDRESS: Address = Address::literal(0x6D);
    const READING_MS: u32 = 300;
    type Reading = Reading;
    type Format = OutputSet<Output>;
    type FormatQuery = OutputsQuery<Output>;
    const FORMAT: Option<Self::Format> = None;
    const FORMAT_QUERY: Self::FormatQuery = OutputsQuery::new();

    fn reading(text: Text<'_>, outputs: OutputSet<Output>) -> Result<Reading, Fault> {
        reading(text, outputs)
    }

    /// No source says what a large pump calls itself; it may well be `PMP`.
    fn is(kind: Kind) -> bool {
        matches!(kind, Kind::Pmp | Kind::PmpL)
    }
}

impl Pumping for Pmp {
    const SLOWEST: MicrolitresPerMinute = MicrolitresPerMinute::new(500);
    const FASTEST: MicrolitresPerMinute = MicrolitresPerMinute::new(105_000);
}

impl Pumping for PmpL {
    const SLOWEST: MicrolitresPerMinute = MicrolitresPerMinute::new(10_000);
    const FASTEST: MicrolitresPerMinute = MicrolitresPerMinute::new(750_000);
}

/// Which way the pump turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Direction {
    /// Forward.
    Forward,
    /// Reverse.
    Reverse,
}

impl Direction {
    const fn star(self) -> &'static str {
        match self {
            Self::Forward => "*",
            Self::Reverse => "-*",
        }
    }
}

/// A volume, or no end. Negative is reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Amount {
    /// This volume.
    Volume(Microlitres),
    /// Until it is stopped.
    Endless(Direction),
}

impl Amount {
    fn parse(field: &[u8]) -> Result<Self, Fault> {
        Ok(match field {
            b"*" => Self::Endless(Direction::Forward),
            b"-*" => Self::Endless(Direction::Reverse),
            _ => Self::Volume(Microlitres::parse(field)?),
        })
    }
}

/// Answer to [`DispenseQuery`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dispensing {
    /// What was asked for last.
    pub requested: Amount,
    /// Whether the pump is at it.
    pub running: Switch,
}

/// What the pump does at power-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Startup {
    /// Nothing.
    Off,
    /// Dispenses.
    Dispense(Amount),
    /// Dispenses a volume over a time.
    DispenseOver(Microlitres, MinutesDurationU32),
}

impl Startup {
    fn parse(text: Text<'_>) -> Result<Self, Fault> {
        let mut fields = text.reply("Dstart")?;
        let amount = fields.required()?;
        if amount.eq_ignore_ascii_case(b"off") {
            fields.end()?;
            return Ok(Self::Off);
        }
        match (Amount::parse(amount)?, fields.next()) {
            (Amount::Volume(volume), None) if volume.get() == 0 => Ok(Self::Off),
            (amount, None) => Ok(Self::Dispense(amount)),
            (Amount::Volume(volume), Some(minutes)) => {
                fields.end()?;
                let minutes = MinutesDurationU32::from_ticks(crate::text::fixed(minutes, 0)?);
                Ok(Self::DispenseOver(volume, minutes))
            }
            _ => Err(Fault::Malformed),
        }
    }
}

/// Reports of their own that a pump sends over UART.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reporting {
    /// `0`: none.
    Off,
    /// `1`: once per second while it pumps.
    WhilePumping,
    /// `*`: once per second.
    Always,
}

impl Reporting {
    const fn digit(self) -> char {
        match self {
            Self::Off => '0',
            Self::WhilePumping => '1',
            Self::Always => '*',
        }
    }
}

states! {
    /// What the calibration is for.
    Calibration {
        /// Not calibrated.
        None,
        /// Volumes.
        Volume,
        /// Volumes over a time.
        VolumeOverTime,
        /// Both.
        Both,
    }
}

impl Calibrate for Pmp {
    type Point = Point;
    type State = Calibration;

    fn state(number: u8) -> Result<Calibration, Fault> {
        Calibration::new(number)
    }
}

impl Calibrate for PmpL {
    type Point = Point;
    type State = Calibration;

    fn state(number: u8) -> Result<Calibration, Fault> {
        Calibration::new(number)
    }
}

/// Dispenses a volume over a time: `D,n,m`. Negative is reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DispenseOver {
    /// How much.
    pub volume: Microlitres,
    /// In which time.
    pub time: MinutesDurationU32,
}
impl Sealed for DispenseOver {}

/// Dispenses at a constant rate: `DC,r,m`, `DC,r,*`. Negative is reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DispenseAt {
    /// How fast.
    pub rate: MicrolitresPerMinute,
    /// For how long; without end if `None`.
    pub time: Option<MinutesDurationU32>,
}
impl Sealed for DispenseAt {}

commands! {
    /// Dispenses a volume of at least 0.5 mL, negative in reverse, without end: `D,n`, `D,*`, `D,-*`.
    Dispense(Amount);
    /// Asks what was asked for last, and whether the pump is at it: `D,?`.
    DispenseQuery;
    /// Asks for the fastest rate that the pump can keep, which a calibration fixes: `DC,?`.
    FastestQuery;
    /// Pauses, or goes on: `P`.
    TogglePause;
    /// Asks whether the pump pauses: `P,?`.
    PauseQuery;
    /// Stops, and tells the volume so far: `X`.
    Stop;
    /// Asks for the total since power-up, in which reverse counts negative: `TV,?`.
    TotalQuery;
    /// Asks for the total since power-up, in which reverse counts too: `ATV,?`.
    AbsoluteTotalQuery;
    /// Sets both totals to zero: `Clear`.
    ClearTotals;
    /// Tells the pump what the last dispense really was: `Cal,v`.
    Point(Microlitres);
    /// Asks for the supply of the motor: `PV,?`.
    MotorSupplyQuery;
    /// Turns the direction round, for good: `Invert`.
    ToggleDirection;
    /// Asks whether the direction is turned round: `Invert,?`.
    DirectionQuery;
    /// Sets what the pump does at power-up: `Dstart,n`, `Dstart,*`, `Dstart,n,m`, `Dstart,off`.
    SetStartup(Startup);
    /// Asks what the pump does at power-up: `Dstart,?`.
    StartupQuery;
    /// Sets the reports that the pump sends of its own: `C,*`, `C,1`, `C,0`.
    SetReporting(Reporting);
}

/// A command that does something else when it is executed twice.
macro_rules! once {
    ($name:ty, |$this:ident| $($text:tt)+) => {
        setter!($name: C [C: Pumping], AnyBus { const REPEATABLE: bool = false; }, |$this| $($text)+);
    };
}

once!(Dispense, |this| "D,{}", Written(this.0));
once!(
    DispenseOver,
    |this| "D,{},{}",
    this.volume.number(),
    this.time.as_ticks()
);
once!(
    DispenseAt,
    |this| "DC,{},{}",
    this.rate.number(),
    Duration(this.time)
);
once!(TogglePause, |_this| "P");
once!(Point, |this| "Cal,{}", this.0.number());
once!(ToggleDirection, |_this| "Invert");
setter!(ClearTotals: C [C: Pumping], AnyBus, |_this| "Clear");
setter!(SetReporting: C [C: Pumping], UartOnly, |this| "C,{}", this.0.digit());

query!(DispenseQuery: C [C: Pumping], AnyBus, Query "D,?" => Dispensing, |text| {
    let mut fields = text.reply("D")?;
    let requested = fields.value(Amount::parse)?;
    Ok(Dispensing { requested, running: fields.only(Switch::parse)? })
});
query!(FastestQuery: C [C: Pumping], AnyBus, Query "DC,?" => MicrolitresPerMinute, |text| {
    text.reply("MAXRATE")?.only(MicrolitresPerMinute::parse)
});
query!(PauseQuery: C [C: Pumping], AnyBus, Query "P,?" => Switch, |text| text.reply("P")?.only(Switch::parse));
query!(Stop: C [C: Pumping], AnyBus { const REPEATABLE: bool = false; }, Done "X" => Microlitres, |text| {
    let mut fields = text.fields();
    if !fields.required()?.eq_ignore_ascii_case(b"*DONE") {
        return Err(Fault::Malformed);
    }
    fields.only(Microlitres::parse)
});
query!(TotalQuery: C [C: Pumping], AnyBus, Query "TV,?" => Microlitres, |text| {
    text.reply("TV")?.only(Microlitres::parse)
});
query!(AbsoluteTotalQuery: C [C: Pumping], AnyBus, Query "ATV,?" => Microlitres, |text| {
    text.reply("ATV")?.only(Microlitres::parse)
});
query!(MotorSupplyQuery: C [C: Pumping], AnyBus, Query "PV,?" => Millivolts, |text| {
    text.reply("PV")?.only(Millivolts::parse)
});
query!(DirectionQuery: C [C: Pumping], AnyBus, Query "Invert,?" => Switch, |text| {
    text.reply("Invert")?.only(Switch::parse)
});
query!(StartupQuery: C [C: Pumping], AnyBus, Query "Dstart,?" => Startup, |text| Startup::parse(text));

impl<C: Pumping> Command<C> for SetStartup {
    type Output = ();
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        match self.0 {
            Startup::Off => request.write_str("Dstart,off"),
            Startup::Dispense(amount) => write!(request, "Dstart,{}", Written(amount)),
            Startup::DispenseOver(volume, time) => {
                write!(request, "Dstart,{},{}", volume.number(), time.as_ticks())
            }
        }
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        text.printable()?.nothing()
    }
}

impl Command<PmpL> for crate::output::SetOutput<Output> {
    type Output = ();
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        Command::<Pmp>::write(self, request)
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        Command::<Pmp>::decode(self, text)
    }

    fn effect(&self) -> crate::command::Effect {
        Command::<Pmp>::effect(self)
    }
}

impl Command<PmpL> for OutputsQuery<Output> {
    type Output = OutputSet<Output>;
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Any;

    fn write(&self, request: &mut Request) -> fmt::Result {
        Command::<Pmp>::write(self, request)
    }

    fn decode(&self, text: Text<'_>) -> Result<OutputSet<Output>, Fault> {
        Command::<Pmp>::decode(self, text)
    }
}

/// An amount as a command has it.
struct Written(Amount);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Amount::Volume(volume) => volume.number().fmt(f),
            Amount::Endless(direction) => f.write_str(direction.star()),
        }
    }
}

/// Minutes, or no end.
struct Duration(Option<MinutesDurationU32>);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(time) => time.as_ticks().fmt(f),
            None => f.write_str("*"),
        }
    }
}
