//! The driver against the models of `sim`, which know nothing of it.

use dht22::fugit::MillisDurationU32;
use dht22::{Config, Error, Fault, Guard, Instant, Model, Reading, blocking};
use sim::{
    Attached, Clock, Delay, Dht22, DhtFault, DhtFrame, DhtKind, Faults, Pin, Tolerance, TooSoon, Wire,
};

const TOLERANCES: [Tolerance; 3] = [Tolerance::Fastest, Tolerance::Nominal, Tolerance::Slowest];

/// Keeps the simulated interrupts away.
struct Masked(Clock);

impl Guard for Masked {
    fn run<R>(&mut self, capture: impl FnOnce() -> R) -> R {
        self.0.mask_interrupts(true);
        let result = capture();
        self.0.mask_interrupts(false);
        result
    }
}

/// A sensor and a driver on a wire of their own.
struct Bench {
    clock: Clock,
    wire: Wire,
    sensor: Attached<Dht22>,
    pin_cost: u64,
}

impl Bench {
    fn new(sensor: Dht22) -> Self {
        let clock = Clock::new();
        let wire = Wire::new(&clock);
        wire.set_trace_limit(0);
        Self {
            sensor: wire.attach(sensor),
            pin_cost: 1_000,
            clock,
            wire,
        }
    }

    fn driver(&self, config: impl Into<Config>) -> blocking::Dht22<Pin, Delay> {
        blocking::Dht22::new(
            self.wire.pin().with_cost(self.pin_cost),
            self.clock.delay(),
            config,
        )
    }

    fn now(&self) -> Instant {
        Instant::from_ticks(self.clock.now() / 1_000_000)
    }

    /// Lets two seconds and a little pass, and reads.
    fn read<G: Guard>(
        &self,
        driver: &mut blocking::Dht22<Pin, Delay, G>,
    ) -> Result<(i32, u16), Error<core::convert::Infallible>> {
        self.clock.advance(2_001_000_000);
        driver.read(self.now()).map(numbers)
    }
}

fn numbers(reading: Reading) -> (i32, u16) {
    (reading.temperature.get(), reading.humidity.get())
}

fn device<T>(fault: Fault) -> Result<T, Error<core::convert::Infallible>> {
    Err(Error::Device(fault))
}

/// Reads what the sensor measures, at every tolerance and at every speed of the processor.
fn is_read_right(model: Model, sensor: &Dht22, readings: &[(i32, u16)]) {
    for tolerance in TOLERANCES {
        for pin_cost in [100, 1_000, 5_000] {
            let mut bench = Bench::new(sensor.clone().with_tolerance(tolerance));
            bench.pin_cost = pin_cost;
            let mut driver = bench.driver(model);
            for &(temperature, humidity) in readings {
                bench
                    .sensor
                    .with(|sensor| sensor.set_reading(temperature, humidity));
                assert_eq!(
                    bench.read(&mut driver),
                    Ok((temperature, humidity)),
                    "{tolerance:?}, {pin_cost} ns"
                );
            }
        }
    }
}

/// Around zero, both limits, and what the data sheet prints.
const WIDE: [(i32, u16); 8] = [
    (35_100, 652),
    (-40_000, 0),
    (80_000, 1000),
    (-100, 999),
    (0, 500),
    (100, 1),
    (-10_100, 400),
    (-1_000, 400),
];

const NARROW: [(i32, u16); 6] = [
    (25_400, 555),
    (-20_000, 200),
    (60_000, 950),
    (-100, 501),
    (0, 300),
    (-5_400, 550),
];

#[test]
fn dht22_is_read_at_every_tolerance() {
    is_read_right(Model::Dht22, &Dht22::new(), &WIDE);
}

#[test]
fn dht21_is_read_at_every_tolerance() {
    is_read_right(Model::Dht21, &Dht22::of_kind(DhtKind::Dht21), &WIDE);
}

#[test]
fn clone_with_twos_complement_is_read_at_every_tolerance() {
    is_read_right(
        Model::Dht22,
        &Dht22::new().with_frame(DhtFrame::TwosComplement),
        &WIDE,
    );
}

#[test]
fn clone_with_twelve_bits_is_read_at_every_tolerance() {
    is_read_right(Model::Dht22, &Dht22::new().with_frame(DhtFrame::TwelveBit), &WIDE);
}

#[test]
fn dht11_is_read_at_every_tolerance() {
    is_read_right(Model::Dht11, &Dht22::of_kind(DhtKind::Dht11), &NARROW);
}

#[test]
fn dht12_is_read_at_every_tolerance() {
    is_read_right(Model::Dht12, &Dht22::of_kind(DhtKind::Dht12), &NARROW);
}

