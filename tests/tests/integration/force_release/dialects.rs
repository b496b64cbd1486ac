//! Locks as their own writers make them: broken in their form or left alone, and put back.

use jiff::{SignedDuration, Timestamp};
use lease_tests::{ApiServer, Client};
use serde_json::{Value, json};

use super::{break_it, put_back};
use crate::lock::{get, held, micros};

/// What is null is not there.
fn spec(lease: &Value) -> Value {
    let mut spec = lease["spec"].clone();
    spec.as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    spec
}

/// Breaks a lock, and puts it back: it is as it was.
fn there_and_back(client: &Client, name: &str, flags: &[&str]) -> Value {
    let before = get(client, name);
    let output = break_it(client, name, flags);
    assert_eq!(output.code, Some(0), "{name}: {output:?}");
    let broken = get(client, name);
    put_back(client, &output);
    let after = get(client, name);
    assert_eq!(spec(&after), spec(&before), "{name}");
    for key in [
        "annotations",
        "labels",
        "ownerReferences",
        "uid",
        "finalizers",
    ] {
        assert_eq!(after["metadata"][key], before["metadata"][key], "{name}");
    }
    broken
}

fn refuses(client: &Client, namespace: &str, name: &str, flags: &[&str], words: &str) {
    let read = || {
        let args = ["get", "lease", name, "-n", namespace, "-o", "json"];
        client.kubectl(args).json()
    };
    let before = read();
    let version = before["metadata"]["resourceVersion"].as_str().unwrap();
    let args = [
        "force-release",
        name,
        "-n",
        namespace,
        "--yes",
        "--resource-version",
        version,
    ];
    let output = client.plugin(args.iter().chain(flags));
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stderr.contains(words), "{output:?}");
    assert!(output.stderr.contains("\n  hint: "), "{output:?}");
    assert_eq!(
        read()["spec"]["holderIdentity"],
        before["spec"]["holderIdentity"]
    );
}

/// As Terraform's kubernetes backend writes it (`internal/backend/remote-state/kubernetes`).
fn state_lock(id: &str) -> Value {
    let info = json!({
        "ID": id, "Operation": "OperationTypeApply", "Info": "", "Who": "ci@runner-7",
        "Version": "1.9.8", "Created": "2026-11-21T02:10:00.123456789Z", "Path": "",
    });
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": "lock-tfstate-default-prod",
            "annotations": {"app.terraform.io/lock-info": info.to_string()},
            "labels": {
                "app.kubernetes.io/managed-by": "terraform",
                "tfstate": "true",
                "tfstateSecretSuffix": "prod",
                "tfstateWorkspace": "default",
            },
        },
        "spec": {"holderIdentity": id},
    })
}

#[test]
fn a_state_lock_of_terraform_is_free_as_terraform_reads_it() {
    let namespace = ApiServer::shared().namespace("terraform");
    let client = namespace.admin();
    let name = "lock-tfstate-default-prod";
    client.create(&state_lock("7c2f9d4e-3b1a-4f6e-8d5c-0a9b8c7d6e55"));
    let broken = there_and_back(client, name, &["--reason", "the runner is gone"]);
    // "" would still lock it.
    assert_eq!(spec(&broken).get("holderIdentity"), None);
    let annotations = &broken["metadata"]["annotations"];
    assert_eq!(annotations["app.terraform.io/lock-info"], Value::Null);
    assert_eq!(
        annotations["kubectl-lease.io/broken-because"],
        "the runner is gone"
    );
    assert_eq!(broken["metadata"]["labels"]["tfstateSecretSuffix"], "prod");

    // Unlocked and locked again by another run: the ID is another one.
    let version = get(client, name)["metadata"]["resourceVersion"].clone();
    let mut locked = state_lock("another-id");
    locked["metadata"]["resourceVersion"] = version.clone();
    client.replace_all(&[locked]);
    let version = version.as_str().unwrap();
    let late = client.plugin([
        "force-release",
        name,
        "--yes",
        "--resource-version",
        version,
    ]);
    assert_eq!(late.code, Some(3), "{late:?}");
    assert!(
        late.stderr.contains("has changed since version"),
        "{late:?}"
    );
    assert_eq!(get(client, name)["spec"]["holderIdentity"], "another-id");
}

