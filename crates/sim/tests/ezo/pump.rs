//! The pump, and the water that it doses, over I2C.

use sim::{Bottle, EzoKind, Liquid, Water};

use crate::host::{exchanges, plain};

#[test]
fn pump_delivers_a_dose_into_the_water() {
    let mut host = plain(EzoKind::Pmp);
    let water = Water::new(&host.clock)
        .with_volume(20.0)
        .with_buffer(1.0)
        .with_mixing_time(0.0);
    let bottle = Bottle::new(Liquid::acid(1.0), 500.0);
    let _same = host.ezo.clone().with_water(&water).with_bottle(&bottle);
    water.set_ph(7.0);
    exchanges(&mut host, &[("D,10.5", ""), ("D,?", "?D,10.50,1")]);
    // 10.5 ml at 105 ml a minute.
    host.wait(6_000);
    exchanges(
        &mut host,
        &[("D,?", "?D,10.50,0"), ("R", "10.50"), ("TV,?", "?TV,10.50")],
    );
    assert!((host.ezo.delivered() - 10.5).abs() < 1e-6);
    assert!((bottle.millilitres() - 489.5).abs() < 1e-6);
    // 10.5 mmol in 20.0105 l.
    assert!((water.ph() - (7.0 - 0.5247)).abs() < 0.001, "{}", water.ph());
    assert!((water.litres() - 20.0105).abs() < 1e-6);
}

#[test]
fn water_sees_the_dose_although_nobody_asks_the_pump() {
    let mut host = plain(EzoKind::Pmp);
    let water = Water::new(&host.clock).with_mixing_time(0.0);
    let _same = host.ezo.clone().with_water(&water);
    host.write("D,21").unwrap();
    host.wait(300 + 6_000);
    // Half of it.
    assert!((water.litres() - 20.0105).abs() < 1e-5, "{}", water.litres());
    host.wait(60_000);
    assert!((water.litres() - 20.021).abs() < 1e-9, "{}", water.litres());
}

#[test]
fn pump_limits() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(
        &mut host,
        &[
            ("D,0.4", "refused"),
            ("D,0.5", ""),
            ("D,10,0.05", "refused"),
            ("DC,?", "?maxrate,105.0"),
            ("DC,106,1", "refused"),
            ("DC,105,1", ""),
        ],
    );
    assert_eq!(host.exchange_after("X", 6_000), "*DONE,10.50");
    assert_eq!(host.exchange("DC,0.4,1").0, 2);
    assert_eq!(host.exchange("D,?").1, "?D,105.00,0");
    host.ezo.set_motor_supply(0.0);
    exchanges(
        &mut host,
        &[("PV,?", "?PV,0.00"), ("D,10", "refused"), ("D,*", "refused")],
    );
    host.ezo.set_motor_supply(13.86);
    exchanges(
        &mut host,
        &[("PV,?", "?PV,13.86"), ("D,*", ""), ("D,?", "?D,*,1")],
    );
}

#[test]
fn large_pump_has_its_own_limits() {
    let mut host = plain(EzoKind::PmpL);
    exchanges(
        &mut host,
        &[
            ("DC,?", "?maxrate,750.0"),
            ("DC,9.9,1", "refused"),
            ("DC,10,1", ""),
            ("DC,751,1", "refused"),
            ("D,75", ""),
        ],
    );
    // 75 ml at 750 ml a minute.
    assert_eq!(host.exchange_after("D,?", 5_999), "?D,75.00,1");
    assert_eq!(host.exchange("D,?").1, "?D,75.00,0");
}

#[test]
fn dose_over_time_runs_for_that_time() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(&mut host, &[("D,-40.5,2", "")]);
    assert_eq!(host.exchange_after("R", 60_000), "-20.25");
    exchanges(&mut host, &[("D,?", "?D,-40.50,1")]);
    host.wait(61_000);
    exchanges(
        &mut host,
        &[
            ("D,?", "?D,-40.50,0"),
            ("TV,?", "?TV,-40.50"),
            ("ATV,?", "?ATV,40.50"),
            ("Clear", ""),
            ("ATV,?", "?ATV,0.00"),
        ],
    );
}

#[test]
fn pause_stops_the_flow_and_the_time() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(&mut host, &[("DC,60,1", ""), ("P", ""), ("P,?", "?P,1")]);
    let paused = host.ezo.delivered();
    host.wait(100_000);
    assert!((host.ezo.delivered() - paused).abs() < 1e-9);
    exchanges(&mut host, &[("P", ""), ("P,?", "?P,0"), ("D,?", "?D,60.00,1")]);
    host.wait(60_000);
    exchanges(&mut host, &[("D,?", "?D,60.00,0"), ("R", "60.00")]);
    assert!((host.ezo.delivered() - 60.0).abs() < 1e-6);
}

#[test]
fn pump_calibrates_by_volume_and_by_time() {
    let mut host = plain(EzoKind::Pmp);
    host.ezo.set_probe(0.9, 0.0);
    exchanges(&mut host, &[("Cal,?", "?Cal,0"), ("D,10", "")]);
    host.wait(10_000);
    assert!((host.ezo.delivered() - 9.0).abs() < 1e-6);
    exchanges(&mut host, &[("Cal,9", ""), ("Cal,?", "?Cal,1"), ("D,10", "")]);
    host.wait(10_000);
    assert!((host.ezo.delivered() - 19.0).abs() < 1e-6);
    exchanges(&mut host, &[("D,10,1", "")]);
    host.wait(70_000);
    assert!((host.ezo.delivered() - 28.0).abs() < 1e-6);
    exchanges(
        &mut host,
        &[
            ("Cal,9", ""),
            ("Cal,?", "?Cal,3"),
            ("DC,?", "?maxrate,94.5"),
            ("DC,10,1", ""),
        ],
    );
    host.wait(70_000);
    assert!((host.ezo.delivered() - 38.0).abs() < 1e-6);
    exchanges(&mut host, &[("Cal,clear", ""), ("Cal,?", "?Cal,0")]);
}

