//! What `ls -o wide` tells of who is behind each holder.

use std::collections::BTreeMap;

use lease_tests::{ApiServer, Fate, FaultProxy, Output};
use serde_json::json;

use super::world::{HOUR, MINUTE, UUID, lock, node, node_is, pod_status, running, running_pod};
use crate::lock::{held, until};
use crate::rights::Role;

/// What stands in the column, by the lock's name.
fn objects(output: &Output) -> BTreeMap<&str, &str> {
    let mut lines = output.stdout.lines();
    let header = lines.next().unwrap_or_else(|| panic!("{output:?}"));
    let at = |title: &str| header.find(title).unwrap_or_else(|| panic!("{output:?}"));
    let (from, to) = (at("HOLDER-OBJECT"), at("DIALECT"));
    lines
        .map(|line| {
            let name = line.split_whitespace().next().unwrap();
            (name, line[from..to].trim())
        })
        .collect()
}

#[test]
fn a_list_names_the_pods_and_nodes_behind_holders() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let elsewhere = ApiServer::shared().namespace("doctor");
    let [well, ill] = ["well", "ill"].map(|name| format!("{}-{name}", namespace.name()));
    node(client, &well, "True", HOUR);
    node(client, &ill, "True", HOUR);
    node_is(client, &ill, "Unknown", HOUR);
    running_pod(client, "listed-7c5d8f9b6d-x2k9p", &well);
    running_pod(client, "listed-7c5d8f9b6d-bbbbb", &ill);
    running_pod(client, "listed-29384710-kx9w2", &well);
    running_pod(client, "lamed-7c5d8f9b6d-x2k9p", &well);
    running_pod(elsewhere.admin(), "far-7c5d8f9b6d-x2k9p", &well);
    running_pod(client, "listed-0", &well);
    running_pod(elsewhere.admin(), "listed-0", &well);
    let evicted = json!({"phase": "Failed", "reason": "Evicted", "containerStatuses": []});
    pod_status(client, "listed-29384710-kx9w2", &evicted);
    let mut lame = running(HOUR);
    lame["conditions"][0]["status"] = json!("False");
    pod_status(client, "lamed-7c5d8f9b6d-x2k9p", &lame);
    let far = format!("pod/{}/far-7c5d8f9b6d-x2k9p@{well}", elsewhere.name());

    let cases = [
        (
            "ended",
            "listed-29384710-kx9w2",
            format!("pod/listed-29384710-kx9w2@{well} (Evicted)"),
        ),
        ("far", "far-7c5d8f9b6d-x2k9p", far),
        ("free", "", "-".to_owned()),
        ("gone", "listed-7c5d8f9b6d-ccccc", "gone".to_owned()),
        (
            "lame",
            "lamed-7c5d8f9b6d-x2k9p",
            format!("pod/lamed-7c5d8f9b6d-x2k9p@{well} (not ready)"),
        ),
        (
            "lost",
            "listed-7c5d8f9b6d-bbbbb",
            format!("pod/listed-7c5d8f9b6d-bbbbb@{ill} (node not ready)"),
        ),
        ("machine", &ill, format!("node/{ill} (not ready)")),
        ("outside", "build-agent", "elsewhere?".to_owned()),
        ("two", "listed-0", format!("pod/listed-0@{well}?")),
        ("uuid", "", "?".to_owned()),
        (
            "web",
            "listed-7c5d8f9b6d-x2k9p",
            format!("pod/listed-7c5d8f9b6d-x2k9p@{well}"),
        ),
    ];
    for (name, holder, _) in &cases {
        let holder = match (*name, *holder) {
            ("free", _) => String::new(),
            ("uuid", _) => UUID.to_owned(),
            (_, host) => format!("{host}_{UUID}"),
        };
        lock(client, name, &holder, 600, MINUTE);
    }
    let listed = client.plugin(["ls", "-o", "wide"]).success();
    assert_eq!(listed.stderr, "");
    let expected: BTreeMap<_, _> = cases
        .iter()
        .map(|(name, _, object)| (*name, object.as_str()))
        .collect();
    assert_eq!(objects(&listed), expected);
    let named = client.plugin(["ls", "web", "-o", "wide"]).success();
    assert_eq!(objects(&named)["web"], expected["web"]);
    // Whoever does not ask for it does not wait for it.
    let usual = client.plugin(["ls"]).success();
    assert!(!usual.stdout.contains("HOLDER-OBJECT"), "{usual:?}");
}

#[test]
fn a_list_without_rights_to_pods_says_so_once() {
    let namespace = ApiServer::shared().namespace("doctor");
    let alice = namespace.client("alice");
    let identity = format!("gone-7c5d8f9b6d-x2k9p_{UUID}");
    for name in ["one", "two"] {
        lock(namespace.admin(), name, &identity, 600, MINUTE);
    }
    Role::new(&["get", "list"], &[]).bind(&namespace, "alice");
    until("the role is known", || {
        alice.kubectl(["auth", "can-i", "list", "leases"]).stdout == "yes\n"
    });
    let listed = alice.plugin(["ls", "-o", "wide"]).success();
    assert_eq!(objects(&listed), [("one", "?"), ("two", "?")].into());
    assert_eq!(
        listed.stderr,
        "could not be read, and would tell more: pods (`kubectl auth can-i list pods -A` says no); \
         nodes (`kubectl auth can-i list nodes` says no)\n"
    );
}

/// Neither of the two asks for each lock.
#[test]
fn more_locks_are_no_more_requests() {
    let server = ApiServer::shared();
    let requests = |count: usize, args: &[&str]| {
        let namespace = server.namespace("doctor");
        let locks: Vec<_> = (0..count)
            .map(|number| {
                held(
                    &format!("lock-{number}"),
                    &format!("pod-{number}_{UUID}"),
                    600,
                )
            })
            .collect();
        namespace.admin().create_all(&locks);
        let proxy = FaultProxy::before(server, |_| Fate::Forward);
        proxy.client(namespace.admin()).plugin(args).success();
        proxy.seen().len()
    };
    for args in [&["ls", "-o", "wide"][..], &["doctor"]] {
        let few = requests(3, args);
        assert_eq!(requests(60, args), few, "{args:?}");
        assert!(few <= 5, "{args:?}: {few}");
    }
}
