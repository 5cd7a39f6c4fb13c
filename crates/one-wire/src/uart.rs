//! A wire on a UART, after Maxim's application note 214: the transmitter pulls the line, the receiver listens to it.
//!
//! A reset is the byte 0xF0 at 9600 baud: low for 521 µs, then high for as long. Devices that are present pull some of
//! the upper bits low. A slot is a byte at 115 200 baud: 0xFF for write-1 and read, low for 8.7 µs, and 0x00 for
//! write-0, low for 78 µs. What the receiver returns is what was on the wire.

use crate::{Error, Fault, Speed, blocking::OneWire};
use embedded_hal::delay::DelayNs;
use embedded_io::{ErrorType, Read, ReadReady, Write};
use fugit::MicrosDurationU32;

type UartResult<T, U> = Result<T, Error<<U as ErrorType>::Error>>;

/// A wire on a UART whose transmitter is open drain (or has a diode) and is joined to its receiver.
///
/// Each slot is sent and received on its own, so that a receiver without FIFO will do. Bytes that arrived unasked are
/// discarded before a reset, and before the slot after a failure.
///
/// What is bounded: an echo that does not come is given up after 20 ms ([`Fault::Echo`]), and so is a receiver that
/// returns zero bytes or never stops returning some. What is not, because the traits leave no way: a `write` or
/// `flush` that does not return, and in the blocking bus a `read` that blocks although `read_ready` said that it
/// would not. The async bus races `read` against the delay; the UART's `read` must bear to be dropped.
#[derive(Debug)]
pub struct Uart<U, B, D> {
    port: U,
    set_baud: B,
    delay: D,
    baud: Option<u32>,
    /// Every byte sent so far has been received.
    settled: bool,
}

const RESET_BAUD: u32 = 9_600;
const RESET: u8 = 0xf0;
const SLOT_BAUD: u32 = 115_200;
const ONE: u8 = 0xff;
const ZERO: u8 = 0x00;

/// How long to wait for an echo: far more than the bytes take, for drivers that hand them over late.
const ECHO_US: u32 = 20_000;
const ECHO_POLL_US: u32 = 10;
/// A byte at 9600 baud, the longest that may still be on its way.
const SETTLE_US: u32 = 1_100;
/// How long to wait for a byte that should not come.
#[cfg(feature = "async")]
const STALE_US: u32 = 100;
const STALE_READS: u8 = 64;

impl<U, B, D> Uart<U, B, D> {
    /// Takes a UART of 8 data bits, no parity, one stop bit; what changes the baud rate of both of its directions;
    /// and a means of waiting. Does no I/O.
    pub const fn new(port: U, set_baud: B, delay: D) -> Self {
        Self {
            port,
            set_baud,
            delay,
            baud: None,
            settled: false,
        }
    }

    /// Gives back the UART, what sets its baud rate, and the delay.
    pub fn release(self) -> (U, B, D) {
        (self.port, self.set_baud, self.delay)
    }
}

impl<U, B, D> Uart<U, B, D>
where
    U: ErrorType,
    B: FnMut(&mut U, u32) -> Result<(), U::Error>,
{
    fn change_baud(&mut self, baud: u32) -> UartResult<(), U> {
        if self.baud != Some(baud) {
            self.baud = None;
            (self.set_baud)(&mut self.port, baud).map_err(Error::Bus)?;
            self.baud = Some(baud);
        }
        Ok(())
    }
}

/// What the echo of a reset says.
fn presence(echo: u8) -> Result<(), Fault> {
    match echo {
        RESET => Err(Fault::NoPresence),
        0x00 => Err(Fault::StuckLow),
        // The host itself pulled the lower half low.
        _ if echo | 0xf0 == 0xf0 => Ok(()),
        _ => Err(Fault::Echo),
    }
}

