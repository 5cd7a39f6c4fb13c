//! The EZO models over I2C, byte for byte: every expected byte and time is a literal from the command tables.

#[path = "ezo/host.rs"]
mod host;

use host::{I2cHost, MS};
use sim::{Bottle, Ezo, EzoDialect, EzoFirmware, EzoKind, EzoTiming, I2cError, Liquid, Water};

/// Sends `command`, waits `ms` and reads 48 bytes.
fn ask(kind: EzoKind, setup: impl Fn(Ezo) -> Ezo) -> I2cHost {
    I2cHost::new(kind, setup)
}

fn plain(kind: EzoKind) -> I2cHost {
    ask(kind, |ezo| ezo)
}

/// Asserts that each command gets its answer: text after status 1, or `refused`.
#[track_caller]
fn exchanges(host: &mut I2cHost, list: &[(&str, &str)]) {
    for (command, answer) in list {
        let got = host.exchange(command);
        let want = match *answer {
            "refused" => (2, String::new()),
            text => (1, text.to_owned()),
        };
        assert_eq!(got, want, "{command}");
    }
}

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
fn dialects_can_be_mixed() {
    let dialect = EzoDialect {
        comma_after_question_mark: false,
        ..EzoDialect::new(EzoFirmware::New)
    };
    let mut host = ask(EzoKind::Ec, |ezo| ezo.with_dialect(dialect));
    assert_eq!(host.exchange("O,?"), (1, "?O,EC".to_owned()));
}

#[test]
fn ph_calibrates_in_three_points() {
    let mut host = plain(EzoKind::Ph);
    // An electrode with 95 % slope and 8 mV offset.
    host.ezo.set_probe(0.95, 8.0);
    host.ezo.set(4.0);
    exchanges(&mut host, &[("R", "4.015"), ("Cal,low,4.00", "refused")]);
    host.ezo.set(7.0);
    exchanges(
        &mut host,
        &[("Cal,mid,7.00", ""), ("R", "7.000"), ("Cal,?", "?Cal,1")],
    );
    host.ezo.set(4.0);
    exchanges(&mut host, &[("R", "4.150"), ("Cal,low,4.00", ""), ("R", "4.000")]);
    host.ezo.set(10.0);
    exchanges(
        &mut host,
        &[("Cal,?", "?Cal,2"), ("R", "9.850"), ("Cal,high,10.00", "")],
    );
    exchanges(
        &mut host,
        &[
            ("R", "10.000"),
            ("Cal,?", "?Cal,3"),
            ("Slope,?", "?Slope,95.0,95.0,8.00"),
        ],
    );
    host.ezo.set(7.0);
    exchanges(&mut host, &[("Cal,mid,7.00", ""), ("Cal,?", "?Cal,1")]);
    exchanges(
        &mut host,
        &[
            ("Slope,?", "?Slope,100.0,100.0,8.00"),
            ("Cal,clear", ""),
            ("Cal,?", "?Cal,0"),
        ],
    );
}

#[test]
fn ph_compensation_changes_the_slope() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.water().set_celsius(10.0);
    host.ezo.set(4.0);
    // 56.18 of 59.16 mV.
    exchanges(
        &mut host,
        &[
            ("R", "4.151"),
            ("RT,10", "4.000"),
            ("T,?", "?T,10.0"),
            ("R", "4.000"),
        ],
    );
    exchanges(
        &mut host,
        &[("T,19.5", ""), ("T,?", "?T,19.5"), ("T,x", "refused")],
    );
}

#[test]
fn compensation_is_lost_in_a_restart_but_not_in_sleep() {
    let mut host = plain(EzoKind::Ph);
    host.exchange("T,19.5");
    host.write("Sleep").unwrap();
    host.wait(1_000);
    assert!(host.ezo.is_asleep());
    host.write("T,?").unwrap();
    host.wait(20);
    assert_eq!(host.exchange("T,?"), (1, "?T,19.5".to_owned()));
    host.ezo.power_cycle();
    host.wait(1_000);
    assert_eq!(host.exchange("T,?"), (1, "?T,25.0".to_owned()));
}

