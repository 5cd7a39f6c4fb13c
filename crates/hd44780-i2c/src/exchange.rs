//! The sequences, as steps: what to write and how long to wait, until the display shows what the framebuffer holds.

use crate::instruction::{Display, Instruction};
use crate::screen::Contents;
use crate::transfer::{Byte, Transfer};
use crate::{BusyFlag, Config, Expander, Fault, Geometry, Screen};
use fugit::MicrosDurationU32;

/// After power-on: 40 ms from 2.7 V on (HD44780U data sheet, Figure 24), and ten to be sure.
const POWER_UP: MicrosDurationU32 = MicrosDurationU32::from_ticks(50_000);

/// Initialising by instruction (HD44780U data sheet, Figure 24): nibbles, and the microseconds to wait after them. From
/// any state, also between two halves of a byte, they lead to 4-bit mode. The waits are 4.1 ms and 100 µs in the data
/// sheet, whatever the oscillator.
const RESET: [(u8, u32); 4] = [(0x3, 5_000), (0x3, 150), (0x3, 150), (0x2, 150)];

/// An MCP23008's registers and what they get: IOCON, so that all bytes of a write go to one register; IODIR, so that
/// all pins are outputs. The numbers are from memory.
const MCP23008: [[u8; 2]; 2] = [[0x05, 0x20], [0x00, 0x00]];

/// How often the busy flag is read until it is given up. At 400 kHz a poll takes 0.28 ms, so that this is three times the
/// longest execution time.
const POLLS: u8 = 32;

/// Where the address counter is: in display memory, as the number of a cell, or in the memory of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Address {
    Cell(u8),
    Cgram(u8),
}

/// What is known of the controller. It outlives an exchange.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    have: Contents,
    address: Address,
    /// The geometry it was initialised for. `None` while it is unknown what it holds: before the first exchange, during
    /// one, and after one that failed or was dropped.
    ready: Option<Geometry>,
}

impl Panel {
    pub(crate) const UNKNOWN: Self = Self {
        have: Contents::BLANK,
        address: Address::Cell(0),
        ready: None,
    };

    /// Makes the next exchange begin with the initialisation.
    pub(crate) fn forget(&mut self) {
        self.ready = None;
    }
}

/// A read of the busy flag and of the address counter: three writes, and two reads of a byte between them.
#[derive(Debug)]
pub(crate) struct Poll {
    /// R/W and data high, then E.
    pub(crate) rise: [u8; 2],
    pub(crate) high: [u8; 1],
    pub(crate) low: [u8; 1],
    /// E low again.
    pub(crate) fall: [u8; 1],
}

/// What to do next.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    Write(&'a [u8]),
    /// Write `rise`, read `high`, write `rise`, read `low`, write `fall`; in one transaction.
    Poll(&'a mut Poll),
    Wait(MicrosDurationU32),
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Reading the busy flag for the `n`th time from last.
    Poll(u8),
    Polled(u8),
    Expander(usize),
    PowerUp,
    Reset(usize),
    AfterReset(usize),
    Function,
    AfterClear,
    Entry,
    Update,
}

