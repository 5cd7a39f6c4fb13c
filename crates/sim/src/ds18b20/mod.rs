//! A 1-Wire thermometer, edge by edge.

mod clone;
mod scratchpad;

pub use clone::Make;

use clone::{Parasite, Polling, Traits};
use scratchpad::{Scratchpad, crc8};

use crate::Tolerance;
use crate::wire::Device;

/// A part of the DS18B20's family, by its family code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Family {
    /// DS18B20 and MAX31820, code 0x28.
    #[default]
    Ds18b20,
    /// DS18S20 and DS1820, code 0x10: half degrees, `COUNT_REMAIN`, always 750 ms.
    Ds18s20,
    /// DS1822, code 0x22. As the DS18B20; for its ±2 °C use [`Ds18b20::set_offset`].
    Ds1822,
    /// DS1825, code 0x3B. Its four location pins are grounded.
    Ds1825,
    /// DS28EA00, code 0x42, without its chain mode and its two outputs.
    Ds28ea00,
}

impl Family {
    /// Returns the code: byte 0 of the ROM.
    pub fn code(self) -> u8 {
        match self {
            Self::Ds18b20 => 0x28,
            Self::Ds18s20 => 0x10,
            Self::Ds1822 => 0x22,
            Self::Ds1825 => 0x3B,
            Self::Ds28ea00 => 0x42,
        }
    }
}

/// What is left when a parasite-powered part runs out of supply in a conversion or a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BrownOut {
    /// It starts anew: +85 °C, byte 6 is 0x0C, and it waits for a reset.
    #[default]
    PowerOn,
    /// It stays selected, and the result is 0x07FF, +127.94 °C, with 0x0C in byte 6.
    FailedConversion,
}

/// How often a model did what cannot be seen on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Conversions that ran to their end.
    pub conversions: u32,
    /// Copies to EEPROM that ran to their end, lasting or not.
    pub eeprom_writes: u32,
    /// Conversions and copies that failed for want of a strong pull-up, and lows that drained the parasite supply.
    pub brown_outs: u32,
    /// Resets that it recognised.
    pub resets: u32,
}

/// Slot timing of the slave in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Timing {
    /// From the falling edge: when it samples a written bit, and how long it holds a 0 that is read.
    sample: u64,
    presence_delay: u64,
    presence_width: u64,
    /// A low this long is a reset.
    reset: u64,
    slot: u64,
}

impl Timing {
    /// A slave times everything with one oscillator whose unit is 15 to 60 µs: it samples after one unit, waits one
    /// and pulls for four in the presence pulse, and takes eight for a reset. That gives all limits of the DS18B20
    /// data sheet, table "AC electrical characteristics".
    ///
    /// A limit itself is still inside: the earliest sample is 1 ns after 15 µs.
    fn standard(tolerance: Tolerance) -> Self {
        let unit = match tolerance {
            Tolerance::Fastest => 15_000,
            Tolerance::Nominal => 30_000,
            Tolerance::Slowest => 60_000,
        };
        Self::of_unit(unit, 15_001, 60_000)
    }

    /// Overdrive: 2 to 6 µs. The DS18B20 has none; these are the limits of its relatives that do, from memory.
    fn overdrive(tolerance: Tolerance) -> Self {
        let unit = match tolerance {
            Tolerance::Fastest => 2_000,
            Tolerance::Nominal => 3_000,
            Tolerance::Slowest => 6_000,
        };
        Self::of_unit(unit, 2_001, 6_000)
    }

    fn of_unit(unit: u64, earliest_sample: u64, slot: u64) -> Self {
        Self {
            sample: unit.max(earliest_sample),
            presence_delay: unit,
            presence_width: 4 * unit,
            // A written 0 may last as long as eight of the shortest units.
            reset: if unit < earliest_sample {
                8 * unit + 1
            } else {
                8 * unit
            },
            slot,
        }
    }
}

/// tRSTL min of a reset that ends overdrive, and the longest low that other slaves' presence pulses cannot make.
const STANDARD_RESET_NS: u64 = 480_000;
/// tSPON max: the strong pull-up must be on this long after the command's last slot.
const STRONG_PULLUP_NS: u64 = 10_000;
/// tRSTL max with parasite power: a longer low drains the part.
const PARASITE_HOLD_NS: u64 = 960_000;
/// The data sheet gives no time for the recall of the EEPROM: chosen to be visible to a host that polls.
const RECALL_NS: u64 = 100_000;

