//! A character display with an HD44780 behind an I2C port expander.

mod controller;
mod picture;
mod rom;
mod wiring;

pub use picture::LcdPicture;
pub use rom::LcdRom;
pub use wiring::{LcdExpander, LcdWiring};

use crate::i2c::{Direction, I2cTarget};
use controller::{Controller, Space};
use wiring::Lines;

/// The shortest time that E may be high, at 2.7 V to 4.5 V (from memory).
const E_WIDTH_NS: u64 = 450;

/// What was done to a display that its data sheet forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LcdFault {
    /// E fell while the controller was busy for so many nanoseconds more: the nibble is lost.
    Lost(u64),
    /// E rose while the controller was busy, and fell when it no longer was. The nibble is taken.
    Early(u64),
    /// RS or R/W changed together with E's rise.
    Setup,
    /// RS, R/W or data changed together with E's fall. What was there before is taken.
    Hold,
    /// E was high for so few nanoseconds only.
    Short(u64),
    /// Data was written to an address without memory: it is lost.
    NoMemory(u8),
    /// The display was read while the expander pulled the data lines low.
    Contention,
}

/// A forbidden thing, and when it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LcdViolation {
    /// The time in nanoseconds of the [`Clock`](crate::Clock).
    pub at: u64,
    /// What it was.
    pub fault: LcdFault,
}

/// A display behind a PCF8574 or MCP23008: attach it to an [`I2cBus`](crate::I2cBus).
///
/// It takes nibbles on the falling edges of E, with the execution times of its oscillator, and loses what is sent
/// meanwhile, so that it can get out of step, as a real one does. What is against the data sheet is also
/// [listed](Self::violations). [`picture`](Self::picture) is what a person sees.
///
/// ```
/// use embedded_hal::i2c::I2c;
///
/// let clock = sim::Clock::new();
/// let mut bus = sim::I2cBus::new(&clock);
/// let lcd = bus.attach(0x27, sim::Hd44780::new(16, 2));
/// assert_eq!(lcd.with(|lcd| lcd.picture()).lines, ["                ", "                "]);
/// bus.write(0x27, &[0x00]).unwrap();
/// assert!(!lcd.with(|lcd| lcd.picture()).backlight);
/// ```
#[derive(Clone, Debug)]
pub struct Hd44780 {
    columns: u8,
    rows: u8,
    split: bool,
    rom: LcdRom,
    wiring: LcdWiring,
    oscillator: u32,
    power_up: u64,
    powered: bool,
    controller: Controller,
    /// Of a byte in 4-bit mode, the high nibble, when that has been transferred.
    nibble: Option<u8>,
    registers: Registers,
    /// When E rose. None while it is high since power-on.
    rose: Option<u64>,
    to_lose: u32,
    violations: Vec<LcdViolation>,
}

/// The expander's registers; a PCF8574 has the latch only.
#[derive(Clone, Copy, Debug)]
struct Registers {
    latch: u8,
    inputs: u8,
    /// Bit 5 keeps the selection where it is.
    control: u8,
    selected: Option<u8>,
}

impl Registers {
    const POWER_ON: Self = Self {
        latch: 0xFF,
        inputs: 0,
        control: 0,
        selected: None,
    };
}

impl Hd44780 {
    /// Makes a display with so many columns and rows, 80 characters at most in all. Its ROM is A00, its oscillator
    /// runs at 270 kHz, its backpack is wired as [`LcdWiring::YWROBOT`].
    pub fn new(columns: u8, rows: u8) -> Self {
        Self {
            columns,
            rows,
            split: false,
            rom: LcdRom::A00,
            wiring: LcdWiring::YWROBOT,
            oscillator: 270_000,
            power_up: 40_000_000,
            powered: false,
            controller: Controller::new(270_000),
            nibble: None,
            registers: Registers::POWER_ON,
            rose: None,
            to_lose: 0,
            violations: Vec::new(),
        }
    }

    /// Puts the right half of the only row where a second row would begin, as most 16x1 have it.
    #[must_use]
    pub fn with_split_row(mut self) -> Self {
        self.split = true;
        self
    }

    /// Sets the character ROM.
    #[must_use]
    pub fn with_rom(mut self, rom: LcdRom) -> Self {
        self.rom = rom;
        self
    }

