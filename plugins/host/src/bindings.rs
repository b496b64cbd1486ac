//! What the contract says, in Rust.

#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    reason = "it is generated"
)]

wasmtime::component::bindgen!({
    path: "../../wit/policy",
    world: "plugin",
});