#[test]
fn ph_range_grows_with_phext() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.set(-1.0);
    exchanges(
        &mut host,
        &[
            ("R", "0.000"),
            ("pHext,1", ""),
            ("R", "-1.000"),
            ("pHext,?", "?pHext,1"),
        ],
    );
    host.ezo.set(15.9);
    exchanges(&mut host, &[("R", "15.600"), ("pHext,0", ""), ("R", "14.000")]);
}

#[test]
fn unplugged_ph_probe_reads_something_plausible() {
    let mut host = plain(EzoKind::Ph);
    host.ezo.set_probe_connected(false);
    let (status, text) = host.exchange("R");
    let ph: f64 = text.parse().unwrap();
    assert!(status == 1 && (6.5..7.5).contains(&ph), "{text}");
}

#[test]
fn ec_calibrates_dry_then_one_point() {
    let mut host = plain(EzoKind::Ec);
    host.ezo.set_probe(0.9, 3.0);
    host.ezo.set(1413.0);
    exchanges(
        &mut host,
        &[("R", "1275"), ("Cal,1413", "refused"), ("Cal,?", "?CAL,0")],
    );
    host.ezo.set_in_air(true);
    exchanges(&mut host, &[("Cal,dry", ""), ("R", "0.00"), ("Cal,?", "?CAL,0")]);
    host.ezo.set_in_air(false);
    exchanges(
        &mut host,
        &[
            ("R", "1272"),
            ("Cal,1413", ""),
            ("R", "1413"),
            ("Cal,?", "?CAL,1"),
        ],
    );
}

#[test]
fn ec_calibrates_two_wet_points_at_the_second() {
    let mut host = plain(EzoKind::Ec);
    host.ezo.set_probe(0.9, 0.0);
    host.ezo.set_in_air(true);
    exchanges(&mut host, &[("Cal,dry", "")]);
    host.ezo.set_in_air(false);
    host.ezo.set(12_880.0);
    // 11 592 at the resolution of 10 µS.
    exchanges(
        &mut host,
        &[
            ("Cal,high,80000", "refused"),
            ("Cal,low,12880", ""),
            ("R", "11590"),
        ],
    );
    host.ezo.set(80_000.0);
    exchanges(
        &mut host,
        &[("Cal,high,80000", ""), ("R", "80000"), ("Cal,?", "?CAL,2")],
    );
}

#[test]
fn ec_outputs_are_packed() {
    let mut host = plain(EzoKind::Ec);
    host.ezo.set(1413.0);
    exchanges(
        &mut host,
        &[
            ("O,?", "?,O,EC"),
            ("O,TDS,1", ""),
            ("O,?", "?,O,EC,TDS"),
            ("TDS,?", "?TDS,0.54"),
            ("R", "1413,763"),
            ("TDS,0.5", ""),
            ("R", "1413,706"),
            ("O,S,1", ""),
            ("O,SG,1", ""),
            ("O,?", "?,O,EC,TDS,S,SG"),
            ("R", "1413,706,0.68,1.001"),
            ("O,TDS,0", ""),
            ("R", "1413,0.68,1.001"),
            ("O,EC,0", ""),
            ("O,S,0", ""),
            ("O,SG,0", ""),
            ("R", "no output"),
            ("O,XX,1", "refused"),
        ],
    );
}

#[test]
fn old_ec_has_all_outputs_on() {
    let mut host = ask(EzoKind::Ec, |ezo| ezo.with_firmware(EzoFirmware::Old));
    host.ezo.set(1413.0);
    exchanges(
        &mut host,
        &[
            ("O,?", "?O,EC,TDS,S,SG"),
            ("R", "1413,763,0.68,1.001"),
            ("i", "?I,EC,1.90"),
        ],
    );
}

