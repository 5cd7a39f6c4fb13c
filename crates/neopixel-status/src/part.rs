//! The LEDs, and how long their levels may be.

/// The shortest and the longest width of a level in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Width {
    /// The shortest.
    pub min: u32,
    /// The longest.
    pub max: u32,
}

impl Width {
    /// Whether `bits` periods of a clock of `hz` are within it.
    pub(crate) const fn contains(self, bits: u32, hz: u32) -> bool {
        let (time, hz) = (bits as u64 * 1_000_000_000, hz as u64);
        time >= self.min as u64 * hz && time <= self.max as u64 * hz
    }
}

const fn width(min: u32, max: u32) -> Width {
    Width { min, max }
}

/// The LEDs of a strip. Whether they have white is a matter of the [`Order`](crate::Order).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Part {
    /// WS2812, the first one. Nominal 250/1000/875/375 ns, with the tolerance of a WS2812B.
    Ws2812,
    /// WS2812B up to V4: 400/850/800/450 ns ± 150 ns.
    Ws2812b,
    /// WS2812B-V5, WS2812B-Mini-V3 and what is sold as WS2812B today.
    Ws2812bV5,
    /// SK6812 with or without white: 300/900/600/600 ns ± 150 ns. From memory.
    Sk6812,
}

impl Part {
    /// The high level of a zero (T0H).
    pub const fn zero_high(self) -> Width {
        match self {
            Self::Ws2812 => width(100, 400),
            Self::Ws2812b => width(250, 550),
            Self::Ws2812bV5 => width(220, 380),
            Self::Sk6812 => width(150, 450),
        }
    }

    /// The low level after it (T0L).
    pub const fn zero_low(self) -> Width {
        match self {
            Self::Ws2812 => width(850, 1_150),
            Self::Ws2812b => width(700, 1_000),
            Self::Ws2812bV5 => width(580, 1_000),
            Self::Sk6812 => width(750, 1_050),
        }
    }

    /// The high level of a one (T1H).
    pub const fn one_high(self) -> Width {
        match self {
            Self::Ws2812 => width(725, 1_025),
            Self::Ws2812b => width(650, 950),
            Self::Ws2812bV5 => width(580, 1_000),
            Self::Sk6812 => width(450, 750),
        }
    }

    /// The low level after it (T1L).
    pub const fn one_low(self) -> Width {
        match self {
            Self::Ws2812 => width(225, 525),
            Self::Ws2812b => width(300, 600),
            Self::Ws2812bV5 => width(220, 420),
            Self::Sk6812 => width(450, 750),
        }
    }

    /// How long a low level takes the picture over, in nanoseconds: for a V5 280 µs and some. The older parts of the WS2812
    /// kind are content with 50 µs, but so many V5 are sold under their name that they get the same.
    pub const fn latch_ns(self) -> u32 {
        match self {
            Self::Ws2812 | Self::Ws2812b | Self::Ws2812bV5 => 300_000,
            Self::Sk6812 => 100_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T0H, T0L, T1H and T1L, then the latch.
    #[test]
    fn limits_are_those_of_the_data_sheets() {
        for (part, widths, latch) in [
            (
                Part::Ws2812,
                [(100, 400), (850, 1_150), (725, 1_025), (225, 525)],
                300_000,
            ),
            (
                Part::Ws2812b,
                [(250, 550), (700, 1_000), (650, 950), (300, 600)],
                300_000,
            ),
            (
                Part::Ws2812bV5,
                [(220, 380), (580, 1_000), (580, 1_000), (220, 420)],
                300_000,
            ),
            (
                Part::Sk6812,
                [(150, 450), (750, 1_050), (450, 750), (450, 750)],
                100_000,
            ),
        ] {
            let limits = [part.zero_high(), part.zero_low(), part.one_high(), part.one_low()];
            assert_eq!(limits.map(|Width { min, max }| (min, max)), widths, "{part:?}");
            assert_eq!(part.latch_ns(), latch, "{part:?}");
        }
    }

    #[test]
    fn limits_themselves_are_within() {
        // 250 ns are one period of 4 MHz, and 750 ns are three.
        assert!(width(250, 300).contains(1, 4_000_000));
        assert!(!width(251, 300).contains(1, 4_000_000));
        assert!(width(700, 750).contains(3, 4_000_000));
        assert!(!width(700, 749).contains(3, 4_000_000));
    }
}
