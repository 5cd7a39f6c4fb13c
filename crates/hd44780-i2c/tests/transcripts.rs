//! Literal bytes and waits, through both front ends.
//!
//! With the common wiring a byte for the expander is D7 D6 D5 D4, backlight, E, R/W, RS.
#![cfg(feature = "async")]
#![allow(clippy::unwrap_used, reason = "this is a test, helpers included")]

mod common;

use common::{Front, polled, with};
use core::fmt::Write;
use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal_mock::eh1::delay::{CheckedDelay, Transaction as Wait};
use embedded_hal_mock::eh1::i2c::{Mock, Transaction};
use hd44780_i2c::{Backpack, Config, Error, Fault, Geometry, Glyph, Screen, Slot, Timing, asynch, blocking};

const NACK: ErrorKind = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);

fn write(bytes: &[u8]) -> Transaction {
    Transaction::write(0x27, bytes.to_vec())
}

/// Runs `test` through both front ends against the same traffic and the same waits, in order.
fn run(config: Config, traffic: &[Transaction], waits: &[u32], test: impl Fn(&mut dyn Dynamic)) {
    let delays = |kind: fn(u32) -> Wait| waits.iter().map(|&us| kind(us)).collect::<Vec<_>>();
    let mut i2c = Mock::new(traffic);
    let mut delay = CheckedDelay::new(&delays(Wait::blocking_delay_us));
    test(&mut blocking::Hd44780::new(i2c.clone(), delay.clone(), config));
    i2c.done();
    delay.done();
    let mut i2c = Mock::new(traffic);
    let mut delay = CheckedDelay::new(&delays(Wait::async_delay_us));
    test(&mut asynch::Hd44780::new(i2c.clone(), delay.clone(), config));
    i2c.done();
    delay.done();
}

/// A front end over the mock.
trait Dynamic: Front<Error = Error<ErrorKind>> {}
impl<T: Front<Error = Error<ErrorKind>>> Dynamic for T {}

/// The initialisation of a display with two lines at 100 kHz, up to the clear.
fn initialisation() -> Vec<Transaction> {
    vec![
        write(&[0x08]),
        write(&[0x08, 0x3C, 0x38]),
        write(&[0x08, 0x3C, 0x38]),
        write(&[0x08, 0x3C, 0x38]),
        write(&[0x08, 0x2C, 0x28]),
        // 0x28, 0x08, 0x01
        write(&[
            0x08, 0x2C, 0x28, 0x8C, 0x88, 0x0C, 0x08, 0x8C, 0x88, 0x0C, 0x08, 0x1C, 0x18,
        ]),
    ]
}

const WAITS: [u32; 6] = [50_000, 5_000, 150, 150, 150, 2_160];

/// 0x06 and 0x0C.
const ENTRY_AND_DISPLAY: [u8; 9] = [0x08, 0x0C, 0x08, 0x6C, 0x68, 0x0C, 0x08, 0xCC, 0xC8];

fn initialised(mut rest: Vec<Transaction>) -> Vec<Transaction> {
    let mut traffic = initialisation();
    traffic.push(write(&ENTRY_AND_DISPLAY));
    traffic.append(&mut rest);
    traffic
}

/// After a first flush, `change` writes `bytes`.
fn change(geometry: impl Into<Config>, bytes: &[u8], change: impl Fn(&mut Screen)) {
    run(geometry.into(), &initialised(vec![write(bytes)]), &WAITS, |lcd| {
        lcd.flush().unwrap();
        change(lcd.screen());
        lcd.flush().unwrap();
    });
}

#[test]
fn the_first_flush_initialises() {
    run(Geometry::Lcd16x2.into(), &initialised(vec![]), &WAITS, |lcd| {
        lcd.flush().unwrap();
        lcd.flush().unwrap();
    });
}

#[test]
fn init_initialises_once_more() {
    let mut traffic = initialised(vec![]);
    traffic.append(&mut initialised(vec![]));
    run(
        Geometry::Lcd16x2.into(),
        &traffic,
        &[WAITS, WAITS].concat(),
        |lcd| {
            lcd.init().unwrap();
            lcd.init().unwrap();
        },
    );
}

