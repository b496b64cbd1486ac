//! Deleting, with conditions and with finalizers.

use lease_sandbox::{DeleteOptions, Deleted};
use serde_json::json;

use crate::fixture::{change, cluster, create, refusal};

#[test]
fn conditions_that_do_not_hold_are_conflicts() {
    let (cluster, _) = cluster();
    let stored = create(&cluster, "a");
    let text = |name: &str| Some(stored["metadata"][name].as_str().unwrap().to_owned());
    let delete = |uid: Option<String>, resource_version: Option<String>| {
        let options = DeleteOptions {
            dry_run: false,
            resource_version,
            uid,
        };
        cluster.delete("work", "a", &options)
    };
    assert_eq!(
        refusal(delete(Some("other".into()), None)),
        (409, "Conflict")
    );
    assert_eq!(
        refusal(delete(text("uid"), Some("1".into()))),
        (409, "Conflict")
    );
    assert!(delete(text("uid"), text("resourceVersion")).is_ok());
    assert_eq!(refusal(delete(None, None)), (404, "NotFound"));
    assert_eq!(refusal(cluster.get("work", "a")), (404, "NotFound"));
}

#[test]
fn a_deleted_name_comes_back_with_another_uid() {
    let (cluster, _) = cluster();
    let first = create(&cluster, "a");
    cluster
        .delete("work", "a", &DeleteOptions::default())
        .unwrap();
    let second = create(&cluster, "a");
    assert_ne!(first["metadata"]["uid"], second["metadata"]["uid"]);
    let late = cluster.replace("work", "a", &first, &crate::fixture::by("tester"));
    assert_eq!(refusal(late), (409, "Conflict"));
}

#[test]
fn a_finalizer_holds_it_until_it_is_removed() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let finalizers = json!(["example.com/last-words"]);
    change(&cluster, "a", "x", |lease| {
        lease["metadata"]["finalizers"] = finalizers;
    })
    .unwrap();
    let deleted = cluster
        .delete("work", "a", &DeleteOptions::default())
        .unwrap();
    let Deleted::Marked(marked) = deleted else {
        panic!("it is gone");
    };
    assert_eq!(
        marked["metadata"]["deletionTimestamp"],
        "2026-11-21T10:00:00Z"
    );
    let added = change(&cluster, "a", "x", |lease| {
        lease["metadata"]["finalizers"] = json!(["example.com/last-words", "example.com/more"]);
    });
    assert_eq!(refusal(added), (422, "Invalid"));
    change(&cluster, "a", "x", |lease| {
        lease["metadata"]["finalizers"] = json!([]);
    })
    .unwrap();
    assert_eq!(refusal(cluster.get("work", "a")), (404, "NotFound"));
}
