//! EZO-ORP: calibration, extended range.

use super::{Circuit, Fixed, Orp};
use crate::calibration::{Calibrate, states};
use crate::command::{Work, commands, query, setter};
use crate::text::Text;
use crate::{Address, Fault, Kind, Switch};
use quantity::Microvolts;

impl Circuit for Orp {
    const KIND: Kind = Kind::Orp;
    const ADDRESS: Address = Address::literal(0x62);
    const READING_MS: u32 = 900;
    const CALIBRATION_MS: u32 = 900;
    type Reading = Microvolts;
    type Format = ();
    type FormatQuery = Fixed;
    const FORMAT: Option<()> = Some(());
    const FORMAT_QUERY: Fixed = Fixed::VALUE;

    fn reading(text: Text<'_>, (): ()) -> Result<Microvolts, Fault> {
        within(text, 1_019_900)
    }
}

fn within(text: Text<'_>, limit: u32) -> Result<Microvolts, Fault> {
    let potential = text.fields().only(Microvolts::parse)?;
    if potential.get().unsigned_abs() <= limit {
        Ok(potential)
    } else {
        Err(Fault::OutOfRange)
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

impl Calibrate for Orp {
    type Point = Point;
    type State = Calibration;

    fn state(number: u8) -> Result<Calibration, Fault> {
        Calibration::new(number)
    }
}

commands! {
    /// The point of the calibration: `Cal,225`.
    Point(Microvolts);
    /// Switches the extended range: `ORPext,1`, `ORPext,0`.
    SetExtended(Switch);
    /// Asks for the extended range: `ORPext,?`.
    ExtendedQuery;
    /// A reading in the extended range, which is taken to end at ±2.1 V (no source gives it): `R`.
    ReadExtended;
}

setter!(Point: Orp, AnyBus { const WORK: Work = Work::Calibration; }, |this| "Cal,{}", this.0.number());
setter!(SetExtended: Orp, AnyBus, |this| "ORPext,{}", this.0);
query!(ExtendedQuery: Orp, AnyBus, Query "ORPext,?" => Switch, |text| {
    text.reply("ORPext")?.only(Switch::parse)
});
query!(ReadExtended: Orp, AnyBus { const WORK: Work = Work::Reading; }, Line "R" => Microvolts, |text| {
    within(text, 2_100_000)
});
