//! The search over a wire of bits.

mod fake;

use core::convert::Infallible;
use fake::{Device, Fake};
use one_wire::{Error, Fault, Rom, Search, blocking::OneWire};

/// Family 28, serial numbers of a few bits, CRCs from an independent calculation.
const TANK: [u8; 8] = [0x28, 0x13, 0x9b, 0xbb, 0x0b, 0x00, 0x00, 0x1f];
const ROOM: [u8; 8] = [0x28, 0xca, 0xd6, 0x10, 0x10, 0x00, 0x00, 0xfe];
const CLONE: [u8; 8] = [0x28, 0xff, 0x64, 0x1d, 0xcd, 0x96, 0xf2, 0x01];

/// A ROM code of this family and serial number.
fn rom(family: u8, serial: u64) -> [u8; 8] {
    format!("{family:02x}-{serial:012x}")
        .parse::<Rom>()
        .expect("not zero")
        .bytes()
}

/// What an enumeration yields: each device and each fault, until the end.
fn enumerate(bus: &mut Fake, mut search: Search) -> Vec<Result<[u8; 8], Fault>> {
    let mut yielded = Vec::new();
    loop {
        match bus.search(&mut search) {
            Ok(Some(rom)) => yielded.push(Ok(rom.bytes())),
            Ok(None) => break,
            Err(Error::Wire(fault)) => yielded.push(Err(fault)),
            Err(error) => panic!("{error}"),
        }
        assert!(yielded.len() < 2_000, "no end");
    }
    assert_eq!(bus.search(&mut search), Ok(None), "something after the end");
    yielded
}

fn found(bus: &mut Fake, search: Search) -> Vec<[u8; 8]> {
    let yielded = enumerate(bus, search);
    yielded.into_iter().collect::<Result<_, _>>().expect("no fault")
}

/// In the order of the wire: the first bit that differs decides.
fn in_order(mut roms: Vec<[u8; 8]>) -> Vec<[u8; 8]> {
    roms.sort_by_key(|&rom| u64::from_le_bytes(rom).reverse_bits());
    roms
}

/// Sets of devices that are hard on a search.
fn sets() -> Vec<Vec<[u8; 8]>> {
    vec![
        vec![TANK],
        vec![TANK, ROOM, CLONE],
        // Differ in the first bit, and in the last before the CRC.
        vec![rom(0x28, 1), rom(0x29, 1)],
        vec![rom(0x28, 0), rom(0x28, 0x8000_0000_0000)],
        // A full tree: at every fork both branches have further forks.
        (0..32).map(|serial| rom(0x28, serial)).collect(),
        // A comb: each fork leads to one device on one side, on the other to all the rest.
        (0..48).map(|bit| rom(0x10, 1 << bit)).collect(),
        (0..48)
            .map(|bit| rom(0x10, !(1 << bit) & 0xffff_ffff_ffff))
            .collect(),
        // Many families.
        (1..=64).map(|family| rom(family, 0x5a5a_5a5a_5a5a)).collect(),
    ]
}

/// Some of them, small enough to be searched once for every bit.
fn small_sets() -> Vec<Vec<[u8; 8]>> {
    sets()
        .into_iter()
        .map(|set| {
            set.into_iter()
                .enumerate()
                .filter(|(n, _)| *n < 4 || n % 16 == 5)
                .map(|(_, rom)| rom)
                .collect()
        })
        .collect()
}

#[test]
fn every_device_is_found_once_in_one_pass_each() {
    for set in sets() {
        let mut bus = Fake::new(&set);
        assert_eq!(found(&mut bus, Search::all()), in_order(set.clone()));
        assert_eq!(bus.resets, set.len());
    }
}

#[test]
fn pass_is_a_command_and_64_triplets() {
    let mut bus = Fake::new(&[TANK]);
    assert_eq!(found(&mut bus, Search::all()), [TANK]);
    assert_eq!((bus.resets, bus.slots, bus.reads), (1, 8 + 192, 128));
}

