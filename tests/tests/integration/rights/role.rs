//! Roles, and binding them.

use std::sync::atomic::{AtomicU32, Ordering};

use lease_tests::Namespace;
use serde_json::{Value, json};

use super::missing::Missing;

/// What somebody may do with leases.
pub(crate) struct Role {
    verbs: Vec<String>,
    /// Only with leases of these names.
    names: Vec<String>,
}

impl Role {
    pub(crate) fn new(verbs: &[&str], names: &[&str]) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Self {
            verbs: owned(verbs),
            names: owned(names),
        }
    }

    /// Just this right.
    pub(super) fn of(missing: &Missing) -> Self {
        Self {
            verbs: vec![missing.verb.clone()],
            names: missing.name.iter().cloned().collect(),
        }
    }

    /// Gives it to a user in a namespace.
    pub(crate) fn bind(&self, namespace: &Namespace<'_>, user: &str) {
        self.bind_to(
            namespace,
            &json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}),
        );
    }

    /// Gives it to a user or a group in a namespace.
    pub(crate) fn bind_to(&self, namespace: &Namespace<'_>, subject: &Value) {
        static MADE: AtomicU32 = AtomicU32::new(1);

        let name = format!("role-{}", MADE.fetch_add(1, Ordering::Relaxed));
        let metadata = json!({"name": name, "namespace": namespace.name()});
        let mut rule = json!({
            "apiGroups": ["coordination.k8s.io"],
            "resources": ["leases"],
            "verbs": self.verbs,
        });
        if !self.names.is_empty() {
            rule["resourceNames"] = json!(self.names);
        }
        namespace.admin().create_all(&[
            json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "Role",
                "metadata": metadata,
                "rules": [rule],
            }),
            json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "Role",
                    "name": name,
                },
                "subjects": [subject],
            }),
        ]);
    }
}
