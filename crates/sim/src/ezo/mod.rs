//! Models of Atlas Scientific's EZO circuits, on I2C and on UART.

mod circuit;
mod co2;
mod common;
mod ec;
mod family;
mod faults;
mod flo;
mod hum;
mod orp;
mod oxygen;
mod ph;
mod pmp;
mod prs;
mod rtd;
mod timing;
mod tube;
mod water;

use std::fmt;
use std::sync::{Arc, Mutex};

pub use timing::{EzoDialect, EzoFirmware, EzoTiming};
pub use water::{Bottle, Liquid, Water};

use self::circuit::{Circuit, Power};
use self::family::{Family, Probe};
use self::tube::Tube;
use crate::clock::Clock;
use crate::faults::SplitMix64;
use crate::i2c::{Direction, I2cTarget};
use crate::lock;
use crate::serial::SerialDevice;

/// Which circuit an [`Ezo`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EzoKind {
    /// pH.
    Ph,
    /// Conductivity.
    Ec,
    /// Dissolved oxygen.
    Do,
    /// Oxidation-reduction potential.
    Orp,
    /// Temperature.
    Rtd,
    /// Humidity.
    Hum,
    /// Carbon dioxide.
    Co2,
    /// Flow.
    Flo,
    /// Pressure.
    Prs,
    /// Dosing pump of up to 105 ml/min.
    Pmp,
    /// Dosing pump of up to 750 ml/min.
    PmpL,
}

impl EzoKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Ph,
        Self::Ec,
        Self::Do,
        Self::Orp,
        Self::Rtd,
        Self::Hum,
        Self::Co2,
        Self::Flo,
        Self::Prs,
        Self::Pmp,
        Self::PmpL,
    ];

    /// Returns the I2C address that the circuit leaves the factory with.
    pub fn factory_address(self) -> u8 {
        match self {
            Self::Do => 97,
            Self::Orp => 98,
            Self::Ph => 99,
            Self::Ec => 100,
            Self::Rtd => 102,
            Self::Pmp => 103,
            Self::Flo => 104,
            Self::Co2 => 105,
            Self::Prs => 106,
            Self::PmpL => 109,
            Self::Hum => 111,
        }
    }

    fn is_pump(self) -> bool {
        matches!(self, Self::Pmp | Self::PmpL)
    }

    /// Whether it knows `T`.
    fn is_compensated(self) -> bool {
        matches!(self, Self::Ph | Self::Ec | Self::Do)
    }
}

/// Which transport a circuit listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EzoMode {
    /// I2C, at this address.
    I2c(u8),
    /// UART, at this baud rate.
    Uart(u32),
}

