//! Shows what a guarded relay does, as text.
//!
//! `cargo run -p cress-relay --example timeline`
//!
//! A fill valve and a drain valve that are interlocked, and what their contacts do on a simulated board. One column is
//! a second; `#` is a closed contact.

use relay::fugit::MillisDurationU32;
use relay::{ActiveLow, Command, Config, Duty, Fault, Group, Instant, MaxOn, State};
use sim::{Clock, RelayBoard};

const COLUMNS: u64 = 100;
const NAMES: [&str; 2] = ["fill", "drain"];

fn seconds(s: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(s * 1_000)
}

fn main() {
    let mut config = Config::new();
    config.min_off = seconds(3);
    config.max_on = Some(MaxOn {
        time: seconds(15),
        cool_down: seconds(8),
        latch: false,
    });
    config.duty = Some(Duty {
        on: seconds(30),
        window: seconds(60),
    });

    let clock = Clock::new();
    let boards = [(); 2].map(|()| RelayBoard::new(&clock));
    let pins = boards.each_ref().map(|board| ActiveLow(board.pin()));
    let now = || Instant::from_ticks(clock.now() / 1_000_000);
    let states = [Some(State::unused()); 2];
    let mut group = match Group::new(pins, [config; 2], states, seconds(2), now()) {
        Ok(group) => group,
        Err(failure) => return eprintln!("{failure}"),
    };

    let mut lines = [String::new(), String::new()];
    let mut notes = Vec::new();
    for second in 0..COLUMNS {
        let answer = match second {
            1 | 30 | 60 => group.command(0, Command::On, now()),
            20 => group.command(1, Command::Pulse(seconds(20)), now()),
            80 => group.command(1, Command::On, now()),
            90 => group.trip(Fault::Stop, now()),
            95 => group.command(0, Command::On, now()),
            _ => group.update(now()),
        };
        let asked = match second {
            1 | 30 | 60 => "fill: on",
            20 => "drain: on for 20 s",
            80 => "drain: on",
            90 => "stop",
            95 => "fill: on",
            _ => "",
        };
        // A caller would sleep until the deadline; here every tenth of a second is looked at.
        let mut waiting = answer
            .as_ref()
            .map_or([None; 2], |updates| updates.map(|update| update.waiting));
        if !asked.is_empty() {
            let result = answer.map_or_else(|error| error.to_string(), |_| format!("{waiting:?}"));
            notes.push(format!("{second:3} s  {asked:20} {result}"));
        }
        for _ in 0..10 {
            clock.advance(100_000_000);
            match group.update(now()) {
                Ok(updates) => {
                    for ((name, update), before) in NAMES.iter().zip(&updates).zip(waiting) {
                        if let (Some(reason), true) = (update.waiting, update.waiting != before) {
                            let at = clock.now() / 1_000_000_000;
                            notes.push(format!("{at:3} s  {name} waits: {reason:?}"));
                        }
                    }
                    waiting = updates.map(|update| update.waiting);
                }
                Err(error) => notes.push(error.to_string()),
            }
        }
        for (line, board) in lines.iter_mut().zip(&boards) {
            line.push(if board.is_closed() { '#' } else { '.' });
        }
    }

    println!(
        "      {}",
        (0..COLUMNS / 10)
            .map(|ten| format!("{:<10}", ten * 10))
            .collect::<String>()
    );
    for (name, line) in NAMES.iter().zip(&lines) {
        println!("{name:5} {line}");
    }
    println!();
    for note in notes {
        println!("{note}");
    }
    for (name, guard) in NAMES.iter().zip(group.interlock().members()) {
        let counters = guard.counters();
        println!(
            "{name}: {} switchings, {} s on, fault {:?}",
            counters.switchings,
            counters.on_ms / 1_000,
            guard.fault()
        );
    }
}
