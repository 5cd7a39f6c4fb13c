//! I2C. Blocking and async run on `embedded-hal-mock`; polled on a bus that looks at the time.

mod bus;
mod exchange;
mod flows;

pub(crate) use bus::{Act, Timed, delay_mock, i2c_mock};