#[test]
fn empty_wire_is_no_presence_not_the_end() {
    let mut bus = Fake::new(&[]);
    assert_eq!(
        bus.search(&mut Search::all()),
        Err(Error::Wire(Fault::NoPresence))
    );
    assert_eq!(bus.resets, 3);
}

#[test]
fn search_of_an_empty_wire_ends() {
    assert_eq!(
        enumerate(&mut Fake::new(&[]), Search::all()),
        [Err(Fault::NoPresence); 8]
    );
}

#[test]
fn search_that_was_put_away_goes_on_where_it_was() {
    let set: Vec<_> = (1..=8).map(|serial| rom(0x28, serial)).collect();
    let mut bus = Fake::new(&set);
    let mut search = Search::all();
    let first: Vec<_> = (0..3)
        .map(|_| bus.search(&mut search).expect("no fault"))
        .collect();
    let kept = search;
    while bus.search(&mut search).expect("no fault").is_some() {}
    let rest = found(&mut Fake::new(&set), kept);
    let first = first.into_iter().flatten().map(Rom::bytes);
    assert_eq!(first.chain(rest).collect::<Vec<_>>(), in_order(set));
}

// Family, alarm, one device.

#[test]
fn family_search_finds_the_family_only_and_passes_over_no_other() {
    let set: Vec<_> = (0..4)
        .flat_map(|n| [rom(0x10, 7 << n), rom(0x28, 5 << n), rom(0xa8, 3 << n)])
        .collect();
    let mut bus = Fake::new(&set);
    let family = set.iter().copied().filter(|rom| rom[0] == 0x28).collect();
    assert_eq!(found(&mut bus, Search::family(0x28)), in_order(family));
    assert_eq!(bus.resets, 4);
}

#[test]
fn family_that_is_not_there_is_no_fault() {
    assert_eq!(
        found(&mut Fake::new(&[TANK, ROOM]), Search::family(0x10)),
        [[0; 8]; 0]
    );
}

#[test]
fn alarm_search_finds_the_devices_in_alarm() {
    let mut bus = Fake::new(&[TANK, ROOM, CLONE]);
    bus.devices[1].alarm = true;
    assert_eq!(found(&mut bus, Search::all().in_alarm()), [ROOM]);
}

#[test]
fn alarm_search_without_alarms_is_no_fault() {
    assert_eq!(
        found(&mut Fake::new(&[TANK, ROOM]), Search::all().in_alarm()),
        [[0; 8]; 0]
    );
}

#[test]
fn lost_bit_is_not_taken_for_want_of_alarms() {
    for lost in [0, 1] {
        let mut bus = Fake::new(&[TANK]);
        bus.devices[0].alarm = true;
        bus.flipped = vec![lost];
        assert_eq!(found(&mut bus, Search::all().in_alarm()), [TANK]);
    }
}

#[test]
fn alarm_search_can_be_for_a_family() {
    let mut bus = Fake::new(&[TANK, rom(0x10, 1), ROOM]);
    bus.devices[0].alarm = true;
    bus.devices[1].alarm = true;
    assert_eq!(found(&mut bus, Search::family(0x10).in_alarm()), [rom(0x10, 1)]);
}

#[test]
fn verify_tells_whether_the_device_answers() {
    let mut bus = Fake::new(&[TANK, ROOM]);
    let [tank, clone] = [TANK, CLONE].map(|rom| Rom::new(rom).expect("the CRC is right"));
    assert_eq!(bus.verify(tank), Ok(true));
    assert_eq!(bus.resets, 1);
    assert_eq!(bus.verify(clone), Ok(false));
    assert_eq!(Fake::new(&[]).verify(tank), Err(Error::Wire(Fault::NoPresence)));
}

#[test]
fn verify_is_not_deceived_by_one_lost_bit() {
    let tank = Rom::new(TANK).expect("the CRC is right");
    for set in [vec![TANK], vec![TANK, ROOM, CLONE]] {
        for flipped in 0..128 {
            let mut bus = Fake::new(&set);
            bus.flipped = vec![flipped];
            assert_eq!(bus.verify(tank), Ok(true), "read slot {flipped}");
        }
    }
}

// Lost bits.