#[test]
fn one_line_is_set_for_a_row_without_a_second_one() {
    let mut traffic = initialised(vec![]);
    traffic[5] = write(&[
        0x08, 0x2C, 0x28, 0x0C, 0x08, 0x0C, 0x08, 0x8C, 0x88, 0x0C, 0x08, 0x1C, 0x18,
    ]);
    run(Geometry::Lcd16x1.into(), &traffic, &WAITS, |lcd| {
        lcd.flush().unwrap();
    });
}

#[test]
fn a_faster_oscillator_shortens_the_clear() {
    let config = with(Geometry::Lcd16x2, |config| {
        config.timing = common::timing(100_000, 270_000);
    });
    run(
        config,
        &initialised(vec![]),
        &[50_000, 5_000, 150, 150, 150, 1_520],
        |lcd| lcd.flush().unwrap(),
    );
}

#[test]
fn fillers_go_before_each_byte_at_400_khz() {
    let config = with(Geometry::Lcd16x2, |config| config.timing = Timing::FAST);
    let nibble = |byte: u8| write(&[0x08, 0x08, byte | 0x0C, byte | 0x08]);
    let traffic = [
        write(&[0x08, 0x08]),
        nibble(0x30),
        nibble(0x30),
        nibble(0x30),
        nibble(0x20),
        write(&[
            0x08, 0x08, 0x2C, 0x28, 0x8C, 0x88, 0x08, 0x08, 0x0C, 0x08, 0x8C, 0x88, 0x08, 0x08, 0x0C, 0x08,
            0x1C, 0x18,
        ]),
        write(&[
            0x08, 0x08, 0x0C, 0x08, 0x6C, 0x68, 0x08, 0x08, 0x0C, 0x08, 0xCC, 0xC8, // entry, display
            0x08, 0x08, 0x8C, 0x88, 0x0C, 0x08, // address 0
            0x09, 0x09, 0x4D, 0x49, 0x1D, 0x19, // A
            0x09, 0x09, 0x4D, 0x49, 0x2D, 0x29, // B
        ]),
    ];
    run(config, &traffic, &WAITS, |lcd| {
        lcd.screen().write_str("AB").unwrap();
        lcd.flush().unwrap();
    });
}

#[test]
fn two_runs_are_one_write() {
    let bytes = [
        0x08, 0x8C, 0x88, 0x2C, 0x28, 0x09, 0x3D, 0x39, 0x7D, 0x79, // 0x82, 7
        0x08, 0xCC, 0xC8, 0x0C, 0x08, 0x09, 0x6D, 0x69, 0x1D, 0x19, // 0xC0, a
    ];
    change(Geometry::Lcd16x2, &bytes, |screen| {
        screen.set_position(0, 2).unwrap();
        screen.write_str("7\na").unwrap();
    });
}

#[test]
fn degree_is_df_in_a00() {
    let bytes = [0x08, 0x8C, 0x88, 0x0C, 0x08, 0x09, 0xDD, 0xD9, 0xFD, 0xF9];
    change(Geometry::Lcd16x2, &bytes, |screen| screen.write_str("°").unwrap());
}

#[test]
fn degree_is_b0_in_a02() {
    let bytes = [0x08, 0x8C, 0x88, 0x0C, 0x08, 0x09, 0xBD, 0xB9, 0x0D, 0x09];
    change(common::european(Geometry::Lcd16x2), &bytes, |screen| {
        screen.write_str("°").unwrap();
    });
}

#[test]
fn what_the_rom_lacks_is_the_replacement() {
    let config = with(Geometry::Lcd16x2, |config| config.replacement = 0xFF);
    let bytes = [0x08, 0x8C, 0x88, 0x0C, 0x08, 0x09, 0xFD, 0xF9, 0xFD, 0xF9];
    change(config, &bytes, |screen| screen.write_str("€").unwrap());
}

