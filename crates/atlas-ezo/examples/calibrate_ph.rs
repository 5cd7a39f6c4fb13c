//! Calibrates a simulated pH circuit with three buffers and reads it, step by step as a person would.
//!
//! `cargo run -p cress-atlas-ezo --example calibrate_ph`

use atlas_ezo::blocking::Ezo;
use atlas_ezo::command::ClearCalibration;
use atlas_ezo::quantity::{MilliCelsius, MilliPh};
use atlas_ezo::{Circuit, I2c, Ph, ph};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // A circuit on an I2C bus, with a probe that has seen better days: 96 % of the slope, and 6 mV off,
    // which is a tenth of a pH.
    let clock = sim::Clock::new();
    let bus = sim::I2cBus::new(&clock);
    let circuit = sim::Ezo::new(&clock, sim::EzoKind::Ph).with_timing(sim::EzoTiming::slow());
    bus.attach(0x63, circuit.clone());
    circuit.set_probe(0.96, 6.0);

    let mut ezo = Ezo::<Ph, _>::new(I2c::new(bus, Ph::ADDRESS, clock.delay()));
    let information = ezo.init()?;
    let firmware = information.firmware.hundredths();
    println!(
        "found {:?} with firmware {}.{:02}",
        information.kind,
        firmware / 100,
        firmware % 100
    );

    circuit.set(5.8);
    println!("before calibration the tank of pH 5.80 reads {:.3}", ezo.read()?);

    println!("\nforgetting the old calibration");
    ezo.execute(&ClearCalibration)?;

    let (four, seven, ten) = (MilliPh::new(4_000)?, MilliPh::new(7_000)?, MilliPh::new(10_000)?);
    println!("trying to begin with the acid buffer:");
    match ezo.calibrate(&ph::Point::Low(four)) {
        Err(error) => println!("  {error}"),
        Ok(_) => return Err("the circuit should have been asked first".into()),
    }

    for (buffer, point) in [
        (7.0, ph::Point::Mid(seven)),
        (4.0, ph::Point::Low(four)),
        (10.0, ph::Point::High(ten)),
    ] {
        println!("probe into the buffer of pH {buffer:.2}");
        circuit.set(buffer);
        wait_until_steady(&mut ezo, &clock)?;
        println!("  calibrated: {:?}", ezo.calibrate(&point)?.after);
    }

    let slope = ezo.execute(&ph::SlopeQuery)?;
    println!(
        "\nslope {:.1} % acid, {:.1} % alkaline",
        percent(slope.acid_permille),
        percent(slope.base_permille)
    );
    if let Some(offset) = slope.offset {
        println!("offset {offset:.1}; up to 5 mV are good");
    }
    println!("the probe is {:?}", slope.health());

    // The tank is colder than the buffers were: without compensation, a probe's smaller signal looks like less acid.
    circuit.set(5.8);
    circuit.water().set_celsius(19.5);
    println!("the tank at 19.5 °C reads {:.3}", ezo.read()?);
    println!(
        "compensated for that it reads {:.3}",
        ezo.read_at(MilliCelsius::new(19_500))?
    );
    Ok(())
}

/// Waits until three readings in a row are within 0.01 pH, as one does with a probe in a new buffer.
fn wait_until_steady(
    ezo: &mut Ezo<Ph, I2c<sim::I2cBus, sim::Delay>>,
    clock: &sim::Clock,
) -> Result<(), Box<dyn Error>> {
    let mut last = ezo.read()?;
    let mut steady = 0;
    while steady < 3 {
        clock.advance(1_000_000_000);
        let reading = ezo.read()?;
        steady = if reading.get().abs_diff(last.get()) <= 10 {
            steady + 1
        } else {
            0
        };
        last = reading;
    }
    println!("  steady at {last:.3}");
    Ok(())
}

fn percent(permille: i16) -> f32 {
    f32::from(permille) / 10.0
}
