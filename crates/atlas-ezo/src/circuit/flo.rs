//! EZO-FLO: outputs, meter, time bases, totals.

use super::{Circuit, Flo};
use crate::command::{Effect, Sealed, commands, query, setter};
use crate::text::Text;
use crate::{Address, Fault, Kind, OutputSet};
use quantity::{Decimal, parse_fixed};

/// A value in a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Output {
    /// `TV`: total volume.
    Total,
    /// `FR`: flow rate.
    Rate,
}
impl Sealed for Output {}

impl crate::Output for Output {
    type Circuit = Flo;
    const ALL: &'static [(Self, &'static str)] = &[(Self::Total, "TV"), (Self::Rate, "FR")];
}

/// A reading: the values that are switched on, in thousandths of the circuit's units.
///
/// Those depend on the meter and on the conversion factor ([`SetConversion`]), about which sources disagree: have a
/// known volume flow through once and compare. That is why these are numbers and no volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reading {
    /// Total volume.
    pub total: Option<Decimal>,
    /// Flow rate per time base ([`SetRateBase`]).
    pub rate: Option<Decimal>,
}

impl Circuit for Flo {
    const KIND: Kind = Kind::Flo;
    const ADDRESS: Address = Address::literal(0x68);
    const READING_MS: u32 = 300;
    type Reading = Reading;
    type Format = OutputSet<Output>;
    type FormatQuery = crate::output::OutputsQuery<Output>;
    const FORMAT: Option<Self::Format> = None;
    const FORMAT_QUERY: Self::FormatQuery = crate::output::OutputsQuery::new();

    fn reading(text: Text<'_>, outputs: OutputSet<Output>) -> Result<Reading, Fault> {
        let mut reading = Reading::default();
        outputs.assign(text.fields(), |output, field| {
            let value = Some(number(field)?);
            match output {
                Output::Total => reading.total = value,
                Output::Rate => reading.rate = value,
            }
            Ok(())
        })?;
        Ok(reading)
    }
}

/// A number that is not negative.
fn number(field: &[u8]) -> Result<Decimal, Fault> {
    match parse_fixed(field, 3)? {
        ..0 => Err(Fault::OutOfRange),
        thousandths => Ok(Decimal::new(thousandths, 3)?),
    }
}

/// Declares an enum whose values have a word each.
macro_rules! words {
    ($(#[$attribute:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal),+ $(,)? }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum $name { $($(#[$doc])* $value),+ }

        impl $name {
            const fn word(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }

            #[allow(dead_code, reason = "not every setting can be asked for")]
            fn parse(field: &[u8]) -> Result<Self, Fault> {
                $(if field.eq_ignore_ascii_case($word.as_bytes()) {
                    return Ok(Self::$value);
                })+
                Err(Fault::Malformed)
            }
        }
    };
}

words! {
    /// A meter that the circuit knows, by its size in inches.
    Meter {
        /// 1/4 inch.
        Quarter = "1/4",
        /// 3/8 inch.
        ThreeEighths = "3/8",
        /// 1/2 inch.
        Half = "1/2",
        /// 3/4 inch.
        ThreeQuarters = "3/4",
    }
}

words! {
    /// The time that a rate is per.
    TimeBase {
        /// Per second.
        Second = "s",
        /// Per minute.
        Minute = "m",
        /// Per hour.
        Hour = "h",
    }
}

words! {
    /// Resistor at the meter's input.
    Resistor {
        /// None.
        None = "0",
        /// 1 kΩ to the supply.
        Up1 = "1",
        /// 10 kΩ to the supply.
        Up10 = "10",
        /// 100 kΩ to the supply.
        Up100 = "100",
        /// 1 kΩ to ground.
        Down1 = "-1",
        /// 10 kΩ to ground.
        Down10 = "-10",
        /// 100 kΩ to ground.
        Down100 = "-100",
    }
}

/// A point of the table of a foreign meter: `K,vol,n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AddPoint {
    /// Volume.
    pub volume: Decimal,
    /// Pulses for that volume if it is the only point, otherwise the frequency in Hz.
    pub pulses: u32,
}
impl Sealed for AddPoint {}

/// The text of an answer whose form no source gives.
pub type Unread = heapless::String<46>;

commands! {
    /// Chooses a meter that the circuit knows: `Set,3/8`.
    SetMeter(Meter);
    /// Asks for the meter: `Set,?`.
    MeterQuery;
    /// Sets the time base of the flow rate: `Frp,s`, `Frp,m`, `Frp,h`.
    SetRateBase(TimeBase);
    /// Asks for the time base of the flow rate: `Frp,?`.
    RateBaseQuery;
    /// Forgets the table of a foreign meter; send it before a new one: `K,clear`.
    ClearPoints;
    /// Asks for the table of a foreign meter, as text: `K,?`.
    PointsQuery;
    /// Sets the time base of the table of a foreign meter: `Vp,s`, `Vp,m`, `Vp,h`.
    SetPointBase(TimeBase);
    /// Sets the conversion factor: `CF,n`. Sources disagree whether 1 is for litres or for millilitres.
    SetConversion(Decimal);
    /// Asks for the conversion factor, in thousandths: `CF,?`.
    ConversionQuery;
    /// Sets the total volume to zero: `Clear`.
    ClearTotal;
    /// Sets the resistor at the meter's input: `P,n`.
    SetResistor(Resistor);
}

setter!(SetMeter: Flo, AnyBus, |this| "Set,{}", this.0.word());
query!(MeterQuery: Flo, AnyBus, Query "Set,?" => Meter, |text| text.reply("Set")?.only(Meter::parse));
setter!(SetRateBase: Flo, AnyBus { fn effect(&self) -> Effect { Effect::Format } }, |this| "Frp,{}", this.0.word());
query!(RateBaseQuery: Flo, AnyBus, Query "Frp,?" => TimeBase, |text| text.reply("Frp")?.only(TimeBase::parse));
setter!(AddPoint: Flo, AnyBus { const REPEATABLE: bool = false; }, |this| "K,{},{}", this.volume, this.pulses);
setter!(ClearPoints: Flo, AnyBus, |_this| "K,clear");
query!(PointsQuery: Flo, AnyBus, Any "K,?" => Unread, |text| {
    let text = core::str::from_utf8(text.bytes()).map_err(|_| Fault::Malformed)?;
    Unread::try_from(text).map_err(|_| Fault::Truncated)
});
setter!(SetPointBase: Flo, AnyBus, |this| "Vp,{}", this.0.word());
setter!(SetConversion: Flo, AnyBus, |this| "CF,{}", this.0);
query!(ConversionQuery: Flo, AnyBus, Query "CF,?" => Decimal, |text| text.reply("CF")?.only(number));
setter!(ClearTotal: Flo, AnyBus, |_this| "Clear");
setter!(SetResistor: Flo, AnyBus, |this| "P,{}", this.0.word());
