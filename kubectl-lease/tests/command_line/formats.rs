//! The output for programs.

use serde_json::{Value, json};

use crate::cluster::{Sandbox, lease};
use crate::transcript::Transcript;

fn two_locks() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.lock("one", "alice", 60, 3);
    sandbox.lock("two", "bob", 15, 600);
    sandbox
}

#[test]
fn json_and_yaml_and_names() {
    let sandbox = two_locks();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls -o json");
    typed.run("ls -o yaml");
    typed.run("ls -o name");
    typed.run("ls two -o json");
    typed.run("describe two -o yaml");
    typed.run("describe two -o name");
    typed.run("acquire --try two --identity carol -o json");
    typed.run("acquire --try three --identity carol -o name");
    typed.run("ls -o jsonpath={.items}");
    insta::assert_snapshot!("formats", typed.end());
}

#[test]
fn json_has_what_the_server_keeps_and_a_status() {
    let sandbox = two_locks();

    let said = sandbox.shell.run("ls -o json");

    let list: Value = serde_json::from_str(&said.stdout).unwrap();
    for item in list["items"].as_array().unwrap() {
        let name = item["metadata"]["name"].as_str().unwrap();
        let mut stored = Value::clone(&sandbox.cluster.get("work", name).unwrap());
        stored["metadata"]
            .as_object_mut()
            .unwrap()
            .remove("managedFields");
        stored["status"] = item["status"].clone();
        assert_eq!(*item, stored);
        assert!(item["status"]["state"].is_string(), "{item}");
    }
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
}

/// As kubectl prints them: what there is, and nothing for one that is not.
#[test]
fn objects_that_are_missing_leave_the_shape_of_the_others() {
    let sandbox = two_locks();
    let mut typed = Transcript::new(&sandbox.shell);
    typed.run("ls missing -o json");
    typed.run("ls missing -o yaml");
    typed.run("ls missing -o name");
    typed.run("ls missing another -o json");
    typed.run("ls missing another -o yaml");
    typed.run("ls two missing -o name");
    typed.run("ls one --state free -o yaml");
    insta::assert_snapshot!("missing", typed.end());
    let said = sandbox.shell.run("ls two missing -o json");
    assert_eq!(said.code, Some(1), "{said:?}");
    let list: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(list["kind"], "List");
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let said = sandbox.shell.run("ls two two -o json");
    let list: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
}

#[test]
fn heartbeats_of_nodes_are_left_out_of_tables_only() {
    let sandbox = two_locks();
    sandbox.seed(
        5,
        "kube-node-lease",
        &lease("node-1", json!({"holderIdentity": "node-1"})),
    );
    for (format, shown) in [
        ("table", 0),
        ("wide", 0),
        ("name", 1),
        ("json", 1),
        ("yaml", 1),
    ] {
        let said = sandbox.shell.run(&format!("ls -A -o {format}"));
        let found = said.stdout.contains("node-1");
        assert_eq!(usize::from(found), shown, "{format}: {said:?}");
        assert_eq!(
            said.stderr.contains("1 heartbeat"),
            shown == 0,
            "{format}: {said:?}"
        );
    }
}

#[test]
fn a_list_stays_a_list_whatever_its_length() {
    let sandbox = two_locks();
    for (line, kind) in [
        ("ls -o json", "List"),
        ("ls -o json --state held", "List"),
        ("ls -o json --state free", "List"),
        ("ls one -o json", "Lease"),
        ("ls one two -o json", "List"),
    ] {
        let said = sandbox.shell.run(line);
        assert_eq!(said.code, Some(0), "{line}: {said:?}");
        let value: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(value["kind"], kind, "{line}");
    }
}
