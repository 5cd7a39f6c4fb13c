//! The pumps of one tank: what may be asked of them, and what they say.

mod time;

use crate::admission::{charge, check_size, goal, held_after};
use crate::delivered::{microlitres, unsigned};
use crate::record::{Account, Open, remaining};
use crate::run::{Run, Stage, TICKET_MS};
use crate::{
    BadSetup, Calibration, Delivered, Drive, End, Fault, Instant, Microlitres, Outcome, Pump, Record,
    Refused, Request, Rules, Status,
};
use core::hash::{Hash, Hasher};
use fugit::{MillisDurationU32, SecsDurationU32};

/// Leave to start a dose once its record is stored. Made by [`Tank::prepare`].
///
/// It can neither be copied nor made in another way, so that a pump cannot be started without passing
/// [`stored`](Self::stored).
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the dose waits until its record is stored"]
pub struct Ticket(pub(crate) u32);

impl Ticket {
    /// Confirms that [`Tank::record`] was stored after this ticket was made, and can be read after a reset.
    ///
    /// Whoever calls this before that is so gives up what this crate promises: after a power cut the dose would be
    /// unknown.
    pub const fn stored(self) -> Stored {
        Stored(self.0)
    }
}

/// A [`Ticket`] whose record is stored. Taken by [`Tank::start`].
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the dose does not begin before it is started"]
pub struct Stored(pub(crate) u32);

/// What [`Tank::tick`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Step {
    /// When to call again, at the latest.
    pub deadline: Instant,
    /// A dose has ended. Each outcome is given out once.
    pub outcome: Option<Outcome>,
    /// Whether [`Tank::record`] is to be stored soon; until [`Tank::saved`].
    pub store: bool,
}

/// A dose that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Running {
    /// What was asked for.
    pub request: Request,
    /// What has reached the tank so far.
    pub delivered: Delivered,
    /// Whether it is paused.
    pub paused: bool,
}

/// The pumps of one tank, of which one runs at a time, and then none until the tank has mixed.
///
/// It does no I/O and reads no clock. Whoever calls it
/// 1. puts out what [`drive`](Self::drive) says after every call, and reports what fails with
///    [`output_failed`](Self::output_failed); [`Pumps`](crate::Pumps) does both;
/// 2. calls [`tick`](Self::tick) no later than at the deadline;
/// 3. stores [`record`](Self::record) before a dose is started, and when [`Step::store`] says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tank<const N: usize> {
    pumps: [Pump; N],
    pub(crate) rules: Rules,
    pub(crate) record: Record<N>,
    /// The time of the last call, and that of the deadline that it gave, in milliseconds.
    now: u64,
    due: u64,
    pub(crate) run: Option<Run>,
    /// The motors that could not be switched off.
    stuck: [bool; N],
    pub(crate) pending: Option<Outcome>,
    dirty: bool,
    /// The record's clock when it was last stored.
    saved_clock: u64,
    /// Whether the time that the device was off may still be counted.
    off_is_open: bool,
}

/// Of the state only: the setup does not change by itself.
impl<const N: usize> Hash for Tank<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.record, self.now, self.due, &self.run, self.stuck).hash(state);
        (&self.pending, self.dirty, self.saved_clock, self.off_is_open).hash(state);
    }
}

impl<const N: usize> Tank<N> {
    /// Begins the accounts of pumps that have never dosed.
    ///
    /// Only for the very first start. After a reset there is a record: [`restore`](Self::restore), or
    /// [`record_lost`](Self::record_lost).
    ///
    /// # Errors
    ///
    /// [`BadSetup::LongestGap`].
    pub fn first_start(pumps: [Pump; N], rules: Rules, now: Instant) -> Result<Self, BadSetup> {
        Self::new(pumps, rules, Record::new(None), now)
    }

    /// Begins anew because the record cannot be read.
    ///
    /// It assumes the worst: the caps of the hour and of the day are used up, the interval and the mixing begin now,
    /// and every pump needs to be [acknowledged](Self::acknowledge).
    ///
    /// # Errors
    ///
    /// [`BadSetup::LongestGap`].
    pub fn record_lost(pumps: [Pump; N], rules: Rules, now: Instant) -> Result<Self, BadSetup> {
        let mut record = Record::new(Some(Fault::RecordLost));
        for account in &mut record.accounts {
            account.book(0, Delivered::new(0, u64::from(u32::MAX)), 0);
            account.total = Delivered::NONE;
            account.ended = Some(0);
        }
        record.mixed_from = Some(0);
        Self::new(pumps, rules, record, now)
    }

