//! Parasite power, brown-outs and the EEPROM.

use crate::*;
use one_wire::gpio::NoPullup;

#[test]
fn parasite_power_is_right_at_every_resolution_and_tolerance() {
    for tolerance in TOLERANCES {
        let mut rig = Rig::new();
        let model = sim::Ds18b20::new(7)
            .with_parasite_power()
            .with_tolerance(tolerance);
        let probe = rig.wire.attach(model);
        let mut sensor = driver(&probe);
        sensor.init(&mut rig.bus).unwrap();
        assert_eq!(sensor.supply(), Supply::Parasite);
        for resolution in RESOLUTIONS {
            sensor.set_resolution(&mut rig.bus, resolution).unwrap();
            for truth in [-880, -162, -8, 0, 8, 401, 1360, 2000] {
                probe.with(|model| model.set_sixteenths(truth));
                let read = sensor.measure(&mut rig.bus).unwrap().sixteenths();
                assert_eq!(read, shown(truth, resolution), "{tolerance:?} {resolution:?}");
            }
        }
        assert_eq!(probe.with(|model| model.counts().brown_outs), 0);
        assert_eq!(rig.wire.stats().contentions, 0);
    }
}

#[test]
fn parasite_and_powered_devices_share_a_wire() {
    let mut rig = Rig::new();
    for serial in 1..=4 {
        let model = sim::Ds18b20::new(serial);
        rig.wire.attach(if serial % 2 == 0 {
            model.with_parasite_power()
        } else {
            model
        });
    }
    let mut sensors = rig.enumerate();
    let mut group = Group::new();
    assert_eq!(group.read_supply(&mut rig.bus), Ok(Supply::Parasite));
    group.convert(&mut rig.bus, &sensors, Completion::Poll).unwrap();
    for sensor in &mut sensors {
        assert_eq!(sensor.read(&mut rig.bus).unwrap().sixteenths(), 320);
    }
    assert_eq!(rig.wire.stats().contentions, 0);
}

#[test]
fn host_without_a_strong_pullup_cannot_convert_a_parasite() {
    let rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(7).with_parasite_power());
    let mut bus = Gpio::new(rig.wire.pin(), rig.clock.delay()).with_pullup(NoPullup);
    let mut sensor = driver(&probe);
    sensor.init(&mut bus).unwrap();
    let unsupported = Err(Error::Bus(one_wire::Error::Wire(Wire::Unsupported)));
    assert_eq!(sensor.measure(&mut bus), unsupported);
    assert_eq!(probe.with(|model| model.counts().conversions), 0);
}

#[test]
fn parasite_that_is_taken_for_powered_is_no_measurement() {
    let faults = [
        (sim::BrownOut::PowerOn, Fault::PowerOn),
        (sim::BrownOut::FailedConversion, Fault::ConversionFailed),
    ];
    for (brown_out, fault) in faults {
        let mut rig = Rig::new();
        let probe = rig.wire.attach(sim::Ds18b20::new(7).with_parasite_power());
        probe.with(|model| model.set_brown_out(brown_out));
        assert_eq!(driver(&probe).measure(&mut rig.bus), Err(Error::Device(fault)));
    }
}

#[test]
fn settings_survive_a_power_cycle_only_once_they_are_copied() {
    for tolerance in TOLERANCES {
        for parasite in [false, true] {
            let mut rig = Rig::new();
            let model = sim::Ds18b20::new(7).with_tolerance(tolerance);
            let probe = rig.wire.attach(if parasite {
                model.with_parasite_power()
            } else {
                model
            });
            let mut sensor = driver(&probe);
            sensor.init(&mut rig.bus).unwrap();
            sensor.set_resolution(&mut rig.bus, Bits10).unwrap();
            sensor.set_user_bytes(&mut rig.bus, [0xCA, 0xFE]).unwrap();
            assert_eq!(probe.with(|model| model.counts().eeprom_writes), 0);
            sensor.copy_scratchpad(&mut rig.bus).unwrap();
            assert_eq!(probe.with(|model| model.counts().eeprom_writes), 1);
            sensor.set_resolution(&mut rig.bus, Bits9).unwrap();
            probe.power_cycle();
            let scratchpad = sensor.scratchpad(&mut rig.bus).unwrap();
            assert_eq!(
                (scratchpad.resolution(), scratchpad.user_bytes()),
                (Bits10, [0xCA, 0xFE])
            );
        }
    }
}

#[test]
fn recall_brings_back_what_was_copied() {
    let mut rig = Rig::new();
    let probe = rig.wire.attach(sim::Ds18b20::new(7));
    let mut sensor = driver(&probe);
    sensor.set_resolution(&mut rig.bus, Bits9).unwrap();
    let scratchpad = sensor.recall_eeprom(&mut rig.bus).unwrap();
    assert_eq!(
        (scratchpad.resolution(), scratchpad.user_bytes()),
        (Bits12, [0x4B, 0x46])
    );
    assert_eq!(sensor.measure(&mut rig.bus).unwrap().sixteenths(), 320);
}

#[test]
fn device_that_lost_its_resolution_is_noticed_and_then_read() {
    for parasite in [false, true] {
        let mut rig = Rig::new();
        let model = sim::Ds18b20::new(7).with_milli_celsius(-10_125);
        let probe = rig.wire.attach(if parasite {
            model.with_parasite_power()
        } else {
            model
        });
        let mut sensor = driver(&probe);
        sensor.init(&mut rig.bus).unwrap();
        sensor.set_resolution(&mut rig.bus, Bits9).unwrap();
        sensor.measure(&mut rig.bus).unwrap();
        probe.power_cycle();
        let changed = Err(Error::Device(Fault::ResolutionChanged { actual: Bits12 }));
        assert_eq!(sensor.measure(&mut rig.bus), changed);
        assert_eq!(sensor.measure(&mut rig.bus).unwrap().sixteenths(), -162);
    }
}

#[cfg(feature = "async")]
#[test]
fn dropped_parasite_conversion_leaves_a_wire_that_can_be_used() {
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    let clock = Clock::new();
    let wire = sim::Wire::new(&clock);
    let probe = wire.attach(sim::Ds18b20::new(7).with_parasite_power());
    let delay = clock.delay();
    delay.set_yields(true);
    let pullup = PullupPin {
        pin: wire.strong_pullup(),
        on: PinState::High,
    };
    let mut bus = Gpio::new(wire.pin(), delay).with_pullup(pullup);
    let mut sensor = ds18b20::asynch::Ds18b20::new(driver(&probe).rom().unwrap()).unwrap();
    sensor.set_supply(Supply::Parasite);
    let mut context = Context::from_waker(Waker::noop());
    {
        let mut conversion = pin!(sensor.convert(&mut bus, Completion::Wait));
        while !probe.with(|model| model.is_busy()) {
            assert_eq!(conversion.as_mut().poll(&mut context), Poll::Pending);
        }
    }
    bus.power_off().unwrap();
    assert_eq!(
        embassy_futures::block_on(sensor.measure(&mut bus))
            .unwrap()
            .sixteenths(),
        320
    );
}
