//! MCP3208, MCP3204, MCP3008 and MCP3004 on an SPI bus.

mod spi;

pub use spi::{
    MisoIdle, MisoShort, SelectError, SelectPin, SpiAttached, SpiBus, SpiDevice, SpiError, SpiTarget,
};

use crate::faults::SplitMix64;

/// Which converter a [`Mcp3208`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum McpKind {
    /// Eight channels, 12 bits.
    #[default]
    Mcp3208,
    /// Four channels, 12 bits.
    Mcp3204,
    /// Eight channels, 10 bits.
    Mcp3008,
    /// Four channels, 10 bits.
    Mcp3004,
}

impl McpKind {
    /// Returns the number of bits of a code.
    pub fn bits(self) -> u8 {
        match self {
            Self::Mcp3208 | Self::Mcp3204 => 12,
            Self::Mcp3008 | Self::Mcp3004 => 10,
        }
    }

    /// Returns the number of inputs.
    pub fn channels(self) -> u8 {
        match self {
            Self::Mcp3208 | Self::Mcp3008 => 8,
            Self::Mcp3204 | Self::Mcp3004 => 4,
        }
    }

    /// The shortest period of the clock at 2.7 V: 1.0 MHz and 1.35 MHz, from memory.
    fn shortest_bit_ns(self) -> u64 {
        if self.bits() == 12 { 1_000 } else { 740 }
    }

    /// How long the chip select is high between conversions: 500 ns and 270 ns, from memory.
    fn shortest_gap_ns(self) -> u64 {
        if self.bits() == 12 { 500 } else { 270 }
    }
}

/// What the host did that the data sheet forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum McpViolation {
    /// A period of the clock was this short, in nanoseconds.
    ClockTooFast(u64),
    /// The chip select was high for this long only, in nanoseconds.
    GapTooShort(u64),
    /// The last bit came this long after sampling, in nanoseconds: the charge has leaked away after 1.2 ms.
    TooSlow(u64),
}

/// An MCP3208 or one of its relatives.
///
/// It begins with the first one on MOSI after its chip select has fallen, samples, and sends the null bit, the code from
/// its highest bit to its lowest, the code again from its second lowest bit to its highest, and zeros for ever. Before the
/// null bit it lets go of MISO. A code is the voltage times the number of codes, divided by the reference and rounded
/// down.
///
/// ```
/// use embedded_hal::spi::SpiDevice;
///
/// let clock = sim::Clock::new();
/// let bus = sim::SpiBus::new(&clock);
/// let adc = bus.attach(sim::Mcp3208::new(sim::McpKind::Mcp3208).with_microvolts(3, 1_650_000));
/// // Start, single-ended, channel 3. The code is 0x800, and MISO is pulled up before the null bit.
/// let mut frame = [0x06, 0xC0, 0x00];
/// adc.device().transfer_in_place(&mut frame).unwrap();
/// assert_eq!(frame, [0xFF, 0xE8, 0x00]);
/// ```
#[derive(Clone, Debug)]
pub struct Mcp3208 {
    kind: McpKind,
    reference: i64,
    inputs: [i64; 8],
    noise: Option<(u16, SplitMix64)>,
    conversions: u64,
    violations: Vec<McpViolation>,
    selected: bool,
    /// When the chip select last rose, and when the clock last did.
    released: Option<u64>,
    last_clock: Option<u64>,
    /// Clocks since the start bit, 0 before it.
    clocks: u32,
    command: u8,
    sampled: u64,
    code: u16,
}

impl Mcp3208 {
    /// Makes a converter with a reference of 3.3 V and all inputs at 0 V.
    pub fn new(kind: McpKind) -> Self {
        Self {
            kind,
            reference: 3_300_000,
            inputs: [0; 8],
            noise: None,
            conversions: 0,
            violations: Vec::new(),
            selected: false,
            released: None,
            last_clock: None,
            clocks: 0,
            command: 0,
            sampled: 0,
            code: 0,
        }
    }

    /// Sets the reference, at least 1 µV.
    #[must_use]
    pub fn with_reference(mut self, microvolts: u32) -> Self {
        self.reference = i64::from(microvolts.max(1));
        self
    }

