//! The controller: its registers, its memories, its instructions, and how long they take.

/// 37 µs at 270 kHz.
const INSTRUCTION_NS: u64 = 37_000;
/// 37 µs and tADD, 4 µs, at 270 kHz.
const DATA_NS: u64 = 41_000;
/// 1.52 ms at 270 kHz.
const SLOW_NS: u64 = 1_520_000;

/// What the address counter points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Ddram,
    Cgram,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a bit of the data sheet's")]
pub(super) struct Controller {
    oscillator: u64,
    pub(super) busy_until: u64,
    pub(super) four_bits: bool,
    pub(super) two_lines: bool,
    pub(super) display: bool,
    pub(super) cursor: bool,
    pub(super) blink: bool,
    increment: bool,
    follow: bool,
    /// By how much the display is shifted to the left.
    pub(super) shift: u8,
    pub(super) space: Space,
    pub(super) address: u8,
    pub(super) ddram: [u8; 80],
    pub(super) cgram: [u8; 64],
}

impl Controller {
    /// A controller after its internal reset. What CGRAM holds is arbitrary.
    pub(super) fn new(oscillator: u32) -> Self {
        Self {
            oscillator: u64::from(oscillator.max(1)),
            busy_until: 0,
            four_bits: false,
            two_lines: false,
            display: false,
            cursor: false,
            blink: false,
            increment: true,
            follow: false,
            shift: 0,
            space: Space::Ddram,
            address: 0,
            ddram: [b' '; 80],
            cgram: [0x15; 64],
        }
    }

    /// The length of a line of display memory.
    pub(super) fn line(&self) -> u8 {
        if self.two_lines { 40 } else { 80 }
    }

    /// Where in display memory an address is, if anywhere.
    pub(super) fn cell(&self, address: u8) -> Option<usize> {
        match (self.two_lines, address) {
            (true, 0x40..=0x67) => Some(usize::from(address) - 0x40 + 40),
            (true, 0..=0x27) | (false, 0..=0x4F) => Some(usize::from(address)),
            _ => None,
        }
    }

    /// Executes a write that is complete at `at`. Returns false if there is no memory to take the data.
    pub(super) fn write(&mut self, at: u64, rs: bool, byte: u8) -> bool {
        let mut taken = true;
        let time = if rs {
            taken = self.store(byte);
            DATA_NS
        } else {
            self.instruction(byte)
        };
        self.busy(at, time);
        taken
    }

    /// Returns data and moves on, as a read that is complete at `at` does.
    pub(super) fn read_data(&mut self, at: u64) {
        self.step(self.increment);
        self.busy(at, DATA_NS);
    }

    /// What a read of data shows.
    pub(super) fn data(&self) -> u8 {
        let cell = match self.space {
            Space::Ddram => self.cell(self.address).and_then(|cell| self.ddram.get(cell)),
            Space::Cgram => self.cgram.get(usize::from(self.address)),
        };
        cell.copied().unwrap_or(0)
    }

    fn busy(&mut self, at: u64, time: u64) {
        self.busy_until = at + (time * 270_000).div_ceil(self.oscillator);
    }

    fn instruction(&mut self, byte: u8) -> u64 {
        let bit = |bit: u8| byte & bit != 0;
        match byte {
            0x80.. => (self.space, self.address) = (Space::Ddram, byte & 0x7F),
            0x40.. => (self.space, self.address) = (Space::Cgram, byte & 0x3F),
            0x20.. => (self.four_bits, self.two_lines) = (!bit(0x10), bit(0x08)),
            0x10.. if bit(0x08) => self.slide(!bit(0x04)),
            0x10.. => self.step(bit(0x04)),
            0x08.. => (self.display, self.cursor, self.blink) = (bit(4), bit(2), bit(1)),
            0x04.. => (self.increment, self.follow) = (bit(2), bit(1)),
            0x02.. => {
                (self.space, self.address, self.shift) = (Space::Ddram, 0, 0);
                return SLOW_NS;
            }
            0x01 => {
                self.ddram = [b' '; 80];
                (self.space, self.address, self.shift, self.increment) = (Space::Ddram, 0, 0, true);
                return SLOW_NS;
            }
            0x00 => {}
        }
        INSTRUCTION_NS
    }

    fn store(&mut self, byte: u8) -> bool {
        let cell = match self.space {
            Space::Ddram => self.cell(self.address).and_then(|cell| self.ddram.get_mut(cell)),
            Space::Cgram => self.cgram.get_mut(usize::from(self.address)),
        };
        let taken = cell.map(|cell| *cell = byte).is_some();
        if self.follow && self.space == Space::Ddram {
            self.slide(self.increment);
        }
        self.step(self.increment);
        taken
    }

    fn slide(&mut self, left: bool) {
        let line = self.line();
        self.shift = (self.shift + if left { 1 } else { line - 1 }) % line;
    }

    fn step(&mut self, forward: bool) {
        self.address = match (self.space, self.two_lines, forward, self.address) {
            (Space::Cgram, _, true, address) => (address + 1) & 0x3F,
            (Space::Cgram, _, false, address) => address.wrapping_sub(1) & 0x3F,
            (_, true, true, 0x27) => 0x40,
            (_, true, true, 0x67) | (_, false, true, 0x4F) => 0,
            (_, true, false, 0) => 0x67,
            (_, true, false, 0x40) => 0x27,
            (_, false, false, 0) => 0x4F,
            (_, _, true, address) => (address + 1) & 0x7F,
            (_, _, false, address) => address.wrapping_sub(1) & 0x7F,
        };
    }
}
