//! Resolution: configuration byte, conversion time, undefined bits.

use fugit::MicrosDurationU32;

/// How fine and how long a conversion is (DS18B20, "Thermometer Resolution Configuration").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Resolution {
    /// Steps of 0.5 °C, up to 93.75 ms.
    Bits9,
    /// Steps of 0.25 °C, up to 187.5 ms.
    Bits10,
    /// Steps of 0.125 °C, up to 375 ms.
    Bits11,
    /// Steps of 0.0625 °C, up to 750 ms; what a new device has.
    #[default]
    Bits12,
}

impl Resolution {
    /// The configuration byte: `0 R1 R0 1 1 1 1 1`.
    pub const fn configuration(self) -> u8 {
        match self {
            Self::Bits9 => 0x1F,
            Self::Bits10 => 0x3F,
            Self::Bits11 => 0x5F,
            Self::Bits12 => 0x7F,
        }
    }

    /// The longest that a conversion takes.
    pub const fn max_conversion(self) -> MicrosDurationU32 {
        MicrosDurationU32::from_micros(match self {
            Self::Bits9 => 93_750,
            Self::Bits10 => 187_500,
            Self::Bits11 => 375_000,
            Self::Bits12 => 750_000,
        })
    }

    /// What R1 and R0 of a configuration byte say.
    pub(crate) const fn from_configuration(byte: u8) -> Self {
        match byte & 0x60 {
            0x00 => Self::Bits9,
            0x20 => Self::Bits10,
            0x40 => Self::Bits11,
            _ => Self::Bits12,
        }
    }

    /// Those bits of the temperature that a conversion defines.
    pub(crate) const fn defined_bits(self) -> i16 {
        match self {
            Self::Bits9 => !0x7,
            Self::Bits10 => !0x3,
            Self::Bits11 => !0x1,
            Self::Bits12 => !0x0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Resolution::{self, Bits9, Bits10, Bits11, Bits12};

    #[test]
    fn configuration_bytes_are_those_of_the_data_sheet() {
        for (resolution, byte) in [(Bits9, 0x1F), (Bits10, 0x3F), (Bits11, 0x5F), (Bits12, 0x7F)] {
            assert_eq!(resolution.configuration(), byte);
            assert_eq!(Resolution::from_configuration(byte), resolution);
        }
    }

    #[test]
    fn conversion_times_are_those_of_the_data_sheet() {
        for (resolution, micros) in [
            (Bits9, 93_750),
            (Bits10, 187_500),
            (Bits11, 375_000),
            (Bits12, 750_000),
        ] {
            assert_eq!(resolution.max_conversion().as_micros(), micros);
        }
    }

    #[test]
    fn finer_is_greater() {
        assert!(Bits9 < Bits10 && Bits10 < Bits11 && Bits11 < Bits12);
    }
}