    /// Puts a voltage on an input; see [`set_microvolts`](Self::set_microvolts).
    #[must_use]
    pub fn with_microvolts(mut self, channel: u8, microvolts: i32) -> Self {
        self.set_microvolts(channel, microvolts);
        self
    }

    /// Puts a voltage on an input. Does nothing if there is no such input.
    pub fn set_microvolts(&mut self, channel: u8, microvolts: i32) {
        if channel < self.kind.channels()
            && let Some(input) = self.inputs.get_mut(usize::from(channel))
        {
            *input = i64::from(microvolts);
        }
    }

    /// Puts the lowest voltage on an input that gives this code, or the highest code there is.
    pub fn set_code(&mut self, channel: u8, code: u16) {
        let codes = 1_i64 << self.kind.bits();
        let code = i64::from(code).min(codes - 1);
        let microvolts = (code * self.reference + codes - 1) / codes;
        self.set_microvolts(channel, i32::try_from(microvolts).unwrap_or(i32::MAX));
    }

    /// Moves each conversion by a random number of codes up to `codes` up or down, by `seed`.
    pub fn set_noise(&mut self, seed: u64, codes: u16) {
        self.noise = Some((codes, SplitMix64::new(seed)));
    }

    /// Returns how many conversions were started.
    pub fn conversions(&self) -> u64 {
        self.conversions
    }

    /// Returns what the host did that the data sheet forbids, in order.
    pub fn violations(&self) -> &[McpViolation] {
        &self.violations
    }

    fn sample(&mut self, at: u64) {
        self.conversions += 1;
        self.sampled = at;
        let channel = self.command & (self.kind.channels() - 1);
        let input = |channel: u8| self.inputs.get(usize::from(channel)).copied().unwrap_or(0);
        let voltage = if self.command & 0b1000 == 0 {
            input(channel) - input(channel ^ 1)
        } else {
            input(channel)
        };
        let mut code = (voltage.max(0) << self.kind.bits()) / self.reference;
        if let Some((codes, random)) = &mut self.noise {
            let width = u64::from(*codes) * 2 + 1;
            code += i64::try_from(random.below(width)).unwrap_or(0) - i64::from(*codes);
        }
        let full = (1_i64 << self.kind.bits()) - 1;
        self.code = u16::try_from(code.clamp(0, full)).unwrap_or(0);
    }
}

impl SpiTarget for Mcp3208 {
    fn select(&mut self, at: u64, selected: bool) {
        if selected
            && let Some(gap) = self.released.map(|released| at - released)
            && gap < self.kind.shortest_gap_ns()
        {
            self.violations.push(McpViolation::GapTooShort(gap));
        }
        if !selected {
            self.released = Some(at);
        }
        self.selected = selected;
        self.last_clock = None;
        self.clocks = 0;
        self.command = 0;
    }

    fn clock(&mut self, at: u64, mosi: bool) -> Option<bool> {
        if let Some(period) = self.last_clock.map(|last| at - last)
            && period < self.kind.shortest_bit_ns()
        {
            self.violations.push(McpViolation::ClockTooFast(period));
        }
        self.last_clock = Some(at);
        if self.clocks == 0 && !mosi {
            return None;
        }
        self.clocks = self.clocks.saturating_add(1);
        let bits = u32::from(self.kind.bits());
        // The start bit is clock 1, the null bit clock 7, the highest bit clock 8.
        match self.clocks {
            1 => None,
            2..=5 => {
                self.command = self.command << 1 | u8::from(mosi);
                None
            }
            6 => {
                self.sample(at);
                None
            }
            7 => Some(false),
            clock if clock < 8 + bits => {
                let bit = 7 + bits - clock;
                let age = at - self.sampled;
                if bit == 0 && age > 1_200_000 {
                    self.violations.push(McpViolation::TooSlow(age));
                }
                Some(self.code >> bit & 1 == 1)
            }
            clock if clock < 7 + 2 * bits => Some(self.code >> (clock - 7 - bits) & 1 == 1),
            _ => Some(false),
        }
    }
}