#[test]
fn pump_calibrates_only_after_a_dispense() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(
        &mut host,
        &[("Cal,10", "refused"), ("D,60,1", ""), ("Cal,10", "refused")],
    );
    host.wait(60_000);
    exchanges(
        &mut host,
        &[
            ("Cal,0", "refused"),
            ("Cal,-1", "refused"),
            ("Cal,60", ""),
            ("Cal,?", "?Cal,2"),
        ],
    );
}

#[test]
fn constant_rate_without_end_has_a_star() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(
        &mut host,
        &[
            ("DC,20,*", ""),
            ("D,?", "?D,*,1"),
            ("DC,-20,*", ""),
            ("D,?", "?D,-*,1"),
            ("D,-*", ""),
            ("D,?", "?D,-*,1"),
        ],
    );
    exchanges(&mut host, &[("D,-*", "")]);
    assert_eq!(host.exchange_after("X", 120_000), "*DONE,-210.00");
}

#[test]
fn pump_that_runs_backwards_takes_water_out() {
    let mut host = plain(EzoKind::Pmp);
    let water = Water::new(&host.clock).with_mixing_time(0.0);
    let bottle = Bottle::new(Liquid::acid(5.0), 50.0);
    let _same = host.ezo.clone().with_water(&water).with_bottle(&bottle);
    exchanges(&mut host, &[("D,-10", "")]);
    host.wait(10_000);
    assert!((water.litres() - 19.99).abs() < 1e-9);
    assert!((bottle.millilitres() - 60.0).abs() < 1e-9);
    assert!((water.ph() - 7.0).abs() < 1e-9 && (water.microsiemens() - 1_000.0).abs() < 1e-9);
}

#[test]
fn dose_over_no_time_is_refused() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(
        &mut host,
        &[
            ("D,10,0", "refused"),
            ("D,10,-1", "refused"),
            ("DC,10,0", "refused"),
            ("DC,10,-1", "refused"),
        ],
    );
}

#[test]
fn pump_forgets_its_totals_but_not_its_orders_without_power() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(
        &mut host,
        &[
            ("Invert", ""),
            ("Invert,?", "?Invert,1"),
            ("Dstart,?", "?Dstart,0"),
            ("Dstart,5", ""),
            ("D,10", ""),
        ],
    );
    host.wait(10_000);
    assert!((host.ezo.delivered() + 10.0).abs() < 1e-6);
    host.ezo.power_cycle();
    host.wait(10_000);
    exchanges(
        &mut host,
        &[
            ("Invert,?", "?Invert,1"),
            ("Dstart,?", "?Dstart,5"),
            ("D,?", "?D,5.00,0"),
            ("TV,?", "?TV,5.00"),
            ("Dstart,off", ""),
            ("Dstart,?", "?Dstart,0"),
        ],
    );
    assert!((host.ezo.delivered() + 15.0).abs() < 1e-6);
}

#[test]
fn pump_outputs_are_in_order() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(
        &mut host,
        &[
            ("O,TV,1", ""),
            ("O,ATV,1", ""),
            ("O,?", "?,O,V,TV,ATV"),
            ("D,-1", ""),
        ],
    );
    host.wait(5_000);
    exchanges(
        &mut host,
        &[("R", "-1.00,-1.00,1.00"), ("O,V,0", ""), ("R", "-1.00,1.00")],
    );
}

#[test]
fn empty_bottle_delivers_nothing() {
    let mut host = plain(EzoKind::Pmp);
    let bottle = Bottle::new(Liquid::PLAIN, 3.0);
    let _same = host.ezo.clone().with_bottle(&bottle);
    exchanges(&mut host, &[("D,10", "")]);
    host.wait(10_000);
    // The circuit does not know.
    exchanges(&mut host, &[("R", "10.00")]);
    assert!((host.ezo.delivered() - 3.0).abs() < 1e-9);
    assert!(bottle.millilitres().abs() < 1e-9);
}

#[test]
fn pump_restarts_after_20_days() {
    let mut host = plain(EzoKind::Pmp);
    exchanges(&mut host, &[("D,*", "")]);
    host.wait(20 * 86_400_000 - 1_000);
    exchanges(&mut host, &[("D,?", "?D,*,1")]);
    host.wait(2_000);
    exchanges(&mut host, &[("D,?", "?D,0.00,0"), ("Status", "?Status,S,5.000")]);
}

#[test]
fn probes_in_one_water_agree() {
    let mut host = plain(EzoKind::Ec);
    let water = Water::new(&host.clock).with_volume(10.0).with_mixing_time(0.0);
    let _same = host.ezo.clone().with_water(&water);
    water.set_microsiemens(500.0);
    exchanges(&mut host, &[("R", "500.0")]);
    water.pour(Liquid::nutrient(100.0), 50.0);
    // (500 × 10 + 100 × 50) / 10.05
    exchanges(&mut host, &[("R", "995.0")]);
}