#[test]
fn ec_resolution_follows_the_value() {
    let mut host = plain(EzoKind::Ec);
    for (value, text) in [
        (42.424, "42.42"),
        (842.42, "842.4"),
        (8_424.2, "8424"),
        (12_884.0, "12880"),
        (123_456.0, "123500"),
        (300_000.0, "200000"),
        (3.0, "0.00"),
    ] {
        host.ezo.set(value);
        assert_eq!(host.exchange("R"), (1, text.to_owned()));
    }
}

#[test]
fn ec_compensates_at_1_9_percent_a_degree() {
    let mut host = plain(EzoKind::Ec);
    host.ezo.water().set_celsius(15.0);
    host.ezo.set(1_000.0);
    exchanges(
        &mut host,
        &[("R", "810.0"), ("RT,15", "1000"), ("T,?", "?T,15.0")],
    );
}

#[test]
fn new_k_clears_the_calibration_and_wrong_k_is_refused() {
    let mut host = plain(EzoKind::Ec);
    host.ezo.set_in_air(true);
    exchanges(&mut host, &[("Cal,dry", "")]);
    host.ezo.set_in_air(false);
    exchanges(
        &mut host,
        &[
            ("Cal,1413", ""),
            ("K,?", "?K,1.0"),
            ("K,10.1", "refused"),
            ("K,?", "?K,1.0"),
            ("K,0.1", ""),
            ("K,?", "?K,0.1"),
            ("Cal,?", "?CAL,0"),
        ],
    );
}

#[test]
fn dissolved_oxygen_in_air() {
    let mut host = plain(EzoKind::Do);
    host.ezo.set_probe(1.2, 0.05);
    host.ezo.set_in_air(true);
    exchanges(
        &mut host,
        &[
            ("i", "?i,DO,2.16"),
            ("T,?", "?T,20.0"),
            ("Cal,?", "?Cal,0"),
            ("R", "11.37"),
            ("Cal", ""),
            ("R", "9.09"),
            ("Cal,?", "?Cal,1"),
            ("O,?", "?,O,mg"),
            ("O,%,1", ""),
            ("O,?", "?,O,%,mg"),
            ("R", "9.09,100.0"),
            ("P,?", "?,P,101.3"),
            ("P,90.25", ""),
            ("P,?", "?,P,90.25"),
            ("R", "8.10,100.0"),
            ("P,101.3", ""),
            ("S,?", "?S,0,µS"),
            ("S,35,ppt", ""),
            ("S,?", "?S,35.0,ppt"),
            ("R", "7.31,100.0"),
            ("S,1200", ""),
            ("S,?", "?S,1200,µS"),
            ("R", "9.09,100.0"),
            ("O,mg,0", ""),
            ("R", "100.0"),
        ],
    );
}

#[test]
fn dissolved_oxygen_has_a_zero_point() {
    let mut host = plain(EzoKind::Do);
    host.ezo.set_probe(1.0, 0.1);
    host.ezo.set(0.0);
    exchanges(
        &mut host,
        &[("R", "0.91"), ("Cal,0", ""), ("R", "0.00"), ("Cal,?", "?Cal,1")],
    );
    host.ezo.set_in_air(true);
    exchanges(&mut host, &[("Cal", ""), ("Cal,?", "?Cal,2"), ("R", "9.09")]);
}

#[test]
fn micro_sign_is_a_raw_byte() {
    let mut host = plain(EzoKind::Do);
    host.write("S,?").unwrap();
    host.wait(301);
    assert_eq!(
        host.read(9).unwrap(),
        [1, b'?', b'S', b',', b'0', b',', 0xB5, b'S', 0]
    );
}

#[test]
fn oxygen_calibration_takes_1300_ms() {
    let mut host = plain(EzoKind::Do);
    host.write("Cal").unwrap();
    let begun = host.clock.now();
    host.wait(2_000);
    assert_eq!(host.ezo.answered_at(), Some(begun + 1_300 * MS));
}

