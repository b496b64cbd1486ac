//! What Events tell of the last hour.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use lease_client::Pod;

use crate::diagnosis::Code;
use crate::diagnosis::case::{Case, kubectl};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::holder::Holder;

/// How far back is looked.
const LATELY: Duration = Duration::from_secs(60 * 60);
/// How often somebody may come back. Who takes part in a rolling update never does.
const COMEBACKS: u32 = 3;

/// What client-go says of a holder, after its identity.
const BECAME_LEADER: &str = " became leader";
/// What its recorder puts before the latest of many messages that it tells as one.
const COMBINED: &str = "(combined from similar events): ";

/// `FLAPPING`: the same few take it from each other again and again.
pub(super) fn flaps(case: &Case<'_>) -> Option<Finding> {
    let mut terms: HashMap<&str, u32> = HashMap::new();
    for (leader, count) in leaders(case) {
        // Each life of a process has a uuid of its own.
        let who = leader.rsplit_once('_').map_or(leader, |(host, _)| host);
        *terms.entry(who).or_default() += count;
    }
    let all = terms.values().copied().fold(0, u32::saturating_add);
    let comebacks = all.saturating_sub(u32::try_from(terms.len()).unwrap_or(u32::MAX));
    if comebacks < COMEBACKS {
        return None;
    }
    let mut who: Vec<_> = terms.into_iter().collect();
    who.sort_unstable_by_key(|&(who, times)| (std::cmp::Reverse(times), who));
    let who: Vec<_> = who
        .iter()
        .take(4)
        .map(|(who, times)| format!("{who} ({times})"))
        .collect();
    let sentence = format!(
        "it was taken {all} times within the hour, by the same again and again: a slow API server \
         or a starved holder is the usual cause"
    );
    let finding = case.finding(Code::Flapping, Severity::Warning, sentence);
    let next = format!("events --for lease/{} -n {}", case.name(), case.namespace());
    Some(
        finding
            .known_by(format!("taken by {}", who.join(", ")))
            .next(kubectl(&next)),
    )
}

/// `COLLISION`: pods of different workloads live and lead by one lock.
pub(super) fn is_shared(case: &Case<'_>) -> Option<Finding> {
    let mut led: BTreeMap<(&str, &str), &Pod> = BTreeMap::new();
    let leaders = leaders(case).map(|(leader, _)| case.who(case.lock, leader));
    let led_lately = leaders.filter_map(|leader| match leader {
        Holder::Pod {
            pod,
            is_certain: true,
        } => Some(pod),
        _ => None,
    });
    for pod in led_lately.chain(case.certain_pod()) {
        let lives = pod.phase == "Running" && pod.deletion.is_none();
        if let (true, Some(workload)) = (lives, controlled_by(pod)) {
            led.entry((&pod.namespace, workload)).or_insert(pod);
        }
    }
    // A new workload that takes over from an old one is an upgrade, and no contest.
    if led.len() < 2 || !alternates(case) {
        return None;
    }
    let names: Vec<_> = led
        .keys()
        .map(|(namespace, name)| format!("{namespace}/{name}"))
        .collect();
    let sentence = format!(
        "different workloads lead by it, and only one of them at a time: {}",
        names.join(" and ")
    );
    let mut finding = case.finding(Code::Collision, Severity::Warning, sentence);
    for pod in led.values() {
        let owner = pod.owner.as_deref().unwrap_or_default();
        finding = finding.known_by(format!(
            "pod {}/{} of {owner} led within the hour, and runs",
            pod.namespace, pod.name
        ));
    }
    let next = format!("events --for lease/{} -n {}", case.name(), case.namespace());
    Some(finding.next(kubectl(&next)))
}

/// Whether a workload led again after another one had.
fn alternates(case: &Case<'_>) -> bool {
    let mut turns: Vec<_> = case
        .events()
        .iter()
        .filter_map(|event| {
            let leader = event.message.strip_suffix(BECAME_LEADER)?;
            match case.who(case.lock, leader) {
                Holder::Pod { pod, .. } => Some((event.time?, controlled_by(pod)?)),
                _ => None,
            }
        })
        .collect();
    turns.sort_unstable();
    turns.dedup_by_key(|(_, workload)| *workload);
    turns.len() > 2
}

/// Whoever became leader lately by client-go's word, and how often.
fn leaders<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a str, u32)> {
    case.events().iter().filter_map(|event| {
        let is_lately = case.now().since(event.time?) < LATELY;
        let leader = event.message.strip_suffix(BECAME_LEADER)?;
        let leader = leader.strip_prefix(COMBINED).unwrap_or(leader);
        // Of what has happened since before, only the last time is known to have been lately.
        let began_lately = event
            .first
            .is_none_or(|first| case.now().since(first) < LATELY);
        let count = if began_lately { event.count.max(1) } else { 1 };
        (is_lately && event.reason == "LeaderElection").then_some((leader, count))
    })
}

/// The name of what a pod is one of. Static pods are one of a kind on each node.
fn controlled_by(pod: &Pod) -> Option<&str> {
    let (kind, name) = pod.owner.as_deref()?.split_once('/')?;
    match kind {
        "Node" => None,
        // Of a Deployment, and a hash.
        "ReplicaSet" => name.rsplit_once('-').map(|(deployment, _)| deployment),
        // Of a CronJob perhaps, and its minute.
        "Job" => match name.rsplit_once('-') {
            Some((job, minute)) if minute.bytes().all(|byte| byte.is_ascii_digit()) => Some(job),
            _ => Some(name),
        },
        _ => Some(name),
    }
}
