//! Whoever may read leases and nothing else still gets a verdict, and learns what would tell more.

use lease_tests::ApiServer;

use super::world::{MINUTE, UUID, lock, node, running_pod, said};
use crate::lock::until;
use crate::rights::Role;

#[test]
fn what_may_not_be_read_is_told_and_not_taken_for_dead() {
    let namespace = ApiServer::shared().namespace("doctor");
    let admin = namespace.admin();
    let alice = namespace.client("alice");
    node(
        admin,
        &format!("{}-worker-1", namespace.name()),
        "True",
        MINUTE,
    );
    running_pod(admin, "other-7c5d8f9b6d-x2k9p", "nowhere");
    lock(
        admin,
        "gone",
        &format!("gone-7c5d8f9b6d-x2k9p_{UUID}"),
        15,
        5 * MINUTE,
    );
    Role::new(&["get", "list"], &[]).bind(&namespace, "alice");
    until("the role is known", || {
        alice.kubectl(["auth", "can-i", "list", "leases"]).stdout == "yes\n"
    });

    let output = alice.plugin(["doctor", "gone", "-o", "json"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    let said = said(&output);
    assert_eq!(said["findings"][0]["code"], "EXPIRED", "{said:#}");
    let unread = said["unread"].as_array().unwrap();
    let rights: Vec<_> = unread
        .iter()
        .filter_map(|unread| unread["right"].as_str())
        .collect();
    let events = format!("list events -n {}", namespace.name());
    assert_eq!(rights, ["list pods -A", "list nodes", &events]);
    for right in rights {
        let answer = alice.kubectl(["auth", "can-i"].into_iter().chain(right.split(' ')));
        assert!(answer.stdout.starts_with("no"), "{right}: {answer:?}");
    }

    let output = alice.plugin(["doctor", "gone"]);
    assert!(
        output
            .stderr
            .contains("pods (`kubectl auth can-i list pods -A` says no)"),
        "{output:?}"
    );
    let output = admin.plugin(["doctor", "gone"]);
    assert!(output.stdout.contains("HOLDER_GONE"), "{output:?}");
    assert_eq!(output.stderr, "");
}
