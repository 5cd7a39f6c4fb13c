//! The async bus.

use crate::{
    Error, Fault, Rom, Search, Speed, Target,
    rom::command,
    search::{Answer, Pass},
};
use fugit::MicrosDurationU32;

/// Result of an operation on bus `B`.
pub type BusResult<T, B> = Result<T, Error<<B as OneWire>::Error>>;

/// A 1-Wire bus: what a pin, a UART, a bridge chip or a PIO program makes of the wire.
///
/// A bus owns its means of waiting, so that device drivers need the bus and nothing else.
/// An implementor provides the reset, the two slots and the wait; the rest follows.
///
/// # Cancellation safety
/// A dropped future leaves the wire released and the devices in the middle of a command. The next
/// [`reset`](Self::reset), with which [`select`](Self::select) and [`search`](Self::search) begin, puts them in order.
/// A strong pull-up stays on if it was on, until [`power_off`](Self::power_off) or the next slot or reset.
#[expect(
    async_fn_in_trait,
    reason = "as in embedded-hal-async: an executor of one core needs no Send"
)]
pub trait OneWire {
    /// Error of the pin, UART or bridge.
    type Error: core::fmt::Debug;

    /// Sends a reset pulse and looks for the presence pulse of at least one device.
    ///
    /// # Errors
    /// [`Fault::NoPresence`] if nobody answers, [`Fault::StuckLow`] if the line is low before the pulse or stays low
    /// after it, [`Fault::StuckHigh`] if it is not low in between.
    async fn reset(&mut self) -> BusResult<(), Self>;

    /// Sends one write slot.
    async fn write_bit(&mut self, bit: bool) -> BusResult<(), Self>;

    /// Sends one read slot and returns what the devices answered; a released line reads as one.
    async fn read_bit(&mut self) -> BusResult<bool, Self>;

    /// Waits at least `time` with the wire as it is, which includes the strong pull-up.
    async fn wait(&mut self, time: MicrosDurationU32);

    /// Changes the speed of every later reset and slot.
    async fn set_speed(&mut self, speed: Speed) -> BusResult<(), Self>;

    /// Sends a byte and gives power over a strong pull-up within 10 µs of its last bit, until
    /// [`power_off`](Self::power_off).
    ///
    /// # Errors
    /// [`Fault::Unsupported`] if the bus has no strong pull-up; nothing is sent.
    async fn write_byte_powered(&mut self, byte: u8) -> BusResult<(), Self>;

    /// Ends the strong pull-up.
    async fn power_off(&mut self) -> BusResult<(), Self>;

    /// Sends a byte, least significant bit first.
    async fn write_byte(&mut self, byte: u8) -> BusResult<(), Self> {
        for position in 0..8 {
            self.write_bit(byte >> position & 1 == 1).await?;
        }
        Ok(())
    }

    /// Reads a byte, least significant bit first.
    async fn read_byte(&mut self) -> BusResult<u8, Self> {
        let mut byte = 0;
        for position in 0..8 {
            byte |= u8::from(self.read_bit().await?) << position;
        }
        Ok(byte)
    }

    /// Sends bytes.
    async fn write(&mut self, bytes: &[u8]) -> BusResult<(), Self> {
        for &byte in bytes {
            self.write_byte(byte).await?;
        }
        Ok(())
    }

    /// Fills `bytes` from the wire.
    async fn read(&mut self, bytes: &mut [u8]) -> BusResult<(), Self> {
        for byte in bytes {
            *byte = self.read_byte().await?;
        }
        Ok(())
    }

    /// Asks for the next bit of the ROM codes of the devices that take part in a search, and goes on with those
    /// that have the bit in the answer, or `direction` if devices differ. Bridges have a command for it.
    async fn triplet(&mut self, direction: bool) -> BusResult<Answer, Self> {
        let answer = Answer::new(self.read_bit().await?, self.read_bit().await?);
        if let Some(bit) = answer.taken(direction) {
            self.write_bit(bit).await?;
        }
        Ok(answer)
    }

    /// Resets the wire and addresses `target`; a function command follows.
    ///
    /// For the two overdrive targets the reset is at standard speed and the bus is at overdrive afterwards. If no
    /// device answers a reset at overdrive, the bus returns to standard speed, at which devices that lost their
    /// supply, or that have no overdrive, are found again.
    ///
    /// # Errors
    /// Those of [`reset`](Self::reset); [`Fault::Unsupported`] if the bus has no overdrive, nothing is sent then.
    async fn select(&mut self, target: Target) -> BusResult<(), Self> {
        match target {
            Target::All => {
                begin(self).await?;
                self.write_byte(command::SKIP).await
            }
            Target::Rom(rom) => {
                begin(self).await?;
                self.write_byte(command::MATCH).await?;
                self.write(&rom.bytes()).await
            }
            Target::OverdriveAll => {
                begin_overdrive(self).await?;
                self.write_byte(command::OVERDRIVE_SKIP).await?;
                self.set_speed(Speed::Overdrive).await
            }
            Target::OverdriveRom(rom) => {
                begin_overdrive(self).await?;
                self.write_byte(command::OVERDRIVE_MATCH).await?;
                self.set_speed(Speed::Overdrive).await?;
                self.write(&rom.bytes()).await
            }
        }
    }

