//! Clocks that disagree.

use super::*;

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
fn this_machine_s_clock_is_told_once_if_it_is_off() {
    // The API server answered when its clock showed what `ago(0)` is.
    let read_at = |asked: i64, answered: i64| {
        with(&lock(2), |facts| {
            facts.locks.push(read(&lock(2)));
            facts.read_within = Some((ago(-asked), ago(-answered)));
        })
    };
    let finding = only(&read_at(300, 301), Code::Skew);
    assert!(
        finding.sentence.contains("5m ahead of the API server's"),
        "{}",
        finding.sentence
    );
    assert!(finding.locks.is_empty());
    let finding = only(&read_at(-301, -300), Code::Skew);
    assert!(
        finding.sentence.contains("5m behind"),
        "{}",
        finding.sentence
    );
    silent(&read_at(0, 1));
    silent(&read_at(-29, -20));
    // A slow answer: any time in between may be the one.
    silent(&read_at(-100, 100));
    // A server that plays an old story.
    silent(&read_at(400 * 24 * HOUR, 400 * 24 * HOUR));
}
