//! Locks that the control plane assigns.

use lease_client::LeaseCandidate;

use super::*;

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
