//! Prints what a refresh costs on the bus, measured on a simulated display that reports what it is sent while busy.
//!
//! `cargo run -p cress-hd44780-i2c --example bus_cost`

use core::fmt::Write;
use hd44780_i2c::fugit::HertzU32;
use hd44780_i2c::{Config, Error, Geometry, Screen, Timing, blocking::Hd44780};

type Failure = Error<sim::I2cError>;

struct Cost {
    bytes: u64,
    transactions: u64,
    ns: u64,
    violations: usize,
}

/// What `change` costs after a first flush.
fn cost(bus_hz: u32, oscillator: u32, change: fn(&mut Screen)) -> Result<Cost, Failure> {
    let clock = sim::Clock::new();
    let bus = sim::I2cBus::new(&clock).with_frequency(bus_hz);
    let model = bus.attach(0x27, sim::Hd44780::new(20, 4).with_oscillator(oscillator));
    let mut config = Config::new(Geometry::Lcd20x4);
    let timing = Timing::new(HertzU32::from_raw(bus_hz), HertzU32::from_raw(oscillator));
    config.timing = timing.unwrap_or(Timing::FAST);
    let mut lcd = Hd44780::new(bus.handle(), clock.delay(), config);
    lcd.flush()?;
    change(&mut lcd.screen);
    bus.reset_stats();
    let begin = clock.now();
    lcd.flush()?;
    let stats = bus.stats();
    Ok(Cost {
        bytes: stats.bytes_written,
        transactions: stats.transactions,
        ns: clock.now() - begin,
        violations: model.with(|lcd| lcd.violations().len()),
    })
}

fn everything(screen: &mut Screen) {
    for code in (b'!'..).take(80) {
        screen.write_code(code);
    }
}

/// Five cells in two rows.
fn two_readings(screen: &mut Screen) {
    for (row, text) in [(0, "6.4"), (1, "85")] {
        if screen.set_position(row, 4).is_ok() && screen.write_str(text).is_err() {
            unreachable!("a framebuffer takes any text")
        }
    }
}

fn nothing(_: &mut Screen) {}

type Case = (&'static str, u32, u32, fn(&mut Screen));

const CASES: [Case; 8] = [
    ("all of 20x4", 100_000, 190_000, everything),
    ("all of 20x4", 400_000, 270_000, everything),
    ("all of 20x4", 400_000, 250_000, everything),
    ("all of 20x4", 400_000, 190_000, everything),
    ("5 cells in 2 runs", 100_000, 190_000, two_readings),
    ("5 cells in 2 runs", 400_000, 250_000, two_readings),
    ("5 cells in 2 runs", 400_000, 190_000, two_readings),
    ("nothing", 100_000, 190_000, nothing),
];

/// Milliseconds for all of 20x4 at 100 kHz and at 400 kHz. Computed from their sources by counting bytes, starts and
/// delays; not measured here.
const OTHERS: [(&str, &str, &str); 4] = [
    ("hd44780-driver 0.4", "406", "348"),
    ("lcd-lcm1602-i2c 0.3", "208", "136"),
    ("i2c-character-display 0.6", "64", "16"),
    ("duinoWitchery hd44780, I2C_LCD", "37.6", "9.4"),
];

fn main() -> Result<(), Failure> {
    println!("Measured in virtual time:\n");
    println!("| change | bus | oscillator | bytes | transactions | time | violations |");
    println!("|---|---|---|---|---|---|---|");
    for (name, bus, oscillator, change) in CASES {
        let cost = cost(bus, oscillator, change)?;
        let us = cost.ns / 1_000;
        println!(
            "| {name} | {} kHz | {} kHz | {} | {} | {}.{:02} ms | {} |",
            bus / 1_000,
            oscillator / 1_000,
            cost.bytes,
            cost.transactions,
            us / 1_000,
            us % 1_000 / 10,
            cost.violations,
        );
    }
    println!("\nOther drivers, all of 20x4, computed from their sources and not measured here:\n");
    println!("| driver | 100 kHz | 400 kHz |");
    println!("|---|---|---|");
    for (driver, slow, fast) in OTHERS {
        println!("| {driver} | {slow} ms | {fast} ms |");
    }
    Ok(())
}
