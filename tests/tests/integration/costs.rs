//! What contenders ask of a server, by its own count.

use std::time::Duration;

use futures::future::join_all;
use lease_tests::{ApiServer, Kind, LeaseRequests, Namespace, Witness};

use crate::lock::{LIMIT, held};
use crate::waiter::{LOCK, acquired, lock, queued, timing, until};

/// The most requests that a contender may need from its begin to its end, when it need not renew.
const MOST: u64 = 8;

fn server() -> ApiServer {
    ApiServer::builder()
        .flag(LeaseRequests::ONLY_OTHERS)
        .start()
}

/// The requests of what is done meanwhile.
async fn counted(server: &ApiServer, work: impl Future<Output = ()>) -> LeaseRequests {
    let before = server.lease_requests();
    work.await;
    server.lease_requests().since(&before)
}

#[tokio::test]
async fn a_life_takes_eight_requests_at_most() {
    const CONTENDERS: u32 = 20;

    let server = server();
    for kind in [Kind::Library, Kind::Run] {
        let namespace = server.namespace("costs");
        // It does not renew meanwhile.
        let lock = lock(&namespace).await.timing(timing(300, 200, 60));
        let guard = lock.try_acquire().await.unwrap();
        let witness = Witness::new();
        let before = server.lease_requests();
        let so_far = || server.lease_requests().since(&before);
        let contenders = namespace.contenders(kind, LOCK, &witness);
        let mut contenders = contenders.many(CONTENDERS).rounds(1).start();
        until("all have a ticket", async || {
            so_far().of("POST") == u64::from(CONTENDERS)
        })
        .await;
        guard.release().await.unwrap();
        contenders.wait(LIMIT);
        let requests = so_far();
        println!("{kind:?}: {requests:?}");
        // Who held it before lists who waits, hands over, and ends its watch, and everybody else
        // watches once. On a slow machine some hold it for so long that they follow who waits, and
        // some list anew, whose view is late.
        let followed = requests
            .of("WATCH")
            .saturating_sub(1 + u64::from(CONTENDERS));
        assert!(followed <= u64::from(CONTENDERS), "{requests:?}");
        let late = requests
            .of("LIST")
            .saturating_sub(1 + 2 * u64::from(CONTENDERS));
        assert!(late <= u64::from(CONTENDERS) / 2, "{requests:?}");
        let most = 3 + MOST * u64::from(CONTENDERS) + followed + late;
        assert!(requests.total() <= most, "{requests:?}");
        assert_eq!(witness.overlap(), None);
    }
}

#[tokio::test]
async fn whoever_holds_for_a_while_knows_without_a_list_who_is_next() {
    const CONTENDERS: u32 = 10;

    let server = server();
    for kind in [Kind::Library, Kind::Run] {
        let namespace = server.namespace("costs");
        let lock = lock(&namespace).await.timing(timing(300, 200, 60));
        let guard = lock.try_acquire().await.unwrap();
        let witness = Witness::new();
        let before = server.lease_requests();
        let so_far = || server.lease_requests().since(&before);
        let contenders = namespace.contenders(kind, LOCK, &witness);
        let contenders = contenders.many(CONTENDERS).rounds(1);
        let mut contenders = contenders.hold(Duration::from_millis(500)).start();
        until("all have listed who is ahead", async || {
            so_far().of("LIST") == u64::from(CONTENDERS)
        })
        .await;
        guard.release().await.unwrap();
        contenders.wait(LIMIT);
        let requests = so_far();
        println!("{kind:?}: {requests:?}");
        // Who held it before lists who waits, and so does the last one, whom nobody follows; and on
        // a slow machine somebody whose view is late.
        let lists = requests.of("LIST") - u64::from(CONTENDERS);
        assert!(lists <= u64::from(CONTENDERS) / 2, "{requests:?}");
        let most = 3 + MOST * u64::from(CONTENDERS) + lists;
        assert!(requests.total() <= most, "{requests:?}");
        assert_eq!(witness.overlap(), None);
    }
}

#[tokio::test]
async fn waiting_takes_none() {
    const RETRY: u64 = 1;
    const WAITERS: usize = 10;

    let server = server();
    let namespace = server.namespace("costs");
    namespace.admin().create(&held(LOCK, "holder", 300));
    let lock = lock(&namespace).await.timing(timing(6, 4, RETRY));
    let waiters = join_all((0..WAITERS).map(|_| queued(&lock))).await;

    // Whoever asks every so often asks now.
    let wait = tokio::time::sleep(Duration::from_secs(5 * RETRY));
    assert_eq!(counted(&server, wait).await, LeaseRequests::default());
    drop(waiters);
}

#[tokio::test]
async fn a_hand_over_takes_three_writes_however_many_wait() {
    let server = server();
    for waiters in [5, 500] {
        let namespace = server.namespace("costs");
        let requests = hand_over(&server, &namespace, waiters, 5).await;
        println!("{waiters} waiters: {requests:?}");
        // Handed over, confirmed, and the ticket deleted.
        let writes = ["PUT", "POST", "DELETE"].map(|verb| requests.of(verb));
        assert_eq!(writes, [2 * 5, 0, 5], "{waiters} waiters: {requests:?}");
    }
}

/// Hands a lock on so often, among so many who wait.
async fn hand_over(
    server: &ApiServer,
    namespace: &Namespace<'_>,
    waiters: usize,
    times: usize,
) -> LeaseRequests {
    // Nobody renews meanwhile.
    let lock = lock(namespace).await.timing(timing(300, 200, 60));
    let mut guard = lock.try_acquire().await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..waiters {
        waiting.push(queued(&lock).await);
    }
    let requests = counted(server, async {
        for waiter in waiting.iter_mut().take(times) {
            guard.release().await.unwrap();
            guard = acquired(waiter).await;
        }
        // Its ticket goes after the confirmation.
        guard.leave().await;
    });
    requests.await
}
