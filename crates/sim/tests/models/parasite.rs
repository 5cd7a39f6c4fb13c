//! DS18B20 data sheet, "Powering the DS18B20".

use embedded_hal::digital::OutputPin;
use sim::{Attached, BrownOut, Ds18b20, Tolerance};

use crate::host::{Host, MS, SERIAL, US};

fn parasite() -> (Host, Attached<Ds18b20>) {
    Host::with(
        Ds18b20::new(SERIAL)
            .with_parasite_power()
            .with_tolerance(Tolerance::Slowest)
            .with_milli_celsius(25_063),
    )
}

#[test]
fn conversion_works_with_a_strong_pullup_within_10_us() {
    let (mut host, probe) = parasite();
    host.powered_command(0x44, 10 * US, 750 * MS);
    assert_eq!(host.scratchpad()[..2], [0x91, 0x01]);
    assert_eq!(probe.with(|probe| probe.counts().brown_outs), 0);
}

#[test]
fn conversion_fails_with_a_strong_pullup_after_10_us() {
    let (mut host, probe) = parasite();
    host.powered_command(0x44, 10 * US + 1, 750 * MS);
    assert_eq!(
        host.scratchpad(),
        [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C]
    );
    assert_eq!(
        probe.with(|probe| (probe.counts().brown_outs, probe.counts().conversions)),
        (1, 0)
    );
}

#[test]
fn conversion_fails_without_a_strong_pullup() {
    let (mut host, _probe) = parasite();
    assert_eq!(
        host.convert(),
        [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C]
    );
}

#[test]
fn failed_conversion_may_read_127_94() {
    let (mut host, probe) = parasite();
    probe.with(|probe| probe.set_brown_out(BrownOut::FailedConversion));
    assert_eq!(
        host.convert()[..8],
        [0xFF, 0x07, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10]
    );
}

#[test]
fn conversion_fails_if_the_strong_pullup_ends_early() {
    let (mut host, _probe) = parasite();
    host.powered_command(0x44, US, 749 * MS);
    assert_eq!(host.scratchpad()[..2], [0x50, 0x05]);
}

#[test]
fn strong_pullup_that_is_on_before_the_command_ends_is_in_time() {
    let (mut host, _probe) = parasite();
    host.command(&[0x44]);
    host.strong.set_high().unwrap();
    host.clock.advance(750 * MS);
    host.strong.set_low().unwrap();
    assert_eq!(host.scratchpad()[..2], [0x91, 0x01]);
}

#[test]
fn brown_out_in_power_on_mode_deselects_the_part() {
    let (mut host, _probe) = parasite();
    host.command(&[0x44]);
    host.clock.advance(20 * US);
    assert!(host.bit(true), "nobody answers polls");
}

#[test]
fn copy_works_with_a_strong_pullup() {
    let (mut host, probe) = parasite();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    host.powered_command(0x48, US, 10 * MS);
    assert_eq!(probe.with(|probe| probe.eeprom()), [0x55, 0xAA, 0x1F]);
}

#[test]
fn copy_without_a_strong_pullup_changes_nothing() {
    let (mut host, probe) = parasite();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    host.command(&[0x48]);
    host.clock.advance(20 * MS);
    assert_eq!(probe.with(|probe| probe.eeprom()), [0x4B, 0x46, 0x7F]);
}

#[test]
fn recall_needs_no_strong_pullup() {
    let (mut host, probe) = parasite();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    host.command(&[0xB8]);
    assert!(!host.bit(true), "still at it");
    host.clock.advance(MS);
    assert_eq!(host.scratchpad()[2..5], [0x4B, 0x46, 0x7F]);
    assert_eq!(probe.with(|probe| probe.counts().brown_outs), 0);
}

#[test]
fn externally_powered_part_needs_no_strong_pullup() {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL));
    assert_eq!(host.convert()[..2], [0x40, 0x01]);
    assert_eq!(probe.with(|probe| probe.counts().brown_outs), 0);
}

#[test]
fn reset_of_960_us_leaves_the_parasite_supply_up() {
    let (mut host, probe) = parasite();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    host.low(960 * US);
    host.clock.advance(480 * US);
    assert_eq!(probe.with(|probe| probe.scratchpad()[2]), 0x55);
}

#[test]
fn longer_low_drains_the_parasite_supply() {
    let (mut host, probe) = parasite();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    host.low(960 * US + 1);
    host.clock.advance(480 * US);
    assert_eq!(probe.with(|probe| probe.scratchpad()[2]), 0x4B);
}

#[test]
fn pulling_against_the_strong_pullup_is_counted() {
    let (mut host, _probe) = parasite();
    host.strong.set_high().unwrap();
    assert_eq!(host.wire.stats().contentions, 0);
    host.low(10 * US);
    assert_eq!(host.wire.stats().contentions, 1);
}
