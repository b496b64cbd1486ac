//! Kubernetes Events: who did what to a lock, for whoever comes to look.

use lease_tests::{ApiServer, Client};
use serde_json::{Value, json};

use super::break_it;
use crate::lock::{create_expired, get, held, holder, until};
use crate::rights::Role;

/// Reason and note of the events about a lock, the oldest first.
fn events(client: &Client, name: &str) -> Vec<(String, String)> {
    let list = client
        .kubectl(["get", "events.events.k8s.io", "-o", "json"])
        .json();
    let mut events: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["regarding"]["name"] == name)
        .collect();
    events.sort_by_key(|event| event["eventTime"].as_str().unwrap().to_owned());
    let text = |event: &Value, key: &str| event[key].as_str().unwrap().to_owned();
    events
        .into_iter()
        .map(|event| (text(event, "reason"), text(event, "note")))
        .collect()
}

#[test]
fn whoever_breaks_a_lock_leaves_word_of_it() {
    let namespace = ApiServer::shared().namespace("trail");
    let client = namespace.admin();
    client.create(&held("lock", "alice", 1));
    let output = break_it(client, "lock", &["--reason", "ticket 4711"]);
    assert_eq!(output.code, Some(0), "{output:?}");

    // Both before the command has ended.
    let left = events(client, "lock");
    let [(broken, note), (released, _)] = &left[..] else {
        panic!("not two: {left:?}");
    };
    assert_eq!((broken.as_str(), released.as_str()), ("Broken", "Released"));
    assert!(
        note.ends_with("broke the lock, which alice held: ticket 4711"),
        "{note}"
    );
    let shown = client.kubectl(["events", "--for", "lease/lock"]).success();
    assert!(
        shown.stdout.contains("which alice held: ticket 4711"),
        "{shown:?}"
    );
    // Only with the uid of the lock.
    let described = client.kubectl(["describe", "lease", "lock"]).success();
    assert!(described.stdout.contains("ticket 4711"), "{described:?}");
}

#[test]
fn every_change_that_a_verb_makes_leaves_an_event() {
    let namespace = ApiServer::shared().namespace("trail");
    let client = namespace.admin();
    for (line, reasons) in [
        ("acquire one --try --identity me", &["Acquired"][..]),
        ("release one --identity me", &["Acquired", "Released"]),
        ("acquire two --identity me", &["Acquired"]),
        (
            "release two --to you --identity me",
            &["Acquired", "HandedOver"],
        ),
        ("steal three --identity me", &["Stolen"]),
        ("steal four --release", &["Stolen"]),
        ("force-release five --now", &["Broken"]),
        ("run six -- true", &["Acquired", "Released"]),
        ("acquire seven --try --dry-run", &[]),
        ("force-release eight --dry-run=server", &[]),
    ] {
        let name = line.split(' ').nth(1).unwrap();
        match name {
            "three" | "four" => create_expired(client, name, "gone", 15),
            "five" | "eight" => _ = client.create(&held(name, "alive", 600)),
            _ => {}
        }
        let output = if name == "five" {
            break_it(client, name, &["--now"])
        } else {
            client.plugin(line.split(' '))
        };
        assert_eq!(output.code, Some(0), "{line}: {output:?}");
        let left = events(client, name);
        let left: Vec<_> = left.iter().map(|(reason, _)| reason.as_str()).collect();
        assert_eq!(left, reasons, "{line}");
    }
}

/// Whoever may change locks and nothing else does so without a word of it.
#[test]
fn who_may_not_write_events_is_not_troubled() {
    let namespace = ApiServer::shared().namespace("trail");
    let client = namespace.admin();
    let verbs = ["get", "list", "watch", "create", "update", "delete"];
    Role::new(&verbs, &[]).bind(&namespace, "alice");
    let alice = namespace.client("alice");
    until("the role is known", || {
        alice.kubectl(["auth", "can-i", "delete", "leases"]).stdout == "yes\n"
    });
    client.create(&held("lock", "gone", 600));
    for (line, notes) in [
        ("run lock-1 -- true", 0),
        ("run lock-2 -v 1 -- true", 1),
        ("acquire lock-3 --try", 0),
        ("acquire lock-4 --try -v 1", 1),
    ] {
        let output = alice.plugin(line.split(' '));
        assert_eq!(output.code, Some(0), "{line}: {output:?}");
        let told = output.stderr.matches("no Event was left").count();
        assert_eq!(told, notes, "{line}: {output:?}");
        assert!(notes > 0 || !output.stderr.contains("events"), "{output:?}");
    }
    let output = break_it(&alice, "lock", &["--now"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(holder(client, "lock"), "");
    assert_eq!(
        get(client, "lock")["metadata"]["annotations"]["kubectl-lease.io/broken"],
        json!("gone")
    );
}
