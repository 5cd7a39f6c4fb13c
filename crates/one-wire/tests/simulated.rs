//! Every backend against devices that answer edge by edge, at the limits of their data sheet.
#![cfg(feature = "async")]

mod common;

use common::{Call, Got};
use core::{
    convert::Infallible,
    fmt::Debug,
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, Waker},
};
use embassy_futures::{block_on, yield_now};
use embedded_hal::{delay::DelayNs, digital::PinState};
use one_wire::{
    Error, Fault, Rom, Search, Speed, Target, Timing, asynch, blocking,
    blocking::OneWire as _,
    fugit::MicrosDurationU32,
    gpio::{Gpio, Guard, PullupPin},
    uart::Uart,
};
use sim::{Attached, Clock, Ds18b20, Faults, Tolerance, Wire};

const TOLERANCES: [Tolerance; 3] = [Tolerance::Fastest, Tolerance::Nominal, Tolerance::Slowest];
const SERIALS: [u64; 8] = [
    1,
    2,
    3,
    0x80,
    0x0bbb_9b13,
    0x8000_0000_0001,
    0x5555_5555_5555,
    0xffff_ffff_ffff,
];

fn wire(tolerance: impl Fn(usize) -> Tolerance) -> (Clock, Wire, Vec<Attached<Ds18b20>>) {
    let clock = Clock::new();
    let wire = Wire::new(&clock);
    let devices = SERIALS.iter().enumerate();
    let devices = devices.map(|(n, &serial)| Ds18b20::new(serial).with_tolerance(tolerance(n)));
    let devices = devices.map(|device| wire.attach(device)).collect();
    (clock, wire, devices)
}

fn gpio(clock: &Clock, wire: &Wire) -> Gpio<sim::Pin, sim::Delay> {
    Gpio::new(wire.pin(), clock.delay())
}

type SetBaud = fn(&mut sim::Uart, u32) -> Result<(), sim::UartError>;

fn uart(clock: &Clock, wire: &Wire) -> Uart<sim::Uart, SetBaud, sim::Delay> {
    let set_baud: SetBaud = |uart, baud| {
        uart.set_baud(baud);
        Ok(())
    };
    Uart::new(wire.uart(), set_baud, clock.delay())
}

/// The serial numbers found, ascending, and the faults.
fn enumerate<B: blocking::OneWire<Error: Debug>>(bus: &mut B, mut search: Search) -> (Vec<u64>, Vec<Fault>) {
    let (mut serials, mut faults) = (vec![], vec![]);
    loop {
        match bus.search(&mut search) {
            Ok(Some(rom)) => serials.push(rom.serial()),
            Ok(None) => break,
            Err(Error::Wire(fault)) => faults.push(fault),
            // A UART's framing error.
            Err(_) => faults.push(Fault::Echo),
        }
    }
    serials.sort_unstable();
    (serials, faults)
}

fn enumerate_async<B: asynch::OneWire>(bus: &mut B) -> (Vec<u64>, Vec<Fault>) {
    let (mut serials, mut faults) = (vec![], vec![]);
    let mut search = Search::all();
    loop {
        match block_on(bus.search(&mut search)) {
            Ok(Some(rom)) => serials.push(rom.serial()),
            Ok(None) => break,
            Err(Error::Wire(fault)) => faults.push(fault),
            Err(error) => panic!("{error:?}"),
        }
    }
    serials.sort_unstable();
    (serials, faults)
}

fn all() -> (Vec<u64>, Vec<Fault>) {
    let mut serials = SERIALS.to_vec();
    serials.sort_unstable();
    (serials, vec![])
}

// Tolerances.

#[test]
fn pin_finds_every_device_at_every_tolerance() {
    for tolerance in TOLERANCES {
        let (clock, wire, _devices) = wire(|_| tolerance);
        assert_eq!(
            enumerate(&mut gpio(&clock, &wire), Search::all()),
            all(),
            "{tolerance:?}"
        );
        assert_eq!(enumerate_async(&mut gpio(&clock, &wire)), all(), "{tolerance:?}");
    }
}

#[test]
fn uart_finds_every_device_at_every_tolerance() {
    for tolerance in TOLERANCES {
        let (clock, wire, _devices) = wire(|_| tolerance);
        assert_eq!(
            enumerate(&mut uart(&clock, &wire), Search::all()),
            all(),
            "{tolerance:?}"
        );
        assert_eq!(enumerate_async(&mut uart(&clock, &wire)), all(), "{tolerance:?}");
    }
}

