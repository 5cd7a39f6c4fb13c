//! What is said on the wire, byte by byte and wait by wait, through every front end.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test that panics fails the test"
)]

mod bus;
mod conversion;
mod group;
#[cfg(feature = "nb")]
mod polled;
mod reading;
mod settings;

use bus::Act::{
    Breaks, PowerOff, Read, ReadBit, Reset, ResetFails, Wait, Write, WritePowered, WritePoweredFails,
};
use bus::{Act, After, Broken, Do, Got, Mode, Sensors, play};
use ds18b20::Resolution::{self, Bits9, Bits10, Bits11, Bits12};
use ds18b20::mode::Ds18b20;
use ds18b20::{Alarms, Completion, Counters, Error, Family, Fault, Supply};
use one_wire::{Fault as Wire, Rom};

/// Match ROM and the ROM code 28-00000bbb9b13.
const MATCH: &[u8] = &[0x55, 0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F];
/// Match ROM and the ROM code 28-00001010d6ca.
const MATCH_SECOND: &[u8] = &[0x55, 0x28, 0xCA, 0xD6, 0x10, 0x10, 0x00, 0x00, 0xFE];
/// 25.0625 °C at 12 bits, TH = 75, TL = 70.
const WARM: &[u8] = &[0x91, 0x01, 0x4B, 0x46, 0x7F, 0xFF, 0x0F, 0x10, 0x25];
const WARM_WRONG_CRC: &[u8] = &[0x91, 0x01, 0x4B, 0x46, 0x7F, 0xFF, 0x0F, 0x10, 0x24];
/// 25 °C at 9, 10 and 11 bits, the same thresholds.
const WARM_9: &[u8] = &[0x90, 0x01, 0x4B, 0x46, 0x1F, 0xFF, 0x10, 0x10, 0x02];
const WARM_10: &[u8] = &[0x90, 0x01, 0x4B, 0x46, 0x3F, 0xFF, 0x10, 0x10, 0x72];
const WARM_11: &[u8] = &[0x90, 0x01, 0x4B, 0x46, 0x5F, 0xFF, 0x10, 0x10, 0xE2];
const POWER_ON: &[u8] = &[0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C];
const NOBODY: &[u8] = &[0xFF; 9];
const SHORTED: &[u8] = &[0x00; 9];
const BUSY: &[u8] = &[0x00];
const IDLE: &[u8] = &[0xFF];

struct One {
    supply: Supply,
    retries: u8,
}

/// One device with a supply of its own.
const EXTERNAL: One = One {
    supply: Supply::External,
    retries: 3,
};
/// One device that lives from the wire.
const PARASITE: One = One {
    supply: Supply::Parasite,
    retries: 3,
};

impl Sensors for One {
    fn make<M: Mode>(&self) -> Vec<Ds18b20<M>> {
        let rom = Rom::new([0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F]).unwrap();
        let mut sensor = M::addressed(rom).unwrap();
        sensor.set_supply(self.supply);
        sensor.set_retries(self.retries);
        vec![sensor]
    }
}

/// Two devices with supplies of their own.
struct Two;

impl Sensors for Two {
    fn make<M: Mode>(&self) -> Vec<Ds18b20<M>> {
        [
            [0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F],
            [0x28, 0xCA, 0xD6, 0x10, 0x10, 0x00, 0x00, 0xFE],
        ]
        .map(|bytes| M::addressed(Rom::new(bytes).unwrap()).unwrap())
        .into()
    }
}

/// The only device on the wire.
struct SingleDrop(Family);

impl Sensors for SingleDrop {
    fn make<M: Mode>(&self) -> Vec<Ds18b20<M>> {
        vec![M::single_drop(self.0)]
    }
}

fn script(parts: &[&[Act]]) -> Vec<Act> {
    parts.concat()
}

const fn reading(scratchpad: &'static [u8]) -> [Act; 4] {
    [Reset, Write(MATCH), Write(&[0xBE]), Read(scratchpad)]
}

const fn converting(first_look: &'static [u8]) -> [Act; 4] {
    [Reset, Write(MATCH), Write(&[0x44]), Read(first_look)]
}

fn counters(after: &After) -> Counters {
    after.counters[0]
}

fn device(fault: Fault) -> bus::Outcome {
    Err(Error::Device(fault))
}

fn wire(fault: Wire) -> bus::Outcome {
    Err(Error::Bus(one_wire::Error::Wire(fault)))
}

const BROKEN: bus::Outcome = Err(Error::Bus(one_wire::Error::Bus(Broken)));
const DONE: bus::Outcome = Ok(Got::Nothing);
