//! Connections to the API server, with fresh credentials for each request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ConfigExt};
use kube::config::Config;
use secrecy::SecretString;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service, ServiceBuilder, ServiceExt};
use tower_http::decompression::DecompressionLayer;
use tracing::Level;

use super::ConnectError;
use super::credentials::{Credentials, Identity, Issued};
use super::proxy::{Kind, Proxy};

/// How long a connection is silent before the system asks whether the other side lives; client-go's
/// figure.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// How often it asks again, and how many times, before the connection counts as broken: a watch
/// says nothing by itself, and a dead one must not look like a calm one for the system's eleven
/// minutes.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_RETRIES: u32 = 3;

/// What sends requests to one server.
///
/// kube would make it from the same configuration, but leaves Nagle's algorithm on (which costs
/// 40 ms wherever an answer is awaited before the next request), and asks credential plugins three
/// times.
pub(super) struct Transport {
    config: Config,
    credentials: Arc<Credentials>,
    made: Mutex<Made>,
    proxy: Option<Proxy>,
}

/// Connections that present one client certificate, or none.
struct Made {
    identity: Option<Arc<Identity>>,
    service: BoxCloneSyncService<Request<Body>, Response<Incoming>, BoxError>,
}

impl Transport {
    pub(super) fn new(
        config: Config,
        proxy: Option<Proxy>,
        credentials: Arc<Credentials>,
    ) -> Result<Self, ConnectError> {
        let made = Made::new(&config, proxy.as_ref(), None).map_err(ConnectError::Client)?;
        Ok(Self {
            config,
            credentials,
            made: Mutex::new(made),
            proxy,
        })
    }

    /// The client that everything goes through.
    pub(super) fn into_client(self) -> Result<kube::Client, ConnectError> {
        let namespace = self.config.default_namespace.clone();
        let headers = self.config.extra_headers_layer();
        let stack = ServiceBuilder::new()
            .layer(self.config.base_uri_layer())
            .layer(DecompressionLayer::new().gzip(!self.config.disable_compression))
            .layer(headers.map_err(ConnectError::Client)?);
        let shared = Arc::new(self);
        let service = stack.service_fn(move |request| {
            let shared = Arc::clone(&shared);
            async move { shared.send(request).await }
        });
        Ok(kube::Client::new(service, namespace))
    }

    async fn send(&self, mut request: Request<Body>) -> Result<Response<Incoming>, BoxError> {
        // Who sends the request may have chosen them already.
        let issued = match request.extensions_mut().remove() {
            Some(issued) => issued,
            None => self.credentials.current().await?,
        };
        let service = self.service(&issued)?;
        if let Some(authorization) = issued.authorization {
            request.headers_mut().insert(AUTHORIZATION, authorization);
        }
        let (method, url) = (request.method().clone(), request.uri().clone());
        tracing::trace!(target: "lease_client::http::headers", %method, %url, "sending");
        log_headers("request", request.headers());
        let start = Instant::now();
        let result = service.oneshot(request).await;
        let elapsed = start.elapsed().as_millis();
        match &result {
            Ok(response) => {
                tracing::debug!(target: "lease_client::http", %method, %url, status = %response.status(), milliseconds = elapsed, "answered");
                log_headers("response", response.headers());
                if response.status() == StatusCode::UNAUTHORIZED {
                    self.credentials.refused(issued.number).await;
                }
            }
            Err(error) => {
                tracing::debug!(target: "lease_client::http", %method, %url, milliseconds = elapsed, %error, "failed");
            }
        }
        result
    }

    /// Connections for these credentials: those that there are, unless the certificate is another.
    fn service(
        &self,
        issued: &Issued,
    ) -> Result<BoxCloneSyncService<Request<Body>, Response<Incoming>, BoxError>, kube::Error> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.identity.as_deref() != issued.identity.as_deref() {
            *made = Made::new(&self.config, self.proxy.as_ref(), issued.identity.clone())?;
        }
        Ok(made.service.clone())
    }
}

impl Made {
    fn new(
        config: &Config,
        proxy: Option<&Proxy>,
        identity: Option<Arc<Identity>>,
    ) -> Result<Self, kube::Error> {
        let mut config = config.clone();
        if let Some(identity) = &identity {
            let certificate = BASE64_STANDARD.encode(&identity.certificate);
            config.auth_info.client_certificate_data = Some(certificate);
            let key = BASE64_STANDARD.encode(&identity.key);
            config.auth_info.client_key_data = Some(SecretString::from(key));
        }
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE_INTERVAL));
        tcp.set_keepalive_retries(Some(KEEPALIVE_RETRIES));
        let service = match proxy {
            None => over(&config, tcp)?,
            Some(proxy) => match proxy.kind {
                Kind::Http => over(&config, tunnel(proxy, tcp))?,
                Kind::Https => {
                    let tls = config.rustls_https_connector_with_connector(tcp)?;
                    over(&config, tunnel(proxy, tls))?
                }
                Kind::Socks => {
                    let socks = SocksV5::new(proxy.address.clone(), tcp);
                    match proxy.login.clone() {
                        Some((name, password)) => over(&config, socks.with_auth(name, password))?,
                        None => over(&config, socks)?,
                    }
                }
            },
        };
        Ok(Self { identity, service })
    }
}

fn tunnel<C>(proxy: &Proxy, connector: C) -> Tunnel<C> {
    let tunnel = Tunnel::new(proxy.address.clone(), connector);
    match proxy.authorization.clone() {
        Some(authorization) => tunnel.with_auth(authorization),
        None => tunnel,
    }
}

/// HTTP over connections that this connector makes, with TLS where the address wants it.
fn over<C>(
    config: &Config,
    connector: C,
) -> Result<BoxCloneSyncService<Request<Body>, Response<Incoming>, BoxError>, kube::Error>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Connection + Read + Write + Send + Unpin + 'static,
    C::Future: Send + 'static,
    C::Error: Into<BoxError>,
{
    let mut connector =
        TimeoutConnector::new(config.rustls_https_connector_with_connector(connector)?);
    connector.set_connect_timeout(config.connect_timeout);
    let client = HttpClient::builder(TokioExecutor::new()).build::<_, Body>(connector);
    Ok(BoxCloneSyncService::new(client.map_err(BoxError::from)))
}

fn log_headers(of: &str, headers: &HeaderMap) {
    if !tracing::enabled!(target: "lease_client::http::headers", Level::TRACE) {
        return;
    }
    for (name, value) in headers {
        let value = if value.is_sensitive() || name == SET_COOKIE {
            "<masked>".into()
        } else {
            String::from_utf8_lossy(value.as_bytes())
        };
        tracing::trace!(target: "lease_client::http::headers", "{of} {name}: {value}");
    }
}
