//! DS18B20 and DS18S20 data sheets, ROM and function commands, memory.

use sim::{Attached, Ds18b20, Family, Tolerance};

use crate::host::{Host, MS, SERIAL, TOLERANCES, US};

const ROM: [u8; 8] = [0x28, 0x13, 0x9B, 0xBB, 0x0B, 0x00, 0x00, 0x1F];
const OTHER_SERIAL: u64 = 0x1010_D6CA;
const OTHER_ROM: [u8; 8] = [0x28, 0xCA, 0xD6, 0x10, 0x10, 0x00, 0x00, 0xFE];

fn one() -> (Host, Attached<Ds18b20>) {
    Host::with(Ds18b20::new(SERIAL))
}

fn two() -> (Host, Attached<Ds18b20>, Attached<Ds18b20>) {
    let (host, first) = one();
    let second = host.wire.attach(Ds18b20::new(OTHER_SERIAL));
    (host, first, second)
}

#[test]
fn rom_ends_with_its_crc() {
    assert_eq!(Ds18b20::new(SERIAL).rom(), ROM);
    assert_eq!(
        Ds18b20::new(0xF296_CD1D_64FF).rom(),
        [0x28, 0xFF, 0x64, 0x1D, 0xCD, 0x96, 0xF2, 0x01]
    );
}

#[test]
fn rom_may_be_wrong_on_request() {
    assert_eq!(
        Ds18b20::from_rom([0x28, 1, 2, 3, 4, 5, 6, 7]).rom(),
        [0x28, 1, 2, 3, 4, 5, 6, 7]
    );
}

#[test]
fn read_rom_sends_the_rom() {
    let (mut host, _probe) = one();
    assert!(host.reset());
    host.write(&[0x33]);
    assert_eq!(host.read(), ROM);
}

#[test]
fn function_command_follows_read_rom() {
    let (mut host, _probe) = one();
    assert!(host.reset());
    host.write(&[0x33]);
    let _rom: [u8; 8] = host.read();
    host.write(&[0xBE]);
    assert_eq!(host.read(), [0x50, 0x05, 0x4B]);
}

#[test]
fn two_parts_that_send_their_rom_make_the_and_of_both() {
    let (mut host, ..) = two();
    assert!(host.reset());
    host.write(&[0x33]);
    assert_eq!(host.read(), [0x28, 0x02, 0x92, 0x10, 0x00, 0x00, 0x00, 0x1E]);
}

#[test]
fn match_rom_selects_one_of_two() {
    let (mut host, first, second) = two();
    assert!(host.reset());
    host.write(&[0x55]);
    host.write(&OTHER_ROM);
    host.write(&[0x44]);
    assert!(!first.with(|probe| probe.is_busy()));
    assert!(second.with(|probe| probe.is_busy()));
}

#[test]
fn match_rom_with_one_wrong_bit_selects_nobody() {
    for index in 0..8 {
        let (mut host, _probe) = one();
        let mut rom = ROM;
        rom[index] ^= 0x80;
        assert!(host.reset());
        host.write(&[0x55]);
        host.write(&rom);
        host.write(&[0xBE]);
        assert_eq!(host.read(), [0xFF, 0xFF], "byte {index}");
    }
}

#[test]
fn skip_rom_selects_all() {
    let (mut host, first, second) = two();
    host.command(&[0x44]);
    assert!(first.with(|probe| probe.is_busy()) && second.with(|probe| probe.is_busy()));
}

#[test]
fn unknown_commands_deselect() {
    let (mut host, _probe) = one();
    for command in [0x00, 0x34, 0xA5, 0xFF] {
        assert!(host.reset());
        host.write(&[command, 0xBE]);
        assert_eq!(host.read(), [0xFF], "ROM command {command:02X}");
        host.command(&[command, 0xBE]);
        assert_eq!(host.read(), [0xFF], "function command {command:02X}");
    }
}

#[test]
fn search_finds_every_part() {
    let (mut host, ..) = two();
    let _third = host.wire.attach(Ds18b20::new(0xF296_CD1D_64FF));
    let mut found = host.search(0xF0);
    found.sort_unstable();
    assert_eq!(
        found,
        [ROM, OTHER_ROM, [0x28, 0xFF, 0x64, 0x1D, 0xCD, 0x96, 0xF2, 0x01]]
    );
}

