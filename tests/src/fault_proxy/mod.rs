//! What stands before a real API server, and treats each request as a rule says.

mod answer;
mod body;
mod fate;
mod upstream;

use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, LazyLock, Mutex};

use bytes::Bytes;
use http::header::DATE;
use http::{HeaderMap, HeaderValue, Method, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

pub use self::answer::Answer;
pub use self::fate::Fate;

use self::body::Body;
use self::upstream::Upstream;
use crate::listening::Listening;
use crate::{ApiServer, Authority, Client};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its body, whole.
    pub body: Bytes,
    /// Its headers, credentials included.
    pub headers: HeaderMap,
    /// Its method.
    pub method: Method,
    /// Path and query.
    pub path: String,
}

impl Request {
    /// Whether it asks for a watch.
    pub fn is_watch(&self) -> bool {
        self.path.contains("watch=true")
    }

    /// Whether it would change something.
    pub fn is_write(&self) -> bool {
        self.method != Method::GET
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An HTTP/1.1 proxy before an API server, with TLS on both sides, so that clients send it what they
/// send a server. It hands their credentials on, and closes when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    listening: Listening,
    seen: Arc<Mutex<Vec<Request>>>,
}

type Rule = dyn FnMut(&Request) -> Fate + Send;

/// Who signs for all proxies.
static AUTHORITY: LazyLock<Authority> = LazyLock::new(Authority::new);

/// What all connections share.
struct Before {
    acceptor: TlsAcceptor,
    rule: Mutex<Box<Rule>>,
    seen: Arc<Mutex<Vec<Request>>>,
    upstream: Upstream,
}

/// The connection breaks.
#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rule breaks the connection")
    }
}

impl std::error::Error for Broken {}

impl FaultProxy {
    /// Stands before `server`.
    pub fn before(server: &ApiServer, rule: impl FnMut(&Request) -> Fate + Send + 'static) -> Self {
        let seen = Arc::default();
        let before = Arc::new(Before {
            acceptor: AUTHORITY.server("127.0.0.1").acceptor(),
            rule: Mutex::new(Box::new(rule)),
            seen: Arc::clone(&seen),
            upstream: Upstream::new(server),
        });
        let listening = Listening::start(move |stream| meet(stream, Arc::clone(&before)));
        Self { listening, seen }
    }

    /// Its address, `https://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("https://{}", self.listening.address())
    }

    /// The same user in the same namespace, whose requests go through here.
    pub fn client(&self, client: &Client) -> Client {
        client.trusting(&self.url(), &AUTHORITY)
    }

    /// The requests that came so far, in order.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("no rule panics").clone()
    }
}

async fn meet(stream: TcpStream, before: Arc<Before>) {
    let Ok(stream) = before.acceptor.accept(stream).await else {
        return;
    };
    let service = service_fn(|request| answer(request, &before));
    // A client that leaves has its reasons, and that a rule breaks the connection is its purpose.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: http::Request<Incoming>,
    before: &Before,
) -> Result<Response<Body>, Broken> {
    let (parts, body) = request.into_parts();
    // A client that leaves in the middle of its request has sent none.
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    let request = Request {
        body,
        headers: parts.headers,
        method: parts.method,
        path: parts.uri.to_string(),
    };
    let fate = {
        let mut rule = before.rule.lock().expect("no rule panics");
        before
            .seen
            .lock()
            .expect("its readers do not panic")
            .push(request.clone());
        rule(&request)
    };
    before.meet(&request, fate).await
}

impl Before {
    async fn meet(&self, request: &Request, fate: Fate) -> Result<Response<Body>, Broken> {
        match fate {
            Fate::Answer(answer) => Ok(answer.response()),
            Fate::CutBody => Ok(body::cut(self.whole(request).await)),
            Fate::CutWatch(lines) => Ok(body::cut_after_lines(
                self.upstream.send(request).await,
                lines,
            )),
            Fate::Delay(wait) => {
                sleep(wait).await;
                Ok(self.upstream.send(request).await)
            }
            Fate::DropReply => {
                self.whole(request).await;
                Err(Broken)
            }
            Fate::DropRequest => Err(Broken),
            Fate::Earlier(seconds) => {
                let mut reply = self.upstream.send(request).await;
                let date = Timestamp::now() - SignedDuration::from_secs(seconds);
                let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
                let date = HeaderValue::from_str(&date).expect("a date is plain text");
                reply.headers_mut().insert(DATE, date);
                Ok(reply)
            }
            Fate::Forward => Ok(self.upstream.send(request).await),
            Fate::HangReply => {
                self.whole(request).await;
                Ok(hang().await)
            }
            Fate::HangRequest => Ok(hang().await),
            Fate::Instead(answer) => {
                self.whole(request).await;
                Ok(answer.response())
            }
            Fate::StallBody => Ok(body::stall(self.whole(request).await)),
        }
    }

    /// The server's whole reply, so that whatever it does is done.
    async fn whole(&self, request: &Request) -> Response<Bytes> {
        let (parts, body) = self.upstream.send(request).await.into_parts();
        let body = body.collect().await.expect("the server answers in full");
        Response::from_parts(parts, body.to_bytes())
    }
}

/// Until the client has enough of it.
async fn hang() -> Response<Body> {
    match pending::<Infallible>().await {}
}
