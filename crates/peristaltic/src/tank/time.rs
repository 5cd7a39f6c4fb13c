//! What passing time does to a tank, and how a dose ends.

use super::Tank;
use crate::admission::most_drawn;
use crate::record::Open;
use crate::run::{Goal, Run, Stage};
use crate::setup::STEP_MS;
use crate::{Delivered, End, Fault, Instant, Outcome, Pump};
use fugit::MillisDurationU32;

impl<const N: usize> Tank<N> {
    /// Counts the time since the last call.
    pub(crate) fn advance(&mut self, now: Instant) {
        let now = now.as_ticks();
        let elapsed = now.checked_sub(self.now);
        let gap = u64::from(self.rules.longest_gap.as_ticks());
        let counted = elapsed.filter(|ms| *ms <= gap).unwrap_or(0);
        let late = now > self.due.saturating_add(u64::from(self.rules.lateness.as_ticks()));
        self.now = now;
        self.record.clock = self.record.clock.saturating_add(counted);
        self.count_stuck(elapsed);
        if let Some(run) = self.run {
            match (run.stage, elapsed) {
                (Stage::On, None) => self.lose_track(Fault::Clock, None),
                (Stage::On, Some(ms)) if late => self.lose_track(Fault::Late, Some(ms)),
                (Stage::On, Some(ms)) => self.was_on(ms),
                _ => self.waited(counted),
            }
        }
        self.plan();
    }

    /// A motor that cannot be switched off delivers anything up to its fastest.
    fn count_stuck(&mut self, elapsed: Option<u64>) {
        let ms = elapsed.unwrap_or(self.unknown());
        let clock = self.record.clock;
        for ((pump, account), stuck) in self.pumps.iter().zip(&mut self.record.accounts).zip(self.stuck) {
            if stuck {
                let most = pump.most_in(ms.saturating_mul(1_000));
                account.book(clock, Delivered::new(0, most), most);
                account.tubing = account.tubing.saturating_add(ms);
            }
        }
    }

    /// The longest time that can have passed without the clock showing it, if everybody calls in time.
    fn unknown(&self) -> u64 {
        STEP_MS + u64::from(self.rules.lateness.as_ticks())
    }

    /// Ends a run of which it is not known how long it was: it pumped what was certain at the last call, or as much
    /// as the clock allows.
    fn lose_track(&mut self, fault: Fault, elapsed: Option<u64>) {
        let ms = elapsed.unwrap_or(self.unknown());
        let Some((run, pump)) = self.run_and_pump() else {
            return;
        };
        let before = run.pumped(pump);
        let longest = run
            .closed
            .add(pump.volume(run.flowed.saturating_add(ms.saturating_mul(1_000))));
        run.closed = Delivered::new(before.low(), longest.high());
        run.on = 0;
        run.flowed = 0;
        run.total_on = run.total_on.saturating_add(elapsed.unwrap_or(0));
        let pump = run.request.pump;
        if let Some(account) = self.record.accounts.get_mut(pump) {
            account.latch(fault);
        }
        self.finish(End::Fault(fault));
        self.run = None;
    }

    fn was_on(&mut self, ms: u64) {
        let Some((run, pump)) = self.run_and_pump() else {
            return;
        };
        run.was_on(ms, pump);
        let spent = run.total_on >= u64::from(pump.limits.longest_run.as_ticks());
        let done = run.pulse_left(pump) == 0;
        if !done && !spent {
            return;
        }
        let on = run.on;
        run.close_pulse(pump);
        match &mut run.goal {
            Goal::Volume {
                pulses,
                pulse,
                period,
                ..
            } if done && *pulse + 1 < *pulses => {
                *pulse += 1;
                run.stage = Stage::Rest {
                    left: period.saturating_sub(on),
                };
            }
            _ if done => self.end(End::Done),
            _ => self.end(End::RunLimit),
        }
    }

    /// Counts time in which the motor was off.
    fn waited(&mut self, ms: u64) {
        let Some(run) = self.run.as_mut() else { return };
        match &mut run.stage {
            Stage::Prepared { left, .. } => {
                *left = left.saturating_sub(ms);
                if *left == 0 {
                    self.take_back();
                }
            }
            Stage::Rest { left } => {
                *left = left.saturating_sub(ms);
                if *left == 0 {
                    run.stage = Stage::On;
                    // A pulse that the one before has given already.
                    self.was_on(0);
                }
            }
            Stage::Paused { left, .. } => {
                *left = left.saturating_sub(ms);
                if *left == 0 {
                    self.end(End::PausedTooLong);
                }
            }
            Stage::Metered { .. } => self.metered_waited(ms),
            Stage::On => {}
        }
    }