#[test]
fn search_finds_parts_of_mixed_tolerance() {
    let host = &mut Host::new();
    for (serial, tolerance) in (1..).zip(TOLERANCES) {
        host.wire.attach(Ds18b20::new(serial).with_tolerance(tolerance));
    }
    assert_eq!(host.search(0xF0).len(), 3);
}

#[test]
fn search_leaves_the_last_found_part_selected() {
    let (mut host, _probe) = one();
    assert_eq!(host.search(0xF0), [ROM]);
    host.write(&[0xBE]);
    assert_eq!(host.read(), [0x50, 0x05]);
}

#[test]
fn alarm_search_finds_nobody_before_a_conversion() {
    let (mut host, ..) = two();
    assert!(host.search(0xEC).is_empty());
}

#[test]
fn alarm_search_finds_parts_outside_their_limits() {
    let host = &mut Host::new();
    // TH = 30 °C, TL = −10 °C.
    let limits = [0x1E, 0xF6, 0x7F];
    let inside = host.wire.attach(Ds18b20::new(SERIAL).with_eeprom(limits));
    let _outside = host.wire.attach(
        Ds18b20::new(OTHER_SERIAL)
            .with_eeprom(limits)
            .with_milli_celsius(35_000),
    );
    for (milli_celsius, alarm) in [
        (29_938, false),
        (30_000, true),
        (-9_000, false),
        (-9_938, true),
        (-10_000, true),
    ] {
        inside.with(|probe| probe.set_milli_celsius(milli_celsius));
        host.convert();
        assert_eq!(inside.with(|probe| probe.has_alarm()), alarm, "{milli_celsius}");
        let expected = if alarm {
            vec![OTHER_ROM, ROM]
        } else {
            vec![OTHER_ROM]
        };
        assert_eq!(host.search(0xEC), expected, "{milli_celsius}");
    }
}

#[test]
fn scratchpad_at_power_on_is_that_of_the_data_sheet() {
    let (mut host, _probe) = one();
    assert_eq!(
        host.scratchpad(),
        [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C]
    );
}

#[test]
fn ones_follow_the_scratchpad() {
    let (mut host, _probe) = one();
    host.command(&[0xBE]);
    let _scratchpad: [u8; 9] = host.read();
    assert_eq!(host.read(), [0xFF, 0xFF]);
}

#[test]
fn reading_may_be_cut_short_by_a_reset() {
    let (mut host, _probe) = one();
    host.command(&[0xBE]);
    assert_eq!(host.read(), [0x50, 0x05]);
    assert_eq!(host.scratchpad()[8], 0x1C);
}

#[test]
fn temperatures_of_the_data_sheet_come_out_as_its_bytes() {
    for (milli_celsius, bytes) in [
        (125_000, [0xD0, 0x07]),
        (85_000, [0x50, 0x05]),
        (25_063, [0x91, 0x01]),
        (10_125, [0xA2, 0x00]),
        (500, [0x08, 0x00]),
        (0, [0x00, 0x00]),
        (-500, [0xF8, 0xFF]),
        (-10_125, [0x5E, 0xFF]),
        (-25_063, [0x6F, 0xFE]),
        (-55_000, [0x90, 0xFC]),
    ] {
        let (mut host, probe) = one();
        probe.with(|probe| probe.set_milli_celsius(milli_celsius));
        assert_eq!(host.convert()[..2], bytes, "{milli_celsius}");
    }
}

#[test]
fn converted_85_degrees_differ_from_the_power_on_value_in_byte_6() {
    let (mut host, probe) = one();
    probe.with(|probe| probe.set_milli_celsius(85_000));
    assert_eq!(
        host.convert()[..8],
        [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x10, 0x10]
    );
}

#[test]
fn byte_6_counts_down_from_16() {
    let (mut host, probe) = one();
    for (sixteenths, byte6) in [(0x0191, 0x0F), (0x019F, 0x01), (0x0194, 0x0C)] {
        probe.with(|probe| probe.set_sixteenths(sixteenths));
        assert_eq!(host.convert()[6], byte6, "{sixteenths:04X}");
    }
}

