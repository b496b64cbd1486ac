//! The contender, as it is, in a small world that is played through: every interleaving up to a
//! bound, and long random runs beyond it.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should fail"
)]

mod account;
mod broken;
mod check;
mod client;
mod faults;
mod key;
mod mutations;
mod outside;
mod peer;
mod server;
mod settling;
mod steps;
mod walk;
mod world;
