//! Locks that end with their leader's pod.

use lease_client::LeaderForLife;

use super::*;

/// A lock of a pod on `worker-1`, with the cluster changed by `change`.
fn led(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = cluster(&lock(2));
    facts.locks.clear();
    facts.leaders = Some(vec![LeaderForLife {
        namespace: "n".into(),
        name: "memcached-lock".into(),
        pod: POD.into(),
        pod_uid: Uid::new("p"),
    }]);
    pods(&mut facts).truncate(1);
    change(&mut facts);
    facts
}

#[test]
fn a_leader_for_life_that_has_ended_is_told_while_its_pod_is_there() {
    silent(&led(|_| {}));
    let evicted = |facts: &mut Facts| {
        let pod = &mut pods(facts)[0];
        (pod.phase, pod.reason) = ("Failed".into(), Some("Evicted".into()));
    };
    let finding = only(&led(evicted), Code::LeaderForLife);
    assert_eq!(finding.next, format!("kubectl delete pod {POD} -n n"));
    assert!(
        finding.sentence.contains("(Failed: Evicted)"),
        "{}",
        finding.sentence
    );
    let deleted = |seconds: i64| {
        led(|facts| {
            evicted(facts);
            pods(facts)[0].deletion = Some(ago(seconds));
        })
    };
    // A kubelet is about to remove it, or none does.
    silent(&deleted(2));
    let finding = only(&deleted(5 * MINUTE), Code::LeaderForLife);
    assert_eq!(finding.next, format!("kubectl describe pod {POD} -n n"));
    // Another one of its name.
    silent(&led(|facts| {
        evicted(facts);
        pods(facts)[0].uid = Uid::new("another");
    }));
    // Gone: the garbage collector sees to it.
    silent(&led(|facts| pods(facts).clear()));
    silent(&led(|facts| facts.pods = None));
}

#[test]
fn a_leader_for_life_on_a_lost_node_is_told_with_all_of_them() {
    let facts = led(|facts| {
        facts.nodes.as_mut().unwrap()[0] = node("worker-1", Ready::Unknown, 10 * MINUTE);
        let leaders = facts.leaders.as_mut().unwrap();
        let other = LeaderForLife {
            name: "other-lock".into(),
            ..leaders[0].clone()
        };
        leaders.push(other);
    });
    let finding = only(&facts, Code::LeaderForLife);
    assert_eq!(finding.next, "kubectl describe node worker-1");
    assert_eq!(finding.locks.len(), 2);
    silent(&led(|facts| {
        facts.nodes.as_mut().unwrap()[1] = node("worker-2", Ready::Unknown, 10 * MINUTE);
    }));
    silent(&led(|facts| facts.nodes = None));
}
