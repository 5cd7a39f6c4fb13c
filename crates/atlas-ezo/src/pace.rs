//! When to ask over I2C whether an answer is ready.
//!
//! Documented delays are far from what circuits do: `i` is said to take 300 ms and takes 4, a reading of a pH circuit
//! is said to take 900 ms and may take 1656. With few questions an unknown delay can only be found to within a part of
//! itself, so the first command of a kind is asked for in growing intervals around the documented delay. What that
//! shows is remembered, and from then on the questions stand where the answer is due, [`STEP`] apart.

use crate::command::Work;
use fugit::MillisDurationU32;

/// No answer has been seen before 4 ms, and one that is there earlier may be this late.
const FLOOR: u32 = 20;

/// Between two questions when it is known where the answer is due. With 4.4 ms for the read of a frame of 48 bytes at
/// 100 kHz it leaves the promised 30 ms.
const STEP: u32 = 25;

/// So many questions cover all that has been measured.
const POLLS: u32 = 10;

/// So many questions are asked [`STEP`] by step before the steps grow.
const EVEN: u32 = 5;

/// How long a circuit takes for its readings, calibrations and all else, as far as it has shown.
///
/// Read it with [`I2c::pace`](crate::I2c::pace) to keep it, and give it to
/// [`I2c::set_pace`](crate::I2c::set_pace) after a reboot, if the first reading is not to be later than the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pace {
    quick: Option<Window>,
    reading: Option<Window>,
    calibration: Option<Window>,
}

/// The answer is due after `start` and by `by`, in milliseconds after the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Window {
    start: u32,
    by: u32,
    /// How often in a row it was there at the first question.
    early: u8,
}

impl Pace {
    pub(crate) const EMPTY: Self = Self {
        quick: None,
        reading: None,
        calibration: None,
    };

    fn window(&mut self, work: Work) -> &mut Option<Window> {
        match work {
            Work::Quick => &mut self.quick,
            Work::Reading => &mut self.reading,
            Work::Calibration => &mut self.calibration,
        }
    }

    /// When to ask for the answer to a command that is said to take `delay`.
    pub(crate) fn schedule(&mut self, work: Work, delay: MillisDurationU32) -> Schedule {
        let window = *self.window(work);
        let first = match window {
            Some(window) => window.start,
            None if work == Work::Quick => FLOOR,
            None => delay.as_millis() / 2,
        };
        Schedule {
            window,
            work,
            first,
            next: first,
            asked: 0,
            grown: 0,
            miss: None,
        }
    }

    /// Takes note that the answer was there when it was asked for at `at`.
    pub(crate) fn learn(&mut self, schedule: &Schedule, at: u32) {
        let window = match (schedule.window, schedule.miss) {
            (None, miss) => Window {
                start: miss.unwrap_or(FLOOR),
                by: at,
                early: 0,
            },
            // At the first question already: it may have become faster by any time. Look back further each time.
            (Some(old), None) => Window {
                start: old.start.saturating_sub((2 * STEP) << old.early.min(5)),
                early: old.early.saturating_add(1),
                ..old
            },
            (Some(old), Some(miss)) if old.step() > 2 * STEP => Window {
                start: miss,
                by: at,
                early: 0,
            },
            // Open at once to what has been seen, and close slowly: delays vary from one to the next.
            (Some(old), Some(miss)) => {
                let part = if old.step() > STEP { 2 } else { 8 };
                Window {
                    start: old.start + miss.saturating_sub(old.start) / part,
                    by: at.max(old.by.saturating_sub(old.by.saturating_sub(at) / part)),
                    early: 0,
                }
            }
        };
        let start = window.start.max(FLOOR);
        *self.window(schedule.work) = Some(Window {
            start,
            by: window.by.max(start),
            ..window
        });
    }
}

impl Window {
    fn step(self) -> u32 {
        (self.by - self.start).div_ceil(POLLS - 1).max(STEP)
    }
}

