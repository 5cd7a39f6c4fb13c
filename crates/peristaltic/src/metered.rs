//! Pumps that meter by themselves, such as an EZO-PMP.

use crate::delivered::{microlitres, unsigned};
use crate::run::{Goal, Run, Stage};
use crate::{Dose, End, Fault, Instant, Microlitres, MicrolitresPerMinute, Pump, Refused, Stored, Tank};
use fugit::MillisDurationU32;

/// How often a pump that runs is asked, in milliseconds.
const ASK_MS: u64 = 1_000;
/// How much longer than the longest run a pump that does not answer is waited for, in milliseconds.
const GIVE_UP_MS: u64 = 60_000;

/// A pump that meters by itself and stops by itself: it is told a volume, and asked what it delivered.
///
/// An EZO-PMP does all of it: `D,n`, `D,n,m`, `DC,r,m`, `P`, `X`, `R`, `TV,?` and `ATV,?`. Volumes are forward only.
pub trait MeteredPump {
    /// Why the pump could not be reached, or what it did not accept.
    type Error;

    /// Delivers `volume` at once.
    ///
    /// # Errors
    ///
    /// Those of the bus and of the pump. It may have begun all the same.
    fn dose(&mut self, volume: Microlitres) -> Result<(), Self::Error>;

    /// Delivers `volume` evenly over `time`.
    ///
    /// # Errors
    ///
    /// As [`dose`](Self::dose).
    fn dose_over(&mut self, volume: Microlitres, time: MillisDurationU32) -> Result<(), Self::Error>;

    /// Delivers at a constant `rate` for `time`, and stops by itself.
    ///
    /// # Errors
    ///
    /// As [`dose`](Self::dose).
    fn run_at(&mut self, rate: MicrolitresPerMinute, time: MillisDurationU32) -> Result<(), Self::Error>;

    /// Pauses or goes on; being asked twice changes nothing.
    ///
    /// # Errors
    ///
    /// Those of the bus and of the pump.
    fn set_paused(&mut self, paused: bool) -> Result<(), Self::Error>;

    /// Stops and returns what the last dose delivered. Does no harm to a pump that stands still.
    ///
    /// # Errors
    ///
    /// Those of the bus and of the pump.
    fn stop(&mut self) -> Result<Microlitres, Self::Error>;

    /// Returns what the last dose has delivered, and whether it is still underway; one that is paused is.
    ///
    /// # Errors
    ///
    /// Those of the bus and of the pump.
    fn progress(&mut self) -> Result<Progress, Self::Error>;

    /// Returns what the pump delivered since it was powered up.
    ///
    /// # Errors
    ///
    /// Those of the bus and of the pump.
    fn totals(&mut self) -> Result<Totals, Self::Error>;
}

/// How far a pump that meters by itself has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Progress {
    /// What it delivered.
    pub delivered: Microlitres,
    /// Whether there is more to come.
    pub underway: bool,
}

/// What a pump that meters by itself delivered since it was powered up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Totals {
    /// Forward less backward.
    pub net: Microlitres,
    /// Forward and backward.
    pub absolute: Microlitres,
}

/// What a pump that meters by itself is to be told next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Order {
    /// [`MeteredPump::dose`].
    Dose(Microlitres),
    /// [`MeteredPump::dose_over`], in milliseconds.
    DoseOver(Microlitres, u32),
    /// [`MeteredPump::run_at`], in milliseconds.
    RunAt(MicrolitresPerMinute, u32),
    /// [`MeteredPump::set_paused`].
    SetPaused(bool),
    /// [`MeteredPump::stop`].
    Stop,
    /// [`MeteredPump::progress`].
    Ask,
}

/// What a pump that meters by itself answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Answer {
    /// It accepted the order.
    Accepted,
    /// It stopped, and has delivered this much.
    Stopped(Microlitres),
    /// It was asked how far it has got.
    Progress(Progress),
    /// It did not accept the order or could not be reached.
    Failed,
}

