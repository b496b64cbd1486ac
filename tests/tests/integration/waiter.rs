//! Contenders of our own library, for these tests.

use std::future::Future;
use std::time::Duration;

use futures::{Stream, StreamExt};
use lease_client::{Attempt, Guard, LeaseStore, Lock, Notice, Store, ThisMachine};
use lease_core::{Event, Identity, Mode, Ticket, Timing};
use lease_tests::{Client, Namespace};

use crate::lock::LIMIT;

pub(crate) const LOCK: &str = "lock";

/// The lock of all these tests, for the administrator.
pub(crate) async fn lock(namespace: &Namespace<'_>) -> Lock {
    lock_of(namespace, namespace.admin()).await
}

/// The same for somebody else.
pub(crate) async fn lock_of(namespace: &Namespace<'_>, client: &Client) -> Lock {
    Lock::new(client.store().await, namespace.name(), LOCK)
}

pub(crate) fn timing(duration: u64, deadline: u64, retry: u64) -> Timing {
    let seconds = Duration::from_secs;
    Timing::new(seconds(duration), seconds(deadline), seconds(retry)).unwrap()
}

pub(crate) fn identity(name: &str) -> Identity {
    Identity::new(name).unwrap()
}

/// What should come soon.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    let in_time = tokio::time::timeout(LIMIT, what).await;
    in_time.expect("it comes in time")
}

/// An attempt that has its place in the queue.
pub(crate) async fn queued(lock: &Lock) -> Attempt<ThisMachine> {
    let mut attempt = lock.attempt(Mode::Patient).unwrap();
    let is_queued = |notice: &Notice| matches!(notice, Notice::Told(Event::Queued { .. }));
    told(attempt.notices(), is_queued).await;
    attempt
}

/// Waits until an attempt tells this.
pub(crate) async fn told(
    notices: impl Stream<Item = Notice>,
    wanted: impl Fn(&Notice) -> bool,
) -> Notice {
    let mut notices = std::pin::pin!(notices);
    soon(async {
        while let Some(notice) = notices.next().await {
            if wanted(&notice) {
                return notice;
            }
        }
        panic!("the attempt ended and did not tell");
    })
    .await
}

pub(crate) async fn acquired(attempt: &mut Attempt<ThisMachine>) -> Guard<ThisMachine> {
    soon(attempt.acquired()).await.unwrap()
}

/// Who waits, in order.
pub(crate) async fn queue(namespace: &Namespace<'_>, store: &LeaseStore) -> Vec<Ticket> {
    let lock = store.get(namespace.name(), LOCK).await.unwrap();
    let Some(lock) = lock.value else {
        return Vec::new();
    };
    let uid = &lock.snapshot().version.uid;
    let mut tickets = store.tickets(namespace.name(), uid).await.unwrap().leases;
    let version = |ticket: &Ticket| ticket.version.resource_version.clone();
    tickets.sort_by(|one, other| version(one).partial_cmp(&version(other)).unwrap());
    tickets
}

/// Waits for a condition of which nothing tells.
pub(crate) async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let is_so = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let in_time = tokio::time::timeout(LIMIT, is_so).await;
    assert!(in_time.is_ok(), "not in time: {what}");
}
