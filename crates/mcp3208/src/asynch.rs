//! The async front end.

use crate::sampling::{mean, median};
use crate::{Code, Config, Delta, Error, Frame, Input, Oversampling, Pair, Part};
use core::marker::PhantomData;
use core::num::NonZeroU16;
use embedded_hal_async::spi::SpiDevice;

/// An MCP3208.
pub type Mcp3208<SPI> = Adc<SPI, crate::Mcp3208>;
/// An MCP3204.
pub type Mcp3204<SPI> = Adc<SPI, crate::Mcp3204>;
/// An MCP3008.
pub type Mcp3008<SPI> = Adc<SPI, crate::Mcp3008>;
/// An MCP3004.
pub type Mcp3004<SPI> = Adc<SPI, crate::Mcp3004>;

/// A converter of the family; its name for each part is above.
///
/// # Cancellation safety
///
/// Every method: a dropped future may leave the chip select low and the converter in the middle of a frame. The next
/// conversion puts that right before it begins, with one byte of zeros.
#[derive(Debug)]
pub struct Adc<SPI, P> {
    spi: SPI,
    config: Config,
    /// A transfer began and did not end well.
    out_of_step: bool,
    part: PhantomData<P>,
}

impl<SPI, P: Part> Adc<SPI, P> {
    /// Takes the bus with its chip select, in mode 0 or 3; does nothing with it yet.
    pub const fn new(spi: SPI, config: Config) -> Self {
        Self {
            spi,
            config,
            out_of_step: false,
            part: PhantomData,
        }
    }

    /// Gives back the bus.
    pub fn release(self) -> SPI {
        self.spi
    }
}

impl<SPI: SpiDevice, P: Part> Adc<SPI, P> {
    /// Converts one input.
    ///
    /// # Errors
    /// [`Error::Device`] if the answer is not a conversion, [`Error::Bus`] if the bus failed. Whatever the error, the
    /// next conversion starts afresh.
    ///
    /// # Cancellation safety
    /// As [`Adc`].
    pub async fn read(&mut self, input: Input<P>) -> Result<Code, Error<SPI::Error>> {
        let mut frame = Frame::new(input, self.config);
        if self.out_of_step {
            // The end of this transaction raises the chip select; zeros do not start a conversion.
            self.spi.write(&[0]).await.map_err(Error::Bus)?;
        }
        self.out_of_step = true;
        self.spi
            .transfer_in_place(frame.bytes_mut())
            .await
            .map_err(Error::Bus)?;
        self.out_of_step = false;
        Ok(frame.decode()?)
    }

    /// Converts a pair in both directions, one after the other, and returns the even channel minus the odd one.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    ///
    /// # Cancellation safety
    /// As [`Adc`].
    pub async fn read_delta(&mut self, pair: Pair<P>) -> Result<Delta, Error<SPI::Error>> {
        let even_minus_odd = self.read(pair.even_minus_odd()).await?;
        let odd_minus_even = self.read(pair.odd_minus_even()).await?;
        Ok(Delta::of::<P>(even_minus_odd, odd_minus_even))
    }

    /// Converts several inputs in this order.
    ///
    /// # Errors
    /// As [`read`](Self::read), of the first that fails; the others are not converted.
    ///
    /// # Cancellation safety
    /// As [`Adc`].
    pub async fn read_list<const N: usize>(
        &mut self,
        inputs: [Input<P>; N],
    ) -> Result<[Code; N], Error<SPI::Error>> {
        let mut codes = [Code::none(P::BITS); N];
        for (code, input) in codes.iter_mut().zip(inputs) {
            *code = self.read(input).await?;
        }
        Ok(codes)
    }

    /// Converts every channel against ground, in order.
    ///
    /// # Errors
    /// As [`read`](Self::read), of the first that fails; the others are not converted.
    ///
    /// # Cancellation safety
    /// As [`Adc`].
    pub async fn read_all(&mut self) -> Result<P::Codes, Error<SPI::Error>> {
        let mut codes = P::NO_CODES;
        let inputs = (0..P::CHANNELS).filter_map(Input::single);
        for (code, input) in codes.as_mut().iter_mut().zip(inputs) {
            *code = self.read(input).await?;
        }
        Ok(codes)
    }

    /// Converts one input many times for a code of more bits.
    ///
    /// # Errors
    /// As [`read`](Self::read), of the first that fails.
    ///
    /// # Cancellation safety
    /// As [`Adc`].
    pub async fn read_oversampled(
        &mut self,
        input: Input<P>,
        oversampling: Oversampling,
    ) -> Result<Code, Error<SPI::Error>> {
        let sum = self.sum(input, oversampling.conversions()).await?;
        Ok(oversampling.decimate::<P>(sum))
    }

    /// Converts one input several times and returns the mean, rounded to the nearest code.
    ///
    /// # Errors
    /// As [`read`](Self::read), of the first that fails.
    ///
    /// # Cancellation safety
    /// As [`Adc`].
    pub async fn read_mean(
        &mut self,
        input: Input<P>,
        conversions: NonZeroU16,
    ) -> Result<Code, Error<SPI::Error>> {
        let sum = self.sum(input, conversions.get()).await?;
        Ok(mean::<P>(sum, conversions))
    }

    /// Converts one input an odd number of times and returns the median, which a few spikes do not move.
    ///
    /// An even number does not compile.
    ///
    /// # Errors
    /// As [`read`](Self::read), of the first that fails.
    ///
    /// # Cancellation safety
    /// As [`Adc`].
    pub async fn read_median<const N: usize>(&mut self, input: Input<P>) -> Result<Code, Error<SPI::Error>> {
        let codes = self.read_list([input; N]).await?;
        Ok(median::<P, N>(codes.map(Code::get)))
    }

    /// At most 65535 × 4095, which fits.
    async fn sum(&mut self, input: Input<P>, conversions: u16) -> Result<u32, Error<SPI::Error>> {
        let mut sum = 0;
        for _ in 0..conversions {
            sum += u32::from(self.read(input).await?.get());
        }
        Ok(sum)
    }
}
