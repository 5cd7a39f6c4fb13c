//! What can go wrong, and whose fault it was.

use crate::Kind;
use core::fmt;

/// Why there is no answer. Carries no bus type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// The circuit refused the command: status 2, or `*ER`. It does not know it, or not this argument.
    Syntax,
    /// The circuit has nothing to say: status 255. It restarted or slept, and the command is lost.
    NoData,
    /// A status byte that is none of 1, 2, 254 and 255.
    Status(u8),
    /// Every byte of the frame is 0xFF: nobody drives the bus.
    Floating,
    /// The circuit restarted during the exchange. Whether it executed the command is not known.
    Restarted,
    /// Another kind of circuit answers here.
    WrongCircuit(Kind),
    /// Every output of the circuit is disabled.
    NoOutput,
    /// No probe is connected: an RTD circuit answered −1023 °C.
    Disconnected,
    /// A pH of exactly 0.000 or 14.000, where the circuit ends and not the water.
    Pinned,
    /// The circuit is warming up (`*WARM`).
    WarmingUp,
    /// The pump has no motor supply (`*UV,PUMPPWR`).
    NoMotorPower,
    /// The pump cannot go that fast (`*TOOFAST`).
    TooFast,
    /// The pump cannot dispense so little (`*MINVOL`).
    TooLittle,
    /// The pump would dispense by itself at the next power-up; disarm it first.
    Armed,
    /// The pump is dispensing already.
    Running,
    /// A point of a calibration before the one that has to come first.
    CalibrationOrder,
    /// The exported calibration is not as long as the circuit said.
    Incomplete,

    /// The answer is longer than the buffer.
    Truncated,
    /// The answer has a byte that is no printable ASCII.
    Character(u8),
    /// The answer is not of the form of an answer to this command.
    Malformed,
    /// The answer is well formed, but nothing that can be measured.
    OutOfRange,
    /// The reading does not have the fields of the circuit's output list.
    Fields,

    /// The circuit did not answer in time.
    Timeout,
    /// Another exchange is in flight.
    Busy,
    /// The UART is at its end: it read no bytes though it had some.
    EndOfStream,
    /// Characters come without end and none of them is an answer.
    Babble,

    /// The argument of the command is not one that it takes.
    Argument,
}

/// Whose fault a [`Fault`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Origin {
    /// The circuit refused, or is in no state to answer.
    Circuit,
    /// The answer could not be read.
    Text,
    /// There was no answer in time, or no time for the question.
    Wait,
    /// The caller asked for something that does not exist.
    Caller,
}

impl Fault {
    /// Whose fault it is.
    pub const fn origin(self) -> Origin {
        match self {
            Self::Truncated | Self::Character(_) | Self::Malformed | Self::OutOfRange | Self::Fields => {
                Origin::Text
            }
            Self::Timeout | Self::Busy | Self::EndOfStream | Self::Babble => Origin::Wait,
            Self::Argument | Self::CalibrationOrder => Origin::Caller,
            _ => Origin::Circuit,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Status(status) => return write!(f, "the circuit answered with status {status}"),
            Self::WrongCircuit(kind) => return write!(f, "the circuit is of another kind, {kind:?}"),
            Self::Character(byte) => return write!(f, "the answer has the byte {byte:#04x}"),
            Self::Syntax => "the circuit refused the command",
            Self::NoData => "the circuit has no answer; the command is lost",
            Self::Floating => "nobody drives the bus",
            Self::Restarted => "the circuit restarted",
            Self::NoOutput => "all outputs of the circuit are disabled",
            Self::Disconnected => "no probe is connected",
            Self::Pinned => "the reading is at the end of its scale",
            Self::WarmingUp => "the circuit is warming up",
            Self::NoMotorPower => "the pump has no motor supply",
            Self::TooFast => "the pump cannot go that fast",
            Self::TooLittle => "the pump cannot dispense so little",
            Self::Armed => "the pump is set to dispense at power-up",
            Self::Running => "the pump is dispensing already",
            Self::CalibrationOrder => "another point has to be calibrated first",
            Self::Incomplete => "the exported calibration is incomplete",
            Self::Truncated => "the answer is longer than the buffer",
            Self::Malformed => "the answer is malformed",
            Self::OutOfRange => "the answer is out of range",
            Self::Fields => "the answer does not match the output list",
            Self::Timeout => "the circuit did not answer in time",
            Self::Busy => "another exchange is in flight",
            Self::EndOfStream => "the UART is at its end",
            Self::Babble => "characters come without end",
            Self::Argument => "the command does not take this argument",
        })
    }
}

impl core::error::Error for Fault {}

/// A fault of the circuit, or of the bus that leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The bus failed, with its own error.
    Bus(E),
    /// The circuit, its answer or the wait for it failed.
    Device(Fault),
}

impl<E> From<Fault> for Error<E> {
    fn from(fault: Fault) -> Self {
        Self::Device(fault)
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => write!(f, "bus error: {error:?}"),
            Self::Device(fault) => fault.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}
