//! The logic of a lock as a WebAssembly component, by the contract in `wit/lock`.
//!
//! Nothing is decided here: what comes in is put in the terms of [`lease_core`], and what it says in
//! those of the contract. Only what its requests mean for an API server, such as that a ticket is
//! looked up by its name before it is deleted, is spelled out (`carrier`), so that a host has to
//! know nothing but HTTP.

// It is nothing but a component: its pointers have 32 bits.
#![cfg(target_arch = "wasm32")]
// With std come the texts of panics, and more than one kind of everything.
#![no_std]

extern crate alloc;

mod abi;
mod carrier;
mod contender;
mod contract;
mod error;
mod event;
mod exports;
mod lease;
mod request;
mod snapshot;
mod standing;
mod times;
