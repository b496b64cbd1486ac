//! Holders that wait for each other.

use super::*;

/// A lock in namespace `n` whose name is its uid, held by this identity.
fn held(name: &str, holder: &str) -> LeaseSummary {
    let lock = named(lock(2), "n", name, holder);
    read(&changed(lock, |lock| {
        lock["metadata"]["uid"] = name.into();
    }))
}

/// Somebody who waits for one lock under others, each with its holder.
fn waits(wanted: &str, under: &[(&str, &str)]) -> LeaseSummary {
    let holds: Vec<_> = under
        .iter()
        .map(|(lock, holder)| json!({"lock": lock, "holder": holder}))
        .collect();
    read(&json!({
        "metadata": {
            "namespace": "n", "name": format!("{wanted}-ticket"), "uid": format!("{wanted}{under:?}"),
            "resourceVersion": "800", "creationTimestamp": micro_time::format_seconds(ago(MINUTE)),
            "labels": {"kubectl-lease.io/waits-for": wanted},
            "annotations": {"kubectl-lease.io/holds": Value::from(holds).to_string()},
        },
        "spec": {"holderIdentity": "somebody@desk", "leaseDurationSeconds": 2},
    }))
}

fn locks(locks: Vec<LeaseSummary>, tickets: Vec<LeaseSummary>) -> Facts {
    with(&lock(2), |facts| {
        facts.locks = locks;
        facts.tickets = tickets;
    })
}

#[test]
fn holders_that_wait_in_a_circle_are_told_once() {
    let two = || vec![held("x", "ann@desk"), held("y", "bob@desk")];
    let circle = || {
        vec![
            waits("y", &[("x", "ann@desk")]),
            waits("x", &[("y", "bob@desk")]),
        ]
    };
    let finding = only(&locks(two(), circle()), Code::Deadlock);
    assert!(
        finding.sentence.ends_with(
            "ann@desk holds n/x and waits for n/y; bob@desk holds n/y and waits for n/x"
        ),
        "{}",
        finding.sentence
    );
    assert_eq!(finding.locks.len(), 2);
    // One of them alone is looked at.
    let mut one = locks(two(), circle());
    one.around = one.locks.split_off(1);
    one.around.extend(one.tickets.split_off(1));
    only(&one, Code::Deadlock);
    one.locks = vec![held("z", "zoe@desk")];
    one.around.extend(two());
    silent(&one);

    // A chain.
    silent(&locks(two(), vec![waits("y", &[("x", "ann@desk")])]));
    // What was held before.
    let old = vec![circle().remove(0), waits("x", &[("y", "eve@desk")])];
    silent(&locks(two(), old));
    // Over: the next one takes it.
    let mut over = two();
    over[1] = read(&changed(
        named(lock(5 * MINUTE), "n", "y", "bob@desk"),
        |lock| lock["metadata"]["uid"] = "y".into(),
    ));
    only(&locks(over, circle()), Code::Expired);
}

#[test]
fn a_holder_that_waits_for_itself_is_told_so() {
    let x = || vec![held("x", "ann@desk")];
    let finding = only(
        &locks(x(), vec![waits("x", &[("x", "ann@desk")])]),
        Code::Deadlock,
    );
    assert!(finding.sentence.contains("waits for itself"), "{finding:?}");
    silent(&locks(x(), vec![waits("x", &[])]));
    silent(&locks(x(), vec![waits("x", &[("gone", "ann@desk")])]));
}

/// Three, the second of which waits under two locks; and beside them a chain into the circle.
#[test]
fn the_shortest_circle_is_found_among_many() {
    let facts = locks(
        vec![
            held("a", "1@h"),
            held("b", "2@h"),
            held("b2", "3@h"),
            held("c", "4@h"),
            held("d", "5@h"),
        ],
        vec![
            waits("b", &[("a", "1@h")]),
            waits("c", &[("b", "2@h"), ("b2", "3@h")]),
            waits("a", &[("c", "4@h")]),
            waits("a", &[("d", "5@h")]),
        ],
    );
    let finding = only(&facts, Code::Deadlock);
    let names: Vec<_> = finding
        .locks
        .iter()
        .map(|lock| lock.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn a_waiter_that_is_dead_waits_for_nobody() {
    let dead = |ticket: LeaseSummary| {
        let mut ticket = ticket;
        ticket.snapshot.record.holder = Some("gone-7c5d8f9b6d-x2k9p".into());
        ticket.created = Some(ago(5 * MINUTE));
        ticket
    };
    let ticket = waits("x", &[("x", "ann@desk")]);
    let mut facts = locks(vec![held("x", "ann@desk")], vec![dead(ticket)]);
    facts.pods = Some(Pods {
        pods: vec![Pod {
            phase: "Failed".into(),
            ..pod("gone-7c5d8f9b6d-x2k9p")
        }],
        are_all: true,
    });
    only(&facts, Code::DeadTicket);
}
