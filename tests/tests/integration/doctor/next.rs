//! The next commands, taken from what `doctor` prints and typed into a shell with the real kubectl:
//! each does what the sentence before it says, and leaves whoever lives alone.

use std::time::Duration;

use lease_tests::{ApiServer, Client, Kubelet, Output};
use serde_json::{Value, json};

use super::world::{
    HOUR, MINUTE, UUID, lock, lock_like, node, pod_status, running, running_pod, silent, status_of,
    time,
};
use crate::lock::{LIMIT, get, held, holder, renew, state, until};

/// What `doctor` prints of a lock that has one finding: the sentence, and the command.
#[track_caller]
fn told(client: &Client, name: &str, code: &str) -> (String, String) {
    let output = client.shell(&format!("kubectl lease doctor {name}"), LIMIT);
    assert_eq!(output.code, Some(2), "{output:?}");
    let mut lines = output.stdout.lines();
    let first = lines.next().unwrap();
    assert_eq!(first.split(' ').nth(1), Some(code), "{output:?}");
    let sentence = lines.next().unwrap().trim().to_owned();
    let next = lines.filter_map(|line| line.strip_prefix("  next:"));
    let [next] = next.collect::<Vec<_>>()[..] else {
        panic!("not one finding: {output:?}")
    };
    (sentence, next.trim().to_owned())
}

fn typed(client: &Client, next: &str) -> Output {
    client.shell(next, LIMIT)
}

/// Types what only looks: nothing of the lock is different afterwards.
#[track_caller]
fn look(client: &Client, name: &str, next: &str) -> String {
    let before = get(client, name);
    let output = typed(client, next).success();
    assert_eq!(get(client, name), before, "{next}");
    output.stdout
}

