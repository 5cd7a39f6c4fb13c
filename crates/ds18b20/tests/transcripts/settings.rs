//! Resolution, thresholds and EEPROM.

use crate::*;

const fn writing(settings: &'static [u8]) -> [Act; 3] {
    [Reset, Write(MATCH), Write(settings)]
}

#[test]
fn resolution_is_written_beside_the_thresholds_and_read_back() {
    let cases: [(Resolution, &'static [u8], &'static [u8]); 3] = [
        (Bits9, &[0x4E, 0x4B, 0x46, 0x1F], WARM_9),
        (Bits10, &[0x4E, 0x4B, 0x46, 0x3F], WARM_10),
        (Bits11, &[0x4E, 0x4B, 0x46, 0x5F], WARM_11),
    ];
    for (resolution, command, after_it) in cases {
        let script = script(&[&reading(WARM), &writing(command), &reading(after_it)]);
        let after = play(&EXTERNAL, &script, &[Do::SetResolution(resolution)]);
        assert_eq!(after.last(), DONE);
        assert_eq!(after.resolutions, [resolution]);
    }
}

#[test]
fn resolution_that_the_device_has_is_not_written() {
    assert_eq!(
        play(&EXTERNAL, &reading(WARM), &[Do::SetResolution(Bits12)]).last(),
        DONE
    );
}

#[test]
fn clone_that_ignores_the_resolution_is_named_and_stays_usable() {
    let attempt = script(&[&writing(&[0x4E, 0x4B, 0x46, 0x1F]), &reading(WARM)]);
    let script = script(&[
        &reading(WARM),
        &attempt.repeat(4),
        &converting(BUSY),
        &[Wait(750_000)],
        &reading(WARM),
    ]);
    let after = play(&EXTERNAL, &script, &[Do::SetResolution(Bits9), Do::Measure]);
    assert_eq!(
        after.outcomes,
        [
            device(Fault::ResolutionIgnored { actual: Bits12 }),
            Ok(Got::Sixteenths(401)),
        ]
    );
    assert_eq!((counters(&after).not_stored, counters(&after).retries), (4, 3));
}

#[test]
fn lost_write_is_repeated() {
    let write = writing(&[0x4E, 0x4B, 0x46, 0x1F]);
    let script = script(&[&reading(WARM), &write, &reading(WARM), &write, &reading(WARM_9)]);
    let after = play(&EXTERNAL, &script, &[Do::SetResolution(Bits9)]);
    assert_eq!(after.last(), DONE);
    assert_eq!((counters(&after).not_stored, counters(&after).retries), (1, 1));
}

#[test]
fn thresholds_that_do_not_read_back_are_a_fault() {
    // TL has become 71.
    const WRONG: &[u8] = &[0x91, 0x01, 0x4B, 0x47, 0x1F, 0xFF, 0x0F, 0x10, 0x78];
    let attempt = script(&[&writing(&[0x4E, 0x4B, 0x46, 0x1F]), &reading(WRONG)]);
    let script = script(&[&reading(WARM), &attempt.repeat(4)]);
    let after = play(&EXTERNAL, &script, &[Do::SetResolution(Bits9)]);
    assert_eq!(after.last(), device(Fault::NotStored));
}

#[test]
fn alarms_are_written_high_first_beside_the_resolution() {
    const SET: &[u8] = &[0x91, 0x01, 0x1E, 0xF6, 0x1F, 0xFF, 0x0F, 0x10, 0x3F];
    let script = script(&[
        &reading(WARM_9),
        &writing(&[0x4E, 0x1E, 0xF6, 0x1F]),
        &reading(SET),
    ]);
    let after = play(
        &EXTERNAL,
        &script,
        &[Do::SetAlarms(Alarms { low: -10, high: 30 })],
    );
    assert_eq!(after.last(), DONE);
}

#[test]
fn alarms_that_the_device_has_are_not_written() {
    let after = play(
        &EXTERNAL,
        &reading(WARM),
        &[Do::SetAlarms(Alarms { low: 70, high: 75 })],
    );
    assert_eq!(after.last(), DONE);
}

