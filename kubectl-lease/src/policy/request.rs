//! What policies are asked: the intent, in the terms of their contract.

use std::collections::BTreeMap;

use jiff::Zoned;
use lease_client::Lease;
use lease_core::{Evidence, Look, Timestamp, judge};
use lease_policy_host::{Lock, Request, Standing};
use serde_json::{Map, Value};

use super::{Intent, Subject};
use crate::dry_run::DryRun;
use crate::lock_name;

/// The request about an intent, without what is behind the holder.
pub(super) fn request(intent: &Intent<'_>, subject: Subject<'_>) -> Request {
    let Intent {
        verb,
        caller,
        store: _,
        identity,
        reason,
        dry_run,
    } = intent;
    let now = Zoned::now();
    let text = |text: Option<&str>| text.map(str::to_owned);
    Request {
        verb: verb.name().to_owned(),
        now: now.timestamp(),
        utc_offset_seconds: now.offset().seconds(),
        dry_run: *dry_run != DryRun::None,
        reason: text(*reason),
        context: caller.context.clone(),
        user: caller.user.clone(),
        identity: text(*identity),
        lock: match subject.read {
            Some((lease, look)) => lock(lease, look),
            None => absent(subject),
        },
        holder: None,
    }
}

fn lock(lease: &Lease, look: Look) -> Lock {
    let lock = lease.snapshot();
    let record = &lock.record;
    let standing = *judge(lock, look).standing();
    let object = lease.object();
    Lock {
        kind: kind(lock_name::is_config_map(lock)),
        namespace: lock.namespace.clone(),
        name: lock.name.clone(),
        uid: Some(lock.version.uid.to_string()),
        resource_version: Some(lock.version.resource_version.to_string()),
        labels: entries(&object, "labels"),
        annotations: entries(&object, "annotations"),
        holder_identity: record.holder().map(str::to_owned),
        lease_duration_seconds: record.duration_seconds,
        acquire_time: record.acquired().and_then(time),
        renew_time: record.renewed().and_then(time),
        lease_transitions: record.transitions,
        dialect: lock.dialect.name().to_owned(),
        standing: Some(Standing {
            state: standing.state.name().to_owned(),
            basis: basis(standing.evidence.as_ref()),
            age_seconds: standing.evidence.as_ref().map(|seen| seen.age().as_secs()),
        }),
    }
}

fn kind(is_config_map: bool) -> String {
    let kind = if is_config_map { "configmap" } else { "lease" };
    kind.to_owned()
}

fn basis(evidence: Option<&Evidence>) -> Option<String> {
    evidence.map(|evidence| evidence.basis().name().to_owned())
}

/// A lock that is still to be created.
fn absent(subject: Subject<'_>) -> Lock {
    let config_map = lock_name::config_map(subject.name);
    let dialect = config_map.map_or("client-go", |_| "configmap");
    Lock {
        kind: kind(config_map.is_some()),
        namespace: subject.namespace.to_owned(),
        name: config_map.unwrap_or(subject.name).to_owned(),
        uid: None,
        resource_version: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        holder_identity: None,
        lease_duration_seconds: None,
        acquire_time: None,
        renew_time: None,
        lease_transitions: None,
        dialect: dialect.to_owned(),
        standing: None,
    }
}

/// Labels, or annotations.
fn entries(object: &Map<String, Value>, which: &str) -> BTreeMap<String, String> {
    let Some(Value::Object(entries)) = object.get("metadata").and_then(|of| of.get(which)) else {
        return BTreeMap::new();
    };
    let text = |(key, value): (&String, &Value)| {
        let value = value.as_str().unwrap_or_default();
        (key.clone(), value.to_owned())
    };
    entries.iter().map(text).collect()
}

fn time(time: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond(time.as_micros()).ok()
}
