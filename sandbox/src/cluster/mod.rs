//! One cluster in memory.

mod continue_token;
mod create;
mod delete;
mod list;
mod namespaces;
mod replace;
mod state;
mod uids;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Notify;

pub use self::delete::{DeleteOptions, Deleted};
pub use self::list::{LeaseList, ListOptions};
pub use self::replace::Replaced;
use self::state::State;
use self::uids::Uids;
pub use self::watch::{EventKind, Watch, WatchEvent};
use crate::clock::Clock;
use crate::status::Status;

/// How many changes the watch log keeps unless it is told otherwise.
const LOG_CAPACITY: usize = 10_000;

/// One in-memory cluster. Clones share its objects and are cheap.
///
/// Its methods never wait, and may be called from any thread. What they answer is what a
/// kube-apiserver 1.36 answers, refusals included, which are a [`Status`].
#[derive(Clone, Debug)]
pub struct Cluster {
    clock: Clock,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Wakes those who wait for the next version, always in the order in which they came.
    changed: Notify,
}

/// A cluster's state at one moment.
#[derive(Clone, Debug)]
pub struct Backup(State);

/// How a write is to be done.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// Answers as if, and changes nothing.
    pub dry_run: bool,
    /// The manager that `managedFields` will name; empty becomes `unknown`.
    pub field_manager: String,
}

impl WriteOptions {
    /// A write in the name of `field_manager`.
    pub fn by(field_manager: impl Into<String>) -> Self {
        Self {
            dry_run: false,
            field_manager: field_manager.into(),
        }
    }
}

impl Cluster {
    /// A cluster with the namespaces that every cluster has, and no Lease.
    pub fn new(clock: Clock) -> Self {
        Self::with_log(clock, LOG_CAPACITY)
    }

    /// A cluster whose watch log keeps the last `capacity` changes: whoever asks for older ones
    /// gets 410.
    pub fn with_log(clock: Clock, capacity: usize) -> Self {
        Self::with(clock, capacity, Uids::Random)
    }

    /// A cluster whose uids are the same ones in each run that starts from the same `seed`: with a
    /// manual clock nothing in it is left to chance.
    pub fn seeded(clock: Clock, seed: u64) -> Self {
        Self::with(clock, LOG_CAPACITY, Uids::Seeded(seed))
    }

    fn with(clock: Clock, capacity: usize, uids: Uids) -> Self {
        let state = State::new(capacity, uids, clock.now());
        Self {
            clock,
            shared: Arc::new(Shared {
                changed: Notify::new(),
                state: Mutex::new(state),
            }),
        }
    }

    /// The same cluster for one who writes at another time: its clock stands at `time`, so that
    /// stamps and creation times say so. For objects that are to look old.
    #[must_use]
    pub fn at(&self, time: Timestamp) -> Self {
        self.with_clock(Clock::manual(time))
    }

    /// The same cluster, its stamps and its `Date` taken from `clock`.
    #[must_use]
    pub fn with_clock(&self, clock: Clock) -> Self {
        Self {
            clock,
            shared: Arc::clone(&self.shared),
        }
    }

    /// The wall time of this cluster's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The newest resourceVersion.
    pub fn version(&self) -> u64 {
        self.state().version()
    }

    /// Forgets the watch log, as etcd's compaction does: lists and watches from before now
    /// get 410.
    pub fn compact(&self) {
        self.state().compact();
    }

    /// Keeps how things are, for [`Cluster::restore`].
    pub fn backup(&self) -> Backup {
        Backup(self.state().clone())
    }

    /// Goes back to how things were, resourceVersions included, as an etcd does that is restored
    /// from a backup. Open watches end, and later ones know nothing from before.
    pub fn restore(&self, backup: &Backup) {
        let mut state = self.state();
        state.restore(&backup.0);
        self.shared.changed.notify_waiters();
    }

    /// Reads a Lease.
    ///
    /// # Errors
    /// 404 when it is not there.
    pub fn get(&self, namespace: &str, name: &str) -> Result<Arc<Value>, Status> {
        self.state()
            .get(namespace, name)
            .ok_or_else(|| Status::not_found(name))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a write and wakes the watchers when it changed something.
    fn write<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let before = state.version();
        let answer = write(&mut state);
        if state.version() != before {
            self.shared.changed.notify_waiters();
        }
        answer
    }
}
