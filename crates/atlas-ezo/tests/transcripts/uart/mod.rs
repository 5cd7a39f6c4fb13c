//! UART.

mod exchange;
mod flows;
mod line;

pub(crate) use line::{Act, Line};

use line::Act::{Breaks, Circuit, Ends, Host, HostAfter};
use line::Broken;
