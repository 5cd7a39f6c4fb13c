//! No bytes, no widths and no waveform make the driver panic, hang, or return what was not measured.

mod common;

use common::{Wire, read_once};
use dht22::{Checksum, Error, Frame, Model, Reading};
use proptest::prelude::*;

const MODELS: [Model; 5] = [
    Model::Dht11,
    Model::Dht12,
    Model::Dht21,
    Model::Dht22,
    Model::Si7021,
];

/// What the data sheets allow, in milli-degrees, written down once more.
fn range(model: Model) -> core::ops::RangeInclusive<i32> {
    match model {
        Model::Dht11 | Model::Dht12 => -20_000..=60_000,
        Model::Dht21 | Model::Dht22 => -40_000..=80_000,
        _ => -40_000..=125_000,
    }
}

fn is_possible(reading: Reading, model: Model) -> bool {
    range(model).contains(&reading.temperature.get())
        && reading.humidity.get() <= 1000
        && reading.temperature.get() % 100 == 0
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

proptest! {
    #[test]
    fn any_frame_is_a_possible_reading_with_its_checksum_or_a_fault(
        bytes: [u8; 5], right: bool, model in prop::sample::select(&MODELS),
    ) {
        let mut bytes = bytes;
        if right {
            bytes[4] = sum(&bytes[..4]);
        }
        if let Ok(reading) = Frame::new(bytes).decode(model, Checksum::Full) {
            prop_assert!(is_possible(reading, model));
            prop_assert_eq!(sum(&bytes[..4]), bytes[4]);
            prop_assert_ne!(bytes, [0; 5]);
        }
    }

    #[test]
    fn every_temperature_and_humidity_in_range_survives_all_encodings(
        tenths in -400..=800_i16, permille in 21..=1000_u16,
    ) {
        let [a, b] = permille.to_be_bytes();
        let magnitude = tenths.unsigned_abs();
        let complement = tenths.cast_unsigned();
        let sign = if tenths < 0 { 0x8000 } else { 0 };
        for raw in [magnitude | sign, complement, complement & 0x0FFF] {
            let [c, d] = raw.to_be_bytes();
            let frame = Frame::new([a, b, c, d, sum(&[a, b, c, d])]);
            let reading = frame.decode(Model::Dht22, Checksum::Full).unwrap();
            prop_assert_eq!(reading.temperature.get(), i32::from(tenths) * 100);
            prop_assert_eq!(reading.humidity.get(), permille);
        }
    }

    #[test]
    fn one_wrong_bit_never_passes(bytes: [u8; 4], bit in 0..40_usize, model in prop::sample::select(&MODELS)) {
        let [a, b, c, d] = bytes;
        let mut frame = [a, b, c, d, sum(&bytes)];
        frame[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(Frame::new(frame).decode(model, Checksum::Full).is_err());
    }

    #[test]
    fn any_widths_are_a_frame_or_a_fault(pulses in prop::collection::vec(any::<(u32, u32)>(), 0..64)) {
        let _: Result<Frame, _> = Frame::from_pulses(&pulses);
    }

    #[test]
    fn widths_of_any_sensor_in_any_unit_are_its_frame(
        bytes: [u8; 5], low in 100..=200_u32, unit in 1..=1000_u32, response: bool,
    ) {
        let mut pulses = vec![(low * 2 * unit, low * 2 * unit); usize::from(response)];
        for bit in 0..40 {
            let one = bytes[bit / 8] & 0x80 >> (bit % 8) != 0;
            pulses.push((low * unit, if one { low * 7 / 5 } else { low / 2 } * unit));
        }
        prop_assert_eq!(Frame::from_pulses(&pulses), Ok(Frame::new(bytes)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_waveform_ends_in_bounded_time_with_a_possible_reading_or_a_fault(
        wave in prop::collection::vec(0..200_000_u64, 0..100),
        poll in 50..=5_000_u64,
        call in 0..4_000_usize,
        model in prop::sample::select(&MODELS),
    ) {
        let result = read_once(model, || Wire::new([wave.clone()]).poll_cost(poll).fail_at(call));
        match result {
            Ok(reading) => prop_assert!(is_possible(reading, model)),
            Err(Error::Pin(_)) => prop_assert!(call > 0),
            Err(Error::Device(_)) => {}
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn any_waveform_is_given_up_within_50_ms_on_any_processor(
        wave in prop::collection::vec(0..200_000_u64, 0..100), poll in 50..=5_000_u64,
    ) {
        common::with_both(Model::Dht22, || Wire::new([wave.clone()]).poll_cost(poll), |mut driver, wire| {
            driver.read(2_000).ok();
            assert!(wire.now() <= 50_000_000, "{} ns", wire.now());
        });
    }
}
