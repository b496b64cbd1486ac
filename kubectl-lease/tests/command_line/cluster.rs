//! A sandbox in this process, served on a thread of its own, whose clock stands.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use lease_sandbox::{Clock, Cluster, WriteOptions, serve};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::gate::Gate;
use crate::shell::Shell;
use crate::watched::LIMIT;

/// What the API server's clock shows. Long ago, so that no reading of the real clock is taken for
/// one of it.
const NOW: &str = "2020-01-02T10:00:00Z";

/// A cluster with the namespace `work`, and a shell that reaches it.
pub(crate) struct Sandbox {
    pub(crate) cluster: Cluster,
    pub(crate) shell: Shell,
    addr: SocketAddr,
    server: Option<Served>,
}

/// The server while it runs.
struct Served {
    /// Dropping it stops the server.
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let cluster = Cluster::new(Clock::manual(NOW.parse().unwrap()));
        cluster.add_namespace("work");
        let (server, addr) = start(&cluster, (Ipv4Addr::LOCALHOST, 0).into());
        Self {
            shell: Shell::at(&format!("http://{addr}")),
            cluster,
            addr,
            server: Some(server),
        }
    }

    /// A way to the server on which requests can get stuck, and a shell that goes that way.
    pub(crate) fn gate(&self) -> (Gate, Shell) {
        let gate = Gate::before(self.addr);
        let shell = Shell::at(gate.url());
        (gate, shell)
    }

    /// Stops the server: connections break, and new ones are refused.
    pub(crate) fn unplug(&mut self) {
        if let Some(Served { stop, thread }) = self.server.take() {
            drop(stop);
            // If it panicked, the test has failed already.
            let _ = thread.join();
        }
    }

    /// Starts it again where it was.
    pub(crate) fn plug_in(&mut self) {
        self.server = Some(start(&self.cluster, self.addr).0);
    }

    /// Creates a lease so many seconds ago, as it is given.
    pub(crate) fn seed(&self, ago: i64, namespace: &str, lease: &Value) {
        self.cluster.add_namespace(namespace);
        self.cluster
            .at(self.past(ago))
            .create(namespace, lease, &WriteOptions::by("elector"))
            .unwrap();
    }

    /// Creates a lock in `work` that was last renewed so many seconds ago.
    pub(crate) fn lock(&self, name: &str, holder: &str, seconds: i32, ago: i64) {
        self.seed(ago, "work", &lease(name, self.record(holder, seconds, ago)));
    }

    /// A lock as [`Sandbox::lock`] makes it, but without any stamp of the API server.
    pub(crate) fn unstamped(&self, name: &str, holder: &str, seconds: i32, ago: i64) {
        self.lock(name, holder, seconds, ago);
        self.change(name, |lease| lease["metadata"]["managedFields"] = json!([]));
    }

    /// Lets somebody wait for a lock in `work` since so many seconds ago.
    pub(crate) fn ticket(&self, lock: &str, holder: &str, ago: i64) {
        let uid = self.cluster.get("work", lock).unwrap()["metadata"]["uid"].clone();
        let ticket = json!({
            "metadata": {
                "name": format!("{lock}-ticket-{holder}"),
                "labels": { "kubectl-lease.io/waits-for": uid },
            },
            "spec": {
                "holderIdentity": holder,
                "leaseDurationSeconds": 2,
                "acquireTime": micro(self.past(ago)),
            },
        });
        self.seed(ago, "work", &ticket);
    }

    /// Waits until so many wait for a lock in `work`.
    #[track_caller]
    pub(crate) fn wait_for_tickets(&self, lock: &str, count: usize) {
        let uid = self.cluster.get("work", lock).unwrap()["metadata"]["uid"].clone();
        let selector = format!("kubectl-lease.io/waits-for={}", uid.as_str().unwrap());
        let said = || self.shell.run(&format!("ls -o name -l {selector}")).stdout;
        let deadline = Instant::now() + LIMIT;
        while said().lines().count() != count {
            assert!(Instant::now() < deadline, "not {count}: {}", said());
        }
    }

    /// Waits until a lock in `work` is there and as it should be.
    #[track_caller]
    pub(crate) fn wait_for(&self, lock: &str, condition: impl Fn(&Value) -> bool) -> Arc<Value> {
        let deadline = Instant::now() + LIMIT;
        loop {
            let lease = self.cluster.get("work", lock);
            match lease {
                Ok(lease) if condition(&lease) => return lease,
                _ => assert!(Instant::now() < deadline, "{lock}: {lease:?}"),
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Writes a lock in `work` as it is after `change`.
    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut lease = Value::clone(&self.cluster.get("work", name).unwrap());
        change(&mut lease);
        let by = WriteOptions::by("elector");
        self.cluster.replace("work", name, &lease, &by).unwrap();
    }

    /// What client-go records of a holder.
    pub(crate) fn record(&self, holder: &str, seconds: i32, ago: i64) -> Value {
        let time = micro(self.past(ago));
        json!({
            "acquireTime": time,
            "holderIdentity": holder,
            "leaseDurationSeconds": seconds,
            "leaseTransitions": 2,
            "renewTime": time,
        })
    }

    /// The time so many seconds before the API server's clock.
    fn past(&self, seconds: i64) -> Timestamp {
        self.cluster.now() - SignedDuration::from_secs(seconds)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.unplug();
    }
}

fn start(cluster: &Cluster, addr: SocketAddr) -> (Served, SocketAddr) {
    let (stop, stopped) = oneshot::channel::<()>();
    let (sender, served_at) = channel();
    let cluster = cluster.clone();
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let server = serve(cluster, addr).await.unwrap();
            sender.send(server.addr()).unwrap();
            // It only ever ends by being dropped.
            let _ = stopped.await;
            server.shutdown().await;
        });
    });
    (Served { stop, thread }, served_at.recv().unwrap())
}

/// A lease with a spec.
pub(crate) fn lease(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

/// A time as the API server writes it in a spec.
pub(crate) fn micro(time: Timestamp) -> String {
    format!("{time:.6}")
}
