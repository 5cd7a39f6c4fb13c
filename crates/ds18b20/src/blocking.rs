//! The blocking front end.

use crate::command::{
    CONVERT_T, COPY_SCRATCHPAD, EEPROM_WRITE, READ_POWER_SUPPLY, READ_SCRATCHPAD, RECALL_E2, RECALL_INTERVAL,
    RECALL_LOOKS,
};
use crate::conversion::{Conversion, LONGEST, Step};
use crate::scratchpad::Settings;
use crate::{Alarms, Completion, Error, Fault, Resolution, Scratchpad, Supply, Temperature};
use fugit::MicrosDurationU32;
use one_wire::Target;
use one_wire::blocking::OneWire;

/// A thermometer on a blocking bus.
pub type Ds18b20 = crate::mode::Ds18b20<crate::mode::Blocking>;

/// Every thermometer on a blocking bus.
pub type Group = crate::mode::Group<crate::mode::Blocking>;

type Result<T, B> = core::result::Result<T, Error<<B as OneWire>::Error>>;

impl Ds18b20 {
    /// Reads the device's resolution and supply, and so checks that it is there and what it says that it is.
    ///
    /// # Errors
    /// Those of [`scratchpad`](Self::scratchpad).
    pub fn init<B: OneWire>(&mut self, bus: &mut B) -> Result<(), B> {
        self.scratchpad(bus)?;
        self.read_supply(bus)?;
        Ok(())
    }

    /// Converts, waits and reads.
    ///
    /// # Errors
    /// Those of [`convert`](Self::convert) and [`read`](Self::read).
    pub fn measure<B: OneWire>(&mut self, bus: &mut B) -> Result<Temperature, B> {
        self.convert(bus, Completion::Wait)?;
        self.read(bus)
    }

    /// Starts a conversion and returns when it is over.
    ///
    /// A device with a supply of its own is asked whether it has begun, and the command is repeated if not. One that
    /// is powered by the wire gets the strong pull-up for as long as its resolution needs; it is off again on return,
    /// whatever the outcome.
    ///
    /// # Errors
    /// [`Fault::NotStarted`], [`Fault::Absent`] if the device is gone, errors of the bus, among them
    /// [`one_wire::Fault::Unsupported`] if the bus has no strong pull-up and the device needs it.
    pub fn convert<B: OneWire>(&mut self, bus: &mut B, completion: Completion) -> Result<(), B> {
        let conversion = self.start(bus, completion)?;
        let outcome = watch(bus, conversion);
        if conversion.is_powered() {
            unpower(bus, outcome)
        } else {
            outcome
        }
    }

    /// Starts a conversion, makes sure that it has begun, and returns the time after which its result can be read:
    /// 750 ms at any resolution, for there are clones that need it, and they are not asked again.
    ///
    /// Meanwhile others can be started. Each shows that it has heard the command, which those of a [`Group`] do not; but
    /// on a wire so noisy that resets get lost, one that is busy already can answer for another.
    ///
    /// # Errors
    /// Those of [`convert`](Self::convert), and [`one_wire::Fault::Unsupported`] of a device that is powered by the wire,
    /// and needs all of it while it converts.
    pub fn start_conversion<B: OneWire>(&mut self, bus: &mut B) -> Result<MicrosDurationU32, B> {
        if self.supply() == Supply::Parasite {
            return Err(Error::Bus(one_wire::Fault::Unsupported.into()));
        }
        self.start(bus, Completion::Wait)?;
        Ok(LONGEST)
    }

    /// Reads the result of the last conversion.
    ///
    /// Convert again after a change of resolution: the bits of the old result are not those of the new resolution.
    ///
    /// # Errors
    /// Those of [`scratchpad`](Self::scratchpad) and [`Scratchpad::temperature`], and [`Fault::ResolutionChanged`].
    pub fn read<B: OneWire>(&mut self, bus: &mut B) -> Result<Temperature, B> {
        let assumed = self.resolution();
        let scratchpad = self.scratchpad(bus)?;
        Ok(self.judge(assumed, &scratchpad)?)
    }

