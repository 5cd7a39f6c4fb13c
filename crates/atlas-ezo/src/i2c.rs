//! An exchange over I2C, as steps: write, wait, read, maybe wait again.

use crate::command::{Effect, Request};
use crate::pace::{Pace, Schedule};
use crate::terms::Terms;
use crate::{Address, Fault};
use fugit::MillisDurationU32;

/// A circuit on an I2C bus: the bus, a delay, and what is known of the circuit.
///
/// `N` is the length of a frame, of which each poll reads all. 48 bytes do for all but `M,all` of an RTD circuit.
#[derive(Debug)]
pub struct I2c<I2C, D, const N: usize = 48> {
    pub(crate) bus: I2C,
    pub(crate) delay: D,
    pub(crate) port: Port<N>,
}

impl<I2C, D> I2c<I2C, D> {
    /// Takes a bus, which may be shared, the circuit's address and a delay. Does no I/O.
    pub fn new(bus: I2C, address: Address, delay: D) -> Self {
        Self::with_frame(bus, address, delay)
    }
}

impl<I2C, D, const N: usize> I2c<I2C, D, N> {
    /// Reads frames of `N` bytes: `I2c::<_, _, 512>::with_frame(..)`.
    pub fn with_frame(bus: I2C, address: Address, delay: D) -> Self {
        Self {
            bus,
            delay,
            port: Port::new(address),
        }
    }

    /// Sets how long an answer is waited for. Default 3 s: readings take up to 1.7 s.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: MillisDurationU32) -> Self {
        self.port.deadline = deadline;
        self
    }

    /// Clears bit 7 of each character, which the I2C hardware of the Raspberry Pi sets now and then.
    #[must_use]
    pub const fn with_bit_7_cleared(mut self) -> Self {
        self.port.mask = 0x7F;
        self
    }

    /// Where the circuit is. Follows [`SetAddress`](crate::command::SetAddress).
    pub const fn address(&self) -> Address {
        self.port.address
    }

    /// What has been learnt of the circuit's delays.
    pub const fn pace(&self) -> Pace {
        self.port.pace
    }

    /// Takes up what had been learnt of the circuit's delays.
    pub const fn set_pace(&mut self, pace: Pace) {
        self.port.pace = pace;
    }

    /// How often the circuit was asked for the last answer.
    pub const fn polls(&self) -> u32 {
        self.port.polls
    }

    /// Gives the bus and the delay back.
    pub fn release(self) -> (I2C, D) {
        (self.bus, self.delay)
    }
}

