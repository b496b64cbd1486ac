//! Tickets whose owners are gone.

use std::time::Duration;

use lease_client::{AcquireError, LeaseStore, NewTicket, Released, Store, clock};
use lease_core::Ticket;
use lease_tests::{ApiServer, Namespace};

use crate::lock::holder;
use crate::waiter::{LOCK, acquired, lock, queue, queued, soon, until};

/// Takes a place in line as a waiter does that crashes thereafter.
async fn die_in_line(namespace: &Namespace<'_>, store: &LeaseStore, name: &str) -> Ticket {
    let lock = store.get(namespace.name(), LOCK).await.unwrap();
    let ticket = NewTicket {
        namespace: namespace.name().to_owned(),
        name: format!("{LOCK}-ticket-{name}"),
        lock_name: LOCK.to_owned(),
        lock: lock.value.unwrap().snapshot().version.uid.clone(),
        holder: name.to_owned(),
        window: Duration::from_secs(2),
        since: clock::wall(),
    };
    store.enqueue(&ticket).await.unwrap()
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
    let dead = die_in_line(&namespace, &store, "dead").await;
    guard.release_open().await.unwrap();
    assert_eq!(holder(namespace.admin(), LOCK), "");

    let tried = soon(lock.try_acquire()).await;
    assert!(matches!(tried, Err(AcquireError::Contended)));
    assert_eq!(holder(namespace.admin(), LOCK), "");

    // The place in line counts for as long as its owner could be alive, and no longer.
    let guard = soon(lock.acquire_patiently()).await.unwrap();
    assert!(queue(&namespace, &store).await.contains(&dead));
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
