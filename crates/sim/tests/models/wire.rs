use embedded_hal::digital::{InputPin, OutputPin, StatefulOutputPin};
use sim::{Clock, Device, Ds18b20, Source, Wire};

use crate::host::{Host, MS, SERIAL, US};

#[test]
fn line_is_low_while_anyone_pulls() {
    let wire = Wire::new(&Clock::new());
    let (mut first, mut second) = (wire.pin(), wire.pin());
    first.set_low().unwrap();
    second.set_low().unwrap();
    first.set_high().unwrap();
    assert!(first.is_low().unwrap() && second.is_low().unwrap());
    second.set_high().unwrap();
    assert!(first.is_high().unwrap() && second.is_high().unwrap());
}

#[test]
fn pin_knows_its_own_output() {
    let wire = Wire::new(&Clock::new());
    let (mut first, mut second) = (wire.pin(), wire.pin());
    first.set_low().unwrap();
    assert!(first.is_set_low().unwrap());
    assert!(second.is_set_high().unwrap());
}

#[test]
fn each_pin_call_takes_its_cost_and_acts_at_its_end() {
    let clock = Clock::new();
    let wire = Wire::new(&clock);
    let mut pin = wire.pin().with_cost(5_000);
    pin.set_low().unwrap();
    pin.is_low().unwrap();
    pin.set_high().unwrap();
    assert_eq!(clock.now(), 15_000);
    let at: Vec<_> = wire.trace().edges().map(|edge| edge.at).collect();
    assert_eq!(at, [5_000, 15_000]);
}

#[test]
fn pin_calls_take_20_ns_unless_told_otherwise() {
    let clock = Clock::new();
    Wire::new(&clock).pin().set_low().unwrap();
    assert_eq!(clock.now(), 20);
}

#[test]
fn no_pin_call_is_free() {
    let clock = Clock::new();
    Wire::new(&clock).pin().with_cost(0).set_low().unwrap();
    assert_eq!(clock.now(), 1);
}

#[test]
fn strong_pullup_takes_time_too() {
    let clock = Clock::new();
    let wire = Wire::new(&clock);
    wire.strong_pullup().set_high().unwrap();
    assert_eq!(clock.now(), 20);
}

#[test]
fn line_rises_after_its_rise_time() {
    let mut host = Host::new();
    host.wire.set_rise_time(3 * US);
    host.low(10 * US);
    host.clock.advance(10 * US);
    assert_eq!(host.lengths(), [13_000]);
}

#[test]
fn line_pulled_again_before_it_has_risen_stays_low() {
    let mut host = Host::new();
    host.wire.set_rise_time(3 * US);
    host.low(10 * US);
    host.clock.advance(2 * US - 1);
    host.low(10 * US);
    host.clock.advance(10 * US);
    assert_eq!(host.lengths(), [25_000]);
}

#[test]
fn strong_pullup_lifts_a_slow_line_at_once() {
    let mut host = Host::new();
    host.wire.set_rise_time(3 * US);
    host.low(10 * US);
    host.strong.set_high().unwrap();
    assert_eq!(host.lengths(), [10_001]);
}

#[test]
fn slow_line_spoils_reading() {
    let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL));
    host.wire.set_rise_time(12 * US);
    assert!(host.reset());
    host.write(&[0x33]);
    assert_eq!(host.read(), [0x00]);
}

#[test]
fn trace_keeps_the_latest_edges() {
    let mut host = Host::new();
    host.wire.set_trace_limit(2);
    host.low(10 * US);
    host.low(20 * US);
    let trace = host.wire.trace();
    assert_eq!((trace.edges().len(), trace.dropped()), (2, 2));
    assert_eq!(host.lengths(), [20_000]);
}

#[test]
fn trace_can_be_printed() {
    let mut host = Host::new();
    host.low(1_500);
    let expected = "         0.001 us  after        0.000 us  low   host0\n         1.501 us  after        1.500 us  high  host0\n";
    assert_eq!(host.wire.trace().to_string(), expected);
}

#[test]
fn trace_can_be_exported_as_vcd() {
    let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL));
    host.low(480 * US);
    host.clock.advance(100 * US);
    let expected = "$timescale 1 ns $end\n$scope module wire $end\n$var wire 1 ! line $end\n\
                    $var string 1 \" by $end\n$upscope $end\n$enddefinitions $end\n$dumpvars\n1!\n$end\n\
                    #1\n0!\nshost0 \"\n#480001\n1!\nshost0 \"\n#510001\n0!\nsdevice0 \"\n";
    assert_eq!(host.wire.trace().to_vcd(), expected);
}

#[test]
fn cleared_trace_is_empty() {
    let mut host = Host::new();
    host.low(US);
    host.wire.clear_trace();
    assert_eq!(host.wire.trace().edges().len(), 0);
}