    /// Goes on after a reset, with the record that was stored last.
    ///
    /// A dose that was open is counted in full as of now, and its [`Outcome`], between its bounds, is given out by the
    /// next [`tick`](Self::tick). It is not resumed. No time has passed for caps, intervals and mixing, unless
    /// [`was_off_for`](Self::was_off_for) says so.
    ///
    /// # Errors
    ///
    /// [`BadSetup::LongestGap`].
    pub fn restore(
        pumps: [Pump; N],
        rules: Rules,
        record: Record<N>,
        now: Instant,
    ) -> Result<Self, BadSetup> {
        let mut tank = Self::new(pumps, rules, record, now)?;
        tank.off_is_open = true;
        let clock = tank.record.clock;
        // Of a record that is not ours, or from a later one: nothing ended after now.
        tank.record.mixed_from = tank.record.mixed_from.map(|at| at.min(clock));
        for account in &mut tank.record.accounts {
            account.ended = account.ended.map(|at| at.min(clock));
        }
        let Some(open) = tank.record.open.take() else {
            return Ok(tank);
        };
        let delivered = Delivered::new(open.so_far, open.reaches);
        let forward = open.request.dose.is_forward();
        if let Some(account) = tank.record.accounts.get_mut(open.request.pump) {
            account.book(clock, delivered, open.pumped);
            account.held = open.held;
            account.doses = account.doses.saturating_add(1);
            account.interrupted = account.interrupted.saturating_add(1);
            if rules.interruptions > 0 && account.interrupted >= rules.interruptions {
                account.latch(Fault::Interrupted);
            }
            if forward {
                account.ended = Some(clock);
            }
        }
        if forward {
            tank.record.mixed_from = Some(clock);
        }
        tank.pending = Some(Outcome {
            request: open.request,
            end: End::Interrupted,
            delivered,
            on: MillisDurationU32::from_ticks(0),
        });
        tank.changed();
        Ok(tank)
    }

    fn new(pumps: [Pump; N], rules: Rules, record: Record<N>, now: Instant) -> Result<Self, BadSetup> {
        rules.check()?;
        Ok(Self {
            pumps,
            rules,
            now: now.as_ticks(),
            due: now.as_ticks(),
            run: None,
            stuck: [false; N],
            pending: None,
            dirty: true,
            saved_clock: record.clock,
            off_is_open: false,
            record,
        })
    }

    /// Counts time that passed between the storing of the record and [`restore`](Self::restore): at least this much, by
    /// a clock that ran meanwhile. Whether it was counted: only once, and only after a restore.
    ///
    /// Leave it out when the time of day is not known: caps, intervals and mixing then take longer. A time that is too
    /// long frees caps too early; nothing here can check it.
    pub fn was_off_for(&mut self, at_least: SecsDurationU32) -> bool {
        if !core::mem::take(&mut self.off_is_open) {
            return false;
        }
        let ms = u64::from(at_least.as_ticks()).saturating_mul(1_000);
        self.record.clock = self.record.clock.saturating_add(ms);
        self.changed();
        true
    }

    /// What must survive a reset, as of now.
    pub const fn record(&self) -> &Record<N> {
        &self.record
    }

    /// Confirms that the record with this [`sequence`](Record::sequence) was stored.
    pub const fn saved(&mut self, sequence: u32) {
        if sequence == self.record.sequence {
            self.dirty = false;
            self.saved_clock = self.record.clock;
        }
    }

    /// Lets time pass, and says when to call again.
    ///
    /// Time that goes backwards counts as nothing, and so does more than [`Rules::longest_gap`] since the last call. If
    /// a motor runs meanwhile, its dose is ended with a fault, and what it delivered lies between what is certain and
    /// what the clock would allow.
    pub fn tick(&mut self, now: Instant) -> Step {
        self.advance(now);
        Step {
            deadline: Instant::from_ticks(self.due),
            outcome: self.pending.take(),
            store: self.dirty
                || self.record.clock.saturating_sub(self.saved_clock)
                    >= u64::from(self.rules.checkpoint.as_ticks()),
        }
    }

