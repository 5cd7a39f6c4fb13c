//! The nine bytes, as the parts of the family fill them in.

use super::Family;
use super::clone::{Byte6, Traits};

/// The resolution bits R1 and R0 of the configuration byte.
const RESOLUTION_BITS: u8 = 0x60;

/// Bytes 0 to 7; the CRC is worked out when they are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scratchpad {
    pub(crate) bytes: [u8; 8],
}

impl Scratchpad {
    /// The state after power-on: the power-on temperature, and the rest from EEPROM.
    pub(crate) fn power_on(family: Family, traits: &Traits, eeprom: [u8; 3]) -> Self {
        let mut bytes = [0, 0, 0, 0, 0, traits.byte5, traits.power_on_byte6, traits.byte7];
        if family == Family::Ds18s20 {
            bytes = [0, 0, 0, 0, 0xFF, 0xFF, 0x0C, 0x10];
        }
        let mut scratchpad = Self { bytes };
        scratchpad.set_temperature_bytes(match family {
            Family::Ds18s20 => 0x00AA,
            _ => traits.power_on_raw,
        });
        scratchpad.recall(family, eeprom);
        scratchpad
    }

    /// Takes TH, TL and the configuration from EEPROM; the DS18S20 has no configuration.
    pub(crate) fn recall(&mut self, family: Family, [th, tl, config]: [u8; 3]) {
        self.bytes[2] = th;
        self.bytes[3] = tl;
        if family != Family::Ds18s20 {
            self.bytes[4] = config;
        }
    }

    /// Writes the byte that is number `index` after command 0x4E.
    pub(crate) fn write(&mut self, family: Family, traits: &Traits, index: u8, byte: u8) {
        match index {
            0 => self.bytes[2] = byte,
            1 => self.bytes[3] = byte,
            _ if family == Family::Ds18s20 || traits.fixed_resolution => (),
            // The DS1825 has its location pins in the low bits: all grounded here.
            _ if family == Family::Ds1825 => self.bytes[4] = byte & RESOLUTION_BITS | 0x10,
            _ => self.bytes[4] = byte & RESOLUTION_BITS | 0x1F,
        }
        if traits.write_spoils_byte6 {
            self.bytes[6] = self.bytes[4];
        }
    }

    /// TH, TL and the configuration, as they go to EEPROM.
    pub(crate) fn user_bytes(self) -> [u8; 3] {
        [self.bytes[2], self.bytes[3], self.bytes[4]]
    }

    /// The steps of resolution above 9 bit: 0 to 3.
    pub(crate) fn resolution_step(self, family: Family, traits: &Traits) -> u8 {
        if family == Family::Ds18s20 || traits.fixed_resolution {
            return 3;
        }
        (self.bytes[4] & RESOLUTION_BITS) >> 5
    }

    /// Puts the result of a conversion in, in 1/16 °C. `undefined` fills the bits below the resolution.
    pub(crate) fn convert(&mut self, family: Family, traits: &Traits, sixteenths: i16, undefined: u8) {
        if family == Family::Ds18s20 {
            self.convert_ds18s20(sixteenths);
            return;
        }
        let below = match self.resolution_step(family, traits) {
            0 => 0b111,
            1 => 0b11,
            2 => 0b1,
            _ => 0,
        };
        self.set_temperature_bytes(sixteenths & !below | i16::from(undefined) & below);
        let low = self.bytes[0] & 0x0F;
        self.bytes[6] = match traits.byte6 {
            Byte6::Constant => traits.power_on_byte6,
            Byte6::SixteenMinus => 0x10 - low,
            Byte6::ThirtyTwoMinus => 0x20 - low,
        };
    }

    /// `T = TEMP_READ − 0.25 + (COUNT_PER_C − COUNT_REMAIN) / COUNT_PER_C` with `COUNT_PER_C` = 16, solved for both.
    fn convert_ds18s20(&mut self, sixteenths: i16) {
        let quarter_up = sixteenths.saturating_add(4);
        self.set_temperature_bytes(quarter_up >> 3);
        self.bytes[6] = 16 - quarter_up.to_le_bytes()[0] % 16;
    }

    /// What a failed conversion leaves behind: +127.94 °C.
    pub(crate) fn fail(&mut self) {
        self.set_temperature_bytes(0x07FF);
        self.bytes[6] = 0x0C;
    }

    /// Whole degrees, bits 11 to 4 of the result, as compared with TH and TL.
    pub(crate) fn whole_degrees(self, family: Family) -> i8 {
        let raw = i16::from_le_bytes([self.bytes[0], self.bytes[1]]);
        let shift = if family == Family::Ds18s20 { 1 } else { 4 };
        i8::from_le_bytes([(raw >> shift).to_le_bytes()[0]])
    }

    /// Returns true if the result is at or above TH, or at or below TL.
    pub(crate) fn alarm(self, family: Family) -> bool {
        let [th, tl, _] = self.user_bytes();
        let degrees = self.whole_degrees(family);
        degrees >= i8::from_le_bytes([th]) || degrees <= i8::from_le_bytes([tl])
    }

    fn set_temperature_bytes(&mut self, raw: i16) {
        [self.bytes[0], self.bytes[1]] = raw.to_le_bytes();
    }

    /// All nine bytes as they go over the wire.
    pub(crate) fn with_crc(self) -> [u8; 9] {
        let mut bytes = [0; 9];
        bytes[..8].copy_from_slice(&self.bytes);
        bytes[8] = crc8(&self.bytes);
        bytes
    }
}

/// CRC-8 with x⁸ + x⁵ + x⁴ + 1, least significant bit first.
pub(crate) fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(
            crc ^ byte,
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0x8C } else { crc >> 1 },
        )
    })
}
