//! The nine bytes of the scratchpad: what they may be, and what they mean.

use crate::command::WRITE_SCRATCHPAD;
use crate::{Family, Fault, Resolution, Temperature};

/// Byte 6 after power-on. Genuine devices have 0x10 less the low four bits of byte 0 there after a
/// conversion, hence 0x10 at a true 85 °C; clones may have this value always.
const POWER_ON_BYTE_6: u8 = 0x0C;
/// 85 °C, the temperature after power-on (DS18B20, "Temperature/Data Relationship").
const POWER_ON: i16 = 0x0550;
/// 85 °C of a DS18S20.
const POWER_ON_DS18S20: i16 = 0x00AA;
/// What several parts leave when their supply sags during the conversion.
const FAILED: i16 = 0x07FF;

/// The alarm thresholds, in whole degrees Celsius. The alarm is set by a conversion whose result, without its
/// fraction, is not between them (DS18B20, "Alarm Signaling").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Alarms {
    /// TL: the alarm is set at this temperature and below.
    pub low: i8,
    /// TH: the alarm is set at this temperature and above.
    pub high: i8,
}

impl Alarms {
    /// TH and TL as the scratchpad has them.
    pub(crate) const fn user_bytes(self) -> [u8; 2] {
        [self.high.cast_unsigned(), self.low.cast_unsigned()]
    }
}

/// A scratchpad whose CRC is right and whose configuration is one of its family.
///
/// Bytes 5 to 7 are reserved and are not looked at beyond the power-on pattern: clones differ there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scratchpad {
    family: Family,
    bytes: [u8; 9],
}

impl Scratchpad {
    /// Checks the nine bytes that a device of `family` sent.
    ///
    /// # Errors
    /// [`Fault::Absent`], [`Fault::AllZeros`], [`Fault::Crc`], [`Fault::Max31850`] or
    /// [`Fault::Configuration`].
    pub const fn decode(family: Family, bytes: [u8; 9]) -> Result<Self, Fault> {
        let [b0, b1, b2, b3, configuration, b5, b6, b7, crc] = bytes;
        if let [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] = bytes {
            return Err(Fault::Absent);
        }
        if let [0, 0, 0, 0, 0, 0, 0, 0, 0] = bytes {
            return Err(Fault::AllZeros);
        }
        if one_wire::crc::crc8(&[b0, b1, b2, b3, configuration, b5, b6, b7]) != crc {
            return Err(Fault::Crc);
        }
        match (family, configuration) {
            (Family::Ds1825, 0x80..) => Err(Fault::Max31850),
            // Reserved, all ones: tells a DS18S20 from its relatives when there is no ROM code to do so.
            (Family::Ds18s20, 0xFF) => Ok(Self { family, bytes }),
            // `0 R1 R0 1` and the address pins (DS1825, "Configuration Register").
            (Family::Ds1825, byte) if byte & 0x90 == 0x10 => Ok(Self { family, bytes }),
            (Family::Ds18b20 | Family::Ds1822 | Family::Ds28ea00, byte) if byte & 0x9F == 0x1F => {
                Ok(Self { family, bytes })
            }
            (_, byte) => Err(Fault::Configuration(byte)),
        }
    }

    /// The bytes as the device sent them.
    pub const fn bytes(&self) -> [u8; 9] {
        self.bytes
    }

    /// The temperature of the last conversion.
    ///
    /// # Errors
    /// [`Fault::PowerOn`], [`Fault::ConversionFailed`], [`Fault::Count`] or [`Fault::OutOfRange`].
    pub const fn temperature(&self) -> Result<Temperature, Fault> {
        let [b0, b1, _, _, _, _, b6, b7, _] = self.bytes;
        let raw = i16::from_le_bytes([b0, b1]);
        if self.family.has_configuration() {
            match raw {
                POWER_ON if b6 == POWER_ON_BYTE_6 => Err(Fault::PowerOn),
                FAILED => Err(Fault::ConversionFailed),
                _ => Temperature::from_sixteenths(raw & self.resolution().defined_bits()),
            }
        } else if raw == POWER_ON_DS18S20 && b6 == POWER_ON_BYTE_6 {
            Err(Fault::PowerOn)
        } else {
            extended(raw, b6, b7)
        }
    }

    /// The resolution; of a DS18S20 that of its remainder, which is 12 bits and takes as long.
    pub const fn resolution(&self) -> Resolution {
        let [_, _, _, _, configuration, ..] = self.bytes;
        if self.family.has_configuration() {
            Resolution::from_configuration(configuration)
        } else {
            Resolution::Bits12
        }
    }

    /// The alarm thresholds, if that is what TH and TL are used for.
    pub const fn alarms(&self) -> Alarms {
        let [high, low] = self.user_bytes();
        Alarms {
            low: low.cast_signed(),
            high: high.cast_signed(),
        }
    }

    /// TH and TL as they are: two bytes for any use that survive in the EEPROM.
    pub const fn user_bytes(&self) -> [u8; 2] {
        let [_, _, th, tl, ..] = self.bytes;
        [th, tl]
    }

    /// What can be written.
    pub(crate) const fn settings(&self) -> Settings {
        let [_, _, th, tl, configuration, ..] = self.bytes;
        Settings {
            th,
            tl,
            configuration,
        }
    }
}

/// Temperature of a DS18S20 with its remainder (DS18S20, "Operation: Measuring Temperature"):
/// `TEMP_READ − 0.25 + (COUNT_PER_C − COUNT_REMAIN) / COUNT_PER_C`, where `TEMP_READ` is without the half degree.
const fn extended(raw: i16, count_remain: u8, count_per_c: u8) -> Result<Temperature, Fault> {
    if count_per_c == 0 || count_remain > count_per_c {
        return Err(Fault::Count);
    }
    if raw < -256 || raw > 255 {
        return Err(Fault::OutOfRange);
    }
    let per_c = count_per_c as i16;
    // A DS18S20 counts 16 per degree and this is exact; of an older DS1820 it is the nearest sixteenth.
    let remainder = (16 * (per_c - count_remain as i16) + per_c / 2) / per_c;
    Temperature::from_sixteenths((raw >> 1) * 16 - 4 + remainder)
}

/// TH, TL and configuration: what Write Scratchpad writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    th: u8,
    tl: u8,
    configuration: u8,
}

impl Settings {
    /// The same with another resolution. The address pins of a DS1825 stay as they were read.
    pub(crate) const fn with_resolution(self, resolution: Resolution) -> Self {
        let configuration = self.configuration & !0x60 | resolution.configuration() & 0x60;
        Self {
            configuration,
            ..self
        }
    }

    pub(crate) const fn with_user_bytes(self, [th, tl]: [u8; 2]) -> Self {
        Self { th, tl, ..self }
    }

    /// The command and its three bytes, of which a DS18S20 takes no configuration.
    pub(crate) const fn command(self) -> [u8; 4] {
        [WRITE_SCRATCHPAD, self.th, self.tl, self.configuration]
    }

    /// Why a device that holds `found` after all attempts to write these does not.
    pub(crate) const fn missed_by(self, found: &Scratchpad) -> Fault {
        let has = found.settings();
        if self.th == has.th && self.tl == has.tl {
            Fault::ResolutionIgnored {
                actual: found.resolution(),
            }
        } else {
            Fault::NotStored
        }
    }
}

#[cfg(test)]
mod tests;
