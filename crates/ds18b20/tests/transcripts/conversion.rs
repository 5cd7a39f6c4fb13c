//! Conversions, and the power for them.

use crate::*;

#[test]
fn conversion_of_a_device_not_yet_read_takes_750_ms() {
    let after = play(
        &EXTERNAL,
        &script(&[&converting(BUSY), &[Wait(750_000)]]),
        &[Do::Convert(Completion::Wait)],
    );
    assert_eq!(after.last(), DONE);
}

#[test]
fn conversion_takes_the_maximum_of_the_resolution_that_was_read() {
    for (scratchpad, micros) in [(WARM_9, 93_750), (WARM_10, 187_500), (WARM_11, 375_000)] {
        let script = script(&[
            &reading(scratchpad),
            &converting(BUSY),
            &[Wait(micros), Read(IDLE)],
        ]);
        let after = play(
            &EXTERNAL,
            &script,
            &[Do::Scratchpad, Do::Convert(Completion::Wait)],
        );
        assert_eq!(after.last(), DONE);
    }
}

#[test]
fn clone_that_is_slower_than_its_resolution_is_waited_for() {
    let slow = [
        Wait(93_750),
        Read(BUSY),
        Wait(1_000),
        Read(BUSY),
        Wait(1_000),
        Read(IDLE),
    ];
    let script = script(&[&reading(WARM_9), &converting(BUSY), &slow]);
    assert_eq!(
        play(
            &EXTERNAL,
            &script,
            &[Do::Scratchpad, Do::Convert(Completion::Wait)]
        )
        .last(),
        DONE
    );
}

#[test]
fn polled_conversion_ends_with_the_device() {
    let polls = [
        Wait(1_000),
        Read(BUSY),
        Wait(1_000),
        Read(&[0xF0]),
        Wait(1_000),
        Read(IDLE),
    ];
    let script = script(&[&converting(BUSY), &polls]);
    assert_eq!(
        play(&EXTERNAL, &script, &[Do::Convert(Completion::Poll)]).last(),
        DONE
    );
}

#[test]
fn polled_conversion_ends_after_750_ms_at_the_latest() {
    let polls = [Wait(1_000), Read(BUSY)].repeat(749);
    let script = script(&[&converting(BUSY), &polls, &[Wait(1_000)]]);
    assert_eq!(
        play(&EXTERNAL, &script, &[Do::Convert(Completion::Poll)]).last(),
        DONE
    );
}

#[test]
fn device_that_cannot_be_polled_is_waited_for() {
    let script = script(&[&converting(IDLE).repeat(4), &[Wait(750_000)]]);
    let after = play(&EXTERNAL, &script, &[Do::Convert(Completion::Poll)]);
    assert_eq!(after.last(), DONE);
    assert_eq!((counters(&after).not_started, counters(&after).retries), (4, 3));
}

#[test]
fn lost_conversion_command_is_repeated() {
    let script = script(&[&converting(IDLE), &converting(BUSY), &[Wait(750_000)]]);
    let after = play(&EXTERNAL, &script, &[Do::Convert(Completion::Wait)]);
    assert_eq!(after.last(), DONE);
    assert_eq!((counters(&after).not_started, counters(&after).retries), (1, 1));
}

#[test]
fn conversion_that_a_known_device_never_began_is_a_fault() {
    let first = script(&[&converting(BUSY), &[Wait(750_000)]]);
    let script = script(&[&first, &converting(IDLE).repeat(4), &reading(WARM)]);
    let after = play(&EXTERNAL, &script, &[Do::Convert(Completion::Wait); 2]);
    assert_eq!(after.last(), device(Fault::NotStarted));
}

#[test]
fn conversion_of_a_device_that_has_gone_says_so() {
    let first = script(&[&converting(BUSY), &[Wait(750_000)]]);
    let script = script(&[&first, &converting(IDLE).repeat(4), &reading(NOBODY).repeat(4)]);
    let after = play(&EXTERNAL, &script, &[Do::Convert(Completion::Wait); 2]);
    assert_eq!(after.last(), device(Fault::Absent));
}

#[test]
fn conversion_on_an_empty_wire_is_tried_four_times() {
    let script = [ResetFails(Wire::NoPresence)].repeat(4);
    let after = play(&EXTERNAL, &script, &[Do::Convert(Completion::Wait)]);
    assert_eq!(after.last(), wire(Wire::NoPresence));
    assert_eq!((counters(&after).absent, counters(&after).retries), (4, 3));
}

