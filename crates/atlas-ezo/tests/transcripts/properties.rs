//! Whatever comes in.

use crate::uart::{Act as LineAct, Line};
use atlas_ezo::quantity::MilliPh;
use atlas_ezo::{Circuit as _, Error, Event, Fault, I2c, Origin, Ph, Uart, asynch, blocking, nonblocking};
use proptest::prelude::*;

const CR: LineAct = LineAct::Host("\r");
const PROBE: LineAct = LineAct::HostAfter(50, "*OK,?\r");
const ON: LineAct = LineAct::Circuit(10, b"?*OK,1\r*OK\r");

fn leak(bytes: Vec<u8>) -> &'static [u8] {
    Box::leak(bytes.into_boxed_slice())
}

/// A bus on which every read is one of these frames.
struct Frames(Vec<Vec<u8>>, usize);

impl embedded_hal::i2c::ErrorType for Frames {
    type Error = core::convert::Infallible;
}

impl embedded_hal::i2c::I2c for Frames {
    fn transaction(
        &mut self,
        _: u8,
        operations: &mut [embedded_hal::i2c::Operation<'_>],
    ) -> Result<(), Self::Error> {
        if let [embedded_hal::i2c::Operation::Read(into)] = operations {
            let frame = &self.0[self.1 % self.0.len()];
            self.1 += 1;
            into.copy_from_slice(frame);
        }
        Ok(())
    }
}

struct NoDelay;

impl embedded_hal::delay::DelayNs for NoDelay {
    fn delay_ns(&mut self, _: u32) {}
}

fn status() -> impl Strategy<Value = u8> {
    prop_oneof![Just(1), Just(2), Just(254), Just(255), any::<u8>()]
}

proptest! {
    #[test]
    fn any_frames_end_the_exchange(
        frames in proptest::collection::vec((status(), proptest::collection::vec(any::<u8>(), 47)), 1..20)
    ) {
        let frames = frames.into_iter().map(|(status, mut text)| { text.insert(0, status); text }).collect();
        let mut ezo = blocking::Ezo::<Ph, _>::new(I2c::new(Frames(frames, 0), Ph::ADDRESS, NoDelay));
        for _ in 0..4 {
            let _ = ezo.read();
            prop_assert!(ezo.transport().polls() <= 40);
        }
    }

    #[test]
    fn frame_with_another_status_is_never_a_reading(status in any::<u8>().prop_filter("not 1", |status| *status != 1)) {
        let mut frame = vec![0; 48];
        frame[0] = status;
        frame[1..6].copy_from_slice(b"7.004");
        let mut ezo = blocking::Ezo::<Ph, _>::new(I2c::new(Frames(vec![frame], 0), Ph::ADDRESS, NoDelay));
        let Err(Error::Device(fault)) = ezo.read() else { return Err(TestCaseError::fail("a reading")) };
        prop_assert!(matches!(fault.origin(), Origin::Circuit | Origin::Wait));
    }

    #[test]
    fn answer_is_read_wherever_it_is_cut(cuts in proptest::collection::vec(0_usize..10, 0..6), gaps in proptest::collection::vec(0_u32..50, 7)) {
        let answer = b"7.004\r*OK\r";
        let mut cuts: Vec<usize> = cuts;
        cuts.extend([0, answer.len()]);
        cuts.sort_unstable();
        let mut script = vec![CR, PROBE, ON, LineAct::Host("R\r")];
        for (index, pair) in cuts.windows(2).enumerate() {
            script.push(LineAct::Circuit(gaps[index % gaps.len()], leak(answer[pair[0]..pair[1]].to_vec())));
        }
        let expected = Ok(MilliPh::new(7_004).unwrap());
        let line = Line::new(&script);
        let mut ezo = blocking::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
        prop_assert_eq!(ezo.read(), expected);
        let line = Line::new(&script);
        let mut ezo = asynch::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
        prop_assert_eq!(line.block_on(ezo.read()), expected);
        let line = Line::new(&script).polled();
        let mut ezo = nonblocking::Ezo::<Ph, _>::new(Uart::new(line.clone(), ()));
        let polled = loop {
            match ezo.read(nonblocking::Instant::from_ticks(line.now())) {
                Err(nb::Error::WouldBlock) => line.pass(1),
                other => break other,
            }
        };
        prop_assert!(matches!(polled, Ok(ph) if ph.get() == 7_004));
    }

    /// Nothing that came before the probe was answered is a reading.
    #[test]
    fn garbage_before_the_command_is_never_the_answer(garbage in proptest::collection::vec(any::<u8>(), 0..200)) {
        // What would pass for the answer to the probe is left out: it is the one thing that may not come by chance.
        prop_assume!(!garbage.windows(4).any(|part| part.eq_ignore_ascii_case(b"*OK,")));
        let script = [LineAct::Circuit(0, leak(garbage)), CR, PROBE, LineAct::Circuit(10, b"\r?*OK,1\r*OK\r"),
            LineAct::Host("R\r"), LineAct::Circuit(600, b"7.004\r*OK\r")];
        let line = Line::new(&script);
        let mut ezo = blocking::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
        match ezo.read() {
            Ok(ph) => prop_assert_eq!(ph.get(), 7_004),
            Err(error) => prop_assert_eq!(error, Error::Device(Fault::Timeout)),
        }
    }

    #[test]
    fn tokens_keep_their_order(tokens in proptest::collection::vec(0_usize..4, 0..8)) {
        let all = [(&b"*OV\r"[..], Event::OverVoltage), (b"*UV\r", Event::UnderVoltage),
            (b"*MINVOL\r", Event::TooLittle), (b"*TOOFAST\r", Event::TooFast)];
        let mut bytes: Vec<u8> = tokens.iter().flat_map(|&token| all[token].0.to_vec()).collect();
        bytes.extend(b"7.004\r*OK\r");
        let line = Line::new(&[CR, PROBE, ON, LineAct::Host("R\r"), LineAct::Circuit(5, leak(bytes))]);
        let mut ezo = blocking::Ezo::<Ph, _>::new(Uart::new(line.clone(), line.clone()));
        prop_assert!(ezo.read().is_ok());
        let events: Vec<Event> = std::iter::from_fn(|| ezo.transport_mut().next_event()).collect();
        let expected: Vec<Event> = tokens.iter().map(|&token| all[token].1.clone()).collect();
        prop_assert_eq!(events, expected);
    }

    /// The polled front end may be called as seldom as it likes.
    #[test]
    fn seldom_polled_circuit_is_read(every in 1_u64..2_000) {
        let frames = vec![{ let mut frame = vec![0; 48]; frame[..6].copy_from_slice(b"\x017.004"); frame }];
        let mut ezo = nonblocking::Ezo::<Ph, _>::new(I2c::new(Frames(frames, 0), Ph::ADDRESS, ()));
        let mut now = 0;
        let reading = loop {
            match ezo.read(nonblocking::Instant::from_ticks(now)) {
                Err(nb::Error::WouldBlock) => now += every,
                other => break other,
            }
        };
        prop_assert!(reading.is_ok());
        prop_assert!(now <= 451 + every);
    }

    /// The deadline is of the caller's clock, however seldom it calls.
    #[test]
    fn seldom_polled_wedged_circuit_is_given_up_in_time(every in 1_u64..2_000) {
        let mut frame = vec![0; 48];
        frame[0] = 0xFE;
        let mut ezo = nonblocking::Ezo::<Ph, _>::new(I2c::new(Frames(vec![frame], 0), Ph::ADDRESS, ()));
        let mut now = 0;
        let reading = loop {
            match ezo.read(nonblocking::Instant::from_ticks(now)) {
                Err(nb::Error::WouldBlock) => now += every,
                other => break other,
            }
        };
        prop_assert!(matches!(reading, Err(nb::Error::Other(Error::Device(Fault::Timeout)))));
        prop_assert!(now <= 3_020 + 2 * every, "{}", now);
    }
}
