//! ORP, temperature, humidity, carbon dioxide, flow and pressure over I2C.

use sim::EzoKind;

use crate::host::{exchanges, plain};

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
fn rtd_calibrates_in_its_scale() {
    let mut host = plain(EzoKind::Rtd);
    host.ezo.set(20.0);
    exchanges(
        &mut host,
        &[
            ("S,f", ""),
            ("Cal,69.8", ""),
            ("R", "69.800"),
            ("S,k", ""),
            ("R", "294.150"),
            ("Cal,293.15", ""),
            ("S,c", ""),
            ("R", "20.000"),
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
            ("M", "refused"),
            ("M,clear", ""),
            ("M,?", "?M,0"),
            ("M,all", ""),
            ("D,1", ""),
        ],
    );
    host.wait(10_000);
    exchanges(&mut host, &[("M", "1,112.00")]);
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
            ("Auto,en,3", "refused"),
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
            ("Alarm,en,2", "refused"),
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
            ("P,100", ""),
            ("P,?", "?P,100"),
            ("P,0", ""),
            ("P,1", ""),
            ("P,-1", ""),
            ("P,10", ""),
            ("P,-100", ""),
            ("P,?", "?P,-100"),
            ("P,5", "refused"),
            ("Clear", ""),
            ("R", "0.00"),
        ],
    );
}

#[test]
fn flow_is_told_per_second_minute_or_hour() {
    let mut host = plain(EzoKind::Flo);
    host.ezo.set(90.0);
    exchanges(
        &mut host,
        &[
            ("O,TV,0", ""),
            ("R", "90.00"),
            ("Frp,s", ""),
            ("R", "1.50"),
            ("Frp,h", ""),
            ("R", "5400.00"),
            ("CF,2", ""),
            ("R", "10800.00"),
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
            ("U,atm", ""),
            ("R", "0.817"),
            ("U,inh2o", ""),
            ("R", "332.160"),
            ("U,cmh2o", ""),
            ("R", "843.684"),
            ("U,psi", ""),
            ("R", "12.000"),
            ("Cal,?", "?Cal,2"),
            ("Alarm,en,2", "refused"),
            ("Alarm,?", "?Alarm,0,0,0"),
        ],
    );
}
