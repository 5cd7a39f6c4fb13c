//! The async front end: the blocking one with `.await`, and a race between the UART and the time.

use crate::calibration::{Backup, Calibrate, Calibrated};
use crate::command::{
    AnyBus, BaudQuery, CalibrationQuery, Command, Export, ExportQuery, I2cOnly, Import, Information,
    Read as ReadCommand, Request, ResponseCodesQuery, SetBaud, SetTemperature, TemperatureQuery, UartOnly,
    decode,
};
use crate::compensation::{Compensation, Next};
use crate::known::Known;
use crate::pmp::{self, Amount};
use crate::terms::Terms;
use crate::value::{self, BaudRate, Switch};
use crate::{Circuit, Compensated, Error, Event, Fault, I2c, Pmp, Pumping, Totals, Uart, i2c, pump, uart};
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use embedded_hal::i2c::{Error as _, ErrorKind};
use embedded_hal_async::delay::DelayNs;
use embedded_hal_async::i2c::I2c as I2cBus;
use embedded_io_async::{Read, Write};
use fugit::{MillisDurationU32, MinutesDurationU32};
use quantity::{Microlitres, MicrolitresPerMinute, MilliCelsius, Millivolts};

/// A circuit of kind `C` behind a transport: [`I2c`] or [`Uart`].
#[derive(Debug)]
pub struct Ezo<C: Circuit, T> {
    transport: T,
    known: Known<C>,
}

impl<C: Circuit, T: Transport> Ezo<C, T> {
    /// Takes a transport. Does no I/O.
    pub fn new(transport: T) -> Self {
        Self {
            transport,
            known: Known::new(),
        }
    }

