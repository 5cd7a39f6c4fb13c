//! Colours in bytes.

/// Red, green, blue and white, from 0 to 255, linear in what the eye is shown before gamma.
///
/// White is for LEDs that have it; the others leave it out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
    /// White.
    pub white: u8,
}

impl Colour {
    /// Nothing.
    pub const DARK: Self = Self::new(0, 0, 0);

    /// A colour without white.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self {
            red,
            green,
            blue,
            white: 0,
        }
    }

    /// The colour with this much white.
    #[must_use]
    pub const fn with_white(self, white: u8) -> Self {
        Self { white, ..self }
    }

    /// The colour at a position on the wheel: 0 is red, 512 green and 1024 blue; it begins again with 1536.
    ///
    /// ```
    /// use neopixel_status::Colour;
    ///
    /// assert_eq!(Colour::hue(0), Colour::new(255, 0, 0));
    /// assert_eq!(Colour::hue(256), Colour::new(255, 255, 0));
    /// assert_eq!(Colour::hue(1_152), Colour::new(128, 0, 255));
    /// ```
    pub const fn hue(position: u16) -> Self {
        let position = position % 1_536;
        // The lowest byte.
        let up = (position & 0xFF) as u8;
        let down = u8::MAX - up;
        match position >> 8 {
            0 => Self::new(255, up, 0),
            1 => Self::new(down, 255, 0),
            2 => Self::new(0, 255, up),
            3 => Self::new(0, down, 255),
            4 => Self::new(up, 0, 255),
            _ => Self::new(255, 0, down),
        }
    }

    /// The colour with less saturation, towards grey of the same brightest part: 255 leaves it, 0 is grey.
    #[must_use]
    pub fn saturated(self, saturation: u8) -> Self {
        let brightest = self.red.max(self.green).max(self.blue);
        let towards = |part: u8| brightest - scale(brightest - part, saturation);
        Self {
            red: towards(self.red),
            green: towards(self.green),
            blue: towards(self.blue),
            white: self.white,
        }
    }

    /// The colour at a brightness: 255 leaves it, 0 is dark. Rounded down, and never to a part that was 0.
    #[must_use]
    pub const fn scaled(self, brightness: u8) -> Self {
        Self {
            red: scale(self.red, brightness),
            green: scale(self.green, brightness),
            blue: scale(self.blue, brightness),
            white: scale(self.white, brightness),
        }
    }

    pub(crate) fn map(self, f: impl Fn(u8) -> u8) -> Self {
        Self {
            red: f(self.red),
            green: f(self.green),
            blue: f(self.blue),
            white: f(self.white),
        }
    }
}

/// `value * by / 255`, rounded down.
pub(crate) const fn scale(value: u8, by: u8) -> u8 {
    let product = value as u16 * by as u16;
    // At most 255.
    #[expect(clippy::cast_possible_truncation, reason = "at most 255")]
    let scaled = (product / 255) as u8;
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_brightness_changes_nothing_and_none_is_dark() {
        let colour = Colour::new(1, 128, 255).with_white(77);
        assert_eq!(colour.scaled(255), colour);
        assert_eq!(colour.scaled(0), Colour::DARK);
        assert_eq!(colour.scaled(128), Colour::new(0, 64, 128).with_white(38));
    }

    #[test]
    fn wheel_goes_round_and_meets_itself() {
        assert_eq!(Colour::hue(512), Colour::new(0, 255, 0));
        assert_eq!(Colour::hue(768), Colour::new(0, 255, 255));
        assert_eq!(Colour::hue(1_024), Colour::new(0, 0, 255));
        assert_eq!(Colour::hue(1_280), Colour::new(255, 0, 255));
        assert_eq!(Colour::hue(1_535), Colour::new(255, 0, 0));
        assert_eq!(Colour::hue(1_536), Colour::hue(0));
    }

    #[test]
    fn saturation_goes_from_grey_to_the_colour() {
        let colour = Colour::new(200, 100, 0);
        assert_eq!(colour.saturated(255), colour);
        assert_eq!(colour.saturated(0), Colour::new(200, 200, 200));
        assert_eq!(colour.saturated(128), Colour::new(200, 150, 100));
    }
}
