//! The invariants of the crate page, over random histories.

mod histories;

use proptest::collection::vec;
use proptest::prelude::*;
use relay::fugit::MillisDurationU32;
use relay::{Command, Config, Duty, Guard, Instant, Interlock, Level, MaxOn, Permille, State};

/// Any number, and often one at a limit.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(1), Just(u32::MAX), any::<u32>(), 0..5_000_u32]
}

fn duration() -> impl Strategy<Value = MillisDurationU32> {
    number().prop_map(MillisDurationU32::from_ticks)
}

fn instant() -> impl Strategy<Value = Instant> {
    prop_oneof![Just(0), Just(u64::MAX), any::<u64>(), 0..100_000_u64].prop_map(Instant::from_ticks)
}

fn config() -> impl Strategy<Value = Config> {
    let limits = (duration(), duration(), any::<Option<bool>>(), any::<bool>());
    (vec(duration(), 9), limits, any::<bool>()).prop_map(
        |(times, (time, other, latch, duty), write_ahead)| {
            let mut times = times.into_iter();
            let mut next = || times.next().unwrap_or(time);
            let mut config = Config::new();
            config.min_on = next();
            config.min_off = next();
            config.on_delay = next();
            config.off_delay = next();
            config.period = next();
            config.patience = next();
            config.max_on = latch.map(|latch| MaxOn {
                time,
                cool_down: other,
                latch,
            });
            config.duty = duty.then(|| Duty {
                on: next(),
                window: next(),
            });
            config.write_ahead = write_ahead;
            config
        },
    )
}

fn command() -> impl Strategy<Value = Command> {
    let share = (0..=1_000_u16).prop_filter_map("above 1000", Permille::new);
    prop_oneof![
        Just(Command::Off),
        Just(Command::On),
        Just(Command::Toggle),
        duration().prop_map(Command::Pulse),
        share.prop_map(Command::Proportional),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_configuration_and_no_time_panics(
        config in config(),
        steps in vec((command(), instant(), any::<bool>()), 1..20),
        start in instant(),
        known in any::<bool>(),
    ) {
        let state = known.then(State::unused);
        let Ok(mut guard) = Guard::new(config, state, start) else {
            return Ok(());
        };
        let dead = MillisDurationU32::from_ticks(1);
        let mut group = Interlock::new([config; 3], [state; 3], dead, start).unwrap();
        for (index, (command, now, store)) in steps.into_iter().enumerate() {
            let fault = guard.fault();
            let refused = guard.command(command, now).is_err();
            prop_assert!(!refused || guard.fault().is_some() || config.period.as_ticks() == 0 || fault.is_some());
            prop_assert!(guard.update(now).deadline.is_none_or(|deadline| deadline >= now));
            let in_group = group.command(index % 3, command, now).is_ok();
            let on = group.update(now).iter().filter(|update| update.level == Level::On).count();
            prop_assert!(on <= 1, "{on} on, {in_group}");
            if store {
                let (one, all) = (guard.record(), group.record());
                guard.stored(&one);
                group.stored(&all);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_relay_keeps_its_limits_in_any_history(bytes in vec(any::<u8>(), 24..120)) {
        histories::relay(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn interlocked_relays_keep_their_limits_in_any_history(bytes in vec(any::<u8>(), 48..128)) {
        histories::group(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn latching_relay_keeps_its_limits_in_any_history(bytes in vec(any::<u8>(), 24..120)) {
        histories::latching(&bytes);
    }
}