#[test]
fn old_oxygen_circuit_has_its_own_spelling() {
    let mut host = ask(EzoKind::Do, |ezo| ezo.with_firmware(EzoFirmware::Old));
    exchanges(
        &mut host,
        &[("i", "?I,D.O.,1.98"), ("O,?", "?O,MG,1,%,0"), ("P,?", "?P,101.3")],
    );
}

#[test]
fn orp_calibrates_with_an_offset_and_has_no_temperature() {
    let mut host = plain(EzoKind::Orp);
    host.ezo.set(209.6);
    exchanges(
        &mut host,
        &[
            ("R", "209.6"),
            ("Cal,225", ""),
            ("R", "225.0"),
            ("Cal,?", "?Cal,1"),
            ("Cal,clear", ""),
            ("R", "209.6"),
            ("T,25", "refused"),
            ("RT,25", "refused"),
            ("O,?", "refused"),
            ("ORPext,?", "?ORPext,0"),
        ],
    );
    host.ezo.set(-1_500.0);
    exchanges(&mut host, &[("R", "-1019.9"), ("ORPext,1", ""), ("R", "-1500.0")]);
}

#[test]
fn rtd_reads_in_three_scales() {
    let mut host = plain(EzoKind::Rtd);
    host.ezo.set(25.104);
    exchanges(
        &mut host,
        &[
            ("R", "25.104"),
            ("S,?", "?S,c"),
            ("S,k", ""),
            ("R", "298.254"),
            ("S,f", ""),
            ("R", "77.187"),
            ("S,?", "?S,f"),
            ("S,x", "refused"),
            ("S,c", ""),
            ("Cal,26", ""),
            ("R", "26.000"),
            ("Cal,?", "?Cal,1"),
        ],
    );
}

#[test]
fn rtd_without_probe_reads_minus_1023() {
    let mut host = plain(EzoKind::Rtd);
    host.ezo.set_probe_connected(false);
    host.write("R").unwrap();
    host.wait(601);
    assert_eq!(
        host.read(12).unwrap(),
        [
            0x01, 0x2D, 0x31, 0x30, 0x32, 0x33, 0x2E, 0x30, 0x30, 0x30, 0x00, 0x00
        ]
    );
}

#[test]
fn rtd_logs_at_its_interval() {
    let mut host = plain(EzoKind::Rtd);
    host.ezo.set(100.0);
    exchanges(
        &mut host,
        &[("D,?", "?D,0"), ("D,6", ""), ("D,?", "?D,6"), ("M,?", "?M,0")],
    );
    for celsius in [100.0, 104.0, 108.0, 112.0] {
        host.ezo.set(celsius);
        host.wait(60_000);
    }
    exchanges(
        &mut host,
        &[
            ("D,0", ""),
            ("M,?", "?M,4"),
            ("M,all", "100.00,104.00,108.00,112.00"),
            ("M", "1,100.00"),
            ("M", "2,104.00"),
            ("M", "3,108.00"),
            ("M", "4,112.00"),
            ("M,clear", ""),
            ("M,?", "?M,0"),
        ],
    );
}

#[test]
fn hum_says_dew_before_the_dew_point() {
    let mut host = plain(EzoKind::Hum);
    host.ezo.set(45.2);
    host.ezo.set_second(22.4);
    exchanges(
        &mut host,
        &[
            ("R", "45.20"),
            ("O,T,1", ""),
            ("R", "45.20,22.40"),
            ("O,Dew,1", ""),
            ("R", "45.20,22.40,Dew,9.94"),
            ("O,?", "?,O,HUM,T,Dew"),
            ("Tcal,?", "?Tcal,0"),
            ("Tcal,23", ""),
            ("Tcal,?", "?Tcal,1"),
            ("R", "45.20,23.00,Dew,10.49"),
            ("Auto,en,2", ""),
            ("Auto,60", ""),
            ("Auto,tol,5", ""),
            ("Auto,?", "?Auto,60,5,2"),
            ("I", "refused"),
            ("i", "?i,HUM,1.0"),
        ],
    );
}