/// Bits coming in, least significant first.
#[derive(Clone, Copy, Debug, Default)]
struct Shift {
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
enum Phase {
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
enum Work {
    Convert,
    Copy,
    Recall,
}

#[derive(Clone, Copy, Debug)]
struct Job {
    work: Work,
    began: u64,
    ends: u64,
}

/// A DS18B20 or one of its relatives and clones, at the level of bits and microseconds.
///
/// It takes part in everything the data sheet describes: reset and presence, ROM search and alarm search, read,
/// match and skip ROM, conversion in real time with polling, scratchpad, EEPROM, alarms, and parasite power, where
/// it fails as the real one does if the strong pull-up is missing. Temperatures outside −55 to +125 °C are clipped.
///
/// ```
/// use sim::{Clock, Ds18b20, Make, Tolerance, Wire};
///
/// let clock = Clock::new();
/// let wire = Wire::new(&clock);
/// let tank = wire.attach(Ds18b20::new(1).with_milli_celsius(21_500));
/// let _cheap = wire.attach(Ds18b20::new(2).with_make(Make::C).with_tolerance(Tolerance::Slowest));
/// tank.with(|probe| probe.set_sixteenths(-8));
/// ```
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // Pins and latches of a chip; they are bools.
pub struct Ds18b20 {
    rom: [u8; 8],
    family: Family,
    traits: Traits,
    tolerance: Tolerance,
    parasite: bool,
    overdrive_able: bool,
    micro_celsius: i32,
    offset_micro: i32,
    undefined_bits: u8,
    brown_out: BrownOut,
    answer_delay: u64,
    jammed: bool,
    counts: Counts,

    eeprom: [u8; 3],
    scratchpad: Scratchpad,
    alarm: bool,

    powered: bool,
    strong: bool,
    overdrive: bool,
    phase: Phase,
    job: Option<Job>,
    /// When the strong pull-up must be on; none before the command's last slot has ended.
    strong_by: Option<u64>,
    /// When the line fell, and how long it must stay low for that to be a reset.
    fell: Option<(u64, u64)>,
    sample_at: Option<u64>,
    /// From when until when it pulls the line low.
    pull: Option<(u64, u64)>,
    pulling: bool,
}

impl Ds18b20 {
    /// Makes a genuine DS18B20 with external supply and nominal timing at 20 °C. The ROM is family 0x28, the low 48
    /// bits of `serial` and the CRC.
    pub fn new(serial: u64) -> Self {
        let mut rom = [0; 8];
        rom[1..7].copy_from_slice(&serial.to_le_bytes()[..6]);
        Self::from_rom(rom).with_family(Family::Ds18b20)
    }

    /// Makes a part with this very ROM, right CRC or not; everything else as in [`new`](Self::new).
    pub fn from_rom(rom: [u8; 8]) -> Self {
        let family = match rom[0] {
            0x10 => Family::Ds18s20,
            0x22 => Family::Ds1822,
            0x3B => Family::Ds1825,
            0x42 => Family::Ds28ea00,
            _ => Family::Ds18b20,
        };
        let traits = Make::A1.traits();
        Self {
            rom,
            family,
            tolerance: Tolerance::Nominal,
            parasite: false,
            overdrive_able: false,
            micro_celsius: 20_000_000,
            offset_micro: 0,
            undefined_bits: 0xFF,
            brown_out: BrownOut::PowerOn,
            answer_delay: 0,
            jammed: false,
            counts: Counts::default(),
            eeprom: traits.eeprom,
            scratchpad: Scratchpad::power_on(family, &traits, traits.eeprom),
            traits,
            alarm: false,
            powered: false,
            strong: false,
            overdrive: false,
            phase: Phase::Idle,
            job: None,
            strong_by: None,
            fell: None,
            sample_at: None,
            pull: None,
            pulling: false,
        }
    }

    /// Makes it another part of the family, with a ROM to match.
    #[must_use]
    pub fn with_family(mut self, family: Family) -> Self {
        self.family = family;
        self.rom[0] = family.code();
        self.rom[7] = crc8(&self.rom[..7]);
        let eeprom = self.eeprom;
        self.with_eeprom(eeprom)
    }