#[test]
fn devices_of_all_tolerances_share_a_wire() {
    let (clock, wire, _devices) = wire(|n| TOLERANCES[n % 3]);
    assert_eq!(enumerate(&mut gpio(&clock, &wire), Search::all()), all());
    assert_eq!(enumerate(&mut uart(&clock, &wire), Search::all()), all());
}

#[test]
fn standard_timing_bears_pin_calls_of_up_to_1_us() {
    for (tolerance, cost) in TOLERANCES
        .into_iter()
        .flat_map(|tolerance| [1, 100, 1_000].map(|ns| (tolerance, ns)))
    {
        let (clock, wire, _devices) = wire(|_| tolerance);
        let mut bus = Gpio::new(wire.pin().with_cost(cost), clock.delay());
        assert_eq!(
            enumerate(&mut bus, Search::all()),
            all(),
            "{tolerance:?}, {cost} ns"
        );
    }
}

#[test]
fn slow_timing_bears_pin_calls_of_2_to_6_us() {
    for (tolerance, us) in TOLERANCES
        .into_iter()
        .flat_map(|tolerance| [2, 4, 6].map(|us| (tolerance, us)))
    {
        let (clock, wire, _devices) = wire(|_| tolerance);
        let bus = Gpio::new(wire.pin().with_cost(us * 1_000), clock.delay());
        let mut bus = bus.with_timing(Speed::Standard, Timing::SLOW);
        assert_eq!(
            enumerate(&mut bus, Search::all()),
            all(),
            "{tolerance:?}, {us} µs"
        );
    }
}

#[test]
fn read_is_sampled_within_13_us_even_with_pin_calls_of_1_us() {
    let clock = Clock::new();
    let wire = Wire::new(&clock);
    // Pulls for 13 µs only, less than the data sheet promises.
    let _device = wire.attach(Brief::default());
    let mut bus = Gpio::new(wire.pin().with_cost(1_000), clock.delay());
    assert_eq!(bus.read_bit(), Ok(false));
}

/// Answers every falling edge by pulling for a little more than 13 µs.
#[derive(Default)]
struct Brief {
    until: Option<u64>,
}

impl sim::Device for Brief {
    fn power(&mut self, _: u64, _: bool, _: bool) {}

    fn edge(&mut self, at: u64, high: bool) {
        if !high && self.until.is_none() {
            self.until = Some(at + 13_001);
        }
    }

    fn next_event(&self) -> Option<u64> {
        self.until
    }

    fn event(&mut self, at: u64, _: bool) {
        self.until = self.until.filter(|&until| until > at);
    }

    fn pulls_low(&self) -> bool {
        self.until.is_some()
    }
}

#[test]
fn presence_pulse_is_seen_wherever_the_data_sheet_allows_it() {
    // From 15 to 60 µs after the reset, 60 to 240 µs long.
    for (tolerance, late_us) in [
        (Tolerance::Fastest, 0),
        (Tolerance::Fastest, 20),
        (Tolerance::Fastest, 45),
        (Tolerance::Nominal, 0),
        (Tolerance::Nominal, 30),
        (Tolerance::Slowest, 0),
    ] {
        for cost in [20, 1_000, 6_000] {
            let clock = Clock::new();
            let wire = Wire::new(&clock);
            let device = wire.attach(Ds18b20::new(1).with_tolerance(tolerance));
            device.with(|device| device.set_answer_delay(late_us * 1_000));
            let mut bus = Gpio::new(wire.pin().with_cost(cost), clock.delay());
            assert_eq!(
                bus.reset(),
                Ok(()),
                "{tolerance:?}, {late_us} µs late, {cost} ns a call"
            );
        }
    }
}

#[test]
fn line_that_rises_slowly_is_no_presence_pulse() {
    let clock = Clock::new();
    let wire = Wire::new(&clock);
    wire.set_rise_time(15_000);
    assert_eq!(gpio(&clock, &wire).reset(), Err(Error::Wire(Fault::NoPresence)));
}

// The line is released.