/// What the echo of a read slot says. A device's zero begins with the slot, so the low bits come first.
fn sample(echo: u8) -> Result<bool, Fault> {
    let low = !echo;
    match low {
        0 => Ok(true),
        _ if low & low.wrapping_add(1) == 0 => Ok(false),
        _ => Err(Fault::Echo),
    }
}

/// What the echo of a write slot says: nothing new, or something is wrong.
fn written(byte: u8, echo: u8) -> Result<(), Fault> {
    match echo {
        _ if echo == byte => Ok(()),
        0x00 => Err(Fault::StuckLow),
        _ => Err(Fault::Echo),
    }
}

const fn slot(bit: bool) -> u8 {
    if bit { ONE } else { ZERO }
}

impl<U, B, D> Uart<U, B, D>
where
    U: Read + Write + ReadReady,
    B: FnMut(&mut U, u32) -> Result<(), U::Error>,
    D: DelayNs,
{
    fn exchange(&mut self, baud: u32, byte: u8) -> UartResult<u8, U> {
        if !self.settled {
            self.delay.delay_us(SETTLE_US);
            self.discard()?;
        }
        self.change_baud(baud)?;
        self.settled = false;
        if self.port.write(&[byte]).map_err(Error::Bus)? == 0 {
            return Err(Fault::Echo.into());
        }
        self.port.flush().map_err(Error::Bus)?;
        let echo = self.receive()?;
        self.settled = true;
        Ok(echo)
    }

    fn receive(&mut self) -> UartResult<u8, U> {
        for _ in 0..ECHO_US / ECHO_POLL_US {
            if self.port.read_ready().map_err(Error::Bus)? {
                let mut echo = [0];
                let [byte] = match self.port.read(&mut echo).map_err(Error::Bus)? {
                    0 => return Err(Fault::Echo.into()),
                    _ => echo,
                };
                return Ok(byte);
            }
            self.delay.delay_us(ECHO_POLL_US);
        }
        Err(Fault::Echo.into())
    }

    /// Discards what has been received unasked, errors included, unless there is no end of it.
    fn discard(&mut self) -> UartResult<(), U> {
        let mut endless = Ok(0);
        for _ in 0..STALE_READS {
            if !self.port.read_ready().map_err(Error::Bus)? {
                return Ok(());
            }
            endless = self.port.read(&mut [0; 16]);
        }
        endless.map_err(Error::Bus)?;
        Err(Fault::Echo.into())
    }
}

impl<U, B, D> OneWire for Uart<U, B, D>
where
    U: Read + Write + ReadReady,
    B: FnMut(&mut U, u32) -> Result<(), U::Error>,
    D: DelayNs,
{
    type Error = U::Error;

    fn reset(&mut self) -> UartResult<(), U> {
        self.discard()?;
        let echo = self.exchange(RESET_BAUD, RESET)?;
        Ok(presence(echo)?)
    }

    fn write_bit(&mut self, bit: bool) -> UartResult<(), U> {
        let echo = self.exchange(SLOT_BAUD, slot(bit))?;
        Ok(written(slot(bit), echo)?)
    }

    fn read_bit(&mut self) -> UartResult<bool, U> {
        let echo = self.exchange(SLOT_BAUD, ONE)?;
        Ok(sample(echo)?)
    }

    fn wait(&mut self, time: MicrosDurationU32) {
        self.delay.delay_us(time.as_micros());
    }

    /// Only [`Speed::Standard`].
    fn set_speed(&mut self, speed: Speed) -> UartResult<(), U> {
        supported(speed)
    }

    /// Not supported: the UART cannot power the line within 10 µs.
    fn write_byte_powered(&mut self, _: u8) -> UartResult<(), U> {
        Err(Fault::Unsupported.into())
    }

    fn power_off(&mut self) -> UartResult<(), U> {
        Ok(())
    }
}

fn supported<E>(speed: Speed) -> Result<(), Error<E>> {
    match speed {
        Speed::Standard => Ok(()),
        Speed::Overdrive => Err(Fault::Unsupported.into()),
    }
}

