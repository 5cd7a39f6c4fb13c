//! What the host says. Commands of one circuit are in that circuit's module: [`ph`](crate::ph), [`ec`](crate::ec) …

use crate::text::{Text, whole};
use crate::value::{self, Address, BaudRate, Switch};
use crate::{Calibrate, Chunk, Circuit, Compensated, Fault, Sensor};
use core::fmt::{self, Write as _};
use fugit::MillisDurationU32;
use quantity::MilliCelsius;

/// A command of circuit `C`: its bytes, what it takes, and how its answer is read.
///
/// Sealed. What a circuit does not have does not compile:
///
/// ```
/// # use atlas_ezo::{Ph, command::{Command, SetTemperature}};
/// fn has<C: atlas_ezo::Circuit, M: Command<C>>() {}
/// has::<Ph, SetTemperature>();
/// ```
///
/// ```compile_fail,E0277
/// # use atlas_ezo::{Orp, command::{Command, SetTemperature}};
/// fn has<C: atlas_ezo::Circuit, M: Command<C>>() {}
/// has::<Orp, SetTemperature>(); // an ORP circuit knows no temperature
/// ```
///
/// ```compile_fail,E0277
/// # use atlas_ezo::{Ec, ph::SlopeQuery, command::Command};
/// fn has<C: atlas_ezo::Circuit, M: Command<C>>() {}
/// has::<Ec, SlopeQuery>(); // only a pH circuit judges its probe
/// ```
///
/// ```compile_fail,E0277
/// # use atlas_ezo::{Hum, command::{CalibrationQuery, Command}};
/// fn has<C: atlas_ezo::Circuit, M: Command<C>>() {}
/// has::<Hum, CalibrationQuery>(); // a humidity circuit is not calibrated
/// ```
///
/// ```compile_fail,E0277
/// # use atlas_ezo::{Ph, pmp::Stop, command::Command};
/// fn has<C: atlas_ezo::Circuit, M: Command<C>>() {}
/// has::<Ph, Stop>(); // nothing to stop
/// ```
///
/// Nor does what the bus does not carry, or what the buffer does not hold:
///
/// ```
/// # use atlas_ezo::{Circuit as _, I2c, Ph, Rtd, blocking::Ezo, command::LedQuery, rtd};
/// # fn run(bus: impl embedded_hal::i2c::I2c, delay: impl embedded_hal::delay::DelayNs) {
/// let mut ezo = Ezo::<Rtd, _>::new(I2c::<_, _, 512>::with_frame(bus, Rtd::ADDRESS, delay));
/// ezo.execute(&LedQuery).ok();
/// ezo.execute(&rtd::RecallAll(rtd::Scale::Celsius)).ok();
/// # }
/// # let _ = || run(embedded_hal_mock::eh1::i2c::Mock::new(&[]), embedded_hal_mock::eh1::delay::NoopDelay::new());
/// ```
///
/// ```compile_fail,E0277
/// # use atlas_ezo::{Circuit as _, I2c, Ph, blocking::Ezo, command::BaudQuery};
/// # fn run(bus: impl embedded_hal::i2c::I2c, delay: impl embedded_hal::delay::DelayNs) {
/// let mut ezo = Ezo::<Ph, _>::new(I2c::new(bus, Ph::ADDRESS, delay));
/// ezo.execute(&BaudQuery).ok(); // UART only
/// # }
/// ```
///
/// ```compile_fail,E0080
/// # use atlas_ezo::{Circuit as _, I2c, Rtd, blocking::Ezo, rtd};
/// # fn run(bus: impl embedded_hal::i2c::I2c, delay: impl embedded_hal::delay::DelayNs) {
/// let mut ezo = Ezo::<Rtd, _>::new(I2c::new(bus, Rtd::ADDRESS, delay)); // 48 bytes
/// ezo.execute(&rtd::RecallAll(rtd::Scale::Celsius)).ok();
/// # }
/// # run(embedded_hal_mock::eh1::i2c::Mock::new(&[]), embedded_hal_mock::eh1::delay::NoopDelay::new());
/// ```
pub trait Command<C: Circuit>: sealed::Sealed {
    /// What the circuit answers.
    type Output;
    /// The bus that the command can be sent over: [`AnyBus`], [`I2cOnly`] or [`UartOnly`].
    type Bus;