#[test]
fn a_glyph_is_written_to_its_slot_and_the_address_set_back() {
    let bytes = [
        0x08, 0x5C, 0x58, 0x0C, 0x08, // 0x50: slot 2
        0x09, 0x0D, 0x09, 0x4D, 0x49, // 0x04
        0x0D, 0x09, 0xED, 0xE9, // 0x0E
        0x1D, 0x19, 0x5D, 0x59, // 0x15
        0x0D, 0x09, 0x4D, 0x49, 0x0D, 0x09, 0x4D, 0x49, 0x0D, 0x09, 0x4D, 0x49, 0x0D, 0x09, 0x4D,
        0x49, // 0x04
        0x0D, 0x09, 0x0D, 0x09, // 0x00
        0x08, 0x8C, 0x88, 0x0C, 0x08, // 0x80
    ];
    change(Geometry::Lcd16x2, &bytes, |screen| {
        screen.define(Slot::S2, Glyph::ARROW_UP);
    });
}

#[test]
fn cursor_and_blink_set_the_address_to_the_position() {
    let bytes = [0x08, 0x0C, 0x08, 0xFC, 0xF8, 0xCC, 0xC8, 0x5C, 0x58];
    change(Geometry::Lcd16x2, &bytes, |screen| {
        screen.set_cursor(true);
        screen.set_blink(true);
        screen.set_position(1, 5).unwrap();
    });
}

#[test]
fn the_display_is_switched_off() {
    let bytes = [0x08, 0x0C, 0x08, 0x8C, 0x88];
    change(Geometry::Lcd16x2, &bytes, |screen| screen.set_display(false));
}

#[test]
fn the_backlight_is_one_byte() {
    change(Geometry::Lcd16x2, &[0x00], |screen| screen.set_backlight(false));
}

#[test]
fn the_display_is_shifted_the_shorter_way() {
    let left = [0x08, 0x1C, 0x18, 0x8C, 0x88, 0x1C, 0x18, 0x8C, 0x88];
    change(Geometry::Lcd16x2, &left, |screen| screen.set_shift(2));
    let right = [0x08, 0x1C, 0x18, 0xCC, 0xC8];
    change(Geometry::Lcd16x2, &right, |screen| screen.set_shift(39));
}

#[test]
fn another_backpack_has_its_own_bits() {
    // Data on P0 to P3, E P4, RS P6, the backlight lit by P7 low.
    let config = with(Geometry::Lcd16x2, |config| {
        config.backpack = Backpack::MJKDZ;
        config.address = 0x3F;
    });
    let write = |bytes: &[u8]| Transaction::write(0x3F, bytes.to_vec());
    let traffic = [
        write(&[0x00]),
        write(&[0x00, 0x13, 0x03]),
        write(&[0x00, 0x13, 0x03]),
        write(&[0x00, 0x13, 0x03]),
        write(&[0x00, 0x12, 0x02]),
        write(&[
            0x00, 0x12, 0x02, 0x18, 0x08, 0x10, 0x00, 0x18, 0x08, 0x10, 0x00, 0x11, 0x01,
        ]),
        write(&[
            0x00, 0x10, 0x00, 0x16, 0x06, 0x10, 0x00, 0x1C, 0x0C, // entry, display
            0x18, 0x08, 0x10, 0x00, 0x40, 0x54, 0x44, 0x51, 0x41, // address 0, A
        ]),
        write(&[0x80]),
    ];
    run(config, &traffic, &WAITS, |lcd| {
        lcd.screen().write_str("A").unwrap();
        lcd.flush().unwrap();
        lcd.screen().set_backlight(false);
        lcd.flush().unwrap();
    });
}