    /// Says when the next call is due.
    pub(crate) fn plan(&mut self) {
        let longest = u64::from(self.rules.longest_gap.as_ticks()) / 2;
        let run = self.run.as_ref().and_then(|run| {
            let pump = self.pumps.get(run.request.pump)?;
            Some(run.next(pump, longest))
        });
        let stuck = self.stuck.contains(&true).then_some(STEP_MS);
        let wait = longest.min(run.unwrap_or(longest)).min(stuck.unwrap_or(longest));
        self.due = self.now.saturating_add(wait);
        if let (Some(run), Some(open)) = (&self.run, self.record.open) {
            let so_far = self.reached(run).low();
            self.record.open = Some(Open { so_far, ..open });
        }
    }

    pub(crate) fn run_and_pump(&mut self) -> Option<(&mut Run, &Pump)> {
        let run = self.run.as_mut()?;
        let pump = self.pumps.get(run.request.pump)?;
        Some((run, pump))
    }

    /// Forgets a dose that was not started.
    pub(super) fn take_back(&mut self) {
        let Some(run) = self.run.filter(|run| matches!(run.stage, Stage::Prepared { .. })) else {
            return;
        };
        if let Some(account) = self.record.accounts.get_mut(run.request.pump) {
            account.forget(run.request.id);
        }
        self.record.open = None;
        self.run = None;
        self.changed();
    }

    /// Ends what runs, in the way that fits its stage.
    pub(crate) fn end(&mut self, end: End) {
        match self.run {
            None => {}
            Some(run) if matches!(run.stage, Stage::Prepared { .. }) => self.take_back(),
            Some(run) if matches!(run.stage, Stage::Metered { .. }) => self.metered_end(end),
            Some(_) => {
                self.finish(end);
                self.run = self.draw_back(end);
            }
        }
    }

    /// Closes the account of a run. The caller says what follows.
    pub(crate) fn finish(&mut self, end: End) {
        let clock = self.record.clock;
        let Some((run, pump)) = self.run_and_pump() else {
            return;
        };
        let (run, line, pumped) = (*run, pump.line, run.pumped(pump));
        let Some(account) = self.record.accounts.get_mut(run.request.pump) else {
            return;
        };
        account.tubing = account.tubing.saturating_add(run.total_on);
        let reached = if run.reverse {
            let held = run.held.add(pumped);
            account.held = Delivered::new(held.low().min(line), held.high());
            Delivered::NONE
        } else {
            account.held = run.held.beyond(pumped);
            account.book(clock, pumped.beyond(run.held), pumped.high());
            account.ended = Some(clock);
            self.record.mixed_from = Some(clock);
            pumped.beyond(run.held)
        };
        if !run.anti_drip {
            account.doses = account.doses.saturating_add(1);
            account.interrupted = 0;
            self.record.open = None;
            self.pending = Some(Outcome {
                request: run.request,
                end,
                delivered: reached,
                on: MillisDurationU32::from_ticks(u32::try_from(run.total_on).unwrap_or(u32::MAX)),
            });
        }
        self.changed();
    }

    /// The short run backwards that follows a dose.
    fn draw_back(&mut self, end: End) -> Option<Run> {
        let run = self
            .run
            .filter(|run| !run.reverse && !matches!(end, End::Fault(_)))?;
        let pump = self.pumps.get(run.request.pump)?;
        let anti_drip = pump.anti_drip?;
        let account = self.record.accounts.get_mut(run.request.pump)?;
        let back = Run {
            reverse: true,
            anti_drip: true,
            goal: Goal::Time(u64::from(anti_drip.time.as_ticks())),
            closed: Delivered::NONE,
            on: 0,
            flowed: 0,
            total_on: 0,
            held: account.held,
            stage: Stage::Rest {
                left: u64::from(anti_drip.pause.as_ticks()).max(1),
            },
            ..run
        };
        // Should it be cut by a reset, anything up to all of it was drawn back.
        let most = most_drawn(pump, u64::from(anti_drip.time.as_ticks()), &self.rules);
        account.held = Delivered::new(account.held.low(), account.held.high().saturating_add(most));
        Some(back)
    }
}
