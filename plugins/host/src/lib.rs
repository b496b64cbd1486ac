//! Runs policies: WebAssembly components of the contract `lease:policy` (`wit/policy`) that judge
//! what somebody is about to do to a lock.
//!
//! A policy is somebody else's program, so nothing that it does may hurt: it reaches nothing but a
//! log, and time, memory, stack and whatever it says are limited ([`limits`]). Each question is put
//! to a new instance. What goes wrong is an [`Error`] in words.
//!
//! Compiling is the one thing that wasmtime does not limit, so that is done by a process of its own
//! ([`compile_in_child`]), and what it makes is kept in a [`Cache`].
//!
//! This crate knows no Kubernetes and prints nothing.

mod bindings;
mod cache;
mod compiling;
mod description;
mod digest;
mod error;
mod host;
mod lift;
pub mod limits;
mod policy;
mod request;
mod running;
mod trust;
mod verdict;
mod world;

pub use cache::Cache;
pub use compiling::{CompileLimits, compile_as_child, compile_in_child};
pub use description::Description;
pub use digest::Digest;
pub use error::Error;
pub use host::Host;
pub use policy::Policy;
pub use request::{Holder, Lock, Request, Standing};
pub use running::{Level, LogLine};
pub use trust::{Distrust, check_file, check_folder, make_folder};
pub use verdict::{Finding, Review, Verdict};
pub use world::{SPOKEN, World};
