//! What distinguishes the four parts.

use crate::Code;
use core::fmt::Debug;
use core::hash::Hash;

mod sealed {
    pub trait Sealed {}
}

/// A converter of the family. Sealed: these four are all there are with this protocol.
pub trait Part: sealed::Sealed + Copy + Debug + Eq + Hash {
    /// Bits of a code.
    const BITS: u8;
    /// Single-ended inputs.
    const CHANNELS: u8;
    /// One code for each single-ended input: an array of [`CHANNELS`](Self::CHANNELS).
    type Codes: AsRef<[Code]> + AsMut<[Code]> + Copy + Debug + Eq;
    #[doc(hidden)]
    const NO_CODES: Self::Codes;
}

/// A part with the inputs 4 to 7.
pub trait EightChannels: Part {}

/// Eight inputs, 12 bits (DS21298E).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mcp3208;

/// Four inputs, 12 bits (DS21298E).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mcp3204;

/// Eight inputs, 10 bits (DS21295D).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mcp3008;

/// Four inputs, 10 bits (DS21295D).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mcp3004;

impl sealed::Sealed for Mcp3208 {}
impl sealed::Sealed for Mcp3204 {}
impl sealed::Sealed for Mcp3008 {}
impl sealed::Sealed for Mcp3004 {}

impl Part for Mcp3208 {
    const BITS: u8 = 12;
    const CHANNELS: u8 = 8;
    type Codes = [Code; 8];
    const NO_CODES: Self::Codes = [Code::none(Self::BITS); 8];
}

impl Part for Mcp3204 {
    const BITS: u8 = 12;
    const CHANNELS: u8 = 4;
    type Codes = [Code; 4];
    const NO_CODES: Self::Codes = [Code::none(Self::BITS); 4];
}

impl Part for Mcp3008 {
    const BITS: u8 = 10;
    const CHANNELS: u8 = 8;
    type Codes = [Code; 8];
    const NO_CODES: Self::Codes = [Code::none(Self::BITS); 8];
}

impl Part for Mcp3004 {
    const BITS: u8 = 10;
    const CHANNELS: u8 = 4;
    type Codes = [Code; 4];
    const NO_CODES: Self::Codes = [Code::none(Self::BITS); 4];
}

impl EightChannels for Mcp3208 {}
impl EightChannels for Mcp3008 {}
