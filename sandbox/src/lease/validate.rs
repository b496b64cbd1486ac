//! The rules that make a well-formed Lease a 422 (kubernetes `pkg/apis/coordination/validation`,
//! apimachinery `pkg/api/validation`).

use serde_json::Value;

use super::metadata::text;
use super::name_syntax;
use crate::field_error::FieldError;

/// The most bytes that all annotations may have together.
const ANNOTATIONS_MAX: usize = 256 * 1024;

/// The rules of a create: the name, the metadata, the spec.
pub(crate) fn create(lease: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let name = text(lease, "name");
    if name.is_empty() {
        errors.push(FieldError::required(
            "metadata.name",
            "name or generateName is required",
        ));
    }
    for why in if name.is_empty() {
        vec![]
    } else {
        name_syntax::subdomain(name)
    } {
        errors.push(FieldError::invalid("metadata.name", name, why));
    }
    errors.extend(metadata(lease));
    errors.extend(spec(lease));
    errors
}

/// The rules of an update of `old`. The server applies the rules of the metadata three times,
/// and so names each broken one three times among the causes.
pub(crate) fn update(lease: &Value, old: &Value) -> Vec<FieldError> {
    let mut errors = metadata(lease);
    for _ in 0..2 {
        if !old["metadata"]["deletionTimestamp"].is_null() {
            errors.extend(new_finalizers(lease, old));
        }
        errors.extend(metadata(lease));
    }
    errors.extend(spec(lease));
    errors
}

fn new_finalizers(lease: &Value, old: &Value) -> Option<FieldError> {
    let list = |object: &Value| -> Vec<String> {
        let items = object["metadata"]["finalizers"].as_array();
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let known = list(old);
    let added: Vec<String> = list(lease)
        .into_iter()
        .filter(|finalizer| !known.contains(finalizer))
        .map(|finalizer| format!("{finalizer:?}"))
        .collect();
    (!added.is_empty()).then(|| {
        FieldError::forbidden(
            "metadata.finalizers",
            format!(
                "no new finalizers can be added if the object is being deleted, found new \
                 finalizers []string{{{}}}",
                added.join(", ")
            ),
        )
    })
}

fn metadata(lease: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let metadata = &lease["metadata"];
    for (key, value) in metadata["labels"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        for why in name_syntax::label_key(key) {
            errors.push(FieldError::invalid("metadata.labels", key.as_str(), why));
        }
        for why in name_syntax::label_value(value) {
            errors.push(FieldError::invalid("metadata.labels", value, why));
        }
    }
    let mut size = 0;
    for (key, value) in metadata["annotations"].as_object().into_iter().flatten() {
        size += key.len() + value.as_str().unwrap_or_default().len();
        for why in name_syntax::label_key(&key.to_lowercase()) {
            errors.push(FieldError::invalid(
                "metadata.annotations",
                key.as_str(),
                why,
            ));
        }
    }
    if size > ANNOTATIONS_MAX {
        errors.push(FieldError::too_long(
            "metadata.annotations",
            ANNOTATIONS_MAX,
        ));
    }
    for owner in metadata["ownerReferences"].as_array().into_iter().flatten() {
        for (field, why) in [
            ("apiVersion", "version must not be empty"),
            ("kind", "must not be empty"),
            ("name", "must not be empty"),
            ("uid", "must not be empty"),
        ] {
            if owner[field].as_str().unwrap_or_default().is_empty() {
                let path = format!("metadata.ownerReferences.{field}");
                errors.push(FieldError::invalid(path, "", why));
            }
        }
    }
    for finalizer in metadata["finalizers"].as_array().into_iter().flatten() {
        let finalizer = finalizer.as_str().unwrap_or_default();
        for why in name_syntax::label_key(finalizer) {
            errors.push(FieldError::invalid("metadata.finalizers", finalizer, why));
        }
    }
    errors
}

fn spec(lease: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let number = |name: &str| lease["spec"][name].as_i64();
    if let Some(duration) = number("leaseDurationSeconds").filter(|&duration| duration <= 0) {
        errors.push(FieldError::invalid(
            "spec.leaseDurationSeconds",
            duration,
            "must be greater than 0",
        ));
    }
    if let Some(transitions) = number("leaseTransitions").filter(|&count| count < 0) {
        errors.push(FieldError::invalid(
            "spec.leaseTransitions",
            transitions,
            "must be greater than or equal to 0",
        ));
    }
    errors
}
