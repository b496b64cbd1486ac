//! Places in a queue.

use super::*;

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
    let ended = "ended-7c5d8f9b6d-x2k9p_0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";
    let with_its_pod = |created| {
        let mut facts = queued(&lock(2), ticket("800", ended, created));
        pods(&mut facts).push(Pod {
            phase: "Failed".into(),
            ..pod("ended-7c5d8f9b6d-x2k9p")
        });
        facts
    };
    let finding = only(&with_its_pod(5 * MINUTE), Code::DeadTicket);
    assert_eq!(finding.next, "kubectl delete lease web-ticket-1 -n n");
    silent(&with_its_pod(30));
    silent(&queued(&lock(2), ticket("800", "me@desk", 5 * MINUTE)));
    // It may be a pod of another cluster, whose turn would be taken.
    silent(&queued(&lock(2), ticket("800", ended, 5 * MINUTE)));

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
