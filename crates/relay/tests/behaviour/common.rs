//! Short words for times.

use fugit::MillisDurationU32;
use relay::{Config, Guard, Instant, Level, MaxOn, State, Update};

pub(crate) fn ms(ms: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(ms)
}

pub(crate) fn at(ms: u64) -> Instant {
    Instant::from_ticks(ms)
}

/// A guard of a new installation that starts at 0.
pub(crate) fn guard(config: Config) -> Guard {
    Guard::new(config, Some(State::unused()), at(0)).unwrap()
}

/// Longest time on, and rest.
pub(crate) fn limit(time: u32, cool_down: u32) -> MaxOn {
    MaxOn {
        time: ms(time),
        cool_down: ms(cool_down),
        latch: false,
    }
}

/// Updates at every deadline until `until`. Returns when the level changed, and the last update.
pub(crate) fn run(guard: &mut Guard, until: u64) -> (Vec<(u64, Level)>, Update) {
    let mut changes = Vec::new();
    let mut level = guard.level();
    loop {
        let due = guard.deadline().map_or(until, |due| due.as_ticks().min(until));
        let update = guard.update(at(due));
        if update.level != level {
            level = update.level;
            changes.push((due, level));
        }
        if due == until {
            return (changes, update);
        }
    }
}
