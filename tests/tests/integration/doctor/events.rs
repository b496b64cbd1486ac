//! What Events tell.

use lease_tests::{ApiServer, Namespace};
use serde_json::json;

use super::world::{HOUR, UUID, lock, only, pod_status, running, silent, time, type_next};
use crate::lock::LIMIT;

/// An Event of so many minutes ago, as client-go's recorder writes it.
fn became_leader(namespace: &Namespace<'_>, lock: &str, number: i64, leader: &str) {
    namespace.admin().create(&json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": format!("{lock}.{number}"), "namespace": namespace.name()},
        "involvedObject": {
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "name": lock,
            "namespace": namespace.name(),
        },
        "reason": "LeaderElection", "type": "Normal", "count": 1,
        "message": format!("{leader} became leader"),
        "source": {"component": "web"},
        "firstTimestamp": time(60 * number), "lastTimestamp": time(60 * number),
    }));
}

#[test]
fn a_lock_that_the_same_two_take_from_each_other_flaps() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    for name in ["flapping", "rolled"] {
        lock(client, name, "a_6", 600, 1);
    }
    for (number, leader) in (1..).zip(["a_6", "b_5", "a_4", "b_3", "a_2", "b_1"]) {
        became_leader(&namespace, "flapping", number, leader);
    }
    for (number, leader) in (1..).zip(["a_6", "b_5", "c_4", "d_3", "e_2", "f_1"]) {
        became_leader(&namespace, "rolled", number, leader);
    }
    silent(client, "rolled");
    let finding = only(client, "flapping", "FLAPPING");
    let told = type_next(client, &finding).success().stdout;
    assert!(told.contains("b_5 became leader"), "{told}");
}

/// Two operators with one name for their lock, each a real elector in a pod of its own Deployment.
#[test]
fn two_workloads_that_elect_by_one_lock_collide() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let led = |pod: &str, number: i64| {
        let identity = format!("{pod}_{UUID}");
        let mut elector = namespace
            .elector("leader-election-helper", &identity)
            .timing(4, 3, 1)
            .release_on_cancel()
            .start();
        elector.wait_for("started", LIMIT);
        became_leader(&namespace, "leader-election-helper", number, &identity);
        elector
    };
    let [cabpk, capi, again] = [
        ("cabpk", "6d7c5d8f9b", "bbbbb"),
        ("capi", "7c5d8f9b6d", "x2k9p"),
        ("capi", "5d8f9b6d7c", "wq4xn"),
    ]
    .map(|(name, hash, end)| {
        let replica_set = format!("{name}-controller-manager-{hash}");
        let pod = format!("{replica_set}-{end}");
        client.create(&json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": pod,
                "ownerReferences": [{
                    "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": replica_set,
                    "uid": UUID, "controller": true,
                }],
            },
            "spec": {
                "nodeName": "nowhere",
                "containers": [{"name": "manager", "image": "registry.invalid/manager:1"}],
            },
        }));
        pod_status(client, &pod, &running(HOUR));
        pod
    });
    led(&capi, 3).stop();
    // A rolling update of one of them.
    let mut last = led(&again, 2);
    silent(client, "leader-election-helper");
    last.stop();

    let mut other = led(&cabpk, 1);
    // So far it may have taken over for good.
    silent(client, "leader-election-helper");
    other.stop();
    let _leads = led(&capi, 0);

    let finding = only(client, "leader-election-helper", "COLLISION");
    let message = finding["message"].as_str().unwrap();
    let name = |one: &str| format!("{}/{one}-controller-manager", namespace.name());
    let both = format!("{} and {}", name("cabpk"), name("capi"));
    assert!(message.ends_with(&both), "{message}");
    let told = type_next(client, &finding).success().stdout;
    assert!(told.contains("cabpk-controller-manager"), "{told}");

    // Where the other one is gone, it was replaced.
    for pod in [&capi, &again] {
        let delete = ["delete", "pod", pod, "--force", "--grace-period=0"];
        client.kubectl(delete).success();
    }
    silent(client, "leader-election-helper");
}
