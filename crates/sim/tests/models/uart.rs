//! Maxim application note 214.

use embedded_io::{Error, ErrorKind, Read, ReadReady, Write, WriteReady};
use sim::{Clock, Ds18b20, Faults, Source, Uart, UartError, Wire};

use crate::host::{MS, SERIAL, TOLERANCES, US};

pub(crate) fn uart() -> (Clock, Wire, Uart) {
    let clock = Clock::new();
    let wire = Wire::new(&clock);
    let mut uart = wire.uart();
    uart.set_cost(1);
    (clock, wire, uart)
}

fn exchange<const N: usize>(uart: &mut Uart, bytes: [u8; N]) -> [u8; N] {
    uart.write_all(&bytes).unwrap();
    let mut received = [0; N];
    uart.read_exact(&mut received).unwrap();
    received
}

/// Eight slots of 1-Wire.
fn slots(uart: &mut Uart, byte: u8) -> u8 {
    let sent = std::array::from_fn::<u8, 8, _>(|bit| if byte >> bit & 1 == 1 { 0xFF } else { 0x00 });
    exchange(uart, sent)
        .iter()
        .rev()
        .fold(0, |byte, &slot| byte << 1 | u8::from(slot == 0xFF))
}

#[test]
fn what_is_sent_comes_back() {
    let (_, _, mut uart) = uart();
    assert_eq!(
        exchange(&mut uart, [0x00, 0x55, 0xA3, 0xFF]),
        [0x00, 0x55, 0xA3, 0xFF]
    );
}

#[test]
fn byte_is_start_bit_eight_bits_and_stop_bit() {
    let (_, wire, mut uart) = uart();
    uart.set_baud(100_000);
    exchange(&mut uart, [0x0F, 0xFF]);
    // Start 10 µs, four ones 40, four zeros 40, stop 10 and the next start bit.
    let at: Vec<_> = wire.trace().edges().map(|edge| edge.at - 1).collect();
    assert_eq!(at, [0, 10_000, 50_000, 90_000, 100_000, 110_000]);
}

#[test]
fn reset_pulse_of_f0_at_9600_baud_is_521_us() {
    let (clock, wire, mut uart) = uart();
    exchange(&mut uart, [0xF0]);
    clock.advance(MS);
    let at: Vec<_> = wire.trace().edges().map(|edge| edge.at - 1).collect();
    assert_eq!(at, [0, 520_835], "five bits of 104.167 µs");
    let stats = wire.stats();
    assert_eq!((stats.resets, stats.slots), (1, 0));
}

#[test]
fn slots_at_115_200_baud_are_8_7_and_78_us() {
    let (_, wire, mut uart) = uart();
    uart.set_baud(115_200);
    exchange(&mut uart, [0xFF, 0x00]);
    let at: Vec<_> = wire.trace().edges().map(|edge| edge.at - 1).collect();
    assert_eq!(at, [0, 8_681, 86_810, 164_939]);
    assert_eq!(wire.stats().slots, 2);
}

#[test]
fn reset_with_nobody_there_reads_f0() {
    let (_, _, mut uart) = uart();
    assert_eq!(exchange(&mut uart, [0xF0]), [0xF0]);
}

#[test]
fn presence_pulse_clears_upper_bits() {
    // From 521 µs: 15 to 75, 30 to 150, 60 to 300 µs; bits are sampled at 573, 677, 781 and 885 µs.
    for (tolerance, expected) in TOLERANCES.into_iter().zip([0xE0, 0xE0, 0x90]) {
        let (_, wire, mut uart) = uart();
        wire.attach(Ds18b20::new(SERIAL).with_tolerance(tolerance));
        assert_eq!(exchange(&mut uart, [0xF0]), [expected], "{tolerance:?}");
    }
}

#[test]
fn whole_conversation_works_at_all_tolerances() {
    for tolerance in TOLERANCES {
        let (clock, wire, mut uart) = uart();
        wire.attach(
            Ds18b20::new(SERIAL)
                .with_tolerance(tolerance)
                .with_milli_celsius(-10_125),
        );
        for command in [0x44, 0xBE] {
            uart.set_baud(9_600);
            assert_ne!(exchange(&mut uart, [0xF0]), [0xF0]);
            uart.set_baud(115_200);
            assert_eq!(slots(&mut uart, 0xCC), 0xCC);
            assert_eq!(slots(&mut uart, command), command);
            if command == 0x44 {
                clock.advance(751 * MS);
            }
        }
        let scratchpad: Vec<_> = (0..9).map(|_| slots(&mut uart, 0xFF)).collect();
        assert_eq!(scratchpad[..5], [0x5E, 0xFF, 0x4B, 0x46, 0x7F], "{tolerance:?}");
    }
}

#[test]
fn trace_names_the_uart() {
    let (_, wire, mut uart) = uart();
    exchange(&mut uart, [0x00]);
    assert!(wire.trace().edges().all(|edge| edge.by == Source::Uart(0)));
}

