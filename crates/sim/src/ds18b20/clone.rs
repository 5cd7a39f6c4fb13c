//! Who made the chip, and how that shows.

use std::ops::Range;

use crate::Tolerance;

/// A maker of DS18B20s, in the classification of `cpetrich/counterfeit_DS18B20`.
///
/// The times are that collection's measurements of 12-bit conversions, the ends of the range at the ends of
/// [`Tolerance`]. A value marked *chosen* is this crate's, where no measurement was at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Make {
    /// The genuine part: from the 584 ms that were measured to the 750 ms of the data sheet.
    #[default]
    A1,
    /// 325 to 505 ms, 2.65 °C too cold (the middle of the measured 1.8 to 3.5 °C).
    A2,
    /// 577 to 626 ms; answers "done" to polling in the first 10 ms (chosen).
    A3,
    /// Byte 6 is always 0x0C, and writing the scratchpad overwrites it (with the configuration: chosen).
    B1,
    /// As [`Make::B1`].
    B2,
    /// Always 12 bit, 28 to 30 ms, the EEPROM takes 8 writes.
    C,
    /// 11 ms at every resolution, 3 °C too warm, +25 °C at power-on, other reserved bytes, no parasite mode.
    D1,
    /// 460 to 525 ms at every resolution, other reserved bytes; parasite-powered, it pulls the line low for ever.
    D2,
    /// 21 to 23 ms; reserved bytes of its own (chosen).
    E,
    /// Answers "done" to every poll; can read 150 °C. 600 to 750 ms (chosen).
    F,
    /// 227 to 320 ms; byte 6 counts down from 0x20.
    /// Can hold the bus low: see [`set_jammed`](crate::Ds18b20::set_jammed).
    G,
    /// 101, 141, 198 and 279 ms for 9 to 12 bit.
    H,
}

/// How byte 6 follows from the low nibble of byte 0 after a conversion.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Byte6 {
    SixteenMinus,
    ThirtyTwoMinus,
    Constant,
}

/// What polling for the end of a conversion answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Polling {
    Honest,
    /// "Done" for so many nanoseconds, then the truth.
    HonestAfter(u64),
    AlwaysDone,
}

/// What the part does without supply at its VDD pin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Parasite {
    Works,
    Dead,
    PullsLow,
}

/// How one part differs from another.
#[derive(Clone, Debug)]
pub(crate) struct Traits {
    /// Nanoseconds at 9 to 12 bit; fastest and slowest.
    pub(crate) conversion: [Range<u64>; 4],
    pub(crate) byte5: u8,
    pub(crate) byte6: Byte6,
    pub(crate) byte7: u8,
    pub(crate) power_on_raw: i16,
    pub(crate) power_on_byte6: u8,
    pub(crate) fixed_resolution: bool,
    pub(crate) write_spoils_byte6: bool,
    pub(crate) offset_micro: i32,
    pub(crate) highest: i16,
    pub(crate) polling: Polling,
    pub(crate) parasite: Parasite,
    pub(crate) eeprom_life: Option<u32>,
    pub(crate) eeprom: [u8; 3],
}

const GENUINE: Traits = Traits {
    conversion: halving(584_000, 750_000),
    byte5: 0xFF,
    byte6: Byte6::SixteenMinus,
    byte7: 0x10,
    power_on_raw: 0x0550,
    power_on_byte6: 0x0C,
    fixed_resolution: false,
    write_spoils_byte6: false,
    offset_micro: 0,
    highest: 125 * 16,
    polling: Polling::Honest,
    parasite: Parasite::Works,
    eeprom_life: None,
    eeprom: [0x4B, 0x46, 0x7F],
};

impl Make {
    pub(crate) fn traits(self) -> Traits {
        match self {
            Self::A1 => GENUINE,
            Self::A2 => Traits {
                conversion: halving(325_000, 505_000),
                offset_micro: -2_650_000,
                ..GENUINE
            },
            Self::A3 => Traits {
                conversion: halving(577_000, 626_000),
                polling: Polling::HonestAfter(10_000_000),
                ..GENUINE
            },
            Self::B1 | Self::B2 => Traits {
                byte6: Byte6::Constant,
                write_spoils_byte6: true,
                ..GENUINE
            },
            Self::C => Traits {
                conversion: same(28_000, 30_000),
                byte6: Byte6::Constant,
                fixed_resolution: true,
                eeprom_life: Some(8),
                ..GENUINE
            },
            Self::D1 => Traits {
                conversion: same(11_000, 11_000),
                byte5: 0x7E,
                byte6: Byte6::Constant,
                byte7: 0x66,
                power_on_raw: 0x0190,
                power_on_byte6: 0x81,
                offset_micro: 3_000_000,
                parasite: Parasite::Dead,
                eeprom: [0x55, 0x05, 0x7F],
                ..GENUINE
            },
            Self::D2 => Traits {
                conversion: same(460_000, 525_000),
                byte5: 0xA5,
                byte6: Byte6::Constant,
                byte7: 0x66,
                power_on_byte6: 0xA5,
                parasite: Parasite::PullsLow,
                eeprom: [0x55, 0x05, 0x7F],
                ..GENUINE
            },
            Self::E => Traits {
                conversion: same(21_000, 23_000),
                byte5: 0x00,
                byte6: Byte6::Constant,
                byte7: 0xFF,
                power_on_byte6: 0x00,
                ..GENUINE
            },
            Self::F => Traits {
                conversion: halving(600_000, 750_000),
                byte6: Byte6::Constant,
                highest: 150 * 16,
                polling: Polling::AlwaysDone,
                ..GENUINE
            },
            Self::G => Traits {
                conversion: halving(227_000, 320_000),
                byte6: Byte6::ThirtyTwoMinus,
                ..GENUINE
            },
            Self::H => Traits {
                conversion: [
                    101_000_000..101_000_000,
                    141_000_000..141_000_000,
                    198_000_000..198_000_000,
                    279_000_000..279_000_000,
                ],
                ..GENUINE
            },
        }
    }
}

impl Traits {
    pub(crate) fn conversion_ns(&self, resolution_step: u8, tolerance: Tolerance) -> u64 {
        let range = self
            .conversion
            .get(usize::from(resolution_step))
            .cloned()
            .unwrap_or(0..0);
        match tolerance {
            Tolerance::Fastest => range.start,
            Tolerance::Nominal => u64::midpoint(range.start, range.end),
            Tolerance::Slowest => range.end,
        }
    }
}

/// Conversion times that halve with each bit of resolution less, from 12-bit times in microseconds.
const fn halving(fastest_us: u64, slowest_us: u64) -> [Range<u64>; 4] {
    let (fastest, slowest) = (fastest_us * 1_000, slowest_us * 1_000);
    [
        fastest / 8..slowest / 8,
        fastest / 4..slowest / 4,
        fastest / 2..slowest / 2,
        fastest..slowest,
    ]
}

/// Conversion times that do not depend on the resolution, in microseconds.
const fn same(fastest_us: u64, slowest_us: u64) -> [Range<u64>; 4] {
    let (fastest, slowest) = (fastest_us * 1_000, slowest_us * 1_000);
    [
        fastest..slowest,
        fastest..slowest,
        fastest..slowest,
        fastest..slowest,
    ]
}
