//! The EZO models over UART, byte for byte.

use embedded_io::Read;
use sim::{Ezo, EzoDialect, EzoFirmware, EzoKind, EzoMode, I2cBus, UartError};

use crate::host::{MS, UartHost};

fn ph() -> UartHost {
    UartHost::new(EzoKind::Ph, |ezo| {
        ezo.set(7.004);
        ezo
    })
}

fn pump() -> UartHost {
    UartHost::new(EzoKind::Pmp, |ezo| ezo)
}

#[test]
fn data_sheet_exchanges() {
    let mut host = ph();
    for (line, answer) in [
        ("i", "?i,pH,2.12\r*OK\r"),
        ("R", "7.004\r*OK\r"),
        ("Slope,?", "?Slope,100.0,100.0,0.00\r*OK\r"),
        ("bogus", "*ER\r"),
        ("", "*ER\r"),
        ("T,19.5", "*OK\r"),
        ("T,?", "?T,19.5\r*OK\r"),
        ("C,?", "?C,0\r*OK\r"),
        ("Baud,?", "?Baud,9600\r*OK\r"),
        ("Export,?", "10,120\r*OK\r"),
    ] {
        assert_eq!(host.exchange(line), answer, "{line}");
    }
}

#[test]
fn line_feed_spoils_the_next_command() {
    let mut host = ph();
    assert_eq!(host.exchange("i"), "?i,pH,2.12\r*OK\r");
    host.send("\n");
    assert_eq!(host.exchange("i"), "*ER\r");
}

#[test]
fn response_codes_can_be_off() {
    let mut host = ph();
    assert_eq!(host.exchange("*OK,?"), "?*OK,1\r*OK\r");
    assert_eq!(host.exchange("*OK,0"), "");
    assert_eq!(host.exchange("R"), "7.004\r");
    assert_eq!(host.exchange("*OK,?"), "?*OK,0\r");
    assert_eq!(host.exchange("bogus"), "*ER\r");
    assert_eq!(host.exchange("*OK,1"), "*OK\r");
}

#[test]
fn continuous_mode_reports_each_second() {
    let mut host = UartHost::as_shipped(EzoKind::Ph, |ezo| {
        ezo.set(7.004);
        ezo
    });
    assert_eq!(host.listen(3_500), "7.004\r7.004\r7.004\r");
    assert_eq!(host.exchange("C,?"), "?C,1\r*OK\r7.004\r");
    host.exchange("C,5");
    host.listen(100);
    assert_eq!(host.exchange("C,?"), "?C,5\r*OK\r");
    assert_eq!(host.listen(10_000), "7.004\r7.004\r");
    assert_eq!(host.exchange("C,100"), "*ER\r");
}

#[test]
fn report_comes_between_command_and_answer() {
    let mut host = UartHost::as_shipped(EzoKind::Ph, |ezo| {
        ezo.set(7.004);
        ezo
    });
    host.listen(900);
    assert_eq!(host.exchange("i"), "7.004\r?i,pH,2.12\r*OK\r");
}

#[test]
fn find_ends_continuous_mode() {
    let mut host = UartHost::as_shipped(EzoKind::Ph, |ezo| ezo);
    host.exchange("Find");
    assert!(host.ezo.is_finding());
    assert_eq!(host.listen(5_000), "");
    host.send("x");
    assert!(!host.ezo.is_finding());
}

#[test]
fn sleep_eats_the_first_command() {
    let mut host = ph();
    assert_eq!(host.exchange("Sleep"), "*OK\r*SL\r");
    assert_eq!(host.exchange("R"), "*WA\r");
    assert_eq!(host.exchange("R"), "7.004\r*OK\r");
}

#[test]
fn command_right_behind_sleep_is_eaten() {
    let mut host = ph();
    host.send("Sleep\rR\r");
    assert_eq!(host.listen(2_000), "*OK\r*SL\r*WA\r");
    assert_eq!(host.exchange("R"), "7.004\r*OK\r");
}

#[test]
fn bare_return_wakes() {
    let mut host = ph();
    host.exchange("Sleep");
    host.send("\r");
    assert_eq!(host.listen(20), "*WA\r");
    assert_eq!(host.exchange("R"), "7.004\r*OK\r");
}

#[test]
fn new_baud_rate_begins_after_the_ok() {
    let mut host = ph();
    host.send("Baud,38400\r");
    // 300 ms, then four bytes at 9600 baud.
    assert_eq!(host.listen(306), "*OK\r");
    host.serial.set_baud(38_400);
    assert_eq!(host.listen(1_000), "*RS\r*RE\r");
    assert_eq!(host.exchange("R"), "7.004\r*OK\r");
    assert_eq!(host.exchange("Baud,38401"), "*ER\r");
}

