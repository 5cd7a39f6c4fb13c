//! What a pump's motor hangs on.

use crate::Drive;
use embedded_hal::digital::{OutputPin, PinState};
use embedded_hal::pwm::SetDutyCycle;

/// An output that a pump's motor hangs on.
pub trait Motor {
    /// What can go wrong with it.
    type Error;

    /// Puts out `drive`. When it fails, what is put out is not known.
    ///
    /// # Errors
    ///
    /// That of the output. Whoever calls this then tries [`Drive::Stop`].
    fn drive(&mut self, drive: Drive) -> Result<(), Self::Error>;
}

/// A motor that a pin switches on and off, through a transistor.
///
/// Duty cycles other than nothing are full, so there is no soft start. Backwards is off.
#[derive(Debug)]
pub struct Switched<P> {
    pin: P,
    on: PinState,
}

impl<P> Switched<P> {
    /// A motor that runs while `pin` is high.
    pub const fn active_high(pin: P) -> Self {
        Self {
            pin,
            on: PinState::High,
        }
    }

    /// A motor that runs while `pin` is low.
    pub const fn active_low(pin: P) -> Self {
        Self {
            pin,
            on: PinState::Low,
        }
    }

    /// Gives the pin back, as it is.
    pub fn release(self) -> P {
        self.pin
    }
}

impl<P: OutputPin> Motor for Switched<P> {
    type Error = P::Error;

    fn drive(&mut self, drive: Drive) -> Result<(), P::Error> {
        match drive {
            Drive::Forward(duty) if duty.get() > 0 => self.pin.set_state(self.on),
            _ => self.pin.set_state(!self.on),
        }
    }
}

/// A motor on a PWM output, through a transistor. Backwards is off.
#[derive(Debug)]
pub struct Pwm<P> {
    pwm: P,
}

impl<P> Pwm<P> {
    /// A motor that runs the faster the longer `pwm` is on.
    pub const fn new(pwm: P) -> Self {
        Self { pwm }
    }

    /// Gives the output back, as it is.
    pub fn release(self) -> P {
        self.pwm
    }
}

impl<P: SetDutyCycle> Motor for Pwm<P> {
    type Error = P::Error;

    fn drive(&mut self, drive: Drive) -> Result<(), P::Error> {
        match drive {
            Drive::Forward(duty) => set_duty(&mut self.pwm, duty),
            _ => self.pwm.set_duty_cycle_fully_off(),
        }
    }
}

/// A motor on an H-bridge with two inputs: one of them on is one direction, none is off, and both never.
///
/// Duty cycles other than nothing are full, so there is no soft start.
#[derive(Debug)]
pub struct Bridge<F, R> {
    forward: F,
    reverse: R,
}

impl<F, R> Bridge<F, R> {
    /// A motor that doses while `forward` is high, and runs backwards while `reverse` is.
    pub const fn new(forward: F, reverse: R) -> Self {
        Self { forward, reverse }
    }

    /// Gives the pins back, as they are.
    pub fn release(self) -> (F, R) {
        (self.forward, self.reverse)
    }
}

impl<F: OutputPin, R: OutputPin<Error = F::Error>> Motor for Bridge<F, R> {
    type Error = F::Error;

    /// Off comes before on, so that both are never on.
    fn drive(&mut self, drive: Drive) -> Result<(), F::Error> {
        match drive {
            Drive::Forward(duty) if duty.get() > 0 => {
                self.reverse.set_low()?;
                self.forward.set_high()
            }
            Drive::Reverse(duty) if duty.get() > 0 => {
                self.forward.set_low()?;
                self.reverse.set_high()
            }
            _ => {
                let forward = self.forward.set_low();
                self.reverse.set_low().and(forward)
            }
        }
    }
}

/// A motor on an H-bridge with two PWM inputs: one of them on is one direction, none is off, and both never.
#[derive(Debug)]
pub struct PwmBridge<F, R> {
    forward: F,
    reverse: R,
}

impl<F, R> PwmBridge<F, R> {
    /// A motor that doses by the duty cycle of `forward`, and runs backwards by that of `reverse`.
    pub const fn new(forward: F, reverse: R) -> Self {
        Self { forward, reverse }
    }

    /// Gives the outputs back, as they are.
    pub fn release(self) -> (F, R) {
        (self.forward, self.reverse)
    }
}

impl<F: SetDutyCycle, R: SetDutyCycle<Error = F::Error>> Motor for PwmBridge<F, R> {
    type Error = F::Error;

    /// Off comes before on, so that both are never on.
    fn drive(&mut self, drive: Drive) -> Result<(), F::Error> {
        match drive {
            Drive::Forward(duty) => {
                self.reverse.set_duty_cycle_fully_off()?;
                set_duty(&mut self.forward, duty)
            }
            Drive::Reverse(duty) => {
                self.forward.set_duty_cycle_fully_off()?;
                set_duty(&mut self.reverse, duty)
            }
            Drive::Stop => {
                let forward = self.forward.set_duty_cycle_fully_off();
                self.reverse.set_duty_cycle_fully_off().and(forward)
            }
        }
    }
}

/// The ends are asked for by name: not every PWM is on all the time at its largest value.
fn set_duty<P: SetDutyCycle>(pwm: &mut P, duty: crate::Duty) -> Result<(), P::Error> {
    match duty.get() {
        0 => pwm.set_duty_cycle_fully_off(),
        1_000 => pwm.set_duty_cycle_fully_on(),
        permille => pwm.set_duty_cycle_fraction(permille, 1_000),
    }
}