/// An EZO circuit with its probe or its pump. Clones are the same circuit.
///
/// Give one clone to an [`I2cBus`](crate::I2cBus), another to a [`Serial`](crate::Serial) if the test is about
/// switching between the two, and keep one to change the world around it.
///
/// It is as the factory ships it: UART at 9600 baud, a report each second, `*OK` on, not calibrated, and was
/// switched on an hour ago. Attaching it to an I2C bus sets it to I2C at that address, as somebody did before.
///
/// ```
/// use embedded_hal::delay::DelayNs;
/// use embedded_hal::i2c::I2c;
///
/// let clock = sim::Clock::new();
/// let mut bus = sim::I2cBus::new(&clock);
/// let ph = sim::Ezo::new(&clock, sim::EzoKind::Ph);
/// bus.attach(0x63, ph.clone());
/// ph.set(7.004);
///
/// let mut answer = [0; 8];
/// bus.write(0x63, b"R").unwrap();
/// clock.delay().delay_ms(300);
/// bus.read(0x63, &mut answer).unwrap();
/// assert_eq!(answer[0], 254); // not yet
/// clock.delay().delay_ms(600);
/// bus.read(0x63, &mut answer).unwrap();
/// assert_eq!(&answer, b"\x017.004\0\0");
/// ```
///
/// | you want to | use |
/// |---|---|
/// | say what the probe is in | [`set`](Self::set), or [`with_water`](Self::with_water) for several circuits and pumps in one tank |
/// | have a unit that is fast, slow, or never twice the same | [`with_timing`](Self::with_timing), [`set_jitter`](Self::set_jitter), [`set_hung`](Self::set_hung) |
/// | have firmware that answers differently | [`with_firmware`](Self::with_firmware), [`with_version`](Self::with_version), [`with_dialect`](Self::with_dialect) |
/// | see a calibration matter | [`set_probe`](Self::set_probe), [`set_in_air`](Self::set_in_air), [`set_cell_constant`](Self::set_cell_constant) |
/// | pull the supply, or let it dip at the worst moment | [`power_cycle`](Self::power_cycle), [`brown_out_in_next_command`](Self::brown_out_in_next_command), [`brown_out_at`](Self::brown_out_at) |
/// | pull the probe's plug | [`set_probe_connected`](Self::set_probe_connected) |
/// | spoil an answer | [`answer_next_with`](Self::answer_next_with), [`truncate_next`](Self::truncate_next), [`ignore_next`](Self::ignore_next), [`set_next_status`](Self::set_next_status), [`set_noise`](Self::set_noise), [`set_bit_7`](Self::set_bit_7) |
/// | spoil the bus | [`I2cBus::inject`](crate::I2cBus::inject), [`Serial::set_noise`](crate::Serial::set_noise) |
/// | know what the driver did, and how long it took to notice | [`commands`](Self::commands), [`answered_at`](Self::answered_at), [`I2cBus::stats`](crate::I2cBus::stats) |
/// | know what a pump really delivered | [`delivered`](Self::delivered), [`Bottle::millilitres`], [`Water`] |
/// | read several circuits at once | [`Clock::run`](crate::Clock::run) |
///
/// Commands follow the data sheets as far as they are known. Where none says anything, the model does this:
/// - A command that arrives while one is under way completes that one; its answer is lost. Over UART it waits.
/// - A circuit that starts does not acknowledge its I2C address.
/// - Over UART an empty line and one with a line feed in it are refused with `*ER`.
/// - `Cal,low` and `Cal,high` before `Cal,mid`, and wet points before `Cal,dry`, are refused; a new `K` clears the
///   calibration.
/// - An export is the circuit's own numbers in hexadecimal with a check sum; only the same kind of circuit takes it.
#[derive(Clone)]
pub struct Ezo {
    clock: Clock,
    circuit: Arc<Mutex<Circuit>>,
    tube: Arc<Mutex<Tube>>,
}

impl Ezo {
    /// Makes a circuit with new firmware, nominal timing, and water of its own, whose values are those of
    /// [`Water::new`]; HUM is in 50 % and 22 °C, CO2 in 420 ppm, FLO has no flow and PRS no pressure.
    pub fn new(clock: &Clock, kind: EzoKind) -> Self {
        let now = clock.now();
        let tube = Arc::new(Mutex::new(Tube::new(now)));
        let family: Box<dyn Family> = match kind {
            EzoKind::Ph => Box::new(ph::Ph::new()),
            EzoKind::Ec => Box::new(ec::Ec::new(EzoFirmware::New)),
            EzoKind::Do => Box::new(oxygen::Oxygen::new()),
            EzoKind::Orp => Box::new(orp::Orp::default()),
            EzoKind::Rtd => Box::new(rtd::Rtd::new()),
            EzoKind::Hum => Box::new(hum::Hum::new()),
            EzoKind::Co2 => Box::new(co2::Co2::new()),
            EzoKind::Flo => Box::new(flo::Flo::new()),
            EzoKind::Prs => Box::new(prs::Prs::new()),
            EzoKind::Pmp => Box::new(pmp::Pmp::new(tube.clone(), 105.0, 0.5)),
            EzoKind::PmpL => Box::new(pmp::Pmp::new(tube.clone(), 750.0, 10.0)),
        };
        let probe = Probe {
            fixed: None,
            second: 22.0,
            water: Water::new(clock),
            connected: true,
            in_air: false,
            gain: 1.0,
            offset: 0.0,
            cell_constant: 1.0,
        };
        Self {
            clock: clock.clone(),
            circuit: Arc::new(Mutex::new(Circuit::new(kind, family, probe, now))),
            tube,
        }
    }

