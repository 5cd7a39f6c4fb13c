//! Duty cycles, and the steps in which a pump is brought up to its own.

use fugit::MillisDurationU32;

/// A duty cycle from 0 to 1000 ‰.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u16", into = "u16"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Duty(u16);

impl Duty {
    /// Always on.
    pub const FULL: Self = Self(1_000);

    /// Takes the thousandths.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`](quantity::OutOfRange) above 1000.
    pub const fn new(permille: u16) -> Result<Self, quantity::OutOfRange> {
        if permille <= 1_000 {
            Ok(Self(permille))
        } else {
            Err(quantity::OutOfRange)
        }
    }

    /// The thousandths.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Duty {
    type Error = quantity::OutOfRange;

    fn try_from(permille: u16) -> Result<Self, Self::Error> {
        Self::new(permille)
    }
}

impl From<Duty> for u16 {
    fn from(duty: Duty) -> Self {
        duty.get()
    }
}

/// One step of a [`SoftStart`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RampStep {
    /// What is put out.
    pub duty: Duty,
    /// The flow at this duty cycle in thousandths of the flow at the duty cycle of the calibration; 0 while the motor
    /// does not turn. Flow is not proportional to duty, so this is to be measured.
    pub flow_permille: u16,
    /// How long the step lasts, 1 ms to 10 s.
    pub time: MillisDurationU32,
}

/// Steps of duty cycle before the pump's own, at the start of every run and every pulse.
///
/// The volume that comes out in the steps is counted, and the dose is the shorter for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "[Option<RampStep>; 8]", into = "[Option<RampStep>; 8]")
)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SoftStart {
    steps: [Option<RampStep>; 8],
}

/// Why steps are not a soft start: there are more than eight, a flow is above 1000 ‰, or a time is not within 1 ms to
/// 10 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BadSoftStart;

impl core::fmt::Display for BadSoftStart {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a soft start has up to 8 steps of 1 ms to 10 s with a flow of up to 1000 permille")
    }
}

impl core::error::Error for BadSoftStart {}

impl SoftStart {
    /// Straight to the pump's own duty cycle.
    pub const NONE: Self = Self { steps: [None; 8] };

    /// Takes up to eight steps.
    ///
    /// # Errors
    ///
    /// [`BadSoftStart`].
    pub fn new(steps: &[RampStep]) -> Result<Self, BadSoftStart> {
        let mut taken = [None; 8];
        if steps.len() > taken.len() {
            return Err(BadSoftStart);
        }
        for (slot, step) in taken.iter_mut().zip(steps) {
            if step.flow_permille > 1_000 || !(1..=10_000).contains(&step.time.as_ticks()) {
                return Err(BadSoftStart);
            }
            *slot = Some(*step);
        }
        Ok(Self { steps: taken })
    }

    /// The steps.
    pub fn steps(&self) -> impl Iterator<Item = &RampStep> {
        self.steps.iter().flatten()
    }

    /// Duty, relative flow, and how long that lasts, after the pump was on for `on_ms`; `None` once the ramp is over.
    pub(crate) fn at(&self, on_ms: u64) -> Option<(Duty, u16, u64)> {
        let mut end = 0_u64;
        for step in self.steps() {
            end += u64::from(step.time.as_ticks());
            if on_ms < end {
                return Some((step.duty, step.flow_permille, end - on_ms));
            }
        }
        None
    }

    /// The longest time in which no more than `us` of full flow pass, for a pump that was on for `on_ms`, rounded down.
    pub(crate) fn time_for(&self, mut us: u64, mut on_ms: u64) -> u64 {
        let before = on_ms;
        while let Some((_, flow, rest)) = self.at(on_ms) {
            let passes = rest * u64::from(flow);
            if passes > us {
                return on_ms - before + us / u64::from(flow.max(1));
            }
            us -= passes;
            on_ms += rest;
        }
        (on_ms - before).saturating_add(us / 1_000)
    }

