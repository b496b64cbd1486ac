//! Somebody who writes leases, over a connection that stays open, so that a write is one request
//! and a moment.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use http::Request;
use jiff::Timestamp;
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::Client;

/// How many renewals are under way at most.
const AT_ONCE: usize = 50;

/// One user of a server, in this process.
pub struct Writer {
    client: kube::Client,
    runtime: Runtime,
}

/// Renewals that come at a steady rate. They end with this value.
#[derive(Debug)]
pub struct Renewals {
    done: Arc<AtomicU32>,
    ends: Arc<AtomicBool>,
    since: Instant,
    thread: Option<JoinHandle<()>>,
}

impl Client {
    /// The same user with a connection in this process.
    pub fn writer(&self) -> Writer {
        Writer::connect(self.kubeconfig())
    }
}

impl Writer {
    fn connect(kubeconfig: &Path) -> Self {
        let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("it was written");
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("the system has what a runtime needs");
        let client = runtime.block_on(async {
            let options = KubeConfigOptions::default();
            let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
            kube::Client::try_from(config.expect("it names a cluster"))
                .expect("the cluster can be reached")
        });
        Self { client, runtime }
    }

    /// Renews a lease, and tells when the server had answered.
    pub fn renew(&self, namespace: &str, name: &str) -> Instant {
        self.patch(namespace, name, &json!({"spec": {"renewTime": now()}}))
    }

    /// Changes a lease by a merge patch, and tells when the server had answered.
    pub fn patch(&self, namespace: &str, name: &str, change: &Value) -> Instant {
        let request = patch(namespace, name, change);
        self.runtime
            .block_on(self.client.request_text(request))
            .unwrap_or_else(|e| panic!("cannot change {namespace}/{name}: {e}"));
        Instant::now()
    }

    /// Renews these leases of a namespace one after the other, again and again, so many in a
    /// second, or as many as the server takes.
    pub fn keep_renewing(self, namespace: &str, names: Vec<String>, per_second: u32) -> Renewals {
        let done = Arc::new(AtomicU32::new(0));
        let ends = Arc::new(AtomicBool::new(false));
        let namespace = namespace.to_owned();
        let thread = thread::spawn({
            let (done, ends) = (Arc::clone(&done), Arc::clone(&ends));
            move || {
                let Self { client, runtime } = self;
                runtime.block_on(async move {
                    let mut beat = interval(Duration::from_secs(1) / per_second);
                    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
                    let mut under_way = JoinSet::new();
                    for name in names.iter().cycle() {
                        beat.tick().await;
                        if ends.load(Ordering::Relaxed) {
                            break;
                        }
                        let change = json!({"spec": {"renewTime": now()}});
                        let request = patch(&namespace, name, &change);
                        let (client, done) = (client.clone(), Arc::clone(&done));
                        under_way.spawn(async move {
                            // A server that is killed meanwhile loses some.
                            if client.request_text(request).await.is_ok() {
                                done.fetch_add(1, Ordering::Relaxed);
                            }
                        });
                        // A slow server gets fewer, and not a heap of them at the end.
                        while under_way.len() >= AT_ONCE {
                            under_way.join_next().await;
                        }
                        while under_way.try_join_next().is_some() {}
                    }
                });
            }
        });
        Renewals {
            done,
            ends,
            since: Instant::now(),
            thread: Some(thread),
        }
    }
}

impl Renewals {
    /// How many came in a second, on average up to now.
    pub fn per_second(&self) -> f64 {
        f64::from(self.done.load(Ordering::Relaxed)) / self.since.elapsed().as_secs_f64()
    }
}

impl Drop for Renewals {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // Its panic was told when it happened.
            let _ = thread.join();
        }
    }
}

fn patch(namespace: &str, name: &str, change: &Value) -> Request<Vec<u8>> {
    Request::patch(format!(
        "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}?fieldManager=holder"
    ))
    .header("content-type", "application/merge-patch+json")
    .body(change.to_string().into_bytes())
    .expect("it is a request")
}

/// As a lease records it.
fn now() -> String {
    format!("{:.6}", Timestamp::now())
}