    /// What the circuit has to do for it, which tells the processing delay.
    const WORK: Work = Work::Quick;
    /// The form of the answer.
    const REPLY: Reply;
    /// Whether the command may be sent again if the circuit seems to have lost it.
    const REPEATABLE: bool = true;
    /// The longest answer, with a status byte in front and a zero at its end.
    const CAPACITY: usize = 48;

    /// Writes the command.
    ///
    /// # Errors
    ///
    /// If it does not fit.
    fn write(&self, request: &mut Request) -> fmt::Result;

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// [`Fault`]s of the text.
    fn decode(&self, text: Text<'_>) -> Result<Self::Output, Fault>;

    /// What the command does to the circuit beside its answer.
    fn effect(&self) -> Effect {
        Effect::None
    }
}

mod sealed {
    pub trait Sealed {}
}
pub(crate) use sealed::Sealed;

/// Any bus.
#[derive(Debug)]
pub enum AnyBus {}

/// I2C.
#[derive(Debug)]
pub enum I2cOnly {}

/// UART.
#[derive(Debug)]
pub enum UartOnly {}

/// Part of a circuit's work, each with a processing delay of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Settings and queries.
    Quick,
    /// A reading.
    Reading,
    /// A calibration.
    Calibration,
}

impl Work {
    /// The documented processing delay.
    pub const fn delay<C: Circuit>(self) -> MillisDurationU32 {
        MillisDurationU32::from_ticks(match self {
            Self::Quick => 300,
            Self::Reading => C::READING_MS,
            Self::Calibration => C::CALIBRATION_MS,
        })
    }
}

/// Form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// None but that it was done: status 1 alone, or `*OK`.
    Acknowledge,
    /// `?NAME,..`.
    Query,
    /// Anything that begins neither with `?` nor with `*`, save `*WARM`.
    Line,
    /// `?NAME,..` from old firmware, without the name from new.
    Any,
    /// `*DONE,..`, which over UART no `*OK` follows.
    Done,
    /// A part of an export: over UART no `*OK` follows, and `*DONE` is the last.
    Chunk,
}

/// What a command does to a circuit beside its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing that a driver has to know.
    None,
    /// It changes what readings consist of.
    Format,
    /// The circuit sleeps; over I2C nothing may be read, which would wake it.
    Sleep,
    /// The circuit restarts; over I2C nothing may be read.
    Restart,
    /// The circuit restarts on the other bus.
    Leave,
    /// The circuit restarts at this address.
    Move(Address),
    /// The circuit restarts its UART at this rate.
    Rate(BaudRate),
    /// The circuit sends or does not send `*OK`.
    Codes(Switch),
}

impl Effect {
    /// Whether nothing can be read over I2C afterwards.
    pub(crate) const fn is_silent(self) -> bool {
        matches!(
            self,
            Self::Sleep | Self::Restart | Self::Leave | Self::Move(_) | Self::Rate(_)
        )
    }
}

/// The bytes of a command, up to 40: longer ones are refused by circuits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request(heapless::String<40>);

impl Request {
    pub(crate) const EMPTY: Self = Self(heapless::String::new());

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The bytes of `command`.
    ///
    /// # Errors
    ///
    /// [`Fault::Argument`] if they are too many.
    pub fn of<C: Circuit, M: Command<C>>(command: &M) -> Result<Self, Fault> {
        let mut request = Self::default();
        command.write(&mut request).map_err(|_| Fault::Argument)?;
        Ok(request)
    }
}

impl fmt::Write for Request {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text).map_err(|_| fmt::Error)
    }
}

/// Reads the bytes of an answer to `command`.
pub(crate) fn decode<C: Circuit, M: Command<C>>(command: &M, answer: &[u8]) -> Result<M::Output, Fault> {
    command.decode(Text::new(answer))
}

/// Implements a command without an answer: its type and circuit, its bus, what differs from the usual, its text.
macro_rules! setter {
    ($name:ty: $circuit:ty $([$($generics:tt)*])?, $bus:ident $({ $($item:tt)* })?, |$this:ident| $($text:tt)+) => {
        impl $(<$($generics)*>)? $crate::command::Command<$circuit> for $name {
            type Output = ();
            type Bus = $crate::command::$bus;
            const REPLY: $crate::command::Reply = $crate::command::Reply::Acknowledge;
            $($($item)*)?

            fn write(&self, request: &mut $crate::command::Request) -> core::fmt::Result {
                let $this = self;
                core::fmt::Write::write_fmt(request, format_args!($($text)+))
            }

            fn decode(&self, text: $crate::Text<'_>) -> Result<(), $crate::Fault> {
                text.printable()?.nothing()
            }
        }
    };
}
pub(crate) use setter;

