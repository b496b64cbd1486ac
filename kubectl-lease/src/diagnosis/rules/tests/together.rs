//! Many locks that were silenced at once.

use super::*;

/// So many locks, each of a pod of its own, spread over so many nodes, last renewed so many seconds
/// ago: the first, and each further one so much later.
fn silenced(count: i64, nodes: i64, first: i64, apart: i64) -> Facts {
    let mut facts = cluster(&lock(2));
    facts.locks.clear();
    for number in 0..count {
        let pod_name = format!("op{number}-7c5d8f9b6d-x2k9p");
        let lock = lock(first - number * apart);
        let lock = changed(
            named(lock, "n", &format!("op{number}"), &pod_name),
            |lock| {
                lock["spec"]["acquireTime"] = micro_time::format(ago(HOUR)).into();
            },
        );
        facts.locks.push(read(&lock));
        pods(&mut facts).push(Pod {
            node: Some(format!("worker-{}", 1 + number % nodes)),
            ..pod(&pod_name)
        });
    }
    facts
}

#[test]
fn holders_that_were_silenced_at_once_have_one_cause() {
    let finding = only(&silenced(7, 2, 5 * MINUTE, 2), Code::SlowApiServer);
    assert_eq!(finding.locks.len(), 7);
    assert!(
        finding
            .sentence
            .contains("within 12s of each other, 4m48s ago"),
        "{}",
        finding.sentence
    );
    assert_eq!(finding.next, "kubectl get --raw '/readyz?verbose'");
    // While it lasts, they are late.
    only(&silenced(7, 2, 14, 0), Code::SlowApiServer);
    silent(&silenced(7, 2, 2, 0));
}

#[test]
fn what_need_not_have_one_cause_is_told_of_each() {
    let each = |facts: &Facts| {
        let codes = codes(facts);
        assert!(codes.iter().all(|code| *code == Code::Zombie), "{codes:?}");
        assert!(!codes.is_empty());
    };
    // Too few; on one node; one after the other.
    each(&silenced(4, 2, 5 * MINUTE, 2));
    each(&silenced(7, 1, 5 * MINUTE, 2));
    each(&silenced(7, 2, 20 * MINUTE, MINUTE));
    // Of two pods.
    let mut two = silenced(7, 2, 5 * MINUTE, 2);
    for (number, lock) in two.locks.iter_mut().enumerate() {
        let holder = format!("op{}-7c5d8f9b6d-x2k9p", number % 2);
        lock.snapshot.record.holder = Some(holder);
    }
    each(&two);
    // Taken to last for a time, all at midnight.
    let mut taken = silenced(7, 2, 5 * MINUTE, 0);
    for lock in &mut taken.locks {
        lock.snapshot.record.acquire_time = lock.snapshot.record.renew_time;
    }
    each(&taken);
    // One of them had its own reason, long before.
    let mut facts = silenced(7, 2, 5 * MINUTE, 2);
    facts.locks.push(read(&lock(3 * HOUR)));
    assert_eq!(codes(&facts), [Code::SlowApiServer, Code::Zombie]);
}

#[test]
fn a_dead_node_is_the_cause_of_its_own_locks() {
    let mut facts = silenced(8, 2, 5 * MINUTE, 2);
    facts.nodes.as_mut().unwrap()[0] = node("worker-1", Ready::Unknown, MINUTE);
    let found = codes(&facts);
    assert_eq!(found[0], Code::HolderNodeDown);
    assert!(!found.contains(&Code::SlowApiServer), "{found:?}");
}
