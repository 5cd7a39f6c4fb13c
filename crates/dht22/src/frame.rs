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

#[cfg(test)]
mod tests {
    use super::*;

    /// Milli-degrees and permille.
    fn decode(model: Model, bytes: [u8; 5]) -> Result<(i32, u16), Fault> {
        let reading = Frame::new(bytes).decode(model, Checksum::Full)?;
        Ok((reading.temperature.get(), reading.humidity.get()))
    }

    fn dht22(bytes: [u8; 5]) -> Result<(i32, u16), Fault> {
        decode(Model::Dht22, bytes)
    }

    fn dht11(bytes: [u8; 5]) -> Result<(i32, u16), Fault> {
        decode(Model::Dht11, bytes)
    }

    /// A DHT11 whose short checksum is accepted.
    fn clone(bytes: [u8; 5]) -> Result<(i32, u16), Fault> {
        let reading = Frame::new(bytes).decode(Model::Dht11, Checksum::FullOrIntegers)?;
        Ok((reading.temperature.get(), reading.humidity.get()))
    }

    #[test]
    fn positive_temperature_is_in_exact_tenths() {
        assert_eq!(dht22([0x02, 0x8C, 0x01, 0x5F, 0xEE]), Ok((35_100, 652)));
    }

    #[test]
    fn sign_and_magnitude_is_not_a_tenth_too_cold() {
        assert_eq!(dht22([0x01, 0x90, 0x80, 0x0A, 0x1B]), Ok((-1_000, 400)));
        assert_eq!(dht22([0x01, 0x90, 0x80, 0x65, 0x76]), Ok((-10_100, 400)));
        assert_eq!(dht22([0x01, 0x90, 0x80, 0x01, 0x12]), Ok((-100, 400)));
    }

    #[test]
    fn twos_complement_of_sixteen_bits_is_understood() {
        assert_eq!(dht22([0x01, 0xF5, 0xFF, 0xFF, 0xF4]), Ok((-100, 501)));
        assert_eq!(dht22([0x01, 0xF5, 0xFF, 0x9B, 0x90]), Ok((-10_100, 501)));
        assert_eq!(dht22([0x01, 0xF5, 0xFF, 0x4C, 0x41]), Ok((-18_000, 501)));
    }

    #[test]
    fn twos_complement_of_twelve_bits_is_understood() {
        assert_eq!(dht22([0x01, 0x90, 0x0F, 0xF8, 0x98]), Ok((-800, 400)));
        assert_eq!(dht22([0x01, 0x90, 0x0F, 0xFF, 0x9F]), Ok((-100, 400)));
        assert_eq!(dht22([0x01, 0x90, 0x0E, 0x70, 0x0F]), Ok((-40_000, 400)));
    }

    #[test]
    fn encodings_are_not_mixed() {
        // Sign and magnitude of 4088 tenths, and twelve bits of −40.1 °C.
        let bytes = [0x01, 0x90, 0x8F, 0xF8, 0x18];
        assert_eq!(dht22(bytes), Err(Fault::Temperature(Frame::new(bytes))));
        let bytes = [0x01, 0x90, 0x0E, 0x6F, 0x0E];
        assert_eq!(dht22(bytes), Err(Fault::Temperature(Frame::new(bytes))));
    }

    #[test]
    fn negative_zero_is_zero() {
        assert_eq!(dht22([0x01, 0x90, 0x80, 0x00, 0x11]), Ok((0, 400)));
        assert_eq!(dht11([0x28, 0x00, 0x00, 0x80, 0xA8]), Ok((0, 400)));
    }

    #[test]
    fn limits_of_the_range_are_accepted() {
        assert_eq!(dht22([0x03, 0xE8, 0x03, 0x20, 0x0E]), Ok((80_000, 1000)));
        assert_eq!(dht22([0x00, 0x00, 0x81, 0x90, 0x11]), Ok((-40_000, 0)));
        assert_eq!(dht22([0x01, 0x90, 0xFE, 0x70, 0xFF]), Ok((-40_000, 400)));
        assert_eq!(
            decode(Model::Dht21, [0x03, 0xE8, 0x03, 0x20, 0x0E]),
            Ok((80_000, 1000))
        );
        assert_eq!(
            decode(Model::Si7021, [0x01, 0x90, 0x04, 0xE2, 0x77]),
            Ok((125_000, 400))
        );
        assert_eq!(dht11([0x28, 0x00, 0x3C, 0x00, 0x64]), Ok((60_000, 400)));
        assert_eq!(dht11([0x28, 0x00, 0x14, 0x80, 0xBC]), Ok((-20_000, 400)));
    }

