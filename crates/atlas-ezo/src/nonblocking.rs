//! The polled front end: nothing here waits. It is given the time.

use crate::command::{AnyBus, Command, I2cOnly, Read, Request, UartOnly, decode};
use crate::known::Known;
use crate::terms::Terms;
use crate::timer::Timer;
use crate::{Circuit, Error, Event, Fault, I2c, Uart, i2c, uart};
use embedded_hal::i2c::{Error as _, ErrorKind, I2c as I2cBus};
use fugit::MillisDurationU32;

/// A point in time in milliseconds, as the caller's clock has it. 64 bits do not wrap.
pub type Instant = fugit::MonotonicTimerInstantU64<1000>;

/// A circuit of kind `C` behind a transport: [`I2c`] or [`Uart`], both made with `()` for a delay.
///
/// ```no_run
/// # use atlas_ezo::{I2c, Circuit as _, Ph, nonblocking::{Ezo, Instant}, quantity::MilliPh};
/// # fn run(bus: impl embedded_hal::i2c::I2c, clock: impl Fn() -> Instant, show: impl Fn(MilliPh), complain: impl Fn()) {
/// let mut ezo = Ezo::<Ph, _>::new(I2c::new(bus, Ph::ADDRESS, ()));
/// loop {
///     match ezo.read(clock()) {
///         Ok(ph) => show(ph),                    // the next call asks anew
///         Err(nb::Error::WouldBlock) => {}       // something else can be done now
///         Err(nb::Error::Other(_error)) => complain(),
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Ezo<C: Circuit, T> {
    transport: T,
    known: Known<C>,
    in_flight: Option<Request>,
    timer: Timer,
}

impl<C: Circuit, T: Transport> Ezo<C, T> {
    /// Takes a transport. Does no I/O.
    pub fn new(transport: T) -> Self {
        Self {
            transport,
            known: Known::new(),
            in_flight: None,
            timer: Timer::default(),
        }
    }

    /// Sends a command, or goes on with it if it is in flight, and returns its answer when that is there.
    ///
    /// # Errors
    ///
    /// [`nb::Error::WouldBlock`] until then: call again with the same command. [`Fault::Busy`] if another command is
    /// in flight, which it stays. Errors of the bus; [`Fault`]s of the circuit, of its answer and of the wait, which
    /// end the exchange.
    pub fn execute<M>(&mut self, command: &M, now: Instant) -> nb::Result<M::Output, Error<T::Error>>
    where
        M: Command<C>,
        T: Speaks<M::Bus>,
    {
        const {
            assert!(
                M::CAPACITY <= T::CAPACITY,
                "the answer does not fit: use a transport with a larger buffer"
            );
        }
        let request = Request::of::<C, M>(command).map_err(Error::Device)?;
        match &self.in_flight {
            None => {
                let terms = Terms::of::<C, M>(command);
                self.known.affected(terms.effect);
                self.transport.begin(&request, terms);
                self.timer.stop();
                self.in_flight = Some(request);
            }
            Some(other) if *other != request => return Err(nb::Error::Other(Fault::Busy.into())),
            Some(_) => {}
        }
        let result = self.transport.poll(&mut self.timer, now);
        if !matches!(result, Err(nb::Error::WouldBlock)) {
            self.in_flight = None;
        }
        result?;
        decode::<C, M>(command, self.transport.answer()).map_err(|fault| nb::Error::Other(fault.into()))
    }

    /// Takes a reading. What it consists of is asked for first, if it is not known.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute), and those of a reading.
    pub fn read(&mut self, now: Instant) -> nb::Result<C::Reading, Error<T::Error>> {
        if self.known.format.is_none() {
            self.known.format = Some(self.execute(&C::FORMAT_QUERY, now)?);
        }
        let format = self.known.format.ok_or(nb::Error::WouldBlock)?;
        let reading = self.execute(&Read(format), now);
        if let Err(nb::Error::Other(Error::Device(Fault::Fields | Fault::NoOutput))) = reading {
            self.known.format = C::FORMAT;
        }
        reading
    }

