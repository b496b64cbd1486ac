//! What goes wrong with kvdi's lock, and does not with ours: each fault, in the situation that
//! brings it out.

use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use lease_client::{AcquireError, Released};
use lease_tests::{ApiServer, Fate, FaultProxy, Namespace, Process, Witness};
use serde_json::Value;

use super::world::{LOCK, OWNER, POD, TYPED, expires_at, get, kvdis, lock, plugin, pod, uid};
use crate::lock::{LIMIT, until};
use crate::waiter::{self, soon};

/// How long a contender waits here before there is something to be seen.
const WAIT: i64 = 4;
/// What a lock of ours lasts here, and the margin.
const LASTS: i64 = 6 + 5;

/// A contender as kvdi's are, for one round.
fn peer(namespace: &Namespace<'_>, witness: &Witness, timeout: &str, hold: &str) -> Process {
    let mut command = namespace.peer("configmaplock");
    command.arg("--witness").arg(witness.folder()).args([
        "--lock=theirs",
        &format!("--pod={POD}")[..],
        &format!("--timeout={timeout}"),
        &format!("--first={hold}"),
        "--rounds=1",
    ]);
    Process::start(&mut command)
}

fn now() -> i64 {
    Timestamp::now().as_second()
}

/// It computes `expiresAt` before it waits, so that a lock that was waited for is over early, and
/// never moves it.
#[tokio::test]
async fn a_lock_lasts_from_when_it_was_acquired_and_is_renewed() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    for name in [LOCK, "theirs"] {
        kvdis(client, name, POD, Some(600));
    }
    let began = now();
    let witness = Witness::new();
    let _peer = peer(&namespace, &witness, "20s", "20s");
    let lock = lock(&namespace, POD).await;
    let ours = tokio::spawn(async move { lock.acquire(LIMIT).await });
    let wait = Duration::from_secs(WAIT.unsigned_abs());
    tokio::time::sleep(wait).await;
    for name in [LOCK, "theirs"] {
        client.kubectl(["delete", "configmap", name]).success();
    }

    let guard = soon(ours).await.unwrap().unwrap();
    let object = get(client, LOCK).unwrap();
    let acquired = now();
    let left = expires_at(&object) - acquired;
    assert!((LASTS - 2..=LASTS + 1).contains(&left), "{left} {object:#}");
    let is_theirs = || get(client, "theirs");
    waiter::until("theirs is created", async || is_theirs().is_some()).await;
    let theirs = expires_at(&is_theirs().unwrap());
    assert!(
        theirs <= began + 20 + 1,
        "the fault is gone: {theirs}, {began}"
    );

    // It is moved on while it is held, and the lock stays the same one.
    let first = expires_at(&object);
    let moved = || get(client, LOCK).filter(|now| expires_at(now) >= first + 2);
    waiter::until("it is renewed", async || moved().is_some()).await;
    assert_eq!(uid(&moved().unwrap()), uid(&object));
    assert_eq!(guard.release().await.unwrap(), Released::Open);
    assert!(get(client, LOCK).is_none());
}

/// One of theirs that has a timeout deletes a lock that has no end.
#[tokio::test]
async fn a_lock_without_an_end_is_never_deleted_because_somebody_else_has_a_timeout() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let made = [LOCK, "theirs"].map(|name| kvdis(client, name, POD, None));

    let witness = Witness::new();
    let mut theirs = peer(&namespace, &witness, "60s", "1ms");
    assert!(theirs.wait(LIMIT).success());
    assert!(get(client, "theirs").is_none(), "the fault is gone");

    let waited = lock(&namespace, POD)
        .await
        .acquire(Duration::from_secs(9))
        .await;
    assert!(matches!(waited, Err(AcquireError::TimedOut { .. })));
    for verb in [
        "acquire --try",
        "acquire --timeout=2s",
        "steal",
        "release --identity=a",
    ] {
        let mut args: Vec<_> = verb.split(' ').collect();
        args.insert(1, TYPED);
        if !verb.starts_with("release") {
            args.push(OWNER);
        }
        let said = plugin(client, &args);
        assert!(matches!(said.code, Some(3 | 4)), "{verb}: {said:?}");
    }
    let left = get(client, LOCK).unwrap();
    assert_eq!(left["metadata"], made[0]["metadata"]);
}

/// Theirs deletes whatever has the lock's name by now.
#[test]
fn nothing_is_ever_deleted_but_what_was_judged() {
    let server = ApiServer::shared();
    let namespace = server.namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    // Somebody else renews the lock just before it is deleted.
    let changed = client.clone();
    let mut renews = true;
    let proxy = FaultProxy::before(server, move |request| {
        if request.method == Method::DELETE && std::mem::take(&mut renews) {
            let ends = format!("{{\"data\":{{\"expiresAt\":\"{}\"}}}}", now() + 600);
            let args = ["patch", "configmap", LOCK, "--type=merge", "-p", &ends];
            changed.kubectl(args).success();
        }
        Fate::Forward
    });
    let behind = proxy.client(client);
    let over = kvdis(client, LOCK, POD, Some(-600));
    until("it is over", || {
        plugin(client, &["check", TYPED]).code == Some(2)
    });

    let stolen = plugin(&behind, &["steal", TYPED, OWNER]);
    assert_eq!(stolen.code, Some(3), "{stolen:?}");
    let left = get(client, LOCK).unwrap();
    assert_eq!(uid(&left), uid(&over));
    assert!(expires_at(&left) > now());

    // What else deletes.
    let version = left["metadata"]["resourceVersion"].as_str().unwrap();
    let yes = format!("--resource-version={version}");
    plugin(&behind, &["force-release", TYPED, "--yes", &yes]).success();
    plugin(&behind, &["run", TYPED, OWNER, "--", "true"]).success();
    plugin(&behind, &["acquire", TYPED, OWNER, "--try", "--identity=a"]).success();
    plugin(&behind, &["release", TYPED, "--identity=a"]).success();
    let seen = proxy.seen();
    let deletes = seen
        .iter()
        .filter(|request| request.method == Method::DELETE);
    let conditions: Vec<Value> = deletes
        .map(|request| {
            serde_json::from_slice::<Value>(&request.body).unwrap()["preconditions"].clone()
        })
        .collect();
    assert_eq!(conditions.len(), 4, "{conditions:#?}");
    for condition in conditions {
        assert!(condition["uid"].is_string(), "{condition}");
        assert!(condition["resourceVersion"].is_string(), "{condition}");
    }
}

/// Theirs knows a holder by its pod alone.
#[tokio::test]
async fn two_in_one_pod_are_two() {
    let namespace = ApiServer::shared().namespace("config-map");
    let client = namespace.admin();
    pod(client, POD);
    let lock = lock(&namespace, POD).await;
    let first = lock.try_acquire().await.unwrap();
    let second = lock.try_acquire().await;
    assert!(matches!(second, Err(AcquireError::Contended)));
    let said = plugin(client, &["release", TYPED, "--identity=another"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    let holder = &get(client, LOCK).unwrap()["metadata"]["annotations"];
    assert_eq!(holder["kubectl-lease.io/holder"], first.identity().as_str());
    first.release().await.unwrap();

    // Nor is a contender of kvdi in the same pod one of ours, whatever we call ourselves.
    let object = kvdis(client, LOCK, POD, Some(600));
    let pod = &object["metadata"]["ownerReferences"][0];
    let called = format!("pod/{POD} ({})", pod["uid"].as_str().unwrap());
    let said = plugin(client, &["release", TYPED, "--identity", &called]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert_eq!(uid(&get(client, LOCK).unwrap()), uid(&object));
}
