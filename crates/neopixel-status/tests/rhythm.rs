//! The statuses are told apart by someone who sees no colours.

#![allow(
    clippy::indexing_slicing,
    reason = "clippy.toml allows it in test functions, but not in the helpers beside them"
)]

use neopixel_status::{Colour, Instant, Status};

const STEP: usize = 10;
/// Long enough for the longest period, 4 s, three times.
const SAMPLES: usize = 1_200;

/// Whether LED `led` of `LEDS` is more bright than dark, every 10 ms, with the colour taken away.
fn seen<const LEDS: usize>(status: Status, led: usize) -> Vec<bool> {
    let Colour { red, green, blue, .. } = status.colour();
    let brightest = red.max(green).max(blue);
    (0..SAMPLES)
        .map(|sample| {
            let pixels: [Colour; LEDS] = status.pixels(Instant::from_ticks((sample * STEP) as u64));
            let Colour { red, green, blue, .. } = pixels[led];
            red.max(green).max(blue) > brightest / 2
        })
        .collect()
}

/// The samples of a hundred in which two rhythms differ, however they are shifted against each other.
fn least_difference(one: &[bool], other: &[bool]) -> usize {
    let shifts = 0..400;
    let compared = SAMPLES - 400;
    let differing = shifts.map(|shift| (0..compared).filter(|&at| one[at] != other[at + shift]).count());
    differing.min().unwrap_or(0) * 100 / compared
}

fn all_differ<const LEDS: usize>() {
    for (index, one) in Status::ALL.into_iter().enumerate() {
        for other in Status::ALL.into_iter().skip(index + 1) {
            let difference = least_difference(&seen::<LEDS>(one, 0), &seen::<LEDS>(other, 0));
            assert!(difference >= 10, "{one:?} and {other:?}: {difference} %");
        }
    }
}

#[test]
fn every_two_statuses_differ_in_rhythm_on_one_led() {
    all_differ::<1>();
}

#[test]
fn every_two_statuses_differ_in_rhythm_on_eight_leds() {
    all_differ::<8>();
}

#[test]
fn nothing_flashes_more_than_three_times_in_a_second() {
    for status in Status::ALL {
        for led in 0..8 {
            let seen = seen::<8>(status, led);
            let flashes = |second: &[bool]| second.windows(2).filter(|pair| !pair[0] && pair[1]).count();
            assert!(seen.windows(100).all(|second| flashes(second) <= 3), "{status:?}");
        }
    }
}

#[test]
fn only_dosing_moves() {
    for status in Status::ALL {
        let same = (0..8).all(|led| seen::<8>(status, led) == seen::<8>(status, 0));
        assert_eq!(same, status != Status::Dosing, "{status:?}");
    }
}

/// When each status is on in its first four seconds, in hundredths of a second.
fn on(status: Status) -> Vec<(usize, usize)> {
    let seen = seen::<8>(status, 0);
    let mut spans = Vec::new();
    let mut start = None;
    for (at, &on) in seen.iter().enumerate().take(400) {
        match (on, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                spans.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    spans.extend(start.map(|from| (from, 400)));
    spans
}

#[test]
fn rhythms_are_these() {
    assert_eq!(on(Status::Nominal), [(0, 400)]);
    assert_eq!(on(Status::Connecting), [(0, 10), (200, 210)]);
    assert_eq!(on(Status::Dosing), [(0, 20), (160, 180), (320, 340)]);
    assert_eq!(on(Status::Updating), [(0, 20), (40, 60), (200, 220), (240, 260)]);
    let alarm = [
        (0, 25),
        (50, 75),
        (100, 125),
        (150, 175),
        (200, 225),
        (250, 275),
        (300, 325),
        (350, 375),
    ];
    assert_eq!(on(Status::Alarm), alarm);
    let fault = [(0, 20), (40, 60), (80, 100), (240, 260), (280, 300), (320, 340)];
    assert_eq!(on(Status::Fault), fault);
    assert_eq!(on(Status::Maintenance), [(101, 300)]);
}