/// Enumerates once per read slot, with that one turned over; says whether it was one of a fork.
fn with_each_bit_lost(set: &[[u8; 8]], search: Search, check: impl Fn(&[Result<[u8; 8], Fault>], bool)) {
    let mut clean = Fake::new(set);
    enumerate(&mut clean, search);
    for flipped in 0..clean.reads {
        let fork = clean.answers.chunks(2).nth(flipped / 2) == Some(&[false, false]);
        let mut bus = Fake::new(set);
        bus.flipped = vec![flipped];
        check(&enumerate(&mut bus, search), fork);
    }
}

#[test]
fn one_lost_bit_does_not_end_the_enumeration() {
    for set in small_sets() {
        let all: Vec<_> = in_order(set.clone()).into_iter().map(Ok).collect();
        with_each_bit_lost(&set, Search::all(), |yielded, fork| {
            if !fork {
                assert_eq!(yielded, all);
            }
        });
    }
}

#[test]
fn lost_bit_at_a_fork_hides_a_branch_but_nothing_else() {
    let set: Vec<_> = (0..8).map(|serial| rom(0x28, serial)).collect();
    with_each_bit_lost(&set, Search::all(), |yielded, fork| {
        let found: Vec<_> = yielded
            .iter()
            .copied()
            .map(|rom| rom.expect("no fault"))
            .collect();
        assert!(found.iter().all(|rom| set.contains(rom)));
        assert!(found.len() == 8 || fork);
    });
}

#[test]
fn thorough_search_loses_no_device_to_one_lost_bit_anywhere() {
    for set in small_sets() {
        let all: Vec<_> = in_order(set.clone()).into_iter().map(Ok).collect();
        with_each_bit_lost(&set, Search::all().thorough(), |yielded, _| {
            assert_eq!(yielded, all);
        });
    }
}

#[test]
fn thorough_search_takes_two_passes_for_each_device() {
    let mut bus = Fake::new(&[TANK, ROOM, CLONE]);
    assert_eq!(found(&mut bus, Search::all().thorough()).len(), 3);
    assert_eq!(bus.resets, 6);
}

#[test]
fn thorough_search_is_content_with_one_pass_if_the_others_fail() {
    let mut bus = Fake::new(&[TANK]);
    bus.unseen = vec![1, 2, 3];
    assert_eq!(found(&mut bus, Search::all().thorough()), [TANK]);
}

#[test]
fn unseen_presence_pulse_costs_no_device() {
    for unseen in 0..3 {
        let mut bus = Fake::new(&[TANK, ROOM, CLONE]);
        bus.unseen = vec![unseen, unseen + 1];
        assert_eq!(found(&mut bus, Search::all()).len(), 3);
        assert_eq!(bus.resets, 5);
    }
}

#[test]
fn fault_is_returned_after_as_many_retries_as_were_asked_for() {
    for retries in [0, 1, 5] {
        let mut bus = Fake::new(&[]);
        let outcome = bus.search(&mut Search::all().retries(retries));
        assert_eq!(outcome, Err(Error::Wire(Fault::NoPresence)));
        assert_eq!(bus.resets, usize::from(retries) + 1);
    }
}

#[test]
fn retries_are_counted_anew_for_each_device() {
    let mut bus = Fake::new(&[TANK, ROOM, CLONE]);
    bus.unseen = vec![0, 1, 3, 4, 6, 7];
    assert_eq!(found(&mut bus, Search::all()).len(), 3);
}

/// Four devices, two forks, at positions 8 and 9; each position is read twice, each pass has 128 reads.
const FORKED: [u64; 4] = [0, 1, 2, 3];

#[test]
fn fork_that_was_seen_once_is_not_forgotten() {
    let set = FORKED.map(|serial| rom(0x28, serial));
    for flipped in [16, 17] {
        let mut bus = Fake::new(&set);
        bus.flipped = vec![128 + flipped];
        assert_eq!(found(&mut bus, Search::all()), in_order(set.to_vec()));
    }
}

