//! What a person sees on a simulated display.
#![cfg(feature = "async")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test, helpers included"
)]

mod common;

use common::{BACKPACKS, Bench, Failure, Front, GEOMETRIES, european, model, polled, with};
use core::fmt::Write;
use embassy_futures::{block_on, poll_once};
use embedded_hal_bus::i2c::RefCellDevice;
use hd44780_i2c::{Config, Direction, Error, Fault, Geometry, Glyph, Rom, Slot, Wrap, blocking};
use std::cell::RefCell;

type Driver = blocking::Hd44780<sim::I2cBus, sim::Delay>;

fn flushed(bench: &Bench, lcd: &mut impl Front<Error = Failure>) {
    lcd.flush().unwrap();
    assert_eq!(bench.violations(), []);
}

/// A display of two rows of 16, initialised.
fn two_rows() -> (Bench, Driver) {
    let bench = Bench::of(Geometry::Lcd16x2);
    let mut lcd = bench.blocking(Geometry::Lcd16x2);
    flushed(&bench, &mut lcd);
    (bench, lcd)
}

/// What is seen after `change`.
fn shows(change: impl FnOnce(&mut hd44780_i2c::Screen)) -> [String; 2] {
    let (bench, mut lcd) = two_rows();
    change(&mut lcd.screen);
    flushed(&bench, &mut lcd);
    bench.lines().try_into().unwrap()
}

#[test]
fn readings_are_shown_by_both_front_ends() {
    fn check(bench: &Bench, mut lcd: impl Front<Error = Failure>) {
        write!(lcd.screen(), "pH: 6.42\nEC: 1.85 mS/cm").unwrap();
        flushed(bench, &mut lcd);
        assert_eq!(bench.lines(), ["pH: 6.42        ", "EC: 1.85 mS/cm  "]);
        assert!(bench.picture().backlight);
    }
    let bench = Bench::of(Geometry::Lcd16x2);
    check(&bench, bench.blocking(Geometry::Lcd16x2));
    let bench = Bench::of(Geometry::Lcd16x2);
    check(&bench, bench.asynch(Geometry::Lcd16x2));
}

#[test]
fn every_module_shows_each_row_in_its_place() {
    for geometry in GEOMETRIES {
        let bench = Bench::of(geometry);
        let mut lcd = bench.blocking(geometry);
        // Another character in every cell: ! to p.
        let columns = geometry.columns();
        let row = |row| {
            (0..columns)
                .map(|column| char::from(b'!' + row * columns + column))
                .collect()
        };
        let rows: Vec<String> = (0..geometry.rows()).map(row).collect();
        lcd.screen.write_str(&rows.concat()).unwrap();
        flushed(&bench, &mut lcd);
        let expected: Vec<_> = rows.iter().map(|row| row.replace('\\', "?")).collect();
        assert_eq!(bench.lines(), expected, "{geometry:?}");
    }
}

#[test]
fn every_backpack_works_and_switches_its_backlight() {
    for (backpack, wiring) in BACKPACKS {
        let bench = Bench::new(100_000, model(Geometry::Lcd16x2).with_wiring(wiring));
        let mut lcd = bench.blocking(with(Geometry::Lcd16x2, |config| config.backpack = backpack));
        lcd.screen.write_str("Hello").unwrap();
        flushed(&bench, &mut lcd);
        assert_eq!(bench.lines()[0], "Hello           ", "{backpack:?}");
        assert!(bench.picture().backlight, "{backpack:?}");
        lcd.screen.set_backlight(false);
        flushed(&bench, &mut lcd);
        assert_eq!(
            bench.picture().backlight,
            backpack.backlight.is_none(),
            "{backpack:?}"
        );
        lcd.screen.write_str("!").unwrap();
        flushed(&bench, &mut lcd);
        assert_eq!(bench.lines()[0], "Hello!          ", "{backpack:?}");
        assert_eq!(
            bench.picture().backlight,
            backpack.backlight.is_none(),
            "{backpack:?}"
        );
    }
}

