//! Runs as many random histories as asked for, from a seed on: `histories [count] [first seed]`.

#[path = "../tests/world/mod.rs"]
mod world;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse::<u64>().expect("a number"));
    let count = arguments.next().unwrap_or(100_000);
    let first = arguments.next().unwrap_or(0);
    let tally = world::run(first..first + count, 60, false);
    println!("{count} histories of 60 events from seed {first}, no promise broken:");
    println!("{tally:#?}");
}
