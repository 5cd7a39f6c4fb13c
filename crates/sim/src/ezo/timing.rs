//! How long a circuit takes, and which firmware it runs.

use super::EzoKind;

/// How long a circuit takes for what it does, in milliseconds.
///
/// A command is carried out, and its answer can be read, when its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EzoTiming {
    /// `R` and `RT`.
    pub reading_ms: u32,
    /// `Cal` with a value.
    pub calibration_ms: u32,
    /// Everything else.
    pub other_ms: u32,
    /// From power or restart until it answers.
    pub boot_ms: u32,
    /// From the wake-up until it listens to commands.
    pub wake_ms: u32,
}

impl EzoTiming {
    /// The delays that the data sheets give. Boot and wake-up are measured ones, of 740 to 850 ms and about 10 ms.
    pub fn nominal(kind: EzoKind) -> Self {
        let (reading_ms, calibration_ms) = match kind {
            EzoKind::Ph | EzoKind::Orp | EzoKind::Co2 | EzoKind::Prs => (900, 900),
            EzoKind::Ec | EzoKind::Rtd => (600, 600),
            EzoKind::Do => (600, 1_300),
            EzoKind::Hum | EzoKind::Flo | EzoKind::Pmp | EzoKind::PmpL => (300, 300),
        };
        Self {
            reading_ms,
            calibration_ms,
            other_ms: 300,
            boot_ms: 800,
            wake_ms: 10,
        }
    }

    /// A unit that is ready after 4 ms with whatever it is asked, as `i` was measured to be.
    pub fn fast() -> Self {
        Self {
            reading_ms: 4,
            calibration_ms: 4,
            other_ms: 4,
            boot_ms: 740,
            wake_ms: 10,
        }
    }

    /// A unit that needs 1.66 s for a reading and for a calibration, as pH and ORP were measured to.
    pub fn slow() -> Self {
        Self {
            reading_ms: 1_660,
            calibration_ms: 1_660,
            other_ms: 300,
            boot_ms: 850,
            wake_ms: 10,
        }
    }

    pub(super) fn delay_ns(&self, kind: EzoKind, name: &str, args: &[&str]) -> u64 {
        let ms = match (name, args) {
            ("r" | "rt", _) => self.reading_ms,
            ("cal", ["?" | "clear"]) => self.other_ms,
            ("cal" | "factorycal", _) => self.calibration_ms,
            ("dec", [n]) if *n != "?" && kind == EzoKind::Prs => self.reading_ms,
            _ => self.other_ms,
        };
        u64::from(ms) * 1_000_000
    }
}

/// Which firmware a circuit has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EzoFirmware {
    /// Answers in the forms that old units were seen to give, and lacks what came later: `RT` on pH and EC, `Plock` on EC.
    Old,
    /// Answers as in the data sheets.
    #[default]
    New,
}

/// How a circuit spells its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct EzoDialect {
    /// `?STATUS`, `?CAL`, `?I` for `?Status`, `?Cal`, `?i`.
    pub upper_case: bool,
    /// `?,O,` and `?,P,` for `?O,` and `?P,`.
    pub comma_after_question_mark: bool,
    /// The list of outputs of DO as `?O,MG,1,%,0` for `?,O,%,mg`.
    pub outputs_as_flags: bool,
    /// The slope of pH with its third field, the offset in mV. Without it the slope to base is negative.
    pub slope_offset: bool,
    /// `?EXPORT,10,120` for `10,120`.
    pub export_prefix: bool,
    /// `*OK` after the `*DONE` that ends an export over UART.
    pub export_ok: bool,
    /// The word `Dew` before the dew point of HUM.
    pub dew_word: bool,
}

impl EzoDialect {
    /// The dialect of the firmware.
    pub fn new(firmware: EzoFirmware) -> Self {
        let new = firmware == EzoFirmware::New;
        Self {
            upper_case: !new,
            comma_after_question_mark: new,
            outputs_as_flags: !new,
            slope_offset: new,
            export_prefix: !new,
            export_ok: false,
            dew_word: new,
        }
    }

    /// `?Name,` and so on.
    pub(super) fn prefix(self, name: &str) -> String {
        if self.upper_case {
            format!("?{},", name.to_uppercase())
        } else {
            format!("?{name},")
        }
    }

    pub(super) fn comma_prefix(self, name: &str) -> String {
        let comma = if self.comma_after_question_mark { "," } else { "" };
        format!("?{comma}{name},")
    }
}

/// What the firmware of a circuit calls itself: the token and the version.
pub(super) fn identity(kind: EzoKind, firmware: EzoFirmware) -> (&'static str, &'static str) {
    match (kind, firmware) {
        (EzoKind::Ph, EzoFirmware::New) => ("pH", "2.12"),
        (EzoKind::Ph, EzoFirmware::Old) => ("pH", "1.98"),
        (EzoKind::Ec, EzoFirmware::New) => ("EC", "2.13"),
        (EzoKind::Ec, EzoFirmware::Old) => ("EC", "1.90"),
        (EzoKind::Do, EzoFirmware::New) => ("DO", "2.16"),
        (EzoKind::Do, EzoFirmware::Old) => ("D.O.", "1.98"),
        (EzoKind::Orp, EzoFirmware::New) => ("ORP", "2.10"),
        (EzoKind::Orp, EzoFirmware::Old) => ("ORP", "1.97"),
        (EzoKind::Rtd, EzoFirmware::New) => ("RTD", "2.10"),
        (EzoKind::Rtd, EzoFirmware::Old) => ("RTD", "1.02"),
        (EzoKind::Hum, _) => ("HUM", "1.0"),
        (EzoKind::Co2, _) => ("CO2", "1.0"),
        (EzoKind::Flo, _) => ("FLO", "1.0"),
        (EzoKind::Prs, _) => ("PRS", "1.0"),
        (EzoKind::Pmp, _) => ("PMP", "1.1"),
        (EzoKind::PmpL, _) => ("PMPL", "1.1"),
    }
}

/// `2.12` as 212; unreadable versions are old.
pub(super) fn version_number(text: &str) -> u32 {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let major: u32 = parts.next().unwrap_or(0);
    major * 100 + parts.next().unwrap_or(0)
}
