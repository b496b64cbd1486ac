//! Locks that programs take, hold and give back, over HTTP against the sandbox.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

mod fixture;
mod holding;
mod losing;
mod waiting;
