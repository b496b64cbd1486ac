//! Going back to an older state, and runs that can be had again.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use lease_sandbox::{Clock, Cluster, DeleteOptions, EventKind, ListOptions, Selection, answer};
use serde_json::{Value, json};

use crate::fixture::{START, change, cluster, create, refusal};

#[test]
fn what_came_after_a_backup_has_never_been() {
    let (cluster, _) = cluster();
    let stored = create(&cluster, "a");
    let backup = cluster.backup();
    let version = cluster.version();
    let later = change(&cluster, "a", "tester", |lease| {
        lease["spec"]["leaseTransitions"] = json!(1);
    });
    create(&cluster, "b");
    cluster
        .delete("work", "a", &DeleteOptions::default())
        .unwrap();

    cluster.restore(&backup);
    assert_eq!(cluster.version(), version);
    assert_eq!(*cluster.get("work", "a").unwrap(), stored);
    assert_eq!(refusal(cluster.get("work", "b")), (404, "NotFound"));
    let by = crate::fixture::by("tester");
    let late = cluster.replace("work", "a", &later.unwrap(), &by);
    assert_eq!(refusal(late), (409, "Conflict"));
}

#[test]
fn a_uid_is_not_given_again_after_a_restore() {
    let cluster = Cluster::seeded(Clock::manual(START.parse().unwrap()), 7);
    cluster.add_namespace("work");
    let backup = cluster.backup();
    let first = create(&cluster, "a");
    cluster.restore(&backup);
    assert_ne!(
        first["metadata"]["uid"],
        create(&cluster, "a")["metadata"]["uid"]
    );
}

#[test]
fn open_watches_end_with_a_restore_and_new_ones_know_nothing_from_before() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let before = cluster.version();
    create(&cluster, "b");
    let backup = cluster.backup();
    let mut open = cluster.watch(Selection::all(), Some(cluster.version()));
    create(&cluster, "c");
    cluster.restore(&backup);
    assert!(open.try_next().is_none());
    create(&cluster, "d");
    assert!(open.try_next().is_none());

    let mut late = cluster.watch(Selection::all(), Some(before));
    assert_eq!(late.try_next().unwrap().kind, EventKind::Error);
    let version = cluster.list(&ListOptions::default()).unwrap().version;
    let mut new = cluster.watch(Selection::all(), Some(version));
    create(&cluster, "e");
    assert_eq!(new.try_next().unwrap().kind, EventKind::Added);
}

#[test]
fn one_seed_makes_the_same_objects_and_another_one_others() {
    let run = |seed| {
        let cluster = Cluster::seeded(Clock::manual(START.parse().unwrap()), seed);
        cluster.add_namespace("work");
        let lease: Value = create(&cluster, "a");
        (lease, cluster.namespaces())
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let uid = run(1).0["metadata"]["uid"].as_str().unwrap().to_owned();
    assert_eq!((uid.len(), &uid[14..15]), (36, "4"), "{uid}");
}

#[tokio::test]
async fn it_answers_in_the_same_process_as_over_a_connection() {
    let (cluster, clock) = cluster();
    let stored = create(&cluster, "a");
    let request = Request::get("/apis/coordination.k8s.io/v1/namespaces/work/leases/a");
    let response = answer(&cluster, request.body(Empty::<Bytes>::new()).unwrap()).await;
    assert_eq!(response.status(), 200);
    let date = clock
        .now()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    assert_eq!(response.headers()["date"], date);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), stored);
}
