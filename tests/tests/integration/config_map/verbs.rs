//! What each verb does with `configmap/NAME`.

use jiff::Timestamp;
use lease_tests::ApiServer;
use serde_json::json;

use super::world::{LOCK, OWNER, POD, TYPED, expires_at, get, plugin, pod};

/// On the wire it is what kvdi makes, and reads.
#[test]
fn a_lock_is_created_for_its_pod_and_deleted_when_it_is_given_back() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let pod = client.kubectl(["get", "pod", POD, "-o", "json"]).json();

    let before = Timestamp::now().as_second();
    let acquire = [
        "acquire",
        TYPED,
        "--try",
        OWNER,
        "--identity=a",
        "--duration=60s",
    ];
    let said = plugin(client, &acquire).success().stdout.clone();
    assert!(said.starts_with("configmap/desktop acquired\n"), "{said}");
    assert!(said.contains("  identity: a\n"), "{said}");

    let object = get(client, LOCK).unwrap();
    assert_eq!(
        object["metadata"]["ownerReferences"],
        json!([{
            "apiVersion": "v1", "kind": "Pod", "name": POD, "uid": pod["metadata"]["uid"],
            "controller": true, "blockOwnerDeletion": false,
        }])
    );
    // Others wait for the lease, and for the margin that covers how their clocks differ.
    let left = expires_at(&object) - before;
    assert!((65..=67).contains(&left), "{object:#}");
    assert_eq!(object["data"].as_object().unwrap().len(), 1, "{object:#}");

    let other = plugin(client, &["release", TYPED, "--identity=b"]);
    assert_eq!(other.code, Some(3), "{other:?}");
    assert!(get(client, LOCK).is_some());
    let released = plugin(client, &["release", TYPED, "--identity=a"]);
    assert_eq!(released.success().stdout, "configmap/desktop released\n");
    assert!(get(client, LOCK).is_none());
    let again = plugin(client, &["release", TYPED, "--identity=a"]);
    assert_eq!(
        again.success().stdout,
        "configmap/desktop is free already\n"
    );
}

#[test]
fn a_command_runs_under_a_lock_that_is_gone_afterwards() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let script = "echo $LEASE_NAME; \"$0\" check; \"$0\" renew; sleep 1";
    let mut command = client.plugin_command();
    let program = command.get_program().to_owned();
    command.args(["run", TYPED, OWNER, "--", "sh", "-c", script]);
    command.arg(program);
    let ran = lease_tests::Output::of(&mut command);
    let said = &ran.success().stdout;
    assert!(said.starts_with("configmap/desktop\n"), "{said}");
    assert!(said.contains("configmap/desktop is healthy"), "{said}");
    assert!(said.contains("configmap/desktop renewed"), "{said}");
    assert!(get(client, LOCK).is_none());
}
