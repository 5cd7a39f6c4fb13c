//! What the part does on the wire: slots, commands, and the work they set off.

use super::clone::{Parasite, Polling};
use super::scratchpad::Scratchpad;
use super::timing::{PARASITE_HOLD_NS, RECALL_NS, STANDARD_RESET_NS, STRONG_PULLUP_NS, Timing};
use super::{BrownOut, Ds18b20};
use crate::Tolerance;
use crate::wire::Device;

/// Bits coming in, least significant first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shift {
    byte: u8,
    count: u8,
}

impl Shift {
    /// Takes a bit, and returns the byte once there are eight.
    fn push(&mut self, bit: bool) -> Option<u8> {
        self.byte = self.byte >> 1 | u8::from(bit) << 7;
        self.count += 1;
        (self.count == 8).then(|| std::mem::take(self).byte)
    }
}

/// Where the part is in a transaction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    /// Not selected, or unpowered: only a reset is of interest.
    Idle,
    /// From the end of a reset to the end of the presence pulse.
    Presence,
    RomCommand(Shift),
    ReadRom(u8),
    MatchRom(u8),
    /// Bit number, and 0 for the bit, 1 for its complement, 2 for the host's choice.
    Search(u8, u8),
    FunctionCommand(Shift),
    WriteScratchpad(u8, Shift),
    /// What is being sent, and how many bits have been.
    ReadScratchpad([u8; 9], u8),
    Poll(Work),
    PowerSupply,
}

/// What takes its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Work {
    Convert,
    Copy,
    Recall,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    work: Work,
    began: u64,
    ends: u64,
}

impl Ds18b20 {
    fn timing(&self) -> Timing {
        if self.overdrive {
            Timing::overdrive(self.tolerance)
        } else {
            Timing::standard(self.tolerance)
        }
    }

    fn power_on_reset(&mut self) {
        self.scratchpad = Scratchpad::power_on(self.family, &self.traits, self.eeprom);
        self.alarm = false;
        self.overdrive = false;
        self.phase = Phase::Idle;
        self.job = None;
        self.strong_by = None;
        self.sample_at = None;
        self.pull = None;
        self.pulling = false;
    }

    fn run_out_of_supply(&mut self) {
        self.counts.brown_outs += 1;
        self.job = None;
        self.strong_by = None;
        match self.brown_out {
            BrownOut::PowerOn => self.power_on_reset(),
            BrownOut::FailedConversion => self.scratchpad.fail(),
        }
    }

    fn reset(&mut self, at: u64, low: u64) {
        self.counts.resets += 1;
        if low >= STANDARD_RESET_NS {
            self.overdrive = false;
        }
        let timing = self.timing();
        let from = at
            .saturating_add(timing.presence_delay)
            .saturating_add(self.answer_delay);
        self.phase = Phase::Presence;
        self.sample_at = None;
        self.pull = Some((from, from.saturating_add(timing.presence_width)));
    }

    /// A slot begins: either there is a bit to send in it, or one to take.
    fn begin_slot(&mut self, at: u64) {
        let timing = self.timing();
        match self.outgoing(at) {
            Some(true) => (),
            Some(false) => {
                let from = at.saturating_add(self.answer_delay);
                self.pull = Some((from, from.saturating_add(timing.sample)));
                self.pulling = self.answer_delay == 0;
            }
            None => self.sample_at = Some(at.saturating_add(timing.sample)),
        }
    }

    /// The bit to send in the slot that begins now, if this is a slot to send in.
    fn outgoing(&mut self, at: u64) -> Option<bool> {
        match self.phase {
            Phase::ReadRom(index) => {
                self.phase = after_bit(index, Phase::ReadRom);
                Some(bit_of(&self.rom, index))
            }
            Phase::Search(index, step @ (0 | 1)) => {
                self.phase = Phase::Search(index, step + 1);
                Some(bit_of(&self.rom, index) ^ (step == 1))
            }
            Phase::ReadScratchpad(bytes, index) => {
                self.phase = Phase::ReadScratchpad(bytes, index.saturating_add(1));
                Some(bit_of(&bytes, index))
            }
            Phase::Poll(work) => Some(self.says_done(work, at)),
            Phase::PowerSupply => Some(!self.parasite),
            Phase::Idle | Phase::Presence => Some(true),
            _ => None,
        }
    }