/// One exchange, after which the display shows what the framebuffer held.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    panel: &'a mut Panel,
    screen: &'a Screen,
    config: &'a Config,
    transfer: Transfer,
    phase: Phase,
    poll: Option<Poll>,
    /// The address has been set in this exchange. Until then it is not relied on, so that a wrong one does no harm.
    addressed: bool,
    initialised: bool,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(panel: &'a mut Panel, screen: &'a Screen, config: &'a Config) -> Self {
        let lit = screen.contents().backlight;
        let polled = config.busy_flag == BusyFlag::Polled;
        let reading = config.backpack.reading(lit).filter(|_| polled);
        let poll = reading.map(|pins| Poll {
            rise: [pins, pins | config.backpack.e()],
            high: [0],
            low: [0],
            fall: [pins],
        });
        let phase = match (panel.ready == Some(screen.geometry()), &poll) {
            (false, _) => Phase::Expander(0),
            (true, Some(_)) => Phase::Poll(POLLS),
            (true, None) => Phase::Update,
        };
        panel.ready = None;
        Self {
            panel,
            screen,
            config,
            transfer: Transfer::new(config.backpack, config.timing, lit),
            phase,
            poll,
            addressed: false,
            initialised: false,
        }
    }

    /// The next thing to do. Call again once it has been done.
    pub(crate) fn step(&mut self) -> Result<Step<'_>, Fault> {
        self.transfer.clear();
        loop {
            match self.phase {
                Phase::Poll(left) => {
                    self.phase = Phase::Polled(left - 1);
                    break;
                }
                Phase::Polled(left) => self.phase = self.polled(left)?,
                Phase::Expander(index) => {
                    self.initialised = true;
                    let registers = MCP23008.get(index);
                    let registers = registers.filter(|_| self.config.backpack.expander == Expander::Mcp23008);
                    if let Some(registers) = registers {
                        self.phase = Phase::Expander(index + 1);
                        return Ok(Step::Write(registers));
                    }
                    // A PCF8574 has its pins high after power-on, also E.
                    self.transfer.push_idle();
                    self.phase = Phase::PowerUp;
                    break;
                }
                Phase::PowerUp => {
                    self.phase = Phase::Reset(0);
                    return Ok(Step::Wait(POWER_UP));
                }
                Phase::Reset(index) => {
                    if let Some(&(nibble, _)) = RESET.get(index) {
                        self.transfer.push_nibble(nibble);
                        self.phase = Phase::AfterReset(index);
                        break;
                    }
                    self.phase = Phase::Function;
                }
                Phase::AfterReset(index) => {
                    self.phase = Phase::Reset(index + 1);
                    let wait = RESET.get(index).map_or(0, |&(_, wait)| wait);
                    return Ok(Step::Wait(MicrosDurationU32::from_ticks(wait)));
                }
                Phase::Function => {
                    let two_lines = self.screen.geometry().two_lines();
                    self.instruct(Instruction::FunctionSet { two_lines });
                    self.instruct(Instruction::Display(Display::OFF));
                    self.instruct(Instruction::Clear);
                    self.panel.have = Contents {
                        backlight: self.screen.contents().backlight,
                        ..Contents::BLANK
                    };
                    self.panel.address = Address::Cell(0);
                    self.phase = Phase::AfterClear;
                    break;
                }
                Phase::AfterClear if self.poll.is_some() => self.phase = Phase::Poll(POLLS),
                Phase::AfterClear => {
                    self.phase = Phase::Entry;
                    return Ok(Step::Wait(self.config.timing.clear()));
                }
                Phase::Entry => {
                    self.instruct(Instruction::EntryMode);
                    self.phase = Phase::Update;
                }
                Phase::Update => {
                    self.update();
                    if self.transfer.is_empty() {
                        self.panel.ready = Some(self.screen.geometry());
                        return Ok(Step::Done);
                    }
                    break;
                }
            }
        }
        match (&mut self.poll, self.phase) {
            (Some(poll), Phase::Polled(_)) => Ok(Step::Poll(poll)),
            _ => Ok(Step::Write(self.transfer.as_slice())),
        }
    }

    /// Where to go on after a poll.
    fn polled(&self, left: u8) -> Result<Phase, Fault> {
        let fault = match (self.answer(), self.panel.address, left) {
            (Some((false, address)), Address::Cell(cell), _)
                if address == self.screen.geometry().address(cell) =>
            {
                let after_clear = self.initialised;
                return Ok(if after_clear { Phase::Entry } else { Phase::Update });
            }
            (Some((true, _)), _, 1..) => return Ok(Phase::Poll(left)),
            (Some((true, _)), ..) => Fault::Busy,
            _ => Fault::OutOfStep,
        };
        if self.initialised {
            return Err(fault);
        }
        Ok(Phase::Expander(0))
    }

    /// The busy flag and the address counter as they were read.
    fn answer(&self) -> Option<(bool, u8)> {
        let poll = self.poll.as_ref()?;
        let [high] = poll.high.map(|pins| self.config.backpack.read(pins));
        let [low] = poll.low.map(|pins| self.config.backpack.read(pins));
        Some((high & 0x8 != 0, (high & 0x7) << 4 | low))
    }

    fn instruct(&mut self, instruction: Instruction) {
        self.transfer.push(Byte::Instruction(instruction.code()));
    }

    /// Fills a write with what has to change.
    fn update(&mut self) {
        while self.transfer.has_room() {
            let Some(byte) = self.next() else { break };
            self.transfer.push(byte);
        }
        let lit = self.screen.contents().backlight;
        if self.transfer.is_empty() && self.panel.have.backlight != lit {
            self.transfer.push_idle();
        }
        if !self.transfer.is_empty() {
            self.panel.have.backlight = lit;
        }
    }

    /// The next byte for the controller, noted as sent.
    fn next(&mut self) -> Option<Byte> {
        let want = self.screen.contents();
        if self.panel.have.display != want.display {
            self.panel.have.display = want.display;
            return Some(Byte::Instruction(Instruction::Display(want.display).code()));
        }
        self.next_of_glyphs(want)
            .or_else(|| self.next_of_cells(want))
            .or_else(|| self.next_of_shift(want))
            .or_else(|| self.next_of_cursor(want))
    }

    fn next_of_glyphs(&mut self, want: &Contents) -> Option<Byte> {
        let have = &mut self.panel.have.glyphs;
        let mut slots = (0..).zip(want.glyphs).zip(have);
        let ((slot, glyph), have) = slots.find(|((_, want), have)| want.is_some() && *want != **have)?;
        let first = slot * 8;
        let (rows, row) = match self.panel.address {
            Address::Cgram(address) if address / 8 == slot => (glyph?, address % 8),
            _ => {
                self.panel.address = Address::Cgram(first);
                return Some(Byte::Instruction(Instruction::CgramAddress(first).code()));
            }
        };
        if row == 7 {
            *have = Some(rows);
        }
        self.panel.address = Address::Cgram(first + row + 1);
        rows.rows().get(usize::from(row)).copied().map(Byte::Data)
    }

    /// A changed cell, its address, or an unchanged cell between two changed ones: to write it costs 4 bytes, to skip it
    /// at least as many.
    fn next_of_cells(&mut self, want: &Contents) -> Option<Byte> {
        let mut cells = (0..).zip(want.cells).zip(self.panel.have.cells);
        let ((changed, _), _) = cells.find(|((_, want), have)| want != have)?;
        let cell = match self.panel.address {
            Address::Cell(next) if self.addressed && (next == changed || next + 1 == changed) => next,
            _ => return Some(self.set_address(changed)),
        };
        let code = want.cells.get(usize::from(cell))?;
        *self.panel.have.cells.get_mut(usize::from(cell))? = *code;
        self.panel.address = Address::Cell((cell + 1) % crate::geometry::CELLS);
        Some(Byte::Data(*code))
    }

    fn next_of_shift(&mut self, want: &Contents) -> Option<Byte> {
        let line = self.screen.geometry().line();
        let have = &mut self.panel.have.shift;
        let instruction = match (want.shift + line - *have) % line {
            0 => return None,
            left if left <= line / 2 => {
                *have = (*have + 1) % line;
                Instruction::ShiftLeft
            }
            _ => {
                *have = (*have + line - 1) % line;
                Instruction::ShiftRight
            }
        };
        Some(Byte::Instruction(instruction.code()))
    }

    /// Puts the address counter where the cursor is to be seen, and never leaves it in the memory of characters.
    fn next_of_cursor(&mut self, want: &Contents) -> Option<Byte> {
        let cursor = self.screen.cursor();
        let there = match self.panel.address {
            Address::Cgram(_) => false,
            Address::Cell(cell) => cell == cursor || !want.display.shows_position(),
        };
        (!there).then(|| self.set_address(cursor))
    }

    fn set_address(&mut self, cell: u8) -> Byte {
        self.panel.address = Address::Cell(cell);
        self.addressed = true;
        Byte::Instruction(Instruction::DdramAddress(self.screen.geometry().address(cell)).code())
    }
}
