//! The `Status` object with which an API server refuses.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::field_error::FieldError;

/// The API group of Leases.
pub(crate) const GROUP: &str = "coordination.k8s.io";

/// A refusal, as the API server words it (apimachinery `pkg/api/errors`).
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The HTTP status code.
    pub code: u16,
    /// `details` of the object, or null when there are none.
    pub details: Value,
    /// What a person reads.
    pub message: String,
    /// The machine's word for it, `NotFound` for example; empty when the server gives none.
    pub reason: &'static str,
    /// The token with which an expired list may go on, inconsistently.
    pub(crate) resume: Option<String>,
}

impl Status {
    fn new(code: u16, reason: &'static str, message: String, details: Value) -> Self {
        Self {
            code,
            details,
            message,
            reason,
            resume: None,
        }
    }

    /// 400: the request cannot be understood.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message.into(), Value::Null)
    }

    /// 404 for a Lease.
    pub(crate) fn not_found(name: &str) -> Self {
        Self::new(
            404,
            "NotFound",
            format!("leases.{GROUP} \"{name}\" not found"),
            lease_details(name),
        )
    }

    /// 404 for a resource of the core group.
    pub(crate) fn core_not_found(resource: &str, name: &str) -> Self {
        Self::new(
            404,
            "NotFound",
            format!("{resource} \"{name}\" not found"),
            json!({ "kind": resource, "name": name }),
        )
    }

    /// 404: the version is served, the resource is not.
    pub(crate) fn no_such_resource() -> Self {
        Self::new(
            404,
            "NotFound",
            "the server could not find the requested resource".into(),
            json!({}),
        )
    }

    /// 405: the resource is there, the verb is not.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource".into(),
            json!({}),
        )
    }

    /// 405: an API server would do this, the sandbox does not.
    pub(crate) fn not_imitated(what: &str) -> Self {
        Self::new(
            405,
            "MethodNotAllowed",
            format!("the sandbox does not imitate {what}"),
            json!({}),
        )
    }

    /// 406: none of the accepted media types is served.
    pub(crate) fn not_acceptable() -> Self {
        Self::new(
            406,
            "NotAcceptable",
            "406: Not Acceptable\n\nAvailable representations: application/json".into(),
            json!({}),
        )
    }

    /// 409: a POST of a name that is taken.
    pub(crate) fn already_exists(name: &str) -> Self {
        Self::new(
            409,
            "AlreadyExists",
            format!("leases.{GROUP} \"{name}\" already exists"),
            lease_details(name),
        )
    }

    /// 409: the resourceVersion of a PUT is stale.
    pub(crate) fn stale(name: &str) -> Self {
        Self::conflict(
            name,
            "the object has been modified; please apply your changes to the latest version and \
             try again",
        )
    }

    /// 409: the uid of a PUT is not the stored one. A missing object has the uid "".
    pub(crate) fn other_uid(namespace: &str, name: &str, sent: &str, stored: &str) -> Self {
        Self::conflict(
            name,
            &format!(
                "StorageError: invalid object, Code: 4, Key: /registry/leases/{namespace}/{name}, \
                 ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in \
                 precondition: {sent}, UID in object meta: {stored}"
            ),
        )
    }

    fn conflict(name: &str, why: &str) -> Self {
        Self::new(
            409,
            "Conflict",
            format!("Operation cannot be fulfilled on leases.{GROUP} \"{name}\": {why}"),
            lease_details(name),
        )
    }

    /// 409: a precondition of a DELETE does not hold. Here the server names the kind, not the
    /// resource (apiserver `registry/rest/delete.go`).
    pub(crate) fn precondition(name: &str, why: &str) -> Self {
        Self::new(
            409,
            "Conflict",
            format!("Operation cannot be fulfilled on Lease.{GROUP} \"{name}\": {why}"),
            json!({ "group": GROUP, "kind": "Lease", "name": name }),
        )
    }

    /// 410: the resourceVersion lies before the last compaction.
    pub(crate) fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message.into(), Value::Null)
    }

    /// 413: the body has too many bytes.
    pub(crate) fn too_large(why: &str) -> Self {
        Self::new(
            413,
            "RequestEntityTooLarge",
            format!("Request entity too large: {why}"),
            Value::Null,
        )
    }

    /// 415: the body is of a type that is not read.
    pub(crate) fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(415, "UnsupportedMediaType", message.into(), Value::Null)
    }

    /// 422: fields of a well-formed object break a rule. `kind` is `Lease`, or `leases` where
    /// the server's storage speaks, or the kind of the options.
    pub(crate) fn invalid(group: &str, kind: &str, name: &str, errors: &[FieldError]) -> Self {
        let causes: Vec<Value> = errors
            .iter()
            .map(|error| {
                json!({ "field": error.field, "message": error.body(), "reason": error.reason() })
            })
            .collect();
        let mut details = json!({ "causes": causes, "group": group, "kind": kind });
        if !name.is_empty() {
            details["name"] = json!(name);
        }
        Self::new(
            422,
            "Invalid",
            format!(
                "{kind}.{group} \"{name}\" is invalid: {}",
                FieldError::aggregate(errors)
            ),
            details,
        )
    }

    /// 500: an error that the server passes on without a reason of the API.
    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self::new(500, "", message.into(), Value::Null)
    }

    /// 504: the resourceVersion lies in the future.
    pub(crate) fn too_large_version(asked: u64, current: u64) -> Self {
        Self::new(
            504,
            "Timeout",
            format!("Timeout: Too large resource version: {asked}, current: {current}"),
            json!({
                "causes": [{
                    "message": "Too large resource version",
                    "reason": "ResourceVersionTooLarge",
                }],
                "retryAfterSeconds": 1,
            }),
        )
    }

    /// The object that goes over the wire.
    pub fn to_value(&self) -> Value {
        let mut metadata = Map::new();
        if let Some(resume) = &self.resume {
            metadata.insert("continue".into(), json!(resume));
        }
        let mut value = json!({
            "apiVersion": "v1",
            "code": self.code,
            "kind": "Status",
            "message": self.message,
            "metadata": metadata,
            "status": "Failure",
        });
        if !self.reason.is_empty() {
            value["reason"] = json!(self.reason);
        }
        if !self.details.is_null() {
            value["details"] = self.details.clone();
        }
        value
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.message, self.code, self.reason)
    }
}

impl std::error::Error for Status {}

fn lease_details(name: &str) -> Value {
    json!({ "group": GROUP, "kind": "leases", "name": name })
}