#[test]
fn stats_tell_resets_slots_and_time() {
    let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL));
    assert!(host.reset());
    host.write(&[0xCC]);
    let stats = host.wire.stats();
    assert_eq!((stats.resets, stats.slots, stats.edges), (1, 8, 20));
    // 480 µs, presence 120 µs, 0xCC: four ones of 3 µs and four zeros of 65 µs.
    assert_eq!(stats.low_ns, 872_000);
    // Down and up, read for presence and for each one.
    assert_eq!(stats.host_calls, 3 + 8 * 2 + 4);
}

#[test]
fn stats_include_the_low_under_way() {
    let mut host = Host::new();
    host.pin.set_low().unwrap();
    host.clock.advance(5 * US);
    assert_eq!(host.wire.stats().low_ns, 5_000);
}

#[test]
fn stats_begin_anew() {
    let mut host = Host::new();
    host.low(US);
    host.wire.reset_stats();
    assert_eq!(host.wire.stats(), sim::Stats::default());
}

#[test]
fn part_unplugged_at_a_time_goes_then() {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL));
    probe.unplug_at(2 * MS);
    assert!(host.reset());
    host.clock.advance_to(2 * MS - 1);
    assert!(probe.is_plugged());
    host.clock.advance(1);
    assert!(!probe.is_plugged());
    assert!(!host.reset());
}

#[test]
fn part_unplugged_while_it_pulls_lets_the_line_go() {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL));
    probe.unplug_at(520_001);
    host.low(480 * US);
    host.clock.advance(480 * US);
    assert_eq!(host.lengths(), [480_000, 30_000, 10_000]);
}

#[test]
fn part_unplugged_after_so_many_bits_is_silent_from_then_on() {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL));
    host.command(&[0xBE]);
    probe.unplug_after(12);
    // 0x50, 0x05, of which the last four bits are missing.
    assert_eq!(host.read(), [0x50, 0xF5, 0xFF]);
}

#[test]
fn plug_does_nothing_to_a_part_on_the_line() {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL));
    host.command(&[0x4E, 0x55, 0xAA, 0x1F]);
    probe.plug();
    assert_eq!(host.scratchpad()[2], 0x55);
}

#[test]
fn handles_can_be_sent_to_another_thread() {
    fn assert_send<T: Send + 'static>(_: &T) {}
    let (host, probe) = Host::with(Ds18b20::new(SERIAL));
    assert_send(&host.clock);
    assert_send(&host.clock.delay());
    assert_send(&host.wire);
    assert_send(&host.pin);
    assert_send(&host.strong);
    assert_send(&host.wire.uart());
    assert_send(&probe);
}

/// Pulls for 1 µs after each time that the line went high.
#[derive(Default)]
struct Echo {
    until: Option<u64>,
}

impl Device for Echo {
    fn power(&mut self, _at: u64, _on: bool, _high: bool) {}

    fn edge(&mut self, at: u64, high: bool) {
        if high {
            self.until = Some(at + 1_000);
        }
    }

    fn next_event(&self) -> Option<u64> {
        self.until
    }

    fn event(&mut self, _at: u64, _high: bool) {
        self.until = None;
    }

    fn pulls_low(&self) -> bool {
        self.until.is_some()
    }
}

#[test]
fn device_of_ones_own_takes_part() {
    let mut host = Host::new();
    let echo = host.wire.attach(Echo::default());
    host.low(10 * US);
    echo.with(|echo| assert_eq!(echo.until, Some(11_001)));
    let trace = host.wire.trace();
    let edges: Vec<_> = trace
        .edges()
        .take(3)
        .map(|edge| (edge.at, edge.high, edge.by))
        .collect();
    assert_eq!(
        edges,
        [
            (1, false, Source::Host(0)),
            (10_001, true, Source::Host(0)),
            (10_001, false, echo.source())
        ]
    );
}

#[test]
fn device_that_never_comes_to_rest_does_not_hang_the_test() {
    /// Wants to act in the past, for ever.
    struct Restless(u64);

    impl Device for Restless {
        fn power(&mut self, _at: u64, _on: bool, _high: bool) {}

        fn edge(&mut self, _at: u64, _high: bool) {
            self.0 += 1;
        }

        fn next_event(&self) -> Option<u64> {
            Some(0)
        }

        fn event(&mut self, _at: u64, _high: bool) {
            self.0 += 1;
        }

        fn pulls_low(&self) -> bool {
            self.0 % 2 == 1
        }
    }

    let mut host = Host::new();
    let restless = host.wire.attach(Restless(0));
    host.low(US);
    assert!(restless.with(|restless| restless.0) > 1_000);
}
