//! Locks that the control plane assigns.

use lease_tests::ApiServer;
use serde_json::json;

use super::world::{MINUTE, lock_like, only, silent, type_next};

#[test]
fn an_assigned_lock_that_nobody_takes_over_is_told_apart() {
    let server = ApiServer::builder()
        .flag("--feature-gates=CoordinatedLeaderElection=true")
        .flag("--runtime-config=coordination.k8s.io/v1beta1=true")
        .start();
    let namespace = server.namespace("doctor");
    let client = namespace.admin();
    let assigned = |name: &str, renewed, preferred: Option<&str>| {
        lock_like(client, name, renewed, |lock| {
            lock["spec"]["strategy"] = json!("OldestEmulationVersion");
            lock["spec"]["preferredHolder"] = json!(preferred);
        });
    };
    assigned("over", 5 * MINUTE, Some("another"));
    assigned("renewed", 1, Some("another"));
    let finding = only(client, "over", "COORDINATED");
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("another"), "{message}");
    assert!(message.contains("is no candidate any more"), "{message}");
    type_next(client, &finding).success();
    silent(client, "renewed");
}
