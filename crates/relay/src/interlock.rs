//! Relays of which at most one may be on.

use crate::{Command, Config, ConfigError, Fault, Guard, Instant, Level, Refused, State, Update};
use core::array;
use fugit::MillisDurationU32;

/// Decides for `N` relays of which at most one may be on, and none for a dead time after another was.
///
/// The members are inside, so that nobody can switch one past the group. Whoever asks for on last gets it; what the
/// others were asked for is dropped, and their minimum on is waited for.
#[derive(Debug, Clone)]
pub struct Interlock<const N: usize> {
    members: [Guard; N],
}

impl<const N: usize> Interlock<N> {
    /// Starts with all outputs off, as [`Guard::new`], and with the dead time from the beginning.
    ///
    /// `dead_time` is how long all others have been off before one is switched on. It must be longer than the slowest
    /// contact takes to open.
    ///
    /// # Errors
    ///
    /// A contradiction in a configuration, a fail-safe level that is on, or no dead time.
    pub fn new(
        configs: [Config; N],
        restored: [Option<State>; N],
        dead_time: MillisDurationU32,
        now: Instant,
    ) -> Result<Self, ConfigError> {
        let dead_ms = dead_time.as_ticks();
        if dead_ms == 0 {
            return Err(ConfigError::DeadTime);
        }
        for config in &configs {
            config.check()?;
            if config.fail_safe == Level::On {
                return Err(ConfigError::FailSafe);
            }
        }
        let mut restored = restored.into_iter();
        let members = configs.map(|config| {
            let state = restored.next().flatten();
            Guard::checked(config, state, now).with_dead_time(dead_ms)
        });
        Ok(Self { members })
    }

    /// Changes what is asked of a member; if that is on, all others are asked to be off. Call [`update`](Self::update)
    /// next.
    ///
    /// # Errors
    ///
    /// As [`Guard::command`], and if there is no such member.
    pub fn command(&mut self, member: usize, command: Command, now: Instant) -> Result<(), Refused> {
        let guard = self.members.get_mut(member).ok_or(Refused::NoMember)?;
        guard.command(command, now)?;
        if guard.asks_for_on() {
            for (index, other) in self.members.iter_mut().enumerate() {
                if index != member {
                    other.revoke(now);
                }
            }
        }
        Ok(())
    }

    /// Switches all members off at once and latches `fault` in each. Call [`update`](Self::update) next.
    pub fn trip(&mut self, fault: Fault, now: Instant) {
        for member in &mut self.members {
            member.trip(fault, now);
        }
    }

    /// Clears the latched faults of all members. Nothing is switched on by that. Call [`update`](Self::update) next.
    ///
    /// # Errors
    ///
    /// The output of a member is not known to be off; its fault is still there.
    pub fn acknowledge(&mut self, now: Instant) -> Result<(), Refused> {
        self.members
            .iter_mut()
            .map(|member| member.acknowledge(now))
            .fold(Ok(()), Result::and)
    }

    /// Says what the outputs must be now and when to ask again. Write what is off before what is on.
    pub fn update(&mut self, now: Instant) -> [Update; N] {
        for member in &mut self.members {
            member.advance(now);
        }
        array::from_fn(|index| self.settle(index))
    }

    fn settle(&mut self, index: usize) -> Update {
        let permit = self
            .members
            .iter()
            .enumerate()
            .all(|(other, member)| other == index || member.is_clear());
        // `index` comes from an array of the same length.
        match self.members.get_mut(index) {
            Some(member) => member.settle(permit),
            None => Update::OFF,
        }
    }

    /// Makes the records of all members to be stored together; see [`Guard::record`].
    pub fn record(&mut self) -> [State; N] {
        array::from_fn(|index| self.members.get_mut(index).map_or(State::UNKNOWN, Guard::record))
    }

    /// Tells that `states` have been stored; see [`Guard::stored`].
    pub fn stored(&mut self, states: &[State; N]) {
        for (member, state) in self.members.iter_mut().zip(states) {
            member.stored(state);
        }
    }

    /// The members, to look at.
    pub fn members(&self) -> &[Guard; N] {
        &self.members
    }

    /// The member that is on.
    pub fn on(&self) -> Option<usize> {
        self.members.iter().position(|member| member.level() == Level::On)
    }

    /// Tells that the output of a member could not be written; see [`Guard::output_failed`].
    pub fn output_failed(&mut self, member: usize) {
        if let Some(member) = self.members.get_mut(member) {
            member.output_failed();
        }
    }

    /// Tells that the output of a member is off after all; see [`Guard::output_is_off`].
    pub fn output_is_off(&mut self, member: usize) {
        if let Some(member) = self.members.get_mut(member) {
            member.output_is_off();
        }
    }

    pub(crate) fn members_mut(&mut self) -> &mut [Guard; N] {
        &mut self.members
    }
}
