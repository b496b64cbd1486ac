//! Taking a lock from somebody whose time is over, or whose pod is gone.

use std::time::Duration;

use jiff::Timestamp as Wall;
use lease_client::{AcquireError, ConfigMapStore, Lock, Machine, ThisMachine};
use lease_core::{Instant, Timestamp};
use lease_tests::{ApiServer, Client, Namespace};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{
    LOCK, OWNER, POD, TYPED, delete_pod, expires_at, get, kvdis, lock, owned, plugin, pod, uid,
};
use crate::lock::{LIMIT, until};
use crate::waiter::{soon, timing};

#[test]
fn what_kvdi_left_is_stolen_once_its_time_and_the_margin_are_over() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let left = kvdis(client, LOCK, POD, Some(2));
    let early = plugin(client, &["steal", TYPED, OWNER]);
    assert_eq!(early.code, Some(3), "{early:?}");
    assert!(early.stderr.contains("held by pod/web-0 ("), "{early:?}");
    let end = expires_at(&left) + 5;

    let mut stolen = plugin(client, &["steal", TYPED, OWNER, "--identity=a"]);
    while stolen.code == Some(3) {
        std::thread::sleep(Duration::from_millis(200));
        stolen = plugin(client, &["steal", TYPED, OWNER, "--identity=a"]);
    }
    assert!(Wall::now().as_second() >= end, "too early");
    let said = &stolen.success().stdout;
    assert!(
        said.starts_with("configmap/desktop stolen from pod/web-0 ("),
        "{said}"
    );
    assert!(said.contains("the margin is 5s"), "{said}");
    let ours = get(client, LOCK).unwrap();
    // Another object: what was about to be done to the old one does not reach it.
    assert_ne!(uid(&ours), uid(&left));
    plugin(client, &["release", TYPED, "--identity=a"]).success();
}

fn take_for_two_seconds(client: &Client) {
    let acquire = [
        "acquire",
        TYPED,
        "--try",
        OWNER,
        "--identity=a",
        "--duration=2s",
    ];
    plugin(client, &acquire).success();
}

/// It is the `ConfigMap` that is watched, whatever lease has its name.
#[test]
fn one_of_ours_that_is_not_renewed_is_stolen_by_watching_it() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    take_for_two_seconds(client);
    client
        .plugin(["acquire", LOCK, "--try", "--identity=of-the-lease"])
        .success();
    let watch = ["steal", TYPED, "--release", "--expiry=observed"];
    let freed = plugin(client, &watch).success().stdout.clone();
    assert!(
        freed.starts_with("configmap/desktop released; it was held by a\n"),
        "{freed}"
    );
    assert!(get(client, LOCK).is_none());
}

#[test]
fn one_of_ours_that_is_not_renewed_is_stolen_by_its_stamps() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    take_for_two_seconds(client);
    let early = plugin(client, &["steal", TYPED, "--release"]);
    assert_eq!(early.code, Some(3), "{early:?}");
    until("it is over", || {
        plugin(client, &["check", TYPED]).code == Some(2)
    });
    let freed = plugin(client, &["steal", TYPED, "--release"])
        .success()
        .stdout
        .clone();
    assert!(
        freed.starts_with("configmap/desktop released; it was held by a\n"),
        "{freed}"
    );
    assert!(
        freed.contains("the API server saw the last change at"),
        "{freed}"
    );
    assert!(get(client, LOCK).is_none());
}

#[test]
fn a_lock_whose_pod_is_gone_is_stolen_and_a_right_that_is_missing_is_no_proof() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    pod(client, "gone");
    let left = kvdis(client, LOCK, "gone", None);
    let steal = ["steal", TYPED, OWNER, "--identity=a"];
    let there = plugin(client, &steal);
    assert_eq!(there.code, Some(3), "{there:?}");
    assert!(there.stderr.contains("never expires"), "{there:?}");
    delete_pod(client, "gone");

    let verbs = ["create", "delete", "get", "update", "watch"];
    role(
        &namespace,
        &json!([{
            "apiGroups": [""], "resources": ["configmaps"], "verbs": verbs,
        }]),
    );
    let alice = namespace.client("alice");
    let free = ["steal", TYPED, "--release"];
    let blind = plugin(&alice, &free);
    assert_eq!(blind.code, Some(3), "{blind:?}");
    assert!(
        blind.stderr.contains("is not known: you may not get pod"),
        "{blind:?}"
    );
    assert_eq!(uid(&get(client, LOCK).unwrap()), uid(&left));

    let said = plugin(client, &steal).success().stdout.clone();
    assert!(said.contains("there is none of that name"), "{said}");
    assert_ne!(uid(&get(client, LOCK).unwrap()), uid(&left));
    plugin(client, &["release", TYPED, "--identity=a"]).success();

    // A pod of the same name is another one.
    pod(client, "gone");
    kvdis(client, LOCK, "gone", Some(600));
    delete_pod(client, "gone");
    pod(client, "gone");
    let said = plugin(client, &free).success().stdout.clone();
    assert!(said.contains("the one of that name has"), "{said}");
}