/// Tells `pump` what the tank has for it, and the tank what it answered. Call it after [`Tank::tick`].
///
/// # Errors
///
/// That of the pump; the tank knows already.
pub fn attend<P: MeteredPump, const N: usize>(
    tank: &mut Tank<N>,
    now: Instant,
    index: usize,
    pump: &mut P,
) -> Result<(), P::Error> {
    let Some(order) = tank.order(index) else {
        return Ok(());
    };
    let answer = match order {
        Order::Dose(volume) => pump.dose(volume).map(|()| Answer::Accepted),
        Order::DoseOver(volume, ms) => pump
            .dose_over(volume, MillisDurationU32::from_ticks(ms))
            .map(|()| Answer::Accepted),
        Order::RunAt(rate, ms) => pump
            .run_at(rate, MillisDurationU32::from_ticks(ms))
            .map(|()| Answer::Accepted),
        Order::SetPaused(paused) => pump.set_paused(paused).map(|()| Answer::Accepted),
        Order::Stop => pump.stop().map(Answer::Stopped),
        Order::Ask => pump.progress().map(Answer::Progress),
    };
    tank.answered(
        now,
        index,
        answer.as_ref().map_or(Answer::Failed, |answer| *answer),
    );
    answer.map(|_| ())
}

/// Starts a dose of a pump that meters by itself: [`Tank::start`], and the first order.
///
/// # Errors
///
/// [`Refused::Stale`], or the error of the pump inside; the tank knows already, and stops it.
pub fn start<P: MeteredPump, const N: usize>(
    tank: &mut Tank<N>,
    now: Instant,
    ticket: Stored,
    index: usize,
    pump: &mut P,
) -> Result<Result<(), P::Error>, Refused> {
    tank.start(now, ticket)?;
    Ok(attend(tank, now, index, pump))
}

/// What can be delivered at most: its meter is trusted to one per cent and 10 µL.
pub(crate) fn charge(run: &Run, pump: &Pump) -> u64 {
    let asked = match run.goal {
        Goal::Volume { pump: all, .. } => all,
        Goal::Time(ms) => pump.most_in(ms.saturating_mul(1_000)),
    };
    asked.saturating_add(asked / 100).saturating_add(10)
}

/// The stage in which such a pump starts, with its first order.
pub(crate) fn begin(run: &Run, pump: &Pump) -> Stage {
    let ms = |ms: u64| u32::try_from(ms).unwrap_or(u32::MAX);
    let order = match (run.goal, run.request.dose) {
        (
            Goal::Volume {
                pump: all, period, ..
            },
            Dose::VolumeOver(..),
        ) => Order::DoseOver(microlitres(all), ms(period)),
        (Goal::Volume { pump: all, .. }, _) => Order::Dose(microlitres(all)),
        (Goal::Time(time), _) => Order::RunAt(
            MicrolitresPerMinute::new(i32::try_from(pump.fastest).unwrap_or(i32::MAX)),
            ms(time),
        ),
    };
    let over = match run.request.dose {
        Dose::VolumeOver(_, over) => u64::from(over.as_ticks()),
        _ => 0,
    };
    Stage::Metered {
        order: Some(order),
        ask: ASK_MS,
        said: 0,
        left: u64::from(pump.limits.longest_run.as_ticks()).max(over) + GIVE_UP_MS,
        paused: false,
        end: None,
    }
}

pub(crate) fn pause(run: &mut Run, longest: u64) -> bool {
    match &mut run.stage {
        // A dose that was not begun, or is being stopped, is not paused.
        Stage::Metered {
            order: None | Some(Order::Ask),
            end: None,
            ..
        } => {}
        _ => return false,
    }
    if let Stage::Metered {
        order, paused, left, ..
    } = &mut run.stage
    {
        *order = Some(Order::SetPaused(true));
        *paused = true;
        *left = (*left).saturating_add(longest);
    }
    true
}

