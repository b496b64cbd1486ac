//! Namespaces over HTTP, to be read only.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::accept::Form;
use super::answer::{self, Answer};
use super::router::Call;
use super::table;
use crate::status::Status;

/// GET of all.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Status> {
    if call.query.flag("watch") {
        return Err(Status::not_imitated("watching namespaces"));
    }
    let (namespaces, version) = call.cluster.namespaces();
    let metadata = json!({ "resourceVersion": version.to_string() });
    let value = match call.form {
        Form::Table => table::namespaces(call, &namespaces, &metadata)?,
        Form::Metadata => table::partial_list(&namespaces, &metadata),
        Form::Discovery | Form::Object => json!({
            "apiVersion": "v1",
            "items": namespaces.iter().map(item).collect::<Vec<_>>(),
            "kind": "NamespaceList",
            "metadata": metadata,
        }),
    };
    Ok(answer::object(200, &value))
}

/// GET of one.
pub(super) fn get(call: &Call<'_>, name: &str) -> Result<Answer, Status> {
    let namespace = call.cluster.namespace(name)?;
    let value = match call.form {
        Form::Table => {
            let metadata = json!({
                "resourceVersion": namespace["metadata"]["resourceVersion"],
            });
            table::namespaces(call, &[namespace], &metadata)?
        }
        Form::Metadata => table::partial(&namespace),
        Form::Discovery | Form::Object => Value::clone(&namespace),
    };
    Ok(answer::object(200, &value))
}

/// An item of a list has no kind.
fn item(namespace: &Arc<Value>) -> Value {
    let fields = ["metadata", "spec", "status"].into_iter();
    let item: Map<_, _> = fields
        .map(|field| (field.to_owned(), namespace[field].clone()))
        .collect();
    Value::Object(item)
}
