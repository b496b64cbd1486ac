//! One request to the API server, with a time limit and the server's `Date`.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, header};
use http_body_util::BodyExt;
use kube::client::Body;
use lease_core::Timestamp;
use tokio::time::{Instant, sleep};
use tracing::Level;

use crate::connect::{Credentials, CredentialsError, Issued};
use crate::incoming::Incoming;
use crate::limit::Limit;
use crate::right::Right;
use crate::status::ApiStatus;

/// Whole objects.
pub(crate) const JSON: &str = "application/json";

/// How often a request is sent again because the server asks for it later; client-go's figure.
const POSTPONED: u32 = 10;

/// Sends requests to one API server, each within a time limit.
#[derive(Clone)]
pub struct Requests {
    client: kube::Client,
    credentials: Arc<Credentials>,
    server: String,
    limit: Option<Duration>,
    acting_as: Option<String>,
}

/// A request that is to be sent.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: &'a str,
    pub(crate) body: Option<Bytes>,
    /// What one has to be allowed for it.
    pub(crate) right: Right,
    /// The form in which the answer is wanted.
    pub(crate) accept: &'static str,
}

impl<'a> Call<'a> {
    pub(crate) fn get(path: &'a str, right: Right) -> Self {
        Self {
            method: Method::GET,
            path,
            body: None,
            right,
            accept: JSON,
        }
    }
}

/// A success: a 2xx answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The `Date` header: the server's clock in whole seconds.
    pub date: Option<Timestamp>,
    pub body: Bytes,
}

