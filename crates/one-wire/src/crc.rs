//! The two checksums of 1-Wire devices.
//!
//! Each comes in two forms with the same result: by bits (no table, some 40 bytes of code) and by table
//! (one look-up per byte, 256 or 512 bytes of flash, which the linker drops if the function is not used).

/// CRC-8 of ROM codes and scratchpads: x⁸ + x⁵ + x⁴ + 1, least significant bit first, initially zero.
///
/// Data followed by its CRC has the CRC zero; so has any number of zeros.
///
/// ```
/// assert_eq!(one_wire::crc::crc8(&[0x28, 0x13, 0x9b, 0xbb, 0x0b, 0x00, 0x00]), 0x1f);
/// ```
pub const fn crc8(mut bytes: &[u8]) -> u8 {
    let mut crc = 0;
    while let [byte, rest @ ..] = bytes {
        crc = shift8(crc ^ *byte);
        bytes = rest;
    }
    crc
}

/// [`crc8`] by table.
pub const fn crc8_by_table(mut bytes: &[u8]) -> u8 {
    let mut crc = 0;
    while let [byte, rest @ ..] = bytes {
        crc = entry8(crc ^ *byte);
        bytes = rest;
    }
    crc
}

/// CRC-16 of 1-Wire memories and switches: x¹⁶ + x¹⁵ + x² + 1, least significant bit first, initially zero.
///
/// Devices send it inverted, least significant byte first: data followed by that has the CRC 0xB001.
pub const fn crc16(mut bytes: &[u8]) -> u16 {
    let mut crc: u16 = 0;
    while let [byte, rest @ ..] = bytes {
        crc = shift16(crc ^ *byte as u16);
        bytes = rest;
    }
    crc
}

/// [`crc16`] by table.
pub const fn crc16_by_table(mut bytes: &[u8]) -> u16 {
    let mut crc: u16 = 0;
    while let [byte, rest @ ..] = bytes {
        let [low, high] = crc.to_le_bytes();
        crc = entry16(low ^ *byte) ^ high as u16;
        bytes = rest;
    }
    crc
}

const fn shift8(mut crc: u8) -> u8 {
    let mut bits = 0;
    while bits < 8 {
        crc = if crc & 1 == 1 { crc >> 1 ^ 0x8c } else { crc >> 1 };
        bits += 1;
    }
    crc
}

const fn shift16(mut crc: u16) -> u16 {
    let mut bits = 0;
    while bits < 8 {
        crc = if crc & 1 == 1 { crc >> 1 ^ 0xa001 } else { crc >> 1 };
        bits += 1;
    }
    crc
}

#[expect(
    clippy::indexing_slicing,
    reason = "a byte is always an index into 256 entries"
)]
const fn entry8(index: u8) -> u8 {
    static TABLE: [u8; 256] = {
        let mut table = [0; 256];
        let mut byte: u8 = 0;
        loop {
            table[byte as usize] = shift8(byte);
            byte = match byte.checked_add(1) {
                Some(next) => next,
                None => break table,
            };
        }
    };
    TABLE[index as usize]
}

#[expect(
    clippy::indexing_slicing,
    reason = "a byte is always an index into 256 entries"
)]
const fn entry16(index: u8) -> u16 {
    static TABLE: [u16; 256] = {
        let mut table = [0; 256];
        let mut byte: u8 = 0;
        loop {
            table[byte as usize] = shift16(byte as u16);
            byte = match byte.checked_add(1) {
                Some(next) => next,
                None => break table,
            };
        }
    };
    TABLE[index as usize]
}
