//! Prints how late answers are after the circuit has them, and how often it is asked, beside a driver that waits for
//! as long as the data sheet says and asks once.
//!
//! `cargo run -p cress-atlas-ezo --example latency`

use atlas_ezo::blocking::Ezo;
use atlas_ezo::command::Information;
use atlas_ezo::{Circuit, I2c, Orp, Ph, Rtd};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c as _;
use sim::{Clock, EzoKind, EzoTiming, I2cBus};

/// How late, and how often asked: the first time, then the worst of 50.
struct Row {
    first: (f64, u32),
    worst: (f64, u32),
}

fn main() {
    println!("I2C at 100 kHz. Late: from when the circuit has the answer until the driver returns it.");
    println!(
        "First: the first answer of its kind. Then: the latest of 50, and the most polls, from the fourth on.\n"
    );
    println!(
        "                        this driver, first   then                 fixed delay of the data sheet"
    );
    print(
        "any, i, 4 ms",
        &measure::<Ph>(EzoKind::Ph, &[4], true),
        &fixed(EzoKind::Ph, "i", 4, 300),
    );
    for ready in [393, 500, 643] {
        let label = format!("RTD, R, {ready} ms");
        print(
            &label,
            &measure::<Rtd>(EzoKind::Rtd, &[ready], false),
            &fixed(EzoKind::Rtd, "R", ready, 600),
        );
    }
    for ready in [850, 1_656] {
        let label = format!("pH, R, {ready} ms");
        print(
            &label,
            &measure::<Ph>(EzoKind::Ph, &[ready], false),
            &fixed(EzoKind::Ph, "R", ready, 900),
        );
    }
    print(
        "ORP, R, 1577 ms",
        &measure::<Orp>(EzoKind::Orp, &[1_577], false),
        &fixed(EzoKind::Orp, "R", 1_577, 900),
    );

    // Each reading at another time within what was measured.
    let spread: Vec<u32> = (0..50).map(|index| 393 + index * 97 % 251).collect();
    let answers = spread
        .iter()
        .filter(|&&ready| fixed(EzoKind::Rtd, "R", ready, 600) != "no answer")
        .count();
    let fixed = format!("{answers} answers out of {}", spread.len());
    print(
        "RTD, R, 393-643 ms",
        &measure::<Rtd>(EzoKind::Rtd, &spread, false),
        &fixed,
    );
}

fn print(label: &str, row: &Row, fixed: &str) {
    let cell = |(late, asked): (f64, u32)| format!("{late:5.1} ms, {asked:2} polls");
    println!(
        "{label:<22}  {:<19}  {:<19}  {fixed}",
        cell(row.first),
        cell(row.worst)
    );
}

fn measure<C: Circuit>(kind: EzoKind, ready: &[u32], information: bool) -> Row {
    let clock = Clock::new();
    let bus = I2cBus::new(&clock);
    let circuit = sim::Ezo::new(&clock, kind);
    bus.attach(C::ADDRESS.get(), circuit.clone());
    let mut ezo = Ezo::<C, _>::new(I2c::new(bus, C::ADDRESS, clock.delay()));
    if !information {
        // What readings consist of is no matter of this table.
        let _format = ezo.format();
    }
    let mut delays = ready.iter().copied().cycle();
    let mut once = || {
        let ready = delays.next().unwrap_or_default();
        circuit.set_timing(EzoTiming {
            reading_ms: ready,
            ..EzoTiming::fast()
        });
        let failed = if information {
            ezo.execute(&Information).is_err()
        } else {
            ezo.read().is_err()
        };
        assert!(!failed, "no answer");
        let late = clock.now() - circuit.answered_at().unwrap_or(0);
        (millis(late), ezo.transport().polls())
    };
    let first = once();
    // Until the circuit is known.
    for _ in 0..2 {
        once();
    }
    let mut worst = (0.0_f64, 0);
    for _ in 0..50 {
        let (late, polls) = once();
        worst = (worst.0.max(late), worst.1.max(polls));
    }
    Row { first, worst }
}

/// Writes, waits for as long as the data sheet says, reads once.
fn fixed(kind: EzoKind, command: &str, ready: u32, delay: u32) -> String {
    let clock = Clock::new();
    let mut bus = I2cBus::new(&clock);
    let circuit = sim::Ezo::new(&clock, kind).with_timing(EzoTiming {
        reading_ms: ready,
        ..EzoTiming::fast()
    });
    let address = kind.factory_address();
    bus.attach(address, circuit.clone());
    let mut frame = [0; 48];
    let answer = bus
        .write(address, command.as_bytes())
        .map(|()| clock.delay().delay_ms(delay))
        .and_then(|()| bus.read(address, &mut frame));
    match (answer, frame[0]) {
        (Ok(()), 1) => {
            let late = millis(clock.now() - circuit.answered_at().unwrap_or(0));
            format!("late by {late:.1} ms")
        }
        _ => "no answer".into(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few seconds")]
fn millis(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}
