//! What holds for whatever the bus brings.

use mcp3208::quantity::Microvolts;
use mcp3208::{Check, Code, Config, Frame, Input, Mcp3004, Mcp3208, Part, PullUp};
use proptest::prelude::*;

fn configs() -> impl Strategy<Value = Config> {
    let check = prop_oneof![Just(Check::NullBit), Just(Check::Repetition)];
    let pull_up = prop_oneof![Just(PullUp::Unknown), Just(PullUp::Present)];
    (check, pull_up).prop_map(|(check, pull_up)| Config { check, pull_up })
}

fn decode<P: Part>(bytes: [u8; 4], config: Config) -> Option<Code> {
    let mut frame = Frame::<P>::new(Input::CH0, config);
    let received = frame.bytes_mut();
    let bytes = bytes.into_iter().skip(4 - received.len());
    received.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    frame.decode().ok()
}

proptest! {
    #[test]
    fn any_bytes_are_a_code_that_fits_or_a_fault(bytes: [u8; 4], config in configs()) {
        if let Some(code) = decode::<Mcp3208>(bytes, config) {
            prop_assert!(code.get() < 4_096);
        }
        if let Some(code) = decode::<Mcp3004>(bytes, config) {
            prop_assert!(code.get() < 1_024);
        }
    }

    #[test]
    fn voltage_is_between_nothing_and_the_reference(value: u16, reference: i32) {
        let code = Code::new(value, 16).expect("16 bits are allowed");
        let reference = Microvolts::new(reference);
        let voltage = i64::from(code.microvolts(reference).get());
        let reference = i64::from(reference.get());
        prop_assert!(voltage.abs() <= reference.abs() && voltage * reference >= 0);
        // Exact but for half a microvolt.
        prop_assert!((voltage * 65_536 - i64::from(value) * reference).abs() <= 32_768);
    }
}