#[test]
fn an_mcp23008_is_configured_and_addressed_by_register() {
    // RS GP1, E GP2, data on GP3 to GP6, the backlight GP7.
    let config = with(Geometry::Lcd16x2, |config| {
        config.backpack = Backpack::ADAFRUIT_292;
    });
    let traffic = [
        write(&[0x05, 0x20]),
        write(&[0x00, 0x00]),
        write(&[0x09, 0x80]),
        write(&[0x09, 0x80, 0x9C, 0x98]),
        write(&[0x09, 0x80, 0x9C, 0x98]),
        write(&[0x09, 0x80, 0x9C, 0x98]),
        write(&[0x09, 0x80, 0x94, 0x90]),
        write(&[
            0x09, 0x80, 0x94, 0x90, 0xC4, 0xC0, 0x84, 0x80, 0xC4, 0xC0, 0x84, 0x80, 0x8C, 0x88,
        ]),
        write(&[0x09, 0x80, 0x84, 0x80, 0xB4, 0xB0, 0x84, 0x80, 0xE4, 0xE0]),
    ];
    run(config, &traffic, &WAITS, |lcd| lcd.flush().unwrap());
}

#[test]
fn a_missing_display_is_a_bus_error_and_the_next_flush_initialises() {
    let mut traffic = vec![write(&[0x08]).with_error(NACK)];
    traffic.append(&mut initialised(vec![]));
    run(Geometry::Lcd16x2.into(), &traffic, &WAITS, |lcd| {
        assert_eq!(lcd.flush(), Err(Error::Bus(NACK)));
        assert_eq!(lcd.flush(), Ok(()));
    });
}

#[test]
fn a_bus_error_in_a_run_initialises_the_next_time() {
    let run_of_two = [
        0x08, 0x8C, 0x88, 0x0C, 0x08, 0x09, 0x4D, 0x49, 0x1D, 0x19, 0x4D, 0x49, 0x2D, 0x29,
    ];
    let mut traffic = initialised(vec![write(&run_of_two).with_error(ErrorKind::Bus)]);
    traffic.append(&mut initialisation());
    traffic.push(write(&[&ENTRY_AND_DISPLAY[..], &run_of_two[1..]].concat()));
    run(
        Geometry::Lcd16x2.into(),
        &traffic,
        &[WAITS, WAITS].concat(),
        |lcd| {
            lcd.flush().unwrap();
            lcd.screen().write_str("AB").unwrap();
            assert_eq!(lcd.flush(), Err(Error::Bus(ErrorKind::Bus)));
            lcd.flush().unwrap();
        },
    );
}

/// A read of the busy flag and the address counter that gives these two bytes.
fn poll(high: u8, low: u8) -> Vec<Transaction> {
    vec![
        Transaction::transaction_start(0x27),
        write(&[0xFA, 0xFE]),
        Transaction::read(0x27, vec![high]),
        write(&[0xFA, 0xFE]),
        Transaction::read(0x27, vec![low]),
        write(&[0xFA]),
        Transaction::transaction_end(0x27),
    ]
}

#[test]
fn the_busy_flag_replaces_the_wait_after_the_clear() {
    let mut traffic = initialisation();
    traffic.append(&mut poll(0x8E, 0x0E));
    traffic.append(&mut poll(0x0E, 0x0E));
    traffic.push(write(&ENTRY_AND_DISPLAY));
    run(polled(Geometry::Lcd16x2), &traffic, &WAITS[..5], |lcd| {
        lcd.flush().unwrap();
    });
}

#[test]
fn a_controller_that_stays_busy_is_given_up_after_32_polls() {
    let mut traffic = initialisation();
    for _ in 0..32 {
        traffic.append(&mut poll(0xFE, 0xFE));
    }
    run(polled(Geometry::Lcd16x2), &traffic, &WAITS[..5], |lcd| {
        assert_eq!(lcd.flush(), Err(Error::Device(Fault::Busy)));
    });
}

#[test]
fn a_wrong_address_after_the_initialisation_is_a_fault() {
    let mut traffic = initialisation();
    traffic.append(&mut poll(0x0E, 0x1E));
    run(polled(Geometry::Lcd16x2), &traffic, &WAITS[..5], |lcd| {
        assert_eq!(lcd.flush(), Err(Error::Device(Fault::OutOfStep)));
    });
}

