//! Tickets whose owners are gone.

use lease_client::{AcquireError, LeaseStore, Released};
use lease_tests::{ApiServer, Namespace};

use super::process::{stands_in, wait_as};
use crate::lock::holder;
use crate::waiter::{LOCK, acquired, lock, queue, queued, soon, until};

/// Has somebody take a place in line and crash.
async fn die_in_line(namespace: &Namespace<'_>, store: &LeaseStore, name: &str) {
    let mut waiter = wait_as(namespace, name);
    until("it waits", async || stands_in(namespace, store, name).await).await;
    waiter.kill();
}

#[tokio::test]
async fn a_dead_head_of_the_queue_holds_up_nobody_for_long() {
    let namespace = ApiServer::shared().namespace("queue");
    let store = namespace.admin().store().await;
    let lock = lock(&namespace).await;
    let guard = lock.try_acquire().await.unwrap();
    for dead in ["dead-1", "dead-2"] {
        die_in_line(&namespace, &store, dead).await;
    }
    let mut waiter = queued(&lock).await;
    let mut second = queued(&lock).await;

    let released = guard.release().await.unwrap();

    let identity = "dead-1".to_owned();
    assert_eq!(released, Released::To { identity });
    let guard = acquired(&mut waiter).await;
    assert_eq!(holder(namespace.admin(), LOCK), guard.identity().as_str());
    // Released before anything else was cleared away.
    let released = soon(guard.release()).await.unwrap();
    let identity = "dead-2".to_owned();
    assert_eq!(released, Released::To { identity });
    let guard = acquired(&mut second).await;
    until("no ticket is left", async || {
        queue(&namespace, &store).await.is_empty()
    })
    .await;
    guard.release().await.unwrap();
}

#[tokio::test]
async fn a_newcomer_at_a_free_lock_lines_up_behind_those_who_wait() {
    let namespace = ApiServer::shared().namespace("queue");
    let store = namespace.admin().store().await;
    let lock = lock(&namespace).await;
    let guard = lock.try_acquire().await.unwrap();
    die_in_line(&namespace, &store, "dead").await;
    guard.release_open().await.unwrap();
    assert_eq!(holder(namespace.admin(), LOCK), "");

    let tried = soon(lock.try_acquire()).await;
    assert!(matches!(tried, Err(AcquireError::Contended)));
    assert_eq!(holder(namespace.admin(), LOCK), "");

    // The place in line counts for as long as its owner could be alive, and no longer.
    let guard = soon(lock.acquire_patiently()).await.unwrap();
    assert!(stands_in(&namespace, &store, "dead").await);
    let released = soon(guard.release()).await.unwrap();
    let identity = "dead".to_owned();
    assert_eq!(released, Released::To { identity });
    let guard = soon(lock.acquire_patiently()).await.unwrap();
    until("no ticket is left", async || {
        queue(&namespace, &store).await.is_empty()
    })
    .await;
    guard.release().await.unwrap();
}
