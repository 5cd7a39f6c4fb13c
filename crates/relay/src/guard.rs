//! One relay over time: what it should do, what it may do, and what follows.

use crate::request::Request;
use crate::window::Window;
use crate::{Anomaly, Command, Config, ConfigError, Counters, Fault, Instant, Level, Refused, State};

/// How soon an output is tried again that could not be switched off.
const RETRY_MS: u32 = 100;

/// Why it does not do what is asked for, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Waiting {
    /// The on-delay, the off-delay or the off part of a period runs.
    Delay,
    /// It has not been on for long enough.
    MinOn,
    /// It has not been off for long enough.
    MinOff,
    /// It was on for as long as [`MaxOn`](crate::MaxOn) allows and must rest.
    CoolDown,
    /// It was on for as long as [`Duty`](crate::Duty) allows.
    Duty,
    /// Another member of its group is on, or was a moment ago.
    Interlock,
    /// The [`record`](Guard::record) has to be stored first.
    Store,
    /// The output is not known to be off.
    Output,
}

/// What to do now, and when to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Update {
    /// What the output must be now.
    pub level: Level,
    /// When to call [`Guard::update`] again at the latest; `None` if nothing changes until the next command.
    pub deadline: Option<Instant>,
    /// Why the level is not what was asked for.
    pub waiting: Option<Waiting>,
    /// The latched fault. It stays off until that is acknowledged.
    pub fault: Option<Fault>,
    /// The clock could not be believed since the last update, and what was asked for has been dropped.
    pub anomaly: Option<Anomaly>,
    /// A [`record`](Guard::record) should be stored now: it must be before it is switched on, or the fault changed.
    pub store: bool,
}

impl Update {
    /// Off, and nothing to do.
    pub(crate) const OFF: Self = Self {
        level: Level::Off,
        deadline: None,
        waiting: None,
        fault: None,
        anomaly: None,
        store: false,
    };
}

/// Decides whether one relay is on. Does no I/O and reads no clock.
///
/// Every method that needs the time is given it. The level follows from [`update`](Self::update) only, so a command is
/// followed by one.
#[derive(Debug, Clone)]
pub struct Guard {
    config: Config,
    /// Shortest time off that the group of this relay wants to know about.
    dead_ms: u32,
    now: Instant,
    level: Level,
    request: Request,
    /// The output may be on although `level` is off.
    uncertain: bool,
    /// Milliseconds since it was switched on, as far as the clock could be believed.
    on_for: u32,
    /// Milliseconds since it was switched off, as far as the clock could be believed.
    off_for: u32,
    /// Milliseconds on that count towards `MaxOn`.
    run: u32,
    window: Window,
    fault: Option<Fault>,
    anomaly: Option<Anomaly>,
    counters: Counters,
    stored: Stored,
}

/// What is known to survive a reset.
#[derive(Debug, Clone)]
struct Stored {
    /// Number of the last record that was made.
    number: u32,
    /// The latest stored record says that it may be on.
    armed: bool,
    /// The latest stored record has the fault that is latched, or none as well.
    fault: bool,
}

