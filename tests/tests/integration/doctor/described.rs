//! What `describe` tells of it.

use lease_tests::{ApiServer, Fate, FaultProxy, Output};
use serde_json::json;

use super::world::{
    HOUR, MINUTE, UUID, findings, lock, node, node_is, pod_status, running, running_pod, said,
};
use crate::lock::{AT_ONCE, timed, until};
use crate::rights::Role;

const POD: &str = "shown-7c5d8f9b6d-x2k9p";

/// The value under a key, with the lines that go on under it.
fn section<'a>(output: &'a Output, key: &str) -> Vec<&'a str> {
    let key = format!("{key}:");
    let lines = output.stdout.lines();
    let mut of_key = lines.skip_while(|line| !line.starts_with(&key));
    let first = of_key.next().unwrap_or_else(|| panic!("{output:?}"));
    let more = of_key.take_while(|line| line.starts_with(' '));
    let value = first.strip_prefix(&key).unwrap().trim();
    std::iter::once(value).chain(more.map(str::trim)).collect()
}

#[test]
fn describe_tells_who_holds_it_and_what_is_wrong() {
    let namespace = ApiServer::shared().namespace("doctor");
    let client = namespace.admin();
    let machine = format!("{}-worker-1", namespace.name());
    node(client, &machine, "True", HOUR);
    running_pod(client, POD, &machine);
    let identity = format!("{POD}_{UUID}");
    lock(client, "web", &identity, 600, 0);
    lock(client, "free", "", 1, 0);

    let described = client.plugin(["describe", "web"]).success();
    assert_eq!(described.stderr, "");
    let who = |condition: &str| {
        format!(
            "pod {}/{POD} (Running) on node {machine}; it is ready; its node is {condition}",
            namespace.name()
        )
    };
    assert_eq!(section(&described, "Holder"), [&identity, &who("ready")]);
    assert_eq!(section(&described, "Findings"), ["none"]);
    let described = client.plugin(["describe", "free"]).success();
    assert_eq!(section(&described, "Holder"), ["<nobody>"]);

    let mut ill = running(HOUR);
    ill["conditions"][0]["status"] = json!("False");
    pod_status(client, POD, &ill);
    lock(client, "over", &identity, 15, 30 * MINUTE);
    node_is(client, &machine, "Unknown", 25 * MINUTE);
    let described = client.plugin(["describe", "over"]).success();
    let who = who("not ready (NodeStatusUnknown)").replace("it is ready", "it is not ready");
    assert_eq!(section(&described, "Holder"), [&identity, &who]);
    // What doctor says.
    let found = findings(client, &["over"]);
    let [found] = found.as_slice() else {
        panic!("{found:#?}")
    };
    let text = |key: &str| found[key].as_str().unwrap();
    let what = format!("{} {}: {}", text("severity"), text("code"), text("message"));
    let next = format!("next: {}", text("next"));
    assert_eq!(section(&described, "Findings"), [what, next]);
}

#[test]
fn describe_goes_on_without_rights_and_says_which() {
    let namespace = ApiServer::shared().namespace("doctor");
    let alice = namespace.client("alice");
    let identity = format!("gone-7c5d8f9b6d-x2k9p_{UUID}");
    lock(namespace.admin(), "gone", &identity, 15, 5 * MINUTE);
    Role::new(&["get", "list"], &[]).bind(&namespace, "alice");
    until("the role is known", || {
        alice.kubectl(["auth", "can-i", "list", "leases"]).stdout == "yes\n"
    });

    let described = alice.plugin(["describe", "gone"]).success();
    assert_eq!(section(&described, "Holder"), [&identity]);
    let found = section(&described, "Findings");
    assert!(found[0].starts_with("error EXPIRED: "), "{described:?}");
    let told = alice.plugin(["doctor", "gone"]).stderr;
    assert!(told.contains("list pods -A"), "{told}");
    assert_eq!(described.stderr, told);
}

/// Programs get the lock, as ever, and nothing more is asked for.
#[test]
fn programs_get_what_they_got() {
    let namespace = ApiServer::shared().namespace("doctor");
    lock(namespace.admin(), "over", "alice@desk", 15, 5 * MINUTE);
    let proxy = FaultProxy::before(ApiServer::shared(), |_| Fate::Forward);
    let client = proxy.client(namespace.admin());
    let described = client.plugin(["describe", "over", "-o", "json"]).success();
    let mut keys: Vec<_> = said(&described)
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    keys.sort();
    let expected = ["apiVersion", "kind", "metadata", "spec", "status"];
    assert_eq!(keys, expected);
    let seen = proxy.seen();
    let is_lease = |path: &str| path.contains("/leases");
    assert!(
        seen.iter().all(|request| is_lease(&request.path)),
        "{seen:?}"
    );
}

/// A cluster may have more pods than anybody wants to wait for.
#[test]
fn describe_does_not_wait_for_what_is_slow() {
    let namespace = ApiServer::shared().namespace("doctor");
    lock(namespace.admin(), "over", "alice@desk", 15, 5 * MINUTE);
    let proxy = FaultProxy::before(ApiServer::shared(), |request| {
        if request.path.starts_with("/api/v1/pods") {
            Fate::HangReply
        } else {
            Fate::Forward
        }
    });
    let client = proxy.client(namespace.admin());
    let (described, took) = timed(&client, &["describe", "over"]);
    let described = described.success();
    assert!(took < AT_ONCE + AT_ONCE, "{took:?}");
    let found = section(&described, "Findings");
    assert!(found[0].contains("within 2s"), "{found:?}");
    let next = found[1].strip_prefix("next: ").unwrap();
    assert!(next.contains(" doctor over -n "), "{next}");
}
