//! Ten million random histories, or as many as the first argument says, from the seed of the second.
//!
//! `cargo run --release -p cress-relay --example long_run`

#[path = "../tests/histories/mod.rs"]
mod histories;

use histories::Tally;
use std::panic::catch_unwind;
use std::process::exit;

/// `SplitMix64`, so that a run can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn fill<'a>(&mut self, buffer: &'a mut [u8; 160]) -> &'a [u8] {
        for chunk in buffer.chunks_exact_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes());
        }
        let length = 48 + self.next() % 112;
        let (bytes, _rest) = buffer.split_at(usize::try_from(length).unwrap_or(0));
        bytes
    }
}

fn add(all: &mut Tally, one: Tally) {
    all.histories += one.histories;
    all.steps += one.steps;
    all.switchings += one.switchings;
    all.jumps += one.jumps;
    all.resets += one.resets;
    all.pin_errors += one.pin_errors;
}

fn run(name: &str, count: u64, seed: u64, history: fn(&[u8]) -> Tally) -> Tally {
    let mut random = Random(seed);
    let mut buffer = [0; 160];
    let mut tally = Tally::default();
    for _ in 0..count {
        let bytes = random.fill(&mut buffer);
        let Ok(one) = catch_unwind(|| history(bytes)) else {
            eprintln!("{name}: this history failed: {bytes:?}");
            exit(1);
        };
        add(&mut tally, one);
    }
    println!(
        "{name}: {} histories, {} steps, {} switchings, {} jumps, {} resets, {} pin errors",
        tally.histories, tally.steps, tally.switchings, tally.jumps, tally.resets, tally.pin_errors
    );
    tally
}

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok());
    let count = arguments.next().unwrap_or(10_000_000_u64);
    let seed = arguments.next().unwrap_or(1);
    println!("seed {seed}");
    let (group, latching) = (count * 3 / 10, count / 5);
    let tallies = [
        run("one relay", count - group - latching, seed, histories::relay),
        run("interlocked", group, seed.wrapping_add(1), histories::group),
        run("latching", latching, seed.wrapping_add(2), histories::latching),
    ];
    let histories: u64 = tallies.iter().map(|tally| tally.histories).sum();
    println!("{histories} histories kept every invariant");
}
