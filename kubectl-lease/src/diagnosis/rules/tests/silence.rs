//! Why a lock is not renewed.

use lease_client::End;

use super::*;

#[test]
fn a_dead_node_is_told_once_with_all_its_locks() {
    let down = |facts: &mut Facts| {
        facts.nodes.as_mut().unwrap()[0] = node("worker-1", Ready::Unknown, 10 * MINUTE);
    };
    let mut facts = with(&lock(11 * MINUTE), down);
    facts.locks.push(read(&named(
        lock(11 * MINUTE),
        "n",
        "other",
        "other-7c5d8f9b6d-x2k9p",
    )));
    let heartbeat = named(lock(11 * MINUTE), "kube-node-lease", "worker-1", "worker-1");
    facts.locks.push(read(&heartbeat));
    let finding = only(&facts, Code::HolderNodeDown);
    assert_eq!(finding.locks.len(), 3);
    assert_eq!(finding.next, "kubectl describe node worker-1");

    // Before it expires, as long as nothing was heard since.
    let long = |renewed| {
        changed(lock(renewed), |lock| {
            lock["spec"]["leaseDurationSeconds"] = 1200.into();
        })
    };
    only(&with(&long(11 * MINUTE), down), Code::HolderNodeDown);
    silent(&with(&long(9 * MINUTE), down));
    silent(&with(&lock(2), down));
    // Of another node than the one that is away.
    let elsewhere = |facts: &mut Facts| {
        facts.nodes.as_mut().unwrap()[1] = node("worker-2", Ready::Unknown, 10 * MINUTE);
    };
    only(&with(&lock(11 * MINUTE), elsewhere), Code::Zombie);
}

#[test]
fn a_pod_is_gone_only_where_all_could_be_read() {
    let gone = |facts: &mut Facts| {
        pods(facts).retain(|pod| pod.name != POD);
        pods(facts).push(pod("web-7c5d8f9b6d-bbbbb"));
    };
    let over = lock(5 * MINUTE);
    let finding = only(&with(&over, gone), Code::HolderGone);
    assert!(
        finding.next.contains("steal --release web -n n"),
        "{}",
        finding.next
    );
    silent(&with(&lock(2), gone));
    // Held on purpose, perhaps: who holds it gave it ten minutes.
    let long = changed(over.clone(), |lock| {
        lock["spec"]["leaseDurationSeconds"] = 600.into();
    });
    silent(&with(&long, gone));
    for unreadable in [
        (|facts: &mut Facts| facts.pods = None) as fn(&mut Facts),
        |facts| facts.pods.as_mut().unwrap().are_all = false,
        |facts| facts.nodes = None,
    ] {
        let mut facts = with(&over, gone);
        unreadable(&mut facts);
        only(&facts, Code::Expired);
    }
    // The name of a machine: it may be anywhere.
    let machine = named(over, "n", "web", "build-agent");
    only(&with(&machine, gone), Code::Expired);
}

#[test]
fn a_pod_that_has_ended_is_gone_while_its_lease_still_runs() {
    let long = changed(lock(5 * MINUTE), |lock| {
        lock["spec"]["leaseDurationSeconds"] = 600.into();
    });
    let evicted = |facts: &mut Facts| {
        let pod = &mut pods(facts)[0];
        (pod.phase, pod.reason) = ("Failed".into(), Some("Evicted".into()));
    };
    let finding = only(&with(&long, evicted), Code::HolderGone);
    assert!(finding.sentence.contains("Evicted"), "{}", finding.sentence);
    assert!(
        finding.next.contains("wait --for expired web"),
        "{}",
        finding.next
    );
    silent(&cluster(&long));
    // Who did its work may have left it on purpose, until it is over.
    let done = |facts: &mut Facts| pods(facts)[0].phase = "Succeeded".into();
    silent(&with(&long, done));
    only(&with(&lock(5 * MINUTE), done), Code::HolderGone);

    // Of two that share the name, one may live.
    let twins = with(&long, |facts| {
        evicted(facts);
        let twin = Pod {
            namespace: "m".into(),
            ..pod(POD)
        };
        pods(facts).push(twin);
    });
    silent(&twins);
    let node_of_that_name = with(&long, |facts| {
        evicted(facts);
        facts
            .nodes
            .as_mut()
            .unwrap()
            .push(node(POD, Ready::True, HOUR));
    });
    silent(&node_of_that_name);
}

#[test]
fn a_pod_of_the_same_name_that_came_later_is_another_one() {
    let over = named(lock(5 * MINUTE), "n", "web", "web-0");
    let replaced = |created| {
        with(&over, move |facts: &mut Facts| {
            let new = Pod {
                created: Some(ago(created)),
                ..pod("web-0")
            };
            pods(facts).push(new);
        })
    };
    only(&replaced(4 * MINUTE), Code::HolderGone);
    only(&replaced(6 * MINUTE), Code::Zombie);
    // Without an end, the new one may go on under the old name.
    let mutex = changed(over.clone(), |lock| {
        lock["spec"] = json!({"holderIdentity": "web-0"});
    });
    let mut renewed = replaced(4 * MINUTE);
    renewed.locks = vec![read(&mutex)];
    silent(&renewed);
    let mut shared = replaced(4 * MINUTE);
    let other = Pod {
        namespace: "m".into(),
        ..pod("web-0")
    };
    pods(&mut shared).push(other);
    only(&shared, Code::Expired);
}

