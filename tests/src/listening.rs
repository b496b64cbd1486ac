//! Servers of this harness's own.

use std::future::{Future, pending};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::thread;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinHandle, JoinSet};

/// A port of 127.0.0.1 where each connection is met. It closes, and all connections with it, when
/// this is dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Listening {
    pub(crate) fn start<F>(mut meet: impl FnMut(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let task = runtime().spawn(async move {
            let listener = TcpListener::from_std(listener).expect("it does not block");
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(meet(stream));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, task }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What drives them all: one thread, for as long as the test process lives.
fn runtime() -> &'static Handle {
    static HANDLE: LazyLock<Handle> = LazyLock::new(|| {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("the system has what a runtime needs");
        let handle = runtime.handle().clone();
        thread::spawn(move || runtime.block_on(pending::<()>()));
        handle
    });
    &HANDLE
}
