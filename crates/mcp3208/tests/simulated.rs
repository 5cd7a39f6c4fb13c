//! Against the model of the converters on a simulated bus.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in test functions, but not in the helpers beside them"
)]

mod common;

use common::{Front, with_both};
use mcp3208::quantity::Microvolts;
use mcp3208::{
    Check, Code, Config, Error, Fault, Input, Mcp3004, Mcp3008, Mcp3204, Mcp3208, Oversampling, Pair, Part,
    PullUp,
};
use sim::{Clock, McpKind, MisoIdle, MisoShort, SpiAttached, SpiBus, SpiDevice, SpiError};

type Adc<P> = Front<SpiDevice, P>;
type Model = SpiAttached<sim::Mcp3208>;

const CONFIGS: [Config; 4] = [
    config(Check::NullBit, PullUp::Unknown),
    config(Check::NullBit, PullUp::Present),
    config(Check::Repetition, PullUp::Unknown),
    config(Check::Repetition, PullUp::Present),
];

const fn config(check: Check, pull_up: PullUp) -> Config {
    Config { check, pull_up }
}

/// Runs a test with both front ends, on a converter with code 1 on channel 0, 2 on channel 1 and so on.
fn on_model<P: Part>(kind: McpKind, config: Config, test: impl Fn(&mut Adc<P>, &SpiBus, &Model)) {
    let bus = || {
        let bus = SpiBus::new(&Clock::new());
        let mut adc = sim::Mcp3208::new(kind);
        for channel in 0..kind.channels() {
            adc.set_code(channel, u16::from(channel) + 1);
        }
        let model = bus.attach(adc);
        (model.device(), (bus, model))
    };
    with_both(config, bus, |mut adc, (bus, model)| {
        test(&mut adc, &bus, &model);
        assert_eq!(model.with(|adc| adc.violations().to_vec()), []);
    });
}

fn every_code_of_every_channel<P: Part>(kind: McpKind, codes: u16) {
    for config in CONFIGS {
        on_model::<P>(kind, config, |adc, _, model| {
            for code in 0..codes {
                // Another code on each channel, so that no channel can stand in for another.
                let on = |channel: u8| (code + u16::from(channel) * 97) % codes;
                model.with(|adc| (0..kind.channels()).for_each(|channel| adc.set_code(channel, on(channel))));
                let read = adc.read_all().unwrap();
                let expected: Vec<u16> = (0..kind.channels()).map(on).collect();
                let read: Vec<u16> = read.as_ref().iter().map(|code| code.get()).collect();
                assert_eq!(read, expected);
            }
        });
    }
}

#[test]
fn every_code_of_every_channel_of_an_mcp3208_is_exact() {
    every_code_of_every_channel::<Mcp3208>(McpKind::Mcp3208, 4_096);
}

#[test]
fn every_code_of_every_channel_of_an_mcp3204_is_exact() {
    every_code_of_every_channel::<Mcp3204>(McpKind::Mcp3204, 4_096);
}

#[test]
fn every_code_of_every_channel_of_an_mcp3008_is_exact() {
    every_code_of_every_channel::<Mcp3008>(McpKind::Mcp3008, 1_024);
}

#[test]
fn every_code_of_every_channel_of_an_mcp3004_is_exact() {
    every_code_of_every_channel::<Mcp3004>(McpKind::Mcp3004, 1_024);
}

#[test]
fn voltage_on_an_input_is_read() {
    on_model::<Mcp3208>(McpKind::Mcp3208, Config::default(), |adc, _, model| {
        model.with(|adc| adc.set_microvolts(6, 2_500_000));
        let code = adc.read(Input::CH6).unwrap();
        // 2.5 V is 3103.03 steps of 3.3 V.
        assert_eq!(code.get(), 3_103);
        assert_eq!(
            code.microvolts(Microvolts::new(3_300_000)),
            Microvolts::new(2_499_976)
        );
    });
}