    fn now<R>(&self, f: impl FnOnce(&mut Circuit) -> R) -> R {
        let mut circuit = lock(&self.circuit);
        circuit.run_to(self.clock.now());
        f(&mut circuit)
    }

    fn set_power(&self, on: bool) {
        self.now(if on { Circuit::power_on } else { Circuit::power_off });
    }

    // How it was made.

    /// Gives it other firmware, and what that leaves the factory with: EC before 2.10 has all outputs on.
    #[must_use]
    pub fn with_firmware(self, firmware: EzoFirmware) -> Self {
        self.now(|circuit| {
            let (token, version) = timing::identity(circuit.kind, firmware);
            token.clone_into(&mut circuit.token);
            version.clone_into(&mut circuit.version);
            circuit.dialect = EzoDialect::new(firmware);
            circuit.with_family(|family, env| family.factory(env));
        });
        self
    }

    /// Sets the version that `i` answers and on which some commands depend: pH has `RT` from 2.12, EC from 2.13, and
    /// `Plock` after 1.94.
    #[must_use]
    pub fn with_version(self, version: &str) -> Self {
        self.now(|circuit| {
            version.clone_into(&mut circuit.version);
            circuit.with_family(|family, env| family.factory(env));
        });
        self
    }

    /// Sets what it calls itself in the answer to `i`.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        self.now(|circuit| token.clone_into(&mut circuit.token));
        self
    }

    /// Sets how it spells its answers.
    #[must_use]
    pub fn with_dialect(self, dialect: EzoDialect) -> Self {
        self.now(|circuit| circuit.dialect = dialect);
        self
    }

    /// Sets how long it takes.
    #[must_use]
    pub fn with_timing(self, timing: EzoTiming) -> Self {
        self.set_timing(timing);
        self
    }

    /// Puts the probe into `water`; a pump pours into it.
    #[must_use]
    pub fn with_water(self, water: &Water) -> Self {
        let pump = self.now(|circuit| {
            circuit.probe.water = water.clone();
            circuit.kind.is_pump()
        });
        if pump {
            lock(&self.tube).into_water = true;
            water.add_pump(&self.circuit, self.tube.clone());
        }
        self
    }

    /// Lets a pump draw from `bottle`, until it is empty. Without one it pumps plain water without end.
    #[must_use]
    pub fn with_bottle(self, bottle: &Bottle) -> Self {
        self.now(|_| lock(&self.tube).bottle = Some(bottle.clone()));
        self
    }

    /// Sets it to this transport, as somebody did before.
    #[must_use]
    pub fn with_mode(self, mode: EzoMode) -> Self {
        self.now(|circuit| circuit.set_mode(mode));
        self
    }

    // The world around it.

    /// Sets what the probe is in, whatever the water: pH, µS/cm at 25 °C, mg/l, mV, °C, % relative humidity, ppm,
    /// l/min or psi.
    pub fn set(&self, value: f64) {
        self.now(|circuit| circuit.probe.fixed = Some(value));
    }

    /// Sets the other thing that the circuit measures: the temperature of the air in °C for HUM and CO2.
    pub fn set_second(&self, value: f64) {
        self.now(|circuit| circuit.probe.second = value);
    }

    /// Lets the probe see the water again after [`set`](Self::set).
    pub fn follow_water(&self) {
        self.now(|circuit| circuit.probe.fixed = None);
    }

    /// Returns the water that the probe is in.
    pub fn water(&self) -> Water {
        self.now(|circuit| circuit.probe.water.clone())
    }

    /// Makes the probe an imperfect one, which calibration has to put right: its signal is `gain` times the ideal one,
    /// plus `offset`, in mV for pH and ORP, µS for EC, parts of saturation for DO, otherwise in the unit of the value.
    /// For a pump, `gain` is what it delivers of each millilitre.
    pub fn set_probe(&self, gain: f64, offset: f64) {
        self.now(|circuit| {
            circuit.probe.gain = gain;
            circuit.probe.offset = offset;
        });
        // A pump that runs changes its speed.
        self.now(|_| ());
    }

    /// Sets the true cell constant of an EC probe. Default 1.
    pub fn set_cell_constant(&self, per_centimetre: f64) {
        self.now(|circuit| circuit.probe.cell_constant = per_centimetre);
    }

    /// Lifts an EC or DO probe out of the water, or puts it back.
    pub fn set_in_air(&self, in_air: bool) {
        self.now(|circuit| circuit.probe.in_air = in_air);
    }

    /// Pulls the probe's plug, or puts it back.
    pub fn set_probe_connected(&self, connected: bool) {
        self.now(|circuit| circuit.probe.connected = connected);
    }

    /// Sets the supply in volts. At 3.1 and less, and at 5.5 and more, the circuit complains over UART.
    pub fn set_supply(&self, volts: f64) {
        self.now(|circuit| {
            circuit.volts = volts;
            if volts <= 3.1 {
                circuit.emit("*UV");
            } else if volts >= 5.5 {
                circuit.emit("*OV");
            }
        });
    }

    /// Sets the supply of a pump's motor in volts. Below 5 it does not turn, and no dispense begins.
    pub fn set_motor_supply(&self, volts: f64) {
        self.now(|circuit| {
            let mut tube = lock(&self.tube);
            tube.run_to(circuit.at);
            tube.volts = volts;
        });
    }

    /// Returns what has really left a pump's tube since it was made, in ml; backwards counts negative.
    pub fn delivered(&self) -> f64 {
        self.now(|_| lock(&self.tube).delivered)
    }

    /// Sets how long it takes from now on.
    pub fn set_timing(&self, timing: EzoTiming) {
        self.now(|circuit| circuit.timing = timing);
    }

    // Its supply.

    /// Takes the supply away.
    pub fn power_off(&self) {
        self.set_power(false);
    }

    /// Gives the supply back; it starts. Does nothing if it has supply.
    pub fn power_on(&self) {
        self.set_power(true);
    }

    /// Takes the supply away and gives it back at once.
    pub fn power_cycle(&self) {
        self.power_off();
        self.power_on();
    }

    /// Lets the supply dip for so short that it restarts with reason `B`.
    pub fn brown_out(&self) {
        self.now(Circuit::brown_out);
    }

    /// Lets the supply dip when the clock reaches `at`, in nanoseconds.
    pub fn brown_out_at(&self, at: u64) {
        self.now(|circuit| circuit.faults.brown_out_at = Some(at));
    }

    /// Lets the supply dip half-way between the next command and its answer.
    pub fn brown_out_in_next_command(&self) {
        self.now(|circuit| circuit.faults.brown_out_next = true);
    }

    /// Restarts it for a reason that `Status` tells: `P`, `S`, `B`, `W`, `U`.
    pub fn restart(&self, reason: char) {
        self.now(|circuit| {
            circuit.brown_out();
            circuit.cause = reason;
        });
    }

    // Its faults.

    /// Makes the next answer that has a text have this one.
    pub fn answer_next_with(&self, text: impl AsRef<[u8]>) {
        self.now(|circuit| circuit.faults.text = Some(text.as_ref().to_vec()));
    }

    /// Ends the next answer that has a text after `bytes` of it; over UART its line does not end.
    pub fn truncate_next(&self, bytes: usize) {
        self.now(|circuit| circuit.faults.cut = Some(bytes));
    }

    /// Makes the next command go without an answer: nothing over UART, 255 over I2C. It is carried out.
    pub fn ignore_next(&self) {
        self.now(|circuit| circuit.faults.ignore = true);
    }

    /// Makes the next answer over I2C have this status.
    pub fn set_next_status(&self, status: u8) {
        self.now(|circuit| circuit.faults.status = Some(status));
    }

    /// Makes each command last longer by a random number of whole milliseconds up to `ms`, by `seed`.
    pub fn set_jitter(&self, seed: u64, ms: u32) {
        self.now(|circuit| circuit.faults.jitter = Some((ms, SplitMix64::new(seed))));
    }

    /// Hangs it: commands that come from now on are never done, 254 for ever. Undone by a restart.
    pub fn set_hung(&self, hung: bool) {
        self.now(|circuit| circuit.faults.hung = hung);
    }

    /// Turns each bit of the texts over with a probability of `ppm` in a million, by `seed`.
    pub fn set_noise(&self, seed: u64, ppm: u32) {
        self.now(|circuit| circuit.faults.noise = Some((ppm, SplitMix64::new(seed))));
    }

    /// Sets the top bit of each byte of the texts with a probability of `ppm` in a million, by `seed`, as the host of a
    /// Raspberry Pi sees it.
    pub fn set_bit_7(&self, seed: u64, ppm: u32) {
        self.now(|circuit| circuit.faults.bit_7 = Some((ppm, SplitMix64::new(seed))));
    }

    /// Makes it send a line over UART that nobody asked for.
    pub fn emit(&self, line: &str) {
        self.now(|circuit| circuit.emit(line));
    }

    // What it is and does.

    /// Returns which circuit it is.
    pub fn kind(&self) -> EzoKind {
        self.now(|circuit| circuit.kind)
    }

    /// Returns the transport that it listens to.
    pub fn mode(&self) -> EzoMode {
        self.now(|circuit| circuit.mode)
    }

    /// Returns true while it sleeps.
    pub fn is_asleep(&self) -> bool {
        self.now(|circuit| circuit.power() == Power::Asleep)
    }

    /// Returns true if it has supply and has started.
    pub fn is_running(&self) -> bool {
        self.now(|circuit| !matches!(circuit.power(), Power::Off | Power::Booting(_)))
    }

    /// Returns true while it blinks for `Find`.
    pub fn is_finding(&self) -> bool {
        self.now(|circuit| circuit.finding)
    }

    /// Returns true if the LED is on.
    pub fn led(&self) -> bool {
        self.now(|circuit| circuit.settings.led)
    }

    /// Returns the temperature that it compensates for, in °C: what `T` set, or the default after a restart.
    pub fn compensation(&self) -> f64 {
        self.now(|circuit| circuit.temperature)
    }

    /// Returns the commands that it has begun, as they were written.
    pub fn commands(&self) -> Vec<String> {
        self.now(|circuit| circuit.log.clone())
    }

    /// Forgets [`commands`](Self::commands).
    pub fn clear_commands(&self) {
        self.now(|circuit| circuit.log.clear());
    }

    /// Returns when the answer to the latest command was ready, in nanoseconds; none while it is being worked at.
    pub fn answered_at(&self) -> Option<u64> {
        self.now(|circuit| circuit.answered_at)
    }
}

