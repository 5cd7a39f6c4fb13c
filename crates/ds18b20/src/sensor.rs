//! What the driver knows of a device, and what it decides from that.

use crate::conversion::Conversion;
use crate::scratchpad::Settings;
use crate::{Completion, Counters, Error, Family, Fault, Resolution, Scratchpad, Temperature};
use core::convert::Infallible;
use core::marker::PhantomData;
use one_wire::{Rom, Target};

/// Attempts after the first, unless told otherwise.
const RETRIES: u8 = 3;

/// Marks a driver for a [`one_wire::blocking::OneWire`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocking;

/// Marks a driver for a `one_wire::asynch::OneWire`. Here without the feature `async`, too, so that what compiles
/// without it does not change its meaning with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Async;

/// Where a device takes the current for a conversion from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Supply {
    /// From its V<sub>DD</sub> pin.
    #[default]
    External,
    /// From the wire, which needs a strong pull-up while it converts or writes its EEPROM.
    Parasite,
}

impl Supply {
    /// How often to ask in one attempt.
    pub(crate) const QUESTIONS: u8 = 3;

    /// What that many answers of one bit mean, so many of them ones. No CRC covers them, and a question that got lost
    /// is answered by a one, too: they have to agree.
    pub(crate) const fn from_ones(ones: u8) -> Result<Self, Fault> {
        match ones {
            0 => Ok(Self::Parasite),
            Self::QUESTIONS => Ok(Self::External),
            _ => Err(Fault::SupplyUnclear),
        }
    }
}

/// A thermometer on a 1-Wire bus: its ROM code, and what has been learnt about it. Every method that talks to it
/// borrows the bus.
///
/// Named [`blocking::Ds18b20`](crate::blocking::Ds18b20) and `asynch::Ds18b20` where its methods are, and made under
/// those names:
///
/// ```compile_fail,E0034
/// use ds18b20::{mode::Ds18b20, one_wire::Rom};
///
/// let rom = Rom::new([0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F]).unwrap();
/// let water = Ds18b20::new(rom); // of which mode?
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ds18b20<Mode> {
    target: Target,
    family: Family,
    resolution: Resolution,
    supply: Supply,
    retries: u8,
    /// Whether it has ever been seen to be busy, so that a conversion without that did not happen.
    shows_busy: bool,
    counters: Counters,
    mode: PhantomData<Mode>,
}

/// Constructors, once for each mode: were they generic, `Ds18b20::new` would find its mode by itself as long as there is
/// one, and no longer once another crate of the build switches `async` on.
macro_rules! constructors {
    ($mode:ident) => {
        impl Ds18b20<$mode> {
            /// Takes the device with this ROM code. Until it has been read it is taken to be externally powered and to
            /// need 750 ms.
            ///
            /// # Errors
            /// [`Fault::Family`] if its family code is not one of [`Family`].
            pub fn new(rom: Rom) -> Result<Self, Fault> {
                let family = Family::from_code(rom.family()).ok_or(Fault::Family(rom.family()))?;
                Ok(Self::with(Target::Rom(rom), family))
            }

            /// Takes the only device on the wire, of which no ROM code is needed.
            pub const fn single_drop(family: Family) -> Self {
                Self::with(Target::All, family)
            }
        }

        impl Group<$mode> {
            /// Takes every device on the wire, of which none is known to be powered by it.
            #[expect(
                clippy::new_without_default,
                reason = "a default would find its mode by itself"
            )]
            pub const fn new() -> Self {
                Self {
                    everyone: Ds18b20::with(Target::All, Family::Ds18b20),
                    supply: Supply::External,
                }
            }
        }
    };
}

constructors!(Blocking);
constructors!(Async);

impl<Mode> Ds18b20<Mode> {
    const fn with(target: Target, family: Family) -> Self {
        Self {
            target,
            family,
            resolution: Resolution::Bits12,
            supply: Supply::External,
            retries: RETRIES,
            shows_busy: false,
            counters: Counters::NONE,
            mode: PhantomData,
        }
    }

    /// The ROM code; `None` of a single drop.
    pub const fn rom(&self) -> Option<Rom> {
        match self.target {
            Target::Rom(rom) => Some(rom),
            _ => None,
        }
    }

    /// The part.
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The resolution last read from the device; 12 bits before.
    pub const fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// The supply last read from the device or set; external before.
    pub const fn supply(&self) -> Supply {
        self.supply
    }

    /// Sets where the device takes its current from, for a device that is not asked.
    pub const fn set_supply(&mut self, supply: Supply) {
        self.supply = supply;
    }

    /// Sets how often an exchange that went wrong is repeated; three times unless set.
    pub const fn set_retries(&mut self, retries: u8) {
        self.retries = retries;
    }

    /// What went wrong so far.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Sets all counters to zero.
    pub const fn reset_counters(&mut self) {
        self.counters = Counters::NONE;
    }

    pub(crate) const fn target(&self) -> Target {
        self.target
    }

    /// Counts the outcome of an attempt and says whether to make another.
    pub(crate) fn again<T, E>(&mut self, attempt: &mut u8, outcome: &Result<T, Error<E>>) -> bool {
        let transient = outcome
            .as_ref()
            .err()
            .is_some_and(|error| self.counters.count(error));
        transient && self.spend(attempt)
    }

