//! A bus for several devices, of this crate and of another.

use super::*;
use core::cell::RefCell;
use core::fmt::Write as _;
use embedded_hal_bus::i2c::RefCellDevice;
use hd44780_i2c::Geometry;
use hd44780_i2c::blocking::Hd44780;

/// A pH circuit and a display on one bus.
struct Bench {
    clock: Clock,
    circuit: sim::Ezo,
    display: sim::I2cAttached<sim::Hd44780>,
    bus: RefCell<I2cBus>,
}

impl Bench {
    fn new() -> Self {
        let clock = Clock::new();
        let bus = I2cBus::new(&clock);
        let circuit = sim::Ezo::new(&clock, EzoKind::Ph);
        bus.attach(0x63, circuit.clone());
        let display = bus.attach(0x27, sim::Hd44780::new(16, 2));
        Self {
            clock,
            circuit,
            display,
            bus: RefCell::new(bus),
        }
    }

    fn ezo(&self) -> blocking::Ezo<Ph, I2c<RefCellDevice<'_, I2cBus>, Delay>> {
        blocking::Ezo::new(I2c::new(
            RefCellDevice::new(&self.bus),
            Ph::ADDRESS,
            self.clock.delay(),
        ))
    }

    fn lcd(&self) -> Hd44780<RefCellDevice<'_, I2cBus>, Delay> {
        Hd44780::new(
            RefCellDevice::new(&self.bus),
            self.clock.delay(),
            Geometry::Lcd16x2,
        )
    }

    /// The first row of the display, without spaces at its end. Nothing forbidden may have been done to it.
    fn shown(&self) -> String {
        self.display.with(|display| {
            assert_eq!(display.violations(), []);
            display
                .picture()
                .lines
                .first()
                .map_or(String::new(), |line| line.trim_end().to_owned())
        })
    }
}

#[test]
fn display_on_the_same_bus_shows_the_ph() {
    let bench = Bench::new();
    let (mut ezo, mut lcd) = (bench.ezo(), bench.lcd());
    ezo.init().unwrap();
    for (ph, shown) in [(6.2, "6.20 pH"), (5.804, "5.80 pH"), (10.5, "10.50 pH")] {
        bench.circuit.set(ph);
        let reading = ezo.read().unwrap();
        lcd.screen.clear();
        write!(lcd.screen, "{reading:.2}").unwrap();
        lcd.flush().unwrap();
        assert_eq!(bench.shown(), shown);
    }
}

#[test]
fn display_is_written_while_a_reading_is_on_its_way() {
    let bench = Bench::new();
    bench.circuit.set(6.2);
    let device = RefCellDevice::new(&bench.bus);
    let mut ezo = nonblocking::Ezo::<Ph, _>::new(I2c::new(device, Ph::ADDRESS, ()));
    let mut lcd = bench.lcd();
    let mut flushes = 0;
    let reading = poll(&bench.clock, |now| {
        let reading = ezo.read(now);
        if reading.is_err() {
            flushes += 1;
            lcd.screen.home();
            write!(lcd.screen, "waiting {flushes}").unwrap();
            lcd.flush().unwrap();
            assert_eq!(bench.shown(), format!("waiting {flushes}"));
        }
        reading
    });
    assert_eq!(reading, MilliPh::new(6_200).unwrap());
    assert!(flushes > 100, "{flushes}");
}

#[test]
fn display_that_is_unplugged_leaves_the_circuit_alone() {
    let bench = Bench::new();
    bench.circuit.set(6.2);
    let (mut ezo, mut lcd) = (bench.ezo(), bench.lcd());
    lcd.screen.write_str("pH").unwrap();
    lcd.flush().unwrap();
    bench.display.unplug();
    lcd.screen.write_str(" 6.20").unwrap();
    assert!(matches!(lcd.flush(), Err(hd44780_i2c::Error::Bus(_))));
    assert_eq!(ezo.read(), Ok(MilliPh::new(6_200).unwrap()));
    bench.display.plug();
    lcd.flush().unwrap();
    assert_eq!(bench.shown(), "pH 6.20");
}

