//! Whatever the wire answers, there is an end, and no ROM code that is none.

use core::convert::Infallible;
use one_wire::{
    Error, Fault, Rom, Search, Speed, Target,
    blocking::{BusResult, OneWire},
    crc::crc8,
    fugit::MicrosDurationU32,
};
use proptest::{collection::vec, prelude::*};
use std::collections::VecDeque;

/// A bus that answers from a list, over and over.
#[derive(Debug, Clone)]
struct Answers {
    bits: VecDeque<bool>,
    resets: VecDeque<Result<(), Fault>>,
    read: usize,
    reset: usize,
}

impl OneWire for Answers {
    type Error = Infallible;

    fn reset(&mut self) -> BusResult<(), Self> {
        self.reset += 1;
        self.resets.rotate_left(1);
        Ok(self.resets.front().copied().unwrap_or(Ok(()))?)
    }

    fn write_bit(&mut self, _: bool) -> BusResult<(), Self> {
        Ok(())
    }

    fn read_bit(&mut self) -> BusResult<bool, Self> {
        self.read += 1;
        self.bits.rotate_left(1);
        Ok(self.bits.front().copied().unwrap_or(true))
    }

    fn wait(&mut self, _: MicrosDurationU32) {}

    fn set_speed(&mut self, _: Speed) -> BusResult<(), Self> {
        Ok(())
    }

    fn write_byte_powered(&mut self, _: u8) -> BusResult<(), Self> {
        Err(Fault::Unsupported.into())
    }

    fn power_off(&mut self) -> BusResult<(), Self> {
        Ok(())
    }
}

prop_compose! {
    fn answers()(
        // Mostly zeros makes forks, mostly ones makes interruptions.
        ones in 0.0..1.0,
        seeds in vec(0.0..1.0, 1..800),
        resets in vec(prop_oneof![9 => Just(Ok(())), 1 => Just(Err(Fault::NoPresence))], 1..20),
    ) -> Answers {
        Answers { bits: seeds.into_iter().map(|seed: f64| seed < ones).collect(), resets: resets.into(), read: 0, reset: 0 }
    }
}

prop_compose! {
    fn searches()(
        which in 0..3,
        family: u8,
        serial in 1_u64..1 << 48,
        alarm: bool,
        thorough: bool,
        retries in 0_u8..4,
    ) -> Search {
        let device: Rom = format!("{family:02x}-{serial:012x}").parse().expect("not zero");
        let search = match which {
            0 => Search::all(),
            1 => Search::family(family),
            _ => Search::device(device),
        };
        let search = if alarm { search.in_alarm() } else { search };
        let search = if thorough { search.thorough() } else { search };
        search.retries(retries)
    }
}

proptest! {
    #[test]
    fn every_search_ends_and_yields_rom_codes_in_order(mut bus in answers(), mut search in searches()) {
        let mut last = 0;
        let mut calls = 0;
        loop {
            calls += 1;
            prop_assert!(calls < 1_024 * 9, "no end");
            match bus.search(&mut search) {
                Ok(Some(rom)) => {
                    let bytes = rom.bytes();
                    prop_assert_eq!(crc8(&bytes), 0);
                    let order = u64::from_le_bytes(bytes).reverse_bits();
                    prop_assert!(order > last);
                    last = order;
                }
                Ok(None) => break,
                Err(Error::Wire(_)) => {}
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
        prop_assert_eq!(bus.search(&mut search), Ok(None));
    }

    #[test]
    fn every_call_of_a_search_is_bounded(mut bus in answers(), mut search in searches()) {
        // Each of the 64 branches may turn out to be gone, after up to five passes of 128 bits each.
        for _ in 0..20 {
            (bus.read, bus.reset) = (0, 0);
            let _ = bus.search(&mut search);
            prop_assert!(bus.reset <= 64 * 5);
            prop_assert!(bus.read <= 64 * 5 * 128);
        }
    }

    #[test]
    fn everything_else_is_bounded_too(mut bus in answers()) {
        let rom = bus.read_rom();
        prop_assert!(rom.is_err() || rom.is_ok_and(|rom| crc8(&rom.bytes()) == 0));
        let _ = bus.select(Target::All);
        prop_assert!(bus.reset <= 2);
        prop_assert!(bus.read <= 64);
    }
}
