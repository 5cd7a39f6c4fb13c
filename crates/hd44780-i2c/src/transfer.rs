//! The bytes of one I2C write.

use crate::{Backpack, Expander, Timing};

/// The longest write: the DMA of some controllers counts to 255.
const LONGEST: usize = 255;

/// An MCP23008's register whose bits are on the pins.
const GPIO: u8 = 0x09;

/// A byte for the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Byte {
    /// With RS low.
    Instruction(u8),
    /// With RS high.
    Data(u8),
}

impl Byte {
    const fn parts(self) -> (bool, u8) {
        match self {
            Self::Instruction(byte) => (false, byte),
            Self::Data(byte) => (true, byte),
        }
    }
}

/// The bytes for the expander that are written at once.
#[derive(Debug)]
pub(crate) struct Transfer {
    backpack: Backpack,
    fillers: u8,
    lit: bool,
    bytes: [u8; LONGEST],
    length: usize,
    /// RS in the last byte. None if nothing is known of the pins' state.
    rs: Option<bool>,
}

impl Transfer {
    pub(crate) fn new(backpack: Backpack, timing: Timing, lit: bool) -> Self {
        Self {
            backpack,
            fillers: timing.fillers(),
            lit,
            bytes: [0; LONGEST],
            length: 0,
            rs: None,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.length = 0;
        self.rs = None;
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether another byte for the controller fits, whatever it is.
    pub(crate) fn has_room(&self) -> bool {
        self.length + usize::from(self.fillers.max(1)) + 4 <= LONGEST
    }

    /// Appends a byte for the controller.
    pub(crate) fn push(&mut self, byte: Byte) {
        let (rs, byte) = byte.parts();
        self.lead(rs);
        self.strobe(byte >> 4, rs);
        self.strobe(byte & 0x0F, rs);
    }

    /// Appends half a byte, which is a whole instruction for a controller in 8-bit mode.
    pub(crate) fn push_nibble(&mut self, nibble: u8) {
        self.lead(false);
        self.strobe(nibble, false);
    }

    /// Appends the state of the pins in which nothing happens.
    pub(crate) fn push_idle(&mut self) {
        self.lead(false);
    }

    /// Fillers until the controller is ready, and at least one if RS is not what it was: RS has to be valid 60 ns
    /// before E rises (from memory), so it must not change in the same byte.
    fn lead(&mut self, rs: bool) {
        if self.is_empty() && self.backpack.expander == Expander::Mcp23008 {
            self.put(GPIO);
        }
        let fillers = if self.rs == Some(rs) {
            self.fillers
        } else {
            self.fillers.max(1)
        };
        let pins = self.backpack.nibble(0, rs, self.lit);
        for _ in 0..fillers {
            self.put(pins);
        }
        self.rs = Some(rs);
    }

    /// E rises together with the data, and falls one byte later: data is taken when it falls.
    fn strobe(&mut self, nibble: u8, rs: bool) {
        let pins = self.backpack.nibble(nibble, rs, self.lit);
        self.put(pins | self.backpack.e());
        self.put(pins);
    }

    fn put(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
            self.length += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fugit::HertzU32;

    /// The length of a write that is filled with data, at most how long it may be.
    fn filled(backpack: Backpack, bus: u32) -> usize {
        let timing = Timing::new(HertzU32::from_raw(bus), HertzU32::from_raw(190_000)).unwrap();
        let mut transfer = Transfer::new(backpack, timing, true);
        transfer.push(Byte::Instruction(0x80));
        while transfer.has_room() {
            transfer.push(Byte::Data(0xFF));
        }
        // The last one is whole: it ends with the low nibble and E low.
        assert_eq!(
            transfer.as_slice().last(),
            transfer.as_slice().get(transfer.length - 3)
        );
        transfer.length
    }

    #[test]
    fn a_write_is_filled_up_to_255_bytes_with_whole_characters() {
        assert_eq!(filled(Backpack::YWROBOT, 100_000), 254);
        assert_eq!(filled(Backpack::YWROBOT, 400_000), 252);
        assert_eq!(filled(Backpack::YWROBOT, 1_000_000), 250);
        assert_eq!(filled(Backpack::ADAFRUIT_292, 100_000), 251);
        assert_eq!(filled(Backpack::ADAFRUIT_292, 400_000), 253);
    }
}