#[test]
fn a_process_is_dead_if_all_containers_started_after_it_renewed() {
    let long = changed(lock(5 * MINUTE), |lock| {
        lock["spec"]["leaseDurationSeconds"] = 600.into();
    });
    let started = |seconds: &[i64]| {
        let again = |seconds: &i64| Container {
            restarts: 1,
            ..container(*seconds)
        };
        let containers: Vec<_> = seconds.iter().map(again).collect();
        with(&long, move |facts: &mut Facts| {
            pods(facts)[0].containers = containers;
        })
    };
    let finding = only(&started(&[4 * MINUTE]), Code::HolderRestarted);
    assert!(
        finding.next.ends_with("-c main --previous"),
        "{}",
        finding.next
    );
    silent(&started(&[6 * MINUTE]));
    silent(&started(&[4 * MINUTE, 6 * MINUTE]));
    // For the first time, after an init container.
    silent(&with(&long, |facts| {
        pods(facts)[0].containers = vec![container(4 * MINUTE)];
    }));

    let crashing = with(&long, |facts| {
        pods(facts)[0].containers = vec![Container {
            name: "main".into(),
            restarts: 7,
            running_since: None,
            waits_for: Some("CrashLoopBackOff".into()),
            last_end: Some(End {
                reason: "OOMKilled".into(),
                code: 137,
                at: Some(ago(MINUTE)),
            }),
        }];
    });
    let finding = only(&crashing, Code::HolderRestarted);
    assert!(
        finding
            .sentence
            .contains("CrashLoopBackOff (last: OOMKilled, exit code 137)")
    );
}

#[test]
fn a_pod_that_runs_and_does_not_renew_hangs() {
    only(&cluster(&lock(5 * MINUTE)), Code::Zombie);
    silent(&cluster(&lock(12)));
    let pending = with(&lock(5 * MINUTE), |facts| {
        pods(facts)[0].phase = "Unknown".into();
    });
    only(&pending, Code::Expired);
    let leaving = with(&lock(5 * MINUTE), |facts| {
        pods(facts)[0].deletion = Some(ago(MINUTE));
    });
    only(&leaving, Code::Expired);
    let elsewhere = with(&named(lock(5 * MINUTE), "n", "web", "builder-9"), |facts| {
        pods(facts).push(Pod {
            namespace: "m".into(),
            ..pod("builder-9")
        });
    });
    only(&elsewhere, Code::Expired);
}

#[test]
fn a_lease_that_was_to_end_by_itself_is_no_error() {
    let taken = |attends: &str| {
        changed(named(lock(5 * MINUTE), "n", "web", "alice@desk"), |lock| {
            lock["metadata"]["annotations"] =
                json!({"kubectl-lease.io/taken-by": format!("alice@desk 1f{attends}")});
        })
    };
    let severity = |lock| only(&cluster(&lock), Code::Expired).severity;
    assert_eq!(severity(taken("")), Severity::Warning);
    assert_eq!(severity(taken(" attends")), Severity::Error);
}

#[test]
fn what_nobody_is_left_of_was_left_over() {
    let nobody = |facts: &mut Facts| pods(facts).clear();
    let finding = only(&with(&lock(2 * HOUR), nobody), Code::Leftover);
    assert!(
        finding.next.contains("steal --release web -n n"),
        "{}",
        finding.next
    );
    only(&with(&lock(50 * MINUTE), nobody), Code::HolderGone);
    let sibling = |facts: &mut Facts| *pods(facts) = vec![pod("web-6d7c5d8f9b-bbbbb")];
    only(&with(&lock(2 * HOUR), sibling), Code::HolderGone);
    let blind = |facts: &mut Facts| {
        nobody(facts);
        facts.nodes = None;
    };
    only(&with(&lock(2 * HOUR), blind), Code::Expired);
}

#[test]
fn a_lock_without_an_end_is_told_when_nobody_is_known_to_work() {
    let unbounded = |holder: &str, seconds| {
        changed(lock(seconds), |lock| {
            lock["spec"] = json!({"holderIdentity": holder});
        })
    };
    only(&cluster(&unbounded("alice", 3 * HOUR)), Code::Unbounded);
    silent(&cluster(&unbounded("alice", HOUR)));
    silent(&cluster(&unbounded(HOLDER, 3 * HOUR)));
    let ended = |facts: &mut Facts| pods(facts)[0].phase = "Failed".into();
    let finding = only(&with(&unbounded(HOLDER, HOUR), ended), Code::HolderGone);
    let next = &finding.next;
    assert!(next.contains("force-release web"), "{next}");
    // One that is not there may be one of another cluster, and live.
    let gone = |facts: &mut Facts| pods(facts).clear();
    silent(&with(&unbounded(HOLDER, HOUR), gone));
    only(&with(&unbounded(HOLDER, 3 * HOUR), gone), Code::Unbounded);
}
