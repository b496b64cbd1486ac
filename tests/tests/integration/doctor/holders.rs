//! What became of a holder.

use lease_tests::ApiServer;
use serde_json::json;

use super::world::{
    HOUR, MINUTE, UUID, lock, node, node_is, only, pod, pod_status, running, running_pod, silent,
    type_next,
};
use crate::lock::{LIMIT, holder, state, until};

#[test]
fn a_dead_node_takes_its_locks_along() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let machine = format!("{}-worker-1", namespace.name());
    node(client, &machine, "True", HOUR);
    running_pod(client, "web-7c5d8f9b6d-x2k9p", &machine);
    let pod = format!("web-7c5d8f9b6d-x2k9p_{UUID}");
    let process = format!("{machine}_{UUID}");
    lock(client, "renewed", &pod, 600, 0);
    lock(client, "silent", &pod, 4, 0);
    lock(client, "long", &process, 3600, 25 * MINUTE);
    lock(client, "long-renewed", &process, 3600, 21 * MINUTE);
    silent(client, "long");
    until("the lease is over", || state(client, "silent") == "expired");
    only(client, "silent", "ZOMBIE");

    // Heard of for the last time before one of them was renewed.
    node_is(client, &machine, "Unknown", 23 * MINUTE);

    let finding = only(client, "silent", "HOLDER_NODE_DOWN");
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["cause"], json!({"kind": "Node", "name": machine}));
    let described = type_next(client, &finding).success().stdout;
    assert!(described.contains("NodeStatusUnknown"), "{described}");
    let finding = only(client, "long", "HOLDER_NODE_DOWN");
    assert_eq!(finding["severity"], "warning");
    silent(client, "long-renewed");
    silent(client, "renewed");
}

/// A pod of a `StatefulSet` has the name of the one before it.
#[test]
fn a_pod_that_came_after_the_last_renewal_is_another_one() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let pod = format!("{}-0", namespace.name());
    lock(client, "replaced", &pod, 15, 5 * MINUTE);
    lock(client, "renewed", &pod, 600, 5 * MINUTE);
    running_pod(client, &pod, "nowhere");
    let finding = only(client, "replaced", "HOLDER_GONE");
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("was replaced"), "{message}");
    type_next(client, &finding).success();
    silent(client, "replaced");
    silent(client, "renewed");
}

#[test]
fn a_pod_that_is_gone_leaves_its_lock_to_be_set_free() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let worker = format!("{}-worker-1", namespace.name());
    node(client, &worker, "True", HOUR);
    for name in ["gone-7c5d8f9b6d-x2k9p", "gone-7c5d8f9b6d-bbbbb"] {
        running_pod(client, name, &worker);
    }
    let identity = format!("gone-7c5d8f9b6d-x2k9p_{UUID}");
    lock(client, "gone", &identity, 15, 5 * MINUTE);
    lock(client, "kept", &identity, 3600, 5 * MINUTE);
    // No kubelet is there to confirm it.
    let delete = [
        "delete",
        "pod",
        "gone-7c5d8f9b6d-x2k9p",
        "--force",
        "--grace-period=0",
    ];
    client.kubectl(delete).success();

    let finding = only(client, "gone", "HOLDER_GONE");
    // It may be held on purpose.
    silent(client, "kept");
    type_next(client, &finding).success();
    assert_eq!(holder(client, "gone"), "");
    silent(client, "gone");
}