#[test]
fn line_is_high_after_every_operation() {
    let (clock, wire, _devices) = wire(|n| TOLERANCES[n % 3]);
    let mut bus = gpio(&clock, &wire);
    let calls = [
        Call::Reset,
        Call::WriteBit(false),
        Call::WriteBit(true),
        Call::WriteByte(0x00),
        Call::WriteByte(0xff),
        Call::Select(Target::All),
        Call::ReadBit,
        Call::ReadByte,
        Call::ReadRom,
        Call::PowerOff,
        Call::SetSpeed(Speed::Overdrive),
        Call::ReadBit,
    ];
    for call in calls {
        let blocking = common::blocking(&mut bus, &[call]).map_err(drop);
        assert!(wire.is_high(), "{call:?}");
        // Eight devices at once have no ROM code.
        assert_eq!(blocking.is_err(), matches!(call, Call::ReadRom));
        assert_eq!(common::asynch(&mut bus, &[call]).map_err(drop), blocking);
        assert!(wire.is_high(), "{call:?}");
    }
}

#[test]
fn line_stays_high_during_the_wait_for_a_conversion() {
    let (clock, wire, devices) = wire(|_| Tolerance::Nominal);
    let mut bus = gpio(&clock, &wire);
    bus.select(Target::All).expect("devices");
    bus.write_byte(0x44).expect("no fault");
    wire.reset_stats();
    bus.wait(MicrosDurationU32::from_micros(750_000));
    assert_eq!(wire.stats().low_ns, 0);
    assert!(
        devices
            .iter()
            .all(|device| device.with(|device| device.counts().conversions) == 1)
    );
}

#[test]
fn dropped_future_leaves_the_line_high_and_the_search_as_it_was() {
    let (clock, wire, _devices) = wire(|_| Tolerance::Nominal);
    let mut bus = Gpio::new(
        wire.pin(),
        Suspending {
            delay: clock.delay(),
            suspended: false,
        },
    );
    let mut search = Search::all();
    let mut serials = vec![];
    // Every call is dropped once, a little later each time, and then made again.
    for polls in (0..200).step_by(7) {
        {
            let mut future = pin!(asynch::OneWire::search(&mut bus, &mut search));
            for _ in 0..polls {
                match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Pending => assert!(wire.is_high()),
                    Poll::Ready(end) => {
                        assert_eq!(end, Ok(None));
                        break;
                    }
                }
            }
        }
        bus = Gpio::new(
            bus.release().0,
            Suspending {
                delay: clock.delay(),
                suspended: false,
            },
        );
        match block_on(asynch::OneWire::search(&mut bus, &mut search)) {
            Ok(Some(rom)) => serials.push(rom.serial()),
            end => {
                assert_eq!(end, Ok(None));
                break;
            }
        }
    }
    serials.sort_unstable();
    assert_eq!(serials, all().0);
}

/// A delay whose futures are ready at the second poll.
struct Suspending {
    delay: sim::Delay,
    suspended: bool,
}

impl DelayNs for Suspending {
    fn delay_ns(&mut self, ns: u32) {
        DelayNs::delay_ns(&mut self.delay, ns);
    }
}

