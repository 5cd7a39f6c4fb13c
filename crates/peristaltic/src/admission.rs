//! What a dose would be, and what it could come to at most.

use crate::delivered::unsigned;
use crate::run::{Goal, Run};
use crate::{Delivered, Dose, Pump, Refused, Rules};

/// What is to be reached. A volume includes what is missing at the tip.
pub(crate) fn goal(dose: Dose, pump: &Pump, held: Delivered) -> Result<Goal, Refused> {
    let (volume, over) = match dose {
        Dose::Volume(volume) => (volume, None),
        Dose::VolumeOver(volume, over) => (volume, Some(over)),
        Dose::Time(time) | Dose::Continuous(time) | Dose::Prime(time) | Dose::Purge(time) => {
            return Ok(Goal::Time(u64::from(time.as_ticks())));
        }
    };
    if volume.get() <= 0 {
        return Err(Refused::TooSmall);
    }
    if volume > pump.limits.largest_dose {
        return Err(Refused::TooLarge);
    }
    let all = unsigned(volume).saturating_add(held.low());
    let over = over.map_or(0, |over| u64::from(over.as_ticks()));
    if pump.metered {
        return Ok(Goal::Volume {
            pump: all,
            pulses: 1,
            pulse: 0,
            period: over,
        });
    }
    let calibration = pump.calibration.as_ref().ok_or(Refused::NotCalibrated)?;
    let shortest = pump.soft_start.passes(u64::from(pump.pulses.shortest.as_ticks()));
    let least = calibration.most(shortest).max(1);
    let period = u64::from(pump.pulses.period.as_ticks().max(1));
    let pulses = (over / period).min(all / least).clamp(1, u64::from(u32::MAX));
    let on = pump
        .soft_start
        .time_for(calibration.time(all.div_ceil(pulses)), 0);
    if on == 0 || calibration.least(pump.soft_start.passes(on)) == 0 {
        return Err(Refused::TooSmall);
    }
    let period = over / pulses;
    if over > 0 && on > crate::math::scale(period, u32::from(pump.pulses.most_permille), 1_000) {
        return Err(Refused::TooFast);
    }
    if on.saturating_mul(pulses) > u64::from(pump.limits.longest_run.as_ticks()) {
        return Err(Refused::TooLong);
    }
    Ok(Goal::Volume {
        pump: all,
        pulses: u32::try_from(pulses).unwrap_or(u32::MAX),
        pulse: 0,
        period,
    })
}

/// Whether a run by time is within the limits; one by volume was looked at with its goal.
pub(crate) fn check_size(run: &Run, pump: &Pump) -> Result<(), Refused> {
    let Goal::Time(ms) = run.goal else { return Ok(()) };
    if ms == 0 {
        return Err(Refused::TooSmall);
    }
    if ms > u64::from(pump.limits.longest_run.as_ticks()) {
        return Err(Refused::TooLong);
    }
    let most = pump.volume(pump.soft_start.passes(ms)).beyond(run.held).high();
    if !run.reverse && most > unsigned(pump.limits.largest_dose) {
        return Err(Refused::TooLarge);
    }
    Ok(())
}

/// What can leave the bottle and what can reach the tank at most, if every call comes in time.
pub(crate) fn charge(run: &Run, pump: &Pump, rules: &Rules) -> (u64, u64) {
    let late = u64::from(rules.lateness.as_ticks());
    let pumped = match run.goal {
        _ if pump.metered => crate::metered::charge(run, pump),
        Goal::Volume { pump: all, .. } => all.saturating_add(pump.most_more(late * 1_000)),
        // At the steepest, because a pause may begin the line anew.
        Goal::Time(ms) => pump.most_more(ms.saturating_add(late).saturating_mul(1_000)),
    };
    (pumped, pumped.saturating_sub(run.held.low()))
}

pub(crate) fn most_drawn(pump: &Pump, ms: u64, rules: &Rules) -> u64 {
    let late = u64::from(rules.lateness.as_ticks());
    pump.most_more(ms.saturating_add(late).saturating_mul(1_000))
}

/// What can hang back in the tubing if the run is cut at any time, or has not begun.
pub(crate) fn held_after(run: &Run, pump: &Pump, pumped: u64, rules: &Rules) -> Delivered {
    let held = run.held.high();
    if run.reverse {
        return Delivered::new(run.held.low(), held.saturating_add(pumped));
    }
    let drawn = pump.anti_drip.map_or(0, |anti_drip| {
        most_drawn(pump, u64::from(anti_drip.time.as_ticks()), rules)
    });
    Delivered::new(0, held.saturating_add(drawn))
}
