//! Each rule where it fires, and beside it where it must be silent.

use lease_client::{
    Container, End, EventAbout, LeaseCandidate, LeaseSummary, LockEvent, Node, Pod, Readiness,
    Ready, micro_time,
};
use lease_core::{Timestamp, Uid};
use serde_json::{Value, json};

use crate::diagnosis::facts::Pods;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::{Code, Facts, Finding, findings};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const POD: &str = "web-7c5d8f9b6d-x2k9p";
const HOLDER: &str = "web-7c5d8f9b6d-x2k9p_0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

/// So many seconds ago.
fn ago(seconds: i64) -> Timestamp {
    let now = micro_time::parse("2026-11-21T10:00:00Z").unwrap();
    Timestamp::from_micros(now.as_micros() - seconds * 1_000_000)
}

/// A lock in `n` that is held by a pod, and was renewed so many seconds ago.
fn lock(renewed: i64) -> Value {
    let time = micro_time::format(ago(renewed));
    json!({
        "metadata": {
            "namespace": "n", "name": "web", "uid": "u", "resourceVersion": "900",
            "creationTimestamp": micro_time::format_seconds(ago(9 * HOUR)),
            "managedFields": [{
                "manager": "web", "time": micro_time::format_seconds(ago(renewed)),
                "fieldsV1": {"f:spec": {
                    "f:acquireTime": {}, "f:holderIdentity": {}, "f:leaseDurationSeconds": {},
                    "f:leaseTransitions": {}, "f:renewTime": {},
                }},
            }],
        },
        "spec": {
            "holderIdentity": HOLDER, "leaseDurationSeconds": 15, "leaseTransitions": 1,
            "acquireTime": time, "renewTime": time,
        },
    })
}

fn changed(mut lock: Value, change: impl FnOnce(&mut Value)) -> Value {
    change(&mut lock);
    lock
}

fn named(lock: Value, namespace: &str, name: &str, holder: &str) -> Value {
    changed(lock, |lock| {
        lock["metadata"]["namespace"] = namespace.into();
        lock["metadata"]["name"] = name.into();
        lock["spec"]["holderIdentity"] = holder.into();
    })
}

fn read(lock: &Value) -> LeaseSummary {
    LeaseSummary::read(&lock.to_string()).unwrap()
}

fn container(running_since: i64) -> Container {
    Container {
        name: "main".into(),
        running_since: Some(ago(running_since)),
        ..Container::default()
    }
}

/// A pod that has run for eight hours on node `worker-1`.
fn pod(name: &str) -> Pod {
    Pod {
        namespace: "n".into(),
        name: name.into(),
        uid: Uid::new("p"),
        created: Some(ago(8 * HOUR)),
        deletion: None,
        owner: None,
        is_mirror: false,
        node: Some("worker-1".into()),
        hostname: None,
        has_host_network: false,
        service_account: None,
        phase: "Running".into(),
        reason: None,
        is_ready: Some(true),
        containers: vec![container(8 * HOUR)],
    }
}

fn node(name: &str, status: Ready, since: i64) -> Node {
    Node {
        name: name.into(),
        hostname: Some(name.into()),
        readiness: Some(Readiness {
            status,
            since: Some(ago(since)),
            reason: "NodeStatusUnknown".into(),
        }),
    }
}

/// A cluster that is well: the holder's pod, and one on the same node beside it.
fn cluster(lock: &Value) -> Facts {
    Facts {
        locks: vec![read(lock)],
        pods: Some(Pods {
            pods: vec![pod(POD), pod("other-7c5d8f9b6d-x2k9p")],
            are_all: true,
        }),
        nodes: Some(vec![
            node("worker-1", Ready::True, 9 * HOUR),
            node("worker-2", Ready::True, 9 * HOUR),
        ]),
        events: Some(Vec::new()),
        date: Some(ago(0)),
        ..Facts::default()
    }
}

fn with(lock: &Value, change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = cluster(lock);
    change(&mut facts);
    facts
}

fn pods(facts: &mut Facts) -> &mut Vec<Pod> {
    &mut facts.pods.as_mut().unwrap().pods
}

fn codes(facts: &Facts) -> Vec<Code> {
    findings(facts).iter().map(|finding| finding.code).collect()
}

#[track_caller]
fn only(facts: &Facts, code: Code) -> Finding {
    let mut found = findings(facts);
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = found.remove(0);
    assert_eq!(finding.code, code, "{finding:#?}");
    finding
}

