//! At the level of the pin: every edge, every look and every wait at standard speed, by both front ends.

use embedded_hal_mock::eh1::MockError;
use embedded_hal_mock::eh1::delay::{CheckedDelay, Transaction as Delay};
use embedded_hal_mock::eh1::digital::{Mock as Pin, State, Transaction as Edge};
use one_wire::gpio::Gpio;
use one_wire::{Error, Fault, blocking::OneWire};

type Bus = Gpio<Pin, CheckedDelay>;
type Outcome<T> = Result<T, Error<MockError>>;

/// A wait, in microseconds.
#[derive(Clone, Copy)]
enum Wait {
    /// While the line is low or about to be looked at.
    Exact(u32),
    /// The rest of a slot, which the async front end awaits.
    Rest(u32),
}

/// What a pin and a delay see.
#[derive(Default)]
struct Wire {
    edges: Vec<Edge>,
    waits: Vec<Wait>,
}

impl Wire {
    fn look(&mut self, state: State) {
        self.edges.push(Edge::get(state));
    }

    fn low(&mut self, micros: u32) {
        self.edges.push(Edge::set(State::Low));
        self.waits.push(Wait::Exact(micros));
    }

    fn high(&mut self) {
        self.edges.push(Edge::set(State::High));
    }

    /// Eight looks for a presence pulse, 30 to 100 µs after the reset pulse; it is seen in those that are `low`.
    fn reset(&mut self, low: core::ops::Range<u32>) {
        self.look(State::High);
        self.low(490);
        self.look(State::Low);
        self.high();
        for look in 0..8 {
            self.waits.push(Wait::Exact(if look == 0 { 30 } else { 10 }));
            self.look(if low.contains(&look) {
                State::Low
            } else {
                State::High
            });
        }
        self.waits.push(Wait::Rest(390));
        self.look(State::High);
    }

    fn write_one(&mut self) {
        self.low(6);
        self.high();
        self.waits.push(Wait::Rest(64));
    }

    fn write_zero(&mut self) {
        self.low(65);
        self.high();
        self.waits.push(Wait::Rest(10));
    }

    fn read(&mut self, state: State) {
        self.low(3);
        self.high();
        self.waits.push(Wait::Exact(8));
        self.look(state);
        self.waits.push(Wait::Rest(53));
    }

    /// Plays this to a bus, and makes sure that nothing is left of it.
    fn play<T>(&self, rest: fn(u32) -> Delay, act: impl FnOnce(&mut Bus) -> T) -> T {
        let delays = self.waits.iter().map(|&wait| match wait {
            Wait::Exact(micros) => Delay::blocking_delay_us(micros),
            Wait::Rest(micros) => rest(micros),
        });
        let delays: Vec<_> = delays.collect();
        let (mut pin, mut delay) = (Pin::new(&self.edges), CheckedDelay::new(&delays));
        let outcome = act(&mut Gpio::new(pin.clone(), delay.clone()));
        pin.done();
        delay.done();
        outcome
    }
}

/// Makes the same call of both front ends, which must not differ.
macro_rules! call {
    ($wire:expr, $method:ident($($argument:expr)?)) => {{
        let outcome = $wire.play(Delay::blocking_delay_us, |bus| bus.$method($($argument)?));
        #[cfg(feature = "async")]
        assert_eq!(
            $wire.play(Delay::async_delay_us, |bus| {
                embassy_futures::block_on(one_wire::asynch::OneWire::$method(bus $(, $argument)?))
            }),
            outcome
        );
        outcome
    }};
}

#[test]
fn reset_that_is_answered() {
    for first in 0..8 {
        let mut wire = Wire::default();
        wire.reset(first..first + 6);
        let outcome: Outcome<()> = call!(wire, reset());
        assert_eq!(outcome, Ok(()), "a presence pulse from look {first} on");
    }
}

#[test]
fn reset_that_nobody_answers() {
    let mut wire = Wire::default();
    wire.reset(0..0);
    assert_eq!(call!(wire, reset()), Err(Error::Wire(Fault::NoPresence)));
}

#[test]
fn one_is_written_with_6_us_low() {
    let mut wire = Wire::default();
    wire.write_one();
    call!(wire, write_bit(true)).unwrap();
}

#[test]
fn zero_is_written_with_65_us_low() {
    let mut wire = Wire::default();
    wire.write_zero();
    call!(wire, write_bit(false)).unwrap();
}

#[test]
fn bit_is_read_11_us_after_the_falling_edge() {
    for (state, bit) in [(State::Low, false), (State::High, true)] {
        let mut wire = Wire::default();
        wire.read(state);
        assert_eq!(call!(wire, read_bit()), Ok(bit));
    }
}

#[test]
fn byte_goes_out_least_significant_bit_first() {
    // 0x44, Convert T.
    let mut wire = Wire::default();
    for bit in "0010 0010".chars() {
        match bit {
            '1' => wire.write_one(),
            '0' => wire.write_zero(),
            _ => {}
        }
    }
    call!(wire, write_byte(0x44)).unwrap();
}

#[test]
fn error_of_the_pin_in_a_slot_is_kept_and_the_line_released() {
    let broken = MockError::Io(std::io::ErrorKind::NotConnected);
    let mut wire = Wire::default();
    wire.edges.push(Edge::set(State::Low).with_error(broken.clone()));
    wire.high();
    assert_eq!(call!(wire, read_bit()), Err(Error::Bus(broken)));
}
