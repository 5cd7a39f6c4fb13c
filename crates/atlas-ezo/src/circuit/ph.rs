//! EZO-pH: calibration, slope, extended range.

use super::{Circuit, Fixed, Ph};
use crate::calibration::{Calibrate, Step, states};
use crate::command::{AnyBus, Command, Reply, Request, Sealed, Work, commands, query, setter};
use crate::text::{Text, fixed};
use crate::{Address, Fault, Kind, Switch};
use core::fmt::{self, Write as _};
use quantity::{Microvolts, MilliPh};

impl Circuit for Ph {
    const KIND: Kind = Kind::Ph;
    const ADDRESS: Address = Address::literal(0x63);
    const READING_MS: u32 = 900;
    const CALIBRATION_MS: u32 = 900;
    type Reading = MilliPh;
    type Format = ();
    type FormatQuery = Fixed;
    const FORMAT: Option<()> = Some(());
    const FORMAT_QUERY: Fixed = Fixed::VALUE;

    /// An answer of exactly 0.000 or 14.000 is where the circuit ends: [`Fault::Pinned`].
    fn reading(text: Text<'_>, (): ()) -> Result<MilliPh, Fault> {
        let ph = text.fields().only(MilliPh::parse)?;
        if ph == MilliPh::MIN || ph == MilliPh::MAX {
            Err(Fault::Pinned)
        } else {
            Ok(ph)
        }
    }
}

/// A point of the calibration: `Cal,mid,7.00`, `Cal,low,4.00`, `Cal,high,10.00`.
///
/// Mid comes first, and makes the circuit forget low and high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Point {
    /// The middle of the scale, as a rule 7.
    Mid(MilliPh),
    /// The acid side, as a rule 4.
    Low(MilliPh),
    /// The alkaline side, as a rule 10.
    High(MilliPh),
}
impl Sealed for Point {}

impl Command<Ph> for Point {
    type Output = ();
    type Bus = AnyBus;
    const WORK: Work = Work::Calibration;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        match self {
            Self::Mid(ph) => write!(request, "Cal,mid,{}", Precise(*ph)),
            Self::Low(ph) => write!(request, "Cal,low,{}", Precise(*ph)),
            Self::High(ph) => write!(request, "Cal,high,{}", Precise(*ph)),
        }
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        text.printable()?.nothing()
    }
}

/// Two decimals as on the bottle, three if they are needed.
struct Precise(MilliPh);

impl fmt::Display for Precise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = if self.0.get() % 10 == 0 { 2 } else { 3 };
        write!(f, "{:.*}", decimals, self.0.number())
    }
}

states! {
    /// How far the calibration has come.
    Calibration {
        /// Not calibrated.
        None,
        /// One point.
        Mid,
        /// Two points.
        MidLow,
        /// Three points.
        MidLowHigh,
    }
}

impl Calibrate for Ph {
    type Point = Point;
    type State = Calibration;

    fn state(number: u8) -> Result<Calibration, Fault> {
        Calibration::new(number)
    }

    fn step(point: &Point) -> Step {
        match point {
            Point::Mid(_) => Step {
                needs: 0,
                does: 1,
                undoes: 0,
            },
            Point::Low(_) | Point::High(_) => Step {
                needs: 1,
                does: 0,
                undoes: 0,
            },
        }
    }

    fn proved(state: Calibration) -> u8 {
        u8::from(state != Calibration::None)
    }
}

/// How well the probe follows the ideal one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slope {
    /// Slope on the acid side in thousandths of the ideal.
    pub acid_permille: i16,
    /// Slope on the alkaline side in thousandths of the ideal. Some firmware writes it with a minus sign.
    pub base_permille: i16,
    /// What the probe gives at pH 7. Old firmware does not tell.
    pub offset: Option<Microvolts>,
}

/// What to do about a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Health {
    /// Nothing.
    Good,
    /// Clean it and calibrate again; replace it if that does not help.
    Worn,
    /// Replace it.
    Spent,
}

impl Slope {
    /// Judges the probe, after a calibration with three points: an uncalibrated circuit says that all is ideal.
    ///
    /// Good is a slope of 95 % to 105 % and an offset of up to 5 mV; spent is a slope below 90 % or an offset above
    /// 10 mV.
    pub fn health(self) -> Health {
        let slopes = [self.acid_permille, self.base_permille].map(i16::unsigned_abs);
        let offset = self.offset.map_or(0, |offset| offset.get().unsigned_abs());
        if slopes.iter().any(|&slope| slope < 900) || offset > 10_000 {
            Health::Spent
        } else if slopes.iter().all(|slope| (950..=1_050).contains(slope)) && offset <= 5_000 {
            Health::Good
        } else {
            Health::Worn
        }
    }

    fn parse(text: Text<'_>) -> Result<Self, Fault> {
        let mut fields = text.reply("Slope")?;
        let acid_permille = fields.value(|field: &[u8]| fixed(field, 1))?;
        let base_permille = fields.value(|field: &[u8]| fixed(field, 1))?;
        let offset = fields.next().map(Microvolts::parse).transpose()?;
        fields.end()?;
        Ok(Self {
            acid_permille,
            base_permille,
            offset,
        })
    }
}

/// Acidity in thousandths of a pH in the extended range, −1.6 to 15.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExtendedPh(i16);

impl ExtendedPh {
    /// Thousandths of a pH.
    pub const fn get(self) -> i16 {
        self.0
    }
}

commands! {
    /// Asks how well the probe follows the ideal one: `Slope,?`.
    SlopeQuery;
    /// Switches the extended range: `pHext,1`, `pHext,0`.
    SetExtended(Switch);
    /// Asks for the extended range: `pHext,?`.
    ExtendedQuery;
    /// A reading in the extended range: `R`.
    ReadExtended;
}

query!(SlopeQuery: Ph, AnyBus, Query "Slope,?" => Slope, |text| Slope::parse(text));
setter!(SetExtended: Ph, AnyBus, |this| "pHext,{}", this.0);
query!(ExtendedQuery: Ph, AnyBus, Query "pHext,?" => Switch, |text| text.reply("pHext")?.only(Switch::parse));
query!(ReadExtended: Ph, AnyBus { const WORK: Work = Work::Reading; }, Line "R" => ExtendedPh, |text| {
    match text.fields().only(|field: &[u8]| fixed(field, 3))? {
        ph @ -1_600..=15_600 => Ok(ExtendedPh(ph)),
        _ => Err(Fault::OutOfRange),
    }
});
