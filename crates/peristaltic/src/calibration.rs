//! Volume over running time, as it was measured.

use crate::math::{scale, scale_up};
use crate::{Duty, Microlitres, MicrolitresPerMinute};
use fugit::{MillisDurationU32, SecsDurationU32};

const MOST_POINTS: usize = 8;
/// An hour: in microseconds it still fits in 32 bits.
const LONGEST_MS: u32 = 3_600_000;
/// Ten litres.
const LARGEST: u32 = 10_000_000;

/// One measurement: the pump ran this long without a pause, and this much came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Point {
    /// How long the pump ran.
    pub duration: MillisDurationU32,
    /// What came out, measured in a cylinder or weighed.
    pub volume: Microlitres,
}

impl Point {
    /// A measurement of `volume` in `duration`.
    pub const fn new(duration: MillisDurationU32, volume: Microlitres) -> Self {
        Self { duration, volume }
    }
}

/// Why measurements are not a calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BadCalibration {
    /// There is no point, or there are more than eight.
    Count(usize),
    /// The point of this index is not within 1 ms to 1 h and 1 µL to 10 L.
    Range(usize),
    /// The point of this index does not have both a longer duration and a larger volume than the one before.
    Order(usize),
}

impl core::fmt::Display for BadCalibration {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count} calibration points are not 1 to 8"),
            Self::Range(index) => write!(f, "calibration point {index} is out of range"),
            Self::Order(index) => write!(f, "calibration point {index} does not rise above the one before"),
        }
    }
}

impl core::error::Error for BadCalibration {}

/// Volume over running time through measured points, with the date and the age of the tubing.
///
/// - One point: a straight line from nothing.
/// - Two points: the straight line through both. Where it meets zero is the dead time, during which the pump turns and
///   nothing comes out; a line that would meet zero before the start is bent to begin there.
/// - More points: straight between neighbours, and on beyond the last as before it.
///
/// The pairs are kept as measured; no rate is ever rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Calibration {
    /// Microseconds and microlitres, rising. The last one is repeated to the end.
    points: [(u32, u32); MOST_POINTS],
    count: u8,
    duty: Duty,
    date: Option<u64>,
    tubing: SecsDurationU32,
}

/// One straight piece: it passes through `at` and rises by `rise` in `run`.
#[derive(Clone, Copy)]
struct Piece {
    at: (u32, u32),
    run: u32,
    rise: u32,
}

impl Calibration {
    /// Takes the points, in rising order.
    ///
    /// It was made with [`Duty::FULL`], at an unknown date, with new tubing, unless the methods below say otherwise.
    ///
    /// # Errors
    ///
    /// [`BadCalibration`] if the points are too many, out of range or not rising.
    pub fn new(points: &[Point]) -> Result<Self, BadCalibration> {
        if points.is_empty() || points.len() > MOST_POINTS {
            return Err(BadCalibration::Count(points.len()));
        }
        let mut taken = [(0, 0); MOST_POINTS];
        let mut last = (0, 0);
        for (index, slot) in taken.iter_mut().enumerate() {
            if let Some(point) = points.get(index) {
                let ms = point.duration.as_ticks();
                let volume = u32::try_from(point.volume.get()).unwrap_or(0);
                if !(1..=LONGEST_MS).contains(&ms) || !(1..=LARGEST).contains(&volume) {
                    return Err(BadCalibration::Range(index));
                }
                let us = ms * 1_000;
                if us <= last.0 || volume <= last.1 {
                    return Err(BadCalibration::Order(index));
                }
                last = (us, volume);
            }
            *slot = last;
        }
        Ok(Self {
            points: taken,
            count: u8::try_from(points.len()).unwrap_or(u8::MAX),
            duty: Duty::FULL,
            date: None,
            tubing: SecsDurationU32::from_ticks(0),
        })
    }

    /// Notes the duty cycle of the measurements, at which the pump is run from now on.
    #[must_use]
    pub const fn with_duty(self, duty: Duty) -> Self {
        Self { duty, ..self }
    }

    /// Notes the date, in seconds since 1970.
    #[must_use]
    pub const fn with_date(self, unix_seconds: u64) -> Self {
        Self {
            date: Some(unix_seconds),
            ..self
        }
    }

    /// Notes how long the tubing had run when the measurements were made; see
    /// [`Status::tubing`](crate::Status::tubing).
    #[must_use]
    pub const fn with_tubing(self, age: SecsDurationU32) -> Self {
        Self { tubing: age, ..self }
    }

    /// The duty cycle of the measurements.
    pub const fn duty(&self) -> Duty {
        self.duty
    }

    /// The date of the measurements in seconds since 1970, if it is known.
    pub const fn date(&self) -> Option<u64> {
        self.date
    }