    /// What the output of this pump is to do now. [`Drive::Stop`] if there is none of this index.
    pub fn drive(&self, pump: usize) -> Drive {
        match (&self.run, self.pumps.get(pump)) {
            (Some(run), Some(setup)) if run.request.pump == pump => run.drive(setup),
            _ => Drive::Stop,
        }
    }

    /// The dose that runs.
    pub fn running(&self) -> Option<Running> {
        let run = self.run.as_ref().filter(|run| !run.anti_drip)?;
        Some(Running {
            request: run.request,
            delivered: self.reached(run),
            paused: matches!(
                run.stage,
                Stage::Paused { .. } | Stage::Metered { paused: true, .. }
            ),
        })
    }

    /// How this pump stands.
    pub fn status(&self, pump: usize) -> Option<Status> {
        let (setup, account) = self.pump(pump)?;
        Some(Status::of(account, self.record.clock, &setup.limits))
    }

    /// How long the tank still mixes.
    pub fn mixing(&self) -> MillisDurationU32 {
        remaining(self.record.mixed_from, self.rules.mixing, self.record.clock)
    }

    /// Admits a dose, or says why not. Nothing runs yet: the record is to be stored first.
    ///
    /// From now on the dose counts in full. The ticket is good for ten seconds; without it, or with
    /// [`cancel`](Self::cancel), the dose is forgotten again.
    ///
    /// # Errors
    ///
    /// [`Refused`]; nothing has changed.
    pub fn prepare(&mut self, now: Instant, request: Request) -> Result<Ticket, Refused> {
        self.advance(now);
        let run = self.admit(&request)?;
        let (setup, account) = self.pump(request.pump).ok_or(Refused::NoSuchPump)?;
        let (pumped, reaches) = charge(&run, setup, &self.rules);
        let held = held_after(&run, setup, pumped, &self.rules);
        let clock = self.record.clock;
        if !run.reverse {
            let left = account.left_of_hour(clock, &setup.limits);
            if reaches > left {
                return Err(Refused::HourCap(microlitres(left)));
            }
            let left = account.left_of_day(clock, &setup.limits);
            if reaches > left {
                return Err(Refused::DayCap(microlitres(left)));
            }
            if let Some(left) = account.left.filter(|left| pumped > *left) {
                return Err(Refused::BottleEmpty(microlitres(left)));
            }
        }
        self.record.open = Some(Open {
            request,
            pumped: if run.reverse { 0 } else { pumped },
            reaches: if run.reverse { 0 } else { reaches },
            so_far: 0,
            held,
        });
        if let Some(account) = self.record.accounts.get_mut(request.pump) {
            account.note(request.id);
        }
        self.run = Some(run);
        self.changed();
        self.plan();
        Ok(Ticket(self.record.sequence))
    }

    /// Starts the dose whose record was stored. Put out [`drive`](Self::drive) right after it.
    ///
    /// # Errors
    ///
    /// [`Refused::Stale`] if the ticket is not that of the dose that waits, or it waited for longer than ten seconds.
    #[allow(clippy::needless_pass_by_value)] // It is used up.
    pub fn start(&mut self, now: Instant, ticket: Stored) -> Result<(), Refused> {
        self.advance(now);
        let Stored(ticket) = ticket;
        let Some(run) = self.run.as_mut() else {
            return Err(Refused::Stale);
        };
        if !matches!(run.stage, Stage::Prepared { ticket: expected, .. } if expected == ticket) {
            return Err(Refused::Stale);
        }
        let metered = self.pumps.get(run.request.pump).filter(|pump| pump.metered);
        run.stage = match metered {
            Some(pump) => crate::metered::begin(run, pump),
            None => Stage::On,
        };
        self.saved(ticket);
        self.plan();
        Ok(())
    }

    /// Takes a dose back that was not started, because its record could not be stored or somebody changed their mind.
    ///
    /// It no longer counts. Should its record have reached the memory after all, it counts again after a reset, until
    /// the record as it is now is stored.
    pub fn cancel(&mut self, now: Instant) {
        self.advance(now);
        self.take_back();
        self.plan();
    }