#[test]
fn delta_has_both_signs() {
    on_model::<Mcp3008>(McpKind::Mcp3008, Config::default(), |adc, _, model| {
        for (even, odd, delta) in [
            (900, 200, 700),
            (200, 900, -700),
            (1_023, 0, 1_023),
            (0, 1_023, -1_023),
            (5, 5, 0),
        ] {
            model.with(|adc| {
                // A reference of 1.024 V makes a code a millivolt.
                *adc = adc.clone().with_reference(1_024_000);
                adc.set_microvolts(4, even * 1_000);
                adc.set_microvolts(5, odd * 1_000);
            });
            assert_eq!(adc.read_delta(Pair::CH4_CH5).unwrap().get(), delta);
        }
    });
}

fn both_ways_fail(idle: MisoIdle, config: Config, fault: Fault) {
    on_model::<Mcp3208>(McpKind::Mcp3208, config, |adc, bus, model| {
        model.unplug();
        bus.set_idle(idle);
        assert_eq!(adc.read(Input::CH7), Err(Error::Device(fault)));
        assert_eq!(adc.read_delta(Pair::CH0_CH1), Err(Error::Device(fault)));
        model.plug();
        bus.set_idle(MisoIdle::PulledUp);
        assert_eq!(adc.read(Input::CH7).map(Code::get), Ok(8));
    });
}

#[test]
fn unplugged_converter_is_nobody_if_the_line_is_pulled_up() {
    for config in CONFIGS {
        both_ways_fail(MisoIdle::PulledUp, config, Fault::NoAnswer);
    }
}

#[test]
fn unplugged_converter_is_noticed_by_the_pull_up_if_the_line_is_low() {
    for check in [Check::NullBit, Check::Repetition] {
        both_ways_fail(
            MisoIdle::PulledDown,
            config(check, PullUp::Present),
            Fault::HeldLow,
        );
    }
}

#[test]
fn line_that_follows_mosi_is_not_a_code() {
    let fault = Fault::NullBit(0xFA00_0000);
    let repeated = config(Check::Repetition, PullUp::Unknown);
    on_model::<Mcp3208>(McpKind::Mcp3208, repeated, |adc, bus, model| {
        model.unplug();
        bus.set_idle(MisoIdle::Crosstalk);
        assert_eq!(adc.read(Input::CH7), Err(Error::Device(fault)));
    });
}

fn shorted(short: MisoShort, config: Config) -> Vec<Result<Code, Error<SpiError>>> {
    let results = std::cell::RefCell::new(Vec::new());
    on_model::<Mcp3208>(McpKind::Mcp3208, config, |adc, bus, _| {
        bus.set_short(Some(short));
        results
            .borrow_mut()
            .extend((0..8).map(|channel| adc.read(Input::single(channel).unwrap())));
        bus.set_short(None);
        assert_eq!(adc.read(Input::CH7).map(Code::get), Ok(8));
    });
    results.into_inner()
}

#[test]
fn short_to_the_supply_is_an_error() {
    for config in CONFIGS {
        for result in shorted(MisoShort::High, config) {
            assert_eq!(result, Err(Error::Device(Fault::NoAnswer)));
        }
    }
}

#[test]
fn short_to_ground_is_an_error_with_a_pull_up() {
    for check in [Check::NullBit, Check::Repetition] {
        for result in shorted(MisoShort::Low, config(check, PullUp::Present)) {
            assert_eq!(result, Err(Error::Device(Fault::HeldLow)));
        }
    }
}

#[test]
fn short_to_mosi_is_an_error_with_repetition_or_a_pull_up() {
    for result in shorted(MisoShort::Mosi, config(Check::Repetition, PullUp::Unknown)) {
        assert!(
            matches!(result, Err(Error::Device(Fault::NullBit(_)))),
            "{result:?}"
        );
    }
    for result in shorted(MisoShort::Mosi, config(Check::NullBit, PullUp::Present)) {
        assert_eq!(result, Err(Error::Device(Fault::HeldLow)));
    }
}

/// The bits of a verified answer that may be wrong, counted in the order of the bus, and still give a code.
fn unnoticed<P: Part>(kind: McpKind, code: u16) -> Vec<u64> {
    let unnoticed = std::cell::RefCell::new(Vec::new());
    let strict = config(Check::Repetition, PullUp::Present);
    on_model::<P>(kind, strict, |adc, bus, model| {
        model.with(|adc| adc.set_code(0, code));
        let mut passed = unnoticed.borrow_mut();
        passed.clear();
        for bit in 0..32 {
            bus.flip_bit(bit);
            if let Ok(read) = adc.read(Input::CH0) {
                // No worse than the lowest bit of the code.
                assert!(read.get().abs_diff(code) <= 1);
                passed.push(bit);
            }
            assert_eq!(adc.read(Input::CH0).map(Code::get), Ok(code));
        }
    });
    unnoticed.into_inner()
}

