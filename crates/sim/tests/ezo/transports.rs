//! The I2C bus, the UART and the runs in virtual time, with devices made for the test.

use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{Error as _, ErrorKind, I2c, NoAcknowledgeSource, Operation};
use embedded_io::{Read, ReadReady, Write, WriteReady};
use sim::{
    Bottle, Clock, Direction, Ezo, EzoKind, I2cBus, I2cError, I2cFault, I2cStats, I2cTarget, Liquid, Serial,
    SerialDevice, UartError, Water,
};

const US: u64 = 1_000;
const MS: u64 = 1_000_000;

/// Remembers what it is told and when, and reads out a counter.
#[derive(Default)]
struct Recorder {
    events: Vec<(u64, String)>,
    accepts: usize,
    next: u8,
}

impl Recorder {
    fn new(accepts: usize) -> Self {
        Self {
            accepts,
            ..Self::default()
        }
    }
}

impl I2cTarget for Recorder {
    fn start(&mut self, at: u64, direction: Direction) -> bool {
        self.events.push((at, format!("{direction:?}")));
        true
    }

    fn write(&mut self, at: u64, byte: u8) -> bool {
        self.events.push((at, format!("{byte:02X}")));
        let accepted = self.accepts > 0;
        self.accepts = self.accepts.saturating_sub(1);
        accepted
    }

    fn read(&mut self, at: u64) -> u8 {
        self.next += 1;
        self.events.push((at, format!("<{:02X}", self.next)));
        self.next
    }

    fn stop(&mut self, at: u64) {
        self.events.push((at, "stop".to_owned()));
    }
}

/// Always reads the same.
struct Constant(u8);

impl I2cTarget for Constant {
    fn write(&mut self, _at: u64, _byte: u8) -> bool {
        true
    }

    fn read(&mut self, _at: u64) -> u8 {
        self.0
    }
}

fn recorder(accepts: usize) -> (Clock, I2cBus, sim::I2cAttached<Recorder>) {
    let clock = Clock::new();
    let bus = I2cBus::new(&clock);
    let recorder = bus.attach(0x20, Recorder::new(accepts));
    (clock, bus, recorder)
}

#[test]
fn every_bit_takes_its_time() {
    let (clock, mut bus, recorder) = recorder(9);
    let mut buffer = [0; 2];
    bus.write_read(0x20, &[0xA5], &mut buffer).unwrap();
    assert_eq!(buffer, [1, 2]);
    // At 10 µs a bit: start 1, address 9, byte 9, repeated start 1, address 9, two bytes 18, stop 1.
    let expected = [
        (100, "Write"),
        (190, "A5"),
        (200, "stop"),
        (290, "Read"),
        (290, "<01"),
        (380, "<02"),
        (480, "stop"),
    ];
    let expected = expected.map(|(us, event)| (us * US, event.to_owned()));
    assert_eq!(recorder.with(|recorder| recorder.events.clone()), expected);
    assert_eq!(clock.now(), 480 * US);
}

#[test]
fn frequency_scales_the_time() {
    let clock = Clock::new();
    let mut bus = I2cBus::new(&clock).with_frequency(400_000);
    bus.attach(0x20, Recorder::new(9));
    bus.write(0x20, &[0]).unwrap();
    assert_eq!(clock.now(), 50 * US);
}

#[test]
fn long_read_takes_38_tenths_of_a_millisecond() {
    let (clock, mut bus, _recorder) = recorder(0);
    bus.read(0x20, &mut [0; 41]).unwrap();
    assert_eq!(clock.now(), 3_800 * US);
}

#[test]
fn operations_of_one_kind_are_joined() {
    let (_clock, mut bus, recorder) = recorder(9);
    let mut buffer = [0; 1];
    let mut operations = [
        Operation::Write(&[1]),
        Operation::Write(&[2]),
        Operation::Read(&mut buffer),
    ];
    bus.transaction(0x20, &mut operations).unwrap();
    let events = recorder.with(|recorder| {
        recorder
            .events
            .iter()
            .map(|event| event.1.clone())
            .collect::<Vec<_>>()
    });
    assert_eq!(events, ["Write", "01", "02", "stop", "Read", "<01", "stop"]);
}

