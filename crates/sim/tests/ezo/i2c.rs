//! What all circuits have in common, over I2C.

use sim::{EzoFirmware, EzoKind, EzoTiming, I2cError};

use crate::host::{MS, ask, exchanges, plain};

#[test]
fn reading_is_pending_then_there_then_gone() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.set(7.004);
    host.write("R").unwrap();
    host.wait(300);
    assert_eq!(host.read(10).unwrap(), [0xFE, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    host.wait(600);
    assert_eq!(
        host.read(10).unwrap(),
        [0x01, 0x37, 0x2E, 0x30, 0x30, 0x34, 0x00, 0, 0, 0]
    );
    assert_eq!(host.read(10).unwrap(), [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn answer_is_ready_at_the_nanosecond() {
    let mut host = plain(EzoKind::Ph);
    host.write("R").unwrap();
    let stop = host.clock.now();
    host.wait(5_000);
    assert_eq!(host.ezo.answered_at(), Some(stop + 900_000_000));
}

#[test]
fn one_byte_read_consumes_the_answer() {
    let mut host = plain(EzoKind::Ph);
    host.write("i").unwrap();
    host.wait(300);
    assert_eq!(host.read(1).unwrap(), [1]);
    assert_eq!(host.read(4).unwrap(), [255, 0, 0, 0]);
}

#[test]
fn pending_is_told_until_the_very_end() {
    for (ms, status) in [(899, 254), (901, 1)] {
        let mut host = plain(EzoKind::Ph);
        host.write("R").unwrap();
        host.wait(ms);
        assert_eq!(host.read(8).unwrap()[0], status, "after {ms} ms");
    }
}

#[test]
fn setter_answers_status_only() {
    let mut host = plain(EzoKind::Ph);
    host.write("T,25").unwrap();
    host.wait(301);
    assert_eq!(host.read(5).unwrap(), [1, 0, 0, 0, 0]);
}

#[test]
fn unknown_command_is_status_2() {
    let mut host = plain(EzoKind::Ph);
    host.write("Foo").unwrap();
    host.wait(301);
    assert_eq!(host.read(5).unwrap(), [2, 0, 0, 0, 0]);
}

#[test]
fn information_is_that_of_the_bench() {
    let mut host = plain(EzoKind::Ph);
    host.write("i").unwrap();
    host.wait(301);
    assert_eq!(
        host.read(13).unwrap(),
        [
            0x01, 0x3F, 0x69, 0x2C, 0x70, 0x48, 0x2C, 0x32, 0x2E, 0x31, 0x32, 0x00, 0x00
        ]
    );
}

#[test]
fn trailing_nul_is_tolerated_and_case_does_not_matter() {
    let mut host = plain(EzoKind::Ph);
    assert_eq!(host.exchange("STATUS\0"), (1, "?Status,P,5.000".to_owned()));
    assert_eq!(host.exchange("status"), (1, "?Status,P,5.000".to_owned()));
}

#[test]
fn common_commands() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.set_supply(5.038);
    exchanges(
        &mut host,
        &[
            ("Status", "?Status,P,5.038"),
            ("L,?", "?L,1"),
            ("L,0", ""),
            ("L,?", "?L,0"),
            ("L,2", "refused"),
            ("Name,?", "?Name,"),
            ("Name,zzt", ""),
            ("Name,?", "?Name,zzt"),
            ("Name,12345678901234567", "refused"),
            ("Name,a b", "refused"),
            ("Name,", ""),
            ("Name,?", "?Name,"),
            ("Plock,?", "?Plock,0"),
            ("Plock,1", ""),
            ("Plock,?", "?Plock,1"),
            ("Baud,9600", "refused"),
            ("I2C,128", "refused"),
            ("I2C,0", "refused"),
            // UART only.
            ("C,1", "refused"),
            ("*OK,0", "refused"),
            ("Baud,?", "refused"),
            ("Export,?", "10,120"),
            ("Import,", "refused"),
            ("Import,1234567890123", "refused"),
            ("Find", ""),
        ],
    );
    assert!(host.ezo.is_finding());
    host.exchange("L,?");
    assert!(!host.ezo.is_finding());
}

#[test]
fn old_firmware_answers_in_capitals() {
    let mut host = ask(EzoKind::Ph, |ezo| ezo.with_firmware(EzoFirmware::Old));
    host.ezo.set_supply(4.89);
    exchanges(
        &mut host,
        &[
            ("i", "?I,pH,1.98"),
            ("Status", "?STATUS,P,4.89"),
            ("Cal,?", "?CAL,0"),
            ("Slope,?", "?SLOPE,100.0,-100.0"),
            ("pHext,?", "?PHEXT,0"),
            ("Name,?", "?NAME,"),
            ("Export,?", "?EXPORT,10,120"),
            ("RT,25", "refused"),
        ],
    );
}

#[test]
fn gates_are_at_their_versions() {
    for (kind, version, command, there) in [
        (EzoKind::Ph, "2.11", "RT,25", false),
        (EzoKind::Ph, "2.12", "RT,25", true),
        (EzoKind::Ec, "2.12", "RT,25", false),
        (EzoKind::Ec, "2.13", "RT,25", true),
        (EzoKind::Ec, "1.94", "Plock,?", false),
        (EzoKind::Ec, "1.95", "Plock,?", true),
    ] {
        let mut host = ask(kind, |ezo| ezo.with_version(version));
        let (status, _) = host.exchange(command);
        assert_eq!(status == 1, there, "{kind:?} {version} {command}");
    }
}

#[test]
fn every_factory_address_and_token() {
    for (kind, address, information) in [
        (EzoKind::Do, 97, "?i,DO,2.16"),
        (EzoKind::Orp, 98, "?i,ORP,2.10"),
        (EzoKind::Ph, 99, "?i,pH,2.12"),
        (EzoKind::Ec, 100, "?i,EC,2.13"),
        (EzoKind::Rtd, 102, "?i,RTD,2.10"),
        (EzoKind::Pmp, 103, "?i,PMP,1.1"),
        (EzoKind::Flo, 104, "?i,FLO,1.0"),
        (EzoKind::Co2, 105, "?i,CO2,1.0"),
        (EzoKind::Prs, 106, "?i,PRS,1.0"),
        (EzoKind::PmpL, 109, "?i,PMPL,1.1"),
        (EzoKind::Hum, 111, "?i,HUM,1.0"),
    ] {
        assert_eq!(kind.factory_address(), address);
        assert_eq!(plain(kind).exchange("i"), (1, information.to_owned()));
    }
    assert_eq!(EzoKind::ALL.len(), 11);
}

#[test]
fn nominal_delays_are_those_of_the_table() {
    for (kind, command, ms) in [
        (EzoKind::Ph, "R", 900),
        (EzoKind::Ph, "RT,25", 900),
        (EzoKind::Ph, "Cal,mid,7", 900),
        (EzoKind::Ph, "Cal,?", 300),
        (EzoKind::Ph, "Cal,clear", 300),
        (EzoKind::Ph, "i", 300),
        (EzoKind::Orp, "R", 900),
        (EzoKind::Orp, "Cal,225", 900),
        (EzoKind::Ec, "R", 600),
        (EzoKind::Ec, "Cal,dry", 600),
        (EzoKind::Ec, "K,1", 300),
        (EzoKind::Do, "R", 600),
        (EzoKind::Do, "Cal,0", 1_300),
        (EzoKind::Rtd, "R", 600),
        (EzoKind::Rtd, "Cal,20", 600),
        (EzoKind::Hum, "R", 300),
        (EzoKind::Hum, "Tcal,20", 300),
        (EzoKind::Co2, "R", 900),
        (EzoKind::Co2, "Cal,0", 900),
        (EzoKind::Flo, "R", 300),
        (EzoKind::Prs, "R", 900),
        (EzoKind::Prs, "Dec,2", 900),
        (EzoKind::Pmp, "R", 300),
        (EzoKind::Pmp, "Cal,10", 300),
    ] {
        let mut host = plain(kind);
        host.write(command).unwrap();
        let begun = host.clock.now();
        host.wait(5_000);
        assert_eq!(
            host.ezo.answered_at(),
            Some(begun + ms * MS),
            "{kind:?} {command}"
        );
    }
}

#[test]
fn fast_and_slow_units_take_their_time() {
    for (timing, command, ms) in [
        (EzoTiming::fast(), "R", 4),
        (EzoTiming::fast(), "i", 4),
        (EzoTiming::slow(), "R", 1_660),
        (EzoTiming::slow(), "Cal,mid,7", 1_660),
        (EzoTiming::slow(), "i", 300),
    ] {
        let mut host = ask(EzoKind::Ph, |ezo| ezo.with_timing(timing));
        host.write(command).unwrap();
        let begun = host.clock.now();
        host.wait(5_000);
        assert_eq!(host.ezo.answered_at(), Some(begun + ms * MS), "{command}");
    }
}

#[test]
fn jitter_is_whole_milliseconds_and_the_same_for_the_same_seed() {
    let run = |seed| {
        let mut host = plain(EzoKind::Ph);
        host.ezo.set_jitter(seed, 3);
        let delay = |host: &mut crate::host::I2cHost| {
            host.write("i").unwrap();
            let begun = host.clock.now();
            host.wait(1_000);
            host.ezo.answered_at().unwrap() - begun
        };
        (0..30).map(|_| delay(&mut host) / MS).collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let mut seen = run(1);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, [300, 301, 302, 303]);
}

#[test]
fn first_command_after_sleep_is_eaten() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.set(7.004);
    host.write("Sleep").unwrap();
    host.wait(400);
    assert!(host.ezo.is_asleep());
    host.write("R").unwrap();
    host.wait(1_000);
    assert_eq!(host.read(8).unwrap()[0], 255);
    assert_eq!(host.exchange("R"), (1, "7.004".to_owned()));
    assert_eq!(host.ezo.commands(), ["Sleep", "R"]);
}

#[test]
fn commands_are_lost_for_10_ms_after_the_wake_up() {
    let timings = [
        EzoTiming::nominal(EzoKind::Ph),
        EzoTiming::fast(),
        EzoTiming::slow(),
    ];
    let cases = timings.map(|timing| [(timing, 9, false), (timing, 10, true)]);
    for (timing, ms, heard) in cases.into_iter().flatten() {
        let mut host = ask(EzoKind::Ph, |ezo| ezo.with_timing(timing));
        host.write("Sleep").unwrap();
        host.wait(400);
        host.write("i").unwrap();
        host.wait(ms);
        host.write("i").unwrap();
        host.wait(400);
        assert_eq!(host.read(8).unwrap()[0] == 1, heard, "after {ms} ms");
    }
}

#[test]
fn read_wakes_a_sleeping_circuit() {
    let mut host = plain(EzoKind::Ph);
    host.write("Sleep").unwrap();
    host.wait(400);
    assert_eq!(host.read(8).unwrap()[0], 255);
    assert!(!host.ezo.is_asleep());
}

#[test]
fn new_address_is_answered_after_the_restart() {
    let mut host = plain(EzoKind::Ph);
    host.write("I2C,50").unwrap();
    host.wait(325);
    assert_eq!(host.write("i"), Err(I2cError::AddressNack));
    host.address = 50;
    assert_eq!(host.write("i"), Err(I2cError::AddressNack));
    host.wait(800);
    assert_eq!(host.exchange("i").0, 1);
    assert_eq!(host.exchange("Status"), (1, "?Status,S,5.000".to_owned()));
}

#[test]
fn address_may_change_while_the_protocol_is_locked() {
    let mut host = plain(EzoKind::Ph);
    host.exchange("Plock,1");
    host.write("I2C,50").unwrap();
    host.wait(2_000);
    host.address = 50;
    assert_eq!(host.exchange("Plock,?"), (1, "?Plock,1".to_owned()));
}

#[test]
fn factory_clears_all_but_the_address() {
    let mut host = plain(EzoKind::Ph);
    host.write("I2C,50").unwrap();
    host.wait(2_000);
    host.address = 50;
    exchanges(
        &mut host,
        &[("Cal,mid,7", ""), ("L,0", ""), ("Name,x", ""), ("Plock,1", "")],
    );
    host.write("Factory").unwrap();
    host.wait(2_000);
    exchanges(
        &mut host,
        &[
            ("Cal,?", "?Cal,0"),
            ("L,?", "?L,1"),
            ("Name,?", "?Name,"),
            ("Plock,?", "?Plock,0"),
        ],
    );
}

#[test]
fn calibration_travels_from_one_circuit_to_another() {
    let mut from = plain(EzoKind::Ph);
    from.ezo.set_probe(0.95, 8.0);
    from.ezo.set(7.0);
    from.exchange("Cal,mid,7");
    from.ezo.set(4.0);
    from.exchange("Cal,low,4");
    let mut strings = Vec::new();
    loop {
        let (status, text) = from.exchange("Export");
        assert_eq!(status, 1);
        if text == "*DONE" {
            break;
        }
        assert_eq!(text.len(), 12);
        strings.push(text);
    }
    assert_eq!(strings.len(), 10);

    let mut to = plain(EzoKind::Ph);
    to.ezo.set_probe(0.95, 8.0);
    to.ezo.set(4.0);
    for string in &strings[..9] {
        assert_eq!(to.exchange(&format!("Import,{string}")), (1, String::new()));
    }
    let last = format!("Import,{}", strings[9]);
    assert_eq!(to.exchange(&last), (1, "*Pending".to_owned()));
    to.wait(2_000);
    exchanges(
        &mut to,
        &[("Status", "?Status,S,5.000"), ("Cal,?", "?Cal,2"), ("R", "4.000")],
    );

    let mut other = plain(EzoKind::Ec);
    for string in &strings[..9] {
        other.exchange(&format!("Import,{string}"));
    }
    assert_eq!(other.exchange(&last), (2, String::new()));
}

#[test]
fn every_family_exports_all_of_its_calibration() {
    // What the probe gives where, which calibration is made of it, and what then is read and told.
    type Case = (
        EzoKind,
        [(f64, &'static str); 3],
        f64,
        &'static [(&'static str, &'static str)],
    );
    let cases: [Case; 7] = [
        (
            EzoKind::Ph,
            [(7.1, "Cal,mid,7"), (4.2, "Cal,low,4"), (10.3, "Cal,high,10")],
            10.3,
            &[("Cal,?", "?Cal,3"), ("R", "10.000")],
        ),
        (
            EzoKind::Ec,
            [
                (0.0, "Cal,dry"),
                (900.0, "Cal,low,1000"),
                (1_900.0, "Cal,high,2000"),
            ],
            900.0,
            &[("Cal,?", "?CAL,2"), ("R", "1000")],
        ),
        (
            EzoKind::Do,
            [(1.0, "Cal,0"), (9.0, "Cal"), (9.0, "Cal,?")],
            9.0,
            &[("Cal,?", "?Cal,2"), ("R", "9.09")],
        ),
        (
            EzoKind::Orp,
            [(200.0, "Cal,225"), (0.0, "i"), (0.0, "i")],
            100.0,
            &[("Cal,?", "?Cal,1"), ("R", "125.0")],
        ),
        (
            EzoKind::Rtd,
            [(20.0, "Cal,21"), (0.0, "i"), (0.0, "i")],
            30.0,
            &[("Cal,?", "?Cal,1"), ("R", "31.000")],
        ),
        (
            EzoKind::Co2,
            [(100.0, "Cal,0"), (2_100.0, "Cal,4000"), (0.0, "i")],
            1_100.0,
            &[("Cal,?", "?Cal,3")],
        ),
        (
            EzoKind::Prs,
            [(1.0, "Cal,0"), (6.0, "Cal,10"), (0.0, "i")],
            3.5,
            &[("Cal,?", "?Cal,3"), ("R", "5.00")],
        ),
    ];
    for (kind, points, value, expected) in cases {
        let mut from = plain(kind);
        for (value, command) in points {
            from.ezo.set(value);
            assert_eq!(from.exchange(command).0, 1, "{kind:?} {command}");
        }
        let mut to = plain(kind);
        for _ in 0..10 {
            let (_, string) = from.exchange("Export");
            assert_eq!(to.exchange(&format!("Import,{string}")).0, 1);
        }
        to.wait(2_000);
        to.ezo.set(value);
        exchanges(&mut to, expected);
    }
}

#[test]
fn restart_reasons_are_told() {
    let mut host = plain(EzoKind::Ph);
    for reason in ['S', 'B', 'W', 'U', 'P'] {
        host.ezo.restart(reason);
        host.wait(1_000);
        assert_eq!(host.exchange("Status"), (1, format!("?Status,{reason},5.000")));
    }
}

#[test]
fn starting_circuit_does_not_acknowledge() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.power_off();
    assert_eq!(host.write("i"), Err(I2cError::AddressNack));
    host.ezo.power_on();
    host.wait(799);
    assert_eq!(host.write("i"), Err(I2cError::AddressNack));
    host.wait(1);
    assert_eq!(host.write("i"), Ok(()));
}

#[test]
fn brown_out_between_command_and_answer_loses_both() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.brown_out_in_next_command();
    host.write("T,19.5").unwrap();
    host.wait(300);
    assert_eq!(host.read(8), Err(I2cError::AddressNack));
    host.wait(800);
    assert_eq!(host.read(8).unwrap()[0], 255);
    exchanges(&mut host, &[("Status", "?Status,B,5.000"), ("T,?", "?T,25.0")]);
}

#[test]
fn brown_out_in_a_command_is_half_way() {
    for (ms, there) in [(149, true), (151, false)] {
        let mut host = plain(EzoKind::Ph);
        host.ezo.brown_out_in_next_command();
        host.write("i").unwrap();
        host.wait(ms);
        assert_eq!(host.ezo.is_running(), there, "after {ms} ms");
    }
}

#[test]
fn new_command_loses_the_answer_but_not_the_effect_of_the_one_before() {
    let mut host = plain(EzoKind::Ph);
    host.write("T,19.5").unwrap();
    host.wait(100);
    host.write("i").unwrap();
    host.wait(301);
    assert_eq!(host.read(12).unwrap(), *b"\x01?i,pH,2.12\0");
    assert_eq!(host.exchange("T,?").1, "?T,19.5");
}

#[test]
fn wrong_texts_come_once() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.set(7.004);
    host.ezo.answer_next_with("7.0o4");
    assert_eq!(host.exchange("R").1, "7.0o4");
    host.ezo.truncate_next(3);
    assert_eq!(host.exchange("R").1, "7.0");
    host.ezo.set_next_status(7);
    assert_eq!(host.exchange("R").0, 7);
    host.ezo.ignore_next();
    assert_eq!(host.exchange("R").0, 255);
    assert_eq!(host.exchange("R"), (1, "7.004".to_owned()));
}

#[test]
fn hung_circuit_is_pending_until_it_restarts() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.set_hung(true);
    host.write("R").unwrap();
    host.wait(100_000);
    assert_eq!(host.read(8).unwrap()[0], 254);
    host.ezo.set_hung(false);
    host.ezo.power_cycle();
    host.wait(1_000);
    assert_eq!(host.exchange("i").0, 1);
}

