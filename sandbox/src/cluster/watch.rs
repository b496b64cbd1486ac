//! WATCH: every change, in order, once.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Cluster;
use super::state::{Change, State};
use crate::selection::Selection;
use crate::status::Status;

/// What happened to an object, as far as the watcher can see it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EventKind {
    /// It came, or came into the selection.
    Added,
    /// It went, or left the selection.
    Deleted,
    /// The watch is over; the object is a `Status`.
    Error,
    /// It changed within the selection.
    Modified,
}

impl EventKind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Deleted => "DELETED",
            Self::Error => "ERROR",
            Self::Modified => "MODIFIED",
        }
    }
}

/// One event of a watch.
#[derive(Clone, Debug)]
pub struct WatchEvent {
    /// What happened.
    pub kind: EventKind,
    /// The Lease after the change; of a deleted one the last state, with the resourceVersion of
    /// the deletion.
    pub object: Arc<Value>,
}

/// A running watch. It holds no lock between its events.
#[derive(Debug)]
pub struct Watch {
    cluster: Cluster,
    ended: bool,
    pending: VecDeque<WatchEvent>,
    restored: u64,
    selection: Selection,
    version: u64,
}

impl Cluster {
    /// Watches Leases from the version `since` on, exclusively. Without a version, or from 0,
    /// it first tells what is there, as ADDED.
    ///
    /// A version from before the compaction is answered by one ERROR event with a 410, as on
    /// the server, not by an error of the call.
    pub fn watch(&self, selection: Selection, since: Option<u64>) -> Watch {
        let state = self.state();
        let mut pending = VecDeque::new();
        let version = match since {
            Some(since) if since > 0 => since,
            _ => {
                let leases = state.leases().values();
                let matching = leases.filter(|lease| selection.matches(lease));
                pending.extend(matching.map(|lease| WatchEvent {
                    kind: EventKind::Added,
                    object: Arc::clone(lease),
                }));
                state.version()
            }
        };
        Watch {
            cluster: self.clone(),
            ended: false,
            pending,
            restored: state.restored(),
            selection,
            version,
        }
    }
}

impl Watch {
    /// Everything up to this resourceVersion has been told or is waiting to be taken.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The next event if there is one already.
    pub fn try_next(&mut self) -> Option<WatchEvent> {
        if self.pending.is_empty() && !self.ended {
            self.catch_up();
        }
        self.pending.pop_front()
    }

    /// Waits for the next event. None when the watch is over, which an ERROR event announces.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<WatchEvent> {
        let cluster = self.cluster.clone();
        loop {
            // Whoever listens before it looks misses nothing.
            let mut changed = pin!(cluster.shared.changed.notified());
            changed.as_mut().enable();
            if let Some(event) = self.try_next() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            changed.await;
        }
    }

    fn catch_up(&mut self) {
        let cluster = self.cluster.clone();
        let state = cluster.state();
        if state.restored() != self.restored {
            self.ended = true;
            return;
        }
        let Some(changes) = state.changes_after(self.version) else {
            let status = too_old(self.version, &state);
            self.ended = true;
            self.pending.push_back(WatchEvent {
                kind: EventKind::Error,
                object: Arc::new(status.to_value()),
            });
            return;
        };
        let events = changes.filter_map(|change| event(change, &self.selection));
        self.pending.extend(events);
        // A watch may start at a version that is yet to come.
        self.version = self.version.max(state.version());
    }
}

fn event(change: &Change, selection: &Selection) -> Option<WatchEvent> {
    let matching = |lease: &Option<Arc<Value>>| {
        lease
            .as_ref()
            .filter(|lease| selection.matches(lease))
            .map(Arc::clone)
    };
    let (kind, object) = match (matching(&change.old), matching(&change.new)) {
        (None, None) => return None,
        (None, Some(new)) => (EventKind::Added, new),
        (Some(_), Some(new)) => (EventKind::Modified, new),
        (Some(old), None) => {
            let mut last = Value::clone(&old);
            last["metadata"]["resourceVersion"] = json!(change.version.to_string());
            (EventKind::Deleted, Arc::new(last))
        }
    };
    Some(WatchEvent { kind, object })
}

fn too_old(version: u64, state: &State) -> Status {
    Status::expired(format!(
        "too old resource version: {version} ({})",
        state.compacted()
    ))
}