/// Implements a command with an answer: its type and circuit, its bus, what differs from the usual, the form of the
/// answer, its text and how the answer is read.
macro_rules! query {
    (
        $name:ty: $circuit:ty $([$($generics:tt)*])?, $bus:ident $({ $($item:tt)* })?,
        $reply:ident $text:literal => $output:ty, |$answer:ident| $decode:expr
    ) => {
        impl $(<$($generics)*>)? $crate::command::Command<$circuit> for $name {
            type Output = $output;
            type Bus = $crate::command::$bus;
            const REPLY: $crate::command::Reply = $crate::command::Reply::$reply;
            $($($item)*)?

            fn write(&self, request: &mut $crate::command::Request) -> core::fmt::Result {
                core::fmt::Write::write_str(request, $text)
            }

            fn decode(&self, text: $crate::Text<'_>) -> Result<$output, $crate::Fault> {
                let $answer = text.printable()?;
                $decode
            }
        }
    };
}
pub(crate) use query;

/// Declares the types of commands.
macro_rules! commands {
    ($($(#[$attribute:meta])* $name:ident $(($($field:ty),+))?;)+) => {
        $(
            $(#[$attribute])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            #[cfg_attr(feature = "defmt", derive(defmt::Format))]
            pub struct $name $(($(pub $field),+))?;

            impl $crate::command::Sealed for $name {}
        )+
    };
}
pub(crate) use commands;

commands! {
    /// Asks which circuit it is: `i`.
    Information;
    /// Asks why it restarted and what its supply is: `Status`.
    Status;
    /// Switches the indicator: `L,1`, `L,0`. On by default.
    SetLed(Switch);
    /// Asks for the indicator: `L,?`.
    LedQuery;
    /// Makes the indicator blink white until the next command, and ends continuous mode: `Find`.
    Find;
    /// Asks for the name: `Name,?`.
    NameQuery;
    /// Locks or unlocks the switch between I2C and UART: `Plock,1`, `Plock,0`.
    SetProtocolLock(Switch);
    /// Asks for the protocol lock: `Plock,?`.
    ProtocolLockQuery;
    /// Puts the circuit to sleep: `Sleep`. The next command wakes it.
    Sleep;
    /// Restores the factory's settings and restarts: `Factory`. Clears the calibration, keeps the I2C address.
    Factory;
    /// Restarts at another address: `I2C,n`. The driver follows.
    SetAddress(Address);
    /// Restarts as a UART: `Baud,n`. The driver cannot follow.
    SwitchToUart(BaudRate);
    /// Restarts as an I2C device: `I2C,n`. The driver cannot follow.
    SwitchToI2c(Address);
    /// Asks for the speed of the UART: `Baud,?`.
    BaudQuery;
    /// Switches `*OK` on or off: `*OK,1`, `*OK,0`. The driver follows.
    SetResponseCodes(Switch);
    /// Asks whether `*OK` is on: `*OK,?`.
    ResponseCodesQuery;
    /// Sets continuous mode: `C,n`, `C,0`.
    SetContinuous(Continuous);
    /// Asks for continuous mode: `C,?`.
    ContinuousQuery;
    /// Asks how long the calibration is: `Export,?`.
    ExportQuery;
    /// Forgets the calibration: `Cal,clear`.
    ClearCalibration;
    /// Asks how far the calibration has come: `Cal,?`.
    CalibrationQuery;
    /// Sets the temperature that readings are compensated for: `T,n`, in tenths of a degree. Lost with the supply.
    SetTemperature(MilliCelsius);
    /// Asks for the temperature that readings are compensated for: `T,?`.
    TemperatureQuery;
}

/// The speed of the UART: `Baud,n`. Through a method only, because both sides have to change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SetBaud(pub(crate) BaudRate);
impl Sealed for SetBaud {}

/// Gives the circuit a name, or takes it away: `Name,x`, `Name,`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetName(pub value::Name);
impl Sealed for SetName {}

/// A reading: `R`.
///
/// What the circuit sends depends on what it was told to send, which is why the command carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read<F = ()>(pub F);
impl<F> Sealed for Read<F> {}

/// A reading compensated for a temperature from now on: `RT,n`. Firmware 2.12 (pH) or 2.13 (EC) and later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadAt<F = ()> {
    /// The temperature, sent in tenths of a degree.
    pub temperature: MilliCelsius,
    /// What the circuit was told to send.
    pub format: F,
}
impl<F> Sealed for ReadAt<F> {}

/// Interval of continuous mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Continuous(u8);

impl Continuous {
    /// No readings but those asked for.
    pub const OFF: Self = Self(0);

    /// A reading every `seconds`, 1 to 99.
    ///
    /// # Errors
    ///
    /// [`Fault::Argument`] outside of it.
    pub const fn every(seconds: u8) -> Result<Self, Fault> {
        match seconds {
            1..=99 => Ok(Self(seconds)),
            _ => Err(Fault::Argument),
        }
    }

    /// The interval in seconds; 0 is off.
    pub const fn seconds(self) -> u8 {
        self.0
    }
}

/// Number of strings and bytes of an exported calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExportSize {
    /// Strings.
    pub strings: u8,
    /// Bytes of all strings together.
    pub bytes: u16,
}

/// The next string of the calibration: `Export`.
///
/// Over I2C each is asked for; over UART the first question brings them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Export {
    First,
    Next { streamed: bool },
}
impl Sealed for Export {}

