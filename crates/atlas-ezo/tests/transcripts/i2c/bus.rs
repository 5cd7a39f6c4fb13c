//! The bus of the transcripts.

use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use embedded_hal_mock::eh1::delay::{CheckedDelay, Transaction as Delay};
use embedded_hal_mock::eh1::i2c::{Mock, Transaction};
use std::cell::RefCell;
use std::rc::Rc;

/// What happens on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// The host writes this to the address.
    Write(u8, &'static str),
    /// It is not acknowledged.
    Nack(u8, &'static str),
    /// The host lets this many milliseconds pass.
    Wait(u32),
    /// The host reads a frame that begins with this.
    Read(u8, &'static [u8]),
    /// The read fails.
    ReadFails(u8),
}

/// The address is not acknowledged.
pub(crate) const NACK: ErrorKind = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);

/// Fills a frame with zeros.
pub(crate) fn frame(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut frame = bytes.to_vec();
    frame.resize(length, 0);
    frame
}

pub(crate) fn i2c_mock(script: &[Act], length: usize) -> Mock {
    let transactions: Vec<_> = script
        .iter()
        .filter_map(|act| match act {
            Act::Write(address, text) => Some(Transaction::write(*address, text.as_bytes().to_vec())),
            Act::Nack(address, text) => {
                Some(Transaction::write(*address, text.as_bytes().to_vec()).with_error(NACK))
            }
            Act::Read(address, bytes) => Some(Transaction::read(*address, frame(bytes, length))),
            Act::ReadFails(address) => {
                Some(Transaction::read(*address, vec![0; length]).with_error(ErrorKind::ArbitrationLoss))
            }
            Act::Wait(_) => None,
        })
        .collect();
    Mock::new(&transactions)
}

pub(crate) fn delay_mock(script: &[Act], blocking: bool) -> CheckedDelay {
    let waits: Vec<_> = script
        .iter()
        .filter_map(|act| match act {
            Act::Wait(ms) if blocking => Some(Delay::blocking_delay_ms(*ms)),
            Act::Wait(ms) => Some(Delay::async_delay_ms(*ms)),
            _ => None,
        })
        .collect();
    CheckedDelay::new(&waits)
}

/// A bus on which things have to happen at their time: a tick after each wait, since the tick in which a wait begins
/// may be nearly over.
#[derive(Debug, Clone)]
pub(crate) struct Timed {
    script: Rc<RefCell<std::collections::VecDeque<Act>>>,
    now: Rc<RefCell<(u64, u64)>>,
    length: usize,
}

impl Timed {
    pub(crate) fn new(script: &[Act], length: usize) -> Self {
        Self {
            script: Rc::new(RefCell::new(script.iter().cloned().collect())),
            now: Rc::default(),
            length,
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.borrow().0
    }

    pub(crate) fn tick(&self) {
        self.now.borrow_mut().0 += 1;
    }

    pub(crate) fn done(&self) {
        assert!(self.script.borrow().is_empty(), "left: {:?}", self.script);
    }

    /// Takes the waits in front, which have to have passed, and the act behind them.
    fn next(&self) -> Act {
        let mut due = self.now.borrow().1;
        loop {
            match self
                .script
                .borrow_mut()
                .pop_front()
                .expect("more is done than the script has")
            {
                Act::Wait(0) => {}
                Act::Wait(ms) => due += u64::from(ms) + 1,
                act => {
                    assert_eq!(self.now(), due, "{act:?} at the wrong time");
                    self.now.borrow_mut().1 = due;
                    return act;
                }
            }
        }
    }

    /// Takes the waits at the end, after which there is nothing to do.
    pub(crate) fn settle(&self) {
        let mut due = self.now.borrow().1;
        let mut script = self.script.borrow_mut();
        while let Some(&Act::Wait(ms)) = script.front() {
            due += u64::from(ms) + 1;
            script.pop_front();
        }
        drop(script);
        if due != self.now.borrow().1 {
            assert_eq!(self.now(), due, "the end at the wrong time");
            self.now.borrow_mut().1 = due;
        }
    }
}

impl ErrorType for Timed {
    type Error = ErrorKind;
}

impl I2c for Timed {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let [operation] = operations else {
            panic!("one operation at a time");
        };
        let act = self.next();
        match (operation, &act) {
            (Operation::Write(bytes), Act::Write(at, text)) => {
                assert_eq!((address, &**bytes), (*at, text.as_bytes()));
            }
            (Operation::Write(bytes), Act::Nack(at, text)) => {
                assert_eq!((address, &**bytes), (*at, text.as_bytes()));
                return Err(NACK);
            }
            (Operation::Read(into), Act::Read(at, bytes)) => {
                assert_eq!(address, *at);
                into.copy_from_slice(&frame(bytes, self.length));
            }
            (Operation::Read(_), Act::ReadFails(_)) => return Err(ErrorKind::ArbitrationLoss),
            (operation, act) => panic!("{operation:?} instead of {act:?}"),
        }
        Ok(())
    }
}

/// One transcript through every front end: the circuit, what happens on the bus, what is called, what comes of it.
///
/// In `flow:` tests what is called exists in the blocking and the async front end only.
#[macro_export]
macro_rules! i2c {
    ($name:ident: $circuit:ident, [$($act:expr),* $(,)?], $($calls:tt)*) => {
        $crate::i2c!(@with $name: $circuit, 48, |transport| transport, [$($act),*], $($calls)*);
    };
    (@with $name:ident: $circuit:ident, $length:literal, |$transport:ident| $set_up:expr, [$($act:expr),* $(,)?],
        $($method:ident $(::<$k:literal>)? ($($arg:expr),*) => $expected:expr),+ $(,)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[test]
            fn polled() {
                let bus = $crate::i2c::Timed::new(&[$($act),*], $length);
                let $transport = I2c::<_, _, $length>::with_frame(bus.clone(), $circuit::ADDRESS, ());
                let mut ezo = nonblocking::Ezo::<$circuit, _>::new($set_up);
                $(
                    let outcome = loop {
                        let now = nonblocking::Instant::from_ticks(bus.now());
                        match ezo.$method $(::<$k>)? ($($arg,)* now) {
                            Err(nb::Error::WouldBlock) => bus.tick(),
                            Err(nb::Error::Other(error)) => break Err(error),
                            Ok(value) => break Ok(value),
                        }
                        assert!(bus.now() < 60_000, "it never ends");
                    };
                    assert_eq!(format!("{outcome:?}"), $expected);
                    if outcome.is_ok() {
                        bus.settle();
                    }
                )+
                bus.done();
            }

            $crate::i2c!(@both $circuit, $length, |$transport| $set_up, [$($act),*], $($method $(::<$k>)? ($($arg),*) => $expected),+);
        }
    };
    (flow $name:ident: $circuit:ident, [$($act:expr),* $(,)?],
        $($method:ident $(::<$k:literal>)? ($($arg:expr),*) => $expected:expr),+ $(,)?) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $crate::i2c!(@both $circuit, 48, |transport| transport, [$($act),*], $($method $(::<$k>)? ($($arg),*) => $expected),+);
        }
    };
    (@both $circuit:ident, $length:literal, |$transport:ident| $set_up:expr, [$($act:expr),*],
        $($method:ident $(::<$k:literal>)? ($($arg:expr),*) => $expected:expr),+) => {
        #[test]
        fn blocking() {
            let script = [$($act),*];
            let mut bus = $crate::i2c::i2c_mock(&script, $length);
            let mut delay = $crate::i2c::delay_mock(&script, true);
            let $transport = I2c::<_, _, $length>::with_frame(bus.clone(), $circuit::ADDRESS, delay.clone());
            let mut ezo = blocking::Ezo::<$circuit, _>::new($set_up);
            $(assert_eq!(format!("{:?}", ezo.$method $(::<$k>)? ($($arg),*)), $expected);)+
            bus.done();
            delay.done();
        }

        #[test]
        fn asynchronous() {
            let script = [$($act),*];
            let mut bus = $crate::i2c::i2c_mock(&script, $length);
            let mut delay = $crate::i2c::delay_mock(&script, false);
            let $transport = I2c::<_, _, $length>::with_frame(bus.clone(), $circuit::ADDRESS, delay.clone());
            let mut ezo = asynch::Ezo::<$circuit, _>::new($set_up);
            embassy_futures::block_on(async {
                $(assert_eq!(format!("{:?}", ezo.$method $(::<$k>)? ($($arg),*).await), $expected);)+
            });
            bus.done();
            delay.done();
        }
    };
}
