//! A cluster with a clock that stands, and ways to say what is wanted in few words.

use jiff::Timestamp;
use lease_sandbox::{Clock, Cluster, ManualClock, Status, WriteOptions};
use serde_json::{Value, json};

/// The moment at which a test starts.
pub(crate) const START: &str = "2026-11-21T10:00:00Z";

/// A cluster with the namespace `work`, and the hand of its clock.
pub(crate) fn cluster() -> (Cluster, ManualClock) {
    let clock = ManualClock::new(START.parse().unwrap());
    let cluster = Cluster::new(Clock::Manual(clock.clone()));
    cluster.add_namespace("work");
    (cluster, clock)
}

/// The time so many seconds after the start.
pub(crate) fn after(seconds: i64) -> Timestamp {
    let start: Timestamp = START.parse().unwrap();
    Timestamp::from_second(start.as_second() + seconds).unwrap()
}

pub(crate) fn by(manager: &str) -> WriteOptions {
    WriteOptions::by(manager)
}

/// A Lease with a spec.
pub(crate) fn lease(name: &str, spec: Value) -> Value {
    let mut lease = json!({ "metadata": { "name": name } });
    lease["spec"] = spec;
    lease
}

/// What client-go writes.
pub(crate) fn held(holder: &str) -> Value {
    json!({
        "acquireTime": "2026-11-21T10:00:00.000001Z",
        "holderIdentity": holder,
        "leaseDurationSeconds": 15,
        "leaseTransitions": 0,
        "renewTime": "2026-11-21T10:00:00.000001Z",
    })
}

/// Creates a Lease in `work`, and gives it as stored.
pub(crate) fn create(cluster: &Cluster, name: &str) -> Value {
    let body = lease(name, held("one"));
    Value::clone(&cluster.create("work", &body, &by("tester")).unwrap())
}

/// Replaces a Lease in `work` by its changed self.
pub(crate) fn change(
    cluster: &Cluster,
    name: &str,
    manager: &str,
    change: impl FnOnce(&mut Value),
) -> Result<Value, Status> {
    let stored = cluster.get("work", name)?;
    let mut lease = Value::clone(&stored);
    change(&mut lease);
    let replaced = cluster.replace("work", name, &lease, &by(manager))?;
    Ok(Value::clone(&replaced.lease))
}

/// Code and reason of a refusal.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (u16, &'static str) {
    let status = answer.unwrap_err();
    (status.code, status.reason)
}
