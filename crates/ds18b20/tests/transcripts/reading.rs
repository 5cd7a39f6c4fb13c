//! Readings, and whether the device is there.

use crate::*;

#[test]
fn reading_is_in_sixteenths_of_a_degree() {
    assert_eq!(
        play(&EXTERNAL, &reading(WARM), &[Do::Read]).last(),
        Ok(Got::Sixteenths(401))
    );
}

#[test]
fn corrupt_reading_is_repeated_and_counted() {
    let script = script(&[&reading(WARM_WRONG_CRC), &reading(WARM)]);
    let after = play(&EXTERNAL, &script, &[Do::Read]);
    assert_eq!(after.last(), Ok(Got::Sixteenths(401)));
    assert_eq!((counters(&after).corrupt, counters(&after).retries), (1, 1));
}

#[test]
fn corrupt_reading_is_repeated_three_times_and_no_more() {
    let after = play(&EXTERNAL, &reading(WARM_WRONG_CRC).repeat(4), &[Do::Read]);
    assert_eq!(after.last(), device(Fault::Crc));
    assert_eq!((counters(&after).corrupt, counters(&after).retries), (4, 3));
}

#[test]
fn counters_go_on_until_they_are_reset() {
    let mut bus = bus::Bus::new(&script(&[&reading(WARM_WRONG_CRC), &reading(WARM)]).repeat(2));
    let mut sensor = EXTERNAL.make::<ds18b20::mode::Blocking>().remove(0);
    sensor.read(&mut bus).unwrap();
    sensor.read(&mut bus).unwrap();
    assert_eq!((sensor.counters().corrupt, sensor.counters().retries), (2, 2));
    sensor.reset_counters();
    assert_eq!(sensor.counters(), Counters::default());
}

#[test]
fn retries_can_be_switched_off() {
    let once = One {
        supply: Supply::External,
        retries: 0,
    };
    let after = play(&once, &reading(WARM_WRONG_CRC), &[Do::Read]);
    assert_eq!(after.last(), device(Fault::Crc));
    assert_eq!((counters(&after).corrupt, counters(&after).retries), (1, 0));
}

#[test]
fn device_that_is_not_there_is_absent_not_corrupt() {
    let after = play(&EXTERNAL, &reading(NOBODY).repeat(4), &[Do::Read]);
    assert_eq!(after.last(), device(Fault::Absent));
    assert_eq!((counters(&after).absent, counters(&after).corrupt), (4, 0));
}

#[test]
fn empty_wire_is_told_from_a_missing_device() {
    let after = play(&EXTERNAL, &[ResetFails(Wire::NoPresence); 4], &[Do::Read]);
    assert_eq!(after.last(), wire(Wire::NoPresence));
    assert_eq!(counters(&after).absent, 4);
}

#[test]
fn shorted_wire_is_reported_as_such() {
    let after = play(&EXTERNAL, &[ResetFails(Wire::StuckLow); 4], &[Do::Read]);
    assert_eq!(after.last(), wire(Wire::StuckLow));
    assert_eq!(counters(&after).shorted, 4);
}

#[test]
fn wire_shorted_while_reading_is_not_zero_degrees() {
    let after = play(&EXTERNAL, &reading(SHORTED).repeat(4), &[Do::Read]);
    assert_eq!(after.last(), device(Fault::AllZeros));
    assert_eq!((counters(&after).shorted, counters(&after).corrupt), (4, 0));
}

#[test]
fn device_that_comes_back_is_read() {
    let script = script(&[
        &[ResetFails(Wire::NoPresence)],
        &reading(NOBODY),
        &reading(SHORTED),
        &reading(WARM),
    ]);
    let after = play(&EXTERNAL, &script, &[Do::Read]);
    assert_eq!(after.last(), Ok(Got::Sixteenths(401)));
    assert_eq!(
        (
            counters(&after).absent,
            counters(&after).shorted,
            counters(&after).retries
        ),
        (2, 1, 3)
    );
}

#[test]
fn broken_bus_is_reported_at_once() {
    let after = play(&EXTERNAL, &[Reset, Breaks], &[Do::Read]);
    assert_eq!(after.last(), BROKEN);
    assert_eq!(counters(&after), Counters::default());
}

#[test]
fn power_on_value_is_reported_at_once_and_counted() {
    let after = play(&EXTERNAL, &reading(POWER_ON), &[Do::Read]);
    assert_eq!(after.last(), device(Fault::PowerOn));
    assert_eq!((counters(&after).implausible, counters(&after).retries), (1, 0));
}

