//! Leases over HTTP.

use http::header::{CONTENT_TYPE, USER_AGENT};
use serde_json::Value;

use super::accept::Form;
use super::answer::{self, Answer};
use super::router::Call;
use super::{table, watching};
use crate::cluster::{DeleteOptions, ListOptions, WriteOptions};
use crate::field_error::FieldError;
use crate::lease::decode::{cannot_handle, decode};
use crate::lease::managed_fields::manager_of_user_agent;
use crate::status::Status;

/// GET of many, in one namespace or in all; a watch when the query says so.
pub(super) fn list(call: &Call<'_>, namespace: Option<&str>) -> Result<Answer, Status> {
    let query = &call.query;
    let watch = query.flag("watch");
    check_list_options(call, watch)?;
    let selection = query.selection(namespace)?;
    let resource_version = query.version(watch)?;
    if watch {
        return watching::answer(call, selection, resource_version);
    }
    let token = query.text("continue");
    let list = call.cluster.list(&ListOptions {
        continue_token: (!token.is_empty()).then(|| token.to_owned()),
        exact: query.text("resourceVersionMatch") == "Exact",
        limit: query.number("limit")?.unwrap_or_default(),
        resource_version,
        selection,
    })?;
    let value = match call.form {
        Form::Table => table::leases(call, &list.leases, &list.metadata(), true)?,
        Form::Metadata => table::partial_list(&list.leases, &list.metadata()),
        Form::Discovery | Form::Object => list.to_value(),
    };
    Ok(answer::object(200, &value))
}

/// GET of one.
pub(super) fn get(call: &Call<'_>, namespace: &str, name: &str) -> Result<Answer, Status> {
    let lease = call.cluster.get(namespace, name)?;
    shown(call, 200, lease)
}

/// POST.
pub(super) fn create(call: &Call<'_>, namespace: &str) -> Result<Answer, Status> {
    let (body, unknown) = read_lease(call)?;
    let lease = call
        .cluster
        .create(namespace, &body, &write_options(call)?)?;
    Ok(answer::with_warnings(shown(call, 201, lease)?, &unknown))
}

/// PUT.
pub(super) fn replace(call: &Call<'_>, namespace: &str, name: &str) -> Result<Answer, Status> {
    let (body, unknown) = read_lease(call)?;
    let options = write_options(call)?;
    let replaced = call.cluster.replace(namespace, name, &body, &options)?;
    let code = if replaced.created { 201 } else { 200 };
    let answer = shown(call, code, replaced.lease)?;
    Ok(answer::with_warnings(answer, &unknown))
}

/// DELETE. The options come in the body, or without one in the query.
pub(super) fn delete(call: &Call<'_>, namespace: &str, name: &str) -> Result<Answer, Status> {
    let options = if call.body.is_empty() {
        DeleteOptions {
            dry_run: call.query.dry_run()?,
            ..DeleteOptions::default()
        }
    } else {
        let body = json_body(call)?;
        let condition = |name: &str| body["preconditions"][name].as_str().map(str::to_owned);
        DeleteOptions {
            dry_run: body["dryRun"].as_array().is_some_and(|of| !of.is_empty()),
            resource_version: condition("resourceVersion"),
            uid: condition("uid"),
        }
    };
    let deleted = call.cluster.delete(namespace, name, &options)?;
    Ok(answer::object(200, &deleted.to_value()))
}

fn shown(call: &Call<'_>, code: u16, lease: std::sync::Arc<Value>) -> Result<Answer, Status> {
    let value = match call.form {
        Form::Table => {
            let metadata = serde_json::json!({
                "resourceVersion": lease["metadata"]["resourceVersion"],
            });
            table::leases(call, &[lease], &metadata, true)?
        }
        Form::Metadata => table::partial(&lease),
        Form::Discovery | Form::Object => Value::clone(&lease),
    };
    Ok(answer::object(code, &value))
}

fn write_options(call: &Call<'_>) -> Result<WriteOptions, Status> {
    let named = call.query.text("fieldManager");
    let agent = call.parts.headers.get(USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok());
    Ok(WriteOptions {
        dry_run: call.query.dry_run()?,
        field_manager: if named.is_empty() {
            manager_of_user_agent(agent.unwrap_or_default())
        } else {
            named.to_owned()
        },
    })
}

/// The body as JSON, and the fields in it that no Lease has: the client is warned of them, or
/// refused when it asked for that.
fn read_lease(call: &Call<'_>) -> Result<(Value, Vec<String>), Status> {
    let body = json_body(call)?;
    let unknown = match call.query.text("fieldValidation") {
        "Ignore" => Vec::new(),
        "Strict" => {
            let unknown = decode(&body)?.unknown;
            if !unknown.is_empty() {
                let fields: Vec<String> = unknown
                    .iter()
                    .map(|field| format!("unknown field \"{field}\""))
                    .collect();
                let why = format!("strict decoding error: {}", fields.join(", "));
                return Err(cannot_handle(&why));
            }
            unknown
        }
        _ => decode(&body)?.unknown,
    };
    Ok((body, unknown))
}

fn json_body(call: &Call<'_>) -> Result<Value, Status> {
    let media_type = call.parts.headers.get(CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let essence = media_type.unwrap_or_default().split(';').next();
    if !matches!(essence.map(str::trim), Some("" | "application/json")) {
        return Err(Status::unsupported_media_type(
            "the body of the request was in an unknown format - accepted media types include: \
             application/json",
        ));
    }
    serde_json::from_slice(&call.body).map_err(|error| {
        Status::bad_request(format!(
            "the object provided is unrecognized (must be of type Lease): couldn't get \
             version/kind; json parse error: {error}"
        ))
    })
}

/// The rules of `ListOptions`, for a server whose gate `WatchList` is off.
fn check_list_options(call: &Call<'_>, watch: bool) -> Result<(), Status> {
    let query = &call.query;
    let mut errors = Vec::new();
    let mut refuse = |field: &str, why: &str| errors.push(FieldError::forbidden(field, why));
    let version = query.text("resourceVersion");
    let wanted = query.text("resourceVersionMatch");
    let initial = !query.text("sendInitialEvents").is_empty();
    if watch && initial {
        if wanted != "NotOlderThan" {
            let why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
            refuse("resourceVersionMatch", why);
        }
        let why = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is \
            enabled";
        refuse("sendInitialEvents", why);
    }
    if !wanted.is_empty() {
        if watch && !initial {
            let why =
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
            refuse("resourceVersionMatch", why);
        }
        if !watch && version.is_empty() {
            let why = "resourceVersionMatch is forbidden unless resourceVersion is provided";
            refuse("resourceVersionMatch", why);
        }
        if !query.text("continue").is_empty() {
            let why = "resourceVersionMatch is forbidden when continue is provided";
            refuse("resourceVersionMatch", why);
        }
        if !watch && wanted == "Exact" && version == "0" {
            let why = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
            refuse("resourceVersionMatch", why);
        }
    }
    if !watch && initial {
        refuse(
            "sendInitialEvents",
            "sendInitialEvents is forbidden for list",
        );
    }
    let supported: &[&str] = if watch {
        &["NotOlderThan"]
    } else {
        &["Exact", "NotOlderThan", ""]
    };
    if !wanted.is_empty() && !supported.contains(&wanted) {
        let error = FieldError::not_supported("resourceVersionMatch", wanted, supported);
        errors.push(error);
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid("meta.k8s.io", "ListOptions", "", &errors))
}
