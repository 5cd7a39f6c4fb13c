//! The display model against literal bytes: D7 D6 D5 D4, backlight, E, R/W, RS.

use embedded_hal::i2c::I2c;
use sim::{Hd44780, LcdFault, LcdRom, LcdWiring};

struct Bench {
    clock: sim::Clock,
    bus: sim::I2cBus,
    lcd: sim::I2cAttached<Hd44780>,
}

impl Bench {
    /// A display that has just been given power.
    fn cold(lcd: Hd44780) -> Self {
        let clock = sim::Clock::new();
        let bus = sim::I2cBus::new(&clock);
        let lcd = bus.attach(0x27, lcd);
        Self { clock, bus, lcd }
    }

    /// A display after the initialisation of the data sheet with function set `function`, cleared and on.
    fn new(lcd: Hd44780, function: u8) -> Self {
        let mut bench = Self::cold(lcd);
        bench.write(&[0x08]);
        bench.clock.advance(50_000_000);
        for nibble in [0x30, 0x30, 0x30, 0x20] {
            bench.write(&[0x08, nibble | 0x0C, nibble | 0x08]);
            bench.clock.advance(5_000_000);
        }
        bench.instruct(&[function, 0x0C, 0x01]);
        bench.clock.advance(3_000_000);
        assert_eq!(bench.faults(), []);
        bench
    }

    fn two_rows() -> Self {
        Self::new(Hd44780::new(16, 2), 0x28)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.bus.write(0x27, bytes).expect("it is there");
    }

    fn instruct(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let (high, low) = (byte & 0xF0, byte << 4);
            self.write(&[0x08, high | 0x0C, high | 0x08, low | 0x0C, low | 0x08]);
        }
    }

    fn print(&mut self, text: &[u8]) {
        for byte in text {
            let (high, low) = (byte & 0xF0, byte << 4);
            self.write(&[0x09, high | 0x0D, high | 0x09, low | 0x0D, low | 0x09]);
        }
    }

    /// Reads two nibbles with RS as in `rs`.
    fn read(&mut self, rs: u8) -> u8 {
        let mut nibble = || {
            let mut pins = [0];
            self.bus
                .write(0x27, &[0xFA | rs, 0xFE | rs])
                .expect("it is there");
            self.bus.read(0x27, &mut pins).expect("it is there");
            self.bus.write(0x27, &[0xFA | rs]).expect("it is there");
            pins[0] & 0xF0
        };
        nibble() | nibble() >> 4
    }

    fn lines(&self) -> Vec<String> {
        self.lcd.with(|lcd| lcd.picture()).lines
    }

    fn faults(&self) -> Vec<LcdFault> {
        self.lcd
            .with(|lcd| lcd.violations().iter().map(|violation| violation.fault).collect())
    }
}

const EMPTY: &str = "                ";

#[test]
fn after_power_on_it_is_dark_text_on_a_lit_backlight() {
    let bench = Bench::cold(Hd44780::new(16, 2));
    let picture = bench.lcd.with(|lcd| lcd.picture());
    assert_eq!(picture.lines, [EMPTY, EMPTY]);
    assert!(picture.backlight);
}

#[test]
fn what_is_sent_before_40_ms_is_lost() {
    let mut bench = Bench::cold(Hd44780::new(16, 2));
    bench.write(&[0x08]);
    bench.clock.advance(38_000_000);
    bench.write(&[0x08, 0x3C, 0x38]);
    assert!(matches!(bench.faults()[..], [LcdFault::Lost(_)]));
}

#[test]
fn text_appears_at_the_address() {
    let mut bench = Bench::two_rows();
    bench.print(b"Hi");
    bench.instruct(&[0xC0 | 3]);
    bench.print(b"there");
    assert_eq!(bench.lines(), ["Hi              ", "   there        "]);
    assert_eq!(bench.faults(), []);
}

#[test]
fn after_0x27_comes_0x40_and_after_0x67_comes_0() {
    let mut bench = Bench::two_rows();
    bench.instruct(&[0x80 | 0x27]);
    bench.print(b"ab");
    bench.instruct(&[0x80 | 0x67]);
    bench.print(b"cd");
    assert_eq!(bench.lines(), ["d               ", "b               "]);
}

