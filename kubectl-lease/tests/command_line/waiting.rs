//! `wait`.

use std::time::Instant;

use lease_sandbox::DeleteOptions;

use crate::cluster::Sandbox;
use crate::listing::states;
use crate::transcript::Transcript;
use crate::watched::{LIMIT, Watched};

fn wait(sandbox: &Sandbox, line: &str) -> Watched {
    let mut watched = Watched::start(
        sandbox
            .shell
            .command(format!("wait {line}").split_whitespace())
            .args(["-v", "6"]),
    );
    // So that what happens next is seen on the watch.
    watched.until(|said| said.stderr.contains("watch=true"));
    watched
}

#[test]
fn what_stands_so_already_is_not_waited_for() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    for (line, code) in [
        ("wait e-free", 0),
        ("wait missing --for free", 0),
        ("wait a-held --for held", 0),
        ("wait b-late --for held", 0),
        ("wait a-held --for holder=alice", 0),
        ("wait c-expired --for expired", 0),
        ("wait c-expired --for free --for expired", 0),
        ("wait g-unbounded --for held", 0),
        ("wait a-held --timeout 0", 4),
        ("wait a-held --for holder=bob --for expired --timeout 0s", 4),
        ("wait c-expired --for holder=carol --timeout 0", 4),
        ("wait f-unknown --for held --timeout 0", 4),
        ("wait missing --for held --timeout 0", 4),
        ("wait a-held --for gone", 1),
        ("wait a-held --for holder=", 1),
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
    }
    insta::assert_snapshot!("at-once", typed.end());
}

#[test]
fn what_comes_is_waited_for() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    let free = wait(&sandbox, "one --timeout 60s");
    let bob = wait(&sandbox, "one --for holder=bob");
    let never = wait(&sandbox, "one --for holder=carol --timeout 1s");
    let started = Instant::now();
    assert_eq!(never.end().code, Some(4));
    assert!(started.elapsed() < LIMIT);
    sandbox.change("one", |lease| lease["spec"] = sandbox.record("bob", 600, 0));
    let said = bob.end();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.stdout, "lease/one is held by bob\n");
    sandbox.change("one", |lease| lease["spec"]["holderIdentity"] = "".into());
    assert_eq!(free.end().stdout, "lease/one is free\n");
}

#[test]
fn a_lock_that_is_deleted_is_nobodys() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 600, 3);
    let free = wait(&sandbox, "one");
    let options = DeleteOptions::default();
    sandbox.cluster.delete("work", "one", &options).unwrap();
    let said = free.end();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stderr
            .contains("there is no lease \"one\" in namespace work, so nobody holds it"),
        "{said:?}"
    );
}

/// Its holder has died, and nothing is written to it.
#[test]
fn a_lease_that_runs_out_is_waited_for() {
    let sandbox = Sandbox::new();
    // With the margin of 5 s, it is over in 2 s.
    sandbox.lock("one", "alice", 15, 19);
    let said = wait(&sandbox, "one --for expired").end();
    assert_eq!(said.code, Some(0), "{said:?}");
    // Without a stamp it has to be watched.
    sandbox.unstamped("two", "bob", 2, 600);
    let said = wait(&sandbox, "two --for expired").end();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains("expired"), "{said:?}");
}
