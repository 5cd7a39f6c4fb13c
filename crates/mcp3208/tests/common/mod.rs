//! Both front ends behind one face.
#![allow(dead_code, reason = "every test file uses a part of it")]

use core::fmt::Debug;
use core::num::NonZeroU16;
use mcp3208::{Code, Config, Delta, Error, Input, Oversampling, Pair, Part, blocking};

/// What a front end of either kind needs of a bus.
#[cfg(feature = "async")]
pub(crate) trait Spi:
    embedded_hal::spi::SpiDevice
    + embedded_hal_async::spi::SpiDevice
    + embedded_hal::spi::ErrorType<Error = Self::E>
{
    type E: embedded_hal::spi::Error + PartialEq + Debug;
}
#[cfg(not(feature = "async"))]
pub(crate) trait Spi:
    embedded_hal::spi::SpiDevice + embedded_hal::spi::ErrorType<Error = Self::E>
{
    type E: embedded_hal::spi::Error + PartialEq + Debug;
}
impl Spi for sim::SpiDevice {
    type E = sim::SpiError;
}
impl Spi for embedded_hal_mock::eh1::spi::Mock<u8> {
    type E = embedded_hal::spi::ErrorKind;
}

pub(crate) enum Front<S, P> {
    Blocking(blocking::Adc<S, P>),
    #[cfg(feature = "async")]
    Async(mcp3208::asynch::Adc<S, P>),
}

#[cfg(feature = "async")]
fn block_on<T>(future: impl Future<Output = T>) -> T {
    embassy_futures::block_on(future)
}

macro_rules! call {
    ($self:ident, $driver:ident => $call:expr) => {
        match $self {
            Self::Blocking($driver) => $call,
            #[cfg(feature = "async")]
            Self::Async($driver) => block_on($call),
        }
    };
}

impl<S: Spi, P: Part> Front<S, P> {
    pub(crate) fn read(&mut self, input: Input<P>) -> Result<Code, Error<S::E>> {
        call!(self, adc => adc.read(input))
    }

    pub(crate) fn read_delta(&mut self, pair: Pair<P>) -> Result<Delta, Error<S::E>> {
        call!(self, adc => adc.read_delta(pair))
    }

    pub(crate) fn read_list<const N: usize>(
        &mut self,
        inputs: [Input<P>; N],
    ) -> Result<[Code; N], Error<S::E>> {
        call!(self, adc => adc.read_list(inputs))
    }

    pub(crate) fn read_all(&mut self) -> Result<P::Codes, Error<S::E>> {
        call!(self, adc => adc.read_all())
    }

    pub(crate) fn read_oversampled(
        &mut self,
        input: Input<P>,
        oversampling: Oversampling,
    ) -> Result<Code, Error<S::E>> {
        call!(self, adc => adc.read_oversampled(input, oversampling))
    }

    pub(crate) fn read_mean(&mut self, input: Input<P>, conversions: u16) -> Result<Code, Error<S::E>> {
        let conversions = NonZeroU16::new(conversions).expect("a test asks for one at least");
        call!(self, adc => adc.read_mean(input, conversions))
    }

    pub(crate) fn read_median<const N: usize>(&mut self, input: Input<P>) -> Result<Code, Error<S::E>> {
        call!(self, adc => adc.read_median::<N>(input))
    }

    pub(crate) fn release(self) -> S {
        match self {
            Self::Blocking(adc) => adc.release(),
            #[cfg(feature = "async")]
            Self::Async(adc) => adc.release(),
        }
    }
}

/// Runs a test with each front end on a bus of its own.
pub(crate) fn with_both<S: Spi, P: Part, B>(
    config: Config,
    bus: impl Fn() -> (S, B),
    test: impl Fn(Front<S, P>, B),
) {
    let (spi, rest) = bus();
    test(Front::Blocking(blocking::Adc::new(spi, config)), rest);
    #[cfg(feature = "async")]
    {
        let (spi, rest) = bus();
        test(Front::Async(mcp3208::asynch::Adc::new(spi, config)), rest);
    }
}