#[test]
fn thorough_search_sees_a_fork_of_which_each_pass_saw_one_side() {
    let set = [rom(0x28, 0), rom(0x28, 1)];
    for flipped in [[16, 128 + 17], [17, 128 + 16]] {
        let mut bus = Fake::new(&set);
        bus.flipped = flipped.to_vec();
        assert_eq!(found(&mut bus, Search::all().thorough()), in_order(set.to_vec()));
    }
}

#[test]
fn pass_that_fails_on_the_way_to_its_branch_costs_that_branch_only() {
    // Forks at 8, 10 and 12, with a one after each that is on the way to all the others.
    let set: Vec<_> = (0..8)
        .map(|n| rom(0x28, 0b10_1010 | n & 1 | (n & 2) << 1 | (n & 4) << 2))
        .collect();
    // The second pass goes to the last fork; without retries it is lost if a bit before is.
    for position in [0, 7, 9, 11] {
        let mut bus = Fake::new(&set);
        bus.flipped = vec![128 + 2 * position, 128 + 2 * position + 1];
        let yielded = enumerate(&mut bus, Search::all().retries(0));
        assert_eq!(
            yielded.iter().flatten().count(),
            7,
            "position {position}: {yielded:?}"
        );
    }
}

// Devices that do not work.

#[test]
fn faults_between_devices_do_not_end_the_search() {
    let mut set: Vec<_> = (0..32).map(|serial| rom(0x28, serial)).collect();
    set = in_order(set);
    for (_, rom) in set.iter_mut().enumerate().filter(|(n, _)| n % 2 == 1) {
        *rom.last_mut().expect("eight bytes") ^= 1;
    }
    let yielded = enumerate(&mut Fake::new(&set), Search::all());
    let expected = set
        .iter()
        .enumerate()
        .map(|(n, &rom)| if n % 2 == 1 { Err(Fault::Crc) } else { Ok(rom) });
    assert_eq!(yielded, expected.collect::<Vec<_>>());
}

#[test]
fn copy_of_a_rom_with_another_crc_is_one_fault() {
    let mut copy = TANK;
    copy[7] = 0x3f;
    assert_eq!(
        enumerate(&mut Fake::new(&[TANK, copy]), Search::all()),
        [Err(Fault::Crc)]
    );
}

#[test]
fn device_that_does_not_search_is_a_fault_not_an_empty_wire() {
    let mut bus = Fake::new(&[TANK]);
    bus.devices[0].mute = 0;
    assert_eq!(enumerate(&mut bus, Search::all()), [Err(Fault::Interrupted)]);
}

#[test]
fn device_that_falls_silent_in_an_alarm_search_is_not_the_end() {
    let mut bus = Fake::new(&[TANK, ROOM, CLONE]);
    for device in &mut bus.devices {
        device.alarm = true;
    }
    bus.devices[1].mute = 20;
    let yielded = enumerate(&mut bus, Search::all().in_alarm());
    assert_eq!(yielded, [Err(Fault::Interrupted), Ok(TANK), Ok(CLONE)]);
}

#[test]
fn rom_with_a_wrong_crc_is_never_returned_and_hides_no_other() {
    let mut broken = ROOM;
    broken[7] ^= 0x10;
    let set = [TANK, broken, CLONE, rom(0x28, 1)];
    let yielded = enumerate(&mut Fake::new(&set), Search::all());
    let faults: Vec<_> = yielded.iter().filter(|one| one.is_err()).collect();
    assert_eq!(faults, [&Err(Fault::Crc)]);
    let found: Vec<_> = yielded.iter().flatten().copied().collect();
    assert_eq!(found, in_order(vec![TANK, CLONE, rom(0x28, 1)]));
}

#[test]
fn rom_of_zeros_is_never_returned() {
    let yielded = enumerate(&mut Fake::new(&[[0; 8], TANK]), Search::all());
    assert_eq!(yielded, [Err(Fault::Crc), Ok(TANK)]);
}

