//! Each rule where it fires, and beside it where it must be silent.

mod assigned;
mod clocks;
mod deadlock;
mod heartbeat;
mod history;
mod leader_for_life;
mod namesakes;
mod queue;
mod record;
mod rights;
mod silence;
mod together;

use lease_client::{Container, LeaseSummary, Node, Pod, Readiness, Ready, micro_time};
use lease_core::{Timestamp, Uid};
use serde_json::{Value, json};

use crate::diagnosis::facts::Pods;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::{Code, Facts, Finding, findings};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const POD: &str = "web-7c5d8f9b6d-x2k9p";
const HOLDER: &str = "web-7c5d8f9b6d-x2k9p_0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

/// So many seconds ago.
fn ago(seconds: i64) -> Timestamp {
    let now = micro_time::parse("2026-11-21T10:00:00Z").unwrap();
    Timestamp::from_micros(now.as_micros() - seconds * 1_000_000)
}

/// A lock in `n` that is held by a pod, and was renewed so many seconds ago.
fn lock(renewed: i64) -> Value {
    let time = micro_time::format(ago(renewed));
    json!({
        "metadata": {
            "namespace": "n", "name": "web", "uid": "u", "resourceVersion": "900",
            "creationTimestamp": micro_time::format_seconds(ago(9 * HOUR)),
            "managedFields": [{
                "manager": "web", "time": micro_time::format_seconds(ago(renewed)),
                "fieldsV1": {"f:spec": {
                    "f:acquireTime": {}, "f:holderIdentity": {}, "f:leaseDurationSeconds": {},
                    "f:leaseTransitions": {}, "f:renewTime": {},
                }},
            }],
        },
        "spec": {
            "holderIdentity": HOLDER, "leaseDurationSeconds": 15, "leaseTransitions": 1,
            "acquireTime": time, "renewTime": time,
        },
    })
}

fn changed(mut lock: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut lock);
    lock
}

fn named(lock: Value, namespace: &str, name: &str, holder: &str) -> Value {
    changed(lock, |lock| {
        lock["metadata"]["namespace"] = namespace.into();
        lock["metadata"]["name"] = name.into();
        lock["spec"]["holderIdentity"] = holder.into();
    })
}

fn read(lock: &Value) -> LeaseSummary {
    LeaseSummary::read(&lock.to_string()).unwrap()
}

fn container(running_since: i64) -> Container {
    Container {
        name: "main".into(),
        running_since: Some(ago(running_since)),
        ..Container::default()
    }
}

/// A pod that has run for eight hours on node `worker-1`.
fn pod(name: &str) -> Pod {
    Pod {
        namespace: "n".into(),
        name: name.into(),
        uid: Uid::new("p"),
        created: Some(ago(8 * HOUR)),
        deletion: None,
        owner: None,
        is_mirror: false,
        node: Some("worker-1".into()),
        hostname: None,
        has_host_network: false,
        service_account: None,
        phase: "Running".into(),
        reason: None,
        is_ready: Some(true),
        containers: vec![container(8 * HOUR)],
    }
}

fn node(name: &str, status: Ready, since: i64) -> Node {
    Node {
        name: name.into(),
        hostname: Some(name.into()),
        readiness: Some(Readiness {
            status,
            since: Some(ago(since)),
            reason: "NodeStatusUnknown".into(),
        }),
    }
}

/// A cluster that is well: the holder's pod, and one on the same node beside it.
fn cluster(lock: &Value) -> Facts {
    Facts {
        locks: vec![read(lock)],
        pods: Some(Pods {
            pods: vec![pod(POD), pod("other-7c5d8f9b6d-x2k9p")],
            are_all: true,
        }),
        nodes: Some(vec![
            node("worker-1", Ready::True, 9 * HOUR),
            node("worker-2", Ready::True, 9 * HOUR),
        ]),
        events: Some(Vec::new()),
        date: Some(ago(0)),
        ..Facts::default()
    }
}

fn with(lock: &Value, change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = cluster(lock);
    change(&mut facts);
    facts
}

fn pods(facts: &mut Facts) -> &mut Vec<Pod> {
    &mut facts.pods.as_mut().unwrap().pods
}

