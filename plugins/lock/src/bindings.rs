//! What the contract says, in Rust.

#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    clippy::pedantic,
    reason = "it is generated: functions that are exported by name, and memory that is handed over"
)]

wit_bindgen::generate!({
    path: "../../wit/lock",
    world: "logic",
});

export!(Lock with_types_in self);

use crate::Lock;
