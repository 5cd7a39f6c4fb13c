//! A wire as the wired AND of devices that know the ROM commands: bits in, bits out, no time.

use core::convert::Infallible;
use one_wire::{
    Fault, Speed,
    blocking::{BusResult, OneWire},
    fugit::MicrosDurationU32,
};

/// A device, by its ROM code, right or wrong.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) rom: [u8; 8],
    pub(crate) alarm: bool,
    /// Not on the wire before the reset with this number, the first being 0, ...
    pub(crate) appears: usize,
    /// ... and not any more from the slot with this number on.
    pub(crate) vanishes: usize,
    /// Takes part in this many bits of a search and then falls silent.
    pub(crate) mute: usize,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Idle,
    Command { bits: u32, byte: u8 },
    Search { position: usize, phase: u8 },
}

impl Device {
    pub(crate) fn new(rom: [u8; 8]) -> Self {
        Self {
            rom,
            alarm: false,
            appears: 0,
            vanishes: usize::MAX,
            mute: 64,
            state: State::Idle,
        }
    }

    fn rom_bit(&self, position: usize) -> bool {
        u64::from_le_bytes(self.rom) >> position & 1 == 1
    }

    fn sends(&self) -> bool {
        match self.state {
            State::Search { position, phase: 0 } => self.rom_bit(position),
            State::Search { position, phase: 1 } => !self.rom_bit(position),
            _ => true,
        }
    }

    fn receives(&mut self, bit: bool) {
        self.state = match self.state {
            State::Command { bits, byte } => {
                let byte = byte | u8::from(bit) << bits;
                match (bits, byte) {
                    (7, _) if self.mute == 0 => State::Idle,
                    (7, 0xf0) => State::Search {
                        position: 0,
                        phase: 0,
                    },
                    (7, 0xec) if self.alarm => State::Search {
                        position: 0,
                        phase: 0,
                    },
                    (7, _) => State::Idle,
                    _ => State::Command { bits: bits + 1, byte },
                }
            }
            State::Search { position, phase: 2 } if position + 1 == 64.min(self.mute) => State::Idle,
            State::Search { position, phase: 2 } if bit == self.rom_bit(position) => State::Search {
                position: position + 1,
                phase: 0,
            },
            State::Idle | State::Search { phase: 2, .. } => State::Idle,
            State::Search { position, phase } => State::Search {
                position,
                phase: phase + 1,
            },
        };
    }
}

/// The wire. Slots and resets are numbered from 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fake {
    pub(crate) devices: Vec<Device>,
    /// The read slots, numbered among themselves, whose bit is turned over.
    pub(crate) flipped: Vec<usize>,
    /// The resets whose presence pulse is not seen.
    pub(crate) unseen: Vec<usize>,
    /// The line is held low in the slots from .. to, from the point of view of the host.
    pub(crate) low: Option<(usize, usize)>,
    pub(crate) resets: usize,
    pub(crate) slots: usize,
    pub(crate) reads: usize,
    /// The answers of the triplets, the first two bits of each, per read slot.
    pub(crate) answers: Vec<bool>,
}

impl Fake {
    pub(crate) fn new(roms: &[[u8; 8]]) -> Self {
        Self {
            devices: roms.iter().map(|&rom| Device::new(rom)).collect(),
            ..Self::default()
        }
    }

    fn slot(&mut self, written: bool) -> bool {
        let slot = self.slots;
        self.slots += 1;
        let mut high = written;
        for device in &mut self.devices {
            if device.vanishes <= slot {
                device.state = State::Idle;
            }
            high &= device.sends();
        }
        for device in &mut self.devices {
            device.receives(written);
        }
        high && !self.low.is_some_and(|(from, to)| (from..to).contains(&slot))
    }
}

impl OneWire for Fake {
    type Error = Infallible;

    fn reset(&mut self) -> BusResult<(), Self> {
        let (reset, slot) = (self.resets, self.slots);
        self.resets += 1;
        let mut present = false;
        for device in &mut self.devices {
            let plugged = device.appears <= reset && slot < device.vanishes;
            device.state = if plugged {
                State::Command { bits: 0, byte: 0 }
            } else {
                State::Idle
            };
            present |= plugged;
        }
        if present && !self.unseen.contains(&reset) {
            Ok(())
        } else {
            Err(Fault::NoPresence.into())
        }
    }

    fn write_bit(&mut self, bit: bool) -> BusResult<(), Self> {
        self.slot(bit);
        Ok(())
    }

    fn read_bit(&mut self) -> BusResult<bool, Self> {
        let bit = self.slot(true) ^ self.flipped.contains(&self.reads);
        self.reads += 1;
        self.answers.push(bit);
        Ok(bit)
    }

    fn wait(&mut self, _: MicrosDurationU32) {}

    fn set_speed(&mut self, _: Speed) -> BusResult<(), Self> {
        Ok(())
    }

    fn write_byte_powered(&mut self, _: u8) -> BusResult<(), Self> {
        Err(Fault::Unsupported.into())
    }

    fn power_off(&mut self) -> BusResult<(), Self> {
        Ok(())
    }
}
