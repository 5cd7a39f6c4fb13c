//! What differs between the members of the family.

use core::ops::RangeInclusive;
use fugit::{MicrosDurationU32, MillisDurationU32};
use quantity::MilliCelsius;

/// A sensor of the family. The aliases are constants: [`Model::AM2302`] is [`Model::Dht22`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Model {
    /// DHT11: whole degrees and per cent, tenths in newer parts.
    Dht11,
    /// DHT12 on its single wire (its SDA pin with SCL at ground); its I2C mode is another protocol.
    Dht12,
    /// DHT21, also sold as AM2301.
    Dht21,
    /// DHT22, also sold as AM2302 and, with another housing, as AM2120.
    Dht22,
    /// A Si7021 behind a microcontroller that answers like a DHT22, as in some relay modules.
    Si7021,
}

/// How a frame's first four bytes hold humidity and temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Layout {
    /// Two big-endian words in tenths: humidity, temperature.
    Words,
    /// Four bytes: per cent, tenths of a per cent, degrees, tenths of a degree with the sign in bit 7.
    Bytes,
}

impl Model {
    /// The other name of a DHT21.
    pub const AM2301: Self = Self::Dht21;
    /// The other name of a DHT22.
    pub const AM2302: Self = Self::Dht22;
    /// A DHT22 in another housing.
    pub const AM2120: Self = Self::Dht22;

    /// How long the host holds the line low to ask for a reading.
    pub const fn start_pulse(self) -> MicrosDurationU32 {
        MicrosDurationU32::from_ticks(match self {
            // 18 ms at least, 30 ms at most.
            Self::Dht11 | Self::Dht12 => 20_000,
            // 0.8 ms at least, 1 ms typical, 20 ms at most.
            Self::Dht21 | Self::Dht22 => 1_100,
            // No data sheet: 0.4 to 0.5 ms is in use.
            Self::Si7021 => 500,
        })
    }

    /// The shortest time from one start pulse to the next.
    pub const fn interval(self) -> MillisDurationU32 {
        MillisDurationU32::from_ticks(match self {
            // 1 s is what a DHT11 is specified for, 2 s the common advice.
            Self::Dht11 | Self::Dht12 | Self::Dht21 | Self::Dht22 | Self::Si7021 => 2_000,
        })
    }

    /// The temperatures that the widest-ranging part of this name can measure.
    pub const fn temperatures(self) -> RangeInclusive<MilliCelsius> {
        let (lowest, highest) = match self {
            Self::Dht11 | Self::Dht12 => (-20_000, 60_000),
            Self::Dht21 | Self::Dht22 => (-40_000, 80_000),
            Self::Si7021 => (-40_000, 125_000),
        };
        MilliCelsius::new(lowest)..=MilliCelsius::new(highest)
    }

    /// How its frames are laid out.
    pub const fn layout(self) -> Layout {
        match self {
            Self::Dht11 | Self::Dht12 => Layout::Bytes,
            Self::Dht21 | Self::Dht22 | Self::Si7021 => Layout::Words,
        }
    }
}