/// A node with a kubelet that can be asked for logs.
fn node_with(kubelet: &Kubelet, client: &Client, name: &str) {
    node(client, name, "True", HOUR);
    let address = kubelet.address();
    let status = json!({
        "addresses": [{"type": "InternalIP", "address": address.ip()}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": address.port()}},
    });
    status_of(client, &format!("node/{name}"), &status);
}

#[test]
fn logs_are_those_of_the_process_that_is_meant() {
    let namespace = ApiServer::shared().namespace("next");
    let (client, here) = (namespace.admin(), namespace.name());
    let kubelet = Kubelet::start();
    node_with(&kubelet, client, here);
    let pod = format!("{here}-7c5d8f9b6d-x2k9p");
    running_pod(client, &pod, here);
    let identity = format!("{pod}_{UUID}");

    lock(client, "hangs", &identity, 4, 0);
    until("the lease is over", || state(client, "hangs") == "expired");
    let (sentence, next) = told(client, "hangs", "ZOMBIE");
    assert!(
        sentence.contains(&format!("pod {here}/{pod} runs")),
        "{sentence}"
    );
    let log = look(client, "hangs", &next);
    let asked = format!("/containerLogs/{here}/{pod}/main?");
    assert!(
        log.contains(&asked) && log.contains("tailLines=50"),
        "{log}"
    );

    let mut anew = running(1);
    anew["containerStatuses"][0]["restartCount"] = json!(1);
    pod_status(client, &pod, &anew);
    let (sentence, next) = told(client, "hangs", "HOLDER_RESTARTED");
    assert!(sentence.contains("has ended: container main"), "{sentence}");
    let log = look(client, "hangs", &next);
    assert!(
        log.contains(&asked) && log.contains("previous=true"),
        "{log}"
    );
}

/// The holder renews all the while, and goes on.
#[test]
fn looking_at_clocks_and_durations_leaves_a_live_holder_alone() {
    let namespace = ApiServer::shared().namespace("next");
    let client = namespace.admin();
    let machine = namespace.name();
    let pod = format!("{machine}-7c5d8f9b6d-x2k9p");
    node(client, machine, "True", HOUR);
    running_pod(client, &pod, machine);
    let elector = |name: &str, identity: &str| namespace.elector(name, identity);
    let mut electors = [
        elector("fast", &format!("{pod}_{UUID}"))
            .shift_seconds(HOUR)
            .start(),
        elector("fast-elsewhere", "somewhere")
            .shift_seconds(HOUR)
            .start(),
        elector("endless", "somebody")
            .timing(40 * 24 * 3600, 3, 1)
            .start(),
    ];
    for elector in &mut electors {
        elector.wait_for("started", LIMIT);
    }
    for (name, code, word, shown) in [
        (
            "fast",
            "SKEW",
            "clock is 60m ahead",
            format!("Name:               {machine}\n"),
        ),
        (
            "fast-elsewhere",
            "SKEW",
            "clock is 60m ahead",
            "Renewed:   ".to_owned(),
        ),
        (
            "endless",
            "MISCONFIGURED",
            "lease lasts 40d",
            "3456000s".to_owned(),
        ),
    ] {
        let (sentence, next) = told(client, name, code);
        assert!(sentence.contains(word), "{sentence}");
        let before = get(client, name)["spec"].take();
        let output = typed(client, &next).success();
        assert!(output.stdout.contains(&shown), "{next}: {output:?}");
        until("it renews on", || {
            let now = get(client, name)["spec"].take();
            assert_eq!(now["holderIdentity"], before["holderIdentity"]);
            assert_eq!(now["acquireTime"], before["acquireTime"]);
            now["renewTime"] != before["renewTime"]
        });
    }
}

#[test]
fn a_record_that_is_wrong_is_shown() {
    let namespace = ApiServer::shared().namespace("next");
    let client = namespace.admin();
    lock(client, "hostile", "a\u{1b}]0;owned\u{7}b", 600, 1);
    let (sentence, next) = told(client, "hostile", "MALFORMED");
    assert!(sentence.contains("control a terminal"), "{sentence}");
    let shown = look(client, "hostile", &next);
    assert!(shown.contains("a^[]0;owned^Gb"), "{shown}");

    lock_like(client, "endless", 3 * HOUR, |lock| {
        lock["spec"] = json!({"holderIdentity": "alice"});
    });
    let (sentence, next) = told(client, "endless", "UNBOUNDED");
    assert!(sentence.contains("never expires"), "{sentence}");
    let shown = look(client, "endless", &next);
    assert!(
        shown.contains("alice") && shown.contains("dry run"),
        "{shown}"
    );
}

/// Sets free what nobody holds any more; but what somebody has taken since is not touched.
#[test]
fn what_is_over_is_set_free_unless_somebody_has_come() {
    let namespace = ApiServer::shared().namespace("next");
    let client = namespace.admin();
    let left = format!("left-7c5d8f9b6d-x2k9p_{UUID}");
    let gone = format!("gone-7c5d8f9b6d-x2k9p_{UUID}");
    for (code, word, identity, since) in [
        ("LEFTOVER", "was left over", &*left, 2 * HOUR),
        ("HOLDER_GONE", "its holder is gone", &*gone, 5 * MINUTE),
        ("EXPIRED", "its lease is over", "build-agent", 5 * MINUTE),
    ] {
        let name = code.to_lowercase().replace('_', "-");
        lock(client, &name, identity, 15, since);
        let (sentence, next) = told(client, &name, code);
        assert!(sentence.contains(word), "{sentence}");
        typed(client, &next).success();
        assert_eq!(holder(client, &name), "", "{next}");
        silent(client, &name);

        let taken = format!("{name}-taken");
        lock(client, &taken, identity, 15, since);
        let (_, next) = told(client, &taken, code);
        let mut renewed = held(&taken, "somebody-else", 600);
        renewed["metadata"] = get(client, &taken)["metadata"].take();
        renewed["metadata"]["managedFields"] = Value::Null;
        client.replace_all(&[renewed]);
        let before = get(client, &taken);
        let refused = typed(client, &next);
        assert_eq!(refused.code, Some(3), "{next}: {refused:?}");
        assert_eq!(get(client, &taken), before);

        // It may also be the old one that renews after all.
        let late = format!("{name}-late");
        lock(client, &late, identity, 600, since.max(15 * MINUTE));
        let (_, next) = told(client, &late, code);
        renew(client, &late, "holder");
        let refused = typed(client, &next);
        assert_eq!(refused.code, Some(3), "{next}: {refused:?}");
        assert_eq!(holder(client, &late), identity);
    }
}

/// A pod that failed may have been replaced by a holder that is well: its lease is waited for.
#[test]
fn what_ends_by_itself_is_waited_for() {
    let namespace = ApiServer::shared().namespace("next");
    let client = namespace.admin();
    let pod = format!("{}-29384710-kx9w2", namespace.name());
    running_pod(client, &pod, "nowhere");
    let evicted = json!({"phase": "Failed", "reason": "Evicted", "containerStatuses": []});
    pod_status(client, &pod, &evicted);
    lock(client, "job", &format!("{pod}_{UUID}"), 15, 8);
    let (sentence, next) = told(client, "job", "HOLDER_GONE");
    assert!(
        sentence.contains("has ended (Failed: Evicted)"),
        "{sentence}"
    );
    let waited = client.shell(&next, LIMIT + Duration::from_secs(20));
    assert_eq!(waited.code, Some(0), "{next}: {waited:?}");
    assert_eq!(state(client, "job"), "expired");
}

/// The lock that is waited for is as it was, and so are the others who wait.
#[test]
fn a_dead_ticket_is_all_that_is_deleted() {
    let namespace = ApiServer::shared().namespace("next");
    let client = namespace.admin();
    lock_like(client, "wanted", 0, |lock| {
        lock["spec"]["acquireTime"] = json!(time(5 * MINUTE).replace('Z', ".000000Z"));
        lock["spec"]["leaseDurationSeconds"] = json!(600);
    });
    let uid = get(client, "wanted")["metadata"]["uid"].clone();
    let ticket = |name: &str| {
        let ticket = client.create(&json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": name, "labels": {"kubectl-lease.io/waits-for": uid}},
            "spec": {"holderIdentity": "alice@desk", "leaseDurationSeconds": 2},
        }));
        ticket["metadata"]["resourceVersion"].clone()
    };
    let version = ticket("dead");
    ticket("next-in-line");
    let served = json!({"kubectl-lease.io/served-through": version});
    let change = json!({"metadata": {"annotations": served}});
    crate::lock::patch(client, "wanted", "holder", &change);

    let (sentence, next) = told(client, "wanted", "DEAD_TICKET");
    assert!(
        sentence.contains("alice@desk waits for it with a dead ticket"),
        "{sentence}"
    );
    look(client, "wanted", &next);
    let left = client
        .kubectl(["get", "leases", "-o", "name"])
        .success()
        .stdout;
    assert!(
        left.contains("next-in-line") && !left.contains("/dead"),
        "{left}"
    );
    silent(client, "wanted");
}
