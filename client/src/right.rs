//! What RBAC may allow.

use std::fmt;

use crate::selection::{Kind, LEASES};

const ACCESS_REVIEWS: &str = "subjectaccessreviews.authorization.k8s.io";
const EVENTS: &str = "events.events.k8s.io";
const CONFIG_MAPS: &str = "configmaps";
const CORE_EVENTS: &str = "events";
const LEASE_CANDIDATES: &str = "leasecandidates.coordination.k8s.io";
const NAMESPACES: &str = "namespaces";
const NODES: &str = "nodes";
const PODS: &str = "pods";

/// A right, as `kubectl auth can-i` puts it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Right {
    /// The verb: `create`, `get`, `list`, `update`, `watch`.
    pub verb: &'static str,
    /// What the verb is for: leases, or what tells of them and of their holders.
    pub resource: &'static str,
    /// The namespace; `None` for all of them.
    pub namespace: Option<String>,
    /// The lease; `None` for any.
    pub name: Option<String>,
    /// Who was acted as, if anybody.
    pub acting_as: Option<String>,
}

impl Right {
    /// A right on leases.
    pub(crate) fn to(verb: &'static str, namespace: Option<&str>, name: Option<&str>) -> Self {
        Self::on(&LEASES, verb, namespace, name)
    }

    /// A right on objects of a kind.
    pub(crate) fn on(
        kind: &Kind,
        verb: &'static str,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> Self {
        Self {
            verb,
            resource: kind.resource,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            acting_as: None,
        }
    }

    pub(crate) fn to_get_namespace(name: &str) -> Self {
        Self {
            resource: NAMESPACES,
            ..Self::to("get", None, Some(name))
        }
    }

    pub(crate) fn to_create_events(namespace: &str) -> Self {
        Self {
            resource: EVENTS,
            ..Self::to("create", Some(namespace), None)
        }
    }

    pub(crate) fn to_list_config_maps(namespace: Option<&str>) -> Self {
        Self {
            resource: CONFIG_MAPS,
            ..Self::to("list", namespace, None)
        }
    }

    pub(crate) fn to_list_events(namespace: Option<&str>) -> Self {
        Self {
            resource: CORE_EVENTS,
            ..Self::to("list", namespace, None)
        }
    }

    pub(crate) fn to_list_lease_candidates(namespace: Option<&str>) -> Self {
        Self {
            resource: LEASE_CANDIDATES,
            ..Self::to("list", namespace, None)
        }
    }

    pub(crate) fn to_list_nodes() -> Self {
        Self {
            resource: NODES,
            ..Self::to("list", None, None)
        }
    }

    pub(crate) fn to_list_pods(namespace: Option<&str>) -> Self {
        Self {
            resource: PODS,
            ..Self::to("list", namespace, None)
        }
    }

    pub(crate) fn to_review_access() -> Self {
        Self {
            resource: ACCESS_REVIEWS,
            ..Self::to("create", None, None)
        }
    }

    pub(crate) fn to_list_namespaces() -> Self {
        Self {
            resource: NAMESPACES,
            ..Self::to("list", None, None)
        }
    }
}

impl fmt::Display for Right {
    /// Verb, resource and namespace as arguments of `kubectl auth can-i`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if let Some(name) = &self.name {
            write!(f, "/{name}")?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " -n {namespace}"),
            // They are in no namespace.
            None if matches!(self.resource, ACCESS_REVIEWS | NAMESPACES | NODES) => Ok(()),
            None => f.write_str(" -A"),
        }
    }
}
