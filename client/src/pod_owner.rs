//! The Pod that a lock can belong to: where this program runs, and whether one is there.

use std::env::var_os;

use lease_core::{PodSeen, Uid};
use serde::Deserialize;

use crate::connect::{is_pod, pod_namespace};
use crate::request::{Call, RequestError, Requests};
use crate::right::Right;
use crate::selection::PODS;
use crate::store::ReadError;

/// An object without what it holds.
const METADATA: &str = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

/// The Pod that this program runs in, by name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ThisPod {
    /// Its namespace, if that is known.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// The Pod that this program runs in, if it does: by the variables `POD_NAME` and `POD_NAMESPACE`,
/// which kvdi reads, else by the host name, which is the Pod's unless it was given another one.
pub fn this_pod() -> Option<ThisPod> {
    let variable = |name| {
        let value = var_os(name)?.into_string().ok()?;
        Some(value).filter(|value| !value.is_empty())
    };
    let name = variable("POD_NAME").or_else(|| {
        let host = gethostname::gethostname().into_string().ok();
        host.filter(|_| is_pod())
    })?;
    Some(ThisPod {
        namespace: variable("POD_NAMESPACE").or_else(pod_namespace),
        name,
    })
}

#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    uid: String,
}

impl Requests {
    /// Looks for a Pod by its name.
    pub(crate) async fn pod_seen(&self, namespace: &str, name: &str) -> Result<PodSeen, ReadError> {
        let path = PODS.object(namespace, name);
        let right = Right::on(&PODS, "get", Some(namespace), Some(name));
        let call = Call {
            accept: METADATA,
            ..Call::get(&path, right)
        };
        match self.send(call).await {
            Ok(answer) => {
                let object: Object = serde_json::from_slice(&answer.body)
                    .map_err(|error| RequestError::Unreadable(error.into()))?;
                Ok(PodSeen::Present(Uid::new(object.metadata.uid)))
            }
            Err(RequestError::Status(status)) if status.is_absence() => Ok(PodSeen::Absent),
            Err(error) => Err(error.into()),
        }
    }
}
