//! Characters of one's own.

/// One of the eight places in the controller for characters of one's own.
///
/// The characters U+0000 to U+0007 print them: `"\u{3}"` prints the one in slot 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(missing_docs, reason = "the names say it")]
pub enum Slot {
    S0,
    S1,
    S2,
    S3,
    S4,
    S5,
    S6,
    S7,
}

impl Slot {
    /// The code that shows it, 0 to 7.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// The dots of a character of one's own: eight rows from the top, of which the lower five bits count, bit 4 on the left.
///
/// The lowest row is where the cursor is underlined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Glyph([u8; 8]);

impl Glyph {
    /// Takes the rows; bits above the lower five are dropped.
    pub const fn new(rows: [u8; 8]) -> Self {
        Self((u64::from_be_bytes(rows) & 0x1F1F_1F1F_1F1F_1F1F).to_be_bytes())
    }

    /// Returns the rows.
    pub const fn rows(&self) -> &[u8; 8] {
        &self.0
    }

    /// \, which [`Rom::A00`](crate::Rom::A00) lacks.
    pub const BACKSLASH: Self = Self::new([
        0b00000, 0b10000, 0b01000, 0b00100, 0b00010, 0b00001, 0b00000, 0b00000,
    ]);
    /// ~, which [`Rom::A00`](crate::Rom::A00) lacks.
    pub const TILDE: Self = Self::new([
        0b00000, 0b00000, 0b01000, 0b10101, 0b00010, 0b00000, 0b00000, 0b00000,
    ]);
    /// ↑, which [`Rom::A00`](crate::Rom::A00) lacks.
    pub const ARROW_UP: Self = Self::new([
        0b00100, 0b01110, 0b10101, 0b00100, 0b00100, 0b00100, 0b00100, 0b00000,
    ]);
    /// ↓, which [`Rom::A00`](crate::Rom::A00) lacks.
    pub const ARROW_DOWN: Self = Self::new([
        0b00100, 0b00100, 0b00100, 0b00100, 0b10101, 0b01110, 0b00100, 0b00000,
    ]);
    /// █, which [`Rom::A02`](crate::Rom::A02) lacks.
    pub const FULL_BLOCK: Self = Self::new([0b11111; 8]);
    /// °, for clones with yet another ROM.
    pub const DEGREE: Self = Self::new([
        0b01100, 0b10010, 0b10010, 0b01100, 0b00000, 0b00000, 0b00000, 0b00000,
    ]);
    /// →, for clones with yet another ROM.
    pub const ARROW_RIGHT: Self = Self::new([
        0b00000, 0b00100, 0b00010, 0b11111, 0b00010, 0b00100, 0b00000, 0b00000,
    ]);
    /// ←, for clones with yet another ROM.
    pub const ARROW_LEFT: Self = Self::new([
        0b00000, 0b00100, 0b01000, 0b11111, 0b01000, 0b00100, 0b00000, 0b00000,
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_five_dots_of_a_row_count() {
        let glyph = Glyph::new([0xFF, 0xE0, 0x20, 0x40, 0x80, 0x11, 0xF1, 0x1F]);
        assert_eq!(glyph.rows(), &[0x1F, 0x00, 0x00, 0x00, 0x00, 0x11, 0x11, 0x1F]);
    }

    #[test]
    fn slots_are_the_codes_0_to_7() {
        assert_eq!((Slot::S0.code(), Slot::S7.code()), (0, 7));
    }
}
