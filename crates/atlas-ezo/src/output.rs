//! The values that a reading consists of, which a user can switch on and off one by one.

use crate::command::{AnyBus, Command, Effect, Reply, Request, Sealed};
use crate::text::Text;
use crate::{Circuit, Fault, Switch};
use core::fmt::{self, Write as _};
use core::marker::PhantomData;

/// A value in the readings of a circuit that has several. Sealed.
pub trait Output: Sealed + Copy + PartialEq + 'static {
    /// The circuit that has them.
    type Circuit: Circuit;
    /// All of them with their names, in the order of a reading. The list of `O,?` may have another order.
    const ALL: &'static [(Self, &'static str)];
}

/// Some of the outputs of a circuit.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct OutputSet<O> {
    bits: u8,
    of: PhantomData<O>,
}

impl<O> Clone for OutputSet<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for OutputSet<O> {}

#[cfg(feature = "defmt")]
impl<O> defmt::Format for OutputSet<O> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=u8:b}", self.bits);
    }
}

impl<O: Output> OutputSet<O> {
    /// None of them.
    pub const EMPTY: Self = Self {
        bits: 0,
        of: PhantomData,
    };

    /// All of them.
    pub fn all() -> Self {
        O::ALL
            .iter()
            .fold(Self::EMPTY, |set, &(output, _)| set.with(output))
    }

    /// These and `output`.
    #[must_use]
    pub fn with(self, output: O) -> Self {
        Self {
            bits: self.bits | bit(output),
            of: PhantomData,
        }
    }

    /// Whether `output` is among them.
    pub fn contains(self, output: O) -> bool {
        self.bits & bit(output) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Reads the answer to `O,?`: names in any order and case. `O,MG,1,%,0` of old firmware is read too.
    pub(crate) fn parse(text: Text<'_>) -> Result<Self, Fault> {
        if text.is("no output") {
            return Ok(Self::EMPTY);
        }
        let mut set = Self::EMPTY;
        let mut last = None;
        for field in text.reply("O")? {
            match (field, last) {
                (b"1", Some(_)) => last = None,
                (b"0", Some(output)) => {
                    set.bits &= !bit(output);
                    last = None;
                }
                (b"", _) => {}
                _ => {
                    let output = find(field)?;
                    set = set.with(output);
                    last = Some(output);
                }
            }
        }
        Ok(set)
    }

    /// Hands the fields of a reading to `take`, each with the output that it is of.
    pub(crate) fn assign<'a>(
        self,
        mut fields: impl Iterator<Item = &'a [u8]>,
        mut take: impl FnMut(O, &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for &(output, _) in O::ALL.iter().filter(|(output, _)| self.contains(*output)) {
            take(output, fields.next().ok_or(Fault::Fields)?)?;
        }
        fields.next().map_or(Ok(()), |_| Err(Fault::Fields))
    }
}

fn bit<O: Output>(output: O) -> u8 {
    let index = O::ALL.iter().position(|&(other, _)| other == output);
    index.map_or(0, |index| 1 << index)
}

fn find<O: Output>(name: &[u8]) -> Result<O, Fault> {
    O::ALL
        .iter()
        .find(|(_, other)| name.eq_ignore_ascii_case(other.as_bytes()))
        .map(|&(output, _)| output)
        .ok_or(Fault::Malformed)
}

/// Switches an output on or off: `O,EC,1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SetOutput<O>(pub O, pub Switch);
impl<O> Sealed for SetOutput<O> {}

/// Asks for the outputs that are switched on: `O,?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OutputsQuery<O>(PhantomData<O>);
impl<O> Sealed for OutputsQuery<O> {}

impl<O> OutputsQuery<O> {
    /// Makes one.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<O> Default for OutputsQuery<O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<O: Output> Command<O::Circuit> for SetOutput<O> {
    type Output = ();
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Acknowledge;

    fn write(&self, request: &mut Request) -> fmt::Result {
        let name = O::ALL.iter().find(|(output, _)| *output == self.0);
        write!(request, "O,{},{}", name.map_or("", |(_, name)| name), self.1)
    }

    fn decode(&self, text: Text<'_>) -> Result<(), Fault> {
        text.printable()?.nothing()
    }

    fn effect(&self) -> Effect {
        Effect::Format
    }
}

impl<O: Output> Command<O::Circuit> for OutputsQuery<O> {
    type Output = OutputSet<O>;
    type Bus = AnyBus;
    const REPLY: Reply = Reply::Any;

    fn write(&self, request: &mut Request) -> fmt::Result {
        request.write_str("O,?")
    }

    fn decode(&self, text: Text<'_>) -> Result<OutputSet<O>, Fault> {
        OutputSet::parse(text.printable()?)
    }
}