    fn says_done(&self, work: Work, at: u64) -> bool {
        let Some(job) = self.job.filter(|job| job.work == work) else {
            return true;
        };
        match self.traits.polling {
            Polling::HonestAfter(ns) => at < job.began.saturating_add(ns),
            Polling::AlwaysDone => true,
            Polling::Honest => false,
        }
    }

    /// Takes a bit that the host wrote.
    fn incoming(&mut self, at: u64, bit: bool) {
        match self.phase {
            Phase::RomCommand(mut shift) => {
                self.phase = match shift.push(bit) {
                    Some(command) => self.rom_command(command),
                    None => Phase::RomCommand(shift),
                };
            }
            Phase::MatchRom(index) if bit == bit_of(&self.rom, index) => {
                self.phase = after_bit(index, Phase::MatchRom);
            }
            Phase::Search(index, 2) if bit == bit_of(&self.rom, index) => {
                self.phase = after_bit(index, |index| Phase::Search(index, 0));
            }
            Phase::FunctionCommand(mut shift) => {
                self.phase = match shift.push(bit) {
                    Some(command) => self.function_command(at, command),
                    None => Phase::FunctionCommand(shift),
                };
            }
            Phase::WriteScratchpad(index, mut shift) => {
                let byte = shift.push(bit);
                if let Some(byte) = byte {
                    self.scratchpad.write(self.family, &self.traits, index, byte);
                }
                self.phase = match index + u8::from(byte.is_some()) {
                    3 => Phase::Idle,
                    index => Phase::WriteScratchpad(index, shift),
                };
            }
            _ => self.phase = Phase::Idle,
        }
    }

    fn rom_command(&mut self, command: u8) -> Phase {
        match command {
            0x33 => Phase::ReadRom(0),
            0x55 => Phase::MatchRom(0),
            0xCC => Phase::FunctionCommand(Shift::default()),
            0xF0 => Phase::Search(0, 0),
            0xEC if self.alarm => Phase::Search(0, 0),
            0x3C | 0x69 if self.overdrive_able => {
                self.overdrive = true;
                if command == 0x3C {
                    Phase::FunctionCommand(Shift::default())
                } else {
                    Phase::MatchRom(0)
                }
            }
            _ => Phase::Idle,
        }
    }

    fn function_command(&mut self, at: u64, command: u8) -> Phase {
        match command {
            0x44 => {
                let step = self.scratchpad.resolution_step(self.family, &self.traits);
                self.begin(at, Work::Convert, self.traits.conversion_ns(step, self.tolerance))
            }
            0x48 => {
                let write = match self.tolerance {
                    Tolerance::Fastest => 2_000_000,
                    Tolerance::Nominal => 5_000_000,
                    Tolerance::Slowest => 10_000_000,
                };
                self.begin(at, Work::Copy, write)
            }
            0xB8 => self.begin(at, Work::Recall, RECALL_NS),
            0x4E => Phase::WriteScratchpad(0, Shift::default()),
            0xBE => Phase::ReadScratchpad(self.scratchpad.with_crc(), 0),
            0xB4 => Phase::PowerSupply,
            _ => Phase::Idle,
        }
    }

    /// A command while it is still busy with another one has no effect.
    fn begin(&mut self, at: u64, work: Work, ns: u64) -> Phase {
        if self.job.is_none() {
            self.job = Some(Job {
                work,
                began: at,
                ends: at.saturating_add(ns),
            });
            self.strong_by = None;
        }
        Phase::Poll(work)
    }

    fn finish(&mut self, work: Work) {
        match work {
            Work::Convert => {
                self.counts.conversions += 1;
                let measured = self
                    .micro_celsius
                    .saturating_add(self.offset_micro)
                    .saturating_add(self.traits.offset_micro);
                let sixteenths = measured.saturating_add(31_250).div_euclid(62_500);
                let highest = i32::from(self.traits.highest);
                let clipped = i16::try_from(sixteenths.clamp(-55 * 16, highest)).unwrap_or_default();
                self.scratchpad
                    .convert(self.family, &self.traits, clipped, self.undefined_bits);
                self.alarm = self.scratchpad.alarm(self.family);
            }
            Work::Copy => {
                let worn_out = self
                    .traits
                    .eeprom_life
                    .is_some_and(|life| self.counts.eeprom_writes >= life);
                self.counts.eeprom_writes = self.counts.eeprom_writes.saturating_add(1);
                if !worn_out {
                    self.eeprom = self.scratchpad.user_bytes();
                }
            }
            Work::Recall => self.scratchpad.recall(self.family, self.eeprom),
        }
    }

