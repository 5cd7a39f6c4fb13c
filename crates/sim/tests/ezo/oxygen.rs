//! Dissolved oxygen over I2C.

use sim::{EzoFirmware, EzoKind};

use crate::host::{MS, ask, exchanges, plain};

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
            ("S,10000", ""),
            ("R", "8.77,100.0"),
            ("S,2500", ""),
            ("R", "9.01,100.0"),
            ("S,2499", ""),
            ("R", "9.09,100.0"),
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