    /// Whether an exchange is in flight.
    pub const fn is_busy(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Forgets the exchange in flight. The circuit may execute the command all the same.
    pub fn abort(&mut self) {
        if self.in_flight.take().is_some() {
            self.transport.abort();
        }
    }

    /// The transport.
    pub const fn transport(&self) -> &T {
        &self.transport
    }

    /// The transport, to take its events.
    pub const fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Gives the transport back.
    pub fn release(self) -> T {
        self.transport
    }
}

impl<C, U, D, const N: usize> Ezo<C, Uart<U, D, N>>
where
    C: Circuit,
    U: embedded_io::Read + embedded_io::Write + embedded_io::ReadReady,
{
    /// Takes in what the circuit has sent unasked, and returns the next event.
    ///
    /// # Errors
    ///
    /// [`nb::Error::WouldBlock`] if there is none. [`Fault::Busy`] while an exchange is in flight. Errors of the UART.
    pub fn event(&mut self, now: Instant) -> nb::Result<Event, Error<U::Error>> {
        if self.is_busy() {
            return Err(nb::Error::Other(Fault::Busy.into()));
        }
        self.transport
            .link
            .begin_hearing(MillisDurationU32::from_ticks(0));
        self.timer.stop();
        sealed::Exchange::poll(&mut self.transport, &mut self.timer, now)?;
        self.transport.link.pop_event().ok_or(nb::Error::WouldBlock)
    }
}

/// A way to a circuit: [`I2c`] or [`Uart`]. Sealed.
pub trait Transport: Speaks<AnyBus> + sealed::Exchange<Failure = <Self as Transport>::Error> {
    /// The error of the bus.
    type Error;
}

/// A transport that carries commands of bus `B`. Sealed.
pub trait Speaks<B>: sealed::Exchange {}

mod sealed {
    use super::Instant;
    use crate::Error;
    use crate::command::Request;
    use crate::terms::Terms;
    use crate::timer::Timer;

    pub trait Exchange {
        type Failure;
        const CAPACITY: usize;
        fn begin(&mut self, request: &Request, terms: Terms);
        fn poll(&mut self, timer: &mut Timer, now: Instant) -> nb::Result<(), Error<Self::Failure>>;
        fn abort(&mut self);
        fn answer(&self) -> &[u8];
    }
}

impl<I2C: I2cBus, D, const N: usize> Transport for I2c<I2C, D, N> {
    type Error = I2C::Error;
}
impl<I2C: I2cBus, D, const N: usize> Speaks<AnyBus> for I2c<I2C, D, N> {}
impl<I2C: I2cBus, D, const N: usize> Speaks<I2cOnly> for I2c<I2C, D, N> {}

impl<I2C: I2cBus, D, const N: usize> sealed::Exchange for I2c<I2C, D, N> {
    type Failure = I2C::Error;
    const CAPACITY: usize = N;

    fn begin(&mut self, request: &Request, terms: Terms) {
        self.port.begin(request.clone(), terms);
    }

    fn poll(&mut self, timer: &mut Timer, now: Instant) -> nb::Result<(), Error<I2C::Error>> {
        let result = self.poll_steps(timer, now);
        if matches!(result, Err(nb::Error::Other(_))) {
            self.port.abort();
        }
        result
    }

    fn abort(&mut self) {
        self.port.abort();
    }

