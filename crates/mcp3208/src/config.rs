//! How much of a frame is checked.

/// What is checked beyond the null bit. The default is nothing, and fits every wiring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    /// Whether a code is compared with its repetition.
    pub check: Check,
    /// Whether MISO is pulled up.
    pub pull_up: PullUp,
}

/// Which part of an answer must be right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Check {
    /// The null bit: three bytes per conversion. Finds an absent converter, not a disturbed code.
    #[default]
    NullBit,
    /// The null bit, the repetition of the code in reverse and the zeros after it: four bytes per conversion.
    ///
    /// Finds every single wrong bit of an answer except in the lowest bit of the code, which the converters do
    /// not repeat (DS21295D, Figure 5-2).
    Repetition,
}

/// Whether a resistor pulls MISO up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum PullUp {
    /// Not known: MISO may be anything while the converter does not drive it.
    #[default]
    Unknown,
    /// There is one, and MISO must be high just before the null bit. Finds a MISO shorted to ground, whose
    /// code would be 0.
    ///
    /// The line has ten periods of the clock to rise: 10 kΩ are enough at 1 MHz, and so is the pull-up of most
    /// microcontrollers with less than 100 pF of wire.
    Present,
}