pub(crate) fn resume(run: &mut Run) -> bool {
    match &mut run.stage {
        Stage::Metered {
            order,
            paused,
            end: None,
            ..
        } if *paused => {
            *order = Some(Order::SetPaused(false));
            *paused = false;
            true
        }
        _ => false,
    }
}

impl<const N: usize> Tank<N> {
    /// What this pump, which meters by itself, is to be told now. Report its [`answered`](Self::answered).
    pub fn order(&self, pump: usize) -> Option<Order> {
        let run = self.run.as_ref().filter(|run| run.request.pump == pump)?;
        match run.stage {
            Stage::Metered { order, .. } => order,
            _ => None,
        }
    }

    /// Notes what a pump that meters by itself said to its [`order`](Self::order).
    ///
    /// A dose that it may or may not have begun is never ordered again: the pump is told to stop, until it answers.
    pub fn answered(&mut self, now: Instant, pump: usize, answer: Answer) {
        self.advance(now);
        if self.order(pump).is_none() {
            return;
        }
        let Some((run, _)) = self.run_and_pump() else {
            return;
        };
        let Stage::Metered {
            order,
            ask,
            said,
            end,
            ..
        } = &mut run.stage
        else {
            return;
        };
        let asked = order.take();
        *ask = ASK_MS;
        let finished = match answer {
            Answer::Accepted => None,
            Answer::Stopped(volume) => {
                *said = unsigned(volume);
                Some(end.unwrap_or(End::Stopped))
            }
            Answer::Progress(progress) => {
                *said = unsigned(progress.delivered);
                (!progress.underway).then_some(end.unwrap_or(End::Done))
            }
            Answer::Failed => {
                if asked != Some(Order::Ask) {
                    *end = end.or(Some(End::Fault(Fault::Output)));
                }
                None
            }
        };
        match finished {
            Some(end) => self.close(end),
            None => self.plan(),
        }
    }

    /// Counts time in which such a pump was left to itself.
    pub(crate) fn metered_waited(&mut self, ms: u64) {
        let Some((run, _)) = self.run_and_pump() else {
            return;
        };
        let Stage::Metered {
            order,
            ask,
            left,
            end,
            ..
        } = &mut run.stage
        else {
            return;
        };
        *left = left.saturating_sub(ms);
        *ask = ask.saturating_sub(ms);
        if *ask == 0 && order.is_none() {
            *order = Some(if end.is_some() { Order::Stop } else { Order::Ask });
        }
        if *left == 0 {
            // It has stopped by itself long ago.
            self.give_up();
            self.close(End::Fault(Fault::Output));
        }
    }

    /// Has such a pump stopped; its dose is closed when it has answered.
    pub(crate) fn metered_end(&mut self, how: End) {
        if let Some(Run {
            stage: Stage::Metered {
                order, end, paused, ..
            },
            ..
        }) = &mut self.run
        {
            *order = Some(Order::Stop);
            *end = end.or(Some(how));
            *paused = false;
        }
    }

    /// Takes it that such a pump delivered anything from what it said last to all of its dose.
    pub(crate) fn give_up(&mut self) {
        let reaches = self.record.open.map_or(0, |open| open.pumped);
        let Some(run) = self.run.as_mut() else { return };
        if let Stage::Metered { said, .. } = run.stage {
            run.closed = crate::Delivered::new(said.min(reaches), said.max(reaches));
            run.stage = Stage::Rest { left: 0 };
        }
    }

    fn close(&mut self, end: End) {
        let reaches = self.record.open.map_or(u64::MAX, |open| open.pumped);
        if let Some((run, pump)) = self.run_and_pump() {
            let over = run.pumped(pump).high() > reaches;
            let index = run.request.pump;
            let fault = match end {
                End::Fault(fault) => Some(fault),
                _ => over.then_some(Fault::Overrun),
            };
            if let (Some(fault), Some(account)) = (fault, self.record.accounts.get_mut(index)) {
                account.latch(fault);
            }
        }
        self.finish(end);
        self.run = None;
        self.plan();
    }
}