    /// As [`again`](Self::again), of the start of a conversion: one that nobody was seen to begin is tried again.
    pub(crate) fn begin_again<E>(
        &mut self,
        attempt: &mut u8,
        outcome: &Result<Conversion, Error<E>>,
    ) -> bool {
        match outcome {
            Ok(conversion) if !conversion.is_powered() && !conversion.is_acknowledged() => {
                self.count(Fault::NotStarted) && self.spend(attempt)
            }
            _ => self.again(attempt, outcome),
        }
    }

    fn count(&mut self, fault: Fault) -> bool {
        self.counters.count(&Error::<Infallible>::Device(fault))
    }

    fn spend(&mut self, attempt: &mut u8) -> bool {
        let left = *attempt < self.retries;
        if left {
            *attempt += 1;
            self.counters.retries = self.counters.retries.saturating_add(1);
        }
        left
    }

    /// The conversion that a command is about to start.
    pub(crate) const fn plan(&self, completion: Completion) -> Conversion {
        match self.supply {
            Supply::External => Conversion::new(self.resolution, completion),
            Supply::Parasite => Conversion::powered(self.resolution),
        }
    }

    /// Whether a conversion has begun as far as can be known. Some clones never show that they are busy; of one
    /// that did before, silence means that it did not hear the command.
    pub(crate) const fn has_begun(&mut self, conversion: &Conversion) -> bool {
        self.shows_busy |= conversion.is_acknowledged();
        conversion.is_powered() || conversion.is_acknowledged() || !self.shows_busy
    }

    pub(crate) const fn learn(&mut self, scratchpad: &Scratchpad) {
        self.resolution = scratchpad.resolution();
    }

    /// The temperature in a scratchpad, if the device was given the time that its resolution needs.
    pub(crate) fn judge(
        &mut self,
        assumed: Resolution,
        scratchpad: &Scratchpad,
    ) -> Result<Temperature, Fault> {
        let actual = scratchpad.resolution();
        let verdict = if actual > assumed {
            Err(Fault::ResolutionChanged { actual })
        } else {
            scratchpad.temperature()
        };
        verdict.inspect_err(|&fault| {
            self.count(fault);
        })
    }

    /// Whether `wanted` has to be written to a device that holds `found`. `retries` is none before the first write.
    ///
    /// # Errors
    /// What the device did not take, once the attempts are spent.
    pub(crate) fn must_write(
        &mut self,
        retries: &mut Option<u8>,
        wanted: Settings,
        found: &Scratchpad,
    ) -> Result<bool, Fault> {
        if wanted == found.settings() {
            return Ok(false);
        }
        let fault = wanted.missed_by(found);
        let possible = self.family.has_configuration() || fault == Fault::NotStored;
        if possible && retries.is_none() {
            *retries = Some(0);
            return Ok(true);
        }
        self.count(fault);
        let again = retries.as_mut().is_some_and(|spent| self.spend(spent));
        if again { Ok(true) } else { Err(fault) }
    }

    /// As much of Write Scratchpad as the part takes: a DS18S20 has no configuration.
    pub(crate) const fn written<'a>(&self, command: &'a [u8; 4]) -> &'a [u8] {
        match command {
            [short @ .., _] if !self.family.has_configuration() => short,
            _ => command,
        }
    }
}

/// Every device on the wire at once: one conversion for all, which are then read one by one.
///
/// Named [`blocking::Group`](crate::blocking::Group) and `asynch::Group` where its methods are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<Mode> {
    everyone: Ds18b20<Mode>,
    supply: Supply,
}

impl<Mode> Group<Mode> {
    /// Parasite if one device, at least, has answered or was set to be; external before.
    pub const fn supply(&self) -> Supply {
        self.supply
    }

    /// Sets whether there may be devices that are powered by the wire, for a wire that is not asked.
    pub const fn set_supply(&mut self, supply: Supply) {
        self.supply = supply;
    }

    /// Sets how often a command that went wrong is repeated; three times unless set.
    pub const fn set_retries(&mut self, retries: u8) {
        self.everyone.set_retries(retries);
    }

    /// What went wrong so far with commands to everyone.
    pub const fn counters(&self) -> Counters {
        self.everyone.counters()
    }

    /// Sets all counters to zero.
    pub const fn reset_counters(&mut self) {
        self.everyone.reset_counters();
    }

    pub(crate) const fn everyone(&mut self) -> &mut Ds18b20<Mode> {
        &mut self.everyone
    }

    /// Everyone, as slow as the slowest of `sensors` and as demanding as the most demanding.
    pub(crate) fn among(&mut self, sensors: &[Ds18b20<Mode>]) -> &mut Ds18b20<Mode> {
        let slowest = sensors
            .iter()
            .map(Ds18b20::resolution)
            .max()
            .unwrap_or(Resolution::Bits12);
        let parasite = sensors.iter().any(|sensor| sensor.supply == Supply::Parasite);
        self.everyone.resolution = slowest;
        self.everyone.supply = if parasite { Supply::Parasite } else { self.supply };
        self.everyone.shows_busy |= sensors.iter().any(|sensor| sensor.shows_busy);
        &mut self.everyone
    }
}
