//! Whether those who should keep a lock are allowed to.

use lease_client::{Pod, ServiceAccount};
use lease_core::{Dialect, State};

use crate::diagnosis::Code;
use crate::diagnosis::access::Question;
use crate::diagnosis::case::{Case, kubectl_as};
use crate::diagnosis::facts::LeaseAccess;
use crate::diagnosis::finding::{Cause, Finding, Severity};
use crate::diagnosis::holder::{Holder, workload};

/// Whose rights on a lock would tell why nobody renews it: the holder's, or those of the pods that
/// should have taken over from it.
pub(super) fn question(case: &Case<'_>) -> Option<Question> {
    let pod = heir(case)?;
    Some(Question {
        lock: case.id(),
        account: account(pod)?,
    })
}

/// `RBAC`: whoever should renew it, or take it, may not.
pub(super) fn are_missing(case: &Case<'_>) -> Option<Finding> {
    let pod = heir(case)?;
    let account = account(pod)?;
    let access = case.facts.access.iter().flatten();
    let lock = case.id();
    let LeaseAccess { get, write, .. } = access
        .into_iter()
        .find(|access| access.lock == lock && access.account == account)?;
    let (verb, may_not) = match (get, write) {
        (true, true) => return None,
        (false, true) => ("get", "may not get it"),
        (true, false) => ("update", "may not update it"),
        (false, false) => ("update", "may neither get nor update it"),
    };
    let ServiceAccount { namespace, name } = &account;
    let sentence = format!(
        "service account {namespace}/{name} {may_not}, so no pod that acts as it can renew or take \
         it"
    );
    let acts = format!("pod {}/{} acts as it", pod.namespace, pod.name);
    let next = kubectl_as(
        &account.user(),
        &format!(
            "auth can-i {verb} leases.coordination.k8s.io/{} -n {}",
            case.name(),
            case.namespace()
        ),
    );
    let finding = case.finding(Code::Rbac, Severity::Error, sentence);
    Some(
        finding
            .known_by(acts)
            .because_of(Cause::ServiceAccount(account))
            .next(next),
    )
}

/// The pod that should renew a lock which is not renewed: its holder's, or, where that is gone, one
/// of the same workload.
fn heir<'a>(case: &Case<'a>) -> Option<&'a Pod> {
    // What took a lock of ours had the right to, whatever its pod's account has.
    if *case.dialect() != Dialect::ClientGo || case.lock.snapshot.taker().is_some() {
        return None;
    }
    let lives = |pod: &&Pod| pod.phase == "Running" && pod.deletion.is_none() && !pod.is_mirror;
    let is_over = match case.state() {
        State::Expired => true,
        State::Late => false,
        _ => return None,
    };
    let gone = match (&case.holder, case.certain_pod()) {
        (_, Some(pod)) if !pod.has_ended() => return Some(pod).filter(lives),
        (_, Some(pod)) => pod.name.as_str(),
        (Some(Holder::Gone(name)), _) => name,
        _ => return None,
    };
    let pods = case.facts.pods.iter().flat_map(|pods| &pods.pods);
    let mut heirs = pods.filter(|pod| {
        pod.namespace == case.namespace()
            && workload(&pod.name) == workload(gone)
            && is_of_a_job(&pod.name) == is_of_a_job(gone)
            && lives(pod)
    });
    let heir = heirs.next().filter(|_| is_over)?;
    // If they act as different accounts, one of them may be able to.
    heirs
        .all(|other| other.service_account == heir.service_account)
        .then_some(heir)
}

/// Whether a pod's name is one that the Job of a `CronJob` gives, with its minute.
fn is_of_a_job(pod: &str) -> bool {
    let mut parts = pod.rsplit('-').skip(1);
    parts
        .next()
        .is_some_and(|part| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn account(pod: &Pod) -> Option<ServiceAccount> {
    Some(ServiceAccount {
        namespace: pod.namespace.clone(),
        name: pod.service_account.clone()?,
    })
}
