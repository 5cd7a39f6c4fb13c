//! The two character ROMs of the HD44780U, as data (data sheet, Table 4).

/// The characters that a controller knows: printed on the chip, as in HD44780UA00, if one can see it.
///
/// Both have ASCII, °, and the micro sign, for which U+00B5 and U+03BC do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rom {
    /// The Japanese one, in nearly all modules: half-width katakana, some Greek and Latin letters, ← and →. It lacks
    /// `\` and `~`.
    #[default]
    A00,
    /// The European one: Latin-1, Greek letters, Cyrillic ones that do not look like Latin ones, arrows.
    A02,
}

/// Marks codes that show nothing Unicode has a character for.
const NONE: char = '\0';

/// 0xE0 to 0xFF of A00. The letters at E7, EA, F0, F1 and F9 are ASCII's once more, with a true descender; E9 is ⁻¹,
/// F8 is an x with a bar.
const A00_LAST: [char; 32] = [
    'α', 'ä', 'β', 'ε', 'μ', 'σ', 'ρ', NONE, '√', NONE, NONE, 'ˣ', '¢', '£', 'ñ', 'ö', //
    NONE, NONE, 'θ', '∞', 'Ω', 'ü', 'Σ', 'π', NONE, NONE, '千', '万', '円', '÷', NONE, '█',
];

/// 0x10 to 0x1F of A02.
const A02_FIRST: [char; 16] = [
    '▶', '◀', '“', '”', '⏫', '⏬', '●', '↲', '↑', '↓', '→', '←', '≤', '≥', '▲', '▼',
];

/// 0x80 to 0xBF of A02.
const A02_MIDDLE: [char; 64] = [
    'Б', 'Д', 'Ж', 'З', 'И', 'Й', 'Л', 'П', 'У', 'Ц', 'Ч', 'Ш', 'Щ', 'Ъ', 'Ы', 'Э', //
    'α', '♪', 'Γ', 'π', 'Σ', 'σ', '♬', 'τ', '🔔', 'Θ', 'Ω', 'δ', '∞', '♥', 'ε', '∩', //
    '‖', '¡', '¢', '£', '¤', '¥', '¦', '§', 'ƒ', '©', 'ª', '«', 'Ю', 'Я', '®', '´', //
    '°', '±', '²', '³', '₧', 'μ', '¶', '·', 'ω', '¹', 'º', '»', '¼', '½', '¾', '¿',
];

impl Rom {
    /// Returns the code of a character, `None` if this ROM does not have it.
    ///
    /// Dashes, quotation marks and spaces that the ROM lacks are those of ASCII, and ß is β in [`A00`](Self::A00).
    pub fn encode(self, character: char) -> Option<u8> {
        self.look_up(character).or_else(|| self.look_up(like(character)?))
    }

    #[expect(clippy::match_same_arms, reason = "first what both have, then each by itself")]
    fn look_up(self, character: char) -> Option<u8> {
        match (self, character) {
            (_, NONE) | (Self::A00, '\\' | '~') | (Self::A02, 'Ø') => None,
            (_, ' '..='~') => u8::try_from(character).ok(),
            (Self::A00, '¥') => Some(0x5C),
            (Self::A00, '→') => Some(0x7E),
            (Self::A00, '←') => Some(0x7F),
            (Self::A00, '°') => Some(0xDF),
            // JIS X 0201, which starts at U+FF61.
            (Self::A00, '｡'..='ﾟ') => u8::try_from(u32::from(character) - 0xFF61 + 0xA1).ok(),
            (Self::A00, _) => position(&A00_LAST, 0xE0, character),
            (Self::A02, '⌂') => Some(0x7F),
            (Self::A02, 'Φ') => Some(0xD8),
            (Self::A02, 'À'..='ÿ') => u8::try_from(character).ok(),
            (Self::A02, _) => {
                position(&A02_FIRST, 0x10, character).or_else(|| position(&A02_MIDDLE, 0x80, character))
            }
        }
    }
}

