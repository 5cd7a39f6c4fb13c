//! ROM codes and checksums, with vectors from the data sheets and from the catalogue of CRCs.

use one_wire::{
    Error, Fault, ParseRomError, Rom,
    crc::{crc8, crc8_by_table, crc16, crc16_by_table},
};
use proptest::prelude::*;

/// Scratchpads and ROM codes of real devices, and the check value of CRC-8/MAXIM-DOW.
#[test]
fn crc8_of_known_data() {
    for (data, crc) in [
        (&[0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10][..], 0x1c),
        (&[0x50, 0x05, 0x55, 0x00, 0x7f, 0xff, 0x0c, 0x10], 0x21),
        (&[0x50, 0x05, 0x55, 0xaa, 0x7f, 0xff, 0x0c, 0x10], 0xaf),
        (&[0x90, 0x01, 0x55, 0x05, 0x7f, 0x7e, 0x81, 0x66], 0x96),
        (&[0x28, 0x13, 0x9b, 0xbb, 0x0b, 0x00, 0x00], 0x1f),
        (&[0x28, 0xca, 0xd6, 0x10, 0x10, 0x00, 0x00], 0xfe),
        (&[0x28, 0xff, 0x64, 0x1d, 0xcd, 0x96, 0xf2], 0x01),
        (b"123456789", 0xa1),
        (&[0x00; 7], 0x00),
        (&[], 0x00),
    ] {
        assert_eq!(crc8(data), crc, "{data:02x?}");
        assert_eq!(crc8_by_table(data), crc, "{data:02x?}");
    }
}

/// The check value of CRC-16/ARC, and that of CRC-16/MAXIM-DOW, which is its inverse.
#[test]
fn crc16_of_known_data() {
    for crc16 in [crc16, crc16_by_table] {
        assert_eq!(crc16(b"123456789"), 0xbb3d);
        assert_eq!(!crc16(b"123456789"), 0x44c2);
        assert_eq!(crc16(&[]), 0x0000);
    }
}

#[test]
fn data_with_its_inverted_crc16_has_the_documented_remainder() {
    for crc16 in [crc16, crc16_by_table] {
        assert_eq!(crc16(b"123456789\xc2\x44"), 0xb001);
    }
}

proptest! {
    #[test]
    fn bits_and_tables_agree(data: Vec<u8>) {
        prop_assert_eq!(crc8(&data), crc8_by_table(&data));
        prop_assert_eq!(crc16(&data), crc16_by_table(&data));
    }

    #[test]
    fn text_of_a_rom_code_is_that_rom_code(family: u8, serial in 1_u64..1 << 48) {
        let text = format!("{family:02x}-{serial:012x}");
        let rom: Rom = text.parse().expect("not zero");
        prop_assert_eq!((rom.family(), rom.serial()), (family, serial));
        prop_assert_eq!(rom.to_string(), text);
    }

    #[test]
    fn any_text_is_a_rom_code_or_an_error(text: String) {
        let _: Result<Rom, ParseRomError> = text.parse();
    }
}

#[test]
fn rom_code_is_written_as_linux_does() {
    let rom = Rom::new([0x28, 0xff, 0x64, 0x1d, 0xcd, 0x96, 0xf2, 0x01]);
    assert_eq!(rom.map(|rom| rom.to_string()), Ok("28-f296cd1d64ff".to_owned()));
    assert_eq!(
        rom.map(|rom| format!("{rom:?}")),
        Ok("Rom(28-f296cd1d64ff)".to_owned())
    );
}

#[test]
fn rom_code_is_read_in_either_form() {
    let rom = Rom::new([0x28, 0xff, 0x64, 0x1d, 0xcd, 0x96, 0xf2, 0x01]).map_err(|_| ParseRomError::Crc);
    for text in [
        "28-f296cd1d64ff",
        "28-F296CD1D64FF",
        "28ff641dcd96f201",
        "28FF641DCD96F201",
    ] {
        assert_eq!(text.parse(), rom, "{text}");
    }
}

#[test]
fn rom_code_has_a_family_and_a_serial_number() {
    let rom = Rom::new([0x28, 0x13, 0x9b, 0xbb, 0x0b, 0x00, 0x00, 0x1f]);
    assert_eq!(rom.map(Rom::family), Ok(0x28));
    assert_eq!(rom.map(Rom::serial), Ok(0x0bbb_9b13));
}

#[test]
fn text_that_is_no_rom_code_is_refused() {
    for text in [
        "",
        "-",
        "28",
        "28-",
        "28-f296cd1d64f",
        "28-f296cd1d64ff0",
        "2-8f296cd1d64ff",
        "28f296cd1d64ff-",
        "28-f296cd1d64fg",
        "+8-f296cd1d64ff",
        "28-+296cd1d64ff",
        "28ff641dcd96f20",
        "28ff641dcd96f2010",
        "+8ff641dcd96f201",
        " 28-f296cd1d64ff",
        "28-f296-d1d64ff",
        "28.f296cd1d64ff",
        "2ä-f296cd1d64ff",
    ] {
        assert_eq!(text.parse::<Rom>(), Err(ParseRomError::Syntax), "{text:?}");
    }
}

#[test]
fn rom_code_with_a_wrong_bit_is_refused() {
    for bit in 0..64 {
        let bytes =
            (u64::from_le_bytes([0x28, 0x13, 0x9b, 0xbb, 0x0b, 0x00, 0x00, 0x1f]) ^ 1 << bit).to_le_bytes();
        assert_eq!(Rom::new(bytes), Err(Fault::Crc), "bit {bit}");
    }
    assert_eq!("28139bbb0b00001e".parse::<Rom>(), Err(ParseRomError::Crc));
}

#[test]
fn zeros_are_no_rom_code_though_their_crc_is_right() {
    assert_eq!(Rom::new([0x00; 8]), Err(Fault::Crc));
    assert_eq!("00-000000000000".parse::<Rom>(), Err(ParseRomError::Crc));
    assert_eq!("0000000000000000".parse::<Rom>(), Err(ParseRomError::Crc));
}

#[test]
fn ones_are_no_rom_code() {
    assert_eq!(Rom::new([0xff; 8]), Err(Fault::Crc));
}

#[test]
fn errors_say_which_fault_it_was() {
    assert_eq!(
        Error::<()>::Wire(Fault::StuckLow).to_string(),
        "the 1-Wire line is held low"
    );
    assert_eq!(Error::Bus("nack").to_string(), "1-Wire bus error: \"nack\"");
}