#[test]
fn empty_transaction_does_nothing() {
    let (clock, mut bus, _recorder) = recorder(9);
    bus.transaction(0x20, &mut []).unwrap();
    assert_eq!(clock.now(), 0);
}

#[test]
fn absent_and_unwilling_targets_are_told_apart() {
    let (clock, mut bus, recorder) = recorder(1);
    let absent = bus.write(0x21, &[1]).unwrap_err();
    assert_eq!(
        absent.kind(),
        ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)
    );
    // Start, address, stop.
    assert_eq!(clock.now(), 110 * US);
    let unwilling = bus.write(0x20, &[1, 2, 3]).unwrap_err();
    assert_eq!(
        unwilling.kind(),
        ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data)
    );
    let events = recorder.with(|recorder| recorder.events.len());
    // Address, two bytes of which the second was refused, stop.
    assert_eq!(events, 4);
}

#[test]
fn unplugged_target_is_absent() {
    let (_clock, mut bus, recorder) = recorder(9);
    recorder.unplug();
    assert!(!recorder.is_plugged());
    assert_eq!(bus.write(0x20, &[1]), Err(I2cError::AddressNack));
    recorder.plug();
    assert_eq!(bus.write(0x20, &[1]), Ok(()));
}

#[test]
fn zeros_win_between_targets_with_one_address() {
    let clock = Clock::new();
    let mut bus = I2cBus::new(&clock);
    bus.attach(104, Constant(0b1100));
    bus.attach(104, Constant(0b1010));
    let mut buffer = [0];
    bus.read(104, &mut buffer).unwrap();
    assert_eq!(buffer, [0b1000]);
}

#[test]
fn faults_strike_the_transaction_they_are_meant_for() {
    let (_clock, mut bus, recorder) = recorder(99);
    bus.inject(1, I2cFault::AddressNack);
    bus.inject(2, I2cFault::DataNack(1));
    bus.inject(3, I2cFault::Bus);
    bus.inject(4, I2cFault::ArbitrationLoss);
    let results: Vec<_> = (0..6).map(|_| bus.write(0x20, &[1, 2])).collect();
    assert_eq!(
        results,
        [
            Ok(()),
            Err(I2cError::AddressNack),
            Err(I2cError::DataNack),
            Err(I2cError::Bus),
            Err(I2cError::ArbitrationLoss),
            Ok(()),
        ]
    );
    assert_eq!(I2cError::Bus.kind(), ErrorKind::Bus);
    assert_eq!(I2cError::ArbitrationLoss.kind(), ErrorKind::ArbitrationLoss);
    let bytes = recorder.with(|recorder| recorder.events.iter().filter(|event| event.1.len() == 2).count());
    assert_eq!(bytes, 2 + 1 + 2);
    bus.inject(0, I2cFault::Bus);
    bus.clear_faults();
    assert_eq!(bus.write(0x20, &[1]), Ok(()));
}

#[test]
fn stretching_takes_time_up_to_a_limit() {
    let clock = Clock::new();
    let mut bus = I2cBus::new(&clock).with_stretch_limit(2 * MS);
    bus.attach(0x20, Recorder::new(9));
    bus.inject(0, I2cFault::Stretch(2 * MS));
    bus.write(0x20, &[1]).unwrap();
    assert_eq!(clock.now(), 2 * MS + 200 * US);
    bus.inject(0, I2cFault::Stretch(2 * MS + 1));
    assert_eq!(bus.write(0x20, &[1]), Err(I2cError::StretchTimeout));
    assert_eq!(clock.now(), 2 * MS + 200 * US + 2 * MS + 110 * US);
}

