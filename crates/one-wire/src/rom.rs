//! The 64-bit ROM code that names a device, and how devices are addressed.

use crate::Fault;

/// A device's ROM code: family, 48-bit serial number, CRC. The CRC is right, always.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rom([u8; 8]);

impl Rom {
    /// Takes the eight bytes in the order of the wire: family first, CRC last.
    ///
    /// # Errors
    /// [`Fault::Crc`] if the last byte is not the CRC of the first seven, or if all are zero: that passes
    /// the CRC, but is a line held low.
    pub const fn new(bytes: [u8; 8]) -> Result<Self, Fault> {
        let _ = bytes;
        todo!()
    }

    /// The eight bytes in the order of the wire.
    pub const fn bytes(self) -> [u8; 8] {
        self.0
    }

    /// The family code, such as 0x28 for a DS18B20.
    pub const fn family(self) -> u8 {
        self.0[0]
    }
}

impl core::fmt::Debug for Rom {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Rom({:02x?})", self.0)
    }
}

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
