//! Transcripts of the UART: literal bytes and baud rates.
#![cfg(feature = "async")]

mod common;

use common::{Call, Got};
use core::{
    cell::RefCell,
    fmt,
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, Waker},
};
use embedded_io::ErrorKind;
use one_wire::{Error, Fault, Rom, Search, Speed, Target, asynch::OneWire as _, uart::Uart};
use std::{collections::VecDeque, rc::Rc};

use Call::{ReadBit, Reset, Select, SetSpeed, WriteBit, WriteByte, WriteBytePowered};
use Step::{Baud, Echo, Send};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Baud(u32),
    /// The byte is sent and comes back like this.
    Echo(u8, u8),
    /// The byte is sent and does not come back.
    Send(u8),
    /// The change of the baud rate, the write, the flush or the read fails; nothing is sent.
    BaudFails(u32),
    WriteFails,
    FlushFails(u8),
    ReadFails(u8),
    /// The write or the read returns zero bytes.
    WritesNothing,
    ReadsNothing(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Received {
    Byte(u8),
    Nothing,
    Failure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl core::error::Error for Broken {}

impl embedded_io::Error for Broken {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

#[derive(Debug, Default)]
struct State {
    steps: VecDeque<Step>,
    received: VecDeque<Received>,
    /// Bytes written and not yet flushed; what comes back of them comes with the flush.
    unflushed: Option<Step>,
    waited_us: u64,
    waits: Vec<u32>,
    /// What every read returns.
    endless: Option<Result<usize, Broken>>,
    /// Waits that are awaited do not end.
    frozen: bool,
}

/// UART and delay in one.
#[derive(Debug, Clone, Default)]
struct Rig(Rc<RefCell<State>>);

impl Rig {
    fn new(steps: &[Step]) -> Self {
        let rig = Self::default();
        rig.0.borrow_mut().steps.extend(steps);
        rig
    }

    fn next(&self) -> Step {
        self.0.borrow_mut().steps.pop_front().expect("an end")
    }

    fn set_baud(&mut self, baud: u32) -> Result<(), Broken> {
        assert_eq!(
            self.0.borrow().unflushed,
            None,
            "baud rate changed before the flush"
        );
        match self.next() {
            Step::BaudFails(expected) if expected == baud => Err(Broken),
            step => {
                assert_eq!(step, Baud(baud));
                Ok(())
            }
        }
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Broken> {
        let step = self.next();
        let expected = match step {
            Step::WriteFails => return Err(Broken),
            Step::WritesNothing => return Ok(0),
            Echo(byte, _)
            | Send(byte)
            | Step::FlushFails(byte)
            | Step::ReadFails(byte)
            | Step::ReadsNothing(byte) => byte,
            Baud(_) | Step::BaudFails(_) => panic!("{bytes:02x?} written, expected {step:?}"),
        };
        assert_eq!(bytes, [expected]);
        assert_eq!(self.0.borrow().received, [], "sent over bytes that were not read");
        self.0.borrow_mut().unflushed = Some(step);
        Ok(1)
    }

    fn flush(&self) -> Result<(), Broken> {
        let mut state = self.0.borrow_mut();
        match state.unflushed.take() {
            Some(Echo(_, echo)) => state.received.push_back(Received::Byte(echo)),
            Some(Step::ReadFails(_)) => state.received.push_back(Received::Failure),
            Some(Step::ReadsNothing(_)) => state.received.push_back(Received::Nothing),
            Some(Step::FlushFails(_)) => return Err(Broken),
            _ => {}
        }
        Ok(())
    }

    fn read(&self, bytes: &mut [u8]) -> Option<Result<usize, Broken>> {
        let mut state = self.0.borrow_mut();
        if state.endless.is_some() {
            return state.endless;
        }
        Some(match state.received.pop_front()? {
            Received::Byte(byte) => {
                bytes.fill(byte);
                Ok(1)
            }
            Received::Nothing => Ok(0),
            Received::Failure => Err(Broken),
        })
    }

    fn wait(&self, us: u32) {
        let mut state = self.0.borrow_mut();
        state.waited_us += u64::from(us);
        state.waits.push(us);
    }
}

impl embedded_io::ErrorType for Rig {
    type Error = Broken;
}

impl embedded_io::ReadReady for Rig {
    fn read_ready(&mut self) -> Result<bool, Broken> {
        let state = self.0.borrow();
        Ok(state.endless.is_some() || !state.received.is_empty())
    }
}

impl embedded_io::Read for Rig {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Broken> {
        Rig::read(self, bytes).expect("a read that would block")
    }
}

impl embedded_io::Write for Rig {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        Rig::write(self, bytes)
    }

    fn flush(&mut self) -> Result<(), Broken> {
        Rig::flush(self)
    }
}

impl embedded_io_async::Read for Rig {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Broken> {
        poll_fn(|_| Rig::read(self, bytes).map_or(Poll::Pending, Poll::Ready)).await
    }
}

impl embedded_io_async::Write for Rig {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        Rig::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        Rig::flush(self)
    }
}

impl embedded_hal::delay::DelayNs for Rig {
    fn delay_ns(&mut self, _: u32) {
        panic!("a wait in nanoseconds");
    }

    fn delay_us(&mut self, us: u32) {
        self.wait(us);
    }
}

impl embedded_hal_async::delay::DelayNs for Rig {
    async fn delay_ns(&mut self, _: u32) {
        panic!("a wait in nanoseconds");
    }

    async fn delay_us(&mut self, us: u32) {
        self.wait(us);
        poll_fn(|_| {
            if self.0.borrow().frozen {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
}

type Bus = Uart<Rig, fn(&mut Rig, u32) -> Result<(), Broken>, Rig>;
type Outcome = Result<Vec<Got>, Error<Broken>>;

fn bus(rig: &Rig) -> Bus {
    Uart::new(rig.clone(), Rig::set_baud, rig.clone())
}

/// Makes the calls on `rig` through one of the front ends, with one bus.
fn calls(bus: &mut Bus, asynchronous: bool, calls: &[Call]) -> Outcome {
    if asynchronous {
        common::asynch(bus, calls)
    } else {
        common::blocking(bus, calls)
    }
}

/// Makes the calls through both front ends, on a rig that `prepare` has been at, and checks that every step was taken.
fn run_on(prepare: impl Fn(&mut State), made: &[Call], steps: &[Step]) -> Outcome {
    let [blocking, asynchronous] = [false, true].map(|asynchronous| {
        let rig = Rig::new(steps);
        prepare(&mut rig.0.borrow_mut());
        let outcome = calls(&mut bus(&rig), asynchronous, made);
        assert_eq!(rig.0.borrow().steps, [], "asynchronous: {asynchronous}");
        outcome
    });
    assert_eq!(blocking, asynchronous);
    blocking
}

fn run(made: &[Call], steps: &[Step]) -> Outcome {
    run_on(|_| {}, made, steps)
}

fn wire<T>(fault: Fault) -> Result<T, Error<Broken>> {
    Err(Error::Wire(fault))
}

/// The slots that write these bits, in the order of the wire.
fn slots(bits: &str) -> Vec<Step> {
    bits.chars()
        .map(|bit| {
            if bit == '1' {
                Echo(0xff, 0xff)
            } else {
                Echo(0x00, 0x00)
            }
        })
        .collect()
}

/// The slots that read these bits: a device's zero keeps the line low for some of the byte.
fn answers(bits: &str) -> Vec<Step> {
    bits.chars()
        .map(|bit| {
            if bit == '1' {
                Echo(0xff, 0xff)
            } else {
                Echo(0xff, 0xf8)
            }
        })
        .collect()
}

#[test]
fn reset_is_f0_at_9600_baud() {
    assert_eq!(run(&[Reset], &[Baud(9_600), Echo(0xf0, 0xe0)]), Ok(vec![]));
}

#[test]
fn every_presence_pulse_counts() {
    for echo in [0x10, 0x20, 0x40, 0x80, 0x90, 0xc0, 0xd0, 0xe0] {
        assert_eq!(
            run(&[Reset], &[Baud(9_600), Echo(0xf0, echo)]),
            Ok(vec![]),
            "{echo:#04x}"
        );
    }
}

#[test]
fn echo_as_sent_is_nobody() {
    assert_eq!(
        run(&[Reset], &[Baud(9_600), Echo(0xf0, 0xf0)]),
        wire(Fault::NoPresence)
    );
}

#[test]
fn echo_of_zeros_is_a_short() {
    assert_eq!(
        run(&[Reset], &[Baud(9_600), Echo(0xf0, 0x00)]),
        wire(Fault::StuckLow)
    );
}

#[test]
fn echo_with_ones_in_the_reset_pulse_is_none() {
    for echo in [0x0f, 0xf1, 0xe8, 0xff] {
        assert_eq!(
            run(&[Reset], &[Baud(9_600), Echo(0xf0, echo)]),
            wire(Fault::Echo),
            "{echo:#04x}"
        );
    }
}

#[test]
fn slots_are_bytes_at_115200_baud() {
    let steps = [
        Baud(9_600),
        Echo(0xf0, 0xe0),
        Baud(115_200),
        Echo(0xff, 0xff),
        Echo(0x00, 0x00),
    ];
    assert_eq!(run(&[Reset, WriteBit(true), WriteBit(false)], &steps), Ok(vec![]));
}

#[test]
fn each_reset_goes_back_to_9600_baud() {
    let reset = [Baud(9_600), Echo(0xf0, 0xe0)];
    let steps = [&reset[..], &[Baud(115_200), Echo(0xff, 0xff)], &reset].concat();
    assert_eq!(run(&[Reset, WriteBit(true), Reset], &steps), Ok(vec![]));
}

#[test]
fn read_slot_that_comes_back_as_sent_is_one() {
    assert_eq!(
        run(&[ReadBit], &[Baud(115_200), Echo(0xff, 0xff)]),
        Ok(vec![Got::Bit(true)])
    );
}

#[test]
fn read_slot_that_begins_low_is_zero() {
    for echo in [0xfe, 0xfc, 0xf8, 0xf0, 0xe0, 0xc0, 0x80, 0x00] {
        let outcome = run(&[ReadBit], &[Baud(115_200), Echo(0xff, echo)]);
        assert_eq!(outcome, Ok(vec![Got::Bit(false)]), "{echo:#04x}");
    }
}

#[test]
fn read_slot_that_goes_low_later_is_noise_not_a_bit() {
    for echo in [0xfd, 0x7f, 0xf9, 0xef, 0x01] {
        assert_eq!(
            run(&[ReadBit], &[Baud(115_200), Echo(0xff, echo)]),
            wire(Fault::Echo),
            "{echo:#04x}"
        );
    }
}

#[test]
fn written_zero_that_does_not_come_back_is_noticed() {
    assert_eq!(
        run(&[WriteBit(false)], &[Baud(115_200), Echo(0x00, 0xff)]),
        wire(Fault::Echo)
    );
}

#[test]
fn written_one_that_comes_back_as_zeros_is_a_short() {
    assert_eq!(
        run(&[WriteBit(true)], &[Baud(115_200), Echo(0xff, 0x00)]),
        wire(Fault::StuckLow)
    );
}

#[test]
fn byte_is_eight_slots_least_significant_bit_first() {
    let steps = [vec![Baud(115_200)], slots("00100010"), answers("00110100")].concat();
    assert_eq!(
        run(&[WriteByte(0x44), Call::ReadByte], &steps),
        Ok(vec![Got::Byte(0x2c)])
    );
}

#[test]
fn read_rom_returns_all_eight_bytes() {
    let rom = "0001010011001000110110011101110111010000000000000000000011111000";
    let reset = vec![Baud(9_600), Echo(0xf0, 0xe0), Baud(115_200)];
    let steps = [reset, slots("11001100"), answers(rom)].concat();
    let got = Got::Rom([0x28, 0x13, 0x9b, 0xbb, 0x0b, 0x00, 0x00, 0x1f]);
    assert_eq!(run(&[Call::ReadRom], &steps), Ok(vec![got]));
}

#[test]
fn command_is_not_sent_if_nobody_is_present() {
    let steps = [Baud(9_600), Echo(0xf0, 0xf0)];
    assert_eq!(run(&[Select(Target::All)], &steps), wire(Fault::NoPresence));
}

#[test]
fn overdrive_is_refused_before_anything_is_sent() {
    assert_eq!(run(&[SetSpeed(Speed::Overdrive)], &[]), wire(Fault::Unsupported));
    assert_eq!(
        run(&[Select(Target::OverdriveAll)], &[]),
        wire(Fault::Unsupported)
    );
}

#[test]
fn strong_pullup_is_refused_before_anything_is_sent() {
    assert_eq!(run(&[WriteBytePowered(0x44)], &[]), wire(Fault::Unsupported));
}

#[test]
fn strong_pullup_that_is_not_there_can_be_ended() {
    assert_eq!(run(&[Call::PowerOff], &[]), Ok(vec![]));
}

#[test]
fn wait_is_one_wait_as_long_as_asked_for() {
    for asynchronous in [false, true] {
        let rig = Rig::new(&[]);
        assert_eq!(
            calls(&mut bus(&rig), asynchronous, &[Call::Wait(750_000)]),
            Ok(vec![])
        );
        assert_eq!(rig.0.borrow().waits, [750_000]);
    }
}

// What goes wrong.

#[test]
fn bytes_that_came_before_the_reset_are_discarded() {
    let stale = |state: &mut State| state.received.extend([Received::Byte(0xe0), Received::Failure]);
    assert_eq!(
        run_on(stale, &[Reset], &[Baud(9_600), Echo(0xf0, 0xf0)]),
        wire(Fault::NoPresence)
    );
}

#[test]
fn byte_that_came_between_two_transactions_is_discarded() {
    for asynchronous in [false, true] {
        let rig = Rig::new(&[Baud(9_600), Echo(0xf0, 0xe0), Echo(0xf0, 0xf0)]);
        let mut bus = bus(&rig);
        assert_eq!(calls(&mut bus, asynchronous, &[Reset]), Ok(vec![]));
        rig.0.borrow_mut().received.push_back(Received::Byte(0xe0));
        assert_eq!(calls(&mut bus, asynchronous, &[Reset]), wire(Fault::NoPresence));
    }
}

#[test]
fn receiver_that_never_stops_is_given_up() {
    let bytes = |state: &mut State| state.endless = Some(Ok(16));
    assert_eq!(run_on(bytes, &[Reset], &[]), wire(Fault::Echo));
    let errors = |state: &mut State| state.endless = Some(Err(Broken));
    assert_eq!(run_on(errors, &[Reset], &[]), Err(Error::Bus(Broken)));
}

#[test]
fn echo_that_does_not_come_is_given_up_after_20_ms() {
    for asynchronous in [false, true] {
        let rig = Rig::new(&[Baud(115_200), Echo(0xff, 0xff), Send(0xff)]);
        let mut bus = bus(&rig);
        assert_eq!(calls(&mut bus, asynchronous, &[WriteBit(true)]), Ok(vec![]));
        rig.0.borrow_mut().waited_us = 0;
        assert_eq!(calls(&mut bus, asynchronous, &[ReadBit]), wire(Fault::Echo));
        assert_eq!(rig.0.borrow().waited_us, 20_000);
    }
}

#[test]
fn echo_that_is_on_its_way_is_waited_for_and_discarded_before_the_next_slot() {
    for asynchronous in [false, true] {
        let rig = Rig::new(&[Baud(115_200), Echo(0xff, 0xff), Send(0xff), Echo(0xff, 0xfe)]);
        let mut bus = bus(&rig);
        assert_eq!(calls(&mut bus, asynchronous, &[WriteBit(true)]), Ok(vec![]));
        assert_eq!(calls(&mut bus, asynchronous, &[ReadBit]), wire(Fault::Echo));
        rig.0.borrow_mut().received.push_back(Received::Byte(0xff));
        rig.0.borrow_mut().waits.clear();
        assert_eq!(
            calls(&mut bus, asynchronous, &[ReadBit]),
            Ok(vec![Got::Bit(false)])
        );
        assert_eq!(rig.0.borrow().waits.first(), Some(&1_100));
    }
}

#[test]
fn first_use_waits_for_a_byte_that_may_be_on_its_way() {
    for (asynchronous, waits) in [(false, vec![1_100]), (true, vec![100, 1_100, 100])] {
        let rig = Rig::new(&[Baud(9_600), Echo(0xf0, 0xe0)]);
        assert_eq!(calls(&mut bus(&rig), asynchronous, &[Reset]), Ok(vec![]));
        assert_eq!(rig.0.borrow().waits, waits);
    }
}

#[test]
fn slots_in_a_row_do_not_wait() {
    for asynchronous in [false, true] {
        let rig = Rig::new(&[Baud(115_200), Echo(0xff, 0xff), Echo(0x00, 0x00)]);
        let mut bus = bus(&rig);
        assert_eq!(calls(&mut bus, asynchronous, &[WriteBit(true)]), Ok(vec![]));
        rig.0.borrow_mut().waits.clear();
        assert_eq!(calls(&mut bus, asynchronous, &[WriteBit(false)]), Ok(vec![]));
        assert_eq!(rig.0.borrow().waits, []);
    }
}

#[test]
fn error_of_the_uart_is_kept() {
    for step in [Step::WriteFails, Step::FlushFails(0xff), Step::ReadFails(0xff)] {
        let outcome = run(&[WriteBit(true)], &[Baud(115_200), step]);
        assert_eq!(outcome, Err(Error::Bus(Broken)), "{step:?}");
    }
    assert_eq!(run(&[Reset], &[Step::BaudFails(9_600)]), Err(Error::Bus(Broken)));
}

#[test]
fn baud_rate_that_could_not_be_set_is_set_again() {
    for asynchronous in [false, true] {
        let steps = [
            Baud(9_600),
            Echo(0xf0, 0xe0),
            Step::BaudFails(115_200),
            Baud(9_600),
            Echo(0xf0, 0xe0),
        ];
        let rig = Rig::new(&steps);
        let mut bus = bus(&rig);
        assert_eq!(calls(&mut bus, asynchronous, &[Reset]), Ok(vec![]));
        assert_eq!(
            calls(&mut bus, asynchronous, &[WriteBit(true)]),
            Err(Error::Bus(Broken))
        );
        // Which of the two rates it is now, nobody knows.
        assert_eq!(calls(&mut bus, asynchronous, &[Reset]), Ok(vec![]));
    }
}

#[test]
fn uart_that_moves_no_bytes_is_no_panic_and_no_bit() {
    for step in [Step::WritesNothing, Step::ReadsNothing(0xff)] {
        assert_eq!(
            run(&[ReadBit], &[Baud(115_200), step]),
            wire(Fault::Echo),
            "{step:?}"
        );
    }
}

#[test]
fn search_goes_on_after_a_disturbed_slot_and_after_a_framing_error() {
    let rom = "0001010011001000110110011101110111010000000000000000000011111000";
    let triplets: Vec<Step> = rom
        .chars()
        .flat_map(|bit| match bit {
            '1' => [Echo(0xff, 0xff), Echo(0xff, 0xf8), Echo(0xff, 0xff)],
            _ => [Echo(0xff, 0xf8), Echo(0xff, 0xff), Echo(0x00, 0x00)],
        })
        .collect();
    let reset = || vec![Baud(9_600), Echo(0xf0, 0xe0), Baud(115_200)];
    for disturbed in [Echo(0xff, 0x7f), Step::ReadFails(0xff)] {
        let steps = [
            reset(),
            slots("00001111"),
            vec![disturbed],
            reset(),
            slots("00001111"),
            triplets.clone(),
        ];
        let rig = Rig::new(&steps.concat());
        let found = one_wire::blocking::OneWire::search(&mut bus(&rig), &mut Search::all());
        assert_eq!(
            found,
            Ok(Rom::new([0x28, 0x13, 0x9b, 0xbb, 0x0b, 0x00, 0x00, 0x1f]).ok())
        );
        assert_eq!(rig.0.borrow().steps, []);
    }
}

#[test]
fn search_returns_the_error_of_a_uart_that_stays_broken_and_ends() {
    // Eight faults, each after three attempts.
    let rig = Rig::new(&[&[Baud(9_600)], &[Step::WriteFails; 24][..]].concat());
    let (mut bus, mut search) = (bus(&rig), Search::all());
    for _ in 0..8 {
        let outcome = one_wire::blocking::OneWire::search(&mut bus, &mut search);
        assert_eq!(outcome, Err(Error::Bus(Broken)));
    }
    assert_eq!(
        one_wire::blocking::OneWire::search(&mut bus, &mut search),
        Ok(None)
    );
    assert_eq!(rig.0.borrow().steps, []);
}

#[test]
fn echo_of_a_dropped_read_is_not_taken_for_the_next_bit() {
    let rig = Rig::new(&[Baud(115_200), Echo(0xff, 0xff), Send(0xff), Echo(0xff, 0xfe)]);
    let mut bus = bus(&rig);
    assert_eq!(common::asynch(&mut bus, &[WriteBit(true)]), Ok(vec![]));
    rig.0.borrow_mut().frozen = true;
    let poll = pin!(bus.read_bit()).poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending());
    rig.0.borrow_mut().frozen = false;
    rig.0.borrow_mut().received.push_back(Received::Byte(0xff));
    assert_eq!(common::asynch(&mut bus, &[ReadBit]), Ok(vec![Got::Bit(false)]));
}
