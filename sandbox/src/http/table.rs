//! Leases and Namespaces in the forms that are not the object itself: tables and bare metadata.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::age::age;
use super::router::Call;
use crate::status::Status;

/// What a row carries beside its cells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Include {
    Metadata,
    Nothing,
    Object,
}

impl Include {
    /// What the query's `includeObject` asks for.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Status> {
        match call.query.text("includeObject") {
            "" | "Metadata" => Ok(Self::Metadata),
            "None" => Ok(Self::Nothing),
            "Object" => Ok(Self::Object),
            other => Err(Status::bad_request(format!(
                "Unable to convert to Table as requested: includeObject: Invalid value: \
                 {other:?}: must be 'Metadata', 'Object', 'None', or empty"
            ))),
        }
    }

    fn object(self, object: &Value) -> Value {
        match self {
            Self::Metadata => partial(object),
            Self::Nothing => Value::Null,
            Self::Object => object.clone(),
        }
    }
}

/// Leases with the columns of `kubectl get leases`, as the query wants them.
pub(super) fn leases(
    call: &Call<'_>,
    leases: &[Arc<Value>],
    metadata: &Value,
    heading: bool,
) -> Result<Value, Status> {
    let include = Include::of(call)?;
    Ok(lease_rows(
        leases,
        metadata,
        heading,
        include,
        call.cluster.now(),
    ))
}

/// Leases with the columns of `kubectl get leases`. `heading` tells the columns: a watch does so
/// in its first event only.
pub(super) fn lease_rows(
    leases: &[Arc<Value>],
    metadata: &Value,
    heading: bool,
    include: Include,
    now: Timestamp,
) -> Value {
    let cell = |lease: &Value| {
        lease["spec"]["holderIdentity"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let holder = "holderIdentity contains the identity of the holder of a current lease. If \
        Coordinated Leader Election is used, the holder identity must be equal to the elected \
        LeaseCandidate.metadata.name field.";
    table(
        leases,
        metadata,
        heading.then_some(("Holder", holder)),
        cell,
        include,
        now,
    )
}

/// Namespaces with the columns of `kubectl get namespaces`.
pub(super) fn namespaces(
    call: &Call<'_>,
    namespaces: &[Arc<Value>],
    metadata: &Value,
) -> Result<Value, Status> {
    let cell = |namespace: &Value| {
        namespace["status"]["phase"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let status = ("Status", "The status of the namespace");
    let (include, now) = (Include::of(call)?, call.cluster.now());
    Ok(table(
        namespaces,
        metadata,
        Some(status),
        cell,
        include,
        now,
    ))
}

fn table(
    objects: &[Arc<Value>],
    metadata: &Value,
    heading: Option<(&str, &str)>,
    cell: impl Fn(&Value) -> String,
    include: Include,
    now: Timestamp,
) -> Value {
    let rows: Vec<Value> = objects
        .iter()
        .map(|object| {
            let created = object["metadata"]["creationTimestamp"].as_str();
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            json!({
                "cells": [name, cell(object), age(created, now)],
                "object": include.object(object),
            })
        })
        .collect();
    json!({
        "apiVersion": "meta.k8s.io/v1",
        "columnDefinitions": heading.map(columns),
        "kind": "Table",
        "metadata": metadata,
        "rows": rows,
    })
}

fn columns((middle, description): (&str, &str)) -> Value {
    let name = "Name must be unique within a namespace. Is required when creating resources, \
        although some resources may allow a client to request the generation of an appropriate \
        name automatically. Name is primarily intended for creation idempotence and configuration \
        definition. Cannot be updated. More info: \
        https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
    let created = "CreationTimestamp is a timestamp representing the server time when this object \
        was created. It is not guaranteed to be set in happens-before order across separate \
        operations. Clients may not set this value. It is represented in RFC3339 form and is in \
        UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: \
        https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";
    let column = |name: &str, format: &str, description: &str| {
        json!({
            "description": description,
            "format": format,
            "name": name,
            "priority": 0,
            "type": "string",
        })
    };
    json!([
        column("Name", "name", name),
        column(middle, "", description),
        column("Age", "", created),
    ])
}

/// Only the metadata of an object.
pub(super) fn partial(object: &Value) -> Value {
    json!({
        "apiVersion": "meta.k8s.io/v1",
        "kind": "PartialObjectMetadata",
        "metadata": object["metadata"],
    })
}

/// Only the metadata of each object of a list.
pub(super) fn partial_list(objects: &[Arc<Value>], metadata: &Value) -> Value {
    let items: Vec<Value> = objects.iter().map(|object| partial(object)).collect();
    json!({
        "apiVersion": "meta.k8s.io/v1",
        "items": items,
        "kind": "PartialObjectMetadataList",
        "metadata": metadata,
    })
}
