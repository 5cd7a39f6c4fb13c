//! Pulses over time to flow; times are milliseconds and flows µL/min, worked out by hand.

use flow_meter::fugit::MillisDurationU32;
use flow_meter::quantity::{Microlitres, MicrolitresPerMinute};
use flow_meter::{Config, FlowMeter, Instant, KFactor, Totals};

fn at(milliseconds: u64) -> Instant {
    Instant::from_ticks(milliseconds)
}

fn yf_s201() -> FlowMeter {
    FlowMeter::new(KFactor::YF_S201, Totals::default(), at(0))
}

fn flow(meter: &FlowMeter) -> Option<i32> {
    meter.flow().map(MicrolitresPerMinute::get)
}

fn after(updates: &[(u32, u64)]) -> Option<i32> {
    let mut meter = yf_s201();
    for &(pulses, time) in updates {
        meter.update(pulses, at(time));
    }
    flow(&meter)
}

#[test]
fn counter_read_every_second_gives_flow_after_the_window() {
    assert_eq!(after(&[(15, 1_000)]), None);
    assert_eq!(after(&[(15, 1_000), (15, 2_000)]), None);
    // 30 pulses in 2 s: 1/15 L in 2 s.
    assert_eq!(after(&[(15, 1_000), (15, 2_000), (15, 3_000)]), Some(2_000_000));
}

#[test]
fn window_is_2_s() {
    assert_eq!(after(&[(1, 1_000), (15, 2_999)]), None);
    assert_eq!(after(&[(1, 1_000), (15, 3_000)]), Some(1_000_000));
}

#[test]
fn edges_are_measured_from_pulse_to_pulse() {
    // 1.5 Hz: the gate ends at the fourth edge, 2001 ms after the first. 3 pulses are 6667 µL.
    assert_eq!(
        after(&[(1, 1_000), (1, 1_667), (1, 2_334), (1, 3_001)]),
        Some(199_900)
    );
}

#[test]
fn flow_is_rounded_to_the_nearest() {
    // 28 pulses in 2 s: 1 866 666.7 µL/min.
    assert_eq!(after(&[(1, 1_000), (28, 3_000)]), Some(1_866_667));
}

#[test]
fn each_window_is_measured_by_itself() {
    let steady = [(15, 1_000), (15, 2_000), (15, 3_000)];
    let faster = [(30, 4_000), (30, 5_000)];
    let updates = [steady.as_slice(), faster.as_slice()].concat();
    assert_eq!(after(&updates[..4]), Some(2_000_000));
    assert_eq!(after(&updates), Some(4_000_000));
}

#[test]
fn silence_of_2_s_is_standstill() {
    assert_eq!(
        after(&[(15, 1_000), (15, 2_000), (15, 3_000), (0, 4_999)]),
        Some(66_733)
    );
    assert_eq!(
        after(&[(15, 1_000), (15, 2_000), (15, 3_000), (0, 5_000)]),
        Some(0)
    );
}

#[test]
fn silence_from_the_start_is_standstill() {
    assert_eq!(after(&[(0, 1_999)]), None);
    assert_eq!(after(&[(0, 2_000)]), Some(0));
}

#[test]
fn flow_falls_while_pulses_fail_to_come() {
    // At most one pulse, 2222.2 µL, in 499 ms.
    assert_eq!(
        after(&[(15, 1_000), (15, 2_000), (15, 3_000), (0, 3_500)]),
        Some(267_201)
    );
    // The next pulses count towards the next window, and the last measurement is gone.
    assert_eq!(
        after(&[(15, 1_000), (15, 2_000), (15, 3_000), (0, 3_500), (15, 4_000)]),
        Some(267_201)
    );
}

#[test]
fn short_gap_does_not_lower_the_flow() {
    assert_eq!(
        after(&[(15, 1_000), (15, 2_000), (15, 3_000), (0, 3_066)]),
        Some(2_000_000)
    );
}

#[test]
fn flow_after_standstill_is_unknown_until_it_is_measured() {
    let updates = [(0, 2_000), (1, 10_000), (15, 11_000), (15, 12_000)];
    assert_eq!(after(&updates[..1]), Some(0));
    assert_eq!(after(&updates[..2]), None);
    assert_eq!(after(&updates[..3]), None);
    assert_eq!(after(&updates), Some(2_000_000));
}

#[test]
fn pause_is_not_averaged_into_the_flow_that_follows() {
    let updates = [
        (15, 1_000),
        (15, 2_000),
        (0, 9_000),
        (15, 10_000),
        (15, 11_000),
        (15, 12_000),
    ];
    assert_eq!(after(&updates), Some(2_000_000));
}