#[test]
fn twenty_by_four_goes_from_row_0_to_row_2_to_row_1() {
    let mut bench = Bench::new(Hd44780::new(20, 4), 0x28);
    bench.print(&[b'.'; 20]);
    bench.print(b"two");
    bench.instruct(&[0x80 | 0x27]);
    bench.print(b" one");
    let lines = bench.lines();
    assert_eq!(&lines[2][..3], "two");
    assert_eq!(&lines[1][..3], "one");
}

#[test]
fn one_line_has_80_cells_and_no_second_row() {
    let mut bench = Bench::new(Hd44780::new(16, 2), 0x20);
    bench.print(b"a");
    bench.instruct(&[0x80 | 0x4F]);
    bench.print(b"bc");
    assert_eq!(bench.lines(), ["c               ", EMPTY]);
    bench.instruct(&[0x1C]);
    assert_eq!(bench.lines(), ["bc              ", EMPTY]);
}

#[test]
fn a_split_row_goes_on_at_0x40() {
    let mut bench = Bench::new(Hd44780::new(16, 1).with_split_row(), 0x28);
    bench.print(b"12345678");
    bench.instruct(&[0xC0]);
    bench.print(b"9abcdefg");
    assert_eq!(bench.lines(), ["123456789abcdefg"]);
}

#[test]
fn data_to_an_address_without_memory_is_lost() {
    let mut bench = Bench::two_rows();
    bench.instruct(&[0x80 | 0x30]);
    bench.print(b"x");
    assert_eq!(bench.faults(), [LcdFault::NoMemory(0x30)]);
}

#[test]
fn the_address_counts_down() {
    let mut bench = Bench::two_rows();
    bench.instruct(&[0x85, 0x04]);
    bench.print(b"abc");
    assert_eq!(bench.lines()[0], "   cba          ");
}

#[test]
fn the_display_follows_the_text() {
    let mut bench = Bench::two_rows();
    bench.instruct(&[0x80 | 16, 0x07]);
    bench.print(b"abc");
    assert_eq!(bench.lines()[0], "             abc");
}

#[test]
fn cursor_moves_do_not_write() {
    let mut bench = Bench::two_rows();
    bench.print(b"abc");
    bench.instruct(&[0x10, 0x10]);
    bench.print(b"x");
    bench.instruct(&[0x14]);
    bench.print(b"y");
    assert_eq!(bench.lines()[0], "axcy            ");
}

#[test]
fn the_display_shifts_in_a_circle_of_40() {
    let mut bench = Bench::two_rows();
    bench.print(b"abc");
    bench.instruct(&[0x18]);
    assert_eq!(bench.lines()[0], "bc              ");
    bench.instruct(&[0x1C, 0x1C]);
    assert_eq!(bench.lines()[0], " abc            ");
    bench.instruct(&[0x1C; 39]);
    assert_eq!(bench.lines()[0], "abc             ");
}

#[test]
fn home_takes_back_the_shift_and_the_address() {
    let mut bench = Bench::two_rows();
    bench.print(b"abc");
    bench.instruct(&[0x18, 0x02]);
    bench.clock.advance(2_000_000);
    bench.print(b"x");
    assert_eq!(bench.lines()[0], "xbc             ");
    assert_eq!(bench.faults(), []);
}

/// The violation, if any, of printing so many nanoseconds after the stop of an instruction. From E's fall to its next
/// rise there are 290 µs more, to its next fall 380 µs: stop, start, address and the bytes until then.
fn too_soon(oscillator: u32, instruction: u8, after: u64) -> Option<LcdFault> {
    let mut bench = Bench::new(Hd44780::new(16, 2).with_oscillator(oscillator), 0x28);
    bench.instruct(&[instruction]);
    bench.clock.advance(after);
    bench.print(b"x");
    bench.faults().first().copied()
}

#[test]
fn home_and_clear_take_1_52_ms() {
    for instruction in [0x01, 0x02] {
        assert_eq!(
            too_soon(270_000, instruction, 1_139_000),
            Some(LcdFault::Lost(1_000))
        );
        assert_eq!(
            too_soon(270_000, instruction, 1_229_000),
            Some(LcdFault::Early(1_000))
        );
        assert_eq!(too_soon(270_000, instruction, 1_230_000), None);
    }
}

#[test]
fn the_oscillator_scales_the_times() {
    // 2.16 ms, and 1.1726 ms.
    assert_eq!(too_soon(190_000, 0x01, 1_779_000), Some(LcdFault::Lost(1_000)));
    assert_eq!(too_soon(190_000, 0x01, 1_870_000), None);
    assert_eq!(too_soon(350_000, 0x01, 882_000), Some(LcdFault::Early(572)));
    assert_eq!(too_soon(350_000, 0x01, 883_000), None);
}

