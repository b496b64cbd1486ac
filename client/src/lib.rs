//! Drives [`lease_core`] against the Lease objects of a Kubernetes cluster.
//!
//! - [`Lock`] is a lock that a program takes, holds and gives back: first come, first served among
//!   its own kind, and safe beside client-go's leader election and leaselocker.
//! - [`connect`] finds the cluster as kubectl does.
//! - [`Store`] is the seam between the logic of a lock and the objects that hold it;
//!   [`LeaseStore`] is the one for Leases, [`ConfigMapStore`] the one for locks that are
//!   `ConfigMap`s, as kvdi's are. Its errors say what a lock has to know of a write
//!   that failed: conflict, gone, denied, or unknown.
//! - [`watch`](LeaseStore::watch) follows leases through dropped connections and restarts.
//! - [`clock`] reads the two kinds of clock that the core is given.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use lease_client::{ConnectOptions, LeaseStore, Lock, connect};
//!
//! let cluster = connect(&ConnectOptions::default()).await?;
//! let lock = Lock::new(LeaseStore::new(cluster.requests), cluster.namespace, "backup");
//! let guard = lock.acquire_patiently().await?;
//! tokio::select! {
//!     () = back_up(guard.token()) => {}
//!     loss = guard.lost() => eprintln!("stopped half-way: {loss:?}"),
//! }
//! guard.release().await?;
//! # Ok(()) }
//! # async fn back_up(token: Option<lease_core::FencingToken>) {}
//! ```
//!
//! Nothing in this crate prints.

mod access_review;
mod carry_out;
pub mod clock;
mod config_map;
mod config_map_store;
mod connect;
mod identity;
mod incoming;
mod kubeconfig_names;
mod leader_for_life;
mod lease;
mod lease_candidate;
mod lease_store;
mod lease_summary;
mod limit;
mod list_stream;
mod listing;
mod lock;
mod lock_event;
pub mod micro_time;
mod namespaces;
mod node;
mod notes;
mod outer_lock;
mod pod;
mod pod_owner;
mod request;
mod right;
mod selection;
mod spec;
mod status;
mod store;
mod ticket;
mod watch;
mod watch_stream;

pub use access_review::ServiceAccount;
pub use carry_out::carry_out;
pub use clock::{Machine, ThisMachine};
pub use config_map_store::ConfigMapStore;
pub use connect::{
    Cluster, ConnectError, ConnectOptions, CredentialsError, Impersonate, PluginProblem, connect,
};
pub use identity::fresh_identity;
pub use kubeconfig_names::{KubeconfigNames, kubeconfig_names};
pub use leader_for_life::LeaderForLife;
pub use lease::{Lease, MalformedLease};
pub use lease_candidate::LeaseCandidate;
pub use lease_store::{LeaseStore, List, Listed};
pub use lease_summary::{LeaseSummary, Writer};
pub use lock::{
    AcquireError, Attempt, Deed, EventRecorder, Guard, Held, Lock, NotHeld, Notice, ReleaseError,
    Released, RunError, Trouble, Unhealthy,
};
pub use lock_event::{EventAbout, LockEvent};
pub use node::{Node, Readiness, Ready};
pub use outer_lock::OuterLock;
pub use pod::{Container, End, Pod};
pub use pod_owner::{ThisPod, this_pod};
pub use request::{RequestError, Requests};
pub use right::Right;
pub use selection::{Scope, Selection};
pub use status::ApiStatus;
pub use store::{Dated, ReadError, Store, WriteError};
pub use ticket::{NewTicket, WAITS_FOR};
pub use watch::Change;
