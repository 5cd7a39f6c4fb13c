//! Pulse widths to five bytes.

use crate::{Fault, Frame};

impl Frame {
    /// Decodes captured pulses: the width of each low level with the width of the high level after it.
    ///
    /// The unit does not matter, nor does the speed of whatever captured them: a high level longer than its
    /// low level (70 µs after 50 µs) is a one, a shorter one (26 µs after 50 µs) a zero. There are 40 pulses
    /// for the bits. Before them may stand the sensor's response (80 µs, 80 µs), and behind them the low
    /// level that ends the frame, with 0 for the high level that nobody waited for.
    ///
    /// ```
    /// use dht22::{Checksum, Frame, Model};
    ///
    /// // Bytes 02 8C 01 5F EE, as a timer of 1 MHz captures them.
    /// let mut pulses = [(50_u16, 26_u16); 40];
    /// for one in [6, 8, 12, 13, 23, 25, 27, 28, 29, 30, 31, 32, 33, 34, 36, 37, 38] {
    ///     pulses[one] = (50, 70);
    /// }
    /// let reading = Frame::from_pulses(&pulses)?.decode(Model::Dht22, Checksum::Full)?;
    /// assert_eq!(reading.temperature.get(), 35_100);
    /// assert_eq!(reading.humidity.get(), 652);
    /// # Ok::<(), dht22::Fault>(())
    /// ```
    ///
    /// # Errors
    /// [`Fault::PulseCount`] if there are more or fewer pulses, or if the first of 41 is no response;
    /// [`Fault::Glitch`] if a bit's low level is less than half as long as the longest;
    /// [`Fault::Ambiguous`] if a bit's levels differ by less than an eighth of the longer one, or if one is 0.
    pub fn from_pulses<T: Copy + Into<u32>>(pulses: &[(T, T)]) -> Result<Self, Fault> {
        let count = Fault::PulseCount(pulses.len());
        let pulses = match pulses {
            [pulses @ .., (_, end)] if (*end).into() == 0 => pulses,
            pulses => pulses,
        };
        let (before, bits) = pulses.split_last_chunk::<40>().ok_or(count)?;
        let longest = bits.iter().map(|&(low, _)| low.into()).max().unwrap_or(0);
        match before {
            [] => {}
            // A response is low for 75 to 85 µs, a bit for 48 to 55 µs: 1.36 times as long, at the closest.
            [(low, _)] if u64::from((*low).into()) * 4 >= u64::from(longest) * 5 => {}
            _ => return Err(count),
        }
        let mut frame = 0_u64;
        for (bit, &(low, high)) in (0..).zip(bits) {
            // All of them are 48 to 55 µs. What noise has split or an interrupt has hidden is shorter.
            if low.into() < longest.div_ceil(2) {
                return Err(Fault::Glitch(bit));
            }
            let one = is_one(low.into(), high.into()).ok_or(Fault::Ambiguous(bit))?;
            frame = frame << 1 | u64::from(one);
        }
        let [_, _, _, a, b, c, d, sum] = frame.to_be_bytes();
        Ok(Self::new([a, b, c, d, sum]))
    }
}

