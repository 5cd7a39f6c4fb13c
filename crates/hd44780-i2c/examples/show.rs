//! Draws a simulated display in the terminal while the driver writes to it.
//!
//! `cargo run -p cress-hd44780-i2c --example show`

use core::fmt::Write;
use hd44780_i2c::{Direction, Geometry, Glyph, Slot, Wrap, blocking::Hd44780};
use std::error::Error;

const DROP: Glyph = Glyph::new([0x04, 0x04, 0x0E, 0x0E, 0x1F, 0x1F, 0x1F, 0x0E]);
const LEAF: Glyph = Glyph::new([0x00, 0x03, 0x0F, 0x1E, 0x1E, 0x1C, 0x10, 0x10]);

/// A simulated bus with a display, and the driver.
struct Stage {
    clock: sim::Clock,
    bus: sim::I2cBus,
    model: sim::I2cAttached<sim::Hd44780>,
    lcd: Hd44780<sim::I2cBus, sim::Delay>,
    /// When it was last drawn.
    shown: u64,
}

impl Stage {
    fn new() -> Self {
        let clock = sim::Clock::new();
        let bus = sim::I2cBus::new(&clock);
        let model = bus.attach(0x27, sim::Hd44780::new(20, 4));
        let lcd = Hd44780::new(bus.handle(), clock.delay(), Geometry::Lcd20x4);
        Self {
            clock,
            bus,
            model,
            lcd,
            shown: 0,
        }
    }

    /// Flushes and draws, with what was sent since it was last drawn.
    fn show(&mut self, title: &str) -> Result<(), Box<dyn Error>> {
        self.lcd.flush()?;
        let us = (self.clock.now() - self.shown) / 1_000;
        println!("{title}");
        println!("{}", self.model.with(|lcd| lcd.picture()));
        let (ms, hundredths) = (us / 1_000, us % 1_000 / 10);
        println!(
            "{} bytes, {ms}.{hundredths:02} ms\n",
            self.bus.stats().bytes_written
        );
        self.bus.reset_stats();
        self.shown = self.clock.now();
        Ok(())
    }

    /// Draws the dots of a character.
    fn dots(&self, slot: Slot) {
        for row in self.model.with(|lcd| lcd.glyph(slot.code())) {
            let dot = |bit: u8| if row >> bit & 1 == 1 { "██" } else { "  " };
            println!("  {}{}{}{}{}", dot(4), dot(3), dot(2), dot(1), dot(0));
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut stage = Stage::new();
    stage.lcd.screen.define(Slot::S0, DROP);
    stage.lcd.screen.define_char(Slot::S1, '🌿', LEAF);
    writeln!(stage.lcd.screen, "pH  6.42    🌿 day 12")?;
    write!(
        stage.lcd.screen,
        "EC  1850µS  O2 8.1mg\nwater 21.3°C\n\u{0} dosing pH down"
    )?;
    stage.show("Initialised, and everything written:")?;
    println!("Slot 0 and slot 1:");
    stage.dots(Slot::S0);
    println!();
    stage.dots(Slot::S1);
    println!();

    stage.lcd.screen.set_position(0, 4)?;
    stage.lcd.screen.write_str("6.38")?;
    stage.lcd.screen.set_position(3, 0)?;
    stage.lcd.screen.clear_to_end_of_line();
    stage.show("Two readings later, only what differs is sent:")?;

    let screen = &mut stage.lcd.screen;
    screen.clear();
    screen.write_str("Target pH\n\n      [ 6.2 ]\n→ ok      esc")?;
    screen.set_direction(Direction::RightToLeft);
    screen.set_position(2, 10)?;
    screen.set_cursor(true);
    stage.show("A menu, with the cursor where digits are entered from the right:")?;

    let screen = &mut stage.lcd.screen;
    screen.set_cursor(false);
    screen.set_direction(Direction::LeftToRight);
    screen.set_wrap(Wrap::Clip);
    screen.set_shift(8);
    stage.show(
        "Shifted by eight columns, without sending a character; rows 1 and 3 are in one circle, and 2 and 4:",
    )?;

    stage.lcd.screen.set_shift(0);
    stage.model.with(sim::Hd44780::glitch);
    stage.lcd.screen.set_backlight(false);
    stage.lcd.screen.set_position(0, 0)?;
    stage.lcd.screen.write_str("Alarm: pH")?;
    stage.show("A spike on E puts it out of step:")?;

    stage.lcd.init()?;
    stage.show("Initialised again:")?;
    Ok(())
}
