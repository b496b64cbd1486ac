//! `doctor`, where there are neither pods nor nodes: what the records alone tell.

use serde_json::{Value, json};

use crate::cluster::{Sandbox, lease};
use crate::listing::states;
use crate::transcript::Transcript;

#[test]
fn each_state_has_its_verdict() {
    let sandbox = states();
    sandbox.lock("j-hostile", "eve\u{1b}[2J", 60, 3);
    sandbox.seed(
        3 * 3600,
        "work",
        &lease("k-endless", json!({ "holderIdentity": "kate" })),
    );
    let mut typed = Transcript::new(&sandbox.shell);
    for (line, code) in [
        ("doctor a-held", 0),
        ("doctor lease/b-late", 0),
        ("doctor c-expired", 2),
        ("doctor d-within-the-margin", 0),
        ("doctor e-free", 0),
        ("doctor f-unknown", 0),
        ("doctor g-unbounded", 0),
        ("doctor j-hostile", 2),
        ("doctor k-endless", 2),
        ("doctor", 2),
        ("doctor -A -o yaml", 2),
        ("doctor missing", 1),
        ("doctor -n elsewhere", 0),
        ("doctor a-held -A", 1),
        ("doctor --explain zombie", 0),
        ("doctor --explain nonsense", 1),
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(code), "{line}: {said:?}");
    }
    insta::assert_snapshot!("diagnosed", typed.end());
}

#[test]
fn programs_get_codes() {
    let sandbox = Sandbox::new();
    sandbox.lock("over", "carol", 15, 600);
    let said = sandbox.shell.run("doctor over -o json");
    assert_eq!((said.code, &*said.stderr), (Some(2), ""), "{said:?}");
    let said: Value = serde_json::from_str(&said.stdout).unwrap();
    let finding = &said["findings"][0];
    assert_eq!(finding["code"], "EXPIRED");
    assert_eq!(finding["severity"], "error");
    assert_eq!(
        finding["locks"],
        json!([{"kind": "Lease", "namespace": "work", "name": "over"}])
    );
    assert_eq!(said["unread"].as_array().unwrap().len(), 3);

    // What is to be typed next does what is wanted.
    let next = finding["next"].as_str().unwrap();
    let arguments = next.strip_prefix("kubectl-lease ").unwrap();
    assert_eq!(sandbox.shell.run(arguments).code, Some(0), "{next}");
    let said = sandbox.shell.run("doctor over -o json");
    assert_eq!(said.code, Some(0), "{said:?}");
}