    /// Makes it a clone, or the genuine part again. Also sets the EEPROM to how that one is delivered.
    #[must_use]
    pub fn with_make(mut self, make: Make) -> Self {
        self.traits = make.traits();
        let eeprom = self.traits.eeprom;
        self.with_eeprom(eeprom)
    }

    /// Sets TH, TL and the configuration byte in EEPROM; it powers up with them. Default 0x4B, 0x46, 0x7F.
    #[must_use]
    pub fn with_eeprom(mut self, eeprom: [u8; 3]) -> Self {
        self.eeprom = eeprom;
        if self.family == Family::Ds1825 {
            self.eeprom[2] = eeprom[2] & 0x60 | 0x10;
        }
        self.scratchpad = Scratchpad::power_on(self.family, &self.traits, self.eeprom);
        self
    }

    /// Sets all of its times: slots, presence, conversion and EEPROM.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Tolerance) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Grounds its VDD pin, so that it lives from the line.
    #[must_use]
    pub fn with_parasite_power(mut self) -> Self {
        self.parasite = true;
        self
    }

    /// Lets it understand overdrive: the commands 0x3C and 0x69, and slots of 6 to 16 µs.
    ///
    /// The DS18B20 and the others here cannot do that (the DS28EA00 can). It is here so that a bus master's overdrive
    /// can be tested.
    #[must_use]
    pub fn with_overdrive(mut self) -> Self {
        self.overdrive_able = true;
        self
    }

    /// Sets the temperature in thousandths of a degree Celsius, as [`set_milli_celsius`](Self::set_milli_celsius).
    #[must_use]
    pub fn with_milli_celsius(mut self, temperature: i32) -> Self {
        self.set_milli_celsius(temperature);
        self
    }

    /// Sets the temperature around it in thousandths of a degree Celsius. Default 20 000.
    ///
    /// The result of a conversion is the temperature at its end, to the nearest 1/16 °C.
    pub fn set_milli_celsius(&mut self, temperature: i32) {
        self.micro_celsius = temperature.saturating_mul(1_000);
    }

    /// Sets the temperature around it in 1/16 °C: the raw value that a 12-bit conversion yields.
    pub fn set_sixteenths(&mut self, temperature: i16) {
        self.micro_celsius = i32::from(temperature) * 62_500;
    }

    /// Makes it measure `milli_celsius` too much (or too little), on top of the error of its make. Default 0.
    pub fn set_offset(&mut self, milli_celsius: i32) {
        self.offset_micro = milli_celsius.saturating_mul(1_000);
    }

    /// Sets what the bits below the resolution read as, from the low bits of `pattern`. Default all ones, so that a
    /// driver that does not mask them gets a wrong value.
    pub fn set_undefined_bits(&mut self, pattern: u8) {
        self.undefined_bits = pattern;
    }

    /// Sets what a want of parasite supply leaves behind.
    pub fn set_brown_out(&mut self, brown_out: BrownOut) {
        self.brown_out = brown_out;
    }

    /// Makes every answer, presence pulse or bit, begin `ns` nanoseconds late. Default 0.
    pub fn set_answer_delay(&mut self, ns: u64) {
        self.answer_delay = ns;
    }

    /// Makes it hold the line low while `jammed`, as some clones do.
    pub fn set_jammed(&mut self, jammed: bool) {
        self.jammed = jammed;
    }

    /// Returns the ROM code as it goes over the wire: family first, CRC last.
    pub fn rom(&self) -> [u8; 8] {
        self.rom
    }

    /// Returns the scratchpad with its CRC.
    pub fn scratchpad(&self) -> [u8; 9] {
        self.scratchpad.with_crc()
    }

    /// Returns TH, TL and the configuration byte as they are in EEPROM.
    pub fn eeprom(&self) -> [u8; 3] {
        self.eeprom
    }

    /// Returns true if it answers the alarm search.
    pub fn has_alarm(&self) -> bool {
        self.alarm
    }

    /// Returns true while it converts, copies or recalls.
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Returns how often things happened.
    pub fn counts(&self) -> Counts {
        self.counts
    }

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
        let from = at.saturating_add(timing.presence_delay + self.answer_delay);
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
