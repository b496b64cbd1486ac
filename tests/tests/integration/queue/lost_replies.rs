//! Hand-overs of which one side does not hear.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;
use lease_client::Released;
use lease_tests::{ApiServer, Fate, FaultProxy, Request};

use crate::lock::holder;
use crate::waiter::{LOCK, acquired, lock, lock_of, queue, queued, timing, until};

/// Loses the reply to the first request of this kind.
fn lose_first(
    server: &ApiServer,
    is_meant: impl Fn(&Request) -> bool + Send + 'static,
) -> FaultProxy {
    let mut is_lost = false;
    FaultProxy::before(server, move |request| {
        if !is_lost && is_meant(request) {
            is_lost = true;
            return Fate::DropReply;
        }
        Fate::Forward
    })
}

/// Whether a request writes the lock so that this identity is its holder.
fn names(request: &Request, who: &str) -> bool {
    let body = String::from_utf8_lossy(&request.body);
    request.method == Method::PUT && body.contains(&format!("\"holderIdentity\":\"{who}\""))
}

#[tokio::test]
async fn a_hand_over_whose_reply_is_lost_is_one_hand_over() {
    let server = ApiServer::shared();
    let namespace = server.namespace("queue");
    let client = namespace.admin();
    let is_over = Arc::new(AtomicBool::new(false));
    let proxy = lose_first(server, {
        let is_over = Arc::clone(&is_over);
        move |request| request.method == Method::PUT && is_over.load(Ordering::Relaxed)
    });
    let guard = lock_of(&namespace, &proxy.client(client))
        .await
        .try_acquire()
        .await
        .unwrap();
    let mut waiter = queued(&lock(&namespace).await).await;
    is_over.store(true, Ordering::Relaxed);

    let released = guard.release().await.unwrap();

    let identity = waiter.identity().as_str().to_owned();
    assert_eq!(
        released,
        Released::To {
            identity: identity.clone()
        }
    );
    let guard = acquired(&mut waiter).await;
    let handed_over = proxy
        .seen()
        .iter()
        .filter(|request| names(request, &identity))
        .count();
    assert_eq!(handed_over, 1);
    guard.release().await.unwrap();
}

#[tokio::test]
async fn a_confirmation_whose_reply_is_lost_is_found_in_the_lock() {
    let server = ApiServer::shared();
    let namespace = server.namespace("queue");
    let store = namespace.admin().store().await;
    let guard = lock(&namespace).await.try_acquire().await.unwrap();
    let proxy = lose_first(server, |request| request.method == Method::PUT);
    let behind = proxy.client(namespace.admin());
    let mut waiter = queued(&lock_of(&namespace, &behind).await.timing(timing(6, 4, 1))).await;

    guard.release().await.unwrap();

    let guard = acquired(&mut waiter).await;
    assert_eq!(holder(namespace.admin(), LOCK), guard.identity().as_str());
    until("no ticket is left", async || {
        queue(&namespace, &store).await.is_empty()
    })
    .await;
    guard.release().await.unwrap();
    assert_eq!(holder(namespace.admin(), LOCK), "");
}
