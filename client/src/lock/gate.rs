//! A Kubernetes client that only writes while the lock is held.

use std::time::Duration;

use http::{Method, Request, Response};
use kube::client::Body;
use tokio::time::timeout;
use tower::BoxError;

use super::guard::Held;
use crate::clock::Machine;

/// Why a write was not sent, or given up.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotHeld {
    /// The lock was lost, or would be before the answer has to be there. Nothing was sent.
    #[error("the lock is not held for as long as this write may take")]
    NotSent,
    /// The answer did not come in the time for which the lock was sure to be held. The write may
    /// have been carried out.
    #[error("the API server did not answer within {0:?}")]
    TimedOut(Duration),
}

impl<M: Machine> Held<M> {
    /// A client that sends what `client` does, but refuses to write as soon as the lock is not
    /// held: whatever is not a GET, HEAD or OPTIONS. What reads passes.
    ///
    /// A write may take `longest`; one that would not be sure to end while the lock is held is not
    /// sent. The refusal is a [`kube::Error::Service`] with a [`NotHeld`] in it.
    pub fn client(&self, client: kube::Client, longest: Duration) -> kube::Client {
        let namespace = client.default_namespace().to_owned();
        let held = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let (held, client) = (held.clone(), client.clone());
            async move { held.send(&client, request, longest).await }
        });
        kube::Client::new(service, namespace)
    }

    async fn send(
        &self,
        client: &kube::Client,
        request: Request<Body>,
        longest: Duration,
    ) -> Result<Response<Body>, BoxError> {
        let reads = [Method::GET, Method::HEAD, Method::OPTIONS];
        if reads.contains(request.method()) {
            return Ok(client.send(request).await?);
        }
        if self.remaining().is_none_or(|left| left < longest) {
            return Err(NotHeld::NotSent.into());
        }
        let answer = timeout(longest, client.send(request)).await;
        Ok(answer.map_err(|_| NotHeld::TimedOut(longest))??)
    }
}