    #[test]
    fn temperature_out_of_range_is_refused_with_the_frame() {
        for (model, bytes) in [
            (Model::Dht22, [0x01, 0x90, 0x03, 0x21, 0xB5]),
            (Model::Dht21, [0x01, 0x90, 0x03, 0x21, 0xB5]),
            (Model::Dht22, [0x01, 0x90, 0x81, 0x91, 0xA3]),
            (Model::Dht22, [0x01, 0x90, 0xFE, 0x6F, 0xFE]),
            (Model::Dht22, [0x01, 0x90, 0x7F, 0xFF, 0x0F]),
            (Model::Si7021, [0x01, 0x90, 0x04, 0xE3, 0x78]),
            (Model::Si7021, [0x01, 0x90, 0x81, 0x91, 0xA3]),
            (Model::Dht11, [0x28, 0x00, 0x3C, 0x01, 0x65]),
            (Model::Dht12, [0x28, 0x00, 0x14, 0x81, 0xBD]),
        ] {
            assert_eq!(
                decode(model, bytes),
                Err(Fault::Temperature(Frame::new(bytes))),
                "{bytes:02x?}"
            );
        }
    }

    #[test]
    fn humidity_above_a_hundred_per_cent_is_refused_with_the_frame() {
        let bytes = [0x03, 0xE9, 0x00, 0xFA, 0xE6];
        assert_eq!(dht22(bytes), Err(Fault::Humidity(Frame::new(bytes))));
        let bytes = [0x64, 0x01, 0x19, 0x00, 0x7E];
        assert_eq!(dht11(bytes), Err(Fault::Humidity(Frame::new(bytes))));
        assert_eq!(dht11([0x64, 0x00, 0x19, 0x00, 0x7D]), Ok((25_000, 1000)));
    }

    #[test]
    fn dht11_tenths_are_kept() {
        assert_eq!(dht11([0x37, 0x05, 0x19, 0x04, 0x59]), Ok((25_400, 555)));
        assert_eq!(dht11([0x37, 0x00, 0x19, 0x00, 0x50]), Ok((25_000, 550)));
    }

    #[test]
    fn dht11_sign_is_bit_7_of_byte_3_and_holds_for_degrees_and_tenths() {
        // Peers make −4.6, −4.4 or +5.4 °C of it.
        assert_eq!(dht11([0x37, 0x00, 0x05, 0x84, 0xC0]), Ok((-5_400, 550)));
        assert_eq!(dht11([0x37, 0x00, 0x00, 0x81, 0xB8]), Ok((-100, 550)));
    }

    #[test]
    fn dht11_sign_in_byte_2_is_refused_rather_than_guessed() {
        let bytes = [0x37, 0x00, 0x85, 0x04, 0xC0];
        assert_eq!(dht11(bytes), Err(Fault::Temperature(Frame::new(bytes))));
    }

    #[test]
    fn dht12_is_laid_out_as_dht11() {
        assert_eq!(
            decode(Model::Dht12, [0x37, 0x05, 0x19, 0x84, 0xD9]),
            Err(Fault::Temperature(Frame::new([0x37, 0x05, 0x19, 0x84, 0xD9,])))
        );
        assert_eq!(
            decode(Model::Dht12, [0x37, 0x05, 0x09, 0x84, 0xC9]),
            Ok((-9_400, 555))
        );
        assert_eq!(
            decode(Model::Dht12, [0x37, 0x05, 0x19, 0x04, 0x59]),
            Ok((25_400, 555))
        );
    }

    #[test]
    fn tenth_that_is_no_digit_is_refused() {
        for bytes in [
            [0x37, 0x0A, 0x19, 0x04, 0x5E],
            [0x37, 0x05, 0x19, 0x0A, 0x5F],
            [0x37, 0x05, 0x09, 0x8A, 0xCF],
        ] {
            assert_eq!(dht11(bytes), Err(Fault::Digit(Frame::new(bytes))));
        }
        assert_eq!(dht11([0x37, 0x09, 0x19, 0x09, 0x62]), Ok((25_900, 559)));
    }

