//! The search for the ROM codes of all devices on a wire, as a value without a bus.

use crate::{Fault, Rom, rom::command};

/// What the devices that still take part in a search have at the next bit of their ROM codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Answer {
    /// All have a zero.
    Zero,
    /// All have a one.
    One,
    /// Some have a zero, some a one.
    Both,
    /// Nobody takes part.
    Nobody,
}

impl Answer {
    /// Reads the answer off the two bits of the wire: the wired AND of the ROM bits and of their complements.
    pub const fn new(bit: bool, complement: bool) -> Self {
        match (bit, complement) {
            (false, true) => Self::Zero,
            (true, false) => Self::One,
            (false, false) => Self::Both,
            (true, true) => Self::Nobody,
        }
    }

    /// The bit to go on with, `direction` being that for [`Both`](Self::Both); none if nobody is left.
    pub const fn taken(self, direction: bool) -> Option<bool> {
        match self {
            Self::Zero => Some(false),
            Self::One => Some(true),
            Self::Both => Some(direction),
            Self::Nobody => None,
        }
    }
}

/// An enumeration of the devices on a wire.
///
/// It is a plain value that knows how far the enumeration has come, not which bus it belongs to: pass it to
/// [`blocking::OneWire::search`](crate::blocking::OneWire::search) or its async twin for the next device, keep it
/// for as long as you like, and go on.
///
/// The codes come in ascending order of their bits on the wire, so none comes twice, whatever the wire answers.
/// Devices that appear meanwhile are found if their code is still ahead; devices that vanish are passed over.
///
/// A code is only returned if its CRC is right. A pass over the wire that fails (a bad CRC, nobody left before the
/// last bit, no presence pulse, a line held low, an error of the bus) is repeated, twice unless
/// [`retries`](Self::retries) says otherwise. If that does not help, the error is returned, once: a device was lost,
/// or something is on the wire that is none. The next call goes on with the next device, or with the same one if the
/// wire as a whole did not work; the end is [`None`]. After eight errors in a row, or after 1024 devices, which no
/// wire can carry, the enumeration ends.
///
/// What one pass cannot notice is a disturbance that makes the two answers at a fork look like one: the other branch
/// is not seen, and not missed. Where completeness matters more than time, make the search
/// [`thorough`](Self::thorough), or check the devices that you expect with
/// [`verify`](crate::blocking::OneWire::verify).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Search {
    /// The bits taken in the last pass; the first bit on the wire is bit 0.
    path: u64,
    /// Where zero was taken on that path although some device had a one: the branches still to be seen.
    pending: u64,
    /// How many leading bits of the path are given and must not change.
    fixed: u8,
    alarm: bool,
    retries: u8,
    /// Failed attempts at the present pass.
    failures: u8,
    /// Faults since the last device.
    faults: u8,
    /// Devices that may still come.
    left: u16,
    state: State,
    thorough: bool,
    /// What the first of two passes has seen.
    first: Option<Found>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum State {
    /// No pass has been settled: there is no branch to take yet.
    New,
    /// The next pass takes the last pending branch.
    Underway,
    Ended,
}

const RETRIES: u8 = 2;
const FAULTS_IN_A_ROW: u8 = 8;
const DEVICES: u16 = 1024;

impl Search {
    /// Finds every device.
    pub const fn all() -> Self {
        Self {
            path: 0,
            pending: 0,
            fixed: 0,
            alarm: false,
            retries: RETRIES,
            failures: 0,
            faults: 0,
            left: DEVICES,
            state: State::New,
            thorough: false,
            first: None,
        }
    }

    /// Finds the devices of one family, without going through the others.
    pub const fn family(family: u8) -> Self {
        Self {
            path: family as u64,
            fixed: 8,
            ..Self::all()
        }
    }

    /// Finds the one device with this code, if it is there.
    pub const fn device(rom: Rom) -> Self {
        Self {
            path: u64::from_le_bytes(rom.bytes()),
            fixed: 64,
            ..Self::all()
        }
    }

