//! Light over time.

use crate::Instant;
use fugit::MillisDurationU32;

/// How bright each LED is at a time: a function of the time and of nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Pattern {
    /// Always on.
    Steady,
    /// A group of flashes, and a pause.
    Blink {
        /// How many in a group.
        flashes: u8,
        /// How long each is.
        on: MillisDurationU32,
        /// How long it is dark after each.
        off: MillisDurationU32,
        /// How long it stays dark after the last one, in addition.
        pause: MillisDurationU32,
    },
    /// From dark to bright and back, evenly.
    Breathe {
        /// How long that takes.
        period: MillisDurationU32,
    },
    /// One LED after the other, with a weaker one behind it. Of fewer than four LEDs the others are thought to be there.
    Chase {
        /// How long it takes to come round.
        lap: MillisDurationU32,
    },
}

impl Pattern {
    /// The brightness of one LED of so many, from 0 to 255.
    pub fn level(self, now: Instant, led: usize, leds: usize) -> u8 {
        let now = now.as_ticks();
        match self {
            Self::Steady => u8::MAX,
            Self::Blink {
                flashes,
                on,
                off,
                pause,
            } => {
                let (on, off) = (u64::from(on.as_ticks()), u64::from(off.as_ticks()));
                let group = u64::from(flashes) * (on + off);
                let time = now.checked_rem(group + u64::from(pause.as_ticks())).unwrap_or(0);
                let in_flash = time.checked_rem(on + off).unwrap_or(0) < on;
                if time < group && in_flash { u8::MAX } else { 0 }
            }
            Self::Breathe { period } => {
                let period = u64::from(period.as_ticks());
                let time = now.checked_rem(period).unwrap_or(0);
                let from_dark = time.min(period - time) * 2;
                // At most the period, so at most 255.
                let level = (from_dark * 255).checked_div(period);
                level
                    .and_then(|level| u8::try_from(level).ok())
                    .unwrap_or(u8::MAX)
            }
            Self::Chase { lap } => {
                let places = leds.max(4) as u64;
                let lap = u64::from(lap.as_ticks());
                let time = now.checked_rem(lap).unwrap_or(0);
                let head = time.saturating_mul(places).checked_div(lap).unwrap_or(0);
                let behind = (head + places - led as u64 % places) % places;
                match behind {
                    0 => u8::MAX,
                    1 => 64,
                    _ => 0,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u32) -> MillisDurationU32 {
        MillisDurationU32::from_ticks(milliseconds)
    }

    fn level(pattern: Pattern, now: u64, led: usize, leds: usize) -> u8 {
        pattern.level(Instant::from_ticks(now), led, leds)
    }

    fn levels<const N: usize>(pattern: Pattern, times: [u64; N]) -> [u8; N] {
        times.map(|now| level(pattern, now, 0, 8))
    }

    #[test]
    fn flashes_come_in_groups() {
        let pattern = Pattern::Blink {
            flashes: 2,
            on: ms(100),
            off: ms(200),
            pause: ms(400),
        };
        let times = [0, 99, 100, 299, 300, 399, 400, 599, 600, 999, 1_000, 1_099, 1_100];
        let on = [255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 255, 255, 0];
        assert_eq!(levels(pattern, times), on);
    }

    #[test]
    fn breath_rises_and_falls_evenly() {
        let pattern = Pattern::Breathe { period: ms(1_000) };
        let times = [0, 100, 250, 500, 750, 900, 999, 1_000];
        assert_eq!(levels(pattern, times), [0, 51, 127, 255, 127, 51, 0, 0]);
    }

    #[test]
    fn chase_goes_round_with_a_tail() {
        let pattern = Pattern::Chase { lap: ms(1_000) };
        let at = |now| [0, 1, 2, 3, 4].map(|led| level(pattern, now, led, 5));
        assert_eq!(at(0), [255, 0, 0, 0, 64]);
        assert_eq!(at(199), [255, 0, 0, 0, 64]);
        assert_eq!(at(200), [64, 255, 0, 0, 0]);
        assert_eq!(at(999), [0, 0, 0, 64, 255]);
        assert_eq!(at(1_000), [255, 0, 0, 0, 64]);
    }

    #[test]
    fn chase_of_one_led_is_a_flash_of_a_quarter() {
        let pattern = Pattern::Chase { lap: ms(1_000) };
        let at = [0, 249, 250, 499, 500, 999].map(|now| level(pattern, now, 0, 1));
        assert_eq!(at, [255, 255, 64, 64, 0, 0]);
    }

    #[test]
    fn times_of_zero_and_of_the_end_of_time_are_harmless() {
        let zero = ms(0);
        let most = ms(u32::MAX);
        for time in [zero, most] {
            for pattern in [
                Pattern::Blink {
                    flashes: u8::MAX,
                    on: time,
                    off: time,
                    pause: time,
                },
                Pattern::Blink {
                    flashes: 0,
                    on: time,
                    off: zero,
                    pause: zero,
                },
                Pattern::Breathe { period: time },
                Pattern::Chase { lap: time },
            ] {
                for leds in [0, 1, usize::MAX] {
                    level(pattern, u64::MAX, usize::MAX, leds);
                    level(pattern, 0, 0, leds);
                }
            }
        }
    }
}
