//! Why a lock is not renewed: from what surely is its holder, to that nothing is known.

use std::time::Duration;

use lease_client::{Container, Pod, Readiness};
use lease_core::{Dialect, State, Timestamp};

use crate::diagnosis::Code;
use crate::diagnosis::case::{Case, kubectl};
use crate::diagnosis::finding::{Cause, Finding, Severity};
use crate::diagnosis::holder::{Holder, workload};
use crate::human;
use crate::invocation;

/// An API server renews its identity every 10 s, although it lasts an hour.
pub(super) const STALLED: Duration = Duration::from_secs(60);
/// How long a lease without a time limit may stay as it is.
const LONG_HELD: Duration = Duration::from_secs(2 * 60 * 60);
/// When an expired lease is one of the past.
const LONG_OVER: Duration = Duration::from_secs(60 * 60);

/// How bad it is that nobody renews a lock; `None` if somebody may.
///
/// A lease that still runs is silent after a third of its duration: a holder that is well has
/// renewed twice by then. That alone is no finding, but it makes the death of its holder one.
pub(super) fn silent(case: &Case<'_>) -> Option<Severity> {
    let unchanged = case.unchanged_for();
    match case.state() {
        State::Expired | State::Unbounded => Some(Severity::Error),
        State::Held | State::Late => {
            let patience = match case.dialect() {
                Dialect::ApiServerIdentity => STALLED,
                _ => case.record().duration()? / 3,
            };
            (unchanged? > patience).then_some(Severity::Warning)
        }
        State::Free | State::Malformed | State::Offered | State::Unknown => None,
    }
}

/// `HOLDER_NODE_DOWN`: the machine under the holder is away.
pub(super) fn node_is_down(case: &Case<'_>) -> Option<Finding> {
    let severity = silent(case)?;
    let node = if let Some(Holder::Node(node)) = &case.holder {
        node
    } else {
        let pod = case.certain_pod()?;
        // Of a pod that came later, the node says nothing of the holder's.
        if came_later(case, pod) {
            return None;
        }
        case.node(pod.node.as_deref()?)?
    };
    let down = node.down()?;
    let renewed_since = down.since.zip(case.lock.snapshot.stamp);
    if case.state() != State::Expired && renewed_since.is_none_or(|(since, at)| at > since) {
        return None;
    }
    let sentence = format!(
        "node {} of its holder {} ({}), and nothing there renews it",
        node.name,
        not_ready(down, case.now()),
        down.reason
    );
    let finding = case.finding(Code::HolderNodeDown, severity, sentence);
    Some(
        finding
            .because_of(Cause::Node(node.name.clone()))
            .next(kubectl(&format!("describe node {}", node.name))),
    )
}

/// `LEFTOVER`: nothing of what held it is left.
pub(super) fn nobody_is_left(case: &Case<'_>) -> Option<Finding> {
    let (Some(Holder::Gone(name) | Holder::Absent(name)), State::Expired, Dialect::ClientGo) =
        (&case.holder, case.state(), case.dialect())
    else {
        return None;
    };
    let over = case.unchanged_for()?;
    if over < LONG_OVER || case.has_workload(workload(name)) || case.has_workload(case.name()) {
        return None;
    }
    let sentence = format!(
        "it was left over {}: its holder is gone, and no pod of that workload or of the lock's \
         name is left here",
        human::ago(over)
    );
    let finding = case.finding(Code::Leftover, Severity::Warning, sentence);
    Some(finding.next(case.free_it()))
}

/// `HOLDER_GONE`: its pod is there no more, has ended for good, or is another one now.
pub(super) fn pod_is_gone(case: &Case<'_>) -> Option<Finding> {
    let severity = silent(case)?;
    let over = matches!(case.state(), State::Expired | State::Unbounded);
    let (sentence, cause) = match &case.holder {
        // Of what nobody renews, that alone proves nothing: it may be a pod of another cluster.
        Some(Holder::Gone(name)) if case.state() == State::Expired => (
            format!("its holder is gone: there is no pod and no node {name} any more"),
            None,
        ),
        _ => {
            let pod = case.certain_pod()?;
            let name = format!("{}/{}", pod.namespace, pod.name);
            // Somebody who did his work may have left a lock to last; nobody fails on purpose.
            let sentence = if pod.has_ended() && (over || pod.phase == "Failed") {
                let reason = pod
                    .reason
                    .as_deref()
                    .unwrap_or("all of its containers ended");
                format!(
                    "its holder's pod {name} has ended ({}: {reason})",
                    pod.phase
                )
            } else if came_later(case, pod) && case.state() == State::Expired {
                format!("its holder's pod was replaced: today's {name} came after the last renewal")
            } else if came_later(case, pod)
                && pod.namespace == case.namespace()
                && matches!(case.dialect(), Dialect::Terraform { .. })
            {
                // A run does not outlive its pod, and nothing but the run unlocks its state.
                format!("the run that locked it ended with its pod: today's {name} came after it")
            } else {
                return None;
            };
            (sentence, Some(Cause::pod(pod)))
        }
    };
    let next = match case.state() {
        State::Held | State::Late => {
            invocation::command("wait --for expired", case.name(), case.namespace())
        }
        _ => case.free_it(),
    };
    let finding = case
        .finding(Code::HolderGone, severity, sentence)
        .next(next);
    Some(match cause {
        Some(cause) => finding.because_of(cause),
        None => finding,
    })
}

