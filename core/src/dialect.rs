//! Whose lease this is, what free means to them, and what may be written.

use alloc::string::String;

use crate::{PodOwner, Record, Timestamp};

/// The label that Terraform and OpenTofu put on the leases of their state locks.
const TERRAFORM_LABEL: (&str, &str) = ("tfstate", "true");
/// The label of an API server's identity lease (KEP-1965), and its name before Kubernetes 1.26.
const APISERVER_LABELS: [&str; 2] = ["apiserver.kubernetes.io/identity", "k8s.io/component"];
/// The API group of Longhorn.
const LONGHORN_GROUP: &str = "longhorn.io/";
/// The API group of CloudNativePG.
const CNPG_GROUP: &str = "postgresql.cnpg.io/";

/// The convention by which a lease's writers understand it.
///
/// The five fields of a lease mean what their writers agreed on, and a write that one of them
/// does not expect can stop a database or lose a state lock. Read in the writers' own sources.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Dialect {
    /// client-go's leader election and all that behave like it (controller-runtime,
    /// leaselocker, kubert and most others): a bounded holder, `""` is free.
    ClientGo,
    /// The identity of an API server: not a lock.
    ApiServerIdentity,
    /// The primary of a CloudNativePG cluster: an empty or a foreign holder stops PostgreSQL.
    CloudNativePg,
    /// A `ConfigMap` that is held while it exists: see [`crate::config_map`].
    ConfigMap {
        /// The Pod that it belongs to.
        owner: PodOwner,
        /// Whether a contender of ours wrote it, and says who that is and when it renewed the lock.
        /// If not, `expiresAt` alone tells when it ends.
        is_ours: bool,
    },
    /// Coordinated leader election (KEP-4355): the control plane assigns the holder.
    Coordinated,
    /// A share manager of Longhorn, by the volume's name: its managers read the holder without
    /// asking whether there is one, take it for a node's name, and take an absent acquireTime for
    /// a sign that they set themselves.
    Longhorn,
    /// The heartbeat of a node, written by its kubelet: not a lock.
    NodeHeartbeat,
    /// A `ConfigMap` that belongs to no Pod, or holds something: not a lock.
    PlainConfigMap,
    /// A state lock of Terraform or OpenTofu: no times, so it never expires, and only an
    /// absent holder is free.
    Terraform {
        /// `ID` in the lock-info annotation, which must be the holder for the lock to be
        /// consistent.
        lock_id: Option<String>,
    },
}

/// What besides the spec tells whose lease it is.
#[derive(Clone, Copy, Debug)]
pub struct Marks<'a> {
    /// `metadata.namespace`.
    pub namespace: &'a str,
    /// `metadata.name`.
    pub name: &'a str,
    /// `metadata.labels`, in any order.
    pub labels: &'a [(&'a str, &'a str)],
    /// `apiVersion` and `kind` of each of `metadata.ownerReferences`.
    pub owners: &'a [(&'a str, &'a str)],
    /// The field `ID` of the annotation [`Dialect::TERRAFORM_LOCK_INFO`], if it can be read.
    pub lock_info_id: Option<&'a str>,
}

impl Dialect {
    /// The annotation in which Terraform describes who locked and why, as JSON.
    pub const TERRAFORM_LOCK_INFO: &'static str = "app.terraform.io/lock-info";

    /// Recognises the dialect of a lease.
    pub fn of(marks: &Marks<'_>, record: &Record) -> Self {
        let holder = record.holder();
        let label = |key: &str| marks.labels.iter().find(|label| label.0 == key);
        if marks.namespace == "kube-node-lease" && holder.is_none_or(|holder| holder == marks.name)
        {
            return Self::NodeHeartbeat;
        }
        if marks.namespace == "kube-system"
            && APISERVER_LABELS
                .iter()
                .any(|key| label(key).is_some_and(|(_, value)| value.ends_with("apiserver")))
        {
            return Self::ApiServerIdentity;
        }
        if record.strategy.is_some() {
            return Self::Coordinated;
        }
        if marks.labels.contains(&TERRAFORM_LABEL) && marks.name.starts_with("lock-tfstate-") {
            return Self::Terraform {
                lock_id: marks.lock_info_id.map(String::from),
            };
        }
        if marks
            .owners
            .iter()
            .any(|(version, kind)| version.starts_with(CNPG_GROUP) && *kind == "Cluster")
        {
            return Self::CloudNativePg;
        }
        if marks
            .owners
            .iter()
            .any(|(version, kind)| version.starts_with(LONGHORN_GROUP) && *kind == "ShareManager")
        {
            return Self::Longhorn;
        }
        Self::ClientGo
    }