#[test]
fn user_bytes_are_written_as_they_are() {
    const SET: &[u8] = &[0x91, 0x01, 0xCA, 0xFE, 0x7F, 0xFF, 0x0F, 0x10, 0x89];
    let script = script(&[&reading(WARM), &writing(&[0x4E, 0xCA, 0xFE, 0x7F]), &reading(SET)]);
    assert_eq!(
        play(&EXTERNAL, &script, &[Do::SetUserBytes([0xCA, 0xFE])]).last(),
        DONE
    );
}

#[test]
fn ds18s20_is_written_two_bytes() {
    const BEFORE: &[u8] = &[0x32, 0x00, 0x4B, 0x46, 0xFF, 0xFF, 0x0C, 0x10, 0x6B];
    const SET: &[u8] = &[0x32, 0x00, 0x1E, 0xF6, 0xFF, 0xFF, 0x0C, 0x10, 0xE1];
    let script = [
        Reset,
        Write(&[0xCC, 0xBE]),
        Read(BEFORE),
        Reset,
        Write(&[0xCC, 0x4E, 0x1E, 0xF6]),
        Reset,
        Write(&[0xCC, 0xBE]),
        Read(SET),
    ];
    let after = play(
        &SingleDrop(Family::Ds18s20),
        &script,
        &[Do::SetAlarms(Alarms { low: -10, high: 30 })],
    );
    assert_eq!(after.last(), DONE);
}

#[test]
fn ds18s20_has_one_resolution_and_nothing_is_written() {
    const WARM_S: &[u8] = &[0x32, 0x00, 0x4B, 0x46, 0xFF, 0xFF, 0x0C, 0x10, 0x6B];
    let read = [Reset, Write(&[0xCC, 0xBE]), Read(WARM_S)];
    let after = play(
        &SingleDrop(Family::Ds18s20),
        &read.repeat(2),
        &[Do::SetResolution(Bits12), Do::SetResolution(Bits9)],
    );
    assert_eq!(
        after.outcomes,
        [DONE, device(Fault::ResolutionIgnored { actual: Bits12 })]
    );
}

#[test]
fn copy_waits_10_ms() {
    let script = [Reset, Write(MATCH), Write(&[0x48]), Wait(10_000)];
    assert_eq!(play(&EXTERNAL, &script, &[Do::CopyScratchpad]).last(), DONE);
}

#[test]
fn parasite_copy_is_powered_for_10_ms() {
    let script = [Reset, Write(MATCH), WritePowered(0x48), Wait(10_000), PowerOff];
    assert_eq!(play(&PARASITE, &script, &[Do::CopyScratchpad]).last(), DONE);
}

#[test]
fn strong_pullup_is_switched_off_when_the_copy_fails() {
    let script = [Reset, Write(MATCH), Breaks, PowerOff];
    assert_eq!(play(&PARASITE, &script, &[Do::CopyScratchpad]).last(), BROKEN);
}

#[test]
fn recall_is_polled_and_read() {
    let recall = [
        Reset,
        Write(MATCH),
        Write(&[0xB8]),
        Read(BUSY),
        Wait(1_000),
        Read(IDLE),
    ];
    let after = play(
        &EXTERNAL,
        &script(&[&recall, &reading(WARM_9)]),
        &[Do::RecallEeprom],
    );
    assert_eq!(
        after.last(),
        Ok(Got::Scratchpad([
            0x90, 0x01, 0x4B, 0x46, 0x1F, 0xFF, 0x10, 0x10, 0x02
        ]))
    );
    assert_eq!(after.resolutions, [Bits9]);
}

#[test]
fn recall_that_does_not_end_times_out_after_10_ms() {
    let recall = [Reset, Write(MATCH), Write(&[0xB8])];
    let script = script(&[&recall, &[Read(BUSY), Wait(1_000)].repeat(10)]);
    assert_eq!(
        play(&EXTERNAL, &script, &[Do::RecallEeprom]).last(),
        device(Fault::Timeout)
    );
}