/// The right that is missing is told, and the others suffice for what needs no more.
#[test]
fn whoever_may_not_create_is_told_and_may_keep_and_give_back() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    role(
        &namespace,
        &json!([
            {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": [LOCK],
             "verbs": ["get", "update", "delete"]},
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
        ]),
    );
    let alice = namespace.client("alice");
    let acquire = ["acquire", TYPED, OWNER, "--identity=a"];
    for more in ["--try", "--timeout=30s"] {
        let denied = plugin(&alice, &[&acquire[..], &[more]].concat());
        assert_eq!(denied.code, Some(3), "{denied:?}");
        assert!(
            denied.stderr.contains("may not create configmaps"),
            "{denied:?}"
        );
    }
    assert!(get(client, LOCK).is_none());
    plugin(client, &acquire).success();
    for verb in ["renew", "release"] {
        plugin(&alice, &[verb, TYPED, "--identity=a"]).success();
    }
    assert!(get(client, LOCK).is_none());
}

/// What alice may do.
fn role(namespace: &Namespace<'_>, rules: &Value) {
    let admin = namespace.admin();
    admin.create(&json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": {"name": "config-maps"}, "rules": rules,
    }));
    admin.create(&json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": "config-maps"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "config-maps",
        },
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"}],
    }));
    let alice = namespace.client("alice");
    until("the role is known", || {
        let asked = alice.kubectl(["auth", "can-i", "delete", "configmaps/desktop"]);
        asked.stdout == "yes\n"
    });
}

/// A machine whose wall clock is wrong by so many seconds.
#[derive(Clone, Copy)]
struct Wrong(i64);

impl Machine for Wrong {
    fn local(&self) -> Instant {
        ThisMachine.local()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_micros(ThisMachine.wall().as_micros() + self.0 * 1_000_000)
    }

    fn unique(&self) -> Uuid {
        ThisMachine.unique()
    }
}

async fn lock_on(namespace: &Namespace<'_>, machine: Wrong) -> Lock<ConfigMapStore, Wrong> {
    let store = owned(namespace, POD).await;
    Lock::on(machine, store, namespace.name(), LOCK).timing(timing(6, 4, 1))
}

/// Whoever waits takes what kvdi left when it is over, and no clock that is wrong is enough for it.
#[tokio::test]
async fn whoever_waits_takes_what_is_over_by_both_clocks() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    kvdis(client, LOCK, POD, Some(600));
    // By a clock that is an hour ahead it is over.
    let ahead = lock_on(&namespace, Wrong(3600)).await;
    let waited = ahead.acquire(Duration::from_secs(5)).await;
    assert!(matches!(waited, Err(AcquireError::TimedOut { .. })));
    client.kubectl(["delete", "configmap", LOCK]).success();

    let left = kvdis(client, LOCK, POD, Some(1));
    // By one that is behind it is not, whatever the server says.
    let behind = lock_on(&namespace, Wrong(-3600)).await;
    let waited = behind.acquire(Duration::from_secs(10)).await;
    assert!(matches!(waited, Err(AcquireError::TimedOut { .. })));
    assert_eq!(uid(&get(client, LOCK).unwrap()), uid(&left));

    let guard = soon(lock(&namespace, POD).await.acquire(LIMIT))
        .await
        .unwrap();
    assert!(Wall::now().as_second() >= expires_at(&left) + 5);
    assert_ne!(uid(&get(client, LOCK).unwrap()), uid(&left));
    guard.release().await.unwrap();
}

/// And what one of ours left that crashed, by having watched it.
#[tokio::test]
async fn whoever_waits_takes_what_was_not_renewed() {
    let namespace = ApiServer::shared().namespace("config-map");
    pod(namespace.admin(), POD);
    let lock = lock(&namespace, POD).await;
    let first = lock.try_acquire().await.unwrap();
    let token = first.token().unwrap();
    // As in a crash: nobody renews it, and nobody gives it back.
    first.leave().await;
    let second = soon(lock.acquire(LIMIT)).await.unwrap();
    assert!(second.token().unwrap() > token);
    second.release().await.unwrap();
}
