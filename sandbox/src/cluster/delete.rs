//! DELETE: a Lease goes, or waits for its finalizers.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Cluster;
use crate::lease::{metadata, time_format};
use crate::status::{GROUP, Status};

/// Under which conditions a Lease is deleted.
#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    /// Answers as if, and changes nothing.
    pub dry_run: bool,
    /// Only at this resourceVersion.
    pub resource_version: Option<String>,
    /// Only with this uid.
    pub uid: Option<String>,
}

/// What a DELETE did.
#[derive(Clone, Debug)]
pub enum Deleted {
    /// It is gone; this is how it was.
    Gone(Arc<Value>),
    /// Finalizers hold it: it is marked with a deletionTimestamp, and stays until the last of
    /// them is removed.
    Marked(Arc<Value>),
}

impl Deleted {
    /// The object that the server answers: a `Status` of success, or the marked Lease.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Gone(lease) => json!({
                "apiVersion": "v1",
                "details": {
                    "group": GROUP,
                    "kind": "leases",
                    "name": lease["metadata"]["name"],
                    "uid": lease["metadata"]["uid"],
                },
                "kind": "Status",
                "metadata": {},
                "status": "Success",
            }),
            Self::Marked(lease) => Value::clone(lease),
        }
    }
}

impl Cluster {
    /// Deletes a Lease.
    ///
    /// # Errors
    /// 404 when it is not there, 409 when a precondition does not hold.
    pub fn delete(
        &self,
        namespace: &str,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted, Status> {
        let now = self.now();
        self.write(|state| {
            let lease = state
                .get(namespace, name)
                .ok_or_else(|| Status::not_found(name))?;
            check(&lease, name, options)?;
            if lease["metadata"]["finalizers"].is_null() {
                if !options.dry_run {
                    state.remove(namespace, name);
                }
                return Ok(Deleted::Gone(lease));
            }
            if !lease["metadata"]["deletionTimestamp"].is_null() {
                return Ok(Deleted::Marked(lease));
            }
            let mut marked = Value::clone(&lease);
            let time = json!(time_format::seconds(now));
            metadata::set(&mut marked, "deletionTimestamp", Some(time));
            metadata::set(&mut marked, "deletionGracePeriodSeconds", Some(json!(0)));
            if let Some(generation) = marked["metadata"]["generation"].as_i64() {
                metadata::set(&mut marked, "generation", Some(json!(generation + 1)));
            }
            if options.dry_run {
                return Ok(Deleted::Marked(Arc::new(marked)));
            }
            Ok(Deleted::Marked(state.put(namespace, name, marked)))
        })
    }
}

fn check(lease: &Value, name: &str, options: &DeleteOptions) -> Result<(), Status> {
    let uid = metadata::text(lease, "uid");
    if let Some(wanted) = options.uid.as_deref().filter(|&wanted| wanted != uid) {
        return Err(Status::precondition(
            name,
            &format!(
                "the UID in the precondition ({wanted}) does not match the UID in record ({uid}). \
                 The object might have been deleted and then recreated"
            ),
        ));
    }
    let version = metadata::text(lease, "resourceVersion");
    let asked = options.resource_version.as_deref();
    if let Some(wanted) = asked.filter(|&wanted| wanted != version) {
        return Err(Status::precondition(
            name,
            &format!(
                "the ResourceVersion in the precondition ({wanted}) does not match the \
                 ResourceVersion in record ({version}). The object might have been modified"
            ),
        ));
    }
    Ok(())
}