/// `HOLDER_RESTARTED`: the process that held it ended, though its pod is there.
///
/// When a container started and when the holder renewed are told by the same clock, its node's.
/// Of several containers any could be the holder's, so all must have started since.
pub(super) fn process_restarted(case: &Case<'_>) -> Option<Finding> {
    let severity =
        silent(case).filter(|_| case.state() != State::Unbounded && is_attended(case))?;
    let pod = case.certain_pod()?;
    let renewed = case.record().renewed()?;
    let is_new = |container: &Container| {
        let ended = || container.last_end.as_ref()?.at;
        // One that runs for the first time followed nobody: an init container may have held it.
        if container.restarts == 0 && container.last_end.is_none() {
            return false;
        }
        let began = container.running_since.or_else(ended);
        began.is_some_and(|began| later((began, renewed)))
    };
    if pod.containers.is_empty() || !pod.containers.iter().all(is_new) {
        return None;
    }
    let container = pod.containers.iter().max_by_key(|one| one.restarts)?;
    let end = container.last_end.as_ref().map_or_else(String::new, |end| {
        format!(" (last: {}, exit code {})", end.reason, end.code)
    });
    let name = format!("{}/{}", pod.namespace, pod.name);
    let sentence = match (&container.waits_for, container.running_since) {
        (Some(why), _) => format!(
            "the process that held it has ended: container {} of pod {name} waits, {why}{end}",
            container.name
        ),
        (None, Some(since)) => format!(
            "the process that held it has ended: container {} of pod {name} started anew {}{end}",
            container.name,
            human::ago(case.now().since(since))
        ),
        (None, None) => format!(
            "the process that held it has ended: container {} of pod {name} does not run{end}",
            container.name
        ),
    };
    let finding = case.finding(Code::HolderRestarted, severity, sentence);
    Some(finding.because_of(Cause::pod(pod)).next(kubectl(&format!(
        "logs {} -n {} -c {} --previous",
        pod.name,
        pod.namespace,
        invocation::quoted(&container.name)
    ))))
}

/// `ZOMBIE`: its pod runs, and renews no more.
pub(super) fn pod_hangs(case: &Case<'_>) -> Option<Finding> {
    let pod = case.certain_pod()?;
    let hangs = pod.phase == "Running" && pod.deletion.is_none();
    if case.state() != State::Expired || !hangs || !is_attended(case) {
        return None;
    }
    let sentence = format!(
        "its holder's pod {}/{} runs, but has not renewed it for {}",
        pod.namespace,
        pod.name,
        human::duration(case.unchanged_for()?)
    );
    let finding = case.finding(Code::Zombie, Severity::Error, sentence);
    Some(finding.because_of(Cause::pod(pod)).next(kubectl(&format!(
        "logs {} -n {} --all-containers --tail 50",
        pod.name, pod.namespace
    ))))
}

/// `UNBOUNDED`: nothing ends it, and nobody is known to work under it.
pub(super) fn never_ends(case: &Case<'_>) -> Option<Finding> {
    let unchanged = case.unchanged_for()?;
    let lives = case.certain_pod().is_some_and(|pod| !pod.has_ended());
    if case.state() != State::Unbounded || unchanged < LONG_HELD || lives {
        return None;
    }
    let sentence = format!(
        "it never expires, since its holder gave no time limit, and nothing has changed for {}",
        human::duration(unchanged)
    );
    let finding = case.finding(Code::Unbounded, Severity::Warning, sentence);
    Some(finding.next(case.see_who_loses_it()))
}

/// `EXPIRED`: its duration is over, and that is all that is known.
pub(super) fn is_over(case: &Case<'_>) -> Option<Finding> {
    // Of heartbeats, those of machines that are no more are cleaned away.
    let is_foreign = match case.dialect() {
        Dialect::ApiServerIdentity => true,
        Dialect::NodeHeartbeat => matches!(case.holder, Some(Holder::Absent(_))),
        _ => false,
    };
    if case.state() != State::Expired || is_foreign {
        return None;
    }
    let unchanged = human::duration(case.unchanged_for()?);
    let sentence = match case.dialect() {
        Dialect::NodeHeartbeat => {
            format!(
                "the kubelet of node {} has not renewed its heartbeat for {unchanged}",
                case.name()
            )
        }
        _ => format!("its lease is over: nobody has renewed or taken it for {unchanged}"),
    };
    // Taken by a command that was not meant to renew it, it was to end.
    let severity = if is_attended(case) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let finding = case.finding(Code::Expired, severity, sentence);
    Some(match case.dialect() {
        Dialect::NodeHeartbeat => finding.next(kubectl(&format!("describe node {}", case.name()))),
        _ => finding.next(case.free_it()),
    })
}

/// That a node is not ready, and for how long.
pub(super) fn not_ready(down: &Readiness, now: Timestamp) -> String {
    match down.since {
        Some(since) => format!(
            "has not been ready for {}",
            human::duration(now.since(since))
        ),
        None => "is not ready".to_owned(),
    }
}

/// Whether its holder was to renew it, as far as that is known: who takes a lock by a command that
/// ends does not.
fn is_attended(case: &Case<'_>) -> bool {
    let taker = case.lock.snapshot.taker();
    taker.is_none_or(|taker| taker.attends)
}

/// Whether a pod was created after the lock was last renewed, both by the API server's clock.
fn came_later(case: &Case<'_>, pod: &Pod) -> bool {
    pod.created.zip(case.lock.snapshot.stamp).is_some_and(later)
}

fn later((one, other): (Timestamp, Timestamp)) -> bool {
    one > other
}
