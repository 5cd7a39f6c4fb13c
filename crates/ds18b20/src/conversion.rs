//! When a conversion is over, as a function of the time since it began and of what the wire says meanwhile.

use crate::Resolution;
use fugit::MicrosDurationU32;

/// The longest that any device converts, at any resolution. Some clones need it at 9 bits, too.
pub(crate) const LONGEST: MicrosDurationU32 = Resolution::Bits12.max_conversion();
/// Between two looks at a device that is converting.
const INTERVAL: MicrosDurationU32 = MicrosDurationU32::from_millis(1);
/// What eight read slots give when nobody converts. Eight, so that one disturbed slot ends no wait.
const IDLE: u8 = 0xFF;
/// Ones among eight read slots that a busy device gives, if as many were disturbed.
const DISTURBED: u32 = 2;

/// How the end of a conversion is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Completion {
    /// The maximum of the resolution is waited. A device that is then still busy is given up to 750 ms.
    #[default]
    Wait,
    /// The devices are asked every millisecond, up to 750 ms. Devices that do not answer this, such as some clones
    /// and all that are powered by the wire, are waited for instead.
    Poll,
}

/// What to do next about a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Let this time pass.
    Wait(MicrosDurationU32),
    /// Read a byte and pass it to [`Conversion::saw`].
    Look,
    /// The result can be read.
    Done,
}

/// A conversion under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conversion {
    completion: Completion,
    powered: bool,
    /// Maximum of the resolution.
    expected: MicrosDurationU32,
    /// Nothing is to be done before this time.
    until: MicrosDurationU32,
    seen_busy: bool,
    over: bool,
}

impl Conversion {
    pub(crate) const fn new(resolution: Resolution, completion: Completion) -> Self {
        let expected = resolution.max_conversion();
        Self {
            completion,
            powered: false,
            expected,
            until: expected,
            seen_busy: false,
            over: false,
        }
    }

    /// One during which the strong pull-up holds the wire, which can say nothing then.
    pub(crate) const fn powered(resolution: Resolution) -> Self {
        Self {
            powered: true,
            ..Self::new(resolution, Completion::Wait)
        }
    }

    pub(crate) const fn is_powered(&self) -> bool {
        self.powered
    }

    /// Whether a device has shown that it converts.
    pub(crate) const fn is_acknowledged(&self) -> bool {
        self.seen_busy
    }

    /// Takes the byte read right after the command. Devices that say that they are busy can be polled.
    pub(crate) fn began(&mut self, byte: u8) {
        self.seen_busy = byte.count_ones() <= DISTURBED;
        if self.seen_busy && self.completion == Completion::Poll {
            self.until = INTERVAL;
        }
    }

    /// What to do `elapsed` after the command.
    pub(crate) fn step(&self, elapsed: MicrosDurationU32) -> Step {
        if self.over || elapsed >= LONGEST {
            Step::Done
        } else if elapsed < self.until {
            Step::Wait(self.until.saturating_sub(elapsed))
        } else if self.powered {
            Step::Done
        } else {
            Step::Look
        }
    }

    /// Takes a byte read `elapsed` after the command.
    pub(crate) fn saw(&mut self, byte: u8, elapsed: MicrosDurationU32) {
        self.over = byte == IDLE;
        self.until = elapsed.saturating_add(INTERVAL).min(LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUSY: u8 = 0x00;

    fn at(micros: u32) -> MicrosDurationU32 {
        MicrosDurationU32::from_micros(micros)
    }

    fn begun(resolution: Resolution, completion: Completion) -> Conversion {
        let mut conversion = Conversion::new(resolution, completion);
        conversion.began(BUSY);
        conversion
    }

    #[test]
    fn waits_out_the_maximum_of_the_resolution() {
        for (resolution, micros) in [
            (Resolution::Bits9, 93_750),
            (Resolution::Bits10, 187_500),
            (Resolution::Bits11, 375_000),
        ] {
            let conversion = begun(resolution, Completion::Wait);
            assert_eq!(conversion.step(at(0)), Step::Wait(at(micros)));
            assert_eq!(conversion.step(at(micros - 1)), Step::Wait(at(1)));
            assert_eq!(conversion.step(at(micros)), Step::Look);
        }
    }

    #[test]
    fn needs_no_look_after_750_ms() {
        let conversion = begun(Resolution::Bits12, Completion::Wait);
        assert_eq!(conversion.step(at(0)), Step::Wait(at(750_000)));
        assert_eq!(conversion.step(at(749_999)), Step::Wait(at(1)));
        assert_eq!(conversion.step(at(750_000)), Step::Done);
    }

    #[test]
    fn idle_after_the_maximum_is_done() {
        let mut conversion = begun(Resolution::Bits9, Completion::Wait);
        conversion.saw(0xFF, at(93_750));
        assert_eq!(conversion.step(at(93_750)), Step::Done);
    }

    #[test]
    fn slow_clone_is_given_up_to_750_ms() {
        let mut conversion = begun(Resolution::Bits9, Completion::Wait);
        conversion.saw(BUSY, at(93_750));
        assert_eq!(conversion.step(at(93_750)), Step::Wait(at(1_000)));
        assert_eq!(conversion.step(at(94_750)), Step::Look);
        conversion.saw(BUSY, at(749_750));
        assert_eq!(conversion.step(at(749_750)), Step::Wait(at(250)));
        assert_eq!(conversion.step(at(750_000)), Step::Done);
    }

    #[test]
    fn polls_every_millisecond() {
        let mut conversion = begun(Resolution::Bits12, Completion::Poll);
        assert_eq!(conversion.step(at(0)), Step::Wait(at(1_000)));
        conversion.saw(BUSY, at(1_000));
        assert_eq!(conversion.step(at(1_000)), Step::Wait(at(1_000)));
        conversion.saw(0xFF, at(2_000));
        assert_eq!(conversion.step(at(2_000)), Step::Done);
    }

    #[test]
    fn device_that_never_shows_that_it_is_busy_is_waited_for() {
        let mut conversion = Conversion::new(Resolution::Bits12, Completion::Poll);
        conversion.began(0xFF);
        assert_eq!(conversion.step(at(0)), Step::Wait(at(750_000)));
    }

    #[test]
    fn one_disturbed_slot_ends_no_conversion() {
        for disturbed in 0..8 {
            let mut conversion = begun(Resolution::Bits12, Completion::Poll);
            conversion.saw(1 << disturbed, at(1_000));
            assert_eq!(conversion.step(at(1_000)), Step::Wait(at(1_000)));
        }
    }

    #[test]
    fn conversion_that_ends_during_a_look_is_looked_at_again() {
        let mut conversion = begun(Resolution::Bits12, Completion::Poll);
        conversion.saw(0x80, at(1_000));
        assert_eq!(conversion.step(at(1_000)), Step::Wait(at(1_000)));
    }

    #[test]
    fn few_disturbed_slots_are_no_sign_of_a_conversion() {
        for (byte, acknowledged) in [
            (0x00, true),
            (0x11, true),
            (0x13, false),
            (0xFE, false),
            (0xFF, false),
        ] {
            let mut conversion = Conversion::new(Resolution::Bits12, Completion::Wait);
            conversion.began(byte);
            assert_eq!(conversion.is_acknowledged(), acknowledged, "{byte:02x}");
        }
    }

    #[test]
    fn powered_wire_is_never_looked_at() {
        let conversion = Conversion::powered(Resolution::Bits9);
        assert_eq!(conversion.step(at(0)), Step::Wait(at(93_750)));
        assert_eq!(conversion.step(at(93_750)), Step::Done);
    }
}
