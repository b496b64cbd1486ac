//! A cluster in memory, and locks in it.

use std::time::Duration;

use futures::{Stream, StreamExt};
use lease_client::{
    ConnectOptions, Dated, Guard, LeaseStore, Lock, Machine, Notice, Store, ThisMachine, connect,
};
use lease_core::{Event, Snapshot, Ticket, Timing};
use lease_sandbox::{Clock, Cluster, Server, kubeconfig, serve};

pub(crate) const NAMESPACE: &str = "work";
pub(crate) const LOCK: &str = "backup";
/// For whatever should come at once.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A cluster, and whoever reaches it.
pub(crate) struct Place {
    /// Serves as long as this lives.
    pub(crate) server: Option<Server>,
    pub(crate) store: LeaseStore,
    pub(crate) kubeconfig: tempfile::NamedTempFile,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let cluster = Cluster::new(Clock::Real);
        cluster.add_namespace(NAMESPACE);
        let server = serve(cluster, ([127, 0, 0, 1], 0).into()).await.unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), kubeconfig(&server.url(), NAMESPACE)).unwrap();
        let options = ConnectOptions {
            kubeconfig: Some(file.path().to_owned()),
            ..ConnectOptions::default()
        };
        let store = LeaseStore::new(connect(&options).await.unwrap().requests);
        Self {
            server: Some(server),
            store,
            kubeconfig: file,
        }
    }

    /// The lock, with a short lease.
    pub(crate) fn lock(&self) -> Lock {
        self.lock_on(ThisMachine)
    }

    pub(crate) fn lock_on<M: Machine>(&self, machine: M) -> Lock<LeaseStore, M> {
        Lock::on(machine, self.store.clone(), NAMESPACE, LOCK).timing(timing(4, 2, 500))
    }

    /// The lock as it stands on the server.
    pub(crate) async fn snapshot(&self) -> Snapshot {
        let Dated { value, .. } = self.store.get(NAMESPACE, LOCK).await.unwrap();
        value.unwrap().snapshot().clone()
    }

    /// Who waits for the lock, the first one first.
    pub(crate) async fn queue(&self) -> Vec<Ticket> {
        let lock = self.snapshot().await.version.uid;
        let tickets = self.store.tickets(NAMESPACE, &lock).await.unwrap();
        lease_core::Queue::new(tickets.leases).tickets().to_vec()
    }

    /// Waits until so many wait for the lock.
    pub(crate) async fn until_queued(&self, waiters: usize) {
        soon(async {
            while self.queue().await.len() != waiters {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

pub(crate) fn timing(duration: u64, deadline: u64, retry_millis: u64) -> Timing {
    Timing::new(
        Duration::from_secs(duration),
        Duration::from_secs(deadline),
        Duration::from_millis(retry_millis),
    )
    .unwrap()
}

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, what).await.expect("too late")
}

/// Waits for an event of this kind.
pub(crate) async fn told<T>(
    notices: impl Stream<Item = Notice>,
    wanted: impl Fn(Event) -> Option<T>,
) -> T {
    let found = notices.filter_map(|notice| {
        let event = match notice {
            Notice::Told(event) => wanted(event),
            Notice::CannotWatch(_) | Notice::Trouble(_) => None,
        };
        std::future::ready(event)
    });
    soon(std::pin::pin!(found).next()).await.unwrap()
}

pub(crate) async fn acquired<M: Machine>(lock: &Lock<LeaseStore, M>) -> Guard<M> {
    soon(lock.acquire_patiently()).await.unwrap()
}
