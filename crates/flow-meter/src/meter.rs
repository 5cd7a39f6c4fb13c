//! Pulses over time to flow and total.

use crate::{Instant, KFactor, Totals, since};
use fugit::MillisDurationU32;
use quantity::MicrolitresPerMinute;

/// How pulses become flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Config {
    /// How much water is in a pulse.
    pub k: KFactor,
    /// The shortest time over which flow is measured. 2 s at first.
    pub window: MillisDurationU32,
    /// Pulses that are this far apart are standstill. 2 s at first, where a YF-S201 would give 0.07 L/min.
    pub silence: MillisDurationU32,
}

impl Config {
    /// Sets the window and the silence to 2 s.
    pub const fn new(k: KFactor) -> Self {
        Self {
            k,
            window: MillisDurationU32::from_ticks(2_000),
            silence: MillisDurationU32::from_ticks(2_000),
        }
    }
}

impl From<KFactor> for Config {
    fn from(k: KFactor) -> Self {
        Self::new(k)
    }
}

/// A flow meter.
///
/// ```
/// use flow_meter::quantity::{Microlitres, MicrolitresPerMinute};
/// use flow_meter::{FlowMeter, Instant, KFactor, Totals};
///
/// let mut meter = FlowMeter::new(KFactor::YF_S201, Totals::default(), Instant::from_ticks(0));
/// for second in 1..=4 {
///     meter.update(15, Instant::from_ticks(second * 1_000));
/// }
/// assert_eq!(meter.flow(), Some(MicrolitresPerMinute::new(2_000_000)));
/// assert_eq!(meter.totals().volume(), Microlitres::new(133_333));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FlowMeter {
    config: Config,
    totals: Totals,
    /// The last update with a pulse, or the beginning.
    last: Instant,
    gate: Option<Gate>,
    flow: Option<MicrolitresPerMinute>,
}

/// A measurement under way. It begins and ends with a pulse, so that slow flow is measured as exactly as fast flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Gate {
    start: Instant,
    pulses: u64,
}

impl FlowMeter {
    /// Makes a meter that continues these totals.
    ///
    /// `config` is a [`KFactor`], or a [`Config`] to change more than that.
    pub fn new(config: impl Into<Config>, totals: Totals, now: Instant) -> Self {
        Self {
            config: config.into(),
            totals,
            last: now,
            gate: None,
            flow: None,
        }
    }

    /// Takes the pulses since the last update: those of a [`Counter`](crate::Counter), or of
    /// [`Edges`](crate::Edges) with the time of the edge.
    ///
    /// Call it with 0, too, as often as the flow is looked at: the meter cannot know of silence otherwise.
    pub fn update(&mut self, pulses: u32, now: Instant) {
        if now.as_ticks() < self.last.as_ticks() {
            // The clock was set back: what was measured by it so far is worth nothing.
            self.last = now;
            self.gate = None;
            self.flow = None;
        }
        let quiet = since(now, self.last);
        let silence = u64::from(self.config.silence.as_ticks());
        if quiet >= silence * u64::from(pulses.max(1)) {
            self.gate = None;
            self.flow = Some(MicrolitresPerMinute::new(0));
        }
        if pulses == 0 {
            // Slower than one pulse in all this time, of which up to a millisecond may be rounding.
            self.flow = self
                .flow
                .map(|flow| flow.min(self.rate(1, quiet.saturating_sub(1))));
            return;
        }
        self.last = now;
        self.totals.add(pulses, self.config.k);
        let Some(gate) = &mut self.gate else {
            self.flow = None;
            self.gate = Some(Gate {
                start: now,
                pulses: 0,
            });
            return;
        };
        gate.pulses = gate.pulses.saturating_add(u64::from(pulses));
        let Gate { start, pulses } = *gate;
        let elapsed = since(now, start);
        if elapsed > 0 && elapsed >= u64::from(self.config.window.as_ticks()) {
            self.flow = Some(self.rate(pulses, elapsed));
            self.gate = Some(Gate {
                start: now,
                pulses: 0,
            });
        }
    }

    /// The flow as of the last update, rounded to the nearest µL/min; none until it has been measured, after the start and
    /// after standstill.
    ///
    /// It stops at 2147 L/min, the end of its type.
    pub const fn flow(&self) -> Option<MicrolitresPerMinute> {
        self.flow
    }

    /// What has passed so far, to be shown and to be stored.
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Changes the K factor for the pulses that follow, and measures the flow anew.
    pub fn set_k_factor(&mut self, k: KFactor) {
        self.config.k = k;
        self.gate = None;
        self.flow = None;
    }

    /// `elapsed` is in milliseconds.
    fn rate(&self, pulses: u64, elapsed: u64) -> MicrolitresPerMinute {
        let k = self.config.k;
        // 64, 32 and 16 bits: they fit in 128.
        let volume = u128::from(pulses) * u128::from(k.microlitres().get()) * 60_000;
        let time = u128::from(k.pulses().get()) * u128::from(elapsed);
        let flow = (volume + time / 2).checked_div(time);
        let flow = flow.and_then(|flow| i32::try_from(flow).ok());
        MicrolitresPerMinute::new(flow.unwrap_or(i32::MAX))
    }
}
