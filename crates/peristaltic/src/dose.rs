//! What a pump is asked to do, why it does not, and what came of it.

use crate::{Delivered, Duty, Microlitres};
use core::fmt;
use core::hash::{Hash, Hasher};
use fugit::MillisDurationU32;

/// What a pump is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Dose {
    /// This much, at once. Needs a calibration.
    Volume(Microlitres),
    /// This much, evenly over this time, in [`Pulses`](crate::Pulses). Needs a calibration.
    VolumeOver(Microlitres, MillisDurationU32),
    /// On for this time; also for a calibration.
    Time(MillisDurationU32),
    /// On until [`stop`](crate::Tank::stop), but no longer than this.
    Continuous(MillisDurationU32),
    /// On for this time to fill the tubing. It counts as if all of it came out, but needs no interval and no mixing
    /// before it.
    Prime(MillisDurationU32),
    /// Backwards for this time to empty the tubing into the bottle. Needs an H-bridge. It frees nothing of a cap and
    /// gives nothing back to the bottle's account.
    Purge(MillisDurationU32),
}

/// By hand, because durations of fugit are not hashed.
impl Hash for Dose {
    fn hash<H: Hasher>(&self, state: &mut H) {
        core::mem::discriminant(self).hash(state);
        match self {
            Self::Volume(volume) => volume.hash(state),
            Self::VolumeOver(volume, time) => (volume, time.as_ticks()).hash(state),
            Self::Time(time) | Self::Continuous(time) | Self::Prime(time) | Self::Purge(time) => {
                time.as_ticks().hash(state);
            }
        }
    }
}

impl Dose {
    /// Whether liquid goes to the tank.
    pub(crate) const fn is_forward(self) -> bool {
        !matches!(self, Self::Purge(_))
    }

    pub(crate) const fn is_maintenance(self) -> bool {
        matches!(self, Self::Prime(_) | Self::Purge(_))
    }
}

/// A dose for one of the pumps, and the number of the command that asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Request {
    /// The index of the pump.
    pub pump: usize,
    /// What it is to do.
    pub dose: Dose,
    /// The number of the command. One of a pump's last eight is refused, also after a reset.
    pub id: Option<u64>,
}

impl Request {
    /// A request without a number, which is not protected against repetition.
    pub const fn new(pump: usize, dose: Dose) -> Self {
        Self { pump, dose, id: None }
    }

    /// Gives it a number.
    #[must_use]
    pub const fn with_id(self, id: u64) -> Self {
        Self { id: Some(id), ..self }
    }
}

/// Why a pump needs to be looked at before it runs again. Kept until it is acknowledged, also over a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault {
    /// The output, or the pump that meters by itself, could not be reached.
    Output,
    /// While the motor ran, nobody called in time, or the clock jumped ahead.
    Late,
    /// While the motor ran, the clock went backwards.
    Clock,
    /// Somebody stopped everything.
    EmergencyStop,
    /// The bottle was found to be empty.
    Empty,
    /// Too many doses in a row were cut by a reset.
    Interrupted,
    /// The record was lost.
    RecordLost,
    /// The pump that meters by itself delivered more than it was asked for.
    Overrun,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Output => "the output could not be reached",
            Self::Late => "nobody called in time, or the clock jumped ahead",
            Self::Clock => "the clock went backwards",
            Self::EmergencyStop => "emergency stop",
            Self::Empty => "the bottle is empty",
            Self::Interrupted => "too many doses were cut by a reset",
            Self::RecordLost => "the record was lost",
            Self::Overrun => "the pump delivered more than it was asked for",
        })
    }
}

impl core::error::Error for Fault {}

/// Why a pump does not start. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refused {
    /// There is no pump of this index.
    NoSuchPump,
    /// The pump needs to be looked at; see [`acknowledge`](crate::Tank::acknowledge).
    Fault(Fault),
    /// The command of this number was carried out already, or its execution had begun.
    Repeated,
    /// A pump of this tank runs or is about to, or the outcome of the last dose was not taken from
    /// [`tick`](crate::Tank::tick) yet.
    Busy,
    /// The tank still mixes, for this long at least.
    Mixing(MillisDurationU32),
    /// The pump's last dose is not long enough ago; wait this long at least.
    Interval(MillisDurationU32),
    /// A volume needs a calibration.
    NotCalibrated,
    /// There is no volume or time, or less than the pump can do.
    TooSmall,
    /// More than [`Limits::largest_dose`](crate::Limits::largest_dose).
    TooLarge,
    /// The motor would be on for longer than [`Limits::longest_run`](crate::Limits::longest_run).
    TooLong,
    /// In this time the motor would be on for more than [`Pulses::most_permille`](crate::Pulses::most_permille).
    TooFast,
    /// It would pass the cap per hour, of which this is left. A dose needs a little more than its volume: what comes
    /// out in [`Rules::lateness`](crate::Rules::lateness).
    HourCap(Microlitres),
    /// It would pass the cap per day, of which this is left.
    DayCap(Microlitres),
    /// The bottle holds only this much.
    BottleEmpty(Microlitres),
    /// The pump cannot do this: backwards without an H-bridge, or a dose that a metering pump does not know.
    Unsupported,
    /// The ticket is not the one that was given out last, or it is older than ten seconds.
    Stale,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchPump => f.write_str("no such pump"),
            Self::Fault(fault) => write!(f, "fault: {fault}"),
            Self::Repeated => f.write_str("this command was carried out already"),
            Self::Busy => f.write_str("a pump of this tank runs already"),
            Self::Mixing(wait) => write!(f, "the tank mixes for another {} ms", wait.as_ticks()),
            Self::Interval(wait) => write!(f, "the next dose is due in {} ms", wait.as_ticks()),
            Self::NotCalibrated => f.write_str("the pump is not calibrated"),
            Self::TooSmall => f.write_str("less than the pump can do"),
            Self::TooLarge => f.write_str("more than the largest dose"),
            Self::TooLong => f.write_str("longer than the longest run"),
            Self::TooFast => f.write_str("too much for the time"),
            Self::HourCap(left) => write!(f, "only {left} left of this hour"),
            Self::DayCap(left) => write!(f, "only {left} left of this day"),
            Self::BottleEmpty(left) => write!(f, "only {left} left in the bottle"),
            Self::Unsupported => f.write_str("the pump cannot do this"),
            Self::Stale => f.write_str("the ticket is no longer good"),
        }
    }
}

impl core::error::Error for Refused {}

/// How a dose ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum End {
    /// All of it was delivered.
    Done,
    /// Somebody stopped it.
    Stopped,
    /// It was paused for too long.
    PausedTooLong,
    /// The motor was on for as long as it may be, because calls came late.
    RunLimit,
    /// It was cut by a reset, and will not be resumed.
    Interrupted,
    /// It was cut by a fault.
    Fault(Fault),
}

/// What came of a dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Outcome {
    /// What was asked for.
    pub request: Request,
    /// How it ended.
    pub end: End,
    /// What reached the tank. Nothing for a purge.
    pub delivered: Delivered,
    /// How long the motor was on, as far as it is known.
    pub on: MillisDurationU32,
}

/// By hand, because durations of fugit are not hashed.
impl Hash for Outcome {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.request, self.end, self.delivered, self.on.as_ticks()).hash(state);
    }
}

/// What an output is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Drive {
    /// Nothing.
    Stop,
    /// Turn so that liquid goes to the tank.
    Forward(Duty),
    /// Turn the other way.
    Reverse(Duty),
}
