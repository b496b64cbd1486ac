//! The contender, as it is, in a small world that is played through: every interleaving up to a
//! bound (`check`), and long random runs beyond it (`walk`).
//!
//! L = 3, D = 2, R = 1, and one tick to confirm a hand-over. In every interleaving, two of ours
//! meet each pair of: a crash, a pause of any length, a clock that misses a tick, a reply that is
//! lost (whether the write was done, comes later, or never), a watch that is stuck, and the
//! deletion of the lock; and two of ours, without faults, one that behaves as client-go and takes
//! its time. Neither time nor the number of steps is bounded, but how often the lock is written;
//! `LEASE_MODEL=full` raises that. Random walks take three of ours and client-go through all
//! faults at once, with every message as late as it likes; `LEASE_MODEL_STEPS` says how many
//! steps.
//!
//! Never do two believe, tokens grow, and each is the version of a record that made its holder
//! one; whoever is handed the lock was the first in line; and from a share of all states, were all
//! to go well from there, everybody who waits holds the lock within so many ticks, while others
//! come again. `mutations` breaks each rule on purpose, to see that this finds it.
//!
//! What is taken for granted: one that behaves as client-go does not stall between its decision
//! and its write; nobody creates a lock who never saw it and starts while the deleted one would
//! last; for three leases after a server went back, or one after an operator broke a lock without
//! a tombstone, two may believe. Not modelled: stamps, and the guarded work.

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