    /// Restricts the search to devices in alarm (Alarm Search, 0xEC).
    #[must_use]
    pub const fn in_alarm(self) -> Self {
        Self { alarm: true, ..self }
    }

    /// Sets how often a failed pass is repeated before its fault is returned.
    #[must_use]
    pub const fn retries(self, retries: u8) -> Self {
        Self { retries, ..self }
    }

    /// Takes every pass twice and puts together what both have seen. This takes twice the time.
    #[must_use]
    pub const fn thorough(self) -> Self {
        Self {
            thorough: true,
            ..self
        }
    }

    /// The next pass over the wire; none if the search has ended.
    pub(crate) fn pass(&mut self) -> Result<Option<Pass>, Fault> {
        let (wanted, forced) = match self.branch() {
            _ if self.state == State::Ended => return Ok(None),
            _ if self.left == 0 => {
                self.state = State::Ended;
                return Err(Fault::Endless);
            }
            Some(branch) => (self.path | 1 << branch, branch + 1),
            None => (self.path, self.fixed.into()),
        };
        Ok(Some(Pass {
            alarm: self.alarm,
            wanted,
            forced,
            taken: 0,
            forks: 0,
            position: 0,
            end: None,
        }))
    }

    /// Draws the conclusion from a pass: a device, or a fault, or neither if there is to be another pass.
    pub(crate) fn settle(&mut self, pass: &Pass) -> Result<Option<Rom>, Fault> {
        let end = pass.end.unwrap_or(Err(Miss::Failed(Fault::Interrupted)));
        let found = match (self.first.take(), end) {
            (None, Ok(first)) if self.thorough => {
                self.first = Some(first);
                return Ok(None);
            }
            (None, Ok(found)) => found,
            (Some(first), Ok(second)) => first.merge(second),
            (first, _) if self.failures < self.retries => {
                self.first = first;
                self.failures += 1;
                return Ok(None);
            }
            (Some(first), _) => first,
            (None, Err(miss)) => return self.give_up(pass, miss),
        };
        // A complete pass has been to its branch.
        self.advance(Some(found.path()), found.forks);
        self.failures = 0;
        self.faults = 0;
        self.left = self.left.saturating_sub(1);
        Ok(Some(found.rom))
    }

    fn give_up(&mut self, pass: &Pass, miss: Miss) -> Result<Option<Rom>, Fault> {
        self.failures = 0;
        // A pass that ended before its branch knows nothing of the path beyond.
        let path = (pass.position >= pass.forced).then_some(pass.taken);
        let fault = match miss {
            Miss::Absent => {
                self.advance(path, pass.forks & !pass.taken);
                return Ok(None);
            }
            Miss::Empty => {
                self.state = State::Ended;
                return Ok(None);
            }
            Miss::Lost(fault) => {
                self.advance(path, pass.forks & !pass.taken);
                fault
            }
            Miss::Failed(fault) => fault,
        };
        self.count_fault();
        Err(fault)
    }

    /// Whether to repeat a pass that the bus itself broke off. If not, its error is to be returned.
    pub(crate) fn repeat(&mut self) -> bool {
        let repeat = self.failures < self.retries;
        if repeat {
            self.failures += 1;
        } else {
            self.failures = 0;
            self.count_fault();
        }
        repeat
    }

    fn count_fault(&mut self) {
        self.faults += 1;
        if self.faults == FAULTS_IN_A_ROW {
            self.state = State::Ended;
        }
    }

    /// The fork at which the next pass takes the one: the last, so that the codes come in ascending order.
    fn branch(&self) -> Option<u32> {
        self.pending.checked_ilog2()
    }