    /// Reads the ROM code of the only device on the wire (Read ROM, 0x33).
    ///
    /// # Errors
    /// Those of [`reset`](Self::reset); [`Fault::Interrupted`] if nothing but ones came;
    /// [`Fault::Crc`] if the CRC is wrong, as it is when several devices answer at once.
    async fn read_rom(&mut self) -> BusResult<Rom, Self> {
        begin(self).await?;
        self.write_byte(command::READ).await?;
        let mut bytes = [0; 8];
        self.read(&mut bytes).await?;
        if bytes == [0xff; 8] {
            return Err(Fault::Interrupted.into());
        }
        Ok(Rom::new(bytes)?)
    }

    /// Finds the next device of `search`; none after the last.
    ///
    /// ```
    /// use one_wire::{Error, Search, asynch::{BusResult, OneWire}};
    ///
    /// /// Counts the devices, and the faults that may hide one.
    /// async fn count<B: OneWire>(bus: &mut B) -> BusResult<(u32, u32), B> {
    ///     let (mut devices, mut faults) = (0, 0);
    ///     let mut search = Search::all();
    ///     loop {
    ///         match bus.search(&mut search).await {
    ///             Ok(Some(_)) => devices += 1,
    ///             Ok(None) => return Ok((devices, faults)),
    ///             Err(Error::Wire(_)) => faults += 1,
    ///             Err(error) => return Err(error),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// See [`Search`]: after an [`Error::Wire`] the next call goes on with the next device; after an
    /// [`Error::Bus`] it repeats the pass.
    ///
    /// # Cancellation safety
    /// A dropped future leaves `search` as it was before the last attempt; call again to go on.
    async fn search(&mut self, search: &mut Search) -> BusResult<Option<Rom>, Self> {
        while let Some(mut pass) = search.pass()? {
            match walk(self, &mut pass).await {
                Ok(()) => {}
                Err(Error::Wire(fault)) => pass.fail(fault),
                Err(_) if search.repeat() => continue,
                Err(error) => return Err(error),
            }
            if let Some(rom) = search.settle(&pass)? {
                return Ok(Some(rom));
            }
        }
        Ok(None)
    }

    /// Whether the device with this ROM code answers.
    ///
    /// # Errors
    /// Those of [`search`](Self::search). [`Fault::NoPresence`] if there is no device at all.
    async fn verify(&mut self, rom: Rom) -> BusResult<bool, Self> {
        Ok(self.search(&mut Search::device(rom)).await?.is_some())
    }
}

/// Resets, and returns to standard speed if that fails.
async fn begin<B: OneWire + ?Sized>(bus: &mut B) -> BusResult<(), B> {
    let reset = bus.reset().await;
    if reset.is_err() {
        bus.set_speed(Speed::Standard).await?;
    }
    reset
}

/// Resets at standard speed, at which the overdrive commands are sent.
async fn begin_overdrive<B: OneWire + ?Sized>(bus: &mut B) -> BusResult<(), B> {
    // Fails here if there is no overdrive, not when the devices are at it already.
    bus.set_speed(Speed::Overdrive).await?;
    bus.set_speed(Speed::Standard).await?;
    bus.reset().await
}

async fn walk<B: OneWire + ?Sized>(bus: &mut B, pass: &mut Pass) -> BusResult<(), B> {
    begin(bus).await?;
    bus.write_byte(pass.command()).await?;
    while let Some(direction) = pass.direction() {
        pass.take(bus.triplet(direction).await?);
    }
    Ok(())
}

/// So that a driver that takes a bus by value can be lent one.
impl<T: OneWire + ?Sized> OneWire for &mut T {
    type Error = T::Error;

    async fn reset(&mut self) -> BusResult<(), Self> {
        T::reset(self).await
    }

    async fn write_bit(&mut self, bit: bool) -> BusResult<(), Self> {
        T::write_bit(self, bit).await
    }

    async fn read_bit(&mut self) -> BusResult<bool, Self> {
        T::read_bit(self).await
    }

    async fn wait(&mut self, time: MicrosDurationU32) {
        T::wait(self, time).await;
    }

    async fn set_speed(&mut self, speed: Speed) -> BusResult<(), Self> {
        T::set_speed(self, speed).await
    }

    async fn write_byte_powered(&mut self, byte: u8) -> BusResult<(), Self> {
        T::write_byte_powered(self, byte).await
    }

    async fn power_off(&mut self) -> BusResult<(), Self> {
        T::power_off(self).await
    }

    async fn write_byte(&mut self, byte: u8) -> BusResult<(), Self> {
        T::write_byte(self, byte).await
    }

    async fn read_byte(&mut self) -> BusResult<u8, Self> {
        T::read_byte(self).await
    }

    async fn write(&mut self, bytes: &[u8]) -> BusResult<(), Self> {
        T::write(self, bytes).await
    }

    async fn read(&mut self, bytes: &mut [u8]) -> BusResult<(), Self> {
        T::read(self, bytes).await
    }

    async fn triplet(&mut self, direction: bool) -> BusResult<Answer, Self> {
        T::triplet(self, direction).await
    }

    async fn select(&mut self, target: Target) -> BusResult<(), Self> {
        T::select(self, target).await
    }

    async fn read_rom(&mut self) -> BusResult<Rom, Self> {
        T::read_rom(self).await
    }

    async fn search(&mut self, search: &mut Search) -> BusResult<Option<Rom>, Self> {
        T::search(self, search).await
    }

    async fn verify(&mut self, rom: Rom) -> BusResult<bool, Self> {
        T::verify(self, rom).await
    }
}
