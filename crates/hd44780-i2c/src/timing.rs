//! How many filler bytes and microseconds a controller needs, in integers.

use fugit::{HertzU32, MicrosDurationU32};

/// What the speed of the bus and the controller's oscillator ask for.
///
/// A controller executes for 37 µs at 270 kHz after E has fallen for the second half of a byte, and for 4 µs more if the
/// byte was data; at another frequency proportionally longer or shorter. The next byte may begin when that is over. A byte
/// on the bus takes 9 of its clocks, so that at 100 kHz no controller is ever late, and at 400 kHz all are: then
/// fillers, which repeat the state of the pins, go between two bytes for the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timing {
    fillers: u8,
    slow_us: u32,
}

impl Timing {
    /// 100 kHz, for every controller of the data sheet: 190 kHz and faster.
    pub const STANDARD: Self = Self::of(100_000, 190_000);
    /// 400 kHz, for every controller of the data sheet: 190 kHz and faster. A PCF8574 is specified for 100 kHz only.
    pub const FAST: Self = Self::of(400_000, 190_000);

    /// Computes what is needed at most at this speed of the bus (it may be slower) and with this oscillator (it may be
    /// faster).
    ///
    /// Returns `None` unless the bus is at 1 Hz to 1 MHz and the oscillator at 190 kHz to 350 kHz, the limits of the
    /// data sheet; 270 kHz is typical.
    pub const fn new(bus: HertzU32, oscillator: HertzU32) -> Option<Self> {
        match (bus.to_raw(), oscillator.to_raw()) {
            (bus @ 1..=1_000_000, oscillator @ 190_000..=350_000) => Some(Self::of(bus, oscillator)),
            _ => None,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "seven bytes at most within the limits of `new`"
    )]
    const fn of(bus: u32, oscillator: u32) -> Self {
        // With n fillers E rises n + 1 bytes of 9 clocks after it fell, which must be no sooner than the execution time
        // of data: (n + 1) * 9 / bus >= 41 µs * 270 kHz / oscillator = 11.07 / oscillator.
        let bytes = (bus * 123).div_ceil(oscillator * 100);
        // 1.52 ms at 270 kHz.
        let slow_us = 410_400_000_u32.div_ceil(oscillator);
        Self {
            fillers: (bytes - 1) as u8,
            slow_us,
        }
    }

    /// Filler bytes between two bytes for the controller.
    pub const fn fillers(self) -> u8 {
        self.fillers
    }

    /// The execution time of clear.
    pub const fn clear(self) -> MicrosDurationU32 {
        MicrosDurationU32::from_ticks(self.slow_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(bus: u32, oscillator: u32) -> Option<(u8, u32)> {
        let timing = Timing::new(HertzU32::from_raw(bus), HertzU32::from_raw(oscillator))?;
        Some((timing.fillers(), timing.clear().as_micros()))
    }

    #[test]
    fn at_100_khz_the_bus_is_slow_enough_for_all() {
        assert_eq!(at(100_000, 190_000), Some((0, 2_160)));
        assert_eq!(at(100_000, 270_000), Some((0, 1_520)));
        assert_eq!(at(100_000, 350_000), Some((0, 1_173)));
        assert_eq!(at(1, 350_000), Some((0, 1_173)));
    }

    #[test]
    fn at_400_khz_one_filler_is_enough_from_246_khz_up() {
        assert_eq!(at(400_000, 350_000), Some((1, 1_173)));
        assert_eq!(at(400_000, 250_000), Some((1, 1_642)));
        assert_eq!(at(400_000, 246_000), Some((1, 1_669)));
        assert_eq!(at(400_000, 245_999), Some((2, 1_669)));
        assert_eq!(at(400_000, 190_000), Some((2, 2_160)));
    }

    #[test]
    fn fillers_begin_where_nine_clocks_are_too_short() {
        // 11.07 / 190 kHz is 58.26 µs, and nine clocks of 154 471 Hz are as long.
        assert_eq!(at(154_471, 190_000), Some((0, 2_160)));
        assert_eq!(at(154_472, 190_000), Some((1, 2_160)));
        assert_eq!(at(1_000_000, 190_000), Some((6, 2_160)));
    }

    #[test]
    fn what_is_outside_the_data_sheet_is_refused() {
        for (bus, oscillator) in [
            (0, 270_000),
            (1_000_001, 270_000),
            (100_000, 189_999),
            (100_000, 350_001),
        ] {
            assert_eq!(at(bus, oscillator), None);
        }
    }

    #[test]
    fn the_constants_are_for_the_slowest_controller() {
        assert_eq!(
            at(100_000, 190_000),
            Some((Timing::STANDARD.fillers(), Timing::STANDARD.clear().as_micros()))
        );
        assert_eq!(
            at(400_000, 190_000),
            Some((Timing::FAST.fillers(), Timing::FAST.clear().as_micros()))
        );
    }
}
