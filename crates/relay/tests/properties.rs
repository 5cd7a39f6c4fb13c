//! The invariants of the crate page, over random histories.

mod histories;

use proptest::collection::vec;
use proptest::prelude::*;

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
    fn interlocked_relays_keep_their_limits_in_any_history(bytes in vec(any::<u8>(), 48..160)) {
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
