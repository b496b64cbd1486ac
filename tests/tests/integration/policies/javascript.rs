//! The policy in JavaScript, within the limits of every policy.

use lease_policies::{cases, refused};
use lease_tests::ApiServer;
use serde_json::json;

use super::Desk;
use super::table::{JAVASCRIPT, decide, refuse};
use crate::lock::{create_expired, holder};

/// It is compiled once, and then it has its table, its errors and real verbs.
#[test]
fn a_policy_in_javascript_is_one_like_any_other() {
    let namespace = ApiServer::shared().namespace("policies");
    let client = namespace.admin();
    let desk = Desk::of(client);
    let people = json!({"people": ["alice", "bob"]});
    desk.adds(JAVASCRIPT, &people, &["--timeout", "10m"]);
    let mut count = 0;
    for case in cases() {
        if case.policy == JAVASCRIPT {
            decide(&desk, JAVASCRIPT, &case);
            count += 1;
        }
    }
    assert!(count > 0);
    for case in refused() {
        if case.policy == JAVASCRIPT {
            refuse(&desk, JAVASCRIPT, &case);
        }
    }

    create_expired(client, "nightly", "ci@runner", 15);
    let output = desk.types(&["steal", "nightly", "--reason", "it hangs"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    let rule = "needs a second pair of eyes: say who looked at it too, such as --reason 'INC-1, with alice'";
    assert!(output.stderr.contains(rule), "{output:?}");
    assert_eq!(holder(client, "nightly"), "ci@runner");
    let looked = [
        "steal",
        "nightly",
        "--identity",
        "me",
        "--reason",
        "it hangs, with bob",
    ];
    desk.types(&looked).success();
    assert_eq!(holder(client, "nightly"), "me");
}
