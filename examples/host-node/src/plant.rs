//! The simulated plant: a reservoir, and sensor models on wires that the real drivers read bit by bit.

use embassy_futures::join::join;
use node::{Clock, Fitted, Requests, Sensors};
use node_core::{
    Config,
    config::{Device, MAX_SENSORS, Medium},
    fugit::MillisDurationU64,
};
use one_wire::gpio::Gpio;
use sim::{Attached, DhtKind, Ds18b20, Pin, Reservoir, Wire};

/// The only probe of a configuration that gives it no address.
const ANY_ROM: [u8; 8] = [0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F];
/// Probes in one reservoir do not agree: each next one is this much warmer.
const BETWEEN_PROBES_MILLI_CELSIUS: i32 = 125;

/// What a call to a pin takes: about that of a microcontroller at 125 MHz through a hardware abstraction layer.
const PIN_NS: u64 = 500;

type Bus = Gpio<Pin, sim::Delay>;

/// The simulated world, and the drivers that read it.
pub(crate) struct Plant {
    world: World,
    drivers: Fitted<Bus, Pin, sim::Delay, MAX_SENSORS>,
}

/// The models, and the water that they stand in.
struct World {
    reservoir: Reservoir,
    /// Time of day in nanoseconds at which the simulation began.
    began_ns: u64,
    probes: Vec<(Attached<Ds18b20>, Medium)>,
    climates: Vec<Attached<sim::Dht22>>,
    clock: sim::Clock,
}

impl Plant {
    /// Builds what `config` asks for: the temperature probes on one wire, each humidity sensor on one of its own.
    pub(crate) fn new(config: &Config, clock: &sim::Clock, began_ns: u64) -> Self {
        let wire = Wire::new(clock);
        let mut probes = Vec::new();
        let mut climates = Vec::new();
        let mut humid_wires: [Wire; MAX_SENSORS] = core::array::from_fn(|_| Wire::new(clock));
        let mut places = humid_wires.iter_mut();
        for sensor in &config.sensors {
            let kind = match sensor.device {
                Device::Ds18b20 => {
                    let rom = sensor.rom.map_or(ANY_ROM, one_wire::Rom::bytes);
                    probes.push((wire.attach(Ds18b20::from_rom(rom)), sensor.medium));
                    continue;
                }
                Device::Dht11 => DhtKind::Dht11,
                Device::Dht12 => DhtKind::Dht12,
                Device::Dht21 => DhtKind::Dht21,
                Device::Dht22 => DhtKind::Dht22,
            };
            climates.extend(places.next().map(|place| place.attach(sim::Dht22::of_kind(kind))));
        }
        let pins = humid_wires.map(|wire| (wire.pin().with_cost(PIN_NS), clock.delay()));
        let drivers = Fitted::new(
            config,
            Gpio::new(wire.pin().with_cost(PIN_NS), clock.delay()),
            pins,
        );
        let mut world = World {
            reservoir: Reservoir::new(20.0),
            began_ns,
            probes,
            climates,
            clock: clock.clone(),
        };
        world.turn();
        Self { world, drivers }
    }
}

impl World {
    /// Lets the world catch up with the clock.
    fn turn(&mut self) {
        self.reservoir.advance_to(self.began_ns + self.clock.now());
        let water = milli(self.reservoir.water_celsius());
        let air = milli(self.reservoir.air_celsius());
        for ((probe, medium), number) in self.probes.iter().zip(0..) {
            let medium = if *medium == Medium::Water { water } else { air };
            probe.with(|model| model.set_milli_celsius(medium + number * BETWEEN_PROBES_MILLI_CELSIUS));
        }
        let permille = u16::try_from(milli(self.reservoir.humidity_percent()) / 100).unwrap_or(0);
        for climate in &self.climates {
            climate.with(|model| model.set_reading(air, permille));
        }
    }
}

/// The sun goes on while the sensors are read.
const WORLD_STEP: MillisDurationU64 = MillisDurationU64::from_ticks(10_000);

impl Sensors for Plant {
    async fn serve(&mut self, clock: &impl Clock, requests: &Requests<'_>) -> ! {
        let Self { world, drivers } = self;
        let turning = async {
            loop {
                world.turn();
                clock.wait_until(clock.now() + WORLD_STEP).await;
            }
        };
        join(turning, drivers.serve(clock, requests)).await.1
    }
}

/// Thousandths of a temperature or a percentage, which are far from the limits of the type.
#[allow(clippy::cast_possible_truncation)]
fn milli(value: f64) -> i32 {
    (value * 1000.0).round() as i32
}
