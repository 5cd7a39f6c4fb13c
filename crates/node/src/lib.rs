#![doc = include_str!("../README.md")]
#![no_std]
// The futures of a node run on one executor of one core; nothing here needs them to be `Send`.
#![allow(async_fn_in_trait)]

mod clock;
mod link;
mod requests;
mod run;
mod sensors;

pub use clock::{Clock, EmbassyClock};
pub use link::{LinkError, Memory, Network};
pub use node_core;
pub use requests::Requests;
pub use run::{Notice, run};
pub use sensors::{Fitted, SensorError, Sensors};
