//! A sandbox in this process, served on a thread of its own.

use std::net::Ipv4Addr;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};

use lease_sandbox::{Clock, Cluster, serve};
use tokio::sync::oneshot;

/// A served sandbox. It ends with this value.
pub(super) struct Sandbox {
    cluster: Cluster,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    url: String,
}

impl Sandbox {
    pub(super) fn start() -> Self {
        let cluster = Cluster::new(Clock::Real);
        let (stop, stopped) = oneshot::channel();
        let (sender, url) = channel();
        let served = cluster.clone();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("the system has what a runtime needs");
            runtime.block_on(async {
                let anywhere = (Ipv4Addr::LOCALHOST, 0).into();
                let server = serve(served, anywhere).await.expect("a port is free");
                sender.send(server.url()).expect("start waits for it");
                // Dropping the sender stops it too.
                let _ = stopped.await;
            });
        });
        Self {
            cluster,
            stop: Some(stop),
            thread: Some(thread),
            url: url.recv().expect("the server starts"),
        }
    }

    /// Adds a namespace, and gives a kubeconfig that is at home in it.
    pub(super) fn kubeconfig(&self, namespace: &str) -> String {
        self.cluster.add_namespace(namespace);
        lease_sandbox::kubeconfig(&self.url, namespace)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // If it panicked, the test has failed already.
            let _ = thread.join();
        }
    }
}
