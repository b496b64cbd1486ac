//! Leases that are no locks: the heartbeats of nodes and API servers.

use std::time::Duration;

use lease_core::{Dialect, State};

use super::silence::STALLED;
use crate::diagnosis::Code;
use crate::diagnosis::case::{Case, kubectl};
use crate::diagnosis::finding::{Finding, Severity};
use crate::human;

/// How long the garbage collector may take to remove what belonged to a node.
const CLEANED_UP: Duration = Duration::from_secs(5 * 60);

/// How long a kubelet may take to register its node, which it does first.
const REGISTERED: Duration = Duration::from_secs(10);

/// `IDENTITY_STALL`: an API server is not heard of, though its machine is still a node.
///
/// That of a machine that was replaced stays for an hour, until the API servers remove it.
pub(super) fn identity_stalls(case: &Case<'_>) -> Option<Finding> {
    let Dialect::ApiServerIdentity = case.dialect() else {
        return None;
    };
    let unchanged = case.unchanged_for()?;
    let host = case.lock.host.as_deref()?;
    let node = case.node(host)?;
    if unchanged <= STALLED {
        return None;
    }
    let sentence = format!(
        "the API server on {host} has not renewed its identity for {}, which it does every 10s",
        human::duration(unchanged)
    );
    let finding = case.finding(Code::IdentityStall, Severity::Error, sentence);
    Some(finding.next(kubectl(&format!(
        "get pods -n kube-system -o wide --field-selector spec.nodeName={}",
        node.name
    ))))
}

/// `NODE_LEASE_ORPHAN`: a heartbeat that stayed when its node was removed.
pub(super) fn node_is_no_more(case: &Case<'_>) -> Option<Finding> {
    let is_expired = case.state() == State::Expired;
    if *case.dialect() != Dialect::NodeHeartbeat || !is_expired {
        return None;
    }
    let unchanged = case.unchanged_for()?;
    let exists = case
        .facts
        .nodes
        .as_ref()?
        .iter()
        .any(|node| node.name == case.name());
    if exists || unchanged < CLEANED_UP {
        return None;
    }
    let sentence = format!(
        "it is the heartbeat of a node that is there no more, last heard of {}",
        human::ago(unchanged)
    );
    let finding = case.finding(Code::NodeLeaseOrphan, Severity::Warning, sentence);
    let next = format!("delete lease {} -n {}", case.name(), case.namespace());
    Some(finding.next(kubectl(&next)))
}

/// `RENEWING_WITHOUT_NODE`: a heartbeat whose kubelet lives, and whose node is not there.
///
/// One that belongs to a node goes with it: for how long that is gone cannot be told.
pub(super) fn renews_without_node(case: &Case<'_>) -> Option<Finding> {
    let lives = matches!(case.state(), State::Held | State::Late);
    if *case.dialect() != Dialect::NodeHeartbeat || !lives || case.lock.is_owned {
        return None;
    }
    let exists = case
        .facts
        .nodes
        .as_ref()?
        .iter()
        .any(|node| node.name == case.name());
    let age = case.now().since(case.lock.created?);
    if exists || age < REGISTERED {
        return None;
    }
    let sentence = format!(
        "the kubelet on {} renews its heartbeat, but there is no node of that name: nothing is \
         scheduled there, and what runs there is not seen",
        case.name()
    );
    let finding = case.finding(Code::RenewingWithoutNode, Severity::Warning, sentence);
    Some(finding.next(kubectl("get nodes -o wide")))
}
