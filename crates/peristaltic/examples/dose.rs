//! Two pumps dose a simulated tank; the power fails in the middle of a dose; the accounts hold.
//!
//! `cargo run -p cress-peristaltic --example dose`

use fugit::MillisDurationU32;
use peristaltic::{
    Calibration, Dose, Instant, Limits, Microlitres, MicrolitresPerMinute, Point, Pump, Pumps, Record,
    Request, Rules, Switched, Tank,
};
use sim::{Clock, Liquid, PumpPin, Water};

const MS: u64 = 1_000_000;

type Host = Pumps<Switched<PumpPin>, 2>;

fn main() {
    let clock = Clock::new();
    let water = Water::new(&clock).with_volume(20.0).with_buffer(2.0);
    water.set_ph(6.6);
    let models = [
        sim::Pump::new(&clock, 72_000.0).into_water(&water, Liquid::acid(1.0)),
        sim::Pump::new(&clock, 72_000.0).into_water(&water, Liquid::nutrient(1_000.0)),
    ];
    let setups = setups();
    // The memory that survives.
    let mut flash: Record<2>;

    let tank = Tank::first_start(setups, Rules::DEFAULT, now(&clock)).expect("rules are in order");
    flash = *tank.record();
    let mut host = boot(tank, &models, &clock);

    println!("pH {:.2}. pH down, 10 mL:", water.ph());
    request(&mut host, &clock, &mut flash, 0, 10_000, 1);
    wait(&mut host, &clock, &mut flash, 9_000);
    println!("\npH {:.2}. Nutrient, 8 mL, at once:", water.ph());
    request(&mut host, &clock, &mut flash, 1, 8_000, 2);
    println!("\n... and after 10 minutes:");
    wait(&mut host, &clock, &mut flash, 600_000);
    request(&mut host, &clock, &mut flash, 1, 8_000, 2);
    wait(&mut host, &clock, &mut flash, 2_500);

    println!(
        "\nThe power fails. {:.1} µL of it came out.",
        models[1].delivered()
    );
    models.iter().for_each(sim::Pump::power_cut);
    clock.advance(5_000 * MS);
    let tank = Tank::restore(setups, Rules::DEFAULT, flash, now(&clock)).expect("rules are in order");
    let mut host = boot(tank, &models, &clock);
    wait(&mut host, &clock, &mut flash, 100);

    println!("\nThe same command comes again:");
    request(&mut host, &clock, &mut flash, 1, 8_000, 2);
    println!("\nAnother one, when the tank has mixed, is too much for the hour:");
    wait(&mut host, &clock, &mut flash, 600_000);
    request(&mut host, &clock, &mut flash, 1, 8_000, 3);

    println!("\npH {:.2}, {:.0} µS/cm", water.ph(), water.microsiemens());
    for (name, index) in [("pH down", 0), ("nutrient", 1)] {
        let status = host.tank().status(index).expect("there are two");
        println!(
            "{name}: between {} and {}, really {:.1} µL",
            status.total.least(),
            status.total.most(),
            models.get(index).map_or(0.0, sim::Pump::delivered)
        );
    }
}

fn setups() -> [Pump; 2] {
    let limits = Limits {
        largest_dose: Microlitres::new(10_000),
        per_hour: Microlitres::new(12_000),
        per_day: Microlitres::new(60_000),
        longest_run: MillisDurationU32::from_ticks(20_000),
        interval: MillisDurationU32::from_ticks(300_000),
    };
    let minute = Point::new(MillisDurationU32::from_ticks(60_000), Microlitres::new(72_000));
    let calibration = Calibration::new(&[minute]).expect("one point is enough");
    let pump = Pump::new(limits, MicrolitresPerMinute::new(90_000)).expect("limits are in order");
    [pump.with_calibration(calibration); 2]
}

fn now(clock: &Clock) -> Instant {
    Instant::from_ticks(clock.now() / MS)
}

fn boot(tank: Tank<2>, models: &[sim::Pump; 2], clock: &Clock) -> Host {
    let motors = models
        .each_ref()
        .map(|model| Switched::active_high(model.forward()));
    let (host, result) = Pumps::new(tank, motors, now(clock));
    result.expect("simulated pins do not fail by themselves");
    host
}

fn request(host: &mut Host, clock: &Clock, flash: &mut Record<2>, pump: usize, volume: i64, id: u64) {
    let request = Request::new(pump, Dose::Volume(Microlitres::new(volume))).with_id(id);
    let store = |record: &Record<2>| {
        *flash = *record;
        Ok::<_, ()>(())
    };
    match host.dose(|| now(clock), request, store) {
        Ok(()) => println!("  command {id} runs"),
        Err(error) => println!("  command {id}: {error}"),
    }
}

/// Calls at every deadline, for `ms`.
fn wait(host: &mut Host, clock: &Clock, flash: &mut Record<2>, ms: u64) {
    let until = clock.now() / MS + ms;
    loop {
        let (step, result) = host.tick(now(clock));
        result.expect("simulated pins do not fail by themselves");
        if let Some(outcome) = step.outcome {
            let delivered = outcome.delivered;
            println!(
                "  {:?}: between {} and {}",
                outcome.end,
                delivered.least(),
                delivered.most()
            );
        }
        if step.store {
            *flash = *host.tank().record();
            let sequence = flash.sequence();
            host.tank_mut().saved(sequence);
        }
        let here = clock.now() / MS;
        if here >= until {
            return;
        }
        clock.advance((step.deadline.as_ticks().min(until) - here) * MS);
    }
}
