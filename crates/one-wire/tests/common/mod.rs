//! What the front ends have in common, so that one test drives both.

use core::fmt::Debug;
use embassy_futures::block_on;
use one_wire::{Error, Speed, Target, asynch, blocking, fugit::MicrosDurationU32};

/// One call of a bus.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Call {
    Reset,
    WriteBit(bool),
    ReadBit,
    WriteByte(u8),
    ReadByte,
    WriteBytePowered(u8),
    PowerOff,
    Wait(u32),
    SetSpeed(Speed),
    Select(Target),
    ReadRom,
}

/// What the calls returned; calls that return nothing leave nothing here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Got {
    Bit(bool),
    Byte(u8),
    Rom([u8; 8]),
}

pub(crate) fn blocking<B>(bus: &mut B, calls: &[Call]) -> Result<Vec<Got>, Error<B::Error>>
where
    B: blocking::OneWire,
{
    let mut got = Vec::new();
    for &call in calls {
        match call {
            Call::Reset => bus.reset()?,
            Call::WriteBit(bit) => bus.write_bit(bit)?,
            Call::ReadBit => got.push(Got::Bit(bus.read_bit()?)),
            Call::WriteByte(byte) => bus.write_byte(byte)?,
            Call::ReadByte => got.push(Got::Byte(bus.read_byte()?)),
            Call::WriteBytePowered(byte) => bus.write_byte_powered(byte)?,
            Call::PowerOff => bus.power_off()?,
            Call::Wait(us) => bus.wait(MicrosDurationU32::from_micros(us)),
            Call::SetSpeed(speed) => bus.set_speed(speed)?,
            Call::Select(target) => bus.select(target)?,
            Call::ReadRom => got.push(Got::Rom(bus.read_rom()?.bytes())),
        }
    }
    Ok(got)
}

pub(crate) fn asynch<B>(bus: &mut B, calls: &[Call]) -> Result<Vec<Got>, Error<B::Error>>
where
    B: asynch::OneWire,
    B::Error: Debug,
{
    block_on(async {
        let mut got = Vec::new();
        for &call in calls {
            match call {
                Call::Reset => bus.reset().await?,
                Call::WriteBit(bit) => bus.write_bit(bit).await?,
                Call::ReadBit => got.push(Got::Bit(bus.read_bit().await?)),
                Call::WriteByte(byte) => bus.write_byte(byte).await?,
                Call::ReadByte => got.push(Got::Byte(bus.read_byte().await?)),
                Call::WriteBytePowered(byte) => bus.write_byte_powered(byte).await?,
                Call::PowerOff => bus.power_off().await?,
                Call::Wait(us) => bus.wait(MicrosDurationU32::from_micros(us)).await,
                Call::SetSpeed(speed) => bus.set_speed(speed).await?,
                Call::Select(target) => bus.select(target).await?,
                Call::ReadRom => got.push(Got::Rom(bus.read_rom().await?.bytes())),
            }
        }
        Ok(got)
    })
}