    fn answer(&self) -> &[u8] {
        self.port.answer()
    }
}

impl<I2C: I2cBus, D, const N: usize> I2c<I2C, D, N> {
    fn poll_steps(&mut self, timer: &mut Timer, now: Instant) -> nb::Result<(), Error<I2C::Error>> {
        let address = self.port.address_bits();
        loop {
            if timer.waits {
                let late = timer.over(now).ok_or(nb::Error::WouldBlock)?;
                timer.stop();
                self.port.overslept(late);
            }
            match self.port.step().map_err(Error::Device)? {
                i2c::Step::Wake(bytes) => match self.bus.write(address, bytes) {
                    Err(error) if !matches!(error.kind(), ErrorKind::NoAcknowledge(_)) => {
                        return Err(nb::Error::Other(Error::Bus(error)));
                    }
                    _ => {}
                },
                i2c::Step::Write(bytes) => self.bus.write(address, bytes).map_err(Error::Bus)?,
                i2c::Step::Wait(time) => {
                    timer.start(time, now);
                    timer.waits = true;
                }
                i2c::Step::Read(frame) => self.bus.read(address, frame).map_err(Error::Bus)?,
                i2c::Step::Done => return Ok(()),
            }
        }
    }
}

impl<U, D, const N: usize> Transport for Uart<U, D, N>
where
    U: embedded_io::Read + embedded_io::Write + embedded_io::ReadReady,
{
    type Error = U::Error;
}

impl<U, D, const N: usize> Speaks<AnyBus> for Uart<U, D, N> where
    U: embedded_io::Read + embedded_io::Write + embedded_io::ReadReady
{
}

impl<U, D, const N: usize> Speaks<UartOnly> for Uart<U, D, N> where
    U: embedded_io::Read + embedded_io::Write + embedded_io::ReadReady
{
}

impl<U, D, const N: usize> sealed::Exchange for Uart<U, D, N>
where
    U: embedded_io::Read + embedded_io::Write + embedded_io::ReadReady,
{
    type Failure = U::Error;
    const CAPACITY: usize = N;

    fn begin(&mut self, request: &Request, terms: Terms) {
        self.link.begin(request, terms);
    }

    /// Commands are written without waiting for their last bit; that they fit into the UART's buffer is assumed.
    fn poll(&mut self, timer: &mut Timer, now: Instant) -> nb::Result<(), Error<U::Error>> {
        let result = self.poll_steps(timer, now);
        if matches!(result, Err(nb::Error::Other(_))) {
            self.link.abort_unless_refused();
        }
        result
    }

    fn abort(&mut self) {
        self.link.abort_unless_refused();
    }

    fn answer(&self) -> &[u8] {
        self.link.answer()
    }
}

impl<U, D, const N: usize> Uart<U, D, N>
where
    U: embedded_io::Read + embedded_io::Write + embedded_io::ReadReady,
{
    fn poll_steps(&mut self, timer: &mut Timer, now: Instant) -> nb::Result<(), Error<U::Error>> {
        loop {
            if timer.waits {
                timer.over(now).ok_or(nb::Error::WouldBlock)?;
                timer.stop();
            }
            match self.link.step().map_err(Error::Device)? {
                uart::Step::Write(bytes) => self.serial.write_all(bytes).map_err(Error::Bus)?,
                uart::Step::Wait(time) => {
                    timer.start(time, now);
                    timer.waits = true;
                }
                uart::Step::Listen(time) => {
                    timer.start(time, now);
                    if !self.take_in()? {
                        timer.over(now).ok_or(nb::Error::WouldBlock)?;
                        self.link.expired();
                    }
                    timer.stop();
                }
                uart::Step::Done => return Ok(()),
            }
        }
    }

    /// Takes in what is there; returns whether that was enough.
    fn take_in(&mut self) -> Result<bool, Error<U::Error>> {
        while self.serial.read_ready().map_err(Error::Bus)? {
            let mut byte = [0];
            match self.serial.read(&mut byte) {
                Ok(0) => return Err(Fault::EndOfStream.into()),
                Ok(_) => {
                    let [byte] = byte;
                    if self.link.received(byte) {
                        return Ok(true);
                    }
                }
                Err(_) if self.link.disturbed() => return Ok(true),
                Err(error) => return Err(Error::Bus(error)),
            }
        }
        Ok(false)
    }
}
