//! One relay and its output.

use crate::{
    Command, Config, Counters, Drive, Error, Fault, Guard, InitError, Instant, Level, State, Update,
};
use fugit::MillisDurationU32;

/// An output, and what was written to it.
#[derive(Debug)]
pub(crate) struct Port<D> {
    pub(crate) drive: D,
    written: Level,
}

impl<D: Drive> Port<D> {
    /// Writes off; once more if that fails, but the error stays.
    pub(crate) fn start(mut drive: D) -> (Self, Result<(), D::Error>) {
        let result = match drive.write(Level::Off) {
            Ok(()) => Ok(()),
            Err(error) => match drive.write(Level::Off) {
                Ok(()) | Err(_) => Err(error),
            },
        };
        let written = Level::Off;
        (Self { drive, written }, result)
    }

    /// Makes the output what `guard` says. Returns whether it is off after all.
    pub(crate) fn write(&mut self, guard: &mut Guard) -> Result<bool, D::Error> {
        let level = guard.level();
        if level == self.written && !guard.is_uncertain() {
            return Ok(false);
        }
        let result = self.drive.write(level);
        if let Err(error) = result {
            guard.output_failed();
            // The first error says why; if this fails too, the guard stays uncertain and it is tried again.
            if self.drive.write(Level::Off).is_ok() {
                self.written = Level::Off;
                guard.output_is_off();
            }
            return Err(error);
        }
        self.written = level;
        let recovered = guard.is_uncertain();
        guard.output_is_off();
        Ok(recovered)
    }
}

/// A relay or SSR at an output.
///
/// All that concerns time is in the [`Guard`]; this writes the output. If that fails, the error is returned, the
/// fault [`Fault::Output`] latched, and it is tried to switch off: at once and with every update until it succeeds.
#[derive(Debug)]
pub struct Relay<D> {
    port: Port<D>,
    guard: Guard,
}

impl<D: Drive> Relay<D> {
    /// Switches the output off before anything else, and starts as [`Guard::new`].
    ///
    /// # Errors
    ///
    /// The output cannot be written, or the configuration contradicts itself. The output comes back with the error.
    pub fn new(
        drive: D,
        config: Config,
        restored: Option<State>,
        now: Instant,
    ) -> Result<Self, InitError<D, D::Error>> {
        let (port, result) = Port::start(drive);
        let guard = result
            .map_err(Error::Pin)
            .and_then(|()| Guard::new(config, restored, now).map_err(Error::Config));
        match guard {
            Ok(guard) => Ok(Self { port, guard }),
            Err(error) => Err(InitError {
                drive: port.drive,
                error,
            }),
        }
    }

    /// Asks for on.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command).
    pub fn on(&mut self, now: Instant) -> Result<Update, Error<D::Error>> {
        self.command(Command::On, now)
    }

    /// Asks for off.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command).
    pub fn off(&mut self, now: Instant) -> Result<Update, Error<D::Error>> {
        self.command(Command::Off, now)
    }

    /// Asks for the contrary of what is asked for.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command).
    pub fn toggle(&mut self, now: Instant) -> Result<Update, Error<D::Error>> {
        self.command(Command::Toggle, now)
    }

    /// Asks for on during `time`.
    ///
    /// # Errors
    ///
    /// As [`command`](Self::command).
    pub fn pulse(&mut self, time: MillisDurationU32, now: Instant) -> Result<Update, Error<D::Error>> {
        self.command(Command::Pulse(time), now)
    }

    /// Changes what is asked for, and updates.
    ///
    /// # Errors
    ///
    /// The command is refused, or the output cannot be written.
    pub fn command(&mut self, command: Command, now: Instant) -> Result<Update, Error<D::Error>> {
        let accepted = self.guard.command(command, now);
        let update = self.update(now)?;
        accepted?;
        Ok(update)
    }

    /// Switches off at once and latches `fault`.
    ///
    /// # Errors
    ///
    /// The output cannot be written.
    pub fn trip(&mut self, fault: Fault, now: Instant) -> Result<Update, Error<D::Error>> {
        self.guard.trip(fault, now);
        self.update(now)
    }

    /// Clears the latched fault; switches nothing on.
    ///
    /// # Errors
    ///
    /// The output cannot be written, or is not known to be off.
    pub fn acknowledge(&mut self, now: Instant) -> Result<Update, Error<D::Error>> {
        let update = self.update(now)?;
        self.guard.acknowledge(now)?;
        Ok(self.guard.update_again(update, now))
    }

    /// Lets time pass, and writes the output if it changes. Call it at the deadline of the last [`Update`] at the
    /// latest, or after an error at that of the [`guard`](Self::guard).
    ///
    /// # Errors
    ///
    /// The output cannot be written.
    pub fn update(&mut self, now: Instant) -> Result<Update, Error<D::Error>> {
        let update = self.guard.update(now);
        if self.port.write(&mut self.guard).map_err(Error::Pin)? {
            return Ok(self.guard.update_again(update, now));
        }
        Ok(update)
    }

    /// Makes a record to be stored; see [`Guard::record`].
    pub fn record(&mut self) -> State {
        self.guard.record()
    }

    /// Tells that `state` has been stored; see [`Guard::stored`].
    pub fn stored(&mut self, state: &State) {
        self.guard.stored(state);
    }

    /// What is decided, to look at.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// The level since the last update.
    pub fn level(&self) -> Level {
        self.guard.level()
    }

    /// How often it was switched on, and for how long.
    pub fn counters(&self) -> Counters {
        self.guard.counters()
    }

    /// Writes the [fail-safe level](Config::fail_safe) and gives the output back with the result of that.
    ///
    /// If that level is on but a fault is latched or the minimum off is not over, it is off instead.
    pub fn release(mut self) -> (D, Result<(), D::Error>) {
        let level = match self.guard.config().fail_safe {
            Level::On if self.guard.may_be_left_on() => Level::On,
            _ => Level::Off,
        };
        let result = self.port.drive.write(level);
        (self.port.drive, result)
    }
}
