//! All devices at once.

use crate::*;

const ALL: [Act; 2] = [Reset, Write(&[0xCC, 0x44])];

fn reading_second(scratchpad: &'static [u8]) -> [Act; 4] {
    [Reset, Write(MATCH_SECOND), Write(&[0xBE]), Read(scratchpad)]
}

#[test]
fn all_convert_at_once_and_are_read_one_by_one() {
    let script = script(&[
        &ALL,
        &[Read(BUSY), Wait(750_000)],
        &reading(WARM),
        &reading_second(WARM_11),
    ]);
    let after = play(
        &Two,
        &script,
        &[
            Do::ConvertAll(Completion::Wait),
            Do::Read,
            Do::Switch(1),
            Do::Read,
        ],
    );
    assert_eq!(
        after.outcomes,
        [DONE, Ok(Got::Sixteenths(401)), Ok(Got::Sixteenths(400))]
    );
}

#[test]
fn all_take_as_long_as_the_slowest() {
    let learn = script(&[&reading(WARM_9), &reading_second(WARM_11)]);
    let script = script(&[&learn, &ALL, &[Read(BUSY), Wait(375_000), Read(IDLE)]]);
    let after = play(
        &Two,
        &script,
        &[
            Do::Scratchpad,
            Do::Switch(1),
            Do::Scratchpad,
            Do::ConvertAll(Completion::Wait),
        ],
    );
    assert_eq!(after.last(), DONE);
}

#[test]
fn all_can_be_polled() {
    let script = script(&[
        &ALL,
        &[Read(BUSY), Wait(1_000), Read(BUSY), Wait(1_000), Read(IDLE)],
    ]);
    assert_eq!(
        play(&Two, &script, &[Do::ConvertAll(Completion::Poll)]).last(),
        DONE
    );
}

#[test]
fn one_parasite_is_enough_to_power_all() {
    let learn = [Reset, Write(MATCH_SECOND), Write(&[0xB4]), ReadBit(false)].repeat(3);
    let all = [Reset, Write(&[0xCC]), WritePowered(0x44), Wait(750_000), PowerOff];
    let after = play(
        &Two,
        &script(&[&learn, &all]),
        &[Do::Switch(1), Do::ReadSupply, Do::ConvertAll(Completion::Poll)],
    );
    assert_eq!(after.last(), DONE);
}

#[test]
fn parasite_that_answers_for_all_is_remembered() {
    let ask = [Reset, Write(&[0xCC, 0xB4]), ReadBit(false)].repeat(3);
    let all = [Reset, Write(&[0xCC]), WritePowered(0x44), Wait(750_000), PowerOff];
    let after = play(
        &Two,
        &script(&[&ask, &all]),
        &[Do::ReadSupplyOfAll, Do::ConvertAll(Completion::Wait)],
    );
    assert_eq!(after.outcomes, [Ok(Got::Supply(Supply::Parasite)), DONE]);
}

#[test]
fn nobody_of_all_who_begins_is_a_fault_if_one_did_before() {
    let first = script(&[&converting(BUSY), &[Wait(750_000)]]);
    let deaf = script(&[&ALL, &[Read(IDLE)]]).repeat(4);
    let after = play(
        &Two,
        &script(&[&first, &deaf]),
        &[Do::Convert(Completion::Wait), Do::ConvertAll(Completion::Wait)],
    );
    assert_eq!(after.last(), device(Fault::NotStarted));
    assert_eq!((after.group.not_started, after.group.retries), (4, 3));
}

const fn starting_second(first_look: &'static [u8]) -> [Act; 4] {
    [Reset, Write(MATCH_SECOND), Write(&[0x44]), Read(first_look)]
}

#[test]
fn devices_that_are_started_one_by_one_each_show_that_they_have_begun() {
    let script = script(&[
        &converting(BUSY),
        &starting_second(IDLE),
        &starting_second(BUSY),
        &reading(WARM),
        &reading_second(WARM),
    ]);
    let after = play(
        &Two,
        &script,
        &[
            Do::Start,
            Do::Switch(1),
            Do::Start,
            Do::Switch(0),
            Do::Read,
            Do::Switch(1),
            Do::Read,
        ],
    );
    let (started, read) = (Ok(Got::Micros(750_000)), Ok(Got::Sixteenths(401)));
    assert_eq!(after.outcomes, [started, started, read, read]);
    assert_eq!(
        after.counters.iter().map(|it| it.not_started).collect::<Vec<_>>(),
        [0, 1]
    );
}

#[test]
fn device_of_9_bits_is_given_750_ms_if_it_is_not_asked_again() {
    let script = script(&[&reading(WARM_9), &converting(BUSY)]);
    let after = play(&EXTERNAL, &script, &[Do::Scratchpad, Do::Start]);
    assert_eq!(after.last(), Ok(Got::Micros(750_000)));
}

#[test]
fn parasite_is_not_started_beside_others() {
    let after = play(&PARASITE, &[], &[Do::Start]);
    assert_eq!(after.last(), wire(Wire::Unsupported));
}

#[test]
fn group_without_sensors_waits_750_ms() {
    struct Unknown;
    impl Sensors for Unknown {
        fn make<M: Mode>(&self) -> Vec<Ds18b20<M>> {
            Vec::new()
        }
    }
    use ds18b20::blocking::Group;
    let mut bus = bus::Bus::new(&script(&[&ALL, &[Read(BUSY), Wait(750_000)]]));
    assert_eq!(
        Group::new().convert(&mut bus, &Unknown.make(), Completion::Wait),
        Ok(())
    );
    bus.done();
}
