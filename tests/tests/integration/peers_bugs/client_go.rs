//! client-go's leader election.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lease_client::Released;
use lease_core::Loss;
use lease_tests::{ApiServer, Fate, FaultProxy};
use serde_json::json;

use crate::lock::{LIMIT, get, holder, patch};
use crate::waiter::{LOCK, lock, lock_of, soon, timing, until};

/// A proxy that lets no watch through, and treats all requests so once this is set.
fn from_then_on(server: &ApiServer, fate: Fate) -> (FaultProxy, Arc<AtomicBool>) {
    let is_so = Arc::new(AtomicBool::new(false));
    let proxy = FaultProxy::before(server, {
        let is_so = Arc::clone(&is_so);
        move |request| {
            if request.is_watch() {
                Fate::HangRequest
            } else if is_so.load(Ordering::Relaxed) {
                fate.clone()
            } else {
                Fate::Forward
            }
        }
    });
    (proxy, is_so)
}

/// Its release compares the holder that it remembers, and writes at the version that it has just
/// read: a holder that was paused frees its successor's lock.
#[tokio::test]
async fn a_holder_that_did_not_see_its_successor_does_not_free_its_lock() {
    let server = ApiServer::shared();
    let namespace = server.namespace("client-go");
    let client = namespace.admin();
    // No watch tells it.
    let (proxy, _) = from_then_on(server, Fate::Forward);
    let lock = lock_of(&namespace, &proxy.client(client)).await;
    let lock = lock.timing(timing(6, 4, 1));
    let guard = soon(lock.acquire(LIMIT)).await.unwrap();

    let successor = json!({"spec": {"holderIdentity": "successor", "leaseTransitions": 1}});
    patch(client, LOCK, "successor", &successor);
    assert!(guard.is_held());
    let released = soon(guard.release()).await.unwrap();

    assert_eq!(released, Released::NotHeld);
    assert_eq!(holder(client, LOCK), "successor");
}

/// The other side of it: a lock of ours that such a release freed is still ours, since nobody held
/// it in between.
#[tokio::test]
async fn a_holder_whose_lock_was_freed_by_mistake_takes_it_back() {
    let namespace = ApiServer::shared().namespace("client-go");
    let client = namespace.admin();
    let guard = soon(lock(&namespace).await.try_acquire()).await.unwrap();
    let token = guard.token();

    let freed = json!({"spec": {"holderIdentity": "", "leaseDurationSeconds": 1}});
    patch(client, LOCK, "paused", &freed);

    until("it is taken back", async || {
        holder(client, LOCK) == guard.identity().as_str()
    })
    .await;
    assert!(guard.is_held());
    assert_eq!(guard.token(), token);
    assert_eq!(get(client, LOCK)["spec"]["leaseDurationSeconds"], 15);
    guard.release().await.unwrap();
}

/// It believes for a retry period longer than its renew deadline after its last renewal, by when
/// that was answered.
#[tokio::test]
async fn a_holder_that_cannot_renew_does_not_believe_beyond_its_deadline() {
    const DEADLINE: Duration = Duration::from_secs(4);

    let server = ApiServer::shared();
    let namespace = server.namespace("client-go");
    let (proxy, is_cut) = from_then_on(server, Fate::HangRequest);
    let lock = lock_of(&namespace, &proxy.client(namespace.admin())).await;
    let lock = lock.timing(timing(6, DEADLINE.as_secs(), 1));
    let guard = soon(lock.acquire(LIMIT)).await.unwrap();
    // Whatever was written was sent before this.
    is_cut.store(true, Ordering::Relaxed);
    let cut = Instant::now();
    assert!(guard.is_held());

    tokio::time::sleep_until((cut + DEADLINE).into()).await;
    assert!(!guard.is_held());
    assert_eq!(soon(guard.lost()).await, Loss::NotRenewed);
}
