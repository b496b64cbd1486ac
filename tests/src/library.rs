//! Our own library, in this process.

use std::thread;
use std::time::Duration;

use futures::future::join_all;
use lease_client::{ConfigMapStore, ConnectOptions, LeaseStore, Lock, Store, connect};
use lease_core::{PodOwner, PodSeen, Timing};
use tokio::sync::oneshot;

use crate::{Client, Witness};

impl Client {
    /// Leases, as our library reads and writes them, over a connection of its own.
    pub async fn store(&self) -> LeaseStore {
        let options = ConnectOptions {
            kubeconfig: Some(self.kubeconfig().to_owned()),
            timeout: Some(Duration::from_secs(10)),
            ..ConnectOptions::default()
        };
        let cluster = connect(&options).await.expect("the server can be reached");
        LeaseStore::new(cluster.requests)
    }

    /// The same for locks that are config maps.
    pub async fn config_maps(&self) -> ConfigMapStore {
        ConfigMapStore::beside(&self.store().await)
    }

    /// A pod that is there, as the owner of such locks.
    pub async fn pod_owner(&self, namespace: &str, pod: &str) -> PodOwner {
        let seen = self.config_maps().await.pod(namespace, pod).await;
        match seen.expect("the server can be reached") {
            PodSeen::Present(uid) => PodOwner {
                name: pod.to_owned(),
                uid,
            },
            PodSeen::Absent => panic!("there is no pod {pod}"),
        }
    }
}

/// Contenders that take a lock again and again.
pub(crate) struct Rounds {
    pub(crate) client: Client,
    pub(crate) contenders: u32,
    pub(crate) first: Duration,
    pub(crate) hold: Duration,
    pub(crate) kind: &'static str,
    pub(crate) lock: String,
    pub(crate) namespace: String,
    pub(crate) pause: Duration,
    /// The pod that the lock belongs to, which is a config map then.
    pub(crate) pod: Option<String>,
    pub(crate) count: u32,
    pub(crate) timing: Option<Timing>,
    pub(crate) witness: Witness,
}

/// Contenders under way. They end with it, as in a crash.
#[derive(Debug)]
pub(crate) struct Library {
    thread: Option<thread::JoinHandle<()>>,
    /// Tells them to end by being dropped.
    stop: Option<oneshot::Sender<()>>,
}

impl Rounds {
    pub(crate) fn start(self) -> Library {
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("the system has what a runtime needs");
            runtime.block_on(async move {
                tokio::select! {
                    () = self.contend() => {}
                    _ = stopped => {}
                }
            });
        });
        Library {
            thread: Some(thread),
            stop: Some(stop),
        }
    }

    async fn contend(self) {
        if let Some(pod) = &self.pod {
            let owner = self.client.pod_owner(&self.namespace, pod).await;
            self.contend_at(self.client.config_maps().await.owned_by(owner))
                .await;
        } else {
            self.contend_at(self.client.store().await).await;
        }
    }

    async fn contend_at(&self, store: impl Store + Clone + 'static) {
        join_all((0..self.contenders).map(|_| self.contend_once_and_again(&store))).await;
    }

    async fn contend_once_and_again<S: Store + Clone + 'static>(&self, store: &S) {
        let lock = Lock::new(store.clone(), &self.namespace, &self.lock).identity_prefix(self.kind);
        let lock = match self.timing {
            Some(timing) => lock.timing(timing),
            None => lock,
        };
        let mut round = 0;
        while self.count == 0 || round < self.count {
            round += 1;
            let guard = lock.acquire_patiently().await.expect("it waits for ever");
            let section = async {
                let is_first = self.witness.is_first();
                tokio::time::sleep(if is_first { self.first } else { self.hold }).await;
            };
            let identity = guard.identity().as_str();
            self.witness.section(self.kind, identity, section).await;
            guard.release().await.expect("the server is there");
            tokio::time::sleep(self.pause).await;
        }
    }
}

impl Library {
    pub(crate) fn has_ended(&self) -> bool {
        self.thread
            .as_ref()
            .is_none_or(thread::JoinHandle::is_finished)
    }

    /// Waits until all rounds are done, and panics if one did.
    pub(crate) fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().expect("no contender panics");
        }
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // Its panic was told when it happened.
            let _ = thread.join();
        }
    }
}
