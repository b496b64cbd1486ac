//! Who owns which field, and since when.

use lease_sandbox::Cluster;
use serde_json::{Value, json};

use crate::fixture::{after, change, cluster, create};

fn entries(lease: &Value) -> Vec<Value> {
    let list = lease["metadata"]["managedFields"].as_array();
    list.cloned().unwrap_or_default()
}

fn entry(manager: &str, time: &str, fields: Value) -> Value {
    let mut entry = json!({
        "apiVersion": "coordination.k8s.io/v1",
        "fieldsType": "FieldsV1",
        "manager": manager,
        "operation": "Update",
        "time": time,
    });
    entry["fieldsV1"] = fields;
    entry
}

fn renew(cluster: &Cluster, manager: &str, time: &str) -> Value {
    change(cluster, "a", manager, |lease| {
        lease["spec"]["renewTime"] = json!(time);
    })
    .unwrap()
}

#[test]
fn the_creator_owns_everything_that_it_wrote() {
    let (cluster, _) = cluster();
    let lease = create(&cluster, "a");
    let fields = json!({
        "f:spec": {
            "f:acquireTime": {},
            "f:holderIdentity": {},
            "f:leaseDurationSeconds": {},
            "f:leaseTransitions": {},
            "f:renewTime": {},
        },
    });
    assert_eq!(
        entries(&lease),
        [entry("tester", "2026-11-21T10:00:00Z", fields)]
    );
}

#[test]
fn a_renewal_moves_the_stamp_to_the_whole_second() {
    let (cluster, clock) = cluster();
    create(&cluster, "a");
    clock.set("2026-11-21T10:00:07.999Z".parse().unwrap());
    let lease = renew(&cluster, "tester", "2026-11-21T10:00:07.999000Z");
    assert_eq!(entries(&lease)[0]["time"], "2026-11-21T10:00:07Z");
}

#[test]
fn another_manager_that_changes_only_the_holder_takes_only_the_holder() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let later = cluster.at(after(30));
    let lease = change(&later, "a", "thief", |lease| {
        lease["spec"]["holderIdentity"] = json!("two");
    })
    .unwrap();
    let rest = json!({
        "f:spec": {
            "f:acquireTime": {},
            "f:leaseDurationSeconds": {},
            "f:leaseTransitions": {},
            "f:renewTime": {},
        },
    });
    let holder = json!({ "f:spec": { "f:holderIdentity": {} } });
    assert_eq!(
        entries(&lease),
        [
            entry("tester", "2026-11-21T10:00:00Z", rest),
            entry("thief", "2026-11-21T10:00:30Z", holder),
        ]
    );
}

#[test]
fn a_label_of_another_manager_leaves_the_stamp_of_the_record() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let lease = change(&cluster.at(after(5)), "a", "kubectl-label", |lease| {
        lease["metadata"]["labels"] = json!({ "team": "blue" });
    })
    .unwrap();
    let labels = json!({ "f:metadata": { "f:labels": { ".": {}, "f:team": {} } } });
    assert_eq!(entries(&lease)[0]["time"], "2026-11-21T10:00:00Z");
    assert_eq!(
        entries(&lease)[1],
        entry("kubectl-label", "2026-11-21T10:00:05Z", labels)
    );
    // Another value takes the key, not the map; a removal leaves nobody, and moves no time.
    let lease = change(&cluster.at(after(6)), "a", "other", |lease| {
        lease["metadata"]["labels"]["team"] = json!("red");
    })
    .unwrap();
    let map = json!({ "f:metadata": { "f:labels": {} } });
    let key = json!({ "f:metadata": { "f:labels": { "f:team": {} } } });
    assert_eq!(entries(&lease)[1]["fieldsV1"], map);
    assert_eq!(entries(&lease)[2]["fieldsV1"], key);
    let lease = change(&cluster.at(after(7)), "a", "tester", |lease| {
        lease["metadata"].as_object_mut().unwrap().remove("labels");
    })
    .unwrap();
    assert_eq!(entries(&lease).len(), 1);
    assert_eq!(entries(&lease)[0]["time"], "2026-11-21T10:00:00Z");
}

#[test]
fn who_lost_every_field_is_forgotten() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    change(&cluster, "a", "two", |lease| {
        lease["spec"]["holderIdentity"] = json!("two");
    })
    .unwrap();
    let lease = change(&cluster.at(after(1)), "a", "three", |lease| {
        lease["spec"]["holderIdentity"] = json!("three");
    })
    .unwrap();
    let entries = entries(&lease);
    let managers: Vec<_> = entries.iter().map(|entry| &entry["manager"]).collect();
    assert_eq!(managers, ["tester", "three"]);
}

#[test]
fn an_empty_list_clears_the_stamps_for_good() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let lease = change(&cluster, "a", "x", |lease| {
        lease["metadata"]["managedFields"] = json!([]);
    })
    .unwrap();
    assert!(entries(&lease).is_empty());
    let lease = renew(
        &cluster.at(after(9)),
        "tester",
        "2026-11-21T10:00:09.000000Z",
    );
    assert!(entries(&lease).is_empty());
}

#[test]
fn a_missing_or_malformed_list_keeps_them() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    for list in [json!(null), json!([{ "manager": "x" }])] {
        let lease = change(&cluster.at(after(3)), "a", "tester", |lease| {
            lease["metadata"]["managedFields"] = list;
        })
        .unwrap();
        assert_eq!(entries(&lease)[0]["time"], "2026-11-21T10:00:00Z");
    }
}

#[test]
fn a_view_of_another_time_writes_old_objects() {
    let (cluster, _) = cluster();
    let lease = create(&cluster.at(after(-7200)), "a");
    assert_eq!(
        lease["metadata"]["creationTimestamp"],
        "2026-11-21T08:00:00Z"
    );
    assert_eq!(entries(&lease)[0]["time"], "2026-11-21T08:00:00Z");
    assert_eq!(*cluster.get("work", "a").unwrap(), lease);
}
