//! Nothing waits for ever for a server that does not answer.

use std::time::{Duration, Instant};

use lease_client::{ReadError, RequestError, Store, WriteError, carry_out};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::{NAMESPACE, SOON, all, cluster, create, free, read, store, taking};
use crate::front::{Fate, Front};
use crate::interruptions::Follower;

const LIMIT: Duration = Duration::from_millis(300);
/// What a loaded machine may add.
const SLACK: Duration = Duration::from_secs(5);

fn is_timeout(error: &RequestError) -> bool {
    matches!(error, RequestError::Timeout(limit) if *limit == LIMIT)
}

#[tokio::test]
async fn a_server_that_accepts_and_never_answers() {
    let front = Front::alone(|_| Fate::Hang).await;
    let store = store(&front.url(), LIMIT).await;
    let started = Instant::now();

    for error in [
        store.get(NAMESPACE, "lock").await.unwrap_err(),
        store.list(&all(), None).await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, ReadError::Unavailable(error) if is_timeout(error)),
            "{error:?}"
        );
    }
    let error = store.create(NAMESPACE, "lock", &taking(None, "me")).await;
    assert!(
        matches!(&error, Err(WriteError::Unknown(error)) if is_timeout(error)),
        "{error:?}"
    );
    let took = started.elapsed();
    assert!(3 * LIMIT <= took && took < 3 * LIMIT + SLACK, "{took:?}");
}

#[tokio::test]
async fn an_answer_that_never_ends() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let trickling = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut client, _)) = listener.accept().await {
            assert!(client.read(&mut [0; 4096]).await.unwrap() > 0);
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"metadata\":";
            client.write_all(head).await.unwrap();
            open.push(client);
        }
    });
    let store = store(&url, LIMIT).await;
    let started = Instant::now();
    let error = store.get(NAMESPACE, "lock").await.unwrap_err();
    assert!(
        matches!(&error, ReadError::Unavailable(error) if is_timeout(error)),
        "{error:?}"
    );
    assert!(started.elapsed() < LIMIT + SLACK);
    trickling.abort();
}

#[tokio::test]
async fn a_write_whose_outcome_nobody_tells() {
    let (cluster, server) = cluster().await;
    create(&cluster, &free("lock"));
    let lock = read(&store(&server.url(), SOON).await, "lock").await;
    let front = Front::alone(|_| Fate::Hang).await;
    let store = store(&front.url(), LIMIT).await;
    let started = Instant::now();

    let write = taking(Some(&lock), "me");
    let result = carry_out(&store, NAMESPACE, "lock", Some(&lock), &write).await;

    assert!(matches!(result, Err(WriteError::Unknown(_))), "{result:?}");
    assert_eq!(front.count("PUT"), 1);
    assert!(started.elapsed() < SLACK, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_watch_that_does_not_open_is_an_interruption() {
    let (cluster, server) = cluster().await;
    create(&cluster, &free("lock"));
    let front = Front::before(server.addr(), |request| {
        if request.is_watch() {
            Fate::Hang
        } else {
            Fate::Forward
        }
    })
    .await;
    let store = store(&front.url(), LIMIT).await;
    let mut follower = Follower::new(&store, all());
    assert_eq!(follower.next().await, "listed: lock held by ");
    assert_eq!(follower.next().await, "interrupted");
}
