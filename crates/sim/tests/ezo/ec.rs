//! Conductivity over I2C.

use sim::{EzoDialect, EzoFirmware, EzoKind};

use crate::host::{ask, exchanges, plain};

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
fn k_sets_the_range() {
    // K, cell constant alike, least and most in µS/cm.
    for (k, constant, least, most, text) in [
        ("K,0.1", 0.1, 0.07, 60_000.0, "50000"),
        ("K,0.49", 0.49, 0.07, 60_000.0, "50000"),
        ("K,0.5", 0.5, 5.0, 300_000.0, "200000"),
        ("K,4.99", 4.99, 5.0, 300_000.0, "200000"),
        ("K,5", 5.0, 10.0, 2_000_000.0, "1000000"),
        ("K,10", 10.0, 10.0, 2_000_000.0, "1000000"),
    ] {
        let mut host = plain(EzoKind::Ec);
        host.ezo.set_cell_constant(constant);
        exchanges(&mut host, &[(k, "")]);
        host.ezo.set(least + 0.005);
        assert_ne!(host.exchange("R").1, "0.00", "{k}");
        host.ezo.set(least - 0.005);
        assert_eq!(host.exchange("R").1, "0.00", "{k}");
        host.ezo.set(most);
        assert_eq!(host.exchange("R").1, text, "{k}");
    }
}

#[test]
fn wrong_k_scales_the_reading() {
    let mut host = plain(EzoKind::Ec);
    host.ezo.set_cell_constant(2.0);
    host.ezo.set(1_000.0);
    exchanges(
        &mut host,
        &[
            ("R", "500.0"),
            ("K,2", ""),
            ("R", "1000"),
            ("K,4", ""),
            ("R", "2000"),
        ],
    );
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
