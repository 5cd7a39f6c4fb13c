//! Shows an irrigation with a jammed turbine and a leaking valve in the terminal, second by second.
//!
//! `cargo run -p cress-flow-meter --example irrigation`

use flow_meter::fugit::MillisDurationU32;
use flow_meter::quantity::{Microlitres, MicrolitresPerMinute, OutOfRange};
use flow_meter::{Counter, Expected, FlowMeter, Instant, KFactor, Limits, Status, Totals, Watch};

/// From this second on: what the pump is told, what flows, whether the turbine is jammed, and what is going on.
const SCRIPT: [(u64, Expected, u32, bool, &str); 6] = [
    (0, Expected::Standstill, 0, false, "nothing flows"),
    (4, Expected::Flow, 6_000_000, false, "pump on"),
    (14, Expected::Flow, 6_000_000, true, "the turbine jams"),
    (24, Expected::Flow, 6_000_000, false, "and is free again"),
    (32, Expected::Standstill, 0, false, "pump off"),
    (40, Expected::Standstill, 1_500_000, false, "the valve leaks"),
];

fn main() -> Result<(), OutOfRange> {
    let clock = sim::Clock::new();
    let source = sim::PulseSource::new(&clock, 450);
    let now = || Instant::from_ticks(clock.now() / 1_000_000);

    let mut meter = FlowMeter::new(KFactor::YF_S201, Totals::default(), now());
    let mut counter = Counter::new(16, source.register(16))?;
    let limits = Limits {
        least_flow: MicrolitresPerMinute::new(1_000_000),
        blocked_after: MillisDurationU32::from_ticks(5_000),
        settle: MillisDurationU32::from_ticks(3_000),
        leak: Microlitres::new(100_000),
    };
    let mut watch = Watch::new(limits, now());

    for second in 0..52 {
        let mut remark = "";
        for (from, expected, flow, jammed, text) in SCRIPT {
            if from == second {
                watch.expect(expected, now());
                source.set_flow(flow);
                source.set_jammed(jammed);
                remark = text;
            }
        }
        clock.advance(1_000_000_000);
        meter.update(counter.advance(source.register(16))?, now());
        show(second, &meter, watch.check(&meter, now()), remark);
    }
    Ok(())
}

fn show(second: u64, meter: &FlowMeter, status: Status, remark: &str) {
    let (colour, status) = match status {
        Status::Waiting => (33, "waiting".to_string()),
        Status::Good => (32, "good".to_string()),
        Status::Blocked => (31, "BLOCKED".to_string()),
        Status::Leaking(volume) => (31, format!("LEAKING {volume:.0}")),
        _ => (0, String::new()),
    };
    let (flow, bar) = meter.flow().map_or(("?".to_string(), 0), |flow| {
        let bar = usize::try_from(flow.get() / 250_000).unwrap_or(0);
        (format!("{flow:.0}"), bar)
    });
    let total = meter.totals().volume();
    println!(
        "{second:>3} s {flow:>12} \x1b[36m{:<26}\x1b[0m {total:>12.0} \x1b[{colour}m{status:<16}\x1b[0m {remark}",
        "█".repeat(bar)
    );
}
