//! Function commands (DS18B20, "DS18B20 Function Commands"), which follow the addressing.

use fugit::MicrosDurationU32;

/// Starts a conversion.
pub(crate) const CONVERT_T: u8 = 0x44;
/// Writes TH, TL and, where there is one, the configuration.
pub(crate) const WRITE_SCRATCHPAD: u8 = 0x4E;
/// Reads nine bytes.
pub(crate) const READ_SCRATCHPAD: u8 = 0xBE;
/// Writes TH, TL and the configuration to the EEPROM.
pub(crate) const COPY_SCRATCHPAD: u8 = 0x48;
/// Reloads TH, TL and the configuration from the EEPROM.
pub(crate) const RECALL_E2: u8 = 0xB8;
/// One read slot follows: zero if a device takes its power from the wire.
pub(crate) const READ_POWER_SUPPLY: u8 = 0xB4;

/// EEPROM write time, DS18B20, "AC Electrical Characteristics: NV Memory", maximum.
pub(crate) const EEPROM_WRITE: MicrosDurationU32 = MicrosDurationU32::from_millis(10);
/// Between two looks whether a recall is over. The data sheet gives a recall no maximum.
pub(crate) const RECALL_INTERVAL: MicrosDurationU32 = MicrosDurationU32::from_millis(1);
/// Looks at a recall, so that it is given as long as a write.
pub(crate) const RECALL_LOOKS: u8 = 10;
