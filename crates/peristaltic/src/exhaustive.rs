//! Every interleaving of commands, calls, pin errors, resets and the storing of the record, to a depth.
//!
//! Here rather than in `tests/`, because a state of the search must be copied, and a [`Ticket`] cannot be.
//!
//! `cargo test -p cress-peristaltic exhaustive -- --nocapture` prints the number of states. One dose is 150 ms of
//! 10 µL/ms, so that a dose is two calls; a search lasts less than an hour of the model's time, so that the cap of the
//! hour bounds all that is ever delivered.

use crate::tank::{Stored, Tank, Ticket};
use crate::{
    AntiDrip, Calibration, Dose, Drive, Instant, Limits, Microlitres, MicrolitresPerMinute, Point, Pump,
    Record, Request, Rules,
};
use fugit::MillisDurationU32;
use stateright::{Checker, Model, Property};
use std::vec;
use std::vec::Vec;

const UL_PER_MS: u64 = 10;
const CAP: u64 = 4_000;
const LATENESS: u64 = 100;
const LONGEST_RUN: u64 = 400;
/// What the host's clock shows when it starts, so that it can be set back.
const BOOT: u64 = 100_000_000;

const fn ms(ms: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(ms)
}

const RULES: Rules = Rules {
    mixing: ms(60_000),
    lateness: ms(100),
    longest_gap: ms(120_000),
    checkpoint: ms(900_000),
    longest_pause: ms(60_000),
    interruptions: 0,
};

fn setups() -> [Pump; 2] {
    let limits = Limits {
        largest_dose: Microlitres::new(1_500),
        per_hour: Microlitres::new(4_000),
        per_day: Microlitres::new(100_000),
        longest_run: ms(400),
        interval: ms(0),
    };
    let calibration = Calibration::new(&[Point::new(ms(1_000), Microlitres::new(10_000))]).unwrap();
    let pump = Pump::new(limits, MicrolitresPerMinute::new(600_000))
        .unwrap()
        .with_calibration(calibration)
        .reversible(Microlitres::new(2_000));
    let anti_drip = AntiDrip {
        pause: ms(10),
        time: ms(40),
    };
    [pump.with_anti_drip(anti_drip).unwrap(), pump]
}

/// What the host, its memory and the water are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools)] // They are independent of each other.
struct State {
    tank: Tank<2>,
    journal: Record<2>,
    /// The dose that waits, and whether its record is stored.
    ticket: Option<(u32, Request, bool)>,
    /// What the host's clock shows.
    clock: u64,
    motors: [Drive; 2],
    /// How long the motor that runs has been on.
    on: u64,
    longest_on: u64,
    /// What came out of the tips, and how far behind them the liquid is.
    came: [u64; 2],
    held: [u64; 2],
    /// The commands that ran, and whether one ran twice.
    ran: [bool; 4],
    twice: bool,
    together: bool,
    /// A pin stayed on, so that the caps cannot hold.
    leaked: bool,
    /// A leak may have been forgotten by a reset before it was stored, so that nobody can know what came.
    lost: bool,
    jumped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Prepare { pump: usize, again: bool },
    Store,
    Start,
    Cancel,
    Call,
    CallLate,
    Checkpoint,
    Stop,
    Pause,
    Resume,
    PinError { stopped: bool },
    PinHeals,
    Acknowledge,
    ClockBack,
    ClockAhead,
    Reset,
}

struct Search {
    /// The host starts the pump first and stores the record after.
    starts_before_storing: bool,
}

impl Search {
    fn boot(journal: &Record<2>) -> Tank<2> {
        Tank::restore(setups(), RULES, *journal, Instant::from_ticks(BOOT)).unwrap()
    }
}