#[test]
fn flipped_bit_is_an_error_but_for_the_lowest() {
    // The first five are before the bit that the pull-up holds; the converter does not repeat the lowest one.
    for code in [0x000, 0xFFF, 0xA53, 0x800, 0x001] {
        assert_eq!(
            unnoticed::<Mcp3208>(McpKind::Mcp3208, code),
            [0, 1, 2, 3, 4, 18],
            "{code:#x}"
        );
    }
    for code in [0x000, 0x3FF, 0x2A5] {
        assert_eq!(
            unnoticed::<Mcp3008>(McpKind::Mcp3008, code),
            [0, 1, 2, 3, 4, 16],
            "{code:#x}"
        );
    }
}

#[test]
fn noise_is_an_error_or_no_worse_than_the_lowest_bit() {
    let strict = config(Check::Repetition, PullUp::Present);
    on_model::<Mcp3208>(McpKind::Mcp3208, strict, |adc, bus, model| {
        model.with(|adc| adc.set_code(0, 0x5A5));
        // One bit in a thousand: two of them rarely fall on the same bit of the code and of its repetition.
        bus.set_noise(3, 1_000);
        let results: Vec<_> = (0..5_000).map(|_| adc.read(Input::CH0).map(Code::get)).collect();
        let wrong = results.iter().filter(|result| result.is_err()).count();
        assert!((50..=300).contains(&wrong), "{wrong}");
        for code in results.into_iter().flatten() {
            assert!(code.abs_diff(0x5A5) <= 1, "{code:#x}");
        }
    });
}

#[test]
fn broken_off_transfer_is_followed_by_a_byte_of_zeros_and_a_good_conversion() {
    on_model::<Mcp3208>(McpKind::Mcp3208, Config::default(), |adc, bus, model| {
        for after in 0..3 {
            bus.break_off(after);
            assert_eq!(adc.read(Input::CH5), Err(Error::Bus(SpiError::Overrun)));
            assert!(!model.is_selected());
            bus.take_sent();
            assert_eq!(adc.read(Input::CH5).map(Code::get), Ok(6));
            assert_eq!(bus.take_sent(), [0x00, 0x07, 0x40, 0x00]);
            assert_eq!(adc.read(Input::CH5).map(Code::get), Ok(6));
            assert_eq!(bus.take_sent(), [0x07, 0x40, 0x00]);
        }
    });
}

#[test]
fn byte_of_zeros_is_repeated_until_it_gets_through() {
    on_model::<Mcp3208>(McpKind::Mcp3208, Config::default(), |adc, bus, _| {
        bus.break_off(1);
        assert_eq!(adc.read(Input::CH5), Err(Error::Bus(SpiError::Overrun)));
        bus.break_off(0);
        assert_eq!(adc.read(Input::CH5), Err(Error::Bus(SpiError::Overrun)));
        bus.take_sent();
        assert_eq!(adc.read(Input::CH5).map(Code::get), Ok(6));
        assert_eq!(bus.take_sent(), [0x00, 0x07, 0x40, 0x00]);
    });
}

#[test]
fn oversampling_of_a_noisy_input_finds_the_bits_between_the_codes() {
    on_model::<Mcp3208>(McpKind::Mcp3208, Config::default(), |adc, _, model| {
        model.with(|adc| {
            *adc = adc.clone().with_reference(4_096_000);
            adc.set_microvolts(2, 1_000_000);
            adc.set_noise(11, 4);
        });
        let code = adc.read_oversampled(Input::CH2, Oversampling::X256).unwrap();
        assert_eq!(code.bits(), 16);
        // 1000 codes of 12 bits are 16000 of 16 bits; the mean of 256 strays by less than half a code of 12.
        assert!(code.get().abs_diff(16_000) <= 8, "{code:?}");
        assert_eq!(model.with(|adc| adc.conversions()), 256);
    });
}

