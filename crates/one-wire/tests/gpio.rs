//! Transcripts of the pin: every edge, every look and every wait between them, in one sequence.
//!
//! embedded-hal-mock checks a pin and a delay apart from each other, and so would not notice a wait that has moved to
//! the other side of an edge. This rig is pin, delay, strong pull-up and guard in one.
#![cfg(feature = "async")]

mod common;

use common::{Call, Got};
use core::{cell::RefCell, fmt};
use embedded_hal::digital::{self, ErrorKind, ErrorType, InputPin, OutputPin, PinState};
use one_wire::{
    Error, Fault, Rom, Speed, Target, Timing, Wait,
    gpio::{Gpio, Guard, NoPullup, PullupPin, StrongPullup, Unguarded},
};
use std::{collections::VecDeque, rc::Rc};

use Call::{PowerOff, ReadBit, Reset, Select, SetSpeed, WriteBit, WriteByte, WriteBytePowered};
use Step::{Enter, High, Leave, Look, Low, Ns, Off, On, Rest, RestNs, Us};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Low,
    High,
    /// The line is read and is at this level.
    Look(bool),
    /// A wait that must be exact, and blocks in both front ends.
    Us(u32),
    Ns(u32),
    /// A wait that may be longer, and is awaited in the async front end.
    Rest(u32),
    RestNs(u32),
    /// The strong pull-up goes on and off.
    On,
    Off,
    /// The guard is entered and left.
    Enter,
    Leave,
    /// The step that follows fails.
    Fail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl digital::Error for Broken {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

#[derive(Debug, Clone)]
struct Rig {
    steps: Rc<RefCell<VecDeque<Step>>>,
    asynchronous: bool,
}

impl Rig {
    fn new(steps: &[Step], asynchronous: bool) -> Self {
        Self {
            steps: Rc::new(RefCell::new(steps.iter().copied().collect())),
            asynchronous,
        }
    }

    fn next(&self, done: &str) -> Step {
        let step = self.steps.borrow_mut().pop_front();
        step.unwrap_or_else(|| panic!("{done} after the end"))
    }

    fn expect(&self, done: Step) -> Result<(), Broken> {
        match self.next(&format!("{done:?}")) {
            Step::Fail => {
                assert_eq!(self.next("a failure"), done);
                Err(Broken)
            }
            step => {
                assert_eq!(step, done);
                Ok(())
            }
        }
    }

    fn look(&self) -> Result<bool, Broken> {
        match self.next("a look") {
            Look(high) => Ok(high),
            Step::Fail => {
                assert!(matches!(self.next("a look"), Look(_)));
                Err(Broken)
            }
            step => panic!("a look, expected {step:?}"),
        }
    }

    fn wait(&self, exact: Step, rest: Step, asynchronous: bool) {
        let step = self.next(&format!("{exact:?}"));
        let rested = step == rest && asynchronous == self.asynchronous;
        let exactly = step == exact && !asynchronous;
        assert!(
            rested || exactly,
            "{exact:?}, asynchronous: {asynchronous}, expected {step:?}"
        );
    }
}

impl ErrorType for Rig {
    type Error = Broken;
}

impl OutputPin for Rig {
    fn set_low(&mut self) -> Result<(), Broken> {
        self.expect(Low)
    }

    fn set_high(&mut self) -> Result<(), Broken> {
        self.expect(High)
    }
}

impl InputPin for Rig {
    fn is_high(&mut self) -> Result<bool, Broken> {
        self.look()
    }

    fn is_low(&mut self) -> Result<bool, Broken> {
        self.look().map(|high| !high)
    }
}

impl embedded_hal::delay::DelayNs for Rig {
    fn delay_ns(&mut self, ns: u32) {
        self.wait(Ns(ns), RestNs(ns), false);
    }

    fn delay_us(&mut self, us: u32) {
        self.wait(Us(us), Rest(us), false);
    }
}

impl embedded_hal_async::delay::DelayNs for Rig {
    async fn delay_ns(&mut self, ns: u32) {
        self.wait(Ns(ns), RestNs(ns), true);
    }

    async fn delay_us(&mut self, us: u32) {
        self.wait(Us(us), Rest(us), true);
    }
}

impl StrongPullup<Rig> for Rig {
    fn on(&mut self, line: &mut Rig) -> Result<(), Broken> {
        line.expect(On)
    }

    fn off(&mut self, line: &mut Rig) -> Result<(), Broken> {
        line.expect(Off)
    }
}

impl Guard for Rig {
    fn run<R>(&mut self, slot: impl FnOnce() -> R) -> R {
        self.expect(Enter).expect("a guard cannot fail");
        let result = slot();
        self.expect(Leave).expect("a guard cannot fail");
        result
    }
}

type Outcome = Result<Vec<Got>, Error<Broken>>;

/// Makes the calls through both front ends on a bus that `build` makes, and checks that every step was taken.
fn run_on<S: StrongPullup<Rig>, G: Guard>(
    build: impl Fn(Gpio<Rig, Rig>) -> Gpio<Rig, Rig, S, G>,
    calls: &[Call],
    steps: &[Step],
) -> Outcome {
    let [blocking, asynchronous] = [false, true].map(|asynchronous| {
        let rig = Rig::new(steps, asynchronous);
        let mut bus = build(Gpio::new(rig.clone(), rig.clone()));
        let outcome = if asynchronous {
            common::asynch(&mut bus, calls)
        } else {
            common::blocking(&mut bus, calls)
        };
        assert_eq!(*rig.steps.borrow(), [], "asynchronous: {asynchronous}");
        outcome
    });
    assert_eq!(blocking, asynchronous);
    blocking
}

fn run(calls: &[Call], steps: &[Step]) -> Outcome {
    run_on(|bus| bus, calls, steps)
}

fn slow(bus: Gpio<Rig, Rig>) -> Gpio<Rig, Rig> {
    bus.with_timing(Speed::Standard, Timing::SLOW)
}

/// A bus whose strong pull-up and guard are the rig.
fn powered(bus: Gpio<Rig, Rig>) -> Gpio<Rig, Rig, Rig> {
    let (rig, delay, NoPullup, Unguarded) = bus.release();
    Gpio::new(rig.clone(), delay).with_pullup(rig)
}

fn guarded(bus: Gpio<Rig, Rig>) -> Gpio<Rig, Rig, NoPullup, Rig> {
    let (rig, delay, NoPullup, Unguarded) = bus.release();
    Gpio::new(rig.clone(), delay).with_guard(rig)
}

const H: bool = true;
const L: bool = false;

/// The reset at standard speed: eight looks for a presence pulse, 10 µs apart, and one at the end.
fn reset(looks: [bool; 8], end: bool) -> Vec<Step> {
    let mut steps = vec![Look(H), Low, Us(490), Look(L), High, Us(30)];
    for look in looks {
        steps.extend([Look(look), Us(10)]);
    }
    steps.pop();
    steps.extend([Rest(390), Look(end)]);
    steps
}

const ONE: [Step; 4] = [Low, Us(6), High, Rest(64)];
const ZERO: [Step; 4] = [Low, Us(65), High, Rest(10)];

fn bits(bits: &str) -> Vec<Step> {
    bits.chars()
        .flat_map(|bit| if bit == '1' { ONE } else { ZERO })
        .collect()
}

fn read(bits: &str) -> Vec<Step> {
    bits.chars()
        .flat_map(|bit| [Low, Us(3), High, Us(8), Look(bit == '1'), Rest(53)])
        .collect()
}

fn wire<T>(fault: Fault) -> Result<T, Error<Broken>> {
    Err(Error::Wire(fault))
}

// Reset.

#[test]
fn reset_sees_a_presence_pulse() {
    assert_eq!(run(&[Reset], &reset([L; 8], H)), Ok(vec![]));
}

#[test]
fn reset_sees_a_presence_pulse_that_is_early() {
    assert_eq!(run(&[Reset], &reset([L, L, L, L, H, H, H, H], H)), Ok(vec![]));
}

#[test]
fn reset_sees_a_presence_pulse_that_is_late() {
    assert_eq!(run(&[Reset], &reset([H, H, H, H, H, H, H, L], H)), Ok(vec![]));
}

#[test]
fn reset_without_presence_pulse_says_so() {
    assert_eq!(run(&[Reset], &reset([H; 8], H)), wire(Fault::NoPresence));
}

#[test]
fn line_that_is_low_before_the_reset_is_given_up() {
    let steps = [Look(L), Us(10)].repeat(32);
    assert_eq!(run(&[Reset], &steps), wire(Fault::StuckLow));
}

#[test]
fn line_that_comes_back_late_is_waited_for() {
    let steps = [[Look(L), Us(10)].repeat(31), reset([L; 8], H)].concat();
    assert_eq!(run(&[Reset], &steps), Ok(vec![]));
}

#[test]
fn line_that_stays_low_after_the_reset_is_stuck_not_present() {
    assert_eq!(run(&[Reset], &reset([L; 8], L)), wire(Fault::StuckLow));
}

#[test]
fn line_that_cannot_be_driven_low_is_stuck_high_not_empty() {
    let steps = [Look(H), Low, Us(490), Look(H), High];
    assert_eq!(run(&[Reset], &steps), wire(Fault::StuckHigh));
}

#[test]
fn slow_reset_is_the_standard_one() {
    assert_eq!(run_on(slow, &[Reset], &reset([L; 8], H)), Ok(vec![]));
}

#[test]
#[rustfmt::skip]
fn overdrive_reset() {
    let steps = [
        Look(H), Low, Us(70), Look(L), High,
        Us(7), Look(H), Us(1), Look(L), Us(1), Look(H), Rest(40), Look(H),
    ];
    assert_eq!(run(&[SetSpeed(Speed::Overdrive), Reset], &steps), Ok(vec![]));
}

// Slots.

#[test]
fn write_one() {
    assert_eq!(run(&[WriteBit(true)], &[Low, Us(6), High, Rest(64)]), Ok(vec![]));
}

#[test]
fn write_zero() {
    assert_eq!(
        run(&[WriteBit(false)], &[Low, Us(65), High, Rest(10)]),
        Ok(vec![])
    );
}

#[test]
fn read_one() {
    let steps = [Low, Us(3), High, Us(8), Look(H), Rest(53)];
    assert_eq!(run(&[ReadBit], &steps), Ok(vec![Got::Bit(true)]));
}

#[test]
fn read_zero() {
    let steps = [Low, Us(3), High, Us(8), Look(L), Rest(53)];
    assert_eq!(run(&[ReadBit], &steps), Ok(vec![Got::Bit(false)]));
}

#[test]
fn slow_write_one_is_as_short_as_the_pin() {
    assert_eq!(
        run_on(slow, &[WriteBit(true)], &[Low, High, Rest(64)]),
        Ok(vec![])
    );
}

#[test]
fn slow_write_zero() {
    assert_eq!(
        run_on(slow, &[WriteBit(false)], &[Low, Us(65), High, Rest(10)]),
        Ok(vec![])
    );
}

#[test]
fn slow_read_samples_as_soon_as_the_pin_can() {
    let steps = [Low, High, Look(L), Rest(60)];
    assert_eq!(run_on(slow, &[ReadBit], &steps), Ok(vec![Got::Bit(false)]));
}

#[test]
fn overdrive_write_one() {
    let steps = [Low, Us(1), High, RestNs(7_500)];
    assert_eq!(
        run(&[SetSpeed(Speed::Overdrive), WriteBit(true)], &steps),
        Ok(vec![])
    );
}

#[test]
fn overdrive_write_zero() {
    let steps = [Low, Ns(7_500), High, RestNs(2_500)];
    assert_eq!(
        run(&[SetSpeed(Speed::Overdrive), WriteBit(false)], &steps),
        Ok(vec![])
    );
}

#[test]
fn overdrive_read() {
    let steps = [Low, Us(1), High, Ns(500), Look(H), Rest(7)];
    assert_eq!(
        run(&[SetSpeed(Speed::Overdrive), ReadBit], &steps),
        Ok(vec![Got::Bit(true)])
    );
}

#[test]
fn timing_of_ones_own_is_used() {
    let own = Timing {
        read_low: Wait::Us(2),
        read_sample: Wait::Ns(9_500),
        ..Timing::STANDARD
    };
    let steps = [Low, Us(2), High, Ns(9_500), Look(H), Rest(53)];
    let outcome = run_on(|bus| bus.with_timing(Speed::Standard, own), &[ReadBit], &steps);
    assert_eq!(outcome, Ok(vec![Got::Bit(true)]));
}

#[test]
fn wait_is_one_wait_as_long_as_asked_for() {
    assert_eq!(run(&[Call::Wait(750_000)], &[Rest(750_000)]), Ok(vec![]));
}

#[test]
fn byte_is_written_least_significant_bit_first() {
    assert_eq!(run(&[WriteByte(0x44)], &bits("00100010")), Ok(vec![]));
}

#[test]
fn byte_is_read_least_significant_bit_first() {
    assert_eq!(
        run(&[Call::ReadByte], &read("00110100")),
        Ok(vec![Got::Byte(0x2c)])
    );
}

// ROM commands. The ROM code is 28 13 9B BB 0B 00 00, CRC 1F.

const ROM: &str = "0001010011001000110110011101110111010000000000000000000011111000";

fn rom() -> Rom {
    "28139bbb0b00001f".parse().expect("the CRC is right")
}

#[test]
fn skip_rom_is_cc() {
    let steps = [reset([L; 8], H), bits("00110011")].concat();
    assert_eq!(run(&[Select(Target::All)], &steps), Ok(vec![]));
}

#[test]
fn match_rom_is_55_and_the_rom_code() {
    let steps = [reset([L; 8], H), bits("10101010"), bits(ROM)].concat();
    assert_eq!(run(&[Select(Target::Rom(rom()))], &steps), Ok(vec![]));
}

#[test]
fn read_rom_returns_all_eight_bytes() {
    let steps = [reset([L; 8], H), bits("11001100"), read(ROM)].concat();
    let got = Got::Rom([0x28, 0x13, 0x9b, 0xbb, 0x0b, 0x00, 0x00, 0x1f]);
    assert_eq!(run(&[Call::ReadRom], &steps), Ok(vec![got]));
}

#[test]
fn read_rom_of_two_devices_at_once_is_a_bad_crc() {
    // 28 FF 64 1D CD 96 F2 01 and the code above, both at once.
    let both = "0001010011001000000000001001100101010000000000000000000010000000";
    let steps = [reset([L; 8], H), bits("11001100"), read(both)].concat();
    assert_eq!(run(&[Call::ReadRom], &steps), wire(Fault::Crc));
}

#[test]
fn read_rom_that_nobody_answers_is_not_a_bad_crc() {
    let steps = [reset([L; 8], H), bits("11001100"), read(&"1".repeat(64))].concat();
    assert_eq!(run(&[Call::ReadRom], &steps), wire(Fault::Interrupted));
}

#[test]
fn read_rom_of_a_shorted_line_is_no_rom_code() {
    let steps = [reset([L; 8], H), bits("11001100"), read(&"0".repeat(64))].concat();
    assert_eq!(run(&[Call::ReadRom], &steps), wire(Fault::Crc));
}

#[test]
fn command_is_not_sent_if_nobody_is_present() {
    assert_eq!(
        run(&[Select(Target::All)], &reset([H; 8], H)),
        wire(Fault::NoPresence)
    );
}

// Overdrive.

const OVERDRIVE_ONE: [Step; 4] = [Low, Us(1), High, RestNs(7_500)];
const OVERDRIVE_ZERO: [Step; 4] = [Low, Ns(7_500), High, RestNs(2_500)];

#[rustfmt::skip]
fn overdrive_reset_with(look: bool) -> [Step; 13] {
    [
        Look(H), Low, Us(70), Look(L), High,
        Us(7), Look(look), Us(1), Look(look), Us(1), Look(look), Rest(40), Look(H),
    ]
}

#[test]
fn overdrive_skip_is_3c_at_standard_speed() {
    let steps = [
        reset([L; 8], H),
        bits("00111100"),
        overdrive_reset_with(L).to_vec(),
    ]
    .concat();
    assert_eq!(run(&[Select(Target::OverdriveAll), Reset], &steps), Ok(vec![]));
}

#[test]
fn overdrive_match_is_69_at_standard_speed_and_the_rom_code_at_overdrive() {
    let code = ROM
        .chars()
        .flat_map(|bit| if bit == '1' { OVERDRIVE_ONE } else { OVERDRIVE_ZERO });
    let steps = [reset([L; 8], H), bits("10010110"), code.collect()].concat();
    assert_eq!(run(&[Select(Target::OverdriveRom(rom()))], &steps), Ok(vec![]));
}

#[test]
fn overdrive_command_at_overdrive_begins_at_standard_speed_again() {
    let steps = [reset([L; 8], H), bits("00111100")].concat();
    assert_eq!(
        run(
            &[SetSpeed(Speed::Overdrive), Select(Target::OverdriveAll)],
            &steps
        ),
        Ok(vec![])
    );
}

#[test]
fn bus_returns_to_standard_speed_if_nobody_answers_at_overdrive() {
    for asynchronous in [false, true] {
        let steps = [&overdrive_reset_with(H)[..], &reset([L; 8], H), &bits("00110011")].concat();
        let rig = Rig::new(&steps, asynchronous);
        let mut bus = Gpio::new(rig.clone(), rig.clone());
        let mut call = |call| {
            if asynchronous {
                common::asynch(&mut bus, &[call])
            } else {
                common::blocking(&mut bus, &[call])
            }
        };
        assert_eq!(call(SetSpeed(Speed::Overdrive)), Ok(vec![]));
        assert_eq!(call(Select(Target::All)), wire(Fault::NoPresence));
        assert_eq!(call(Select(Target::All)), Ok(vec![]));
        assert_eq!(*rig.steps.borrow(), []);
    }
}

// Strong pull-up.

#[test]
fn power_comes_with_the_rising_edge_of_the_last_bit() {
    let steps = [&bits("0010001")[..], &[Low, Us(65), High, On, Rest(10)]].concat();
    assert_eq!(run_on(powered, &[WriteBytePowered(0x44)], &steps), Ok(vec![]));
}

#[test]
fn power_comes_with_the_rising_edge_of_a_last_bit_that_is_one() {
    let steps = [&bits("0000000")[..], &[Low, Us(6), High, On, Rest(64)]].concat();
    assert_eq!(run_on(powered, &[WriteBytePowered(0x80)], &steps), Ok(vec![]));
}

#[test]
fn power_is_kept_until_it_is_ended() {
    let steps = [
        &bits("0010001")[..],
        &[Low, Us(65), High, On, Rest(10), Rest(750_000), Off],
    ]
    .concat();
    let calls = [WriteBytePowered(0x44), Call::Wait(750_000), PowerOff];
    assert_eq!(run_on(powered, &calls, &steps), Ok(vec![]));
}

#[test]
fn power_goes_off_only_once() {
    let steps = [&bits("0010001")[..], &[Low, Us(65), High, On, Rest(10), Off]].concat();
    assert_eq!(
        run_on(powered, &[WriteBytePowered(0x44), PowerOff, PowerOff], &steps),
        Ok(vec![])
    );
}

#[test]
fn power_that_is_off_is_not_switched() {
    assert_eq!(run_on(powered, &[PowerOff], &[]), Ok(vec![]));
}

#[test]
fn line_is_never_driven_low_against_the_strong_pullup() {
    let on = [&bits("0010001")[..], &[Low, Us(65), High, On, Rest(10)]].concat();
    for (call, steps) in [
        (WriteBit(true), bits("1")),
        (ReadBit, read("1")),
        (Reset, reset([L; 8], H)),
        (
            WriteBytePowered(0x00),
            [&bits("0000000")[..], &[Low, Us(65), High, On, Rest(10)]].concat(),
        ),
    ] {
        let steps = [&on[..], &[Off], &steps].concat();
        let outcome = run_on(powered, &[WriteBytePowered(0x44), call], &steps);
        assert!(outcome.is_ok(), "{call:?}: {outcome:?}");
    }
}

#[test]
fn nothing_is_sent_if_there_is_no_strong_pullup() {
    assert_eq!(run(&[WriteBytePowered(0x44)], &[]), wire(Fault::Unsupported));
}

#[test]
fn strong_pullup_that_fails_is_switched_off() {
    let steps = [&bits("0010001")[..], &[Low, Us(65), High, Step::Fail, On, Off]].concat();
    assert_eq!(
        run_on(powered, &[WriteBytePowered(0x44)], &steps),
        Err(Error::Bus(Broken))
    );
}

#[test]
fn transistor_is_on_at_the_level_that_was_given() {
    for (on, expected) in [(PinState::Low, [Low, High]), (PinState::High, [High, Low])] {
        let mut line = Rig::new(&[], false);
        let gate = Rig::new(&expected, false);
        let mut pullup = PullupPin {
            pin: gate.clone(),
            on,
        };
        assert_eq!(pullup.on(&mut line), Ok(()));
        assert_eq!(pullup.off(&mut line), Ok(()));
        assert_eq!(*gate.steps.borrow(), []);
    }
}

// Guard.

#[test]
fn guard_holds_from_the_falling_edge_of_a_read_slot_to_the_sample() {
    let steps = [Enter, Low, Us(3), High, Us(8), Look(H), Leave, Rest(53)];
    assert_eq!(run_on(guarded, &[ReadBit], &steps), Ok(vec![Got::Bit(true)]));
}

#[test]
fn guard_holds_for_the_low_of_a_write_slot() {
    let steps = [Enter, Low, Us(6), High, Leave, Rest(64)];
    assert_eq!(run_on(guarded, &[WriteBit(true)], &steps), Ok(vec![]));
}

#[test]
#[rustfmt::skip]
fn guard_holds_while_presence_is_looked_for() {
    let steps = [
        Look(H), Low, Us(490), Look(L), Enter, High,
        Us(30), Look(L), Us(10), Look(L), Us(10), Look(L), Us(10), Look(L),
        Us(10), Look(L), Us(10), Look(L), Us(10), Look(L), Us(10), Look(L),
        Leave, Rest(390), Look(H),
    ];
    assert_eq!(run_on(guarded, &[Reset], &steps), Ok(vec![]));
}

#[test]
#[rustfmt::skip]
fn guard_holds_for_the_whole_of_an_overdrive_reset() {
    let steps = [
        Look(H), Enter, Low, Us(70), Look(L), High,
        Us(7), Look(L), Us(1), Look(L), Us(1), Look(L), Leave, Rest(40), Look(H),
    ];
    assert_eq!(run_on(guarded, &[SetSpeed(Speed::Overdrive), Reset], &steps), Ok(vec![]));
}

// A pin that fails.

#[test]
fn line_is_released_whichever_call_of_the_pin_fails() {
    let reset = reset([L; 8], H);
    for (call, steps) in [
        (Reset, &reset[..]),
        (WriteBit(true), &bits("1")),
        (WriteBit(false), &bits("0")),
        (ReadBit, &read("1")),
    ] {
        for failing in 0..steps.len() {
            if matches!(steps[failing], Us(_) | Rest(_)) {
                continue;
            }
            let mut steps = steps[..=failing].to_vec();
            let low = steps.iter().rev().find(|step| matches!(step, Low | High)) == Some(&Low);
            steps.insert(failing, Step::Fail);
            if low {
                steps.push(High);
            }
            assert_eq!(
                run(&[call], &steps),
                Err(Error::Bus(Broken)),
                "{call:?} {steps:?}"
            );
        }
    }
}

#[test]
fn parts_are_given_back() {
    let rig = Rig::new(&[], false);
    let pullup = PullupPin {
        pin: rig.clone(),
        on: PinState::Low,
    };
    let bus = Gpio::new(rig.clone(), rig.clone())
        .with_pullup(pullup)
        .with_guard(Unguarded);
    let (pin, delay, PullupPin { pin: gate, on }, Unguarded) = bus.release();
    assert!(
        [pin, delay, gate]
            .iter()
            .all(|part| Rc::ptr_eq(&part.steps, &rig.steps))
    );
    assert_eq!(on, PinState::Low);
}