    /// Reads the whole scratchpad: result, alarm thresholds or user bytes, resolution.
    ///
    /// # Errors
    /// [`Fault::Absent`], [`Fault::AllZeros`], [`Fault::Crc`], [`Fault::Configuration`] and errors of the wire after
    /// all retries; [`Fault::Max31850`] and errors of the bus at once.
    pub fn scratchpad<B: OneWire>(&mut self, bus: &mut B) -> Result<Scratchpad, B> {
        let mut attempt = 0;
        loop {
            let outcome = self.fetch(bus);
            if !self.again(&mut attempt, &outcome) {
                return outcome.inspect(|scratchpad| self.learn(scratchpad));
            }
        }
    }

    /// Asks whether the device takes its current from the wire, and remembers it. Nobody answers as one that does
    /// not.
    ///
    /// No CRC covers the answer, so three in a row have to agree.
    ///
    /// # Errors
    /// [`Fault::SupplyUnclear`] and errors of the wire after all retries; errors of the bus at once. The supply is then
    /// as it was.
    pub fn read_supply<B: OneWire>(&mut self, bus: &mut B) -> Result<Supply, B> {
        let mut attempt = 0;
        loop {
            let outcome = self.ask_supply(bus);
            if !self.again(&mut attempt, &outcome) {
                return outcome.inspect(|&supply| self.set_supply(supply));
            }
        }
    }

    /// Sets the resolution until the device is switched off. Writes only if the device has another, keeps TH and TL,
    /// and reads back.
    ///
    /// # Errors
    /// [`Fault::ResolutionIgnored`] with the resolution that the device has, and can be used with;
    /// [`Fault::NotStored`]; those of [`scratchpad`](Self::scratchpad).
    pub fn set_resolution<B: OneWire>(&mut self, bus: &mut B, resolution: Resolution) -> Result<(), B> {
        let found = self.scratchpad(bus)?;
        self.store(bus, found, found.settings().with_resolution(resolution))
    }

    /// Sets the alarm thresholds until the device is switched off. Writes only if the device has others, keeps the
    /// resolution, and reads back.
    ///
    /// # Errors
    /// [`Fault::NotStored`]; those of [`scratchpad`](Self::scratchpad).
    pub fn set_alarms<B: OneWire>(&mut self, bus: &mut B, alarms: Alarms) -> Result<(), B> {
        self.set_user_bytes(bus, alarms.user_bytes())
    }

    /// Sets TH and TL to two bytes of any use until the device is switched off, as
    /// [`set_alarms`](Self::set_alarms).
    ///
    /// # Errors
    /// Those of [`set_alarms`](Self::set_alarms).
    pub fn set_user_bytes<B: OneWire>(&mut self, bus: &mut B, bytes: [u8; 2]) -> Result<(), B> {
        let found = self.scratchpad(bus)?;
        self.store(bus, found, found.settings().with_user_bytes(bytes))
    }

    /// Copies TH, TL and the resolution to the EEPROM, where they survive, and waits for that: 10 ms, with the
    /// strong pull-up if the device is powered by the wire.
    ///
    /// Some clones endure as few as eight of these. Nothing else in this crate writes the EEPROM.
    ///
    /// # Errors
    /// Errors of the bus. The device does not say whether it has heard.
    pub fn copy_scratchpad<B: OneWire>(&mut self, bus: &mut B) -> Result<(), B> {
        if self.supply() == Supply::Parasite {
            bus.select(self.target())?;
            let outcome = bus.write_byte_powered(COPY_SCRATCHPAD);
            if outcome.is_ok() {
                bus.wait(EEPROM_WRITE);
            }
            return unpower(bus, outcome.map_err(Error::Bus));
        }
        self.send(bus, &[COPY_SCRATCHPAD])?;
        bus.wait(EEPROM_WRITE);
        Ok(())
    }

    /// Reloads TH, TL and the resolution from the EEPROM, as power-on does, and reads them.
    ///
    /// # Errors
    /// [`Fault::Timeout`] if the device is still busy after 10 ms; those of [`scratchpad`](Self::scratchpad).
    pub fn recall_eeprom<B: OneWire>(&mut self, bus: &mut B) -> Result<Scratchpad, B> {
        self.send(bus, &[RECALL_E2])?;
        for _ in 0..RECALL_LOOKS {
            if bus.read_byte()? == 0xFF {
                return self.scratchpad(bus);
            }
            bus.wait(RECALL_INTERVAL);
        }
        Err(Fault::Timeout.into())
    }

