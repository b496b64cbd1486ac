//! What the lock's component must say, told by the native crate.
//!
//! Everything is in the terms of the contract in `wit/lock`, as JSON that any host can read without
//! knowing the types: a record is an object, an option null or its value, an enum its name, a variant
//! `{"tag", "value"}`, a result `{"ok"}` or `{"err"}`, and a number of 64 bits `{"int": "..."}`, since
//! not every host's JSON can carry it. A snapshot is `{"snapshot": lease}`. Errors are without their
//! message.

mod decisions;
mod histories;
mod json;
mod leases;
mod random;
mod reference;
mod server;

pub use decisions::{decisions, table};
pub use histories::histories;
