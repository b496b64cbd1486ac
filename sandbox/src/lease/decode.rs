//! From the JSON that a client sent to the object that the server works with.
//!
//! The server decodes into its own types: what they do not have is dropped, null and empty are
//! forgotten where the type says so, and a value of the wrong type is a 400.

use serde_json::{Map, Value, json};

use super::{metadata, time_format};
use crate::status::Status;

/// `apiVersion` of a Lease.
pub(crate) const API_VERSION: &str = "coordination.k8s.io/v1";

/// A body that has been understood.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The Lease, without `managedFields`.
    pub(crate) lease: Value,
    /// `metadata.managedFields` as they were sent, an empty list too.
    pub(crate) managed_fields: Option<Value>,
    /// Paths of the fields that no Lease has, sorted.
    pub(crate) unknown: Vec<String>,
}

/// Reads a Lease. A missing `kind` or `apiVersion` is taken for granted, as the server does.
pub(crate) fn decode(body: &Value) -> Result<Decoded, Status> {
    let Some(body) = body.as_object() else {
        return Err(Status::bad_request(
            "the object provided is unrecognized (must be of type Lease): couldn't get \
             version/kind; json parse error: json: cannot unmarshal array into Go value of type \
             struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \
             \"json:\\\"kind,omitempty\\\"\" }",
        ));
    };
    check_kind(body)?;
    let mut unknown = Vec::new();
    for key in body.keys() {
        if !matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "spec") {
            unknown.push(key.clone());
        }
    }
    let (metadata, managed_fields) = metadata::decode(body.get("metadata"), &mut unknown)?;
    let spec = decode_spec(body.get("spec"), &mut unknown)?;
    unknown.sort();
    let mut lease = json!({ "apiVersion": API_VERSION, "kind": "Lease" });
    lease["metadata"] = metadata;
    lease["spec"] = spec;
    Ok(Decoded {
        lease,
        managed_fields,
        unknown,
    })
}

fn check_kind(body: &Map<String, Value>) -> Result<(), Status> {
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let version = text("apiVersion").unwrap_or(API_VERSION);
    let kind = text("kind").unwrap_or("Lease");
    let known_version = version.starts_with("coordination.k8s.io/");
    if kind == "Lease" && version != API_VERSION && known_version {
        return Err(Status::bad_request(format!(
            "the API version in the data ({version}) does not match the expected API version \
             ({API_VERSION})"
        )));
    }
    if kind != "Lease" || !known_version {
        let short = version.rsplit('/').next().unwrap_or(version);
        return Err(Status::bad_request(format!(
            "{kind} in version \"{short}\" cannot be handled as a Lease: no kind \"{kind}\" is \
             registered for version \"{version}\" in scheme \"pkg/runtime/scheme.go:111\""
        )));
    }
    Ok(())
}

fn decode_spec(spec: Option<&Value>, unknown: &mut Vec<String>) -> Result<Value, Status> {
    let mut known = Map::new();
    let fields = match spec {
        None | Some(Value::Null) => return Ok(json!({})),
        Some(Value::Object(fields)) => fields,
        Some(other) => return Err(wrong_type(other, "Lease.spec", "v1.LeaseSpec")),
    };
    for (name, value) in fields {
        if value.is_null() && is_spec_field(name) {
            continue;
        }
        let path = format!("LeaseSpec.spec.{name}");
        let value = match name.as_str() {
            "holderIdentity" | "preferredHolder" | "strategy" => {
                if !value.is_string() {
                    return Err(wrong_type(value, &path, "string"));
                }
                value.clone()
            }
            "leaseDurationSeconds" | "leaseTransitions" => {
                if value
                    .as_i64()
                    .is_none_or(|number| i32::try_from(number).is_err())
                {
                    return Err(wrong_type(value, &path, "int32"));
                }
                value.clone()
            }
            "acquireTime" | "renewTime" => decode_micro_time(value, &path)?,
            _ => {
                unknown.push(format!("spec.{name}"));
                continue;
            }
        };
        known.insert(name.clone(), value);
    }
    Ok(Value::Object(known))
}

/// Drops what belongs to the gate `CoordinatedLeaderElection`, which is off. The server does so only
/// after it has noted the writer as the owner of these fields.
pub(crate) fn drop_gated(lease: &mut Value) {
    if let Some(spec) = lease["spec"].as_object_mut() {
        spec.remove("preferredHolder");
        spec.remove("strategy");
    }
}

fn is_spec_field(name: &str) -> bool {
    matches!(
        name,
        "acquireTime"
            | "holderIdentity"
            | "leaseDurationSeconds"
            | "leaseTransitions"
            | "preferredHolder"
            | "renewTime"
            | "strategy"
    )
}

/// A zero time stays as null: the field is there, its time is not.
fn decode_micro_time(value: &Value, path: &str) -> Result<Value, Status> {
    let Some(text) = value.as_str() else {
        return Err(cannot_handle(&format!(
            "json: cannot unmarshal {} into Go struct field {path} of type string",
            type_of(value)
        )));
    };
    let time = time_format::parse_micros(text).map_err(|why| cannot_handle(&why))?;
    if time_format::is_zero(time) {
        return Ok(Value::Null);
    }
    Ok(json!(time_format::micros(time)))
}

/// A value whose type the field cannot take.
pub(crate) fn wrong_type(value: &Value, field: &str, wanted: &str) -> Status {
    let number = match value {
        Value::Number(number) if wanted != "string" => format!(" {number}"),
        _ => String::new(),
    };
    cannot_handle(&format!(
        "json: cannot unmarshal {}{number} into Go struct field {field} of type {wanted}",
        type_of(value)
    ))
}

pub(crate) fn cannot_handle(why: &str) -> Status {
    Status::bad_request(format!(
        "Lease in version \"v1\" cannot be handled as a Lease: {why}"
    ))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "array",
        Value::Bool(_) => "bool",
        Value::Null => "null",
        Value::Number(_) => "number",
        Value::Object(_) => "object",
        Value::String(_) => "string",
    }
}