#[test]
fn measurement_is_a_conversion_and_a_reading() {
    let script = script(&[&converting(BUSY), &[Wait(750_000)], &reading(WARM)]);
    assert_eq!(
        play(&EXTERNAL, &script, &[Do::Measure]).last(),
        Ok(Got::Sixteenths(401))
    );
}

#[test]
fn single_drop_is_addressed_without_a_rom_code() {
    let script = [
        Reset,
        Write(&[0xCC, 0x44]),
        Read(BUSY),
        Wait(750_000),
        Reset,
        Write(&[0xCC, 0xBE]),
        Read(WARM),
    ];
    let after = play(&SingleDrop(Family::Ds18b20), &script, &[Do::Measure]);
    assert_eq!(after.last(), Ok(Got::Sixteenths(401)));
}

#[test]
fn single_drop_that_has_gone_fails_at_the_reset() {
    let script = script(&[
        &[Reset, Write(&[0xCC, 0x44]), Read(BUSY), Wait(750_000)],
        &[ResetFails(Wire::NoPresence); 4],
    ]);
    assert_eq!(
        play(&SingleDrop(Family::Ds18b20), &script, &[Do::Measure]).last(),
        wire(Wire::NoPresence)
    );
}

#[test]
fn single_drop_that_does_not_hear_is_a_fault_without_a_reading() {
    let first = [Reset, Write(&[0xCC, 0x44]), Read(BUSY), Wait(750_000)];
    let deaf = [Reset, Write(&[0xCC, 0x44]), Read(IDLE)].repeat(4);
    let after = play(
        &SingleDrop(Family::Ds18b20),
        &script(&[&first, &deaf]),
        &[Do::Convert(Completion::Wait), Do::Convert(Completion::Wait)],
    );
    assert_eq!(after.last(), device(Fault::NotStarted));
}

const POWERED: [Act; 3] = [Reset, Write(MATCH), WritePowered(0x44)];

#[test]
fn parasite_conversion_is_powered_throughout_and_no_longer() {
    let script = script(&[&POWERED, &[Wait(750_000), PowerOff]]);
    assert_eq!(
        play(&PARASITE, &script, &[Do::Convert(Completion::Wait)]).last(),
        DONE
    );
}

#[test]
fn parasite_conversion_takes_the_maximum_of_the_resolution() {
    let script = script(&[&reading(WARM_9), &POWERED, &[Wait(93_750), PowerOff]]);
    assert_eq!(
        play(
            &PARASITE,
            &script,
            &[Do::Scratchpad, Do::Convert(Completion::Wait)]
        )
        .last(),
        DONE
    );
}

#[test]
fn parasite_conversion_is_not_polled() {
    let script = script(&[&POWERED, &[Wait(750_000), PowerOff]]);
    assert_eq!(
        play(&PARASITE, &script, &[Do::Convert(Completion::Poll)]).last(),
        DONE
    );
}

#[test]
fn bus_without_a_strong_pullup_is_refused_for_parasite_power() {
    let script = [
        Reset,
        Write(MATCH),
        WritePoweredFails(Wire::Unsupported),
        PowerOff,
    ];
    let after = play(&PARASITE, &script, &[Do::Convert(Completion::Wait)]);
    assert_eq!(after.last(), wire(Wire::Unsupported));
}

#[test]
fn strong_pullup_is_switched_off_when_the_powered_write_fails() {
    let script = [Reset, Write(MATCH), Breaks, PowerOff];
    assert_eq!(
        play(&PARASITE, &script, &[Do::Convert(Completion::Wait)]).last(),
        BROKEN
    );
}

#[test]
fn strong_pullup_that_does_not_switch_off_is_reported() {
    let script = script(&[&POWERED, &[Wait(750_000), Breaks]]);
    assert_eq!(
        play(&PARASITE, &script, &[Do::Convert(Completion::Wait)]).last(),
        BROKEN
    );
}

#[test]
fn first_of_two_bus_errors_is_kept() {
    let script = [Reset, Write(MATCH), WritePoweredFails(Wire::Unsupported), Breaks];
    let after = play(&PARASITE, &script, &[Do::Convert(Completion::Wait)]);
    assert_eq!(after.last(), wire(Wire::Unsupported));
}
