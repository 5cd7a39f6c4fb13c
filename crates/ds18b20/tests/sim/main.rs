//! Whole buses of simulated devices, which know nothing of this crate: their bits, times and CRC are their own.
#![expect(clippy::unwrap_used, reason = "a helper of a test that panics fails the test")]

mod faults;
mod makes;
mod power;
mod wire;

use ds18b20::Resolution::{self, Bits9, Bits10, Bits11, Bits12};
use ds18b20::blocking::{Ds18b20, Group};
use ds18b20::{Completion, Error, Fault, Supply};
use embedded_hal::digital::PinState;
use one_wire::blocking::OneWire;
use one_wire::gpio::{Gpio, PullupPin};
use one_wire::{Fault as Wire, Rom, Search};
use sim::{Attached, Clock, Make, Tolerance};

const TOLERANCES: [Tolerance; 3] = [Tolerance::Fastest, Tolerance::Nominal, Tolerance::Slowest];
const RESOLUTIONS: [Resolution; 4] = [Bits9, Bits10, Bits11, Bits12];

type Bus = Gpio<sim::Pin, sim::Delay, PullupPin<sim::StrongPullup>>;
type Probe = Attached<sim::Ds18b20>;

/// A wire and a host with a strong pull-up.
struct Rig {
    clock: Clock,
    wire: sim::Wire,
    bus: Bus,
}

impl Rig {
    fn new() -> Self {
        let clock = Clock::new();
        let wire = sim::Wire::new(&clock);
        wire.set_trace_limit(0);
        let pullup = PullupPin {
            pin: wire.strong_pullup(),
            on: PinState::High,
        };
        let bus = Gpio::new(wire.pin(), clock.delay()).with_pullup(pullup);
        Self { clock, wire, bus }
    }

    /// Finds every device, in the order of the search.
    fn enumerate(&mut self) -> Vec<Ds18b20> {
        let mut search = Search::all();
        let mut found = Vec::new();
        while let Some(rom) = self.bus.search(&mut search).unwrap() {
            found.push(Ds18b20::new(rom).unwrap());
        }
        found
    }
}

fn driver(probe: &Probe) -> Ds18b20 {
    Ds18b20::new(Rom::new(probe.with(|model| model.rom())).unwrap()).unwrap()
}

/// What a device at `sixteenths` shows at `resolution`: the bits below it are not there.
fn shown(sixteenths: i16, resolution: Resolution) -> i16 {
    let step = match resolution {
        Bits9 => 8,
        Bits10 => 4,
        Bits11 => 2,
        Bits12 => 1,
    };
    sixteenths.div_euclid(step) * step
}
