//! `ls`.

use serde_json::{Value, json};

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
    typed.run("ls --holder al");
    typed.run("ls --holder nobody");
    typed.run("ls --holder al --stuck -A");
    typed.run("ls --holder=");
    typed.run("ls --field-selector metadata.name=a-held");
    typed.run("ls -A --field-selector metadata.name!=a-held,metadata.namespace=work -o name");
    typed.run("ls --field-selector spec.holderIdentity=alice");
    typed.run("ls --field-selector= --selector= --sort-by= --holder alice -o name");
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
    typed.run("ls a-held -A=false -o name");
    typed.run("ls a-held -l team=blue");
    typed.run("ls a-held --field-selector metadata.name=a-held");
    // As kubectl has it.
    typed.run("ls a-held a-held");
    typed.run("ls pod/a-held");
    insta::assert_snapshot!("named", typed.end());
}

/// What each row's name is, in the order of the table.
fn order(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let said = sandbox.shell.run(&format!("{line} --no-headers"));
    assert_eq!(
        (said.code, &*said.stderr),
        (Some(0), ""),
        "{line}: {said:?}"
    );
    let names = said.stdout.lines().map(|row| {
        let name = row.split_whitespace().next().unwrap();
        name.split('-').next().unwrap().to_owned()
    });
    names.collect()
}

#[test]
fn lists_can_be_sorted_by_each_column() {
    let sandbox = states();
    for (column, expected) in [
        ("NAME", "a b c d e f g h i"),
        // What needs a person comes first.
        ("state", "g c i f b d a e h"),
        ("Holder", "a b c d f g i e h"),
        // The longest ago first.
        ("renewed", "c i b d a e f g h"),
        // The longest over first, those that never end last, and then those without an end.
        ("expires", "c i d b a g e f h"),
        ("duration", "c d f i a b e g h"),
        ("TRANSITIONS", "a b c d e f i g h"),
        ("age", "a d b c f g h i e"),
        ("dialect", "a b c d e f g h i"),
        ("last-writer", "a b c d e g i f h"),
    ] {
        let line = format!("ls --sort-by {column}");
        assert_eq!(order(&sandbox, &line).join(" "), expected, "{line}");
    }
}

#[test]
fn lists_can_be_sorted_by_fields_as_kubectl_does() {
    let sandbox = states();
    for (path, expected) in [
        (".metadata.name", "a b c d e f g h i"),
        // Oldest first, and those of one second by name.
        ("{.metadata.creationTimestamp}", "e c f g h i b d a"),
        // In the order of creation, by value and not by text.
        ("metadata.resourceVersion", "a b c d e f g h i"),
        // Those without come first.
        (".spec.leaseDurationSeconds", "g h e c d f i a b"),
        (r".metadata.labels.team", "a b c d e f g h i"),
        (".spec.holderIdentity", "h e a b c d f g i"),
        (".metadata.managedFields[0].manager", "f h a b c d e g i"),
        (
            r#".metadata.managedFields[?(@.manager=="elector")].time"#,
            "f h e c g i b d a",
        ),
    ] {
        let line = format!("ls --sort-by {path}");
        assert_eq!(order(&sandbox, &line).join(" "), expected, "{line}");
    }
    let said = sandbox
        .shell
        .run("ls -o name --sort-by .spec.leaseDurationSeconds");
    assert!(
        said.stdout.starts_with("lease.coordination.k8s.io/g-"),
        "{said:?}"
    );
    let said = sandbox.shell.run("ls -o json --sort-by age");
    let list: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(list["items"][8]["metadata"]["name"], "e-free");
}

#[test]
fn what_cannot_be_sorted_by_is_an_error() {
    let sandbox = states();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls --sort-by .metadata.nothing");
    typed.run("ls --sort-by agee");
    typed.run("ls --sort-by .metadata");
    typed.run("ls --sort-by {.metadata.name");
    // There is nothing to sort.
    typed.run("ls a-held --sort-by .metadata.nothing --no-headers");
    typed.run("ls -n elsewhere --sort-by .metadata.nothing");
    insta::assert_snapshot!("unsorted", typed.end());
}

/// As pflag has it.
#[test]
fn flags_take_truth_values() {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 60, 3);
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls --all-namespaces=true --no-headers=true --watch=false");
    typed.run("ls --all-namespaces=false --no-headers=F -w=0");
    typed.run("ls -A=1 --no-headers");
    typed.run("ls -Ao name");
    typed.run("ls -A=maybe");
    typed.run("ls --no-headers=");
    // A word of its own is a name.
    typed.run("ls --no-headers true");
    insta::assert_snapshot!("truth-values", typed.end());
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
