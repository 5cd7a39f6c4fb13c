//! What a strip is, and how it is wired: fixed when it is compiled.

use crate::{Encoding, Misfit, Order, Part};

/// The level of MOSI at the LEDs while nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Idle {
    /// Low. One byte of zeros leads a picture, so that its first edge is a clean one.
    Low,
    /// High, as some peripherals rest. A whole latch leads a picture, or its first bit would be lost in the high level
    /// before it.
    High,
}

/// Whether an inverter is between MOSI and the LEDs: a level shifter of one transistor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Polarity {
    /// A high MOSI is high at the LEDs.
    Normal,
    /// A high MOSI is low at the LEDs.
    Inverted,
}

/// A kind of strip on a kind of board. Implement it on a type of your own.
///
/// A strip whose levels do not fit its LEDs does not compile:
///
/// ```compile_fail
/// use neopixel_status::{Encoding, Frame, Part, Strip, buffer_len};
///
/// struct TooSlow;
/// impl Strip for TooSlow {
///     const PART: Part = Part::Ws2812bV5;
///     const ENCODING: Encoding = Encoding::ThreeBits;
///     const SPI_HZ: u32 = 2_400_000; // 417 ns, and a zero has 380 ns
/// }
/// Frame::<TooSlow, 8, { buffer_len::<TooSlow>(8) }>::new();
/// ```
///
/// nor does one whose buffer has another size:
///
/// ```compile_fail
/// use neopixel_status::{Encoding, Frame, Part, Strip, buffer_len};
///
/// struct Good;
/// impl Strip for Good {
///     const PART: Part = Part::Ws2812bV5;
///     const ENCODING: Encoding = Encoding::ThreeBits;
///     const SPI_HZ: u32 = 3_000_000;
/// }
/// Frame::<Good, 8, { buffer_len::<Good>(7) }>::new();
/// ```
///
/// With both right it does:
///
/// ```
/// use neopixel_status::{Encoding, Frame, Part, Strip, buffer_len};
///
/// struct Good;
/// impl Strip for Good {
///     const PART: Part = Part::Ws2812bV5;
///     const ENCODING: Encoding = Encoding::ThreeBits;
///     const SPI_HZ: u32 = 3_000_000;
/// }
/// let frame = Frame::<Good, 8, { buffer_len::<Good>(8) }>::new();
/// // One byte that leads, 8 times 9, and 300 µs at 3 MHz.
/// assert_eq!(frame.bytes().len(), 1 + 72 + 113);
/// ```
pub trait Strip {
    /// What the LEDs are.
    const PART: Part;
    /// Bits of SPI for the bits of the LEDs.
    const ENCODING: Encoding;
    /// The SPI clock as it really is, in hertz: dividers rarely give what was asked for.
    const SPI_HZ: u32;
    /// The order of the colours, which also says whether there is white.
    const ORDER: Order = Order::GRB;
    /// How long the latch is, in nanoseconds.
    const LATCH_NS: u32 = Self::PART.latch_ns();
    /// The level between pictures.
    const IDLE: Idle = Idle::Low;
    /// Whether the line is inverted.
    const POLARITY: Polarity = Polarity::Normal;
}

/// The bytes of a strip's latch, rounded up.
pub(crate) const fn latch_len<S: Strip>() -> usize {
    // 2^32 times 2^32 fits, and the quotient is at most 2^31.
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^31")]
    let bytes = (S::LATCH_NS as u64 * S::SPI_HZ as u64).div_ceil(8_000_000_000) as usize;
    bytes
}

/// The bytes before the first LED's.
pub(crate) const fn lead_len<S: Strip>() -> usize {
    match S::IDLE {
        Idle::Low => 1,
        Idle::High => latch_len::<S>(),
    }
}

/// The bytes of one LED.
pub(crate) const fn led_len<S: Strip>() -> usize {
    S::ORDER.channels() * S::ENCODING.bytes_per_byte()
}

/// The size of the buffer for so many LEDs: what leads, the LEDs and the latch, in one piece.
pub const fn buffer_len<S: Strip>(leds: usize) -> usize {
    lead_len::<S>() + leds * led_len::<S>() + latch_len::<S>()
}

/// Stops the compiler if the strip's clock does not fit.
pub(crate) const fn check<S: Strip>() {
    match S::ENCODING.fits(S::PART, S::SPI_HZ) {
        Ok(()) => {}
        Err(Misfit::ZeroHigh) => panic!("SPI_HZ does not fit the high level of a zero (T0H)"),
        Err(Misfit::ZeroLow) => panic!("SPI_HZ does not fit the low level of a zero (T0L)"),
        Err(Misfit::OneHigh) => panic!("SPI_HZ does not fit the high level of a one (T1H)"),
        Err(Misfit::OneLow) => panic!("SPI_HZ does not fit the low level of a one (T1L)"),
    }
}