    /// Sends a command, waits for its answer and returns it.
    ///
    /// # Cancellation safety
    ///
    /// The circuit may execute the command all the same. Its answer is lost: over I2C the next command has the
    /// circuit forget it, over UART the next command is preceded by a synchronisation which leaves it behind.
    /// What the command did to the circuit's address, rate or sleep the driver does not know then.
    ///
    /// # Errors
    ///
    /// Errors of the bus; [`Fault`]s of the circuit, of its answer and of the wait.
    pub async fn execute<M>(&mut self, command: &M) -> Result<M::Output, Error<T::Error>>
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
        let request = Request::of::<C, M>(command)?;
        let terms = Terms::of::<C, M>(command);
        self.known.affected(terms.effect);
        self.transport.exchange(&request, terms).await?;
        Ok(decode::<C, M>(command, self.transport.answer())?)
    }

    /// Asks which circuit it is, and refuses another kind.
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// [`Fault::WrongCircuit`]; those of [`execute`](Self::execute).
    pub async fn init(&mut self) -> Result<value::Information, Error<T::Error>> {
        let information = self.execute(&Information).await?;
        if C::is(information.kind) {
            Ok(information)
        } else {
            Err(Fault::WrongCircuit(information.kind).into())
        }
    }

    /// Takes a reading.
    ///
    /// What it consists of (outputs, scale, unit) is asked for once, and again after a command that changes it or a
    /// reading that does not match.
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// [`Fault::NoOutput`], [`Fault::Disconnected`], [`Fault::Pinned`], [`Fault::OutOfRange`], [`Fault::Fields`];
    /// those of [`execute`](Self::execute).
    pub async fn read(&mut self) -> Result<C::Reading, Error<T::Error>> {
        let format = self.format().await?;
        let reading = self.execute(&ReadCommand(format)).await;
        if let Err(Error::Device(Fault::Fields | Fault::NoOutput)) = reading {
            self.known.format = C::FORMAT;
        }
        reading
    }

    /// What a reading consists of, asked for if it is not known.
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// Those of [`execute`](Self::execute).
    pub async fn format(&mut self) -> Result<C::Format, Error<T::Error>> {
        if let Some(format) = self.known.format {
            return Ok(format);
        }
        let format = self.execute(&C::FORMAT_QUERY).await?;
        self.known.format = Some(format);
        Ok(format)
    }

    /// Takes a reading compensated for `temperature`, which is rounded to tenths of a degree.
    ///
    /// The circuit is told the temperature when it changes. After each reading it is asked which one it had: a
    /// circuit that has restarted is told again, and the reading is repeated.
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// [`Fault::Restarted`] if it forgot the temperature twice; those of [`read`](Self::read).
    pub async fn read_at(&mut self, temperature: MilliCelsius) -> Result<C::Reading, Error<T::Error>>
    where
        C: Compensated,
    {
        let mut compensation = Compensation::new(temperature, self.known.memory);
        let mut reading = None;
        loop {
            match (compensation.next(), reading) {
                (Next::Set(temperature), _) => {
                    reading = None;
                    self.execute(&SetTemperature(temperature)).await?;
                    compensation.was_set(&mut self.known.memory);
                }
                (Next::Check, _) => {
                    let found = self.execute(&TemperatureQuery).await?;
                    compensation.was_checked(found, &mut self.known.memory)?;
                }
                (Next::Done, Some(reading)) => return Ok(reading),
                (Next::Read | Next::Done, _) => {
                    reading = Some(self.read().await?);
                    compensation.was_read();
                }
            }
        }
    }

    /// How often [`read_at`](Self::read_at) found that the circuit had forgotten its temperature.
    pub const fn restarts(&self) -> u32 {
        self.known.memory.restarts()
    }

    /// Calibrates a point, after a check that those which have to come before it have been done.
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// [`Fault::CalibrationOrder`]; those of [`execute`](Self::execute).
    pub async fn calibrate(&mut self, point: &C::Point) -> Result<Calibrated<C::State>, Error<T::Error>>
    where
        C: Calibrate,
    {
        let before = self.execute(&CalibrationQuery).await?;
        self.known.progress.check::<C>(point, before)?;
        self.execute(point).await?;
        self.known.progress.done::<C>(point);
        let after = self.execute(&CalibrationQuery).await?;
        Ok(Calibrated { before, after })
    }

    /// Reads the calibration out in full.
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// [`Fault::Incomplete`] if it is not as long as the circuit said, [`Fault::Truncated`] if it has more than `K`
    /// strings; those of [`execute`](Self::execute).
    pub async fn export<const K: usize>(&mut self) -> Result<Backup<K>, Error<T::Error>> {
        let size = self.execute(&ExportQuery).await?;
        let mut backup = Backup::new();
        let mut part = Export::First;
        // One more than there are strings, for the end mark.
        for _ in 0..=size.strings {
            let Some(chunk) = self.execute(&part).await? else {
                break;
            };
            backup.push(chunk)?;
            part = Export::Next { streamed: T::STREAMS };
        }
        backup.check(size)?;
        Ok(backup)
    }

    /// Gives a calibration back to the circuit, which restarts after it.
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// Those of [`execute`](Self::execute).
    pub async fn import<const K: usize>(&mut self, backup: &Backup<K>) -> Result<(), Error<T::Error>> {
        let mut chunks = backup.chunks().iter().peekable();
        while let Some(chunk) = chunks.next() {
            let last = chunks.peek().is_none();
            self.execute(&Import { chunk, last }).await?;
        }
        Ok(())
    }

    /// The transport.
    pub const fn transport(&self) -> &T {
        &self.transport
    }

    /// The transport, to change its settings and to take its events.
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
    U: Read + Write,
    D: DelayNs,
{
    /// Changes the speed of both sides, and asks the circuit for it at the new one.
    ///
    /// `set_baud` changes that of the UART; it is called once the circuit has agreed at the old speed.
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// Those of [`execute`](Self::execute) and of `set_baud`. Then the sides may differ.
    pub async fn set_baud(
        &mut self,
        rate: BaudRate,
        set_baud: impl FnOnce(&mut U, u32) -> Result<(), U::Error>,
    ) -> Result<(), Error<U::Error>> {
        self.execute(&SetBaud(rate)).await?;
        set_baud(&mut self.transport.serial, rate.get()).map_err(Error::Bus)?;
        self.transport.hear_restart_async().await?;
        if self.execute(&BaudQuery).await? == rate {
            Ok(())
        } else {
            Err(Fault::Malformed.into())
        }
    }

    /// Waits for what the circuit sends unasked: the next event, or `None` after `time`.
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// Errors of the UART, [`Fault::EndOfStream`], [`Fault::Babble`].
    pub async fn wait_for_event(
        &mut self,
        time: MillisDurationU32,
    ) -> Result<Option<Event>, Error<U::Error>> {
        self.transport.link.begin_hearing(time);
        self.transport.run_async().await?;
        Ok(self.transport.link.pop_event())
    }

    /// Brings a circuit in whatever state to one in which it only speaks when asked: half a command is ended, what
    /// it has been sending is left behind, and `*OK` is asked for.
    ///
    /// Happens by itself before the first command and after one that failed. Continuous mode stays as it is: switch
    /// it off with [`SetContinuous`](crate::command::SetContinuous) or
    /// [`SetReporting`](crate::pmp::SetReporting).
    ///
    /// # Cancellation safety
    ///
    /// As [`execute`](Self::execute); steps that were done stay done.
    ///
    /// # Errors
    ///
    /// Those of [`execute`](Self::execute).
    pub async fn synchronise(&mut self) -> Result<Switch, Error<U::Error>> {
        self.transport.link.lose_sync();
        self.execute(&ResponseCodesQuery).await
    }
}

