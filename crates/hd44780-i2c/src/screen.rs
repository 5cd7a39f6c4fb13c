//! What the display is to show: a framebuffer, and a writer into it. No I/O.

use crate::geometry::CELLS;
use crate::instruction::Display;
use crate::{Config, Fault, Geometry, Glyph, Rom, Slot};
use core::fmt;

/// What happens to text at the end of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Wrap {
    /// It goes on in the next row, after the last one in the first. A row that is full to the last column and followed
    /// by `\n` does not leave an empty one. Text that begins to the right of what is visible goes on to the end of memory.
    #[default]
    NextRow,
    /// It goes on to the right of what is visible as far as there is memory ([`Geometry::row_length`]), and is
    /// dropped then, up to the next `\n`.
    Clip,
}

/// Where the next character goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Direction {
    /// To the right of this one; a row begins on the left.
    #[default]
    LeftToRight,
    /// To the left of this one; a row begins at the rightmost visible column.
    RightToLeft,
}

/// Everything that a controller and its backlight can be told to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) cells: [u8; CELLS as usize],
    /// `None` is what a controller has after power-on: anything.
    pub(crate) glyphs: [Option<Glyph>; 8],
    /// By how many columns the display is shifted to the left.
    pub(crate) shift: u8,
    pub(crate) display: Display,
    pub(crate) backlight: bool,
}

impl Contents {
    /// What a controller shows after its initialisation.
    pub(crate) const BLANK: Self = Self {
        cells: [b' '; CELLS as usize],
        glyphs: [None; 8],
        shift: 0,
        display: Display::OFF,
        backlight: true,
    };
}

/// The framebuffer. Nothing written here is on the display until [`flush`](crate::blocking::Hd44780::flush).
///
/// Text is written with [`core::fmt::Write`]. `\n` goes to the beginning of the next row, after the last one of the first,
/// `\r` to the beginning of this one. U+0000 to U+0007 show the characters defined in slot 0 to 7.
///
/// ```
/// use core::fmt::Write;
/// use hd44780_i2c::{Config, Geometry, Screen};
///
/// let mut screen = Screen::new(&Config::new(Geometry::Lcd16x2));
/// write!(screen, "pH: {}\nEC: 1.85 mS/cm", "6.42").unwrap();
/// assert_eq!(screen.code(1, 0), Some(b'E'));
/// ```
#[derive(Debug, Clone)]
pub struct Screen {
    geometry: Geometry,
    rom: Rom,
    replacement: u8,
    contents: Contents,
    characters: [Option<char>; 8],
    row: u8,
    column: u8,
    /// The last character went to the end of the row: there is no position for the next one.
    full: bool,
    wrap: Wrap,
    direction: Direction,
    autoscroll: bool,
}

impl Screen {
    /// Makes a blank one with the display and the backlight on, the cursor off.
    pub const fn new(config: &Config) -> Self {
        Self {
            geometry: config.geometry,
            rom: config.rom,
            replacement: config.replacement,
            contents: Contents {
                display: Display {
                    on: true,
                    cursor: false,
                    blink: false,
                },
                ..Contents::BLANK
            },
            characters: [None; 8],
            row: 0,
            column: 0,
            full: false,
            wrap: Wrap::NextRow,
            direction: Direction::LeftToRight,
            autoscroll: false,
        }
    }

    /// Returns rows and columns.
    pub const fn geometry(&self) -> Geometry {
        self.geometry
    }

    pub(crate) const fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Returns the code at a position, `None` if there is no such position.
    pub fn code(&self, row: u8, column: u8) -> Option<u8> {
        let cell = self.geometry.cell(row, column)?;
        self.contents.cells.get(usize::from(cell)).copied()
    }

    /// Blanks everything, and goes [home](Self::home).
    pub fn clear(&mut self) {
        self.contents.cells = Contents::BLANK.cells;
        self.home();
    }

    /// Goes to the beginning of the first row and takes back the shift.
    pub fn home(&mut self) {
        self.contents.shift = 0;
        self.row = 0;
        self.begin_row();
    }

    /// Goes to a position. Columns beyond the visible ones are allowed as far as there is memory for them
    /// ([`Geometry::row_length`]).
    ///
    /// # Errors
    /// [`Fault::Position`] if there is none; the position stays.
    pub fn set_position(&mut self, row: u8, column: u8) -> Result<(), Fault> {
        self.geometry
            .cell(row, column)
            .ok_or(Fault::Position { row, column })?;
        (self.row, self.column, self.full) = (row, column, false);
        Ok(())
    }

    /// Returns row and column of the next character; at the end of a row, of the last one.
    pub const fn position(&self) -> (u8, u8) {
        (self.row, self.column)
    }

    /// Goes to the beginning of the next row, after the last one of the first. Nothing is blanked.
    pub fn new_line(&mut self) {
        self.row = (self.row + 1) % self.geometry.rows();
        self.begin_row();
    }