    #[test]
    fn every_wrong_bit_fails_the_checksum() {
        let good = [0x02, 0x8C, 0x81, 0x0F, 0x1E];
        assert_eq!(dht22(good), Ok((-27_100, 652)));
        for bit in 0..40 {
            let mut bytes = good;
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            assert_eq!(dht22(bytes), Err(Fault::Checksum(Frame::new(bytes))), "bit {bit}");
        }
    }

    #[test]
    fn line_held_high_fails_the_checksum() {
        assert_eq!(dht22([0xFF; 5]), Err(Fault::Checksum(Frame::new([0xFF; 5]))));
    }

    #[test]
    fn line_held_low_is_refused_although_its_checksum_is_right() {
        assert_eq!(dht22([0; 5]), Err(Fault::AllZero));
        assert_eq!(dht11([0; 5]), Err(Fault::AllZero));
        assert_eq!(clone([0; 5]), Err(Fault::AllZero));
    }

    #[test]
    fn frames_of_a_sensor_that_has_not_measured_are_refused() {
        for bytes in [
            [0x00, 0x0A, 0x00, 0x01, 0x0B],
            [0x00, 0x0A, 0x00, 0x00, 0x0A],
            [0x00, 0x14, 0x00, 0x00, 0x14],
        ] {
            assert_eq!(dht22(bytes), Err(Fault::Bogus(Frame::new(bytes))));
        }
        let bytes = [0x01, 0x00, 0x00, 0x01, 0x02];
        assert_eq!(dht11(bytes), Err(Fault::Bogus(Frame::new(bytes))));
    }

    #[test]
    fn neighbours_of_those_frames_are_readings() {
        assert_eq!(dht22([0x00, 0x0A, 0x00, 0x02, 0x0C]), Ok((200, 10)));
        assert_eq!(dht22([0x00, 0x0B, 0x00, 0x01, 0x0C]), Ok((100, 11)));
        assert_eq!(dht22([0x00, 0x09, 0x00, 0x01, 0x0A]), Ok((100, 9)));
        assert_eq!(dht22([0x00, 0x15, 0x00, 0x00, 0x15]), Ok((0, 21)));
    }

    #[test]
    fn short_checksum_is_refused_unless_asked_for() {
        let bytes = [0x37, 0x05, 0x19, 0x04, 0x50];
        assert_eq!(dht11(bytes), Err(Fault::Checksum(Frame::new(bytes))));
    }

    #[test]
    fn short_checksum_makes_only_bytes_0_and_2_valid() {
        assert_eq!(clone([0x37, 0x05, 0x19, 0x84, 0x50]), Ok((25_000, 550)));
        assert_eq!(
            clone([0xFF, 0x05, 0x19, 0x84, 0x18]),
            Err(Fault::Humidity(Frame::new([0xFF, 5, 0x19, 0x84, 0x18])))
        );
    }

    #[test]
    fn full_checksum_is_preferred_to_the_short_one() {
        assert_eq!(clone([0x37, 0x05, 0x19, 0x04, 0x59]), Ok((25_400, 555)));
    }

    #[test]
    fn neither_checksum_is_refused() {
        let bytes = [0x37, 0x05, 0x19, 0x04, 0x51];
        assert_eq!(clone(bytes), Err(Fault::Checksum(Frame::new(bytes))));
    }

    #[test]
    fn short_checksum_is_for_the_dht11_only() {
        for model in [Model::Dht12, Model::Dht21, Model::Dht22, Model::Si7021] {
            let frame = Frame::new([0x02, 0x8C, 0x01, 0x5F, 0x03]);
            assert_eq!(
                frame.decode(model, Checksum::FullOrIntegers),
                Err(Fault::Checksum(frame))
            );
        }
    }

    #[test]
    fn bytes_are_given_back() {
        assert_eq!(Frame::new([1, 2, 3, 4, 5]).bytes(), [1, 2, 3, 4, 5]);
    }
}