#[test]
fn both_roms_show_units() {
    let text = "23°C 5\u{B5}S 5\u{3BC}S ";
    assert_eq!(
        shows(|screen| screen.write_str(text).unwrap())[0],
        "23°C 5\u{B5}S 5\u{B5}S    "
    );
    let bench = Bench::new(100_000, model(Geometry::Lcd16x2).with_rom(sim::LcdRom::A02));
    let mut lcd = bench.blocking(european(Geometry::Lcd16x2));
    lcd.screen.write_str(text).unwrap();
    flushed(&bench, &mut lcd);
    assert_eq!(bench.lines()[0], "23°C 5\u{B5}S 5\u{B5}S    ");
}

/// The model has tables of its own.
#[test]
fn every_character_of_a_rom_is_the_one_that_the_module_shows() {
    for (rom, module) in [(Rom::A00, sim::LcdRom::A00), (Rom::A02, sim::LcdRom::A02)] {
        let mut known = 0;
        for code in 0x10..=0xFF {
            let sign = module.sign(code);
            if let Some(encoded) = rom.encode(sign) {
                assert_eq!(module.sign(encoded), sign, "{rom:?} {code:#04X}");
                known += usize::from(encoded == code);
            }
        }
        let expected = match rom {
            // Without the blanks, and the signs that are there twice: five letters, ⁻¹ and x with a bar.
            Rom::A00 => 95 + 63 + 1 + 24,
            // All but one of the codes from 0x10 on, which is ´ for the quotation mark.
            _ => 240,
        };
        assert_eq!(known, expected, "{rom:?}");
    }
}

#[test]
fn text_wraps_to_the_next_row_and_from_the_last_to_the_first() {
    let lines = shows(|screen| screen.write_str("0123456789abcdefGHIJKLMNOPQRSTUVxyz").unwrap());
    assert_eq!(lines, ["xyz3456789abcdef", "GHIJKLMNOPQRSTUV"]);
}

#[test]
fn a_full_row_and_a_newline_leave_no_empty_row() {
    let lines = shows(|screen| screen.write_str("0123456789abcdef\nnext").unwrap());
    assert_eq!(lines, ["0123456789abcdef", "next            "]);
}

#[test]
fn clipped_text_stays_in_its_row() {
    let lines = shows(|screen| {
        screen.set_wrap(Wrap::Clip);
        screen.write_str(&"0123456789".repeat(5)).unwrap();
        screen.write_str("\nnext").unwrap();
    });
    assert_eq!(lines, ["0123456789012345", "next            "]);
}

#[test]
fn a_shift_shows_what_is_to_the_right_of_the_visible_columns() {
    let lines = shows(|screen| {
        screen.set_wrap(Wrap::Clip);
        screen
            .write_str("0123456789abcdefghijklmnopqrstuvwxyzABCD")
            .unwrap();
        screen.set_shift(30);
    });
    assert_eq!(lines[0], "uvwxyzABCD012345");
}

#[test]
fn a_carriage_return_overwrites_the_row() {
    let lines = shows(|screen| screen.write_str("12345\rAB").unwrap());
    assert_eq!(lines[0], "AB345           ");
}

#[test]
fn the_rest_of_a_row_is_cleared() {
    let lines = shows(|screen| {
        screen.write_str("0123456789abcdef\n0123456789abcdef").unwrap();
        screen.set_position(0, 4).unwrap();
        screen.clear_to_end_of_line();
        screen.write_str("!").unwrap();
    });
    assert_eq!(lines, ["0123!           ", "0123456789abcdef"]);
}

#[test]
fn nothing_of_a_full_row_is_cleared() {
    let lines = shows(|screen| {
        screen.write_str("0123456789abcdef").unwrap();
        screen.clear_to_end_of_line();
    });
    assert_eq!(lines[0], "0123456789abcdef");
}

#[test]
fn text_runs_to_the_left() {
    let lines = shows(|screen| {
        screen.set_direction(Direction::RightToLeft);
        screen.set_position(0, 3).unwrap();
        screen.write_str("1234\n5").unwrap();
    });
    assert_eq!(lines, ["4321            ", "               5"]);
}

#[test]
fn text_that_runs_to_the_left_wraps_to_the_right_end() {
    let lines = shows(|screen| {
        screen.set_direction(Direction::RightToLeft);
        screen.set_position(0, 1).unwrap();
        screen.write_str("123").unwrap();
    });
    assert_eq!(lines, ["21              ", "               3"]);
}

