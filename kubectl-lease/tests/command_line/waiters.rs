//! Who waits: the WAITERS of `ls`, and the queue of `describe`.

use lease_sandbox::DeleteOptions;
use serde_json::Value;

use crate::cluster::Sandbox;
use crate::completing::assert_offers;
use crate::transcript::Transcript;
use crate::watched::{Stream, Watched};

/// Two locks, of which one is waited for.
fn queued() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.lock("backup", "alice", 60, 3);
    sandbox.lock("other", "olga", 60, 3);
    sandbox.ticket("backup", "zoe", 90);
    sandbox.ticket("backup", "bob", 30);
    sandbox
}

#[test]
fn tickets_are_counted_and_not_listed() {
    let sandbox = queued();
    sandbox.change("backup", |lease| {
        lease["metadata"]["labels"]["team"] = "blue".into();
    });
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls");
    typed.run("ls -A");
    typed.run("ls -o name");
    typed.run("ls --sort-by waiters --no-headers");
    // Where the list leaves out the tickets, they are counted apart.
    typed.run("ls backup");
    typed.run("ls backup other");
    typed.run("ls -l team=blue");
    typed.run("ls --field-selector metadata.name=other");
    // Who asks for them gets them.
    typed.run("ls backup-ticket-bob");
    typed.run("ls -l kubectl-lease.io/waits-for -o name");
    typed.run("describe backup");
    insta::assert_snapshot!("queued", typed.end());
}

#[test]
fn programs_are_told_how_many_wait() {
    let sandbox = queued();
    let waiters = |line: &str, pointer: &str| {
        let said = sandbox.shell.run(line);
        assert_eq!(said.code, Some(0), "{said:?}");
        let value: Value = serde_json::from_str(&said.stdout).unwrap();
        value.pointer(pointer).unwrap().clone()
    };
    assert_eq!(waiters("ls -o json", "/items/0/status/waiters"), 2);
    assert_eq!(waiters("ls -o json", "/items/1/status/waiters"), 0);
    assert_eq!(waiters("ls backup -o json", "/status/waiters"), 2);
    assert_eq!(waiters("describe backup -o json", "/status/waiters"), 2);
}

#[test]
fn names_that_complete_are_those_of_locks() {
    let sandbox = queued();
    assert_offers(&sandbox.shell, &["describe", ""], &["backup", "other"]);
}

/// A row whenever somebody comes or goes.
#[test]
fn waiters_are_followed() {
    for line in ["ls -w --no-headers", "ls backup -w --no-headers"] {
        let sandbox = Sandbox::new();
        sandbox.lock("backup", "alice", 600, 3);
        sandbox.ticket("backup", "zoe", 90);
        let mut watched = Watched::start(&mut sandbox.shell.command(line.split_whitespace()));
        let mut waiters = || {
            let row = watched.line(Stream::Stdout);
            let words: Vec<&str> = row.split_whitespace().collect();
            assert_eq!(words[0], "backup", "{row}");
            words[words.len() - 2].to_owned()
        };
        assert_eq!(waiters(), "1", "{line}");
        sandbox.ticket("backup", "bob", 0);
        assert_eq!(waiters(), "2", "{line}");
        for gone in ["zoe", "bob"] {
            let options = DeleteOptions::default();
            let name = format!("backup-ticket-{gone}");
            sandbox.cluster.delete("work", &name, &options).unwrap();
        }
        assert_eq!(waiters(), "1", "{line}");
        assert_eq!(waiters(), "0", "{line}");
        sandbox.change("backup", |lease| {
            lease["spec"]["leaseTransitions"] = 3.into();
        });
        assert_eq!(waiters(), "0", "{line}");
    }
}
