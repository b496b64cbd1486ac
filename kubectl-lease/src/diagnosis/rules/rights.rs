//! Whether those who should keep a lock are allowed to.

use lease_client::{Pod, ServiceAccount};
use lease_core::{Dialect, State};

use crate::diagnosis::Code;
use crate::diagnosis::access::Question;
use crate::diagnosis::case::{Case, kubectl};
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
    let next = kubectl(&format!(
        "auth can-i {verb} leases.coordination.k8s.io/{} -n {}",
        case.name(),
        case.namespace()
    ));
    let next = format!("{next} --as {}", account.user());
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
    if *case.dialect() != Dialect::ClientGo {
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
        pod.namespace == case.namespace() && workload(&pod.name) == workload(gone) && lives(pod)
    });
    heirs.next().filter(|_| is_over)
}

fn account(pod: &Pod) -> Option<ServiceAccount> {
    Some(ServiceAccount {
        namespace: pod.namespace.clone(),
        name: pod.service_account.clone()?,
    })
}
