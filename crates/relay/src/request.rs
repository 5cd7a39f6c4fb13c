//! What is asked for, and how it runs with time.

use crate::Config;
use fugit::MillisDurationU32;

/// A share in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Permille(u16);

impl Permille {
    /// A share from 0 to 1000 thousandths; `None` above.
    pub const fn new(share: u16) -> Option<Self> {
        if share <= 1_000 { Some(Self(share)) } else { None }
    }

    /// The thousandths.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// What a relay can be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Command {
    /// Off, after the off-delay and the minimum on.
    Off,
    /// On, after the on-delay and as soon as nothing forbids it. Repeating it does not start the delay again.
    On,
    /// Off if on is asked for, otherwise on.
    Toggle,
    /// On for this time as soon as nothing forbids it, without delays. If it is on already, the time starts now.
    Pulse(MillisDurationU32),
    /// On for this share of every [`Config::period`], on average: shares that would be shorter than the minimum on
    /// or off are saved up for later periods. A new share starts with the next period, zero at once.
    Proportional(Permille),
}

impl Command {
    pub(crate) fn asks_for_on(self, request: &Request) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Toggle => !request.is_active(),
            Self::Pulse(time) => time.as_ticks() != 0,
            Self::Proportional(share) => share.0 != 0,
        }
    }
}

/// What is asked for now. Times are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Request {
    Off,
    /// Off when the off-delay is over.
    OffAfter {
        left: u32,
    },
    /// On when the on-delay is over.
    On {
        delay: u32,
    },
    Pulse {
        left: u32,
    },
    Proportional(Proportion),
}

impl Request {
    /// Whether on is asked for, now or soon.
    pub(crate) fn is_active(&self) -> bool {
        !matches!(self, Self::Off | Self::OffAfter { .. })
    }

    /// Whether the relay should be on now, if it `is_on` already.
    pub(crate) fn wants_on(&self, is_on: bool) -> bool {
        match self {
            Self::Off => false,
            Self::OffAfter { left } => is_on && *left > 0,
            Self::On { delay } => *delay == 0,
            Self::Pulse { left } => *left > 0,
            Self::Proportional(proportion) => proportion.wants_on(),
        }
    }

    /// Whether its end is a matter of time.
    pub(crate) fn is_timed(&self) -> bool {
        !matches!(self, Self::Off | Self::On { .. })
    }

    /// Milliseconds until it wants something else, if time alone brings that about.
    pub(crate) fn next(&self, is_on: bool, config: &Config) -> Option<u32> {
        match self {
            Self::OffAfter { left } | Self::On { delay: left } if *left > 0 => Some(*left),
            Self::Pulse { left } if is_on => Some(*left),
            Self::Proportional(proportion) => Some(proportion.next(config)),
            _ => None,
        }
    }

    /// Time passes: `ran` as far as it may have passed, `waited` as far as it surely has.
    pub(crate) fn advance(&mut self, is_on: bool, ran: u32, waited: u32, config: &Config) {
        match self {
            Self::OffAfter { left } => *left = left.saturating_sub(ran),
            Self::On { delay } => *delay = delay.saturating_sub(waited),
            Self::Pulse { left } if is_on => *left = left.saturating_sub(ran),
            Self::Off | Self::Pulse { .. } => {}
            Self::Proportional(proportion) => proportion.advance(waited, config),
        }
    }

    /// The request after a command.
    pub(crate) fn after(self, command: Command, is_on: bool, config: &Config) -> Self {
        match command {
            Command::Toggle if self.is_active() => self.after(Command::Off, is_on, config),
            Command::Toggle => self.after(Command::On, is_on, config),
            Command::On => match self {
                Self::On { .. } => self,
                _ if is_on => Self::On { delay: 0 },
                _ => Self::On {
                    delay: config.on_delay.as_ticks(),
                },
            },
            Command::Off => match self {
                Self::OffAfter { .. } => self,
                _ if is_on && self.is_active() && config.off_delay.as_ticks() > 0 => Self::OffAfter {
                    left: config.off_delay.as_ticks(),
                },
                _ => Self::Off,
            },
            Command::Pulse(time) if time.as_ticks() == 0 => Self::Off,
            Command::Pulse(time) => Self::Pulse {
                left: time.as_ticks(),
            },
            Command::Proportional(Permille(0)) => Self::Off,
            Command::Proportional(share) => match self {
                Self::Proportional(running) => Self::Proportional(Proportion { share, ..running }),
                _ => Self::Proportional(Proportion::start(share, config)),
            },
        }
    }
}

/// A share of the time, period by period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Proportion {
    share: Permille,
    /// Milliseconds since the period began.
    phase: u32,
    /// Milliseconds on, from the beginning of this period.
    on: u32,
    /// Milliseconds on that earlier periods fell short of the share, or less than zero if they were above it.
    owed: i64,
}

impl Proportion {
    fn start(share: Permille, config: &Config) -> Self {
        let mut proportion = Self {
            share,
            phase: 0,
            on: 0,
            owed: 0,
        };
        proportion.plan(config);
        proportion
    }

    fn wants_on(&self) -> bool {
        self.phase < self.on
    }

    fn next(&self, config: &Config) -> u32 {
        let end = if self.wants_on() {
            self.on
        } else {
            config.period.as_ticks()
        };
        end.saturating_sub(self.phase)
    }

    fn advance(&mut self, ms: u32, config: &Config) {
        let period = u64::from(config.period.as_ticks().max(1));
        let phase = u64::from(self.phase) + u64::from(ms);
        self.phase = u32::try_from(phase % period).unwrap_or(0);
        if phase >= period {
            self.plan(config);
        }
    }

    /// Decides how long this period is on.
    fn plan(&mut self, config: &Config) {
        let period = i64::from(config.period.as_ticks());
        let due = self.owed + period * i64::from(self.share.0) / 1_000;
        let on = if due < i64::from(config.min_on.as_ticks()).max(1) {
            0
        } else if period - due < i64::from(config.min_off.as_ticks()) {
            period
        } else {
            due.min(period)
        };
        self.owed = (due - on).clamp(-period, period);
        self.on = u32::try_from(on).unwrap_or(0);
    }
}
