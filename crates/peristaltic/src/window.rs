//! What was counted in a rolling window, in bounded memory.

/// Volumes by the time at which they were counted, in bins.
///
/// Conservative: a volume is forgotten only when the whole bin that it lies in has left the window. Proof: what was
/// counted at `t ≥ clock − BINS·width + width` lies in bin `⌊t/width⌋ ≥ ⌊clock/width⌋ − (BINS − 1)`, and those bins are
/// summed. So with `BINS = window/width + 1` nothing is forgotten before it is `window` old, and nothing is kept for
/// longer than `window + width`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Window<B> {
    bins: B,
    /// The number of the newest bin since the clock began; it is at index `newest % BINS`.
    newest: u64,
}

/// An hour in bins of five minutes.
pub(crate) type Hour = Window<[u32; 13]>;
/// A day in bins of an hour.
pub(crate) type Day = Window<[u32; 25]>;

pub(crate) const HOUR_BIN_MS: u64 = 300_000;
pub(crate) const DAY_BIN_MS: u64 = 3_600_000;

impl<B: AsRef<[u32]> + AsMut<[u32]>> Window<B> {
    pub(crate) const fn new(bins: B) -> Self {
        Self { bins, newest: 0 }
    }

    /// Counts `volume` at `clock`.
    pub(crate) fn count(&mut self, clock: u64, width: u64, volume: u64) {
        self.move_to(clock, width);
        let bins = self.bins.as_mut();
        let index = index(self.newest, bins.len());
        if let Some(bin) = bins.get_mut(index) {
            *bin = bin.saturating_add(u32::try_from(volume).unwrap_or(u32::MAX));
        }
    }

    /// What counts at `clock`. A clock that is behind the newest bin forgets nothing.
    pub(crate) fn sum(&self, clock: u64, width: u64) -> u64 {
        let bins = self.bins.as_ref();
        let passed = (clock / width).saturating_sub(self.newest);
        (passed..bins.len() as u64)
            .filter_map(|age| self.newest.checked_sub(age - passed))
            .filter_map(|number| bins.get(index(number, bins.len())))
            .fold(0, |sum, bin| sum + u64::from(*bin))
    }

    fn move_to(&mut self, clock: u64, width: u64) {
        let number = clock / width;
        let bins = self.bins.as_mut();
        let passed = number.saturating_sub(self.newest).min(bins.len() as u64);
        for age in 0..passed {
            if let Some(bin) = bins.get_mut(index(number - age, bins.len())) {
                *bin = 0;
            }
        }
        self.newest = self.newest.max(number);
    }
}

fn index(number: u64, bins: usize) -> usize {
    usize::try_from(number % (bins.max(1) as u64)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 3_600_000;

    fn hour() -> Hour {
        Window::new([0; 13])
    }

    #[test]
    fn volume_counts_for_the_whole_hour() {
        let mut window = hour();
        window.count(5 * MINUTE - 1, HOUR_BIN_MS, 7);
        for clock in [5 * MINUTE - 1, 30 * MINUTE, 65 * MINUTE - 1] {
            assert_eq!(window.sum(clock, HOUR_BIN_MS), 7, "at {clock}");
        }
    }

    #[test]
    fn volume_is_forgotten_five_minutes_late_at_most() {
        let mut window = hour();
        window.count(0, HOUR_BIN_MS, 7);
        assert_eq!(window.sum(65 * MINUTE - 1, HOUR_BIN_MS), 7);
        assert_eq!(window.sum(65 * MINUTE, HOUR_BIN_MS), 0);
    }

    #[test]
    fn volume_counts_for_the_whole_day() {
        let mut window: Day = Window::new([0; 25]);
        window.count(HOUR - 1, DAY_BIN_MS, 7);
        assert_eq!(window.sum(25 * HOUR - 1, DAY_BIN_MS), 7);
    }

    #[test]
    fn day_is_forgotten_an_hour_late_at_most() {
        let mut window: Day = Window::new([0; 25]);
        window.count(0, DAY_BIN_MS, 7);
        assert_eq!(window.sum(25 * HOUR - 1, DAY_BIN_MS), 7);
        assert_eq!(window.sum(25 * HOUR, DAY_BIN_MS), 0);
    }

    #[test]
    fn old_bins_are_emptied_before_they_are_used_again() {
        let mut window = hour();
        for minute in 0..200 {
            window.count(minute * MINUTE, HOUR_BIN_MS, 1);
        }
        // Minutes 135 to 199: the bin of now and twelve before it.
        assert_eq!(window.sum(199 * MINUTE, HOUR_BIN_MS), 65);
    }

    #[test]
    fn clock_that_stands_behind_forgets_nothing() {
        let mut window = hour();
        window.count(500 * MINUTE, HOUR_BIN_MS, 7);
        assert_eq!(window.sum(0, HOUR_BIN_MS), 7);
        window.count(0, HOUR_BIN_MS, 1);
        assert_eq!(window.sum(500 * MINUTE, HOUR_BIN_MS), 8);
    }

    #[test]
    fn full_bin_stays_full() {
        let mut window = hour();
        window.count(0, HOUR_BIN_MS, u64::MAX);
        window.count(0, HOUR_BIN_MS, 1);
        assert_eq!(window.sum(0, HOUR_BIN_MS), u64::from(u32::MAX));
        assert_eq!(window.sum(u64::MAX, HOUR_BIN_MS), 0);
    }
}
