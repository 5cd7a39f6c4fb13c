//! Calibration: points, their order, and what a circuit remembers of them.

use crate::command::{AnyBus, Command, ExportSize};
use crate::{Circuit, Fault};
use core::fmt;

/// A circuit that can be calibrated. Sealed.
pub trait Calibrate: Circuit {
    /// A point of the calibration, which is the command that sets it.
    type Point: Command<Self, Output = (), Bus = AnyBus>;
    /// How far a calibration has come, as `Cal,?` answers.
    type State: Copy + PartialEq + fmt::Debug;

    /// Reads the number of `Cal,?`.
    ///
    /// # Errors
    ///
    /// [`Fault::OutOfRange`] for one that the circuit does not have.
    fn state(number: u8) -> Result<Self::State, Fault>;

    /// Which step `point` is, and which has to have been done before: steps of a calibration are numbered from 1.
    fn step(point: &Self::Point) -> Step {
        let _ = point;
        Step::ANY
    }

    /// The steps that `state` proves to have been done, as bits.
    fn proved(state: Self::State) -> u8 {
        let _ = state;
        0
    }
}

/// Place of a point in the order of a calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Bits of the steps that have to have been done before.
    pub(crate) needs: u8,
    /// Bit of this step.
    pub(crate) does: u8,
    /// Bits of the steps that it makes undone.
    pub(crate) undoes: u8,
}

impl Step {
    /// In any order.
    pub(crate) const ANY: Self = Self {
        needs: 0,
        does: 0,
        undoes: 0,
    };
}

/// What a calibration has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Calibrated<S> {
    /// What `Cal,?` answered before.
    pub before: S,
    /// What `Cal,?` answers now.
    pub after: S,
}

/// The steps that a driver has seen done, of which `Cal,?` does not tell all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress(u8);

impl Progress {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn check<C: Calibrate>(self, point: &C::Point, state: C::State) -> Result<(), Fault> {
        let missing = C::step(point).needs & !(self.0 | C::proved(state));
        if missing == 0 {
            Ok(())
        } else {
            Err(Fault::CalibrationOrder)
        }
    }

    pub(crate) fn done<C: Calibrate>(&mut self, point: &C::Point) {
        let step = C::step(point);
        self.0 = self.0 & !step.undoes | step.does;
    }
}

/// A string of an exported calibration, up to 12 characters. Means something to a circuit of its kind only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Chunk(heapless::String<12>);

impl Chunk {
    /// Takes a string.
    ///
    /// # Errors
    ///
    /// [`Fault::Malformed`] if it is empty, longer than 12 characters or not printable.
    pub fn new(text: &[u8]) -> Result<Self, Fault> {
        if text.is_empty() || !text.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(Fault::Malformed);
        }
        let text = core::str::from_utf8(text).map_err(|_| Fault::Malformed)?;
        heapless::String::try_from(text)
            .map(Self)
            .map_err(|_| Fault::Malformed)
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A calibration in full, in up to `K` strings, to be kept and given back to a circuit of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backup<const K: usize = 16> {
    chunks: heapless::Vec<Chunk, K>,
}

impl<const K: usize> Backup<K> {
    /// Makes an empty one, to be filled from where it was kept.
    pub const fn new() -> Self {
        Self {
            chunks: heapless::Vec::new(),
        }
    }

    /// Adds a string.
    ///
    /// # Errors
    ///
    /// [`Fault::Truncated`] if there are `K` already.
    pub fn push(&mut self, chunk: Chunk) -> Result<(), Fault> {
        self.chunks.push(chunk).map_err(|_| Fault::Truncated)
    }

    /// The strings in their order.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// Refuses a calibration that is not as long as the circuit said.
    pub(crate) fn check(&self, size: ExportSize) -> Result<(), Fault> {
        let bytes: usize = self.chunks.iter().map(|chunk| chunk.as_str().len()).sum();
        if self.chunks.len() == usize::from(size.strings) && bytes == usize::from(size.bytes) {
            Ok(())
        } else {
            Err(Fault::Incomplete)
        }
    }
}

/// Declares the state of a calibration, from 0 up.
macro_rules! states {
    ($(#[$attribute:meta])* $name:ident { $($(#[$doc:meta])* $state:ident),+ $(,)? }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum $name { $($(#[$doc])* $state),+ }

        impl $name {
            fn new(number: u8) -> Result<Self, $crate::Fault> {
                const STATES: &[$name] = &[$($name::$state),+];
                STATES.get(usize::from(number)).copied().ok_or($crate::Fault::OutOfRange)
            }
        }
    };
}
pub(crate) use states;