#[cfg(feature = "async")]
#[test]
fn async_driver_reads_at_every_tolerance() {
    for tolerance in TOLERANCES {
        let bench = Bench::new(Dht22::new().with_tolerance(tolerance).with_reading(-10_100, 400));
        let mut driver = dht22::asynch::Dht22::new(bench.wire.pin(), bench.clock.delay(), Model::Dht22);
        bench.clock.advance(2_000_000_000);
        let reading = embassy_futures::block_on(driver.read(bench.now()));
        assert_eq!(reading.map(numbers), Ok((-10_100, 400)), "{tolerance:?}");
    }
}

#[test]
fn old_dht11_without_tenths_is_read() {
    let sensor = Dht22::of_kind(DhtKind::Dht11).with_frame(DhtFrame::Whole);
    is_read_right(Model::Dht11, &sensor, &[(25_000, 550), (0, 300), (50_000, 900)]);
}

#[test]
fn dht11_with_its_sign_in_byte_2_is_refused_below_zero() {
    let sensor = Dht22::of_kind(DhtKind::Dht11)
        .with_frame(DhtFrame::SignInByte2)
        .with_reading(-5_400, 550);
    let bench = Bench::new(sensor);
    assert!(matches!(
        bench.read(&mut bench.driver(Model::Dht11)),
        Err(Error::Device(Fault::Temperature(_)))
    ));
}

#[test]
fn dht11_with_the_start_pulse_of_a_dht22_does_not_answer() {
    let bench = Bench::new(Dht22::of_kind(DhtKind::Dht11));
    assert_eq!(
        bench.read(&mut bench.driver(Model::Dht22)),
        device(Fault::NoResponse)
    );
}

#[test]
fn stale_reading_is_discarded_by_reading_afresh() {
    let bench = Bench::new(Dht22::new().with_reading(20_000, 500).with_previous_reading());
    let mut driver = bench.driver(Model::Dht22);
    bench.sensor.with(|sensor| sensor.set_reading(30_000, 600));
    assert_eq!(bench.read(&mut driver), Ok((20_000, 500)));
    bench.sensor.with(|sensor| sensor.set_reading(31_000, 610));
    bench.clock.advance(3_600_000_000_000);
    assert_eq!(driver.read_fresh(bench.now()).map(numbers), Ok((31_000, 610)));
}

