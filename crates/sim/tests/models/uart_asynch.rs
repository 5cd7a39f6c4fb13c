//! The UART through its asynchronous traits.

use embassy_futures::block_on;
use embassy_futures::select::{Either, select};
use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{Read, Write};
use sim::{Ds18b20, Tolerance, UartError};

use crate::host::{MS, SERIAL};
use crate::uart::uart;

#[test]
fn exchange_is_the_same() {
    let (_, wire, mut uart) = uart();
    wire.attach(Ds18b20::new(SERIAL).with_tolerance(Tolerance::Slowest));
    let mut received = [0];
    block_on(async {
        uart.write_all(&[0xF0]).await.unwrap();
        uart.read_exact(&mut received).await.unwrap();
        uart.flush().await.unwrap();
    });
    assert_eq!(received, [0x90]);
}

#[test]
fn read_of_nothing_loses_against_a_timeout() {
    let (clock, _, mut uart) = uart();
    let mut delay = clock.delay();
    let mut byte = [0];
    let won = block_on(select(uart.read(&mut byte), delay.delay_ms(10)));
    assert!(matches!(won, Either::Second(())));
    assert!(clock.now() >= 10 * MS);
}

#[test]
fn read_of_nothing_loses_against_a_timeout_that_yields() {
    let (clock, _, mut uart) = uart();
    let mut delay = clock.delay();
    delay.set_yields(true);
    let mut byte = [0];
    let won = block_on(select(uart.read(&mut byte), delay.delay_ms(10)));
    assert!(matches!(won, Either::Second(())));
    assert_eq!(clock.now(), 10 * MS + 1);
}

#[test]
fn read_of_nothing_loses_against_many_waits_that_yield() {
    let (clock, _, mut uart) = uart();
    let mut delay = clock.delay();
    delay.set_yields(true);
    let mut byte = [0];
    let waits = async {
        for _ in 0..100 {
            delay.delay_us(1).await;
        }
    };
    assert!(matches!(
        block_on(select(uart.read(&mut byte), waits)),
        Either::Second(())
    ));
}

#[test]
fn read_of_nothing_loses_against_a_timeout_in_a_run() {
    for yields in [false, true] {
        let (clock, _, mut uart) = uart();
        let mut delay = clock.delay();
        delay.set_yields(yields);
        let mut byte = [0];
        let won = clock.run(select(uart.read(&mut byte), delay.delay_ms(10)));
        assert!(matches!(won, Either::Second(())));
        assert_eq!(clock.now(), 10 * MS + 1);
    }
}

#[test]
#[should_panic(expected = "waiting for something that never comes")]
fn read_of_nothing_in_a_run_waits_for_ever() {
    let (clock, _, mut uart) = uart();
    let _never = clock.run(uart.read(&mut [0]));
}

#[test]
fn read_of_a_byte_under_way_wins_against_a_timeout() {
    let (clock, _, mut uart) = uart();
    let mut delay = clock.delay();
    let mut byte = [0];
    let won = block_on(async {
        uart.write_all(&[0x5A]).await.unwrap();
        select(uart.read(&mut byte), delay.delay_ms(10)).await
    });
    assert!(matches!(won, Either::First(Ok(1))));
    assert_eq!(byte, [0x5A]);
}

#[test]
fn read_of_nothing_does_not_hang() {
    let (_, _, mut uart) = uart();
    assert_eq!(block_on(uart.read(&mut [0])), Err(UartError::Silence));
}
