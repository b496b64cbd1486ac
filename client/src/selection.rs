//! Which leases.

use std::fmt::Write as _;

use crate::right::Right;

const PREFIX: &str = "/apis/coordination.k8s.io/v1";

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

    /// The right to do this with what is selected.
    pub(crate) fn right(&self, verb: &'static str) -> Right {
        match &self.scope {
            Scope::All => Right::to(verb, None, None),
            Scope::Namespace(namespace) => Right::to(verb, Some(namespace), None),
            Scope::One { namespace, name } => Right::to(verb, Some(namespace), Some(name)),
        }
    }

    /// The path of the collection with the selection as its query. The query is not empty, so
    /// more can be added with `&`.
    pub(crate) fn list_path(&self) -> String {
        let mut path = match &self.scope {
            Scope::All => format!("{PREFIX}/leases?"),
            Scope::Namespace(namespace) | Scope::One { namespace, .. } => {
                format!("{}?", collection(namespace))
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
    format!("{PREFIX}/namespaces/{}/leases", encode(namespace))
}

/// The path of one lease.
pub(crate) fn object(namespace: &str, name: &str) -> String {
    format!("{}/{}", collection(namespace), encode(name))
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