#[test]
fn what_is_no_lock_is_left_alone() {
    let server = ApiServer::shared();
    let namespace = server.namespace("no-lock");
    let client = namespace.admin();
    let node = namespace.name();
    // As a kubelet writes it: neither acquireTime nor transitions.
    client.create(&json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": node,
            "namespace": "kube-node-lease",
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": node, "uid": "n"}],
        },
        "spec": {
            "holderIdentity": node,
            "leaseDurationSeconds": 40,
            "renewTime": micros(Timestamp::now() - SignedDuration::from_hours(1)),
        },
    }));
    refuses(
        client,
        "kube-node-lease",
        node,
        &["--now"],
        "the heartbeat of a node",
    );

    // The API server's own.
    let label = "apiserver.kubernetes.io/identity=kube-apiserver";
    let args = [
        "get",
        "lease",
        "-n",
        "kube-system",
        "-l",
        label,
        "-o",
        "json",
    ];
    let identities = server.kubectl(args).json();
    let identity = identities["items"][0]["metadata"]["name"].as_str().unwrap();
    // It renews, so this is refused whatever the version.
    let output = client.plugin(["force-release", identity, "-n", "kube-system", "--dry-run"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(
        output.stderr.contains("the identity of an API server"),
        "{output:?}"
    );
}

#[test]
fn a_primary_is_no_scripts_to_break() {
    let namespace = ApiServer::shared().namespace("primary");
    let client = namespace.admin();
    let mut primary = held("cluster", "cluster-1", 15);
    primary["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "name": "cluster",
        "uid": "c", "controller": true, "blockOwnerDeletion": true,
    }]);
    client.create(&primary);
    for flags in [&[][..], &["--now"]] {
        refuses(
            client,
            namespace.name(),
            "cluster",
            flags,
            "--yes does not suffice",
        );
    }
}

/// Its managers take an absent acquireTime for their own sign.
#[test]
fn a_share_of_longhorn_keeps_what_its_managers_read() {
    let namespace = ApiServer::shared().namespace("longhorn");
    let client = namespace.admin();
    let mut share = held("pvc-1", "node-1", 40);
    share["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "longhorn.io/v1beta2", "kind": "ShareManager", "name": "pvc-1", "uid": "s",
    }]);
    // As Go writes a time that is none.
    share["spec"]["acquireTime"] = json!("0001-01-01T00:00:00.000000Z");
    client.create(&share);
    let broken = there_and_back(client, "pvc-1", &[]);
    assert_eq!(broken["spec"]["holderIdentity"], "");
    assert_eq!(spec(&broken).get("acquireTime"), None);
}

#[test]
fn a_lock_of_a_node_is_free_as_others_are() {
    let namespace = ApiServer::shared().namespace("node-lock");
    let client = namespace.admin();
    let mut lock = held("node-1", "node-healthcheck", 2);
    lock["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "v1", "kind": "Node", "name": "node-1", "uid": "n",
    }]);
    client.create(&lock);
    let broken = there_and_back(client, "node-1", &[]);
    assert_eq!(broken["spec"]["holderIdentity"], "");
    assert_eq!(broken["spec"].as_object().unwrap().len(), 5);
}

/// The strategy stays, and the tombstone is one that the control plane waits out.
#[test]
fn a_lock_that_is_assigned_keeps_its_strategy() {
    let server = ApiServer::builder()
        .flag("--feature-gates=CoordinatedLeaderElection=true")
        .flag("--runtime-config=coordination.k8s.io/v1beta1=true")
        .start();
    let client = server.admin();
    let mut lock = held("assigned", "candidate-1", 2);
    lock["spec"]["strategy"] = json!("OldestEmulationVersion");
    client.create(&lock);
    let version = get(client, "assigned")["metadata"]["resourceVersion"].clone();
    let output = client.plugin([
        "force-release",
        "assigned",
        "--yes",
        "--resource-version",
        version.as_str().unwrap(),
    ]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(
        output.stderr.contains("the control plane chooses"),
        "{output:?}"
    );
    let broken = get(client, "assigned");
    assert_eq!(broken["spec"]["strategy"], "OldestEmulationVersion");
    let holder = broken["spec"]["holderIdentity"].as_str();
    assert!(
        holder.is_none_or(|holder| !holder.contains("candidate-1")),
        "{broken}"
    );
}
