//! The parts of the family, by the first byte of their ROM code.

/// A part, as its family code tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Family {
    /// DS18S20 and the older DS1820, code 0x10: half degrees and a remainder, always 750 ms.
    Ds18s20,
    /// DS1822, code 0x22: a DS18B20 of ±2 °C.
    Ds1822,
    /// DS18B20, DS18B20-PAR and MAX31820, code 0x28.
    Ds18b20,
    /// DS1825, code 0x3B: four address pins in the configuration. The MAX31850 thermocouple
    /// converter has the same code; it is refused as [`Fault::Max31850`](crate::Fault::Max31850).
    Ds1825,
    /// DS28EA00, code 0x42.
    Ds28ea00,
}

impl Family {
    /// The part with this family code, if it is one of the family.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0x10 => Some(Self::Ds18s20),
            0x22 => Some(Self::Ds1822),
            0x28 => Some(Self::Ds18b20),
            0x3B => Some(Self::Ds1825),
            0x42 => Some(Self::Ds28ea00),
            _ => None,
        }
    }

    /// The first byte of the ROM code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ds18s20 => 0x10,
            Self::Ds1822 => 0x22,
            Self::Ds18b20 => 0x28,
            Self::Ds1825 => 0x3B,
            Self::Ds28ea00 => 0x42,
        }
    }

    /// Whether scratchpad byte 4 is a configuration; it is reserved in the DS18S20.
    pub(crate) const fn has_configuration(self) -> bool {
        !matches!(self, Self::Ds18s20)
    }
}

#[cfg(test)]
mod tests {
    use super::Family::{self, Ds18b20, Ds18s20, Ds28ea00, Ds1822, Ds1825};

    #[test]
    fn codes_are_those_of_the_data_sheets() {
        for (family, code) in [
            (Ds18s20, 0x10),
            (Ds1822, 0x22),
            (Ds18b20, 0x28),
            (Ds1825, 0x3B),
            (Ds28ea00, 0x42),
        ] {
            assert_eq!(family.code(), code);
            assert_eq!(Family::from_code(code), Some(family));
        }
    }

    #[test]
    fn every_other_code_is_a_stranger() {
        let known = (0..=0xFF).filter_map(Family::from_code).count();
        assert_eq!(known, 5);
    }
}
