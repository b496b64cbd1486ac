//! What a service account may do with a lease: asked of the API server's authorizers.

use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::lease_store::LeaseStore;
use crate::request::{Call, JSON, RequestError};
use crate::right::Right;
use crate::store::ReadError;

const PATH: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// Whom Pods act as.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ServiceAccount {
    /// Its namespace, which is that of its Pods.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl ServiceAccount {
    /// Its name as a user, as `--as` takes it.
    pub fn user(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }

    /// The groups that the API server counts it to.
    fn groups(&self) -> [String; 3] {
        [
            "system:serviceaccounts".to_owned(),
            format!("system:serviceaccounts:{}", self.namespace),
            "system:authenticated".to_owned(),
        ]
    }
}

#[derive(Deserialize)]
struct Answer {
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    allowed: bool,
}

impl LeaseStore {
    /// Whether a service account may do this with a lease. Nothing is written.
    ///
    /// # Errors
    /// [`ReadError::Denied`] without the right to create `SubjectAccessReviews`.
    pub async fn may(
        &self,
        account: &ServiceAccount,
        verb: &str,
        namespace: &str,
        name: &str,
    ) -> Result<bool, ReadError> {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": account.user(),
                "groups": account.groups(),
                "resourceAttributes": {
                    "group": "coordination.k8s.io",
                    "version": "v1",
                    "resource": "leases",
                    "verb": verb,
                    "namespace": namespace,
                    "name": name,
                },
            },
        });
        let call = Call {
            method: Method::POST,
            path: PATH,
            body: Some(Bytes::from(review.to_string())),
            right: Right::to_review_access(),
            accept: JSON,
        };
        let answer = self.requests.send(call).await?;
        let answer: Answer = serde_json::from_slice(&answer.body)
            .map_err(|error| RequestError::Unreadable(error.into()))?;
        Ok(answer.status.allowed)
    }
}