/// An EZO-PMP or, with `C` = [`PmpL`](crate::PmpL), an EZO-PMP-L as a source of doses.
#[derive(Debug)]
pub struct Pump<T, C: Pumping = Pmp> {
    ezo: Ezo<C, T>,
}

impl<C: Pumping, T: Transport> Pump<T, C> {
    /// Takes a pump.
    pub const fn new(ezo: Ezo<C, T>) -> Self {
        Self { ezo }
    }

    /// Dispenses a volume of at least 0.5 mL as fast as the pump can; negative is reverse. Returns when it has begun.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// [`Fault::TooLittle`]; [`Fault::Armed`] while the pump is set to dispense at power-up, when a brown-out would
    /// be another dose; [`Fault::Running`]; those of [`Ezo::execute`]. After [`Fault::NoData`], [`Fault::Restarted`]
    /// and [`Fault::Timeout`] it may have begun: ask with [`dispensing`](Self::dispensing).
    pub async fn dose(&mut self, volume: Microlitres) -> Result<(), Error<T::Error>> {
        pump::check_volume(volume)?;
        self.check_ready().await?;
        self.ezo.execute(&pmp::Dispense(Amount::Volume(volume))).await
    }

    /// Dispenses a volume evenly over a time. Returns when it has begun.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// Those of [`dose`](Self::dose), and [`Fault::TooFast`] over UART; over I2C that is [`Fault::Syntax`].
    pub async fn dose_over(
        &mut self,
        volume: Microlitres,
        time: MinutesDurationU32,
    ) -> Result<(), Error<T::Error>> {
        pump::check_volume(volume)?;
        self.check_ready().await?;
        self.ezo.execute(&pmp::DispenseOver { volume, time }).await
    }

    /// Dispenses at a constant rate, for a time or until it is stopped. Returns when it has begun.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// Those of [`dose_over`](Self::dose_over).
    pub async fn dose_at(
        &mut self,
        rate: MicrolitresPerMinute,
        time: Option<MinutesDurationU32>,
    ) -> Result<(), Error<T::Error>> {
        self.check_ready().await?;
        self.ezo.execute(&pmp::DispenseAt { rate, time }).await
    }

    /// Stops at once, and returns the volume that was delivered.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// Those of [`Ezo::execute`]. Cut the motor's supply then.
    pub async fn stop(&mut self) -> Result<Microlitres, Error<T::Error>> {
        self.ezo.execute(&pmp::Stop).await
    }

