//! The blocking bus.

use crate::{Error, Rom, Speed, Target};
use fugit::MicrosDurationU32;

/// Result of an operation on bus `B`.
pub type BusResult<T, B> = Result<T, Error<<B as OneWire>::Error>>;

/// A 1-Wire bus: what a pin, a UART, a bridge chip or a PIO program makes of the wire.
///
/// A bus owns its means of waiting, so that device drivers need the bus and nothing else.
/// An implementor provides the reset, the two slots and the wait; the rest follows.
pub trait OneWire {
    /// Error of the pin, UART or bridge.
    type Error: core::fmt::Debug;

    /// Sends a reset pulse and looks for the presence pulse of at least one device.
    ///
    /// # Errors
    /// [`Fault::NoPresence`](crate::Fault::NoPresence) if nobody answers,
    /// [`Fault::StuckLow`](crate::Fault::StuckLow) if the line is low before the pulse or stays low after it.
    fn reset(&mut self) -> BusResult<(), Self>;

    /// Sends one write slot.
    fn write_bit(&mut self, bit: bool) -> BusResult<(), Self>;

    /// Sends one read slot and returns what the devices answered; a released line reads as one.
    fn read_bit(&mut self) -> BusResult<bool, Self>;

    /// Waits at least `time` with the wire as it is.
    fn wait(&mut self, time: MicrosDurationU32);

    /// Changes the speed of every later reset and slot.
    fn set_speed(&mut self, speed: Speed) -> BusResult<(), Self>;

    /// Sends a byte and gives power over a strong pull-up within 10 µs of its last bit, until
    /// [`power_off`](Self::power_off).
    ///
    /// # Errors
    /// [`Fault::Unsupported`](crate::Fault::Unsupported) if the bus has no strong pull-up; nothing is sent.
    fn write_byte_powered(&mut self, byte: u8) -> BusResult<(), Self>;

    /// Ends the strong pull-up.
    fn power_off(&mut self) -> BusResult<(), Self>;

    /// Sends a byte, least significant bit first.
    fn write_byte(&mut self, byte: u8) -> BusResult<(), Self> {
        for position in 0..8 {
            self.write_bit(byte >> position & 1 == 1)?;
        }
        Ok(())
    }

    /// Reads a byte, least significant bit first.
    fn read_byte(&mut self) -> BusResult<u8, Self> {
        let mut byte = 0;
        for position in 0..8 {
            byte |= u8::from(self.read_bit()?) << position;
        }
        Ok(byte)
    }

    /// Sends bytes.
    fn write(&mut self, bytes: &[u8]) -> BusResult<(), Self> {
        bytes.iter().try_for_each(|&byte| self.write_byte(byte))
    }

    /// Fills `bytes` from the wire.
    fn read(&mut self, bytes: &mut [u8]) -> BusResult<(), Self> {
        for byte in bytes {
            *byte = self.read_byte()?;
        }
        Ok(())
    }

    /// Resets the wire and addresses `target`; a function command follows.
    fn select(&mut self, target: Target) -> BusResult<(), Self> {
        let _ = target;
        todo!()
    }

    /// Reads the ROM code of the only device on the wire (Read ROM, 0x33).
    fn read_rom(&mut self) -> BusResult<Rom, Self> {
        todo!()
    }
}