    /// The full flow, in microseconds, that passes in the first `ms`.
    pub(crate) fn passes(&self, mut ms: u64) -> u64 {
        let mut us = 0_u64;
        for step in self.steps() {
            let time = u64::from(step.time.as_ticks()).min(ms);
            us += time * u64::from(step.flow_permille);
            ms -= time;
        }
        us.saturating_add(ms.saturating_mul(1_000))
    }
}

impl TryFrom<[Option<RampStep>; 8]> for SoftStart {
    type Error = BadSoftStart;

    fn try_from(steps: [Option<RampStep>; 8]) -> Result<Self, BadSoftStart> {
        let checked = steps.iter().flatten().all(|step| Self::new(&[*step]).is_ok());
        if checked {
            Ok(Self { steps })
        } else {
            Err(BadSoftStart)
        }
    }
}

impl From<SoftStart> for [Option<RampStep>; 8] {
    fn from(soft_start: SoftStart) -> Self {
        soft_start.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(duty: u16, flow_permille: u16, ms: u32) -> RampStep {
        RampStep {
            duty: Duty::new(duty).unwrap(),
            flow_permille,
            time: MillisDurationU32::from_ticks(ms),
        }
    }

    /// Does not turn at 300 ‰, half the flow at 700 ‰.
    fn ramp() -> SoftStart {
        SoftStart::new(&[step(300, 0, 100), step(700, 500, 200)]).unwrap()
    }

    #[test]
    fn duty_ends_at_a_thousand() {
        assert_eq!(Duty::new(1_000), Ok(Duty::FULL));
        assert_eq!(Duty::new(1_001), Err(quantity::OutOfRange));
    }

    #[test]
    fn ramp_goes_through_its_steps() {
        let ramp = ramp();
        assert_eq!(ramp.at(0), Some((Duty(300), 0, 100)));
        assert_eq!(ramp.at(99), Some((Duty(300), 0, 1)));
        assert_eq!(ramp.at(100), Some((Duty(700), 500, 200)));
        assert_eq!(ramp.at(299), Some((Duty(700), 500, 1)));
        assert_eq!(ramp.at(300), None);
    }

    #[test]
    fn flow_of_the_steps_is_added_up() {
        let ramp = ramp();
        assert_eq!(ramp.passes(100), 0);
        assert_eq!(ramp.passes(101), 500);
        assert_eq!(ramp.passes(300), 100_000);
        assert_eq!(ramp.passes(1_300), 1_100_000);
        assert_eq!(ramp.passes(u64::MAX), u64::MAX);
    }

    #[test]
    fn time_is_as_long_as_the_flow_needs() {
        let ramp = ramp();
        assert_eq!(ramp.time_for(0, 0), 100);
        assert_eq!(ramp.time_for(499, 0), 100);
        assert_eq!(ramp.time_for(500, 0), 101);
        assert_eq!(ramp.time_for(1_100_000, 0), 1_300);
        assert_eq!(ramp.time_for(1_100_999, 0), 1_300);
        // Already half a second into the run there is no ramp left.
        assert_eq!(ramp.time_for(5_000, 500), 5);
        assert_eq!(ramp.time_for(u64::MAX, 0), 300 + (u64::MAX - 100_000) / 1_000);
    }

    #[test]
    fn steps_out_of_range_are_refused() {
        assert_eq!(SoftStart::new(&[step(0, 1_001, 1)]), Err(BadSoftStart));
        assert_eq!(SoftStart::new(&[step(0, 0, 0)]), Err(BadSoftStart));
        assert_eq!(SoftStart::new(&[step(0, 0, 10_001)]), Err(BadSoftStart));
        assert_eq!(SoftStart::new(&[step(0, 0, 1); 9]), Err(BadSoftStart));
        assert!(SoftStart::new(&[step(1_000, 1_000, 10_000); 8]).is_ok());
    }
}
