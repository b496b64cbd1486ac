//! Requests as JSON, as `kubectl lease plugin test --request` reads them: the names of the contract
//! in camelCase, times as RFC 3339, labels and annotations as objects. For tests.

use std::collections::BTreeMap;

use jiff::Timestamp as Instant;
use serde::Deserialize;

use crate::{Entry, Holder, Lock, Request, Standing, Timestamp};

/// Why a text is no request.
#[derive(Debug)]
pub struct InvalidRequest(String);

impl std::error::Error for InvalidRequest {}

impl std::fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a request.
///
/// # Errors
/// The field that is not as the contract has it.
pub fn request(text: &str) -> Result<Request, InvalidRequest> {
    let json = &mut serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, RequestJson>(json) {
        Ok(request) => Ok(request.into()),
        Err(error) => Err(InvalidRequest(error.to_string())),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RequestJson {
    verb: String,
    now: Instant,
    #[serde(default)]
    utc_offset_seconds: i32,
    #[serde(default)]
    dry_run: bool,
    reason: Option<String>,
    context: Option<String>,
    user: Option<String>,
    identity: Option<String>,
    lock: LockJson,
    holder: Option<HolderJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct LockJson {
    kind: String,
    namespace: String,
    name: String,
    uid: Option<String>,
    resource_version: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    holder_identity: Option<String>,
    lease_duration_seconds: Option<i32>,
    acquire_time: Option<Instant>,
    renew_time: Option<Instant>,
    lease_transitions: Option<i32>,
    dialect: String,
    standing: Option<StandingJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct StandingJson {
    state: String,
    basis: Option<String>,
    age_seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct HolderJson {
    kind: String,
    namespace: Option<String>,
    name: Option<String>,
    phase: Option<String>,
    ready: Option<bool>,
}

impl From<RequestJson> for Request {
    fn from(json: RequestJson) -> Self {
        Self {
            verb: json.verb,
            now: time(json.now),
            utc_offset_seconds: json.utc_offset_seconds,
            dry_run: json.dry_run,
            reason: json.reason,
            context: json.context,
            user: json.user,
            identity: json.identity,
            lock: json.lock.into(),
            holder: json.holder.map(Into::into),
        }
    }
}

impl From<LockJson> for Lock {
    fn from(json: LockJson) -> Self {
        Self {
            kind: json.kind,
            namespace: json.namespace,
            name: json.name,
            uid: json.uid,
            resource_version: json.resource_version,
            labels: entries(json.labels),
            annotations: entries(json.annotations),
            holder_identity: json.holder_identity,
            lease_duration_seconds: json.lease_duration_seconds,
            acquire_time: json.acquire_time.map(time),
            renew_time: json.renew_time.map(time),
            lease_transitions: json.lease_transitions,
            dialect: json.dialect,
            standing: json.standing.map(|standing| Standing {
                state: standing.state,
                basis: standing.basis,
                age_seconds: standing.age_seconds,
            }),
        }
    }
}

impl From<HolderJson> for Holder {
    fn from(json: HolderJson) -> Self {
        Self {
            kind: json.kind,
            namespace: json.namespace,
            name: json.name,
            phase: json.phase,
            ready: json.ready,
        }
    }
}

fn entries(entries: BTreeMap<String, String>) -> Vec<Entry> {
    let entries = entries.into_iter();
    entries.map(|(key, value)| Entry { key, value }).collect()
}

fn time(at: Instant) -> Timestamp {
    let nanoseconds = at.as_nanosecond();
    let (seconds, rest) = (
        nanoseconds.div_euclid(1_000_000_000),
        nanoseconds.rem_euclid(1_000_000_000),
    );
    Timestamp {
        seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
        nanoseconds: u32::try_from(rest).unwrap_or(0),
    }
}
