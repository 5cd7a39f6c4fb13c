//! The asynchronous traits, and runs in virtual time.

use embassy_futures::join::join;
use embassy_futures::select::{Either, select};
use embedded_hal_async::delay::DelayNs;
use embedded_hal_async::i2c::I2c;
use embedded_io_async::{Read, Write};
use sim::{Clock, Ezo, EzoKind, I2cBus, Serial, SerialDevice, UartError};

const MS: u64 = 1_000_000;

/// Sends everything back.
#[derive(Default)]
struct Echo(std::collections::VecDeque<u8>);

impl SerialDevice for Echo {
    fn receive(&mut self, _at: u64, byte: u8) {
        self.0.push_back(byte);
    }

    fn transmit(&mut self, _at: u64) -> Option<u8> {
        self.0.pop_front()
    }
}

/// Reads a pH circuit as a driver does.
#[allow(clippy::unwrap_used)] // Part of a test.
async fn reading(mut bus: I2cBus, clock: &Clock, address: u8) -> [u8; 8] {
    let mut answer = [0; 8];
    bus.write(address, b"R").await.unwrap();
    clock.delay().delay_ms(901).await;
    bus.read(address, &mut answer).await.unwrap();
    answer
}

#[test]
fn two_circuits_are_read_in_the_time_of_one() {
    let clock = Clock::new();
    let bus = I2cBus::new(&clock);
    for (address, ph) in [(99, 5.8), (50, 6.2)] {
        let circuit = Ezo::new(&clock, EzoKind::Ph);
        bus.attach(address, circuit.clone());
        circuit.set(ph);
    }
    let both = join(
        reading(bus.handle(), &clock, 99),
        reading(bus.handle(), &clock, 50),
    );
    let (one, other) = clock.run(both);
    assert_eq!((&one, &other), (b"\x015.800\0\0", b"\x016.200\0\0"));
    // 901 ms, and two writes and two reads of 8 bytes.
    assert!(clock.now() < 904 * MS, "{}", clock.now());
}

#[test]
fn timer_beats_a_circuit_that_is_later() {
    let clock = Clock::new();
    let mut serial = Serial::new(&clock, Ezo::new(&clock, EzoKind::Ph));
    // The first report comes after a second.
    let mut byte = [0];
    for (ms, late) in [(999, true), (3, false)] {
        let mut timer = clock.delay();
        let result = clock.run(select(serial.read(&mut byte), timer.delay_ms(ms)));
        assert_eq!(matches!(result, Either::Second(())), late);
    }
}

#[test]
fn reader_is_woken_by_what_another_task_causes() {
    let clock = Clock::new();
    let mut serial = Serial::new(&clock, Echo::default());
    let mut writer = serial.handle();
    let mut timer = clock.delay();
    let mut byte = [0];
    let (read, ()) = clock.run(join(serial.read(&mut byte), async {
        timer.delay_ms(7).await;
        writer.write_all(b"x").await.unwrap();
    }));
    assert_eq!((read, byte), (Ok(1), *b"x"));
    assert!(clock.now() > 9 * MS);
}

#[test]
#[should_panic(expected = "never comes")]
fn run_that_waits_for_nothing_panics() {
    let clock = Clock::new();
    let mut serial = Serial::new(&clock, Echo::default());
    let _never = clock.run(serial.read(&mut [0]));
}

#[test]
fn async_read_outside_a_run_is_pending_once_before_it_fails() {
    let clock = Clock::new();
    let mut serial = Serial::new(&clock, Echo::default());
    let mut byte = [0];
    let first = embassy_futures::block_on(select(serial.read(&mut byte), async {}));
    assert!(matches!(first, Either::Second(())));
    let alone = embassy_futures::block_on(serial.read(&mut byte));
    assert_eq!(alone, Err(UartError::Silence));
}

#[test]
fn transaction_can_be_dropped_before_it_begins() {
    let clock = Clock::new();
    let mut bus = I2cBus::new(&clock);
    bus.attach(99, Ezo::new(&clock, EzoKind::Ph));
    bus.set_yields(true);
    let dropped = embassy_futures::block_on(select(bus.write(99, b"i"), async {}));
    assert!(matches!(dropped, Either::Second(())));
    assert_eq!((clock.now(), bus.stats().transactions), (0, 0));
    embassy_futures::block_on(bus.write(99, b"i")).unwrap();
    assert_eq!(clock.now(), 200_000);
}
