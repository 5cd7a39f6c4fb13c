//! pH over I2C.

use sim::EzoKind;

use crate::host::{exchanges, plain};

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
fn ph_points_have_their_windows() {
    let mut host = plain(EzoKind::Ph);
    for (command, taken) in [
        ("Cal,mid,6.00", false),
        ("Cal,mid,8.00", false),
        ("Cal,mid,7.99", true),
        ("Cal,mid,6.01", true),
        ("Cal,low,0.99", false),
        ("Cal,low,1.00", true),
        ("Cal,low,6.00", true),
        ("Cal,low,6.01", false),
        ("Cal,high,7.99", false),
        ("Cal,high,8.00", true),
        ("Cal,high,14.00", true),
        ("Cal,high,14.01", false),
        ("Cal,mid", false),
        ("Cal,mid,", false),
        ("Cal,mid,7,0", false),
    ] {
        assert_eq!(host.exchange(command).0 == 1, taken, "{command}");
    }
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
