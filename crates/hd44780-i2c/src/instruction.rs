//! The controller's instructions (HD44780U data sheet, Table 6).

/// Which parts of the display are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Display {
    pub(crate) on: bool,
    pub(crate) cursor: bool,
    pub(crate) blink: bool,
}

impl Display {
    pub(crate) const OFF: Self = Self {
        on: false,
        cursor: false,
        blink: false,
    };

    /// Whether it can be seen where the address counter is.
    pub(crate) const fn shows_position(self) -> bool {
        self.on && (self.cursor || self.blink)
    }
}

/// What is written with RS low.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instruction {
    Clear,
    /// The address counter counts up and the display stays: direction and autoscroll are the framebuffer's.
    EntryMode,
    Display(Display),
    ShiftLeft,
    ShiftRight,
    /// 4-bit mode, dots 5x8.
    FunctionSet {
        two_lines: bool,
    },
    CgramAddress(u8),
    DdramAddress(u8),
}

impl Instruction {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Clear => 0x01,
            Self::EntryMode => 0x06,
            Self::Display(Display { on, cursor, blink }) => {
                0x08 | (on as u8) << 2 | (cursor as u8) << 1 | blink as u8
            }
            Self::ShiftLeft => 0x18,
            Self::ShiftRight => 0x1C,
            Self::FunctionSet { two_lines } => 0x20 | (two_lines as u8) << 3,
            Self::CgramAddress(address) => 0x40 | address & 0x3F,
            Self::DdramAddress(address) => 0x80 | address & 0x7F,
        }
    }
}
