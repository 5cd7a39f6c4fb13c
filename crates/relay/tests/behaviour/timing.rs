//! Delays, minimum and maximum times, pulses and shares, by the millisecond.

use crate::common::{at, guard, limit, ms, run};
use relay::Level::{Off, On};
use relay::{Command, Config, ConfigError, Duty, Fault, Guard, Permille, Refused, State, Waiting};

fn config() -> Config {
    Config::new()
}

fn share(permille: u16) -> Command {
    Command::Proportional(Permille::new(permille).unwrap())
}

#[test]
fn it_is_off_until_it_is_asked_for_on() {
    let mut guard = guard(config());
    assert_eq!(guard.update(at(5)).level, Off);
    assert_eq!(guard.update(at(5)).deadline, None);
    guard.command(Command::On, at(6)).unwrap();
    assert_eq!(guard.update(at(6)).level, On);
}

#[test]
fn toggle_asks_for_the_contrary() {
    let mut guard = guard(config());
    for level in [On, Off, On] {
        guard.command(Command::Toggle, at(1)).unwrap();
        assert_eq!(guard.update(at(1)).level, level);
    }
}

#[test]
fn toggle_takes_back_what_is_still_waiting() {
    let mut guard = guard(Config {
        min_off: ms(100),
        ..config()
    });
    guard.command(Command::Toggle, at(10)).unwrap();
    guard.update(at(10));
    guard.command(Command::Toggle, at(20)).unwrap();
    assert_eq!(run(&mut guard, 500).0, []);
}

#[test]
fn minimum_off_counts_from_the_start() {
    let mut guard = guard(Config {
        min_off: ms(300),
        ..config()
    });
    guard.command(Command::On, at(0)).unwrap();
    assert_eq!(guard.update(at(0)).waiting, Some(Waiting::MinOff));
    assert_eq!(run(&mut guard, 1_000).0, [(300, On)]);
}

#[test]
fn minimum_off_holds_after_it_was_on() {
    let mut guard = guard(Config {
        min_off: ms(300),
        ..config()
    });
    guard.update(at(300));
    guard.command(Command::On, at(300)).unwrap();
    guard.update(at(300));
    guard.command(Command::Off, at(400)).unwrap();
    guard.update(at(400));
    guard.command(Command::On, at(410)).unwrap();
    assert_eq!(run(&mut guard, 2_000).0, [(700, On)]);
}

