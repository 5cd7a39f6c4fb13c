//! What can be wrong with a circuit's answers.

use crate::faults::SplitMix64;

/// Faults that wait for their answer.
#[derive(Debug, Default)]
pub(super) struct EzoFaults {
    pub(super) text: Option<Vec<u8>>,
    pub(super) cut: Option<usize>,
    pub(super) ignore: bool,
    pub(super) status: Option<u8>,
    pub(super) hung: bool,
    pub(super) brown_out_next: bool,
    pub(super) brown_out_at: Option<u64>,
    pub(super) noise: Option<(u32, SplitMix64)>,
    pub(super) jitter: Option<(u32, SplitMix64)>,
    pub(super) bit_7: Option<(u32, SplitMix64)>,
}

impl EzoFaults {
    /// Returns how much longer the next command takes, in nanoseconds.
    pub(super) fn next_jitter(&mut self) -> u64 {
        let Some((ms, random)) = &mut self.jitter else {
            return 0;
        };
        random.below(u64::from(*ms) + 1) * 1_000_000
    }

    pub(super) fn take_ignored(&mut self) -> bool {
        std::mem::take(&mut self.ignore)
    }

    /// Returns the text as it leaves the circuit, and whether its end is there.
    pub(super) fn disturb(&mut self, text: Vec<u8>) -> (Vec<u8>, bool) {
        let mut text = self.text.take().unwrap_or(text);
        let cut = self.cut.take();
        text.truncate(cut.unwrap_or(usize::MAX));
        for byte in &mut text {
            if let Some((ppm, random)) = &mut self.noise {
                for bit in 0..8 {
                    *byte ^= u8::from(random.chance(*ppm)) << bit;
                }
            }
            if let Some((ppm, random)) = &mut self.bit_7
                && random.chance(*ppm)
            {
                *byte |= 0x80;
            }
        }
        (text, cut.is_none())
    }
}
