//! What the light means.

use crate::{Colour, Instant, Pattern};
use fugit::MillisDurationU32;

/// A state of the system, from the least to the most urgent.
///
/// Each has a colour and a rhythm of its own, so that colour need not be seen. Nothing flashes more than three times in
/// a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Status {
    /// All is well: steady green.
    Nominal,
    /// No network yet: a short yellow wink every two seconds.
    Connecting,
    /// Someone works on the system: breathing blue.
    Maintenance,
    /// A pump doses: a cyan light runs round.
    Dosing,
    /// New firmware is written: two magenta flashes and a pause. Do not switch off.
    Updating,
    /// The water is not as it should be: red, on and off.
    Alarm,
    /// The system itself has failed: three amber flashes and a pause.
    Fault,
}

const fn ms(milliseconds: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(milliseconds)
}

impl Status {
    /// All of them, from the least to the most urgent.
    pub const ALL: [Self; 7] = [
        Self::Nominal,
        Self::Connecting,
        Self::Maintenance,
        Self::Dosing,
        Self::Updating,
        Self::Alarm,
        Self::Fault,
    ];

    /// Its colour at the brightest.
    pub const fn colour(self) -> Colour {
        match self {
            Self::Nominal => Colour::new(0, 255, 0),
            Self::Connecting => Colour::new(255, 160, 0),
            Self::Maintenance => Colour::new(0, 0, 255),
            Self::Dosing => Colour::new(0, 255, 255),
            Self::Updating => Colour::new(255, 0, 255),
            Self::Alarm => Colour::new(255, 0, 0),
            Self::Fault => Colour::new(255, 64, 0),
        }
    }

    /// Its rhythm.
    pub const fn pattern(self) -> Pattern {
        match self {
            Self::Nominal => Pattern::Steady,
            Self::Connecting => Pattern::Blink {
                flashes: 1,
                on: ms(100),
                off: ms(1_900),
                pause: ms(0),
            },
            Self::Maintenance => Pattern::Breathe { period: ms(4_000) },
            Self::Dosing => Pattern::Chase { lap: ms(1_600) },
            Self::Updating => Pattern::Blink {
                flashes: 2,
                on: ms(200),
                off: ms(200),
                pause: ms(1_200),
            },
            Self::Alarm => Pattern::Blink {
                flashes: 1,
                on: ms(250),
                off: ms(250),
                pause: ms(0),
            },
            Self::Fault => Pattern::Blink {
                flashes: 3,
                on: ms(200),
                off: ms(200),
                pause: ms(1_200),
            },
        }
    }

    /// What the LEDs show at a time.
    ///
    /// ```
    /// use neopixel_status::{Colour, Instant, Status};
    ///
    /// let red = Colour::new(255, 0, 0);
    /// assert_eq!(Status::Alarm.pixels(Instant::from_ticks(100)), [red; 8]);
    /// assert_eq!(Status::Alarm.pixels(Instant::from_ticks(300)), [Colour::DARK; 8]);
    /// ```
    pub fn pixels<const LEDS: usize>(self, now: Instant) -> [Colour; LEDS] {
        let (colour, pattern) = (self.colour(), self.pattern());
        let mut led = 0;
        [(); LEDS].map(|()| {
            let level = pattern.level(now, led, LEDS);
            led += 1;
            colour.scaled(level)
        })
    }
}

/// Several states at once, of which the most urgent is shown.
///
/// ```
/// use neopixel_status::{Status, Statuses};
///
/// let mut statuses = Statuses::default();
/// statuses.set(Status::Maintenance, true);
/// statuses.set(Status::Alarm, true);
/// assert_eq!(statuses.shown(), Status::Alarm);
/// statuses.set(Status::Alarm, false);
/// assert_eq!(statuses.shown(), Status::Maintenance);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Statuses {
    /// A bit for each, the more urgent the higher.
    bits: u8,
}

impl Statuses {
    /// Begins or ends a state.
    pub fn set(&mut self, status: Status, active: bool) {
        let bit = 1 << status as u8;
        if active {
            self.bits |= bit;
        } else {
            self.bits &= !bit;
        }
    }

    /// Whether a state is there.
    pub fn contains(self, status: Status) -> bool {
        self.bits >> status as u8 & 1 == 1
    }

    /// The most urgent one; nominal if there is none.
    pub fn shown(self) -> Status {
        let active = Status::ALL.into_iter().filter(|&status| self.contains(status));
        active.max().unwrap_or(Status::Nominal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_urgent_status_is_shown() {
        let mut statuses = Statuses::default();
        assert_eq!(statuses.shown(), Status::Nominal);
        for status in Status::ALL {
            statuses.set(status, true);
            assert_eq!(statuses.shown(), status);
        }
        for pair in Status::ALL.windows(2).rev() {
            statuses.set(pair[1], false);
            assert_eq!(statuses.shown(), pair[0]);
        }
    }

    #[test]
    fn status_set_twice_ends_at_once() {
        let mut statuses = Statuses::default();
        statuses.set(Status::Dosing, true);
        statuses.set(Status::Dosing, true);
        statuses.set(Status::Dosing, false);
        assert!(!statuses.contains(Status::Dosing));
        statuses.set(Status::Dosing, false);
        assert_eq!(statuses, Statuses::default());
    }

    #[test]
    fn vocabulary_has_its_colours() {
        assert_eq!(Status::Nominal.colour(), Colour::new(0, 255, 0));
        assert_eq!(Status::Alarm.colour(), Colour::new(255, 0, 0));
        assert_eq!(Status::Maintenance.colour(), Colour::new(0, 0, 255));
    }
}
