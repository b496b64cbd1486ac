//! Places in a queue.

use lease_tests::{ApiServer, Client};
use serde_json::json;

use super::world::{MINUTE, UUID, lock, lock_like, only, silent, time, type_next};
use crate::lock::{get, patch};

/// Lets somebody wait for a lock, and tells the version of its ticket.
fn ticket(client: &Client, lock: &str, holder: &str) -> u64 {
    let uid = get(client, lock)["metadata"]["uid"].clone();
    let ticket = client.create(&json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": format!("{lock}-ticket"), "labels": {"kubectl-lease.io/waits-for": uid},
        },
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": 2},
    }));
    let version = ticket["metadata"]["resourceVersion"].as_str().unwrap();
    version.parse().unwrap()
}

fn served_through(client: &Client, lock: &str, version: u64) {
    let annotations = json!({"kubectl-lease.io/served-through": version.to_string()});
    let change = json!({"metadata": {"annotations": annotations}});
    patch(client, lock, "holder", &change);
}

#[test]
fn a_ticket_that_was_passed_by_is_dead() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    // Taken long ago or just now, and renewed since.
    for (name, taken) in [
        ("passed", 5 * MINUTE),
        ("settling", 30),
        ("waiting", 5 * MINUTE),
    ] {
        lock_like(client, name, 0, |lock| {
            lock["spec"]["acquireTime"] = json!(time(taken).replace('Z', ".000000Z"));
            lock["spec"]["leaseDurationSeconds"] = json!(600);
        });
        let version = ticket(client, name, "alice@desk");
        let through = if name == "waiting" {
            version - 1
        } else {
            version
        };
        served_through(client, name, through);
    }
    silent(client, "settling");
    silent(client, "waiting");
    let finding = only(client, "passed", "DEAD_TICKET");
    type_next(client, &finding).success();
    silent(client, "passed");
}

/// How old a ticket is says the server: a young one is left alone, since its pod may be as young.
#[test]
fn a_ticket_that_is_young_is_left_alone() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    lock(client, "wanted", "alice@desk", 600, 1);
    ticket(client, "wanted", &format!("gone-7c5d8f9b6d-x2k9p_{UUID}"));
    silent(client, "wanted");
}
