//! What is wrong with a lock, how that is known, and what to type next.

use lease_client::{Pod, ServiceAccount};
use serde_json::{Value, json};

use super::Code;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Severity {
    /// It needs a person: it does not get better by itself.
    Error,
    /// It ends by itself, or does no harm yet.
    Warning,
}

impl Severity {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// The kind of object that a lock is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    Lease,
    ConfigMap,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lease => "Lease",
            Self::ConfigMap => "ConfigMap",
        }
    }
}

/// A lock by its name.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct LockId {
    pub(crate) kind: Kind,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// What is behind a finding: of all findings with the same code and cause, one is told.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Cause {
    Node(String),
    Pod { namespace: String, name: String },
    ServiceAccount(ServiceAccount),
}

impl Cause {
    pub(super) fn pod(pod: &Pod) -> Self {
        Self::Pod {
            namespace: pod.namespace.clone(),
            name: pod.name.clone(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Node(name) => json!({"kind": "Node", "name": name}),
            Self::Pod { namespace, name } => {
                json!({"kind": "Pod", "namespace": namespace, "name": name})
            }
            Self::ServiceAccount(ServiceAccount { namespace, name }) => {
                json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
            }
        }
    }
}

/// One thing that is wrong. The texts quote the cluster as it is: they are escaped where they are
/// shown.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) cause: Option<Cause>,
    /// One sentence, which holds of each of the locks.
    pub(crate) sentence: String,
    /// How it is known; of the first of the locks.
    pub(crate) evidence: Vec<String>,
    /// The next command to type.
    pub(crate) next: String,
    /// One, until causes are grouped.
    pub(crate) locks: Vec<LockId>,
}

impl Finding {
    pub(crate) fn json(&self) -> Value {
        let locks: Vec<_> = self
            .locks
            .iter()
            .map(
                |LockId {
                     kind,
                     namespace,
                     name,
                 }| {
                    json!({"kind": kind.name(), "namespace": namespace, "name": name})
                },
            )
            .collect();
        json!({
            "code": self.code.name(),
            "severity": self.severity.name(),
            "cause": self.cause.as_ref().map(Cause::json),
            "message": self.sentence,
            "evidence": self.evidence,
            "next": self.next,
            "locks": locks,
        })
    }
}
