//! How much current a picture draws, and how much it may.

use crate::{Colour, Part};

/// What an LED draws from its 5 V supply, in microamperes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Current {
    /// Red at 255.
    pub red: u32,
    /// Green at 255.
    pub green: u32,
    /// Blue at 255.
    pub blue: u32,
    /// White at 255.
    pub white: u32,
    /// The chip, also when dark.
    pub idle: u32,
}

impl Part {
    /// The most that its data sheet or its makers name: 20 mA per colour, 12 mA of a V5 (from memory), and 1 mA for the chip.
    pub const fn current(self) -> Current {
        let colour = match self {
            Self::Ws2812 | Self::Ws2812b | Self::Sk6812 => 20_000,
            Self::Ws2812bV5 => 12_000,
        };
        Current {
            red: colour,
            green: colour,
            blue: colour,
            white: colour,
            idle: 1_000,
        }
    }
}

/// The most current that a strip may draw.
///
/// A picture that would draw more is dimmed as a whole until it does not; colours keep their hue but for rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Budget {
    milliamperes: u16,
    current: Current,
}

impl Budget {
    /// Allows so many milliamperes for LEDs that draw this much.
    ///
    /// Below what the chips of the strip draw by themselves, all LEDs stay dark.
    pub const fn new(milliamperes: u16, current: Current) -> Self {
        Self {
            milliamperes,
            current,
        }
    }

    /// What may be left of 65536 parts of each byte, so that these LEDs stay within the budget.
    ///
    /// A byte rounded down draws less, so no rounding can exceed the budget.
    pub(crate) fn factor(&self, leds: usize, pixels: impl Iterator<Item = Colour>) -> u32 {
        const WHOLE: u64 = 65_536;
        let current = self.current;
        // Microamperes times 255. Strips that overflow this would not fit into the memory of the machine.
        let wanted = pixels.fold(0_u64, |sum, colour| {
            let colours = [
                (colour.red, current.red),
                (colour.green, current.green),
                (colour.blue, current.blue),
                (colour.white, current.white),
            ];
            let led = colours.map(|(part, full)| u64::from(part) * u64::from(full));
            sum.saturating_add(led.iter().sum())
        });
        let idle = u64::from(current.idle).saturating_mul(leds as u64);
        let allowed = (u64::from(self.milliamperes) * 1_000).saturating_sub(idle) * 255;
        if wanted <= allowed {
            return 65_536;
        }
        // Less than a whole, as less is allowed than wanted.
        u32::try_from((allowed * WHOLE).checked_div(wanted).unwrap_or(0)).unwrap_or(0)
    }
}
