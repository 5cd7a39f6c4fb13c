//! Pulses from a register that counts them and wraps.

use quantity::OutOfRange;

/// A hardware counter, read now and then.
///
/// It must be read before it has wrapped once more: 16 bits last 291 s at the 225 Hz of a YF-S201's 30 L/min.
///
/// ```
/// use flow_meter::Counter;
///
/// let mut counter = Counter::new(16, 65_530)?;
/// assert_eq!(counter.advance(4)?, 10);
/// assert_eq!(counter.advance(4)?, 0);
/// assert!(counter.advance(65_536).is_err());
/// # Ok::<(), flow_meter::quantity::OutOfRange>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Counter {
    mask: u32,
    last: u32,
}

impl Counter {
    /// Takes the width of the register in bits, 1 to 32, and what it reads now.
    ///
    /// # Errors
    /// [`OutOfRange`] for another width, or a value that does not fit in it.
    pub const fn new(bits: u8, now: u32) -> Result<Self, OutOfRange> {
        if bits == 0 || bits > 32 {
            return Err(OutOfRange);
        }
        let mask = u32::MAX >> (32 - bits);
        if now > mask {
            return Err(OutOfRange);
        }
        Ok(Self { mask, last: now })
    }

    /// Takes what the register reads now and returns the pulses since the last time.
    ///
    /// # Errors
    /// [`OutOfRange`] if the value is wider than the register; it is ignored.
    pub const fn advance(&mut self, now: u32) -> Result<u32, OutOfRange> {
        if now > self.mask {
            return Err(OutOfRange);
        }
        let pulses = now.wrapping_sub(self.last) & self.mask;
        self.last = now;
        Ok(pulses)
    }

    /// Takes what the register reads after it was set to something, without counting.
    ///
    /// # Errors
    /// [`OutOfRange`] if the value is wider than the register; it is ignored.
    pub const fn restart(&mut self, now: u32) -> Result<(), OutOfRange> {
        match self.advance(now) {
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn register_wraps_at_its_width() {
        for (bits, last, now, pulses) in [
            (8, 250, 5, 11),
            (16, 65_535, 0, 1),
            (24, 0xFF_FFFF, 2, 3),
            (32, u32::MAX, 0, 1),
            (32, 1, 0, u32::MAX),
            (1, 1, 0, 1),
        ] {
            let mut counter = Counter::new(bits, last).unwrap();
            assert_eq!(counter.advance(now), Ok(pulses), "{bits} bits");
        }
    }

    #[test]
    fn value_that_does_not_fit_is_refused_and_ignored() {
        assert_eq!(Counter::new(8, 256), Err(OutOfRange));
        let mut counter = Counter::new(8, 250).unwrap();
        assert_eq!(counter.advance(256), Err(OutOfRange));
        assert_eq!(counter.advance(251), Ok(1));
    }

    #[test]
    fn width_is_1_to_32() {
        assert_eq!(Counter::new(0, 0), Err(OutOfRange));
        assert_eq!(Counter::new(33, 0), Err(OutOfRange));
    }

    #[test]
    fn restart_counts_nothing() {
        let mut counter = Counter::new(16, 1_000).unwrap();
        assert_eq!(counter.restart(0), Ok(()));
        assert_eq!(counter.advance(3), Ok(3));
    }
}
