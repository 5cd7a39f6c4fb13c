//! Blocked and leaking; times are milliseconds.

use flow_meter::fugit::MillisDurationU32;
use flow_meter::quantity::{Microlitres, MicrolitresPerMinute};
use flow_meter::{Expected, FlowMeter, Instant, KFactor, Limits, Status, Totals, Watch};

/// A meter with 1000 pulses per litre, and its watch.
struct Rig {
    meter: FlowMeter,
    watch: Watch,
}

fn at(milliseconds: u64) -> Instant {
    Instant::from_ticks(milliseconds)
}

impl Rig {
    fn new() -> Self {
        let limits = Limits {
            least_flow: MicrolitresPerMinute::new(600_000), // 10 pulses/s
            blocked_after: MillisDurationU32::from_ticks(5_000),
            settle: MillisDurationU32::from_ticks(3_000),
            leak: Microlitres::new(10_000), // 10 pulses
        };
        let k = KFactor::per_litre(1_000).expect("some pulses");
        Self {
            meter: FlowMeter::new(k, Totals::default(), at(0)),
            watch: Watch::new(limits, at(0)),
        }
    }

    fn expecting(expected: Expected) -> Self {
        let mut rig = Self::new();
        rig.watch.expect(expected, at(0));
        rig
    }

    fn update(&mut self, pulses: u32, now: u64) -> Status {
        self.meter.update(pulses, at(now));
        self.watch.check(&self.meter, at(now))
    }
}

#[test]
fn pump_without_flow_is_blocked_after_its_time() {
    let mut rig = Rig::expecting(Expected::Flow);
    assert_eq!(rig.update(0, 4_999), Status::Waiting);
    assert_eq!(rig.update(0, 5_000), Status::Blocked);
}

#[test]
fn flow_that_comes_in_time_is_good() {
    let mut rig = Rig::expecting(Expected::Flow);
    assert_eq!(rig.update(10, 2_000), Status::Waiting);
    assert_eq!(rig.update(10, 3_000), Status::Waiting);
    assert_eq!(rig.update(10, 4_000), Status::Good);
    assert_eq!(rig.update(10, 5_000), Status::Good);
}

#[test]
fn too_little_flow_is_blocked() {
    let mut rig = Rig::expecting(Expected::Flow);
    let statuses: Vec<_> = (1..=5).map(|second| rig.update(9, second * 1_000)).collect();
    let waiting = Status::Waiting;
    assert_eq!(statuses, [waiting, waiting, waiting, waiting, Status::Blocked]);
}

#[test]
fn flow_that_stops_is_blocked_after_its_time() {
    let mut rig = Rig::expecting(Expected::Flow);
    for second in 1..=4 {
        rig.update(10, second * 1_000);
    }
    assert_eq!(rig.update(0, 5_000), Status::Waiting);
    // The last good flow was seen at 4 s.
    assert_eq!(rig.update(0, 8_999), Status::Waiting);
    assert_eq!(rig.update(0, 9_000), Status::Blocked);
}

#[test]
fn blocked_ends_when_water_flows() {
    let mut rig = Rig::expecting(Expected::Flow);
    assert_eq!(rig.update(0, 60_000), Status::Blocked);
    assert_eq!(rig.update(10, 61_000), Status::Blocked);
    assert_eq!(rig.update(20, 63_000), Status::Good);
}

#[test]
fn water_may_run_on_while_it_settles() {
    let mut rig = Rig::new();
    assert_eq!(rig.update(500, 2_999), Status::Waiting);
    assert_eq!(rig.update(500, 3_000), Status::Good);
}

#[test]
fn water_after_settling_leaks() {
    let mut rig = Rig::new();
    rig.update(500, 3_000);
    assert_eq!(rig.update(9, 4_000), Status::Good);
    assert_eq!(rig.update(1, 900_000), Status::Leaking(Microlitres::new(10_000)));
    assert_eq!(rig.update(0, 990_000), Status::Leaking(Microlitres::new(10_000)));
    assert_eq!(rig.update(5, 991_000), Status::Leaking(Microlitres::new(15_000)));
}

#[test]
fn leak_is_forgotten_when_the_pump_starts() {
    let mut rig = Rig::new();
    rig.update(0, 3_000);
    assert_eq!(rig.update(10, 4_000), Status::Leaking(Microlitres::new(10_000)));
    rig.watch.expect(Expected::Flow, at(4_000));
    assert_eq!(rig.update(10, 5_000), Status::Waiting);
    rig.watch.expect(Expected::Standstill, at(6_000));
    assert_eq!(rig.update(10, 8_999), Status::Waiting);
    assert_eq!(rig.update(0, 9_000), Status::Good);
}

#[test]
fn same_expectation_again_does_not_start_the_time_again() {
    let mut rig = Rig::expecting(Expected::Flow);
    rig.watch.expect(Expected::Flow, at(4_000));
    assert_eq!(rig.update(0, 5_000), Status::Blocked);
}

#[test]
fn no_leak_is_reported_without_water_even_if_none_is_allowed() {
    let mut rig = Rig::new();
    let limits = Limits {
        least_flow: MicrolitresPerMinute::new(1),
        blocked_after: MillisDurationU32::from_ticks(1),
        settle: MillisDurationU32::from_ticks(0),
        leak: Microlitres::new(0),
    };
    rig.watch = Watch::new(limits, at(0));
    assert_eq!(rig.update(0, 1), Status::Good);
    assert_eq!(rig.update(1, 2), Status::Leaking(Microlitres::new(1_000)));
}
