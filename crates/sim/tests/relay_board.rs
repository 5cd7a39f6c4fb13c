//! The relay board: coil delays, bounce, boot glitch and a welded contact.

use embedded_hal::digital::OutputPin;
use sim::{Clock, RelayBoard};

const MS: u64 = 1_000_000;

fn board() -> (Clock, RelayBoard) {
    let clock = Clock::new();
    let board = RelayBoard::new(&clock);
    (clock, board)
}

#[test]
fn contact_closes_ten_milliseconds_after_the_coil_gets_current() {
    let (clock, board) = board();
    board.pin().set_low().unwrap();
    clock.advance(10 * MS - 1);
    assert!(board.has_coil_current() && !board.is_closed());
    clock.advance(1);
    assert!(board.is_closed());
}

#[test]
fn contact_opens_five_milliseconds_after_the_coil_loses_current() {
    let (clock, board) = board();
    board.pin().set_low().unwrap();
    clock.advance(20 * MS);
    board.pin().set_high().unwrap();
    clock.advance(5 * MS - 1);
    assert!(board.is_closed());
    clock.advance(1);
    assert_eq!(board.edges(), [(10 * MS, true), (25 * MS, false)]);
    assert_eq!(board.closed_for(), 15 * MS);
}

#[test]
fn pulse_shorter_than_the_coil_needs_does_not_close_the_contact() {
    let (clock, board) = board();
    board.pin().set_low().unwrap();
    clock.advance(10 * MS - 1);
    board.pin().set_high().unwrap();
    clock.advance(100 * MS);
    assert_eq!(board.edges(), []);
    assert_eq!(board.coil_operations(), 1);
}

#[test]
fn gap_shorter_than_the_coil_needs_does_not_open_the_contact() {
    let (clock, board) = board();
    board.pin().set_low().unwrap();
    clock.advance(20 * MS);
    board.pin().set_high().unwrap();
    clock.advance(5 * MS - 1);
    board.pin().set_low().unwrap();
    clock.advance(100 * MS);
    assert_eq!(board.edges(), [(10 * MS, true)]);
}

#[test]
fn high_pin_switches_an_active_high_board_on() {
    let clock = Clock::new();
    let board = RelayBoard::new(&clock).active_high();
    board.pin().set_high().unwrap();
    assert!(board.has_coil_current());
    board.pin().set_low().unwrap();
    assert!(!board.has_coil_current());
}

#[test]
fn contact_bounces_when_it_closes() {
    let clock = Clock::new();
    let board = RelayBoard::new(&clock).with_bounce(2, MS);
    board.pin().set_low().unwrap();
    clock.advance(20 * MS);
    let edges = [10, 11, 12, 13, 14].map(|ms| ms * MS);
    let closed = [true, false, true, false, true];
    assert_eq!(board.edges(), edges.into_iter().zip(closed).collect::<Vec<_>>());
}

#[test]
fn boot_glitch_closes_the_contact_until_the_pin_is_written() {
    let (clock, board) = board();
    board.boot_glitch();
    clock.advance(30 * MS);
    assert!(board.is_closed());
    board.pin().set_high().unwrap();
    clock.advance(5 * MS);
    assert!(!board.is_closed());
}

#[test]
fn welded_contact_stays_closed() {
    let (clock, board) = board();
    board.pin().set_low().unwrap();
    clock.advance(20 * MS);
    board.weld();
    board.pin().set_high().unwrap();
    clock.advance(100 * MS);
    assert!(!board.has_coil_current() && board.is_closed());
}

#[test]
fn failing_write_has_no_effect() {
    let (_clock, board) = board();
    board.fail_writes(1);
    assert!(board.pin().set_low().is_err());
    assert!(!board.has_coil_current());
    assert!(board.pin().set_low().is_ok());
    assert!(board.has_coil_current());
}

#[test]
fn time_of_two_contacts_closed_together_is_counted() {
    let clock = Clock::new();
    let (left, right) = (RelayBoard::new(&clock), RelayBoard::new(&clock));
    left.pin().set_low().unwrap();
    clock.advance(30 * MS);
    right.pin().set_low().unwrap();
    clock.advance(12 * MS);
    left.pin().set_high().unwrap();
    clock.advance(50 * MS);
    // Closed from 40 ms on, and the other until 47 ms.
    assert_eq!(left.closed_with(&right), 7 * MS);
    assert_eq!(right.closed_with(&left), 7 * MS);
}
