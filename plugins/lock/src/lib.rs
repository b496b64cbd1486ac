//! The logic of a lock as a WebAssembly component, by the contract in `wit/lock`.
//!
//! Nothing is decided here: what comes in is put in the terms of [`lease_core`], and what it says in
//! those of the contract. Only what its requests mean for an API server, such as that a ticket is
//! looked up by its name before it is deleted, is spelled out (`carrier`), so that a host has to
//! know nothing but HTTP.

// With std come the texts of panics, and more than one kind of everything.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod bindings;
mod carrier;
mod contender;
mod error;
mod event;
mod lease;
mod request;
mod snapshot;
mod standing;
mod times;
#[cfg(target_arch = "wasm32")]
mod world;

struct Lock;

impl bindings::exports::lease::lock::rules::Guest for Lock {
    type Contender = contender::Driven;
    type Snapshot = snapshot::Seen;
}