#[test]
fn temperatures_out_of_range_are_clipped() {
    let (mut host, probe) = one();
    probe.with(|probe| probe.set_milli_celsius(1_000_000_000));
    assert_eq!(host.convert()[..2], [0xD0, 0x07]);
    probe.with(|probe| probe.set_milli_celsius(i32::MIN));
    assert_eq!(host.convert()[..2], [0x90, 0xFC]);
}

#[test]
fn offset_shifts_the_result() {
    let (mut host, probe) = one();
    probe.with(|probe| {
        probe.set_milli_celsius(20_000);
        probe.set_offset(-1_500);
    });
    assert_eq!(host.convert()[..2], [0x28, 0x01]);
}

#[test]
fn result_is_the_temperature_at_the_end_of_the_conversion() {
    let (mut host, probe) = one();
    host.command(&[0x44]);
    host.clock.advance(100 * MS);
    probe.with(|probe| probe.set_sixteenths(0x0123));
    host.clock.advance(650 * MS);
    assert_eq!(host.scratchpad()[..2], [0x23, 0x01]);
}

#[test]
fn lower_resolution_leaves_the_low_bits_undefined() {
    for (config, ones, zeros) in [
        (0x1F, 0x97, 0x90),
        (0x3F, 0x97, 0x94),
        (0x5F, 0x97, 0x96),
        (0x7F, 0x96, 0x96),
    ] {
        let (mut host, probe) = Host::with(Ds18b20::new(SERIAL).with_eeprom([0, 0, config]));
        probe.with(|probe| probe.set_sixteenths(0x0196));
        assert_eq!(host.convert()[..2], [ones, 0x01], "{config:02X}");
        probe.with(|probe| probe.set_undefined_bits(0));
        assert_eq!(host.convert()[..2], [zeros, 0x01], "{config:02X}");
    }
}

#[test]
fn conversion_takes_the_maximum_of_the_data_sheet_at_the_slowest() {
    for (config, ns) in [
        (0x1F, 93_750_000),
        (0x3F, 187_500_000),
        (0x5F, 375_000_000),
        (0x7F, 750_000_000),
    ] {
        let probe = Ds18b20::new(SERIAL)
            .with_eeprom([0, 0, config])
            .with_tolerance(Tolerance::Slowest);
        let (mut host, probe) = Host::with(probe);
        host.command(&[0x44]);
        let began = host.clock.now() - 10 * US; // The last 0 was sampled 60 µs into a slot of 70 µs.
        host.clock.advance_to(began + ns - 1);
        assert!(probe.with(|probe| probe.is_busy()), "{config:02X}");
        host.clock.advance(1);
        assert!(!probe.with(|probe| probe.is_busy()), "{config:02X}");
    }
}

#[test]
fn conversion_takes_584_ms_at_the_fastest() {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL).with_tolerance(Tolerance::Fastest));
    host.command(&[0x44]);
    host.clock.advance(583 * MS);
    assert!(probe.with(|probe| probe.is_busy()));
    host.clock.advance(MS);
    assert!(!probe.with(|probe| probe.is_busy()));
}

#[test]
fn polling_reads_zeros_until_the_conversion_is_done() {
    let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL).with_eeprom([0, 0, 0x1F]));
    host.command(&[0x44]);
    let mut polls = 0;
    while !host.bit(true) {
        polls += 1;
    }
    // 83.375 ms, half-way between the fastest and the slowest, in slots of 70 µs.
    assert_eq!(polls, 1191);
}

#[test]
fn bus_of_two_reads_done_when_both_are() {
    let (mut host, _slow) = one();
    let fast = host
        .wire
        .attach(Ds18b20::new(OTHER_SERIAL).with_eeprom([0, 0, 0x1F]));
    host.command(&[0x44]);
    host.clock.advance(100 * MS);
    assert!(!fast.with(|probe| probe.is_busy()));
    assert!(!host.bit(true));
    host.clock.advance(650 * MS);
    assert!(host.bit(true));
}

#[test]
fn scratchpad_keeps_the_old_value_until_the_conversion_is_done() {
    let (mut host, _probe) = one();
    host.command(&[0x44]);
    assert_eq!(host.scratchpad()[..2], [0x50, 0x05]);
    host.clock.advance(750 * MS);
    assert_eq!(host.scratchpad()[..2], [0x40, 0x01]);
}

