//! Whatever is written, in whatever order: the display shows the framebuffer, nothing is sent while the controller is
//! busy, and nothing panics.
#![cfg(feature = "async")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test, helpers included"
)]

mod common;

use common::{BACKPACKS, Bench, Front, GEOMETRIES, model, timing};
use core::fmt::Write;
use hd44780_i2c::{BusyFlag, Config, Direction, Glyph, Rom, Screen, Slot, Wrap};
use proptest::prelude::*;
use proptest::sample::select;

const SLOTS: [Slot; 8] = [
    Slot::S0,
    Slot::S1,
    Slot::S2,
    Slot::S3,
    Slot::S4,
    Slot::S5,
    Slot::S6,
    Slot::S7,
];

/// Something that a user does to the framebuffer.
#[derive(Debug, Clone)]
enum Change {
    Text(String),
    Code(u8),
    Position(u8, u8),
    Clear,
    Home,
    ClearToEnd,
    Wrap(Wrap),
    Direction(Direction),
    Autoscroll(bool),
    Cursor(bool, bool),
    Display(bool),
    Backlight(bool),
    Shift(u8),
    Define(usize, [u8; 8]),
    DefineChar(usize, char, [u8; 8]),
}

impl Change {
    fn apply(&self, screen: &mut Screen) {
        match self {
            Self::Text(text) => screen.write_str(text).unwrap(),
            Self::Code(code) => screen.write_code(*code),
            // Outside is refused.
            Self::Position(row, column) => drop(screen.set_position(*row, *column)),
            Self::Clear => screen.clear(),
            Self::Home => screen.home(),
            Self::ClearToEnd => screen.clear_to_end_of_line(),
            Self::Wrap(wrap) => screen.set_wrap(*wrap),
            Self::Direction(direction) => screen.set_direction(*direction),
            Self::Autoscroll(on) => screen.set_autoscroll(*on),
            Self::Cursor(cursor, blink) => {
                screen.set_cursor(*cursor);
                screen.set_blink(*blink);
            }
            Self::Display(on) => screen.set_display(*on),
            Self::Backlight(on) => screen.set_backlight(*on),
            Self::Shift(columns) => screen.set_shift(*columns),
            Self::Define(slot, rows) => screen.define(SLOTS[*slot], Glyph::new(*rows)),
            Self::DefineChar(slot, character, rows) => {
                screen.define_char(SLOTS[*slot], *character, Glyph::new(*rows));
            }
        }
    }
}

