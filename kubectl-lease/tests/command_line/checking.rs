//! `check`.

use crate::listing::states;
use crate::transcript::Transcript;

#[test]
fn a_holder_that_has_stopped_is_a_finding() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    for (line, code) in [
        ("check a-held", 0),
        ("check b-late", 0),
        ("check d-within-the-margin", 0),
        ("check e-free", 0),
        ("check c-expired", 2),
        ("check c-expired --tolerance 584s", 2),
        ("check c-expired --tolerance 585s", 0),
        ("check a-held --identity alice", 0),
        ("check a-held --identity bob", 2),
        ("check e-free --identity bob", 2),
        // Nothing tells.
        ("check f-unknown", 1),
        ("check g-unbounded", 1),
        ("check missing", 1),
        ("check a-held --tolerance soon", 1),
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
    }
    insta::assert_snapshot!("checked", typed.end());
}

#[test]
fn a_finding_has_the_formats_of_a_lease() {
    let sandbox = states();
    let said = sandbox.shell.run("check c-expired -o json");
    assert_eq!(said.code, Some(2), "{said:?}");
    let lease: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(lease["status"]["state"], "expired");
    assert_eq!(said.stderr, "");
    let said = sandbox.shell.run("check a-held -o name");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.stdout, "lease.coordination.k8s.io/a-held\n");
}

/// What the verbs of a holder mean where `run` set the environment.
#[test]
fn under_run_the_lock_is_that_of_the_environment() {
    let sandbox = states();
    let run = |line: &str, identity: &str| {
        let mut command = sandbox.shell.command(line.split_whitespace());
        command
            .env("LEASE_NAME", "a-held")
            .env("LEASE_NAMESPACE", "work")
            .env("LEASE_IDENTITY", identity)
            .env("KUBECONFIG", sandbox.shell.elsewhere());
        crate::shell::Said::of(&mut command).code
    };
    assert_eq!(run("check", "alice"), Some(0));
    assert_eq!(run("check", "bob"), Some(2));
    // Of another lock, LEASE_IDENTITY says nothing.
    assert_eq!(run("check b-late -n work", "alice"), Some(0));
    assert_eq!(run("renew", "alice"), Some(0));
    assert_eq!(run("release", "bob"), Some(3));
    assert_eq!(run("release", "alice"), Some(0));
    assert_eq!(run("check", "alice"), Some(2));
    assert_eq!(sandbox.shell.run("check").code, Some(1));
    assert_eq!(sandbox.shell.run("release --identity me").code, Some(1));
}