#[test]
fn autoscroll_keeps_the_position_where_it_is_seen() {
    let lines = shows(|screen| {
        screen.set_wrap(Wrap::Clip);
        screen.set_position(0, 16).unwrap();
        screen.set_autoscroll(true);
        screen.write_str("abc").unwrap();
    });
    assert_eq!(lines[0], "             abc");
}

#[test]
fn autoscroll_goes_to_the_right_when_text_runs_to_the_left() {
    let lines = shows(|screen| {
        screen.set_direction(Direction::RightToLeft);
        screen.set_autoscroll(true);
        screen.set_position(0, 3).unwrap();
        screen.write_str("abc").unwrap();
    });
    assert_eq!(lines[0], "    cba         ");
}

#[test]
fn the_rest_of_a_row_is_to_the_left_when_text_runs_there() {
    let lines = shows(|screen| {
        screen.write_str("0123456789abcdef").unwrap();
        screen.set_direction(Direction::RightToLeft);
        screen.set_position(0, 4).unwrap();
        screen.clear_to_end_of_line();
    });
    assert_eq!(lines[0], "     56789abcdef");
}

#[test]
fn one_row_is_shifted_in_a_circle_of_80() {
    let bench = Bench::of(Geometry::Lcd8x1);
    let mut lcd = bench.blocking(Geometry::Lcd8x1);
    lcd.screen.set_position(0, 45).unwrap();
    lcd.screen.write_str("here").unwrap();
    lcd.screen.set_shift(44);
    flushed(&bench, &mut lcd);
    assert_eq!(bench.lines(), [" here   "]);
}

#[test]
fn a_definition_goes_before_the_rom() {
    let (bench, mut lcd) = two_rows();
    lcd.screen.define_char(Slot::S4, '°', Glyph::DEGREE);
    lcd.screen.write_str("°").unwrap();
    flushed(&bench, &mut lcd);
    assert_eq!(bench.lines()[0], "④               ");
}

#[test]
fn the_characters_0_to_7_are_the_slots_and_8_is_replaced() {
    let lines = shows(|screen| screen.write_str("\0\u{7}\u{8}").unwrap());
    assert_eq!(lines[0], "⓪⑦?             ");
}

#[test]
fn clear_blanks_and_takes_back_the_shift() {
    let lines = shows(|screen| {
        screen.write_str("something").unwrap();
        screen.set_shift(5);
        screen.clear();
        screen.write_str("x").unwrap();
    });
    assert_eq!(lines, ["x               ", "                "]);
}

#[test]
fn the_cursor_is_where_the_next_character_goes() {
    let (bench, mut lcd) = two_rows();
    lcd.screen.set_cursor(true);
    lcd.screen.write_str("set:").unwrap();
    flushed(&bench, &mut lcd);
    assert_eq!(bench.picture().cursor, Some((0, 4)));
    assert_eq!(bench.picture().blink, None);
    lcd.screen.set_cursor(false);
    lcd.screen.set_blink(true);
    lcd.screen.set_position(1, 15).unwrap();
    flushed(&bench, &mut lcd);
    assert_eq!(
        (bench.picture().cursor, bench.picture().blink),
        (None, Some((1, 15)))
    );
}

#[test]
fn a_display_that_is_off_keeps_what_it_shows() {
    let (bench, mut lcd) = two_rows();
    lcd.screen.write_str("kept").unwrap();
    lcd.screen.set_display(false);
    flushed(&bench, &mut lcd);
    assert_eq!(bench.lines()[0], "                ");
    assert!(bench.picture().backlight);
    bench.bus.reset_stats();
    lcd.screen.set_display(true);
    flushed(&bench, &mut lcd);
    assert_eq!(bench.lines()[0], "kept            ");
    assert_eq!(bench.bus.stats().bytes_written, 5);
}