#[test]
fn eight_baud_rates_are_known() {
    for baud in [300, 1_200, 2_400, 9_600, 19_200, 38_400, 57_600, 115_200] {
        let mut host = ph();
        host.send(&format!("Baud,{baud}\r"));
        host.serial.set_baud(baud);
        // Four bytes at 300 baud take 133 ms, and `*RS` 133 more.
        host.listen(2_000);
        assert_eq!(host.exchange("Baud,?"), format!("?Baud,{baud}\r*OK\r"));
    }
    for baud in [0, 600, 4_800, 14_400, 230_400] {
        assert_eq!(ph().exchange(&format!("Baud,{baud}")), "*ER\r");
    }
}

#[test]
fn wrong_baud_rate_is_garbage_always_the_same() {
    let run = || {
        let mut host = ph();
        host.serial.set_baud(19_200);
        let garbage = host.exchange("i");
        host.serial.set_baud(9_600);
        (garbage, host.exchange("i"))
    };
    let (garbage, after) = run();
    assert_ne!(garbage, "?i,pH,2.12\r*OK\r");
    assert!(
        after.ends_with("*ER\r") || after.ends_with("?i,pH,2.12\r*OK\r"),
        "{after:?}"
    );
    assert_eq!(run(), (garbage, after));
}

#[test]
fn factory_restarts() {
    let mut host = ph();
    host.exchange("*OK,0");
    host.exchange("L,0");
    host.send("Factory\r");
    assert_eq!(host.listen(1_200), "*RS\r*RE\r");
    assert_eq!(host.exchange("C,0"), "*OK\r");
    assert_eq!(host.exchange("L,?"), "?L,1\r*OK\r");
}

#[test]
fn power_cycle_announces_itself_and_forgets_the_temperature() {
    let mut host = ph();
    host.exchange("T,19.5");
    host.ezo.power_cycle();
    assert_eq!(host.listen(850), "*RS\r*RE\r");
    assert_eq!(host.exchange("T,?"), "?T,25.0\r*OK\r");
    assert_eq!(host.exchange("C,?"), "?C,0\r*OK\r");
}

#[test]
fn supply_is_complained_about() {
    let mut host = ph();
    host.ezo.set_supply(3.1);
    assert_eq!(host.listen(50), "*UV\r");
    host.ezo.set_supply(5.5);
    assert_eq!(host.listen(50), "*OV\r");
    host.ezo.set_supply(5.0);
    assert_eq!(host.listen(50), "");
}

#[test]
fn export_streams_and_import_restarts() {
    let mut from = ph();
    from.exchange("Cal,mid,7.00");
    from.send("Export\r");
    let text = from.listen(1_000);
    let lines: Vec<_> = text.split_terminator('\r').collect();
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[10], "*DONE");
    assert!(lines[..10].iter().all(|line| line.len() == 12));
    let mut to = ph();
    for line in &lines[..9] {
        assert_eq!(to.exchange(&format!("Import,{line}")), "*OK\r");
    }
    to.send(&format!("Import,{}\r", lines[9]));
    assert_eq!(to.listen(2_000), "*OK\r*RS\r*RE\r");
    assert_eq!(to.exchange("Cal,?"), "?Cal,1\r*OK\r");
}

#[test]
fn export_may_end_with_ok() {
    let dialect = EzoDialect {
        export_ok: true,
        ..EzoDialect::new(EzoFirmware::New)
    };
    let mut host = UartHost::new(EzoKind::Ph, |ezo| ezo.with_dialect(dialect));
    assert!(host.exchange("Export").ends_with("*DONE\r*OK\r"));
}

#[test]
fn circuit_goes_to_i2c_and_back() {
    let mut host = ph();
    let mut bus = I2cBus::new(&host.clock);
    bus.attach(99, host.ezo.clone());
    let host_mode = host.ezo.clone().with_mode(EzoMode::Uart(9_600));
    host.listen(10);

    host.send("I2C,50\r");
    assert_eq!(host.listen(2_000), "*OK\r*RS\r");
    assert_eq!(host_mode.mode(), EzoMode::I2c(50));
    assert_eq!(host.exchange("i"), "");
    let mut answer = [0; 12];
    embedded_hal::i2c::I2c::write(&mut bus, 50, b"i").unwrap();
    host.listen(301);
    embedded_hal::i2c::I2c::read(&mut bus, 50, &mut answer).unwrap();
    assert_eq!(&answer, b"\x01?i,pH,2.12\0");

    embedded_hal::i2c::I2c::write(&mut bus, 50, b"Baud,19200").unwrap();
    host.serial.set_baud(19_200);
    assert_eq!(host.listen(1_200), "*RS\r*RE\r");
    assert_eq!(host.exchange("C,0"), "*OK\r");
    assert_eq!(host.exchange("Status"), "?Status,S,5.000\r*OK\r");
    let refused = embedded_hal::i2c::I2c::write(&mut bus, 50, b"i");
    assert_eq!(refused, Err(sim::I2cError::AddressNack));
}

#[test]
fn locked_circuit_stays_on_its_bus() {
    let mut host = ph();
    assert_eq!(host.exchange("Plock,1"), "*OK\r");
    assert_eq!(host.exchange("I2C,50"), "*ER\r");
    assert_eq!(host.ezo.mode(), EzoMode::Uart(9_600));
}

