//! When a conversion is over, as a function of the time since it began and of what the wire says meanwhile.

use crate::Resolution;
use fugit::MicrosDurationU32;

/// The longest that any device converts, at any resolution. Some clones need it at 9 bits, too.
const LONGEST: MicrosDurationU32 = Resolution::Bits12.max_conversion();
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
