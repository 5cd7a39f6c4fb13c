//! What must survive a reset.

use crate::Fault;
use crate::window::Window;

/// How often and how long, for wear. Both stop at their largest value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Counters {
    /// How often it was switched on.
    pub switchings: u32,
    /// Milliseconds on, all together.
    pub on_ms: u64,
}

/// What must survive a reset. Made by [`Guard::record`](crate::Guard::record), given back when it is made again.
///
/// What a record does not say, because it was made under another configuration for instance, counts as used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct State {
    /// Which record this is, so that an old one cannot be taken for the latest.
    pub(crate) number: u32,
    /// After this record it may have been on for as long as it is allowed to.
    pub(crate) may_be_on: bool,
    /// Milliseconds of [`MaxOn::time`](crate::MaxOn::time) that are used up.
    pub(crate) run: u32,
    /// Nothing if it was not counted.
    pub(crate) window: Option<Window>,
    pub(crate) fault: Option<Fault>,
    pub(crate) counters: Counters,
}

impl State {
    /// The state of a relay that is known never to have been on: a new installation, and only when it starts first.
    ///
    /// With [`Config::write_ahead`](crate::Config::write_ahead) it can be stored as the first record.
    pub const fn unused() -> Self {
        Self {
            number: 0,
            may_be_on: false,
            run: 0,
            window: Some(Window::EMPTY),
            fault: None,
            counters: Counters {
                switchings: 0,
                on_ms: 0,
            },
        }
    }

    /// The state of a relay of which nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        may_be_on: true,
        ..Self::unused()
    };

    /// Whether it may have been on after this record was made.
    pub fn may_be_on(&self) -> bool {
        self.may_be_on
    }

    /// The fault that was latched.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The counters. Time on and switchings after the record was made are not in them.
    pub fn counters(&self) -> Counters {
        self.counters
    }
}
