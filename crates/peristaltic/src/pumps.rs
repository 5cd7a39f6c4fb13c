//! The pumps of a tank with their motors.

use crate::{Drive, Instant, Motor, Outcome, Record, Refused, Request, Step, Stored, Tank, Ticket};
use core::fmt;

/// A motor could not be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OutputError<E> {
    /// The index of the pump.
    pub pump: usize,
    /// What the output said first.
    pub cause: E,
    /// Whether it could be switched off after that. If not, this is tried again at every tick.
    pub stopped: bool,
}

impl<E: fmt::Debug> fmt::Display for OutputError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let off = if self.stopped { "is off" } else { "may still be on" };
        write!(
            f,
            "output of pump {} failed and {off}: {:?}",
            self.pump, self.cause
        )
    }
}

impl<E: fmt::Debug> core::error::Error for OutputError<E> {}

/// Why a dose was not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E, S> {
    /// It was refused.
    Refused(Refused),
    /// Its record could not be stored.
    Store(S),
    /// The motor could not be switched on; the dose is ended.
    Output(OutputError<E>),
}

impl<E: fmt::Debug, S: fmt::Debug> fmt::Display for Error<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => refused.fmt(f),
            Self::Store(store) => write!(f, "the record could not be stored: {store:?}"),
            Self::Output(output) => output.fmt(f),
        }
    }
}

impl<E: fmt::Debug, S: fmt::Debug> core::error::Error for Error<E, S> {}

/// A [`Tank`] and the motors of its pumps.
///
/// Every call that changes what a motor is to do also does it. A motor that cannot be set is switched off; one that
/// cannot be switched off is tried again at every [`tick`](Self::tick), and counts as running meanwhile.
#[derive(Debug)]
pub struct Pumps<M, const N: usize> {
    tank: Tank<N>,
    motors: [M; N],
    /// What was put out last, if that succeeded.
    out: [Option<Drive>; N],
}

impl<M: Motor, const N: usize> Pumps<M, N> {
    /// Takes the motors and switches all of them off, before anything else.
    ///
    /// What fails is latched as a fault of its pump; the first error is returned along with the pumps, and switching off
    /// is tried again at every tick.
    pub fn new(tank: Tank<N>, motors: [M; N], now: Instant) -> (Self, Result<(), OutputError<M::Error>>) {
        let mut pumps = Self {
            tank,
            motors,
            out: [None; N],
        };
        let result = pumps.put_out(now);
        (pumps, result)
    }

    /// The state, to look at.
    pub const fn tank(&self) -> &Tank<N> {
        &self.tank
    }

    /// The state, for what needs no motor at once: bottles, calibrations, acknowledgements. Call
    /// [`tick`](Self::tick) after it.
    pub const fn tank_mut(&mut self) -> &mut Tank<N> {
        &mut self.tank
    }

    /// Admits a dose: [`Tank::prepare`].
    ///
    /// # Errors
    ///
    /// [`Refused`]; nothing has changed.
    pub fn prepare(&mut self, now: Instant, request: Request) -> Result<Ticket, Refused> {
        self.tank.prepare(now, request)
    }

    /// Starts the dose whose record was stored.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the ticket is stale, [`Error::Output`].
    pub fn start(
        &mut self,
        now: Instant,
        ticket: Stored,
    ) -> Result<(), Error<M::Error, core::convert::Infallible>> {
        self.tank.start(now, ticket).map_err(Error::Refused)?;
        self.put_out(now).map_err(Error::Output)
    }

    /// Admits a dose, has its record stored, and starts it.
    ///
    /// `clock` is asked again after `store`, which may take its time.
    ///
    /// # Errors
    ///
    /// [`Error`]. A dose whose record could not be stored is taken back.
    pub fn dose<S>(
        &mut self,
        mut clock: impl FnMut() -> Instant,
        request: Request,
        store: impl FnOnce(&Record<N>) -> Result<(), S>,
    ) -> Result<(), Error<M::Error, S>> {
        let ticket = self.tank.prepare(clock(), request).map_err(Error::Refused)?;
        match store(self.tank.record()) {
            Ok(()) => {
                let now = clock();
                self.tank.start(now, ticket.stored()).map_err(Error::Refused)?;
                self.put_out(now).map_err(Error::Output)
            }
            Err(cause) => {
                self.tank.cancel(clock());
                Err(Error::Store(cause))
            }
        }
    }

    /// Lets time pass, sets the motors, and says when to call again.
    ///
    /// The step is there even if a motor fails.
    pub fn tick(&mut self, now: Instant) -> (Step, Result<(), OutputError<M::Error>>) {
        self.tank.advance(now);
        let result = self.put_out(now);
        (self.tank.tick(now), result)
    }

    /// Pauses the dose that runs. Whether there was one.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the motor could not be switched off.
    pub fn pause(&mut self, now: Instant) -> Result<bool, OutputError<M::Error>> {
        let paused = self.tank.pause(now);
        self.put_out(now).map(|()| paused)
    }

    /// Goes on with the dose that was paused. Whether there was one.
    ///
    /// # Errors
    ///
    /// [`OutputError`] if the motor could not be switched on.
    pub fn resume(&mut self, now: Instant) -> Result<bool, OutputError<M::Error>> {
        let resumed = self.tank.resume(now);
        self.put_out(now).map(|()| resumed)
    }

    /// Ends the dose, and says what it delivered.
    ///
    /// The outcome is there even if the motor could not be switched off.
    pub fn stop(&mut self, now: Instant) -> (Option<Outcome>, Result<(), OutputError<M::Error>>) {
        let outcome = self.tank.stop(now);
        (outcome, self.put_out(now))
    }

    /// Switches everything off, whatever it is thought to be, until every pump is acknowledged.
    ///
    /// # Errors
    ///
    /// The first [`OutputError`]; all motors are tried.
    pub fn emergency_stop(&mut self, now: Instant) -> Result<(), OutputError<M::Error>> {
        self.tank.emergency_stop(now);
        self.out = [None; N];
        self.put_out(now)
    }

    /// Ends the dose, switches all motors off and gives everything back.
    pub fn release(mut self, now: Instant) -> (Tank<N>, [M; N], Result<(), OutputError<M::Error>>) {
        self.tank.abandon(now);
        self.out = [None; N];
        let result = self.put_out(now);
        (self.tank, self.motors, result)
    }

    /// Sets every motor that is not as it should be. All are tried; the first error is kept.
    fn put_out(&mut self, now: Instant) -> Result<(), OutputError<M::Error>> {
        let mut result = Ok(());
        // Off before on, so that two motors never overlap.
        for stop in [true, false] {
            for (pump, (motor, out)) in self.motors.iter_mut().zip(&mut self.out).enumerate() {
                let drive = self.tank.drive(pump);
                if (drive == Drive::Stop) != stop || *out == Some(drive) {
                    continue;
                }
                let was_stuck = self.tank.is_stuck(pump);
                let error = match motor.drive(drive) {
                    Ok(()) => {
                        *out = Some(drive);
                        if was_stuck && drive == Drive::Stop {
                            self.tank.output_stopped(now, pump);
                        }
                        continue;
                    }
                    Err(error) => error,
                };
                let stopped = motor.drive(Drive::Stop).is_ok();
                *out = stopped.then_some(Drive::Stop);
                self.tank.output_failed(now, pump, stopped);
                result = result.and(Err(OutputError {
                    pump,
                    cause: error,
                    stopped,
                }));
            }
        }
        result
    }
}
