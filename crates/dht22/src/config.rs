//! What a user may want otherwise.

use crate::Model;
use fugit::{MicrosDurationU32, MillisDurationU32};

/// Which sums over the frame are accepted as its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Checksum {
    /// The sum of the first four bytes.
    #[default]
    Full,
    /// That, or for a [`Model::Dht11`] the sum of bytes 0 and 2 alone, as some clones send it. Then only
    /// those two bytes are used: whole per cent, and whole degrees from zero up.
    FullOrIntegers,
}

/// How a sensor is asked and how its answer is judged.
///
/// Starts from the values of a model; change the fields that have to differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Config {
    /// Range and layout of the answer.
    pub model: Model,
    /// Which checksums are accepted; [`Checksum::Full`] at first.
    pub checksum: Checksum,
    /// How long the line is held low; [`Model::start_pulse`] at first. Some clones of the DHT22 need 2 ms.
    pub start_pulse: MicrosDurationU32,
    /// Shortest time from one start to the next; [`Model::interval`] at first.
    pub interval: MillisDurationU32,
    /// Time from power-up to the first start; 2 s at first.
    pub power_up: MillisDurationU32,
    /// How often a failed reading is repeated, each time after [`interval`](Self::interval); 0 at first.
    pub retries: u8,
}

impl Config {
    /// The configuration of an ordinary part.
    pub const fn new(model: Model) -> Self {
        Self {
            model,
            checksum: Checksum::Full,
            start_pulse: model.start_pulse(),
            interval: model.interval(),
            power_up: MillisDurationU32::from_ticks(2_000),
            retries: 0,
        }
    }
}

impl From<Model> for Config {
    fn from(model: Model) -> Self {
        Self::new(model)
    }
}
