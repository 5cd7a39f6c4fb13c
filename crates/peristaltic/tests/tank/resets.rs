use crate::support::*;
use fugit::SecsDurationU32;
use peristaltic::{BadSetup, Dose, Drive, End, Fault, Refused, Request, Rules, Tank};

fn reset(tank: &Tank<1>) -> Tank<1> {
    Tank::restore([pump()], RULES, *tank.record(), at(0)).unwrap()
}

#[test]
fn dose_counts_in_full_before_it_runs() {
    let mut tank = tank([pump()]);
    let ticket = tank.prepare(at(0), volume(5_000).with_id(7)).unwrap();
    assert_eq!(tank.drive(0), Drive::Stop);
    let mut after = reset(&tank);
    let outcome = after.tick(at(0)).outcome.unwrap();
    assert_eq!((outcome.end, outcome.request.id), (End::Interrupted, Some(7)));
    // A call may be 100 ms late.
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(0), ul(5_120))
    );
    assert_eq!(after.status(0).unwrap().left_of_hour, ul(19_880));
    let _started = tank.start(at(0), ticket.stored());
}

#[test]
fn interrupted_dose_is_not_resumed() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(5_000).with_id(7)).unwrap();
    let mut after = reset(&tank);
    for now in [0, 60_000, 120_000, 180_000] {
        after.tick(at(now));
        assert_eq!(after.drive(0), Drive::Stop);
    }
    assert_eq!(
        begin(&mut after, 180_000, volume(5_000).with_id(7)),
        Err(Refused::Repeated)
    );
}

#[test]
fn record_stored_meanwhile_raises_the_lower_bound() {
    let mut tank = tank([pump()]);
    begin(&mut tank, 0, volume(5_000)).unwrap();
    tank.tick(at(100));
    tank.tick(at(200));
    let outcome = reset(&tank).tick(at(0)).outcome.unwrap();
    assert_eq!(
        (outcome.delivered.least(), outcome.delivered.most()),
        (ul(240), ul(5_120))
    );
}

#[test]
fn caps_interval_and_mixing_survive() {
    let mut tank = tank([pump()]);
    let (end, _) = dose(&mut tank, 0, volume(10_000));
    idle(&mut tank, end, end + 20_000);
    let mut after = reset(&tank);
    assert_eq!(after.tick(at(0)).outcome, None);
    assert_eq!(after.mixing(), ms(40_000));
    assert_eq!(after.status(0).unwrap().left_of_hour, ul(15_000));
    assert_eq!(after.status(0).unwrap().interval, ms(100_000));
}

#[test]
fn time_that_the_device_was_off_counts_once_if_it_is_known() {
    let mut first = tank([pump()]);
    assert!(
        !first.was_off_for(SecsDurationU32::from_ticks(1)),
        "it was never off"
    );
    dose(&mut first, 0, volume(10_000));
    let mut after = reset(&first);
    assert!(after.was_off_for(SecsDurationU32::from_ticks(30)));
    assert_eq!(after.mixing(), ms(30_000));
    assert!(!after.was_off_for(SecsDurationU32::from_ticks(30)));
    assert_eq!(after.mixing(), ms(30_000));
}

#[test]
fn fault_survives() {
    let mut tank = tank([pump()]);
    tank.bottle_empty(at(0), 0);
    let mut after = reset(&tank);
    assert_eq!(
        begin(&mut after, 0, volume(5_000)),
        Err(Refused::Fault(Fault::Empty))
    );
}

#[test]
fn third_interruption_in_a_row_is_a_fault() {
    let mut tank = tank([pump()]);
    for round in 0..3 {
        assert_eq!(tank.status(0).unwrap().fault, None, "{round}");
        begin(&mut tank, 0, Request::new(0, Dose::Prime(ms(100)))).unwrap();
        tank = reset(&tank);
        tank.tick(at(0));
    }
    assert_eq!(tank.status(0).unwrap().fault, Some(Fault::Interrupted));
}

#[test]
fn dose_that_is_taken_back_does_not_count() {
    let mut tank = tank([pump()]);
    let before = tank.status(0);
    let ticket = tank.prepare(at(0), volume(5_000).with_id(7)).unwrap();
    tank.cancel(at(10));
    assert_eq!(tank.status(0), before);
    assert_eq!(tank.start(at(20), ticket.stored()), Err(Refused::Stale));
    assert_eq!(begin(&mut tank, 20, volume(5_000).with_id(7)), Ok(()));
}

#[test]
fn ticket_is_good_for_ten_seconds() {
    let mut tank = tank([pump()]);
    let ticket = tank.prepare(at(0), volume(5_000)).unwrap();
    assert_eq!(tank.start(at(10_000), ticket.stored()), Err(Refused::Stale));
    let ticket = tank.prepare(at(10_000), volume(5_000)).unwrap();
    assert_eq!(tank.start(at(19_999), ticket.stored()), Ok(()));
}

#[test]
fn ticket_of_an_earlier_dose_starts_nothing() {
    let mut tank = tank([pump()]);
    let old = tank.prepare(at(0), volume(5_000)).unwrap();
    tank.cancel(at(0));
    let new = tank.prepare(at(0), volume(1_000)).unwrap();
    assert_eq!(tank.start(at(0), old.stored()), Err(Refused::Stale));
    assert_eq!(tank.start(at(0), new.stored()), Ok(()));
}

