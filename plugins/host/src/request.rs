//! What a policy is asked about. The contract (`wit/policy/types.wit`) says what each field means;
//! in JSON they have its names in camelCase, so that a request can be kept and asked again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What somebody is about to do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Request {
    /// What they typed: `acquire`, `force-release`, `release`, `run` or `steal`.
    pub verb: String,
    /// When, on their machine's clock.
    pub now: Timestamp,
    /// The offset of their time zone from UTC at that time, in seconds, positive east of it.
    #[serde(default)]
    pub utc_offset_seconds: i32,
    /// Whether nothing is to be written.
    #[serde(default)]
    pub dry_run: bool,
    /// Why, if they said so.
    #[serde(default)]
    pub reason: Option<String>,
    /// The name of their context in the kubeconfig.
    #[serde(default)]
    pub context: Option<String>,
    /// As whom they call the API server.
    #[serde(default)]
    pub user: Option<String>,
    /// As whom they will hold the lock, or do hold it.
    #[serde(default)]
    pub identity: Option<String>,
    /// The lock.
    pub lock: Lock,
    /// Who holds it, for policies that want to know.
    #[serde(default)]
    pub holder: Option<Holder>,
}

/// The lock that is acted on, as the API server has it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Lock {
    /// `lease` or `configmap`.
    pub kind: String,
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.uid`; none of a lock that is still to be created.
    #[serde(default)]
    pub uid: Option<String>,
    /// `metadata.resourceVersion`; none of a lock that is still to be created.
    #[serde(default)]
    pub resource_version: Option<String>,
    /// `metadata.labels`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// `metadata.annotations`.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Who holds it.
    #[serde(default)]
    pub holder_identity: Option<String>,
    /// `spec.leaseDurationSeconds`.
    #[serde(default)]
    pub lease_duration_seconds: Option<i32>,
    /// `spec.acquireTime`, on the holder's clock.
    #[serde(default)]
    pub acquire_time: Option<Timestamp>,
    /// `spec.renewTime`, on the holder's clock.
    #[serde(default)]
    pub renew_time: Option<Timestamp>,
    /// `spec.leaseTransitions`.
    #[serde(default)]
    pub lease_transitions: Option<i32>,
    /// By whose rules it is free or not.
    pub dialect: String,
    /// How it stands; none of a lock that is still to be created.
    #[serde(default)]
    pub standing: Option<Standing>,
}

/// How the lock stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Standing {
    /// `free`, `held`, `late`, `offered`, `unknown`, `expired`, `unbounded` or `malformed`.
    pub state: String,
    /// `observed`, `recorded` or `stamped`.
    #[serde(default)]
    pub basis: Option<String>,
    /// How long ago the record last changed, in seconds.
    #[serde(default)]
    pub age_seconds: Option<u64>,
}

/// The object behind the lock's holder, as far as it could be found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Holder {
    /// `pod`, `node`, `gone` or `unknown`.
    pub kind: String,
    /// Its namespace, of a pod.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// `status.phase` of a pod.
    #[serde(default)]
    pub phase: Option<String>,
    /// Whether its condition `Ready` is `True`.
    #[serde(default)]
    pub ready: Option<bool>,
}