impl Change {
    /// The dots that it gives to a slot.
    fn glyph(&self, of: usize) -> Option<[u8; 8]> {
        match self {
            Self::Define(slot, rows) | Self::DefineChar(slot, _, rows) => Some(*rows).filter(|_| *slot == of),
            _ => None,
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => any::<String>().prop_map(Change::Text),
        8 => "[ -~\n\r°µ]{0,50}".prop_map(Change::Text),
        1 => any::<u8>().prop_map(Change::Code),
        4 => (0..5_u8, 0..82_u8).prop_map(|(row, column)| Change::Position(row, column)),
        1 => Just(Change::Clear),
        1 => Just(Change::Home),
        1 => Just(Change::ClearToEnd),
        1 => select(&[Wrap::NextRow, Wrap::Clip][..]).prop_map(Change::Wrap),
        1 => select(&[Direction::LeftToRight, Direction::RightToLeft][..]).prop_map(Change::Direction),
        1 => any::<bool>().prop_map(Change::Autoscroll),
        1 => any::<(bool, bool)>().prop_map(|(cursor, blink)| Change::Cursor(cursor, blink)),
        1 => any::<bool>().prop_map(Change::Display),
        1 => any::<bool>().prop_map(Change::Backlight),
        1 => any::<u8>().prop_map(Change::Shift),
        1 => (0..8_usize, any::<[u8; 8]>()).prop_map(|(slot, rows)| Change::Define(slot, rows)),
        1 => (0..8_usize, any::<char>(), any::<[u8; 8]>())
            .prop_map(|(slot, character, rows)| Change::DefineChar(slot, character, rows)),
    ]
}

#[derive(Debug, Clone)]
struct Setup {
    config: Config,
    bus: u32,
    oscillator: u32,
    wiring: sim::LcdWiring,
}

impl Setup {
    fn bench(&self) -> Bench {
        let lcd = model(self.config.geometry).with_wiring(self.wiring);
        Bench::new(self.bus, lcd.with_oscillator(self.oscillator))
    }
}

fn setup() -> impl Strategy<Value = Setup> {
    (
        select(&GEOMETRIES[..]),
        select(&BACKPACKS[..]),
        select(&[Rom::A00, Rom::A02][..]),
        select(&[BusyFlag::Ignored, BusyFlag::Polled][..]),
        select(&[100_000, 400_000, 1_000_000][..]),
        190_000..=350_000_u32,
        any::<u8>(),
    )
        .prop_map(
            |(geometry, (backpack, wiring), rom, busy_flag, bus, oscillator, replacement)| {
                let mut config = Config::new(geometry);
                config.backpack = backpack;
                config.rom = rom;
                config.busy_flag = busy_flag;
                config.timing = timing(bus, oscillator);
                config.replacement = replacement;
                Setup {
                    config,
                    bus,
                    oscillator,
                    wiring,
                }
            },
        )
}

fn check<F: Front>(
    bench: &Bench,
    mut lcd: F,
    always_lit: bool,
    changes: &[Vec<Change>],
) -> Result<(), TestCaseError>
where
    F::Error: core::fmt::Debug,
{
    for batch in changes {
        for change in batch {
            change.apply(lcd.screen());
        }
        lcd.flush().unwrap();
        prop_assert_eq!(bench.violations(), []);
    }
    // What the model returns is shifted as what a person sees; the framebuffer is not.
    lcd.screen().set_shift(0);
    lcd.flush().unwrap();
    prop_assert_eq!(bench.difference(lcd.screen()), None);
    let all = || changes.iter().flatten().rev();
    for slot in 0..8_u8 {
        let defined = all().find_map(|change| change.glyph(slot.into()));
        if let Some(rows) = defined {
            prop_assert_eq!(bench.lcd.with(|lcd| lcd.glyph(slot)), rows.map(|row| row & 0x1F));
        }
    }
    let lit = all().find_map(|change| match change {
        Change::Backlight(on) => Some(*on),
        _ => None,
    });
    prop_assert!(bench.picture().backlight == lit.unwrap_or(true) || always_lit);
    Ok(())
}

/// Puts what a person sees together from the framebuffer.
fn seen(screen: &Screen, rom: sim::LcdRom) -> Vec<String> {
    let geometry = screen.geometry();
    let sign = |row, column| screen.code(row, column).map_or('!', |code| rom.sign(code));
    (0..geometry.rows())
        .map(|row| (0..geometry.columns()).map(|column| sign(row, column)).collect())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_display_shows_the_framebuffer(
        setup in setup(),
        changes in prop::collection::vec(prop::collection::vec(change(), 0..6), 1..5),
    ) {
        let always_lit = setup.config.backpack.backlight.is_none();
        let bench = setup.bench();
        check(&bench, bench.blocking(setup.config), always_lit, &changes)?;
        let bench = setup.bench();
        check(&bench, bench.asynch(setup.config), always_lit, &changes)?;
    }

    #[test]
    fn any_interference_is_repaired_by_init(
        setup in setup(),
        text in "[ -~]{0,80}",
        fault in prop_oneof![
            (0..40_u32).prop_map(|lost| (lost, false)),
            Just((0, true)),
        ],
    ) {
        let bench = setup.bench();
        let mut lcd = bench.blocking(setup.config);
        lcd.flush().unwrap();
        let (lost, glitch) = fault;
        bench.lcd.with(|lcd| {
            lcd.lose_pulses(lost);
            if glitch {
                lcd.glitch();
            }
        });
        lcd.screen.write_str(&text).unwrap();
        lcd.flush().unwrap();
        bench.lcd.with(|lcd| lcd.lose_pulses(0));
        lcd.init().unwrap();
        prop_assert_eq!(bench.lines(), seen(&lcd.screen, sim::LcdRom::A00));
    }

    #[test]
    fn any_failed_transaction_is_repaired_by_the_next_flush(
        setup in setup(),
        text in "[ -~]{0,80}",
        after in 0..16_u64,
        fault in prop_oneof![
            Just(sim::I2cFault::AddressNack),
            Just(sim::I2cFault::Bus),
            (0..260_usize).prop_map(sim::I2cFault::DataNack),
        ],
    ) {
        let bench = setup.bench();
        let mut lcd = bench.blocking(setup.config);
        lcd.screen.write_str(&text).unwrap();
        bench.bus.inject(after, fault);
        let failed = lcd.flush().is_err();
        prop_assert_eq!(failed, bench.bus.stats().errors > 0);
        bench.bus.clear_faults();
        lcd.flush().unwrap();
        prop_assert_eq!(bench.lines(), seen(&lcd.screen, sim::LcdRom::A00));
    }

    /// With noise in what is read, the busy flag and the address counter are wrong: still nothing hangs.
    #[test]
    fn noise_on_the_busy_flag_ends_in_bounded_time(seed: u64, ppm in 0..500_000_u32) {
        let bench = Bench::of(hd44780_i2c::Geometry::Lcd16x2);
        let mut lcd = bench.blocking(common::polled(hd44780_i2c::Geometry::Lcd16x2));
        lcd.screen.write_str("noise").unwrap();
        bench.bus.set_noise(seed, ppm);
        for _ in 0..3 {
            let begin = bench.clock.now();
            let _result = lcd.flush();
            prop_assert!(bench.clock.now() - begin < 150_000_000);
        }
        bench.bus.clear_faults();
        lcd.init().unwrap();
        prop_assert_eq!(&bench.lines()[0], "noise           ");
    }
}