#[test]
fn convert_during_a_conversion_does_not_begin_another() {
    let (mut host, probe) = one();
    host.command(&[0x44]);
    host.clock.advance(400 * MS);
    host.command(&[0x44]);
    host.clock.advance(300 * MS);
    assert!(
        !probe.with(|probe| probe.is_busy()),
        "667 ms after the first command"
    );
}

#[test]
fn write_scratchpad_sets_limits_and_resolution() {
    let (mut host, _probe) = one();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    assert_eq!(host.scratchpad()[..5], [0x50, 0x05, 0x55, 0xAA, 0x1F]);
}

#[test]
fn configuration_keeps_only_its_two_bits() {
    let (mut host, _probe) = one();
    for (written, read) in [(0x00, 0x1F), (0x20, 0x3F), (0x5F, 0x5F), (0xFF, 0x7F)] {
        host.command(&[0x4E, 0, 0, written]);
        assert_eq!(host.scratchpad()[4], read, "{written:02X}");
    }
}

#[test]
fn write_scratchpad_may_be_cut_short() {
    let (mut host, _probe) = one();
    host.command(&[0x4E, 0x55]);
    assert_eq!(host.scratchpad()[2..5], [0x55, 0x46, 0x7F]);
}

#[test]
fn fourth_byte_of_write_scratchpad_is_ignored() {
    let (mut host, _probe) = one();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F, 0x7F]);
    assert_eq!(host.scratchpad()[2..5], [0x55, 0xAA, 0x1F]);
}

#[test]
fn what_is_only_in_the_scratchpad_is_lost_with_the_supply() {
    let (mut host, probe) = one();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    probe.power_cycle();
    assert_eq!(
        host.scratchpad(),
        [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C]
    );
}

#[test]
fn what_was_copied_outlives_the_supply() {
    let (mut host, probe) = one();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    host.command(&[0x48]);
    host.clock.advance(10 * MS);
    probe.power_cycle();
    assert_eq!(host.scratchpad()[2..5], [0x55, 0xAA, 0x1F]);
    assert_eq!(probe.with(|probe| probe.eeprom()), [0x55, 0xAA, 0x1F]);
}

#[test]
fn copy_takes_up_to_10_ms() {
    for (tolerance, ns) in TOLERANCES.into_iter().zip([2 * MS, 5 * MS, 10 * MS]) {
        let (mut host, probe) = Host::with(Ds18b20::new(SERIAL).with_tolerance(tolerance));
        host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
        host.command(&[0x48]);
        host.clock.advance(ns - 100 * US);
        assert!(!host.bit(true), "{tolerance:?}");
        host.clock.advance(100 * US);
        assert!(host.bit(true), "{tolerance:?}");
        assert_eq!(
            probe.with(|probe| probe.eeprom()),
            [0x55, 0xAA, 0x1F],
            "{tolerance:?}"
        );
    }
}

#[test]
fn copy_that_loses_the_supply_changes_nothing() {
    let (mut host, probe) = one();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    host.command(&[0x48]);
    host.clock.advance(4 * MS);
    probe.power_cycle();
    host.clock.advance(10 * MS);
    assert_eq!(
        probe.with(|probe| (probe.eeprom(), probe.counts().eeprom_writes)),
        ([0x4B, 0x46, 0x7F], 0)
    );
}

#[test]
fn recall_brings_the_eeprom_back() {
    let (mut host, _probe) = one();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    host.command(&[0xB8]);
    assert!(!host.bit(true));
    host.clock.advance(MS);
    assert!(host.bit(true));
    assert_eq!(host.scratchpad()[2..5], [0x4B, 0x46, 0x7F]);
}

#[test]
fn supply_reads_as_external() {
    let (mut host, _probe) = one();
    host.command(&[0xB4]);
    assert!(host.bit(true));
}

#[test]
fn supply_reads_as_parasite_if_one_part_is() {
    let (mut host, _probe) = one();
    host.wire.attach(Ds18b20::new(OTHER_SERIAL).with_parasite_power());
    host.command(&[0xB4]);
    assert!(!host.bit(true));
}

