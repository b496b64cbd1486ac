//! Requests that the server wants later are sent again then, where it cannot have carried them out.

use std::time::Duration;

use http::StatusCode;
use lease_client::{LeaseStore, RequestError, Store, WriteError};
use serde_json::json;

use crate::fixture::{NAMESPACE, SOON, cluster, create, free, holder_of, read, store, taking};
use crate::front::{Fate, Front, answer};

/// A server with a free lock, before which the first request of a method is answered so.
async fn first_answered(method: &'static str, code: u16) -> (Front, LeaseStore) {
    let (cluster, server) = cluster().await;
    create(&cluster, &free("lock"));
    let mut is_first = true;
    let front = Front::before(server.addr(), move |request| {
        let status = json!({"message": "later", "reason": "Because"});
        // The server lives as long as the rule.
        let _ = &server;
        if request.method == method && std::mem::take(&mut is_first) {
            answer(code, &["retry-after: 1"], &status)
        } else {
            Fate::Forward
        }
    })
    .await;
    let store = store(&front.url(), SOON).await;
    (front, store)
}

#[tokio::test]
async fn what_the_server_wants_later_is_sent_again_then() {
    for code in [429, 503] {
        let (front, store) = first_answered("GET", code).await;
        let lock = read(&store, "lock").await;
        assert_eq!(holder_of(&lock), "");
        assert_eq!(front.count("GET"), 2, "{code}");
    }
    let (front, store) = first_answered("PUT", 429).await;
    let lock = read(&store, "lock").await;
    let written = store.replace(&lock, &taking(Some(&lock), "me")).await;
    assert_eq!(holder_of(&written.unwrap().value), "me");
    assert_eq!(front.count("PUT"), 2);
}

#[tokio::test]
async fn a_write_that_may_have_landed_is_not() {
    let (front, store) = first_answered("PUT", 503).await;
    let lock = read(&store, "lock").await;
    let written = store.replace(&lock, &taking(Some(&lock), "me")).await;
    let Err(WriteError::Unknown(RequestError::Status(status))) = written else {
        panic!("{written:?}");
    };
    assert_eq!(status.code, StatusCode::SERVICE_UNAVAILABLE.as_u16());
    assert_eq!(front.count("PUT"), 1);
}

#[tokio::test]
async fn nobody_waits_longer_than_the_limit() {
    let status = json!({"message": "later"});
    let front = Front::alone(move |_| answer(429, &["retry-after: 3"], &status)).await;
    let store = store(&front.url(), Duration::from_secs(5)).await;
    let start = tokio::time::Instant::now();
    store.get(NAMESPACE, "lock").await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(front.count("GET"), 2);
}