    /// Sets the backpack.
    #[must_use]
    pub fn with_wiring(mut self, wiring: LcdWiring) -> Self {
        self.wiring = wiring;
        self
    }

    /// Sets the frequency of the controller's oscillator in hertz: 190 000 to 350 000 in the data sheet.
    #[must_use]
    pub fn with_oscillator(mut self, hz: u32) -> Self {
        self.oscillator = hz;
        self
    }

    /// Sets how long after power-on the controller is busy, in nanoseconds. Default 40 ms, as at 2.7 V.
    #[must_use]
    pub fn with_power_up(mut self, ns: u64) -> Self {
        self.power_up = ns;
        self
    }

    /// Returns what a person sees.
    pub fn picture(&self) -> LcdPicture {
        let on = self.powered && self.controller.display;
        let lines = (0..self.rows).map(|row| {
            let codes = (0..self.columns).map(|column| self.code(row, column).filter(|_| on));
            codes
                .map(|code| code.map_or(' ', |code| self.rom.sign(code)))
                .collect()
        });
        LcdPicture {
            lines: lines.collect(),
            cursor: self.pointed().filter(|_| on && self.controller.cursor),
            blink: self.pointed().filter(|_| on && self.controller.blink),
            backlight: self.powered && self.wiring.lit(self.pins()),
        }
    }

    /// Returns the code of a visible character, whether the display is on or not. `None` outside the display, and
    /// where the controller's mode leaves nothing to show.
    pub fn code(&self, row: u8, column: u8) -> Option<u8> {
        let cell = self.visible(row, column)?;
        self.controller.ddram.get(cell).copied()
    }

    /// Returns the eight rows of dots of a character of the host's.
    pub fn glyph(&self, slot: u8) -> [u8; 8] {
        let first = usize::from(slot & 7) * 8;
        let mut glyph = [0; 8];
        for (to, from) in glyph.iter_mut().zip(self.controller.cgram.iter().skip(first)) {
            *to = from & 0x1F;
        }
        glyph
    }

    /// Returns everything forbidden that was done since power-on or [`clear_violations`](Self::clear_violations).
    pub fn violations(&self) -> &[LcdViolation] {
        &self.violations
    }

    /// Forgets the violations.
    pub fn clear_violations(&mut self) {
        self.violations.clear();
    }

    /// Puts a spike on E: the controller takes a nibble that nobody sent, and is out of step afterwards.
    pub fn glitch(&mut self) {
        let lines = self.wiring.lines(self.pins());
        let at = self.controller.busy_until;
        self.transfer(at, lines);
    }

    /// Hides the next `count` pulses of E from the controller.
    pub fn lose_pulses(&mut self, count: u32) {
        self.to_lose = count;
    }

    /// Keeps the controller busy until this time, whatever it is sent.
    pub fn jam_until(&mut self, at: u64) {
        self.controller.busy_until = at;
    }

    fn pins(&self) -> u8 {
        self.registers.latch & !self.registers.inputs
    }

    /// Where in display memory a visible position is.
    fn visible(&self, row: u8, column: u8) -> Option<usize> {
        if row >= self.rows || column >= self.columns {
            return None;
        }
        let half = self.columns / 2;
        let (second, offset) = if self.split && column >= half {
            (true, column - half)
        } else {
            (row % 2 == 1, row / 2 * self.columns + column)
        };
        if second && !self.controller.two_lines {
            return None;
        }
        let line = self.controller.line();
        let offset = (offset + self.controller.shift) % line;
        Some(usize::from(offset + if second { 40 } else { 0 }))
    }

    /// The visible position of the address counter.
    fn pointed(&self) -> Option<(u8, u8)> {
        let cell = self.controller.cell(self.controller.address)?;
        let positions = (0..self.rows).flat_map(|row| (0..self.columns).map(move |column| (row, column)));
        let mut here = positions.filter(|&(row, column)| self.visible(row, column) == Some(cell));
        here.next().filter(|_| self.controller.space == Space::Ddram)
    }

    fn report(&mut self, at: u64, fault: LcdFault) {
        self.violations.push(LcdViolation { at, fault });
    }

