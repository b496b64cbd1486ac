//! All that was read for a diagnosis, and what could not be.

use std::borrow::Cow;

use lease_client::{
    EventAbout, LeaderForLife, LeaseCandidate, LeaseSummary, Node, Pod, ServiceAccount, clock,
};
use lease_core::Timestamp;

use super::case::kubectl;
use super::finding::LockId;

/// What is known of some locks and of what is around them. Whatever could not be read is `None`,
/// and named in `unread`.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The locks in question.
    pub(crate) locks: Vec<LeaseSummary>,
    /// Who waits for them.
    pub(crate) tickets: Vec<LeaseSummary>,
    /// Other locks and those who wait for them; read only if somebody waits under one of them.
    pub(crate) around: Vec<LeaseSummary>,
    pub(crate) pods: Option<Pods>,
    pub(crate) nodes: Option<Vec<Node>>,
    pub(crate) events: Option<Vec<EventAbout>>,
    /// Who stands for the locks that the control plane assigns; asked for only if there is one.
    pub(crate) candidates: Option<Vec<LeaseCandidate>>,
    /// The locks of another kind: config maps that belong to a Pod.
    pub(crate) leaders: Option<Vec<LeaderForLife>>,
    /// What those may do who should renew locks that nobody renews.
    pub(crate) access: Option<Vec<LeaseAccess>>,
    /// The API server's clock when it answered with the locks.
    pub(crate) date: Option<Timestamp>,
    /// What this machine's clock showed before and after that.
    pub(crate) read_within: Option<(Timestamp, Timestamp)>,
    pub(crate) unread: Vec<Unread>,
}

impl Facts {
    /// How many locks are in question.
    pub(crate) fn count(&self) -> usize {
        self.locks.len() + self.leaders.iter().flatten().count()
    }

    /// What the API server's clock showed, or else ours.
    pub(super) fn now(&self) -> Timestamp {
        self.date.unwrap_or_else(clock::wall)
    }
}

/// The pods that could be read.
#[derive(Debug)]
pub(crate) struct Pods {
    pub(crate) pods: Vec<Pod>,
    /// Whether these are all that there are. Only then a pod that is not among them does not exist.
    pub(crate) are_all: bool,
}

/// What a service account may do with one lock.
#[derive(Clone, Debug)]
pub(crate) struct LeaseAccess {
    pub(crate) lock: LockId,
    pub(crate) account: ServiceAccount,
    pub(crate) get: bool,
    /// By an update or by a patch.
    pub(crate) write: bool,
}

/// Something that would tell more, and could not be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Unread {
    /// What it is.
    pub(crate) what: &'static str,
    /// Why.
    pub(crate) why: String,
    /// The right that is missing, in the words of `kubectl auth can-i`, if it is one.
    pub(crate) right: Option<String>,
}

impl Unread {
    /// What could not be read, in one line; `None` if all could.
    pub(crate) fn told(unread: &[Self]) -> Option<String> {
        let mut reasons: Vec<(Cow<'_, str>, Vec<&str>)> = Vec::new();
        for Self { what, why, right } in unread {
            let reason = right.as_ref().map_or(Cow::from(why), |right| {
                let command = kubectl(&format!("auth can-i {right}"));
                format!("`{command}` says no").into()
            });
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, whats)) => whats.push(what),
                None => reasons.push((reason, vec![what])),
            }
        }
        let parts: Vec<_> = reasons
            .iter()
            .map(|(reason, whats)| format!("{} ({reason})", whats.join(", ")))
            .collect();
        (!parts.is_empty()).then(|| {
            format!(
                "could not be read, and would tell more: {}",
                parts.join("; ")
            )
        })
    }
}
