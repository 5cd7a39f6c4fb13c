//! What holds for every input.

use flow_meter::fugit::{MicrosDurationU32, MillisDurationU32};
use flow_meter::quantity::Microlitres;
use flow_meter::{Config, Counter, EdgeInstant, Edges, FlowMeter, Instant, KFactor, Totals};
use proptest::prelude::*;

fn factor() -> impl Strategy<Value = KFactor> {
    let pulses = prop_oneof![1..=u32::MAX, 1..10_000_u32];
    let volume = prop_oneof![1..=i64::from(u32::MAX), Just(1_000_000)];
    (pulses, volume).prop_map(|(pulses, volume)| {
        KFactor::new(pulses, Microlitres::new(volume)).expect("within the limits")
    })
}

proptest! {
    #[test]
    fn total_is_exact_however_the_pulses_come(k in factor(), steps in prop::collection::vec(0..=u32::MAX, 0..50)) {
        let mut meter = FlowMeter::new(k, Totals::default(), Instant::from_ticks(0));
        let mut pulses = 0_u128;
        for (time, &step) in (0_u64..).zip(&steps) {
            meter.update(step, Instant::from_ticks(time));
            pulses += u128::from(step);
        }
        let volume = pulses * u128::from(k.microlitres().get()) / u128::from(k.pulses().get());
        let limit = u128::from(i64::MAX.cast_unsigned());
        prop_assert_eq!(u128::try_from(meter.totals().volume().get()), Ok(volume.min(limit)));
        prop_assert_eq!(u128::from(meter.totals().pulses()), pulses);
    }

    #[test]
    fn nothing_panics_and_flow_is_never_negative(
        k in factor(),
        window: u32,
        silence: u32,
        updates in prop::collection::vec((any::<u32>(), any::<u64>()), 0..50),
    ) {
        let config = Config {
            k,
            window: MillisDurationU32::from_ticks(window),
            silence: MillisDurationU32::from_ticks(silence),
        };
        let mut meter = FlowMeter::new(config, Totals::default(), Instant::from_ticks(0));
        for (pulses, now) in updates {
            meter.update(pulses, Instant::from_ticks(now));
            prop_assert!(meter.flow().is_none_or(|flow| flow.get() >= 0));
        }
    }

    #[test]
    fn any_bytes_are_totals_that_come_back_or_an_error(bytes: [u8; 24]) {
        if let Ok(totals) = Totals::from_bytes(bytes) {
            prop_assert_eq!(totals.to_bytes(), bytes);
        }
    }

    #[test]
    fn counter_adds_up_to_what_was_counted(bits in 1..=32_u8, steps in prop::collection::vec(any::<u32>(), 0..50)) {
        let mask = u32::MAX >> (32 - bits);
        let mut counter = Counter::new(bits, 0).expect("a good width");
        let mut register = 0_u32;
        for step in steps.into_iter().map(|step| step & mask) {
            register = register.wrapping_add(step) & mask;
            prop_assert_eq!(counter.advance(register), Ok(step));
        }
    }

    #[test]
    fn counted_edges_are_the_dead_time_apart(dead_time: u32, times in prop::collection::vec(any::<u64>(), 0..50)) {
        let mut edges = Edges::new(MicrosDurationU32::from_ticks(dead_time));
        let counted: Vec<u64> = times
            .into_iter()
            .filter(|&time| edges.pulses(EdgeInstant::from_ticks(time)) == 1)
            .collect();
        for pair in counted.windows(2) {
            prop_assert!(pair[1] - pair[0] >= u64::from(dead_time));
        }
    }
}

/// 120 days of a YF-S201 at 225 Hz, stored and restored every day: 450 pulses are a litre and nothing is left over.
#[test]
fn season_adds_up_to_the_microlitre() {
    let mut totals = Totals::default();
    for _ in 0..120 {
        let restored = Totals::from_bytes(totals.to_bytes()).expect("just made");
        let mut meter = FlowMeter::new(KFactor::YF_S201, restored, Instant::from_ticks(0));
        for second in 1..=86_400 {
            meter.update(225, Instant::from_ticks(second * 1_000));
        }
        totals = *meter.totals();
    }
    assert_eq!(totals.pulses(), 2_332_800_000);
    assert_eq!(totals.volume(), Microlitres::new(5_184_000_000_000));
}

/// 391 pulses per litre divide nothing evenly: 2557.54 µL each, and 225 of them every second.
#[test]
fn season_of_an_uneven_factor_loses_nothing() {
    let k = KFactor::per_litre(391).expect("some pulses");
    let mut meter = FlowMeter::new(k, Totals::default(), Instant::from_ticks(0));
    for second in 1..=1_000_000 {
        meter.update(225, Instant::from_ticks(second * 1_000));
    }
    // 225 000 000 ÷ 391 L
    assert_eq!(meter.totals().volume(), Microlitres::new(575_447_570_332));
}