#[test]
fn sums_are_kept() {
    let (clock, mut bus, _recorder) = recorder(9);
    bus.write_read(0x20, &[1], &mut [0; 2]).unwrap();
    bus.write(0x21, &[1]).unwrap_err();
    clock.delay().delay_ms(5);
    assert_eq!(
        bus.stats(),
        I2cStats {
            transactions: 2,
            errors: 1,
            writes: 2,
            reads: 1,
            bytes_written: 1,
            bytes_read: 2,
            busy_ns: 590 * US,
        }
    );
    bus.reset_stats();
    assert_eq!(bus.stats(), I2cStats::default());
}

#[test]
fn bus_noise_is_the_same_for_the_same_seed() {
    let run = |seed| {
        let clock = Clock::new();
        let mut bus = I2cBus::new(&clock);
        bus.attach(0x20, Constant(0));
        bus.set_noise(seed, 100_000);
        let mut buffer = [0; 32];
        bus.read(0x20, &mut buffer).unwrap();
        buffer
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    assert_ne!(run(1), [0; 32]);
}

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

#[allow(clippy::unwrap_used)] // Part of a test.
fn received(serial: &mut Serial) -> Vec<Result<u8, UartError>> {
    let mut all = Vec::new();
    while serial.read_ready().unwrap() {
        let mut byte = [0];
        all.push(serial.read(&mut byte).map(|_| byte[0]));
    }
    all
}

#[test]
fn bytes_take_ten_bits_each() {
    let clock = Clock::new();
    let mut serial = Serial::new(&clock, Echo::default());
    serial.set_cost(1);
    serial.write_all(b"abc").unwrap();
    serial.flush().unwrap();
    // Three bytes of ten bits of 104 167 ns.
    assert_eq!(clock.now(), 1 + 3 * 1_041_670);
    assert!(serial.read_ready().unwrap());
    let mut buffer = [0; 8];
    serial.read_exact(&mut buffer[..3]).unwrap();
    assert_eq!(&buffer[..3], b"abc");
    assert!((4 * 1_041_670..4 * 1_041_670 + 20).contains(&clock.now()));
}

#[test]
fn full_fifo_overruns() {
    let clock = Clock::new();
    let mut serial = Serial::new(&clock, Echo::default());
    serial.set_fifo_depth(4);
    assert_eq!(serial.write(b"abcdefgh"), Ok(4));
    // The first is on its way already.
    assert_eq!(serial.write(b"efgh"), Ok(1));
    assert!(!serial.write_ready().unwrap());
    serial.write_all(b"f").unwrap();
    clock.delay().delay_ms(50);
    assert_eq!(
        received(&mut serial),
        [Ok(b'a'), Ok(b'b'), Ok(b'c'), Err(UartError::Overrun)]
    );
}

#[test]
fn small_differences_of_rate_do_no_harm() {
    for baud in [9_320, 9_600, 9_880] {
        let clock = Clock::new();
        let mut serial = Serial::new(&clock, Echo::default());
        serial.set_baud(baud);
        serial.write_all(b"\x00\xFFU\xAA?i,pH,2.12\r").unwrap();
        clock.delay().delay_ms(50);
        let bytes: Vec<_> = received(&mut serial).into_iter().map(Result::unwrap).collect();
        assert_eq!(bytes, b"\x00\xFFU\xAA?i,pH,2.12\r", "{baud}");
    }
}

#[test]
fn host_at_double_the_rate_sees_each_bit_twice() {
    let clock = Clock::new();
    let mut serial = Serial::new(&clock, Sender(Some(0xFF)));
    serial.set_baud(19_200);
    clock.delay().delay_ms(5);
    // The start bit alone is low, for two of the host's bits: its own start bit and bit 0.
    assert_eq!(received(&mut serial), [Ok(0xFE)]);

    let mut serial = Serial::new(&clock, Sender(Some(0x00)));
    serial.set_baud(19_200);
    clock.delay().delay_ms(5);
    // Nine bits low: no stop bit; then nothing falls any more.
    assert_eq!(received(&mut serial), [Err(UartError::Framing)]);
}

#[test]
fn host_at_four_times_the_rate_sees_several_bytes() {
    let clock = Clock::new();
    let mut serial = Serial::new(&clock, Sender(Some(0x55)));
    serial.set_baud(38_400);
    clock.delay().delay_ms(5);
    // Each bit lasts four; the stop bit falls into a low one twice, and the third time into the real stop bit.
    let framing = Err(UartError::Framing);
    assert_eq!(received(&mut serial), [framing, framing, Ok(0xF8)]);
}

/// Sends one byte.
struct Sender(Option<u8>);

impl SerialDevice for Sender {
    fn receive(&mut self, _at: u64, _byte: u8) {}

    fn transmit(&mut self, _at: u64) -> Option<u8> {
        self.0.take()
    }
}

#[test]
fn unplugged_device_is_silent() {
    let clock = Clock::new();
    let mut serial = Serial::new(&clock, Echo::default());
    serial.unplug();
    serial.write_all(b"a").unwrap();
    assert_eq!(serial.read(&mut [0]), Err(UartError::Silence));
    serial.plug();
    serial.write_all(b"b").unwrap();
    let mut byte = [0];
    serial.read_exact(&mut byte).unwrap();
    assert_eq!(byte, *b"b");
    assert_eq!(serial.with_device(|echo: &mut Echo| echo.0.len()), Some(0));
}

#[test]
fn water_is_as_it_says_at_first() {
    let water = Water::new(&Clock::new());
    let values = [
        (water.litres(), 20.0),
        (water.ph(), 7.0),
        (water.microsiemens(), 1_000.0),
        (water.celsius(), 25.0),
        (water.oxygen(), 8.26),
        (water.orp(), 300.0),
    ];
    for (value, expected) in values {
        assert!((value - expected).abs() < 1e-9, "{value} {expected}");
    }
}

#[test]
fn water_mixes_with_its_time_constant() {
    let clock = Clock::new();
    let water = Water::new(&clock)
        .with_volume(10.0)
        .with_buffer(2.0)
        .with_mixing_time(60.0);
    water.set_ph(6.0);
    water.pour(Liquid::base(1.0), 20.0);
    // 20 mmol in 10.02 l at 2 mmol per litre: up by 0.998, of which 1 − 1/e after a minute.
    assert!((water.ph() - 6.0).abs() < 1e-9);
    clock.advance(60_000 * MS);
    assert!((water.ph() - 6.630_85).abs() < 1e-4, "{}", water.ph());
    clock.advance(3_600_000 * MS);
    assert!((water.ph() - 6.998).abs() < 1e-4, "{}", water.ph());
}

#[test]
fn plain_water_thins_the_nutrients() {
    let clock = Clock::new();
    let water = Water::new(&clock).with_volume(10.0).with_mixing_time(0.0);
    water.set_microsiemens(1_500.0);
    water.pour(Liquid::PLAIN, 5_000.0);
    assert!((water.microsiemens() - 1_000.0).abs() < 1e-9);
    assert!((water.litres() - 15.0).abs() < 1e-9);
    water.drain(5.0);
    assert!((water.microsiemens() - 1_000.0).abs() < 1e-9);
    assert!((water.litres() - 10.0).abs() < 1e-9);
}

#[test]
fn when_the_water_is_looked_at_does_not_matter() {
    let run = |looks: u64| {
        let clock = Clock::new();
        let water = Water::new(&clock).with_mixing_time(45.0);
        let mut bus = I2cBus::new(&clock);
        let bottle = Bottle::new(Liquid::acid(1.0), 100.0);
        let pump = Ezo::new(&clock, EzoKind::Pmp)
            .with_water(&water)
            .with_bottle(&bottle);
        bus.attach(103, pump);
        bus.write(103, b"D,20,1").unwrap();
        for _ in 0..looks {
            clock.advance(90_000 * MS / looks);
            water.ph();
        }
        water.ph()
    };
    assert!((run(1) - run(90)).abs() < 0.001, "{} {}", run(1), run(90));
}
