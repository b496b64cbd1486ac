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
