//! `steal`.

use lease_sandbox::DeleteOptions;
use serde_json::json;

use crate::cluster::Sandbox;
use crate::listing::states;
use crate::taking::foreign_locks;
use crate::transcript::Transcript;
use crate::watched::{Stream, Watched};

#[test]
fn what_is_over_is_stolen_with_its_proof() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("steal c-expired --identity me");
    typed.run("steal i-labelled --release");
    typed.run("ls c-expired i-labelled");
    sandbox.lock("x", "carol", 15, 600);
    typed.run("steal x --expiry stamped --identity me -o name");
    sandbox.lock("y", "carol", 15, 600);
    typed.run("steal y --release -o yaml");
    insta::assert_snapshot!("stolen", typed.end());
}

#[test]
fn what_is_not_over_is_refused() {
    let sandbox = states();
    foreign_locks(&sandbox);
    let mut typed = Transcript::new(&sandbox.shell);
    for line in [
        "steal a-held",
        "steal a-held --release",
        "steal b-late",
        "steal d-within-the-margin",
        "steal e-free",
        "steal f-unknown --expiry stamped",
        "steal g-unbounded",
        "steal h-no-spec",
        "steal c-expired --identity carol",
        "steal lock-tfstate-default-prod",
        "steal lock-tfstate-default-prod --release",
        "steal primary",
        "steal node-1 -n kube-node-lease --release",
        "steal apiserver-x -n kube-system",
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(3), "{line}: {said:?}");
    }
    typed.run("steal missing");
    // It is what was wanted.
    assert_eq!(typed.run("steal h-no-spec --release").code, Some(0));
    typed.run("steal c-expired --expiry hearsay");
    insta::assert_snapshot!("not-stolen", typed.end());
}

/// The record claims to be younger than the stamp that the API server gave it.
#[test]
fn a_record_that_is_ahead_of_its_stamp_is_not_taken_on_the_stamp() {
    let sandbox = Sandbox::new();
    let mut ahead = sandbox.record("alice", 15, 600);
    ahead["renewTime"] = json!("9999-12-30T00:00:00.000000Z");
    sandbox.seed(600, "work", &crate::cluster::lease("lock", ahead));
    let mut typed = Transcript::new(&sandbox.shell);

    let acquired = typed.run("acquire --try lock --identity me");
    let stolen = typed.run("steal lock --expiry stamped --identity me");

    assert_eq!((acquired.code, stolen.code), (Some(4), Some(3)));
    insta::assert_snapshot!("ahead", typed.end());
}

#[test]
fn what_carries_no_stamp_is_watched_and_then_stolen() {
    let sandbox = Sandbox::new();
    sandbox.unstamped("lock", "alice", 1, 600);
    let mut typed = Transcript::new(&sandbox.shell);

    let said = typed.run("steal lock --identity me");

    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stdout.contains("while it was watched for 1"),
        "{said:?}"
    );
    let lease = sandbox.cluster.get("work", "lock").unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "me");
}

#[test]
fn who_renews_while_watched_is_not_stolen_from() {
    let sandbox = Sandbox::new();
    sandbox.unstamped("lock", "alice", 60, 600);
    let mut steal = Watched::start(&mut sandbox.shell.command(["steal", "lock"]));
    assert!(steal.line(Stream::Stderr).starts_with("watching lock"));

    sandbox.change("lock", |lease| {
        lease["spec"]["renewTime"] = json!("2020-01-02T10:00:00.000000Z");
    });

    let said = steal.end();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.note("steal lock", &said);
    insta::assert_snapshot!("renewed-while-watched", typed.end());
    assert_eq!(said.code, Some(3));
    let lease = sandbox.cluster.get("work", "lock").unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "alice");
}

#[test]
fn what_another_takes_while_watched_is_lost_to_them() {
    let sandbox = Sandbox::new();
    sandbox.unstamped("lock", "alice", 60, 600);
    let mut steal = Watched::start(&mut sandbox.shell.command(["steal", "lock"]));
    assert!(steal.line(Stream::Stderr).starts_with("watching lock"));

    let taken = sandbox.record("bob", 60, 0);
    sandbox.change("lock", |lease| lease["spec"] = taken);

    let said = steal.end();
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.stderr.contains("held by bob"), "{said:?}");
}

#[test]
fn what_is_deleted_while_watched_is_not_created_again() {
    let sandbox = Sandbox::new();
    sandbox.unstamped("lock", "alice", 60, 600);
    let mut steal = Watched::start(&mut sandbox.shell.command(["steal", "lock"]));
    assert!(steal.line(Stream::Stderr).starts_with("watching lock"));

    let now = DeleteOptions::default();
    sandbox.cluster.delete("work", "lock", &now).unwrap();

    let said = steal.end();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.note("steal lock", &said);
    insta::assert_snapshot!("deleted-while-watched", typed.end());
    assert_eq!(said.code, Some(4));
    assert!(sandbox.cluster.get("work", "lock").is_err());
}
