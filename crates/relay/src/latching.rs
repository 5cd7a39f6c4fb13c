//! A relay with two coils that keeps its contact without current.

use crate::coils::Coils;
use crate::{
    Command, Config, Counters, Drive, Error, Fault, Guard, InitError, Instant, Level, Pulses, State, Update,
};

/// A latching relay with a set coil and a reset coil.
///
/// Where its contact is after a reset nobody knows, so it is opened first. It counts as open, and its minimum off
/// begins, when the pulse of the reset coil is over; until then it counts as on. The two coils never have current
/// at the same time.
#[derive(Debug)]
pub struct LatchingRelay<S, R> {
    set: S,
    reset: R,
    /// Nothing if that is not known.
    written: Option<(Level, Level)>,
    coils: Coils,
    guard: Guard,
}

impl<S: Drive, R: Drive<Error = S::Error>> LatchingRelay<S, R> {
    /// Takes the current from both coils before anything else. The pulse that opens the contact starts with the first
    /// [`update`](Self::update).
    ///
    /// # Errors
    ///
    /// A coil cannot be written, or the configuration contradicts itself. The outputs come back with the error.
    pub fn new(
        mut set: S,
        mut reset: R,
        pulses: Pulses,
        config: Config,
        restored: Option<State>,
        now: Instant,
    ) -> Result<Self, InitError<(S, R), S::Error>> {
        let guard = no_current(&mut set, &mut reset)
            .map_err(Error::Pin)
            .and_then(|()| pulses.check().map_err(Error::Config))
            .and_then(|()| Guard::new(config, restored, now).map_err(Error::Config));
        match guard {
            Ok(mut guard) => {
                guard.output_is_busy();
                Ok(Self {
                    set,
                    reset,
                    written: Some((Level::Off, Level::Off)),
                    coils: Coils::new(pulses, config.patience, now),
                    guard,
                })
            }
            Err(error) => Err(InitError {
                drive: (set, reset),
                error,
            }),
        }
    }

    /// Changes what is asked for, and updates.
    ///
    /// # Errors
    ///
    /// The command is refused, or a coil cannot be written.
    pub fn command(&mut self, command: Command, now: Instant) -> Result<Update, Error<S::Error>> {
        let accepted = self.guard.command(command, now);
        let update = self.update(now)?;
        accepted?;
        Ok(update)
    }

    /// Opens the contact at once and latches `fault`.
    ///
    /// # Errors
    ///
    /// A coil cannot be written.
    pub fn trip(&mut self, fault: Fault, now: Instant) -> Result<Update, Error<S::Error>> {
        self.guard.trip(fault, now);
        self.update(now)
    }

    /// Clears the latched fault; switches nothing on.
    ///
    /// # Errors
    ///
    /// A coil cannot be written, or the contact has not been opened yet.
    pub fn acknowledge(&mut self, now: Instant) -> Result<Update, Error<S::Error>> {
        let Update { anomaly, .. } = self.update(now)?;
        self.guard.acknowledge(now)?;
        let update = self.update(now)?;
        Ok(Update { anomaly, ..update })
    }

    /// Lets time pass, and writes the coils that change. Call it at the deadline of the last [`Update`] at the latest,
    /// or after an error at [`deadline`](Self::deadline): a coil that is not made for it must not have current for
    /// longer than its pulse.
    ///
    /// # Errors
    ///
    /// A coil cannot be written. It has been tried to take the current from both, and the contact will be opened.
    pub fn update(&mut self, now: Instant) -> Result<Update, Error<S::Error>> {
        self.coils.advance(now);
        if self.coils.is_open() {
            self.guard.output_is_off();
        }
        let mut update = self.guard.update(now);
        self.coils.aim(update.level);
        if update.level == Level::Off && !self.coils.is_open() {
            self.guard.output_is_busy();
        }
        if let Err(error) = self.write() {
            self.guard.output_failed();
            self.coils.lose();
            // The first error says why; the pulse that opens the contact follows with the next update.
            let off = no_current(&mut self.set, &mut self.reset);
            self.written = off.is_ok().then_some((Level::Off, Level::Off));
            return Err(Error::Pin(error));
        }
        update.deadline = self.deadline();
        Ok(update)
    }

    /// When [`update`](Self::update) is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let deadlines = [self.guard.deadline(), self.coils.deadline()];
        deadlines.into_iter().flatten().min()
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

    /// How often it was switched on, and for how long.
    pub fn counters(&self) -> Counters {
        self.guard.counters()
    }

    /// Takes the current from both coils and gives them back with the result of that. The contact stays where it is.
    pub fn release(mut self) -> (S, R, Result<(), S::Error>) {
        let result = no_current(&mut self.set, &mut self.reset);
        (self.set, self.reset, result)
    }

    /// Writes the coils that change, off before on.
    fn write(&mut self) -> Result<(), S::Error> {
        let levels = self.coils.levels();
        if self.written == Some(levels) {
            return Ok(());
        }
        let (set, reset) = levels;
        if set == Level::Off {
            self.set.write(set)?;
        }
        self.reset.write(reset)?;
        if set == Level::On {
            self.set.write(set)?;
        }
        self.written = Some(levels);
        Ok(())
    }
}

/// Takes the current from both coils, from the second also if that of the first fails.
fn no_current<S: Drive, R: Drive<Error = S::Error>>(set: &mut S, reset: &mut R) -> Result<(), S::Error> {
    let first = set.write(Level::Off);
    let second = reset.write(Level::Off);
    first.and(second)
}
