//! What happened on the line, for tests to read and people to look at.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};

/// Who made the line change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A pin of the host, counted from 0 in the order in which they were made.
    Host(usize),
    /// The strong pull-up.
    StrongPullup,
    /// The transmitter of a UART, counted together with the devices.
    Uart(usize),
    /// A device, counted from 0 in the order in which devices and UARTs were attached.
    Device(usize),
    /// An injected fault, or a change of the pull-up.
    Fault,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(index) => write!(f, "host{index}"),
            Self::StrongPullup => f.write_str("strong"),
            Self::Uart(index) => write!(f, "uart{index}"),
            Self::Device(index) => write!(f, "device{index}"),
            Self::Fault => f.write_str("fault"),
        }
    }
}

/// One change of the line's level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    /// When, in nanoseconds of the clock.
    pub at: u64,
    /// True if the line went high.
    pub high: bool,
    /// Who pulled the line down, or was the last to let it go.
    pub by: Source,
}

/// The latest edges of a line, the oldest first.
///
/// It keeps a limited number, 65 536 unless [`Wire::set_trace_limit`](crate::Wire::set_trace_limit) says
/// otherwise, and drops the oldest ones.
#[derive(Clone, Debug)]
pub struct Trace {
    edges: VecDeque<Edge>,
    limit: usize,
    dropped: u64,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self {
            edges: VecDeque::new(),
            limit: 65_536,
            dropped: 0,
        }
    }

    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.trim();
    }

    pub(crate) fn record(&mut self, edge: Edge) {
        self.edges.push_back(edge);
        self.trim();
    }

    pub(crate) fn clear(&mut self) {
        self.edges.clear();
        self.dropped = 0;
    }

    fn trim(&mut self) {
        while self.edges.len() > self.limit {
            self.edges.pop_front();
            self.dropped += 1;
        }
    }

    /// Returns the edges, the oldest first.
    pub fn edges(&self) -> impl DoubleEndedIterator<Item = &Edge> + ExactSizeIterator {
        self.edges.iter()
    }

    /// Returns how many older edges have been dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Returns the edges as a value change dump with a time scale of 1 ns, for `GTKWave`, `PulseView` and others.
    ///
    /// The signal `line` is the level; the string `by` names who caused the change.
    pub fn to_vcd(&self) -> String {
        let mut vcd = String::from(
            "$timescale 1 ns $end\n$scope module wire $end\n$var wire 1 ! line $end\n$var string 1 \" by $end\n\
             $upscope $end\n$enddefinitions $end\n",
        );
        if let Some(first) = self.edges.front() {
            let _infallible = writeln!(vcd, "$dumpvars\n{}!\n$end", u8::from(!first.high));
        }
        for edge in &self.edges {
            let _infallible = writeln!(vcd, "#{}\n{}!\ns{} \"", edge.at, u8::from(edge.high), edge.by);
        }
        vcd
    }
}

impl fmt::Display for Trace {
    /// One line for each edge: time in microseconds, how long the level before it lasted, the level, who.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut previous = None;
        for edge in &self.edges {
            let lasted = previous.map_or(0, |at| edge.at.saturating_sub(at));
            let level = if edge.high { "high" } else { "low" };
            writeln!(
                f,
                "{:>10}.{:03} us  after {:>8}.{:03} us  {level:<4}  {}",
                edge.at / 1_000,
                edge.at % 1_000,
                lasted / 1_000,
                lasted % 1_000,
                edge.by
            )?;
            previous = Some(edge.at);
        }
        Ok(())
    }
}

/// Sums over everything that happened on the line since it was made or [reset](crate::Wire::reset_stats).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Nanoseconds that the line was low.
    pub low_ns: u64,
    /// Changes of level.
    pub edges: u64,
    /// Pulses that the host began and that kept the line low for less than 480 µs: the time slots of 1-Wire.
    pub slots: u64,
    /// Pulses that the host began and that kept the line low for at least 480 µs: 1-Wire resets, DHT start pulses.
    pub resets: u64,
    /// Calls of a pin, of a strong pull-up or of a UART.
    pub host_calls: u64,
    /// Times at which something pulled the line low while the strong pull-up was on: on a board, a short circuit.
    pub contentions: u64,
}