#[track_caller]
fn silent(facts: &Facts) {
    let found = findings(facts);
    assert!(found.is_empty(), "{found:#?}");
}

/// A lock of every dialect whose holder is well, in a cluster that is.
#[test]
fn healthy_locks_of_every_dialect_yield_nothing() {
    let heartbeat = changed(
        named(lock(9), "kube-node-lease", "worker-1", "worker-1"),
        |lock| {
            lock["spec"]["leaseDurationSeconds"] = 40.into();
        },
    );
    let identity = changed(
        named(lock(9), "kube-system", "apiserver-x", "apiserver-x_1"),
        |lock| {
            lock["metadata"]["labels"] = json!({
                "apiserver.kubernetes.io/identity": "kube-apiserver",
                "kubernetes.io/hostname": "worker-1",
            });
            lock["spec"]["leaseDurationSeconds"] = 3600.into();
        },
    );
    let terraform = changed(
        named(lock(0), "n", "lock-tfstate-default-prod", "id-1"),
        |lock| {
            lock["metadata"]["labels"] = json!({"tfstate": "true"});
            lock["metadata"]["annotations"] =
                json!({"app.terraform.io/lock-info": r#"{"ID": "id-1"}"#});
            lock["metadata"]["managedFields"][0]["time"] =
                micro_time::format_seconds(ago(90 * MINUTE)).into();
            lock["spec"] = json!({"holderIdentity": "id-1"});
        },
    );
    let database = changed(named(lock(4), "n", "db", "db-1"), |lock| {
        lock["metadata"]["ownerReferences"] =
            json!([{"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster"}]);
    });
    let assigned = changed(lock(2), |lock| {
        lock["spec"]["strategy"] = "OldestEmulationVersion".into();
        lock["spec"]["preferredHolder"] = "another".into();
    });
    let free = changed(named(lock(9 * HOUR), "n", "web", ""), |lock| {
        lock["spec"]["leaseDurationSeconds"] = 1.into();
    });
    let freed = changed(lock(9 * HOUR), |lock| lock["spec"] = json!({}));
    let leaselocker = changed(lock(35), |lock| {
        lock["spec"]["leaseDurationSeconds"] = 60.into();
    });
    let offered = changed(named(lock(1), "n", "web", "me@desk_1"), |lock| {
        lock["metadata"]["annotations"] = json!({
            "kubectl-lease.io/granted-to": "me@desk_1",
            "kubectl-lease.io/granted-ticket": "web-ticket-1/t",
        });
        lock["spec"]["leaseDurationSeconds"] = 2.into();
    });
    // A mutex of somebody's own, under which a pod works.
    let mutex = changed(lock(7 * HOUR), |lock| {
        lock["spec"] = json!({"holderIdentity": HOLDER});
    });
    for healthy in [
        lock(2),
        lock(11),
        heartbeat,
        identity,
        terraform,
        database,
        assigned,
        free,
        freed,
        leaselocker,
        offered,
        mutex,
    ] {
        silent(&cluster(&healthy));
        // Nor does it need any rights to be well.
        let mut blind = cluster(&healthy);
        (blind.pods, blind.nodes, blind.events) = (None, None, None);
        let is_mutex =
            healthy["spec"]["renewTime"].is_null() && healthy["spec"]["holderIdentity"] == HOLDER;
        if !is_mutex {
            silent(&blind);
        }
    }
}

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
        let containers: Vec<_> = seconds.iter().copied().map(container).collect();
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
    let gone = |facts: &mut Facts| pods(facts).clear();
    let finding = only(&with(&unbounded(HOLDER, 3 * HOUR), gone), Code::HolderGone);
    assert!(finding.next.contains("describe web"), "{}", finding.next);
}

#[test]
fn an_api_server_stalls_only_where_its_machine_is_still_there() {
    let identity = |host: &str, renewed| {
        changed(
            named(lock(renewed), "kube-system", "apiserver-x", "apiserver-x_1"),
            |lock| {
                lock["metadata"]["labels"] = json!({
                    "apiserver.kubernetes.io/identity": "kube-apiserver",
                    "kubernetes.io/hostname": host,
                });
                lock["spec"]["leaseDurationSeconds"] = 3600.into();
            },
        )
    };
    only(
        &cluster(&identity("worker-1", 2 * MINUTE)),
        Code::IdentityStall,
    );
    silent(&cluster(&identity("worker-1", 50)));
    silent(&cluster(&identity("replaced", 2 * MINUTE)));
    let down = |facts: &mut Facts| {
        facts.nodes.as_mut().unwrap()[0] = node("worker-1", Ready::Unknown, MINUTE);
    };
    only(
        &with(&identity("worker-1", 2 * MINUTE), down),
        Code::HolderNodeDown,
    );
}

#[test]
fn a_heartbeat_without_its_node_is_an_orphan() {
    let heartbeat = |name, renewed| named(lock(renewed), "kube-node-lease", name, name);
    only(
        &cluster(&heartbeat("removed", 10 * MINUTE)),
        Code::NodeLeaseOrphan,
    );
    only(&cluster(&heartbeat("worker-1", 10 * MINUTE)), Code::Expired);
    silent(&cluster(&heartbeat("removed", 10)));
    silent(&cluster(&heartbeat("removed", 2 * MINUTE)));
    let blind = with(&heartbeat("removed", 10 * MINUTE), |facts| {
        facts.nodes = None;
    });
    only(&blind, Code::Expired);
}

#[test]
fn an_assigned_lock_that_nobody_takes_over_names_who_was_to() {
    let assigned = |renewed, preferred: Option<&str>| {
        changed(lock(renewed), |lock| {
            lock["spec"]["strategy"] = "OldestEmulationVersion".into();
            lock["spec"]["preferredHolder"] = preferred.into();
        })
    };
    let candidates = |names: &'static [&str]| {
        move |facts: &mut Facts| {
            facts.candidates = Some(
                names
                    .iter()
                    .map(|name| LeaseCandidate {
                        namespace: "n".into(),
                        name: (*name).into(),
                        lease: "web".into(),
                    })
                    .collect(),
            );
        }
    };
    let said =
        |lock: &Value, names| only(&with(lock, candidates(names)), Code::Coordinated).sentence;
    let over = assigned(MINUTE, Some("b"));
    assert!(said(&over, &["a"]).contains("is no candidate any more"));
    assert!(said(&over, &["b"]).contains("has not taken over"));
    assert!(said(&assigned(MINUTE, None), &[]).contains("has no candidates"));
    assert!(said(&assigned(MINUTE, None), &["a"]).contains("assigned nobody"));
    silent(&with(&assigned(2, Some("b")), candidates(&["a"])));
}

