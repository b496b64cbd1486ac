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
    path: "../../wit/policy",
    world: "plugin",
    pub_export_macro: true,
    default_bindings_module: "lease_policy::bindings",
    additional_derives: [PartialEq],
});