fn codes(facts: &Facts) -> Vec<Code> {
    findings(facts).iter().map(|finding| finding.code).collect()
}

#[track_caller]
fn only(facts: &Facts, code: Code) -> Finding {
    let mut found = findings(facts);
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = found.remove(0);
    assert_eq!(finding.code, code, "{finding:#?}");
    finding
}

#[track_caller]
fn silent(facts: &Facts) {
    let found = findings(facts);
    assert!(found.is_empty(), "{found:#?}");
}

/// A lock of every dialect whose holder is well, in a cluster that is.
#[test]
fn healthy_locks_of_every_dialect_yield_nothing() {
    let heartbeat = changed(
        named(lock(9), "kube-node-lease", "worker-1", "worker-1"),
        |lock| {
            lock["spec"]["leaseDurationSeconds"] = 40.into();
        },
    );
    let identity = changed(
        named(lock(9), "kube-system", "apiserver-x", "apiserver-x_1"),
        |lock| {
            lock["metadata"]["labels"] = json!({
                "apiserver.kubernetes.io/identity": "kube-apiserver",
                "kubernetes.io/hostname": "worker-1",
            });
            lock["spec"]["leaseDurationSeconds"] = 3600.into();
        },
    );
    let terraform = changed(
        named(lock(0), "n", "lock-tfstate-default-prod", "id-1"),
        |lock| {
            lock["metadata"]["labels"] = json!({"tfstate": "true"});
            lock["metadata"]["annotations"] =
                json!({"app.terraform.io/lock-info": r#"{"ID": "id-1"}"#});
            lock["metadata"]["managedFields"][0]["time"] =
                micro_time::format_seconds(ago(90 * MINUTE)).into();
            lock["spec"] = json!({"holderIdentity": "id-1"});
        },
    );
    let database = changed(named(lock(4), "n", "db", "db-1"), |lock| {
        lock["metadata"]["ownerReferences"] =
            json!([{"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster"}]);
    });
    let assigned = changed(lock(2), |lock| {
        lock["spec"]["strategy"] = "OldestEmulationVersion".into();
        lock["spec"]["preferredHolder"] = "another".into();
    });
    let free = changed(named(lock(9 * HOUR), "n", "web", ""), |lock| {
        lock["spec"]["leaseDurationSeconds"] = 1.into();
    });
    let freed = changed(lock(9 * HOUR), |lock| lock["spec"] = json!({}));
    let leaselocker = changed(lock(35), |lock| {
        lock["spec"]["leaseDurationSeconds"] = 60.into();
    });
    let offered = changed(named(lock(1), "n", "web", "me@desk_1"), |lock| {
        lock["metadata"]["annotations"] = json!({
            "kubectl-lease.io/granted-to": "me@desk_1",
            "kubectl-lease.io/granted-ticket": "web-ticket-1/t",
        });
        lock["spec"]["leaseDurationSeconds"] = 2.into();
    });
    // A mutex of somebody's own, under which a pod works.
    let mutex = changed(lock(7 * HOUR), |lock| {
        lock["spec"] = json!({"holderIdentity": HOLDER});
    });
    for healthy in [
        lock(2),
        lock(11),
        heartbeat,
        identity,
        terraform,
        database,
        assigned,
        free,
        freed,
        leaselocker,
        offered,
        mutex,
    ] {
        silent(&cluster(&healthy));
        // Nor does it need any rights to be well.
        let mut blind = cluster(&healthy);
        (blind.pods, blind.nodes, blind.events) = (None, None, None);
        let is_mutex =
            healthy["spec"]["renewTime"].is_null() && healthy["spec"]["holderIdentity"] == HOLDER;
        if !is_mutex {
            silent(&blind);
        }
    }
}

#[test]
fn the_worst_is_told_first() {
    let mut facts = cluster(&changed(named(lock(0), "n", "a", "me"), |lock| {
        lock["spec"]["leaseDurationSeconds"] = 1.into();
    }));
    facts.locks.push(read(&lock(5 * MINUTE)));
    assert_eq!(codes(&facts), [Code::Zombie, Code::Misconfigured]);
}