#[test]
fn co2_warms_up_for_ten_seconds() {
    let mut host = plain(EzoKind::Co2);
    host.ezo.set(1250.0);
    host.ezo.set_second(31.6);
    exchanges(
        &mut host,
        &[
            ("R", "1250"),
            ("O,t,1", ""),
            ("R", "1250,31.6"),
            ("O,?", "?,O,ppm,t"),
            ("Alarm,en,1", ""),
            ("Alarm,1200", ""),
            ("Alarm,tol,100", ""),
            ("Alarm,?", "?Alarm,1200,100,1"),
            ("Cal,5000", ""),
            ("Cal,?", "?Cal,2"),
            ("R", "5000,31.6"),
            ("Cal,clear", ""),
            ("O,t,0", ""),
        ],
    );
    host.ezo.power_cycle();
    host.wait(1_000);
    assert_ne!(host.exchange("R").1, "1250");
    host.wait(10_000);
    assert_eq!(host.exchange("R").1, "1250");
}

#[test]
fn flow_is_totalled() {
    let mut host = plain(EzoKind::Flo);
    host.ezo.set(1.55);
    exchanges(&mut host, &[("Clear", "")]);
    assert_eq!(host.exchange_after("R", 60_000), "1.55,1.55");
    assert_eq!(host.exchange_after("R", 60_000), "3.10,1.55");
    host.ezo.set(0.0);
    exchanges(
        &mut host,
        &[
            ("O,FR,0", ""),
            ("R", "3.10"),
            ("O,?", "?,O,TV"),
            ("Frp,?", "?Frp,m"),
            ("Frp,h", ""),
            ("Frp,?", "?Frp,h"),
            ("Set,?", "?Set,3/8"),
            ("Set,1/2", ""),
            ("Set,?", "?Set,1/2"),
            ("K,clear", ""),
            ("K,1,100", ""),
            ("K,2.5,200", ""),
            ("K,?", "?K,1,100,2.5,200"),
            ("Vp,s", ""),
            ("Vp,?", "?Vp,s"),
            ("CF,?", "?CF,1.0"),
            ("P,-10", ""),
            ("P,?", "?P,-10"),
            ("P,5", "refused"),
            ("Clear", ""),
            ("R", "0.00"),
        ],
    );
}