#[test]
fn two_commands_at_once_are_answered_one_after_the_other() {
    let mut host = ph();
    host.send("R\ri\r");
    assert_eq!(host.listen(1_300), "7.004\r*OK\r?i,pH,2.12\r*OK\r");
}

#[test]
fn truncated_line_does_not_end() {
    let mut host = ph();
    host.ezo.truncate_next(3);
    assert_eq!(host.exchange("R"), "7.0");
    host.ezo.ignore_next();
    assert_eq!(host.exchange("R"), "");
    host.ezo.answer_next_with("check probe");
    assert_eq!(host.exchange("R"), "check probe\r*OK\r");
}

#[test]
fn brown_out_cuts_the_line() {
    let mut host = ph();
    host.send("i\r");
    let ready = host.clock.now() + 300 * MS;
    // Three bytes of 1.04 ms into the answer.
    host.ezo.brown_out_at(ready + 3 * MS + MS / 2);
    assert_eq!(host.listen(2_000), "?i,p*RS\r*RE\r");
    assert_eq!(host.exchange("Status"), "?Status,B,5.000\r*OK\r");
}

#[test]
fn dispense_ends_with_done() {
    let mut host = pump();
    assert_eq!(host.exchange("D,10.5"), "*OK\r");
    assert_eq!(host.listen(6_000), "*DONE,10.50\r");
    assert_eq!(host.exchange("D,?"), "?D,10.50,0\r*OK\r");
}

#[test]
fn stop_answers_done_without_ok() {
    let mut host = pump();
    host.exchange("DC,60,*");
    let answer = host.exchange("X");
    assert!(
        answer.starts_with("*DONE,") && answer.ends_with('\r') && !answer.contains("*OK"),
        "{answer}"
    );
    assert_eq!(host.listen(100_000), "");
}

#[test]
fn done_may_come_between_command_and_answer() {
    let mut host = pump();
    // 0.5 ml is 286 ms.
    host.send("D,0.5\rTV,?\r");
    assert_eq!(host.listen(700), "*OK\r*DONE,0.50\r?TV,0.50\r*OK\r");
}

#[test]
fn pump_says_why_it_refuses() {
    let mut host = pump();
    assert_eq!(host.exchange("D,0.4"), "*MINVOL\r*ER\r");
    assert_eq!(host.exchange("D,100,0.5"), "*TOOFAST\r*ER\r");
    assert_eq!(host.exchange("DC,?"), "?MAXRATE,105.0\r*OK\r");
    host.ezo.set_motor_supply(0.0);
    assert_eq!(host.exchange("D,10"), "*UV,PUMPPWR,0.00\r*ER\r");
}

#[test]
fn pump_reports_while_it_runs_or_always() {
    let mut host = UartHost::as_shipped(EzoKind::Pmp, |ezo| ezo);
    assert_eq!(host.listen(5_000), "");
    assert_eq!(host.exchange("C,?"), "?C,1\r*OK\r");
    host.exchange("D,60,1");
    let reports = host.listen(3_000);
    assert_eq!(reports.matches('\r').count(), 3, "{reports:?}");
    host.exchange("X");
    host.exchange("C,*");
    assert!(host.exchange("C,?").contains("?C,*\r*OK\r"));
    assert!(host.listen(3_000).matches('\r').count() >= 3);
}

#[test]
fn co2_says_that_it_warms_up() {
    let mut host = UartHost::new(EzoKind::Co2, |ezo| ezo);
    host.ezo.power_cycle();
    assert_eq!(host.listen(900), "*RS\r*RE\r*WARM\r");
}

#[test]
fn read_waits_for_the_answer_and_no_longer() {
    let mut host = ph();
    host.send("i\r");
    let sent = host.clock.now();
    let mut byte = [0];
    host.serial.read_exact(&mut byte).unwrap();
    assert_eq!(byte, *b"?");
    // The byte takes ten bits of 104 167 ns, and the calls some ns.
    let waited = host.clock.now() - sent;
    assert!((301_041_670..301_041_800).contains(&waited), "{waited}");
}

#[test]
fn silent_circuit_is_an_error_and_no_hang() {
    let mut host = ph();
    let before = host.clock.now();
    assert_eq!(host.serial.read(&mut [0]), Err(UartError::Silence));
    assert!(host.clock.now() - before < MS);
    host.serial.set_timeout(100 * MS);
    assert_eq!(host.serial.read(&mut [0]), Err(UartError::Silence));
    assert!((100 * MS..101 * MS).contains(&(host.clock.now() - before)));
}

#[test]
fn every_kind_answers_over_uart() {
    for kind in EzoKind::ALL {
        let mut host = UartHost::new(kind, |ezo: Ezo| ezo);
        let answer = host.exchange("i");
        assert!(
            answer.starts_with("?i,") && answer.ends_with("\r*OK\r"),
            "{kind:?} {answer}"
        );
        assert!(host.exchange("R").ends_with("\r*OK\r"), "{kind:?}");
    }
}