#[test]
fn lost_device_is_not_the_end() {
    for mute in 1..64 {
        let mut bus = Fake::new(&[TANK, ROOM, CLONE]);
        bus.devices[1].mute = mute;
        let yielded = enumerate(&mut bus, Search::all());
        let found: Vec<_> = yielded.iter().flatten().copied().collect();
        assert_eq!(found, in_order(vec![TANK, CLONE]), "mute after {mute} bits");
        let faults = yielded
            .iter()
            .filter(|&&one| one == Err(Fault::Interrupted))
            .count();
        // While the others go the same way, for eight bits, it is not missed at all.
        assert_eq!(
            faults,
            usize::from(mute > 8),
            "mute after {mute} bits: {yielded:?}"
        );
    }
}

// Devices that come and go.

#[test]
fn device_that_vanishes_at_any_slot_costs_no_other() {
    let set: Vec<_> = [1, 2, 3, 6, 9, 12].map(|serial| rom(0x28, serial)).to_vec();
    let mut clean = Fake::new(&set);
    enumerate(&mut clean, Search::all());
    for gone in 0..set.len() {
        for slot in 0..clean.slots {
            let mut bus = Fake::new(&set);
            bus.devices[gone].vanishes = slot;
            let yielded = enumerate(&mut bus, Search::all());
            let found: Vec<_> = yielded.iter().flatten().copied().collect();
            let mut all = in_order(set.clone());
            if found != all {
                all.retain(|rom| *rom != set[gone]);
                assert_eq!(found, all, "device {gone}, slot {slot}");
            }
            assert!(yielded.len() - found.len() <= 1, "{yielded:?}");
        }
    }
}

#[test]
fn device_that_vanishes_before_its_pass_is_passed_over() {
    let set = in_order([1, 2, 3, 6].map(|serial| rom(0x28, serial)).to_vec());
    let mut bus = Fake::new(&set);
    bus.devices[3].vanishes = 300;
    assert_eq!(found(&mut bus, Search::all()), set[..3]);
}

#[test]
fn device_that_appears_costs_no_other_and_comes_at_most_once() {
    let set: Vec<_> = (1..=10).map(|serial| rom(0x28, serial)).collect();
    let all = in_order(set.clone());
    for new in 0..set.len() {
        for reset in 0..set.len() {
            let mut bus = Fake::new(&set);
            bus.devices[new].appears = reset;
            let found = found(&mut bus, Search::all());
            let mut others = all.clone();
            others.retain(|rom| *rom != set[new] || found.contains(rom));
            assert_eq!(found, others, "device {new}, reset {reset}");
        }
    }
}

#[test]
fn device_that_appears_ahead_on_the_way_is_found() {
    // 1 and 2 part at the first bit of the serial number; 3 goes with 1 from there.
    let set = [rom(0x28, 2), rom(0x28, 1), rom(0x28, 3)];
    let mut bus = Fake::new(&set);
    bus.devices[2].appears = 1;
    assert_eq!(found(&mut bus, Search::all()), in_order(set.to_vec()));
}

#[test]
fn everything_vanishing_ends_the_search() {
    let mut bus = Fake::new(&[TANK, ROOM, CLONE]);
    for device in &mut bus.devices {
        device.vanishes = 250;
    }
    let yielded = enumerate(&mut bus, Search::all());
    assert_eq!(yielded.iter().flatten().count(), 1);
    assert_eq!(yielded.len(), 9);
}

// A line that does not work.

#[test]
fn line_held_low_after_presence_invents_no_device() {
    let mut bus = Fake::new(&[TANK]);
    bus.low = Some((0, usize::MAX));
    assert_eq!(enumerate(&mut bus, Search::all()), [Err(Fault::StuckLow); 8]);
}

#[test]
fn line_held_low_from_any_slot_on_invents_no_device() {
    for from in 0..200 {
        let mut bus = Fake::new(&[TANK, ROOM]);
        bus.low = Some((from, usize::MAX));
        let yielded = enumerate(&mut bus, Search::all());
        assert!(
            yielded.iter().flatten().all(|rom| [TANK, ROOM].contains(rom)),
            "{yielded:?}"
        );
        assert!(yielded.contains(&Err(Fault::StuckLow)));
        assert!(bus.resets <= 25);
    }
}