    /// The pins changed, at `at`.
    fn edge(&mut self, at: u64, before: u8) {
        let (old, new) = (self.wiring.lines(before), self.wiring.lines(self.pins()));
        match (old.e, new.e) {
            (false, true) => {
                if (old.rs, old.rw) != (new.rs, new.rw) {
                    self.report(at, LcdFault::Setup);
                }
                self.rose = Some(at);
            }
            (true, false) => self.fall(at, old, new),
            _ => {}
        }
    }

    fn fall(&mut self, at: u64, old: Lines, new: Lines) {
        // It was high since power-on, which is not the host's doing.
        let Some(rose) = self.rose.take() else {
            if at >= self.controller.busy_until {
                self.transfer(at, old);
            }
            return;
        };
        if self.to_lose > 0 {
            self.to_lose -= 1;
            return;
        }
        if old != (Lines { e: true, ..new }) {
            self.report(at, LcdFault::Hold);
        }
        if at - rose < E_WIDTH_NS {
            self.report(at, LcdFault::Short(at - rose));
        }
        let busy_until = self.controller.busy_until;
        let reads_busy_flag = old.rw && !old.rs;
        if at < busy_until && !reads_busy_flag {
            self.report(at, LcdFault::Lost(busy_until - at));
            return;
        }
        if rose < busy_until && !reads_busy_flag {
            self.report(rose, LcdFault::Early(busy_until - rose));
        }
        self.transfer(at, old);
    }

    /// E fell with these levels, and the controller takes notice.
    fn transfer(&mut self, at: u64, lines: Lines) {
        // D3 to D0 are not connected, and pulled up.
        let byte = match (self.controller.four_bits, self.nibble.take()) {
            (false, _) => lines.data << 4 | 0x0F,
            (true, Some(high)) => high << 4 | lines.data,
            (true, None) => {
                self.nibble = Some(lines.data);
                return;
            }
        };
        match (lines.rs, lines.rw) {
            (true, true) => self.controller.read_data(at),
            (false, true) => {}
            (rs, false) => {
                let address = self.controller.address;
                if !self.controller.write(at, rs, byte) {
                    self.report(at, LcdFault::NoMemory(address));
                }
            }
        }
    }

    fn write_register(&mut self, byte: u8) {
        let Some(register) = self.registers.selected else {
            self.registers.selected = Some(byte);
            return;
        };
        match register {
            0x00 => self.registers.inputs = byte,
            0x05 => self.registers.control = byte,
            0x09 | 0x0A => self.registers.latch = byte,
            _ => {}
        }
        if self.registers.control & 0x20 == 0 {
            self.registers.selected = Some((register + 1) % 11);
        }
    }
}

impl I2cTarget for Hd44780 {
    fn start(&mut self, _at: u64, direction: Direction) -> bool {
        if direction == Direction::Write {
            self.registers.selected = None;
        }
        true
    }

    fn write(&mut self, at: u64, byte: u8) -> bool {
        let before = self.pins();
        match self.wiring.expander {
            LcdExpander::Pcf8574 => self.registers.latch = byte,
            LcdExpander::Mcp23008 => self.write_register(byte),
        }
        self.edge(at, before);
        true
    }

    fn read(&mut self, at: u64) -> u8 {
        let pins = self.pins();
        let lines = self.wiring.lines(pins);
        if !(lines.e && lines.rw) {
            return pins;
        }
        if lines.data != 0x0F {
            self.report(at, LcdFault::Contention);
        }
        let byte = if lines.rs {
            self.controller.data()
        } else {
            u8::from(at < self.controller.busy_until) << 7 | self.controller.address
        };
        let low = self.controller.four_bits && self.nibble.is_some();
        pins & self.wiring.driven(if low { byte & 0x0F } else { byte >> 4 })
    }

    fn power(&mut self, at: u64, on: bool) {
        self.powered = on;
        self.controller = Controller::new(self.oscillator);
        self.controller.busy_until = at + self.power_up;
        self.nibble = None;
        self.rose = None;
        self.violations.clear();
        self.registers = match self.wiring.expander {
            LcdExpander::Pcf8574 => Registers::POWER_ON,
            LcdExpander::Mcp23008 => Registers {
                latch: 0,
                inputs: 0xFF,
                ..Registers::POWER_ON
            },
        };
    }
}
