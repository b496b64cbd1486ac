//! Each refusal of the server is told as what it means for a lock.

use std::time::Duration;

use lease_client::{LeaseStore, ReadError, RequestError, Store, WriteError};
use serde_json::json;

use crate::fixture::{NAMESPACE, SOON, all, cluster, create, free, read, store, taking};
use crate::front::{Fate, Front, answer};

fn read_kind(error: &ReadError) -> &'static str {
    match error {
        ReadError::Denied(_) => "denied",
        ReadError::Malformed(_) => "malformed",
        ReadError::Unavailable(_) => "unavailable",
    }
}

fn write_kind(error: &WriteError) -> &'static str {
    match error {
        WriteError::Conflict(_) => "conflict",
        WriteError::Denied(_) => "denied",
        WriteError::Gone(_) => "gone",
        WriteError::NotPossible(_) => "not possible",
        WriteError::NotSent(_) => "not sent",
        WriteError::Overtaken => "overtaken",
        WriteError::Rejected(_) => "rejected",
        WriteError::Unknown(_) => "unknown",
    }
}

/// What a server that answers everything with one code leads to: of get, list, create, replace.
async fn kinds(code: u16) -> [&'static str; 4] {
    let status = json!({"kind": "Status", "reason": "Because", "message": "no", "code": code});
    let front = Front::alone(move |_| answer(code, &["retry-after: 3600"], &status)).await;
    let store = store(&front.url(), SOON).await;
    let lock = some_lock().await;
    let get = store.get(NAMESPACE, "lock").await.unwrap_err();
    let list = store.list(&all(), None).await.unwrap_err();
    let create = store.create(NAMESPACE, "lock", &taking(None, "me")).await;
    let replace = store.replace(&lock, &taking(Some(&lock), "me")).await;
    match code {
        // A list, and a PUT, are tried where only they are allowed.
        403 => assert_eq!(front.seen().len(), 6),
        410 => {}
        _ => assert_eq!(front.seen().len(), 4, "{code}: each is sent once"),
    }
    [
        read_kind(&get),
        read_kind(&list),
        write_kind(&create.unwrap_err()),
        write_kind(&replace.unwrap_err()),
    ]
}

async fn some_lock() -> lease_client::Lease {
    let (cluster, server) = cluster().await;
    create(&cluster, &free("lock"));
    read(&store(&server.url(), SOON).await, "lock").await
}

#[tokio::test]
async fn each_code_is_told_as_what_it_means() {
    let unavailable = "unavailable";
    for (code, expected) in [
        (400, [unavailable, unavailable, "rejected", "rejected"]),
        (401, ["denied", "denied", "denied", "denied"]),
        (403, ["denied", "denied", "denied", "denied"]),
        // No Lease in the way of a create: the namespace is missing.
        (404, [unavailable, unavailable, "rejected", "gone"]),
        (409, [unavailable, unavailable, "conflict", "conflict"]),
        (410, [unavailable, unavailable, "rejected", "rejected"]),
        (422, [unavailable, unavailable, "rejected", "rejected"]),
        (429, [unavailable, unavailable, "rejected", "rejected"]),
        (500, [unavailable, unavailable, "unknown", "unknown"]),
        (503, [unavailable, unavailable, "unknown", "unknown"]),
        (504, [unavailable, unavailable, "unknown", "unknown"]),
    ] {
        assert_eq!(kinds(code).await, expected, "{code}");
    }
}

/// A store before which all is answered so.
async fn answered(fate: Fate) -> (Front, LeaseStore) {
    let front = Front::alone(move |_| fate.clone()).await;
    let store = store(&front.url(), SOON).await;
    (front, store)
}

