//! Against a simulated turbine.

use flow_meter::quantity::{Microlitres, MicrolitresPerMinute};
use flow_meter::{Calibration, Counter, EdgeInstant, Edges, FlowMeter, Instant, KFactor, Totals};
use sim::{Clock, PulseSource};

const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MILLISECOND;

fn now(clock: &Clock) -> Instant {
    Instant::from_ticks(clock.now() / MILLISECOND)
}

fn new_meter(clock: &Clock, k: KFactor) -> FlowMeter {
    FlowMeter::new(k, Totals::default(), now(clock))
}

#[test]
fn wrapping_counter_over_an_hour_gives_flow_and_total() {
    let clock = Clock::new();
    let source = PulseSource::new(&clock, 450);
    let mut counter = Counter::new(8, source.register(8)).unwrap();
    let mut meter = new_meter(&clock, KFactor::YF_S201);
    source.set_flow(20_000_000); // 150 Hz wraps 8 bits every 1.7 s
    for _ in 0..3_600 {
        clock.advance(SECOND);
        let pulses = counter.advance(source.register(8)).unwrap();
        meter.update(pulses, now(&clock));
    }
    assert_eq!(meter.flow().map(MicrolitresPerMinute::get), Some(20_000_000));
    assert_eq!(meter.totals().volume(), Microlitres::new(1_200_000_000));
}

#[test]
fn flow_from_a_counter_is_right_from_1_to_30_litres_per_minute() {
    for litres in 1..=30 {
        let clock = Clock::new();
        let source = PulseSource::new(&clock, 450);
        let mut counter = Counter::new(16, 0).unwrap();
        let mut meter = new_meter(&clock, KFactor::YF_S201);
        source.set_flow(litres * 1_000_000);
        for _ in 0..10 {
            clock.advance(SECOND);
            meter.update(counter.advance(source.register(16)).unwrap(), now(&clock));
        }
        // A pulse more or less in 2 s is 66.7 mL/min.
        let flow = meter
            .flow()
            .map(|flow| flow.get().abs_diff(litres.cast_signed() * 1_000_000));
        assert!(
            flow.is_some_and(|error| error <= 66_667),
            "{litres} L/min: {flow:?}"
        );
    }
}

/// Runs a meter on edges for `seconds` seconds, looking at it ten times per second.
fn run_on_edges(clock: &Clock, source: &PulseSource, meter: &mut FlowMeter, edges: &mut Edges, seconds: u64) {
    for _ in 0..seconds * 10 {
        clock.advance(SECOND / 10);
        for edge in source.take_edges() {
            let at = EdgeInstant::from_ticks(edge / 1_000);
            let pulses = edges.pulses(at);
            if pulses > 0 {
                meter.update(pulses, Instant::from_ticks(at.as_ticks() / 1_000));
            }
        }
        meter.update(0, now(clock));
    }
}

#[test]
fn bouncing_edges_give_the_flow_to_a_part_in_a_thousand() {
    for microlitres_per_minute in [300_000, 1_000_000, 7_777_777, 30_000_000] {
        let clock = Clock::new();
        let source = PulseSource::new(&clock, 450);
        source.set_bounce(1, 4, 900_000);
        let mut meter = new_meter(&clock, KFactor::YF_S201);
        source.set_flow(microlitres_per_minute);
        run_on_edges(&clock, &source, &mut meter, &mut Edges::default(), 10);
        assert_eq!(meter.totals().pulses(), source.pulses());
        let flow = meter.flow().unwrap().get().cast_unsigned();
        let error = flow.abs_diff(microlitres_per_minute);
        assert!(
            error <= microlitres_per_minute / 1_000,
            "{flow} for {microlitres_per_minute}"
        );
    }
}

#[test]
fn bounces_count_without_dead_time() {
    let clock = Clock::new();
    let source = PulseSource::new(&clock, 450);
    source.set_bounce(1, 4, 900_000);
    let mut meter = new_meter(&clock, KFactor::YF_S201);
    source.set_flow(1_000_000);
    let mut edges = Edges::new(flow_meter::fugit::MicrosDurationU32::from_ticks(0));
    run_on_edges(&clock, &source, &mut meter, &mut edges, 10);
    assert!(meter.totals().pulses() > 2 * source.pulses());
}

#[test]
fn jammed_turbine_stands_still_after_2_s() {
    let clock = Clock::new();
    let source = PulseSource::new(&clock, 450);
    let (mut meter, mut edges) = (new_meter(&clock, KFactor::YF_S201), Edges::default());
    source.set_flow(5_000_000);
    run_on_edges(&clock, &source, &mut meter, &mut edges, 10);
    assert!(meter.flow().is_some_and(|flow| flow.get() > 4_900_000));
    source.set_jammed(true);
    run_on_edges(&clock, &source, &mut meter, &mut edges, 1);
    assert!(
        meter
            .flow()
            .is_some_and(|flow| (1..=200_000).contains(&flow.get()))
    );
    run_on_edges(&clock, &source, &mut meter, &mut edges, 2);
    assert_eq!(meter.flow().map(MicrolitresPerMinute::get), Some(0));
}

#[test]
fn bucket_finds_the_factor_of_a_meter_that_is_off() {
    let clock = Clock::new();
    let source = PulseSource::new(&clock, 431);
    let mut meter = new_meter(&clock, KFactor::YF_S201);
    let mut counter = Counter::new(32, 0).unwrap();
    let mut calibration = Calibration::new();
    source.set_flow(10_000_000);
    for _ in 0..3 {
        let before = meter.totals().pulses();
        clock.advance(60 * SECOND); // 10 L
        meter.update(counter.advance(source.register(32)).unwrap(), now(&clock));
        let pulses = u32::try_from(meter.totals().pulses() - before).unwrap();
        calibration.add(pulses, Microlitres::new(10_000_000)).unwrap();
    }
    assert_eq!(calibration.k_factor().unwrap().millipulses_per_litre(), 431_000);
}
