//! What records say of themselves.

use jiff::{SignedDuration, Timestamp};
use lease_tests::ApiServer;
use serde_json::json;

use super::world::{HOUR, MINUTE, lock, lock_like, only, silent};
use crate::lock::{LIMIT, micros};

#[test]
fn a_record_alone_tells_what_is_wrong_with_it() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    lock(client, "hostile", "a\u{1b}]0;owned\u{7}b", 600, 1);
    only(client, "hostile", "MALFORMED");
    lock(client, "plain", "a-b", 600, 1);
    silent(client, "plain");

    lock(client, "endless", "a-b", i32::MAX, 1);
    only(client, "endless", "MISCONFIGURED");

    let unbounded = |name: &str, renewed| {
        lock_like(client, name, renewed, |lock| {
            lock["spec"] = json!({"holderIdentity": "alice"});
        });
    };
    unbounded("old", 3 * HOUR);
    only(client, "old", "UNBOUNDED");
    unbounded("young", 90 * MINUTE);
    silent(client, "young");

    let terraform = |name: &str, holder: &str| {
        lock_like(client, name, 5 * MINUTE, |lock| {
            lock["metadata"]["labels"] = json!({"tfstate": "true"});
            lock["metadata"]["annotations"] =
                json!({"app.terraform.io/lock-info": r#"{"ID": "id-1"}"#});
            lock["spec"] = json!({"holderIdentity": holder});
        });
    };
    terraform("lock-tfstate-default-a", "");
    only(client, "lock-tfstate-default-a", "MALFORMED");
    terraform("lock-tfstate-default-b", "id-1");
    silent(client, "lock-tfstate-default-b");
}

/// A holder whose clock is an hour off is seen to be so, and to be alive.
#[test]
fn a_clock_that_is_off_is_told_from_the_server_s_own() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let elector = |lock: &str, hours: i64| {
        let mut elector = namespace
            .elector(lock, lock)
            .shift_seconds(hours * HOUR)
            .start();
        elector.wait_for("started", LIMIT);
        elector
    };
    let _electors = [elector("fast", 1), elector("slow", -1), elector("right", 0)];
    for (lock, off) in [("fast", "60m ahead"), ("slow", "behind")] {
        let finding = only(client, lock, "SKEW");
        assert!(
            finding["message"].as_str().unwrap().contains(off),
            "{finding}"
        );
    }
    silent(client, "right");

    // A request takes its time, and clocks are never quite the same.
    let later = Timestamp::now() + SignedDuration::from_secs(20);
    lock_like(client, "soon", 0, |lock| {
        lock["spec"]["renewTime"] = json!(micros(later));
    });
    silent(client, "soon");
}
