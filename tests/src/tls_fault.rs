//! Servers with which no TLS connection comes about.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::Certificate;
use crate::listening::Listening;

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum TlsFault {
    /// The server shows this certificate, whoever signed it, and hangs up on who accepts it.
    Certificate(Certificate),
    /// The server says nothing.
    Hang,
    /// The server speaks HTTP without TLS, and takes what it gets for a bad request.
    Plain,
    /// The connection is reset in the middle of the handshake.
    Reset,
}

/// A server with one of these faults. It closes when it is dropped.
#[derive(Debug)]
pub struct TlsFaultServer {
    listening: Listening,
    met: Arc<AtomicU32>,
}

impl TlsFaultServer {
    /// Starts it.
    pub fn start(fault: &TlsFault) -> Self {
        let met = Arc::<AtomicU32>::default();
        let counted = Arc::clone(&met);
        let acceptor = match fault {
            TlsFault::Certificate(certificate) => Some(certificate.acceptor()),
            _ => None,
        };
        let fault = fault.clone();
        let listening = Listening::start(move |stream| {
            counted.fetch_add(1, Ordering::Relaxed);
            meet(stream, fault.clone(), acceptor.clone())
        });
        Self { listening, met }
    }

    /// Its address, `https://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("https://{}", self.listening.address())
    }

    /// How many connections were tried.
    pub fn met(&self) -> u32 {
        self.met.load(Ordering::Relaxed)
    }
}

/// Whatever the client does about it ends the connection.
async fn meet(mut stream: TcpStream, fault: TlsFault, acceptor: Option<TlsAcceptor>) {
    match fault {
        TlsFault::Certificate(_) => {
            if let Some(acceptor) = acceptor {
                let _ = acceptor.accept(stream).await;
            }
        }
        TlsFault::Hang => pending().await,
        TlsFault::Plain => {
            let _ = stream.read(&mut [0; 4096]).await;
            let answer = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
                           Connection: close\r\n\r\n400 Bad Request";
            let _ = stream.write_all(answer).await;
        }
        TlsFault::Reset => {
            // The client has begun; closed without lingering, the connection is reset.
            let _ = stream.read(&mut [0; 5]).await;
            let _ = stream.set_zero_linger();
        }
    }
}
