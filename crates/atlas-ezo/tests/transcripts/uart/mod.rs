//! UART.

mod exchange;
mod flows;
mod line;

use line::Act::{self, Breaks, Circuit, Ends, Host, HostAfter};
use line::{Broken, Line};
