//! What commands of every circuit carry and bring back.

use crate::Fault;
use crate::text::{Fields, Parse as _, whole};
use core::fmt;
use quantity::Millivolts;

/// What a circuit says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// Acidity.
    Ph,
    /// Conductivity.
    Ec,
    /// Dissolved oxygen.
    Do,
    /// Redox potential.
    Orp,
    /// Temperature of a platinum probe.
    Rtd,
    /// Humidity.
    Hum,
    /// Carbon dioxide.
    Co2,
    /// Flow.
    Flo,
    /// Pressure.
    Prs,
    /// Pump.
    Pmp,
    /// Large pump.
    PmpL,
}

impl Kind {
    /// Reads the token of `i`: `pH`, `D.O.`, `PMP-L`; case, points, hyphens and blanks do not matter.
    pub(crate) fn parse(field: &[u8]) -> Result<Self, Fault> {
        const TOKENS: [(&[u8], Kind); 11] = [
            (b"PH", Kind::Ph),
            (b"EC", Kind::Ec),
            (b"DO", Kind::Do),
            (b"ORP", Kind::Orp),
            (b"RTD", Kind::Rtd),
            (b"HUM", Kind::Hum),
            (b"CO2", Kind::Co2),
            (b"FLO", Kind::Flo),
            (b"PRS", Kind::Prs),
            (b"PMP", Kind::Pmp),
            (b"PMPL", Kind::PmpL),
        ];
        let token = || field.iter().filter(|byte| !b".- ".contains(byte));
        TOKENS
            .iter()
            .find(|(name, _)| token().map(u8::to_ascii_uppercase).eq(name.iter().copied()))
            .map(|&(_, kind)| kind)
            .ok_or(Fault::Malformed)
    }
}

/// Version of the firmware, as a number: `1.98` is before `2.10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Firmware(u16);

impl Firmware {
    /// Takes the version times 100: `198` for 1.98.
    pub const fn from_hundredths(hundredths: u16) -> Self {
        Self(hundredths)
    }

    /// The version times 100.
    pub const fn hundredths(self) -> u16 {
        self.0
    }
}

/// Answer to [`Information`](crate::command::Information).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Information {
    /// Which circuit it is.
    pub kind: Kind,
    /// Which firmware it has.
    pub firmware: Firmware,
}

/// Why a circuit restarted last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Restart {
    /// `P`: it had been switched off.
    PoweredOff,
    /// `S`: software.
    Software,
    /// `B`: the supply was too low.
    BrownOut,
    /// `W`: watchdog.
    Watchdog,
    /// `U`: it does not know.
    Unknown,
}

/// Answer to [`Status`](crate::command::Status).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Status {
    /// Why the circuit restarted last.
    pub restart: Restart,
    /// Supply of the circuit.
    pub supply: Millivolts,
}

impl Restart {
    pub(crate) fn parse(field: &[u8]) -> Result<Self, Fault> {
        Ok(match field {
            b"P" | b"p" => Self::PoweredOff,
            b"S" | b"s" => Self::Software,
            b"B" | b"b" => Self::BrownOut,
            b"W" | b"w" => Self::Watchdog,
            b"U" | b"u" => Self::Unknown,
            _ => return Err(Fault::Malformed),
        })
    }
}

/// On or off: `1` or `0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Switch {
    /// `0`.
    Off,
    /// `1`.
    On,
}

impl Switch {
    /// Whether it is on.
    pub const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }

    pub(crate) fn parse(field: &[u8]) -> Result<Self, Fault> {
        match field {
            b"0" => Ok(Self::Off),
            b"1" => Ok(Self::On),
            _ => Err(Fault::Malformed),
        }
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_on() { "1" } else { "0" })
    }
}

/// Address on the I2C bus, 1 to 127.
///
/// Circuits take addresses which the I2C specification reserves (1 to 7, 120 to 127); leave them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Address(u8);

impl Address {
    /// Takes the 7 bits of an address.
    ///
    /// # Errors
    ///
    /// [`Fault::Argument`] for 0 and above 127.
    pub const fn new(address: u8) -> Result<Self, Fault> {
        match address {
            1..=127 => Ok(Self(address)),
            _ => Err(Fault::Argument),
        }
    }

    pub(crate) const fn literal(address: u8) -> Self {
        Self(address)
    }

    /// The 7 bits.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// Speed of a UART in bits per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(missing_docs, reason = "the names say it")]
pub enum BaudRate {
    B300,
    B1200,
    B2400,
    /// The factory's.
    B9600,
    B19200,
    B38400,
    B57600,
    B115200,
}

impl BaudRate {
    /// Every rate that a circuit has.
    pub const ALL: [Self; 8] = [
        Self::B300,
        Self::B1200,
        Self::B2400,
        Self::B9600,
        Self::B19200,
        Self::B38400,
        Self::B57600,
        Self::B115200,
    ];

