//! A simulated display on a simulated bus, and both front ends.
#![allow(dead_code, reason = "every test file uses a part of it")]

use embassy_futures::block_on;
use hd44780_i2c::{
    Backpack, BusyFlag, Config, Error, Geometry, Rom, Screen, Timing, asynch, blocking, fugit::HertzU32,
};

pub(crate) type Failure = Error<sim::I2cError>;

/// A display, the bus that it is on, and what happened there.
pub(crate) struct Bench {
    pub(crate) clock: sim::Clock,
    pub(crate) bus: sim::I2cBus,
    pub(crate) lcd: sim::I2cAttached<sim::Hd44780>,
}

impl Bench {
    pub(crate) fn new(frequency: u32, lcd: sim::Hd44780) -> Self {
        let clock = sim::Clock::new();
        let bus = sim::I2cBus::new(&clock).with_frequency(frequency);
        let lcd = bus.attach(0x27, lcd);
        Self { clock, bus, lcd }
    }

    pub(crate) fn of(geometry: Geometry) -> Self {
        Self::new(100_000, model(geometry))
    }

    pub(crate) fn blocking(&self, config: impl Into<Config>) -> blocking::Hd44780<sim::I2cBus, sim::Delay> {
        blocking::Hd44780::new(self.bus.handle(), self.clock.delay(), config)
    }

    pub(crate) fn asynch(&self, config: impl Into<Config>) -> asynch::Hd44780<sim::I2cBus, sim::Delay> {
        asynch::Hd44780::new(self.bus.handle(), self.clock.delay(), config)
    }

    pub(crate) fn picture(&self) -> sim::LcdPicture {
        self.lcd.with(|lcd| lcd.picture())
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.picture().lines
    }

    pub(crate) fn violations(&self) -> Vec<sim::LcdViolation> {
        self.lcd.with(|lcd| lcd.violations().to_vec())
    }

    /// The visible codes differ from the framebuffer's at this position.
    pub(crate) fn difference(&self, screen: &Screen) -> Option<(u8, u8)> {
        let geometry = screen.geometry();
        (0..geometry.rows())
            .flat_map(|row| (0..geometry.columns()).map(move |column| (row, column)))
            .find(|&(row, column)| self.lcd.with(|lcd| lcd.code(row, column)) != screen.code(row, column))
    }
}

/// The module for a geometry.
pub(crate) fn model(geometry: Geometry) -> sim::Hd44780 {
    let model = sim::Hd44780::new(geometry.columns(), geometry.rows());
    if geometry == Geometry::Lcd16x1Split {
        model.with_split_row()
    } else {
        model
    }
}

pub(crate) const GEOMETRIES: [Geometry; 10] = [
    Geometry::Lcd8x1,
    Geometry::Lcd16x1,
    Geometry::Lcd16x1Split,
    Geometry::Lcd8x2,
    Geometry::Lcd16x2,
    Geometry::Lcd20x2,
    Geometry::Lcd24x2,
    Geometry::Lcd40x2,
    Geometry::Lcd16x4,
    Geometry::Lcd20x4,
];

pub(crate) const BACKPACKS: [(Backpack, sim::LcdWiring); 6] = [
    (Backpack::YWROBOT, sim::LcdWiring::YWROBOT),
    (Backpack::LCM1602, sim::LcdWiring::LCM1602),
    (Backpack::MJKDZ, sim::LcdWiring::MJKDZ),
    (Backpack::LCDXIO, sim::LcdWiring::LCDXIO),
    (Backpack::LCDXIO_NBL, sim::LcdWiring::LCDXIO_NBL),
    (Backpack::ADAFRUIT_292, sim::LcdWiring::ADAFRUIT_292),
];

pub(crate) fn timing(bus: u32, oscillator: u32) -> Timing {
    Timing::new(HertzU32::from_raw(bus), HertzU32::from_raw(oscillator)).expect("within the data sheet")
}

pub(crate) fn with(geometry: Geometry, change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::new(geometry);
    change(&mut config);
    config
}

pub(crate) fn polled(geometry: Geometry) -> Config {
    with(geometry, |config| config.busy_flag = BusyFlag::Polled)
}

pub(crate) fn european(geometry: Geometry) -> Config {
    with(geometry, |config| config.rom = Rom::A02)
}

/// What a test needs of either front end.
pub(crate) trait Front {
    type Error;
    fn screen(&mut self) -> &mut Screen;
    fn init(&mut self) -> Result<(), Self::Error>;
    fn flush(&mut self) -> Result<(), Self::Error>;
}

impl<I: embedded_hal::i2c::I2c, D: embedded_hal::delay::DelayNs> Front for blocking::Hd44780<I, D> {
    type Error = Error<I::Error>;
    fn screen(&mut self) -> &mut Screen {
        &mut self.screen
    }
    fn init(&mut self) -> Result<(), Self::Error> {
        Self::init(self)
    }
    fn flush(&mut self) -> Result<(), Self::Error> {
        Self::flush(self)
    }
}

impl<I: embedded_hal_async::i2c::I2c, D: embedded_hal_async::delay::DelayNs> Front for asynch::Hd44780<I, D> {
    type Error = Error<I::Error>;
    fn screen(&mut self) -> &mut Screen {
        &mut self.screen
    }
    fn init(&mut self) -> Result<(), Self::Error> {
        block_on(Self::init(self))
    }
    fn flush(&mut self) -> Result<(), Self::Error> {
        block_on(Self::flush(self))
    }
}
