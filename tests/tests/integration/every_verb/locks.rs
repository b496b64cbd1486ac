//! The locks that the verbs meet, and what is left of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use lease_tests::{ApiServer, Namespace};
use serde_json::{Value, json};

use crate::lock::{held, micros};

/// Locks by namespace and name.
pub(crate) type Locks = BTreeMap<(String, String), Value>;

/// Makes a lock for each verb in each of these namespaces, in the state that the verb needs.
pub(crate) fn make(namespaces: &[Namespace<'_>]) {
    let of = |namespace: &Namespace<'_>| {
        let locks = [
            held("lock-seen", "somebody", 600),
            held("lock-free", "", 600),
            held("lock-kept", "me", 600),
            held("lock-given", "me", 600),
            over("lock-over"),
            over("lock-left"),
        ];
        locks.map(|mut lock| {
            lock["metadata"]["namespace"] = json!(namespace.name());
            lock
        })
    };
    let admin = ApiServer::shared().admin();
    let locks: Vec<_> = namespaces.iter().flat_map(of).collect();
    admin.create_all(&locks);

    // Their stamps are moved back, as every writer can; the server reverts that where nothing else
    // is changed.
    let mut over: Vec<_> = in_these(namespaces, "--show-managed-fields")
        .into_values()
        .filter(|lock| lock["spec"]["holderIdentity"] == "gone")
        .collect();
    for lock in &mut over {
        lock["metadata"]["managedFields"][0]["time"] = json!(format!("{:.0}", an_hour_ago()));
        lock["metadata"]["labels"] = json!({"moved": "back"});
    }
    admin.replace_all(&over);
}

/// A lock whose lease was over an hour ago, by its holder's clock.
fn over(name: &str) -> Value {
    let past = micros(an_hour_ago());
    let mut lock = held(name, "gone", 15);
    lock["spec"]["acquireTime"] = json!(past);
    lock["spec"]["renewTime"] = json!(past);
    lock
}

fn an_hour_ago() -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(1)
}

/// How the locks in these namespaces stand now.
pub(crate) fn all<'a>(namespaces: impl IntoIterator<Item = &'a Namespace<'a>>) -> Locks {
    in_these(namespaces, "--show-managed-fields=false")
}

fn in_these<'a>(
    namespaces: impl IntoIterator<Item = &'a Namespace<'a>>,
    managed_fields: &str,
) -> Locks {
    let names: BTreeSet<_> = namespaces.into_iter().map(Namespace::name).collect();
    let list = ApiServer::shared()
        .kubectl(["get", "leases", "-A", "-o", "json", managed_fields])
        .json();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|lease| {
            let text = |field: &str| lease["metadata"][field].as_str().unwrap().to_owned();
            ((text("namespace"), text("name")), lease.clone())
        })
        .filter(|((namespace, _), _)| names.contains(namespace.as_str()))
        .collect()
}