#[test]
fn circuit_without_supply_leaves_the_display_alone() {
    let bench = Bench::new();
    bench.circuit.set(6.2);
    let (mut ezo, mut lcd) = (bench.ezo(), bench.lcd());
    bench.circuit.power_off();
    assert!(matches!(ezo.read(), Err(Error::Bus(_))));
    lcd.screen.write_str("pH ?").unwrap();
    lcd.flush().unwrap();
    assert_eq!(bench.shown(), "pH ?");
    bench.circuit.power_on();
    bench.clock.advance(1_000 * MS);
    assert_eq!(ezo.read(), Ok(MilliPh::new(6_200).unwrap()));
}

#[test]
fn two_circuits_share_a_bus() {
    let clock = Clock::new();
    let bus = I2cBus::new(&clock);
    let ph = sim::Ezo::new(&clock, EzoKind::Ph);
    let rtd = sim::Ezo::new(&clock, EzoKind::Rtd);
    ph.set(6.2);
    rtd.set(19.5);
    bus.attach(0x63, ph);
    bus.attach(0x66, rtd);
    let bus = RefCell::new(bus);
    let share = || RefCellDevice::new(&bus);
    let mut ph = blocking::Ezo::<Ph, _>::new(I2c::new(share(), Ph::ADDRESS, clock.delay()));
    let mut rtd = blocking::Ezo::<Rtd, _>::new(I2c::new(share(), Rtd::ADDRESS, clock.delay()));
    for _ in 0..3 {
        let temperature = rtd.read().unwrap();
        assert_eq!(temperature, MilliCelsius::new(19_500));
        assert_eq!(ph.read_at(temperature).map(|ph| ph.get() / 100), Ok(61));
    }
}

#[test]
fn two_polled_circuits_are_read_in_the_time_of_one() {
    let clock = Clock::new();
    let bus = I2cBus::new(&clock);
    bus.attach(0x63, sim::Ezo::new(&clock, EzoKind::Ph));
    bus.attach(0x62, sim::Ezo::new(&clock, EzoKind::Orp));
    let mut ph = nonblocking::Ezo::<Ph, _>::new(I2c::new(bus.handle(), Ph::ADDRESS, ()));
    let mut orp = nonblocking::Ezo::<Orp, _>::new(I2c::new(bus, Orp::ADDRESS, ()));
    let begin = clock.now();
    let (mut acidity, mut redox) = (None, None);
    while acidity.is_none() || redox.is_none() {
        let now = nonblocking::Instant::from_ticks(clock.now() / MS);
        if acidity.is_none() {
            acidity = ph.read(now).ok();
        }
        if redox.is_none() {
            redox = orp.read(now).ok();
        }
        clock.advance(MS / 5);
        assert!(clock.now() - begin < 1_150 * MS, "{}", clock.now() - begin);
    }
}

#[test]
fn two_circuits_are_read_in_the_time_of_one() {
    let clock = Clock::new();
    let bus = I2cBus::new(&clock);
    bus.attach(0x63, sim::Ezo::new(&clock, EzoKind::Ph));
    bus.attach(0x62, sim::Ezo::new(&clock, EzoKind::Orp));
    let mut ph = asynch::Ezo::<Ph, _>::new(I2c::new(bus.handle(), Ph::ADDRESS, clock.delay()));
    let mut orp = asynch::Ezo::<Orp, _>::new(I2c::new(bus, Orp::ADDRESS, clock.delay()));
    let begin = clock.now();
    let (ph, orp) = clock.run(embassy_futures::join::join(ph.read(), orp.read()));
    assert!(ph.is_ok() && orp.is_ok());
    // One reading takes 900 ms, and is found at most 145 ms later the first time.
    assert!(clock.now() - begin < 1_150 * MS, "{}", clock.now() - begin);
}