#[test]
fn minimum_on_delays_off() {
    let mut guard = guard(Config {
        min_on: ms(250),
        ..config()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    guard.command(Command::Off, at(1)).unwrap();
    assert_eq!(guard.update(at(1)).waiting, Some(Waiting::MinOn));
    assert_eq!(run(&mut guard, 1_000).0, [(250, Off)]);
}

#[test]
fn stop_does_not_wait_for_the_minimum_on() {
    let mut guard = guard(Config {
        min_on: ms(250),
        ..config()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    guard.trip(Fault::Stop, at(1));
    let update = guard.update(at(1));
    assert_eq!((update.level, update.fault), (Off, Some(Fault::Stop)));
}

#[test]
fn on_delay_must_pass_before_it_is_on() {
    let mut guard = guard(Config {
        on_delay: ms(70),
        ..config()
    });
    guard.command(Command::On, at(10)).unwrap();
    assert_eq!(guard.update(at(10)).waiting, Some(Waiting::Delay));
    assert_eq!(run(&mut guard, 500).0, [(80, On)]);
}

#[test]
fn repeated_on_does_not_start_the_delay_again() {
    let mut guard = guard(Config {
        on_delay: ms(70),
        ..config()
    });
    guard.command(Command::On, at(10)).unwrap();
    guard.update(at(10));
    guard.command(Command::On, at(60)).unwrap();
    assert_eq!(run(&mut guard, 500).0, [(80, On)]);
}

#[test]
fn off_within_the_on_delay_leaves_it_off() {
    let mut guard = guard(Config {
        on_delay: ms(70),
        ..config()
    });
    guard.command(Command::On, at(10)).unwrap();
    guard.update(at(10));
    guard.command(Command::Off, at(79)).unwrap();
    assert_eq!(run(&mut guard, 500).0, []);
}

#[test]
fn off_delay_keeps_it_on() {
    let mut guard = guard(Config {
        off_delay: ms(40),
        ..config()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    guard.command(Command::Off, at(100)).unwrap();
    assert_eq!(guard.update(at(100)).waiting, Some(Waiting::Delay));
    guard.command(Command::Off, at(120)).unwrap();
    assert_eq!(run(&mut guard, 500).0, [(140, Off)]);
}

#[test]
fn on_within_the_off_delay_keeps_it_on() {
    let mut guard = guard(Config {
        off_delay: ms(40),
        ..config()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    guard.command(Command::Off, at(100)).unwrap();
    guard.update(at(100));
    guard.command(Command::On, at(139)).unwrap();
    assert_eq!(run(&mut guard, 500).0, []);
}

#[test]
fn pulse_is_as_long_as_asked_for() {
    let mut guard = guard(config());
    guard.command(Command::Pulse(ms(123)), at(10)).unwrap();
    assert_eq!(guard.update(at(10)).level, On);
    assert_eq!(run(&mut guard, 500).0, [(133, Off)]);
}

#[test]
fn pulse_begins_when_it_may() {
    let mut guard = guard(Config {
        min_off: ms(50),
        ..config()
    });
    guard.command(Command::Pulse(ms(20)), at(10)).unwrap();
    guard.update(at(10));
    assert_eq!(run(&mut guard, 500).0, [(50, On), (70, Off)]);
}

#[test]
fn second_pulse_starts_the_time_again() {
    let mut guard = guard(config());
    guard.command(Command::Pulse(ms(100)), at(0)).unwrap();
    guard.update(at(0));
    guard.command(Command::Pulse(ms(100)), at(60)).unwrap();
    assert_eq!(run(&mut guard, 500).0, [(160, Off)]);
}

#[test]
fn pulse_is_not_shorter_than_the_minimum_on() {
    let mut guard = guard(Config {
        min_on: ms(50),
        ..config()
    });
    guard.command(Command::Pulse(ms(20)), at(0)).unwrap();
    guard.update(at(0));
    assert_eq!(run(&mut guard, 500).0, [(50, Off)]);
}

#[test]
fn pulse_of_no_time_does_nothing() {
    let mut guard = guard(config());
    guard.command(Command::Pulse(ms(0)), at(0)).unwrap();
    assert_eq!(guard.update(at(0)).level, Off);
}

#[test]
fn maximum_on_switches_off_and_stays_off() {
    let mut guard = guard(Config {
        max_on: Some(limit(600, 100)),
        ..config()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    assert_eq!(run(&mut guard, 5_000).0, [(600, Off)]);
}

#[test]
fn maximum_on_needs_the_cool_down_before_the_next_time() {
    let mut guard = guard(Config {
        max_on: Some(limit(600, 100)),
        ..config()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    run(&mut guard, 610);
    guard.command(Command::On, at(610)).unwrap();
    assert_eq!(guard.update(at(610)).waiting, Some(Waiting::CoolDown));
    assert_eq!(run(&mut guard, 5_000).0, [(700, On), (1_300, Off)]);
}

#[test]
fn times_on_closer_than_the_cool_down_are_one() {
    let mut guard = guard(Config {
        max_on: Some(limit(600, 100)),
        ..config()
    });
    guard.command(Command::Pulse(ms(500)), at(0)).unwrap();
    guard.update(at(0));
    run(&mut guard, 599);
    guard.command(Command::On, at(599)).unwrap();
    guard.update(at(599));
    assert_eq!(run(&mut guard, 1_000).0, [(699, Off)]);
}

#[test]
fn cool_down_gives_the_whole_maximum_back() {
    let mut guard = guard(Config {
        max_on: Some(limit(600, 100)),
        ..config()
    });
    guard.command(Command::Pulse(ms(500)), at(0)).unwrap();
    guard.update(at(0));
    run(&mut guard, 600);
    guard.command(Command::On, at(600)).unwrap();
    guard.update(at(600));
    assert_eq!(run(&mut guard, 3_000).0, [(1_200, Off)]);
}

#[test]
fn rest_of_the_maximum_shorter_than_the_minimum_on_is_not_begun() {
    let config = Config {
        max_on: Some(limit(600, 100)),
        min_on: ms(50),
        ..config()
    };
    let mut guard = guard(config);
    guard.command(Command::Pulse(ms(570)), at(0)).unwrap();
    guard.update(at(0));
    run(&mut guard, 580);
    guard.command(Command::On, at(580)).unwrap();
    assert_eq!(run(&mut guard, 700).0, [(670, On)]);
}

#[test]
fn duty_drops_what_was_asked_for() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let mut guard = guard(Config {
        duty: Some(duty),
        ..config()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    assert_eq!(run(&mut guard, 5_000).0, [(100, Off)]);
}

#[test]
fn maximum_on_can_be_latched() {
    let mut latched = limit(600, 100);
    latched.latch = true;
    let mut guard = guard(Config {
        max_on: Some(latched),
        ..config()
    });
    guard.command(Command::On, at(0)).unwrap();
    guard.update(at(0));
    let (_, update) = run(&mut guard, 5_000);
    assert_eq!(update.fault, Some(Fault::MaxOn));
    let refused = Refused::Fault(Fault::MaxOn);
    assert_eq!(guard.command(Command::On, at(5_000)), Err(refused));
}

#[test]
fn duty_limits_the_time_on_in_a_window() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let mut guard = guard(Config {
        duty: Some(duty),
        ..config()
    });
    guard.command(Command::Pulse(ms(60)), at(0)).unwrap();
    guard.update(at(0));
    run(&mut guard, 200);
    guard.command(Command::On, at(200)).unwrap();
    guard.update(at(200));
    assert_eq!(run(&mut guard, 300).0, [(240, Off)]);
    guard.command(Command::On, at(300)).unwrap();
    assert_eq!(guard.update(at(300)).waiting, Some(Waiting::Duty));
    // The 60 ms of the first part, from 0 to 100, leave the window at 1300.
    assert_eq!(run(&mut guard, 1_340).0, [(1_300, On)]);
}

#[test]
fn duty_does_not_begin_what_would_be_shorter_than_the_minimum_on() {
    let duty = Duty {
        on: ms(100),
        window: ms(1_200),
    };
    let mut guard = guard(Config {
        duty: Some(duty),
        min_on: ms(50),
        ..config()
    });
    guard.command(Command::Pulse(ms(60)), at(0)).unwrap();
    guard.update(at(0));
    run(&mut guard, 200);
    guard.command(Command::On, at(200)).unwrap();
    assert_eq!(run(&mut guard, 1_200).0, []);
}

#[test]
fn share_is_on_at_the_beginning_of_each_period() {
    let mut guard = guard(Config {
        period: ms(1_000),
        ..config()
    });
    guard.command(share(250), at(0)).unwrap();
    guard.update(at(0));
    assert_eq!(
        run(&mut guard, 2_100).0,
        [(250, Off), (1_000, On), (1_250, Off), (2_000, On)]
    );
}

#[test]
fn share_shorter_than_the_minimum_on_is_saved_up() {
    let mut guard = guard(Config {
        period: ms(1_000),
        min_on: ms(250),
        ..config()
    });
    guard.command(share(100), at(0)).unwrap();
    guard.update(at(0));
    // 100, 200, then 300 at once; 100, 200, 300.
    assert_eq!(
        run(&mut guard, 6_000).0,
        [(2_000, On), (2_300, Off), (5_000, On), (5_300, Off)]
    );
}

#[test]
fn share_that_leaves_less_than_the_minimum_off_is_made_up_for() {
    let mut guard = guard(Config {
        period: ms(1_000),
        min_off: ms(250),
        ..config()
    });
    guard.update(at(250));
    guard.command(share(900), at(250)).unwrap();
    guard.update(at(250));
    assert_eq!(run(&mut guard, 4_000).0, [(2_950, Off), (3_250, On)]);
}

#[test]
fn whole_share_never_goes_off() {
    let mut guard = guard(Config {
        period: ms(1_000),
        min_off: ms(250),
        ..config()
    });
    guard.command(share(1_000), at(0)).unwrap();
    guard.update(at(0));
    assert_eq!(run(&mut guard, 9_000).0, [(250, On)]);
}

#[test]
fn new_share_begins_with_the_next_period() {
    let mut guard = guard(Config {
        period: ms(1_000),
        ..config()
    });
    guard.command(share(500), at(0)).unwrap();
    guard.update(at(0));
    guard.command(share(100), at(200)).unwrap();
    assert_eq!(run(&mut guard, 1_500).0, [(500, Off), (1_000, On), (1_100, Off)]);
}

#[test]
fn share_of_nothing_is_off_at_once() {
    let mut guard = guard(Config {
        period: ms(1_000),
        ..config()
    });
    guard.command(share(500), at(0)).unwrap();
    guard.update(at(0));
    guard.command(share(0), at(200)).unwrap();
    assert_eq!(guard.update(at(200)).level, Off);
}

#[test]
fn share_needs_a_period() {
    let mut guard = guard(config());
    assert_eq!(guard.command(share(500), at(0)), Err(Refused::NoPeriod));
    assert_eq!(Permille::new(1_001), None);
}

#[test]
fn deadlines_are_at_most_half_the_patience_away() {
    let mut guard = guard(Config {
        min_off: ms(60_000),
        patience: ms(3_000),
        ..config()
    });
    assert_eq!(guard.update(at(0)).deadline, Some(at(1_500)));
}

#[test]
fn nothing_is_due_while_nothing_is_limited() {
    let mut guard = guard(config());
    guard.command(Command::On, at(0)).unwrap();
    assert_eq!(guard.update(at(0)).deadline, None);
}

#[test]
fn counters_count_switchings_and_time_on() {
    let mut guard = guard(config());
    for start in [0, 1_000] {
        guard.command(Command::Pulse(ms(40)), at(start)).unwrap();
        guard.update(at(start));
        run(&mut guard, start + 500);
    }
    assert_eq!((guard.counters().switchings, guard.counters().on_ms), (2, 80));
}

#[test]
fn contradictions_in_a_configuration_are_refused() {
    let duty = Duty {
        on: ms(10),
        window: ms(9),
    };
    let fail_safe = Config {
        fail_safe: On,
        max_on: Some(limit(1, 0)),
        ..config()
    };
    let cases = [
        (
            Config {
                patience: ms(1),
                ..config()
            },
            ConfigError::Patience,
        ),
        (
            Config {
                max_on: Some(limit(0, 0)),
                ..config()
            },
            ConfigError::MaxOn,
        ),
        (
            Config {
                max_on: Some(limit(9, 0)),
                min_on: ms(10),
                ..config()
            },
            ConfigError::MaxOn,
        ),
        (
            Config {
                duty: Some(duty),
                ..config()
            },
            ConfigError::Duty,
        ),
        (
            Config {
                period: ms(9),
                min_on: ms(5),
                min_off: ms(5),
                ..config()
            },
            ConfigError::Period,
        ),
        (fail_safe, ConfigError::FailSafe),
    ];
    for (config, error) in cases {
        let result = Guard::new(config, Some(State::unused()), at(0));
        assert_eq!(result.map(|_| ()), Err(error));
    }
}
