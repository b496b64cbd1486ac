//! POST: a Lease comes into being.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::state::State;
use super::{Cluster, WriteOptions};
use crate::lease::decode::{decode, drop_gated};
use crate::lease::managed_fields::ManagedFields;
use crate::lease::{metadata, time_format, validate};
use crate::status::{GROUP, Status};

impl Cluster {
    /// Creates a Lease, and gives it as it was stored.
    ///
    /// # Errors
    /// 400 for a body that is no Lease or names another namespace, 404 when the namespace is not
    /// there, 422 when a field breaks a rule, 409 when the name is taken.
    pub fn create(
        &self,
        namespace: &str,
        body: &Value,
        options: &WriteOptions,
    ) -> Result<Arc<Value>, Status> {
        let decoded = decode(body)?;
        let lease = in_namespace(decoded.lease, namespace)?;
        let sent = decoded.managed_fields.as_ref();
        let now = self.now();
        self.write(|state| {
            let lease = prepare(state, namespace, lease, sent, options, now)?;
            let name = metadata::text(&lease, "name").to_owned();
            if state.get(namespace, &name).is_some() {
                return Err(Status::already_exists(&name));
            }
            if !metadata::text(&lease, "resourceVersion").is_empty() {
                return Err(Status::unknown(
                    "resourceVersion should not be set on objects to be created",
                ));
            }
            Ok(finish(state, namespace, &name, lease, options))
        })
    }
}

/// Gives the body the namespace of the request.
pub(super) fn in_namespace(mut lease: Value, namespace: &str) -> Result<Value, Status> {
    let named = metadata::text(&lease, "namespace");
    if !named.is_empty() && named != namespace {
        return Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    metadata::set(&mut lease, "namespace", Some(json!(namespace)));
    Ok(lease)
}

/// Completes and checks a Lease that is to be created, in the server's order: ownership,
/// namespace, system fields, rules.
pub(super) fn prepare(
    state: &mut State,
    namespace: &str,
    mut lease: Value,
    sent: Option<&Value>,
    options: &WriteOptions,
    now: Timestamp,
) -> Result<Value, Status> {
    let nothing = json!({ "metadata": {}, "spec": {} });
    let managed = ManagedFields::write(&nothing, &lease, sent, &options.field_manager, now);
    metadata::set(&mut lease, "managedFields", managed);
    drop_gated(&mut lease);
    if !state.namespaces().contains_key(namespace) {
        return Err(Status::core_not_found("namespaces", namespace));
    }
    let created = json!(time_format::seconds(now));
    metadata::set(&mut lease, "creationTimestamp", Some(created));
    metadata::set(&mut lease, "uid", Some(json!(state.fresh_uid())));
    metadata::set(&mut lease, "deletionTimestamp", None);
    metadata::set(&mut lease, "deletionGracePeriodSeconds", None);
    let errors = validate::create(&lease);
    if errors.is_empty() {
        return Ok(lease);
    }
    let name = metadata::text(&lease, "name");
    Err(Status::invalid(GROUP, "Lease", name, &errors))
}

/// Stores it, or with a dry run only shows it, without a version.
pub(super) fn finish(
    state: &mut State,
    namespace: &str,
    name: &str,
    mut lease: Value,
    options: &WriteOptions,
) -> Arc<Value> {
    if options.dry_run {
        metadata::set(&mut lease, "resourceVersion", None);
        return Arc::new(lease);
    }
    state.put(namespace, name, lease)
}
