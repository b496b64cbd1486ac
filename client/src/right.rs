//! What RBAC may allow: a verb on leases.

use std::fmt;

/// A right on leases, as `kubectl auth can-i` puts it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Right {
    /// The verb: `create`, `get`, `list`, `update`, `watch`.
    pub verb: &'static str,
    /// The namespace; `None` for all of them.
    pub namespace: Option<String>,
    /// The lease; `None` for any.
    pub name: Option<String>,
    /// Who was acted as, if anybody.
    pub acting_as: Option<String>,
}

impl Right {
    pub(crate) fn to(verb: &'static str, namespace: Option<&str>, name: Option<&str>) -> Self {
        Self {
            verb,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            acting_as: None,
        }
    }
}

impl fmt::Display for Right {
    /// Verb, resource and namespace as arguments of `kubectl auth can-i`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} leases.coordination.k8s.io", self.verb)?;
        if let Some(name) = &self.name {
            write!(f, "/{name}")?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " -n {namespace}"),
            None => f.write_str(" -A"),
        }
    }
}
