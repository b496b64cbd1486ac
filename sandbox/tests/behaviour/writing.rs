//! Creating and replacing.

use serde_json::{Value, json};

use crate::fixture::{by, change, cluster, create, held, lease, refusal};

#[test]
fn a_created_lease_gets_what_only_the_server_gives() {
    let (cluster, _) = cluster();
    let mut body = lease("a", held("one"));
    body["metadata"]["uid"] = json!("mine");
    body["metadata"]["creationTimestamp"] = json!("2001-01-01T00:00:00Z");
    let stored = cluster.create("work", &body, &by("tester")).unwrap();
    let metadata = &stored["metadata"];
    assert_eq!(metadata["namespace"], "work");
    assert_eq!(metadata["creationTimestamp"], "2026-11-21T10:00:00Z");
    assert_eq!(metadata["uid"].as_str().unwrap().len(), 36);
    assert_eq!(metadata["resourceVersion"], cluster.version().to_string());
    assert!(metadata.get("generation").is_none());
    assert_eq!(stored["spec"], held("one"));
}

#[test]
fn a_taken_name_an_unknown_namespace_and_a_sent_version_are_refused() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let body = lease("a", held("two"));
    let again = cluster.create("work", &body, &by("tester"));
    assert_eq!(refusal(again), (409, "AlreadyExists"));
    let nowhere = cluster.create("nowhere", &body, &by("tester")).unwrap_err();
    assert_eq!(nowhere.code, 404);
    assert_eq!(nowhere.message, "namespaces \"nowhere\" not found");
    let nowhere = cluster.replace("nowhere", "a", &body, &by("tester"));
    assert_eq!(refusal(nowhere), (404, "NotFound"));
    let mut versioned = lease("b", held("two"));
    versioned["metadata"]["resourceVersion"] = json!("7");
    let answer = cluster.create("work", &versioned, &by("tester"));
    assert_eq!(refusal(answer), (500, ""));
}

#[test]
fn a_put_to_a_missing_name_creates_it_unless_it_names_a_uid() {
    let (cluster, _) = cluster();
    let mut body = lease("a", held("one"));
    body["metadata"]["resourceVersion"] = json!("77");
    body["metadata"]["uid"] = json!("11111111-2222-3333-4444-555555555555");
    let refused = cluster
        .replace("work", "a", &body, &by("tester"))
        .unwrap_err();
    assert_eq!((refused.code, refused.reason), (409, "Conflict"));
    assert_eq!(
        refused.message,
        "Operation cannot be fulfilled on leases.coordination.k8s.io \"a\": StorageError: invalid \
         object, Code: 4, Key: /registry/leases/work/a, ResourceVersion: 0, AdditionalErrorMsg: \
         Precondition failed: UID in precondition: 11111111-2222-3333-4444-555555555555, UID in \
         object meta: "
    );
    body["metadata"].as_object_mut().unwrap().remove("uid");
    let created = cluster.replace("work", "a", &body, &by("tester")).unwrap();
    assert!(created.created);
    assert_ne!(created.lease["metadata"]["resourceVersion"], "77");
}

#[test]
fn a_put_needs_the_stored_version_and_uid() {
    let (cluster, _) = cluster();
    let stored = create(&cluster, "a");
    let put = |version: Value, uid: Value| {
        let mut body = stored.clone();
        body["metadata"]["resourceVersion"] = version;
        body["metadata"]["uid"] = uid;
        cluster.replace("work", "a", &body, &by("tester"))
    };
    let (version, uid) = (
        &stored["metadata"]["resourceVersion"],
        &stored["metadata"]["uid"],
    );
    assert_eq!(refusal(put(json!(null), uid.clone())), (422, "Invalid"));
    assert_eq!(refusal(put(json!("1"), uid.clone())), (409, "Conflict"));
    assert_eq!(refusal(put(json!("abc"), uid.clone())), (500, ""));
    assert_eq!(
        refusal(put(version.clone(), json!("other"))),
        (409, "Conflict")
    );
    assert!(!put(version.clone(), json!(null)).unwrap().created);
}

