//! The waits of a bit-banged wire, as data.

use embedded_hal::delay::DelayNs;

/// A wait within a reset or a slot.
///
/// It keeps the unit in which the delay is asked for it: to convert one into the other is a division, for which
/// a small processor has no time in the 15 µs of a read slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Wait {
    /// Nothing at all: not even a call of the delay.
    None,
    /// Microseconds.
    Us(u16),
    /// Nanoseconds.
    Ns(u16),
}

impl Wait {
    pub(crate) fn spend(self, delay: &mut impl DelayNs) {
        match self {
            Self::None => {}
            Self::Us(us) => delay.delay_us(us.into()),
            Self::Ns(ns) => delay.delay_ns(ns.into()),
        }
    }

    #[cfg(feature = "async")]
    pub(crate) async fn spend_async(self, delay: &mut impl embedded_hal_async::delay::DelayNs) {
        match self {
            Self::None => {}
            Self::Us(us) => delay.delay_us(us.into()).await,
            Self::Ns(ns) => delay.delay_ns(ns.into()).await,
        }
    }
}

/// The waits of the reset and of the three slots at one speed.
///
/// A wait does not include the calls of the pin before and after it. On the wire every low pulse is longer by
/// about one such call, and a read slot is sampled about two calls late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timing {
    /// The low of the reset pulse.
    pub reset_low: Wait,
    /// From the end of the reset pulse to the first look for a presence pulse.
    pub presence_first: Wait,
    /// From one look for a presence pulse to the next. Shorter than the shortest presence pulse.
    pub presence_step: Wait,
    /// How often to look for a presence pulse.
    pub presence_looks: u8,
    /// From the last look to the first slot.
    pub reset_rest: Wait,
    /// The low of a write-1 slot.
    pub write_one_low: Wait,
    /// The rest of a write-1 slot with the recovery after it.
    pub write_one_rest: Wait,
    /// The low of a write-0 slot.
    pub write_zero_low: Wait,
    /// The recovery after a write-0 slot.
    pub write_zero_rest: Wait,
    /// The low that begins a read slot.
    pub read_low: Wait,
    /// From the end of that low to the sample.
    pub read_sample: Wait,
    /// The rest of a read slot with the recovery after it.
    pub read_rest: Wait,
}

impl Timing {
    /// Standard speed, for pin calls below 1 µs.
    ///
    /// Within the DS18B20's limits (reset low 480 to 960 µs, presence pulse of 60 to 240 µs beginning 15 to 60 µs
    /// after the reset pulse, slot 60 to 120 µs, write-1 and read low 1 to 15 µs, write-0 low 60 to 120 µs) with
    /// room on both sides. A read is sampled 11 µs after the falling edge, of the 15 µs for which the answer is
    /// valid: that leaves 2 µs for the calls and 2 µs for the processor's clock.
    pub const STANDARD: Self = Self {
        reset_low: Wait::Us(490),
        presence_first: Wait::Us(30),
        presence_step: Wait::Us(10),
        presence_looks: 8,
        reset_rest: Wait::Us(390),
        write_one_low: Wait::Us(6),
        write_one_rest: Wait::Us(64),
        write_zero_low: Wait::Us(65),
        write_zero_rest: Wait::Us(10),
        read_low: Wait::Us(3),
        read_sample: Wait::Us(8),
        read_rest: Wait::Us(53),
    };

    /// Standard speed for slow processors, whose pin calls take 2 to 6 µs each.
    ///
    /// The calls themselves make the low of write-1 and read slots and the way to the sample; the rest of a read slot
    /// is longer for it.
    pub const SLOW: Self = Self {
        write_one_low: Wait::None,
        read_low: Wait::None,
        read_sample: Wait::None,
        read_rest: Wait::Us(60),
        ..Self::STANDARD
    };

    /// Overdrive, for pin calls below 0.3 µs. The delay must be exact to fractions of a microsecond.
    ///
    /// After Maxim's application note 126, table 2, which was not at hand when this was written.
    pub const OVERDRIVE: Self = Self {
        reset_low: Wait::Us(70),
        presence_first: Wait::Us(7),
        presence_step: Wait::Us(1),
        presence_looks: 3,
        reset_rest: Wait::Us(40),
        write_one_low: Wait::Us(1),
        write_one_rest: Wait::Ns(7_500),
        write_zero_low: Wait::Ns(7_500),
        write_zero_rest: Wait::Ns(2_500),
        read_low: Wait::Us(1),
        read_sample: Wait::Ns(500),
        read_rest: Wait::Us(7),
    };

    /// Low and rest of a write slot.
    pub(crate) const fn write(self, bit: bool) -> (Wait, Wait) {
        if bit {
            (self.write_one_low, self.write_one_rest)
        } else {
            (self.write_zero_low, self.write_zero_rest)
        }
    }
}