#[test]
fn a_nibble_that_is_lost_puts_the_rest_out_of_step() {
    let mut bench = Bench::two_rows();
    bench.instruct(&[0x01]);
    bench.clock.advance(1_100_000);
    // The first half of 0x41 is lost: its second half and the first one of 0x42 are 0x14.
    bench.print(b"AB");
    assert_eq!(
        bench.lcd.with(|lcd| (lcd.code(0, 0), lcd.code(0, 1))),
        (Some(0x14), Some(b' '))
    );
}

#[test]
fn at_400_khz_e_rises_too_early_after_data() {
    let mut bench = Bench::two_rows();
    bench.bus = bench.bus.handle().with_frequency(400_000);
    // One after the other without a filler: 22.5 µs of the 41 µs.
    bench.write(&[0x09, 0x4D, 0x49, 0x1D, 0x19, 0x4D, 0x49, 0x2D, 0x29]);
    assert_eq!(bench.faults(), [LcdFault::Early(18_500)]);
    assert_eq!(bench.lines()[0], "AB              ");
}

#[test]
fn at_400_khz_e_rises_too_early_after_an_instruction() {
    let mut bench = Bench::two_rows();
    bench.bus = bench.bus.handle().with_frequency(400_000);
    // 22.5 µs of the 37 µs.
    bench.write(&[0x08, 0x8C, 0x88, 0x0C, 0x08, 0x8C, 0x88, 0x1C, 0x18]);
    assert_eq!(bench.faults(), [LcdFault::Early(14_500)]);
}

#[test]
fn rs_must_not_change_when_e_rises() {
    let mut bench = Bench::two_rows();
    bench.write(&[0x4D, 0x49, 0x1D, 0x19]);
    assert_eq!(bench.faults(), [LcdFault::Setup]);
}

#[test]
fn data_must_not_change_when_e_falls() {
    let mut bench = Bench::two_rows();
    bench.write(&[0x09, 0x4D, 0x59, 0x1D, 0x19]);
    assert_eq!(bench.faults(), [LcdFault::Hold]);
    assert_eq!(bench.lines()[0], "A               ");
}

#[test]
fn e_must_be_high_for_450_ns() {
    // Nine clocks are 441 ns, and 450 ns.
    for (frequency, faults) in [(20_408_163, &[LcdFault::Short(441)][..]), (20_000_000, &[])] {
        let mut bench = Bench::two_rows();
        bench.bus = bench.bus.handle().with_frequency(frequency);
        bench.write(&[0x08, 0x0C, 0x08]);
        assert_eq!(bench.faults(), faults);
    }
}

#[test]
fn the_busy_flag_and_the_address_can_be_read() {
    let mut bench = Bench::two_rows();
    bench.print(b"abc");
    bench.instruct(&[0xC5]);
    assert_eq!(bench.read(0), 0x45);
    bench.instruct(&[0x01]);
    assert_eq!(bench.read(0), 0x80);
    bench.clock.advance(2_000_000);
    assert_eq!(bench.read(0), 0x00);
    assert_eq!(bench.faults(), []);
}

#[test]
fn data_can_be_read() {
    let mut bench = Bench::two_rows();
    bench.print(b"abc");
    bench.instruct(&[0x81]);
    assert_eq!((bench.read(1), bench.read(1)), (b'b', b'c'));
    assert_eq!(bench.read(0), 0x03);
}

#[test]
fn reading_needs_the_data_lines_let_go() {
    let mut bench = Bench::two_rows();
    bench.write(&[0x0A, 0x0E]);
    let mut pins = [0];
    bench.bus.read(0x27, &mut pins).expect("it is there");
    assert_eq!(bench.faults(), [LcdFault::Contention]);
}

#[test]
fn characters_of_the_hosts_are_kept_and_shown() {
    let mut bench = Bench::two_rows();
    bench.instruct(&[0x40 | 3 << 3]);
    bench.print(&[0x01, 0x02, 0x04, 0x08, 0x10, 0x1F, 0xFF, 0x00]);
    bench.instruct(&[0x80]);
    bench.print(&[0x03, 0x0B]);
    assert_eq!(bench.lcd.with(|lcd| lcd.glyph(3)), [1, 2, 4, 8, 16, 31, 31, 0]);
    assert_eq!(bench.lines()[0], "③③              ");
}

