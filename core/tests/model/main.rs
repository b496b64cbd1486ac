//! The contender, as it is, in a small world that is played through: every interleaving up to a
//! bound, and long random runs beyond it.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets a surprise should fail"
)]

mod broken;
mod check;
mod client;
mod key;
mod peer;
mod server;
mod settling;
mod walk;
mod world;
