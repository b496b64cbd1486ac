//! What Events tell.

use lease_client::{EventAbout, LockEvent};

use super::*;

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
                    first: None,
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

/// How often something happened is told without when.
#[test]
fn what_happened_before_the_hour_does_not_count() {
    let counted = |first: i64| {
        with(&lock(2), |facts| {
            led_by(facts, &["a_1"]);
            let event = &mut facts.events.as_mut().unwrap()[0].event;
            event.first = Some(ago(first));
            event.count = 12;
        })
    };
    only(&counted(55 * MINUTE), Code::Flapping);
    silent(&counted(10 * HOUR));
}

/// Who led the lock within the hour, the first of them first.
fn led_by(facts: &mut Facts, leaders: &[&str]) {
    let events = (0..).zip(leaders).map(|(turn, leader)| EventAbout {
        namespace: "n".into(),
        lease: "web".into(),
        event: LockEvent {
            time: Some(ago((50 - turn) * MINUTE)),
            first: None,
            reason: "LeaderElection".into(),
            message: format!("{leader} became leader"),
            source: "web".into(),
            count: 1,
        },
    });
    facts.events = Some(events.collect());
}

#[test]
fn different_workloads_that_lead_by_one_lock_collide() {
    let other = "other-7c5d8f9b6d-x2k9p";
    let owned = |first: &'static str, second: &'static str| {
        with(&lock(2), move |facts| {
            led_by(facts, &[HOLDER, other, HOLDER]);
            pods(facts)[0].owner = Some(first.into());
            pods(facts)[1].owner = Some(second.into());
        })
    };
    let two = || owned("ReplicaSet/web-7c5d8f9b6d", "ReplicaSet/other-7c5d8f9b6d");
    let finding = only(&two(), Code::Collision);
    assert!(
        finding.sentence.ends_with("n/other and n/web"),
        "{}",
        finding.sentence
    );
    // One Deployment that is rolled, one CronJob, static pods, and pods that nobody controls.
    silent(&owned(
        "ReplicaSet/web-7c5d8f9b6d",
        "ReplicaSet/web-6d7c5d8f9b",
    ));
    silent(&owned("Job/billing-29384710", "Job/billing-29384711"));
    silent(&owned("Node/cp-1", "Node/cp-2"));
    only(
        &owned("DaemonSet/web", "StatefulSet/other"),
        Code::Collision,
    );
    let changed = |change: fn(&mut Facts)| {
        let mut facts = two();
        change(&mut facts);
        facts
    };
    silent(&changed(|facts| pods(facts)[1].owner = None));
    silent(&changed(|facts| pods(facts)[1].deletion = Some(ago(2))));
    silent(&changed(|facts| pods(facts)[1].phase = "Succeeded".into()));
    silent(&changed(|facts| led_by(facts, &[HOLDER])));
    // One that took over from the other.
    silent(&changed(|facts| {
        led_by(facts, &["other-7c5d8f9b6d-x2k9p", HOLDER]);
    }));
    silent(&changed(|facts| facts.events = None));
}
