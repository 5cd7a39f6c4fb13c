//! Which pin of the expander goes where, as data.

/// A pin of the expander, as its data sheet names it (P0 of a PCF8574, GP0 of an MCP23008).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(missing_docs, reason = "the names say it")]
pub enum Pin {
    P0,
    P1,
    P2,
    P3,
    P4,
    P5,
    P6,
    P7,
}

impl Pin {
    const fn mask(self) -> u8 {
        1 << self as u8
    }
}

/// Which level lights the backlight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Polarity {
    /// A high one.
    ActiveHigh,
    /// A low one.
    ActiveLow,
}

/// The transistor of the backlight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Backlight {
    /// The pin that switches it.
    pub pin: Pin,
    /// The level that lights it.
    pub polarity: Polarity,
}

/// The chip between the bus and the display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Expander {
    /// PCF8574 at 0x20 to 0x27, PCF8574A at 0x38 to 0x3F: each byte written is on the pins.
    Pcf8574,
    /// MCP23008 at 0x20 to 0x27: has registers. Its busy flag is not read.
    Mcp23008,
}

/// How a backpack connects its expander with the display.
///
/// ```
/// use hd44780_i2c::{Backpack, Expander, Pin};
///
/// const MINE: Backpack = Backpack {
///     expander: Expander::Pcf8574,
///     rs: Pin::P0,
///     rw: None, // tied to ground
///     e: Pin::P1,
///     backlight: None,
///     data: [Pin::P4, Pin::P5, Pin::P6, Pin::P7],
/// };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Backpack {
    /// The chip.
    pub expander: Expander,
    /// Register select.
    pub rs: Pin,
    /// Read/write; `None` if it is tied to ground.
    pub rw: Option<Pin>,
    /// Enable.
    pub e: Pin,
    /// The backlight; `None` if it cannot be switched.
    pub backlight: Option<Backlight>,
    /// D4, D5, D6 and D7, in this order.
    pub data: [Pin; 4],
}

impl Backpack {
    /// `YwRobot`, `DFRobot`, `SainSmart`, Funduino and Sunrom: the most common one.
    pub const YWROBOT: Self = Self {
        expander: Expander::Pcf8574,
        rs: Pin::P0,
        rw: Some(Pin::P1),
        e: Pin::P2,
        backlight: Some(Backlight {
            pin: Pin::P3,
            polarity: Polarity::ActiveHigh,
        }),
        data: [Pin::P4, Pin::P5, Pin::P6, Pin::P7],
    };

    /// SYDZ. Wired as [`YWROBOT`](Self::YWROBOT).
    pub const SYDZ: Self = Self::YWROBOT;

    /// "Robot Arduino LCM1602". Its jumper forces the backlight on.
    pub const LCM1602: Self = Self {
        backlight: Some(Backlight {
            pin: Pin::P3,
            polarity: Polarity::ActiveLow,
        }),
        ..Self::YWROBOT
    };

    /// MJKDZ and GY-I2CLCD.
    pub const MJKDZ: Self = Self {
        expander: Expander::Pcf8574,
        rs: Pin::P6,
        rw: Some(Pin::P5),
        e: Pin::P4,
        backlight: Some(Backlight {
            pin: Pin::P7,
            polarity: Polarity::ActiveLow,
        }),
        data: [Pin::P0, Pin::P1, Pin::P2, Pin::P3],
    };

    /// `ElectroFun` LCDXIO without a switched backlight.
    pub const LCDXIO: Self = Self {
        expander: Expander::Pcf8574,
        rs: Pin::P4,
        rw: Some(Pin::P5),
        e: Pin::P6,
        backlight: None,
        data: [Pin::P0, Pin::P1, Pin::P2, Pin::P3],
    };

    /// `ElectroFun` LCDXIO with a switched backlight ("nBL").
    pub const LCDXIO_NBL: Self = Self {
        backlight: Some(Backlight {
            pin: Pin::P7,
            polarity: Polarity::ActiveLow,
        }),
        ..Self::LCDXIO
    };

    /// Adafruit 292, with an MCP23008.
    pub const ADAFRUIT_292: Self = Self {
        expander: Expander::Mcp23008,
        rs: Pin::P1,
        rw: None,
        e: Pin::P2,
        backlight: Some(Backlight {
            pin: Pin::P7,
            polarity: Polarity::ActiveHigh,
        }),
        data: [Pin::P3, Pin::P4, Pin::P5, Pin::P6],
    };

    /// The pins for a nibble, with R/W and E low.
    pub(crate) fn nibble(&self, nibble: u8, data: bool, lit: bool) -> u8 {
        let backlight = self
            .backlight
            .filter(|backlight| (backlight.polarity == Polarity::ActiveHigh) == lit)
            .map_or(0, |backlight| backlight.pin.mask());
        let rs = if data { self.rs.mask() } else { 0 };
        (0..)
            .zip(self.data)
            .filter(|(bit, _)| nibble >> bit & 1 == 1)
            .fold(backlight | rs, |pins, (_, pin)| pins | pin.mask())
    }

    /// E's bit.
    pub(crate) fn e(&self) -> u8 {
        self.e.mask()
    }

    /// The pins for reading the busy flag, with E low: R/W high, and the data lines let go.
    pub(crate) fn reading(&self, lit: bool) -> Option<u8> {
        let rw = self.rw.filter(|_| self.expander == Expander::Pcf8574)?;
        Some(self.nibble(0x0F, false, lit) | rw.mask())
    }

    /// The nibble that stands at pins that were read.
    pub(crate) fn read(&self, pins: u8) -> u8 {
        (0..).zip(self.data).fold(0, |nibble, (bit, pin)| {
            nibble | u8::from(pins & pin.mask() != 0) << bit
        })
    }
}
