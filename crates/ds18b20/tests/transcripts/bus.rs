//! A 1-Wire bus that follows a script, bit by bit and wait by wait, and a helper that plays one script to the
//! blocking, the async and the polled front end.

#[cfg(feature = "async")]
use ds18b20::asynch;
use ds18b20::fugit::MicrosDurationU32;
use ds18b20::mode::{Async, Blocking, Ds18b20, Group};
#[cfg(feature = "nb")]
use ds18b20::nonblocking;
use ds18b20::{Alarms, Completion, Counters, Error, Family, Fault, Resolution, Supply, blocking};
use one_wire::{Fault as Wire, Rom, Speed};
use std::collections::VecDeque;

/// Error of the scripted bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// What happens on the wire, in the words of the data sheet's transaction tables.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Reset, answered by a presence pulse.
    Reset,
    /// Reset that fails on the wire.
    ResetFails(Wire),
    /// Bytes from the host, least significant bit first.
    Write(&'static [u8]),
    /// Bytes from the device, least significant bit first.
    Read(&'static [u8]),
    /// One bit from the device.
    ReadBit(bool),
    /// Microseconds.
    Wait(u32),
    /// A byte from the host with the strong pull-up after it.
    WritePowered(u8),
    /// The same, on a bus that has no strong pull-up.
    WritePoweredFails(Wire),
    /// The strong pull-up ends.
    PowerOff,
    /// The bus itself fails, whatever is asked of it.
    Breaks,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Slot {
    Reset(Option<Wire>),
    Write(bool),
    Read(bool),
    Wait(u32),
    WritePowered(u8, Option<Wire>),
    PowerOff,
    Breaks,
}

type Result<T> = core::result::Result<T, one_wire::Error<Broken>>;

/// The scripted bus.
#[derive(Debug)]
pub(crate) struct Bus {
    slots: VecDeque<Slot>,
}

impl Bus {
    pub(crate) fn new(script: &[Act]) -> Self {
        let bits = |bytes: &'static [u8]| {
            bytes
                .iter()
                .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1))
        };
        let mut slots = VecDeque::new();
        for act in script {
            match *act {
                Act::Reset => slots.push_back(Slot::Reset(None)),
                Act::ResetFails(fault) => slots.push_back(Slot::Reset(Some(fault))),
                Act::Write(bytes) => slots.extend(bits(bytes).map(Slot::Write)),
                Act::Read(bytes) => slots.extend(bits(bytes).map(Slot::Read)),
                Act::ReadBit(bit) => slots.push_back(Slot::Read(bit)),
                Act::Wait(micros) => slots.push_back(Slot::Wait(micros)),
                Act::WritePowered(byte) => slots.push_back(Slot::WritePowered(byte, None)),
                Act::WritePoweredFails(fault) => slots.push_back(Slot::WritePowered(0, Some(fault))),
                Act::PowerOff => slots.push_back(Slot::PowerOff),
                Act::Breaks => slots.push_back(Slot::Breaks),
            }
        }
        Self { slots }
    }

    /// Checks that the whole script has been played.
    pub(crate) fn done(&self) {
        assert!(self.slots.is_empty(), "not played: {:?}", self.slots);
    }

    /// The wait that comes next in the script, if it is one.
    #[cfg(feature = "nb")]
    fn next_wait(&self) -> Option<u32> {
        match self.slots.front() {
            Some(Slot::Wait(micros)) => Some(*micros),
            _ => None,
        }
    }

    fn next(&mut self) -> Result<Slot> {
        match self.slots.pop_front() {
            Some(Slot::Breaks) => Err(one_wire::Error::Bus(Broken)),
            Some(slot) => Ok(slot),
            None => panic!("the script is over"),
        }
    }

    fn reset(&mut self) -> Result<()> {
        match self.next()? {
            Slot::Reset(None) => Ok(()),
            Slot::Reset(Some(fault)) => Err(fault.into()),
            other => panic!("reset instead of {other:?}"),
        }
    }

    fn write_bit(&mut self, bit: bool) -> Result<()> {
        assert_eq!(
            self.next()?,
            Slot::Write(bit),
            "wrote {bit}; left: {:?}",
            self.slots
        );
        Ok(())
    }

    fn read_bit(&mut self) -> Result<bool> {
        match self.next()? {
            Slot::Read(bit) => Ok(bit),
            other => panic!("read slot instead of {other:?}"),
        }
    }

    fn wait(&mut self, time: MicrosDurationU32) {
        assert_eq!(self.next(), Ok(Slot::Wait(time.as_micros())));
    }

    fn write_byte_powered(&mut self, byte: u8) -> Result<()> {
        match self.next()? {
            Slot::WritePowered(expected, None) if expected == byte => Ok(()),
            Slot::WritePowered(_, Some(fault)) => Err(fault.into()),
            other => panic!("powered write of {byte:02x} instead of {other:?}"),
        }
    }

    fn power_off(&mut self) -> Result<()> {
        assert_eq!(self.next()?, Slot::PowerOff);
        Ok(())
    }
}

