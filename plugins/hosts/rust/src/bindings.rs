//! What the contract says, in Rust.

#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "it is generated"
)]

wasmtime::component::bindgen!({
    path: "../../../wit/lock",
    world: "logic",
});