#[test]
fn both_roms_have_their_own_signs() {
    let codes = [0x41, 0x5C, 0x7E, 0xB0, 0xDF, 0xE4];
    let mut bench = Bench::two_rows();
    bench.print(&codes);
    assert_eq!(bench.lines()[0], "A¥→ｰ°µ          ");
    let mut bench = Bench::new(Hd44780::new(16, 2).with_rom(LcdRom::A02), 0x28);
    bench.print(&codes);
    assert_eq!(bench.lines()[0], "A\\~°ßä          ");
}

#[test]
fn cursor_and_blink_are_seen_while_the_display_is_on() {
    let mut bench = Bench::two_rows();
    bench.print(b"ab");
    bench.instruct(&[0x0E]);
    let picture = bench.lcd.with(|lcd| lcd.picture());
    assert_eq!((picture.cursor, picture.blink), (Some((0, 2)), None));
    bench.instruct(&[0x0D, 0xC0 | 4]);
    let picture = bench.lcd.with(|lcd| lcd.picture());
    assert_eq!((picture.cursor, picture.blink), (None, Some((1, 4))));
    bench.instruct(&[0x0B]);
    let picture = bench.lcd.with(|lcd| lcd.picture());
    assert_eq!((picture.cursor, picture.blink), (None, None));
    assert_eq!(picture.lines, [EMPTY, EMPTY]);
}

#[test]
fn a_glitch_is_half_a_byte() {
    let mut bench = Bench::two_rows();
    bench.lcd.with(Hd44780::glitch);
    bench.print(b"A");
    assert_ne!(bench.lines()[0], "A               ");
}

#[test]
fn lost_pulses_are_not_seen() {
    let mut bench = Bench::two_rows();
    bench.lcd.with(|lcd| lcd.lose_pulses(2));
    bench.print(b"AB");
    assert_eq!(bench.lines()[0], "B               ");
}

#[test]
fn it_forgets_without_power() {
    let mut bench = Bench::two_rows();
    bench.print(b"A");
    bench.lcd.unplug();
    let picture = bench.lcd.with(|lcd| lcd.picture());
    assert!(!picture.backlight);
    assert_eq!(picture.lines[0], EMPTY);
    bench.lcd.plug();
    assert_eq!(bench.lcd.with(|lcd| lcd.code(0, 0)), Some(b' '));
}

#[test]
fn a_backlight_may_be_active_low() {
    let mut bench = Bench::cold(Hd44780::new(16, 2).with_wiring(LcdWiring::LCM1602));
    assert!(!bench.lcd.with(|lcd| lcd.picture()).backlight);
    bench.write(&[0x00]);
    assert!(bench.lcd.with(|lcd| lcd.picture()).backlight);
}

#[test]
fn an_mcp23008_drives_nothing_until_its_pins_are_outputs() {
    let mut bench = Bench::cold(Hd44780::new(16, 2).with_wiring(LcdWiring::ADAFRUIT_292));
    bench.write(&[0x09, 0x80]);
    assert!(!bench.lcd.with(|lcd| lcd.picture()).backlight);
    bench.write(&[0x00, 0x00]);
    assert!(bench.lcd.with(|lcd| lcd.picture()).backlight);
}

#[test]
fn an_mcp23008_goes_through_its_registers_unless_told_not_to() {
    let mut bench = Bench::cold(Hd44780::new(16, 2).with_wiring(LcdWiring::ADAFRUIT_292));
    bench.write(&[0x00, 0x00]);
    // GPIO, OLAT, and then IODIR.
    bench.write(&[0x09, 0x80, 0x80, 0xFF]);
    assert!(!bench.lcd.with(|lcd| lcd.picture()).backlight);
    bench.write(&[0x05, 0x20]);
    bench.write(&[0x00, 0x00]);
    bench.write(&[0x09, 0x00, 0x80, 0x00, 0x80]);
    assert!(bench.lcd.with(|lcd| lcd.picture()).backlight);
}

#[test]
fn the_picture_is_drawn_in_a_frame() {
    let mut bench = Bench::new(Hd44780::new(8, 1), 0x20);
    bench.print(b"pH 6.42");
    bench.write(&[0x00]);
    let drawn = bench.lcd.with(|lcd| lcd.picture()).to_string();
    assert_eq!(drawn, "┌──────────┐\n│ pH 6.42  │\n└──────────┘");
}
