//! One Lease object: what the lock's logic sees of it, and the object as it came.

use lease_core::{Dialect, Record, Snapshot, Timestamp, Write};
use serde_json::{Map, Value};

use crate::lease_store::Listed;
use crate::lease_summary::{LeaseSummary, Writer};
use crate::spec;

/// `apiVersion` and `kind` of a lease.
const LEASE: (&str, &str) = ("coordination.k8s.io/v1", "Lease");

/// One object in one version that holds a lock: a Lease, or a `ConfigMap` whose dialect says so.
///
/// The text that the API server sent is kept, so that a write changes nothing that it does not
/// mean to change.
#[derive(Clone, Debug)]
pub struct Lease {
    text: Box<str>,
    summary: LeaseSummary,
}

/// A text that is no Lease object.
#[derive(Debug, thiserror::Error)]
#[error("not a Lease object")]
pub struct MalformedLease(#[source] pub(crate) serde_json::Error);

impl Lease {
    /// Reads one object's JSON.
    pub fn new(text: impl Into<Box<str>>) -> Result<Self, MalformedLease> {
        let text = text.into();
        Ok(Self {
            summary: LeaseSummary::read(&text)?,
            text,
        })
    }

    /// The object of this text, which `summary` was read from.
    pub(crate) const fn of(text: Box<str>, summary: LeaseSummary) -> Self {
        Self { text, summary }
    }

    /// The same object, of which something else is known.
    pub(crate) fn with(&self, summary: LeaseSummary) -> Self {
        Self::of(self.text.clone(), summary)
    }

    /// All but the object itself.
    pub fn summary(&self) -> &LeaseSummary {
        &self.summary
    }

    /// What the lock's logic sees.
    pub fn snapshot(&self) -> &Snapshot {
        &self.summary.snapshot
    }

    /// `metadata.creationTimestamp`, on the API server's clock in whole seconds.
    pub fn created(&self) -> Option<Timestamp> {
        self.summary.created
    }

    /// Whose entry of `managedFields` is the youngest.
    pub fn last_writer(&self) -> Option<&Writer> {
        self.summary.last_writer.as_ref()
    }

    /// The whole object, with `apiVersion` and `kind`, which items of a list come without.
    pub fn object(&self) -> Map<String, Value> {
        let mut object = of_text(&self.text);
        match self.snapshot().dialect {
            Dialect::ConfigMap { .. } | Dialect::PlainConfigMap => {
                name_kind(&mut object, "v1", "ConfigMap");
            }
            _ => name_kind(&mut object, LEASE.0, LEASE.1),
        }
        object
    }

    /// The lease as one of a list that was answered at this date.
    pub fn listed(&self, date: Option<Timestamp>) -> Listed<'_> {
        Listed {
            text: &self.text,
            summary: self.summary.clone(),
            date,
        }
    }

    /// The lease as a write to `current` would leave it, or to no lease of this name, as far as
    /// that is known before it is sent: uid and resourceVersion of a new one are empty, and
    /// everything else that the server sets is as before.
    ///
    /// # Errors
    /// None for a lease that was read, and a write that was decided on it.
    pub fn planned(
        namespace: &str,
        name: &str,
        current: Option<&Self>,
        write: &Write,
    ) -> Result<Self, MalformedLease> {
        let mut object;
        if let Some(current) = current {
            object = current.object();
            spec::apply(write, &current.snapshot().record, &mut object);
        } else {
            object = Self::created_by(namespace, name, write);
            if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
                metadata.insert("uid".into(), "".into());
                metadata.insert("resourceVersion".into(), "".into());
            }
        }
        Self::new(Value::Object(object).to_string())
    }

    /// The object that a write makes of this one, with the uid and the resourceVersion that the
    /// write is conditioned on.
    pub(crate) fn written(&self, write: &Write) -> Map<String, Value> {
        let mut object = self.object();
        spec::apply(write, &self.snapshot().record, &mut object);
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
        name_kind(&mut object, LEASE.0, LEASE.1);
        object.insert("metadata".into(), Value::Object(metadata));
        spec::apply(write, &Record::default(), &mut object);
        object
    }
}

/// The lease of a text that was read as one before.
pub(crate) fn object(text: &str) -> Map<String, Value> {
    let mut object = of_text(text);
    name_kind(&mut object, LEASE.0, LEASE.1);
    object
}

fn of_text(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

fn name_kind(object: &mut Map<String, Value>, version: &str, kind: &str) {
    object.entry("apiVersion").or_insert_with(|| version.into());
    object.entry("kind").or_insert_with(|| kind.into());
}
