//! Why a lock is as it is.

use lease_tests::{Answer, ApiServer, Client, Fate, FaultProxy, Namespace};

use super::{ESC, open, row};
use crate::doctor::{UUID, running_pod};
use crate::lock::{create_expired, held, next_second, until};
use crate::rights::Role;

/// A lock whose holder is gone, and one whose holder lives; the first one is chosen.
fn two_locks<'a>() -> Namespace<'a> {
    let namespace = ApiServer::shared().namespace("table");
    let client = namespace.admin();
    create_expired(
        client,
        "gone",
        &format!("{}_{UUID}", pod("ccccc", &namespace)),
        15,
    );
    running_pod(client, &pod("x2k9p", &namespace), "nowhere");
    let holder = format!("{}_{UUID}", pod("x2k9p", &namespace));
    client.create(&held("lives", &holder, 600));
    namespace
}

/// A name that no other test gives a pod.
fn pod(end: &str, namespace: &Namespace<'_>) -> String {
    format!("{}-7c5d8f9b6d-{end}", namespace.name())
}

fn is_table(text: &str) -> bool {
    row(text, "gone").is_some() && row(text, "lives").is_some()
}

#[test]
fn a_key_tells_why_and_the_answer_follows_the_lock() {
    let namespace = two_locks();
    let client = namespace.admin();
    let mut table = open(client, "");
    table.wait_for(is_table);
    table.press("w");
    let gone = format!("there is no pod and no node {}", pod("ccccc", &namespace));
    let next = format!("kubectl-lease steal --release gone -n {}", namespace.name());
    table.wait_for(|text| {
        text.contains("HOLDER_GONE") && text.contains(&gone) && text.contains(&next)
    });

    // It is done, and seen without a key.
    client.plugin(["steal", "--release", "gone"]).success();
    table.wait_for(|text| text.contains("nothing wrong was found") && text.contains("<nobody>"));

    table.press(ESC);
    table.wait_for(is_table);
    table.press("/lives\r");
    table.wait_for(|text| row(text, "gone").is_none() && row(text, "lives").is_some());
    table.press("d");
    table.wait_for(|text| text.contains("renewals"));
    table.press("w");
    let lives = format!(
        "pod {}/{} (Running)",
        namespace.name(),
        pod("x2k9p", &namespace)
    );
    table.wait_for(|text| text.contains("nothing wrong was found") && text.contains(&lives));
    // What is wrong with its pod changes nothing of the lock: one has to ask again.
    client
        .kubectl([
            "delete",
            "pod",
            &pod("x2k9p", &namespace),
            "--force",
            "--grace-period=0",
        ])
        .success();
    table.press("r");
    let gone = format!("there is no pod and no node {}", pod("x2k9p", &namespace));
    table.wait_for(|text| text.contains(&gone));
    client.kubectl(["delete", "lease", "lives"]).success();
    table.wait_for(|text| text.contains("not known: it does not exist any more"));
    table.press("qqq");
    assert_eq!(table.end(), Some(0));
}

#[test]
fn a_missing_right_is_told_and_the_verdict_stands_as_far_as_it_can() {
    let namespace = two_locks();
    let alice = namespace.client("alice");
    Role::new(&["get", "list", "watch"], &[]).bind(&namespace, "alice");
    until("the role is known", || {
        alice.kubectl(["auth", "can-i", "watch", "leases"]).stdout == "yes\n"
    });
    let mut table = open(&alice, "");
    table.wait_for(is_table);
    table.press("w");
    table.wait_for(|text| {
        text.contains("EXPIRED") && text.contains("`kubectl auth can-i list pods -A` says no")
    });
}

/// Before a server that treats a request for these as this.
fn before(client: &Client, what: &'static str, fate: Fate) -> (FaultProxy, Client) {
    let proxy = FaultProxy::before(ApiServer::shared(), move |request| {
        if request.path.contains(what) {
            fate.clone()
        } else {
            Fate::Forward
        }
    });
    let client = proxy.client(client);
    (proxy, client)
}

#[test]
fn whoever_waits_for_an_answer_can_go_on() {
    let namespace = two_locks();
    let (proxy, client) = before(namespace.admin(), "/api/v1/pods", Fate::HangReply);
    let mut table = open(&client, "");
    table.wait_for(is_table);
    table.press("w");
    table.wait_for(|text| text.contains("Why is") && text.contains("reading"));
    until("it is asked", || {
        proxy
            .seen()
            .iter()
            .any(|request| request.path.contains("/api/v1/pods"))
    });
    table.press(ESC);
    table.wait_for(is_table);
    // And what happens is seen meanwhile.
    next_second();
    namespace.admin().create(&held("another", "eve", 600));
    table.wait_for(|text| row(text, "another").is_some());
    table.press("q");
    assert_eq!(table.end(), Some(0));
}

#[test]
fn a_failure_is_told_on_the_page() {
    let namespace = two_locks();
    let answer = Answer::status(500, "InternalError", "etcd is not well");
    let (_proxy, client) = before(namespace.admin(), "/leases/gone", Fate::Answer(answer));
    let mut table = open(&client, "");
    table.wait_for(is_table);
    table.press("w");
    table.wait_for(|text| text.contains("not known: ") && text.contains("r reads again"));
    table.press(ESC);
    table.wait_for(is_table);
}
