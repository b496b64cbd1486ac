//! Until when an answer is waited for.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::request::RequestError;

/// When an answer has to be complete.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    /// How long that is after the request was sent.
    pub(crate) length: Duration,
    pub(crate) end: Instant,
}

impl Limit {
    /// Lets something go on until then, if there is a limit.
    pub(crate) async fn hold<T>(
        limit: Option<Self>,
        what: impl Future<Output = Result<T, RequestError>>,
    ) -> Result<T, RequestError> {
        match limit {
            None => what.await,
            Some(Self { length, end }) => timeout_at(end, what)
                .await
                .unwrap_or(Err(RequestError::Timeout(length))),
        }
    }
}
