use lease_core::{Claim, Identity, Notes, Timestamp, decide};
use serde_json::{Value, json};

use super::*;

fn owner() -> PodOwner {
    PodOwner {
        name: "web-0".into(),
        uid: Uid::new("pod"),
    }
}

fn write() -> Write {
    let claim = Claim {
        identity: Identity::new("me").unwrap(),
        duration_seconds: 6,
        number: 255,
        attends: true,
    };
    let now = Timestamp::from_micros(1_700_000_000_123_456);
    decide::acquire(None, &claim, now).unwrap()
}

/// What the server makes of what is created.
fn created() -> Value {
    let labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
    let mut object = Value::Object(created_by("work", "lock", &owner(), &labels, &write()));
    object["metadata"]["uid"] = "u".into();
    object["metadata"]["resourceVersion"] = "7".into();
    object["metadata"]["creationTimestamp"] = "2026-11-21T10:00:00Z".into();
    let annotations = object["metadata"]["annotations"].as_object().unwrap();
    let owned = annotations
        .keys()
        .map(|key| (format!("f:{key}"), json!({})));
    object["metadata"]["managedFields"] = json!([{
        "manager": "kubectl-lease", "operation": "Update", "time": "2026-11-21T10:00:03Z",
        "fieldsV1": {"f:metadata": {"f:annotations": owned.collect::<Map<_, _>>()}},
    }]);
    object
}

fn lock(object: &Value) -> Snapshot {
    read(&object.to_string()).unwrap().snapshot
}

fn at(text: &str) -> Option<Timestamp> {
    micro_time::parse(text)
}

#[test]
fn a_lock_is_read_as_it_was_written() {
    let object = created();
    assert_eq!(object["data"], json!({"expiresAt": "1700000012"}));
    assert_eq!(object["metadata"]["labels"], json!({"app": "web"}));
    let lock = lock(&object);
    assert!(write().stands_in(&lock), "{lock:?}");
    assert_eq!(lock.taker().map(|taker| taker.number), Some(255));
    assert_eq!(lock.stamp, at("2026-11-21T10:00:03Z"));
    let is_ours = true;
    let owner = owner();
    assert_eq!(lock.dialect, Dialect::ConfigMap { owner, is_ours });
}

/// Whoever changes `expiresAt` knows nothing of annotations.
#[test]
fn what_contenders_of_ours_say_counts_as_long_as_it_is_what_the_lock_says() {
    for change in [
        |object: &mut Value| object["data"]["expiresAt"] = "1700009999".into(),
        |object: &mut Value| object["data"] = json!({}),
        |object: &mut Value| object["data"] = Value::Null,
        |object: &mut Value| {
            object["metadata"]["annotations"]["kubectl-lease.io/renewed"] = "soon".into();
        },
        |object: &mut Value| {
            object["metadata"]["annotations"]["kubectl-lease.io/holder"] = "".into();
        },
        |object: &mut Value| object["metadata"]["annotations"] = Value::Null,
    ] {
        let mut object = created();
        change(&mut object);
        let lock = lock(&object);
        let is_ours = false;
        let owner = owner();
        assert_eq!(
            lock.dialect,
            Dialect::ConfigMap { owner, is_ours },
            "{object:#}"
        );
        assert_eq!(lock.record.holder(), Some("pod/web-0 (pod)"));
        assert_eq!(lock.stamp, at("2026-11-21T10:00:00Z"));
    }
}

/// A renewal is one of the annotation, and a field that nobody dated leaves no stamp.
#[test]
fn a_stamp_is_that_of_the_annotations() {
    let mut object = created();
    object["metadata"]["managedFields"][0]["fieldsV1"]["f:metadata"]["f:annotations"]
        .as_object_mut()
        .unwrap()
        .remove("f:kubectl-lease.io/renewed");
    assert_eq!(lock(&object).stamp, None);
}

#[test]
fn what_belongs_to_no_pod_or_holds_something_is_no_lock() {
    for change in [
        |object: &mut Value| object["metadata"]["ownerReferences"] = Value::Null,
        |object: &mut Value| object["metadata"]["ownerReferences"] = json!([]),
        |object: &mut Value| object["metadata"]["ownerReferences"][0]["kind"] = "Node".into(),
        |object: &mut Value| object["metadata"]["ownerReferences"][0]["apiVersion"] = "x/v1".into(),
        |object: &mut Value| object["metadata"]["ownerReferences"][0]["controller"] = false.into(),
        |object: &mut Value| {
            let first = object["metadata"]["ownerReferences"][0].clone();
            object["metadata"]["ownerReferences"]
                .as_array_mut()
                .unwrap()
                .push(first);
        },
        |object: &mut Value| object["data"]["colour"] = "blue".into(),
        |object: &mut Value| object["binaryData"] = json!({"blob": "AA=="}),
    ] {
        let mut object = created();
        change(&mut object);
        let lock = lock(&object);
        assert_eq!(lock.dialect, Dialect::PlainConfigMap, "{object:#}");
        assert!(!lock.dialect.is_free(&lock.record));
    }
}

#[test]
fn a_renewal_changes_nothing_else_and_a_deletion_leaves_nobody() {
    let mut object = created();
    object["metadata"]["annotations"]["example.com/note"] = "stays".into();
    object["metadata"]["finalizers"] = json!(["example.com/a"]);
    let text = object.to_string();
    let lease = Lease::of(text.clone().into(), read(&text).unwrap());
    let me = Identity::new("me").unwrap();
    let now = Timestamp::from_micros(1_700_000_002_000_000);
    let renewal = decide::renew(lease.snapshot(), &me, None, now).unwrap();
    let renewed = Value::Object(written(&lease, &renewal));
    assert_eq!(renewed["data"], json!({"expiresAt": "1700000013"}));
    assert_eq!(renewed["metadata"]["resourceVersion"], "7");
    assert!(renewed["metadata"].get("managedFields").is_none());
    for key in ["labels", "finalizers", "ownerReferences", "uid"] {
        assert_eq!(renewed["metadata"][key], object["metadata"][key]);
    }
    assert_eq!(
        renewed["metadata"]["annotations"]["example.com/note"],
        "stays"
    );
    let gone = deleted(&lease);
    assert!(gone.snapshot().dialect.is_free(&gone.snapshot().record));
    assert_eq!(gone.snapshot().notes, Notes::default());
}