    /// Bits per second.
    pub const fn get(self) -> u32 {
        match self {
            Self::B300 => 300,
            Self::B1200 => 1_200,
            Self::B2400 => 2_400,
            Self::B9600 => 9_600,
            Self::B19200 => 19_200,
            Self::B38400 => 38_400,
            Self::B57600 => 57_600,
            Self::B115200 => 115_200,
        }
    }

    pub(crate) fn parse(field: &[u8]) -> Result<Self, Fault> {
        let bps: u32 = whole(field)?;
        Self::ALL
            .into_iter()
            .find(|rate| rate.get() == bps)
            .ok_or(Fault::OutOfRange)
    }
}

/// Name that a user gave to a circuit: up to 16 printable characters without blanks and commas.
///
/// (That commas are not taken is an assumption: an answer could not be told from one with more fields.)
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Name(heapless::String<16>);

impl Name {
    /// Takes a name; an empty one is no name.
    ///
    /// # Errors
    ///
    /// [`Fault::Argument`] for more than 16 characters and for characters that a circuit does not take.
    pub fn new(name: &str) -> Result<Self, Fault> {
        if !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',') {
            return Err(Fault::Argument);
        }
        heapless::String::try_from(name)
            .map(Self)
            .map_err(|_| Fault::Argument)
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn parse(field: &[u8]) -> Result<Self, Fault> {
        let name = core::str::from_utf8(field).map_err(|_| Fault::Malformed)?;
        Self::new(name).map_err(|_| Fault::Malformed)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Name {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.as_str());
    }
}

/// Alarm output of a circuit, in the unit of its readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Alarm<T, M = Switch> {
    /// Where it switches on.
    pub level: T,
    /// How far below the level it switches off again.
    pub tolerance: T,
    /// Whether it is used at all.
    pub mode: M,
}

impl<T, M> Alarm<T, M> {
    /// `level,tolerance,mode`.
    pub(crate) fn parse(
        mut fields: Fields<'_>,
        value: fn(&[u8]) -> Result<T, Fault>,
        mode: fn(&[u8]) -> Result<M, Fault>,
    ) -> Result<Self, Fault> {
        let level = value.parse(fields.required()?)?;
        let tolerance = value.parse(fields.required()?)?;
        Ok(Self {
            level,
            tolerance,
            mode: fields.only(mode)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_old_and_new_firmware_are_known() {
        for (token, kind) in [
            (&b"pH"[..], Kind::Ph),
            (b"D.O.", Kind::Do),
            (b"DO", Kind::Do),
            (b"EC", Kind::Ec),
            (b"ORP", Kind::Orp),
            (b"RTD", Kind::Rtd),
            (b"HUM", Kind::Hum),
            (b"CO2", Kind::Co2),
            (b"FLO", Kind::Flo),
            (b"PRS", Kind::Prs),
            (b"PMP", Kind::Pmp),
            (b"PMP-L", Kind::PmpL),
            (b"pmpl", Kind::PmpL),
        ] {
            assert_eq!(Kind::parse(token), Ok(kind));
        }
        assert_eq!(Kind::parse(b"RGB"), Err(Fault::Malformed));
        assert_eq!(Kind::parse(b""), Err(Fault::Malformed));
    }

    #[test]
    fn addresses_end_at_1_and_127() {
        assert_eq!(Address::new(0), Err(Fault::Argument));
        assert_eq!(Address::new(1).map(Address::get), Ok(1));
        assert_eq!(Address::new(127).map(Address::get), Ok(127));
        assert_eq!(Address::new(128), Err(Fault::Argument));
    }

    #[test]
    fn names_are_16_graphic_characters() {
        assert_eq!(
            Name::new("0123456789abcdef").as_ref().map(Name::as_str),
            Ok("0123456789abcdef")
        );
        assert_eq!(Name::new("").as_ref().map(Name::as_str), Ok(""));
        for name in ["0123456789abcdefg", "a b", "a,b", "a\r", "µ"] {
            assert_eq!(Name::new(name), Err(Fault::Argument), "{name}");
        }
    }

    #[test]
    fn baud_rates_are_those_of_the_circuits() {
        assert_eq!(
            BaudRate::ALL.map(BaudRate::get),
            [300, 1200, 2400, 9600, 19200, 38400, 57600, 115_200]
        );
        assert_eq!(BaudRate::parse(b"9600"), Ok(BaudRate::B9600));
        assert_eq!(BaudRate::parse(b"9601"), Err(Fault::OutOfRange));
        assert_eq!(BaudRate::parse(b"x"), Err(Fault::Malformed));
    }

    #[test]
    fn restart_codes_are_five() {
        for (code, restart) in [
            (b"P", Restart::PoweredOff),
            (b"S", Restart::Software),
            (b"B", Restart::BrownOut),
            (b"W", Restart::Watchdog),
            (b"U", Restart::Unknown),
        ] {
            assert_eq!(Restart::parse(code), Ok(restart));
        }
        assert_eq!(Restart::parse(b"X"), Err(Fault::Malformed));
    }
}
