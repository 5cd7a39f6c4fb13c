//! What is known of the pumps and of their tank, and what they may do.

use crate::delivered::unsigned;
use crate::{Calibration, Duty, Microlitres, MicrolitresPerMinute, SoftStart};
use core::fmt;
use fugit::MillisDurationU32;

/// The longest time between two calls while a motor runs that [`Step::deadline`](crate::Step::deadline) asks for, in
/// milliseconds.
pub(crate) const STEP_MS: u64 = 100;

/// What one pump may do. All of it counts what came out at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Limits {
    /// The largest single dose; above nothing.
    pub largest_dose: Microlitres,
    /// The most in any 60 minutes; above nothing, up to 4294 L. Freed up to 5 minutes late.
    pub per_hour: Microlitres,
    /// The most in any 24 hours; above nothing, up to 4294 L. Freed up to an hour late.
    pub per_day: Microlitres,
    /// The longest time that the motor may be on in one dose, all pulses together; above nothing.
    pub longest_run: MillisDurationU32,
    /// The least time from the end of a dose to the next one of this pump.
    pub interval: MillisDurationU32,
}

/// How a dose is spread over a longer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pulses {
    /// From the start of a pulse to the start of the next, at least.
    pub period: MillisDurationU32,
    /// The shortest pulse; a dose that is too small for one per period gets fewer.
    pub shortest: MillisDurationU32,
    /// The most that the motor may be on, in thousandths of the period.
    pub most_permille: u16,
}

impl Pulses {
    /// One a minute, not below half a second, on for three quarters of the time at most.
    pub const DEFAULT: Self = Self {
        period: MillisDurationU32::from_ticks(60_000),
        shortest: MillisDurationU32::from_ticks(500),
        most_permille: 750,
    };
}

/// A short run backwards after a dose, so that the tip does not drip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AntiDrip {
    /// How long the motor stands still before it turns the other way.
    pub pause: MillisDurationU32,
    /// How long it runs backwards, 1 ms to 10 s.
    pub time: MillisDurationU32,
}

/// Why a setup was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BadSetup {
    /// A limit is nothing, negative or above 4294 L.
    Limits,
    /// The fastest flow is not above nothing.
    Fastest,
    /// The pulses have no period, or are on for none or more than all of it.
    Pulses,
    /// The reverse run is not 1 ms to 10 s, or the pump cannot run backwards.
    AntiDrip,
    /// The time between two calls that counts is less than 200 ms, or less than the lateness and 100 ms.
    LongestGap,
}

impl fmt::Display for BadSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Limits => "a limit is nothing or too large",
            Self::Fastest => "the fastest flow is nothing",
            Self::Pulses => "the pulses are on for none or more than all of their period",
            Self::AntiDrip => "the reverse run is too short, too long, or the pump cannot run backwards",
            Self::LongestGap => "the longest gap is shorter than the time between two calls",
        })
    }
}

impl core::error::Error for BadSetup {}

/// One pump: what it may do, how fast it is, and how its motor is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pump {
    pub(crate) limits: Limits,
    /// Microlitres per minute.
    pub(crate) fastest: u32,
    pub(crate) calibration: Option<Calibration>,
    pub(crate) soft_start: SoftStart,
    pub(crate) pulses: Pulses,
    pub(crate) reversible: bool,
    pub(crate) anti_drip: Option<AntiDrip>,
    /// Microlitres between the tip and the bottle.
    pub(crate) line: u64,
    pub(crate) metered: bool,
}

impl Pump {
    /// A pump that is not calibrated, which turns one way at full speed.
    ///
    /// `fastest` is more than the pump can ever deliver, from its data sheet: what a run counts for as long as there is
    /// no calibration, and what a motor counts for that cannot be switched off.
    ///
    /// # Errors
    ///
    /// [`BadSetup`] if a limit or `fastest` is not above nothing.
    pub fn new(limits: Limits, fastest: MicrolitresPerMinute) -> Result<Self, BadSetup> {
        let volumes = [limits.largest_dose, limits.per_hour, limits.per_day];
        if volumes
            .iter()
            .any(|volume| !(1..=i64::from(u32::MAX)).contains(&volume.get()))
            || limits.longest_run.is_zero()
        {
            return Err(BadSetup::Limits);
        }
        Ok(Self {
            limits,
            fastest: u32::try_from(fastest.get())
                .ok()
                .filter(|flow| *flow > 0)
                .ok_or(BadSetup::Fastest)?,
            calibration: None,
            soft_start: SoftStart::NONE,
            pulses: Pulses::DEFAULT,
            reversible: false,
            anti_drip: None,
            line: 0,
            metered: false,
        })
    }

