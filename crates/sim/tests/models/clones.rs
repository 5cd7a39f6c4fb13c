//! The traits of each family in `cpetrich/counterfeit_DS18B20`.

use sim::{Attached, Ds18b20, Make, Tolerance};

use crate::host::{Host, MS, SERIAL, US};

fn make(make: Make) -> (Host, Attached<Ds18b20>) {
    Host::with(Ds18b20::new(SERIAL).with_make(make))
}

/// Milliseconds until a conversion at this configuration is done, rounded up.
fn conversion_ms(make: Make, tolerance: Tolerance, config: u8) -> u64 {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL).with_make(make).with_tolerance(tolerance));
    host.command(&[0x4E, 0x4B, 0x46, config]);
    host.command(&[0x44]);
    (1..=1_000)
        .find(|_| {
            host.clock.advance(MS);
            !probe.with(|probe| probe.is_busy())
        })
        .unwrap()
}

#[test]
fn conversion_times_are_those_measured() {
    for (make, fastest, slowest) in [
        (Make::A1, 584, 750),
        (Make::A2, 325, 505),
        (Make::A3, 577, 626),
        (Make::B1, 584, 750),
        (Make::C, 28, 30),
        (Make::D1, 11, 11),
        (Make::D2, 460, 525),
        (Make::E, 21, 23),
        (Make::F, 600, 750),
        (Make::G, 227, 320),
        (Make::H, 279, 279),
    ] {
        assert_eq!(conversion_ms(make, Tolerance::Fastest, 0x7F), fastest, "{make:?}");
        assert_eq!(conversion_ms(make, Tolerance::Slowest, 0x7F), slowest, "{make:?}");
    }
}

#[test]
fn h_has_a_time_for_each_resolution() {
    let times = [0x1F, 0x3F, 0x5F, 0x7F].map(|config| conversion_ms(Make::H, Tolerance::Nominal, config));
    assert_eq!(times, [101, 141, 198, 279]);
}

#[test]
fn low_resolution_is_no_faster_on_d() {
    assert_eq!(conversion_ms(Make::D1, Tolerance::Slowest, 0x1F), 11);
    assert_eq!(conversion_ms(Make::D2, Tolerance::Slowest, 0x1F), 525);
}

#[test]
fn low_resolution_is_faster_on_the_others() {
    for make in [Make::A1, Make::B2, Make::F] {
        assert_eq!(conversion_ms(make, Tolerance::Slowest, 0x1F), 94, "{make:?}");
    }
}

#[test]
fn a2_is_too_cold() {
    let (mut host, probe) = make(Make::A2);
    probe.with(|probe| probe.set_milli_celsius(0));
    assert_eq!(host.convert()[..2], [0xD6, 0xFF], "-42/16 is -2.625");
}

#[test]
fn a3_says_done_at_first() {
    let (mut host, _probe) = make(Make::A3);
    host.command(&[0x44]);
    assert!(host.bit(true));
    host.clock.advance(10 * MS);
    assert!(!host.bit(true));
    host.clock.advance(626 * MS);
    assert!(host.bit(true));
}

#[test]
fn b_has_0c_in_byte_6_whatever_it_measured() {
    for make_b in [Make::B1, Make::B2] {
        let (mut host, probe) = make(make_b);
        probe.with(|probe| probe.set_milli_celsius(85_000));
        assert_eq!(
            host.convert()[..8],
            [0x50, 0x05, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10]
        );
    }
}

#[test]
fn b_spoils_byte_6_when_written() {
    let (mut host, _probe) = make(Make::B1);
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    assert_eq!(host.scratchpad()[6], 0x1F);
}

#[test]
fn genuine_part_keeps_byte_6_when_written() {
    let (mut host, _probe) = make(Make::A1);
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    assert_eq!(host.scratchpad()[6], 0x0C);
}

#[test]
fn c_stays_at_12_bit() {
    let (mut host, probe) = make(Make::C);
    probe.with(|probe| probe.set_sixteenths(0x0191));
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    assert_eq!(host.convert()[..5], [0x91, 0x01, 0x55, 0xAA, 0x7F]);
}

#[test]
fn c_wears_out_after_8_writes() {
    let (mut host, probe) = make(Make::C);
    for th in 1..=10 {
        host.command(&[0x4E, th, 0x00, 0x7F]);
        host.command(&[0x48]);
        host.clock.advance(10 * MS);
    }
    assert_eq!(
        probe.with(|probe| (probe.eeprom()[0], probe.counts().eeprom_writes)),
        (8, 10)
    );
}

#[test]
fn d1_powers_up_at_25_degrees() {
    let (mut host, _probe) = make(Make::D1);
    assert_eq!(
        host.scratchpad(),
        [0x90, 0x01, 0x55, 0x05, 0x7F, 0x7E, 0x81, 0x66, 0x96]
    );
}

#[test]
fn d1_is_too_warm() {
    let (mut host, probe) = make(Make::D1);
    probe.with(|probe| probe.set_milli_celsius(20_000));
    assert_eq!(host.convert()[..2], [0x70, 0x01]);
}

#[test]
fn d1_without_supply_is_dead() {
    let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL).with_make(Make::D1).with_parasite_power());
    assert!(!host.reset());
}

#[test]
fn d2_without_supply_holds_the_line_low() {
    let (host, probe) = Host::with(Ds18b20::new(SERIAL).with_make(Make::D2).with_parasite_power());
    assert!(!host.wire.is_high());
    probe.unplug();
    assert!(host.wire.is_high());
}

#[test]
fn d2_and_e_have_other_reserved_bytes() {
    assert_eq!(make(Make::D2).0.scratchpad()[5..8], [0xA5, 0xA5, 0x66]);
    assert_eq!(make(Make::E).0.scratchpad()[5..8], [0x00, 0x00, 0xFF]);
}

#[test]
fn f_always_says_done() {
    let (mut host, probe) = make(Make::F);
    host.command(&[0x44]);
    assert!(host.bit(true));
    assert!(probe.with(|probe| probe.is_busy()));
}

#[test]
fn f_reads_150_degrees() {
    let (mut host, probe) = make(Make::F);
    probe.with(|probe| probe.set_milli_celsius(200_000));
    assert_eq!(host.convert()[..2], [0x60, 0x09]);
}

#[test]
fn g_counts_byte_6_from_32() {
    let (mut host, probe) = make(Make::G);
    probe.with(|probe| probe.set_sixteenths(0x0191));
    assert_eq!(host.convert()[6], 0x1F);
}

#[test]
fn only_these_set_byte_6_the_genuine_way() {
    for make_x in [Make::A1, Make::A2, Make::A3, Make::H] {
        let (mut host, probe) = make(make_x);
        probe.with(|probe| {
            probe.set_sixteenths(0x0191);
            // Take the clone's own error back.
            probe.set_offset(if make_x == Make::A2 { 2_650 } else { 0 });
        });
        assert_eq!(
            host.convert()[..8],
            [0x91, 0x01, 0x4B, 0x46, 0x7F, 0xFF, 0x0F, 0x10],
            "{make_x:?}"
        );
    }
}

#[test]
fn jammed_part_holds_the_line_until_it_lets_go() {
    let (mut host, probe) = make(Make::G);
    probe.with(|probe| probe.set_jammed(true));
    assert!(!host.high_after(10 * US));
    probe.with(|probe| probe.set_jammed(false));
    assert!(host.high_after(10 * US));
    assert!(host.reset());
}