impl embedded_hal_async::delay::DelayNs for Suspending {
    async fn delay_ns(&mut self, ns: u32) {
        DelayNs::delay_ns(&mut self.delay, ns);
        poll_fn(|context| {
            self.suspended = !self.suspended;
            context.waker().wake_by_ref();
            if self.suspended {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
}

/// A UART whose calls are ready at the first poll, or at the second.
struct Port {
    uart: sim::Uart,
    suspends: bool,
}

impl Port {
    async fn suspend(&self) {
        if self.suspends {
            yield_now().await;
        }
    }
}

impl embedded_io::ErrorType for Port {
    type Error = sim::UartError;
}

impl embedded_io_async::Read for Port {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, sim::UartError> {
        self.suspend().await;
        embedded_io_async::Read::read(&mut self.uart, buf).await
    }
}

impl embedded_io_async::Write for Port {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, sim::UartError> {
        self.suspend().await;
        embedded_io_async::Write::write(&mut self.uart, buf).await
    }

    async fn flush(&mut self) -> Result<(), sim::UartError> {
        self.suspend().await;
        embedded_io_async::Write::flush(&mut self.uart).await
    }
}

/// Drops a reading of the ROM code at each of its awaits, and makes sure that the next slot and the next reading are
/// right. Returns how many awaits there are.
fn drop_at_every_await(suspends: bool) -> usize {
    let mut awaits = 0;
    loop {
        let clock = Clock::new();
        let wire = Wire::new(&clock);
        let _device = wire.attach(Ds18b20::new(0x0bbb_9b13));
        let delay = clock.delay();
        delay.set_yields(true);
        let set_baud = |port: &mut Port, baud| {
            port.uart.set_baud(baud);
            Ok(())
        };
        let uart = wire.uart();
        let mut bus = Uart::new(Port { uart, suspends }, set_baud, delay);
        let ended = {
            let mut future = pin!(asynch::OneWire::read_rom(&mut bus));
            let mut context = Context::from_waker(Waker::noop());
            (0..=awaits).any(|_| future.as_mut().poll(&mut context).is_ready())
        };
        let slot = block_on(asynch::OneWire::read_bit(&mut bus));
        assert!(slot.is_ok(), "{slot:?} after {awaits} awaits");
        let rom = block_on(asynch::OneWire::read_rom(&mut bus)).map(Rom::serial);
        assert_eq!(rom, Ok(0x0bbb_9b13), "after {awaits} awaits");
        if ended {
            return awaits;
        }
        awaits += 1;
    }
}

#[test]
fn uart_future_that_is_dropped_costs_no_later_answer() {
    // Before the first reset: two looks for stale bytes, and between them the time that one may still need.
    assert_eq!(drop_at_every_await(false), 3);
    // Write, flush and read of the reset and 72 slots.
    assert!(drop_at_every_await(true) > 3 * 73);
}

// Faults.

#[test]
fn reset_of_a_shorted_line_gives_up() {
    let (clock, wire, _devices) = wire(|_| Tolerance::Nominal);
    wire.inject(Faults::new(1).short_circuit(0..u64::MAX));
    let mut bus = gpio(&clock, &wire);
    assert_eq!(bus.reset(), Err(Error::Wire(Fault::StuckLow)));
    assert!(clock.now() < 1_000_000, "{} ns", clock.now());
}

#[test]
fn short_that_begins_at_any_time_in_a_reset_is_no_presence_pulse() {
    for from_us in (0..990).step_by(10) {
        let clock = Clock::new();
        let wire = Wire::new(&clock);
        wire.inject(Faults::new(1).short_circuit(from_us * 1_000..u64::MAX));
        assert_eq!(
            gpio(&clock, &wire).reset(),
            Err(Error::Wire(Fault::StuckLow)),
            "{from_us} µs"
        );
    }
}

#[test]
fn missing_pullup_is_a_line_held_low() {
    let (clock, wire, _devices) = wire(|_| Tolerance::Nominal);
    wire.inject(Faults::new(1).broken_pullup(0..u64::MAX));
    assert_eq!(gpio(&clock, &wire).reset(), Err(Error::Wire(Fault::StuckLow)));
}

#[test]
fn device_that_holds_the_line_is_a_line_held_low() {
    let (clock, wire, devices) = wire(|_| Tolerance::Nominal);
    devices[3].with(|device| device.set_jammed(true));
    assert_eq!(gpio(&clock, &wire).reset(), Err(Error::Wire(Fault::StuckLow)));
}

#[test]
fn short_at_any_time_in_a_search_invents_no_device_and_ends() {
    for from_ms in (0..120).step_by(3) {
        let (clock, wire, _devices) = wire(|n| TOLERANCES[n % 3]);
        wire.inject(Faults::new(1).short_circuit(from_ms * 1_000_000..u64::MAX));
        let (serials, faults) = enumerate(&mut gpio(&clock, &wire), Search::all());
        assert!(
            serials.iter().all(|serial| SERIALS.contains(serial)),
            "{serials:x?}"
        );
        assert!(
            serials == all().0 || faults.len() == 8,
            "{from_ms} ms: {faults:?}"
        );
        assert!(clock.now() < 400_000_000);
    }
}

#[test]
fn short_that_goes_away_costs_no_device() {
    for from_ms in (0..110).step_by(5) {
        let (clock, wire, _devices) = wire(|_| Tolerance::Nominal);
        wire.inject(Faults::new(1).short_circuit(from_ms * 1_000_000..(from_ms + 3) * 1_000_000));
        let (serials, _) = enumerate(&mut gpio(&clock, &wire), Search::all());
        assert_eq!(serials, all().0, "{from_ms} ms");
    }
}

#[test]
fn noise_invents_no_device() {
    for seed in 0..20 {
        let (clock, wire, _devices) = wire(|n| TOLERANCES[n % 3]);
        wire.inject(Faults::new(seed).noise(500, 100..3_000).flipped_samples(2_000));
        let (serials, _) = enumerate(&mut gpio(&clock, &wire), Search::all());
        assert!(
            serials.iter().all(|serial| SERIALS.contains(serial)),
            "seed {seed}: {serials:x?}"
        );
        let (serials, _) = enumerate(&mut uart(&clock, &wire), Search::all());
        assert!(
            serials.iter().all(|serial| SERIALS.contains(serial)),
            "seed {seed}: {serials:x?}"
        );
    }
}

#[test]
fn thorough_search_finds_every_device_in_some_noise() {
    for seed in 0..20 {
        let (clock, wire, _devices) = wire(|n| TOLERANCES[n % 3]);
        wire.inject(Faults::new(seed).flipped_samples(500));
        assert_eq!(
            enumerate(&mut gpio(&clock, &wire), Search::all().thorough()).0,
            all().0,
            "seed {seed}"
        );
    }
}

#[test]
fn device_that_is_unplugged_in_the_middle_costs_no_other() {
    for falls in (0..1_600).step_by(23) {
        let (clock, wire, devices) = wire(|_| Tolerance::Nominal);
        devices[4].unplug_after(falls);
        let (mut serials, _) = enumerate(&mut gpio(&clock, &wire), Search::all());
        serials.retain(|&serial| serial != SERIALS[4]);
        let mut others = all().0;
        others.retain(|&serial| serial != SERIALS[4]);
        assert_eq!(serials, others, "{falls} falls");
    }
}

struct Masked(Clock);

impl Guard for Masked {
    fn run<R>(&mut self, slot: impl FnOnce() -> R) -> R {
        self.0.mask_interrupts(true);
        let result = slot();
        self.0.mask_interrupts(false);
        result
    }
}

#[test]
fn guard_keeps_interrupts_from_costing_a_bit() {
    for seed in 0..5 {
        let (clock, wire, _devices) = wire(|n| TOLERANCES[n % 3]);
        // One wait or pin call in three takes as long as a slot, or two.
        wire.inject(Faults::new(seed).interrupts(300_000, 60_000..120_000));
        let mut bus = gpio(&clock, &wire).with_guard(Masked(clock.clone()));
        assert_eq!(enumerate(&mut bus, Search::all()), all(), "seed {seed}");
    }
}

#[test]
fn interrupts_without_a_guard_invent_no_device() {
    for seed in 0..20 {
        let (clock, wire, _devices) = wire(|n| TOLERANCES[n % 3]);
        wire.inject(Faults::new(seed).interrupts(1_000, 10_000..200_000));
        let (serials, _) = enumerate(&mut gpio(&clock, &wire), Search::all());
        assert!(
            serials.iter().all(|serial| SERIALS.contains(serial)),
            "seed {seed}: {serials:x?}"
        );
    }
}

#[test]
fn uart_with_its_transmitter_cut_off_gives_up() {
    let (clock, wire, _devices) = wire(|_| Tolerance::Nominal);
    let (mut port, set_baud, delay) = uart(&clock, &wire).release();
    port.set_cut(true);
    let mut bus = Uart::new(port, set_baud, delay);
    assert_eq!(blocking::OneWire::reset(&mut bus), Err(Error::Wire(Fault::Echo)));
    assert_eq!(
        block_on(asynch::OneWire::reset(&mut bus)),
        Err(Error::Wire(Fault::Echo))
    );
    assert!(clock.now() < 60_000_000);
}

#[test]
fn uart_on_a_shorted_line_gives_up_and_recovers() {
    let (clock, wire, _devices) = wire(|_| Tolerance::Nominal);
    let mut bus = uart(&clock, &wire);
    wire.inject(Faults::new(1).short_circuit(300_000..900_000_000));
    for _ in 0..3 {
        assert!(blocking::OneWire::reset(&mut bus).is_err());
        assert!(block_on(asynch::OneWire::reset(&mut bus)).is_err());
    }
    assert!(clock.now() < 900_000_000);
    clock.advance_to(901_000_000);
    assert_eq!(enumerate(&mut bus, Search::all()), all());
}

// Overdrive.

fn overdrive(tolerance: Tolerance) -> (Clock, Wire, Vec<Attached<Ds18b20>>) {
    let clock = Clock::new();
    let wire = Wire::new(&clock);
    let devices = SERIALS.map(|serial| Ds18b20::new(serial).with_tolerance(tolerance).with_overdrive());
    let devices = devices.map(|device| wire.attach(device));
    (clock, wire, devices.into())
}

#[test]
fn overdrive_finds_every_device_at_every_tolerance() {
    for tolerance in TOLERANCES {
        let (clock, wire, _devices) = overdrive(tolerance);
        let mut bus = gpio(&clock, &wire);
        bus.select(Target::OverdriveAll).expect("devices");
        let start = clock.now();
        assert_eq!(enumerate(&mut bus, Search::all()), all(), "{tolerance:?}");
        // At standard speed it takes 110 ms.
        assert!(clock.now() - start < 25_000_000, "{} ns", clock.now() - start);
    }
}

#[test]
fn overdrive_match_takes_one_device_to_overdrive() {
    let (clock, wire, devices) = overdrive(Tolerance::Nominal);
    let mut bus = gpio(&clock, &wire);
    let rom = devices[4]
        .with(|device| Rom::new(device.rom()))
        .expect("the CRC is right");
    bus.select(Target::OverdriveRom(rom)).expect("devices");
    bus.write_byte(0xbe).expect("no fault");
    let mut scratchpad = [0; 9];
    bus.read(&mut scratchpad).expect("no fault");
    assert_eq!(scratchpad, [0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10, 0x1c]);
}

#[test]
fn devices_without_overdrive_are_found_again_at_standard_speed() {
    let (clock, wire, _devices) = wire(|_| Tolerance::Nominal);
    let mut bus = gpio(&clock, &wire);
    assert_eq!(bus.select(Target::OverdriveAll), Ok(()));
    assert_eq!(enumerate(&mut bus, Search::all()), all());
}

#[test]
fn device_that_lost_its_supply_at_overdrive_is_found_again() {
    let (clock, wire, devices) = overdrive(Tolerance::Nominal);
    let mut bus = gpio(&clock, &wire);
    bus.select(Target::OverdriveAll).expect("devices");
    devices.iter().for_each(Attached::power_cycle);
    clock.advance(1_000_000);
    assert_eq!(bus.select(Target::All), Err(Error::Wire(Fault::NoPresence)));
    assert_eq!(bus.select(Target::All), Ok(()));
}

// Strong pull-up.

#[test]
fn parasite_powered_device_converts_with_the_strong_pullup() {
    for tolerance in TOLERANCES {
        let clock = Clock::new();
        let wire = Wire::new(&clock);
        let device = wire.attach(Ds18b20::new(1).with_parasite_power().with_tolerance(tolerance));
        let pullup = PullupPin {
            pin: wire.strong_pullup(),
            on: PinState::High,
        };
        let mut bus = gpio(&clock, &wire).with_pullup(pullup);
        // The reset ends the power: the line is not driven low against it.
        let calls = [
            Call::Select(Target::All),
            Call::WriteBytePowered(0x44),
            Call::Wait(750_000),
            Call::Reset,
        ];
        assert_eq!(common::blocking(&mut bus, &calls), Ok(vec![]));
        assert_eq!(common::asynch(&mut bus, &calls), Ok(vec![]));
        let counts = device.with(|device| device.counts());
        assert_eq!((counts.conversions, counts.brown_outs), (2, 0), "{tolerance:?}");
        assert_eq!(wire.stats().contentions, 0);
    }
}

#[test]
fn bytes_read_are_those_of_the_scratchpad() {
    for tolerance in TOLERANCES {
        let clock = Clock::new();
        let wire = Wire::new(&clock);
        let _device = wire.attach(Ds18b20::new(1).with_tolerance(tolerance));
        let mut calls = vec![Call::Select(Target::All), Call::WriteByte(0xbe)];
        calls.extend([Call::ReadByte; 9]);
        let scratchpad = [0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10, 0x1c].map(Got::Byte);
        let (mut pin, mut uart) = (gpio(&clock, &wire), uart(&clock, &wire));
        assert_eq!(common::blocking(&mut pin, &calls), Ok(scratchpad.into()));
        let scratchpad = [0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10, 0x1c].map(Got::Byte);
        assert_eq!(common::asynch(&mut uart, &calls), Ok(scratchpad.into()));
    }
}

#[test]
fn infallible_pin_leaves_only_faults_of_the_wire() {
    fn fault(error: Error<Infallible>) -> Fault {
        match error {
            Error::Wire(fault) => fault,
            _ => unreachable!("Infallible"),
        }
    }
    let clock = Clock::new();
    assert_eq!(
        gpio(&clock, &Wire::new(&clock)).reset().map_err(fault),
        Err(Fault::NoPresence)
    );
}
