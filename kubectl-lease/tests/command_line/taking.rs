//! `acquire`.

use serde_json::json;

use crate::cluster::{Sandbox, lease};
use crate::listing::states;
use crate::transcript::Transcript;

#[test]
fn what_can_be_taken_is_taken() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("acquire --try new --identity me --duration 90s");
    typed.run("acquire --try another-new");
    typed.run("acquire --try e-free --identity me");
    typed.run("acquire --try h-no-spec --identity me");
    typed.run("acquire --try lease/c-expired --identity me --duration 1h");
    typed.run("ls new e-free h-no-spec c-expired");
    insta::assert_snapshot!("taken", typed.end());
}

#[test]
fn what_somebody_holds_is_not_acquired() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    for name in [
        "a-held",
        "b-late",
        "d-within-the-margin",
        "f-unknown",
        "g-unbounded",
    ] {
        let said = typed.run(&format!("acquire --try {name} --identity me"));
        assert_eq!(said.code, Some(4), "{name}: {said:?}");
    }
    insta::assert_snapshot!("held", typed.end());
}

#[test]
fn what_no_rule_lets_one_take_is_refused() {
    let sandbox = states();
    foreign_locks(&sandbox);
    let mut typed = Transcript::new(&sandbox.shell);
    for line in [
        "acquire --try a-held --identity alice",
        "acquire --try c-expired --identity carol",
        "acquire --try lock-tfstate-default-prod --identity me",
        "acquire --try primary --identity me",
        "acquire --try node-1 -n kube-node-lease --identity me",
        "acquire --try apiserver-x -n kube-system --identity me",
    ] {
        let said = typed.run(line);
        assert_eq!(said.code, Some(3), "{line}: {said:?}");
    }
    insta::assert_snapshot!("refused", typed.end());
}

#[test]
fn what_cannot_be_taken_is_an_error() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("acquire --try new -n elsewhere --identity me");
    typed.run("acquire new");
    typed.run("acquire --try new --duration 0");
    typed.run("acquire --try new --duration 1.5s");
    typed.run("acquire --try new --duration 2147483648");
    typed.run("acquire --try new --duration soon");
    insta::assert_snapshot!("errors", typed.end());
}

#[test]
fn what_is_taken_keeps_the_rest_of_the_object() {
    let sandbox = Sandbox::new();
    sandbox.seed(
        600,
        "work",
        &json!({
            "metadata": {
                "name": "lock",
                "annotations": { "example.com/note": "stays" },
                "labels": { "team": "blue" },
                "finalizers": ["example.com/hold"],
            },
            "spec": sandbox.record("gone", 15, 600),
        }),
    );

    let said = sandbox.shell.run("acquire --try lock --identity me");

    assert_eq!(said.code, Some(0), "{said:?}");
    let lease = sandbox.cluster.get("work", "lock").unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "me");
    assert_eq!(lease["spec"]["leaseDurationSeconds"], 300);
    assert_eq!(lease["spec"]["leaseTransitions"], 3);
    assert_eq!(
        lease["metadata"]["annotations"]["example.com/note"],
        "stays"
    );
    assert_eq!(lease["metadata"]["labels"]["team"], "blue");
    assert_eq!(lease["metadata"]["finalizers"][0], "example.com/hold");
}

#[test]
fn a_dozen_contenders_for_one_lock_have_one_winner() {
    let sandbox = Sandbox::new();
    sandbox.lock("lock", "gone", 15, 600);
    let codes: Vec<_> = std::thread::scope(|scope| {
        let contenders: Vec<_> = (0..12)
            .map(|_| scope.spawn(|| sandbox.shell.run("acquire --try lock").code))
            .collect();
        contenders
            .into_iter()
            .map(|contender| contender.join().unwrap().unwrap())
            .collect()
    });
    assert_eq!(
        codes.iter().filter(|code| **code == 0).count(),
        1,
        "{codes:?}"
    );
    assert_eq!(
        codes.iter().filter(|code| **code == 4).count(),
        11,
        "{codes:?}"
    );
}

/// Leases that follow rules of their own, all of them long expired.
pub(crate) fn foreign_locks(sandbox: &Sandbox) {
    sandbox.seed(
        600,
        "work",
        &json!({
            "metadata": {
                "name": "lock-tfstate-default-prod",
                "annotations": { "app.terraform.io/lock-info": r#"{"ID":"1f2e"}"# },
                "labels": { "tfstate": "true" },
            },
            "spec": { "holderIdentity": "1f2e" },
        }),
    );
    sandbox.seed(
        600,
        "work",
        &json!({
            "metadata": {
                "name": "primary",
                "ownerReferences": [{
                    "apiVersion": "postgresql.cnpg.io/v1",
                    "kind": "Cluster",
                    "name": "primary",
                    "uid": "0d9a4f0e-6d0f-4b61-93a7-2f1f5b8c9e33",
                }],
            },
            "spec": sandbox.record("primary-1", 15, 600),
        }),
    );
    let heartbeat = lease("node-1", sandbox.record("node-1", 40, 600));
    sandbox.seed(600, "kube-node-lease", &heartbeat);
    sandbox.seed(
        600,
        "kube-system",
        &json!({
            "metadata": {
                "name": "apiserver-x",
                "labels": { "apiserver.kubernetes.io/identity": "kube-apiserver" },
            },
            "spec": sandbox.record("apiserver-x_1", 3600, 36_000),
        }),
    );
}
