use embedded_hal::digital::{InputPin, OutputPin};
use sim::{Ds18b20, Edge, Faults, Source, SplitMix64};

use crate::host::{Host, MS, SERIAL, US};

#[test]
fn splitmix64_gives_its_published_numbers() {
    let mut random = SplitMix64::new(1_234_567);
    let numbers = [(); 3].map(|()| random.next_u64());
    assert_eq!(
        numbers,
        [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423
        ]
    );
}

#[test]
fn numbers_below_a_bound_are_below_it() {
    let mut random = SplitMix64::new(1);
    assert!((0..1_000).all(|_| random.below(7) < 7));
    assert_eq!(random.below(0), 0);
}

#[test]
fn short_circuit_lasts_from_its_start_to_its_end() {
    let host = Host::new();
    host.wire
        .inject(Faults::new(0).short_circuit(100..200).short_circuit(300..400));
    host.clock.advance(1_000);
    let edges: Vec<_> = host
        .wire
        .trace()
        .edges()
        .map(|edge| (edge.at, edge.high, edge.by))
        .collect();
    let by = Source::Fault;
    assert_eq!(
        edges,
        [
            (100, false, by),
            (200, true, by),
            (300, false, by),
            (400, true, by)
        ]
    );
}

#[test]
fn short_circuit_that_has_begun_is_there_at_once() {
    let host = Host::new();
    host.clock.advance(150);
    host.wire.inject(Faults::new(0).short_circuit(100..200));
    assert!(!host.wire.is_high());
    host.clock.advance(50);
    assert!(host.wire.is_high());
}

#[test]
fn short_circuit_hides_the_parts() {
    let (mut host, _probe) = Host::with(Ds18b20::new(SERIAL));
    host.wire.inject(Faults::new(0).short_circuit(0..10 * MS));
    host.low(480 * US);
    assert!(!host.high_after(480 * US));
}

#[test]
fn line_without_pullup_is_low() {
    let mut host = Host::new();
    host.wire.inject(Faults::new(0).broken_pullup(1_000..2_000));
    assert!(host.pin.is_high().unwrap());
    host.clock.advance_to(1_000);
    assert!(host.pin.is_low().unwrap());
    host.strong.set_high().unwrap();
    assert!(host.pin.is_high().unwrap());
    host.strong.set_low().unwrap();
    assert!(host.pin.is_low().unwrap());
    host.clock.advance_to(2_000);
    assert!(host.pin.is_high().unwrap());
}

#[test]
fn noise_has_the_rate_and_the_width_asked_for() {
    let host = Host::new();
    host.wire.inject(Faults::new(3).noise(1_000, 200..300));
    host.clock.advance(1_000 * MS);
    let edges: Vec<Edge> = host.wire.trace().edges().copied().collect();
    let spikes = edges.chunks_exact(2);
    assert!((900..1_100).contains(&spikes.len()), "{}", spikes.len());
    for spike in spikes {
        assert!(!spike[0].high && spike[1].high);
        assert!((200..300).contains(&(spike[1].at - spike[0].at)));
    }
}

#[test]
fn noise_lifts_a_line_that_is_low() {
    let mut host = Host::new();
    host.pin.set_low().unwrap();
    host.wire.inject(Faults::new(3).noise(1_000, 200..300));
    host.clock.advance(10 * MS);
    assert!(
        host.wire
            .trace()
            .edges()
            .any(|edge| edge.high && edge.by == Source::Fault)
    );
}

#[test]
fn no_noise_is_no_fault() {
    let host = Host::new();
    host.wire.inject(Faults::new(3).noise(0, 200..300));
    host.clock.advance(10 * MS);
    assert_eq!(host.wire.stats().edges, 0);
}

#[test]
fn flipped_samples_are_misread_by_the_host_only() {
    let mut host = Host::new();
    host.wire.inject(Faults::new(0).flipped_samples(1_000_000));
    assert!(host.pin.is_low().unwrap());
    assert!(host.wire.is_high());
    assert_eq!(host.wire.stats().edges, 0);
}

#[test]
fn flipped_samples_are_as_frequent_as_asked() {
    let mut host = Host::new();
    host.wire.inject(Faults::new(5).flipped_samples(100_000));
    let flipped = (0..10_000).filter(|_| host.pin.is_low().unwrap()).count();
    assert!((900..1_100).contains(&flipped), "{flipped}");
}

#[test]
fn uart_misreads_bits_too() {
    use embedded_io::{Read, Write};
    let host = Host::new();
    host.wire.inject(Faults::new(0).flipped_samples(1_000_000));
    let mut uart = host.wire.uart();
    uart.write_all(&[0xA5]).unwrap();
    let mut received = [0];
    uart.read_exact(&mut received).unwrap();
    assert_eq!(received, [0x5A]);
}

#[test]
fn injected_interrupts_strike_pin_calls() {
    let mut host = Host::new();
    host.wire
        .inject(Faults::new(0).interrupts(1_000_000, 5_000..5_001));
    host.pin.set_low().unwrap();
    assert_eq!(host.clock.now(), 5_001);
}

#[test]
fn other_faults_replace_those_before() {
    let mut host = Host::new();
    host.wire.inject(
        Faults::new(0)
            .interrupts(1_000_000, 5_000..5_001)
            .flipped_samples(1_000_000),
    );
    host.wire.inject(Faults::new(0));
    assert!(host.pin.is_high().unwrap());
    assert_eq!(host.clock.now(), 1);
}

/// A conversation under every fault there is; what the host read and what happened on the line.
fn run(faults: Faults) -> (Vec<u8>, Vec<Edge>) {
    let (mut host, probe) = Host::with(Ds18b20::new(SERIAL));
    host.wire.inject(faults);
    probe.unplug_at(50 * MS);
    let mut read = Vec::new();
    for _ in 0..5 {
        read.push(u8::from(host.reset()));
        host.write(&[0xCC, 0xBE]);
        read.extend(host.read::<9>());
    }
    let trace = host.wire.trace();
    (read, trace.edges().copied().collect())
}

fn everything(seed: u64) -> Faults {
    Faults::new(seed)
        .noise(500, 100..3_000)
        .flipped_samples(5_000)
        .interrupts(2_000, 1_000..40_000)
}

#[test]
fn same_seed_gives_the_same_run() {
    assert_eq!(run(everything(42)), run(everything(42)));
}

#[test]
fn other_seed_gives_another_run() {
    assert_ne!(run(everything(42)), run(everything(43)));
}

#[test]
fn one_kind_of_fault_does_not_move_another() {
    let spikes = |faults: Faults| {
        let mut host = Host::new();
        host.wire.inject(faults);
        while host.clock.now() < 20 * MS {
            host.high_after(10 * US);
        }
        let trace = host.wire.trace();
        let before_20_ms = trace.edges().take_while(|edge| edge.at < 20 * MS);
        before_20_ms.map(|edge| edge.at).collect::<Vec<_>>()
    };
    let alone = spikes(Faults::new(9).noise(2_000, 100..200));
    assert!(alone.len() > 10);
    assert_eq!(
        spikes(
            Faults::new(9)
                .interrupts(100_000, 1..500)
                .flipped_samples(9)
                .noise(2_000, 100..200)
        ),
        alone
    );
}
