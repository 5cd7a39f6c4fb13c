//! How much water is in a pulse.

use core::num::NonZeroU32;
use quantity::{Microlitres, OutOfRange};

/// So many pulses for so much water, as a fraction that is never rounded.
///
/// ```
/// use flow_meter::KFactor;
/// use flow_meter::quantity::Microlitres;
///
/// assert_eq!(KFactor::YF_S201, KFactor::per_litre(450)?);
/// // A bucket of 9.7 L took 4312 pulses.
/// let measured = KFactor::new(4_312, Microlitres::new(9_700_000))?;
/// assert_eq!(measured.millipulses_per_litre(), 444_536);
/// # Ok::<(), flow_meter::quantity::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KFactor {
    pulses: NonZeroU32,
    microlitres: NonZeroU32,
}

/// A K factor that is checked when this crate is compiled.
const fn per_litre(pulses: u32) -> KFactor {
    match KFactor::per_litre(pulses) {
        Ok(k) => k,
        Err(OutOfRange) => panic!("a constant of zero pulses"),
    }
}

impl KFactor {
    /// YF-S201: 450 pulses/L (7.5 Hz per L/min), 1 to 30 L/min, ±10 % before calibration.
    pub const YF_S201: Self = per_litre(450);
    /// YF-S401: 5880 pulses/L. From memory.
    pub const YF_S401: Self = per_litre(5_880);
    /// FS100A: 3900 pulses/L.
    pub const FS100A: Self = per_litre(3_900);
    /// FS200A: 450 pulses/L.
    pub const FS200A: Self = per_litre(450);
    /// FS400: 390 pulses/L.
    pub const FS400: Self = per_litre(390);

    /// `pulses` are `volume` of water: the result of a measurement, or a data sheet's figure in its own unit.
    ///
    /// # Errors
    /// [`OutOfRange`] for no pulses, and for a volume that is not between 1 µL and 4294 L.
    pub const fn new(pulses: u32, volume: Microlitres) -> Result<Self, OutOfRange> {
        let volume = volume.get();
        if volume <= 0 || volume > u32::MAX as i64 {
            return Err(OutOfRange);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked above"
        )]
        let volume = volume as u32;
        match (NonZeroU32::new(pulses), NonZeroU32::new(volume)) {
            (Some(pulses), Some(microlitres)) => Ok(Self { pulses, microlitres }),
            _ => Err(OutOfRange),
        }
    }

    /// `pulses` are a litre.
    ///
    /// # Errors
    /// [`OutOfRange`] for no pulses.
    pub const fn per_litre(pulses: u32) -> Result<Self, OutOfRange> {
        Self::new(pulses, Microlitres::new(1_000_000))
    }

    /// The pulses of [`microlitres`](Self::microlitres).
    pub const fn pulses(self) -> NonZeroU32 {
        self.pulses
    }

    /// The volume of [`pulses`](Self::pulses).
    pub const fn microlitres(self) -> NonZeroU32 {
        self.microlitres
    }

    /// Thousandths of a pulse per litre, rounded to the nearest: for people to read.
    pub const fn millipulses_per_litre(self) -> u64 {
        let microlitres = self.microlitres.get() as u64;
        (self.pulses.get() as u64 * 1_000_000_000 + microlitres / 2) / microlitres
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meters_have_the_factors_of_their_sheets() {
        let factors = [
            (KFactor::YF_S201, 450),
            (KFactor::YF_S401, 5_880),
            (KFactor::FS100A, 3_900),
            (KFactor::FS200A, 450),
            (KFactor::FS400, 390),
        ];
        for (k, pulses) in factors {
            assert_eq!((k.pulses().get(), k.microlitres().get()), (pulses, 1_000_000));
        }
    }

    #[test]
    fn nothing_is_no_factor() {
        assert_eq!(KFactor::per_litre(0), Err(OutOfRange));
        for volume in [0, -1, i64::MIN, 4_294_967_296] {
            assert_eq!(
                KFactor::new(1, Microlitres::new(volume)),
                Err(OutOfRange),
                "{volume}"
            );
        }
        assert!(KFactor::new(1, Microlitres::new(4_294_967_295)).is_ok());
    }

    #[test]
    fn pulses_per_litre_are_rounded() {
        let k = KFactor::new(2, Microlitres::new(3_000)).unwrap();
        assert_eq!(k.millipulses_per_litre(), 666_667);
        let most = KFactor::new(u32::MAX, Microlitres::new(1)).unwrap();
        assert_eq!(most.millipulses_per_litre(), 4_294_967_295_000_000_000);
    }
}