#[test]
fn a_pod_that_was_evicted_is_gone_at_once() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    running_pod(client, "job-29384710-kx9w2", "nowhere");
    let identity = format!("job-29384710-kx9w2_{UUID}");
    lock(client, "job", &identity, 3600, 25 * MINUTE);
    silent(client, "job");

    let evicted = json!({
        "phase": "Failed", "reason": "Evicted",
        "message": "The node was low on resource: memory.", "containerStatuses": [],
    });
    pod_status(client, "job-29384710-kx9w2", &evicted);

    let finding = only(client, "job", "HOLDER_GONE");
    assert_eq!(finding["severity"], "warning");
    assert!(
        finding["message"].as_str().unwrap().contains("Evicted"),
        "{finding}"
    );

    // Another one of that name, in another namespace, may be the holder.
    let elsewhere = ApiServer::shared().namespace("doctor");
    running_pod(elsewhere.admin(), "job-29384710-kx9w2", "nowhere");
    silent(client, "job");
}

#[test]
fn a_container_that_started_anew_is_another_process() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    running_pod(client, "op-6f8d7c9b5-wq4xn", "nowhere");
    let identity = format!("op-6f8d7c9b5-wq4xn_{UUID}");
    lock(client, "op", &identity, 600, 5 * MINUTE);
    silent(client, "op");

    let mut crashing = running(5 * HOUR);
    crashing["containerStatuses"][0] = json!({
        "name": "main", "image": "registry.invalid/main:1", "imageID": "", "ready": false,
        "restartCount": 7, "started": false,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
        "lastState": {"terminated": {
            "exitCode": 137, "reason": "OOMKilled", "startedAt": super::world::time(2 * MINUTE),
            "finishedAt": super::world::time(MINUTE),
        }},
    });
    pod_status(client, "op-6f8d7c9b5-wq4xn", &crashing);
    let finding = only(client, "op", "HOLDER_RESTARTED");
    let message = finding["message"].as_str().unwrap();
    assert!(
        message.contains("CrashLoopBackOff (last: OOMKilled, exit code 137)"),
        "{message}"
    );

    let again = |seconds: i64| {
        let mut status = running(seconds);
        status["containerStatuses"][0]["restartCount"] = json!(8);
        status
    };
    pod_status(client, "op-6f8d7c9b5-wq4xn", &again(MINUTE));
    only(client, "op", "HOLDER_RESTARTED");
    pod_status(client, "op-6f8d7c9b5-wq4xn", &again(6 * MINUTE));
    silent(client, "op");

    // It held the lock beside the others, and runs on.
    let mut sidecar = again(MINUTE);
    sidecar["initContainerStatuses"] = running(5 * HOUR)["containerStatuses"].clone();
    sidecar["initContainerStatuses"][0]["name"] = json!("sidecar");
    pod_status(client, "op-6f8d7c9b5-wq4xn", &sidecar);
    silent(client, "op");
}

/// client-go's elector is frozen, as by a garbage collection that never ends, while its pod looks
/// well.
#[test]
fn an_elector_that_hangs_in_a_pod_that_runs_is_a_zombie() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    running_pod(client, "lead-7c5d8f9b6d-x2k9p", "nowhere");
    let identity = format!("lead-7c5d8f9b6d-x2k9p_{UUID}");
    let mut elector = namespace.elector("lead", &identity).timing(4, 3, 1).start();
    elector.wait_for("started", LIMIT);
    silent(client, "lead");

    elector.pause();

    until("the lease is over", || {
        client.plugin(["doctor", "lead"]).code == Some(2)
    });
    only(client, "lead", "ZOMBIE");

    elector.resume();
    until("it renews again", || {
        client.plugin(["doctor", "lead"]).code == Some(0)
    });
}

#[test]
fn what_nobody_is_left_of_was_left_over() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let identity = format!("removed-7c5d8f9b6d-x2k9p_{UUID}");
    lock(client, "removed", &identity, 15, 2 * HOUR);
    let finding = only(client, "removed", "LEFTOVER");
    assert_eq!(finding["severity"], "warning");

    pod(client, "removed-6d7c5d8f9b-bbbbb", "nowhere");
    only(client, "removed", "HOLDER_GONE");
    // A machine may be anywhere.
    lock(client, "agent", "build-agent", 15, 5 * MINUTE);
    only(client, "agent", "EXPIRED");
}