impl fmt::Debug for Ezo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ezo")
            .field("kind", &self.kind())
            .field("mode", &self.mode())
            .finish_non_exhaustive()
    }
}

impl I2cTarget for Ezo {
    fn attached(&mut self, _at: u64, address: u8) {
        self.now(|circuit| circuit.set_mode(EzoMode::I2c(address)));
    }

    fn power(&mut self, _at: u64, on: bool) {
        self.set_power(on);
    }

    fn address(&mut self, at: u64, _attached: u8) -> Option<u8> {
        lock(&self.circuit).address(at)
    }

    fn start(&mut self, at: u64, direction: Direction) -> bool {
        let mut circuit = lock(&self.circuit);
        circuit.run_to(at);
        circuit.i2c_start(direction == Direction::Read);
        true
    }

    fn write(&mut self, _at: u64, byte: u8) -> bool {
        lock(&self.circuit).i2c_write(byte);
        true
    }

    fn read(&mut self, _at: u64) -> u8 {
        lock(&self.circuit).i2c_read()
    }

    fn stop(&mut self, at: u64) {
        lock(&self.circuit).i2c_stop(at);
    }
}

impl SerialDevice for Ezo {
    fn receive(&mut self, at: u64, byte: u8) {
        lock(&self.circuit).uart_receive(at, byte);
    }

    fn transmit(&mut self, at: u64) -> Option<u8> {
        lock(&self.circuit).uart_transmit(at)
    }

    fn next_event(&self) -> Option<u64> {
        lock(&self.circuit).uart_next_event()
    }

    fn baud(&self) -> u32 {
        let circuit = lock(&self.circuit);
        match circuit.mode {
            EzoMode::Uart(baud) => baud,
            EzoMode::I2c(_) => circuit.settings.baud,
        }
    }

    fn power(&mut self, _at: u64, on: bool) {
        self.set_power(on);
    }
}