impl State {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.clock)
    }

    /// Lets the motors run for true milliseconds.
    fn pass(&mut self, ms: u64) {
        for ((motor, came), held) in self.motors.iter().zip(&mut self.came).zip(&mut self.held) {
            let volume = ms * UL_PER_MS;
            match motor {
                Drive::Stop => {}
                Drive::Forward(_) => {
                    *came += volume.saturating_sub(*held);
                    *held = held.saturating_sub(volume);
                }
                Drive::Reverse(_) => *held = (*held + volume).min(2_000),
            }
        }
        if self.motors.iter().any(|motor| *motor != Drive::Stop) {
            self.on += ms;
            self.longest_on = self.longest_on.max(self.on);
        }
    }

    /// The motors follow, save one that is stuck.
    fn put_out(&mut self) {
        let before = self.motors;
        for (pump, motor) in self.motors.iter_mut().enumerate() {
            if !self.tank.is_stuck(pump) {
                *motor = self.tank.drive(pump);
            }
        }
        if self.motors != before {
            self.on = 0;
        }
        let on = self.motors.iter().filter(|motor| **motor != Drive::Stop).count();
        self.together |= on > 1;
    }

    fn call_after(&mut self, true_ms: u64) {
        self.pass(true_ms);
        self.clock += true_ms;
        let _step = self.tank.tick(self.now());
    }

    fn wait(&self) -> u64 {
        let mut copy = self.tank.clone();
        copy.tick(self.now())
            .deadline
            .as_ticks()
            .saturating_sub(self.clock)
    }

    fn is_on(&self) -> bool {
        self.motors.iter().any(|motor| *motor != Drive::Stop)
    }

    fn is_stuck(&self) -> bool {
        self.tank.is_stuck(0) || self.tank.is_stuck(1)
    }
}

impl Model for Search {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let tank = Tank::first_start(setups(), RULES, Instant::from_ticks(BOOT)).unwrap();
        vec![State {
            journal: *tank.record(),
            tank,
            ticket: None,
            clock: BOOT,
            motors: [Drive::Stop; 2],
            on: 0,
            longest_on: 0,
            came: [0; 2],
            held: [0; 2],
            ran: [false; 4],
            twice: false,
            together: false,
            leaked: false,
            lost: false,
            jumped: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        match state.ticket {
            Some((_, _, stored)) => {
                if !stored {
                    actions.push(Action::Store);
                }
                if stored || self.starts_before_storing {
                    actions.push(Action::Start);
                }
                actions.push(Action::Cancel);
            }
            None => {
                for pump in 0..2 {
                    actions.push(Action::Prepare { pump, again: false });
                    actions.push(Action::Prepare { pump, again: true });
                }
            }
        }
        actions.extend([Action::Call, Action::Checkpoint, Action::Reset]);
        if state.is_on() {
            actions.extend([Action::CallLate, Action::Stop, Action::PinError { stopped: true }]);
            actions.push(Action::PinError { stopped: false });
        }
        if let Some(running) = state.tank.running() {
            actions.push(if running.paused {
                Action::Resume
            } else {
                Action::Pause
            });
        }
        if state.is_stuck() {
            actions.push(Action::PinHeals);
        } else if (0..2).any(|pump| {
            state
                .tank
                .status(pump)
                .is_some_and(|status| status.fault.is_some())
        }) {
            actions.push(Action::Acknowledge);
        }
        if !state.jumped {
            actions.extend([Action::ClockBack, Action::ClockAhead]);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Prepare { pump, again } => {
                // The commands are 0 and 1 for one pump, 2 and 3 for the other.
                let first = pump as u64 * 2;
                let id = first + u64::from(state.ran[pump * 2] && !again);
                let dose = Dose::Volume(Microlitres::new(1_500));
                let request = Request::new(pump, dose).with_id(id);
                let Ticket(ticket) = state.tank.prepare(state.now(), request).ok()?;
                state.ticket = Some((ticket, request, false));
            }
            Action::Store => {
                state.journal = *state.tank.record();
                state.ticket = state.ticket.map(|(ticket, request, _)| (ticket, request, true));
            }
            Action::Start => {
                let (ticket, request, _) = state.ticket.take()?;
                state.tank.start(state.now(), Stored(ticket)).ok()?;
                let ran = usize::try_from(request.id?).ok()?;
                state.twice |= state.ran[ran];
                state.ran[ran] = true;
            }
            Action::Cancel => {
                state.tank.cancel(state.now());
                state.ticket = None;
            }
            Action::Call => state.call_after(last.wait()),
            Action::CallLate => state.call_after(last.wait() + LATENESS),
            Action::Checkpoint => {
                state.journal = *state.tank.record();
                state.tank.saved(state.journal.sequence());
                if state.ticket.is_some() {
                    return None;
                }
            }
            Action::Stop => {
                state.pass(30);
                state.clock += 30;
                let _outcome = state.tank.stop(state.now());
            }
            Action::Pause => {
                state.pass(30);
                state.clock += 30;
                state.tank.pause(state.now());
            }
            Action::Resume => {
                state.tank.resume(state.now());
            }
            Action::PinError { stopped } => {
                let pump = state.motors.iter().position(|motor| *motor != Drive::Stop)?;
                if !stopped {
                    state.leaked = true;
                }
                let now = state.now();
                state.tank.output_failed(now, pump, stopped);
            }
            Action::PinHeals => {
                let now = state.now();
                for pump in 0..2 {
                    state.tank.output_stopped(now, pump);
                }
            }
            Action::Acknowledge => {
                for pump in 0..2 {
                    let _stuck = state.tank.acknowledge(pump);
                }
            }
            Action::ClockBack => {
                state.jumped = true;
                state.clock -= 10_000;
                let wait = last.wait().min(LATENESS);
                state.call_after(wait);
            }
            Action::ClockAhead => {
                state.jumped = true;
                state.clock += 86_400_000;
                let wait = last.wait().min(LATENESS);
                state.call_after(wait);
            }
            Action::Reset => {
                // Half a deadline later, as far as a motor that runs is concerned.
                state.lost |= state.leaked;
                state.pass(if state.is_on() { 50 } else { 0 });
                state.motors = [Drive::Stop; 2];
                state.on = 0;
                state.ticket = None;
                state.clock = BOOT;
                state.tank = Self::boot(&state.journal);
                let _step = state.tank.tick(state.now());
            }
        }
        if let Some((_, request, _)) = state.ticket {
            // A ticket that has expired.
            if state.tank.running().map(|running| running.request) != Some(request) {
                state.ticket = None;
            }
        }
        state.put_out();
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no cap is passed", |_, state: &State| {
                state.leaked || state.came.iter().all(|came| *came <= CAP)
            }),
            Property::always("no command runs twice", |_, state: &State| !state.twice),
            Property::always("pumps never run together", |_, state: &State| {
                state.leaked || !state.together
            }),
            Property::always("no motor is on for too long", |_, state: &State| {
                state.leaked || state.longest_on <= LONGEST_RUN + LATENESS
            }),
            Property::always("what came is within the bounds", |_, state: &State| {
                state.lost || within(&state.tank, &state.came)
            }),
            Property::always("a reset now would count everything", |_, state: &State| {
                state.leaked || within(&Search::boot(&state.journal), &state.came)
            }),
            Property::sometimes("both pumps have dosed", |_, state: &State| {
                state.came.iter().all(|came| *came >= 1_500)
            }),
            Property::sometimes("a reset cuts a dose", |_, state: &State| {
                let status = state.tank.status(0);
                status.is_some_and(|status| status.total.most() > status.total.least())
            }),
        ]
    }
}

