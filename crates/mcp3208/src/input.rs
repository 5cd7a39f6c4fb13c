//! What can be converted (DS21298E and DS21295D, Table 5-1 and 5-2).

use crate::{EightChannels, Part};
use core::marker::PhantomData;

/// What a conversion measures: one channel against ground, or one against its neighbour.
///
/// Only what the part has can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Input<P> {
    /// `SGL/DIFF`, `D2`, `D1` and `D0`.
    control: u8,
    part: PhantomData<P>,
}

impl<P: Part> Input<P> {
    /// Channel 0 against ground.
    pub const CH0: Self = Self::new(0b1000);
    /// Channel 1 against ground.
    pub const CH1: Self = Self::new(0b1001);
    /// Channel 2 against ground.
    pub const CH2: Self = Self::new(0b1010);
    /// Channel 3 against ground.
    pub const CH3: Self = Self::new(0b1011);

    const fn new(control: u8) -> Self {
        Self {
            control,
            part: PhantomData,
        }
    }

    /// A channel against ground, none if the part does not have it.
    pub const fn single(channel: u8) -> Option<Self> {
        if channel < P::CHANNELS {
            Some(Self::new(0b1000 | channel))
        } else {
            None
        }
    }

    /// `SGL/DIFF`, `D2`, `D1` and `D0`, the four bits after the start bit.
    pub const fn control(self) -> u8 {
        self.control
    }
}

impl<P: EightChannels> Input<P> {
    /// Channel 4 against ground.
    pub const CH4: Self = Self::new(0b1100);
    /// Channel 5 against ground.
    pub const CH5: Self = Self::new(0b1101);
    /// Channel 6 against ground.
    pub const CH6: Self = Self::new(0b1110);
    /// Channel 7 against ground.
    pub const CH7: Self = Self::new(0b1111);
}

/// Two neighbouring channels that are measured against each other.
///
/// The inputs are pseudo-differential: the negative one may be no more than 100 mV away from ground
/// (DS21298E, electrical characteristics; from memory), or its code is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pair<P> {
    even: u8,
    part: PhantomData<P>,
}

impl<P: Part> Pair<P> {
    /// Channels 0 and 1.
    pub const CH0_CH1: Self = Self::new(0);
    /// Channels 2 and 3.
    pub const CH2_CH3: Self = Self::new(2);

    const fn new(even: u8) -> Self {
        Self {
            even,
            part: PhantomData,
        }
    }

    /// The pair that begins with this channel, none if it is odd or the part does not have it.
    pub const fn starting_at(channel: u8) -> Option<Self> {
        if channel < P::CHANNELS && channel.is_multiple_of(2) {
            Some(Self::new(channel))
        } else {
            None
        }
    }

    /// The even channel minus the odd one; 0 where that is negative.
    pub const fn even_minus_odd(self) -> Input<P> {
        Input::new(self.even)
    }

    /// The odd channel minus the even one; 0 where that is negative.
    pub const fn odd_minus_even(self) -> Input<P> {
        Input::new(self.even | 1)
    }
}

impl<P: EightChannels> Pair<P> {
    /// Channels 4 and 5.
    pub const CH4_CH5: Self = Self::new(4);
    /// Channels 6 and 7.
    pub const CH6_CH7: Self = Self::new(6);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mcp3004, Mcp3208};

    #[test]
    fn part_has_its_channels_and_no_more() {
        assert_eq!(Input::<Mcp3004>::single(3), Some(Input::CH3));
        assert_eq!(Input::<Mcp3004>::single(4), None);
        assert_eq!(Input::<Mcp3208>::single(7), Some(Input::CH7));
        assert_eq!(Input::<Mcp3208>::single(8), None);
    }

    #[test]
    fn pair_begins_with_an_even_channel_of_the_part() {
        assert_eq!(Pair::<Mcp3004>::starting_at(2), Some(Pair::CH2_CH3));
        assert_eq!(Pair::<Mcp3004>::starting_at(1), None);
        assert_eq!(Pair::<Mcp3004>::starting_at(4), None);
        assert_eq!(Pair::<Mcp3208>::starting_at(6), Some(Pair::CH6_CH7));
        assert_eq!(Pair::<Mcp3208>::starting_at(8), None);
    }
}
