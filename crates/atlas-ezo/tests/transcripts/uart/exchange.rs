//! One command, its answer, and what comes in between.

use super::{Breaks, Broken, Circuit, Ends, Host, HostAfter, Line};
use crate::{bus, fault, ok, uart};
use atlas_ezo::command::*;
use atlas_ezo::quantity::*;
use atlas_ezo::*;
use atlas_ezo::{Circuit as _, Uart, asynch, blocking, nonblocking};

/// What comes before the first command: a lone carriage return, and the probe.
const CR: super::Act = Host("\r");
const PROBE: super::Act = HostAfter(50, "*OK,?\r");
const ON: super::Act = Circuit(10, b"?*OK,1\r*OK\r");
const OFF: super::Act = Circuit(10, b"?*OK,0\r");

fn ph(milli: i16) -> String {
    ok(MilliPh::new(milli).unwrap())
}

uart! { reading_is_followed_by_ok: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(600, b"7.004\r*OK\r")],
    read() => ph(7_004); []
}

uart! { both_sides_are_brought_together_once: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(600, b"7.004\r*OK\r"), Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    read() => ph(7_004),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { setting_is_acknowledged: Ph,
    [CR, PROBE, ON, Host("C,0\r"), Circuit(5, b"*OK\r")],
    execute(&SetContinuous(Continuous::OFF)) => ok(()); []
}

uart! { answer_may_come_in_pieces: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(600, b"7."), Circuit(30, b"00"), Circuit(1, b"4"), Circuit(9, b"\r*O"), Circuit(9, b"K\r")],
    read() => ph(7_004); []
}

uart! { line_feeds_are_ignored: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(600, b"\n7.004\r\n*OK\r")],
    read() => ph(7_004); []
}

