//! The Lease part of an API server, in memory.
//!
//! A [`Cluster`] answers as a kube-apiserver 1.36 does for Leases: resourceVersions, conflicts,
//! preconditions, validation, `managedFields` with their stamps, and a watch log. Its [`Clock`]
//! is real or set by hand. [`serve`] puts a thin HTTP face before it, enough for kubectl and for
//! our own verbs, and [`kubeconfig`] says how to reach it. [`populate`] and [`Population`] fill
//! it with the locks of a small living cluster.
//!
//! What it does not imitate: users and their rights, PATCH, generateName, other resources than
//! Leases and Namespaces, protobuf, compression, and limits of size.

mod clock;
mod cluster;
mod field_error;
mod http;
mod lease;
mod population;
mod selection;
mod status;

pub use clock::{Clock, ManualClock};
pub use cluster::{
    Backup, Cluster, DeleteOptions, Deleted, EventKind, LeaseList, ListOptions, Replaced, Watch,
    WatchEvent, WriteOptions,
};
pub use http::{Answer, Server, answer, kubeconfig, serve};
pub use population::{Population, populate};
pub use selection::Selection;
pub use status::Status;
