//! An address where nobody listens.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// A port that is taken, so that nobody else can listen there, and that refuses connections.
#[derive(Debug)]
pub struct Nobody {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl Nobody {
    /// Takes a port.
    #[expect(
        clippy::new_without_default,
        reason = "it takes something of the system's"
    )]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket can be had");
        socket
            .bind((Ipv4Addr::LOCALHOST, 0).into())
            .expect("a port is free");
        Self {
            address: socket.local_addr().expect("it is bound"),
            _socket: socket,
        }
    }

    /// The address, `127.0.0.1:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
