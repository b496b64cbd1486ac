//! Lists: selection, pages, versions.

use lease_sandbox::{Cluster, DeleteOptions, LeaseList, ListOptions, Selection};
use serde_json::json;

use crate::fixture::{by, cluster, create, held, lease, refusal};

fn names(list: &LeaseList) -> Vec<&str> {
    let leases = list.leases.iter();
    leases
        .map(|lease| lease["metadata"]["name"].as_str().unwrap())
        .collect()
}

fn labelled(cluster: &Cluster, name: &str, label: &str) {
    let mut body = lease(name, held("one"));
    body["metadata"]["labels"] = json!({ "tier": label });
    cluster.create("work", &body, &by("tester")).unwrap();
}

#[test]
fn a_list_is_of_one_namespace_or_all_in_the_order_of_their_keys() {
    let (cluster, _) = cluster();
    cluster.add_namespace("work-2");
    create(&cluster, "b");
    create(&cluster, "a");
    let body = lease("c", held("one"));
    cluster.create("work-2", &body, &by("tester")).unwrap();
    let list = |selection| {
        let options = ListOptions {
            selection,
            ..ListOptions::default()
        };
        cluster.list(&options).unwrap()
    };
    assert_eq!(names(&list(Selection::in_namespace("work"))), ["a", "b"]);
    assert!(list(Selection::in_namespace("nowhere")).leases.is_empty());
    // etcd keeps `work-2/c` before `work/a`.
    assert_eq!(names(&list(Selection::all())), ["c", "a", "b"]);
    assert_eq!(list(Selection::all()).version, cluster.version());
}

#[test]
fn selectors_narrow() {
    let (cluster, _) = cluster();
    labelled(&cluster, "a", "front");
    labelled(&cluster, "b", "back");
    create(&cluster, "c");
    let with = |labels: &str, fields: &str| {
        let selection = Selection::all()
            .with_labels(labels)
            .unwrap()
            .with_fields(fields)
            .unwrap();
        let options = ListOptions {
            selection,
            ..ListOptions::default()
        };
        names(&cluster.list(&options).unwrap()).join(",")
    };
    assert_eq!(with("tier=front", ""), "a");
    assert_eq!(with("tier notin (front)", ""), "b,c");
    assert_eq!(with("!tier", ""), "c");
    assert_eq!(with("tier", "metadata.name!=a"), "b");
    assert_eq!(with("", "metadata.name=c,metadata.namespace=work"), "c");
}

#[test]
fn pages_are_of_one_moment() {
    let (cluster, _) = cluster();
    for name in ["a", "b", "c", "d", "e"] {
        create(&cluster, name);
    }
    let page = |continue_token| {
        let options = ListOptions {
            continue_token,
            limit: 2,
            ..ListOptions::default()
        };
        cluster.list(&options)
    };
    let first = page(None).unwrap();
    assert_eq!(names(&first), ["a", "b"]);
    assert_eq!(first.remaining, Some(3));
    cluster
        .delete("work", "c", &DeleteOptions::default())
        .unwrap();
    create(&cluster, "bb");
    let second = page(first.next.clone()).unwrap();
    assert_eq!(names(&second), ["c", "d"]);
    assert_eq!(second.version, first.version);
    let third = page(second.next).unwrap();
    assert_eq!(names(&third), ["e"]);
    assert_eq!((third.next, third.remaining), (None, None));

    cluster.compact();
    let expired = page(first.next).unwrap_err();
    assert_eq!((expired.code, expired.reason), (410, "Expired"));
    let resumed = page(
        expired.to_value()["metadata"]["continue"]
            .as_str()
            .map(str::to_owned),
    );
    assert_eq!(names(&resumed.unwrap()), ["bb", "d"]);
    assert_eq!(refusal(page(Some("?".into()))), (400, "BadRequest"));
}

#[test]
fn an_exact_version_is_that_moment() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let then = cluster.version();
    create(&cluster, "b");
    let at = |version, exact| {
        let resource_version = Some(version);
        cluster.list(&ListOptions {
            exact,
            resource_version,
            ..ListOptions::default()
        })
    };
    assert_eq!(names(&at(then, true).unwrap()), ["a"]);
    assert_eq!(names(&at(then, false).unwrap()), ["a", "b"]);
    assert_eq!(refusal(at(cluster.version() + 1, false)), (504, "Timeout"));
    cluster.compact();
    assert_eq!(refusal(at(then, true)), (410, "Expired"));
}