    /// Interrupts the dose that runs. It is ended after [`Rules::longest_pause`]. Whether there was one.
    pub fn pause(&mut self, now: Instant) -> bool {
        self.advance(now);
        let left = u64::from(self.rules.longest_pause.as_ticks());
        let Some((run, pump)) = self.run.as_mut().filter(|run| !run.anti_drip).and_then(|run| {
            let pump = self.pumps.get(run.request.pump)?;
            Some((run, pump))
        }) else {
            return false;
        };
        let paused = match run.stage {
            Stage::On | Stage::Rest { .. } => {
                let rest = match run.stage {
                    Stage::Rest { left } => left,
                    _ => 0,
                };
                run.close_pulse(pump);
                run.stage = Stage::Paused { left, rest };
                true
            }
            Stage::Metered { .. } => crate::metered::pause(run, left),
            Stage::Paused { .. } => true,
            Stage::Prepared { .. } => false,
        };
        self.plan();
        paused
    }

    /// Goes on with the dose that was paused. Whether there was one.
    pub fn resume(&mut self, now: Instant) -> bool {
        self.advance(now);
        let resumed = match self.run.as_mut() {
            Some(run) => match run.stage {
                Stage::Paused { rest, .. } => {
                    run.stage = if rest == 0 {
                        Stage::On
                    } else {
                        Stage::Rest { left: rest }
                    };
                    true
                }
                Stage::Metered { .. } => crate::metered::resume(run),
                _ => false,
            },
            None => false,
        };
        self.plan();
        resumed
    }

    /// Ends the dose, and says what it delivered; then draws back if the pump is set up to.
    ///
    /// A pump that meters by itself is asked first, and the outcome comes from a later [`tick`](Self::tick). A dose that
    /// only waits for its record is [taken back](Self::cancel). The outcome of a dose that ended before is given out
    /// as well, if nobody has taken it yet.
    pub fn stop(&mut self, now: Instant) -> Option<Outcome> {
        self.advance(now);
        self.end(End::Stopped);
        self.plan();
        self.pending.take()
    }

    /// Stops everything at once, and refuses to run any pump until each is [acknowledged](Self::acknowledge).
    ///
    /// The outcome comes from the next [`tick`](Self::tick).
    pub fn emergency_stop(&mut self, now: Instant) {
        self.advance(now);
        for account in &mut self.record.accounts {
            account.latch(Fault::EmergencyStop);
        }
        self.end(End::Fault(Fault::EmergencyStop));
        self.changed();
        self.plan();
    }

    /// Ends whatever runs, without drawing back.
    pub(crate) fn abandon(&mut self, now: Instant) {
        self.advance(now);
        self.give_up();
        self.end(End::Stopped);
        self.finish(End::Stopped);
        self.run = None;
        self.plan();
    }

    /// Notes that the bottle of this pump was found to be empty, by a level switch for instance.
    pub fn bottle_empty(&mut self, now: Instant, pump: usize) {
        self.advance(now);
        if self.is_of(pump) {
            self.end(End::Fault(Fault::Empty));
        }
        if let Some(account) = self.record.accounts.get_mut(pump) {
            account.left = Some(0);
            account.latch(Fault::Empty);
        }
        self.changed();
        self.plan();
    }

    /// Notes how much is in the bottle of this pump from now on; `None` if nobody counts it.
    pub fn set_bottle(&mut self, pump: usize, volume: Option<Microlitres>) {
        if let Some(account) = self.record.accounts.get_mut(pump) {
            account.left = volume.map(unsigned);
            self.changed();
        }
    }

    /// Notes that this pump has new tubing: its hours begin anew. Calibrate it again.
    pub fn new_tubing(&mut self, pump: usize) {
        if let Some(account) = self.record.accounts.get_mut(pump) {
            account.tubing = 0;
            self.changed();
        }
    }

    /// Replaces the calibration of this pump.
    ///
    /// # Errors
    ///
    /// [`Refused::NoSuchPump`], and [`Refused::Busy`] while a pump runs.
    pub fn calibrate(&mut self, pump: usize, calibration: Option<Calibration>) -> Result<(), Refused> {
        if self.run.is_some() {
            return Err(Refused::Busy);
        }
        self.pumps.get_mut(pump).ok_or(Refused::NoSuchPump)?.calibration = calibration;
        Ok(())
    }