#[test]
fn counter_that_is_read_rarely_is_not_taken_for_standstill() {
    assert_eq!(after(&[(150, 10_000), (150, 20_000)]), Some(2_000_000));
    // Nine pulses in 20 s are more than 2 s apart.
    assert_eq!(after(&[(150, 10_000), (150, 20_000), (9, 40_000)]), None);
    assert_eq!(after(&[(150, 10_000), (150, 20_000), (11, 40_000)]), Some(73_333));
}

#[test]
fn clock_that_goes_back_starts_the_measurement_again() {
    let updates = [
        (15, 101_000),
        (15, 102_000),
        (15, 103_000),
        (15, 1_000),
        (15, 2_000),
        (15, 3_000),
    ];
    assert_eq!(after(&updates[..3]), Some(2_000_000));
    assert_eq!(after(&updates[..4]), None);
    assert_eq!(after(&updates[..5]), None);
    assert_eq!(after(&updates), Some(2_000_000));
}

#[test]
fn pulses_that_are_not_flow_yet_are_in_the_total() {
    let mut meter = yf_s201();
    meter.update(450, at(1));
    assert_eq!(flow(&meter), None);
    assert_eq!(meter.totals().volume(), Microlitres::new(1_000_000));
    assert_eq!(meter.totals().pulses(), 450);
}

#[test]
fn calibration_changes_flow_and_the_volume_that_follows() {
    let mut meter = yf_s201();
    (1..=3).for_each(|second| meter.update(15, at(second * 1_000)));
    meter.set_k_factor(KFactor::per_litre(900).unwrap());
    assert_eq!(flow(&meter), None);
    (4..=6).for_each(|second| meter.update(15, at(second * 1_000)));
    assert_eq!(flow(&meter), Some(1_000_000));
    // 45/450 L and 45/900 L
    assert_eq!(meter.totals().volume(), Microlitres::new(150_000));
}

#[test]
fn restored_totals_go_on() {
    let mut before = yf_s201();
    before.update(451, at(1));
    let stored = before.totals().to_bytes();
    let mut meter = FlowMeter::new(KFactor::YF_S201, Totals::from_bytes(stored).unwrap(), at(0));
    // 2 µL in 9 are the remainder of each 451 pulses: twice 1 002 222.2, and so on.
    meter.update(451, at(1));
    assert_eq!(meter.totals().volume(), Microlitres::new(2_004_444));
    meter.update(1, at(2));
    assert_eq!(meter.totals().volume(), Microlitres::new(2_006_666));
    meter.update(1, at(3));
    assert_eq!(meter.totals().volume(), Microlitres::new(2_008_888));
    meter.update(1, at(4));
    assert_eq!(meter.totals().volume(), Microlitres::new(2_011_111));
}

#[test]
fn impossible_flow_stops_at_the_limit() {
    let mut config = Config::new(KFactor::new(1, Microlitres::new(4_294_967_295)).unwrap());
    config.window = MillisDurationU32::from_ticks(0);
    let mut meter = FlowMeter::new(config, Totals::default(), at(0));
    meter.update(1, at(0));
    meter.update(u32::MAX, at(0));
    assert_eq!(flow(&meter), None);
    meter.update(u32::MAX, at(1));
    assert_eq!(flow(&meter), Some(i32::MAX));
}

#[cfg(feature = "serde")]
#[test]
fn totals_and_factor_survive_json() {
    let mut meter = yf_s201();
    meter.update(1, at(1));
    let text = serde_json::to_string(meter.totals()).unwrap();
    assert_eq!(
        text,
        r#"{"pulses":1,"microlitres":2222,"remainder":100,"parts":450}"#
    );
    assert_eq!(serde_json::from_str::<Totals>(&text).unwrap(), *meter.totals());
    let text = serde_json::to_string(&KFactor::YF_S201).unwrap();
    assert_eq!(text, r#"{"pulses":450,"microlitres":1000000}"#);
    assert_eq!(serde_json::from_str::<KFactor>(&text).unwrap(), KFactor::YF_S201);
}

#[cfg(feature = "serde")]
#[test]
fn impossible_json_is_refused() {
    let whole = r#"{"pulses":1,"microlitres":2222,"remainder":450,"parts":450}"#;
    assert!(serde_json::from_str::<Totals>(whole).is_err());
    let negative = r#"{"pulses":1,"microlitres":-1,"remainder":0,"parts":450}"#;
    assert!(serde_json::from_str::<Totals>(negative).is_err());
    assert!(serde_json::from_str::<KFactor>(r#"{"pulses":0,"microlitres":1}"#).is_err());
}
