//! Writing a lock as its program would.

use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::lock::{Deed, Form, Lock};
use crate::cluster::{Cluster, WriteOptions};
use crate::lease::time_format;

/// Writes `deed` at the time of `cluster`'s clock. A write that is refused is not repeated: the
/// program tries again at its next turn.
pub(super) fn write(cluster: &Cluster, lock: &Lock, deed: Deed) {
    let options = WriteOptions::by(lock.manager);
    if deed == Deed::Create {
        let lease = created(cluster, lock);
        // Taken meanwhile: somebody else's now.
        let _ = cluster.create(lock.namespace, &lease, &options);
        return;
    }
    let Ok(stored) = cluster.get(lock.namespace, lock.name) else {
        return;
    };
    let mut lease = Value::clone(&stored);
    let spec = &mut lease["spec"];
    let transitions = spec["leaseTransitions"].as_i64().unwrap_or_default();
    let now = json!(time_format::micros(holders_time(cluster, lock)));
    match deed {
        Deed::Acquire => {
            spec["acquireTime"] = now.clone();
            spec["holderIdentity"] = json!(lock.holder);
            spec["leaseDurationSeconds"] = json!(lock.duration);
            spec["leaseTransitions"] = json!(transitions + 1);
        }
        Deed::Create | Deed::Renew => {}
        Deed::Release => {
            spec["acquireTime"] = now.clone();
            spec["holderIdentity"] = json!("");
            spec["leaseDurationSeconds"] = json!(1);
        }
    }
    spec["renewTime"] = now;
    // Changed meanwhile: the next turn sees what to do.
    let _ = cluster.replace(lock.namespace, lock.name, &lease, &options);
}

fn created(cluster: &Cluster, lock: &Lock) -> Value {
    let now = json!(time_format::micros(holders_time(cluster, lock)));
    // Its first holder has another name if it changed hands later.
    let first = if lock.transitions > 0 || lock.holder.is_empty() {
        format!("{}-before", lock.name)
    } else {
        lock.holder.to_owned()
    };
    let mut spec = json!({ "holderIdentity": first });
    if lock.form != Form::Terraform {
        spec["leaseDurationSeconds"] = json!(lock.duration);
        spec["renewTime"] = now.clone();
    }
    if lock.form == Form::ClientGo {
        spec["acquireTime"] = now;
        spec["leaseTransitions"] = json!((lock.transitions - 1).max(0));
    }
    let mut metadata = json!({ "name": lock.name, "namespace": lock.namespace });
    if !lock.labels.is_empty() {
        let labels = lock.labels.iter();
        metadata["labels"] = labels
            .map(|&(key, value)| (key.to_owned(), json!(value)))
            .collect::<Map<_, _>>()
            .into();
    }
    if !lock.annotations.is_empty() {
        let annotations = lock.annotations.iter();
        metadata["annotations"] = annotations
            .map(|(key, value)| ((*key).to_owned(), json!(value)))
            .collect::<Map<_, _>>()
            .into();
    }
    if lock.namespace == "kube-node-lease" {
        metadata["ownerReferences"] = json!([{
            "apiVersion": "v1",
            "kind": "Node",
            "name": lock.name,
            "uid": Uuid::new_v4().to_string(),
        }]);
    }
    json!({
        "apiVersion": crate::lease::decode::API_VERSION,
        "kind": "Lease",
        "metadata": metadata,
        "spec": spec,
    })
}

/// What the holder's own clock shows.
fn holders_time(cluster: &Cluster, lock: &Lock) -> jiff::Timestamp {
    let now = cluster.now();
    now.saturating_add(SignedDuration::from_secs(lock.clock))
        .unwrap_or(now)
}