/// A string of a calibration: `Import,x`. The circuit restarts after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Import<'a> {
    pub(crate) chunk: &'a Chunk,
    pub(crate) last: bool,
}
impl Sealed for Import<'_> {}

query!(Information: C [C: Circuit], AnyBus, Query "i" => value::Information, |text| {
    let mut fields = text.reply("i")?;
    let kind = fields.value(value::Kind::parse)?;
    let firmware = fields.only(|field: &[u8]| crate::text::fixed(field, 2))?;
    Ok(value::Information { kind, firmware: value::Firmware::from_hundredths(firmware) })
});
query!(Status: C [C: Circuit], AnyBus, Query "Status" => value::Status, |text| {
    let mut fields = text.reply("Status")?;
    let restart = fields.value(value::Restart::parse)?;
    Ok(value::Status { restart, supply: fields.only(quantity::Millivolts::parse)? })
});
setter!(SetLed: C [C: Circuit], AnyBus, |this| "L,{}", this.0);
query!(LedQuery: C [C: Circuit], AnyBus, Query "L,?" => Switch, |text| text.reply("L")?.only(Switch::parse));
setter!(Find: C [C: Circuit], AnyBus, |_this| "Find");
setter!(SetName: C [C: Circuit], AnyBus, |this| "Name,{}", this.0.as_str());
query!(NameQuery: C [C: Circuit], AnyBus, Query "Name,?" => value::Name, |text| {
    text.reply("Name")?.only(value::Name::parse)
});
setter!(SetProtocolLock: C [C: Circuit], AnyBus, |this| "Plock,{}", this.0);
query!(ProtocolLockQuery: C [C: Circuit], AnyBus, Query "Plock,?" => Switch, |text| {
    text.reply("Plock")?.only(Switch::parse)
});
setter!(Sleep: C [C: Circuit], AnyBus { fn effect(&self) -> Effect { Effect::Sleep } }, |_this| "Sleep");
setter!(Factory: C [C: Circuit], AnyBus {
    const REPEATABLE: bool = false;
    fn effect(&self) -> Effect { Effect::Restart }
}, |_this| "Factory");
setter!(SetAddress: C [C: Circuit], I2cOnly {
    const REPEATABLE: bool = false;
    fn effect(&self) -> Effect { Effect::Move(self.0) }
}, |this| "I2C,{}", this.0.get());
setter!(SwitchToUart: C [C: Circuit], I2cOnly {
    const REPEATABLE: bool = false;
    fn effect(&self) -> Effect { Effect::Leave }
}, |this| "Baud,{}", this.0.get());
setter!(SwitchToI2c: C [C: Circuit], UartOnly {
    const REPEATABLE: bool = false;
    fn effect(&self) -> Effect { Effect::Leave }
}, |this| "I2C,{}", this.0.get());
setter!(SetBaud: C [C: Circuit], UartOnly {
    const REPEATABLE: bool = false;
    fn effect(&self) -> Effect { Effect::Rate(self.0) }
}, |this| "Baud,{}", this.0.get());
query!(BaudQuery: C [C: Circuit], UartOnly, Query "Baud,?" => BaudRate, |text| {
    text.reply("Baud")?.only(BaudRate::parse)
});
setter!(SetResponseCodes: C [C: Circuit], UartOnly {
    fn effect(&self) -> Effect { Effect::Codes(self.0) }
}, |this| "*OK,{}", this.0);
query!(ResponseCodesQuery: C [C: Circuit], UartOnly, Query "*OK,?" => Switch, |text| {
    text.reply("*OK")?.only(Switch::parse)
});
setter!(SetContinuous: C [C: Sensor], UartOnly, |this| "C,{}", this.0.0);
query!(ContinuousQuery: C [C: Sensor], UartOnly, Query "C,?" => Continuous, |text| {
    match text.reply("C")?.only(whole::<u8>)? {
        seconds @ 0..=99 => Ok(Continuous(seconds)),
        _ => Err(Fault::OutOfRange),
    }
});
query!(ExportQuery: C [C: Circuit], AnyBus, Any "Export,?" => ExportSize, |text| {
    let mut fields = text.reply_or_bare("Export")?;
    Ok(ExportSize { strings: fields.value(whole::<u8>)?, bytes: fields.only(whole::<u16>)? })
});
setter!(ClearCalibration: C [C: Calibrate], AnyBus, |_this| "Cal,clear");
query!(CalibrationQuery: C [C: Calibrate], AnyBus, Query "Cal,?" => C::State, |text| {
    C::state(text.reply("Cal")?.only(whole::<u8>)?)
});
setter!(SetTemperature: C [C: Compensated], AnyBus, |this| "T,{:.1}", this.0.number());
query!(TemperatureQuery: C [C: Compensated], AnyBus, Query "T,?" => MilliCelsius, |text| {
    text.reply("T")?.only(MilliCelsius::parse)
});

