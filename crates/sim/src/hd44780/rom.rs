//! The two character ROMs, as the signs that a person sees.

/// Which character generator ROM a controller has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LcdRom {
    /// ASCII with ¥ for the backslash and arrows for ~ and DEL, katakana, some Greek.
    #[default]
    A00,
    /// ASCII, Latin-1, some Cyrillic and Greek.
    A02,
}

/// 0xE0 to 0xFF. Letters with a descender are shown as the letter, x with a bar as x, ⁻¹ as ⁻.
const A00_LAST: &str = "αäßεµσρg√⁻jˣ¢£ñöpqθ∞ΩüΣπxy千万円÷ █";
/// 0x10 to 0x1F.
const A02_FIRST: &str = "▶◀“”⏫⏬●↲↑↓→←≤≥▲▼";
/// 0x7F to 0xBF.
const A02_MIDDLE: &str = "⌂БДЖЗИЙЛПУЦЧШЩЪЫЭα♪ΓπΣσ♬τ🔔ΘΩδ∞♥ε∩‖¡¢£¤¥¦§ƒ©ª«ЮЯ®´°±²³₧µ¶·ω¹º»¼½¾¿";

impl LcdRom {
    /// Returns the sign that `code` shows: a circled digit for a character of the host's, a space for nothing.
    pub fn sign(self, code: u8) -> char {
        let from = |table: &str, first: u8| table.chars().nth(usize::from(code - first)).unwrap_or(' ');
        match (self, code) {
            (_, 0x00..=0x0F) => "⓪①②③④⑤⑥⑦".chars().nth(usize::from(code & 7)).unwrap_or(' '),
            (Self::A00, 0x10..=0x1F | 0x80..=0xA0) => ' ',
            (Self::A00, 0x5C) => '¥',
            (Self::A00, 0x7E) => '→',
            (Self::A00, 0x7F) => '←',
            (Self::A00, 0xDF) => '°',
            (Self::A00, 0xA1..=0xDE) => char::from_u32(0xFF61 + u32::from(code - 0xA1)).unwrap_or(' '),
            (Self::A00, 0xE0..) => from(A00_LAST, 0xE0),
            (Self::A02, 0x10..=0x1F) => from(A02_FIRST, 0x10),
            (Self::A02, 0x7F..=0xBF) => from(A02_MIDDLE, 0x7F),
            (Self::A02, 0xD8) => 'Φ',
            _ => char::from(code),
        }
    }
}
