//! `ls`.

use serde_json::json;

use crate::cluster::{Sandbox, lease};
use crate::transcript::Transcript;

/// A lock in each state, in `work`.
pub(crate) fn states() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.lock("a-held", "alice", 60, 3);
    sandbox.lock("b-late", "bob", 60, 42);
    sandbox.lock("c-expired", "carol", 15, 600);
    sandbox.lock("d-within-the-margin", "dave", 15, 18);
    sandbox.lock("e-free", "", 1, 7200);
    sandbox.unstamped("f-unknown", "frank", 15, 600);
    let unbounded = lease("g-unbounded", json!({ "holderIdentity": "grace" }));
    sandbox.seed(600, "work", &unbounded);
    sandbox.seed(600, "work", &json!({ "metadata": { "name": "h-no-spec" } }));
    sandbox.seed(
        600,
        "work",
        &json!({
            "metadata": { "name": "i-labelled", "labels": { "team": "blue" } },
            "spec": sandbox.record("irene", 15, 600),
        }),
    );
    sandbox
}

#[test]
fn each_state_is_shown() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls");
    typed.run("ls -o wide");
    typed.run("list --no-such-flag");
    insta::assert_snapshot!("states", typed.end());
}

#[test]
fn what_is_listed_can_be_narrowed_down() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls --stuck");
    typed.run("ls --state held,late");
    typed.run("ls --state held --stuck");
    typed.run("ls --state nonsense");
    typed.run("ls -l team=blue");
    typed.run("ls -l team=green");
    typed.run("ls -l team=in=valid");
    typed.run("ls -n elsewhere");
    typed.run("ls -n elsewhere -o json");
    typed.run("ls --stuck --state free -A");
    insta::assert_snapshot!("narrowed", typed.end());
}

#[test]
fn locks_can_be_named() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls c-expired lease/a-held leases.coordination.k8s.io/e-free");
    typed.run("ls missing");
    typed.run("ls a-held missing");
    typed.run("ls a-held --state free");
    typed.run("ls a-held -A");
    typed.run("ls a-held -l team=blue");
    typed.run("ls pod/a-held");
    insta::assert_snapshot!("named", typed.end());
}

#[test]
fn all_namespaces_are_shown_without_the_heartbeats_of_nodes() {
    let sandbox = Sandbox::new();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls -A");
    for node in ["node-1", "node-2"] {
        let mut heartbeat = sandbox.record(node, 40, 5);
        heartbeat["acquireTime"] = json!(null);
        heartbeat["leaseTransitions"] = json!(null);
        sandbox.seed(5, "kube-node-lease", &lease(node, heartbeat));
    }
    typed.run("ls -A");
    sandbox.lock("here", "alice", 15, 1);
    let there = lease("there", sandbox.record("bob", 15, 2));
    sandbox.seed(2, "a-namespace-of-its-own", &there);
    typed.run("ls -A");
    typed.run("ls -A -o name");
    typed.run("ls -n kube-node-lease");
    insta::assert_snapshot!("all-namespaces", typed.end());
}