impl one_wire::blocking::OneWire for Bus {
    type Error = Broken;

    fn reset(&mut self) -> Result<()> {
        self.reset()
    }
    fn write_bit(&mut self, bit: bool) -> Result<()> {
        self.write_bit(bit)
    }
    fn read_bit(&mut self) -> Result<bool> {
        self.read_bit()
    }
    fn wait(&mut self, time: MicrosDurationU32) {
        self.wait(time);
    }
    fn set_speed(&mut self, _: Speed) -> Result<()> {
        Ok(())
    }
    fn write_byte_powered(&mut self, byte: u8) -> Result<()> {
        self.write_byte_powered(byte)
    }
    fn power_off(&mut self) -> Result<()> {
        self.power_off()
    }
}

#[cfg(feature = "async")]
impl one_wire::asynch::OneWire for Bus {
    type Error = Broken;

    async fn reset(&mut self) -> Result<()> {
        self.reset()
    }
    async fn write_bit(&mut self, bit: bool) -> Result<()> {
        self.write_bit(bit)
    }
    async fn read_bit(&mut self) -> Result<bool> {
        self.read_bit()
    }
    async fn wait(&mut self, time: MicrosDurationU32) {
        self.wait(time);
    }
    async fn set_speed(&mut self, _: Speed) -> Result<()> {
        Ok(())
    }
    async fn write_byte_powered(&mut self, byte: u8) -> Result<()> {
        self.write_byte_powered(byte)
    }
    async fn power_off(&mut self) -> Result<()> {
        self.power_off()
    }
}

/// What to ask of a front end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Do {
    /// Goes on with this sensor; the first at the beginning.
    Switch(usize),
    Init,
    Start,
    Convert(Completion),
    Read,
    Measure,
    Scratchpad,
    SetResolution(Resolution),
    SetAlarms(Alarms),
    SetUserBytes([u8; 2]),
    CopyScratchpad,
    RecallEeprom,
    ReadSupply,
    ConvertAll(Completion),
    ReadSupplyOfAll,
}

/// What it answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Got {
    Nothing,
    Micros(u32),
    Sixteenths(i16),
    Scratchpad([u8; 9]),
    Supply(Supply),
}

pub(crate) type Outcome = core::result::Result<Got, Error<Broken>>;

/// What is the same after a script, whatever the front end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct After {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) counters: Vec<Counters>,
    pub(crate) group: Counters,
    pub(crate) resolutions: Vec<Resolution>,
    pub(crate) supplies: Vec<Supply>,
}

impl After {
    fn new<M>(outcomes: Vec<Outcome>, sensors: &[Ds18b20<M>], group: &Group<M>) -> Self {
        Self {
            outcomes,
            counters: sensors.iter().map(Ds18b20::counters).collect(),
            group: group.counters(),
            resolutions: sensors.iter().map(Ds18b20::resolution).collect(),
            supplies: sensors.iter().map(Ds18b20::supply).collect(),
        }
    }

    /// The last outcome.
    pub(crate) fn last(&self) -> Outcome {
        *self.outcomes.last().expect("something was done")
    }
}

/// A front end, whose constructors are its own.
pub(crate) trait Mode: Sized {
    fn addressed(rom: Rom) -> core::result::Result<Ds18b20<Self>, Fault>;
    fn single_drop(family: Family) -> Ds18b20<Self>;
}

impl Mode for Blocking {
    fn addressed(rom: Rom) -> core::result::Result<Ds18b20<Self>, Fault> {
        Ds18b20::<Self>::new(rom)
    }
    fn single_drop(family: Family) -> Ds18b20<Self> {
        Ds18b20::<Self>::single_drop(family)
    }
}

impl Mode for Async {
    fn addressed(rom: Rom) -> core::result::Result<Ds18b20<Self>, Fault> {
        Ds18b20::<Self>::new(rom)
    }
    fn single_drop(family: Family) -> Ds18b20<Self> {
        Ds18b20::<Self>::single_drop(family)
    }
}

