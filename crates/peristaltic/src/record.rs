//! What must survive a reset.

use crate::delivered::microlitres;
use crate::window::{DAY_BIN_MS, Day, HOUR_BIN_MS, Hour};
use crate::{Delivered, Fault, Limits, Microlitres, Request};
use fugit::{MillisDurationU32, SecsDurationU32};

/// What must survive a reset: the caller stores it, as a whole, and gives it back to
/// [`Tank::restore`](crate::Tank::restore).
///
/// The time in it is the time that was counted while the device was on. It stands still while the device is off, so that
/// nothing is ever freed too early by not knowing how long that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Record<const N: usize> {
    pub(crate) sequence: u32,
    /// Milliseconds that were counted, over all resets.
    pub(crate) clock: u64,
    /// The clock at the end of the last dose.
    pub(crate) mixed_from: Option<u64>,
    pub(crate) open: Option<Open>,
    #[cfg_attr(feature = "serde", serde(with = "array"))]
    pub(crate) accounts: [Account; N],
}

impl<const N: usize> Record<N> {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self {
            sequence: 0,
            clock: 0,
            mixed_from: None,
            open: None,
            accounts: core::array::from_fn(|_| Account::new(fault)),
        }
    }

    /// Rises by one whenever there is something to be stored; wraps.
    pub const fn sequence(&self) -> u32 {
        self.sequence
    }
}

/// The dose that is about to run or runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Open {
    pub(crate) request: Request,
    /// What can have left the bottle at most, in microlitres.
    pub(crate) pumped: u64,
    /// What can have reached the tank at most.
    pub(crate) reaches: u64,
    /// What has reached the tank at least, as of when this was stored.
    pub(crate) so_far: u64,
    /// What can hang back in the tubing once it is over.
    pub(crate) held: Delivered,
}

/// The account of one pump. Volumes in microlitres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Account {
    hour: Hour,
    day: Day,
    /// The clock at the end of the last dose.
    pub(crate) ended: Option<u64>,
    /// The numbers of the last commands, the latest first.
    pub(crate) ids: [Option<u64>; 8],
    pub(crate) fault: Option<Fault>,
    /// What is missing between the tip and the liquid.
    pub(crate) held: Delivered,
    /// What is left in the bottle at least.
    pub(crate) left: Option<u64>,
    pub(crate) total: Delivered,
    pub(crate) doses: u32,
    /// Milliseconds that the tubing has run.
    pub(crate) tubing: u64,
    /// Doses in a row that were cut by a reset.
    pub(crate) interrupted: u8,
}

impl Account {
    fn new(fault: Option<Fault>) -> Self {
        Self {
            hour: Hour::new([0; 13]),
            day: Day::new([0; 25]),
            ended: None,
            ids: [None; 8],
            fault,
            held: Delivered::NONE,
            left: None,
            total: Delivered::NONE,
            doses: 0,
            tubing: 0,
            interrupted: 0,
        }
    }

    /// Counts what reached the tank, and what left the bottle for it.
    pub(crate) fn book(&mut self, clock: u64, reached: Delivered, pumped: u64) {
        self.hour.count(clock, HOUR_BIN_MS, reached.high());
        self.day.count(clock, DAY_BIN_MS, reached.high());
        self.total = self.total.add(reached);
        self.left = self.left.map(|left| left.saturating_sub(pumped));
    }

    pub(crate) fn left_of_hour(&self, clock: u64, limits: &Limits) -> u64 {
        crate::delivered::unsigned(limits.per_hour).saturating_sub(self.hour.sum(clock, HOUR_BIN_MS))
    }

    pub(crate) fn left_of_day(&self, clock: u64, limits: &Limits) -> u64 {
        crate::delivered::unsigned(limits.per_day).saturating_sub(self.day.sum(clock, DAY_BIN_MS))
    }

    pub(crate) fn has_seen(&self, id: Option<u64>) -> bool {
        id.is_some() && self.ids.contains(&id)
    }

    pub(crate) fn note(&mut self, id: Option<u64>) {
        if id.is_some() {
            self.ids.rotate_right(1);
            if let Some(first) = self.ids.first_mut() {
                *first = id;
            }
        }
    }

    pub(crate) fn forget(&mut self, id: Option<u64>) {
        if id.is_some() && self.ids.first() == Some(&id) {
            self.ids.rotate_left(1);
            if let Some(last) = self.ids.last_mut() {
                *last = None;
            }
        }
    }

    pub(crate) fn latch(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }
}

/// How a pump stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Status {
    /// Why it does not run, until this is acknowledged.
    pub fault: Option<Fault>,
    /// All that reached the tank.
    pub total: Delivered,
    /// How many doses ended, in whatever way.
    pub doses: u32,
    /// How long the tubing has run, either way.
    pub tubing: SecsDurationU32,
    /// What is left in the bottle at least, if that is known.
    pub bottle: Option<Microlitres>,
    /// What is missing between the tip and the liquid, after a run backwards.
    pub held: Delivered,
    /// What is left of the cap per hour.
    pub left_of_hour: Microlitres,
    /// What is left of the cap per day.
    pub left_of_day: Microlitres,
    /// How long until the interval of the last dose is over.
    pub interval: MillisDurationU32,
}

impl Status {
    pub(crate) fn of(account: &Account, clock: u64, limits: &Limits) -> Self {
        Self {
            fault: account.fault,
            total: account.total,
            doses: account.doses,
            tubing: SecsDurationU32::from_ticks(u32::try_from(account.tubing / 1_000).unwrap_or(u32::MAX)),
            bottle: account.left.map(microlitres),
            held: account.held,
            left_of_hour: microlitres(account.left_of_hour(clock, limits)),
            left_of_day: microlitres(account.left_of_day(clock, limits)),
            interval: remaining(account.ended, limits.interval, clock),
        }
    }
}

/// What is missing at `clock` to `time` since `from`.
pub(crate) fn remaining(from: Option<u64>, time: MillisDurationU32, clock: u64) -> MillisDurationU32 {
    let passed = from.map_or(u64::MAX, |from| clock.saturating_sub(from));
    let left = u64::from(time.as_ticks()).saturating_sub(passed);
    MillisDurationU32::from_ticks(u32::try_from(left).unwrap_or(u32::MAX))
}

/// Arrays of any length, which serde does not know: as a tuple.
#[cfg(feature = "serde")]
mod array {
    use super::Account;
    use core::fmt;
    use serde::de::{Error, SeqAccess, Visitor};
    use serde::ser::SerializeTuple;
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer, const N: usize>(
        accounts: &[Account; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(N)?;
        for account in accounts {
            tuple.serialize_element(account)?;
        }
        tuple.end()
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[Account; N], D::Error> {
        struct Accounts<const N: usize>;

        impl<'de, const N: usize> Visitor<'de> for Accounts<N> {
            type Value = [Account; N];

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "the accounts of {N} pumps")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut accounts = [Account::new(None); N];
                for (index, account) in accounts.iter_mut().enumerate() {
                    *account = seq
                        .next_element()?
                        .ok_or_else(|| A::Error::invalid_length(index, &self))?;
                }
                Ok(accounts)
            }
        }

        deserializer.deserialize_tuple(N, Accounts)
    }
}
