//! A waiter's place in a queue, as a Lease object.

use std::time::Duration;

use lease_core::{Ticket, Timestamp, Uid};
use serde_json::{Map, Value, json};

use crate::lease_summary::LeaseSummary;
use crate::micro_time;
use crate::outer_lock::OuterLock;

/// The label of a ticket; its value is the uid of the lock that its owner waits for.
pub const WAITS_FOR: &str = Ticket::WAITS_FOR;

/// The annotation of a ticket with the locks that its owner runs under.
const HOLDS: &str = "kubectl-lease.io/holds";

/// A ticket that is to be created.
///
/// Its waiter chooses the name, so that a ticket whose reply was lost is found again. The ticket
/// belongs to the lock (`ownerReferences`): the garbage collector removes it with the lock, so
/// that the places of the dead do not outlive what they waited for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewTicket {
    /// The lock's namespace, and the ticket's.
    pub namespace: String,
    /// The ticket's name.
    pub name: String,
    /// The lock's name.
    pub lock_name: String,
    /// The lock's uid.
    pub lock: Uid,
    /// The identity that waits.
    pub holder: String,
    /// What a hand-over will grant. Whole seconds.
    pub window: Duration,
    /// The locks that its waiter runs under meanwhile.
    pub under: Vec<OuterLock>,
    /// When its waiter began to wait, on its wall clock: for people only.
    pub since: Timestamp,
}

impl NewTicket {
    /// The name of a ticket for a lock, made unique by a number that nobody else has.
    pub fn name_for(lock_name: &str, unique: uuid::Uuid) -> String {
        Ticket::name_for(lock_name, &unique.to_string())
    }

    /// The object with which it is created.
    pub(crate) fn object(&self) -> Map<String, Value> {
        let object = json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "namespace": self.namespace,
                "name": self.name,
                "labels": { WAITS_FOR: self.lock.as_str() },
                "ownerReferences": [{
                    "apiVersion": "coordination.k8s.io/v1",
                    "kind": "Lease",
                    "name": self.lock_name,
                    "uid": self.lock.as_str(),
                }],
            },
            "spec": {
                "holderIdentity": self.holder,
                "leaseDurationSeconds": self.window.as_secs(),
                "acquireTime": micro_time::format(self.since),
            },
        });
        match object {
            Value::Object(mut object) => {
                if !self.under.is_empty() {
                    let under = OuterLock::write_all(&self.under);
                    object["metadata"]["annotations"] = json!({ HOLDS: under });
                }
                object
            }
            _ => Map::new(),
        }
    }
}

impl LeaseSummary {
    /// The place in a queue that this lease is; `None` for a lock.
    pub fn ticket(&self) -> Option<Ticket> {
        let lock = self.waits_for.clone()?;
        Some(Ticket::of(&self.snapshot, lock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_as_it_was_written() {
        let new = NewTicket {
            namespace: "work".into(),
            name: NewTicket::name_for("backup", uuid::Uuid::nil()),
            lock_name: "backup".into(),
            lock: Uid::new("8a"),
            holder: "me".into(),
            window: Duration::from_secs(2),
            under: vec![OuterLock {
                lock: Uid::new("7c"),
                holder: "me, before".into(),
            }],
            since: Timestamp::from_micros(1_000_000),
        };
        let mut object = new.object();
        object["metadata"]["uid"] = "9b".into();
        object["metadata"]["resourceVersion"] = "12".into();
        let summary = LeaseSummary::read(&Value::Object(object).to_string()).unwrap();
        let ticket = summary.ticket().unwrap();
        assert_eq!(ticket.holder, "me");
        assert_eq!(ticket.lock, Uid::new("8a"));
        assert_eq!(
            ticket.name,
            "backup-ticket-00000000-0000-0000-0000-000000000000"
        );
        assert_eq!(ticket.window, Duration::from_secs(2));
        assert_eq!(summary.snapshot.record.acquire_time, Some(new.since));
        assert_eq!(*summary.holds, *new.under);
    }

    #[test]
    fn a_name_stays_a_name_however_long_the_locks_is() {
        for lock_name in ["a".repeat(253), format!("{}.b", "a".repeat(199))] {
            let name = NewTicket::name_for(&lock_name, uuid::Uuid::nil());
            assert!(name.len() <= 253, "{name}");
            assert!(!name.contains(".-"), "{name}");
        }
    }
}