#[test]
fn of_two_writers_with_one_version_one_wins() {
    let (cluster, _) = cluster();
    let stored = create(&cluster, "a");
    let mut first = stored.clone();
    first["spec"]["holderIdentity"] = json!("two");
    let mut second = stored;
    second["spec"]["holderIdentity"] = json!("three");
    assert!(cluster.replace("work", "a", &first, &by("x")).is_ok());
    let lost = cluster.replace("work", "a", &second, &by("y")).unwrap_err();
    assert!(lost.message.ends_with(
        "the object has been modified; please apply your changes to the latest version and try \
         again"
    ));
}

#[test]
fn a_put_that_changes_nothing_leaves_version_and_times() {
    let (cluster, clock) = cluster();
    let stored = create(&cluster, "a");
    let version = cluster.version();
    clock.advance(jiff::SignedDuration::from_secs(60));
    for manager in ["tester", "other"] {
        assert_eq!(change(&cluster, "a", manager, |_| {}).unwrap(), stored);
    }
    assert_eq!(cluster.version(), version);
}

#[test]
fn broken_rules_are_422_and_malformed_values_are_400() {
    let (cluster, _) = cluster();
    let answer = |spec: Value| refusal(cluster.create("work", &lease("a", spec), &by("x")));
    for spec in [
        json!({ "leaseDurationSeconds": 0 }),
        json!({ "leaseDurationSeconds": -1 }),
        json!({ "leaseTransitions": -1 }),
    ] {
        assert_eq!(answer(spec), (422, "Invalid"));
    }
    for spec in [
        json!({ "renewTime": "2026-11-21T10:00:00Z" }),
        json!({ "renewTime": "2026-11-21T10:00:00.123Z" }),
        json!({ "leaseDurationSeconds": "15" }),
        json!({ "leaseDurationSeconds": 1.5 }),
        json!({ "leaseDurationSeconds": 3_000_000_000_u32 }),
        json!({ "holderIdentity": 5 }),
        json!([]),
    ] {
        assert_eq!(answer(spec), (400, "BadRequest"));
    }
    for name in ["A", "a_b", "", &"a".repeat(254)] {
        let answer = cluster.create("work", &lease(name, json!({})), &by("x"));
        assert_eq!(refusal(answer), (422, "Invalid"), "{name}");
    }
}

#[test]
fn a_422_names_its_causes() {
    let (cluster, _) = cluster();
    let body = lease(
        "a",
        json!({ "leaseDurationSeconds": 0, "leaseTransitions": -1 }),
    );
    let status = cluster.create("work", &body, &by("x")).unwrap_err();
    assert_eq!(
        status.message,
        "Lease.coordination.k8s.io \"a\" is invalid: [spec.leaseDurationSeconds: Invalid value: 0: \
         must be greater than 0, spec.leaseTransitions: Invalid value: -1: must be greater than \
         or equal to 0]"
    );
    assert_eq!(
        status.details["causes"][0],
        json!({
            "field": "spec.leaseDurationSeconds",
            "message": "Invalid value: 0: must be greater than 0",
            "reason": "FieldValueInvalid",
        })
    );
}

#[test]
fn year_one_is_null_and_what_is_unknown_or_gated_is_dropped() {
    let (cluster, _) = cluster();
    let spec = json!({
        "acquireTime": null,
        "color": "red",
        "holderIdentity": "",
        "preferredHolder": "two",
        "renewTime": "0001-01-01T00:00:00.000000Z",
        "strategy": "OldestEmulationVersion",
    });
    let stored = cluster.create("work", &lease("a", spec), &by("x")).unwrap();
    assert_eq!(
        stored["spec"],
        json!({ "holderIdentity": "", "renewTime": null })
    );
}

#[test]
fn a_dry_run_changes_nothing() {
    let (cluster, _) = cluster();
    let stored = create(&cluster, "a");
    let version = cluster.version();
    let mut options = by("x");
    options.dry_run = true;
    let made = cluster
        .create("work", &lease("b", held("one")), &options)
        .unwrap();
    assert!(made["metadata"].get("resourceVersion").is_none());
    let mut body = stored.clone();
    body["spec"]["holderIdentity"] = json!("two");
    let replaced = cluster.replace("work", "a", &body, &options).unwrap();
    assert_eq!(replaced.lease["spec"]["holderIdentity"], "two");
    assert_eq!(*cluster.get("work", "a").unwrap(), stored);
    assert_eq!(cluster.version(), version);
}