#[test]
fn pressure_has_units_and_decimals() {
    let mut host = plain(EzoKind::Prs);
    host.ezo.set(10.0);
    exchanges(
        &mut host,
        &[
            ("R", "10.00"),
            ("U,?", "?U,psi"),
            ("U,1", ""),
            ("R", "10.00,psi"),
            ("U,0", ""),
            ("U,kPa", ""),
            ("R", "68.95"),
            ("U,?", "?U,kPa"),
            ("U,bar", ""),
            ("Dec,3", ""),
            ("Dec,?", "?Dec,3"),
            ("R", "0.689"),
            ("Dec,9", "refused"),
            ("U,psi", ""),
            ("Cal,12", ""),
            ("R", "12.000"),
            ("Cal,?", "?Cal,2"),
            ("Alarm,?", "?Alarm,0,0,0"),
        ],
    );
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
    for (ms, heard) in [(9, false), (11, true)] {
        let mut host = plain(EzoKind::Ph);
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

#[test]
fn pump_delivers_a_dose_into_the_water() {
    let mut host = plain(EzoKind::Pmp);
    let water = Water::new(&host.clock)
        .with_volume(20.0)
        .with_buffer(1.0)
        .with_mixing_time(0.0);
    let bottle = Bottle::new(Liquid::acid(1.0), 500.0);
    let _same = host.ezo.clone().with_water(&water).with_bottle(&bottle);
    water.set_ph(7.0);
    exchanges(&mut host, &[("D,10.5", ""), ("D,?", "?D,10.50,1")]);
    // 10.5 ml at 105 ml a minute.
    host.wait(6_000);
    exchanges(
        &mut host,
        &[("D,?", "?D,10.50,0"), ("R", "10.50"), ("TV,?", "?TV,10.50")],
    );
    assert!((host.ezo.delivered() - 10.5).abs() < 1e-6);
    assert!((bottle.millilitres() - 489.5).abs() < 1e-6);
    // 10.5 mmol in 20.0105 l.
    assert!((water.ph() - (7.0 - 0.5247)).abs() < 0.001, "{}", water.ph());
    assert!((water.litres() - 20.0105).abs() < 1e-6);
}

#[test]
fn water_sees_the_dose_although_nobody_asks_the_pump() {
    let mut host = plain(EzoKind::Pmp);
    let water = Water::new(&host.clock).with_mixing_time(0.0);
    let _same = host.ezo.clone().with_water(&water);
    host.write("D,21").unwrap();
    host.wait(300 + 6_000);
    // Half of it.
    assert!((water.litres() - 20.0105).abs() < 1e-5, "{}", water.litres());
    host.wait(60_000);
    assert!((water.litres() - 20.021).abs() < 1e-9, "{}", water.litres());
}

#[test]
fn pump_limits() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(
        &mut host,
        &[
            ("D,0.4", "refused"),
            ("D,0.5", ""),
            ("D,10,0.05", "refused"),
            ("DC,?", "?maxrate,105.0"),
            ("DC,106,1", "refused"),
            ("DC,105,1", ""),
        ],
    );
    assert_eq!(host.exchange_after("X", 6_000), "*DONE,10.50");
    assert_eq!(host.exchange("DC,0.4,1").0, 2);
    assert_eq!(host.exchange("D,?").1, "?D,105.00,0");
    host.ezo.set_motor_supply(0.0);
    exchanges(
        &mut host,
        &[("PV,?", "?PV,0.00"), ("D,10", "refused"), ("D,*", "refused")],
    );
    host.ezo.set_motor_supply(13.86);
    exchanges(
        &mut host,
        &[("PV,?", "?PV,13.86"), ("D,*", ""), ("D,?", "?D,*,1")],
    );
}

#[test]
fn dose_over_time_runs_for_that_time() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(&mut host, &[("D,-40.5,2", "")]);
    assert_eq!(host.exchange_after("R", 60_000), "-20.25");
    exchanges(&mut host, &[("D,?", "?D,-40.50,1")]);
    host.wait(61_000);
    exchanges(
        &mut host,
        &[
            ("D,?", "?D,-40.50,0"),
            ("TV,?", "?TV,-40.50"),
            ("ATV,?", "?ATV,40.50"),
            ("Clear", ""),
            ("ATV,?", "?ATV,0.00"),
        ],
    );
}

#[test]
fn pause_stops_the_flow_and_the_time() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(&mut host, &[("DC,60,1", ""), ("P", ""), ("P,?", "?P,1")]);
    let paused = host.ezo.delivered();
    host.wait(100_000);
    assert!((host.ezo.delivered() - paused).abs() < 1e-9);
    exchanges(&mut host, &[("P", ""), ("P,?", "?P,0"), ("D,?", "?D,60.00,1")]);
    host.wait(60_000);
    exchanges(&mut host, &[("D,?", "?D,60.00,0"), ("R", "60.00")]);
    assert!((host.ezo.delivered() - 60.0).abs() < 1e-6);
}

