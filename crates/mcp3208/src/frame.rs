//! The bytes of one conversion (DS21298E and DS21295D, Figures 5-1, 5-2 and 6-1).

use crate::{Check, Code, Config, Fault, Input, Part, PullUp};
use core::marker::PhantomData;

/// One conversion as it crosses the bus: made as what is sent, overwritten with what is received, decoded.
///
/// The drivers do this; it is public for transports of your own. A conversion begins and ends with the chip select.
///
/// ```
/// use mcp3208::{Config, Frame, Input, Mcp3208};
///
/// let mut frame = Frame::<Mcp3208>::new(Input::CH1, Config::default());
/// assert_eq!(frame.bytes(), [0x06, 0x40, 0x00]);
/// frame.bytes_mut().copy_from_slice(&[0x00, 0x08, 0x00]); // from the bus
/// assert_eq!(frame.decode()?.get(), 0x800);
/// # Ok::<(), mcp3208::Fault>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Frame<P> {
    /// The last byte on the bus is the last here; a frame of three bytes leaves the first one out.
    bytes: [u8; 4],
    config: Config,
    part: PhantomData<P>,
}

impl<P: Part> Frame<P> {
    /// Makes the frame that asks for a conversion of `input`.
    pub const fn new(input: Input<P>, config: Config) -> Self {
        let lowest = lowest_bit::<P>(config.check);
        // The start bit and four more. Two clocks later comes the null bit, then the code.
        let command = (0b1_0000 | input.control() as u32) << (lowest + P::BITS as u32 + 2);
        let bits = match config.check {
            Check::NullBit => command,
            // MOSI is don't care from now on. High during the null bit, it makes a bridge to MISO visible.
            Check::Repetition => command | 1 << (lowest + P::BITS as u32),
        };
        Self {
            bytes: bits.to_be_bytes(),
            config,
            part: PhantomData,
        }
    }

    /// The bytes as they are now: to be sent, or received.
    pub fn bytes(&self) -> &[u8] {
        let [_, short @ ..] = &self.bytes;
        match self.config.check {
            Check::NullBit => short,
            Check::Repetition => &self.bytes,
        }
    }

    /// The bytes, for the bus to replace.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        match self.config.check {
            Check::NullBit => {
                let [_, short @ ..] = &mut self.bytes;
                short
            }
            Check::Repetition => &mut self.bytes,
        }
    }

    /// Checks the received bytes and takes the code out of them.
    ///
    /// # Errors
    /// [`Fault`] if they cannot be an answer.
    pub const fn decode(self) -> Result<Code, Fault> {
        let bits = u32::from_be_bytes(self.bytes);
        let lowest = lowest_bit::<P>(self.config.check);
        let null = lowest + P::BITS as u32;
        let answer = (2 << null) - 1;
        if bits & answer == answer {
            return Err(Fault::NoAnswer);
        }
        if bits >> null & 1 == 1 {
            return Err(Fault::NullBit(bits));
        }
        if matches!(self.config.pull_up, PullUp::Present) && bits >> (null + 1) & 1 == 0 {
            return Err(Fault::HeldLow);
        }
        // The null bit above the code is 0, so what is left fits.
        #[expect(clippy::cast_possible_truncation, reason = "BITS bits are left")]
        let code = (bits >> lowest) as u16 & ((1 << P::BITS) - 1);
        if matches!(self.config.check, Check::Repetition)
            && bits & ((1 << lowest) - 1) != repetition::<P>(code, lowest)
        {
            return Err(Fault::Repetition(bits));
        }
        Ok(Code::from_bits(code, P::BITS))
    }
}

/// Where the lowest bit of the code is, counted from the last bit of the frame.
const fn lowest_bit<P: Part>(check: Check) -> u32 {
    match check {
        // The code ends with the frame.
        Check::NullBit => 0,
        // The start bit begins the frame of 32 bits, and the null bit is its seventh.
        Check::Repetition => 25 - P::BITS as u32,
    }
}