#[test]
fn device_that_has_become_finer_behind_our_back_is_given_its_time_again() {
    let script = script(&[
        &reading(WARM_9),
        &reading(WARM),
        &converting(BUSY),
        &[Wait(750_000)],
        &reading(WARM),
    ]);
    let after = play(&EXTERNAL, &script, &[Do::Read, Do::Read, Do::Measure]);
    assert_eq!(
        after.outcomes,
        [
            Ok(Got::Sixteenths(400)),
            device(Fault::ResolutionChanged { actual: Bits12 }),
            Ok(Got::Sixteenths(401)),
        ]
    );
}

#[test]
fn resolution_is_learnt_from_every_reading() {
    for (scratchpad, resolution) in [
        (WARM_9, Bits9),
        (WARM_10, Bits10),
        (WARM_11, Bits11),
        (WARM, Bits12),
    ] {
        assert_eq!(
            play(&EXTERNAL, &reading(scratchpad), &[Do::Read]).resolutions,
            [resolution]
        );
    }
}

#[test]
fn ds18s20_is_read_with_its_remainder_after_750_ms() {
    // −0.5 °C.
    const COLD: &[u8] = &[0xFF, 0xFF, 0x4B, 0x46, 0xFF, 0xFF, 0x04, 0x10, 0xBC];
    let address = [Reset, Write(&[0xCC])];
    let script = script(&[
        &address,
        &[Write(&[0x44]), Read(BUSY), Wait(750_000)],
        &address,
        &[Write(&[0xBE]), Read(COLD)],
    ]);
    assert_eq!(
        play(&SingleDrop(Family::Ds18s20), &script, &[Do::Measure]).last(),
        Ok(Got::Sixteenths(-8))
    );
}

/// Read Power Supply, once for each of these answers.
fn asking(answers: &[bool]) -> Vec<Act> {
    let ask = |answer| [Reset, Write(MATCH), Write(&[0xB4]), ReadBit(answer)];
    answers.iter().copied().flat_map(ask).collect()
}

#[test]
fn zero_after_read_power_supply_is_parasite_power() {
    let after = play(&EXTERNAL, &asking(&[false; 3]), &[Do::ReadSupply]);
    assert_eq!(after.last(), Ok(Got::Supply(Supply::Parasite)));
    assert_eq!(after.supplies, [Supply::Parasite]);
}

#[test]
fn one_after_read_power_supply_is_a_supply_of_its_own() {
    let after = play(&PARASITE, &asking(&[true; 3]), &[Do::ReadSupply]);
    assert_eq!(after.last(), Ok(Got::Supply(Supply::External)));
    assert_eq!(after.supplies, [Supply::External]);
}

#[test]
fn answers_about_the_supply_that_differ_are_not_believed() {
    let answers = [true, false, true, false, false, false];
    let after = play(&EXTERNAL, &asking(&answers), &[Do::ReadSupply]);
    assert_eq!(after.last(), Ok(Got::Supply(Supply::Parasite)));
    assert_eq!((counters(&after).corrupt, counters(&after).retries), (1, 1));
}

#[test]
fn supply_that_stays_unclear_is_a_fault_and_the_supply_as_it_was() {
    for known in [EXTERNAL, PARASITE] {
        let supply = known.supply;
        let after = play(&known, &asking(&[false, true, true].repeat(4)), &[Do::ReadSupply]);
        assert_eq!(after.last(), device(Fault::SupplyUnclear));
        assert_eq!(after.supplies, [supply]);
        assert_eq!((counters(&after).corrupt, counters(&after).retries), (4, 3));
    }
}

#[test]
fn question_about_the_supply_that_nobody_hears_is_asked_again() {
    let script = script(&[
        &asking(&[false]),
        &[ResetFails(Wire::NoPresence)],
        &asking(&[false; 3]),
    ]);
    let after = play(&EXTERNAL, &script, &[Do::ReadSupply]);
    assert_eq!(after.last(), Ok(Got::Supply(Supply::Parasite)));
    assert_eq!((counters(&after).absent, counters(&after).retries), (1, 1));
}

#[test]
fn init_learns_resolution_and_supply() {
    let script = script(&[&reading(WARM_10), &asking(&[false; 3])]);
    let after = play(&EXTERNAL, &script, &[Do::Init]);
    assert_eq!(after.last(), DONE);
    assert_eq!(
        (after.resolutions, after.supplies),
        (vec![Bits10], vec![Supply::Parasite])
    );
}

#[test]
fn init_refuses_a_device_that_is_not_there() {
    let after = play(&EXTERNAL, &reading(NOBODY).repeat(4), &[Do::Init]);
    assert_eq!(after.last(), device(Fault::Absent));
}

#[test]
fn device_of_another_family_is_refused_before_anything_is_said() {
    let rom = Rom::new([0x01, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0xBD]).unwrap();
    assert_eq!(ds18b20::blocking::Ds18b20::new(rom), Err(Fault::Family(0x01)));
}