#[test]
fn shorted_line_reads_a_break() {
    let (_, wire, mut uart) = uart();
    wire.inject(Faults::new(0).short_circuit(50 * US..100 * MS));
    uart.write_all(&[0xF0]).unwrap();
    assert_eq!(uart.read(&mut [0]), Err(UartError::Framing));
    assert_eq!(UartError::Framing.kind(), ErrorKind::InvalidData);
}

#[test]
fn line_that_is_low_from_the_start_receives_nothing() {
    let (_, wire, mut uart) = uart();
    wire.inject(Faults::new(0).short_circuit(0..100 * MS));
    // The fall itself is the start bit of a break.
    assert_eq!(uart.read(&mut [0]), Err(UartError::Framing));
    uart.write_all(&[0xFF]).unwrap();
    assert_eq!(uart.read(&mut [0]), Err(UartError::Silence));
}

#[test]
fn cut_transmitter_receives_nothing() {
    let (_, _, mut uart) = uart();
    uart.set_cut(true);
    uart.write_all(&[0xF0]).unwrap();
    assert_eq!(uart.read(&mut [0]), Err(UartError::Silence));
    assert_eq!(UartError::Silence.kind(), ErrorKind::TimedOut);
}

#[test]
fn glitch_shorter_than_half_a_start_bit_is_no_byte() {
    use embedded_hal::digital::OutputPin;
    let (clock, wire, mut uart) = uart();
    let mut pin = wire.pin();
    pin.set_low().unwrap();
    clock.advance(40 * US);
    pin.set_high().unwrap();
    clock.advance(2 * MS);
    assert!(!uart.read_ready().unwrap());
}

#[test]
fn write_returns_before_the_byte_has_gone_out() {
    let (clock, _, mut uart) = uart();
    uart.write_all(&[0x00, 0x00]).unwrap();
    assert_eq!(clock.now(), 1);
}

#[test]
fn flush_waits_for_the_last_stop_bit() {
    let (clock, _, mut uart) = uart();
    uart.set_baud(100_000);
    uart.write_all(&[0x00, 0x00]).unwrap();
    uart.flush().unwrap();
    assert_eq!(clock.now(), 200_001);
}

#[test]
fn read_waits_for_the_middle_of_the_stop_bit() {
    let (clock, _, mut uart) = uart();
    uart.set_baud(100_000);
    uart.write_all(&[0x00]).unwrap();
    assert!(!uart.read_ready().unwrap());
    uart.read_exact(&mut [0]).unwrap();
    assert_eq!(clock.now(), 95_001);
}

#[test]
fn read_takes_what_is_there() {
    let (clock, _, mut uart) = uart();
    uart.write_all(&[1, 2, 3]).unwrap();
    clock.advance(10 * MS);
    assert!(uart.read_ready().unwrap());
    let mut received = [0; 8];
    assert_eq!(uart.read(&mut received), Ok(3));
    assert_eq!(received[..3], [1, 2, 3]);
}

#[test]
fn full_fifo_loses_bytes_and_says_so() {
    let (clock, _, mut uart) = uart();
    uart.set_fifo_depth(2);
    uart.write_all(&[1, 2, 3]).unwrap();
    clock.advance(10 * MS);
    let mut received = [0; 8];
    assert_eq!(uart.read(&mut received), Ok(1));
    assert_eq!(uart.read(&mut received), Err(UartError::Overrun));
}

#[test]
fn fifo_holds_16_bytes_unless_told_otherwise() {
    let (clock, _, mut uart) = uart();
    let mut received = [0; 20];
    uart.write_all(&[0x5A; 16]).unwrap();
    clock.advance(20 * MS);
    assert_eq!(uart.read(&mut received), Ok(16));
    uart.write_all(&[0x5A; 17]).unwrap();
    clock.advance(20 * MS);
    assert_eq!(uart.read(&mut received), Ok(15));
    assert_eq!(uart.read(&mut received), Err(UartError::Overrun));
}

#[test]
fn write_waits_for_room() {
    let (clock, _, mut uart) = uart();
    uart.set_baud(100_000);
    uart.set_fifo_depth(1);
    assert_eq!(uart.write(&[1, 2]), Ok(1));
    assert!(uart.write_ready().unwrap());
    assert_eq!(uart.write(&[2]), Ok(1));
    assert!(!uart.write_ready().unwrap());
    assert_eq!(uart.write(&[3]), Ok(1));
    assert_eq!(clock.now(), 100_001, "the first byte has gone out");
}

#[test]
fn baud_rate_changes_in_the_middle_of_a_byte() {
    let (clock, _, mut uart) = uart();
    uart.set_baud(100_000);
    uart.write_all(&[0x00]).unwrap();
    clock.advance(15 * US);
    uart.set_baud(10_000);
    uart.flush().unwrap();
    // Start bit and the first bit at 10 µs, eight more at 100 µs.
    assert_eq!(clock.now(), 820_001);
}