/// The bits after the lowest one of the code: the others from the second lowest up, and zeros.
const fn repetition<P: Part>(code: u16, room: u32) -> u32 {
    let others = P::BITS as u32 - 1;
    let reversed = (code >> 1).reverse_bits() >> (16 - others);
    (reversed as u32) << (room - others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mcp3004, Mcp3008, Mcp3204, Mcp3208, Pair};

    const SHORT: Config = Config {
        check: Check::NullBit,
        pull_up: PullUp::Unknown,
    };
    const LONG: Config = Config {
        check: Check::Repetition,
        pull_up: PullUp::Unknown,
    };
    const PULLED_UP: Config = Config {
        check: Check::NullBit,
        pull_up: PullUp::Present,
    };

    fn decode<P: Part>(received: &[u8], config: Config) -> Result<u16, Fault> {
        let mut frame = Frame::<P>::new(Input::CH0, config);
        frame.bytes_mut().copy_from_slice(received);
        frame.decode().map(Code::get)
    }

    fn sent<P: Part, const N: usize>(
        inputs: [Input<P>; N],
        config: Config,
    ) -> std::vec::Vec<std::vec::Vec<u8>> {
        let frames = inputs.map(|input| Frame::new(input, config));
        frames.iter().map(|frame| frame.bytes().to_vec()).collect()
    }

    extern crate std;

    /// DS21298E, Table 5-1 and Figure 6-1.
    #[test]
    fn twelve_bit_channels_are_asked_for() {
        let inputs = [0, 1, 2, 3, 4, 5, 6, 7].map(|channel| Input::<Mcp3208>::single(channel).unwrap());
        let frames = [
            [0x06, 0x00, 0x00],
            [0x06, 0x40, 0x00],
            [0x06, 0x80, 0x00],
            [0x06, 0xC0, 0x00],
            [0x07, 0x00, 0x00],
            [0x07, 0x40, 0x00],
            [0x07, 0x80, 0x00],
            [0x07, 0xC0, 0x00],
        ];
        assert_eq!(sent(inputs, SHORT), frames);
        let named = [
            Input::<Mcp3208>::CH0,
            Input::CH1,
            Input::CH2,
            Input::CH3,
            Input::CH4,
            Input::CH5,
            Input::CH6,
            Input::CH7,
        ];
        assert_eq!(named, inputs);
        let four = [0, 1, 2, 3].map(|channel| Input::<Mcp3204>::single(channel).unwrap());
        assert_eq!(sent(four, SHORT), frames[..4]);
    }

    /// DS21295D, Table 5-1 and Figure 6-1.
    #[test]
    fn ten_bit_channels_are_asked_for() {
        let inputs = [0, 1, 2, 3, 4, 5, 6, 7].map(|channel| Input::<Mcp3008>::single(channel).unwrap());
        let frames = [
            [0x01, 0x80, 0x00],
            [0x01, 0x90, 0x00],
            [0x01, 0xA0, 0x00],
            [0x01, 0xB0, 0x00],
            [0x01, 0xC0, 0x00],
            [0x01, 0xD0, 0x00],
            [0x01, 0xE0, 0x00],
            [0x01, 0xF0, 0x00],
        ];
        assert_eq!(sent(inputs, SHORT), frames);
        let four = [0, 1, 2, 3].map(|channel| Input::<Mcp3004>::single(channel).unwrap());
        assert_eq!(sent(four, SHORT), frames[..4]);
    }

    /// The even channel first, then the odd one, of each pair.
    fn differential<P: EightPairs>() -> [Input<P>; 8] {
        let [a, b, c, d] = P::PAIRS;
        [
            a.even_minus_odd(),
            a.odd_minus_even(),
            b.even_minus_odd(),
            b.odd_minus_even(),
            c.even_minus_odd(),
            c.odd_minus_even(),
            d.even_minus_odd(),
            d.odd_minus_even(),
        ]
    }

    trait EightPairs: crate::EightChannels {
        const PAIRS: [Pair<Self>; 4] = [Pair::CH0_CH1, Pair::CH2_CH3, Pair::CH4_CH5, Pair::CH6_CH7];
    }
    impl<P: crate::EightChannels> EightPairs for P {}

    #[test]
    fn twelve_bit_differences_are_asked_for() {
        let frames = [
            [0x04, 0x00, 0x00],
            [0x04, 0x40, 0x00],
            [0x04, 0x80, 0x00],
            [0x04, 0xC0, 0x00],
            [0x05, 0x00, 0x00],
            [0x05, 0x40, 0x00],
            [0x05, 0x80, 0x00],
            [0x05, 0xC0, 0x00],
        ];
        assert_eq!(sent(differential::<Mcp3208>(), SHORT), frames);
    }

    #[test]
    fn ten_bit_differences_are_asked_for() {
        let frames = [
            [0x01, 0x00, 0x00],
            [0x01, 0x10, 0x00],
            [0x01, 0x20, 0x00],
            [0x01, 0x30, 0x00],
            [0x01, 0x40, 0x00],
            [0x01, 0x50, 0x00],
            [0x01, 0x60, 0x00],
            [0x01, 0x70, 0x00],
        ];
        assert_eq!(sent(differential::<Mcp3008>(), SHORT), frames);
    }

    /// The start bit comes first, and the bit that falls on the null bit is high.
    #[test]
    fn long_frames_are_the_same_for_all_parts() {
        let frames = [[0xC2, 0x00, 0x00, 0x00], [0xDA, 0x00, 0x00, 0x00]];
        assert_eq!(sent([Input::<Mcp3208>::CH0, Input::CH3], LONG), frames);
        assert_eq!(sent([Input::<Mcp3004>::CH0, Input::CH3], LONG), frames);
        let frames = [
            [0xFA, 0x00, 0x00, 0x00],
            [0x82, 0x00, 0x00, 0x00],
            [0xBA, 0x00, 0x00, 0x00],
        ];
        let inputs = [
            Input::<Mcp3008>::CH7,
            Pair::CH0_CH1.even_minus_odd(),
            Pair::CH6_CH7.odd_minus_even(),
        ];
        assert_eq!(sent(inputs, LONG), frames);
    }

    #[test]
    fn undefined_bits_are_ignored() {
        for (received, code) in [
            ([0x00, 0x00, 0x00], 0x000),
            ([0xFF, 0xE0, 0x00], 0x000),
            ([0x00, 0x0F, 0xFF], 0xFFF),
            ([0xFF, 0xEF, 0xFF], 0xFFF),
            ([0x12, 0x68, 0x01], 0x801),
        ] {
            assert_eq!(decode::<Mcp3208>(&received, SHORT), Ok(code));
        }
        for (received, code) in [
            ([0x00, 0x00, 0x00], 0x000),
            ([0xFF, 0xF8, 0x00], 0x000),
            ([0x00, 0x03, 0xFF], 0x3FF),
            ([0xFF, 0xFB, 0xFF], 0x3FF),
            ([0x12, 0x6A, 0x01], 0x201),
        ] {
            assert_eq!(decode::<Mcp3008>(&received, SHORT), Ok(code));
        }
    }

    #[test]
    fn all_ones_are_nobody() {
        assert_eq!(
            decode::<Mcp3208>(&[0xFF, 0xFF, 0xFF], SHORT),
            Err(Fault::NoAnswer)
        );
        assert_eq!(
            decode::<Mcp3208>(&[0x00, 0x1F, 0xFF], SHORT),
            Err(Fault::NoAnswer)
        );
        assert_eq!(
            decode::<Mcp3008>(&[0x00, 0x07, 0xFF], SHORT),
            Err(Fault::NoAnswer)
        );
        assert_eq!(decode::<Mcp3208>(&[0xFF; 4], LONG), Err(Fault::NoAnswer));
    }

    #[test]
    fn null_bit_must_be_null() {
        assert_eq!(
            decode::<Mcp3208>(&[0x00, 0x10, 0x00], SHORT),
            Err(Fault::NullBit(0x1000))
        );
        assert_eq!(
            decode::<Mcp3008>(&[0x00, 0x04, 0x00], SHORT),
            Err(Fault::NullBit(0x0400))
        );
        assert_eq!(
            decode::<Mcp3208>(&[0x02, 0x00, 0x00, 0x00], LONG),
            Err(Fault::NullBit(0x0200_0000))
        );
    }

    #[test]
    fn pulled_up_line_must_be_high_before_the_null_bit() {
        assert_eq!(
            decode::<Mcp3208>(&[0x00, 0x00, 0x00], PULLED_UP),
            Err(Fault::HeldLow)
        );
        assert_eq!(decode::<Mcp3208>(&[0x00, 0x20, 0x00], PULLED_UP), Ok(0));
        assert_eq!(
            decode::<Mcp3008>(&[0xFF, 0xF3, 0xFF], PULLED_UP),
            Err(Fault::HeldLow)
        );
        assert_eq!(decode::<Mcp3008>(&[0x00, 0x0B, 0xFF], PULLED_UP), Ok(0x3FF));
        let config = Config {
            pull_up: PullUp::Present,
            ..LONG
        };
        assert_eq!(decode::<Mcp3208>(&[0xF8, 0, 0, 0], config), Err(Fault::HeldLow));
        assert_eq!(decode::<Mcp3208>(&[0x04, 0, 0, 0], config), Ok(0));
    }

    /// 1111110 101001010011 10010100101 00 and 1111110 1010100101 010010101 000000.
    const TWELVE: [u8; 4] = [0xFD, 0x4A, 0x72, 0x94];
    const TEN: [u8; 4] = [0xFD, 0x52, 0xA5, 0x40];

    #[test]
    fn repeated_code_is_accepted() {
        assert_eq!(decode::<Mcp3208>(&TWELVE, LONG), Ok(0xA53));
        assert_eq!(decode::<Mcp3204>(&TWELVE, LONG), Ok(0xA53));
        assert_eq!(decode::<Mcp3008>(&TEN, LONG), Ok(0x2A5));
        assert_eq!(decode::<Mcp3004>(&TEN, LONG), Ok(0x2A5));
    }

    /// Which of the 32 bits may be wrong without notice.
    fn unnoticed<P: Part>(good: [u8; 4]) -> std::vec::Vec<u32> {
        let flipped = |bit: u32| (u32::from_be_bytes(good) ^ 1 << bit).to_be_bytes();
        (0..32)
            .filter(|&bit| decode::<P>(&flipped(bit), LONG).is_ok())
            .collect()
    }

    #[test]
    fn flipped_bit_is_found_unless_it_is_undefined_or_the_lowest() {
        assert_eq!(unnoticed::<Mcp3208>(TWELVE), [13, 26, 27, 28, 29, 30, 31]);
        assert_eq!(unnoticed::<Mcp3008>(TEN), [15, 26, 27, 28, 29, 30, 31]);
        let mut wrong = TWELVE;
        wrong[3] = 0x95;
        assert_eq!(
            decode::<Mcp3208>(&wrong, LONG),
            Err(Fault::Repetition(0xFD4A_7295))
        );
    }
}
