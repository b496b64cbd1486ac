//! Many locks that were silenced at once, which have one cause.

use std::collections::HashSet;
use std::time::Duration;

use lease_core::{Dialect, State, Timestamp};

use crate::diagnosis::Code;
use crate::diagnosis::case::{Case, kubectl};
use crate::diagnosis::finding::{Finding, LockId, Severity};
use crate::human;

/// Holders renew at times of their own, so the last renewals before an outage lie so far apart.
const WINDOW: Duration = Duration::from_secs(30);
/// Fewer may have causes of their own.
const LOCKS: usize = 5;
const PODS: usize = 3;
const NODES: usize = 2;
/// How many are named as evidence.
const NAMED: usize = 3;

/// A lock whose holder lives, and used to renew it.
pub(super) struct Silenced {
    lock: LockId,
    renewed: Timestamp,
    ago: Duration,
    pod: (String, String),
    node: String,
}

impl Silenced {
    pub(super) fn of(case: &Case<'_>) -> Option<Self> {
        let is_silent = matches!(case.state(), State::Late | State::Expired);
        let record = case.record();
        // What was only taken was not meant to be renewed.
        let was_renewed = record.renewed()? > record.acquired()?;
        let pod = case.certain_pod()?;
        let node = pod.node.as_deref()?;
        let lives = pod.phase == "Running"
            && pod.deletion.is_none()
            && case.node(node).is_none_or(|node| node.down().is_none());
        if !is_silent || !was_renewed || !lives || *case.dialect() != Dialect::ClientGo {
            return None;
        }
        let renewed = case.lock.snapshot.stamp?;
        Some(Self {
            lock: case.id(),
            renewed,
            ago: case.now().since(renewed),
            pod: (pod.namespace.clone(), pod.name.clone()),
            node: node.to_owned(),
        })
    }
}

/// `SLOW_API_SERVER`: holders that have nothing else in common stopped renewing in one moment. What
/// was told of each of these locks is told once.
///
/// Of what has a cause that is known already, nothing is concluded.
pub(super) fn told_once(mut silenced: Vec<Silenced>, mut found: Vec<Finding>) -> Vec<Finding> {
    let explained: HashSet<_> = found
        .iter()
        .filter(|finding| matches!(finding.code, Code::Rbac | Code::HolderRestarted))
        .flat_map(|finding| finding.locks.clone())
        .collect();
    silenced.retain(|silenced| !explained.contains(&silenced.lock));
    silenced.sort_by_key(|lock| lock.renewed);
    let within = |first: usize| {
        let begin = silenced[first].renewed;
        let later = silenced[first..].partition_point(|lock| lock.renewed.since(begin) <= WINDOW);
        &silenced[first..first + later]
    };
    // The largest, and of equals the latest.
    let Some(together) = (0..silenced.len())
        .map(within)
        .max_by_key(|together| together.len())
    else {
        return found;
    };
    let pods: HashSet<_> = together.iter().map(|lock| &lock.pod).collect();
    let nodes: HashSet<_> = together.iter().map(|lock| &lock.node).collect();
    if together.len() < LOCKS || pods.len() < PODS || nodes.len() < NODES {
        return found;
    }
    let (Some(first), Some(last)) = (together.first(), together.last()) else {
        return found;
    };
    let locks: HashSet<_> = together.iter().map(|lock| &lock.lock).collect();
    found.retain(|finding| {
        let is_one_of_them = finding.locks.iter().all(|lock| locks.contains(lock));
        !(finding.code == Code::Zombie && is_one_of_them)
    });
    let mut evidence: Vec<_> = together
        .iter()
        .take(NAMED)
        .map(
            |Silenced {
                 lock,
                 renewed,
                 pod: (namespace, name),
                 node,
                 ..
             }| {
                format!(
                    "{}/{} was renewed at {} by pod {namespace}/{name}, which runs on node {node}",
                    lock.namespace,
                    lock.name,
                    human::time(*renewed)
                )
            },
        )
        .collect();
    evidence.push(format!(
        "{} pods on {} nodes, and these nodes are ready",
        pods.len(),
        nodes.len()
    ));
    found.push(Finding {
        code: Code::SlowApiServer,
        severity: Severity::Error,
        cause: None,
        sentence: format!(
            "the API server was slow or out of reach: {} holders that live stopped renewing within \
             {} of each other, {}",
            together.len(),
            human::duration(last.renewed.since(first.renewed)),
            human::ago(last.ago)
        ),
        evidence,
        next: kubectl("get --raw '/readyz?verbose'"),
        locks: together.iter().map(|lock| lock.lock.clone()).collect(),
    });
    found
}