    /// The work that needs more current than the pull-up resistor gives.
    fn hungry(&self) -> bool {
        self.parasite && self.job.is_some_and(|job| job.work != Work::Recall)
    }

    fn alive(&self) -> bool {
        self.powered && !(self.parasite && self.traits.parasite != Parasite::Works)
    }
}

/// Bit `index` of `bytes`, least significant first; ones after the end, since nobody pulls.
fn bit_of(bytes: &[u8], index: u8) -> bool {
    bytes
        .get(usize::from(index / 8))
        .is_none_or(|byte| byte >> (index % 8) & 1 == 1)
}

/// The phase after bit `index` of the ROM: the next bit, or a function command after the last.
fn after_bit(index: u8, next: impl FnOnce(u8) -> Phase) -> Phase {
    if index < 63 {
        next(index + 1)
    } else {
        Phase::FunctionCommand(Shift::default())
    }
}

impl Device for Ds18b20 {
    fn power(&mut self, _at: u64, on: bool, _high: bool) {
        self.power_on_reset();
        self.powered = on;
        self.fell = None;
    }

    fn edge(&mut self, at: u64, high: bool) {
        // Its own late answer is no slot of the host's.
        if !self.alive() || !high && self.pulling {
            return;
        }
        if !high {
            let reset = match self.phase {
                Phase::Presence => STANDARD_RESET_NS,
                _ => self.timing().reset,
            };
            self.fell = Some((at, reset));
            if !matches!(self.phase, Phase::Presence) {
                self.begin_slot(at);
            }
            return;
        }
        let Some((fell, reset)) = self.fell.take() else {
            return;
        };
        let low = at.saturating_sub(fell);
        if self.hungry() && self.strong_by.is_none() {
            let slot_end = at.max(fell.saturating_add(self.timing().slot));
            // 10 µs are still in time.
            self.strong_by = Some(slot_end.saturating_add(STRONG_PULLUP_NS + 1));
        }
        if self.parasite && low > PARASITE_HOLD_NS {
            self.counts.brown_outs += 1;
            self.power_on_reset();
        } else if low >= reset {
            self.reset(at, low);
        }
    }

    fn next_event(&self) -> Option<u64> {
        let pull = self.pull.map(|(from, to)| if self.pulling { to } else { from });
        let strong_by = self.strong_by.filter(|_| !self.strong);
        [pull, self.sample_at, self.job.map(|job| job.ends), strong_by]
            .into_iter()
            .flatten()
            .min()
    }

    fn event(&mut self, at: u64, high: bool) {
        if let Some((from, to)) = self.pull {
            self.pulling = (from..to).contains(&at);
            if to <= at {
                self.pull = None;
                if matches!(self.phase, Phase::Presence) {
                    self.phase = Phase::RomCommand(Shift::default());
                }
            }
        }
        if self.sample_at.is_some_and(|due| due <= at) {
            self.sample_at = None;
            self.incoming(at, high);
        }
        if self.strong_by.is_some_and(|due| due <= at) && !self.strong {
            self.run_out_of_supply();
        }
        if let Some(job) = self.job.filter(|job| job.ends <= at) {
            self.job = None;
            self.strong_by = None;
            self.finish(job.work);
        }
    }

    fn pulls_low(&self) -> bool {
        let shorted = self.powered && self.parasite && self.traits.parasite == Parasite::PullsLow;
        self.pulling || self.jammed || shorted
    }

    fn strong_pullup(&mut self, at: u64, on: bool) {
        self.strong = on;
        if !on && self.hungry() && self.strong_by.is_some_and(|due| due <= at) {
            self.run_out_of_supply();
        }
    }
}