/// Makes the sensors of a test, in the mode that is asked for.
pub(crate) trait Sensors {
    fn make<M: Mode>(&self) -> Vec<Ds18b20<M>>;
}

/// Plays `script` to every front end, asks `what` of each, and checks that they do not differ.
pub(crate) fn play(sensors: &impl Sensors, script: &[Act], what: &[Do]) -> After {
    let blocking = play_blocking(sensors, script, what);
    #[cfg(feature = "async")]
    assert_eq!(
        embassy_futures::block_on(play_async(sensors, script, what)),
        blocking,
        "async differs from blocking"
    );
    #[cfg(feature = "nb")]
    assert_eq!(
        play_polled(sensors, script, what),
        blocking,
        "polled differs from blocking"
    );
    blocking
}

fn play_blocking(sensors: &impl Sensors, script: &[Act], what: &[Do]) -> After {
    let mut sensors: Vec<blocking::Ds18b20> = sensors.make();
    let mut group = blocking::Group::new();
    let mut bus = Bus::new(script);
    let mut current = 0;
    let mut outcomes = Vec::new();
    for what in what {
        outcomes.push(match *what {
            Do::Switch(index) => {
                current = index;
                continue;
            }
            Do::ConvertAll(completion) => group
                .convert(&mut bus, &sensors, completion)
                .map(|()| Got::Nothing),
            Do::ReadSupplyOfAll => group.read_supply(&mut bus).map(Got::Supply),
            _ => one_blocking(&mut sensors[current], &mut bus, *what),
        });
    }
    bus.done();
    After::new(outcomes, &sensors, &group)
}

fn one_blocking(sensor: &mut blocking::Ds18b20, bus: &mut Bus, what: Do) -> Outcome {
    match what {
        Do::Init => sensor.init(bus).map(|()| Got::Nothing),
        Do::Start => sensor
            .start_conversion(bus)
            .map(|time| Got::Micros(time.as_micros())),
        Do::Convert(completion) => sensor.convert(bus, completion).map(|()| Got::Nothing),
        Do::Read => sensor
            .read(bus)
            .map(|temperature| Got::Sixteenths(temperature.sixteenths())),
        Do::Measure => sensor
            .measure(bus)
            .map(|temperature| Got::Sixteenths(temperature.sixteenths())),
        Do::Scratchpad => sensor
            .scratchpad(bus)
            .map(|scratchpad| Got::Scratchpad(scratchpad.bytes())),
        Do::SetResolution(resolution) => sensor.set_resolution(bus, resolution).map(|()| Got::Nothing),
        Do::SetAlarms(alarms) => sensor.set_alarms(bus, alarms).map(|()| Got::Nothing),
        Do::SetUserBytes(bytes) => sensor.set_user_bytes(bus, bytes).map(|()| Got::Nothing),
        Do::CopyScratchpad => sensor.copy_scratchpad(bus).map(|()| Got::Nothing),
        Do::RecallEeprom => sensor
            .recall_eeprom(bus)
            .map(|scratchpad| Got::Scratchpad(scratchpad.bytes())),
        Do::ReadSupply => sensor.read_supply(bus).map(Got::Supply),
        Do::Switch(_) | Do::ConvertAll(_) | Do::ReadSupplyOfAll => unreachable!("not of one sensor"),
    }
}

#[cfg(feature = "async")]
async fn play_async(sensors: &impl Sensors, script: &[Act], what: &[Do]) -> After {
    let mut sensors: Vec<asynch::Ds18b20> = sensors.make();
    let mut group = asynch::Group::new();
    let mut bus = Bus::new(script);
    let mut current = 0;
    let mut outcomes = Vec::new();
    for what in what {
        let (sensor, bus) = (&mut sensors[current], &mut bus);
        outcomes.push(match *what {
            Do::Switch(index) => {
                current = index;
                continue;
            }
            Do::ConvertAll(completion) => group
                .convert(bus, &sensors, completion)
                .await
                .map(|()| Got::Nothing),
            Do::ReadSupplyOfAll => group.read_supply(bus).await.map(Got::Supply),
            Do::Init => sensor.init(bus).await.map(|()| Got::Nothing),
            Do::Start => sensor
                .start_conversion(bus)
                .await
                .map(|time| Got::Micros(time.as_micros())),
            Do::Convert(completion) => sensor.convert(bus, completion).await.map(|()| Got::Nothing),
            Do::Read => sensor
                .read(bus)
                .await
                .map(|temperature| Got::Sixteenths(temperature.sixteenths())),
            Do::Measure => sensor
                .measure(bus)
                .await
                .map(|temperature| Got::Sixteenths(temperature.sixteenths())),
            Do::Scratchpad => sensor
                .scratchpad(bus)
                .await
                .map(|scratchpad| Got::Scratchpad(scratchpad.bytes())),
            Do::SetResolution(resolution) => sensor
                .set_resolution(bus, resolution)
                .await
                .map(|()| Got::Nothing),
            Do::SetAlarms(alarms) => sensor.set_alarms(bus, alarms).await.map(|()| Got::Nothing),
            Do::SetUserBytes(bytes) => sensor.set_user_bytes(bus, bytes).await.map(|()| Got::Nothing),
            Do::CopyScratchpad => sensor.copy_scratchpad(bus).await.map(|()| Got::Nothing),
            Do::RecallEeprom => sensor
                .recall_eeprom(bus)
                .await
                .map(|scratchpad| Got::Scratchpad(scratchpad.bytes())),
            Do::ReadSupply => sensor.read_supply(bus).await.map(Got::Supply),
        });
    }
    bus.done();
    After::new(outcomes, &sensors, &group)
}

