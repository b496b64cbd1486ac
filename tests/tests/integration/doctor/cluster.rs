//! A whole cluster.

use lease_tests::ApiServer;
use serde_json::{Value, json};

use super::world::{
    HOUR, MINUTE, UUID, findings, lock, lock_like, node, node_is, only, pod, running_pod, silent,
    type_next,
};
use crate::lock::{LIMIT, get, held, state, until};

fn codes(findings: &[Value]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

/// Two hundred locks of every dialect, a rolling update under way, and a standby for each.
#[test]
fn a_healthy_cluster_yields_nothing_and_a_dead_node_one_finding() {
    let server = ApiServer::start();
    let namespace = server.namespace("doctor");
    let client = namespace.admin();
    let heartbeats = server.client("admin", "kube-node-lease");
    let identities = server.client("admin", "kube-system");
    for worker in ["worker-1", "worker-2"] {
        node(client, worker, "True", HOUR);
        lock(&heartbeats, worker, worker, 40, 8);
    }
    running_pod(client, "web-7c5d8f9b6d-x2k9p", "worker-1");
    running_pod(client, "web-6d7c5d8f9b-bbbbb", "worker-2");
    // Of a rolling update: one that is about to end, one that starts, and a leader that ended in
    // order a moment ago, whose successor took what it released.
    running_pod(client, "api-7c5d8f9b6d-4xz2v", "worker-1");
    let leaving = ["delete", "pod", "api-7c5d8f9b6d-4xz2v", "--wait=false"];
    client.kubectl(leaving).success();
    lock(
        client,
        "api",
        &format!("api-7c5d8f9b6d-4xz2v_{UUID}"),
        600,
        2,
    );
    pod(client, "api-6d7c5d8f9b-zr8wl", "worker-2");
    running_pod(client, "api-6d7c5d8f9b-bqn4k", "worker-2");
    lock(
        client,
        "api-cache",
        &format!("api-7c5d8f9b6d-hm2vz_{UUID}"),
        600,
        9,
    );
    lock(
        client,
        "api-index",
        &format!("api-6d7c5d8f9b-bqn4k_{UUID}"),
        600,
        3,
    );
    let identity = format!("web-7c5d8f9b6d-x2k9p_{UUID}");
    let locks: Vec<_> = (0..180)
        .map(|number| match number % 6 {
            0 => held(&format!("free-{number}"), "", 1),
            1 => held(&format!("desk-{number}"), "alice@desk", 60),
            2 => {
                let mut mutex = held(&format!("mutex-{number}"), "", 0);
                mutex["spec"] = json!({"holderIdentity": identity});
                mutex
            }
            3 => held(&format!("uuid-{number}"), UUID, 60),
            _ => held(&format!("lock-{number}"), &identity, 15 * 60),
        })
        .collect();
    client.create_all(&locks);
    lock_like(&identities, "apiserver-x", 9, |lock| {
        lock["metadata"]["labels"] = json!({
            "apiserver.kubernetes.io/identity": "kube-apiserver",
            "kubernetes.io/hostname": "worker-2",
        });
        lock["spec"]["leaseDurationSeconds"] = json!(3600);
    });
    let found = findings(client, &["-A"]);
    assert!(found.is_empty(), "{found:#?}");

    for number in 0..20 {
        lock(
            client,
            &format!("dead-{number}"),
            &format!("worker-1_{UUID}"),
            15,
            30 * MINUTE,
        );
    }
    node_is(client, "worker-1", "Unknown", 25 * MINUTE);
    heartbeats
        .kubectl(["delete", "lease", "worker-1"])
        .success();
    lock(&heartbeats, "worker-1", "worker-1", 40, 25 * MINUTE);

    let found = findings(client, &["-A"]);
    assert_eq!(codes(&found), ["HOLDER_NODE_DOWN"], "{found:#?}");
    assert_eq!(found[0]["locks"].as_array().unwrap().len(), 21);

    // A heartbeat whose node is no more, and an API server that is not heard of.
    lock(&heartbeats, "removed", "removed", 40, 10 * MINUTE);
    lock_like(&identities, "apiserver-y", 5 * MINUTE, |lock| {
        lock["metadata"]["labels"] = json!({
            "apiserver.kubernetes.io/identity": "kube-apiserver",
            "kubernetes.io/hostname": "worker-2",
        });
        lock["spec"]["leaseDurationSeconds"] = json!(3600);
    });
    let found = findings(client, &["-A"]);
    let expected = ["HOLDER_NODE_DOWN", "IDENTITY_STALL", "NODE_LEASE_ORPHAN"];
    assert_eq!(codes(&found), expected, "{found:#?}");
    for finding in &found {
        type_next(client, finding).success();
    }
    let found = findings(client, &["-A"]);
    assert_eq!(codes(&found), expected[..2], "{found:#?}");
}

/// A kubelet goes on though its node was deleted, and nothing removes its heartbeat.
#[test]
fn a_kubelet_that_renews_without_a_node_is_told() {
    let server = ApiServer::start();
    let client = server.client("admin", "kube-node-lease");
    for machine in ["worker-1", "worker-2"] {
        node(&client, machine, "True", HOUR);
        lock(&client, machine, machine, 600, 1);
    }
    silent(&client, "worker-1");
    client.kubectl(["delete", "node", "worker-1"]).success();
    until("its heartbeat is no young one", || {
        client.plugin(["doctor", "worker-1"]).code == Some(2)
    });
    let finding = only(&client, "worker-1", "RENEWING_WITHOUT_NODE");
    let nodes = type_next(&client, &finding).success().stdout;
    assert!(!nodes.contains("worker-1"), "{nodes}");
    silent(&client, "worker-2");
}

/// Electors of several workloads on two nodes, whose API server goes away for all of them at once.
#[test]
fn holders_that_are_silenced_at_once_are_told_as_one_cause() {
    let server = ApiServer::start();
    let namespace = server.namespace("doctor");
    let client = namespace.admin();
    let mut electors: Vec<_> = (0..6)
        .map(|number| {
            let machine = format!("worker-{}", number % 2);
            if number < 2 {
                node(client, &machine, "True", HOUR);
            }
            let pod = format!("op{number}-7c5d8f9b6d-x2k9p");
            running_pod(client, &pod, &machine);
            let identity = format!("{pod}_{UUID}");
            let elector = namespace.elector(&format!("op{number}"), &identity);
            elector.timing(4, 3, 1).start()
        })
        .collect();
    for (number, elector) in electors.iter_mut().enumerate() {
        elector.wait_for("started", LIMIT);
        until("it has renewed", || {
            let spec = get(client, &format!("op{number}"))["spec"].take();
            spec["renewTime"] != spec["acquireTime"]
        });
    }
    let found = findings(client, &[]);
    assert!(found.is_empty(), "{found:#?}");

    // No request of theirs comes through any more.
    for elector in &electors {
        elector.pause();
    }

    until("all leases are over", || {
        (0..6).all(|number| state(client, &format!("op{number}")) == "expired")
    });
    let found = findings(client, &[]);
    assert_eq!(codes(&found), ["SLOW_API_SERVER"], "{found:#?}");
    assert_eq!(found[0]["locks"].as_array().unwrap().len(), 6);
    type_next(client, &found[0]).success();

    // Four are too few to have one cause.
    for elector in &electors[..2] {
        elector.resume();
    }
    until("two of them renew", || {
        (0..2).all(|number| state(client, &format!("op{number}")) == "held")
    });
    let found = findings(client, &[]);
    assert_eq!(codes(&found), ["ZOMBIE"; 4], "{found:#?}");
}
