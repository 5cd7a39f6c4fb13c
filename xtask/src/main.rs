//! The project's own commands: see `docs/`.
fn main() {}
