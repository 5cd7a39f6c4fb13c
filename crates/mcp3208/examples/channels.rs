//! Shows the channels of a simulated MCP3208 as bars in the terminal, then pulls it off the bus.
//!
//! `cargo run -p cress-mcp3208 --example channels`

use mcp3208::blocking::Mcp3208;
use mcp3208::quantity::Microvolts;
use mcp3208::{Check, Config, Input, Oversampling, PullUp};

const REFERENCE: Microvolts = Microvolts::new(3_300_000);
const WIDTH: u32 = 48;

fn main() {
    let bus = sim::SpiBus::new(&sim::Clock::new());
    let mut converter = sim::Mcp3208::new(sim::McpKind::Mcp3208);
    for (channel, microvolts) in (0..8).zip([
        0, 412_000, 825_000, 1_500_000, 1_650_000, 2_048_000, 3_000_000, 3_300_000,
    ]) {
        converter.set_microvolts(channel, microvolts);
    }
    converter.set_noise(1, 6);
    let model = bus.attach(converter);

    let config = Config {
        check: Check::Repetition,
        pull_up: PullUp::Present,
    };
    let mut adc = Mcp3208::new(model.device(), config);
    for channel in 0..8 {
        let Some(input) = Input::single(channel) else {
            continue;
        };
        match adc.read_oversampled(input, Oversampling::X64) {
            Ok(code) => {
                let lit =
                    usize::try_from(u32::from(code.get()) * WIDTH / code.full_scale()).unwrap_or_default();
                let (bar, rest) = ("█".repeat(lit), "·".repeat(WIDTH as usize - lit));
                let limit = if code.is_at_limit() { "  at its limit" } else { "" };
                let volts = code.microvolts(REFERENCE);
                println!(
                    "CH{channel} \x1b[32m{bar}\x1b[0m{rest} {:>6} {volts:>12.3}{limit}",
                    code.get()
                );
            }
            Err(error) => println!("CH{channel} \x1b[31m{error}\x1b[0m"),
        }
    }

    for (what, short) in [
        ("unplugged", None),
        ("MISO on ground", Some(sim::MisoShort::Low)),
        ("MISO on 3.3 V", Some(sim::MisoShort::High)),
        ("MISO on MOSI", Some(sim::MisoShort::Mosi)),
    ] {
        model.unplug();
        bus.set_short(short);
        if let Err(error) = adc.read(Input::CH3) {
            println!("{what:>15}: \x1b[31m{error}\x1b[0m");
        }
    }
    bus.set_short(None);
    model.plug();
    bus.flip_bit(12);
    if let Err(error) = adc.read(Input::CH3) {
        println!("{:>15}: \x1b[31m{error}\x1b[0m", "one wrong bit");
    }
}
