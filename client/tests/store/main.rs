//! The client against a server that keeps its word, and between them a network that does not.

#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

mod cable;
mod connecting;
mod fixture;
mod following;
mod front;
mod interruptions;
mod listing;
mod lost_replies;
mod outcomes;
mod postponed;
mod preserving;
mod rights;
mod time_limits;
mod watch_requests;