#[test]
fn line_held_low_invents_no_device_even_if_the_crc_would_fit() {
    // A code whose CRC is zero, of which only the first 40 bits are a device's.
    let invented = (1..10_000)
        .map(|serial| rom(0x28, serial))
        .find(|rom| rom[7] == 0)
        .expect("one in 256");
    let serial = u64::from(invented[1]) | u64::from(invented[2]) << 8 | 0xa5 << 40;
    let mut bus = Fake::new(&[rom(0x28, serial)]);
    bus.low = Some((8 + 40 * 3, usize::MAX));
    assert_eq!(enumerate(&mut bus, Search::all()), [Err(Fault::StuckLow); 8]);
}

#[test]
fn line_held_low_for_a_while_costs_no_device() {
    for from in 0..200 {
        let mut bus = Fake::new(&[TANK, ROOM]);
        bus.low = Some((from, from + 30));
        let yielded = found(&mut bus, Search::all());
        assert!(
            yielded == in_order(vec![TANK, ROOM]),
            "from {from}: {yielded:02x?}"
        );
    }
}

#[test]
fn search_goes_on_when_the_short_is_gone() {
    let mut bus = Fake::new(&[TANK, ROOM, CLONE]);
    let mut search = Search::all();
    let first = bus.search(&mut search).expect("no fault").expect("a device");
    bus.low = Some((0, usize::MAX));
    assert_eq!(bus.search(&mut search), Err(Error::Wire(Fault::StuckLow)));
    bus.low = None;
    let mut all = in_order(vec![TANK, ROOM, CLONE]);
    assert_eq!(all.remove(0), first.bytes());
    assert_eq!(found(&mut bus, search), all);
}

/// A wire that has devices for every serial number.
#[derive(Default)]
struct Endless {
    code: u64,
    bits: u32,
    reads: u32,
}

impl OneWire for Endless {
    type Error = Infallible;

    fn reset(&mut self) -> Result<(), Error<Infallible>> {
        *self = Self::default();
        Ok(())
    }

    fn write_bit(&mut self, bit: bool) -> Result<(), Error<Infallible>> {
        if self.reads == 2 {
            self.code |= u64::from(bit) << self.bits;
            self.bits += 1;
            self.reads = 0;
        }
        Ok(())
    }

    fn read_bit(&mut self) -> Result<bool, Error<Infallible>> {
        self.reads += 1;
        let fork = (8..56).contains(&self.bits);
        let family = 0x28 >> self.bits.min(8) & 1 == 1;
        let crc = one_wire::crc::crc8(&self.code.to_le_bytes()[..7]);
        let bit = if self.bits < 8 {
            family
        } else {
            crc >> self.bits.saturating_sub(56) & 1 == 1
        };
        Ok(!fork && bit == (self.reads == 1))
    }

    fn wait(&mut self, _: one_wire::fugit::MicrosDurationU32) {}

    fn set_speed(&mut self, _: one_wire::Speed) -> Result<(), Error<Infallible>> {
        Ok(())
    }

    fn write_byte_powered(&mut self, _: u8) -> Result<(), Error<Infallible>> {
        Err(Fault::Unsupported.into())
    }

    fn power_off(&mut self) -> Result<(), Error<Infallible>> {
        Ok(())
    }
}

#[test]
fn wire_with_devices_without_end_is_given_up() {
    let (mut bus, mut search) = (Endless::default(), Search::all());
    for count in 0..1024 {
        assert!(matches!(bus.search(&mut search), Ok(Some(_))), "{count}");
    }
    assert_eq!(bus.search(&mut search), Err(Error::Wire(Fault::Endless)));
    assert_eq!(bus.search(&mut search), Ok(None));
}

#[test]
fn lent_bus_is_a_bus() {
    fn first(mut bus: impl OneWire<Error = Infallible>) -> Option<Rom> {
        bus.search(&mut Search::all()).expect("no fault")
    }
    let mut bus = Fake::new(&[]);
    bus.devices.push(Device::new(TANK));
    assert_eq!(first(&mut bus).map(Rom::bytes), Some(TANK));
}
