//! A connection that breaks.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Carries bytes between clients and one server, and breaks off on demand, or after so many bytes
/// of the server's, in the middle of whatever they are.
#[derive(Debug)]
pub(crate) struct Cable {
    addr: SocketAddr,
    state: watch::Sender<State>,
    task: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    /// Counts the cuts: a connection lives in one count only.
    cuts: u64,
    plugged: bool,
}

impl Cable {
    /// A cable to `server`. Each connection carries as many bytes of the server's as `length` says
    /// for it.
    pub(crate) async fn new(
        server: SocketAddr,
        mut length: impl FnMut() -> usize + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let state = watch::Sender::new(State {
            cuts: 0,
            plugged: true,
        });
        let seen = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = seen.subscribe();
                if state.borrow().plugged {
                    tokio::spawn(carry(client, server, length(), state));
                }
            }
        });
        Self { addr, state, task }
    }

    /// A cable that breaks only on demand.
    pub(crate) async fn sound(server: SocketAddr) -> Self {
        Self::new(server, || usize::MAX).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Breaks all connections. New ones come about at once.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Breaks all connections, and the new ones, until it is plugged in again.
    pub(crate) fn unplug(&self) {
        self.state.send_modify(|state| {
            state.cuts += 1;
            state.plugged = false;
        });
    }

    pub(crate) fn plug_in(&self) {
        self.state.send_modify(|state| state.plugged = true);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

async fn carry(
    mut client: TcpStream,
    server: SocketAddr,
    mut left: usize,
    mut state: watch::Receiver<State>,
) {
    let born = state.borrow_and_update().cuts;
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let there = async {
        // Whichever end fails, the connection is over.
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
    };
    let back = async {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            let carried = read.min(left);
            if to_client.write_all(&buffer[..carried]).await.is_err() || carried < read {
                break;
            }
            left -= carried;
        }
    };
    let broken = state.wait_for(|state| state.cuts != born);
    tokio::select! {
        () = there => {}
        () = back => {}
        _ = broken => {}
    }
}
