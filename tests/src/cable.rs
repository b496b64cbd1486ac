//! The cable to a server, which can be pulled and plugged in again.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

use crate::listening::Listening;
use crate::{ApiServer, Client};

/// A port that leads to a server. TLS goes through it untouched.
#[derive(Debug)]
pub struct Cable {
    address: SocketAddr,
    /// None while it is pulled.
    plugged_in: Option<Listening>,
    server: u16,
}

impl Cable {
    /// One that is plugged in.
    pub fn to(server: &ApiServer) -> Self {
        let server = server.port();
        let listening = listen((Ipv4Addr::LOCALHOST, 0).into(), server);
        Self {
            address: listening.address(),
            plugged_in: Some(listening),
            server,
        }
    }

    /// The same user, whose requests go through here.
    pub fn client(&self, client: &Client) -> Client {
        client.at(&format!("https://{}", self.address))
    }

    /// Connections break, and new ones are refused.
    pub fn pull(&mut self) {
        self.plugged_in = None;
    }

    /// New connections reach the server again, at the same port.
    pub fn plug_in(&mut self) {
        self.plugged_in = Some(listen(self.address, self.server));
    }
}

fn listen(address: SocketAddr, server: u16) -> Listening {
    Listening::at(address, move |stream| async move {
        // Either side may leave as it likes.
        let _ = relay(stream, server).await;
    })
}

async fn relay(mut near: TcpStream, server: u16) -> io::Result<()> {
    let mut far = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await?;
    copy_bidirectional(&mut near, &mut far).await?;
    Ok(())
}
