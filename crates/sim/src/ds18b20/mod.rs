//! A 1-Wire thermometer, edge by edge.

mod clone;
mod scratchpad;
mod slave;
mod timing;

pub use clone::Make;

use clone::Traits;
use scratchpad::{Scratchpad, crc8};
use slave::{Job, Phase};

use crate::Tolerance;

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
}
