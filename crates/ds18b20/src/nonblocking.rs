//! The polled front end: nothing here waits. Reset and slots take their time (an addressed read has 152 slots);
//! conversions take none.
//!
//! Set the device up with the [`blocking`] front end, whose only waits are those of
//! [`convert`](crate::blocking::Ds18b20::convert), [`measure`](crate::blocking::Ds18b20::measure) and the EEPROM.

use crate::blocking::{self, unpower};
use crate::conversion::{Conversion, Step};
use crate::{Completion, Error, Fault, Temperature};
use fugit::MicrosDurationU32;
use one_wire::blocking::OneWire;

/// A point in time in milliseconds, as the caller's clock has it. 64 bits do not wrap.
pub type Instant = fugit::MonotonicTimerInstantU64<1000>;

type Result<T, B> = core::result::Result<T, Error<<B as OneWire>::Error>>;

/// A thermometer that is started, polled and read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ds18b20 {
    sensor: blocking::Ds18b20,
    in_flight: InFlight,
}

impl Ds18b20 {
    /// Takes a device that has been set up.
    pub const fn new(sensor: blocking::Ds18b20) -> Self {
        Self {
            sensor,
            in_flight: InFlight(None),
        }
    }

    /// The device, with its counters.
    pub const fn sensor(&self) -> &blocking::Ds18b20 {
        &self.sensor
    }

    /// The device, to change its settings.
    ///
    /// # Errors
    /// [`Fault::Busy`] while a conversion is in flight.
    pub fn sensor_mut(&mut self) -> core::result::Result<&mut blocking::Ds18b20, Fault> {
        self.in_flight.check_idle()?;
        Ok(&mut self.sensor)
    }

    /// Gives the device back. A conversion in flight is forgotten, the strong pull-up is left as it is:
    /// [`abort`](Self::abort) first.
    pub fn release(self) -> blocking::Ds18b20 {
        self.sensor
    }

    /// Whether a conversion is in flight. None is before the first start, nor after one that went wrong or was aborted.
    pub const fn is_busy(&self) -> bool {
        self.in_flight.0.is_some()
    }

    /// Starts a conversion. Until [`poll`](Self::poll) says that it is over, the wire is to be left alone: a device
    /// that takes its current from it would lose it.
    ///
    /// # Errors
    /// [`Fault::Busy`] while a conversion is in flight; those of
    /// [`blocking::Ds18b20::convert`].
    pub fn start<B: OneWire>(&mut self, bus: &mut B, completion: Completion, now: Instant) -> Result<(), B> {
        self.in_flight.check_idle()?;
        self.in_flight = InFlight(Some((self.sensor.start(bus, completion)?, now)));
        Ok(())
    }

    /// Asks whether the conversion is over, and ends the strong pull-up when it is.
    ///
    /// A tick of the clock may be nearly over when the conversion is started, so one more than the maximum of the
    /// resolution is let pass.
    ///
    /// # Errors
    /// [`nb::Error::WouldBlock`] until then; [`Fault::Idle`] if none was started; errors of the bus, which end the
    /// conversion.
    pub fn poll<B: OneWire>(&mut self, bus: &mut B, now: Instant) -> nb::Result<(), Error<B::Error>> {
        self.in_flight.poll(bus, now)
    }

    /// Reads the result of the last conversion.
    ///
    /// # Errors
    /// [`Fault::Busy`] while a conversion is in flight; those of [`blocking::Ds18b20::read`].
    pub fn read<B: OneWire>(&mut self, bus: &mut B) -> Result<Temperature, B> {
        self.in_flight.check_idle()?;
        self.sensor.read(bus)
    }

    /// Forgets the conversion in flight, if any, and ends the strong pull-up.
    ///
    /// # Errors
    /// Errors of the bus.
    pub fn abort<B: OneWire>(&mut self, bus: &mut B) -> Result<(), B> {
        self.in_flight.abort(bus)
    }
}

/// Every thermometer on the wire: one conversion for all, which are then read one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    group: blocking::Group,
    in_flight: InFlight,
}

