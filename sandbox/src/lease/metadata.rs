//! `metadata` of a Lease as a client sends it, and as the server completes it.

use serde_json::{Map, Value, json};

use super::decode::{cannot_handle, wrong_type};
use super::time_format;
use crate::status::Status;

/// Reads `metadata`; gives it without `managedFields`, and these apart.
pub(crate) fn decode(
    metadata: Option<&Value>,
    unknown: &mut Vec<String>,
) -> Result<(Value, Option<Value>), Status> {
    let mut known = Map::new();
    let mut managed_fields = None;
    let fields = match metadata {
        None | Some(Value::Null) => return Ok((json!({}), None)),
        Some(Value::Object(fields)) => fields,
        Some(other) => return Err(wrong_type(other, "Lease.metadata", "v1.ObjectMeta")),
    };
    for (name, value) in fields {
        let path = format!("ObjectMeta.metadata.{name}");
        let read = match name.as_str() {
            "annotations" | "labels" => string_map(value, &path)?,
            "creationTimestamp" | "deletionTimestamp" => time(value)?,
            "deletionGracePeriodSeconds" | "generation" => integer(value, &path)?,
            "finalizers" => list(value, &path, Value::is_string, "string")?,
            "generateName" | "name" | "namespace" | "resourceVersion" | "uid" => {
                string(value, &path)?
            }
            "managedFields" => {
                managed_fields = list(value, &path, Value::is_object, "v1.ManagedFieldsEntry")?
                    .or_else(|| value.is_array().then(|| json!([])));
                None
            }
            "ownerReferences" => list(value, &path, Value::is_object, "v1.OwnerReference")?,
            // Known once, and ignored.
            "selfLink" => None,
            _ => {
                unknown.push(format!("metadata.{name}"));
                None
            }
        };
        if let Some(read) = read {
            known.insert(name.clone(), read);
        }
    }
    Ok((Value::Object(known), managed_fields))
}

fn string(value: &Value, path: &str) -> Result<Option<Value>, Status> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok((!text.is_empty()).then(|| value.clone())),
        _ => Err(wrong_type(value, path, "string")),
    }
}

fn integer(value: &Value, path: &str) -> Result<Option<Value>, Status> {
    match value {
        Value::Null => Ok(None),
        _ if value.is_i64() => Ok(Some(value.clone())),
        _ => Err(wrong_type(value, path, "int64")),
    }
}

fn time(value: &Value) -> Result<Option<Value>, Status> {
    let Some(text) = value.as_str() else {
        return match value {
            Value::Null => Ok(None),
            _ => Err(cannot_handle("json: cannot unmarshal a time")),
        };
    };
    match time_format::parse_seconds(text) {
        Some(time) => Ok(Some(json!(time_format::seconds(time)))),
        None => Err(cannot_handle(&format!(
            "parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \
             \"2006\""
        ))),
    }
}

/// A null value in a map of strings becomes the empty string.
fn string_map(value: &Value, path: &str) -> Result<Option<Value>, Status> {
    let entries = match value {
        Value::Null => return Ok(None),
        Value::Object(entries) => entries,
        _ => return Err(wrong_type(value, path, "map[string]string")),
    };
    let mut read = Map::new();
    for (key, value) in entries {
        let value = match value {
            Value::Null => json!(""),
            Value::String(_) => value.clone(),
            _ => return Err(wrong_type(value, path, "string")),
        };
        read.insert(key.clone(), value);
    }
    Ok((!read.is_empty()).then_some(Value::Object(read)))
}

fn list(
    value: &Value,
    path: &str,
    fits: fn(&Value) -> bool,
    wanted: &str,
) -> Result<Option<Value>, Status> {
    let items = match value {
        Value::Null => return Ok(None),
        Value::Array(items) => items,
        _ => return Err(wrong_type(value, path, &format!("[]{wanted}"))),
    };
    if let Some(wrong) = items.iter().find(|item| !fits(item)) {
        return Err(wrong_type(wrong, path, wanted));
    }
    Ok((!items.is_empty()).then(|| value.clone()))
}

/// Reads a text field of an object's metadata; "" when it has none.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object["metadata"][name].as_str().unwrap_or_default()
}

/// Sets a field of an object's metadata, or removes it.
pub(crate) fn set(object: &mut Value, name: &str, value: Option<Value>) {
    match value {
        Some(value) => object["metadata"][name] = value,
        None => {
            if let Some(metadata) = object["metadata"].as_object_mut() {
                metadata.remove(name);
            }
        }
    }
}