#[test]
fn a_wrong_address_before_a_change_initialises() {
    let first = [
        initialisation(),
        poll(0x0E, 0x0E),
        vec![write(&ENTRY_AND_DISPLAY)],
    ]
    .concat();
    let traffic = [first.clone(), poll(0x0E, 0x2E), first].concat();
    let waits = [&WAITS[..5], &WAITS[..5]].concat();
    run(polled(Geometry::Lcd16x2), &traffic, &waits, |lcd| {
        lcd.flush().unwrap();
        lcd.flush().unwrap();
    });
}

#[test]
fn the_address_counter_of_the_last_flush_is_expected() {
    // 0xC3 is set, and one cell is written: 0x44.
    let change = [0x08, 0xCC, 0xC8, 0x3C, 0x38, 0x09, 0x4D, 0x49, 0x1D, 0x19];
    let traffic = [
        initialisation(),
        poll(0x0E, 0x0E),
        vec![write(&ENTRY_AND_DISPLAY)],
        poll(0x0E, 0x0E),
        vec![write(&change)],
        poll(0x4E, 0x4E),
    ]
    .concat();
    run(polled(Geometry::Lcd16x2), &traffic, &WAITS[..5], |lcd| {
        lcd.flush().unwrap();
        lcd.screen().set_position(1, 3).unwrap();
        lcd.screen().write_str("A").unwrap();
        lcd.flush().unwrap();
        lcd.flush().unwrap();
    });
}

#[test]
fn the_address_counter_is_expected_to_begin_again_after_the_last_cell() {
    let config = polled(Geometry::Lcd40x2);
    let change = [0x08, 0xEC, 0xE8, 0x7C, 0x78, 0x09, 0x4D, 0x49, 0x1D, 0x19];
    let traffic = [
        initialisation(),
        poll(0x0E, 0x0E),
        vec![write(&ENTRY_AND_DISPLAY)],
        poll(0x0E, 0x0E),
        vec![write(&change)],
        poll(0x0E, 0x0E),
    ]
    .concat();
    run(config, &traffic, &WAITS[..5], |lcd| {
        lcd.flush().unwrap();
        lcd.screen().set_position(1, 39).unwrap();
        lcd.screen().write_str("A").unwrap();
        lcd.flush().unwrap();
        lcd.flush().unwrap();
    });
}

#[test]
fn the_busy_flag_of_an_mcp23008_is_not_read() {
    let mut config = polled(Geometry::Lcd16x2);
    config.backpack = Backpack::ADAFRUIT_292;
    config.backpack.rw = Some(hd44780_i2c::Pin::P0);
    let written = |bytes: &[u8]| Transaction::write(0x27, bytes.to_vec());
    let nibble = |high: u8, low: u8| written(&[0x09, 0x80, high, low]);
    let traffic = [
        written(&[0x05, 0x20]),
        written(&[0x00, 0x00]),
        written(&[0x09, 0x80]),
        nibble(0x9C, 0x98),
        nibble(0x9C, 0x98),
        nibble(0x9C, 0x98),
        nibble(0x94, 0x90),
        written(&[
            0x09, 0x80, 0x94, 0x90, 0xC4, 0xC0, 0x84, 0x80, 0xC4, 0xC0, 0x84, 0x80, 0x8C, 0x88,
        ]),
        written(&[0x09, 0x80, 0x84, 0x80, 0xB4, 0xB0, 0x84, 0x80, 0xE4, 0xE0]),
    ];
    run(config, &traffic, &WAITS, |lcd| lcd.flush().unwrap());
}

#[test]
fn a_flag_that_is_not_wired_is_not_read() {
    let mut backpack = Backpack::YWROBOT;
    backpack.rw = None;
    let mut config = polled(Geometry::Lcd16x2);
    config.backpack = backpack;
    run(config, &initialised(vec![]), &WAITS, |lcd| {
        lcd.flush().unwrap();
        lcd.flush().unwrap();
    });
}
