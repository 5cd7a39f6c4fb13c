//! Whatever the host does, the models neither panic nor hang.

use embedded_hal::digital::{InputPin, OutputPin};
use embedded_io::{Read, Write};
use proptest::prelude::*;
use sim::{Clock, Dht22, DhtKind, Ds18b20, Family, Faults, Make, Tolerance, Wire};

use crate::host::{Host, SERIAL, TOLERANCES};

#[derive(Clone, Debug)]
enum Act {
    Low,
    High,
    Read,
    Wait(u64),
    Strong(bool),
    Send(u8),
    Receive,
    Baud(u32),
    Plug(bool),
    PowerCycle,
    UnplugAfter(u64),
    Warm(i32),
    Late(u64),
    Jam(bool),
}

/// Lengths of every order of magnitude, and those at which the models change their mind.
fn wait() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..100_u64,
        1_000..20_000_u64,
        20_000..600_000_u64,
        600_000..40_000_000_u64,
        prop::sample::select(vec![
            1,
            15_000,
            15_001,
            60_000,
            120_000,
            480_000,
            960_001,
            18_000_000,
            750_000_000
        ]),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => Just(Act::Low),
        4 => Just(Act::High),
        2 => Just(Act::Read),
        8 => wait().prop_map(Act::Wait),
        1 => any::<bool>().prop_map(Act::Strong),
        2 => any::<u8>().prop_map(Act::Send),
        1 => Just(Act::Receive),
        1 => prop::sample::select(vec![0, 1_200, 9_600, 115_200, u32::MAX]).prop_map(Act::Baud),
        1 => any::<bool>().prop_map(Act::Plug),
        1 => Just(Act::PowerCycle),
        1 => (0..20_u64).prop_map(Act::UnplugAfter),
        1 => any::<i32>().prop_map(Act::Warm),
        1 => wait().prop_map(Act::Late),
        1 => any::<bool>().prop_map(Act::Jam),
    ]
}

fn tolerance() -> impl Strategy<Value = Tolerance> {
    prop::sample::select(TOLERANCES.to_vec())
}

fn probe() -> impl Strategy<Value = Ds18b20> {
    let families = vec![
        Family::Ds18b20,
        Family::Ds18s20,
        Family::Ds1822,
        Family::Ds1825,
        Family::Ds28ea00,
    ];
    let makes = vec![
        Make::A1,
        Make::A3,
        Make::B1,
        Make::C,
        Make::D1,
        Make::D2,
        Make::F,
        Make::G,
        Make::H,
    ];
    let traits = (prop::sample::select(families), prop::sample::select(makes));
    (any::<u64>(), traits, tolerance(), any::<bool>(), any::<bool>()).prop_map(
        |(serial, (family, make), tolerance, parasite, overdrive)| {
            let mut probe = Ds18b20::new(serial)
                .with_make(make)
                .with_family(family)
                .with_tolerance(tolerance);
            if parasite {
                probe = probe.with_parasite_power();
            }
            if overdrive {
                probe = probe.with_overdrive();
            }
            probe
        },
    )
}

fn faults() -> impl Strategy<Value = Faults> {
    (any::<u64>(), 0..2_000_u32, 0..5_000_u64, wait(), wait()).prop_map(
        |(seed, rate, width, start, length)| {
            Faults::new(seed)
                .noise(rate, 0..width)
                .flipped_samples(rate)
                .interrupts(rate, 0..width)
                .short_circuit(start..start + length)
                .broken_pullup(length..length + start)
        },
    )
}

proptest! {
    #[test]
    fn anything_the_host_does_ends(
        probes in prop::collection::vec(probe(), 0..4),
        kind in prop::sample::select(vec![DhtKind::Dht11, DhtKind::Dht22]),
        faults in prop::option::of(faults()),
        rise in 0..5_000_u64,
        acts in prop::collection::vec(act(), 0..100),
    ) {
        let clock = Clock::new();
        let wire = Wire::new(&clock);
        let probes: Vec<_> = probes.into_iter().map(|probe| wire.attach(probe)).collect();
        let air = wire.attach(Dht22::of_kind(kind));
        let (mut pin, mut strong, mut uart) = (wire.pin(), wire.strong_pullup(), wire.uart());
        wire.set_rise_time(rise);
        if let Some(faults) = faults {
            wire.inject(faults);
        }
        let mut before = 0;
        for act in acts {
            match act {
                Act::Low => pin.set_low().unwrap(),
                Act::High => pin.set_high().unwrap(),
                Act::Read => drop(pin.is_high()),
                Act::Wait(ns) => clock.advance(ns),
                Act::Strong(true) => strong.set_high().unwrap(),
                Act::Strong(false) => strong.set_low().unwrap(),
                Act::Send(byte) => uart.write_all(&[byte]).unwrap(),
                Act::Receive => drop(uart.read(&mut [0; 4])),
                Act::Baud(baud) => uart.set_baud(baud),
                Act::Plug(true) => probes.iter().for_each(sim::Attached::plug),
                Act::Plug(false) => probes.iter().for_each(sim::Attached::unplug),
                Act::PowerCycle => air.power_cycle(),
                Act::UnplugAfter(falls) => air.unplug_after(falls),
                Act::Warm(value) => for probe in &probes {
                    probe.with(|probe| probe.set_milli_celsius(value));
                    air.with(|air| air.set_reading(value, 500));
                },
                Act::Late(ns) => for probe in &probes {
                    probe.with(|probe| probe.set_answer_delay(ns));
                    air.with(|air| air.set_answer_delay(ns));
                },
                Act::Jam(jammed) => for probe in &probes {
                    probe.with(|probe| probe.set_jammed(jammed));
                },
            }
            prop_assert!(clock.now() >= before);
            before = clock.now();
        }
        let trace = wire.trace();
        let edges: Vec<_> = trace.edges().collect();
        for pair in edges.windows(2) {
            prop_assert!(pair[0].at <= pair[1].at);
            prop_assert!(pair[0].high != pair[1].high);
        }
    }

    #[test]
    fn every_temperature_is_read_back(sixteenths in -880..=2000_i16, tolerance in tolerance()) {
        let (mut host, probe) = Host::with(Ds18b20::new(SERIAL).with_tolerance(tolerance));
        probe.with(|probe| probe.set_sixteenths(sixteenths));
        let [low, high, ..] = host.convert();
        prop_assert_eq!(i16::from_le_bytes([low, high]), sixteenths);
    }

    #[test]
    fn every_temperature_of_a_ds18s20_is_read_back(sixteenths in -880..=2000_i16) {
        let (mut host, probe) = Host::with(Ds18b20::new(SERIAL).with_family(Family::Ds18s20));
        probe.with(|probe| probe.set_sixteenths(sixteenths));
        let [low, high, _, _, _, _, remain, per_c, _] = host.convert();
        let whole = i32::from(i16::from_le_bytes([low, high]) >> 1);
        let extended = whole * 16 - 4 + i32::from(per_c) - i32::from(remain);
        prop_assert_eq!(extended, i32::from(sixteenths));
    }
}
