//! What connects the pins of an expander with those of a display.

/// The chip on the backpack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LcdExpander {
    /// Every byte written is on the pins; a byte read is the state of the pins. All pins are high after power-on.
    #[default]
    Pcf8574,
    /// Eleven registers, of which the first byte written selects one. All pins are inputs after power-on.
    Mcp23008,
}

/// Which pin of the expander goes where: numbers from 0 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LcdWiring {
    /// The chip.
    pub expander: LcdExpander,
    /// Register select.
    pub rs: u8,
    /// Read/write; `None` if it is tied to ground.
    pub rw: Option<u8>,
    /// Enable.
    pub e: u8,
    /// The backlight's pin, and whether a high level lights it; `None` if it is always lit.
    pub backlight: Option<(u8, bool)>,
    /// D4, D5, D6 and D7.
    pub data: [u8; 4],
}

impl LcdWiring {
    /// The most common one: `YwRobot`, `DFRobot`, `SainSmart` and others.
    pub const YWROBOT: Self = Self {
        expander: LcdExpander::Pcf8574,
        rs: 0,
        rw: Some(1),
        e: 2,
        backlight: Some((3, true)),
        data: [4, 5, 6, 7],
    };
    /// "Robot Arduino LCM1602".
    pub const LCM1602: Self = Self {
        backlight: Some((3, false)),
        ..Self::YWROBOT
    };
    /// MJKDZ and GY-I2CLCD.
    pub const MJKDZ: Self = Self {
        expander: LcdExpander::Pcf8574,
        rs: 6,
        rw: Some(5),
        e: 4,
        backlight: Some((7, false)),
        data: [0, 1, 2, 3],
    };
    /// `ElectroFun` LCDXIO, whose backlight is always lit.
    pub const LCDXIO: Self = Self {
        expander: LcdExpander::Pcf8574,
        rs: 4,
        rw: Some(5),
        e: 6,
        backlight: None,
        data: [0, 1, 2, 3],
    };
    /// `ElectroFun` LCDXIO with a switched backlight.
    pub const LCDXIO_NBL: Self = Self {
        backlight: Some((7, false)),
        ..Self::LCDXIO
    };
    /// Adafruit 292.
    pub const ADAFRUIT_292: Self = Self {
        expander: LcdExpander::Mcp23008,
        rs: 1,
        rw: None,
        e: 2,
        backlight: Some((7, true)),
        data: [3, 4, 5, 6],
    };

    pub(super) fn lines(&self, pins: u8) -> Lines {
        let level = |pin: u8| pins >> (pin & 7) & 1 == 1;
        Lines {
            rs: level(self.rs),
            rw: self.rw.is_some_and(level),
            e: level(self.e),
            data: (0..)
                .zip(self.data)
                .fold(0, |data, (bit, pin)| data | u8::from(level(pin)) << bit),
        }
    }

    /// The pins on which a display shows `data`, all others high.
    pub(super) fn driven(&self, data: u8) -> u8 {
        (0..).zip(self.data).fold(0xFF, |pins, (bit, pin)| {
            if data >> bit & 1 == 1 {
                pins
            } else {
                pins & !(1 << (pin & 7))
            }
        })
    }

    pub(super) fn lit(&self, pins: u8) -> bool {
        self.backlight
            .is_none_or(|(pin, high)| (pins >> (pin & 7) & 1 == 1) == high)
    }
}

/// The levels at the display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) rs: bool,
    pub(super) rw: bool,
    pub(super) e: bool,
    pub(super) data: u8,
}
