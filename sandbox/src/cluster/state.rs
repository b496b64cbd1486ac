//! The objects of a cluster, their versions, and the log of their changes.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::uids::Uids;

/// Where an object is stored: `namespace/name`, in the order in which etcd keeps its keys.
pub(super) type Key = String;

/// The namespaces of a fresh cluster.
const FIRST_NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Everything that a cluster knows.
#[derive(Clone, Debug)]
pub(super) struct State {
    capacity: usize,
    /// The log tells everything after this version.
    compacted: u64,
    leases: BTreeMap<Key, Arc<Value>>,
    log: VecDeque<Change>,
    namespaces: BTreeMap<String, Arc<Value>>,
    /// How often it went back to an older state: watches do not outlive that.
    restored: u64,
    uids: Uids,
    version: u64,
}

/// One committed change of a Lease.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) key: Key,
    pub(super) new: Option<Arc<Value>>,
    pub(super) old: Option<Arc<Value>>,
    pub(super) version: u64,
}

impl State {
    pub(super) fn new(capacity: usize, uids: Uids, now: Timestamp) -> Self {
        let mut state = Self {
            capacity,
            compacted: 0,
            leases: BTreeMap::new(),
            log: VecDeque::new(),
            namespaces: BTreeMap::new(),
            restored: 0,
            uids,
            version: 0,
        };
        for name in FIRST_NAMESPACES {
            state.add_namespace(name, now);
        }
        state
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn compacted(&self) -> u64 {
        self.compacted
    }

    pub(super) fn compact(&mut self) {
        self.log.clear();
        self.compacted = self.version;
    }

    pub(super) fn restored(&self) -> u64 {
        self.restored
    }

    /// Goes back to how things were, versions included; what happened since has never been.
    pub(super) fn restore(&mut self, earlier: &Self) {
        let then = earlier.clone();
        *self = Self {
            restored: self.restored + 1,
            // No uid is given twice all the same.
            uids: self.uids.clone(),
            ..then
        };
        self.compact();
    }

    pub(super) fn fresh_uid(&mut self) -> String {
        self.uids.next()
    }

    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<Arc<Value>> {
        self.leases.get(&key(namespace, name)).cloned()
    }

    pub(super) fn leases(&self) -> &BTreeMap<Key, Arc<Value>> {
        &self.leases
    }

    pub(super) fn namespaces(&self) -> &BTreeMap<String, Arc<Value>> {
        &self.namespaces
    }

    /// Adds a namespace; one that is there stays as it is.
    pub(super) fn add_namespace(&mut self, name: &str, now: Timestamp) {
        if self.namespaces.contains_key(name) {
            return;
        }
        self.version += 1;
        let uid = self.fresh_uid();
        let namespace = super::namespaces::new(name, &uid, self.version, now);
        self.namespaces.insert(name.to_owned(), Arc::new(namespace));
    }

    /// Stores a Lease under the next version, which it is given, and tells the log.
    pub(super) fn put(&mut self, namespace: &str, name: &str, mut lease: Value) -> Arc<Value> {
        self.version += 1;
        lease["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let lease = Arc::new(lease);
        let key = key(namespace, name);
        let old = self.leases.insert(key.clone(), Arc::clone(&lease));
        self.tell(key, old, Some(Arc::clone(&lease)));
        lease
    }

    /// Removes a Lease at the next version, and tells the log.
    pub(super) fn remove(&mut self, namespace: &str, name: &str) {
        let key = key(namespace, name);
        if let Some(old) = self.leases.remove(&key) {
            self.version += 1;
            self.tell(key, Some(old), None);
        }
    }

    fn tell(&mut self, key: Key, old: Option<Arc<Value>>, new: Option<Arc<Value>>) {
        self.log.push_back(Change {
            key,
            new,
            old,
            version: self.version,
        });
        while self.log.len() > self.capacity {
            if let Some(change) = self.log.pop_front() {
                self.compacted = change.version;
            }
        }
    }

    /// The changes after `version`, oldest first. None when the log does not reach back so far.
    pub(super) fn changes_after(&self, version: u64) -> Option<impl Iterator<Item = &Change>> {
        (version >= self.compacted).then(|| {
            let first = self.log.partition_point(|change| change.version <= version);
            self.log.range(first..)
        })
    }

    /// The Leases as they were at `version`, by taking the log back. None when it does not
    /// reach back so far.
    pub(super) fn leases_at(&self, version: u64) -> Option<Cow<'_, BTreeMap<Key, Arc<Value>>>> {
        if version == self.version {
            return Some(Cow::Borrowed(&self.leases));
        }
        let later: Vec<&Change> = self.changes_after(version)?.collect();
        let mut leases = self.leases.clone();
        for change in later.into_iter().rev() {
            match &change.old {
                Some(old) => leases.insert(change.key.clone(), Arc::clone(old)),
                None => leases.remove(&change.key),
            };
        }
        Some(Cow::Owned(leases))
    }
}

/// The key of a Lease.
pub(super) fn key(namespace: &str, name: &str) -> Key {
    format!("{namespace}/{name}")
}
