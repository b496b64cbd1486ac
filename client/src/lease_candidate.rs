//! Who stands for a lock that the control plane assigns (coordinated leader election, KEP-4355).

use serde::Deserialize;

use crate::lease_store::LeaseStore;
use crate::request::RequestError;
use crate::right::Right;
use crate::selection::encode;
use crate::store::ReadError;

/// The newest version of which a server may have them; they are no part of v1 yet.
const PREFIX: &str = "/apis/coordination.k8s.io/v1beta1";

/// One candidate for one lease.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeaseCandidate {
    /// `metadata.namespace`, the lease's too.
    pub namespace: String,
    /// `metadata.name`, which is the identity that the lease names.
    pub name: String,
    /// `spec.leaseName`: the lease that it stands for.
    pub lease: String,
}

#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
}

#[derive(Deserialize)]
struct Metadata {
    namespace: String,
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    lease_name: String,
}

impl LeaseStore {
    /// The candidates in one namespace, or in all.
    ///
    /// # Errors
    /// [`ReadError::Denied`] without the right to list them; 404 where the server has none of this
    /// kind, as without coordinated leader election.
    pub async fn candidates(
        &self,
        namespace: Option<&str>,
    ) -> Result<Vec<LeaseCandidate>, ReadError> {
        let path = match namespace {
            None => format!("{PREFIX}/leasecandidates?"),
            Some(namespace) => {
                format!("{PREFIX}/namespaces/{}/leasecandidates?", encode(namespace))
            }
        };
        let right = Right::to_list_lease_candidates(namespace);
        let keep = |text: &str, _| {
            let Object { metadata, spec } = serde_json::from_str(text)
                .map_err(|error| RequestError::Unreadable(error.into()))?;
            Ok(Some(LeaseCandidate {
                namespace: metadata.namespace,
                name: metadata.name,
                lease: spec.lease_name,
            }))
        };
        let listed = self.requests.list(&path, &right, None, keep);
        Ok(listed.await?.value.items)
    }
}
