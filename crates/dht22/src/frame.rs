//! Five bytes to a reading.

use crate::{Checksum, Fault, Layout, Model, Reading};
use core::fmt;
use quantity::{MilliCelsius, PermilleRh};

/// The five bytes that a sensor sends, in the order of the wire. Nothing is known of them yet.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Frame([u8; 5]);

/// Humidity and temperature in tenths, before they are judged.
struct Tenths {
    humidity: u16,
    temperature: i32,
}

impl Frame {
    /// Takes the bytes in the order of the wire.
    pub const fn new(bytes: [u8; 5]) -> Self {
        Self(bytes)
    }

    /// The bytes in the order of the wire.
    pub const fn bytes(self) -> [u8; 5] {
        self.0
    }

    /// Checks the frame and returns what it says.
    ///
    /// # Errors
    /// [`Fault::AllZero`], [`Fault::Checksum`], [`Fault::Digit`], [`Fault::Bogus`], [`Fault::Humidity`] or
    /// [`Fault::Temperature`], tested in this order.
    pub fn decode(self, model: Model, checksum: Checksum) -> Result<Reading, Fault> {
        let [a, b, c, d, sum] = self.0;
        if self.0 == [0; 5] {
            return Err(Fault::AllZero);
        }
        // Over the bytes as they came: the sign bit is part of the sum.
        let tenths = if sum == a.wrapping_add(b).wrapping_add(c).wrapping_add(d) {
            match model.layout() {
                Layout::Words => Tenths::from_words([a, b], [c, d]),
                Layout::Bytes => Tenths::from_bytes([a, b], [c, d]).ok_or(Fault::Digit(self))?,
            }
        } else if model == Model::Dht11 && checksum == Checksum::FullOrIntegers && sum == a.wrapping_add(c) {
            Tenths {
                humidity: u16::from(a) * 10,
                temperature: i32::from(c) * 10,
            }
        } else {
            return Err(Fault::Checksum(self));
        };
        match tenths {
            Tenths {
                humidity: 10,
                temperature: 1,
            }
            | Tenths {
                humidity: 0..=20,
                temperature: 0,
            } => {
                return Err(Fault::Bogus(self));
            }
            _ => {}
        }
        let humidity = PermilleRh::new(tenths.humidity).map_err(|_| Fault::Humidity(self))?;
        let temperature = MilliCelsius::new(tenths.temperature * 100);
        if !model.temperatures().contains(&temperature) {
            return Err(Fault::Temperature(self));
        }
        Ok(Reading {
            temperature,
            humidity,
        })
    }
}

impl Tenths {
    /// The layout of a DHT22, whose parts and clones write temperatures below zero in three ways. They are
    /// told apart by their highest bits, because no temperature needs more than eleven bits.
    fn from_words(humidity: [u8; 2], temperature: [u8; 2]) -> Self {
        let raw = u16::from_be_bytes(temperature);
        Self {
            humidity: u16::from_be_bytes(humidity),
            temperature: match raw {
                0x0000..=0x07FF | 0x1000..=0x7FFF => i32::from(raw),
                // Two's complement in twelve bits.
                0x0800..=0x0FFF => i32::from(raw) - 0x1000,
                // Sign and magnitude: what the data sheet says. 0x8000 is zero.
                0x8000..=0xBFFF => -i32::from(raw & 0x7FFF),
                // Two's complement in sixteen bits.
                0xC000..=0xFFFF => i32::from(raw) - 0x1_0000,
            },
        }
    }

    /// The layout of a DHT11 or DHT12; `None` if a tenth is no digit.
    ///
    /// The sign is bit 7 of the tenths of the temperature, and holds for degrees and tenths together.
    fn from_bytes([percent, tenths]: [u8; 2], [degrees, fraction]: [u8; 2]) -> Option<Self> {
        let magnitude = i32::from(degrees) * 10 + i32::from(fraction & 0x7F);
        (tenths <= 9 && fraction & 0x7F <= 9).then(|| Self {
            humidity: u16::from(percent) * 10 + u16::from(tenths),
            temperature: if fraction & 0x80 == 0 {
                magnitude
            } else {
                -magnitude
            },
        })
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({:02x?})", self.0)
    }
}
