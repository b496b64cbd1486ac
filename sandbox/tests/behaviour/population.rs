//! The living cluster.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use lease_sandbox::{Cluster, ListOptions, Population, Selection, populate};
use serde_json::Value;

use crate::fixture::cluster;

fn records(cluster: &Cluster) -> BTreeMap<String, Value> {
    let list = cluster.list(&ListOptions::default()).unwrap();
    let leases = list.leases.into_iter();
    leases
        .map(|lease| {
            let part = |name: &str| lease["metadata"][name].as_str().unwrap().to_owned();
            (
                format!("{}/{}", part("namespace"), part("name")),
                Value::clone(&lease),
            )
        })
        .collect()
}

/// The newest time among the stamps.
fn stamp(lease: &Value) -> Timestamp {
    let entries = lease["metadata"]["managedFields"]
        .as_array()
        .unwrap()
        .iter();
    entries
        .map(|entry| entry["time"].as_str().unwrap().parse().unwrap())
        .max()
        .unwrap()
}

fn recorded(lease: &Value) -> Timestamp {
    lease["spec"]["renewTime"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn the_seeded_locks_are_what_the_guide_says() {
    let (cluster, _) = cluster();
    populate(&cluster);
    let now = cluster.now();
    let locks = records(&cluster);
    assert!(locks.len() >= 15, "{}", locks.len());
    let age = |name: &str| now.duration_since(stamp(&locks[name])).as_secs();

    assert_eq!(age("payments/billing-batch"), 12 * 60);
    assert_eq!(
        locks["payments/billing-batch"]["spec"]["leaseDurationSeconds"],
        30
    );
    assert_eq!(age("kube-node-lease/worker-3"), 25 * 60);
    assert_eq!(age("logging/fluent-operator"), 20 * 60);
    assert!(recorded(&locks["logging/fluent-operator"]) > now);
    assert!(age("monitoring/prometheus-operator") < 15);
    let hour = SignedDuration::from_mins(59);
    assert!(now.duration_since(recorded(&locks["monitoring/prometheus-operator"])) > hour);
    assert_eq!(locks["web/cache-warmer"]["spec"]["holderIdentity"], "");
    assert_eq!(locks["web/cache-warmer"]["spec"]["leaseDurationSeconds"], 1);

    let terraform = &locks["infra/lock-tfstate-default-prod"];
    assert_eq!(terraform["spec"].as_object().unwrap().len(), 1);
    let info = &terraform["metadata"]["annotations"]["app.terraform.io/lock-info"];
    let info: Value = serde_json::from_str(info.as_str().unwrap()).unwrap();
    assert_eq!(info["ID"], terraform["spec"]["holderIdentity"]);
    assert_eq!(info["Who"], "ci@runner-7");
    let node = &locks["kube-node-lease/worker-1"];
    assert_eq!(node["spec"]["holderIdentity"], "worker-1");
    assert!(node["spec"].get("acquireTime").is_none());
}

#[test]
fn versions_rise_with_the_stamps() {
    let (cluster, _) = cluster();
    populate(&cluster);
    let mut locks: Vec<(u64, Timestamp)> = records(&cluster)
        .values()
        .map(|lease| {
            let version = lease["metadata"]["resourceVersion"].as_str().unwrap();
            (version.parse().unwrap(), stamp(lease))
        })
        .collect();
    locks.sort_unstable();
    assert!(locks.is_sorted_by_key(|(_, stamp)| *stamp), "{locks:?}");
}

#[tokio::test(start_paused = true)]
async fn the_living_renew_the_dead_do_not_and_the_flapping_one_hands_over() {
    let (cluster, clock) = cluster();
    populate(&cluster);
    let before = records(&cluster);
    let mut watch = cluster.watch(Selection::all(), Some(cluster.version()));
    let population = Population::start(&cluster);
    for _ in 0..60 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        clock.advance(SignedDuration::from_secs(1));
    }
    let after = records(&cluster);
    let dead = [
        "infra/lock-tfstate-default-prod",
        "kube-node-lease/worker-3",
        "logging/fluent-operator",
        "payments/billing-batch",
        "web/cache-warmer",
    ];
    for (name, lease) in &after {
        assert_eq!(
            *lease == before[name],
            dead.contains(&name.as_str()),
            "{name}"
        );
    }
    let mut holders = Vec::new();
    while let Some(event) = watch.try_next() {
        if event.object["metadata"]["name"] == "ledger-writer" {
            let holder = event.object["spec"]["holderIdentity"].as_str().unwrap();
            holders.push(holder.split('_').next().unwrap().to_owned());
        }
    }
    holders.dedup();
    assert_eq!(
        holders,
        [
            "ledger-writer-0",
            "",
            "ledger-writer-1",
            "",
            "ledger-writer-0"
        ]
    );
    drop(population);
    let version = cluster.version();
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(cluster.version(), version);
}