#[test]
fn sensor_that_is_asked_too_soon_for_it_is_never_asked() {
    let bench = Bench::new(Dht22::new().with_reading(20_000, 500));
    bench.sensor.with(|sensor| sensor.set_too_soon(TooSoon::Silent));
    let mut driver = bench.driver(Model::Dht22);
    let mut answers = 0;
    for _ in 0..100 {
        bench.clock.advance(300_000_000);
        match driver.read(bench.now()) {
            Ok(_) => answers += 1,
            Err(Error::TooSoon { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(answers, 14);
}

#[test]
fn sensor_just_powered_is_left_alone_until_it_answers() {
    let bench = Bench::new(Dht22::new());
    bench.clock.advance(60_000_000_000);
    bench.sensor.power_cycle();
    let mut driver = bench.driver(Model::Dht22);
    assert_eq!(driver.read(bench.now()), device(Fault::NoResponse));
    driver.powered_up(bench.now());
    bench.clock.advance(1_999_000_000);
    assert_eq!(
        driver.read(bench.now()),
        Err(Error::TooSoon {
            wait: MillisDurationU32::from_ticks(1)
        })
    );
    bench.clock.advance(2_000_000);
    assert!(driver.read(bench.now()).is_ok());
}

#[test]
fn wrong_checksum_is_repeated() {
    let bench = Bench::new(Dht22::new().with_reading(20_000, 500));
    bench
        .sensor
        .with(|sensor| sensor.set_fault(Some(DhtFault::WrongChecksum)));
    let mut config = Config::new(Model::Dht22);
    config.retries = 2;
    assert!(matches!(
        bench.read(&mut bench.driver(config)),
        Err(Error::Device(Fault::Checksum(_)))
    ));
    assert_eq!(bench.sensor.with(|sensor| sensor.answers()), 3);
}

#[test]
fn sensor_that_stops_is_named_by_its_bit() {
    let bench = Bench::new(Dht22::new());
    let mut driver = bench.driver(Model::Dht22);
    for bit in 0..40 {
        bench
            .sensor
            .with(|sensor| sensor.set_fault(Some(DhtFault::StopsLow(bit))));
        assert_eq!(bench.read(&mut driver), device(Fault::BitLow(bit)));
        let expected = if bit == 0 {
            Fault::ResponseHigh
        } else {
            Fault::BitHigh(bit - 1)
        };
        bench
            .sensor
            .with(|sensor| sensor.set_fault(Some(DhtFault::StopsHigh(bit))));
        assert_eq!(bench.read(&mut driver), device(expected));
    }
}

#[test]
fn unplugged_sensor_is_absent_and_comes_back() {
    let bench = Bench::new(Dht22::new().with_reading(20_000, 500));
    let mut driver = bench.driver(Model::Dht22);
    bench.sensor.unplug();
    assert_eq!(bench.read(&mut driver), device(Fault::NoResponse));
    bench.sensor.plug();
    assert_eq!(bench.read(&mut driver), Ok((20_000, 500)));
}

#[test]
fn sensor_unplugged_in_mid_frame_is_a_fault_of_that_bit() {
    let bench = Bench::new(Dht22::new());
    let mut driver = bench.driver(Model::Dht22);
    // Falling edges: the start pulse, the response, and then one for each bit.
    bench.sensor.unplug_after(2 + 10);
    assert_eq!(bench.read(&mut driver), device(Fault::BitHigh(9)));
}

#[test]
fn shorted_line_and_missing_pullup_are_stuck_low() {
    let bench = Bench::new(Dht22::new());
    let mut driver = bench.driver(Model::Dht22);
    bench.wire.inject(Faults::new(0).short_circuit(0..u64::MAX));
    assert_eq!(bench.read(&mut driver), device(Fault::StuckLow));
    bench.wire.inject(Faults::new(0).broken_pullup(0..u64::MAX));
    assert_eq!(bench.read(&mut driver), device(Fault::StuckLow));
    bench.wire.inject(Faults::new(0));
    assert!(bench.read(&mut driver).is_ok());
}

#[test]
fn short_in_mid_frame_is_never_a_reading() {
    for microsecond in (0..6_000).step_by(40) {
        let bench = Bench::new(Dht22::new().with_reading(-12_300, 456));
        let mut driver = bench.driver(Model::Dht22);
        let start = 2_001_000_000 + 1_000_000 + microsecond * 1_000;
        bench.wire.inject(Faults::new(0).short_circuit(start..u64::MAX));
        match bench.read(&mut driver) {
            Err(Error::Device(_)) => {}
            // The frame was over.
            Ok(reading) => assert_eq!((reading, microsecond > 3_000), ((-12_300, 456), true)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn start_pulse_stretched_by_an_interrupt_is_still_one() {
    let bench = Bench::new(Dht22::new().with_reading(20_000, 500));
    let delay = bench.clock.delay();
    delay.set_overhead(18_000_000);
    let mut driver = blocking::Dht22::new(bench.wire.pin().with_cost(1_000), delay, Model::Dht22);
    assert_eq!(bench.read(&mut driver), Ok((20_000, 500)));
}

/// How many of so many readings were right, refused, and wrong.
#[derive(Debug, Default)]
struct Tally {
    right: u32,
    refused: u32,
    wrong: u32,
}

/// Reads a sensor under `faults` with changing values; `guarded` keeps interrupts away.
fn tally(readings: u16, guarded: bool, faults: impl Fn(u64) -> Faults) -> Tally {
    let mut tally = Tally::default();
    for seed in 0..readings {
        let truth = (
            -40_000 + 100 * (i32::from(seed) * 37 % 1201),
            seed * 53 % 980 + 21,
        );
        let bench = Bench::new(Dht22::new().with_reading(truth.0, truth.1));
        bench.wire.inject(faults(seed.into()));
        let driver = bench.driver(Model::Dht22);
        let result = if guarded {
            bench.read(&mut driver.with_guard(Masked(bench.clock.clone())))
        } else {
            bench.read(&mut { driver })
        };
        match result {
            Ok(reading) if reading == truth => tally.right += 1,
            Ok(_) => tally.wrong += 1,
            Err(Error::Device(_)) => tally.refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    tally
}

#[test]
fn interrupts_do_no_harm_behind_a_guard() {
    let tally = tally(300, true, |seed| {
        Faults::new(seed).interrupts(2_000, 5_000..60_000)
    });
    assert_eq!((tally.right, tally.refused, tally.wrong), (300, 0, 0));
}

/// An 8-bit checksum lets one in 256 disturbed frames pass, if they are disturbed at random.
fn are_refused_but_for_what_the_checksum_cannot_tell(faults: impl Fn(u64) -> Faults) {
    let tally = tally(400, false, faults);
    assert!(tally.refused >= 100, "{tally:?}");
    assert!(tally.wrong * 256 <= tally.refused, "{tally:?}");
}

#[test]
fn interrupted_frames_are_refused_but_for_what_the_checksum_cannot_tell() {
    are_refused_but_for_what_the_checksum_cannot_tell(|seed| {
        Faults::new(seed).interrupts(200, 5_000..60_000)
    });
}

#[test]
fn noisy_frames_are_refused_but_for_what_the_checksum_cannot_tell() {
    are_refused_but_for_what_the_checksum_cannot_tell(|seed| Faults::new(seed).noise(200, 500..20_000));
}

#[test]
fn misread_levels_are_refused_but_for_what_the_checksum_cannot_tell() {
    are_refused_but_for_what_the_checksum_cannot_tell(|seed| Faults::new(seed).flipped_samples(100));
}