#[test]
fn mean_and_median_of_a_noisy_input_are_near_it() {
    on_model::<Mcp3208>(McpKind::Mcp3208, Config::default(), |adc, _, model| {
        model.with(|adc| {
            adc.set_code(2, 1_000);
            adc.set_noise(12, 4);
        });
        assert!(adc.read_mean(Input::CH2, 100).unwrap().get().abs_diff(1_000) <= 1);
        assert!(adc.read_median::<31>(Input::CH2).unwrap().get().abs_diff(1_000) <= 1);
        assert_eq!(model.with(|adc| adc.conversions()), 131);
    });
}

#[test]
fn two_converters_share_a_bus() {
    let bus = SpiBus::new(&Clock::new());
    let first = bus.attach(sim::Mcp3208::new(McpKind::Mcp3208).with_microvolts(0, 1_650_000));
    let second = bus.attach(sim::Mcp3208::new(McpKind::Mcp3008).with_microvolts(0, 825_000));
    let mut first = mcp3208::blocking::Mcp3208::new(first.device(), Config::default());
    let mut second = mcp3208::blocking::Mcp3008::new(second.device(), Config::default());
    assert_eq!(first.read(Input::CH0).map(Code::get), Ok(2_048));
    assert_eq!(second.read(Input::CH0).map(Code::get), Ok(256));
}

/// A bus and a pin, put together by embedded-hal-bus.
mod exclusive {
    use super::*;
    use embedded_hal_bus::spi::{DeviceError, ExclusiveDevice, NoDelay};

    type Device = ExclusiveDevice<SpiBus, sim::SelectPin, NoDelay>;

    fn device() -> (SpiBus, Model, Device) {
        let bus = SpiBus::new(&Clock::new());
        let mut adc = sim::Mcp3208::new(McpKind::Mcp3208);
        adc.set_code(5, 6);
        let model = bus.attach(adc);
        let Ok(device) = ExclusiveDevice::new_no_delay(bus.handle(), model.select_pin()) else {
            panic!("the pin works");
        };
        (bus, model, device)
    }

    #[test]
    fn bus_error_leaves_the_chip_select_high() {
        let (bus, model, device) = device();
        let mut adc = mcp3208::blocking::Mcp3208::new(device, Config::default());
        bus.break_off(1);
        let error = DeviceError::Spi(SpiError::Overrun);
        assert_eq!(adc.read(Input::CH5), Err(Error::Bus(error)));
        assert!(!model.is_selected());
        assert_eq!(adc.read(Input::CH5).map(Code::get), Ok(6));
    }

    #[test]
    fn chip_select_that_stuck_low_is_raised_before_the_next_conversion() {
        let (bus, model, device) = device();
        let mut adc = mcp3208::blocking::Mcp3208::new(device, Config::default());
        assert_eq!(adc.read(Input::CH5).map(Code::get), Ok(6));
        // The pin fails, and is left low.
        embedded_hal::digital::OutputPin::set_low(&mut model.select_pin()).unwrap();
        bus.fail_select(true);
        assert!(matches!(
            adc.read(Input::CH5),
            Err(Error::Bus(DeviceError::Cs(_)))
        ));
        assert!(model.is_selected());
        bus.fail_select(false);
        assert_eq!(adc.read(Input::CH5).map(Code::get), Ok(6));
        assert!(!model.is_selected());
    }

    #[cfg(feature = "async")]
    #[test]
    fn dropped_future_does_not_spoil_the_next_conversion() {
        use core::task::{Context, Waker};
        let (bus, model, device) = device();
        let mut adc = mcp3208::asynch::Mcp3208::new(device, Config::default());
        bus.set_yields(true);
        {
            let mut future = core::pin::pin!(adc.read(Input::CH5));
            assert!(
                future
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
        }
        assert!(model.is_selected());
        bus.set_yields(false);
        assert_eq!(
            embassy_futures::block_on(adc.read(Input::CH5)).map(Code::get),
            Ok(6)
        );
        assert_eq!(bus.take_sent(), [0x00, 0x07, 0x40, 0x00]);
        assert!(!model.is_selected());
    }
}
