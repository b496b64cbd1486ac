//! The HTTP face of a cluster: what kubectl and our own verbs ask for.

mod accept;
mod age;
mod answer;
mod discovery;
mod kubeconfig;
mod leases;
mod namespaces;
mod openapi;
mod query;
mod router;
mod table;
mod watching;

use std::io;
use std::net::SocketAddr;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub use self::answer::Answer;
pub use self::kubeconfig::kubeconfig;
pub use self::router::answer;
use crate::cluster::Cluster;

/// A running HTTP face. It ends, and closes its connections, when it is dropped.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its base address, `http://127.0.0.1:40123` for example.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Ends it, and returns when all its connections are closed.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // The task was aborted, so it ends as cancelled: that is no news.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves `cluster` on `addr` over plain HTTP, versions 1.1 and 2; port 0 takes a free one. To
/// be called within a tokio runtime, which carries the connections.
///
/// # Errors
/// When the address cannot be bound.
pub async fn serve(cluster: Cluster, addr: SocketAddr) -> io::Result<Server> {
    let listener = TcpListener::bind(addr).await?;
    let addr = listener.local_addr()?;
    let task = tokio::spawn(accept_all(cluster, listener));
    Ok(Server { addr, task })
}

async fn accept_all(cluster: Cluster, listener: TcpListener) {
    // Owned by this task, so that aborting it ends the connections too.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A client that left before it was accepted is no reason to stop.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(cluster.clone(), stream));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(cluster: Cluster, stream: TcpStream) {
    // Small answers should not wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let cluster = cluster.clone();
        async move { Ok::<_, std::convert::Infallible>(router::answer(&cluster, request).await) }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    // A connection that breaks is the client's business.
    let _ = builder
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
