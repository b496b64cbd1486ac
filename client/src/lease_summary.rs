//! What the lock's logic and a table need of one Lease object, read from its text.

use std::collections::BTreeMap;

use lease_core::{
    Dialect, FieldOwner, Marks, Record, ResourceVersion, Snapshot, SpecField, Timestamp, Uid,
    Version, stamp,
};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::lease::MalformedLease;
use crate::micro_time::Time;
use crate::node::HOSTNAME;
use crate::notes::Annotations;
use crate::outer_lock::OuterLock;
use crate::spec::{LockInfo, Spec};
use crate::ticket::WAITS_FOR;

/// One Lease object in one version, without the object itself: a list of many is kept in these.
#[derive(Clone, Debug)]
pub struct LeaseSummary {
    /// What the lock's logic sees.
    pub snapshot: Snapshot,
    /// `metadata.creationTimestamp`, on the API server's clock in whole seconds.
    pub created: Option<Timestamp>,
    /// When the API server saw `spec.renewTime` change, and not only something else.
    pub renewal_stamp: Option<Timestamp>,
    /// Whose entry of `managedFields` is the youngest.
    pub last_writer: Option<Writer>,
    /// The uid of the lock that this lease is a place in the queue of, by [`WAITS_FOR`]; `None`
    /// for a lock.
    pub waits_for: Option<Uid>,
    /// Whether it belongs to another object, with which it is removed.
    pub is_owned: bool,
    /// Of a place in a queue: the locks that its waiter runs under meanwhile.
    pub holds: Box<[OuterLock]>,
    /// Where the holder runs, if the lease says so beside the holder's identity: the label
    /// `kubernetes.io/hostname` of an API server's identity, the host in `Who` of Terraform's lock
    /// info.
    pub host: Option<String>,
}

/// Who wrote to a lease, from `metadata.managedFields`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Writer {
    /// The field manager's name, as it called itself.
    pub manager: String,
    /// When it last changed something, on the API server's clock in whole seconds.
    pub time: Timestamp,
}

// Only what is used is read: in a list of thousands, the rest is most of it.
#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
    #[serde(default)]
    spec: Option<Spec>,
}

