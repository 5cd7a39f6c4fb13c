//! Pulses from the times of edges, bounces left out.

use fugit::MicrosDurationU32;

/// The time of an edge in microseconds, on a clock that never wraps.
pub type EdgeInstant = fugit::MonotonicTimerInstantU64<1_000_000>;

/// Tells pulses from bounces: after a pulse, no edge counts for the dead time.
///
/// The dead time runs from the last pulse and not from the last bounce, so noise makes the count too high but cannot
/// hold it up. Half the shortest distance of two pulses is a good dead time; the default is 1 ms, which a YF-S201 does
/// not come near and a fast turbine of more than 1000 pulses per second exceeds.
///
/// ```
/// use flow_meter::{EdgeInstant, Edges};
///
/// let mut edges = Edges::default();
/// assert_eq!(edges.pulses(EdgeInstant::from_ticks(5_000)), 1);
/// assert_eq!(edges.pulses(EdgeInstant::from_ticks(5_999)), 0); // a bounce
/// assert_eq!(edges.pulses(EdgeInstant::from_ticks(6_000)), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Edges {
    dead_time: MicrosDurationU32,
    last: Option<EdgeInstant>,
}

impl Default for Edges {
    fn default() -> Self {
        Self::new(MicrosDurationU32::from_ticks(1_000))
    }
}

impl Edges {
    /// Counts edges that are at least `dead_time` apart.
    pub const fn new(dead_time: MicrosDurationU32) -> Self {
        Self {
            dead_time,
            last: None,
        }
    }

    /// Takes an edge and returns the pulses it is worth: 1, or 0 in the dead time.
    ///
    /// An edge before the last pulse is 0, too: a clock that went backwards costs pulses and invents none.
    pub fn pulses(&mut self, at: EdgeInstant) -> u32 {
        if let Some(last) = self.last {
            let after = at.as_ticks().checked_sub(last.as_ticks());
            if after.is_none_or(|after| after < u64::from(self.dead_time.as_ticks())) {
                return 0;
            }
        }
        self.last = Some(at);
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(dead_time: u32, at: &[u64]) -> u32 {
        let mut edges = Edges::new(MicrosDurationU32::from_ticks(dead_time));
        at.iter()
            .map(|&at| edges.pulses(EdgeInstant::from_ticks(at)))
            .sum()
    }

    #[test]
    fn first_edge_counts_at_any_time() {
        assert_eq!(counted(1_000, &[0]), 1);
        assert_eq!(counted(1_000, &[u64::MAX]), 1);
    }

    #[test]
    fn dead_time_runs_from_the_pulse_and_not_from_the_bounce() {
        assert_eq!(counted(1_000, &[0, 600, 1_000, 1_600, 2_000]), 3);
        assert_eq!(counted(1_000, &[0, 999]), 1);
    }

    #[test]
    fn without_dead_time_every_edge_counts() {
        assert_eq!(counted(0, &[5, 5, 5]), 3);
    }

    #[test]
    fn edge_from_the_past_does_not_count() {
        assert_eq!(counted(1_000, &[5_000, 3_000, 5_999]), 1);
        assert_eq!(counted(0, &[5_000, 4_999]), 1);
    }

    #[test]
    fn default_dead_time_is_a_millisecond() {
        assert_eq!(Edges::default(), Edges::new(MicrosDurationU32::from_ticks(1_000)));
    }
}
