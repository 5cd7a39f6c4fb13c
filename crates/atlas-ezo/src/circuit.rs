//! The circuits of the family: what each has, and how long it takes.

use crate::command::{AnyBus, Command, Reply, Request, Sealed};
use crate::text::Text;
use crate::{Address, Fault, Kind};
use core::fmt;
use quantity::MicrolitresPerMinute;

pub mod co2;
#[path = "circuit/do.rs"]
pub mod do_;
pub mod ec;
pub mod flo;
pub mod hum;
pub mod orp;
pub mod ph;
pub mod pmp;
pub mod prs;
pub mod rtd;

/// A circuit of the family. Sealed.
pub trait Circuit: Sealed + Copy + fmt::Debug + Sized + 'static {
    /// What it calls itself.
    const KIND: Kind;
    /// The factory's I2C address.
    const ADDRESS: Address;
    /// Processing delay of a reading in milliseconds.
    const READING_MS: u32;
    /// Processing delay of a calibration in milliseconds.
    const CALIBRATION_MS: u32 = 300;

    /// What a reading consists of.
    type Reading: Copy + PartialEq + fmt::Debug;
    /// What has to be known to read a reading: outputs, scale, unit.
    type Format: Copy + PartialEq + fmt::Debug;
    /// The command that asks the circuit for it.
    type FormatQuery: Command<Self, Output = Self::Format, Bus = AnyBus>;
    /// The format, if it never changes.
    const FORMAT: Option<Self::Format>;
    /// The command that asks the circuit for it.
    const FORMAT_QUERY: Self::FormatQuery;

    /// Reads a reading.
    ///
    /// # Errors
    ///
    /// [`Fault::Fields`] if it does not match the format, [`Fault::Malformed`], and what is no measurement.
    fn reading(text: Text<'_>, format: Self::Format) -> Result<Self::Reading, Fault>;

    /// Whether a circuit that calls itself `kind` is one of these.
    fn is(kind: Kind) -> bool {
        kind == Self::KIND
    }
}

/// A circuit that measures, rather than pumps. Sealed.
pub trait Sensor: Circuit {}

/// A circuit whose readings depend on a temperature that it is told. Sealed.
pub trait Compensated: Sensor {}

/// A circuit with a pump. Sealed.
pub trait Pumping: Circuit<Reading = pmp::Reading, Format = crate::OutputSet<pmp::Output>> {
    /// The slowest that it can go.
    const SLOWEST: MicrolitresPerMinute;
    /// The fastest that it can go, before calibration.
    const FASTEST: MicrolitresPerMinute;
}

/// The question for a format that never changes; nobody can ask it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixed(());
impl Sealed for Fixed {}

impl Fixed {
    pub(crate) const VALUE: Self = Self(());
}

impl<C: Circuit<Format = ()>> Command<C> for Fixed {
    type Output = ();
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, _request: &mut Request) -> fmt::Result {
        Err(fmt::Error)
    }

    fn decode(&self, _text: Text<'_>) -> Result<(), Fault> {
        Ok(())
    }
}

/// Declares a circuit.
macro_rules! circuit {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}
        impl Sealed for $name {}
    };
}

circuit! {
    /// EZO-pH.
    Ph
}
circuit! {
    /// EZO-EC, conductivity.
    Ec
}
circuit! {
    /// EZO-DO, dissolved oxygen.
    Do
}
circuit! {
    /// EZO-ORP, redox potential.
    Orp
}
circuit! {
    /// EZO-RTD, temperature.
    Rtd
}
circuit! {
    /// EZO-HUM, humidity.
    Hum
}
circuit! {
    /// EZO-CO2.
    Co2
}
circuit! {
    /// EZO-FLO, flow.
    Flo
}
circuit! {
    /// EZO-PRS, pressure.
    Prs
}
circuit! {
    /// EZO-PMP, pump.
    Pmp
}
circuit! {
    /// EZO-PMP-L, large pump.
    PmpL
}

impl Sensor for Ph {}
impl Sensor for Ec {}
impl Sensor for Do {}
impl Sensor for Orp {}
impl Sensor for Rtd {}
impl Sensor for Hum {}
impl Sensor for Co2 {}
impl Sensor for Flo {}
impl Sensor for Prs {}
impl Compensated for Ph {}
impl Compensated for Ec {}
impl Compensated for Do {}
