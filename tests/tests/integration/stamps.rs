//! When the server itself saw a lock change, where its `managedFields` make that hard to tell.

use std::time::Duration;

use lease_client::{ConnectOptions, LeaseStore, Scope, Selection, connect};
use lease_tests::{ApiServer, Client};
use serde_json::{Value, json};

use crate::lock::{
    clear_stamps, create_without_stamp, get, held, holder, next_second, patch, renew, state,
    status, timed,
};

/// The stamp that our `ls` goes by.
fn last_change(client: &Client, name: &str) -> String {
    let status = status(client, name);
    assert_eq!(status["basis"], "stamped", "{status}");
    status["evidence"]["lastChange"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn entry(client: &Client, name: &str, manager: &str) -> Value {
    let mut lease = get(client, name);
    let entries = lease["metadata"]["managedFields"].as_array_mut().unwrap();
    let found = entries.iter_mut().find(|entry| entry["manager"] == manager);
    found
        .unwrap_or_else(|| panic!("{manager} has no entry"))
        .take()
}

fn apply(client: &Client, manager: &str, lease: &Value) {
    let manager = format!("--field-manager={manager}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lease.to_string()).unwrap();
    let path = file.path().to_str().unwrap();
    let args = ["apply", "--server-side", &manager, "-f", path];
    client.kubectl(args).success();
}

#[test]
fn the_youngest_field_tells_whoever_wrote_it() {
    let namespace = ApiServer::shared().namespace("stamps");
    let client = namespace.admin();
    client.create(&held("lock", "one", 600));
    let created = last_change(client, "lock");
    assert_eq!(entry(client, "lock", "kubectl-create")["time"], created);

    // Another manager takes the holder's field: its entry is young, the renewal's is not.
    next_second();
    patch(
        client,
        "lock",
        "x",
        &json!({"spec": {"holderIdentity": "two"}}),
    );
    let passed_on = last_change(client, "lock");
    assert_eq!(entry(client, "lock", "x")["time"], passed_on);
    assert!(created < passed_on);

    // A renewal by the first.
    next_second();
    renew(client, "lock", "kubectl-create");
    let renewed = last_change(client, "lock");
    assert!(passed_on < renewed);

    // A label is no sign of life.
    next_second();
    patch(
        client,
        "lock",
        "y",
        &json!({"metadata": {"labels": {"team": "blue"}}}),
    );
    assert!(entry(client, "lock", "y")["time"].as_str().unwrap() > renewed.as_str());
    assert_eq!(last_change(client, "lock"), renewed);

    // Nor are the same values once more, as a lock that is not renewed is written by a robot.
    next_second();
    patch(
        client,
        "lock",
        "z",
        &json!({"spec": {"holderIdentity": "two"}}),
    );
    assert_eq!(last_change(client, "lock"), renewed);
}

#[test]
fn a_label_edited_by_a_manager_of_the_renewal_does_not_age_it() {
    let namespace = ApiServer::shared().namespace("stamps");
    let client = namespace.admin();
    client.create(&held("lock", "one", 600));
    let created = last_change(client, "lock");
    next_second();
    let label = json!({"metadata": {"labels": {"team": "blue"}}});
    patch(client, "lock", "kubectl-create", &label);
    // The whole entry is dated anew, so the stamp can only be too young: the safe side.
    assert!(created < last_change(client, "lock"));
}

#[test]
fn a_co_owner_does_not_make_a_lock_look_younger() {
    let namespace = ApiServer::shared().namespace("stamps");
    let client = namespace.admin();
    let lease = held("lock", "one", 600);
    client.create(&lease);
    let created = last_change(client, "lock");

    // Who applies what is there already becomes owner without a time.
    next_second();
    apply(client, "applier", &lease);
    assert!(entry(client, "lock", "applier")["time"].is_null());
    assert_eq!(last_change(client, "lock"), created);

    // Who applies it with a label of its own does so with a time, which dates the label.
    next_second();
    let mut labelled = lease.clone();
    labelled["metadata"]["labels"] = json!({"team": "blue"});
    apply(client, "labeller", &labelled);
    assert!(entry(client, "lock", "labeller")["time"].as_str().unwrap() > created.as_str());
    assert_eq!(last_change(client, "lock"), created);

    // Where it is the only owner, the age of the lock cannot be told.
    let mut lease = get(client, "lock");
    let managers = lease["metadata"]["managedFields"].as_array_mut().unwrap();
    managers.retain(|entry| entry["manager"] == "applier");
    patch(
        client,
        "lock",
        "remover",
        &json!({"metadata": {"managedFields": managers}}),
    );
    assert!(entry(client, "lock", "applier")["time"].is_null());
    assert_eq!(state(client, "lock"), "unknown");
}

#[test]
fn without_managed_fields_nothing_is_known_at_first_sight() {
    let namespace = ApiServer::shared().namespace("stamps");
    let client = namespace.admin();
    create_without_stamp(client, "lock", "one", 3);
    assert_eq!(state(client, "lock"), "unknown");
    let table = client.plugin(["ls"]).success().stdout;
    assert!(table.contains("?unknown"), "{table}");

    // Not even if it is renewed before our eyes between two calls.
    renew(client, "lock", "x");
    clear_stamps(client, "lock");
    assert_eq!(state(client, "lock"), "unknown");

    let (refused, _) = timed(client, &["steal", "lock", "--expiry", "stamped"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    let (output, took) = timed(client, &["steal", "lock", "--identity", "thief"]);
    let output = output.success();
    assert!(output.stderr.contains("watching lock for 3s"), "{output:?}");
    assert!(took >= Duration::from_secs(3), "{took:?}");
    assert_eq!(holder(client, "lock"), "thief");
}

#[tokio::test]
async fn a_list_in_pages_has_all_and_one_date() {
    let namespace = ApiServer::shared().namespace("stamps");
    let client = namespace.admin();
    let names = ["a", "b", "c", "d", "e"];
    for name in names {
        client.create(&held(name, "one", 600));
    }
    let cluster = connect(&ConnectOptions {
        kubeconfig: Some(client.kubeconfig().to_owned()),
        timeout: Some(Duration::from_secs(10)),
        ..ConnectOptions::default()
    })
    .await
    .unwrap();
    assert_eq!(cluster.namespace, namespace.name());
    let store = LeaseStore::new(cluster.requests);
    let selection = Selection::all_of(Scope::Namespace(cluster.namespace));

    let before = lease_client::clock::wall();
    let paged = store.list(&selection, Some(2)).await.unwrap();
    let whole = store.list(&selection, None).await.unwrap();

    for list in [&paged, &whole] {
        let leases = list.value.leases.iter();
        let found: Vec<_> = leases.map(|one| one.snapshot().name.as_str()).collect();
        assert_eq!(found, names);
        assert!(!list.value.resource_version.as_str().is_empty());
        let date = list.date.unwrap();
        // Whole seconds, cut off.
        assert!(before.since(date) < Duration::from_secs(2));
        assert!(date <= lease_client::clock::wall());
    }
    assert!(paged.date <= whole.date);
}