#[test]
fn characters_of_ones_own_are_shown_by_number_and_by_character() {
    let (bench, mut lcd) = two_rows();
    lcd.screen
        .define(Slot::S1, Glyph::new([0, 0x0A, 0x1F, 0x1F, 0x0E, 0x04, 0, 0]));
    lcd.screen.define_char(Slot::S7, '\\', Glyph::BACKSLASH);
    lcd.screen.write_str("\u{1}\\~").unwrap();
    flushed(&bench, &mut lcd);
    assert_eq!(bench.lines()[0], "①⑦?             ");
    assert_eq!(
        bench.lcd.with(|lcd| lcd.glyph(1)),
        [0, 0x0A, 0x1F, 0x1F, 0x0E, 0x04, 0, 0]
    );
    assert_eq!(bench.lcd.with(|lcd| lcd.glyph(7)), [0, 0x10, 8, 4, 2, 1, 0, 0]);
}

#[test]
fn a_definition_is_sent_once() {
    let (bench, mut lcd) = two_rows();
    lcd.screen.define(Slot::S0, Glyph::TILDE);
    flushed(&bench, &mut lcd);
    bench.bus.reset_stats();
    lcd.screen.define(Slot::S0, Glyph::TILDE);
    flushed(&bench, &mut lcd);
    assert_eq!(bench.bus.stats().transactions, 0);
}

#[test]
fn a_position_that_is_not_there_is_refused() {
    let (_, mut lcd) = two_rows();
    let refused = Err(Fault::Position { row: 2, column: 0 });
    assert_eq!(lcd.screen.set_position(2, 0), refused);
    assert_eq!(
        lcd.screen.set_position(0, 40),
        Err(Fault::Position { row: 0, column: 40 })
    );
    assert_eq!(lcd.screen.position(), (0, 0));
}

#[test]
fn a_framebuffer_of_another_geometry_initialises() {
    let (bench, mut lcd) = two_rows();
    lcd.screen = hd44780_i2c::Screen::new(&Config::new(Geometry::Lcd16x1));
    lcd.screen.write_str("one row").unwrap();
    flushed(&bench, &mut lcd);
    // The model has two rows, of which the controller serves one.
    assert_eq!(bench.lines()[0], "one row         ");
    assert_eq!(bench.lcd.with(|lcd| lcd.code(1, 0)), None);
}

#[test]
fn a_glitch_garbles_the_display_and_init_repairs_it() {
    let (bench, mut lcd) = two_rows();
    lcd.screen.write_str("before").unwrap();
    flushed(&bench, &mut lcd);
    bench.lcd.with(sim::Hd44780::glitch);
    lcd.screen.write_str(" after").unwrap();
    lcd.flush().unwrap();
    assert_ne!(bench.lines()[0], "before after    ");
    bench.lcd.with(sim::Hd44780::clear_violations);
    lcd.init().unwrap();
    assert_eq!(bench.lines()[0], "before after    ");
    assert_eq!(bench.violations(), []);
}

#[test]
fn the_initialisation_works_after_any_number_of_lost_pulses() {
    for lost in 1..40 {
        let (bench, mut lcd) = two_rows();
        bench.lcd.with(|lcd| lcd.lose_pulses(lost));
        lcd.screen.write_str("Hydroponics").unwrap();
        lcd.screen.define(Slot::S3, Glyph::DEGREE);
        lcd.flush().unwrap();
        bench.lcd.with(|lcd| lcd.lose_pulses(0));
        lcd.init().unwrap();
        assert_eq!(bench.lines()[0], "Hydroponics     ", "{lost} lost");
    }
}

#[test]
fn with_the_busy_flag_a_glitch_is_found_and_repaired() {
    let bench = Bench::of(Geometry::Lcd20x4);
    let mut lcd = bench.blocking(polled(Geometry::Lcd20x4));
    lcd.screen.write_str("before").unwrap();
    flushed(&bench, &mut lcd);
    bench.lcd.with(sim::Hd44780::glitch);
    lcd.screen.write_str(" after").unwrap();
    lcd.flush().unwrap();
    assert_eq!(bench.lines()[0], "before after        ");
}

