//! What a driver knows of its circuit, whatever the front end.

use crate::Circuit;
use crate::calibration::Progress;
use crate::command::Effect;
use crate::compensation::Memory;

/// What has been learnt of a circuit.
#[derive(Debug, Clone)]
pub(crate) struct Known<C: Circuit> {
    pub(crate) format: Option<C::Format>,
    pub(crate) progress: Progress,
    pub(crate) memory: Memory,
}

impl<C: Circuit> Known<C> {
    pub(crate) const fn new() -> Self {
        Self {
            format: C::FORMAT,
            progress: Progress::NONE,
            memory: Memory::NONE,
        }
    }

    /// Forgets what a command may have changed.
    pub(crate) fn affected(&mut self, effect: Effect) {
        match effect {
            Effect::Format => self.format = C::FORMAT,
            Effect::Restart => {
                *self = Self {
                    memory: self.memory.restarted(),
                    ..Self::new()
                }
            }
            Effect::None
            | Effect::Sleep
            | Effect::Leave
            | Effect::Move(_)
            | Effect::Rate(_)
            | Effect::Codes(_) => {}
        }
    }
}
