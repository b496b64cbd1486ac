//! Servers of this harness's own.

use std::future::{Future, pending};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex};
use std::thread;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinHandle, JoinSet};

/// A port of 127.0.0.1 where each connection is met. It closes, and all connections with it, when
/// this is dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    /// Is closed by the task when it has ended.
    ended: Mutex<Receiver<()>>,
    task: JoinHandle<()>,
}

impl Listening {
    /// At a free port.
    pub(crate) fn start<F>(meet: impl FnMut(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::at((Ipv4Addr::LOCALHOST, 0).into(), meet)
    }

    pub(crate) fn at<F>(
        address: SocketAddr,
        mut meet: impl FnMut(TcpStream) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = std::net::TcpListener::bind(address)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (alive, ended) = channel();
        let task = runtime().spawn(async move {
            let _alive: Sender<()> = alive;
            let listener = TcpListener::from_std(listener).expect("it does not block");
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(meet(stream));
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            ended: Mutex::new(ended),
            task,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
        // So that the port is free again.
        if let Ok(ended) = self.ended.get_mut() {
            let _ = ended.recv();
        }
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