#[test]
fn a_clock_is_off_if_the_server_saw_the_renewal_at_another_time() {
    let written = |ahead: i64, stamped: i64| {
        changed(lock(stamped), |lock| {
            lock["spec"]["renewTime"] = micro_time::format(ago(stamped - ahead)).into();
        })
    };
    assert_eq!(codes(&cluster(&written(HOUR, 2))), [Code::Skew]);
    assert_eq!(codes(&cluster(&written(-HOUR, 2))), [Code::Skew]);
    silent(&cluster(&written(25, 2)));
    silent(&cluster(&written(-25, 2)));
    // One of ours was asked to release: its stamp is younger than its renewal.
    let ours = changed(written(-10 * MINUTE, 2), |lock| {
        lock["metadata"]["managedFields"][0]["manager"] = "kubectl-lease".into();
    });
    silent(&cluster(&ours));
    // Dead, so that only a clock that was ahead can be told.
    assert_eq!(
        codes(&cluster(&written(HOUR, 300))),
        [Code::Zombie, Code::Skew]
    );
    only(&cluster(&written(-HOUR, 300)), Code::Zombie);
}

#[test]
fn a_record_that_deceives_is_told() {
    let held_by = |holder: &str| named(lock(2), "n", "web", holder);
    only(&cluster(&held_by("a\u{1b}[2Jb")), Code::Malformed);
    only(&cluster(&held_by(&"x".repeat(1025))), Code::Malformed);
    silent(&cluster(&held_by("Zürich-主")));
    let terraform = |holder: &str| {
        changed(
            named(lock(2), "n", "lock-tfstate-default-prod", holder),
            |lock| {
                lock["metadata"]["labels"] = json!({"tfstate": "true"});
                lock["metadata"]["annotations"] =
                    json!({"app.terraform.io/lock-info": r#"{"ID": "id-1"}"#});
                lock["spec"] = json!({"holderIdentity": holder});
            },
        )
    };
    only(&cluster(&terraform("")), Code::Malformed);
    only(&cluster(&terraform("id-2")), Code::Malformed);
    silent(&cluster(&terraform("id-1")));
}

#[test]
fn a_duration_that_nobody_can_have_meant_is_told() {
    let lasting = |seconds: i64| {
        changed(lock(0), |lock| {
            lock["spec"]["leaseDurationSeconds"] = seconds.into();
        })
    };
    only(&cluster(&lasting(i64::from(i32::MAX))), Code::Misconfigured);
    only(&cluster(&lasting(2)), Code::Misconfigured);
    silent(&cluster(&lasting(3)));
    silent(&cluster(&lasting(7 * 24 * HOUR)));
}

fn ticket(version: &str, holder: &str, created: i64) -> LeaseSummary {
    read(&json!({
        "metadata": {
            "namespace": "n", "name": "web-ticket-1", "uid": "t", "resourceVersion": version,
            "creationTimestamp": micro_time::format_seconds(ago(created)),
            "labels": {"kubectl-lease.io/waits-for": "u"},
        },
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": 2},
    }))
}

#[test]
fn a_ticket_is_dead_if_its_pod_is_or_if_it_was_passed_by() {
    let queued =
        |lock: &Value, ticket: LeaseSummary| with(lock, |facts| facts.tickets = vec![ticket]);
    let gone = "gone-7c5d8f9b6d-x2k9p_0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
    let finding = only(
        &queued(&lock(2), ticket("800", gone, 5 * MINUTE)),
        Code::DeadTicket,
    );
    assert_eq!(finding.next, "kubectl delete lease web-ticket-1 -n n");
    silent(&queued(&lock(2), ticket("800", gone, 30)));
    silent(&queued(&lock(2), ticket("800", "me@desk", 5 * MINUTE)));
    let mut blind = queued(&lock(2), ticket("800", gone, 5 * MINUTE));
    blind.nodes = None;
    silent(&blind);

    let served = |through: &str, held_for: i64| {
        changed(lock(2), |lock| {
            lock["metadata"]["annotations"] = json!({"kubectl-lease.io/served-through": through});
            lock["spec"]["acquireTime"] = micro_time::format(ago(held_for + 2)).into();
        })
    };
    let waiting = || ticket("800", "me@desk", 5 * MINUTE);
    only(&queued(&served("800", 70), waiting()), Code::DeadTicket);
    silent(&queued(&served("799", 70), waiting()));
    silent(&queued(&served("800", 10), waiting()));
    let own = ticket("800", HOLDER, 5 * MINUTE);
    silent(&queued(&served("800", 70), own));
}

#[test]
fn a_lock_flaps_if_the_same_come_back() {
    let events = |leaders: &[(&str, i64)]| {
        let events = leaders
            .iter()
            .map(|(leader, seconds)| EventAbout {
                namespace: "n".into(),
                lease: "web".into(),
                event: LockEvent {
                    time: Some(ago(*seconds)),
                    reason: "LeaderElection".into(),
                    message: format!("{leader} became leader"),
                    source: "web".into(),
                    count: 1,
                },
            })
            .collect();
        with(&lock(2), |facts| facts.events = Some(events))
    };
    let finding = only(
        &events(&[
            ("a_1", 60),
            ("b_2", 120),
            ("a_3", 180),
            ("b_4", 240),
            ("a_5", 300),
        ]),
        Code::Flapping,
    );
    assert!(
        finding
            .evidence
            .iter()
            .any(|line| line == "taken by a (3), b (2)")
    );
    // A rolling update of five, twice of two, and one of yesterday.
    silent(&events(&[
        ("a_1", 60),
        ("b_2", 120),
        ("c_3", 180),
        ("d_4", 240),
        ("e_5", 300),
    ]));
    silent(&events(&[
        ("a_1", 60),
        ("b_2", 120),
        ("a_3", 180),
        ("b_4", 240),
    ]));
    silent(&events(&[
        ("a_1", 60),
        ("a_2", 120),
        ("a_3", 7200),
        ("a_4", 7200),
        ("a_5", 7200),
    ]));
}

#[test]
fn the_worst_is_told_first() {
    let mut facts = cluster(&changed(named(lock(0), "n", "a", "me"), |lock| {
        lock["spec"]["leaseDurationSeconds"] = 1.into();
    }));
    facts.locks.push(read(&lock(5 * MINUTE)));
    assert_eq!(codes(&facts), [Code::Zombie, Code::Misconfigured]);
}
