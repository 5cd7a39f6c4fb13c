//! A picture as one buffer of SPI.

use crate::strip::{check, latch_len, lead_len, led_len};
use crate::{Budget, Colour, Gamma, Polarity, Strip, buffer_len};
use core::fmt;
use core::marker::PhantomData;

/// Whether a picture went over the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Shown {
    /// It did.
    Sent,
    /// It did not, because the LEDs show it already.
    Unchanged,
}

/// The buffer of a strip: what leads, every LED and the latch, ready to be sent in one transfer.
///
/// The drivers hold one; by itself it is for transports of your own. `BYTES` is [`buffer_len`] of the strip and `LEDS`,
/// which is checked when it is compiled.
pub struct Frame<S, const LEDS: usize, const BYTES: usize> {
    buffer: [u8; BYTES],
    /// The LEDs may show something else.
    pending: bool,
    brightness: u8,
    gamma: Option<&'static Gamma>,
    budget: Option<Budget>,
    strip: PhantomData<fn() -> S>,
}

impl<S: Strip, const LEDS: usize, const BYTES: usize> Frame<S, LEDS, BYTES> {
    const CHECKED: () = {
        check::<S>();
        assert!(
            BYTES == buffer_len::<S>(LEDS),
            "BYTES must be buffer_len of this strip and LEDS"
        );
    };

    /// XOR with this gives the level at the LEDs.
    const LINE: u8 = match S::POLARITY {
        Polarity::Normal => 0x00,
        Polarity::Inverted => 0xFF,
    };

    /// Makes a dark picture that has not been sent, at full brightness, without gamma and budget.
    #[expect(clippy::new_without_default, reason = "strips are made once, by name")]
    pub fn new() -> Self {
        let () = Self::CHECKED;
        let mut frame = Self {
            buffer: [Self::LINE; BYTES],
            pending: true,
            brightness: u8::MAX,
            gamma: None,
            budget: None,
            strip: PhantomData,
        };
        frame.draw(&[Colour::DARK; LEDS]);
        frame
    }

    /// Dims what is drawn from now on: 255 is full. The pixels themselves are not changed, so nothing is lost.
    pub fn set_brightness(&mut self, brightness: u8) {
        self.brightness = brightness;
    }

    /// Sets the table that what is drawn from now on goes through after the brightness, such as
    /// [`GAMMA_2_8`](crate::GAMMA_2_8).
    pub fn set_gamma(&mut self, gamma: Option<&'static Gamma>) {
        self.gamma = gamma;
    }

    /// Limits the current of what is drawn from now on, after brightness and gamma.
    pub fn set_budget(&mut self, budget: Option<Budget>) {
        self.budget = budget;
    }

    /// Draws a picture.
    pub fn draw(&mut self, pixels: &[Colour; LEDS]) {
        let (brightness, gamma) = (self.brightness, self.gamma);
        let seen = |pixel: &Colour| {
            let pixel = pixel.scaled(brightness).map(|part| corrected(gamma, part));
            // Light that the LEDs do not have draws no current either.
            if S::ORDER.channels() == 4 {
                pixel
            } else {
                pixel.with_white(0)
            }
        };
        let factor = self
            .budget
            .map_or(65_536, |budget| budget.factor(LEDS, pixels.iter().map(seen)));
        let pixels = pixels
            .iter()
            .map(|pixel| seen(pixel).map(|part| limited(part, factor)));
        let leds = self.buffer.get_mut(lead_len::<S>()..BYTES - latch_len::<S>());
        let leds = leds.unwrap_or_default().chunks_exact_mut(led_len::<S>());
        for (led, pixel) in leds.zip(pixels) {
            let bytes = S::ORDER.bytes(pixel);
            let encoded = led.chunks_exact_mut(S::ENCODING.bytes_per_byte());
            for (encoded, byte) in encoded.zip(bytes) {
                let bits = S::ENCODING.encode(byte).to_be_bytes();
                // Three bytes leave the highest one out.
                let new = bits.iter().skip(bits.len() - encoded.len());
                for (old, new) in encoded.iter_mut().zip(new) {
                    let new = new ^ Self::LINE;
                    self.pending |= *old != new;
                    *old = new;
                }
            }
        }
    }

    /// What goes over MOSI, in one transfer without gaps.
    pub const fn bytes(&self) -> &[u8; BYTES] {
        &self.buffer
    }

    /// Whether the LEDs may show something else than what was drawn last.
    pub const fn is_pending(&self) -> bool {
        self.pending
    }

    /// Says that the bytes have been sent.
    pub const fn sent(&mut self) {
        self.pending = false;
    }

    /// Says that the LEDs have forgotten their picture: they were without power, or the line was disturbed.
    pub const fn forgotten(&mut self) {
        self.pending = true;
    }
}

fn corrected(gamma: Option<&Gamma>, part: u8) -> u8 {
    gamma
        .and_then(|table| table.get(usize::from(part)))
        .map_or(part, |&part| part)
}

/// `part * factor / 65536`, rounded down; a factor of 65536 changes nothing.
fn limited(part: u8, factor: u32) -> u8 {
    u8::try_from((u32::from(part) * factor) >> 16).unwrap_or(u8::MAX)
}

impl<S, const LEDS: usize, const BYTES: usize> fmt::Debug for Frame<S, LEDS, BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("leds", &LEDS)
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}
