//! One `ConfigMap` object that is a lock, between JSON and what the lock's logic sees.
//!
//! Contenders of ours leave the fields of a Lease's record as annotations, so that they can be
//! judged by renewals, as Leases are; `expiresAt` and the owner are for kvdi, which reads nothing
//! else.

use std::collections::BTreeMap;

use lease_core::config_map::{EXPIRES_AT, expires_at, stated};
use lease_core::{
    Dialect, FieldOwner, Means, Notes, PodOwner, Record, ResourceVersion, Snapshot, SpecField, Uid,
    Version, Write, stamp,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::lease::{Lease, MalformedLease};
use crate::lease_summary::{LeaseSummary, Writer};
use crate::micro_time::{self, Time};
use crate::notes;

/// The annotation of each field of a record.
const FIELDS: [(SpecField, &str); 5] = [
    (SpecField::AcquireTime, "kubectl-lease.io/acquired"),
    (SpecField::Holder, "kubectl-lease.io/holder"),
    (SpecField::Duration, "kubectl-lease.io/duration"),
    (SpecField::RenewTime, "kubectl-lease.io/renewed"),
    (SpecField::Transitions, "kubectl-lease.io/transitions"),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    metadata: Metadata,
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
    #[serde(default)]
    binary_data: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    namespace: String,
    name: String,
    uid: String,
    resource_version: String,
    creation_timestamp: Option<Time>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
    #[serde(default)]
    owner_references: Option<Vec<OwnerReference>>,
    #[serde(default)]
    managed_fields: Option<Vec<ManagedFields>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnerReference {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    uid: String,
    #[serde(default)]
    controller: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManagedFields {
    #[serde(default)]
    manager: String,
    time: Option<Time>,
    #[serde(default)]
    fields_v1: Value,
}

/// Reads one object's JSON.
pub(crate) fn read(text: &str) -> Result<LeaseSummary, MalformedLease> {
    let object: Object = serde_json::from_str(text).map_err(MalformedLease)?;
    let created = object.metadata.creation_timestamp.and_then(Time::known);
    let annotations = object.metadata.annotations.clone().unwrap_or_default();
    let annotation = |key: &str| annotations.get(key).map(String::as_str);
    let managers = object
        .metadata
        .managed_fields
        .as_deref()
        .unwrap_or_default();
    let owners = owners(managers);
    let mut renewal_stamp = None;
    let (record, stamp, dialect) = match owner(&object) {
        None => (Record::default(), None, Dialect::PlainConfigMap),
        Some(owner) => {
            let stated_end = object.data.as_ref().and_then(|data| data.get(EXPIRES_AT));
            let stated_end = stated_end.map(String::as_str);
            if let Some(record) = ours(annotation, stated_end) {
                let of_renewal = owners
                    .iter()
                    .filter(|owner| owner.field == SpecField::RenewTime);
                renewal_stamp = of_renewal.filter_map(|owner| owner.time).max();
                let stamp = stamp(&record, &owners);
                let is_ours = true;
                (record, stamp, Dialect::ConfigMap { owner, is_ours })
            } else {
                let record = stated(&owner, created, stated_end);
                let is_ours = false;
                (record, created, Dialect::ConfigMap { owner, is_ours })
            }
        }
    };
    let notes = Notes::read(annotation);
    let metadata = object.metadata;
    Ok(LeaseSummary {
        created,
        renewal_stamp,
        last_writer: last_writer(metadata.managed_fields.unwrap_or_default()),
        waits_for: None,
        is_owned: true,
        holds: Box::default(),
        host: None,
        snapshot: Snapshot {
            namespace: metadata.namespace,
            name: metadata.name,
            version: Version {
                uid: Uid::new(metadata.uid),
                resource_version: ResourceVersion::new(metadata.resource_version),
            },
            record,
            notes,
            stamp,
            dialect,
        },
    })
}

/// The Pod that a lock belongs to: its one owner, and its controller. What holds something else than
/// `expiresAt` is somebody's data, and no lock.
fn owner(object: &Object) -> Option<PodOwner> {
    let [owner] = object.metadata.owner_references.as_deref()? else {
        return None;
    };
    let is_pod = owner.api_version == "v1" && owner.kind == "Pod" && owner.controller == Some(true);
    let data = object.data.iter().flat_map(BTreeMap::keys);
    let binary = object.binary_data.iter().flat_map(Map::keys);
    let is_plain = data.chain(binary).all(|key| key == EXPIRES_AT);
    (is_pod && is_plain).then(|| PodOwner {
        name: owner.name.clone(),
        uid: Uid::new(owner.uid.clone()),
    })
}

/// What a contender of ours says of itself. It counts as long as `expiresAt` is what follows from
/// it: whoever changed that knows of no annotations.
fn ours<'a>(
    annotation: impl Fn(&str) -> Option<&'a str>,
    stated_end: Option<&str>,
) -> Option<Record> {
    let text = |field| {
        let (_, key) = FIELDS.iter().find(|known| known.0 == field)?;
        annotation(key)
    };
    let time = |name| text(name).and_then(micro_time::parse);
    let record = Record {
        holder: text(SpecField::Holder).map(str::to_owned),
        duration_seconds: text(SpecField::Duration).and_then(|text| text.parse().ok()),
        acquire_time: time(SpecField::AcquireTime),
        renew_time: time(SpecField::RenewTime),
        transitions: text(SpecField::Transitions).and_then(|text| text.parse().ok()),
        ..Record::default()
    };
    record.holder()?;
    let end = expires_at(&record)?;
    (stated_end == Some(end.to_string().as_str())).then_some(record)
}

/// Who owns which of the annotations that are signs of life.
fn owners(managers: &[ManagedFields]) -> Vec<FieldOwner> {
    let mut owners = Vec::with_capacity(FIELDS.len());
    for entry in managers {
        let owned = &entry.fields_v1["f:metadata"]["f:annotations"];
        let time = entry.time.and_then(Time::known);
        for (field, key) in FIELDS {
            if owned.get(format!("f:{key}")).is_some() {
                owners.push(FieldOwner { field, time });
            }
        }
    }
    owners
}

fn last_writer(managers: Vec<ManagedFields>) -> Option<Writer> {
    let writers = managers.into_iter().filter_map(|entry| {
        Some(Writer {
            time: entry.time?.known()?,
            manager: entry.manager,
        })
    });
    writers.max_by_key(|writer| writer.time)
}

/// The object with which a lock is created for this Pod.
pub(crate) fn created_by(
    namespace: &str,
    name: &str,
    owner: &PodOwner,
    labels: &BTreeMap<String, String>,
    write: &Write,
) -> Map<String, Value> {
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "ownerReferences": [{
                "apiVersion": "v1",
                "kind": "Pod",
                "name": owner.name,
                "uid": owner.uid.as_str(),
                "controller": true,
                "blockOwnerDeletion": false,
            }],
        },
    });
    if !labels.is_empty() {
        object["metadata"]["labels"] = json!(labels);
    }
    match object {
        Value::Object(mut object) => {
            apply(write, &mut object);
            object
        }
        _ => Map::new(),
    }
}

