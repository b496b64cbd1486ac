//! Locks as kvdi makes them, and the pods that they belong to.

use jiff::Timestamp;
use lease_client::{ConfigMapStore, Lock};
use lease_tests::{Client, Namespace, Output};
use serde_json::{Value, json};

use crate::waiter::timing;

pub(super) const LOCK: &str = "desktop";
/// As it is typed.
pub(super) const TYPED: &str = "configmap/desktop";
pub(super) const POD: &str = "web-0";
pub(super) const OWNER: &str = "--owner=pod/web-0";

/// Makes a pod that no node runs: what owns a lock needs no more.
pub(super) fn pod(client: &Client, name: &str) {
    client.create(&json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "main", "image": "registry.invalid/main:1"}]},
    }));
}

/// Deletes a pod at once.
pub(super) fn delete_pod(client: &Client, name: &str) {
    let args = ["delete", "pod", name, "--grace-period=0", "--force"];
    client.kubectl(args).success();
}

/// A lock as kvdi makes it for a pod, which ends so many seconds from now; `None` for never.
pub(super) fn kvdis(client: &Client, name: &str, pod: &str, ends_in: Option<i64>) -> Value {
    let pod = client.kubectl(["get", "pod", pod, "-o", "json"]).json();
    let ends = ends_in.map(|seconds| (Timestamp::now().as_second() + seconds).to_string());
    client.create(&json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "ownerReferences": [{
                "apiVersion": "v1", "kind": "Pod", "controller": true, "blockOwnerDeletion": false,
                "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"],
            }],
        },
        "data": ends.map(|ends| json!({"expiresAt": ends})),
    }))
}

/// The lock's object, if there is one.
pub(super) fn get(client: &Client, name: &str) -> Option<Value> {
    let got = client.kubectl(["get", "configmap", name, "-o", "json", "--ignore-not-found"]);
    let text = got.success().stdout.clone();
    (!text.is_empty()).then(|| serde_json::from_str(&text).unwrap())
}

pub(super) fn uid(object: &Value) -> &str {
    object["metadata"]["uid"].as_str().unwrap()
}

/// When contenders of kvdi may delete a lock, in seconds since 1970.
pub(super) fn expires_at(object: &Value) -> i64 {
    let text = object["data"]["expiresAt"].as_str().unwrap();
    text.parse().unwrap()
}

pub(super) fn plugin(client: &Client, args: &[&str]) -> Output {
    client.plugin(args.iter().copied())
}

/// Config maps of this pod.
pub(super) async fn owned(namespace: &Namespace<'_>, pod: &str) -> ConfigMapStore {
    let client = namespace.admin();
    let owner = client.pod_owner(namespace.name(), pod).await;
    client.config_maps().await.owned_by(owner)
}

/// Our library's lock of this name, for this pod.
pub(super) async fn lock(namespace: &Namespace<'_>, pod: &str) -> Lock<ConfigMapStore> {
    let store = owned(namespace, pod).await;
    Lock::new(store, namespace.name(), LOCK).timing(timing(6, 4, 1))
}
