//! One Lease object: what the lock's logic sees of it, and the object as it came.

use lease_core::{
    Dialect, FieldOwner, Marks, Record, ResourceVersion, Snapshot, SpecField, Timestamp, Uid,
    Version, Write, stamp,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::{micro_time, spec};

/// One Lease object in one version.
///
/// The text that the API server sent is kept, so that a write changes nothing that it does not
/// mean to change.
#[derive(Clone, Debug)]
pub struct Lease {
    raw: Box<RawValue>,
    snapshot: Snapshot,
    created: Option<Timestamp>,
    last_writer: Option<Writer>,
}

/// Who wrote to a lease, from `metadata.managedFields`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Writer {
    /// The field manager's name, as it called itself.
    pub manager: String,
    /// When it last changed something, on the API server's clock in whole seconds.
    pub time: Timestamp,
}

/// A text that is no Lease object.
#[derive(Debug, thiserror::Error)]
#[error("not a Lease object")]
pub struct MalformedLease(#[source] pub(crate) serde_json::Error);

#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
    #[serde(default)]
    spec: Option<spec::Spec>,
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
    creation_timestamp: Option<String>,
    labels: Option<Map<String, Value>>,
    annotations: Option<Map<String, Value>>,
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
    time: Option<String>,
    fields_v1: Option<FieldsV1>,
}

#[derive(Deserialize)]
struct FieldsV1 {
    #[serde(rename = "f:spec")]
    spec: Option<Map<String, Value>>,
}

impl Lease {
    /// Reads one object.
    pub fn new(raw: Box<RawValue>) -> Result<Self, MalformedLease> {
        let object: Object = serde_json::from_str(raw.get()).map_err(MalformedLease)?;
        let metadata = object.metadata;
        let record: Record = object.spec.map(Record::from).unwrap_or_default();

        let managers = metadata.managed_fields.unwrap_or_default();
        let owners = owners(&managers);
        let last_writer = managers
            .into_iter()
            .filter_map(|entry| {
                Some(Writer {
                    time: micro_time::parse(entry.time.as_deref()?)?,
                    manager: entry.manager,
                })
            })
            .max_by_key(|writer| writer.time);

        let labels = metadata.labels.unwrap_or_default();
        let labels: Vec<(&str, &str)> = labels
            .iter()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
            .collect();
        let references = metadata.owner_references.unwrap_or_default();
        let references: Vec<(&str, &str)> = references
            .iter()
            .map(|owner| (owner.api_version.as_str(), owner.kind.as_str()))
            .collect();
        let lock_info_id = spec::terraform_lock_id(metadata.annotations.as_ref());
        let dialect = Dialect::of(
            &Marks {
                namespace: &metadata.namespace,
                name: &metadata.name,
                labels: &labels,
                owners: &references,
                lock_info_id: lock_info_id.as_deref(),
            },
            &record,
        );
        Ok(Self {
            snapshot: Snapshot {
                stamp: stamp(&record, &owners),
                dialect,
                record,
                namespace: metadata.namespace,
                name: metadata.name,
                version: Version {
                    uid: Uid::new(metadata.uid),
                    resource_version: ResourceVersion::new(metadata.resource_version),
                },
            },
            created: metadata
                .creation_timestamp
                .as_deref()
                .and_then(micro_time::parse),
            last_writer,
            raw,
        })
    }

    /// What the lock's logic sees.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// `metadata.creationTimestamp`, on the API server's clock in whole seconds.
    pub fn created(&self) -> Option<Timestamp> {
        self.created
    }

    /// Whose entry of `managedFields` is the youngest.
    pub fn last_writer(&self) -> Option<&Writer> {
        self.last_writer.as_ref()
    }

    /// The whole object, with `apiVersion` and `kind`, which items of a list come without.
    pub fn object(&self) -> Map<String, Value> {
        let mut object: Map<String, Value> =
            // The same text was read as an object before.
            serde_json::from_str(self.raw.get()).unwrap_or_default();
        name_kind(&mut object);
        object
    }

    /// The object that a write makes of this one, with the uid and the resourceVersion that the
    /// write is conditioned on.
    pub(crate) fn written(&self, write: &Write) -> Map<String, Value> {
        let mut object = self.object();
        spec::apply(write, &self.snapshot.record, &mut object);
        // The text was read with metadata before.
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            // An empty list would clear the server's stamps for good; left out, it keeps them.
            metadata.remove("managedFields");
            if let Write::Replace { version, .. } = write {
                metadata.insert("uid".into(), version.uid.as_str().into());
                metadata.insert(
                    "resourceVersion".into(),
                    version.resource_version.as_str().into(),
                );
            }
        }
        object
    }

    /// The object with which a lease is created.
    pub(crate) fn created_by(namespace: &str, name: &str, write: &Write) -> Map<String, Value> {
        let mut metadata = Map::new();
        metadata.insert("namespace".into(), namespace.into());
        metadata.insert("name".into(), name.into());
        let mut object = Map::new();
        name_kind(&mut object);
        object.insert("metadata".into(), Value::Object(metadata));
        spec::apply(write, &Record::default(), &mut object);
        object
    }
}

fn name_kind(object: &mut Map<String, Value>) {
    object
        .entry("apiVersion")
        .or_insert_with(|| "coordination.k8s.io/v1".into());
    object.entry("kind").or_insert_with(|| "Lease".into());
}

/// Who owns which of the fields that are signs of life.
fn owners(managers: &[ManagedFields]) -> Vec<FieldOwner> {
    const FIELDS: [(&str, SpecField); 5] = [
        ("f:acquireTime", SpecField::AcquireTime),
        ("f:holderIdentity", SpecField::Holder),
        ("f:leaseDurationSeconds", SpecField::Duration),
        ("f:leaseTransitions", SpecField::Transitions),
        ("f:renewTime", SpecField::RenewTime),
    ];
    let mut owners = Vec::with_capacity(FIELDS.len());
    for entry in managers {
        let Some(spec) = entry
            .fields_v1
            .as_ref()
            .and_then(|fields| fields.spec.as_ref())
        else {
            continue;
        };
        let time = entry.time.as_deref().and_then(micro_time::parse);
        for (key, field) in FIELDS {
            if spec.contains_key(key) {
                owners.push(FieldOwner { field, time });
            }
        }
    }
    owners
}
