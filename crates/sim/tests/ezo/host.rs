//! A host that knows nothing of EZO but the bytes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // Part of tests.

use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c;
use embedded_io::{Read, ReadReady, Write};
use sim::{Clock, Ezo, EzoKind, I2cAttached, I2cBus, I2cError, Serial};

pub(crate) const MS: u64 = 1_000_000;

pub(crate) struct I2cHost {
    pub(crate) clock: Clock,
    pub(crate) bus: I2cBus,
    pub(crate) ezo: Ezo,
    pub(crate) attached: I2cAttached<Ezo>,
    pub(crate) address: u8,
}

impl I2cHost {
    pub(crate) fn new(kind: EzoKind, setup: impl Fn(Ezo) -> Ezo) -> Self {
        let clock = Clock::new();
        let bus = I2cBus::new(&clock);
        let ezo = setup(Ezo::new(&clock, kind));
        let address = kind.factory_address();
        let attached = bus.attach(address, ezo.clone());
        Self {
            clock,
            bus,
            ezo,
            attached,
            address,
        }
    }

    pub(crate) fn wait(&self, ms: u32) {
        self.clock.delay().delay_ms(ms);
    }

    pub(crate) fn write(&mut self, command: &str) -> Result<(), I2cError> {
        self.bus.write(self.address, command.as_bytes())
    }

    pub(crate) fn read(&mut self, length: usize) -> Result<Vec<u8>, I2cError> {
        let mut bytes = vec![0xAA; length];
        self.bus.read(self.address, &mut bytes)?;
        Ok(bytes)
    }

    /// Sends a command, waits until its answer is there, and returns that up to the first NUL.
    pub(crate) fn exchange_bytes(&mut self, command: &str) -> Vec<u8> {
        self.write(command).unwrap();
        for _ in 0..30 {
            self.wait(100);
            let frame = self.read(300).unwrap();
            if frame[0] != 254 {
                let end = frame.iter().position(|&byte| byte == 0);
                return frame[..end.unwrap_or(frame.len())].to_vec();
            }
        }
        panic!("{command} is pending for ever");
    }

    /// Exchanges a command of 300 ms so that it is carried out `ms` after the latest one was; returns the text.
    pub(crate) fn exchange_after(&mut self, command: &str, ms: u64) -> String {
        let start = self.ezo.answered_at().unwrap() + (ms - 300) * MS;
        // Start, address, the bytes, stop, at 100 kHz.
        let on_the_bus = (2 + 9 + 9 * command.len() as u64) * 10_000;
        assert!(self.clock.now() < start - on_the_bus);
        self.clock.advance_to(start - on_the_bus);
        self.exchange(command).1
    }

    /// As [`exchange_bytes`](Self::exchange_bytes), as status and text.
    pub(crate) fn exchange(&mut self, command: &str) -> (u8, String) {
        let bytes = self.exchange_bytes(command);
        let text = bytes[1..].iter().map(|&byte| char::from(byte)).collect();
        (bytes[0], text)
    }
}

/// A host with a circuit of this kind on its I2C bus.
pub(crate) fn plain(kind: EzoKind) -> I2cHost {
    ask(kind, |ezo| ezo)
}

/// As [`plain`], with a circuit that `setup` makes different.
pub(crate) fn ask(kind: EzoKind, setup: impl Fn(Ezo) -> Ezo) -> I2cHost {
    I2cHost::new(kind, setup)
}

/// Asserts that each command gets its answer over I2C: text after status 1, or `refused`, which is status 2.
#[track_caller]
pub(crate) fn exchanges(host: &mut I2cHost, list: &[(&str, &str)]) {
    for (command, answer) in list {
        let got = host.exchange(command);
        let want = match *answer {
            "refused" => (2, String::new()),
            text => (1, text.to_owned()),
        };
        assert_eq!(got, want, "{command}");
    }
}

/// A host on a UART.
pub(crate) struct UartHost {
    pub(crate) clock: Clock,
    pub(crate) serial: Serial,
    pub(crate) ezo: Ezo,
}

impl UartHost {
    /// Makes a host whose circuit has its continuous mode switched off.
    pub(crate) fn new(kind: EzoKind, setup: impl Fn(Ezo) -> Ezo) -> Self {
        let mut host = Self::as_shipped(kind, setup);
        assert_eq!(host.exchange("C,0"), "*OK\r");
        host
    }

    pub(crate) fn as_shipped(kind: EzoKind, setup: impl Fn(Ezo) -> Ezo) -> Self {
        let clock = Clock::new();
        let ezo = setup(Ezo::new(&clock, kind));
        let serial = Serial::new(&clock, ezo.clone());
        Self { clock, serial, ezo }
    }

    pub(crate) fn send(&mut self, bytes: &str) {
        self.serial.write_all(bytes.as_bytes()).unwrap();
        self.serial.flush().unwrap();
    }

    /// Returns what arrives within `ms`, errors as `!`.
    pub(crate) fn listen(&mut self, ms: u32) -> String {
        self.clock.delay().delay_ms(ms);
        let mut text = String::new();
        while self.serial.read_ready().unwrap() {
            let mut byte = [0];
            match self.serial.read(&mut byte) {
                Ok(_) => text.push(char::from(byte[0])),
                Err(_) => text.push('!'),
            }
        }
        text
    }

    /// Sends a line and returns all that comes back within the longest time that a command takes.
    pub(crate) fn exchange(&mut self, command: &str) -> String {
        self.send(command);
        self.send("\r");
        self.listen(950)
    }
}
