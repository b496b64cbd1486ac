//! `renew` and `release`.

use crate::listing::states;
use crate::taking::foreign_locks;
use crate::transcript::Transcript;

#[test]
fn a_holder_renews_and_releases() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("renew b-late --identity bob");
    typed.run("ls b-late");
    typed.run("renew b-late --identity bob --duration 10m");
    typed.run("renew c-expired --identity carol");
    typed.run("release b-late --identity bob");
    typed.run("release b-late --identity bob");
    typed.run("renew b-late --identity bob");
    typed.run("ls b-late");
    insta::assert_snapshot!("holder", typed.end());
    let lease = sandbox.cluster.get("work", "b-late").unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "");
    assert_eq!(lease["spec"]["leaseDurationSeconds"], 1);
    assert_eq!(lease["spec"]["leaseTransitions"], 2);
}

#[test]
fn who_does_not_hold_it_is_refused() {
    let sandbox = states();
    foreign_locks(&sandbox);
    let mut typed = Transcript::new(&sandbox.shell);
    for line in [
        "renew a-held --identity mallory",
        "release a-held --identity mallory",
        "renew c-expired --identity mallory",
        "release c-expired --identity mallory",
        "renew g-unbounded --identity grace",
        "renew primary --identity primary-1",
        "release primary --identity primary-1",
        "release node-1 -n kube-node-lease --identity node-1",
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(3), "{line}: {said:?}");
    }
    typed.run("renew missing --identity me");
    typed.run("release missing --identity me");
    typed.run("renew a-held");
    typed.run("release a-held");
    insta::assert_snapshot!("not-holder", typed.end());
}

#[test]
fn who_one_is_can_stand_in_the_environment() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    let mut run = |identity: &str, line: &str| {
        let mut command = sandbox.shell.command(line.split_whitespace());
        command.env("LEASE_IDENTITY", identity);
        let line = format!("LEASE_IDENTITY={identity} {line}");
        typed.run_command(&line, &mut command).code
    };
    assert_eq!(run("bob", "renew a-held"), Some(3));
    assert_eq!(run("alice", "renew a-held"), Some(0));
    // What is typed wins.
    assert_eq!(run("alice", "release a-held --identity bob"), Some(3));
    assert_eq!(run("bob", "release a-held --identity alice"), Some(0));
    assert_eq!(run("", "release b-late"), Some(1));
    insta::assert_snapshot!("environment", typed.end());
}

/// What acquire says can be done next can be typed as it stands.
#[test]
fn a_lock_lives_from_acquire_to_release() {
    let sandbox = states();
    let taken = sandbox.shell.run("acquire --try e-free");
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let identity = taken
        .stdout
        .lines()
        .find_map(|line| line.trim().strip_prefix("identity: "))
        .unwrap();
    for line in [
        format!("renew e-free --identity {identity}"),
        format!("release e-free --identity {identity}"),
    ] {
        let said = sandbox.shell.run(&line);
        assert_eq!(said.code, Some(0), "{line}: {said:?}");
    }
}