#[test]
fn record_that_was_lost_assumes_the_worst() {
    let mut tank = Tank::record_lost([pump()], RULES, at(0)).unwrap();
    assert_eq!(
        begin(&mut tank, 0, volume(1_200)),
        Err(Refused::Fault(Fault::RecordLost))
    );
    tank.acknowledge(0).unwrap();
    idle(&mut tank, 0, 10 * MINUTE);
    assert_eq!(
        begin(&mut tank, 10 * MINUTE, volume(1_200)),
        Err(Refused::HourCap(ul(0)))
    );
    idle(&mut tank, 10 * MINUTE, 65 * MINUTE);
    assert_eq!(
        begin(&mut tank, 65 * MINUTE, volume(1_200)),
        Err(Refused::DayCap(ul(0)))
    );
    idle(&mut tank, 65 * MINUTE, 25 * HOUR);
    assert_eq!(begin(&mut tank, 25 * HOUR, volume(1_200)), Ok(()));
    assert_eq!(tank.status(0).unwrap().total.most(), ul(0));
}

#[test]
fn record_is_to_be_stored_after_a_dose_and_every_quarter_of_an_hour() {
    let mut tank = tank([pump()]);
    let saved = |tank: &mut Tank<1>| tank.saved(tank.record().sequence());
    assert!(tank.tick(at(0)).store, "a first record");
    saved(&mut tank);
    let (end, _) = dose(&mut tank, 0, volume(1_200));
    assert!(tank.tick(at(end)).store);
    tank.saved(tank.record().sequence().wrapping_sub(1));
    assert!(tank.tick(at(end)).store, "an older one was stored");
    saved(&mut tank);
    assert!(!tank.tick(at(end)).store);
    idle(&mut tank, end, end + 15 * MINUTE - 1);
    assert!(!tank.tick(at(end + 15 * MINUTE - 1)).store);
    assert!(tank.tick(at(end + 15 * MINUTE)).store);
}

#[test]
fn gap_shorter_than_the_time_between_calls_is_refused() {
    let rules = |longest_gap, lateness| Rules {
        longest_gap: ms(longest_gap),
        lateness: ms(lateness),
        ..RULES
    };
    for (gap, lateness, expected) in [
        (199, 0, Err(BadSetup::LongestGap)),
        (200, 100, Ok(())),
        (1_099, 1_000, Err(BadSetup::LongestGap)),
        (1_100, 1_000, Ok(())),
    ] {
        let made = Tank::first_start([pump()], rules(gap, lateness), at(0));
        assert_eq!(made.map(|_| ()), expected, "{gap} {lateness}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn record_and_calibration_go_through_text_and_back() {
    let mut tank = tank([pump(), pump()]);
    begin(&mut tank, 0, volume(5_000).with_id(7)).unwrap();
    let text = serde_json::to_string(tank.record()).unwrap();
    let record: peristaltic::Record<2> = serde_json::from_str(&text).unwrap();
    assert_eq!(&record, tank.record());
    let text = serde_json::to_string(&calibration()).unwrap();
    let back: peristaltic::Calibration = serde_json::from_str(&text).unwrap();
    assert_eq!(back, calibration());
    let falling = text
        .replace("[60000,72000]", "[60000,72000],[50000,1]")
        .replace(",[0,0]]", "]");
    assert!(serde_json::from_str::<peristaltic::Calibration>(&falling).is_err());
}

#[test]
fn dose_that_ends_well_forgives_the_interruptions_before_it() {
    let mut tank = tank([pump()]);
    let prime = Request::new(0, Dose::Prime(ms(100)));
    for _ in 0..2 {
        for _ in 0..2 {
            begin(&mut tank, 0, prime).unwrap();
            tank = reset(&tank);
            tank.tick(at(0));
        }
        dose(&mut tank, 0, prime);
        tank = reset(&tank);
    }
    assert_eq!(tank.status(0).unwrap().fault, None);
}

#[cfg(feature = "serde")]
#[test]
fn record_from_the_future_does_not_lock_the_pump_for_ever() {
    let mut tank = tank([pump()]);
    dose(&mut tank, 0, volume(1_200));
    let text = serde_json::to_string(tank.record()).unwrap();
    assert!(
        text.contains(r#""ended":1000"#) && text.contains(r#""mixed_from":1000"#),
        "{text}"
    );
    let text = text
        .replace(r#""ended":1000"#, r#""ended":99999999999"#)
        .replace(r#""mixed_from":1000"#, r#""mixed_from":99999999999"#);
    let record = serde_json::from_str(&text).unwrap();
    let mut after = Tank::restore([pump()], RULES, record, at(0)).unwrap();
    assert_eq!(
        (after.mixing(), after.status(0).unwrap().interval),
        (ms(60_000), ms(120_000))
    );
    idle(&mut after, 0, 120_000);
    assert_eq!(begin(&mut after, 120_000, volume(1_200)), Ok(()));
}