uart! { refused_command_is_a_syntax_error: Ph,
    [CR, PROBE, ON, Host("T,25.0\r"), Circuit(5, b"*ER\r"), Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    execute(&SetTemperature(MilliCelsius::new(25_000))) => fault(Fault::Syntax),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { error_of_a_lone_carriage_return_is_left_behind: Ph,
    [CR, Circuit(5, b"*ER\r"), HostAfter(45, "*OK,?\r"), ON, Host("R\r"), Circuit(600, b"7.004\r*OK\r")],
    read() => ph(7_004); []
}

uart! { half_a_command_is_ended_first: Ph,
    [CR, Circuit(5, b"*ER\r"), HostAfter(45, "*OK,?\r"), ON, Host("L,?\r"), Circuit(5, b"?L,0\r*OK\r")],
    execute(&LedQuery) => ok(Switch::Off); []
}

uart! { half_a_line_from_before_is_not_the_answer: Ph,
    [
        Circuit(0, b"6.9"), CR, Circuit(2, b"99\r"), HostAfter(48, "*OK,?\r"), ON,
        Host("R\r"), Circuit(600, b"7.004\r*OK\r"),
    ],
    read() => ph(7_004); [reading("6.999")]
}

uart! { line_that_began_before_the_command_is_not_the_answer: Ph,
    [
        CR, PROBE, Circuit(10, b"?*OK,0\r6.9"),
        Host("R\r"), Circuit(3, b"99\r"), Circuit(600, b"7.004\r"),
    ],
    read() => ph(7_004); [reading("6.999")]
}

uart! { reading_of_continuous_mode_is_not_the_answer_to_a_query: Ph,
    [CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"6.999\r?L,1\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On); [reading("6.999")]
}

uart! { reading_of_continuous_mode_is_not_the_answer_to_a_setting: Ph,
    [CR, PROBE, ON, Host("C,0\r"), Circuit(5, b"6.999\r*OK\r")],
    execute(&SetContinuous(Continuous::OFF)) => ok(()); [reading("6.999")]
}

uart! { last_reading_before_ok_is_the_answer: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(5, b"6.999\r"), Circuit(600, b"7.004\r*OK\r")],
    read() => ph(7_004); [reading("6.999")]
}

uart! { ok_before_an_answer_is_that_of_an_older_command: Ph,
    [CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"*OK\r?L,1\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { answer_to_another_query_is_refused: Ph,
    [CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"?Plock,1\r*OK\r")],
    execute(&LedQuery) => fault(Fault::Malformed); []
}

uart! { codes_may_be_off: Ph,
    [CR, PROBE, OFF, Host("R\r"), Circuit(600, b"7.004\r"), Host("L,?\r"), Circuit(5, b"?L,1\r")],
    read() => ph(7_004),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { setting_with_codes_off_is_confirmed_by_the_probe: Ph,
    [CR, PROBE, OFF, Host("L,1\r"), HostAfter(300, "*OK,?\r"), OFF],
    execute(&SetLed(Switch::On)) => ok(()); []
}

uart! { refused_setting_with_codes_off_is_noticed: Ph,
    [CR, PROBE, OFF, Host("T,25.0\r"), Circuit(5, b"*ER\r")],
    execute(&SetTemperature(MilliCelsius::new(25_000))) => fault(Fault::Syntax); []
}

uart! { setting_refused_late_with_codes_off_is_noticed: Ph,
    [CR, PROBE, OFF, Host("T,25.0\r"), HostAfter(300, "*OK,?\r"), Circuit(5, b"*ER\r?*OK,0\r"), Host("R\r"), Circuit(600, b"7.004\r")],
    execute(&SetTemperature(MilliCelsius::new(25_000))) => fault(Fault::Syntax),
    read() => fault_or_reading()
}

/// The answer to the probe is left behind as what it is.
fn fault_or_reading() -> String {
    ph(7_004)
}

uart! { codes_can_be_switched_off: Ph,
    [
        CR, PROBE, ON, Host("*OK,0\r"), HostAfter(300, "*OK,?\r"), OFF,
        Host("L,?\r"), Circuit(5, b"?L,1\r"),
    ],
    execute(&SetResponseCodes(Switch::Off)) => ok(()),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { codes_can_be_switched_on: Ph,
    [
        CR, PROBE, OFF, Host("*OK,1\r"), Circuit(5, b"*OK\r"),
        Host("L,?\r"), Circuit(5, b"?L,1\r"), Circuit(5, b"*OK\r"),
    ],
    execute(&SetResponseCodes(Switch::On)) => ok(()),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { whether_codes_are_on_is_answered_without_ok_when_they_are_off: Ph,
    [CR, PROBE, OFF, Host("*OK,?\r"), Circuit(5, b"?*OK,0\r")],
    execute(&ResponseCodesQuery) => ok(Switch::Off); []
}

uart! { tokens_are_delivered_in_their_order: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(5, b"*UV\r*OV\r7.004\r*OK\r")],
    read() => ph(7_004); [Event::UnderVoltage, Event::OverVoltage]
}

uart! { tokens_between_exchanges_are_delivered_by_the_next: Ph,
    [CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r*UV\r"), Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On),
    execute(&LedQuery) => ok(Switch::On); [Event::UnderVoltage]
}

uart! { unknown_tokens_are_kept: Ph,
    [CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"*NEW,1\r?L,1\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On); [other("*NEW,1")]
}

uart! { pump_that_is_done_meanwhile_is_an_event: Pmp,
    [CR, PROBE, ON, Host("PV,?\r"), Circuit(5, b"*DONE,10.00\r?PV,13.86\r*OK\r")],
    execute(&pmp::MotorSupplyQuery) => ok(Millivolts::new(13_860)); [Event::Dispensed(Microlitres::new(10_000))]
}

uart! { done_is_the_answer_to_stop: Pmp,
    [CR, PROBE, ON, Host("X\r"), Circuit(5, b"*DONE,3.25\r")],
    execute(&pmp::Stop) => ok(Microlitres::new(3_250)); []
}

uart! { ok_after_a_stop_is_left_behind: Pmp,
    [CR, PROBE, ON, Host("X\r"), Circuit(5, b"*DONE,3.25\r"), CR, Circuit(5, b"*OK\r"), HostAfter(45, "*OK,?\r"), ON, Host("P,?\r"), Circuit(5, b"?P,0\r*OK\r")],
    execute(&pmp::Stop) => ok(Microlitres::new(3_250)),
    execute(&pmp::PauseQuery) => ok(Switch::Off); []
}

uart! { dose_that_is_too_small_is_told: Pmp,
    [CR, PROBE, ON, Host("D,0.1\r"), Circuit(5, b"*MINVOL\r*ER\r")],
    execute(&pmp::Dispense(pmp::Amount::Volume(Microlitres::new(100)))) => fault(Fault::TooLittle); [Event::TooLittle]
}

uart! { rate_that_is_too_high_is_told: Pmp,
    [CR, PROBE, ON, Host("DC,200,*\r"), Circuit(5, b"*TOOFAST\r*ER\r")],
    execute(&pmp::DispenseAt { rate: MicrolitresPerMinute::new(200_000), time: None }) => fault(Fault::TooFast);
    [Event::TooFast]
}

uart! { missing_motor_supply_is_told: Pmp,
    [CR, PROBE, ON, Host("D,10\r"), Circuit(5, b"*UV,PUMPPWR,0.00\r*ER\r")],
    execute(&pmp::Dispense(pmp::Amount::Volume(Microlitres::new(10_000)))) => fault(Fault::NoMotorPower);
    [Event::NoMotorPower]
}

uart! { cold_sensor_is_warming_up: Co2,
    [CR, PROBE, ON, Host("R\r"), Circuit(5, b"*WARM\r")],
    execute(&Read(OutputSet::EMPTY.with(co2::Output::CarbonDioxide))) => fault(Fault::WarmingUp); [Event::WarmingUp]
}

uart! { sleep_is_over_when_the_circuit_says_so: Ph,
    [CR, PROBE, ON, Host("Sleep\r"), Circuit(5, b"*OK\r"), Circuit(5, b"*SL\r")],
    execute(&Sleep) => ok(()); []
}

uart! { command_that_woke_the_circuit_is_sent_again: Ph,
    [
        CR, PROBE, ON, Host("Sleep\r"), Circuit(5, b"*OK\r*SL\r"),
        Host("R\r"), Circuit(2, b"*WA\r"), HostAfter(20, "R\r"), Circuit(600, b"7.004\r*OK\r"),
    ],
    execute(&Sleep) => ok(()),
    read() => ph(7_004); [Event::Awake]
}

uart! { circuit_that_slept_at_first_is_probed_again: Ph,
    [
        CR, PROBE, Circuit(2, b"*WA\r"), HostAfter(20, "*OK,?\r"), ON,
        Host("R\r"), Circuit(600, b"7.004\r*OK\r"),
    ],
    read() => ph(7_004); [Event::Awake]
}

uart! { factory_is_over_when_the_circuit_is_ready: Ph,
    [
        CR, PROBE, ON, Host("Factory\r"), Circuit(5, b"*OK\r"), Circuit(5, b"*RS\r"), Circuit(800, b"*RE\r"),
        Host("\r"), PROBE, ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r"),
    ],
    execute(&Factory) => ok(()),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { circuit_that_does_not_say_that_it_sleeps_is_believed_after_300_ms: Ph,
    [
        CR, PROBE, ON, Host("Sleep\r"), Circuit(5, b"*OK\r"),
        HostAfter(300, "\r"), PROBE, ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r"),
    ],
    execute(&Sleep) => ok(()),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { circuit_that_does_not_say_that_it_is_ready_is_believed_after_2_s: Ph,
    [
        CR, PROBE, ON, Host("Factory\r"), Circuit(5, b"*OK\r"),
        HostAfter(2_000, "\r"), PROBE, ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r"),
    ],
    execute(&Factory) => ok(()),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { sleep_that_is_not_acknowledged_is_a_timeout: Ph,
    [CR, PROBE, ON, Host("Sleep\r"), HostAfter(3_000, "\r"), PROBE],
    execute(&Sleep) => fault(Fault::Timeout),
    execute(&LedQuery) => fault(Fault::Timeout); []
}

uart! { restart_that_is_shown_only_by_its_tokens_counts_with_codes_off: Ph,
    [CR, PROBE, OFF, Host("Factory\r"), Circuit(5, b"*RS\r"), Circuit(800, b"*RE\r")],
    execute(&Factory) => ok(()); []
}

uart! { sleep_with_codes_off_is_over_when_the_circuit_says_so: Ph,
    [CR, PROBE, OFF, Host("Sleep\r"), Circuit(5, b"*SL\r")],
    execute(&Sleep) => ok(()); []
}

uart! { circuit_leaves_for_i2c: Ph,
    [CR, PROBE, ON, Host("I2C,100\r"), Circuit(5, b"*OK\r*RS\r")],
    execute(&SwitchToI2c(Address::new(100).unwrap())) => ok(()); []
}

uart! { brown_out_between_command_and_answer_is_found: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(100, b"*RS\r")],
    read() => fault(Fault::Restarted); [Event::Reset]
}

uart! { both_sides_are_brought_together_after_a_restart: Ph,
    [
        CR, PROBE, ON, Host("R\r"), Circuit(100, b"*RS\r"),
        Host("\r"), Circuit(10, b"*RE\r"), HostAfter(40, "*OK,?\r"), ON, Host("R\r"), Circuit(600, b"7.004\r*OK\r"),
    ],
    read() => fault(Fault::Restarted),
    read() => ph(7_004); [Event::Reset, Event::Ready]
}

uart! { circuit_that_does_not_answer_the_probe_is_given_up_after_a_second: Ph,
    [CR, PROBE, HostAfter(1_000, "\r"), PROBE],
    read() => fault(Fault::Timeout),
    read() => fault(Fault::Timeout); []
}

uart! { circuit_that_does_not_answer_is_given_up_after_3_s: Ph,
    [CR, PROBE, ON, Host("R\r"), HostAfter(3_000, "\r"), PROBE, ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    read() => fault(Fault::Timeout),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { late_answer_is_not_taken_for_that_to_the_next_command: Ph,
    [
        CR, PROBE, ON, Host("R\r"), HostAfter(3_000, "\r"), Circuit(20, b"6.999\r*OK\r"), HostAfter(30, "*OK,?\r"), ON,
        Host("R\r"), Circuit(600, b"7.004\r*OK\r"),
    ],
    read() => fault(Fault::Timeout),
    read() => ph(7_004); [reading("6.999")]
}

uart! { data_without_ok_is_no_answer_while_codes_are_on: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(600, b"7.004\r"), HostAfter(2_400, "\r"), PROBE],
    read() => fault(Fault::Timeout),
    read() => fault(Fault::Timeout)
}

uart! { line_that_is_too_long_is_truncated: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(5, b"1234567890123456789012345678901234567890123456789\r*OK\r"),
        CR,
        PROBE,
        ON,
        Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    read() => fault(Fault::Truncated),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { error_of_the_uart_is_kept: Ph,
    [CR, PROBE, ON, Host("R\r"), Breaks],
    read() => bus(Broken)
}

uart! { error_of_the_uart_before_a_command_does_not_keep_it_from_being_sent: Ph,
    [CR, PROBE, ON, Host("R\r"), Circuit(600, b"7.004\r*OK\r"),
        Breaks, CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    read() => ph(7_004),
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { four_errors_of_the_uart_before_a_command_are_left_behind: Ph,
    [CR, Breaks, CR, Breaks, CR, Breaks, CR, Breaks, CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { fifth_error_of_the_uart_before_a_command_is_kept: Ph,
    [CR, Breaks, CR, Breaks, CR, Breaks, CR, Breaks, CR, Breaks],
    execute(&LedQuery) => bus(Broken)
}

uart! { errors_of_the_uart_are_counted_by_the_command: Ph,
    [CR, Breaks, CR, Breaks, CR, Breaks, CR, Breaks, CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r"),
        Breaks, CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"?L,0\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On),
    execute(&LedQuery) => ok(Switch::Off); []
}

uart! { line_with_an_error_in_it_is_no_event: Ph,
    [CR, Circuit(5, b"7.0"), Breaks, CR, Circuit(5, b"04\r7.005\r"), HostAfter(45, "*OK,?\r"), ON,
        Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On); [reading("7.005")]
}

uart! { half_a_line_does_not_hide_that_both_sides_are_together: Ph,
    [CR, Circuit(5, b"7.0"), HostAfter(45, "*OK,?\r"), ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { half_a_line_after_an_error_does_not_hide_it_either: Ph,
    [CR, Breaks, CR, Circuit(5, b"04"), HostAfter(45, "*OK,?\r"), ON, Host("L,?\r"), Circuit(5, b"?L,1\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On); []
}

uart! { error_of_the_uart_while_both_sides_are_brought_together_is_kept: Ph,
    [CR, PROBE, Breaks],
    execute(&LedQuery) => bus(Broken)
}

uart! { end_of_the_uart_is_no_wait: Ph,
    [CR, PROBE, ON, Host("R\r"), Ends],
    read() => fault(Fault::EndOfStream)
}

uart! { no_output_is_told: Ec,
    [CR, PROBE, ON, Host("R\r"), Circuit(5, b"no output\r*OK\r")],
    execute(&Read(OutputSet::EMPTY)) => fault(Fault::NoOutput); []
}

uart! { outputs_are_asked_for_first: Ec,
    [CR, PROBE, ON, Host("O,?\r"), Circuit(5, b"?,O,EC\r*OK\r"), Host("R\r"), Circuit(400, b"1413\r*OK\r")],
    read() => ok(ec::Reading { conductivity: Some(NanoSiemensPerCm::new(1_413_000)), ..ec::Reading::default() }); []
}

uart! { more_events_than_fit_are_counted_and_readings_go_first: Ph,
    [CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"6.991\r*OV\r*OV\r*OV\r*OV\r*OV\r*OV\r*OV\r*UV\r6.992\r?L,1\r*OK\r")],
    execute(&LedQuery) => ok(Switch::On);
    [
        Event::OverVoltage, Event::OverVoltage, Event::OverVoltage, Event::OverVoltage, Event::OverVoltage,
        Event::OverVoltage, Event::OverVoltage, Event::UnderVoltage,
    ]
}

/// Continuous mode can be read without asking.
#[test]
fn stray_reading_can_be_read_by_the_circuit() {
    let line = Line::new(&[CR, PROBE, ON, Host("L,?\r"), Circuit(5, b"6.999\r?L,1\r*OK\r")]);
    let mut ezo = blocking::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
    assert_eq!(ezo.execute(&LedQuery), Ok(Switch::On));
    let Some(Event::Reading(stray)) = ezo.transport_mut().next_event() else {
        panic!("no reading");
    };
    assert_eq!(Ph::reading(stray.text(), ()), Ok(MilliPh::new(6_999).unwrap()));
}

#[test]
fn endless_characters_are_babble() {
    struct Endless(u32);
    impl embedded_io::ErrorType for Endless {
        type Error = core::convert::Infallible;
    }
    impl embedded_io::Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
            into.fill(b'7');
            self.0 += 1;
            Ok(into.len())
        }
    }
    impl embedded_io::ReadReady for Endless {
        fn read_ready(&mut self) -> Result<bool, Self::Error> {
            Ok(true)
        }
    }
    impl embedded_io::Write for Endless {
        fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> Result<(), Self::Error> {
            Ok(())
        }
    }
    let mut ezo = blocking::Ezo::<Ph, _>::new(Uart::new(Endless(0), Line::default()));
    assert_eq!(ezo.read(), Err(Error::Device(Fault::Babble)));
    assert_eq!(ezo.release().release().0.0, 8_193);
}

fn reading(text: &str) -> Event {
    event(text)
}

fn other(text: &str) -> Event {
    event(text)
}

/// The event of a line, made by receiving it.
fn event(text: &str) -> Event {
    let bytes: &'static [u8] = Box::leak(format!("{text}\r").into_bytes().into_boxed_slice());
    let line = Line::new(&[Circuit(0, bytes)]);
    let mut ezo = blocking::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
    let event = ezo
        .wait_for_event(fugit::MillisDurationU32::from_ticks(10))
        .unwrap()
        .unwrap();
    match &event {
        Event::Reading(line) | Event::Other(line) => assert_eq!(line.as_bytes(), text.as_bytes()),
        event => panic!("{event:?}"),
    }
    event
}
