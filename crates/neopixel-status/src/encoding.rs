//! Bits of SPI for the bits of an LED.

use crate::{Part, Width};
use core::fmt;

/// How many bits of SPI are a bit of an LED, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Encoding {
    /// `100` and `110`: 9 bytes per LED, at about 2.4 MHz for a WS2812B and 3 MHz for a V5.
    ThreeBits,
    /// `1000` and `1110`: 12 bytes per LED, at 3.2 MHz for every WS2812.
    FourBits,
    /// `1000` and `1100`: 12 bytes per LED, at 3.2 MHz for an SK6812, whose ones are high for half of their time.
    FourBitsEven,
}

/// A level that an SPI clock makes too short or too long for a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Misfit {
    /// The high level of a zero (T0H).
    ZeroHigh,
    /// The low level after a zero (T0L).
    ZeroLow,
    /// The high level of a one (T1H).
    OneHigh,
    /// The low level after a one (T1L).
    OneLow,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ZeroHigh => "the SPI clock does not fit the high level of a zero",
            Self::ZeroLow => "the SPI clock does not fit the low level of a zero",
            Self::OneHigh => "the SPI clock does not fit the high level of a one",
            Self::OneLow => "the SPI clock does not fit the low level of a one",
        })
    }
}

impl core::error::Error for Misfit {}

impl Encoding {
    /// Bits of SPI per bit.
    const fn bits(self) -> u32 {
        match self {
            Self::ThreeBits => 3,
            Self::FourBits | Self::FourBitsEven => 4,
        }
    }

    /// High bits of SPI in a one. In a zero it is one.
    const fn one_high(self) -> u32 {
        match self {
            Self::ThreeBits | Self::FourBitsEven => 2,
            Self::FourBits => 3,
        }
    }

    /// Bytes of SPI per byte of an LED.
    pub const fn bytes_per_byte(self) -> usize {
        self.bits() as usize
    }

    /// Checks whether a part understands this encoding at an SPI clock of `hz`.
    ///
    /// A [`Strip`](crate::Strip) is checked when it is compiled; this is for clocks that are known later.
    ///
    /// ```
    /// use neopixel_status::{Encoding, Misfit, Part};
    ///
    /// assert_eq!(Encoding::FourBits.fits(Part::Ws2812bV5, 3_200_000), Ok(()));
    /// // The zeros are high for 417 ns, and a V5 takes 380 ns.
    /// assert_eq!(Encoding::ThreeBits.fits(Part::Ws2812bV5, 2_400_000), Err(Misfit::ZeroHigh));
    /// ```
    ///
    /// # Errors
    /// The first level that is too short or too long.
    pub const fn fits(self, part: Part, hz: u32) -> Result<(), Misfit> {
        const fn check(width: Width, bits: u32, hz: u32, misfit: Misfit) -> Result<(), Misfit> {
            if width.contains(bits, hz) {
                Ok(())
            } else {
                Err(misfit)
            }
        }
        let (bits, one) = (self.bits(), self.one_high());
        if let Err(misfit) = check(part.zero_high(), 1, hz, Misfit::ZeroHigh) {
            return Err(misfit);
        }
        if let Err(misfit) = check(part.zero_low(), bits - 1, hz, Misfit::ZeroLow) {
            return Err(misfit);
        }
        if let Err(misfit) = check(part.one_high(), one, hz, Misfit::OneHigh) {
            return Err(misfit);
        }
        check(part.one_low(), bits - one, hz, Misfit::OneLow)
    }

    /// The bits of SPI for a byte, first one highest, at the lower end: 24 or 32.
    pub(crate) const fn encode(self, byte: u8) -> u32 {
        let (zero, one) = match self {
            Self::ThreeBits => (0b100, 0b110),
            Self::FourBits => (0b1000, 0b1110),
            Self::FourBitsEven => (0b1000, 0b1100),
        };
        let mut encoded = 0;
        let mut bit = 8;
        while bit > 0 {
            bit -= 1;
            encoded = encoded << self.bits() | if byte >> bit & 1 == 1 { one } else { zero };
        }
        encoded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_bits_are_those_of_the_table() {
        for (byte, bits) in [(0x00, 0x92_49_24), (0xFF, 0xDB_6D_B6), (0xA5, 0xD3_49_A6)] {
            assert_eq!(Encoding::ThreeBits.encode(byte), bits, "{byte:#x}");
        }
    }

    #[test]
    fn four_bits_are_those_of_the_table() {
        for (byte, bits) in [(0x00, 0x8888_8888), (0xFF, 0xEEEE_EEEE), (0xA5, 0xE8E8_8E8E)] {
            assert_eq!(Encoding::FourBits.encode(byte), bits, "{byte:#x}");
        }
    }

    #[test]
    fn even_ones_are_high_for_half_their_time() {
        for (byte, bits) in [(0x00, 0x8888_8888), (0xFF, 0xCCCC_CCCC), (0xA5, 0xC8C8_8C8C)] {
            assert_eq!(Encoding::FourBitsEven.encode(byte), bits, "{byte:#x}");
        }
    }

    /// The slowest and the fastest clock in kHz that fit, and none if none does.
    fn range(encoding: Encoding, part: Part) -> Option<(u32, u32)> {
        let mut fitting = (1_000..6_000).filter(|khz| encoding.fits(part, khz * 1_000).is_ok());
        let first = fitting.next()?;
        Some((first, fitting.next_back().unwrap_or(first)))
    }

    /// Worked out by hand: 1 bit of 350 to 475 ns, and so on.
    #[test]
    fn clocks_that_fit_are_those_of_the_limits() {
        use Encoding::{FourBits, FourBitsEven, ThreeBits};
        use Part::{Sk6812, Ws2812, Ws2812b, Ws2812bV5};
        assert_eq!(range(ThreeBits, Ws2812), None);
        assert_eq!(range(ThreeBits, Ws2812b), Some((2_106, 2_857)));
        assert_eq!(range(ThreeBits, Ws2812bV5), Some((2_632, 3_448)));
        assert_eq!(range(ThreeBits, Sk6812), None);
        assert_eq!(range(FourBits, Ws2812), Some((2_927, 3_529)));
        assert_eq!(range(FourBits, Ws2812b), Some((3_158, 3_333)));
        assert_eq!(range(FourBits, Ws2812bV5), Some((3_000, 4_545)));
        assert_eq!(range(FourBits, Sk6812), None);
        assert_eq!(range(FourBitsEven, Ws2812), None);
        assert_eq!(range(FourBitsEven, Ws2812b), None);
        assert_eq!(range(FourBitsEven, Ws2812bV5), None);
        assert_eq!(range(FourBitsEven, Sk6812), Some((2_858, 4_000)));
    }

    #[test]
    fn misfit_names_the_level() {
        let fits = |khz: u32| Encoding::FourBits.fits(Part::Ws2812b, khz * 1_000);
        assert_eq!(fits(1_800), Err(Misfit::ZeroHigh));
        assert_eq!(fits(2_900), Err(Misfit::ZeroLow));
        assert_eq!(fits(3_150), Err(Misfit::OneHigh));
        assert_eq!(fits(3_400), Err(Misfit::OneLow));
        assert_eq!(fits(0), Err(Misfit::ZeroHigh));
    }
}
