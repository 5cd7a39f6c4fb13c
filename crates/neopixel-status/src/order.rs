//! Which byte of an LED is which colour.

use crate::Colour;

/// The order in which an LED takes its colours: any of the 6 of red, green and blue, or of the 24 with white.
///
/// ```
/// use neopixel_status::Order;
///
/// assert_eq!(Order::new("GRB"), Some(Order::GRB));
/// assert_eq!(Order::new("WBGR").map(Order::channels), Some(4));
/// assert_eq!(Order::new("RGR"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Order {
    /// Places: 0 is the first byte.
    red: u8,
    green: u8,
    blue: u8,
    white: Option<u8>,
}

impl Order {
    /// WS2812, WS2812B and most SK6812.
    pub const GRB: Self = Self {
        green: 0,
        red: 1,
        blue: 2,
        white: None,
    };
    /// Many LEDs with legs, and some strips.
    pub const RGB: Self = Self {
        red: 0,
        green: 1,
        blue: 2,
        white: None,
    };
    /// SK6812 with white.
    pub const GRBW: Self = Self {
        green: 0,
        red: 1,
        blue: 2,
        white: Some(3),
    };

    /// Takes an order as the letters R, G and B, each once and at most one W.
    pub const fn new(letters: &str) -> Option<Self> {
        let letters = letters.as_bytes();
        let (Some(red), Some(green), Some(blue)) =
            (place(letters, b'R'), place(letters, b'G'), place(letters, b'B'))
        else {
            return None;
        };
        // All letters are different, so these lengths leave room for nothing else.
        match (letters.len(), place(letters, b'W')) {
            (3, white @ None) | (4, white @ Some(_)) => Some(Self {
                red,
                green,
                blue,
                white,
            }),
            _ => None,
        }
    }

    /// The number of bytes of an LED: 3, or 4 with white.
    pub const fn channels(self) -> usize {
        match self.white {
            None => 3,
            Some(_) => 4,
        }
    }

    /// The bytes of a colour, of which the first [`channels`](Self::channels) are used.
    pub(crate) fn bytes(self, colour: Colour) -> [u8; 4] {
        let at = |place: u8| {
            if place == self.red {
                colour.red
            } else if place == self.green {
                colour.green
            } else if place == self.blue {
                colour.blue
            } else {
                colour.white
            }
        };
        [at(0), at(1), at(2), at(3)]
    }
}

/// Where a letter is, as 0 to 3.
const fn place(mut letters: &[u8], letter: u8) -> Option<u8> {
    let mut place = 0;
    while let [first, rest @ ..] = letters {
        if *first == letter {
            return Some(place);
        }
        if place == 3 {
            return None;
        }
        place += 1;
        letters = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLOUR: Colour = Colour::new(1, 2, 3).with_white(4);

    #[test]
    fn bytes_follow_the_letters() {
        for (letters, bytes) in [
            ("RGB", [1, 2, 3]),
            ("RBG", [1, 3, 2]),
            ("GRB", [2, 1, 3]),
            ("GBR", [2, 3, 1]),
            ("BRG", [3, 1, 2]),
            ("BGR", [3, 2, 1]),
        ] {
            let order = Order::new(letters).unwrap();
            assert_eq!(order.channels(), 3);
            assert_eq!(order.bytes(COLOUR)[..3], bytes, "{letters}");
        }
        for (letters, bytes) in [
            ("GRBW", [2, 1, 3, 4]),
            ("WRGB", [4, 1, 2, 3]),
            ("BWRG", [3, 4, 1, 2]),
        ] {
            let order = Order::new(letters).unwrap();
            assert_eq!(order.channels(), 4);
            assert_eq!(order.bytes(COLOUR), bytes, "{letters}");
        }
    }

    #[test]
    fn letters_must_be_each_colour_once() {
        for letters in [
            "", "RG", "RGG", "RGBB", "RGBX", "XRGB", "RGBWW", "RGWB?", "rgb", "XXXXRGB",
        ] {
            assert_eq!(Order::new(letters), None, "{letters}");
        }
    }

    #[test]
    fn named_orders_are_their_letters() {
        assert_eq!(Order::new("GRB"), Some(Order::GRB));
        assert_eq!(Order::new("RGB"), Some(Order::RGB));
        assert_eq!(Order::new("GRBW"), Some(Order::GRBW));
    }
}