    /// Pauses, or goes on. Does nothing if the pump does so already.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// Those of [`Ezo::execute`].
    pub async fn set_paused(&mut self, paused: Switch) -> Result<(), Error<T::Error>> {
        if self.ezo.execute(&pmp::PauseQuery).await? == paused {
            Ok(())
        } else {
            self.ezo.execute(&pmp::TogglePause).await
        }
    }

    /// What was asked for last, and whether the pump is at it.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// Those of [`Ezo::execute`].
    pub async fn dispensing(&mut self) -> Result<pmp::Dispensing, Error<T::Error>> {
        self.ezo.execute(&pmp::DispenseQuery).await
    }

    /// The volume of this or the last dose, as far as it was delivered.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// [`Fault::Fields`] if that output is disabled; those of [`Ezo::read`].
    pub async fn delivered(&mut self) -> Result<Microlitres, Error<T::Error>> {
        Ok(self.ezo.read().await?.volume.ok_or(Fault::Fields)?)
    }

    /// The volumes since power-up.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// Those of [`Ezo::execute`].
    pub async fn totals(&mut self) -> Result<Totals, Error<T::Error>> {
        let net = self.ezo.execute(&pmp::TotalQuery).await?;
        let absolute = self.ezo.execute(&pmp::AbsoluteTotalQuery).await?;
        Ok(Totals { net, absolute })
    }

    /// The supply of the motor, 12 V to 24 V.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// Those of [`Ezo::execute`].
    pub async fn motor_supply(&mut self) -> Result<Millivolts, Error<T::Error>> {
        self.ezo.execute(&pmp::MotorSupplyQuery).await
    }

    /// Has the pump do nothing at power-up.
    ///
    /// # Cancellation safety
    ///
    /// As [`Ezo::execute`]: the pump may have begun.
    ///
    /// # Errors
    ///
    /// Those of [`Ezo::execute`].
    pub async fn disarm(&mut self) -> Result<(), Error<T::Error>> {
        self.ezo.execute(&pmp::SetStartup(pmp::Startup::Off)).await
    }

    /// The circuit, for everything else.
    pub const fn ezo(&mut self) -> &mut Ezo<C, T> {
        &mut self.ezo
    }

    /// Gives the circuit back.
    pub fn release(self) -> Ezo<C, T> {
        self.ezo
    }

    async fn check_ready(&mut self) -> Result<(), Error<T::Error>> {
        pump::check_startup(self.ezo.execute(&pmp::StartupQuery).await?)?;
        pump::check_idle(self.dispensing().await?)?;
        Ok(())
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
    use crate::Error;
    use crate::command::Request;
    use crate::terms::Terms;

    #[allow(async_fn_in_trait, reason = "nobody else can implement it")]
    pub trait Exchange {
        type Failure;
        const CAPACITY: usize;
        /// Whether the strings of an export follow each other.
        const STREAMS: bool;
        async fn exchange(&mut self, request: &Request, terms: Terms) -> Result<(), Error<Self::Failure>>;
        fn answer(&self) -> &[u8];
    }
}

impl<I2C: I2cBus, D: DelayNs, const N: usize> Transport for I2c<I2C, D, N> {
    type Error = I2C::Error;
}
impl<I2C: I2cBus, D: DelayNs, const N: usize> Speaks<AnyBus> for I2c<I2C, D, N> {}
impl<I2C: I2cBus, D: DelayNs, const N: usize> Speaks<I2cOnly> for I2c<I2C, D, N> {}

impl<I2C: I2cBus, D: DelayNs, const N: usize> sealed::Exchange for I2c<I2C, D, N> {
    type Failure = I2C::Error;
    const CAPACITY: usize = N;
    const STREAMS: bool = false;

    async fn exchange(&mut self, request: &Request, terms: Terms) -> Result<(), Error<I2C::Error>> {
        self.port.begin(request.clone(), terms);
        let result = self.run_async().await;
        if result.is_err() {
            self.port.abort();
        }
        result
    }

