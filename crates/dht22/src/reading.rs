//! What the sensor measured.

use fugit::MillisDurationU32;
use quantity::{MilliCelsius, OutOfRange, Pascals, PermilleRh};

/// Temperature and relative humidity of one conversion. Both come in tenths of a unit, and exactly so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reading {
    /// Temperature: 35.1 °C is 35 100.
    pub temperature: MilliCelsius,
    /// Relative humidity: 65.2 % is 652.
    pub humidity: PermilleRh,
}

impl Reading {
    /// How much more vapour the air would take up: [`quantity::vapour_pressure_deficit`].
    ///
    /// # Errors
    /// [`OutOfRange`] above 80 °C, which only a [`Model::Si7021`](crate::Model::Si7021) can measure.
    pub fn vapour_pressure_deficit(&self) -> Result<Pascals, OutOfRange> {
        quantity::vapour_pressure_deficit(self.temperature, self.humidity)
    }

    /// The temperature at which dew would form: [`quantity::dew_point`].
    ///
    /// # Errors
    /// [`OutOfRange`] above 80 °C, and below 1 % of humidity.
    pub fn dew_point(&self) -> Result<MilliCelsius, OutOfRange> {
        quantity::dew_point(self.temperature, self.humidity)
    }
}

/// The last good reading and its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LastReading {
    /// What was read.
    pub reading: Reading,
    /// How long ago it was read; stays at its greatest value, 49 days, once it has reached it.
    pub age: MillisDurationU32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(temperature: i32, humidity: u16) -> Reading {
        Reading {
            temperature: MilliCelsius::new(temperature),
            humidity: PermilleRh::new(humidity).unwrap(),
        }
    }

    #[test]
    fn deficit_and_dew_point_follow_from_both_values() {
        let room = reading(25_000, 600);
        assert_eq!(room.vapour_pressure_deficit().map(Pascals::get), Ok(1_267));
        let dew_point = room.dew_point().unwrap().get();
        assert!((16_650..16_750).contains(&dew_point), "{dew_point}");
    }

    #[test]
    fn dew_point_of_bone_dry_air_is_an_error() {
        assert!(reading(25_000, 9).dew_point().is_err());
    }
}
