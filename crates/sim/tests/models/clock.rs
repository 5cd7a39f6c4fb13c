use embassy_futures::block_on;
use embassy_futures::select::{Either, select};
use sim::{Clock, Faults};

#[test]
fn time_stands_until_something_passes_it() {
    let clock = Clock::new();
    assert_eq!(clock.now(), 0);
    clock.advance(7);
    assert_eq!(clock.clone().now(), 7);
}

#[test]
fn time_does_not_go_back() {
    let clock = Clock::new();
    clock.advance_to(100);
    clock.advance_to(40);
    assert_eq!(clock.now(), 100);
}

#[test]
fn time_stops_at_its_end() {
    let clock = Clock::new();
    clock.advance(u64::MAX);
    clock.advance(1);
    assert_eq!(clock.now(), u64::MAX);
}

#[test]
fn blocking_waits_pass_their_time() {
    use embedded_hal::delay::DelayNs;
    let clock = Clock::new();
    let mut delay = clock.delay();
    delay.delay_ns(1);
    delay.delay_us(2);
    delay.delay_ms(3);
    assert_eq!(clock.now(), 3_002_001);
}

#[test]
fn asynchronous_waits_pass_their_time() {
    use embedded_hal_async::delay::DelayNs;
    let clock = Clock::new();
    let mut delay = clock.delay();
    block_on(async {
        delay.delay_ns(1).await;
        delay.delay_us(2).await;
        delay.delay_ms(3).await;
    });
    assert_eq!(clock.now(), 3_002_001);
}

#[test]
fn every_wait_costs_the_overhead_once() {
    use embedded_hal::delay::DelayNs;
    let clock = Clock::new();
    let settings = clock.delay();
    settings.set_overhead(500);
    let mut delay = settings.clone();
    delay.delay_ns(0);
    delay.delay_us(1);
    delay.delay_ms(1);
    assert_eq!(clock.now(), 1_002_500);
}

#[test]
fn a_wait_that_yields_can_be_dropped_before_its_time_passes() {
    use embedded_hal_async::delay::DelayNs;
    let clock = Clock::new();
    let mut delay = clock.delay();
    delay.set_yields(true);
    let first = block_on(select(delay.delay_ms(5), async {}));
    assert!(matches!(first, Either::Second(())));
    assert_eq!(clock.now(), 0);
    block_on(delay.delay_ms(5));
    assert_eq!(clock.now(), 5_000_000);
}

#[test]
fn interrupts_stretch_waits_within_their_length() {
    use embedded_hal::delay::DelayNs;
    let clock = Clock::new();
    clock.set_interrupts(Faults::new(1).interrupts(1_000_000, 300..400).host_interrupts());
    let mut delay = clock.delay();
    for _ in 0..100 {
        let before = clock.now();
        delay.delay_us(1);
        assert!((1_300..1_400).contains(&(clock.now() - before)));
    }
}

#[test]
fn interrupts_are_as_frequent_as_asked() {
    use embedded_hal::delay::DelayNs;
    let clock = Clock::new();
    clock.set_interrupts(Faults::new(1).interrupts(250_000, 1..2).host_interrupts());
    let mut delay = clock.delay();
    for _ in 0..10_000 {
        delay.delay_ns(0);
    }
    assert!((2_300..2_700).contains(&clock.now()), "{}", clock.now());
}

#[test]
fn a_critical_section_holds_interrupts_off() {
    use embedded_hal::delay::DelayNs;
    let clock = Clock::new();
    clock.set_interrupts(Faults::new(1).interrupts(1_000_000, 300..400).host_interrupts());
    clock.mask_interrupts(true);
    clock.delay().delay_us(1);
    assert_eq!(clock.now(), 1_000);
    clock.mask_interrupts(false);
    clock.delay().delay_us(1);
    assert!(clock.now() >= 2_300);
}
