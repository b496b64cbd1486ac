//! Which leases, or other objects, and where they are found.

use std::fmt::Write as _;

use crate::right::Right;

/// A kind of object, and where it is found.
#[derive(Debug)]
pub(crate) struct Kind {
    prefix: &'static str,
    plural: &'static str,
    /// As `kubectl auth can-i` names it.
    pub(crate) resource: &'static str,
}

pub(crate) static LEASES: Kind = Kind {
    prefix: "/apis/coordination.k8s.io/v1",
    plural: "leases",
    resource: "leases.coordination.k8s.io",
};
pub(crate) static CONFIG_MAPS: Kind = Kind {
    prefix: "/api/v1",
    plural: "configmaps",
    resource: "configmaps",
};
pub(crate) static PODS: Kind = Kind {
    prefix: "/api/v1",
    plural: "pods",
    resource: "pods",
};

impl Kind {
    /// The path of the objects of one namespace.
    pub(crate) fn collection(&self, namespace: &str) -> String {
        let Self { prefix, plural, .. } = self;
        format!("{prefix}/namespaces/{}/{plural}", encode(namespace))
    }

    /// The path of one object.
    pub(crate) fn object(&self, namespace: &str, name: &str) -> String {
        format!("{}/{}", self.collection(namespace), encode(name))
    }
}

/// Where leases are looked for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Scope {
    /// In every namespace.
    All,
    /// In one namespace.
    Namespace(String),
    /// The lease of this name, which need not exist.
    One {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

/// Which leases of a scope, as `kubectl get` selects them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Selection {
    /// Where to look.
    pub scope: Scope,
    /// A label selector in kubectl's syntax.
    pub labels: Option<String>,
    /// A field selector in kubectl's syntax.
    pub fields: Option<String>,
}

impl Selection {
    /// All leases of a scope.
    pub const fn all_of(scope: Scope) -> Self {
        Self {
            scope,
            labels: None,
            fields: None,
        }
    }

    /// The right to do this with the leases that are selected.
    pub(crate) fn right(&self, verb: &'static str) -> Right {
        self.right_to(&LEASES, verb)
    }

    /// The right to do this with the objects of a kind that are selected.
    pub(crate) fn right_to(&self, kind: &Kind, verb: &'static str) -> Right {
        match &self.scope {
            Scope::All => Right::on(kind, verb, None, None),
            Scope::Namespace(namespace) => Right::on(kind, verb, Some(namespace), None),
            Scope::One { namespace, name } => Right::on(kind, verb, Some(namespace), Some(name)),
        }
    }

    /// The path of the leases with the selection as its query. The query may be empty; more can be
    /// added with [`push_query`].
    pub(crate) fn list_path(&self) -> String {
        self.list_path_of(&LEASES)
    }

    /// The same for the objects of a kind.
    pub(crate) fn list_path_of(&self, kind: &Kind) -> String {
        let mut path = match &self.scope {
            Scope::All => format!("{}/{}?", kind.prefix, kind.plural),
            Scope::Namespace(namespace) | Scope::One { namespace, .. } => {
                format!("{}?", kind.collection(namespace))
            }
        };
        let name = match &self.scope {
            Scope::One { name, .. } => Some(format!("metadata.name={name}")),
            Scope::All | Scope::Namespace(_) => None,
        };
        let fields: Vec<&str> = name
            .iter()
            .chain(&self.fields)
            .map(String::as_str)
            .collect();
        if !fields.is_empty() {
            push_query(&mut path, "fieldSelector", &fields.join(","));
        }
        if let Some(labels) = &self.labels {
            push_query(&mut path, "labelSelector", labels);
        }
        path
    }
}

/// The path of the leases of one namespace.
pub(crate) fn collection(namespace: &str) -> String {
    LEASES.collection(namespace)
}

/// The path of one lease.
pub(crate) fn object(namespace: &str, name: &str) -> String {
    LEASES.object(namespace, name)
}

/// Adds `key=value` to a path that ends in its query, with whatever the value contains.
pub(crate) fn push_query(path: &mut String, key: &str, value: &str) {
    if !path.ends_with('?') {
        path.push('&');
    }
    path.push_str(key);
    path.push('=');
    path.push_str(&encode(value));
}

/// Percent-encodes all but RFC 3986's unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_selectors_cannot_leave_their_place() {
        assert_eq!(
            object("a/b", "c?d"),
            "/apis/coordination.k8s.io/v1/namespaces/a%2Fb/leases/c%3Fd"
        );
        let one = Selection {
            scope: Scope::One {
                namespace: "n".into(),
                name: "x".into(),
            },
            labels: Some("a in (b,c)".into()),
            fields: Some("metadata.namespace!=m".into()),
        };
        assert_eq!(
            one.list_path(),
            "/apis/coordination.k8s.io/v1/namespaces/n/leases?fieldSelector=metadata.name%3Dx%2Cmetadata.namespace%21%3Dm&labelSelector=a%20in%20%28b%2Cc%29"
        );
    }
}
