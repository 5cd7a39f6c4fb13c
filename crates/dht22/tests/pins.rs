//! At the level of the pin: every look, every edge and every wait, by both front ends.

use dht22::{Error, Fault, Instant, Model, Reading, blocking};
use embedded_hal_mock::eh1::MockError;
use embedded_hal_mock::eh1::delay::{CheckedDelay, Transaction as Delay};
use embedded_hal_mock::eh1::digital::{Mock as Pin, State, Transaction as Edge};

type Outcome = Result<Reading, Error<MockError>>;

/// What a pin and a delay see.
#[derive(Default)]
struct Wire {
    edges: Vec<Edge>,
    /// Waits that the async front end awaits.
    awaited: Vec<u32>,
    /// Waits between looks at a sensor that has not answered, which block in either.
    blocked: Vec<u32>,
}

impl Wire {
    /// The line is high, is held low for so many microseconds, and let go.
    fn started(micros: u32) -> Self {
        let mut wire = Self::default();
        wire.edges.push(Edge::set(State::High));
        wire.look(State::High, 1);
        wire.edges.push(Edge::set(State::Low));
        wire.awaited.push(micros);
        wire.edges.push(Edge::set(State::High));
        wire
    }

    fn look(&mut self, state: State, times: usize) {
        self.edges
            .extend(std::iter::repeat_with(|| Edge::get(state)).take(times));
    }

    /// Looks, each after a wait of 2 µs.
    fn look_slowly(&mut self, state: State, times: usize) {
        self.blocked.extend([2].repeat(times));
        self.look(state, times);
    }

    /// Frame 02 8C 01 5F EE, a poll every 10 µs: 3 of silence, a response of 8 and 8, bits of 5 and 3 or 7. Each level
    /// is told by the first look at the next.
    fn answered(&mut self) {
        self.look(State::High, 3);
        self.look(State::Low, 8);
        self.look(State::High, 8);
        for bit in "0000 0010 1000 1100 0000 0001 0101 1111 1110 1110".chars() {
            let high = match bit {
                '0' => 3,
                '1' => 7,
                _ => continue,
            };
            self.look(State::Low, 5);
            self.look(State::High, high);
        }
        self.look(State::Low, 1);
    }

    /// Reads with both front ends, which must not differ, nor leave anything undone.
    fn read(mut self, model: Model) -> Outcome {
        // Whatever the outcome, the line is let go.
        self.edges.push(Edge::set(State::High));
        let outcome = self.read_blocking(model);
        #[cfg(feature = "async")]
        assert_eq!(self.read_async(model), outcome);
        outcome
    }

    fn read_blocking(&self, model: Model) -> Outcome {
        let delays = self.awaited.iter().chain(&self.blocked);
        let delays: Vec<_> = delays.map(|&micros| Delay::delay_us(micros)).collect();
        let (mut pin, mut delay) = (Pin::new(&self.edges), CheckedDelay::new(&delays));
        let outcome =
            blocking::Dht22::new(pin.clone(), delay.clone(), model).read(Instant::from_ticks(2_000));
        pin.done();
        delay.done();
        outcome
    }

    #[cfg(feature = "async")]
    fn read_async(&self, model: Model) -> Outcome {
        let awaited = self.awaited.iter().map(|&micros| Delay::async_delay_us(micros));
        let blocked = self
            .blocked
            .iter()
            .map(|&micros| Delay::blocking_delay_us(micros));
        let delays: Vec<_> = awaited.chain(blocked).collect();
        let (mut pin, mut delay) = (Pin::new(&self.edges), CheckedDelay::new(&delays));
        let mut driver = dht22::asynch::Dht22::new(pin.clone(), delay.clone(), model);
        let outcome = embassy_futures::block_on(driver.read(Instant::from_ticks(2_000)));
        pin.done();
        delay.done();
        outcome
    }
}

#[test]
fn reading_of_a_dht22() {
    let mut wire = Wire::started(1_100);
    wire.answered();
    let reading = wire.read(Model::Dht22).unwrap();
    assert_eq!((reading.temperature.get(), reading.humidity.get()), (35_100, 652));
}

#[test]
fn sensor_that_does_not_answer() {
    let mut wire = Wire::started(20_000);
    wire.look(State::High, 1 + 160);
    wire.look_slowly(State::High, 100);
    assert_eq!(wire.read(Model::Dht11), Err(Error::Device(Fault::NoResponse)));
}

#[test]
fn response_that_does_not_end() {
    let mut wire = Wire::started(1_100);
    wire.look(State::High, 3);
    wire.look(State::Low, 1 + 160);
    wire.look_slowly(State::Low, 100);
    assert_eq!(wire.read(Model::Dht22), Err(Error::Device(Fault::ResponseLow)));
}

#[test]
fn pin_that_fails_while_the_sensor_talks() {
    let broken = MockError::Io(std::io::ErrorKind::NotConnected);
    let mut wire = Wire::started(1_100);
    wire.look(State::High, 3);
    wire.edges.push(Edge::get(State::Low).with_error(broken.clone()));
    assert_eq!(wire.read(Model::Dht22), Err(Error::Pin(broken)));
}
