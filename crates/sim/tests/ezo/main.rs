//! The EZO models and the buses that they are on, byte for byte: what is expected is a literal from the command tables.

mod asynch;
mod ec;
mod host;
mod i2c;
mod oxygen;
mod ph;
mod probes;
mod properties;
mod pump;
mod transports;
mod uart;
