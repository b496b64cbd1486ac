//! Locks that are a `ConfigMap` which belongs to its leader's pod.

use lease_tests::{ApiServer, Client};
use serde_json::{Value, json};

use super::world::{
    HOUR, findings, node, node_is, only, pod_status, running_pod, said, silent, type_next,
};
use crate::lock::until;
use crate::rights::Role;

/// What operator-lib's `leader.Become` creates for the pod that it runs in.
pub(super) fn become_leader(client: &Client, name: &str, pod: &str) {
    config_map(client, name, pod, &json!({}));
}

/// A `ConfigMap` that belongs to a pod, with this beside it.
fn config_map(client: &Client, name: &str, pod: &str, more: &Value) {
    let pod = client.kubectl(["get", "pod", pod, "-o", "json"]).json();
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "ownerReferences": [{
                "apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"],
                "uid": pod["metadata"]["uid"],
            }],
        },
    });
    for (key, value) in more.as_object().unwrap() {
        match key.as_str() {
            "annotations" => object["metadata"][key] = value.clone(),
            _ => object[key] = value.clone(),
        }
    }
    client.create(&object);
}

pub(super) fn evicted() -> Value {
    json!({
        "phase": "Failed", "reason": "Evicted",
        "message": "The node was low on resource: memory.", "containerStatuses": [],
    })
}

#[test]
fn an_evicted_leader_for_life_is_told_until_its_pod_is_gone() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let machine = format!("{}-worker-1", namespace.name());
    node(client, &machine, "True", HOUR);
    let leader = "memcached-operator-7c5d8f9b6d-x2k9p";
    running_pod(client, leader, &machine);
    become_leader(client, "memcached-lock", leader);
    silent(client, "memcached-lock");
    let well = client.plugin(["doctor", "memcached-lock"]);
    assert!(well.stdout.contains(leader), "{well:?}");
    // What else belongs to a pod: what Spark's driver makes, and client-go's electors of old.
    let spark = json!({"data": {"spark.properties": "spark.app.name=pi"}});
    config_map(client, "spark-drv-conf-map", leader, &spark);
    let elector = json!({"annotations": {
        "control-plane.alpha.kubernetes.io/leader": "{\"holderIdentity\":\"somebody\"}",
    }});
    config_map(client, "elector", leader, &elector);

    pod_status(client, leader, &evicted());

    let found = findings(client, &[]);
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = only(client, "memcached-lock", "LEADER_FOR_LIFE");
    assert_eq!(found[0], finding);
    let lock = json!({
        "kind": "ConfigMap", "namespace": namespace.name(), "name": "memcached-lock",
    });
    assert_eq!(finding["locks"], json!([lock]));
    let none = client.plugin(["doctor", "elector"]);
    assert_eq!(none.code, Some(1), "{none:?}");

    // The garbage collector, which does not run here, waits for just that.
    type_next(client, &finding).success();
    silent(client, "memcached-lock");
}

#[test]
fn a_leader_for_life_on_a_lost_node_leads_to_the_node() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let machine = format!("{}-worker-1", namespace.name());
    node(client, &machine, "True", HOUR);
    running_pod(client, "forever-6f8d7c9b5-wq4xn", &machine);
    become_leader(client, "op-lock", "forever-6f8d7c9b5-wq4xn");
    silent(client, "op-lock");
    node_is(client, &machine, "Unknown", HOUR);
    let finding = only(client, "op-lock", "LEADER_FOR_LIFE");
    assert_eq!(finding["cause"], json!({"kind": "Node", "name": machine}));
    type_next(client, &finding).success();
}

#[test]
fn without_the_right_to_list_config_maps_that_is_told() {
    let namespace = ApiServer::shared().namespace("doctor");
    let alice = namespace.client("alice");
    Role::new(&["get", "list"], &[]).bind(&namespace, "alice");
    until("the role is known", || {
        alice.kubectl(["auth", "can-i", "list", "leases"]).stdout == "yes\n"
    });
    let output = alice.plugin(["doctor", "-o", "json"]);
    let right = format!("list configmaps -n {}", namespace.name());
    let said = said(&output);
    let unread = said["unread"].as_array().unwrap();
    assert!(
        unread
            .iter()
            .any(|unread| unread["right"] == right.as_str()),
        "{said:#}"
    );
    let answer = alice.kubectl(["auth", "can-i"].into_iter().chain(right.split(' ')));
    assert!(answer.stdout.starts_with("no"), "{answer:?}");
}