impl Guard {
    /// Starts with the output off, as it was restored, and the minimum off and the cool-down from the beginning.
    ///
    /// Without a record, everything that is limited is taken to have been used up just now; [`State::unused`] is the
    /// record of a new installation.
    ///
    /// # Errors
    ///
    /// The contradiction in `config`.
    pub fn new(config: Config, restored: Option<State>, now: Instant) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self::checked(config, restored, now))
    }

    /// [`new`](Self::new) with a configuration that does not contradict itself.
    pub(crate) fn checked(config: Config, restored: Option<State>, now: Instant) -> Self {
        let state = restored.unwrap_or(State::UNKNOWN);
        // A record that was not written ahead does not know what came after it.
        let unknown = state.may_be_on || (!config.write_ahead && state != State::unused());
        let mut window = state.window.unwrap_or(Window::EMPTY);
        if let Some(duty) = config.duty {
            window = window.fitted(duty);
            if unknown || state.window.is_none() {
                window.exhaust(duty);
            }
        }
        Self {
            config,
            dead_ms: 0,
            now,

            level: Level::Off,
            request: Request::Off,
            uncertain: false,
            on_for: 0,
            off_for: 0,
            run: if unknown { u32::MAX } else { state.run },
            window,
            fault: state.fault,
            anomaly: None,
            counters: state.counters,
            stored: Stored {
                number: state.number,
                // A record that could not be read may be an old one that says nothing of the kind.
                armed: restored.is_some_and(|state| state.may_be_on),
                fault: true,
            },
        }
    }

    /// Makes the time off known up to this length.
    pub(crate) fn with_dead_time(mut self, ms: u32) -> Self {
        self.dead_ms = ms;
        self
    }

    /// Changes what is asked for. Call [`update`](Self::update) next.
    ///
    /// # Errors
    ///
    /// What asks for on is refused while a fault is latched, and [`Command::Proportional`] if there is no period.
    pub fn command(&mut self, command: Command, now: Instant) -> Result<(), Refused> {
        self.advance(now);
        if command.asks_for_on(&self.request) {
            if let Some(fault) = self.fault {
                return Err(Refused::Fault(fault));
            }
            if matches!(command, Command::Proportional(_)) && self.config.period.as_ticks() == 0 {
                return Err(Refused::NoPeriod);
            }
        }
        self.request = self.request.after(command, self.level == Level::On, &self.config);
        Ok(())
    }

    /// Switches off at once, whatever the minimum on, and latches `fault`. If one is latched already, that stays.
    /// Call [`update`](Self::update) next.
    pub fn trip(&mut self, fault: Fault, now: Instant) {
        self.advance(now);
        self.latch(fault);
    }

    /// Clears the latched fault. Nothing is switched on by that. Call [`update`](Self::update) next.
    ///
    /// # Errors
    ///
    /// The output is not known to be off.
    pub fn acknowledge(&mut self, now: Instant) -> Result<(), Refused> {
        self.advance(now);
        if self.uncertain {
            return Err(Refused::Uncertain);
        }
        self.stored.fault &= self.fault.take().is_none();
        Ok(())
    }

    /// Says what the output must be now and when to ask again.
    pub fn update(&mut self, now: Instant) -> Update {
        self.advance(now);
        self.settle(true)
    }

    /// Tells that the output could not be written, so that it may be on. It is off from here on; try to write that.
    pub fn output_failed(&mut self) {
        self.uncertain = true;
        self.latch(Fault::Output);
    }

    /// Tells that the output is off after all. Only now the time off begins.
    pub fn output_is_off(&mut self) {
        if self.uncertain {
            self.uncertain = false;
            self.off_for = 0;
        }
    }

    /// Tells that the output takes its time to switch off.
    pub(crate) fn output_is_busy(&mut self) {
        self.uncertain = true;
    }

    /// Says again what to do after the output is off after all.
    pub(crate) fn update_again(&mut self, update: Update, now: Instant) -> Update {
        Update {
            anomaly: update.anomaly,
            ..self.update(now)
        }
    }

    /// Makes a record to be stored.
    ///
    /// A record that [does not say](State::may_be_on) that the relay may be on holds from this moment: with
    /// [`Config::write_ahead`], it is not switched on before another one has been stored.
    pub fn record(&mut self) -> State {
        self.stored.number = self.stored.number.wrapping_add(1);
        let may_be_on = self.level == Level::On || self.uncertain || self.request.is_active();
        self.stored.armed &= may_be_on;
        self.state(may_be_on)
    }

    /// Tells that `state` has been stored and will be restored after a reset. Only the latest record counts.
    pub fn stored(&mut self, state: &State) {
        if state.number == self.stored.number {
            self.stored.armed = state.may_be_on;
            self.stored.fault = state.fault == self.fault;
        }
    }

    /// The level since the last update.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Whether the output may be on although the level is off.
    pub fn is_uncertain(&self) -> bool {
        self.uncertain
    }

    /// The latched fault.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// How often it was switched on, and for how long.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// When [`update`](Self::update) is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let ms = self.next()?.max(1);
        Some(Instant::from_ticks(
            self.now.as_ticks().saturating_add(u64::from(ms)),
        ))
    }

    /// Whether the output has been off for the dead time of its group.
    pub(crate) fn is_clear(&self) -> bool {
        self.level == Level::Off && !self.uncertain && self.off_for >= self.dead_ms
    }

    /// Drops what is asked for, because another member of the group takes over.
    pub(crate) fn revoke(&mut self, now: Instant) {
        self.advance(now);
        self.request = Request::Off;
    }

    /// Whether on is asked for, now or soon.
    pub(crate) fn asks_for_on(&self) -> bool {
        self.request.is_active()
    }

    /// Whether the level may stay or be on with nobody looking after it any more.
    pub(crate) fn may_be_left_on(&self) -> bool {
        let rested = self.off_for >= self.config.min_off.as_ticks();
        self.fault.is_none() && !self.uncertain && (self.level == Level::On || rested)
    }

    fn state(&self, may_be_on: bool) -> State {
        State {
            number: self.stored.number,
            may_be_on,
            run: self.run,
            window: self.config.duty.map(|_| self.window),
            fault: self.fault,
            counters: self.counters,
        }
    }

    /// Lets the time pass since the last call. Nothing is switched on by that.
    pub(crate) fn advance(&mut self, now: Instant) {
        let is_due = self.next().is_some();
        let elapsed = now.as_ticks().checked_sub(self.now.as_ticks());
        let anomaly = match elapsed {
            None => Some(Anomaly::Backwards),
            Some(ms) if is_due && ms > u64::from(self.config.patience.as_ticks()) => Some(Anomaly::Late),
            Some(_) => None,
        };
        self.now = now;
        // What limits time on counts all the time that may have passed, what waits only the time that surely has.
        let ran = u32::try_from(elapsed.unwrap_or(0)).unwrap_or(u32::MAX);
        let waited = if anomaly.is_some() { 0 } else { ran };
        let is_on = self.level == Level::On;

        if self.config.duty.is_some() {
            self.window.advance(waited);
        }
        if is_on || self.uncertain {
            self.window.charge(ran);
            self.run = self.run.saturating_add(ran);
        }
        if is_on {
            self.on_for = self.on_for.saturating_add(waited);
            self.counters.on_ms = self.counters.on_ms.saturating_add(u64::from(ran));
        } else {
            self.off_for = self.off_for.saturating_add(waited);
        }
        if let Some(max_on) = self.config.max_on
            && !is_on
            && !self.uncertain
            && self.off_for >= max_on.cool_down.as_ticks()
        {
            self.run = 0;
        }
        self.request.advance(is_on, ran, waited, &self.config);
        if let Some(anomaly) = anomaly {
            self.distrust(anomaly);
        }
    }

    fn distrust(&mut self, anomaly: Anomaly) {
        self.anomaly = Some(anomaly);
        let may_be_on = self.level == Level::On || self.uncertain;
        if may_be_on && anomaly == Anomaly::Backwards {
            // Nobody knows for how long.
            self.run = u32::MAX;
            if let Some(duty) = self.config.duty {
                self.window.exhaust(duty);
            }
        }
        if self.level == Level::On {
            if self.is_limited() {
                self.latch(Fault::Clock(anomaly));
                return;
            }
            if matches!(self.request, Request::On { .. }) {
                // On without a limit needs no clock.
                return;
            }
        }
        self.request = Request::Off;
        self.switch_off();
    }

    /// Whether time on is limited, by configuration or by the request.
    fn is_limited(&self) -> bool {
        self.config.max_on.is_some() || self.config.duty.is_some() || self.request.is_timed()
    }

    fn latch(&mut self, fault: Fault) {
        if self.fault.is_none() {
            self.fault = Some(fault);
            self.stored.fault = false;
        }
        self.request = Request::Off;
        self.switch_off();
    }

    fn switch_off(&mut self) {
        if self.level == Level::On {
            self.level = Level::Off;
            self.off_for = 0;
        }
    }

    fn switch_on(&mut self) {
        self.level = Level::On;
        self.on_for = 0;
        self.counters.switchings = self.counters.switchings.saturating_add(1);
    }

    /// Decides about the level, at most one change at a time; `permit` is the word of the group.
    pub(crate) fn settle(&mut self, permit: bool) -> Update {
        let waiting = if self.level == Level::On {
            self.settle_on()
        } else {
            self.settle_off(permit)
        };
        Update {
            level: self.level,
            deadline: self.deadline(),
            waiting,
            fault: self.fault,
            anomaly: self.anomaly.take(),
            store: !self.stored.fault || waiting == Some(Waiting::Store),
        }
    }

    fn settle_on(&mut self) -> Option<Waiting> {
        if self.run_left() == 0 {
            if self.config.max_on.is_some_and(|max_on| max_on.latch) {
                self.latch(Fault::MaxOn);
            }
            self.request = Request::Off;
            self.switch_off();
            return Some(Waiting::CoolDown);
        }
        if self.duty_left() == 0 {
            self.request = Request::Off;
            self.switch_off();
            return Some(Waiting::Duty);
        }
        if self.request.wants_on(true) {
            let ends = matches!(self.request, Request::OffAfter { .. });
            return ends.then_some(Waiting::Delay);
        }
        if self.on_for < self.config.min_on.as_ticks() {
            return Some(Waiting::MinOn);
        }
        if !matches!(self.request, Request::Proportional(_)) {
            self.request = Request::Off;
        }
        self.switch_off();
        None
    }

    fn settle_off(&mut self, permit: bool) -> Option<Waiting> {
        if let Request::OffAfter { .. } | Request::Pulse { left: 0 } = self.request {
            self.request = Request::Off;
        }
        if self.uncertain {
            return Some(Waiting::Output);
        }
        if !self.request.wants_on(false) {
            return self.request.is_active().then_some(Waiting::Delay);
        }
        let shortest = self.config.min_on.as_ticks().max(1);
        if self.off_for < self.config.min_off.as_ticks() {
            Some(Waiting::MinOff)
        } else if self.run_left() < shortest {
            Some(Waiting::CoolDown)
        } else if self.duty_left() < shortest {
            Some(Waiting::Duty)
        } else if !permit {
            Some(Waiting::Interlock)
        } else if self.config.write_ahead && !self.stored.armed {
            Some(Waiting::Store)
        } else {
            self.switch_on();
            None
        }
    }

    /// Milliseconds that it may be on under `MaxOn`.
    fn run_left(&self) -> u32 {
        self.config
            .max_on
            .map_or(u32::MAX, |max_on| max_on.time.as_ticks().saturating_sub(self.run))
    }

    /// Milliseconds that it may be on under `Duty`.
    fn duty_left(&self) -> u32 {
        self.config.duty.map_or(u32::MAX, |duty| self.window.left(duty))
    }

    /// Milliseconds until something may change by itself, not more than half the patience.
    fn next(&self) -> Option<u32> {
        let is_on = self.level == Level::On;
        let config = &self.config;
        let request = self.request.next(is_on, config);
        let rest = |needed: u32, had: u32| needed.checked_sub(had).filter(|ms| *ms > 0);
        let (first, second, third) = if is_on {
            let min_on = rest(config.min_on.as_ticks(), self.on_for);
            let max_on = config.max_on.map(|_| self.run_left());
            let duty = config.duty.map(|_| self.duty_left());
            (min_on, max_on, duty)
        } else if self.uncertain {
            (Some(RETRY_MS), None, None)
        } else {
            let cool_down = config.max_on.filter(|_| self.run > 0);
            let cool_down = cool_down.map_or(0, |max_on| max_on.cool_down.as_ticks());
            // Also a request that waits for something else than time must not wait unattended.
            let pending = self.request.is_active().then_some(u32::MAX);
            let needed = [config.min_off.as_ticks(), cool_down, self.dead_ms];
            let off = needed
                .into_iter()
                .filter_map(|needed| rest(needed, self.off_for))
                .min();
            let duty = config.duty.and_then(|_| self.window.next_part());
            (off, duty, pending)
        };
        [request, first, second, third]
            .into_iter()
            .flatten()
            .min()
            .map(|ms| ms.min(config.patience.as_ticks() / 2))
    }
}
