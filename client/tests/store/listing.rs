//! Lists, taken in piece by piece.

use std::time::{Duration, Instant};

use lease_client::{LeaseStore, ReadError, RequestError};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::fixture::{NAMESPACE, SOON, all, cluster, create, free, held, store};
use crate::front::{Fate, Front, answer};

/// What came of a list: the names, or the kind of the error.
async fn names(store: &LeaseStore) -> Result<Vec<String>, String> {
    match store.list(&all(), None).await {
        Ok(list) => Ok(list
            .value
            .leases
            .iter()
            .map(|lease| lease.snapshot().name.clone())
            .collect()),
        Err(ReadError::Unavailable(RequestError::Broken(_))) => Err("broken".to_owned()),
        Err(ReadError::Unavailable(RequestError::Unreadable(_))) => Err("unreadable".to_owned()),
        Err(ReadError::Malformed(_)) => Err("malformed".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

async fn answered(text: String) -> Result<Vec<String>, String> {
    let front = Front::alone(move |_| Fate::Answer(text.clone())).await;
    names(&store(&front.url(), SOON).await).await
}

async fn answered_json(body: Value) -> Result<Vec<String>, String> {
    let front = Front::alone(move |_| answer(200, &[], &body)).await;
    names(&store(&front.url(), SOON).await).await
}

fn item(name: &str) -> Value {
    json!({"metadata": {
        "name": name, "namespace": NAMESPACE, "uid": "u", "resourceVersion": "9",
        "annotations": {"note": "], } and \" or \\"},
    }})
}

fn list(items: &Value) -> Value {
    json!({"kind": "LeaseList", "metadata": {"resourceVersion": "100"}, "items": items})
}

#[tokio::test]
async fn a_list_may_be_empty_in_two_ways() {
    for none in [json!([]), json!(null)] {
        assert_eq!(answered_json(list(&none)).await, Ok(vec![]), "{none}");
    }
    let two = json!([item("a"), item("b")]);
    let both = Ok(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(answered_json(list(&two)).await, both);
}

#[tokio::test]
async fn what_is_no_list_cannot_be_read() {
    let unreadable = || Err("unreadable".to_owned());
    for body in [
        json!("a text"),
        json!([item("a")]),
        json!({"kind": "Status", "metadata": {}, "status": "Success"}),
        // Somebody answers with one lease.
        item("a"),
        json!({"items": [item("a")]}),
        json!({"metadata": {"resourceVersion": 1}, "items": [item("a")]}),
        json!({"metadata": {"resourceVersion": "1"}, "items": {"a": item("a")}}),
    ] {
        assert_eq!(answered_json(body.clone()).await, unreadable(), "{body}");
    }
    let page = "<html>Log in</html>";
    let text = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{page}",
        page.len()
    );
    assert_eq!(answered(text).await, unreadable());
    let strange = list(&json!([item("a"), {"metadata": {"name": "b"}}]));
    assert_eq!(answered_json(strange).await, Err("malformed".to_owned()));
}

/// A list that breaks off is not the list of what came before.
#[tokio::test]
async fn a_list_that_is_cut_short_is_broken() {
    let body = list(&json!([item("a"), item("b"), item("c")])).to_string();
    for end in [0, 1, body.len() / 3, body.len() / 2, body.len() - 1] {
        let part = &body[..end];
        let counted = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{part}",
            body.len()
        );
        assert_eq!(answered(counted).await, Err("broken".to_owned()), "{end}");
        let chunked = format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{part}",
            body.len()
        );
        assert_eq!(answered(chunked).await, Err("broken".to_owned()), "{end}");
    }
}

/// Each piece comes within the limit, the whole does not.
#[tokio::test]
async fn a_list_that_trickles_is_waited_for_no_longer_than_the_limit() {
    const LIMIT: Duration = Duration::from_millis(400);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let trickling = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        assert!(client.read(&mut [0; 4096]).await.unwrap() > 0);
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n{\"items\":[";
        client.write_all(head).await.unwrap();
        loop {
            let item = item("a").to_string() + ",";
            if client.write_all(item.as_bytes()).await.is_err() {
                return;
            }
            sleep(LIMIT / 10).await;
        }
    });
    let store = store(&url, LIMIT).await;
    let started = Instant::now();
    let error = store.list(&all(), None).await.unwrap_err();
    assert!(
        matches!(&error, ReadError::Unavailable(RequestError::Timeout(limit)) if *limit == LIMIT),
        "{error:?}"
    );
    let took = started.elapsed();
    assert!(LIMIT <= took && took < LIMIT + SOON, "{took:?}");
    trickling.abort();
}

#[tokio::test]
async fn what_is_kept_of_a_list_is_up_to_whoever_asks() {
    let (cluster, server) = cluster().await;
    create(&cluster, &held("a", "one"));
    create(&cluster, &free("b"));
    create(&cluster, &held("c", "three"));
    let store = store(&server.url(), SOON).await;

    let selection = all();
    let kept = store.list_keeping(&selection, None, |listed| {
        assert!(listed.date.is_some());
        let object = listed.object();
        assert_eq!(object["kind"], "Lease");
        let record = &listed.summary.snapshot.record;
        record.holder()?;
        Some((object["metadata"]["name"].clone(), listed.into_lease()))
    });

    let kept = kept.await.unwrap().value.leases;
    let names: Vec<_> = kept
        .iter()
        .map(|(name, _)| name.as_str().unwrap())
        .collect();
    assert_eq!(names, ["a", "c"]);
    let stored = cluster.get(NAMESPACE, "c").unwrap();
    assert_eq!(kept[1].1.object()["spec"], stored["spec"]);
}

/// Where the version of a list in pages is gone, the list is begun anew, and nothing of the first
/// attempt is left.
#[tokio::test]
async fn a_list_that_is_begun_anew_forgets_what_came_before() {
    let front = Front::alone(|request| {
        if request.path.contains("continue=") {
            return answer(410, &[], &json!({"kind": "Status", "code": 410}));
        }
        if request.path.contains("limit=") {
            let mut page = list(&json!([item("a"), item("b")]));
            page["metadata"]["continue"] = json!("more");
            return answer(200, &[], &page);
        }
        answer(200, &[], &list(&json!([item("b"), item("c")])))
    })
    .await;
    let store = store(&front.url(), SOON).await;
    let list = store.list(&all(), Some(2)).await.unwrap().value;
    let names: Vec<_> = list
        .leases
        .iter()
        .map(|one| &*one.snapshot().name)
        .collect();
    assert_eq!(names, ["b", "c"]);
    assert_eq!(front.seen().len(), 3);
}
