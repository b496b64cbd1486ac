//! What a record says of itself.

use super::*;

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
