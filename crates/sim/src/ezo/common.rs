//! The commands that all circuits have.

use super::EzoKind;
use super::circuit::Circuit;
use super::family::{Answer, Numbers, Then, decimal, flag, number};
use super::timing::version_number;

/// Longer commands are refused.
const LONGEST_COMMAND: usize = 40;
const BAUDS: [u32; 8] = [300, 1_200, 2_400, 9_600, 19_200, 38_400, 57_600, 115_200];
/// An export has 10 strings of 12 characters.
const EXPORT_LENGTH: usize = 120;
const EXPORT_STRING: usize = 12;

/// What the EEPROM keeps besides the calibration.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) led: bool,
    pub(super) locked: bool,
    pub(super) address: u8,
    pub(super) baud: u32,
    /// `*OK` after each command.
    pub(super) ok: bool,
    /// Interval of continuous mode, 0 is off. A pump reports only while it runs unless `report_always`.
    pub(super) report_seconds: u64,
    pub(super) report_always: bool,
}

impl Settings {
    pub(super) fn new(kind: EzoKind) -> Self {
        Self {
            name: String::new(),
            led: true,
            locked: false,
            address: kind.factory_address(),
            baud: 9_600,
            ok: true,
            report_seconds: 1,
            report_always: !kind.is_pump(),
        }
    }
}

impl Circuit {
    pub(super) fn execute(&mut self, line: &str) -> Answer {
        if line.len() > LONGEST_COMMAND || line.is_empty() {
            return Answer::refused();
        }
        let lower = line.to_lowercase();
        let mut words = lower.split(',');
        let name = words.next().unwrap_or_default();
        let args: Vec<_> = words.collect();
        // HUM knows only the small letter.
        if self.kind == EzoKind::Hum && line == "I" {
            return Answer::refused();
        }
        match (name, args.as_slice()) {
            ("i", []) => {
                let prefix = self.dialect.prefix("i");
                Answer::text(format!("{prefix}{},{}", self.token, self.version))
            }
            ("status", []) => {
                let prefix = self.dialect.prefix("Status");
                let decimals = if self.dialect.upper_case { 2 } else { 3 };
                Answer::text(format!("{prefix}{},{:.decimals$}", self.cause, self.volts))
            }
            ("r", []) => Answer::text(self.with_family(|family, env| family.read(env))),
            ("t", args) if self.kind.is_compensated() => self.temperature(args),
            ("rt", [celsius]) if self.has_rt() => {
                if !self.set_temperature(celsius) {
                    return Answer::refused();
                }
                Answer::text(self.with_family(|family, env| family.read(env)))
            }
            ("o", args) => self.output(args),
            ("l", ["?"]) => Answer::text(format!("?L,{}", u8::from(self.settings.led))),
            ("l", [on]) => Answer::done_if(flag(on).map(|on| self.settings.led = on).is_some()),
            ("find", []) => {
                self.finding = true;
                self.settings.report_seconds = 0;
                self.schedule_report(self.at);
                Answer::done()
            }
            ("name", [_]) => self.name(line),
            ("plock", args) if self.has_lock() => self.lock(args),
            ("sleep", []) if self.is_uart() => Answer::done().then(Then::Sleep),
            ("sleep", []) => Answer::silent().then(Then::Sleep),
            ("factory", []) if self.is_uart() => Answer::done().then(Then::Factory),
            ("factory", []) => Answer::silent().then(Then::Factory),
            ("i2c", [address]) => self.switch_to_i2c(address),
            ("baud", [baud]) => self.switch_to_uart(baud),
            ("*ok", [arg]) if self.is_uart() => self.response_codes(arg),
            ("c", [arg]) if self.is_uart() => self.continuous(arg),
            ("export", args) => self.export(args),
            ("import", [_]) => self.import(line),
            (name, args) => self.with_family(|family, env| family.command(name, args, env)),
        }
    }

    fn has_rt(&self) -> bool {
        let version = version_number(&self.version);
        match self.kind {
            EzoKind::Ph => version >= 212,
            EzoKind::Ec => version >= 213,
            kind => kind == EzoKind::Do,
        }
    }

    fn has_lock(&self) -> bool {
        self.kind != EzoKind::Ec || version_number(&self.version) > 194
    }

    fn set_temperature(&mut self, celsius: &str) -> bool {
        let celsius = number(celsius).filter(|celsius| (-126.0..=1254.0).contains(celsius));
        celsius.map(|celsius| self.temperature = celsius).is_some()
    }

    fn temperature(&mut self, args: &[&str]) -> Answer {
        match args {
            ["?"] => Answer::text(format!("?T,{}", decimal(self.temperature))),
            [celsius] => Answer::done_if(self.set_temperature(celsius)),
            _ => Answer::refused(),
        }
    }

    fn output(&mut self, args: &[&str]) -> Answer {
        let flags = self.kind == EzoKind::Do;
        let dialect = self.dialect;
        let Some(outputs) = self.family.outputs() else {
            return Answer::refused();
        };
        match args {
            ["?"] => Answer::text(outputs.query(dialect, flags)),
            [name, on] => Answer::done_if(flag(on).is_some_and(|on| outputs.set(name, on))),
            _ => Answer::refused(),
        }
    }

    /// `line` has the name as it was written.
    fn name(&mut self, line: &str) -> Answer {
        let name = line.split_once(',').map_or("", |(_, name)| name);
        if name == "?" {
            return Answer::text(self.dialect.prefix("Name") + &self.settings.name);
        }
        let good = name.len() <= 16 && name.bytes().all(|byte| byte.is_ascii_graphic());
        if good {
            name.clone_into(&mut self.settings.name);
        }
        Answer::done_if(good)
    }