    /// Takes note of a fault, so that the pump may run again.
    ///
    /// # Errors
    ///
    /// [`Fault::Output`] as long as the output of this pump cannot be switched off.
    pub fn acknowledge(&mut self, pump: usize) -> Result<(), Fault> {
        if self.stuck.get(pump) == Some(&true) {
            return Err(Fault::Output);
        }
        if let Some(account) = self.record.accounts.get_mut(pump) {
            account.fault = None;
            account.interrupted = 0;
            self.changed();
        }
        Ok(())
    }

    /// Notes that the output of this pump could not be set to what [`drive`](Self::drive) says.
    ///
    /// Its dose is ended. If the output could not be switched off either, the pump counts as running at its fastest from
    /// now on, until [`output_stopped`](Self::output_stopped), and no pump of the tank starts.
    pub fn output_failed(&mut self, now: Instant, pump: usize, stopped: bool) {
        self.advance(now);
        if self.is_of(pump) {
            self.finish(End::Fault(Fault::Output));
            self.run = None;
        }
        if let (Some(account), Some(stuck)) = (self.record.accounts.get_mut(pump), self.stuck.get_mut(pump)) {
            account.latch(Fault::Output);
            *stuck = !stopped;
        }
        self.changed();
        self.plan();
    }

    /// Notes that an output that could not be switched off is off now.
    pub fn output_stopped(&mut self, now: Instant, pump: usize) {
        self.advance(now);
        if let Some(stuck) = self.stuck.get_mut(pump).filter(|stuck| **stuck) {
            *stuck = false;
            self.changed();
        }
        self.plan();
    }

    /// Whether the output of this pump could not be switched off, so that this is to be tried again.
    pub fn is_stuck(&self, pump: usize) -> bool {
        self.stuck.get(pump) == Some(&true)
    }

    pub(crate) fn pump(&self, pump: usize) -> Option<(&Pump, &Account)> {
        self.pumps.get(pump).zip(self.record.accounts.get(pump))
    }

    pub(crate) fn changed(&mut self) {
        self.dirty = true;
        self.record.sequence = self.record.sequence.wrapping_add(1);
    }

    fn is_of(&self, pump: usize) -> bool {
        self.run.as_ref().is_some_and(|run| run.request.pump == pump)
    }

    /// What has reached the tank.
    fn reached(&self, run: &Run) -> Delivered {
        match self.pumps.get(run.request.pump) {
            Some(pump) if !run.reverse => run.pumped(pump).beyond(run.held),
            _ => Delivered::NONE,
        }
    }

    /// What the dose would be, if nothing is in its way but caps and the bottle.
    fn admit(&self, request: &Request) -> Result<Run, Refused> {
        let (pump, account) = self.pump(request.pump).ok_or(Refused::NoSuchPump)?;
        if account.has_seen(request.id) {
            return Err(Refused::Repeated);
        }
        if self.run.is_some() || self.pending.is_some() {
            return Err(Refused::Busy);
        }
        if self.stuck.contains(&true) {
            return Err(Refused::Fault(Fault::Output));
        }
        if let Some(fault) = account.fault {
            return Err(Refused::Fault(fault));
        }
        let reverse = !request.dose.is_forward();
        if reverse && (!pump.reversible || pump.metered) {
            return Err(Refused::Unsupported);
        }
        let held = account.held;
        let run = Run {
            request: *request,
            reverse,
            anti_drip: false,
            goal: goal(request.dose, pump, held)?,
            closed: Delivered::NONE,
            on: 0,
            flowed: 0,
            total_on: 0,
            held,
            stage: Stage::Prepared {
                left: TICKET_MS,
                ticket: self.record.sequence.wrapping_add(1),
            },
        };
        check_size(&run, pump)?;
        if !request.dose.is_maintenance() {
            let wait = remaining(account.ended, pump.limits.interval, self.record.clock);
            if !wait.is_zero() {
                return Err(Refused::Interval(wait));
            }
            let wait = self.mixing();
            if !wait.is_zero() {
                return Err(Refused::Mixing(wait));
            }
        }
        Ok(run)
    }
}