    /// Blanks from the position to the end of the row, in the direction of writing. The position stays.
    pub fn clear_to_end_of_line(&mut self) {
        if self.full {
            return;
        }
        let columns = match self.direction {
            Direction::LeftToRight => self.column..self.geometry.row_length(),
            Direction::RightToLeft => 0..self.column + 1,
        };
        for column in columns {
            self.set_cell(column, b' ');
        }
    }

    /// Writes the character with this code of the ROM, whatever it is.
    pub fn write_code(&mut self, code: u8) {
        if self.full {
            match self.wrap {
                Wrap::NextRow => self.new_line(),
                Wrap::Clip => return,
            }
        }
        self.set_cell(self.column, code);
        let next = match self.direction {
            Direction::LeftToRight => Some(self.column + 1).filter(|&next| next < self.row_end()),
            Direction::RightToLeft => self.column.checked_sub(1),
        };
        match next {
            Some(next) => self.column = next,
            None => self.full = true,
        }
        if self.autoscroll {
            match self.direction {
                Direction::LeftToRight => self.shift_left(),
                Direction::RightToLeft => self.shift_right(),
            }
        }
    }

    /// Sets what happens to text at the end of a row; at first it goes on in the next.
    pub fn set_wrap(&mut self, wrap: Wrap) {
        self.wrap = wrap;
    }

    /// Sets where the next character goes; at first to the right.
    pub fn set_direction(&mut self, direction: Direction) {
        self.direction = direction;
    }

    /// Shifts the display with each character, so that the position stays where it is seen; at first off.
    pub fn set_autoscroll(&mut self, on: bool) {
        self.autoscroll = on;
    }

    /// Underlines the position, if `on`; at first not.
    pub fn set_cursor(&mut self, on: bool) {
        self.contents.display.cursor = on;
    }

    /// Blinks the position, if `on`; at first not.
    pub fn set_blink(&mut self, on: bool) {
        self.contents.display.blink = on;
    }

    /// Switches the display off without forgetting what it shows, or on again; at first on. The backlight stays.
    pub fn set_display(&mut self, on: bool) {
        self.contents.display.on = on;
    }

    /// Switches the backlight; at first on.
    pub fn set_backlight(&mut self, on: bool) {
        self.contents.backlight = on;
    }

    /// Shows what is one column further to the right.
    ///
    /// All rows are shifted, each line of the controller's memory in a circle of its own: of 80 columns if there is one
    /// row, otherwise of 40. With four rows, two of them are in each circle.
    pub fn shift_left(&mut self) {
        self.set_shift(self.contents.shift + 1);
    }

    /// Shows what is one column further to the left; see [`shift_left`](Self::shift_left).
    pub fn shift_right(&mut self) {
        self.set_shift(self.contents.shift + self.geometry.line() - 1);
    }

    /// Shows what is this many columns to the right of the beginning; see [`shift_left`](Self::shift_left).
    pub fn set_shift(&mut self, columns: u8) {
        self.contents.shift = columns % self.geometry.line();
    }

    /// Gives `slot` these dots. What is on the display of it changes as well.
    pub fn define(&mut self, slot: Slot, glyph: Glyph) {
        if let Some(entry) = self.contents.glyphs.get_mut(usize::from(slot.code())) {
            *entry = Some(glyph);
        }
    }

    /// Gives `slot` these dots, and shows it for `character` from now on, whether or not the ROM has that.
    pub fn define_char(&mut self, slot: Slot, character: char, glyph: Glyph) {
        self.define(slot, glyph);
        if let Some(entry) = self.characters.get_mut(usize::from(slot.code())) {
            *entry = Some(character);
        }
    }

    /// The cell of the position.
    pub(crate) fn cursor(&self) -> u8 {
        self.geometry.cell(self.row, self.column).unwrap_or(0)
    }

    fn row_end(&self) -> u8 {
        match self.wrap {
            Wrap::NextRow if self.column < self.geometry.columns() => self.geometry.columns(),
            _ => self.geometry.row_length(),
        }
    }

    fn begin_row(&mut self) {
        self.column = match self.direction {
            Direction::LeftToRight => 0,
            Direction::RightToLeft => self.geometry.columns() - 1,
        };
        self.full = false;
    }

    fn set_cell(&mut self, column: u8, code: u8) {
        let cell = self.geometry.cell(self.row, column);
        if let Some(cell) = cell.and_then(|cell| self.contents.cells.get_mut(usize::from(cell))) {
            *cell = code;
        }
    }

    fn encode(&self, character: char) -> u8 {
        let mut codes = (0..).zip(self.characters);
        match character {
            '\0'..='\u{7}' => u8::try_from(character).ok(),
            _ => codes
                .find(|&(_, defined)| defined == Some(character))
                .map(|(code, _)| code)
                .or_else(|| self.rom.encode(character)),
        }
        .unwrap_or(self.replacement)
    }
}

impl fmt::Write for Screen {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|character| self.write_char(character))
    }

    fn write_char(&mut self, character: char) -> fmt::Result {
        match character {
            '\n' => self.new_line(),
            '\r' => self.begin_row(),
            _ => self.write_code(self.encode(character)),
        }
        Ok(())
    }
}