impl Group {
    /// Takes a wire that has been set up.
    pub const fn new(group: blocking::Group) -> Self {
        Self {
            group,
            in_flight: InFlight(None),
        }
    }

    /// The wire, with its counters.
    pub const fn group(&self) -> &blocking::Group {
        &self.group
    }

    /// The wire, to change its settings.
    ///
    /// # Errors
    /// [`Fault::Busy`] while a conversion is in flight.
    pub fn group_mut(&mut self) -> core::result::Result<&mut blocking::Group, Fault> {
        self.in_flight.check_idle()?;
        Ok(&mut self.group)
    }

    /// Whether a conversion is in flight, as [`Ds18b20::is_busy`].
    pub const fn is_busy(&self) -> bool {
        self.in_flight.0.is_some()
    }

    /// Starts a conversion in every device on the wire, to be as long as the slowest of `sensors` needs.
    ///
    /// # Errors
    /// [`Fault::Busy`] while a conversion is in flight; those of [`blocking::Group::convert`].
    pub fn start<B: OneWire>(
        &mut self,
        bus: &mut B,
        sensors: &[blocking::Ds18b20],
        completion: Completion,
        now: Instant,
    ) -> Result<(), B> {
        self.in_flight.check_idle()?;
        let conversion = self.group.among(sensors).start(bus, completion)?;
        self.in_flight = InFlight(Some((conversion, now)));
        Ok(())
    }

    /// Asks whether the conversion is over, as [`Ds18b20::poll`].
    ///
    /// # Errors
    /// Those of [`Ds18b20::poll`].
    pub fn poll<B: OneWire>(&mut self, bus: &mut B, now: Instant) -> nb::Result<(), Error<B::Error>> {
        self.in_flight.poll(bus, now)
    }

    /// Forgets the conversion in flight, if any, and ends the strong pull-up.
    ///
    /// # Errors
    /// Errors of the bus.
    pub fn abort<B: OneWire>(&mut self, bus: &mut B) -> Result<(), B> {
        self.in_flight.abort(bus)
    }
}

/// A conversion and when it was started.
#[derive(Debug, Clone, PartialEq, Eq)]
struct InFlight(Option<(Conversion, Instant)>);

impl InFlight {
    fn check_idle(&self) -> core::result::Result<(), Fault> {
        if self.0.is_some() {
            Err(Fault::Busy)
        } else {
            Ok(())
        }
    }

    fn poll<B: OneWire>(&mut self, bus: &mut B, now: Instant) -> nb::Result<(), Error<B::Error>> {
        let Some((conversion, since)) = &mut self.0 else {
            return Err(nb::Error::Other(Fault::Idle.into()));
        };
        let elapsed = elapsed(*since, now);
        let outcome = match conversion.step(elapsed) {
            Step::Wait(_) => return Err(nb::Error::WouldBlock),
            Step::Look => bus.read_byte().map(|byte| conversion.saw(byte, elapsed)),
            Step::Done => Ok(()),
        };
        if outcome.is_ok() && conversion.step(elapsed) != Step::Done {
            return Err(nb::Error::WouldBlock);
        }
        self.end(bus, outcome.map_err(Error::Bus))
            .map_err(nb::Error::Other)
    }

    fn abort<B: OneWire>(&mut self, bus: &mut B) -> Result<(), B> {
        self.end(bus, Ok(()))
    }

    fn end<B: OneWire>(&mut self, bus: &mut B, outcome: Result<(), B>) -> Result<(), B> {
        match self.0.take() {
            Some((conversion, _)) if conversion.is_powered() => unpower(bus, outcome),
            _ => outcome,
        }
    }
}

/// The time that has passed for certain: the tick in which it began may have been nearly over.
fn elapsed(since: Instant, now: Instant) -> MicrosDurationU32 {
    let ticks = now
        .checked_duration_since(since)
        .map_or(0, |time| time.as_ticks().saturating_sub(1));
    MicrosDurationU32::from_micros(u32::try_from(ticks).unwrap_or(u32::MAX).saturating_mul(1000))
}
