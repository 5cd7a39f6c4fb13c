//! Whatever a host sends, a circuit answers in one of its ways.

use embedded_hal::i2c::I2c;
use embedded_io::{Read, ReadReady, Write};
use proptest::prelude::*;
use sim::{Clock, Ezo, EzoKind, I2cBus, Serial};

fn kind() -> impl Strategy<Value = EzoKind> {
    proptest::sample::select(EzoKind::ALL.to_vec())
}

/// A word that some circuit knows, or any bytes.
fn word() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "R", "RT", "T", "Cal", "mid", "low", "high", "dry", "clear", "?", "0", "1", "7", "-1", "1e9",
        "99999999", "O", "EC", "K", "S", "P", "D", "*", "-*", "DC", "X", "M", "all", "U", "Dec", "Alarm",
        "en", "tol", "Import", "Export", "Name", "L", "C", "*OK", "Plock", "Find", "Status", "i", "Invert",
        "Dstart", "off", "Tcal", "Frp", "Vp", "CF",
    ];
    prop_oneof![
        8 => proptest::sample::select(known.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
    ]
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(word(), 1..5).prop_map(|words| words.join(&b','))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_frame_has_a_known_status(kind in kind(), lines in proptest::collection::vec(line(), 1..20)) {
        let clock = Clock::new();
        let mut bus = I2cBus::new(&clock);
        bus.attach(99, Ezo::new(&clock, kind));
        for line in lines {
            bus.write(99, &line).unwrap();
            clock.advance(2_000_000_000);
            let mut frame = [0xAA; 8];
            bus.read(99, &mut frame).unwrap();
            prop_assert!([1, 2, 255].contains(&frame[0]), "{frame:?}");
        }
    }

    #[test]
    fn every_line_is_ascii_and_ends(kind in kind(), lines in proptest::collection::vec(line(), 1..20)) {
        let clock = Clock::new();
        let mut serial = Serial::new(&clock, Ezo::new(&clock, kind));
        serial.set_fifo_depth(100_000);
        let mut received = Vec::new();
        for line in lines {
            serial.write_all(&line).unwrap();
            serial.write_all(b"\r").unwrap();
            clock.advance(3_500_000_000);
        }
        serial.write_all(b"C,0\r").unwrap();
        clock.advance(60_000_000_000);
        while serial.read_ready().unwrap() {
            let mut byte = [0];
            serial.read_exact(&mut byte).unwrap();
            received.push(byte[0]);
        }
        prop_assert_eq!(received.last(), Some(&b'\r'));
        prop_assert!(received.iter().all(|&byte| byte == b'\r' || (0x20..0x7F).contains(&byte) || byte == 0xB5));
    }
}
