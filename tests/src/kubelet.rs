//! What stands in for a kubelet: there are no machines here.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::Authority;
use crate::listening::Listening;

/// Where an API server gets the logs of containers from. It closes when it is dropped.
///
/// What a log holds is what was asked for: the path and the query of the request.
#[derive(Debug)]
pub struct Kubelet {
    listening: Listening,
}

impl Kubelet {
    /// Starts it.
    pub fn start() -> Self {
        // An API server that was given no authority for kubelets takes any certificate.
        let acceptor = Authority::new().server("127.0.0.1").acceptor();
        let acceptor = Arc::new(acceptor);
        let listening = Listening::start(move |stream| meet(stream, Arc::clone(&acceptor)));
        Self { listening }
    }

    /// Where a node's status has to say that it is.
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }
}

async fn meet(stream: TcpStream, acceptor: Arc<TlsAcceptor>) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    // The API server leaves when it has read all.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(log))
        .await;
}

async fn log(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::from(format!("{}\n", request.uri()))))
}