/// The object that a write makes of the one that it keeps in place, with the uid and the
/// resourceVersion that the write is conditioned on.
pub(crate) fn written(current: &Lease, write: &Write) -> Map<String, Value> {
    let mut object = current.object();
    apply(write, &mut object);
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        // An empty list would clear the server's stamps for good; left out, it keeps them.
        metadata.remove("managedFields");
        if let Write::Replace { version, .. } = write {
            metadata.insert("uid".into(), version.uid.as_str().into());
            let version = version.resource_version.as_str();
            metadata.insert("resourceVersion".into(), version.into());
        }
    }
    object
}

/// The lock as it is known after it was deleted: nobody holds it.
pub(crate) fn deleted(current: &Lease) -> Lease {
    let mut summary = current.summary().clone();
    summary.snapshot.record = Record::default();
    summary.snapshot.notes = Notes::default();
    summary.snapshot.stamp = None;
    current.with(summary)
}

/// The lock as a write would leave it, as far as that is known before it is sent: see
/// [`Lease::planned`].
pub(crate) fn planned(
    namespace: &str,
    name: &str,
    owner: &PodOwner,
    labels: &BTreeMap<String, String>,
    current: Option<&Lease>,
    write: &Write,
) -> Result<Lease, MalformedLease> {
    let means = current.map_or(Means::Create, |current| write.means(current.snapshot()));
    let object = match (means, current) {
        (Means::Delete, Some(current)) => return Ok(deleted(current)),
        (Means::Update, Some(current)) => written(current, write),
        _ => {
            let mut object = created_by(namespace, name, owner, labels, write);
            if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
                metadata.insert("uid".into(), "".into());
                metadata.insert("resourceVersion".into(), "".into());
            }
            object
        }
    };
    let text = Value::Object(object).to_string();
    let summary = read(&text)?;
    Ok(Lease::of(text.into(), summary))
}

/// Makes the annotations and `expiresAt` say what the write says, and leaves all else alone.
fn apply(write: &Write, object: &mut Map<String, Value>) {
    let record = write.record();
    let values = [
        record.acquire_time.map(micro_time::format),
        record.holder.clone(),
        record.duration_seconds.map(|seconds| seconds.to_string()),
        record.renew_time.map(micro_time::format),
        record.transitions.map(|count| count.to_string()),
    ];
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        let texts = FIELDS.iter().map(|(_, key)| *key).zip(values);
        notes::set(texts, metadata);
        notes::apply(write.notes(), metadata);
    }
    let mut data = Map::new();
    if let Some(end) = expires_at(record) {
        data.insert(EXPIRES_AT.to_owned(), end.to_string().into());
    }
    object.insert("data".to_owned(), data.into());
}

#[cfg(test)]
mod tests;
