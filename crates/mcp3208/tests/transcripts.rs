//! What goes over the bus, byte by byte.

mod common;

use common::{Front, with_both};
use embedded_hal_mock::eh1::spi::{Mock, Transaction};
use mcp3208::{
    Check, Config, Error, Fault, Input, Mcp3004, Mcp3008, Mcp3204, Mcp3208, Oversampling, Pair, Part,
};

/// One conversion: what is sent and what comes back.
type Conversion<'a> = (&'a [u8], &'a [u8]);

const PLAIN: Config = Config {
    check: Check::NullBit,
    pull_up: mcp3208::PullUp::Unknown,
};
const REPEATED: Config = Config {
    check: Check::Repetition,
    ..PLAIN
};

/// Runs a test with both front ends; the bus must have seen exactly these conversions, each with a chip select.
fn on_bus<P: Part>(config: Config, conversions: &[Conversion<'_>], test: impl Fn(&mut Front<Mock<u8>, P>)) {
    let transactions = conversions.iter().flat_map(|(sent, received)| {
        [
            Transaction::transaction_start(),
            Transaction::transfer_in_place(sent.to_vec(), received.to_vec()),
            Transaction::transaction_end(),
        ]
    });
    let transactions: Vec<_> = transactions.collect();
    with_both(
        config,
        || (Mock::new(&transactions), ()),
        |mut adc, ()| {
            test(&mut adc);
            adc.release().done();
        },
    );
}

fn numbers(codes: impl AsRef<[mcp3208::Code]>) -> Vec<u16> {
    codes.as_ref().iter().map(|code| code.get()).collect()
}

#[test]
fn conversion_is_three_bytes_in_one_transaction() {
    on_bus::<Mcp3208>(PLAIN, &[(&[0x06, 0xC0, 0x00], &[0xFF, 0xE8, 0x01])], |adc| {
        let code = adc.read(Input::CH3).unwrap();
        assert_eq!((code.get(), code.bits()), (0x801, 12));
    });
}

#[test]
fn ten_bit_conversion_is_three_bytes_in_one_transaction() {
    on_bus::<Mcp3008>(PLAIN, &[(&[0x01, 0xF0, 0x00], &[0xFF, 0xFA, 0x01])], |adc| {
        let code = adc.read(Input::CH7).unwrap();
        assert_eq!((code.get(), code.bits()), (0x201, 10));
    });
}

#[test]
fn verified_conversion_is_four_bytes() {
    on_bus::<Mcp3204>(
        REPEATED,
        &[(&[0xD2, 0, 0, 0], &[0xFD, 0x4A, 0x72, 0x94])],
        |adc| {
            assert_eq!(adc.read(Input::CH2).unwrap().get(), 0xA53);
        },
    );
}

#[test]
fn disturbed_repetition_is_a_fault() {
    on_bus::<Mcp3004>(
        REPEATED,
        &[(&[0xD2, 0, 0, 0], &[0xFD, 0x52, 0xA4, 0x40])],
        |adc| {
            let fault = Fault::Repetition(0xFD52_A440);
            assert_eq!(adc.read(Input::CH2), Err(Error::Device(fault)));
        },
    );
}

#[test]
fn all_eight_channels_are_converted_in_order() {
    let conversions: &[Conversion<'_>] = &[
        (&[0x06, 0x00, 0x00], &[0, 0x00, 0x01]),
        (&[0x06, 0x40, 0x00], &[0, 0x00, 0x02]),
        (&[0x06, 0x80, 0x00], &[0, 0x00, 0x03]),
        (&[0x06, 0xC0, 0x00], &[0, 0x00, 0x04]),
        (&[0x07, 0x00, 0x00], &[0, 0x00, 0x05]),
        (&[0x07, 0x40, 0x00], &[0, 0x00, 0x06]),
        (&[0x07, 0x80, 0x00], &[0, 0x00, 0x07]),
        (&[0x07, 0xC0, 0x00], &[0, 0x0F, 0xFF]),
    ];
    on_bus::<Mcp3208>(PLAIN, conversions, |adc| {
        assert_eq!(numbers(adc.read_all().unwrap()), [1, 2, 3, 4, 5, 6, 7, 4_095]);
    });
}

#[test]
fn all_four_channels_are_converted_in_order() {
    let conversions: &[Conversion<'_>] = &[
        (&[0x01, 0x80, 0x00], &[0, 0x00, 0x01]),
        (&[0x01, 0x90, 0x00], &[0, 0x00, 0x02]),
        (&[0x01, 0xA0, 0x00], &[0, 0x00, 0x03]),
        (&[0x01, 0xB0, 0x00], &[0, 0x03, 0xFF]),
    ];
    on_bus::<Mcp3004>(PLAIN, conversions, |adc| {
        assert_eq!(numbers(adc.read_all().unwrap()), [1, 2, 3, 1_023]);
    });
}

#[test]
fn list_is_converted_in_its_order() {
    let conversions: &[Conversion<'_>] = &[
        (&[0x07, 0x40, 0x00], &[0, 0x01, 0x00]),
        (&[0x06, 0x00, 0x00], &[0, 0x02, 0x00]),
        (&[0x04, 0x80, 0x00], &[0, 0x03, 0x00]),
    ];
    on_bus::<Mcp3208>(PLAIN, conversions, |adc| {
        let inputs = [Input::CH5, Input::CH0, Pair::CH2_CH3.even_minus_odd()];
        assert_eq!(numbers(adc.read_list(inputs).unwrap()), [0x100, 0x200, 0x300]);
    });
}

#[test]
fn scan_ends_at_the_first_fault() {
    let conversions: &[Conversion<'_>] = &[
        (&[0x06, 0x00, 0x00], &[0, 0x00, 0x01]),
        (&[0x06, 0x40, 0x00], &[0, 0x10, 0x02]),
    ];
    on_bus::<Mcp3208>(PLAIN, conversions, |adc| {
        assert_eq!(adc.read_all(), Err(Error::Device(Fault::NullBit(0x1002))));
    });
}

#[test]
fn delta_is_measured_in_both_directions() {
    let conversions: &[Conversion<'_>] = &[
        (&[0x04, 0x80, 0x00], &[0, 0x00, 0x02]),
        (&[0x04, 0xC0, 0x00], &[0, 0x01, 0x2C]),
    ];
    on_bus::<Mcp3208>(PLAIN, conversions, |adc| {
        let delta = adc.read_delta(Pair::CH2_CH3).unwrap();
        assert_eq!((delta.get(), delta.bits()), (-298, 12));
    });
}

#[test]
fn oversampling_gains_a_bit_from_four_conversions() {
    let conversions: &[Conversion<'_>] = &[
        (&[0x06, 0x40, 0x00], &[0, 0x08, 0x00]),
        (&[0x06, 0x40, 0x00], &[0, 0x08, 0x01]),
        (&[0x06, 0x40, 0x00], &[0, 0x08, 0x01]),
        (&[0x06, 0x40, 0x00], &[0, 0x08, 0x00]),
    ];
    on_bus::<Mcp3208>(PLAIN, conversions, |adc| {
        let code = adc.read_oversampled(Input::CH1, Oversampling::X4).unwrap();
        assert_eq!((code.get(), code.bits()), (4_097, 13));
    });
}

#[test]
fn mean_keeps_the_bits() {
    let conversions: &[Conversion<'_>] = &[
        (&[0x06, 0x00, 0x00], &[0, 0x00, 0x0A]),
        (&[0x06, 0x00, 0x00], &[0, 0x00, 0x0A]),
        (&[0x06, 0x00, 0x00], &[0, 0x00, 0x0E]),
    ];
    on_bus::<Mcp3208>(PLAIN, conversions, |adc| {
        let code = adc.read_mean(Input::CH0, 3).unwrap();
        assert_eq!((code.get(), code.bits()), (11, 12));
    });
}

#[test]
fn median_drops_a_spike() {
    let conversions: &[Conversion<'_>] = &[
        (&[0x06, 0x00, 0x00], &[0, 0x00, 0x0A]),
        (&[0x06, 0x00, 0x00], &[0, 0x0F, 0xFF]),
        (&[0x06, 0x00, 0x00], &[0, 0x00, 0x0B]),
    ];
    on_bus::<Mcp3208>(PLAIN, conversions, |adc| {
        let code = adc.read_median::<3>(Input::CH0).unwrap();
        assert_eq!((code.get(), code.bits()), (11, 12));
    });
}

#[test]
fn nothing_is_sent_before_the_first_read() {
    on_bus::<Mcp3208>(PLAIN, &[], |_| {});
}
