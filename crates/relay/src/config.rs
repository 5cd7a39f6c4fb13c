//! What one relay may do.

use crate::Level;
use core::fmt;
use fugit::MillisDurationU32;

/// Longest time on, and the rest after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MaxOn {
    /// Longest time on. Times on that lie closer together than `cool_down` count as one.
    pub time: MillisDurationU32,
    /// How long it must be off until it may be on for the whole of `time` again.
    pub cool_down: MillisDurationU32,
    /// Makes reaching `time` a [`Fault::MaxOn`](crate::Fault::MaxOn), which somebody has to acknowledge.
    pub latch: bool,
}

/// Longest time on in any window of a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Duty {
    /// Longest time on in the window, all together.
    pub on: MillisDurationU32,
    /// Length of the window.
    pub window: MillisDurationU32,
}

/// What one relay may do. All times are zero and all limits absent by default, save `patience`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    /// Shortest time on. Limits, faults and a clock that cannot be believed end it all the same.
    pub min_on: MillisDurationU32,
    /// Shortest time off, counted from the start of the program too: it may have been on until the reset.
    pub min_off: MillisDurationU32,
    /// Longest time on.
    pub max_on: Option<MaxOn>,
    /// Longest time on in any window.
    pub duty: Option<Duty>,
    /// How long [`Command::On`](crate::Command::On) must stand before it is obeyed.
    pub on_delay: MillisDurationU32,
    /// How long it stays on after [`Command::Off`](crate::Command::Off).
    pub off_delay: MillisDurationU32,
    /// Period of [`Command::Proportional`](crate::Command::Proportional); zero if that is not used.
    pub period: MillisDurationU32,
    /// Longest time between two updates while a deadline is due. What is longer is an [`Anomaly`](crate::Anomaly).
    /// Deadlines are never further away than half of it. 10 s by default.
    pub patience: MillisDurationU32,
    /// Switches on only after a record that says so has been [`stored`](crate::Guard::stored). Without it, every
    /// restart assumes that all that is limited has been used up.
    pub write_ahead: bool,
    /// Level when the relay is released.
    pub fail_safe: Level,
}

impl Config {
    /// No limits.
    pub const fn new() -> Self {
        const ZERO: MillisDurationU32 = MillisDurationU32::from_ticks(0);
        Self {
            min_on: ZERO,
            min_off: ZERO,
            max_on: None,
            duty: None,
            on_delay: ZERO,
            off_delay: ZERO,
            period: ZERO,
            patience: MillisDurationU32::from_ticks(10_000),
            write_ahead: false,
            fail_safe: Level::Off,
        }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let shortest_on = self.min_on.as_ticks().max(1);
        let shortest_cycle = self.min_on.as_ticks().saturating_add(self.min_off.as_ticks());
        if self.patience.as_ticks() < 2 {
            return Err(ConfigError::Patience);
        }
        if let Some(max_on) = self.max_on
            && max_on.time.as_ticks() < shortest_on
        {
            return Err(ConfigError::MaxOn);
        }
        if let Some(duty) = self.duty
            && (duty.on.as_ticks() < shortest_on || duty.on > duty.window)
        {
            return Err(ConfigError::Duty);
        }
        if self.period.as_ticks() != 0 && self.period.as_ticks() < shortest_cycle {
            return Err(ConfigError::Period);
        }
        if self.fail_safe == Level::On && (self.max_on.is_some() || self.duty.is_some()) {
            return Err(ConfigError::FailSafe);
        }
        Ok(())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

/// How a configuration contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// `patience` is less than 2 ms.
    Patience,
    /// `max_on` is zero, or shorter than `min_on`.
    MaxOn,
    /// `duty.on` is zero, shorter than `min_on`, or longer than its window.
    Duty,
    /// `period` is shorter than `min_on` and `min_off` together.
    Period,
    /// `fail_safe` is on although the time on is limited, or in a group.
    FailSafe,
    /// The dead time of a group is zero.
    DeadTime,
    /// A coil pulse of a latching relay is zero.
    Pulse,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patience => "the patience is less than 2 ms",
            Self::MaxOn => "the longest time on is zero or shorter than the shortest",
            Self::Duty => {
                "the time on per window is zero, shorter than the shortest, or longer than the window"
            }
            Self::Period => "the period is shorter than the shortest times on and off together",
            Self::FailSafe => "the fail-safe level is on where the time on is limited",
            Self::DeadTime => "the dead time of the group is zero",
            Self::Pulse => "a coil pulse is zero",
        })
    }
}

impl core::error::Error for ConfigError {}
