//! What a person sees.

use std::fmt;

/// What a person sees of a display. Its `Display` draws it for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LcdPicture {
    /// The rows from top to bottom.
    pub lines: Vec<String>,
    /// Row and column of the underline.
    pub cursor: Option<(u8, u8)>,
    /// Row and column of the blinking block.
    pub blink: Option<(u8, u8)>,
    /// Whether the backlight is lit.
    pub backlight: bool,
}

impl fmt::Display for LcdPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.lines.first().map_or(0, |line| line.chars().count());
        writeln!(f, "┌{:─<1$}┐", "", columns + 2)?;
        for (row, line) in (0..).zip(&self.lines) {
            f.write_str(if self.backlight { "│ \x1b[30;42m" } else { "│ " })?;
            for (column, sign) in (0..).zip(line.chars()) {
                if self.blink == Some((row, column)) {
                    write!(f, "\x1b[7m{sign}\x1b[27m")?;
                } else if self.cursor == Some((row, column)) {
                    write!(f, "\x1b[4m{sign}\x1b[24m")?;
                } else {
                    write!(f, "{sign}")?;
                }
            }
            f.write_str(if self.backlight { "\x1b[0m │\n" } else { " │\n" })?;
        }
        write!(f, "└{:─<1$}┘", "", columns + 2)
    }
}