#[test]
fn with_the_busy_flag_nothing_is_sent_while_it_is_busy() {
    for frequency in [100_000, 400_000] {
        let slow = model(Geometry::Lcd20x4).with_oscillator(190_000);
        let bench = Bench::new(frequency, slow);
        let mut config = polled(Geometry::Lcd20x4);
        config.timing = common::timing(frequency, 190_000);
        let mut lcd = bench.blocking(config);
        lcd.screen.write_str("0123456789").unwrap();
        flushed(&bench, &mut lcd);
        assert_eq!(bench.lines()[0], "0123456789          ");
        flushed(&bench, &mut lcd);
    }
}

#[test]
fn a_controller_that_hangs_is_a_fault_in_bounded_time() {
    let bench = Bench::of(Geometry::Lcd16x2);
    let mut lcd = bench.blocking(polled(Geometry::Lcd16x2));
    flushed(&bench, &mut lcd);
    bench.lcd.with(|lcd| lcd.jam_until(u64::MAX / 2));
    let begin = bench.clock.now();
    assert_eq!(lcd.flush(), Err(Error::Device(Fault::Busy)));
    // 32 polls, the initialisation, and 32 polls of 1.14 ms.
    assert!(bench.clock.now() - begin < 140_000_000);
}

#[test]
fn every_bus_error_is_reported_and_the_next_flush_repairs() {
    for fault in [
        sim::I2cFault::AddressNack,
        sim::I2cFault::DataNack(3),
        sim::I2cFault::DataNack(8),
        sim::I2cFault::Bus,
        sim::I2cFault::ArbitrationLoss,
    ] {
        let (bench, mut lcd) = two_rows();
        lcd.screen.write_str("Hydroponics").unwrap();
        bench.bus.inject(0, fault);
        assert!(matches!(lcd.flush(), Err(Error::Bus(_))), "{fault:?}");
        lcd.flush().unwrap();
        assert_eq!(bench.lines()[0], "Hydroponics     ", "{fault:?}");
    }
}

#[test]
fn a_display_that_comes_back_shows_the_framebuffer() {
    let (bench, mut lcd) = two_rows();
    lcd.screen.write_str("Hydroponics").unwrap();
    bench.lcd.unplug();
    assert_eq!(lcd.flush(), Err(Error::Bus(sim::I2cError::AddressNack)));
    assert_eq!(lcd.flush(), Err(Error::Bus(sim::I2cError::AddressNack)));
    bench.lcd.plug();
    flushed(&bench, &mut lcd);
    assert_eq!(bench.lines()[0], "Hydroponics     ");
}

/// Drops the flush at its `point`th wait or transaction; returns false if it was done before.
fn drop_at(point: usize) -> bool {
    let bench = Bench::of(Geometry::Lcd16x2);
    let delay = bench.clock.delay();
    let mut lcd = hd44780_i2c::asynch::Hd44780::new(bench.bus.handle(), delay.clone(), Geometry::Lcd16x2);
    lcd.screen.write_str("Hydroponics").unwrap();
    bench.bus.set_yields(true);
    delay.set_yields(true);
    let mut flush = Box::pin(lcd.flush());
    let done = (0..point).any(|_| block_on(async { poll_once(&mut flush) }).is_ready());
    drop(flush);
    bench.bus.set_yields(false);
    delay.set_yields(false);
    block_on(lcd.flush()).unwrap();
    assert_eq!(bench.lines()[0], "Hydroponics     ", "dropped at {point}");
    assert_eq!(bench.violations(), [], "dropped at {point}");
    !done
}

#[test]
fn a_dropped_flush_is_repaired_by_the_next() {
    let points = (1..100).take_while(|&point| drop_at(point)).count();
    // Seven transactions and six waits.
    assert_eq!(points, 13);
}

#[test]
fn the_bus_is_given_back_and_can_be_shared() {
    let bench = Bench::of(Geometry::Lcd16x2);
    let shared = RefCell::new(bench.bus.handle());
    let device = RefCellDevice::new(&shared);
    let mut lcd = blocking::Hd44780::new(device, bench.clock.delay(), Geometry::Lcd16x2);
    lcd.screen.write_str("shared").unwrap();
    lcd.flush().unwrap();
    let (mut bus, _delay) = lcd.release();
    embedded_hal::i2c::I2c::write(&mut bus, 0x27, &[0x00]).unwrap();
    assert_eq!(bench.lines()[0], "shared          ");
    assert!(!bench.picture().backlight);
}
