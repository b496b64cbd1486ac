//! A write changes what it means to change, and nothing else.

use lease_client::{Lease, Store};
use lease_core::{Identity, Look, Write, decide, judge};
use lease_sandbox::WriteOptions;
use serde_json::{Value, json};

use crate::fixture::{NAMESPACE, SOON, cluster, free, read, store, taking};
use crate::front::{Front, answer};

/// A lock with a lot that is none of our business, as the server keeps it.
fn laden() -> Value {
    let mut lease = free("lock");
    lease["metadata"]["annotations"] = json!({"note": "keep \u{1b}[1m me", "empty": ""});
    lease["metadata"]["finalizers"] = json!(["example.com/wait"]);
    lease["metadata"]["labels"] = json!({"team": "blue"});
    lease["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "apps/v1", "kind": "Deployment", "name": "x", "uid": "some-uid",
        "blockOwnerDeletion": true, "controller": false,
    }]);
    // Microseconds, and a zero at their end.
    lease["spec"]["acquireTime"] = json!("2026-11-21T10:00:00.120000Z");
    lease
}

fn release(lease: &Lease, who: &str) -> Write {
    let judged = judge(lease.snapshot(), Look::FIRST);
    let who = Identity::new(who).unwrap();
    decide::release(judged.lock(), &who, lease_client::clock::wall()).unwrap()
}

#[tokio::test]
async fn what_is_none_of_our_business_stays_on_the_server() {
    let (cluster, server) = cluster().await;
    let options = WriteOptions::by("tester");
    let made = cluster.create(NAMESPACE, &laden(), &options).unwrap();
    let store = store(&server.url(), SOON).await;

    let lock = read(&store, "lock").await;
    let write = taking(Some(&lock), "me");
    let taken = store.replace(&lock, &write).await.unwrap().value;
    let released = store.replace(&taken, &release(&taken, "me")).await.unwrap();
    assert!(released.value.snapshot().record.holder().is_none());

    let stands = cluster.get(NAMESPACE, "lock").unwrap();
    for field in [
        "annotations",
        "finalizers",
        "labels",
        "ownerReferences",
        "uid",
    ] {
        assert!(!made["metadata"][field].is_null(), "{field} was there");
        assert_eq!(
            stands["metadata"][field], made["metadata"][field],
            "{field}"
        );
    }
    // Nor are the stamps of others gone.
    let managers = stands["metadata"]["managedFields"].as_array().unwrap();
    let names: Vec<_> = managers.iter().map(|entry| &entry["manager"]).collect();
    assert!(names.contains(&&json!("tester")), "{names:?}");
    assert!(released.value.snapshot().stamp.is_some());
}

/// What our write makes of an object that a server of tomorrow gives.
async fn rewritten(given: Value) -> Value {
    let front = Front::alone(move |_| answer(200, &[], &given)).await;
    let store = store(&front.url(), SOON).await;
    let lock = read(&store, "lock").await;
    store
        .replace(&lock, &taking(Some(&lock), "me"))
        .await
        .unwrap();
    let seen = front.seen();
    let put = seen.iter().find(|one| one.method == "PUT").unwrap();
    put.json()
}

#[tokio::test]
async fn fields_that_we_do_not_know_are_sent_back_as_they_came() {
    let mut given = laden();
    given["metadata"]["namespace"] = json!(NAMESPACE);
    given["metadata"]["uid"] = json!("uid-1");
    given["metadata"]["resourceVersion"] = json!("41");
    given["metadata"]["managedFields"] = json!([{"manager": "tester"}]);
    given["metadata"]["ofTomorrow"] = json!([1, {"a": null}]);
    given["spec"]["preferredHolder"] = json!("preferred");
    given["spec"]["ofTomorrow"] = json!({"deep": [12_345_678_901_234_567_890_u64]});
    given["status"] = json!({"phase": "Waxing"});

    let mut expected = given.clone();
    let written = rewritten(given).await;

    for field in [
        "acquireTime",
        "holderIdentity",
        "leaseTransitions",
        "renewTime",
    ] {
        assert_ne!(written["spec"][field], expected["spec"][field], "{field}");
        expected["spec"][field] = written["spec"][field].clone();
    }
    expected["metadata"]["annotations"]["kubectl-lease.io/taken-by"] = json!("me 7");
    expected["metadata"]
        .as_object_mut()
        .unwrap()
        // An empty list would clear the stamps; without it the server keeps them.
        .remove("managedFields");
    assert_eq!(written, expected);
    assert_eq!(written["spec"]["leaseTransitions"], 4);
}

#[tokio::test]
async fn a_strategy_survives_a_release() {
    let mut given = laden();
    given["metadata"]["namespace"] = json!(NAMESPACE);
    given["metadata"]["uid"] = json!("uid-1");
    given["metadata"]["resourceVersion"] = json!("41");
    given["spec"]["holderIdentity"] = json!("me");
    given["spec"]["strategy"] = json!("OldestEmulationVersion");
    given["spec"]["preferredHolder"] = json!("other");
    let front = Front::alone(move |_| answer(200, &[], &given)).await;
    let store = store(&front.url(), SOON).await;
    let lock = read(&store, "lock").await;
    store.replace(&lock, &release(&lock, "me")).await.unwrap();

    let put = front.seen().pop().unwrap().json();
    assert!(put["spec"]["holderIdentity"].is_null(), "{put}");
    assert_eq!(put["spec"]["strategy"], "OldestEmulationVersion");
    assert_eq!(put["spec"]["preferredHolder"], "other");
    assert_eq!(put["metadata"]["uid"], "uid-1");
    assert_eq!(put["metadata"]["resourceVersion"], "41");
}
