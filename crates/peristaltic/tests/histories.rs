//! 100,000 random histories against an oracle that only sees what came out of the tips.
//!
//! A longer run: `cargo run --release -p cress-peristaltic --example histories -- 10000000`.

mod world;

use world::run;

/// Every kind of event must have happened, or the histories prove nothing.
fn keeps_every_promise(seeds: std::ops::Range<u64>) {
    let tally = run(seeds, 60, false);
    assert!(tally.doses > 50_000, "{tally:?}");
    assert!(tally.hour_caps > 1_000 && tally.day_caps > 1_000, "{tally:?}");
    assert!(tally.repeated > 1_000 && tally.refused > 50_000, "{tally:?}");
    assert!(
        tally.interrupted > 1_000 && tally.faults > 1_000 && tally.crashes > 1_000,
        "{tally:?}"
    );
}

#[test]
fn first_half_of_the_histories_keeps_every_promise() {
    keeps_every_promise(0..50_000);
}

#[test]
fn second_half_of_the_histories_keeps_every_promise() {
    keeps_every_promise(50_000..100_000);
}

#[test]
fn pump_that_starts_before_its_record_is_stored_is_found_out() {
    let result = std::panic::catch_unwind(|| run(0..1_000, 60, true));
    assert!(result.is_err());
}