#[test]
fn unplugged_part_is_silent_and_powers_up_anew_when_plugged() {
    let (mut host, probe) = one();
    host.convert();
    probe.unplug();
    assert!(!host.reset());
    probe.plug();
    assert_eq!(
        host.scratchpad(),
        [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10, 0x1C]
    );
}

#[test]
fn supply_lost_during_a_conversion_ends_it() {
    let (mut host, probe) = one();
    host.command(&[0x44]);
    probe.power_cycle();
    host.clock.advance(750 * MS);
    assert_eq!(host.scratchpad()[..2], [0x50, 0x05]);
    assert_eq!(probe.with(|probe| probe.counts().conversions), 0);
}

#[test]
fn every_family_has_its_code() {
    for (family, code) in [
        (Family::Ds18b20, 0x28),
        (Family::Ds18s20, 0x10),
        (Family::Ds1822, 0x22),
        (Family::Ds1825, 0x3B),
        (Family::Ds28ea00, 0x42),
    ] {
        let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL).with_family(family));
        assert!(host.reset());
        host.write(&[0x33]);
        assert_eq!(host.read(), [code], "{family:?}");
        assert_eq!(
            Ds18b20::from_rom(Ds18b20::new(7).with_family(family).rom()).rom()[0],
            code
        );
    }
}

#[test]
fn ds1825_has_its_grounded_pins_in_the_configuration() {
    let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL).with_family(Family::Ds1825));
    assert_eq!(host.scratchpad()[4], 0x70);
    host.command(&[0x4E, 0, 0, 0x1F]);
    assert_eq!(host.scratchpad()[4], 0x10);
}

fn ds18s20() -> (Host, Attached<Ds18b20>) {
    Host::with(Ds18b20::new(SERIAL).with_family(Family::Ds18s20))
}

#[test]
fn ds18s20_powers_up_with_its_own_scratchpad() {
    let (mut host, _probe) = ds18s20();
    assert_eq!(
        host.scratchpad()[..8],
        [0xAA, 0x00, 0x4B, 0x46, 0xFF, 0xFF, 0x0C, 0x10]
    );
}

#[test]
fn ds18s20_counts_what_remains() {
    for (sixteenths, bytes, remain) in [
        (1360, [0xAA, 0x00], 12),
        (400, [0x32, 0x00], 12),
        (401, [0x32, 0x00], 11),
        (8, [0x01, 0x00], 4),
        (0, [0x00, 0x00], 12),
        (-8, [0xFF, 0xFF], 4),
        (-400, [0xCE, 0xFF], 12),
        (-880, [0x92, 0xFF], 12),
    ] {
        let (mut host, probe) = ds18s20();
        probe.with(|probe| probe.set_sixteenths(sixteenths));
        let scratchpad = host.convert();
        assert_eq!(scratchpad[..2], bytes, "{sixteenths}");
        assert_eq!(scratchpad[6..8], [remain, 0x10], "{sixteenths}");
    }
}

#[test]
fn ds18s20_takes_limits_only() {
    let (mut host, _probe) = ds18s20();
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    assert_eq!(host.scratchpad()[2..6], [0x55, 0xAA, 0xFF, 0xFF]);
}

#[test]
fn ds18s20_always_takes_750_ms_at_the_slowest() {
    let probe = Ds18b20::new(SERIAL)
        .with_family(Family::Ds18s20)
        .with_tolerance(Tolerance::Slowest);
    let (mut host, probe) = Host::with(probe);
    host.command(&[0x44]);
    host.clock.advance(749 * MS);
    assert!(probe.with(|probe| probe.is_busy()));
    host.clock.advance(MS);
    assert!(!probe.with(|probe| probe.is_busy()));
}

#[test]
fn ds18s20_compares_whole_degrees_with_its_limits() {
    let (mut host, probe) = ds18s20();
    // TH = 75, TL = 70.
    for (milli_celsius, alarm) in [(74_000, false), (75_000, true), (71_000, false), (70_000, true)] {
        probe.with(|probe| probe.set_milli_celsius(milli_celsius));
        host.convert();
        assert_eq!(probe.with(|probe| probe.has_alarm()), alarm, "{milli_celsius}");
    }
}
