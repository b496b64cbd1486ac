//! Pods, nodes and locks as they really come, and what `doctor` says of them.

use jiff::{SignedDuration, Timestamp};
use lease_tests::{Client, Output};
use serde_json::{Value, json};

use crate::lock::{get, held, micros, patch};

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 60 * MINUTE;
/// The second part of an identity.
pub(crate) const UUID: &str = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

fn ago(seconds: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_secs(seconds)
}

/// So many seconds ago, as most times are written.
pub(super) fn time(seconds: i64) -> String {
    format!("{:.0}", ago(seconds))
}

/// Makes a lock that was last renewed so many seconds ago, by its holder's clock and the server's.
pub(super) fn lock(client: &Client, name: &str, holder: &str, seconds: i32, renewed: i64) {
    lock_like(client, name, renewed, |lock| {
        lock["spec"]["holderIdentity"] = json!(holder);
        lock["spec"]["leaseDurationSeconds"] = json!(seconds);
    });
}

/// The same, changed before it is created.
pub(super) fn lock_like(
    client: &Client,
    name: &str,
    renewed: i64,
    change: impl FnOnce(&mut Value),
) {
    let mut lock = held(name, "somebody", 15);
    for field in ["acquireTime", "renewTime"] {
        lock["spec"][field] = json!(micros(ago(renewed)));
    }
    change(&mut lock);
    client.create(&lock);
    let mut managers = get(client, name)["metadata"]["managedFields"].take();
    managers[0]["time"] = json!(time(renewed));
    // The server reverts the times of a write that changes nothing else.
    let change = json!({"metadata": {"labels": {"moved": "back"}, "managedFields": managers}});
    patch(client, name, "mover", &change);
}

/// Creates a pod that is bound to a node, as the scheduler leaves it.
pub(super) fn pod(client: &Client, name: &str, node: &str) {
    client.create(&json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "nodeName": node,
            "containers": [{"name": "main", "image": "registry.invalid/main:1"}],
        },
    }));
}

/// Writes a pod's status, as its kubelet does.
pub(super) fn pod_status(client: &Client, name: &str, status: &Value) {
    status_of(client, &format!("pod/{name}"), status);
}

pub(super) fn status_of(client: &Client, object: &str, status: &Value) {
    let change = json!({"status": status}).to_string();
    let merge = ["--subresource=status", "--type=merge", "-p", &change];
    client
        .kubectl(["patch", object].iter().chain(&merge))
        .success();
}

/// The status of a pod whose container has run for so many seconds.
pub(super) fn running(seconds: i64) -> Value {
    json!({
        "phase": "Running",
        "startTime": time(seconds),
        "conditions": [
            {"type": "Ready", "status": "True", "lastTransitionTime": time(seconds)},
        ],
        "containerStatuses": [{
            "name": "main", "image": "registry.invalid/main:1", "imageID": "", "ready": true,
            "restartCount": 0, "started": true,
            "state": {"running": {"startedAt": time(seconds)}},
        }],
    })
}

/// A pod that has run for hours.
pub(crate) fn running_pod(client: &Client, name: &str, node: &str) {
    pod(client, name, node);
    pod_status(client, name, &running(5 * HOUR));
}

/// A node, whose condition Ready has been so for so many seconds.
pub(super) fn node(client: &Client, name: &str, ready: &str, since: i64) {
    client.create(&json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
    }));
    node_is(client, name, ready, since);
}

/// Writes a node's condition, as its kubelet or the control plane does.
pub(super) fn node_is(client: &Client, name: &str, ready: &str, since: i64) {
    let (reason, message) = match ready {
        "True" => ("KubeletReady", "kubelet is posting ready status"),
        _ => ("NodeStatusUnknown", "Kubelet stopped posting node status."),
    };
    let condition = json!({
        "type": "Ready", "status": ready, "reason": reason, "message": message,
        "lastHeartbeatTime": time(since), "lastTransitionTime": time(since),
    });
    status_of(
        client,
        &format!("node/{name}"),
        &json!({"conditions": [condition]}),
    );
}

/// What `doctor` finds, and with which exit code it must say so.
pub(super) fn findings(client: &Client, args: &[&str]) -> Vec<Value> {
    let output = client.plugin(["doctor", "-o", "json"].iter().chain(args));
    let said = said(&output);
    let findings = said["findings"].as_array().unwrap().clone();
    let expected = if findings.is_empty() { 0 } else { 2 };
    assert_eq!(output.code, Some(expected), "{output:?}");
    findings
}

/// What `doctor -o json` said.
pub(super) fn said(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// The one finding, which must have this code.
#[track_caller]
pub(super) fn only(client: &Client, name: &str, code: &str) -> Value {
    let mut findings = findings(client, &[name]);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = findings.remove(0);
    assert_eq!(finding["code"], code, "{finding:#}");
    finding
}

#[track_caller]
pub(super) fn silent(client: &Client, name: &str) {
    let findings = findings(client, &[name]);
    assert!(findings.is_empty(), "{findings:#?}");
}

/// Types the next command of a finding, in a shell that finds both programs.
#[track_caller]
pub(super) fn type_next(client: &Client, finding: &Value) -> Output {
    let next = finding["next"].as_str().unwrap();
    let words = shlex::split(next).unwrap();
    match words[0].as_str() {
        "kubectl" => client.kubectl(&words[1..]),
        _ => client.plugin(&words[1..]),
    }
}