/// Why there is no answer, or none that can be used.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The request did not leave: no connection came about. Nothing can have been written.
    #[error("cannot connect to the API server at {server}")]
    Connect {
        /// Its address.
        server: String,
        /// What went wrong.
        source: kube::Error,
    },
    /// The request did not leave: no connection came about in time. Nothing can have been written.
    #[error("no connection to the API server at {server} within {limit:?}")]
    ConnectTimeout {
        /// Its address.
        server: String,
        /// How long a request may take.
        limit: Duration,
    },
    /// The request may have left, and then the connection broke or the answer was cut short.
    #[error("the connection to the API server broke")]
    Broken(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer is not what an API server sends.
    #[error("the API server's answer cannot be read")]
    Unreadable(#[source] Box<dyn StdError + Send + Sync>),
    /// The credentials could not be obtained. Nothing has left.
    #[error("no credentials for the API server")]
    Credentials(#[source] CredentialsError),
    /// The server did not answer within the limit. The request may have been carried out.
    #[error("the API server did not answer within {0:?}")]
    Timeout(Duration),
    /// The server answered, and refused.
    #[error(transparent)]
    Status(ApiStatus),
}

impl Requests {
    /// Requests over `client`, which uses the same credentials, to the API server of this
    /// address, each of which may take `limit` until its answer is complete.
    pub(crate) fn new(
        client: kube::Client,
        credentials: Arc<Credentials>,
        server: String,
        limit: Option<Duration>,
        acting_as: Option<String>,
    ) -> Self {
        Self {
            client,
            credentials,
            server,
            limit,
            acting_as,
        }
    }

    /// Requests over a client that a program has already, with its credentials. `server` is what
    /// errors call the API server.
    pub fn over(client: kube::Client, server: impl Into<String>, limit: Option<Duration>) -> Self {
        let credentials = Arc::new(Credentials::none());
        Self::new(client, credentials, server.into(), limit, None)
    }

    /// How long one request may take; `None` for as long as it likes.
    pub const fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Answer, RequestError> {
        self.send_and(call, async |response, _| {
            let date = date(response.headers());
            let body = collect(response).await?;
            log_body("response", &body);
            Ok(Answer { date, body })
        })
        .await
    }

    /// Sends a GET whose answer is a stream. The limit holds until the answer begins.
    pub(crate) async fn stream(&self, call: Call<'_>) -> Result<Response<Body>, RequestError> {
        self.send_and(call, async |response, _| Ok(response)).await
    }

    /// Sends a GET whose answer is taken in piece by piece. The limit holds until it is complete.
    pub(crate) async fn receive(&self, call: Call<'_>) -> Result<Incoming, RequestError> {
        self.send_and(call, async |response, limit| {
            Ok(Incoming {
                date: date(response.headers()),
                body: response.into_body(),
                limit,
            })
        })
        .await
    }

    /// Sends a request and reads of its answer what `read` reads, within the limit, which it is
    /// told.
    ///
    /// Where the server does not accept the credentials and there are fresh ones, or asks for the
    /// request to come later, it is sent again: then it was not carried out.
    async fn send_and<T>(
        &self,
        call: Call<'_>,
        read: impl AsyncFn(Response<Body>, Option<Limit>) -> Result<T, RequestError>,
    ) -> Result<T, RequestError> {
        let mut issued = self.credentials().await?;
        let mut is_renewed = false;
        let mut start = Instant::now();
        let mut postponed = 0;
        loop {
            // One that ends after all time is none.
            let limit = self.limit.and_then(|length| {
                let end = start.checked_add(length)?;
                Some(Limit { length, end })
            });
            let attempt = async { read(self.open(&call, &issued).await?, limit).await };
            let result = Limit::hold(limit, attempt).await;
            if let Err(RequestError::Timeout(_)) = result {
                let (method, path) = (&call.method, call.path);
                tracing::debug!(target: "lease_client::http", %method, path, "gave up");
            }
            let Err(RequestError::Status(status)) = &result else {
                return result;
            };
            if status.code == 401 && !is_renewed {
                let next = self.credentials().await?;
                if next.number == issued.number {
                    return result;
                }
                issued = next;
                is_renewed = true;
                // A plugin may have waited for somebody to type.
                start = Instant::now();
            } else if let Some(wait) = later(&call.method, status)
                && postponed < POSTPONED
                && self
                    .limit
                    .is_none_or(|limit| start.elapsed().saturating_add(wait) < limit)
            {
                postponed += 1;
                sleep(wait).await;
            } else {
                return result;
            }
        }
    }

    async fn credentials(&self) -> Result<Issued, RequestError> {
        let issued = self.credentials.current().await;
        issued.map_err(RequestError::Credentials)
    }

    async fn open(&self, call: &Call<'_>, issued: &Issued) -> Result<Response<Body>, RequestError> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(call.path.trim_end_matches('?'))
            .extension(issued.clone())
            .header(header::ACCEPT, call.accept);
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, "application/json");
            log_body("request", body);
        }
        let body = call.body.clone().map_or_else(Body::empty, Body::from);
        let request = request
            .body(body)
            .map_err(|error| RequestError::Unreadable(error.into()))?;
        let response = self.client.send(request).await;
        let response = response.map_err(|error| self.classify(error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let code = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        // A refusal whose body breaks off is a refusal all the same.
        let body = collect(response).await.unwrap_or_default();
        log_body("response", &body);
        let mut status = ApiStatus::new(code, &body, retry_after);
        if code == 403 {
            let mut right = call.right.clone();
            right.acting_as.clone_from(&self.acting_as);
            status.attempted = Some(Box::new(right));
        }
        Err(RequestError::Status(status))
    }

    /// Tells whether a request that failed can have left. When in doubt, it can.
    fn classify(&self, error: kube::Error) -> RequestError {
        let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
        while let Some(inner) = cause {
            let is_connect = inner
                .downcast_ref::<hyper_util::client::legacy::Error>()
                .is_some_and(hyper_util::client::legacy::Error::is_connect);
            if is_connect
                && timed_out(inner)
                && let Some(limit) = self.limit
            {
                return RequestError::ConnectTimeout {
                    server: self.server.clone(),
                    limit,
                };
            }
            // Credentials that ran out just before the request was sent.
            if is_connect || inner.is::<CredentialsError>() {
                return RequestError::Connect {
                    server: self.server.clone(),
                    source: error,
                };
            }
            cause = inner.source();
        }
        RequestError::Broken(error.into())
    }
}

/// Whether an error is due to a time limit.
fn timed_out(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        let io: Option<&std::io::Error> = inner.downcast_ref();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::TimedOut) {
            return true;
        }
        cause = inner.source();
    }
    false
}

async fn collect(response: Response<Body>) -> Result<Bytes, RequestError> {
    let body = response.into_body().collect().await;
    body.map(http_body_util::Collected::to_bytes)
        .map_err(|error| RequestError::Broken(error.into()))
}

/// How long to wait before a request that the server did not carry out is sent again. That it did
/// not is certain of 429; of its failures (5xx) that name a time, only where nothing is written.
fn later(method: &Method, status: &ApiStatus) -> Option<Duration> {
    let is_safe = status.code == 429 || (status.code >= 500 && method == Method::GET);
    status.retry_after.filter(|_| is_safe)
}

fn log_body(of: &str, body: &Bytes) {
    if tracing::enabled!(target: "lease_client::http::body", Level::TRACE) {
        let text = String::from_utf8_lossy(body);
        tracing::trace!(target: "lease_client::http::body", body = %text, "{of}");
    }
}

/// The `Date` header in whole seconds of the server's clock.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()?;
    Some(Timestamp::from_micros(date.as_microsecond()))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}
