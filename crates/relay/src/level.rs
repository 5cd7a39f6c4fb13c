//! On and off, and the pins that mean it.

use embedded_hal::digital::{OutputPin, PinState};

/// Whether the load has power.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Level {
    /// The load has no power.
    #[default]
    Off,
    /// The load has power.
    On,
}

/// Which level of the pin switches the relay on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Polarity {
    /// A low pin switches on: most opto-coupled modules.
    ActiveLow,
    /// A high pin switches on: a transistor or an SSR to ground.
    ActiveHigh,
}

impl Polarity {
    /// The state of the pin at this level.
    pub fn pin_state(self, level: Level) -> PinState {
        match (self, level) {
            (Self::ActiveLow, Level::Off) | (Self::ActiveHigh, Level::On) => PinState::High,
            (Self::ActiveLow, Level::On) | (Self::ActiveHigh, Level::Off) => PinState::Low,
        }
    }
}

/// Something that can be switched: a pin with a polarity, a port of an expander, a relay board on a bus.
///
/// `write` returns `Ok` only if the output has this level now. After an `Err` it is taken to have either.
pub trait Drive {
    /// What can go wrong.
    type Error;

    /// Sets the output.
    fn write(&mut self, level: Level) -> Result<(), Self::Error>;
}

impl<D: Drive + ?Sized> Drive for &mut D {
    type Error = D::Error;

    fn write(&mut self, level: Level) -> Result<(), Self::Error> {
        D::write(self, level)
    }
}

/// A pin whose low level switches on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveLow<P>(pub P);

/// A pin whose high level switches on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveHigh<P>(pub P);

/// A pin whose polarity is known when the program runs, from a configuration for instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<P> {
    /// The pin.
    pub pin: P,
    /// Which level of it switches on.
    pub polarity: Polarity,
}

impl<P> Output<P> {
    /// A pin with this polarity. Does not touch the pin.
    pub fn new(pin: P, polarity: Polarity) -> Self {
        Self { pin, polarity }
    }
}

impl<P: OutputPin> Drive for ActiveLow<P> {
    type Error = P::Error;

    fn write(&mut self, level: Level) -> Result<(), P::Error> {
        self.0.set_state(Polarity::ActiveLow.pin_state(level))
    }
}

impl<P: OutputPin> Drive for ActiveHigh<P> {
    type Error = P::Error;

    fn write(&mut self, level: Level) -> Result<(), P::Error> {
        self.0.set_state(Polarity::ActiveHigh.pin_state(level))
    }
}

impl<P: OutputPin> Drive for Output<P> {
    type Error = P::Error;

    fn write(&mut self, level: Level) -> Result<(), P::Error> {
        self.pin.set_state(self.polarity.pin_state(level))
    }
}
