//! The namespaces of a cluster.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Cluster;
use crate::lease::time_format;
use crate::status::Status;

impl Cluster {
    /// Adds a namespace. One that is there stays as it is.
    pub fn add_namespace(&self, name: &str) {
        let now = self.now();
        self.write(|state| state.add_namespace(name, now));
    }

    /// All Namespaces, by name, with the resourceVersion of the answer.
    pub fn namespaces(&self) -> (Vec<Arc<Value>>, u64) {
        let state = self.state();
        let namespaces = state.namespaces().values().cloned().collect();
        (namespaces, state.version())
    }

    /// Reads a Namespace.
    ///
    /// # Errors
    /// 404 when it is not there.
    pub fn namespace(&self, name: &str) -> Result<Arc<Value>, Status> {
        let state = self.state();
        let found = state.namespaces().get(name).cloned();
        found.ok_or_else(|| Status::core_not_found("namespaces", name))
    }
}

pub(super) fn new(name: &str, uid: &str, version: u64, now: Timestamp) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "creationTimestamp": time_format::seconds(now),
            "labels": { "kubernetes.io/metadata.name": name },
            "name": name,
            "resourceVersion": version.to_string(),
            "uid": uid,
        },
        "spec": { "finalizers": ["kubernetes"] },
        "status": { "phase": "Active" },
    })
}