    /// The dialect's name, for people and for JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ClientGo => "client-go",
            Self::ApiServerIdentity => "apiserver-identity",
            Self::CloudNativePg => "cloudnative-pg",
            Self::ConfigMap { .. } => "configmap",
            Self::Coordinated => "coordinated",
            Self::Longhorn => "longhorn",
            Self::NodeHeartbeat => "kubelet",
            Self::PlainConfigMap => "no-lock",
            Self::Terraform { .. } => "terraform",
        }
    }

    /// Whether a contender of ours may take such a lock when it is free or expired.
    pub const fn may_take(&self) -> bool {
        matches!(
            self,
            Self::ClientGo | Self::ConfigMap { .. } | Self::Longhorn
        )
    }

    /// Whether such a lock exists only while it is held, so that one that does not exist is free.
    pub const fn exists_while_held(&self) -> bool {
        matches!(self, Self::ConfigMap { .. })
    }

    /// Whether nothing but a time that the holder wrote down before tells when such a lock ends: no
    /// renewal can be seen, and that nothing changes proves nothing.
    pub const fn ends_as_stated(&self) -> bool {
        matches!(self, Self::ConfigMap { is_ours: false, .. })
    }

    /// Whether something may stand as the holder that is none.
    pub(crate) const fn may_be_tombstone(&self) -> bool {
        !matches!(
            self,
            Self::ConfigMap { .. } | Self::Longhorn | Self::Terraform { .. }
        )
    }

    /// Whether nobody holds a lock with this record, as the dialect's own writers read it.
    pub fn is_free(&self, record: &Record) -> bool {
        match self {
            Self::Terraform { .. } => record.holder.is_none(),
            Self::PlainConfigMap => false,
            _ => record.holder().is_none(),
        }
    }

    /// The record that the dialect's own writers read as free, made from `record`.
    ///
    /// client-go's form has all five fields: an empty holder, a duration of one second, both
    /// times `now` (wall clock of whoever writes), the transitions kept.
    pub(crate) fn freed(&self, record: &Record, now: Timestamp) -> Record {
        let mut freed = record.clone();
        match self {
            // Nothing is left of it.
            Self::ConfigMap { .. } => freed = Record::default(),
            Self::Terraform { .. } => freed.holder = None,
            // The control plane assigns a holder where there is none at all.
            Self::Coordinated => {
                freed.holder = None;
                freed.renew_time = Some(now);
            }
            _ => {
                freed.holder = Some(String::new());
                freed.duration_seconds = Some(1);
                freed.acquire_time = match self {
                    Self::Longhorn => record.acquired().map(|_| now),
                    _ => Some(now),
                };
                freed.renew_time = Some(now);
                freed.transitions = Some(record.transitions.unwrap_or(0));
            }
        }
        freed
    }

    /// The annotation that has to go when the lock is freed.
    pub(crate) const fn stale_when_free(&self) -> Option<&'static str> {
        match self {
            Self::Terraform { .. } => Some(Self::TERRAFORM_LOCK_INFO),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: Marks<'_> = Marks {
        namespace: "default",
        name: "x",
        labels: &[],
        owners: &[],
        lock_info_id: None,
    };

    fn held_by(holder: &str) -> Record {
        Record {
            holder: Some(holder.into()),
            ..Record::default()
        }
    }

    #[test]
    fn each_dialect_is_known_by_its_marks() {
        let node = Marks {
            namespace: "kube-node-lease",
            name: "node-1",
            ..MARKS
        };
        assert_eq!(
            Dialect::of(&node, &held_by("node-1")),
            Dialect::NodeHeartbeat
        );
        assert_eq!(Dialect::of(&node, &held_by("someone")), Dialect::ClientGo);
        let identity = Marks {
            namespace: "kube-system",
            labels: &[("apiserver.kubernetes.io/identity", "kube-apiserver")],
            ..MARKS
        };
        assert_eq!(
            Dialect::of(&identity, &held_by("x")),
            Dialect::ApiServerIdentity
        );
        let cluster = Marks {
            owners: &[("postgresql.cnpg.io/v1", "Cluster")],
            ..MARKS
        };
        assert_eq!(
            Dialect::of(&cluster, &held_by("db-1")),
            Dialect::CloudNativePg
        );
        let share = Marks {
            namespace: "longhorn-system",
            owners: &[("longhorn.io/v1beta2", "ShareManager")],
            ..MARKS
        };
        assert_eq!(Dialect::of(&share, &held_by("node-1")), Dialect::Longhorn);
        let coordinated = Record {
            strategy: Some("OldestEmulationVersion".into()),
            ..held_by("x")
        };
        assert_eq!(Dialect::of(&MARKS, &coordinated), Dialect::Coordinated);
        assert_eq!(Dialect::of(&MARKS, &held_by("x")), Dialect::ClientGo);
    }

    #[test]
    fn an_empty_holder_still_locks_terraform() {
        let marks = Marks {
            name: "lock-tfstate-default-prod",
            labels: &[("tfstate", "true")],
            lock_info_id: Some("id-1"),
            ..MARKS
        };
        let dialect = Dialect::of(&marks, &held_by(""));
        assert_eq!(
            dialect,
            Dialect::Terraform {
                lock_id: Some("id-1".into())
            }
        );
        assert!(!dialect.is_free(&held_by("")));
        assert!(dialect.is_free(&Record::default()));
        assert!(Dialect::ClientGo.is_free(&held_by("")));
        assert!(Dialect::ClientGo.is_free(&Record::default()));
    }
}