#[test]
fn pump_calibrates_by_volume_and_by_time() {
    let mut host = plain(EzoKind::Pmp);
    host.ezo.set_probe(0.9, 0.0);
    exchanges(&mut host, &[("Cal,?", "?Cal,0"), ("D,10", "")]);
    host.wait(10_000);
    assert!((host.ezo.delivered() - 9.0).abs() < 1e-6);
    exchanges(&mut host, &[("Cal,9", ""), ("Cal,?", "?Cal,1"), ("D,10", "")]);
    host.wait(10_000);
    assert!((host.ezo.delivered() - 19.0).abs() < 1e-6);
    exchanges(&mut host, &[("D,10,1", "")]);
    host.wait(70_000);
    assert!((host.ezo.delivered() - 28.0).abs() < 1e-6);
    exchanges(
        &mut host,
        &[
            ("Cal,9", ""),
            ("Cal,?", "?Cal,3"),
            ("DC,?", "?maxrate,94.5"),
            ("DC,10,1", ""),
        ],
    );
    host.wait(70_000);
    assert!((host.ezo.delivered() - 38.0).abs() < 1e-6);
    exchanges(&mut host, &[("Cal,clear", ""), ("Cal,?", "?Cal,0")]);
}

#[test]
fn pump_forgets_its_totals_but_not_its_orders_without_power() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(
        &mut host,
        &[
            ("Invert", ""),
            ("Invert,?", "?Invert,1"),
            ("Dstart,?", "?Dstart,0"),
            ("Dstart,5", ""),
            ("D,10", ""),
        ],
    );
    host.wait(10_000);
    assert!((host.ezo.delivered() + 10.0).abs() < 1e-6);
    host.ezo.power_cycle();
    host.wait(10_000);
    exchanges(
        &mut host,
        &[
            ("Invert,?", "?Invert,1"),
            ("Dstart,?", "?Dstart,5"),
            ("D,?", "?D,5.00,0"),
            ("TV,?", "?TV,5.00"),
            ("Dstart,off", ""),
            ("Dstart,?", "?Dstart,0"),
        ],
    );
    assert!((host.ezo.delivered() + 15.0).abs() < 1e-6);
}

#[test]
fn pump_outputs_are_in_order() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(
        &mut host,
        &[
            ("O,TV,1", ""),
            ("O,ATV,1", ""),
            ("O,?", "?,O,V,TV,ATV"),
            ("D,-1", ""),
        ],
    );
    host.wait(5_000);
    exchanges(
        &mut host,
        &[("R", "-1.00,-1.00,1.00"), ("O,V,0", ""), ("R", "-1.00,1.00")],
    );
}

#[test]
fn empty_bottle_delivers_nothing() {
    let mut host = plain(EzoKind::Pmp);
    let bottle = Bottle::new(Liquid::PLAIN, 3.0);
    let _same = host.ezo.clone().with_bottle(&bottle);
    exchanges(&mut host, &[("D,10", "")]);
    host.wait(10_000);
    // The circuit does not know.
    exchanges(&mut host, &[("R", "10.00")]);
    assert!((host.ezo.delivered() - 3.0).abs() < 1e-9);
    assert!(bottle.millilitres().abs() < 1e-9);
}

#[test]
fn pump_restarts_after_20_days() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(&mut host, &[("D,*", "")]);
    host.wait(20 * 86_400_000 - 1_000);
    exchanges(&mut host, &[("D,?", "?D,*,1")]);
    host.wait(2_000);
    exchanges(&mut host, &[("D,?", "?D,0.00,0"), ("Status", "?Status,S,5.000")]);
}

#[test]
fn probes_in_one_water_agree() {
    let mut host = plain(EzoKind::Ec);
    let water = Water::new(&host.clock).with_volume(10.0).with_mixing_time(0.0);
    let _same = host.ezo.clone().with_water(&water);
    water.set_microsiemens(500.0);
    exchanges(&mut host, &[("R", "500.0")]);
    water.pour(Liquid::nutrient(100.0), 50.0);
    // (500 × 10 + 100 × 50) / 10.05
    exchanges(&mut host, &[("R", "995.0")]);
}