/// The polled front end has conversions of its own; the rest it leaves to the blocking one.
#[cfg(feature = "nb")]
fn play_polled(sensors: &impl Sensors, script: &[Act], what: &[Do]) -> After {
    let sensors: Vec<blocking::Ds18b20> = sensors.make();
    let mut sensors: Vec<_> = sensors.into_iter().map(nonblocking::Ds18b20::new).collect();
    let mut group = nonblocking::Group::new(blocking::Group::new());
    let mut bus = Bus::new(script);
    let mut now = 1_000_000;
    let mut current = 0;
    let mut outcomes = Vec::new();
    for what in what {
        let (sensor, bus) = (&mut sensors[current], &mut bus);
        outcomes.push(match *what {
            Do::Switch(index) => {
                current = index;
                continue;
            }
            Do::Convert(completion) => sensor
                .start(bus, completion, at(now))
                .and_then(|()| poll(bus, &mut now, |bus, now| sensor.poll(bus, now))),
            Do::Measure => sensor
                .start(bus, Completion::Wait, at(now))
                .and_then(|()| poll(bus, &mut now, |bus, now| sensor.poll(bus, now)))
                .and_then(|_| sensor.read(bus))
                .map(|temperature| Got::Sixteenths(temperature.sixteenths())),
            Do::Read => sensor
                .read(bus)
                .map(|temperature| Got::Sixteenths(temperature.sixteenths())),
            Do::ConvertAll(completion) => {
                let all: Vec<_> = sensors.iter().map(|sensor| sensor.sensor().clone()).collect();
                group
                    .start(bus, &all, completion, at(now))
                    .and_then(|()| poll(bus, &mut now, |bus, now| group.poll(bus, now)))
            }
            Do::ReadSupplyOfAll => group.group_mut().expect("idle").read_supply(bus).map(Got::Supply),
            _ => one_blocking(sensor.sensor_mut().expect("idle"), bus, *what),
        });
    }
    bus.done();
    let sensors: Vec<_> = sensors.into_iter().map(nonblocking::Ds18b20::release).collect();
    After::new(outcomes, &sensors, group.group())
}

#[cfg(feature = "nb")]
pub(crate) fn at(millis: u64) -> nonblocking::Instant {
    nonblocking::Instant::from_ticks(millis)
}

/// Lets the scripted waits pass on the caller's clock, and checks that each is due at its tick and not before it: the
/// tick in which the conversion was started may have been nearly over, so there is one more than the wait has.
#[cfg(feature = "nb")]
fn poll(
    bus: &mut Bus,
    now: &mut u64,
    mut ask: impl FnMut(&mut Bus, nonblocking::Instant) -> nb::Result<(), Error<Broken>>,
) -> Outcome {
    let started = *now;
    let mut waited = 0;
    loop {
        if let Some(micros) = bus.next_wait() {
            waited += u64::from(micros);
            *now = started + waited.div_ceil(1_000) + 1;
            assert_eq!(
                ask(bus, at(*now - 1)),
                Err(nb::Error::WouldBlock),
                "before its time"
            );
            bus.slots.pop_front();
        }
        match ask(bus, at(*now)) {
            Ok(()) => return Ok(Got::Nothing),
            Err(nb::Error::Other(error)) => return Err(error),
            Err(nb::Error::WouldBlock) => {
                assert!(bus.next_wait().is_some(), "not over; left: {:?}", bus.slots);
            }
        }
    }
}