    /// How long the tubing had run when the measurements were made.
    pub const fn tubing(&self) -> SecsDurationU32 {
        self.tubing
    }

    /// The measurements.
    pub fn points(&self) -> impl Iterator<Item = Point> + '_ {
        self.points
            .iter()
            .take(usize::from(self.count))
            .map(|&(us, volume)| {
                Point::new(
                    MillisDurationU32::from_ticks(us / 1_000),
                    Microlitres::new(i64::from(volume)),
                )
            })
    }

    /// How long the pump turns before anything comes out, rounded down.
    pub fn dead_time(&self) -> MillisDurationU32 {
        let us = self.time(0);
        MillisDurationU32::from_ticks(u32::try_from(us / 1_000).unwrap_or(u32::MAX))
    }

    /// The flow once the dead time has passed, rounded down: that of the last piece.
    pub fn flow(&self) -> MicrolitresPerMinute {
        let piece = self.last();
        let flow = scale(60_000_000, piece.rise, piece.run);
        MicrolitresPerMinute::new(i32::try_from(flow).unwrap_or(i32::MAX))
    }

    /// What comes out in `us` of full flow, rounded down.
    pub(crate) fn least(&self, us: u64) -> u64 {
        self.volume(us, scale, scale_up)
    }

    /// What comes out in `us` of full flow, rounded up.
    pub(crate) fn most(&self, us: u64) -> u64 {
        self.volume(us, scale_up, scale)
    }

    /// The longest time of full flow in which no more than `volume` comes out, in microseconds, rounded down.
    pub(crate) fn time(&self, volume: u64) -> u64 {
        let piece = self.piece(|point| u64::from(point.1) >= volume);
        let at = (u64::from(piece.at.0), u64::from(piece.at.1));
        match volume.checked_sub(at.1) {
            Some(above) => at.0.saturating_add(scale(above, piece.run, piece.rise)),
            None => {
                at.0.saturating_sub(scale_up(at.1 - volume, piece.run, piece.rise))
            }
        }
    }

    /// The most that can come out in `us` more, wherever on the line they are.
    pub(crate) fn most_more(&self, us: u64) -> u64 {
        let (first, mut most) = (self.first(), 0);
        let mut last = None;
        for &point in self.points.iter().take(usize::from(self.count)) {
            let piece = last.map_or(first, |last| Piece::between(last, point));
            most = scale_up(us, piece.rise, piece.run).max(most);
            last = Some(point);
        }
        most
    }

    fn volume(&self, us: u64, add: fn(u64, u32, u32) -> u64, take: fn(u64, u32, u32) -> u64) -> u64 {
        let piece = self.piece(|point| u64::from(point.0) >= us);
        let at = (u64::from(piece.at.0), u64::from(piece.at.1));
        match us.checked_sub(at.0) {
            Some(after) => at.1.saturating_add(add(after, piece.rise, piece.run)),
            None => at.1.saturating_sub(take(at.0 - us, piece.rise, piece.run)),
        }
    }

    /// The piece that ends at the first point that is far enough, or else the last.
    fn piece(&self, far_enough: impl Fn(&(u32, u32)) -> bool) -> Piece {
        let mut last = None;
        for point in &self.points {
            if far_enough(point) {
                return last.map_or_else(|| self.first(), |last| Piece::between(last, *point));
            }
            last = Some(*point);
        }
        self.last()
    }

    /// The piece before the first point: that after it, unless that would begin above nothing.
    fn first(&self) -> Piece {
        let [first, second, ..] = self.points;
        let next = Piece::between(first, second);
        let flat = u64::from(next.rise) * u64::from(first.0) < u64::from(first.1) * u64::from(next.run);
        let origin = Piece::between((0, 0), first);
        if self.count == 1 || flat {
            origin
        } else {
            Piece { at: first, ..next }
        }
    }

    fn last(&self) -> Piece {
        let mut before = None;
        let mut last = None;
        for &point in self.points.iter().take(usize::from(self.count)) {
            before = last;
            last = Some(point);
        }
        match (before, last) {
            (Some(before), Some(last)) => Piece::between(before, last),
            _ => self.first(),
        }
    }
}

impl Piece {
    const fn between(from: (u32, u32), to: (u32, u32)) -> Self {
        Self {
            at: from,
            run: to.0.saturating_sub(from.0),
            rise: to.1.saturating_sub(from.1),
        }
    }
}

/// What is stored of a [`Calibration`]; it is checked when it is read.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Stored {
    /// Milliseconds and microlitres; the unused ones are (0, 0).
    points: [(u32, u32); MOST_POINTS],
    duty: Duty,
    date: Option<u64>,
    tubing_s: u32,
}

