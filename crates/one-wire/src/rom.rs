//! The 64-bit ROM code that names a device, and how devices are addressed.

use crate::{Fault, crc::crc8};
use core::{fmt, str::FromStr};

/// The ROM commands. DS18B20, "ROM Commands"; the overdrive ones: DS2431, "ROM Function Commands".
pub(crate) mod command {
    pub(crate) const SEARCH: u8 = 0xf0;
    pub(crate) const ALARM_SEARCH: u8 = 0xec;
    pub(crate) const READ: u8 = 0x33;
    pub(crate) const MATCH: u8 = 0x55;
    pub(crate) const SKIP: u8 = 0xcc;
    pub(crate) const OVERDRIVE_SKIP: u8 = 0x3c;
    pub(crate) const OVERDRIVE_MATCH: u8 = 0x69;
}

/// A device's ROM code: family, 48-bit serial number, CRC. The CRC is right, always.
///
/// As text it is written as Linux does, `28-0000012345ab`: the family, then the serial number with its most
/// significant digit first. The CRC follows from these and is left out. [`FromStr`] also takes the eight bytes
/// in the order of the wire as 16 digits.
///
/// ```
/// use one_wire::Rom;
///
/// let rom: Rom = "28-00000bbb9b13".parse()?;
/// assert_eq!(rom.bytes(), [0x28, 0x13, 0x9b, 0xbb, 0x0b, 0x00, 0x00, 0x1f]);
/// assert_eq!("28139bbb0b00001f".parse(), Ok(rom));
/// # Ok::<(), one_wire::ParseRomError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rom([u8; 8]);

impl Rom {
    /// Takes the eight bytes in the order of the wire: family first, CRC last.
    ///
    /// # Errors
    /// [`Fault::Crc`] if the last byte is not the CRC of the first seven, or if all are zero: that passes
    /// the CRC, but is a line held low.
    pub const fn new(bytes: [u8; 8]) -> Result<Self, Fault> {
        if crc8(&bytes) != 0 || u64::from_le_bytes(bytes) == 0 {
            return Err(Fault::Crc);
        }
        Ok(Self(bytes))
    }

    /// The eight bytes in the order of the wire.
    pub const fn bytes(self) -> [u8; 8] {
        self.0
    }

    /// The family code, such as 0x28 for a DS18B20.
    pub const fn family(self) -> u8 {
        self.0[0]
    }

    /// The serial number, 48 bits.
    pub const fn serial(self) -> u64 {
        (u64::from_le_bytes(self.0) << 8) >> 16
    }
}

impl fmt::Debug for Rom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rom({self})")
    }
}

impl fmt::Display for Rom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}-{:012x}", self.family(), self.serial())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Rom {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=u8:02x}-{=u64:012x}", self.family(), self.serial());
    }
}

impl FromStr for Rom {
    type Err = ParseRomError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = match text.split_once('-') {
            Some((family, serial)) if family.len() == 2 && serial.len() == 12 => {
                let code = hex(serial)? << 8 | hex(family)?;
                let [named @ .., _] = code.to_le_bytes();
                (code | u64::from(crc8(&named)) << 56).to_le_bytes()
            }
            None if text.len() == 16 => hex(text)?.to_be_bytes(),
            _ => return Err(ParseRomError::Syntax),
        };
        Self::new(bytes).map_err(|_| ParseRomError::Crc)
    }
}

fn hex(digits: &str) -> Result<u64, ParseRomError> {
    // The integer parser would also take a sign.
    if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        u64::from_str_radix(digits, 16).map_err(|_| ParseRomError::Syntax)
    } else {
        Err(ParseRomError::Syntax)
    }
}

/// Why a text is not a ROM code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ParseRomError {
    /// Neither `28-0000012345ab` nor 16 hexadecimal digits.
    Syntax,
    /// The CRC does not match, or everything is zero.
    Crc,
}

impl fmt::Display for ParseRomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "not a ROM code such as 28-0000012345ab or 16 hexadecimal digits",
            Self::Crc => "the ROM code's CRC does not match",
        })
    }
}

impl core::error::Error for ParseRomError {}

/// How fast the slots are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Speed {
    /// Up to 16.3 kbit/s.
    #[default]
    Standard,
    /// Up to 142 kbit/s, for devices that have it.
    Overdrive,
}

/// Whom the next function command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Target {
    /// Every device (Skip ROM, 0xCC). Only one may be on the wire if an answer is to be read.
    All,
    /// The device with this ROM code (Match ROM, 0x55).
    Rom(Rom),
    /// Every device that has overdrive, from then on at that speed (Overdrive-Skip ROM, 0x3C).
    OverdriveAll,
    /// The device with this ROM code, from then on at overdrive (Overdrive-Match ROM, 0x69).
    OverdriveRom(Rom),
}
