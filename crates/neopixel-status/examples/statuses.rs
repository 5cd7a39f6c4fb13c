//! Shows every status on eight simulated LEDs in the terminal: the first and the fifth LED over four seconds.
//!
//! `cargo run -p cress-neopixel-status --example statuses`, and with `-- play` as a film.

use neopixel_status::blocking::Neopixels;
use neopixel_status::{Budget, Encoding, Error, Instant, Part, Status, Strip, buffer_len};
use std::time::Duration;

struct Light;
impl Strip for Light {
    const PART: Part = Part::Ws2812bV5;
    const ENCODING: Encoding = Encoding::FourBits;
    const SPI_HZ: u32 = 3_200_000;
}
const LEDS: usize = 8;
const STEP: u64 = 50;

fn main() -> Result<(), Error<sim::LedError>> {
    let play = std::env::args().any(|argument| argument == "play");
    let clock = sim::Clock::new();
    let strip = sim::Ws2812::new(&clock, sim::LedPart::Ws2812bV5, 3_200_000, LEDS);
    let mut leds = Neopixels::<_, Light, LEDS, { buffer_len::<Light>(LEDS) }>::new(strip.handle());
    leds.frame()
        .set_budget(Some(Budget::new(250, Part::Ws2812bV5.current())));

    for status in Status::ALL {
        let name = format!("{status:?}");
        let before = strip.writes();
        let mut first = String::new();
        let mut fifth = String::new();
        for now in (0..80).map(|step| step * STEP) {
            clock.advance(STEP * 1_000_000);
            leds.show_status(status, Instant::from_ticks(now))?;
            let cells: Vec<String> = strip.colours().into_iter().map(cell).collect();
            first += cells.first().map_or("", String::as_str);
            fifth += cells.get(4).map_or("", String::as_str);
            if play {
                print!("\r{name:<12} {}", cells.join(" "));
                let _shown = std::io::Write::flush(&mut std::io::stdout());
                std::thread::sleep(Duration::from_millis(STEP));
            }
        }
        let lead = if play { "\r" } else { "" };
        println!("{lead}{name:<12} {first} transfers: {}", strip.writes() - before);
        println!("{:12} {fifth}", "");
    }
    println!("violations of the data sheet: {}", strip.violations().len());
    Ok(())
}

/// A block as full as the LED is bright. Terminals show dark colours darker than LEDs look.
fn cell([red, green, blue, _]: [u8; 4]) -> String {
    let block = match red.max(green).max(blue) {
        0 => "·",
        1..=63 => "░",
        64..=127 => "▒",
        128..=191 => "▓",
        _ => "█",
    };
    let seen = |part: u8| if part == 0 { 40 } else { part / 2 + 128 };
    format!(
        "\x1b[38;2;{};{};{}m{block}\x1b[0m",
        seen(red),
        seen(green),
        seen(blue)
    )
}
