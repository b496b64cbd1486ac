//! A real API server, a real kubectl and real peers, for the tests of this project.
//!
//! The programs are Go's (`tests/go`) and are built by `cargo xtask parts`. Whatever is started here
//! ends with the test process, however that ends: each program stops when its stdin does.
//!
//! This is a harness: what goes wrong in it panics, and so fails the test that used it.

#![allow(clippy::missing_panics_doc)]

mod apiserver;
mod cable;
mod certificates;
mod client;
mod contenders;
mod elector;
mod fault_proxy;
mod forward_proxy;
pub mod hosts;
mod krew;
mod kubectl;
mod kubelet;
mod lease_requests;
mod library;
mod listening;
mod namespace;
mod nobody;
mod output;
mod parts;
mod plugin;
mod process;
mod tls_fault;
mod wall_clock;
mod witness;
mod writer;

pub use apiserver::{ApiServer, ApiServerBuilder};
pub use cable::Cable;
pub use certificates::{Authority, Certificate};
pub use client::Client;
pub use contenders::{Contenders, ContendersBuilder, Kind};
pub use elector::{Elector, ElectorBuilder, Event};
pub use fault_proxy::{Answer, Fate, FaultProxy, Request};
pub use forward_proxy::{ForwardProxy, Tunnelling};
pub use krew::Krew;
pub use kubelet::Kubelet;
pub use lease_requests::LeaseRequests;
pub use lease_terminal::{Cell, Color, Screen, Signal, Terminal, Usage};
pub use namespace::Namespace;
pub use nobody::Nobody;
pub use output::Output;
pub use process::Process;
pub use tls_fault::{TlsFault, TlsFaultServer};
pub use wall_clock::WallClock;
pub use witness::{Mark, What, Witness};
pub use writer::{Renewals, Writer};