/// What a front end has to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// Write this; a sleeping circuit need not acknowledge it.
    Wake(&'a [u8]),
    /// Write this.
    Write(&'a [u8]),
    /// Let time pass.
    Wait(MillisDurationU32),
    /// Fill this.
    Read(&'a mut [u8]),
    /// Nothing; the answer is there.
    Done,
}

/// Any command wakes a circuit up and is lost. This one does no harm if the circuit was awake after all.
const WAKE: &[u8] = b"i";

/// At least 10 ms are needed between waking a circuit and the first command that counts.
const WAKING: MillisDurationU32 = MillisDurationU32::from_ticks(20);

/// The command takes up to 300 ms, and circuits have answered 740 ms to 850 ms after power-up.
const RESTARTING: MillisDurationU32 = MillisDurationU32::from_ticks(1_200);

/// Statuses.
const DONE: u8 = 1;
const REFUSED: u8 = 2;
const PENDING: u8 = 254;
const NO_DATA: u8 = 255;

#[derive(Debug, Clone, Copy)]
enum State {
    Idle,
    Waking,
    Writing,
    Settling,
    Waiting(Schedule),
    Reading(Schedule),
    Judging(Schedule, u32),
    Finishing,
}

#[derive(Debug)]
pub(crate) struct Port<const N: usize> {
    address: Address,
    deadline: MillisDurationU32,
    mask: u8,
    pace: Pace,
    polls: u32,
    asleep: bool,
    frame: [u8; N],
    length: usize,
    state: State,
    request: Request,
    terms: Option<Terms>,
    repeated: bool,
    /// Since the command was written.
    elapsed_us: u64,
}

impl<const N: usize> Port<N> {
    /// One read of a frame at 100 kHz: nine bits per byte, address included.
    const READ_US: u64 = 90 * (N as u64 + 1);

    const fn new(address: Address) -> Self {
        Self {
            address,
            deadline: MillisDurationU32::from_ticks(3_000),
            mask: 0xFF,
            pace: Pace::EMPTY,
            polls: 0,
            asleep: false,
            frame: [0; N],
            length: 0,
            state: State::Idle,
            request: Request::EMPTY,
            terms: None,
            repeated: false,
            elapsed_us: 0,
        }
    }

    pub(crate) const fn address_bits(&self) -> u8 {
        self.address.get()
    }

    /// Starts an exchange; one that was in flight is forgotten, as the circuit forgets it.
    pub(crate) fn begin(&mut self, request: Request, terms: Terms) {
        self.request = request;
        self.terms = Some(terms);
        self.repeated = false;
        self.polls = 0;
        self.length = 0;
        self.elapsed_us = 0;
        self.state = if self.asleep {
            State::Waking
        } else {
            State::Writing
        };
    }

    /// Ends an exchange that the bus broke.
    pub(crate) const fn abort(&mut self) {
        self.state = State::Idle;
    }

    /// The text of the answer.
    pub(crate) fn answer(&self) -> &[u8] {
        self.frame.get(1..=self.length).unwrap_or_default()
    }

    /// Takes note of how long the last [`Step::Wait`] really took, for front ends that know.
    #[cfg_attr(
        not(feature = "nb"),
        allow(dead_code, reason = "only the polled front end knows")
    )]
    pub(crate) const fn overslept(&mut self, by: MillisDurationU32) {
        self.elapsed_us += by.as_ticks() as u64 * 1_000;
    }

    /// The next thing to do. Call again once it has been done.
    pub(crate) fn step(&mut self) -> Result<Step<'_>, Fault> {
        let result = self.advance();
        if result.is_err() {
            self.state = State::Idle;
        }
        match result? {
            Todo::Wake => Ok(Step::Wake(WAKE)),
            Todo::Write => Ok(Step::Write(self.request.as_bytes())),
            Todo::Wait(time) => Ok(Step::Wait(time)),
            Todo::Read => Ok(Step::Read(&mut self.frame)),
            Todo::Done => Ok(Step::Done),
        }
    }

    fn advance(&mut self) -> Result<Todo, Fault> {
        let Some(terms) = self.terms else {
            return Ok(Todo::Done);
        };
        match self.state {
            State::Idle => Ok(Todo::Done),
            State::Waking if self.asleep => {
                self.asleep = false;
                Ok(Todo::Wake)
            }
            State::Waking => {
                self.state = State::Writing;
                Ok(Todo::Wait(WAKING))
            }
            State::Writing => {
                self.elapsed_us = 0;
                self.state = if terms.effect.is_silent() {
                    State::Settling
                } else {
                    State::Waiting(self.pace.schedule(terms.work, terms.delay))
                };
                Ok(Todo::Write)
            }
            State::Settling => {
                self.state = State::Finishing;
                Ok(Todo::Wait(match terms.effect {
                    Effect::Restart | Effect::Move(_) => RESTARTING,
                    _ => terms.delay,
                }))
            }
            State::Waiting(schedule) => {
                let deadline_us = u64::from(self.deadline.as_millis()) * 1_000;
                if self.elapsed_us >= deadline_us {
                    return Err(Fault::Timeout);
                }
                let due_us = (u64::from(schedule.next()) * 1_000).min(deadline_us);
                let wait = due_us.saturating_sub(self.elapsed_us).div_ceil(1_000);
                let wait = MillisDurationU32::from_ticks(u32::try_from(wait).unwrap_or(u32::MAX));
                self.elapsed_us += u64::from(wait.as_ticks()) * 1_000;
                self.state = State::Reading(schedule);
                Ok(Todo::Wait(wait))
            }
            State::Reading(schedule) => {
                let at = u32::try_from(self.elapsed_us / 1_000).unwrap_or(u32::MAX);
                self.elapsed_us += Self::READ_US;
                self.polls += 1;
                self.state = State::Judging(schedule, at);
                Ok(Todo::Read)
            }
            State::Judging(schedule, at) => self.judge(terms, schedule, at),
            State::Finishing => {
                match terms.effect {
                    Effect::Sleep => self.asleep = true,
                    Effect::Move(address) => self.address = address,
                    _ => {}
                }
                self.state = State::Idle;
                Ok(Todo::Done)
            }
        }
    }

    fn judge(&mut self, terms: Terms, mut schedule: Schedule, at: u32) -> Result<Todo, Fault> {
        let [status, text @ ..] = self.frame.as_mut_slice() else {
            return Err(Fault::Truncated);
        };
        match *status {
            DONE => {
                self.length = text.iter().position(|&byte| byte == 0).ok_or(Fault::Truncated)?;
                for byte in text.iter_mut() {
                    *byte &= self.mask;
                }
                self.pace.learn(&schedule, at);
                self.state = State::Finishing;
                self.advance()
            }
            PENDING => {
                schedule.missed(at);
                self.state = State::Waiting(schedule);
                self.advance()
            }
            REFUSED => Err(Fault::Syntax),
            NO_DATA if text.iter().all(|&byte| byte == 0xFF) => Err(Fault::Floating),
            NO_DATA if terms.repeatable && !self.repeated => {
                self.repeated = true;
                self.state = State::Writing;
                Ok(Todo::Wait(WAKING))
            }
            NO_DATA => Err(Fault::NoData),
            status => Err(Fault::Status(status)),
        }
    }
}

/// A [`Step`] without its borrow.
enum Todo {
    Wake,
    Write,
    Wait(MillisDurationU32),
    Read,
    Done,
}