    /// Gives the calibration. The motor is driven with its duty cycle from now on.
    #[must_use]
    pub const fn with_calibration(self, calibration: Calibration) -> Self {
        Self {
            calibration: Some(calibration),
            ..self
        }
    }

    /// Starts every run and every pulse with these steps. Needs a PWM output.
    #[must_use]
    pub const fn with_soft_start(self, soft_start: SoftStart) -> Self {
        Self { soft_start, ..self }
    }

    /// Spreads doses over a longer time in this way.
    ///
    /// # Errors
    ///
    /// [`BadSetup::Pulses`].
    pub const fn with_pulses(self, pulses: Pulses) -> Result<Self, BadSetup> {
        if pulses.period.is_zero() || pulses.most_permille == 0 || pulses.most_permille > 1_000 {
            return Err(BadSetup::Pulses);
        }
        Ok(Self { pulses, ..self })
    }

    /// Says that the motor hangs on an H-bridge, and how much the tubing holds between its tip and the pump.
    ///
    /// So much can be drawn back and is then pushed out again before the next dose counts; give less rather than more,
    /// and nothing if it is not known.
    #[must_use]
    pub fn reversible(self, line: Microlitres) -> Self {
        Self {
            reversible: true,
            line: unsigned(line),
            ..self
        }
    }

    /// Draws back after every dose. Call [`reversible`](Self::reversible) first.
    ///
    /// # Errors
    ///
    /// [`BadSetup::AntiDrip`].
    pub fn with_anti_drip(self, anti_drip: AntiDrip) -> Result<Self, BadSetup> {
        if !self.reversible || !(1..=10_000).contains(&anti_drip.time.as_ticks()) {
            return Err(BadSetup::AntiDrip);
        }
        Ok(Self {
            anti_drip: Some(anti_drip),
            ..self
        })
    }

    /// Says that the pump meters by itself, as a [`MeteredPump`](crate::MeteredPump) does.
    #[must_use]
    pub const fn metered(self) -> Self {
        Self {
            metered: true,
            ..self
        }
    }

    /// The calibration.
    pub const fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// The limits.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn duty(&self) -> Duty {
        self.calibration
            .map_or(Duty::FULL, |calibration| calibration.duty())
    }

    /// What comes out in `us` of full flow.
    pub(crate) fn volume(&self, us: u64) -> crate::Delivered {
        match &self.calibration {
            Some(calibration) => crate::Delivered::new(calibration.least(us), calibration.most(us)),
            None => crate::Delivered::new(0, self.most_in(us)),
        }
    }

    /// What comes out at most in `us` at any flow that the pump is capable of.
    pub(crate) fn most_in(&self, us: u64) -> u64 {
        crate::math::scale_up(us, self.fastest, 60_000_000)
    }

    /// What can come out at most in `us` more.
    pub(crate) fn most_more(&self, us: u64) -> u64 {
        match &self.calibration {
            Some(calibration) => calibration.most_more(us),
            None => self.most_in(us),
        }
    }
}

/// What holds for all pumps of a tank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules {
    /// How long no pump doses after the end of a dose, so that the tank mixes.
    pub mixing: MillisDurationU32,
    /// How much later than its deadline a call may come while a motor runs. What comes out in that time is added to a
    /// dose before it is held against the caps.
    pub lateness: MillisDurationU32,
    /// The longest time between two calls that counts as time. A longer one is taken for a clock that jumped, and
    /// counts as nothing. At least 200 ms and at least `lateness` and 100 ms.
    pub longest_gap: MillisDurationU32,
    /// How often the record is to be stored when there is nothing to be stored: a reset loses that much of the
    /// time that has been waited for.
    pub checkpoint: MillisDurationU32,
    /// How long a dose may be paused before it is ended.
    pub longest_pause: MillisDurationU32,
    /// After how many doses in a row that were cut by a reset the pump needs to be looked at; 0 is never.
    pub interruptions: u8,
}

impl Rules {
    /// Mixing for 10 minutes, calls up to 100 ms late, gaps of up to a minute, a record every 15 minutes, pauses of
    /// up to 10 minutes, three interruptions.
    pub const DEFAULT: Self = Self {
        mixing: MillisDurationU32::from_ticks(600_000),
        lateness: MillisDurationU32::from_ticks(100),
        longest_gap: MillisDurationU32::from_ticks(60_000),
        checkpoint: MillisDurationU32::from_ticks(900_000),
        longest_pause: MillisDurationU32::from_ticks(600_000),
        interruptions: 3,
    };

    pub(crate) fn check(&self) -> Result<(), BadSetup> {
        let gap = u64::from(self.longest_gap.as_ticks());
        if gap < 2 * STEP_MS || gap < u64::from(self.lateness.as_ticks()) + STEP_MS {
            return Err(BadSetup::LongestGap);
        }
        Ok(())
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::DEFAULT
    }
}