    fn lock(&mut self, args: &[&str]) -> Answer {
        match args {
            ["?"] => Answer::text(format!(
                "{}{}",
                self.dialect.prefix("Plock"),
                u8::from(self.settings.locked)
            )),
            [on] => Answer::done_if(flag(on).map(|on| self.settings.locked = on).is_some()),
            _ => Answer::refused(),
        }
    }

    fn switch_to_i2c(&mut self, address: &str) -> Answer {
        let address = address.parse().ok().filter(|address| (1..=127).contains(address));
        match address {
            Some(address) if !self.is_uart() => Answer::silent().then(Then::ToI2c(address)),
            Some(address) if !self.settings.locked => Answer::done().then(Then::ToI2c(address)),
            _ => Answer::refused(),
        }
    }

    fn switch_to_uart(&mut self, baud: &str) -> Answer {
        if baud == "?" && self.is_uart() {
            let prefix = self.dialect.prefix("Baud");
            return Answer::text(format!("{prefix}{}", self.settings.baud));
        }
        let baud = baud.parse().ok().filter(|baud| BAUDS.contains(baud));
        match baud {
            Some(baud) if self.is_uart() => Answer::done().then(Then::ToUart(baud)),
            Some(baud) if !self.settings.locked => Answer::silent().then(Then::ToUart(baud)),
            _ => Answer::refused(),
        }
    }

    fn response_codes(&mut self, arg: &str) -> Answer {
        if arg == "?" {
            let text = format!("?*OK,{}", u8::from(self.settings.ok));
            return if self.settings.ok {
                Answer::text(text)
            } else {
                Answer::bare(vec![text])
            };
        }
        Answer::done_if(flag(arg).map(|on| self.settings.ok = on).is_some())
    }

    fn continuous(&mut self, arg: &str) -> Answer {
        let pump = self.kind.is_pump();
        let always = self.settings.report_always;
        match arg {
            "?" if pump && always && self.settings.report_seconds > 0 => Answer::text("?C,*"),
            "?" => Answer::text(format!("?C,{}", self.settings.report_seconds)),
            _ => {
                let most = if pump { 1 } else { 99 };
                let star = pump && arg == "*";
                let seconds = if star { Some(1) } else { arg.parse().ok() };
                let Some(seconds) = seconds.filter(|&seconds| seconds <= most) else {
                    return Answer::refused();
                };
                self.settings.report_seconds = seconds;
                self.settings.report_always = star || !pump;
                self.schedule_report(self.at);
                Answer::done()
            }
        }
    }

    fn export(&mut self, args: &[&str]) -> Answer {
        let text = encode(&self.token, &self.family.calibration());
        match args {
            ["?"] => {
                let prefix = if self.dialect.export_prefix {
                    "?EXPORT,"
                } else {
                    ""
                };
                let strings = EXPORT_LENGTH / EXPORT_STRING;
                Answer::text(format!("{prefix}{strings},{EXPORT_LENGTH}"))
            }
            [] if self.is_uart() => {
                let mut lines = strings(&text);
                lines.push("*DONE".to_owned());
                if self.dialect.export_ok && self.settings.ok {
                    lines.push("*OK".to_owned());
                }
                Answer::bare(lines)
            }
            [] => {
                let next = strings(&text).into_iter().nth(self.exported);
                self.exported = if next.is_some() { self.exported + 1 } else { 0 };
                Answer::text(next.unwrap_or_else(|| "*DONE".to_owned()))
            }
            _ => Answer::refused(),
        }
    }

    fn import(&mut self, line: &str) -> Answer {
        let text = line.split_once(',').map_or("", |(_, text)| text);
        if text.is_empty() || text.len() > EXPORT_STRING {
            return Answer::refused();
        }
        self.imported.push_str(text);
        if self.imported.len() < EXPORT_LENGTH {
            return Answer::done();
        }
        let Some(numbers) = decode(&self.token, &std::mem::take(&mut self.imported)) else {
            return Answer::refused();
        };
        self.family.set_calibration(numbers);
        if self.is_uart() {
            Answer::done().then(Then::Restart)
        } else {
            Answer::text("*Pending").then(Then::Restart)
        }
    }
}

fn strings(text: &str) -> Vec<String> {
    let bytes = text.as_bytes().chunks(EXPORT_STRING);
    bytes
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect()
}

/// Eight digits of a check sum over the rest and the kind of circuit, then the numbers.
fn encode(token: &str, numbers: &Numbers) -> String {
    let digits = numbers
        .map(|number| format!("{:016X}", number.to_bits()))
        .concat();
    format!("{:08X}{digits}", check_sum(token, &digits))
}

fn decode(token: &str, text: &str) -> Option<Numbers> {
    let (sum, digits) = text.split_at_checked(8)?;
    if u32::from_str_radix(sum, 16).ok()? != check_sum(token, digits) {
        return None;
    }
    let mut numbers = Numbers::default();
    for (index, number) in numbers.iter_mut().enumerate() {
        let digits = digits.get(index * 16..(index + 1) * 16)?;
        *number = f64::from_bits(u64::from_str_radix(digits, 16).ok()?);
    }
    Some(numbers)
}

/// FNV-1a. What real circuits export is not documented, and no host may look into it.
fn check_sum(token: &str, digits: &str) -> u32 {
    let bytes = token.bytes().chain(digits.bytes());
    bytes.fold(0x811C_9DC5, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
