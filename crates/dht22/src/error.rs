//! What can go wrong, stage by stage.

use crate::Frame;
use core::fmt;
use fugit::MillisDurationU32;

/// Why there is no reading, in the order in which it can happen. Carries no pin type.
///
/// Bits are numbered from 0 to 39 in the order of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// The line is low before the start pulse: a short to ground, or the pull-up is missing.
    StuckLow,
    /// The line stays low when the start pulse ends.
    NotReleased,
    /// Nobody pulls the line low after the start pulse: unplugged, unpowered, or still waking up.
    NoResponse,
    /// The response (80 µs low) does not end.
    ResponseLow,
    /// The pause after the response (80 µs high) does not end.
    ResponseHigh,
    /// The low part of this bit does not end.
    BitLow(u8),
    /// The high part of this bit does not end: the sensor stopped sending.
    BitHigh(u8),
    /// This many pulses were captured, which are not a frame: neither 40, nor 40 after a response.
    PulseCount(usize),
    /// This bit's low part is less than half as long as the longest: noise, or an interrupt.
    Glitch(u8),
    /// This bit's high part is about as long as its low part (or one of them is missing), so it is neither
    /// a zero nor a one.
    Ambiguous(u8),
    /// All five bytes are zero. Their checksum is right, but so it is of a line held low.
    AllZero,
    /// The checksum does not match.
    Checksum(Frame),
    /// A byte of tenths is above nine.
    Digit(Frame),
    /// A frame that sensors send when they have not measured: 0.1 °C with 1 %, or 0.0 °C with up to 2 %.
    Bogus(Frame),
    /// The humidity is above 100 %.
    Humidity(Frame),
    /// The temperature is outside [`Model::temperatures`](crate::Model::temperatures).
    Temperature(Frame),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StuckLow => f.write_str("the line is held low"),
            Self::NotReleased => f.write_str("the line stays low after the start pulse"),
            Self::NoResponse => f.write_str("no sensor answers the start pulse"),
            Self::ResponseLow => f.write_str("the sensor's response does not end"),
            Self::ResponseHigh => f.write_str("no bits follow the sensor's response"),
            Self::BitLow(bit) => write!(f, "bit {bit} stays low"),
            Self::BitHigh(bit) => write!(f, "the sensor stops in bit {bit}"),
            Self::PulseCount(count) => write!(f, "{count} pulses are not a frame"),
            Self::Glitch(bit) => write!(f, "bit {bit} is cut short by noise or an interrupt"),
            Self::Ambiguous(bit) => write!(f, "bit {bit} is neither a zero nor a one"),
            Self::AllZero => f.write_str("the frame is all zeros"),
            Self::Checksum(frame) => write!(f, "the checksum of {frame:?} does not match"),
            Self::Digit(frame) => write!(f, "{frame:?} has a tenth above nine"),
            Self::Bogus(frame) => write!(f, "{frame:?} was sent without a measurement"),
            Self::Humidity(frame) => write!(f, "the humidity of {frame:?} is out of range"),
            Self::Temperature(frame) => write!(f, "the temperature of {frame:?} is out of range"),
        }
    }
}

impl core::error::Error for Fault {}

/// A fault of the sensor or its wiring, an error of the pin, or a call that came too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The pin could not be read or set.
    Pin(E),
    /// The sensor, or the wire to it, failed.
    Device(Fault),
    /// The sensor may not be asked yet, and was not. The last reading is still there.
    TooSoon {
        /// How long to wait.
        wait: MillisDurationU32,
    },
}

impl<E> From<Fault> for Error<E> {
    fn from(fault: Fault) -> Self {
        Self::Device(fault)
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin(error) => write!(f, "pin error: {error:?}"),
            Self::Device(fault) => fault.fmt(f),
            Self::TooSoon { wait } => write!(f, "too soon to ask the sensor again, wait {wait}"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn messages_name_the_bit_the_bytes_and_the_wait() {
        assert_eq!(Fault::BitLow(17).to_string(), "bit 17 stays low");
        let frame = Frame::new([0x02, 0x8C, 0x01, 0x5F, 0xEF]);
        let error = Error::<()>::from(Fault::Checksum(frame));
        assert_eq!(
            error.to_string(),
            "the checksum of Frame([02, 8c, 01, 5f, ef]) does not match"
        );
        let wait = MillisDurationU32::from_ticks(1_500);
        let error = Error::<()>::TooSoon { wait };
        assert_eq!(
            error.to_string(),
            "too soon to ask the sensor again, wait 1500 ms"
        );
    }
}