#[tokio::test]
async fn what_the_server_says_is_passed_on() {
    let status = json!({"reason": "TooManyRequests", "message": "later, please"});
    let (_front, store) = answered(answer(429, &["retry-after: 3600"], &status)).await;
    let error = store.create(NAMESPACE, "lock", &taking(None, "me")).await;
    let Err(WriteError::Rejected(status)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(status.code, 429);
    assert_eq!(status.reason, "TooManyRequests");
    assert_eq!(status.message, "later, please");
    assert_eq!(status.retry_after, Some(Duration::from_secs(3600)));
}

#[tokio::test]
async fn a_proxy_s_page_is_no_reason_to_stumble() {
    let page = "<html>Bad Gateway</html>";
    let text = format!(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: {}\r\n\r\n{page}",
        page.len()
    );
    let (_front, store) = answered(Fate::Answer(text)).await;
    let error = store.get(NAMESPACE, "lock").await.unwrap_err();
    assert_eq!(error.to_string(), "Bad Gateway (502 Bad Gateway)");
}

#[tokio::test]
async fn a_lease_that_is_not_there_is_no_error_but_a_missing_api_is() {
    let status = json!({"reason": "NotFound", "message": "leases \"lock\" not found"});
    let (_front, store_of_none) = answered(answer(404, &[], &status)).await;
    let nothing = store_of_none.get(NAMESPACE, "lock").await.unwrap();
    assert!(nothing.value.is_none());

    let text = "HTTP/1.1 404 Not Found\r\ncontent-length: 18\r\n\r\n404 page not found";
    let (_front, store) = answered(Fate::Answer(text.to_owned())).await;
    let error = store.get(NAMESPACE, "lock").await.unwrap_err();
    assert_eq!(read_kind(&error), "unavailable");
}

#[tokio::test]
async fn a_success_that_cannot_be_read_may_have_been_one() {
    for body in [json!("a text"), json!({"metadata": 1})] {
        let (_front, store) = answered(answer(200, &[], &body)).await;
        let lock = some_lock().await;
        let write = taking(Some(&lock), "me");
        let error = store.replace(&lock, &write).await.unwrap_err();
        assert_eq!(write_kind(&error), "unknown", "{body}");
        let error = store.get(NAMESPACE, "lock").await.unwrap_err();
        assert_eq!(read_kind(&error), "unavailable", "{body}");
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let (_cluster, server) = cluster().await;
    let store = store(&server.url(), SOON).await;
    server.shutdown().await;
    let error = store.create(NAMESPACE, "lock", &taking(None, "me")).await;
    assert_eq!(write_kind(&error.unwrap_err()), "not sent");
    let error = store.get(NAMESPACE, "lock").await.unwrap_err();
    assert!(
        matches!(error, ReadError::Unavailable(RequestError::Connect { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_list_in_pages_has_the_first_page_s_date() {
    let page = |second: u32, name: &str, token: &str| {
        let date = format!("date: Sat, 21 Nov 2026 10:00:0{second} GMT");
        let body = json!({
            "metadata": {"resourceVersion": "100", "continue": token},
            "items": [{"metadata": {
                "name": name, "namespace": NAMESPACE, "uid": "u", "resourceVersion": "9",
            }}],
        });
        answer(200, &[&date], &body)
    };
    let front = Front::alone(move |request| {
        assert!(request.path.contains("limit=1"), "{request:?}");
        match request.path.rsplit_once("continue=") {
            None => page(1, "a", "x/y=="),
            Some((_, "x%2Fy%3D%3D")) => page(4, "b", "z"),
            Some((_, "z")) => page(9, "c", ""),
            Some((_, token)) => panic!("what is {token}?"),
        }
    })
    .await;
    let store = store(&front.url(), SOON).await;
    let list = store.list(&all(), Some(1)).await.unwrap();
    let names = list.value.leases.iter().map(|one| &*one.snapshot().name);
    assert_eq!(names.collect::<Vec<_>>(), ["a", "b", "c"]);
    let date = list.date.unwrap();
    assert_eq!(
        lease_client::micro_time::format_seconds(date),
        "2026-11-21T10:00:01Z"
    );
}
