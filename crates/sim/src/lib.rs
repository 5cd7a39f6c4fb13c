#![doc = include_str!("../README.md")]

mod clock;
mod dht22;
mod ds18b20;
mod executor;
mod ezo;
mod faults;
mod hd44780;
mod i2c;
mod mcp3208;
mod pulses;
mod pump;
mod relay_board;
mod reservoir;
mod serial;
mod trace;
mod uart;
mod wire;
mod ws2812;

pub use clock::{Clock, Delay};
pub use dht22::{Dht22, DhtFault, DhtFrame, DhtKind, TooSoon};
pub use ds18b20::{BrownOut, Counts, Ds18b20, Family, Make};
pub use ezo::{Bottle, Ezo, EzoDialect, EzoFirmware, EzoKind, EzoMode, EzoTiming, Liquid, Water};
pub use faults::{Faults, Interrupts, SplitMix64};
pub use hd44780::{Hd44780, LcdExpander, LcdFault, LcdPicture, LcdRom, LcdViolation, LcdWiring};
pub use i2c::{Direction, I2cAttached, I2cBus, I2cError, I2cFault, I2cStats, I2cTarget};
pub use mcp3208::{
    Mcp3208, McpKind, McpViolation, MisoIdle, MisoShort, SelectError, SelectPin, SpiAttached, SpiBus,
    SpiDevice, SpiError, SpiTarget,
};
pub use pulses::PulseSource;
pub use pump::{Pump, PumpPin, PumpPinBroken, Spurt};
pub use relay_board::{RelayBoard, RelayPin, RelayPinError};
pub use reservoir::Reservoir;
pub use serial::{Serial, SerialDevice};
pub use trace::{Edge, Source, Stats, Trace};
pub use uart::{Uart, UartError};
pub use wire::{Attached, Device, Pin, StrongPullup, Wire};
pub use ws2812::{LedError, LedPart, LedViolation, Ws2812};

/// How the timing of a model lies within the limits of its data sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tolerance {
    /// Everything as early and as short as the data sheet allows.
    Fastest,
    /// As typical.
    #[default]
    Nominal,
    /// Everything as late and as long as the data sheet allows.
    Slowest,
}

/// Locks `mutex`; a test that failed while holding it does not make the others fail.
fn lock<T: ?Sized>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