/// A character that looks the same, or nearly so.
fn like(character: char) -> Option<char> {
    Some(match character {
        // Written as numbers where two of them look alike.
        '\u{B5}' => '\u{3BC}',
        '\u{2126}' => '\u{3A9}',
        '\u{2211}' => '\u{3A3}',
        'ß' => 'β',
        '■' => '█',
        '\u{A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '‘' | '’' | '´' => '\'',
        '“' | '”' => '"',
        _ => return None,
    })
}

fn position(table: &[char], first: u8, character: char) -> Option<u8> {
    let index = table.iter().position(|&entry| entry == character)?;
    u8::try_from(index).ok().map(|index| first + index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a00_has_what_the_table_says() {
        for (character, code) in [
            ('A', 0x41),
            ('}', 0x7D),
            ('¥', 0x5C),
            ('→', 0x7E),
            ('←', 0x7F),
            ('｡', 0xA1),
            ('ｱ', 0xB1),
            ('ﾞ', 0xDE),
            ('ﾟ', 0xDF),
            ('°', 0xDF),
            ('\u{B5}', 0xE4),
            ('\u{3BC}', 0xE4),
            ('α', 0xE0),
            ('ä', 0xE1),
            ('ß', 0xE2),
            ('√', 0xE8),
            ('¢', 0xEC),
            ('£', 0xED),
            ('ñ', 0xEE),
            ('ö', 0xEF),
            ('∞', 0xF3),
            ('\u{3A9}', 0xF4),
            ('\u{2126}', 0xF4),
            ('ü', 0xF5),
            ('Σ', 0xF6),
            ('\u{2211}', 0xF6),
            ('■', 0xFF),
            ('π', 0xF7),
            ('÷', 0xFD),
            ('█', 0xFF),
        ] {
            assert_eq!(Rom::A00.encode(character), Some(code), "{character}");
        }
    }

    #[test]
    fn a02_has_what_the_table_says() {
        for (character, code) in [
            ('A', 0x41),
            ('\\', 0x5C),
            ('~', 0x7E),
            ('→', 0x1A),
            ('←', 0x1B),
            ('▼', 0x1F),
            ('⌂', 0x7F),
            ('Б', 0x80),
            ('Э', 0x8F),
            ('Σ', 0x94),
            ('Ω', 0x9A),
            ('\u{2126}', 0x9A),
            ('∞', 0x9C),
            ('¢', 0xA2),
            ('£', 0xA3),
            ('¥', 0xA5),
            ('°', 0xB0),
            ('\u{B5}', 0xB5),
            ('\u{3BC}', 0xB5),
            ('´', 0xAF),
            ('¿', 0xBF),
            ('À', 0xC0),
            ('Φ', 0xD8),
            ('ß', 0xDF),
            ('ä', 0xE4),
            ('ñ', 0xF1),
            ('ö', 0xF6),
            ('÷', 0xF7),
            ('ü', 0xFC),
            ('ÿ', 0xFF),
        ] {
            assert_eq!(Rom::A02.encode(character), Some(code), "{character}");
        }
    }

    #[test]
    fn what_a_rom_lacks_is_none() {
        for character in ['\\', '~', '↑', 'Б', 'é', '\0', '\n', '\u{7F}', '€'] {
            assert_eq!(Rom::A00.encode(character), None, "{character:?}");
        }
        for character in ['█', 'ｱ', '√', 'Ø', '\0', '\n', '\u{7F}', '\u{80}', '€'] {
            assert_eq!(Rom::A02.encode(character), None, "{character:?}");
        }
    }

    #[test]
    fn typographic_signs_fall_back_to_ascii() {
        assert_eq!(Rom::A00.encode('\u{2212}'), Some(0x2D));
        for space in ['\u{A0}', '\u{2007}', '\u{2009}', '\u{202F}', '\u{3000}'] {
            assert_eq!(Rom::A00.encode(space), Some(0x20));
        }
        for apostrophe in ['‘', '’', '´'] {
            assert_eq!(Rom::A00.encode(apostrophe), Some(0x27));
        }
        assert_eq!(Rom::A00.encode('“'), Some(0x22));
        assert_eq!(Rom::A02.encode('“'), Some(0x12));
    }
}
