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
    /// [`Fault::Ambiguous`] if low and high level of a bit differ by less than an eighth of the longer one, or
    /// if one of them is 0.
    pub fn from_pulses<T: Copy + Into<u32>>(pulses: &[(T, T)]) -> Result<Self, Fault> {
        let count = Fault::PulseCount(pulses.len());
        let pulses = match pulses {
            [pulses @ .., (_, end)] if (*end).into() == 0 => pulses,
            pulses => pulses,
        };
        let bits = match pulses {
            // A response is low for 80 µs, a bit for 50 µs. Halfway between would be at 1.3.
            [(response, _), bits @ ..] if bits.len() == 40 => {
                let [(bit, _), ..] = bits else { return Err(count) };
                if u64::from((*response).into()) * 4 < u64::from((*bit).into()) * 5 {
                    return Err(count);
                }
                bits
            }
            bits if bits.len() == 40 => bits,
            _ => return Err(count),
        };
        let mut frame = 0_u64;
        for (bit, &(low, high)) in (0..).zip(bits) {
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
