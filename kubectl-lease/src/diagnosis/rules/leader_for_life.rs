//! Locks that are a `ConfigMap` which belongs to its holder's Pod, and end with it.

use std::time::Duration;

use lease_client::{LeaderForLife, Pod};

use super::silence;
use crate::diagnosis::case::kubectl;
use crate::diagnosis::finding::{Cause, Finding, Kind, LockId, Severity};
use crate::diagnosis::holder::Holder;
use crate::diagnosis::{Code, Facts};

/// How long a pod may be there after it should be gone.
const SETTLED: Duration = Duration::from_secs(60);

/// `LEADER_FOR_LIFE`: its pod does nothing any more, and is there all the same.
pub(in crate::diagnosis) fn is_stuck(facts: &Facts, lock: &LeaderForLife) -> Option<Finding> {
    let pod = holder(facts, lock)?;
    // In a rolling update, a pod is there for a moment after it ended.
    let is_deleted = pod.deletion.map(|by| facts.now().since(by));
    if is_deleted.is_some_and(|since| since < SETTLED) {
        return None;
    }
    let (cause, sentence, next) = if pod.has_ended() {
        let reason = pod.reason.as_ref();
        let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
        let verb = if is_deleted.is_none() {
            "delete"
        } else {
            "describe"
        };
        (
            Cause::pod(pod),
            format!(
                "its leader's pod {}/{} has ended ({}{reason}), and the lock lasts until that pod \
                 is gone",
                pod.namespace, pod.name, pod.phase
            ),
            format!("{verb} pod {} -n {}", pod.name, pod.namespace),
        )
    } else {
        let name = pod.node.as_deref()?;
        let node = facts.nodes.iter().flatten().find(|node| node.name == name);
        let down = node?.down()?;
        (
            Cause::Node(name.to_owned()),
            format!(
                "node {name} of its leader's pod {} ({}), and the lock lasts until that pod is gone",
                silence::not_ready(down, facts.now()),
                down.reason
            ),
            format!("describe node {name}"),
        )
    };
    Some(Finding {
        code: Code::LeaderForLife,
        severity: Severity::Error,
        cause: Some(cause),
        sentence,
        evidence: vec![evidence(facts, lock)],
        next: kubectl(&next),
        locks: vec![LockId {
            kind: Kind::ConfigMap,
            namespace: lock.namespace.clone(),
            name: lock.name.clone(),
        }],
    })
}

/// Who leads by this lock, as far as that is known.
pub(crate) fn evidence(facts: &Facts, lock: &LeaderForLife) -> String {
    let LeaderForLife {
        namespace,
        name,
        pod,
        pod_uid,
    } = lock;
    let leads = match (holder(facts, lock), &facts.pods) {
        (Some(pod), _) => {
            let is_certain = true;
            Holder::Pod { pod, is_certain }.sentence()
        }
        (None, None) => format!("pod {namespace}/{pod}; pods could not be read"),
        (None, Some(_)) => format!("pod {namespace}/{pod}, which is there no more"),
    };
    format!("configmap/{name} belongs to {leads} (uid {pod_uid})")
}

/// The pod that it belongs to. One that only has its name is another one.
fn holder<'a>(facts: &'a Facts, lock: &LeaderForLife) -> Option<&'a Pod> {
    let mut pods = facts.pods.iter().flat_map(|pods| &pods.pods);
    pods.find(|pod| pod.uid == lock.pod_uid && pod.namespace == lock.namespace)
}
