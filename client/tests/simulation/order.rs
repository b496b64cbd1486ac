//! What the API server saw: whether hand-overs of ours go to who waited longest.

use std::collections::BTreeMap;
use std::sync::Arc;

use lease_sandbox::{Cluster, EventKind, ListOptions, Selection, Watch};
use serde_json::Value;
use tokio::time::Instant;

use crate::world::LOCK;

/// Follows everything that is written, without delay.
pub(crate) struct Order {
    watch: Watch,
    lock: Option<Arc<Value>>,
    /// When the lock came to be.
    pub(crate) created: Instant,
    tickets: BTreeMap<String, Arc<Value>>,
    /// A number that two runs have in common only if they are the same.
    pub(crate) fingerprint: u64,
    pub(crate) hand_overs: u64,
    /// Hand-overs that were taken over because nobody confirmed them.
    pub(crate) dead_grants: u64,
    pub(crate) writes: u64,
}

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) lines: Vec<String>,
    pub(crate) wrong: Option<String>,
}

impl Order {
    pub(crate) fn new(cluster: &Cluster) -> Self {
        Self {
            watch: cluster.watch(Selection::all(), None),
            lock: None,
            created: Instant::now(),
            tickets: BTreeMap::new(),
            fingerprint: 0xcbf2_9ce4_8422_2325,
            hand_overs: 0,
            dead_grants: 0,
            writes: 0,
        }
    }

    pub(crate) fn look(&mut self) -> Seen {
        let mut seen = Seen::default();
        while let Some(event) = self.watch.try_next() {
            let name = text(&event.object, "/metadata/name").to_owned();
            self.note(&event.object);
            let is_there = event.kind != EventKind::Deleted;
            if name != LOCK {
                if is_there {
                    self.tickets.insert(name, event.object);
                } else {
                    self.tickets.remove(&name);
                }
                continue;
            }
            let old = self.lock.take();
            if old.is_none() {
                self.created = Instant::now();
            }
            if is_there {
                seen.lines.push(line(&event.object));
                let wrong = self.check(old.as_deref(), &event.object);
                seen.wrong = seen.wrong.or(wrong);
                self.lock = Some(event.object);
            } else {
                seen.lines.push("the lock is deleted".to_owned());
            }
        }
        seen
    }

    /// After the server went back, everything is as it is now.
    pub(crate) fn begin_anew(&mut self, cluster: &Cluster) {
        let list = cluster.list(&ListOptions::default()).unwrap();
        self.watch = cluster.watch(Selection::all(), Some(list.version));
        self.lock = None;
        self.tickets.clear();
        for lease in list.leases {
            let name = text(&lease, "/metadata/name");
            if name == LOCK {
                self.lock = Some(lease);
            } else {
                self.tickets.insert(name.to_owned(), lease);
            }
        }
    }

    pub(crate) fn tickets(&self) -> &BTreeMap<String, Arc<Value>> {
        &self.tickets
    }

    /// Nobody waits longer than who is handed the lock in order.
    fn check(&mut self, old: Option<&Value>, new: &Value) -> Option<String> {
        let old = old?;
        let served = |lock| version(text(lock, &annotation("served-through")));
        let holder = |lock| text(lock, "/spec/holderIdentity");
        let granted = |lock| text(lock, &annotation("granted-to"));
        if served(new) < served(old) {
            return Some(format!("{} serves what was served before", line(new)));
        }
        let is_granted = |lock| !granted(lock).is_empty() && granted(lock) == holder(lock);
        if !is_granted(new) || holder(new) == holder(old) {
            if is_granted(old) && holder(new) != holder(old) && !holder(new).is_empty() {
                self.dead_grants += 1;
            }
            return None;
        }
        self.hand_overs += 1;
        if served(new) == served(old) {
            // To a named successor, past the queue.
            return None;
        }
        let uid = text(new, "/metadata/uid");
        let passed_by = self.tickets.values().find(|ticket| {
            let place = version(text(ticket, "/metadata/resourceVersion"));
            text(ticket, "/metadata/labels/kubectl-lease.io~1waits-for") == uid
                // Who was served before and is still there is dead, or has to queue again.
                && place > served(old) && place < served(new)
                && text(ticket, "/spec/holderIdentity") != holder(old)
        })?;
        Some(format!(
            "{} though {} waits since {}",
            line(new),
            text(passed_by, "/spec/holderIdentity"),
            text(passed_by, "/metadata/resourceVersion"),
        ))
    }

    /// FNV-1a of what tells states apart.
    fn note(&mut self, object: &Value) {
        self.writes += 1;
        for part in [
            "/metadata/resourceVersion",
            "/metadata/uid",
            "/spec/holderIdentity",
            "/spec/renewTime",
        ] {
            for byte in text(object, part).bytes() {
                self.fingerprint =
                    (self.fingerprint ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
}

fn annotation(name: &str) -> String {
    format!("/metadata/annotations/kubectl-lease.io~1{name}")
}

pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

pub(crate) fn version(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

fn line(lock: &Value) -> String {
    format!(
        "the lock in version {} names {:?} for {} s, granted to {:?}, served through {}",
        text(lock, "/metadata/resourceVersion"),
        text(lock, "/spec/holderIdentity"),
        lock["spec"]["leaseDurationSeconds"],
        text(lock, &annotation("granted-to")),
        text(lock, &annotation("served-through")),
    )
}
