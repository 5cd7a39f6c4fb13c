//! Shows what guarded relays do, as text.
//!
//! `cargo run -p cress-relay --example timeline`
//!
//! A fill valve and a drain valve that are interlocked, and what their contacts do on a simulated board. One column is
//! a second; `#` is a closed contact.

use relay::fugit::MillisDurationU32;
use relay::{ActiveLow, Command, Config, Duty, Fault, Group, Instant, MaxOn, State};
use sim::{Clock, RelayBoard};

const SECONDS: usize = 100;
const NAMES: [&str; 2] = ["fill", "drain"];
const FILL: usize = 0;
const DRAIN: usize = 1;

fn seconds(s: u32) -> MillisDurationU32 {
    MillisDurationU32::from_ticks(s * 1_000)
}

fn main() {
    let mut config = Config::new();
    config.min_on = seconds(2);
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
    let commands = [
        (
            1,
            FILL,
            Command::On,
            "on, after the minimum off; no longer than its maximum",
        ),
        (
            20,
            DRAIN,
            Command::Pulse(seconds(20)),
            "on for 20 s, cut short by the next command",
        ),
        (30, FILL, Command::On, "on, after the dead time"),
        (
            60,
            FILL,
            Command::On,
            "on, not before the duty has room for the minimum on",
        ),
        (80, DRAIN, Command::On, "on, stopped at 90 s"),
        (
            95,
            FILL,
            Command::On,
            "on, refused until the stop is acknowledged",
        ),
    ];

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
    for second in 0..SECONDS {
        for (_, valve, command, remark) in commands.iter().filter(|(at, ..)| *at == second) {
            let answer = match group.command(*valve, *command, now()) {
                Ok(_) => String::new(),
                Err(error) => format!(" ({error})"),
            };
            let name = NAMES.get(*valve).unwrap_or(&"");
            println!("{second:2} s  {name:5} {remark}{answer}");
        }
        if second == 90
            && let Err(error) = group.trip(Fault::Stop, now())
        {
            println!("{error}");
        }
        // A caller sleeps until the deadline; this one looks every tenth of a second.
        for _ in 0..10 {
            clock.advance(100_000_000);
            if let Err(error) = group.update(now()) {
                println!("{error}");
            }
        }
        for (line, board) in lines.iter_mut().zip(&boards) {
            line.push(if board.is_closed() { '#' } else { '.' });
        }
    }

    println!(
        "\n      0         10        20        30        40        50        60        70        80        90"
    );
    for ((name, line), guard) in NAMES.iter().zip(&lines).zip(group.interlock().members()) {
        let counters = guard.counters();
        println!(
            "{name:5} {line}  {} times, {} s",
            counters.switchings,
            counters.on_ms / 1_000
        );
    }
}