#[test]
fn noise_is_the_same_for_the_same_seed() {
    let run = |seed| {
        let mut host = plain(EzoKind::Ph);
        host.ezo.set(7.004);
        host.ezo.set_noise(seed, 50_000);
        (0..20).map(|_| host.exchange_bytes("R")).collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    assert!(run(1).iter().any(|answer| answer != b"\x017.004"));
}

#[test]
fn bit_7_glitch_spares_the_status() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.set(7.004);
    host.ezo.set_bit_7(1, 1_000_000);
    let answer = host.exchange_bytes("R");
    assert_eq!(answer, [0x01, 0xB7, 0xAE, 0xB0, 0xB0, 0xB4]);
}

#[test]
fn overlong_command_is_refused() {
    let mut host = plain(EzoKind::Ph);
    assert_eq!(host.exchange(&"R".repeat(41)).0, 2);
    assert_eq!(host.exchange(&"R".repeat(200)).0, 2);
}

#[test]
fn unplugged_circuit_is_gone_and_starts_again() {
    let mut host = plain(EzoKind::Ph);
    host.exchange("T,19.5");
    host.attached.unplug();
    host.wait(100);
    assert_eq!(host.write("i"), Err(I2cError::AddressNack));
    host.attached.plug();
    host.wait(1_000);
    exchanges(&mut host, &[("Status", "?Status,P,5.000"), ("T,?", "?T,25.0")]);
}