    /// Starts a conversion and makes as sure as can be that it has begun.
    pub(crate) fn start<B: OneWire>(&mut self, bus: &mut B, completion: Completion) -> Result<Conversion, B> {
        let mut attempt = 0;
        let conversion = loop {
            let outcome = begin(bus, self.target(), self.plan(completion));
            if !self.begin_again(&mut attempt, &outcome) {
                break outcome?;
            }
        };
        if !self.has_begun(&conversion) {
            // A device that is gone does not begin either, and then that is the fault to report.
            if self.rom().is_some() {
                self.scratchpad(bus)?;
            }
            return Err(Fault::NotStarted.into());
        }
        Ok(conversion)
    }

    fn fetch<B: OneWire>(&self, bus: &mut B) -> Result<Scratchpad, B> {
        let mut bytes = [0; 9];
        bus.select(self.target())?;
        bus.write_byte(READ_SCRATCHPAD)?;
        bus.read(&mut bytes)?;
        Ok(Scratchpad::decode(self.family(), bytes)?)
    }

    fn ask_supply<B: OneWire>(&self, bus: &mut B) -> Result<Supply, B> {
        let mut ones = 0;
        for _ in 0..Supply::QUESTIONS {
            bus.select(self.target())?;
            bus.write_byte(READ_POWER_SUPPLY)?;
            ones += u8::from(bus.read_bit()?);
        }
        Ok(Supply::from_ones(ones)?)
    }

    /// Writes `wanted` until the device holds it or the attempts are spent.
    fn store<B: OneWire>(&mut self, bus: &mut B, mut found: Scratchpad, wanted: Settings) -> Result<(), B> {
        let mut retries = None;
        while self.must_write(&mut retries, wanted, &found)? {
            self.send(bus, self.written(&wanted.command()))?;
            found = self.scratchpad(bus)?;
        }
        Ok(())
    }

    fn send<B: OneWire>(&mut self, bus: &mut B, command: &[u8]) -> Result<(), B> {
        let mut attempt = 0;
        loop {
            let outcome = bus.select(self.target()).map_err(Error::Bus);
            if !self.again(&mut attempt, &outcome) {
                outcome?;
                return Ok(bus.write(command)?);
            }
        }
    }
}

impl Group {
    /// Starts a conversion in every device on the wire and returns when the slowest of `sensors` is done; they can be
    /// read then. Without `sensors` it is taken to need 750 ms.
    ///
    /// Who has heard the command cannot be told apart: if one at least has, it counts as begun.
    ///
    /// # Errors
    /// [`Fault::NotStarted`] and errors of the bus, as [`Ds18b20::convert`].
    pub fn convert<B: OneWire>(
        &mut self,
        bus: &mut B,
        sensors: &[Ds18b20],
        completion: Completion,
    ) -> Result<(), B> {
        self.among(sensors).convert(bus, completion)
    }

    /// Asks whether any device takes its current from the wire, and remembers it.
    ///
    /// # Errors
    /// Those of [`Ds18b20::read_supply`].
    pub fn read_supply<B: OneWire>(&mut self, bus: &mut B) -> Result<Supply, B> {
        let supply = self.everyone().read_supply(bus)?;
        self.set_supply(supply);
        Ok(supply)
    }
}

/// Sends Convert T, under power or followed by a look whether somebody is busy.
fn begin<B: OneWire>(bus: &mut B, target: Target, mut conversion: Conversion) -> Result<Conversion, B> {
    bus.select(target)?;
    if conversion.is_powered() {
        let outcome = bus.write_byte_powered(CONVERT_T).map_err(Error::Bus);
        if outcome.is_err() {
            unpower(bus, outcome)?;
        }
    } else {
        bus.write_byte(CONVERT_T)?;
        conversion.began(bus.read_byte()?);
    }
    Ok(conversion)
}

/// Waits until the conversion is over. The time on the wire itself comes on top.
fn watch<B: OneWire>(bus: &mut B, mut conversion: Conversion) -> Result<(), B> {
    let mut elapsed = MicrosDurationU32::from_micros(0);
    loop {
        match conversion.step(elapsed) {
            Step::Wait(time) => {
                bus.wait(time);
                elapsed = elapsed.saturating_add(time);
            }
            Step::Look => conversion.saw(bus.read_byte()?, elapsed),
            Step::Done => return Ok(()),
        }
    }
}

/// Ends the strong pull-up, whatever came before. Of two errors the first is kept.
pub(crate) fn unpower<B: OneWire>(bus: &mut B, outcome: Result<(), B>) -> Result<(), B> {
    let off = bus.power_off();
    outcome?;
    Ok(off?)
}