/// The questions for one answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    window: Option<Window>,
    work: Work,
    first: u32,
    next: u32,
    asked: u32,
    /// How often the steps have been doubled.
    grown: u32,
    miss: Option<u32>,
}

impl Schedule {
    /// When to ask next, in milliseconds after the command.
    pub(crate) const fn next(&self) -> u32 {
        self.next
    }

    /// Takes note that there was no answer yet when it was asked for at `at`.
    pub(crate) fn missed(&mut self, at: u32) {
        self.miss = Some(at);
        self.asked += 1;
        let step = match self.window {
            None => (at * growth_percent(self.first) / 100).max(FLOOR / 2),
            Some(window) if self.asked < EVEN || at < window.by => window.step(),
            Some(_) => {
                self.grown = (self.grown + 1).min(5);
                STEP << self.grown
            }
        };
        self.next = at + step;
    }
}

/// How much later each question is than the one before, so that the tenth is after 1660 ms.
const fn growth_percent(first: u32) -> u32 {
    match first {
        0..100 => 66,
        100..250 => 31,
        250..400 => 22,
        400..600 => 16,
        _ => 12,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// One read of 49 bytes of 9 bits at 100 kHz.
    const READ_US: u64 = 4_410;

    /// Asks until the circuit has had its answer for `ready_us`; returns the number of questions and how late the
    /// answer is in the hands of the host.
    fn ask(pace: &mut Pace, work: Work, delay: u32, ready_us: u64) -> (u32, u64) {
        let mut schedule = pace.schedule(work, MillisDurationU32::from_ticks(delay));
        let mut now = 0;
        let mut asked = 0;
        loop {
            let due = u64::from(schedule.next()) * 1_000;
            if now < due {
                now += (due - now).div_ceil(1_000) * 1_000;
            }
            let at = u32::try_from(now / 1_000).unwrap();
            asked += 1;
            let ready = now >= ready_us;
            now += READ_US;
            if ready {
                pace.learn(&schedule, at);
                return (asked, now - ready_us);
            }
            schedule.missed(at);
        }
    }

    const HINTS: [(Work, u32); 6] = [
        (Work::Quick, 300),
        (Work::Reading, 300),
        (Work::Reading, 600),
        (Work::Reading, 900),
        (Work::Calibration, 900),
        (Work::Calibration, 1_300),
    ];

    #[test]
    fn every_answer_is_at_most_30_ms_late_once_the_circuit_is_known() {
        for (work, delay) in HINTS {
            for ready in 4..=1_660 {
                let mut pace = Pace::default();
                for _ in 0..3 {
                    ask(&mut pace, work, delay, ready * 1_000);
                }
                for _ in 0..20 {
                    let (asked, late) = ask(&mut pace, work, delay, ready * 1_000);
                    assert!(asked <= 10, "{work:?} {delay} {ready}: asked {asked} times");
                    assert!(late <= 30_000, "{work:?} {delay} {ready}: {late} µs late");
                }
            }
        }
    }

    #[test]
    fn unknown_circuit_is_asked_at_most_10_times() {
        for (work, delay) in HINTS {
            for ready in 4..=1_660 {
                let (asked, _) = ask(&mut Pace::default(), work, delay, ready * 1_000);
                assert!(asked <= 10, "{work:?} {delay} {ready}: asked {asked} times");
            }
        }
    }

    #[test]
    fn unknown_circuit_is_asked_at_most_10_times_while_it_becomes_known() {
        for (work, delay) in HINTS {
            for ready in 4..=1_660 {
                let mut pace = Pace::default();
                for turn in 0..3 {
                    let (asked, _) = ask(&mut pace, work, delay, ready * 1_000);
                    assert!(
                        asked <= 10,
                        "{work:?} {delay} {ready}, {turn}: asked {asked} times"
                    );
                }
            }
        }
    }

    #[test]
    fn first_answer_is_late_by_half_the_documented_delay_or_a_third_of_the_real_one() {
        for (work, delay) in HINTS {
            for ready in 4..=1_660_u64 {
                let (_, late) = ask(&mut Pace::default(), work, delay, ready * 1_000);
                let most = match work {
                    Work::Quick => (ready * 2 / 3).max(20),
                    _ => (ready / 3).max(u64::from(delay) / 2),
                };
                assert!(
                    late <= most * 1_000 + 6_000,
                    "{work:?} {delay} {ready}: {late} µs late"
                );
            }
        }
    }

    #[test]
    fn first_information_after_4_ms_is_waited_for_25_ms() {
        assert_eq!(ask(&mut Pace::default(), Work::Quick, 300, 4_000), (1, 20_410));
    }

    #[test]
    fn first_questions_for_a_setting_grow_from_20_ms() {
        let mut schedule = Pace::default().schedule(Work::Quick, MillisDurationU32::from_ticks(300));
        let mut asked = Vec::new();
        for _ in 0..10 {
            asked.push(schedule.next());
            schedule.missed(schedule.next());
        }
        assert_eq!(asked, [20, 33, 54, 89, 147, 244, 405, 672, 1_115, 1_850]);
    }

    #[test]
    fn first_questions_for_a_reading_begin_at_half_the_documented_delay() {
        for (delay, first) in [(300, 150), (600, 300), (900, 450), (1_300, 650)] {
            let delay = MillisDurationU32::from_ticks(delay);
            assert_eq!(Pace::default().schedule(Work::Reading, delay).next(), first);
        }
    }

    #[test]
    fn known_circuit_is_asked_twice_per_answer_in_the_end() {
        let mut pace = Pace::default();
        for _ in 0..30 {
            ask(&mut pace, Work::Reading, 900, 812_000);
        }
        assert!(ask(&mut pace, Work::Reading, 900, 812_000).0 <= 3);
    }

    #[test]
    fn circuit_that_has_become_faster_is_followed() {
        let mut pace = Pace::default();
        for _ in 0..5 {
            ask(&mut pace, Work::Reading, 900, 1_656_000);
        }
        for _ in 0..8 {
            ask(&mut pace, Work::Reading, 900, 600_000);
        }
        assert!(ask(&mut pace, Work::Reading, 900, 600_000).1 <= 30_000);
    }

    #[test]
    fn circuit_that_has_become_slower_is_asked_at_most_10_times() {
        for ready in 4..=1_660 {
            let mut pace = Pace::default();
            for _ in 0..40 {
                ask(&mut pace, Work::Quick, 300, 4_000);
            }
            let (asked, _) = ask(&mut pace, Work::Quick, 300, ready * 1_000);
            assert!(asked <= 10, "{ready}: {asked}");
        }
    }

    /// RTD readings took 393 to 643 ms, one like the other.
    #[test]
    fn delay_that_varies_as_measured_is_met_by_10_questions() {
        let mut pace = Pace::default();
        let mut seed = 1_u64;
        let mut late = Vec::new();
        for _ in 0..400 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let ready = 393 + (seed >> 33) % 251;
            let (asked, by) = ask(&mut pace, Work::Reading, 600, ready * 1_000);
            assert!(asked <= 12, "{ready}: {asked}");
            late.push(by);
        }
        late.sort_unstable();
        assert!(late[late.len() * 9 / 10] <= 60_000, "{:?}", &late[340..]);
    }

    #[test]
    fn kinds_of_work_are_learnt_apart() {
        let mut pace = Pace::default();
        ask(&mut pace, Work::Reading, 900, 812_000);
        assert_eq!(
            pace.schedule(Work::Quick, MillisDurationU32::from_ticks(300))
                .next(),
            20
        );
        assert_eq!(
            pace.schedule(Work::Calibration, MillisDurationU32::from_ticks(900))
                .next(),
            450
        );
    }
}