/// What the accounts say, and what runs now, hold what came.
fn within(tank: &Tank<2>, came: &[u64; 2]) -> bool {
    came.iter().enumerate().all(|(pump, came)| {
        let Some(status) = tank.status(pump) else {
            return false;
        };
        let open = tank.record().open.filter(|open| open.request.pump == pump);
        let most = crate::delivered::unsigned(status.total.most()) + open.map_or(0, |open| open.reaches);
        (crate::delivered::unsigned(status.total.least())..=most).contains(came)
    })
}

fn search(starts_before_storing: bool, depth: usize) -> impl Checker<Search> {
    Search {
        starts_before_storing,
    }
    .checker()
    // With more threads, a state may be met first by a longer path, and what is beyond it be left out.
    .threads(1)
    .target_max_depth(depth)
    .spawn_bfs()
    .join()
}

/// Steps of the longest path that is looked at. The checker counts states, which are one more.
const STEPS: usize = 10;

#[test]
fn exhaustive_search_finds_no_broken_promise() {
    let checker = search(false, STEPS + 1);
    std::println!(
        "{} states, {} of them different, paths of up to {} steps",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth() - 1
    );
    checker.assert_properties();
    // A search that stopped early would find nothing either.
    assert_eq!(checker.max_depth(), STEPS + 1);
    assert!(checker.unique_state_count() > 400_000);
}

#[test]
fn exhaustive_search_finds_a_pump_that_starts_before_its_record_is_stored() {
    let checker = search(true, 6 + 1);
    let found = checker.discovery("a reset now would count everything");
    assert!(found.is_some(), "the planted fault was not found");
}
