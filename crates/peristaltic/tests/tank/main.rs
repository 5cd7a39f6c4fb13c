//! One promise at a time. The pump of most tests gives 1.2 mL/s: 72 mL in a minute.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test, helpers included"
)]

mod accounts;
mod doses;
mod faults;
mod metered;
mod outputs;
mod resets;
mod support;
