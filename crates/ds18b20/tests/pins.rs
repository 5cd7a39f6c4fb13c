//! A whole measurement at the level of the pin: every edge and every microsecond, with the slots of AN126.
#![expect(clippy::unwrap_used, reason = "a helper of a test that panics fails the test")]

use ds18b20::{Family, Supply, Temperature};
use embedded_hal::digital::PinState;
use embedded_hal_mock::eh1::delay::{CheckedDelay, Transaction as Delay};
use embedded_hal_mock::eh1::digital::{Mock as Pin, State, Transaction as Edge};
use one_wire::gpio::{Gpio, PullupPin, StrongPullup};
use one_wire::{Speed, Timing, Wait};

const AN126: Timing = Timing {
    reset_low: Wait::Us(480),
    presence_first: Wait::Us(70),
    presence_looks: 1,
    reset_rest: Wait::Us(410),
    write_one_low: Wait::Us(6),
    write_one_rest: Wait::Us(64),
    write_zero_low: Wait::Us(60),
    write_zero_rest: Wait::Us(10),
    read_low: Wait::Us(6),
    read_sample: Wait::Us(9),
    read_rest: Wait::Us(55),
    ..Timing::STANDARD
};

/// What a pin and a delay see.
#[derive(Default)]
struct Wire {
    edges: Vec<Edge>,
    delays: Vec<Delay>,
}

impl Wire {
    fn low(&mut self, micros: u32) {
        self.edges.push(Edge::set(State::Low));
        self.wait(micros);
    }

    fn high(&mut self) {
        self.edges.push(Edge::set(State::High));
    }

    fn look(&mut self, state: State) {
        self.edges.push(Edge::get(state));
    }

    fn wait(&mut self, micros: u32) {
        self.delays.push(Delay::delay_us(micros));
    }

    /// A reset that is answered by a presence pulse.
    fn reset(&mut self) {
        self.look(State::High);
        self.low(480);
        self.look(State::Low);
        self.high();
        self.wait(70);
        self.look(State::Low);
        self.wait(410);
        self.look(State::High);
    }

    fn write(&mut self, bits: &str) {
        for bit in bits.chars().filter(|bit| *bit != ' ') {
            let (low, rest) = if bit == '1' { (6, 64) } else { (60, 10) };
            self.low(low);
            self.high();
            self.wait(rest);
        }
    }

    fn read(&mut self, bits: &str) {
        for bit in bits.chars().filter(|bit| *bit != ' ') {
            self.low(6);
            self.high();
            self.wait(9);
            self.look(if bit == '1' { State::High } else { State::Low });
            self.wait(55);
        }
    }
}

// As they go over the wire, least significant bit first.
const SKIP_ROM: &str = "0011 0011";
const CONVERT_T: &str = "0010 0010";
const READ_SCRATCHPAD: &str = "0111 1101";
/// 5E FF 4B 46 7F FF 02 10 B6: −10.125 °C at 12 bits.
const COLD: &str =
    "0111 1010  1111 1111  1101 0010  0110 0010  1111 1110  1111 1111  0100 0000  0000 1000  0110 1101";

fn reading(wire: &mut Wire) {
    wire.reset();
    wire.write(SKIP_ROM);
    wire.write(READ_SCRATCHPAD);
    wire.read(COLD);
}

/// Measures with both front ends.
fn measure<S: StrongPullup<Pin>>(wire: &Wire, supply: Supply, mut pullup: impl FnMut() -> (S, Vec<Pin>)) {
    let check = |measure: &dyn Fn(&mut Gpio<Pin, CheckedDelay, S>) -> Temperature,
                 (pullup, others): (S, Vec<Pin>)| {
        let (mut pin, mut delay) = (Pin::new(&wire.edges), CheckedDelay::new(&wire.delays));
        let mut bus = Gpio::new(pin.clone(), delay.clone())
            .with_timing(Speed::Standard, AN126)
            .with_pullup(pullup);
        assert_eq!(measure(&mut bus).milli_celsius().get(), -10_125);
        pin.done();
        delay.done();
        for mut pin in others {
            pin.done();
        }
    };
    check(
        &|bus| {
            let mut sensor = ds18b20::blocking::Ds18b20::single_drop(Family::Ds18b20);
            sensor.set_supply(supply);
            sensor.measure(bus).unwrap()
        },
        pullup(),
    );
    #[cfg(feature = "async")]
    check(
        &|bus| {
            let mut sensor = ds18b20::asynch::Ds18b20::single_drop(Family::Ds18b20);
            sensor.set_supply(supply);
            embassy_futures::block_on(sensor.measure(bus)).unwrap()
        },
        pullup(),
    );
}

#[test]
fn measurement_with_a_supply_of_its_own() {
    let mut wire = Wire::default();
    wire.reset();
    wire.write(SKIP_ROM);
    wire.write(CONVERT_T);
    wire.read("0000 0000");
    wire.wait(750_000);
    reading(&mut wire);
    measure(&wire, Supply::External, || (one_wire::gpio::NoPullup, Vec::new()));
}

#[test]
fn measurement_with_parasite_power() {
    let mut wire = Wire::default();
    wire.reset();
    wire.write(SKIP_ROM);
    wire.write(CONVERT_T);
    wire.wait(750_000);
    reading(&mut wire);
    measure(&wire, Supply::Parasite, || {
        let pin = Pin::new(&[Edge::set(State::Low), Edge::set(State::High)]);
        (
            PullupPin {
                pin: pin.clone(),
                on: PinState::Low,
            },
            vec![pin],
        )
    });
}
