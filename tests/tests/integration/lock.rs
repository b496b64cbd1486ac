//! Locks for these tests: making them, reading them, and what our own command line says of them.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use lease_tests::{Client, Output};
use serde_json::{Value, json};

/// For whatever should come soon.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);
/// A command that does not watch is done long before the shortest lease here would be watched.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(3);

/// A time as a lease records it.
pub(crate) fn micros(time: Timestamp) -> String {
    format!("{time:.6}")
}

/// A lease that was renewed just now.
pub(crate) fn held(name: &str, holder: &str, seconds: i32) -> Value {
    let now = micros(Timestamp::now());
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": { "name": name },
        "spec": {
            "acquireTime": now,
            "holderIdentity": holder,
            "leaseDurationSeconds": seconds,
            "leaseTransitions": 3,
            "renewTime": now,
        },
    })
}

/// Makes a lease whose holder renewed it an hour ago, by its own clock and by the server's.
///
/// Nobody can wait an hour: the stamp is moved back as every writer could do it, which is why a
/// stamp alone does not suffice to take a lock.
pub(crate) fn create_expired(client: &Client, name: &str, holder: &str, seconds: i32) {
    let past = Timestamp::now() - SignedDuration::from_hours(1);
    let mut lease = held(name, holder, seconds);
    lease["spec"]["acquireTime"] = json!(micros(past));
    lease["spec"]["renewTime"] = json!(micros(past));
    client.create(&lease);
    let mut managers = get(client, name)["metadata"]["managedFields"].take();
    managers[0]["time"] = json!(format!("{past:.0}"));
    // The server reverts the times of a write that changes nothing else.
    let change = json!({"metadata": {"labels": {"moved": "back"}, "managedFields": managers}});
    patch(client, name, "mover", &change);
    assert_eq!(state(client, name), "expired");
}

/// Makes a lease of which the server cannot tell when it changed.
pub(crate) fn create_without_stamp(client: &Client, name: &str, holder: &str, seconds: i32) {
    client.create(&held(name, holder, seconds));
    clear_stamps(client, name);
}

/// Removes all of `managedFields`, as the API documents it: by a list of one empty entry.
pub(crate) fn clear_stamps(client: &Client, name: &str) {
    patch(
        client,
        name,
        "clearer",
        &json!({"metadata": {"managedFields": [{}]}}),
    );
    assert!(get(client, name)["metadata"]["managedFields"].is_null());
}

/// Changes a lease in another manager's name.
pub(crate) fn patch(client: &Client, name: &str, manager: &str, change: &Value) {
    let manager = format!("--field-manager={manager}");
    let change = change.to_string();
    let args = [
        "patch",
        "lease",
        name,
        "--type=merge",
        &manager,
        "-p",
        &change,
    ];
    client.kubectl(args).success();
}

/// Renews a lease as its holder would.
pub(crate) fn renew(client: &Client, name: &str, manager: &str) {
    let now = micros(Timestamp::now());
    patch(client, name, manager, &json!({"spec": {"renewTime": now}}));
}

/// The lease as the server has it, `managedFields` included.
pub(crate) fn get(client: &Client, name: &str) -> Value {
    let args = ["get", "lease", name, "--show-managed-fields", "-o", "json"];
    client.kubectl(args).json()
}

pub(crate) fn holder(client: &Client, name: &str) -> String {
    let lease = get(client, name);
    lease["spec"]["holderIdentity"].as_str().unwrap().to_owned()
}

/// The `status` that our `ls` adds to a lease at first sight.
pub(crate) fn status(client: &Client, name: &str) -> Value {
    client.plugin(["ls", name, "-o", "json"]).json()["status"].take()
}

pub(crate) fn state(client: &Client, name: &str) -> String {
    status(client, name)["state"].as_str().unwrap().to_owned()
}

/// Runs our command line, and tells how long it took.
pub(crate) fn timed(client: &Client, args: &[&str]) -> (Output, Duration) {
    let started = Instant::now();
    let output = client.plugin(args);
    (output, started.elapsed())
}

/// Waits until a condition holds that nothing tells of.
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Lets the server's clock go on by a whole second, the unit of its stamps. (It is ours, too.)
pub(crate) fn next_second() {
    let second = Timestamp::now().as_second();
    until("the next second", || Timestamp::now().as_second() > second);
}