    /// Strikes off the branch of the last pass and adds those that it left aside.
    fn advance(&mut self, path: Option<u64>, forks: u64) {
        if let Some(branch) = self.branch() {
            self.pending &= !(1 << branch);
        }
        self.path = path.unwrap_or(self.path);
        self.pending |= forks & !below(self.fixed.into()) & below(CRC);
        self.state = if self.pending == 0 {
            State::Ended
        } else {
            State::Underway
        };
    }
}

/// A device, and the forks on the way to it at which others were left aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Found {
    rom: Rom,
    forks: u64,
}

impl Found {
    const fn path(self) -> u64 {
        u64::from_le_bytes(self.rom.bytes())
    }

    /// What two passes have seen together: the device that comes first in order, and the forks of both on its path.
    fn merge(self, other: Self) -> Self {
        let (first, second) = if self.path().reverse_bits() <= other.path().reverse_bits() {
            (self, other)
        } else {
            (other, self)
        };
        let parting = (first.path() ^ second.path()).trailing_zeros();
        let fork = below(parting + 1) & !below(parting);
        Self {
            rom: first.rom,
            forks: first.forks | second.forks & below(parting) | fork,
        }
    }
}

/// The position of the first bit of the ROM code's CRC.
const CRC: u32 = 56;

const fn below(position: u32) -> u64 {
    match 1u64.checked_shl(position) {
        Some(bit) => bit - 1,
        None => u64::MAX,
    }
}

/// One pass over the wire, from the reset to the last bit. To drop it half-way leaves the search as it was.
#[derive(Debug)]
pub(crate) struct Pass {
    alarm: bool,
    /// The leading bits to take, ...
    wanted: u64,
    /// ... and how many these are. Beyond them, zero is taken at a fork.
    forced: u32,
    taken: u64,
    forks: u64,
    position: u32,
    end: Option<Result<Found, Miss>>,
}

/// Why a pass has found no device.
#[derive(Debug, Clone, Copy)]
enum Miss {
    /// There is no device on the wanted path (any more).
    Absent,
    /// No device takes part in an alarm search.
    Empty,
    /// There is a device that cannot be read, or was one.
    Lost(Fault),
    /// Nothing was learnt about the wanted path.
    Failed(Fault),
}

impl Pass {
    /// The ROM command that begins the pass.
    pub(crate) fn command(&self) -> u8 {
        if self.alarm {
            command::ALARM_SEARCH
        } else {
            command::SEARCH
        }
    }

    /// The bit to take if devices differ at the next position; none at the end of the pass.
    pub(crate) fn direction(&self) -> Option<bool> {
        self.end
            .is_none()
            .then(|| self.position < self.forced && self.wanted >> self.position & 1 == 1)
    }

    /// Goes one bit further.
    pub(crate) fn take(&mut self, answer: Answer) {
        let Some(direction) = self.direction() else { return };
        let Some(bit) = answer.taken(direction) else {
            let nothing = self.alarm && self.position == 0;
            self.end = Some(Err(if nothing {
                Miss::Empty
            } else {
                Miss::Lost(Fault::Interrupted)
            }));
            return;
        };
        if self.position < self.forced && bit != direction {
            self.end = Some(Err(Miss::Absent));
            return;
        }
        self.taken |= u64::from(bit) << self.position;
        self.forks |= u64::from(answer == Answer::Both) << self.position;
        self.position += 1;
        if self.position == u64::BITS {
            self.end = Some(self.finish());
        }
    }

    /// Ends the pass with a fault of the wire.
    pub(crate) fn fail(&mut self, fault: Fault) {
        self.end = Some(Err(Miss::Failed(fault)));
    }

    fn finish(&self) -> Result<Found, Miss> {
        match (self.forks >> CRC, Rom::new(self.taken.to_le_bytes())) {
            (0, Ok(rom)) => Ok(Found {
                rom,
                forks: self.forks & !self.taken,
            }),
            // The bits before it determine the CRC: no two devices differ there.
            (0xff, _) => Err(Miss::Failed(Fault::StuckLow)),
            _ => Err(Miss::Lost(Fault::Crc)),
        }
    }
}
