//! What can be done with few rights is done, and what cannot names the right that is missing.

use lease_client::{LeaseStore, ReadError, Store, WriteError};
use serde_json::json;

use crate::fixture::{NAMESPACE, SOON, cluster, create, free, store, taking};
use crate::front::{Fate, Front, Request, answer};

/// A server with a free lock, which answers 403 to what is not allowed.
async fn allowed(rule: impl Fn(&Request) -> bool + Send + 'static) -> (Front, LeaseStore) {
    let (cluster, server) = cluster().await;
    create(&cluster, &free("lock"));
    let front = Front::before(server.addr(), move |request| {
        let _ = &server;
        if rule(request) {
            Fate::Forward
        } else {
            answer(403, &[], &json!({"reason": "Forbidden", "message": "no"}))
        }
    })
    .await;
    let store = store(&front.url(), SOON).await;
    (front, store)
}

#[tokio::test]
async fn who_may_only_list_finds_the_lock_in_a_list() {
    let (_front, store) = allowed(|request| request.path.contains("fieldSelector=")).await;
    let found = store.get(NAMESPACE, "lock").await.unwrap();
    assert!(found.date.is_some());
    assert_eq!(found.value.unwrap().snapshot().name, "lock");
    let found = store.get(NAMESPACE, "other").await.unwrap();
    assert!(found.value.is_none());
}

#[tokio::test]
async fn who_may_create_one_name_creates_it_but_never_over_another() {
    let (_front, store) = allowed(|request| request.method != "POST").await;
    let made = store.create(NAMESPACE, "new", &taking(None, "me")).await;
    assert_eq!(made.unwrap().value.snapshot().name, "new");
    let made = store.create(NAMESPACE, "lock", &taking(None, "me")).await;
    assert!(matches!(made, Err(WriteError::Conflict(_))), "{made:?}");
}

#[tokio::test]
async fn the_right_that_is_missing_is_named_as_kubectl_asks_for_it() {
    let (_front, store) = allowed(|_| false).await;
    let Err(ReadError::Denied(status)) = store.get(NAMESPACE, "lock").await else {
        panic!("allowed");
    };
    assert_eq!(
        status.attempted.unwrap().to_string(),
        "get leases.coordination.k8s.io/lock -n work"
    );
    let made = store.create(NAMESPACE, "lock", &taking(None, "me")).await;
    let Err(WriteError::Denied(status)) = made else {
        panic!("allowed");
    };
    assert_eq!(
        status.attempted.unwrap().to_string(),
        "create leases.coordination.k8s.io -n work"
    );
}
