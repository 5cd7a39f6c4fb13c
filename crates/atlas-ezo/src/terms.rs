//! A command as a transport sees it.

use crate::Circuit;
use crate::command::{Command, Effect, Reply, Work};
use fugit::MillisDurationU32;

/// What a transport has to know of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub(crate) work: Work,
    pub(crate) delay: MillisDurationU32,
    pub(crate) reply: Reply,
    pub(crate) repeatable: bool,
    pub(crate) effect: Effect,
}

impl Terms {
    pub(crate) fn of<C: Circuit, M: Command<C>>(command: &M) -> Self {
        Self {
            work: M::WORK,
            delay: M::WORK.delay::<C>(),
            reply: M::REPLY,
            repeatable: M::REPEATABLE,
            effect: command.effect(),
        }
    }
}
