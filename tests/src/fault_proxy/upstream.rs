//! The way to the real server.

use std::sync::Arc;

use http::header::{CONNECTION, HOST};
use http::{HeaderValue, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::Request;
use super::body::Body;
use crate::ApiServer;

/// A server that is reached over TLS, by a connection for each request.
pub(super) struct Upstream {
    address: String,
    tls: TlsConnector,
}

impl Upstream {
    pub(super) fn new(server: &ApiServer) -> Self {
        let authority = CertificateDer::from_pem_slice(&server.serving_authority())
            .expect("the server names its authority");
        let mut roots = RootCertStore::empty();
        roots.add(authority).expect("an authority can be trusted");
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let url: Uri = server.url().parse().expect("the server has an address");
        Self {
            address: url
                .authority()
                .expect("an address names a host")
                .to_string(),
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    /// Sends a request, and returns the reply as it comes.
    pub(super) async fn send(&self, request: &Request) -> Response<Body> {
        let io = TokioIo::new(self.connect().await);
        let (mut sender, connection) = http1::handshake(io).await.expect("the server speaks HTTP");
        // It ends with the reply.
        tokio::spawn(connection);
        let mut forwarded = http::Request::new(Full::new(request.body.clone()));
        forwarded.method_mut().clone_from(&request.method);
        *forwarded.uri_mut() = request.path.parse().expect("it came as a path");
        forwarded.headers_mut().clone_from(&request.headers);
        let host = HeaderValue::from_str(&self.address).expect("an address is plain text");
        forwarded.headers_mut().insert(HOST, host);
        forwarded
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        let mut reply = sender
            .send_request(forwarded)
            .await
            .expect("the server answers");
        reply.headers_mut().remove(CONNECTION);
        reply.map(|body| body.map_err(Into::into).boxed_unsync())
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(&self.address)
            .await
            .expect("the server listens");
        let host = self.address.split(':').next().unwrap_or_default();
        let name = ServerName::try_from(host.to_owned()).expect("the server's host is valid");
        self.tls
            .connect(name, stream)
            .await
            .expect("the server has a certificate")
    }
}
