//! The harness itself: each thing that it starts does what the other tests rely on.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lease_tests::{ApiServer, Client};
use serde_json::{Value, json};

use crate::lock::until;

const LIMIT: Duration = Duration::from_secs(30);

fn lease(name: &str, holder: &str) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": { "name": name },
        "spec": { "holderIdentity": holder },
    })
}

fn get(client: &Client, name: &str) -> Value {
    client.kubectl(["get", "lease", name, "-o", "json"]).json()
}

#[test]
fn kubectl_creates_and_reads_a_lease() {
    let namespace = ApiServer::shared().namespace("smoke");

    namespace.admin().create(&lease("printer", "paper"));

    let lease = get(namespace.admin(), "printer");
    assert_eq!(lease["metadata"]["namespace"], namespace.name());
    assert_eq!(lease["spec"]["holderIdentity"], "paper");
}

#[test]
fn kubectl_finds_our_plugin() {
    let admin = ApiServer::shared().admin();

    let list = admin.kubectl_with_plugin(["plugin", "list"]).success();

    assert!(list.stdout.contains("plugins/kubectl-lease"), "{list:?}");
    admin.kubectl_with_plugin(["lease", "version"]).success();
}

#[test]
fn a_further_user_has_the_rights_that_are_bound_to_it() {
    let namespace = ApiServer::shared().namespace("smoke");
    let alice = namespace.client("alice");

    let denied = alice.kubectl(["get", "leases"]);
    assert_eq!(denied.code, Some(1));
    assert!(
        denied
            .stderr
            .contains(r#"User "alice" cannot list resource "leases""#),
        "{denied:?}"
    );

    let admin = namespace.admin();
    admin
        .kubectl([
            "create",
            "role",
            "reader",
            "--verb=list",
            "--resource=leases",
        ])
        .success();
    admin
        .kubectl([
            "create",
            "rolebinding",
            "reader",
            "--role=reader",
            "--user=alice",
        ])
        .success();
    alice.kubectl(["get", "leases"]).success();
}

#[test]
fn an_elector_with_a_slow_clock_writes_the_past() {
    let namespace = ApiServer::shared().namespace("smoke");
    let mut elector = namespace
        .elector("leader", "one")
        .shift_seconds(-3600)
        .start();

    elector.wait_for("started", LIMIT);
    elector.wait_for_leader("one", LIMIT);

    let lease = get(namespace.admin(), "leader");
    assert_eq!(lease["spec"]["holderIdentity"], "one");
    let renewed: Timestamp = lease["spec"]["renewTime"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let off = Timestamp::now().duration_since(renewed) - SignedDuration::from_hours(1);
    assert!(
        off.abs() < SignedDuration::from_mins(1),
        "renewed {renewed}, off by {off:#}"
    );
}

#[test]
fn an_elector_that_crashes_leaves_its_lease_held_and_one_that_stops_can_release_it() {
    let namespace = ApiServer::shared().namespace("smoke");
    let mut first = namespace.elector("leader", "one").timing(3, 2, 1).start();
    first.wait_for("started", LIMIT);

    let status = first.kill();
    assert!(!status.success());
    assert_eq!(
        get(namespace.admin(), "leader")["spec"]["holderIdentity"],
        "one"
    );

    // client-go cancels a renewal that is under way, and if that lands all the same, the release
    // loses by its version. So a stop just then leaves the lease held, which is no fault of ours.
    let is_released = (0..5).any(|attempt| {
        let mut second = namespace
            .elector("leader", &format!("two-{attempt}"))
            .timing(3, 2, 1)
            .release_on_cancel()
            .start();
        second.wait_for("started", LIMIT);
        until("the first renewal", || {
            let spec = get(namespace.admin(), "leader")["spec"].take();
            spec["renewTime"] != spec["acquireTime"]
        });
        assert!(second.stop().success());
        get(namespace.admin(), "leader")["spec"]["holderIdentity"] == ""
    });
    assert!(is_released, "it never released its lease");
}

#[test]
fn a_paused_elector_loses_its_lease_and_learns_it_late() {
    let namespace = ApiServer::shared().namespace("smoke");
    let mut first = namespace.elector("leader", "one").timing(3, 2, 1).start();
    first.wait_for("started", LIMIT);
    let mut second = namespace.elector("leader", "two").timing(3, 2, 1).start();

    first.pause();
    second.wait_for("started", LIMIT);
    first.resume();

    first.wait_for("stopped", LIMIT);
}

#[test]
fn a_restarted_server_has_the_same_address_and_objects() {
    let mut server = ApiServer::start();
    let url = server.url().to_owned();
    server.admin().create(&lease("before-stop", "x"));

    server.stop();
    assert_eq!(server.kubectl(["get", "leases"]).code, Some(1));
    server.restart();
    server.admin().create(&lease("before-kill", "x"));
    server.kill();
    server.restart();

    assert_eq!(server.url(), url);
    get(server.admin(), "before-stop");
    get(server.admin(), "before-kill");
}

#[test]
fn a_server_ends_with_its_stdin_and_takes_its_folder_along() {
    let mut server = ApiServer::start();
    let kubeconfig = server.kubeconfig().to_owned();
    assert!(kubeconfig.exists());

    let process = server.process().unwrap();
    process.close_stdin();

    assert!(process.wait(LIMIT).success());
    assert!(!kubeconfig.exists());
}