#[cfg(feature = "serde")]
impl From<Calibration> for Stored {
    fn from(calibration: Calibration) -> Self {
        let mut points = [(0, 0); MOST_POINTS];
        let used = calibration.points.iter().take(usize::from(calibration.count));
        for (slot, point) in points.iter_mut().zip(used) {
            *slot = (point.0 / 1_000, point.1);
        }
        Self {
            points,
            duty: calibration.duty,
            date: calibration.date,
            tubing_s: calibration.tubing.as_ticks(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Calibration {
    type Error = BadCalibration;

    fn try_from(stored: Stored) -> Result<Self, BadCalibration> {
        let points = stored.points.map(|(ms, volume)| {
            Point::new(
                MillisDurationU32::from_ticks(ms),
                Microlitres::new(i64::from(volume)),
            )
        });
        let count = points
            .iter()
            .take_while(|point| !point.duration.is_zero())
            .count();
        let calibration = Self::new(points.get(..count).unwrap_or_default())?;
        Ok(Self {
            duty: stored.duty,
            date: stored.date,
            tubing: SecsDurationU32::from_ticks(stored.tubing_s),
            ..calibration
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn calibration(points: &[(u32, i64)]) -> Result<Calibration, BadCalibration> {
        let mut taken = [Point::new(MillisDurationU32::from_ticks(0), Microlitres::new(0)); 9];
        for (slot, &(ms, volume)) in taken.iter_mut().zip(points) {
            *slot = Point::new(MillisDurationU32::from_ticks(ms), Microlitres::new(volume));
        }
        Calibration::new(&taken[..points.len()])
    }

    /// 1.2 mL/s, as a hobby pump: 72 mL in a minute.
    #[test]
    fn one_point_is_a_line_from_nothing() {
        let pump = calibration(&[(60_000, 72_000)]).unwrap();
        assert_eq!((pump.least(0), pump.most(0)), (0, 0));
        assert_eq!(pump.least(1_000_000), 1_200);
        assert_eq!(pump.least(120_000_000), 144_000);
        assert_eq!(pump.time(5_000), 4_166_666);
        assert_eq!(pump.dead_time().as_ticks(), 0);
        assert_eq!(pump.flow().get(), 72_000);
    }

    #[test]
    fn volumes_are_rounded_to_both_sides_of_the_line() {
        let pump = calibration(&[(60_000, 72_000)]).unwrap();
        assert_eq!((pump.least(999), pump.most(999)), (1, 2));
        assert_eq!((pump.least(4_166_666), pump.most(4_166_666)), (4_999, 5_000));
    }

    /// 1 mL/s after 500 ms in which nothing comes.
    #[test]
    fn two_points_give_the_dead_time() {
        let pump = calibration(&[(2_500, 2_000), (10_500, 10_000)]).unwrap();
        assert_eq!(pump.dead_time().as_ticks(), 500);
        assert_eq!((pump.least(500_000), pump.most(500_000)), (0, 0));
        assert_eq!((pump.least(400_000), pump.most(400_000)), (0, 0));
        assert_eq!((pump.least(501_000), pump.most(501_000)), (1, 1));
        assert_eq!((pump.least(500_001), pump.most(500_001)), (0, 1));
        assert_eq!(pump.least(5_500_000), 5_000);
        assert_eq!(pump.least(20_500_000), 20_000);
        assert_eq!(pump.time(1_000), 1_500_000);
        assert_eq!(pump.time(20_000), 20_500_000);
    }

    /// The first second gives more than the later ones.
    #[test]
    fn line_that_would_begin_above_nothing_is_bent() {
        let pump = calibration(&[(1_000, 2_000), (2_000, 3_000)]).unwrap();
        assert_eq!(pump.dead_time().as_ticks(), 0);
        assert_eq!(pump.least(500_000), 1_000);
        assert_eq!(pump.least(1_500_000), 2_500);
        assert_eq!(pump.least(4_000_000), 5_000);
        assert_eq!(pump.time(1_000), 500_000);
    }

    #[test]
    fn several_points_are_joined_by_straight_lines() {
        let pump = calibration(&[(1_000, 500), (2_000, 1_500), (4_000, 4_500)]).unwrap();
        assert_eq!(pump.dead_time().as_ticks(), 500);
        assert_eq!(pump.least(1_500_000), 1_000);
        assert_eq!(pump.least(3_000_000), 3_000);
        assert_eq!(pump.least(6_000_000), 7_500);
        assert_eq!(pump.time(1_000), 1_500_000);
        assert_eq!(pump.time(3_000), 3_000_000);
        assert_eq!(pump.time(7_500), 6_000_000);
    }

    #[test]
    fn points_are_met_exactly() {
        let pump = calibration(&[(999, 7), (1_000, 8), (3_000, 3_331), (60_000, 71_993)]).unwrap();
        for (us, volume) in [
            (999_000, 7),
            (1_000_000, 8),
            (3_000_000, 3_331),
            (60_000_000, 71_993),
        ] {
            assert_eq!((pump.least(us), pump.most(us)), (volume, volume));
            assert_eq!(pump.time(volume), us);
        }
    }

    #[test]
    fn steepest_piece_bounds_what_can_still_come() {
        let pump = calibration(&[(1_000, 500), (2_000, 1_500), (4_000, 4_500)]).unwrap();
        assert_eq!(pump.most_more(100_000), 150);
        // The piece before the first point counts if it is the steepest.
        let bent = calibration(&[(1_000, 2_000), (2_000, 3_000)]).unwrap();
        assert_eq!(bent.most_more(100_000), 200);
    }

    #[test]
    fn nothing_and_too_much_are_no_calibration() {
        assert_eq!(calibration(&[]), Err(BadCalibration::Count(0)));
        let nine = [
            (1, 1),
            (2, 2),
            (3, 3),
            (4, 4),
            (5, 5),
            (6, 6),
            (7, 7),
            (8, 8),
            (9, 9),
        ];
        assert_eq!(calibration(&nine), Err(BadCalibration::Count(9)));
        assert!(calibration(&nine[..8]).is_ok());
    }

    #[test]
    fn points_out_of_range_are_refused() {
        for point in [
            (0, 1),
            (3_600_001, 1),
            (1, 0),
            (1, -5),
            (1, 10_000_001),
            (1, i64::MAX),
        ] {
            assert_eq!(calibration(&[point]), Err(BadCalibration::Range(0)), "{point:?}");
        }
        assert!(calibration(&[(3_600_000, 10_000_000)]).is_ok());
        assert!(calibration(&[(1, 1)]).is_ok());
    }

    #[test]
    fn points_that_do_not_rise_are_refused() {
        assert_eq!(calibration(&[(10, 10), (10, 11)]), Err(BadCalibration::Order(1)));
        assert_eq!(calibration(&[(10, 10), (11, 10)]), Err(BadCalibration::Order(1)));
        assert_eq!(
            calibration(&[(10, 10), (20, 20), (15, 30)]),
            Err(BadCalibration::Order(2))
        );
    }

    #[test]
    fn date_tubing_and_points_are_kept() {
        let pump = calibration(&[(10_000, 9_000), (60_000, 70_000)])
            .unwrap()
            .with_date(1_790_000_000)
            .with_tubing(SecsDurationU32::from_ticks(7_200));
        assert_eq!(pump.date(), Some(1_790_000_000));
        assert_eq!(pump.tubing().as_ticks(), 7_200);
        assert_eq!(pump.points().count(), 2);
        assert_eq!(
            pump.points().last().map(|point| point.volume),
            Some(Microlitres::new(70_000))
        );
    }

    #[test]
    fn longest_time_neither_wraps_nor_panics() {
        let pump = calibration(&[(1, 1), (2, 10_000_000)]).unwrap();
        assert_eq!(pump.most(u64::MAX), u64::MAX);
        assert!(pump.time(u64::MAX) > 0);
    }

    /// Rising points: steps of time and volume that are added up.
    fn any_calibration() -> impl Strategy<Value = Calibration> {
        let steps = proptest::collection::vec((1_u32..=400_000, 1_i64..=1_000_000), 1..=8);
        steps.prop_map(|steps| {
            let mut points = std::vec::Vec::new();
            let mut at = (0, 0);
            for (ms, volume) in steps {
                at = (at.0 + ms, at.1 + volume);
                points.push(at);
            }
            calibration(&points).unwrap()
        })
    }

    proptest! {
        #[test]
        fn volume_lies_between_bounds_of_a_microlitre_and_never_falls(
            pump in any_calibration(),
            us in 0_u64..10_000_000_000,
            more in 0_u64..10_000_000_000,
        ) {
            let (least, most) = (pump.least(us), pump.most(us));
            prop_assert!(least <= most && most <= least + 1);
            prop_assert!(pump.least(us + more) >= least && pump.most(us + more) >= most);
            prop_assert!(pump.most(us + more) <= most + pump.most_more(more));
        }

        #[test]
        fn time_never_gives_more_than_the_volume(pump in any_calibration(), volume in 0_u64..100_000_000) {
            let us = pump.time(volume);
            prop_assert!(pump.most(us) <= volume);
            prop_assert!(pump.least(us + 1) >= volume || pump.most(us + 1) >= volume);
        }

        #[test]
        fn any_time_and_any_volume_are_taken(pump in any_calibration(), any in any::<u64>()) {
            prop_assert!(pump.least(any) <= pump.most(any));
            let _any = (pump.time(any), pump.most_more(any), pump.flow(), pump.dead_time());
        }
    }
}
