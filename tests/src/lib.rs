//! A real API server, a real kubectl and real peers, for the tests of this project.
//!
//! The programs are Go's (`tests/go`) and are built by `cargo xtask parts`. Whatever is started here
//! ends with the test process, however that ends: each program stops when its stdin does.
//!
//! This is a harness: what goes wrong in it panics, and so fails the test that used it.

#![allow(clippy::missing_panics_doc)]

mod apiserver;
mod client;
mod elector;
mod forward_proxy;
mod kubectl;
mod namespace;
mod output;
mod parts;
mod plugin;
mod process;

pub use apiserver::{ApiServer, ApiServerBuilder};
pub use client::Client;
pub use elector::{Elector, ElectorBuilder, Event};
pub use forward_proxy::{ForwardProxy, Tunnelling};
pub use namespace::Namespace;
pub use output::Output;
pub use process::Process;
