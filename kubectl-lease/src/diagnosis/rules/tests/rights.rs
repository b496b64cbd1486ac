//! Whether those who should keep a lock are allowed to.

use lease_client::ServiceAccount;

use super::*;
use crate::diagnosis::facts::LeaseAccess;
use crate::diagnosis::finding::{Kind, LockId};
use crate::diagnosis::rules::whose_access_matters;

/// The cluster around this lock, in which pods act as `robot`, who may do this with it.
fn allowed(lock: &Value, (get, write): (bool, bool), change: impl FnOnce(&mut Facts)) -> Facts {
    with(lock, |facts| {
        for pod in pods(facts) {
            pod.service_account = Some("robot".into());
        }
        change(facts);
        facts.access = Some(vec![LeaseAccess {
            lock: LockId {
                kind: Kind::Lease,
                namespace: "n".into(),
                name: "web".into(),
            },
            account: ServiceAccount {
                namespace: "n".into(),
                name: "robot".into(),
            },
            get,
            write,
        }]);
    })
}

const NO_WRITE: (bool, bool) = (true, false);

#[test]
fn a_missing_right_is_why_nobody_renews() {
    let over = lock(5 * MINUTE);
    let finding = only(&allowed(&over, NO_WRITE, |_| {}), Code::Rbac);
    assert_eq!(
        finding.next,
        "kubectl auth can-i update leases.coordination.k8s.io/web -n n --as \
         system:serviceaccount:n:robot"
    );
    let finding = only(&allowed(&over, (false, true), |_| {}), Code::Rbac);
    assert!(finding.next.contains("can-i get "), "{}", finding.next);
    only(&allowed(&over, (true, true), |_| {}), Code::Zombie);
    let unread = |facts: &mut Facts| facts.access = None;
    let mut blind = allowed(&over, NO_WRITE, |_| {});
    unread(&mut blind);
    only(&blind, Code::Zombie);
    // Renewed in time, it is no matter.
    silent(&allowed(&lock(2), NO_WRITE, |_| {}));
    only(&allowed(&lock(11), NO_WRITE, |_| {}), Code::Rbac);
    // A static pod has credentials of its own.
    let mirror = |facts: &mut Facts| pods(facts)[0].is_mirror = true;
    only(&allowed(&over, NO_WRITE, mirror), Code::Zombie);
}

/// After an upgrade, the pod that held it is gone, and the new one may not take it.
#[test]
fn a_missing_right_of_the_next_pod_is_why_nobody_takes_it() {
    let over = lock(5 * MINUTE);
    let upgraded = |name: &'static str| {
        move |facts: &mut Facts| {
            let next = Pod {
                service_account: Some("robot".into()),
                ..pod(name)
            };
            *pods(facts) = vec![next];
        }
    };
    let sibling = upgraded("web-6d7c5d8f9b-bbbbb");
    only(&allowed(&over, NO_WRITE, sibling), Code::Rbac);
    only(&allowed(&over, (true, true), sibling), Code::HolderGone);
    let stranger = upgraded("other-6d7c5d8f9b-bbbbb");
    only(&allowed(&over, NO_WRITE, stranger), Code::HolderGone);
    let ended = |facts: &mut Facts| {
        sibling(facts);
        pods(facts)[0].phase = "Succeeded".into();
    };
    only(&allowed(&over, NO_WRITE, ended), Code::HolderGone);
}

#[test]
fn access_is_asked_for_only_where_it_would_tell_something() {
    let asked = |lock: &Value| whose_access_matters(&allowed(lock, NO_WRITE, |_| {})).len();
    assert_eq!(asked(&lock(5 * MINUTE)), 1);
    assert_eq!(asked(&lock(11)), 1);
    assert_eq!(asked(&lock(2)), 0);
    assert_eq!(asked(&named(lock(5 * MINUTE), "n", "web", "")), 0);
    let machine = named(lock(5 * MINUTE), "n", "web", "build-agent");
    assert_eq!(asked(&machine), 0);
    let heartbeat = named(lock(5 * MINUTE), "kube-node-lease", "worker-1", "worker-1");
    assert_eq!(asked(&heartbeat), 0);
}
