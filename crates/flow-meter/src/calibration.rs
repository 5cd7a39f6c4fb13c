//! The K factor of the meter at hand, found with a bucket.

use crate::KFactor;
use core::fmt;
use quantity::Microlitres;

/// Runs of water into a measured bucket, added up to one K factor: the more water, the better.
///
/// ```
/// use flow_meter::Calibration;
/// use flow_meter::quantity::Microlitres;
///
/// let mut calibration = Calibration::new();
/// calibration.add(2_160, Microlitres::new(5_000_000))?;
/// calibration.add(2_152, Microlitres::new(5_000_000))?;
/// let k = calibration.k_factor()?;
/// assert_eq!(k.millipulses_per_litre(), 431_200);
/// # Ok::<(), flow_meter::CalibrationError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Calibration {
    pulses: u32,
    microlitres: u32,
}

/// Why there is no K factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CalibrationError {
    /// A run without pulses or without water, or with so much of either that the sum passes 32 bits (4294 L). It was
    /// not added.
    Run,
    /// Fewer than [`Calibration::LEAST_PULSES`] in all, so that one more or less makes more than 1 %. Carries how many.
    TooFewPulses(u32),
}

impl fmt::Display for CalibrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run => f.write_str("a run needs pulses and water, up to 4294 L in all"),
            Self::TooFewPulses(pulses) => write!(f, "{pulses} pulses are too few to calibrate with"),
        }
    }
}

impl core::error::Error for CalibrationError {}

impl Calibration {
    /// The fewest pulses that make a K factor.
    pub const LEAST_PULSES: u32 = 100;

    /// Begins with no runs.
    pub const fn new() -> Self {
        Self {
            pulses: 0,
            microlitres: 0,
        }
    }

    /// Adds a run: the pulses that were counted, from [`Totals::pulses`](crate::Totals::pulses) before and after, and the
    /// volume in the bucket.
    ///
    /// # Errors
    /// [`CalibrationError::Run`]; the run is then left out.
    pub fn add(&mut self, pulses: u32, volume: Microlitres) -> Result<(), CalibrationError> {
        let volume = u32::try_from(volume.get()).map_err(|_| CalibrationError::Run)?;
        let sums = self
            .pulses
            .checked_add(pulses)
            .zip(self.microlitres.checked_add(volume));
        match sums {
            Some((pulses_sum, volume_sum)) if pulses > 0 && volume > 0 => {
                self.pulses = pulses_sum;
                self.microlitres = volume_sum;
                Ok(())
            }
            _ => Err(CalibrationError::Run),
        }
    }

    /// The K factor of all runs together.
    ///
    /// # Errors
    /// [`CalibrationError::TooFewPulses`].
    pub fn k_factor(&self) -> Result<KFactor, CalibrationError> {
        if self.pulses < Self::LEAST_PULSES {
            return Err(CalibrationError::TooFewPulses(self.pulses));
        }
        KFactor::new(self.pulses, Microlitres::new(i64::from(self.microlitres)))
            .map_err(|_| CalibrationError::Run)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    fn litres(litres: i64) -> Microlitres {
        Microlitres::new(litres * 1_000_000)
    }

    #[test]
    fn runs_are_weighted_by_their_water() {
        let mut calibration = Calibration::new();
        calibration.add(400, litres(1)).unwrap();
        calibration.add(4_600, litres(9)).unwrap();
        let k = calibration.k_factor().unwrap();
        assert_eq!((k.pulses().get(), k.microlitres().get()), (5_000, 10_000_000));
    }

    #[test]
    fn hundred_pulses_are_the_least() {
        let mut calibration = Calibration::new();
        assert_eq!(calibration.k_factor(), Err(CalibrationError::TooFewPulses(0)));
        calibration.add(99, litres(1)).unwrap();
        let error = calibration.k_factor().unwrap_err();
        assert_eq!(error.to_string(), "99 pulses are too few to calibrate with");
        calibration.add(1, litres(1)).unwrap();
        assert!(calibration.k_factor().is_ok());
    }

    #[test]
    fn impossible_run_is_left_out() {
        let mut calibration = Calibration::new();
        calibration.add(450, litres(1)).unwrap();
        for (pulses, volume) in [
            (0, litres(1)),
            (450, litres(0)),
            (450, litres(-1)),
            (u32::MAX, litres(1)),
            (450, litres(4_294)),
            (450, Microlitres::MAX),
        ] {
            assert_eq!(calibration.add(pulses, volume), Err(CalibrationError::Run));
        }
        assert_eq!(calibration.k_factor(), Ok(KFactor::per_litre(450).unwrap()));
    }
}
