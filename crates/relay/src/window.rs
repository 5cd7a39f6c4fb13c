//! Time on within a rolling window, in bounded memory, never under-counted.

use crate::Duty;

/// A window is counted in this many parts.
const PARTS: u32 = 12;

/// Milliseconds on, by parts of the window.
///
/// Any window that ends now lies within the part that is running and the [`PARTS`] before it, so their sum is never
/// less than the time on in the window. It may be more, by what was on in the one part that lies in it only partly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Window {
    /// Length of a part in milliseconds, at least one.
    part: u32,
    /// Milliseconds since the running part began, less than `part`.
    phase: u32,
    /// Milliseconds on in the running part.
    running: u32,
    /// The parts before it, latest first.
    past: [u32; PARTS as usize],
}

impl Window {
    /// Nothing was on.
    pub(crate) const EMPTY: Self = Self {
        part: 1,
        phase: 0,
        running: 0,
        past: [0; PARTS as usize],
    };

    /// This window with the parts of `duty`. If they have another length, all that it holds counts as on just now.
    pub(crate) fn fitted(self, duty: Duty) -> Self {
        let part = duty.window.as_ticks().div_ceil(PARTS).max(1);
        if part == self.part && self.phase < part {
            return self;
        }
        Self {
            part,
            running: u32::try_from(self.sum()).unwrap_or(u32::MAX),
            ..Self::EMPTY
        }
    }

    /// Time passes, of which nothing was on.
    pub(crate) fn advance(&mut self, ms: u32) {
        let since = u64::from(self.phase) + u64::from(ms);
        let part = u64::from(self.part.max(1));
        // More parts than there are need not be counted.
        for _ in 0..(since / part).min(u64::from(PARTS) + 1) {
            self.past.rotate_right(1);
            if let Some(latest) = self.past.first_mut() {
                *latest = self.running;
            }
            self.running = 0;
        }
        self.phase = u32::try_from(since % part).unwrap_or(0);
    }

    /// Counts time on as if all of it had been just now, so that it stays in the window longer than it should and
    /// never shorter.
    pub(crate) fn charge(&mut self, ms: u32) {
        self.running = self.running.saturating_add(ms);
    }

    /// Counts as much as `duty` allows as on just now. The past is no excuse: it may have left the window meanwhile.
    pub(crate) fn exhaust(&mut self, duty: Duty) {
        self.running = self.running.max(duty.on.as_ticks());
    }

    /// Milliseconds on that `duty` still allows.
    pub(crate) fn left(&self, duty: Duty) -> u32 {
        let left = u64::from(duty.on.as_ticks()).saturating_sub(self.sum());
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// Milliseconds until a part ends, if anything is counted.
    pub(crate) fn next_part(&self) -> Option<u32> {
        (self.sum() > 0).then(|| self.part.saturating_sub(self.phase))
    }

    fn sum(&self) -> u64 {
        let past: u64 = self.past.iter().copied().map(u64::from).sum();
        past + u64::from(self.running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fugit::MillisDurationU32;

    fn duty(on: u32, window: u32) -> Duty {
        Duty {
            on: MillisDurationU32::from_ticks(on),
            window: MillisDurationU32::from_ticks(window),
        }
    }

    #[test]
    fn time_on_leaves_when_the_window_and_one_part_have_passed() {
        let duty = duty(100, 1_200);
        let mut window = Window::EMPTY.fitted(duty);
        window.charge(60);
        window.advance(1_299);
        assert_eq!(window.left(duty), 40);
        window.advance(1);
        assert_eq!(window.left(duty), 100);
    }

    #[test]
    fn time_on_is_still_there_when_exactly_the_window_has_passed() {
        let duty = duty(100, 1_200);
        let mut window = Window::EMPTY.fitted(duty);
        window.advance(99);
        window.charge(60);
        window.advance(1_200);
        assert_eq!(window.left(duty), 40);
    }

    #[test]
    fn window_that_does_not_divide_by_its_parts_is_rounded_up() {
        let duty = duty(7, 13);
        let mut window = Window::EMPTY.fitted(duty);
        window.charge(7);
        window.advance(25);
        assert_eq!(window.left(duty), 0);
        window.advance(1);
        assert_eq!(window.left(duty), 7);
    }

    #[test]
    fn window_of_another_length_keeps_all_it_holds() {
        let short = duty(100, 120);
        let mut window = Window::EMPTY.fitted(short);
        window.charge(30);
        window.advance(100);
        window.charge(30);
        let long = duty(100, 1_200);
        let mut window = window.fitted(long);
        assert_eq!(window.left(long), 40);
        window.advance(1_299);
        assert_eq!(window.left(long), 40);
    }

    #[test]
    fn longest_times_do_not_overflow() {
        let duty = duty(u32::MAX, u32::MAX);
        let mut window = Window::EMPTY.fitted(duty);
        for _ in 0..40 {
            window.charge(u32::MAX);
            window.advance(u32::MAX / 13);
        }
        assert_eq!(window.left(duty), 0);
        window.advance(u32::MAX);
        window.advance(u32::MAX);
        assert_eq!(window.left(duty), u32::MAX);
    }

    #[test]
    fn long_time_empties_the_window_at_once() {
        let duty = duty(100, 1_200);
        let mut window = Window::EMPTY.fitted(duty);
        window.charge(60);
        window.advance(1_300);
        assert_eq!(window.left(duty), 100);
    }

    #[test]
    fn exhausted_window_is_full_for_all_of_its_length() {
        let duty = duty(100, 1_200);
        let mut window = Window::EMPTY.fitted(duty);
        window.charge(90);
        window.advance(1_199);
        window.exhaust(duty);
        window.advance(1_200);
        assert_eq!(window.left(duty), 0);
        window.advance(100);
        assert_eq!(window.left(duty), 100);
    }

    #[test]
    fn parts_end_when_something_is_counted_only() {
        let duty = duty(100, 1_200);
        let mut window = Window::EMPTY.fitted(duty);
        window.advance(30);
        assert_eq!(window.next_part(), None);
        window.charge(1);
        assert_eq!(window.next_part(), Some(70));
    }
}
