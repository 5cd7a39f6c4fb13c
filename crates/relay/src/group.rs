//! Interlocked relays and their outputs.

use crate::relay::Port;
use crate::{Command, Config, Drive, Error, Fault, InitError, Instant, Interlock, State, Update};
use fugit::MillisDurationU32;

/// `N` outputs of which at most one is on.
///
/// All that concerns time is in the [`Interlock`]; this writes the outputs. While one cannot be switched off, none of
/// the others is switched on.
#[derive(Debug)]
pub struct Group<D, const N: usize> {
    ports: [Port<D>; N],
    interlock: Interlock<N>,
}

impl<D: Drive, const N: usize> Group<D, N> {
    /// Switches all outputs off before anything else, and starts as [`Interlock::new`].
    ///
    /// # Errors
    ///
    /// An output cannot be written, or the configuration contradicts itself. The outputs come back with the error.
    pub fn new(
        drives: [D; N],
        configs: [Config; N],
        restored: [Option<State>; N],
        dead_time: MillisDurationU32,
        now: Instant,
    ) -> Result<Self, InitError<[D; N], D::Error>> {
        let mut started = Ok(());
        let ports = drives.map(|drive| {
            let (port, result) = Port::start(drive);
            if started.is_ok() {
                started = result.map_err(Error::Pin);
            }
            port
        });
        let interlock =
            started.and_then(|()| Interlock::new(configs, restored, dead_time, now).map_err(Error::Config));
        match interlock {
            Ok(interlock) => Ok(Self { ports, interlock }),
            Err(error) => Err(InitError {
                drive: ports.map(|port| port.drive),
                error,
            }),
        }
    }

    /// Changes what is asked of a member, and updates.
    ///
    /// # Errors
    ///
    /// The command is refused, or an output cannot be written.
    pub fn command(
        &mut self,
        member: usize,
        command: Command,
        now: Instant,
    ) -> Result<[Update; N], Error<D::Error>> {
        let accepted = self.interlock.command(member, command, now);
        let updates = self.update(now)?;
        accepted?;
        Ok(updates)
    }

    /// Switches all off at once and latches `fault` in each.
    ///
    /// # Errors
    ///
    /// An output cannot be written.
    pub fn trip(&mut self, fault: Fault, now: Instant) -> Result<[Update; N], Error<D::Error>> {
        self.interlock.trip(fault, now);
        self.update(now)
    }

    /// Clears the latched faults; switches nothing on.
    ///
    /// # Errors
    ///
    /// An output cannot be written, or is not known to be off.
    pub fn acknowledge(&mut self, now: Instant) -> Result<[Update; N], Error<D::Error>> {
        let before = self.update(now)?;
        self.interlock.acknowledge(now)?;
        let mut updates = self.update(now)?;
        for (update, before) in updates.iter_mut().zip(before) {
            update.anomaly = before.anomaly;
        }
        Ok(updates)
    }

    /// Lets time pass, and writes the outputs that change. Call it at the earliest deadline at the latest.
    ///
    /// # Errors
    ///
    /// The error of the first output that cannot be written. All others are written all the same.
    pub fn update(&mut self, now: Instant) -> Result<[Update; N], Error<D::Error>> {
        let mut updates = self.interlock.update(now);
        let mut result = Ok(());
        // No order of writing is needed: the dead time is between the update that switches one off and the one that
        // switches another on, and an output that is not off by then holds the others.
        let members = self.interlock.members_mut().iter_mut();
        for ((port, guard), update) in self.ports.iter_mut().zip(members).zip(&mut updates) {
            match port.write(guard) {
                Ok(false) => {}
                Ok(true) => *update = guard.update_again(*update, now),
                Err(error) => result = result.and(Err(Error::Pin(error))),
            }
        }
        result.map(|()| updates)
    }

    /// Makes the records of all members to be stored together; see [`Guard::record`](crate::Guard::record).
    pub fn record(&mut self) -> [State; N] {
        self.interlock.record()
    }

    /// Tells that `states` have been stored; see [`Guard::stored`](crate::Guard::stored).
    pub fn stored(&mut self, states: &[State; N]) {
        self.interlock.stored(states);
    }

    /// What is decided, to look at.
    pub fn interlock(&self) -> &Interlock<N> {
        &self.interlock
    }

    /// Switches all outputs off and gives them back with the result of that.
    pub fn release(self) -> ([D; N], Result<(), D::Error>) {
        let mut result = Ok(());
        let drives = self.ports.map(|port| {
            let (port, off) = Port::start(port.drive);
            if result.is_ok() {
                result = off;
            }
            port.drive
        });
        (drives, result)
    }
}