#[cfg(feature = "async")]
mod asynch {
    use super::{
        ECHO_US, ErrorType, ONE, RESET, RESET_BAUD, SETTLE_US, SLOT_BAUD, STALE_READS, STALE_US, Uart,
        UartResult, presence, sample, slot, supported, written,
    };
    use crate::{Error, Fault, Speed, asynch::OneWire};
    use core::{
        future::{Future, poll_fn},
        pin::pin,
        task::Poll,
    };
    use embedded_hal_async::delay::DelayNs;
    use embedded_io_async::{Read, Write};
    use fugit::MicrosDurationU32;

    impl<U, B, D> Uart<U, B, D>
    where
        U: Read + Write,
        B: FnMut(&mut U, u32) -> Result<(), U::Error>,
        D: DelayNs,
    {
        async fn exchange_async(&mut self, baud: u32, byte: u8) -> UartResult<u8, U> {
            if !self.settled {
                self.delay.delay_us(SETTLE_US).await;
                self.discard_async().await?;
            }
            self.change_baud(baud)?;
            self.settled = false;
            if self.port.write(&[byte]).await.map_err(Error::Bus)? == 0 {
                return Err(Fault::Echo.into());
            }
            self.port.flush().await.map_err(Error::Bus)?;
            let echo = self.receive_async().await?;
            self.settled = true;
            Ok(echo)
        }

        async fn receive_async(&mut self) -> UartResult<u8, U> {
            let mut echo = [0];
            match within(self.port.read(&mut echo), self.delay.delay_us(ECHO_US)).await {
                Some(Err(error)) => Err(Error::Bus(error)),
                Some(Ok(0)) | None => Err(Fault::Echo.into()),
                Some(Ok(_)) => {
                    let [byte] = echo;
                    Ok(byte)
                }
            }
        }

        async fn discard_async(&mut self) -> UartResult<(), U> {
            let mut endless = Ok(0);
            for _ in 0..STALE_READS {
                let mut stale = [0; 16];
                match within(self.port.read(&mut stale), self.delay.delay_us(STALE_US)).await {
                    None => return Ok(()),
                    Some(read) => endless = read,
                }
            }
            endless.map_err(Error::Bus)?;
            Err(Fault::Echo.into())
        }
    }

    /// The future's output, unless `timeout` is ready first.
    async fn within<T>(future: impl Future<Output = T>, timeout: impl Future<Output = ()>) -> Option<T> {
        let (mut future, mut timeout) = (pin!(future), pin!(timeout));
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => timeout.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    /// # Cancellation safety
    /// A byte that is still on its way when a future is dropped is discarded before the next one is sent.
    impl<U, B, D> OneWire for Uart<U, B, D>
    where
        U: Read + Write,
        B: FnMut(&mut U, u32) -> Result<(), U::Error>,
        D: DelayNs,
    {
        type Error = <U as ErrorType>::Error;

        async fn reset(&mut self) -> UartResult<(), U> {
            self.discard_async().await?;
            let echo = self.exchange_async(RESET_BAUD, RESET).await?;
            Ok(presence(echo)?)
        }

        async fn write_bit(&mut self, bit: bool) -> UartResult<(), U> {
            let echo = self.exchange_async(SLOT_BAUD, slot(bit)).await?;
            Ok(written(slot(bit), echo)?)
        }

        async fn read_bit(&mut self) -> UartResult<bool, U> {
            let echo = self.exchange_async(SLOT_BAUD, ONE).await?;
            Ok(sample(echo)?)
        }

        async fn wait(&mut self, time: MicrosDurationU32) {
            self.delay.delay_us(time.as_micros()).await;
        }

        async fn set_speed(&mut self, speed: Speed) -> UartResult<(), U> {
            supported(speed)
        }

        async fn write_byte_powered(&mut self, _: u8) -> UartResult<(), U> {
            Err(Fault::Unsupported.into())
        }

        async fn power_off(&mut self) -> UartResult<(), U> {
            Ok(())
        }
    }
}