impl<C: Circuit> Command<C> for Read<C::Format> {
    type Output = C::Reading;
    type Bus = AnyBus;
    const WORK: Work = Work::Reading;
    const REPLY: Reply = Reply::Line;

    fn write(&self, request: &mut Request) -> fmt::Result {
        request.write_str("R")
    }

    fn decode(&self, text: Text<'_>) -> Result<C::Reading, Fault> {
        reading::<C>(text, self.0)
    }
}

impl<C: Compensated> Command<C> for ReadAt<C::Format> {
    type Output = C::Reading;
    type Bus = AnyBus;
    const WORK: Work = Work::Reading;
    const REPLY: Reply = Reply::Line;

    fn write(&self, request: &mut Request) -> fmt::Result {
        write!(request, "RT,{:.1}", self.temperature.number())
    }

    fn decode(&self, text: Text<'_>) -> Result<C::Reading, Fault> {
        reading::<C>(text, self.format)
    }
}

fn reading<C: Circuit>(text: Text<'_>, format: C::Format) -> Result<C::Reading, Fault> {
    let text = text.printable()?;
    if text.is("no output") {
        Err(Fault::NoOutput)
    } else if text.is("*WARM") {
        Err(Fault::WarmingUp)
    } else {
        C::reading(text, format)
    }
}

impl<C: Circuit> Command<C> for Export {
    /// `None` after the last.
    type Output = Option<Chunk>;
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Chunk;
    const REPEATABLE: bool = false;

    fn write(&self, request: &mut Request) -> fmt::Result {
        match self {
            Self::Next { streamed: true } => Ok(()),
            Self::First | Self::Next { streamed: false } => request.write_str("Export"),
        }
    }

    fn decode(&self, text: Text<'_>) -> Result<Option<Chunk>, Fault> {
        let text = text.printable()?;
        if text.is("*DONE") {
            Ok(None)
        } else {
            Chunk::new(text.bytes()).map(Some)
        }
    }
}

impl<C: Circuit> Command<C> for Import<'_> {
    type Output = ();
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Acknowledge;
    const REPEATABLE: bool = false;

    fn write(&self, request: &mut Request) -> fmt::Result {
        write!(request, "Import,{}", self.chunk.as_str())
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        text.printable()?.nothing()
    }

    fn effect(&self) -> Effect {
        if self.last { Effect::Restart } else { Effect::None }
    }
}
