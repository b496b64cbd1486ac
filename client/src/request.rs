//! One request to the API server, with a time limit and the server's `Date`.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, header};
use http_body_util::BodyExt;
use kube::client::Body;
use lease_core::Timestamp;

use crate::status::ApiStatus;

/// Sends requests to one API server, each within a time limit.
#[derive(Clone)]
pub struct Requests {
    client: kube::Client,
    server: String,
    timeout: Duration,
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
    /// The request may have left, and then the connection broke or the answer was cut short.
    #[error("the connection to the API server broke")]
    Broken(#[source] Box<dyn StdError + Send + Sync>),
    /// The answer is not what an API server sends.
    #[error("the API server's answer cannot be read")]
    Unreadable(#[source] Box<dyn StdError + Send + Sync>),
    /// The credentials could not be obtained. Nothing has left.
    #[error("no credentials for the API server")]
    Credentials(#[source] kube::Error),
    /// The server did not answer within the limit. The request may have been carried out.
    #[error("the API server did not answer within {0:?}")]
    Timeout(Duration),
    /// The server answered, and refused.
    #[error(transparent)]
    Status(ApiStatus),
}

impl Requests {
    /// Requests over `client` to the API server of this address, each of which may take `timeout`
    /// until its answer is complete.
    pub fn new(client: kube::Client, server: String, timeout: Duration) -> Self {
        Self {
            client,
            server,
            timeout,
        }
    }

    /// How long one request may take.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, RequestError> {
        let whole = async {
            let response = self.open(method, path_and_query, body).await?;
            let date = date(response.headers());
            let body = collect(response).await?;
            Ok(Answer { date, body })
        };
        tokio::time::timeout(self.timeout, whole)
            .await
            .unwrap_or(Err(RequestError::Timeout(self.timeout)))
    }

    /// Sends a GET whose answer is a stream. The limit holds until the answer begins.
    pub(crate) async fn stream(
        &self,
        path_and_query: &str,
    ) -> Result<Response<Body>, RequestError> {
        tokio::time::timeout(self.timeout, self.open(Method::GET, path_and_query, None))
            .await
            .unwrap_or(Err(RequestError::Timeout(self.timeout)))
    }

    async fn open(
        &self,
        method: Method,
        path_and_query: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Response<Body>, RequestError> {
        let request = Request::builder()
            .method(method)
            .uri(path_and_query)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, Body::from))
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
        Err(RequestError::Status(ApiStatus::new(
            code,
            &body,
            retry_after,
        )))
    }

    /// Tells whether a request that failed can have left. When in doubt, it can.
    fn classify(&self, error: kube::Error) -> RequestError {
        if matches!(error, kube::Error::Auth(_)) {
            return RequestError::Credentials(error);
        }
        let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
        while let Some(inner) = cause {
            if inner
                .downcast_ref::<hyper_util::client::legacy::Error>()
                .is_some_and(hyper_util::client::legacy::Error::is_connect)
            {
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

async fn collect(response: Response<Body>) -> Result<Bytes, RequestError> {
    let body = response.into_body().collect().await;
    body.map(http_body_util::Collected::to_bytes)
        .map_err(|error| RequestError::Broken(error.into()))
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