/// Whether a pulse is a one; `None` if it cannot be told.
///
/// A zero is 22 to 30 µs and a one 68 to 75 µs, after 48 to 55 µs: 0.63 and 1.24 at the closest. An eighth
/// either side of equal leaves room for being one poll off at 5 µs a poll.
fn is_one(low: u32, high: u32) -> Option<bool> {
    let margin = u64::from(low.abs_diff(high)) * 8;
    (low != 0 && high != 0 && margin >= u64::from(low.max(high))).then_some(high > low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 65.2 %, 35.1 °C: 02 8C 01 5F EE, most significant bit first.
    const GOOD: Frame = Frame::new([0x02, 0x8C, 0x01, 0x5F, 0xEE]);
    const ONES: [usize; 17] = [6, 8, 12, 13, 23, 25, 27, 28, 29, 30, 31, 32, 33, 34, 36, 37, 38];

    /// A timer's type of its own.
    #[derive(Clone, Copy)]
    struct Micros(u32);

    impl From<Micros> for u32 {
        fn from(width: Micros) -> Self {
            width.0
        }
    }

    fn good(low: u32, zero: u32, one: u32) -> [(u32, u32); 40] {
        core::array::from_fn(|bit| (low, if ONES.contains(&bit) { one } else { zero }))
    }

    /// A response, the forty bits, and the low level that ends the frame.
    fn with_everything() -> [(u32, u32); 42] {
        let bits = good(50, 26, 70);
        core::array::from_fn(|pulse| match pulse {
            0 => (80, 80),
            41 => (50, 0),
            bit => bits[bit - 1],
        })
    }

    #[test]
    fn bits_are_most_significant_first() {
        assert_eq!(Frame::from_pulses(&good(50, 26, 70)), Ok(GOOD));
    }

    #[test]
    fn unit_does_not_matter() {
        // 50, 26 and 70 µs counted at 80 MHz, at 1 MHz, and once every 5 µs.
        assert_eq!(Frame::from_pulses(&good(4_000, 2_080, 5_600)), Ok(GOOD));
        assert_eq!(Frame::from_pulses(&good(10, 5, 14)), Ok(GOOD));
        assert_eq!(
            Frame::from_pulses(&good(50, 26, 70).map(|(low, high)| (Micros(low), Micros(high)))),
            Ok(GOOD)
        );
        assert_eq!(
            Frame::from_pulses(&good(3_000_000_000, 1_560_000_000, 4_200_000_000)),
            Ok(GOOD)
        );
    }

    #[test]
    fn slow_sensor_whose_zeros_outlast_any_fixed_threshold_is_read() {
        // Everything 1.9 times as long: a zero is high for 49 µs, beyond the thresholds of 30, 35, 40 and 48 µs.
        assert_eq!(Frame::from_pulses(&good(95, 49, 133)), Ok(GOOD));
    }

    #[test]
    fn fast_sensor_whose_ones_end_before_a_fixed_threshold_is_read() {
        // Everything 0.4 times as long: a one is high for 28 µs.
        assert_eq!(Frame::from_pulses(&good(20, 10, 28)), Ok(GOOD));
    }

    #[test]
    fn limits_of_the_data_sheet_are_told_apart() {
        assert_eq!(Frame::from_pulses(&good(48, 30, 68)), Ok(GOOD));
        assert_eq!(Frame::from_pulses(&good(55, 22, 68)), Ok(GOOD));
    }

    #[test]
    fn response_and_end_may_be_there_or_not() {
        let all = with_everything();
        for part in [&all[..], &all[1..], &all[..41], &all[1..41]] {
            assert_eq!(Frame::from_pulses(part), Ok(GOOD));
        }
    }

    #[test]
    fn extra_pulse_that_is_no_response_is_refused() {
        for extra in [(50, 26), (50, 70), (55, 68), (62, 80), (0, 80)] {
            let mut pulses = with_everything();
            pulses[0] = extra;
            assert_eq!(
                Frame::from_pulses(&pulses[..41]),
                Err(Fault::PulseCount(41)),
                "{extra:?}"
            );
        }
        let mut pulses = with_everything();
        pulses[0] = (63, 80);
        assert_eq!(Frame::from_pulses(&pulses), Ok(GOOD));
    }

    #[test]
    fn response_is_longer_than_a_bit_by_a_quarter() {
        let bits = good(60, 30, 85);
        for (response, expected) in [(74, Err(Fault::PulseCount(41))), (75, Ok(GOOD))] {
            let pulses: [_; 41] = core::array::from_fn(|pulse| match pulse {
                0 => (response, 80),
                bit => bits[bit - 1],
            });
            assert_eq!(Frame::from_pulses(&pulses), expected);
        }
    }

    #[test]
    fn response_in_place_of_a_lost_bit_is_no_bit() {
        assert_eq!(
            Frame::from_pulses(&with_everything()[..40]),
            Err(Fault::Ambiguous(0))
        );
    }

    #[test]
    fn any_other_number_of_pulses_is_refused() {
        let pulses = [(80_u16, 80_u16); 64];
        for count in (0..40).chain(42..64) {
            assert_eq!(
                Frame::from_pulses(&pulses[..count]),
                Err(Fault::PulseCount(count)),
                "{count}"
            );
        }
        let mut pulses = with_everything();
        pulses[39] = (50, 0);
        assert_eq!(Frame::from_pulses(&pulses[..40]), Err(Fault::PulseCount(40)));
    }

    #[test]
    fn high_level_about_as_long_as_the_low_one_is_a_fault_of_its_bit() {
        for (low, high) in [(50, 50), (50, 44), (50, 57), (80, 80), (80, 71), (71, 80)] {
            let mut pulses = good(50, 26, 70);
            pulses[17] = (low, high);
            assert_eq!(
                Frame::from_pulses(&pulses),
                Err(Fault::Ambiguous(17)),
                "{low} {high}"
            );
        }
    }

    #[test]
    fn eighth_of_difference_is_enough() {
        assert_eq!(Frame::from_pulses(&good(80, 70, 92)), Ok(GOOD));
        assert_eq!(Frame::from_pulses(&good(70, 61, 80)), Ok(GOOD));
        assert_eq!(Frame::from_pulses(&good(7, 6, 8)), Ok(GOOD));
        assert_eq!(Frame::from_pulses(&good(80, 71, 92)), Err(Fault::Ambiguous(0)));
        assert_eq!(Frame::from_pulses(&good(80, 70, 91)), Err(Fault::Ambiguous(6)));
    }

    #[test]
    fn low_level_less_than_half_as_long_as_the_others_is_a_glitch() {
        for (low, expected) in [
            (24, Err(Fault::Glitch(17))),
            (25, Ok(GOOD)),
            (0, Err(Fault::Glitch(17))),
        ] {
            let mut pulses = good(49, 12, 70);
            pulses[17].0 = low;
            assert_eq!(Frame::from_pulses(&pulses), expected, "{low}");
        }
    }

    #[test]
    fn bit_split_in_two_by_noise_is_a_glitch_although_there_are_40_pulses() {
        let mut pulses = with_everything();
        pulses[0] = (20, 3);
        pulses[1] = (27, 26);
        assert_eq!(Frame::from_pulses(&pulses[..40]), Err(Fault::Glitch(0)));
    }

    #[test]
    fn pulse_without_a_high_level_is_a_fault_of_its_bit() {
        let mut pulses = good(50, 26, 70);
        pulses[3] = (50, 0);
        assert_eq!(Frame::from_pulses(&pulses), Err(Fault::Ambiguous(3)));
        assert_eq!(
            Frame::from_pulses(&[(0_u16, 26_u16); 40]),
            Err(Fault::Ambiguous(0))
        );
    }
}