    fn answer(&self) -> &[u8] {
        self.port.answer()
    }
}

impl<I2C: I2cBus, D: DelayNs, const N: usize> I2c<I2C, D, N> {
    async fn run_async(&mut self) -> Result<(), Error<I2C::Error>> {
        let address = self.port.address_bits();
        loop {
            match self.port.step()? {
                i2c::Step::Wake(bytes) => match self.bus.write(address, bytes).await {
                    Err(error) if !matches!(error.kind(), ErrorKind::NoAcknowledge(_)) => {
                        return Err(Error::Bus(error));
                    }
                    _ => {}
                },
                i2c::Step::Write(bytes) => self.bus.write(address, bytes).await.map_err(Error::Bus)?,
                i2c::Step::Wait(time) => self.delay.delay_ms(time.as_millis()).await,
                i2c::Step::Read(frame) => self.bus.read(address, frame).await.map_err(Error::Bus)?,
                i2c::Step::Done => return Ok(()),
            }
        }
    }
}

impl<U: Read + Write, D: DelayNs, const N: usize> Transport for Uart<U, D, N> {
    type Error = U::Error;
}
impl<U: Read + Write, D: DelayNs, const N: usize> Speaks<AnyBus> for Uart<U, D, N> {}
impl<U: Read + Write, D: DelayNs, const N: usize> Speaks<UartOnly> for Uart<U, D, N> {}

impl<U: Read + Write, D: DelayNs, const N: usize> sealed::Exchange for Uart<U, D, N> {
    type Failure = U::Error;
    const CAPACITY: usize = N;
    const STREAMS: bool = true;

    async fn exchange(&mut self, request: &Request, terms: Terms) -> Result<(), Error<U::Error>> {
        self.link.begin(request, terms);
        self.run_async().await
    }

    fn answer(&self) -> &[u8] {
        self.link.answer()
    }
}

impl<U: Read + Write, D: DelayNs, const N: usize> Uart<U, D, N> {
    async fn run_async(&mut self) -> Result<(), Error<U::Error>> {
        let result = self.steps_async().await;
        if result.is_err() {
            self.link.abort_unless_refused();
        }
        result
    }

    async fn steps_async(&mut self) -> Result<(), Error<U::Error>> {
        loop {
            match self.link.step()? {
                uart::Step::Write(bytes) => {
                    self.serial.write_all(bytes).await.map_err(Error::Bus)?;
                    self.serial.flush().await.map_err(Error::Bus)?;
                }
                uart::Step::Wait(time) => self.delay.delay_ms(time.as_millis()).await,
                uart::Step::Listen(time) => self.listen_async(time).await?,
                uart::Step::Done => return Ok(()),
            }
        }
    }

    async fn listen_async(&mut self, time: MillisDurationU32) -> Result<(), Error<U::Error>> {
        let mut timeout = pin!(self.delay.delay_ms(time.as_millis()));
        loop {
            let mut byte = [0];
            let count = {
                let mut read = pin!(self.serial.read(&mut byte));
                // The UART goes first: what is there already counts, however late it is.
                poll_fn(|context| match read.as_mut().poll(context) {
                    Poll::Ready(count) => Poll::Ready(Some(count)),
                    Poll::Pending => timeout.as_mut().poll(context).map(|()| None),
                })
                .await
            };
            match count {
                None => {
                    self.link.expired();
                    return Ok(());
                }
                Some(Ok(0)) => return Err(Fault::EndOfStream.into()),
                Some(Ok(_)) => {
                    let [byte] = byte;
                    if self.link.received(byte) {
                        return Ok(());
                    }
                }
                Some(Err(_)) if self.link.disturbed() => return Ok(()),
                Some(Err(error)) => return Err(Error::Bus(error)),
            }
        }
    }

    async fn hear_restart_async(&mut self) -> Result<(), Error<U::Error>> {
        self.link.begin_restart();
        self.run_async().await
    }
}