/// What the API server always sends. Without a uid or a version no write could be conditioned on
/// what was read, so there is no default for them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    namespace: String,
    name: String,
    uid: String,
    resource_version: String,
    creation_timestamp: Option<Time>,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<Annotations>,
    owner_references: Option<Vec<OwnerReference>>,
    managed_fields: Option<Vec<ManagedFields>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnerReference {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManagedFields {
    #[serde(default)]
    manager: String,
    time: Option<Time>,
    fields_v1: Option<FieldsV1>,
}

#[derive(Deserialize)]
struct FieldsV1 {
    #[serde(rename = "f:spec")]
    spec: Option<OwnedFields>,
}

/// The fields of a spec that are signs of life, as `fieldsV1` names them.
#[derive(Deserialize)]
struct OwnedFields {
    #[serde(rename = "f:acquireTime")]
    acquire_time: Option<IgnoredAny>,
    #[serde(rename = "f:holderIdentity")]
    holder: Option<IgnoredAny>,
    #[serde(rename = "f:leaseDurationSeconds")]
    duration: Option<IgnoredAny>,
    #[serde(rename = "f:leaseTransitions")]
    transitions: Option<IgnoredAny>,
    #[serde(rename = "f:renewTime")]
    renew_time: Option<IgnoredAny>,
}

impl LeaseSummary {
    /// Reads one object's JSON.
    pub fn read(text: &str) -> Result<Self, MalformedLease> {
        let Object { metadata, spec } = serde_json::from_str(text).map_err(MalformedLease)?;
        let record: Record = spec.map(Record::from).unwrap_or_default();
        let managers = metadata.managed_fields.as_deref().unwrap_or_default();
        let owners = owners(managers);
        let stamp = stamp(&record, &owners);
        let of_renewal = owners
            .iter()
            .filter(|owner| owner.field == SpecField::RenewTime);
        let renewal_stamp = of_renewal.filter_map(|owner| owner.time).max();
        let annotations = metadata.annotations.as_ref();
        let lock_info = annotations
            .and_then(|annotations| annotations.lock_info.as_deref())
            .and_then(LockInfo::read);
        let dialect = dialect(&metadata, &record, lock_info.as_ref());
        let labels = metadata.labels.as_ref();
        let waits_for = labels
            .and_then(|labels| labels.get(WAITS_FOR))
            .map(Uid::new);
        let holds = annotations.and_then(|annotations| annotations.holds.as_deref());
        let holds = holds.filter(|_| waits_for.is_some());
        let holds = holds.map(OuterLock::read_all).unwrap_or_default().into();
        let owners = metadata.owner_references.as_ref();
        let is_owned = owners.is_some_and(|owners| !owners.is_empty());
        let host = match dialect {
            Dialect::Terraform { .. } => lock_info.and_then(|info| {
                let (_, host) = info.who.rsplit_once('@')?;
                Some(host.to_owned())
            }),
            _ => labels.and_then(|labels| labels.get(HOSTNAME)).cloned(),
        };
        Ok(Self {
            holds,
            is_owned,
            host,
            created: metadata.creation_timestamp.and_then(Time::known),
            renewal_stamp,
            last_writer: last_writer(metadata.managed_fields.unwrap_or_default()),
            waits_for,
            snapshot: Snapshot {
                namespace: metadata.namespace,
                name: metadata.name,
                version: Version {
                    uid: Uid::new(metadata.uid),
                    resource_version: ResourceVersion::new(metadata.resource_version),
                },
                record,
                notes: metadata.annotations.unwrap_or_default().into_notes(),
                stamp,
                dialect,
            },
        })
    }
}

fn dialect(metadata: &Metadata, record: &Record, lock_info: Option<&LockInfo>) -> Dialect {
    let labels: Vec<(&str, &str)> = metadata
        .labels
        .iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let references: Vec<(&str, &str)> = metadata
        .owner_references
        .iter()
        .flatten()
        .map(|owner| (owner.api_version.as_str(), owner.kind.as_str()))
        .collect();
    Dialect::of(
        &Marks {
            namespace: &metadata.namespace,
            name: &metadata.name,
            labels: &labels,
            owners: &references,
            lock_info_id: lock_info.map(|info| info.id.as_str()),
        },
        record,
    )
}

fn last_writer(managers: Vec<ManagedFields>) -> Option<Writer> {
    managers
        .into_iter()
        .filter_map(|entry| {
            Some(Writer {
                time: entry.time?.known()?,
                manager: entry.manager,
            })
        })
        .max_by_key(|writer| writer.time)
}

/// Who owns which of the fields that are signs of life.
fn owners(managers: &[ManagedFields]) -> Vec<FieldOwner> {
    let mut owners = Vec::with_capacity(SpecField::ALL.len());
    for entry in managers {
        let Some(FieldsV1 { spec: Some(owned) }) = &entry.fields_v1 else {
            continue;
        };
        let time = entry.time.and_then(Time::known);
        for (is_owned, field) in [
            (owned.acquire_time, SpecField::AcquireTime),
            (owned.holder, SpecField::Holder),
            (owned.duration, SpecField::Duration),
            (owned.transitions, SpecField::Transitions),
            (owned.renew_time, SpecField::RenewTime),
        ] {
            if is_owned.is_some() {
                owners.push(FieldOwner { field, time });
            }
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_lock_of_terraform_is_known_by_its_annotation() {
        let lease = json!({
            "metadata": {
                "namespace": "infra", "name": "lock-tfstate-default-prod", "uid": "u",
                "resourceVersion": "7", "labels": {"tfstate": "true"},
                "annotations": {
                    "example.com/note": "first",
                    Dialect::TERRAFORM_LOCK_INFO: r#"{"ID": "id-1", "Who": "ci@prod-tf-runner"}"#,
                },
            },
            "spec": {"holderIdentity": "id-1"},
        });
        let summary = LeaseSummary::read(&lease.to_string()).unwrap();
        assert_eq!(
            summary.snapshot.dialect,
            Dialect::Terraform {
                lock_id: Some("id-1".into())
            }
        );
        assert_eq!(summary.host.as_deref(), Some("prod-tf-runner"));
    }

    #[test]
    fn each_field_has_its_owners_and_the_youngest_entry_is_the_last_writer() {
        let entry = |manager: &str, second: u32, fields: &[&str]| {
            let fields: BTreeMap<_, _> = fields.iter().map(|field| (*field, json!({}))).collect();
            json!({
                "manager": manager, "time": format!("2026-11-21T10:00:{second:02}Z"),
                "fieldsV1": {"f:metadata": {"f:labels": {}}, "f:spec": fields},
            })
        };
        let lease = |managed_fields: serde_json::Value| {
            let lease = json!({
                "metadata": {
                    "namespace": "n", "name": "a", "uid": "u", "resourceVersion": "7",
                    "managedFields": managed_fields,
                },
                "spec": {
                    "holderIdentity": "me", "leaseDurationSeconds": 15, "leaseTransitions": 1,
                    "acquireTime": "2026-11-21T09:00:00.000000Z",
                    "renewTime": "2026-11-21T10:00:00.000000Z",
                },
            });
            LeaseSummary::read(&lease.to_string()).unwrap()
        };
        let all = [
            "f:acquireTime",
            "f:holderIdentity",
            "f:leaseDurationSeconds",
            "f:leaseTransitions",
            "f:renewTime",
        ];
        let at = |second| crate::micro_time::parse(&format!("2026-11-21T10:00:{second:02}Z"));

        let whole = lease(json!([entry("a", 5, &all), entry("b", 9, &["f:strategy"])]));
        assert_eq!(whole.snapshot.stamp, at(5));
        assert_eq!(whole.last_writer.unwrap().manager, "b");
        for missing in all {
            let others: Vec<_> = all.into_iter().filter(|one| *one != missing).collect();
            let managers = json!([entry("a", 5, &others), entry("b", 3, &[missing])]);
            assert_eq!(lease(managers).snapshot.stamp, at(5), "{missing}");
            let unowned = lease(json!([entry("a", 5, &others)]));
            assert_eq!(unowned.snapshot.stamp, None, "{missing}");
        }
    }
}
