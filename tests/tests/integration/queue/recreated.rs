//! Locks that are deleted while somebody waits for them.

use std::time::{Duration, Instant};

use lease_tests::{ApiServer, Namespace};
use serde_json::json;

use crate::lock::{get, held, patch};
use crate::waiter::{LOCK, acquired, lock, queue, queued, soon, until};

/// The holder's lease, in seconds.
const SECONDS: u64 = 5;

fn delete(namespace: &Namespace<'_>) {
    let args = ["delete", "lease", LOCK];
    namespace.admin().kubectl(args).success();
}

fn create(namespace: &Namespace<'_>, holder: &str) {
    namespace
        .admin()
        .create(&held(LOCK, holder, i32::try_from(SECONDS).unwrap()));
}

#[tokio::test]
async fn those_who_wait_for_a_deleted_lock_wait_until_its_holder_cannot_believe_any_more() {
    let namespace = ApiServer::shared().namespace("queue");
    create(&namespace, "holder");
    let lock = lock(&namespace).await;
    let mut one = queued(&lock).await;
    let mut two = queued(&lock).await;

    delete(&namespace);
    let deleted = Instant::now();

    let guard = soon(async {
        tokio::select! {
            guard = one.acquired() => guard.map(|guard| (guard, two)),
            guard = two.acquired() => guard.map(|guard| (guard, one)),
        }
    });
    let (guard, mut other) = guard.await.unwrap();
    // What was last seen of it may have been renewed a moment before it was deleted.
    let waited = deleted.elapsed();
    assert!(waited >= Duration::from_secs(SECONDS - 1), "{waited:?}");
    guard.release().await.unwrap();
    acquired(&mut other).await.release().await.unwrap();
}

#[tokio::test]
async fn those_who_wait_line_up_anew_for_a_lock_that_is_created_anew() {
    let namespace = ApiServer::shared().namespace("queue");
    create(&namespace, "holder");
    let store = namespace.admin().store().await;
    let lock = lock(&namespace).await;
    let mut one = queued(&lock).await;
    let mut two = queued(&lock).await;

    delete(&namespace);
    create(&namespace, "other");

    let uid = get(namespace.admin(), LOCK)["metadata"]["uid"].take();
    until("both wait for the new one", async || {
        let tickets = queue(&namespace, &store).await;
        tickets.len() == 2 && tickets.iter().all(|ticket| ticket.lock.as_str() == uid)
    })
    .await;
    let free = json!({"spec": {"holderIdentity": ""}});
    patch(namespace.admin(), LOCK, "other", &free);
    let (guard, mut last) = soon(async {
        tokio::select! {
            guard = one.acquired() => (guard.unwrap(), two),
            guard = two.acquired() => (guard.unwrap(), one),
        }
    })
    .await;
    assert_eq!(guard.uid().unwrap().as_str(), uid);
    guard.release().await.unwrap();
    acquired(&mut last).await.release().await.unwrap();
}
