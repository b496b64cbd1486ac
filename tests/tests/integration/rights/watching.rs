//! Stealing a lock that has to be watched, by those who may not watch it, or not read it.

use std::thread;

use lease_tests::{ApiServer, Output};
use serde_json::json;

use super::role::Role;
use crate::lock::{LIMIT, create_without_stamp, holder, until};

#[test]
fn a_lock_is_watched_with_the_rights_that_there_are() {
    let namespaces = ApiServer::shared().namespaces("rights", 5);
    let roles: [(&[&str], &[&str]); 5] = [
        (&["get", "update"], &[]),
        (&["get", "update"], &["lock"]),
        (&["get", "update", "watch"], &["lock"]),
        (&["list", "update"], &[]),
        (&["list", "update", "watch"], &[]),
    ];
    thread::scope(|scope| {
        for ((verbs, names), namespace) in roles.into_iter().zip(&namespaces) {
            scope.spawn(move || {
                let (admin, alice) = (namespace.admin(), namespace.client("alice"));
                create_without_stamp(admin, "lock", "gone", 3);
                Role::new(verbs, names).bind(namespace, "alice");
                until("the role is known", || {
                    let args = ["auth", "can-i", "update", "leases.coordination.k8s.io/lock"];
                    alice.kubectl(args).stdout == "yes\n"
                });

                let mut command = alice.plugin_command();
                command.args(["steal", "lock", "--identity", "me"]);
                let output = Output::within(&mut command, LIMIT);

                assert_eq!(output.code, Some(0), "{verbs:?}: {output:?}");
                let may_watch = verbs.contains(&"watch");
                let says_so = output.stderr.contains("no right to watch");
                assert_eq!(says_so, !may_watch, "{verbs:?}: {output:?}");
                assert_eq!(holder(admin, "lock"), "me");
            });
        }
    });
}

/// A lock that lives is not taken from who may not watch it either.
#[test]
fn a_holder_that_renews_is_seen_without_a_right_to_watch() {
    let namespace = ApiServer::shared().namespace("rights");
    let (admin, alice) = (namespace.admin(), namespace.client("alice"));
    create_without_stamp(admin, "lock", "alive", 6);
    Role::new(&["list", "update"], &[]).bind(&namespace, "alice");
    until("the role is known", || {
        alice.kubectl(["auth", "can-i", "list", "leases"]).stdout == "yes\n"
    });

    let mut thief = lease_tests::Process::start(alice.plugin_command().args([
        "steal",
        "lock",
        "--identity",
        "thief",
    ]));
    until("the thief reads", || {
        thief.stderr().contains("no right to watch")
    });
    crate::lock::patch(
        admin,
        "lock",
        "alive",
        &json!({"spec": {"renewTime": crate::lock::micros(jiff::Timestamp::now())}}),
    );

    assert_eq!(thief.wait(LIMIT).code(), Some(3), "{}", thief.stderr());
    assert_eq!(holder(admin, "lock"), "alive");
}
