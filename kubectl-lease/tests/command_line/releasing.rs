//! `release`, and who comes next.

use crate::cluster::Sandbox;
use crate::transcript::Transcript;

const GRANT: &str = "kubectl-lease.io/granted-to";

/// A lock that is waited for.
fn queued() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.lock("backup", "alice", 60, 3);
    sandbox.ticket("backup", "zoe", 90);
    sandbox.ticket("backup", "bob", 30);
    sandbox
}

#[test]
fn the_first_one_who_waits_is_next() {
    let sandbox = queued();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("release backup --identity alice --dry-run=client");
    typed.run("release backup --identity alice");
    typed.run("ls backup");
    typed.run("wait backup --for held --timeout 0");
    typed.run("check backup");
    insta::assert_snapshot!("in-order", typed.end());
    let lease = sandbox.cluster.get("work", "backup").unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "zoe");
    assert_eq!(lease["spec"]["leaseDurationSeconds"], 2);
    let annotations = &lease["metadata"]["annotations"];
    assert_eq!(annotations[GRANT], "zoe");
    let ticket = sandbox.cluster.get("work", "backup-ticket-zoe").unwrap();
    assert_eq!(
        annotations["kubectl-lease.io/served-through"],
        ticket["metadata"]["resourceVersion"]
    );
}

#[test]
fn a_successor_can_be_named() {
    let sandbox = queued();
    let said = sandbox
        .shell
        .run("release backup --identity alice --to bob");
    assert_eq!(said.stdout, "lease/backup released to bob\n", "{said:?}");
    let lease = sandbox.cluster.get("work", "backup").unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "bob");
    assert_eq!(lease["spec"]["leaseDurationSeconds"], 2);
    // Those who wait were not served.
    let annotations = &lease["metadata"]["annotations"];
    assert_eq!(annotations[GRANT], "bob");
    assert!(annotations["kubectl-lease.io/served-through"].is_null());

    // Who does not wait has a whole lease to begin.
    let sandbox = queued();
    let said = sandbox
        .shell
        .run("release backup --identity alice --to carol");
    assert_eq!(said.stdout, "lease/backup released to carol\n", "{said:?}");
    let lease = sandbox.cluster.get("work", "backup").unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "carol");
    assert_eq!(lease["spec"]["leaseDurationSeconds"], 60);
}

#[test]
fn a_lock_can_be_set_free_though_somebody_waits() {
    let sandbox = queued();
    let said = sandbox.shell.run("release backup --identity alice --open");
    assert_eq!(said.stdout, "lease/backup released\n", "{said:?}");
    let lease = sandbox.cluster.get("work", "backup").unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "");
    let said = sandbox
        .shell
        .run("release backup --identity alice --open --to bob");
    assert_eq!(said.code, Some(1), "{said:?}");
}

#[test]
fn nobody_else_can_pass_it_on() {
    let sandbox = queued();
    for how in ["", "--to mallory", "--open"] {
        let line = format!("release backup --identity mallory {how}");
        assert_eq!(sandbox.shell.run(&line).code, Some(3), "{line}");
    }
}
