//! `--dry-run`.

use serde_json::Value;

use crate::listing::states;
use crate::transcript::Transcript;

#[test]
fn a_dry_run_writes_nothing() {
    let sandbox = states();
    let before = sandbox.cluster.version();
    let mut typed = Transcript::new(&sandbox.shell);
    for how in ["=client", "=server", ""] {
        for (line, code) in [
            ("acquire --try new --identity me", 0),
            ("acquire --try e-free --identity me", 0),
            ("acquire --try a-held --identity me", 4),
            ("renew a-held --identity alice", 0),
            ("renew a-held --identity bob", 3),
            ("release a-held --identity alice", 0),
            ("release a-held --identity alice --to zoe", 0),
            ("steal c-expired --identity me", 0),
            ("steal c-expired --release", 0),
            ("steal a-held", 3),
            ("force-release a-held", 0),
            ("force-release a-held --now -o yaml", 0),
            ("force-release g-unbounded", 0),
            ("force-release e-free", 0),
        ] {
            let line = format!("{line} --dry-run{how}");
            let said = typed.run(&line);
            assert_eq!(said.code, Some(code), "{line}: {said:?}");
        }
    }
    typed.run("renew a-held --identity alice --dry-run=maybe");
    insta::assert_snapshot!("dry", typed.end());
    assert_eq!(sandbox.cluster.version(), before);
    // A word of its own is no value of it.
    let said = sandbox
        .shell
        .run("release --dry-run a-held --identity alice");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(sandbox.cluster.version(), before);
    let said = sandbox
        .shell
        .run("release a-held --identity alice --dry-run=none");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_ne!(sandbox.cluster.version(), before);
}

#[test]
fn a_dry_run_shows_what_would_stand_there() {
    let sandbox = states();
    for how in ["client", "server"] {
        let line = format!("acquire --try c-expired --identity me -o json --dry-run={how}");
        let said = sandbox.shell.run(&line);
        assert_eq!(said.code, Some(0), "{said:?}");
        let lease: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(lease["spec"]["holderIdentity"], "me", "{how}");
        assert_eq!(lease["spec"]["leaseTransitions"], 3, "{how}");
        assert_eq!(lease["status"]["fencingToken"], Value::Null, "{how}");
    }
}
