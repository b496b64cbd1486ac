//! Watches.

use lease_sandbox::{Clock, Cluster, DeleteOptions, EventKind, Selection, Watch};
use serde_json::{Value, json};

use crate::fixture::{START, change, cluster, create};

fn told(watch: &mut Watch) -> Vec<(EventKind, String)> {
    std::iter::from_fn(|| watch.try_next())
        .map(|event| {
            let name = event.object["metadata"]["name"]
                .as_str()
                .unwrap_or_default();
            (event.kind, name.to_owned())
        })
        .collect()
}

fn touch(cluster: &Cluster, name: &str, count: i64) {
    change(cluster, name, "tester", |lease| {
        lease["spec"]["leaseTransitions"] = json!(count);
    })
    .unwrap();
}

#[test]
fn a_watch_tells_every_change_after_its_version_in_order() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let mut watch = cluster.watch(Selection::all(), Some(cluster.version()));
    assert_eq!(told(&mut watch), []);
    create(&cluster, "b");
    touch(&cluster, "a", 1);
    cluster
        .delete("work", "b", &DeleteOptions::default())
        .unwrap();
    assert_eq!(
        told(&mut watch),
        [
            (EventKind::Added, "b".into()),
            (EventKind::Modified, "a".into()),
            (EventKind::Deleted, "b".into()),
        ]
    );
    assert_eq!(watch.version(), cluster.version());
}

#[test]
fn without_a_version_it_first_tells_what_is_there() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    for since in [None, Some(0)] {
        let mut watch = cluster.watch(Selection::all(), since);
        assert_eq!(told(&mut watch), [(EventKind::Added, "a".into())]);
    }
}

#[test]
fn a_deletion_carries_its_own_version() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let mut watch = cluster.watch(Selection::all(), Some(cluster.version()));
    cluster
        .delete("work", "a", &DeleteOptions::default())
        .unwrap();
    let event = watch.try_next().unwrap();
    let version = &event.object["metadata"]["resourceVersion"];
    assert_eq!(version, &cluster.version().to_string());
}

#[test]
fn objects_come_into_a_selection_and_leave_it() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let selection = Selection::all().with_labels("tier=front").unwrap();
    let mut watch = cluster.watch(selection, Some(cluster.version()));
    let label = |value: Value| {
        change(&cluster, "a", "x", |lease| {
            lease["metadata"]["labels"] = value;
        })
        .unwrap();
    };
    label(json!({ "tier": "front" }));
    touch(&cluster, "a", 1);
    label(json!(null));
    touch(&cluster, "a", 2);
    let kinds: Vec<_> = told(&mut watch).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [EventKind::Added, EventKind::Modified, EventKind::Deleted]
    );
}

#[test]
fn a_compacted_version_ends_the_watch_with_a_410() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let old = cluster.version();
    touch(&cluster, "a", 1);
    let mut slow = cluster.watch(Selection::all(), Some(old));
    cluster.compact();
    let mut late = cluster.watch(Selection::all(), Some(old));
    for watch in [&mut slow, &mut late] {
        let event = watch.try_next().unwrap();
        assert_eq!(event.kind, EventKind::Error);
        assert_eq!(
            (&event.object["code"], &event.object["reason"]),
            (&json!(410), &json!("Expired"))
        );
        assert!(watch.try_next().is_none());
    }
}

#[test]
fn the_log_is_bounded() {
    let clock = Clock::manual(START.parse().unwrap());
    let cluster = Cluster::with_log(clock, 3);
    cluster.add_namespace("work");
    create(&cluster, "a");
    let first = cluster.version();
    for count in 1..=3 {
        touch(&cluster, "a", count);
    }
    assert_eq!(
        told(&mut cluster.watch(Selection::all(), Some(first))).len(),
        3
    );
    touch(&cluster, "a", 4);
    let mut watch = cluster.watch(Selection::all(), Some(first));
    assert_eq!(watch.try_next().unwrap().kind, EventKind::Error);
}

#[tokio::test]
async fn many_writers_leave_no_gap() {
    let (cluster, _) = cluster();
    create(&cluster, "a");
    let mut watch = cluster.watch(Selection::all(), Some(cluster.version()));
    let first = cluster.version();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let cluster = cluster.clone();
            std::thread::spawn(move || {
                for turn in 0..50 {
                    // Another writer may win: then again.
                    while change(&cluster, "a", "tester", |lease| {
                        lease["spec"]["holderIdentity"] = json!(format!("{writer}-{turn}"));
                    })
                    .is_err()
                    {}
                }
            })
        })
        .collect();
    for expected in 1..=200 {
        let event = watch.next().await.unwrap();
        let version = event.object["metadata"]["resourceVersion"]
            .as_str()
            .unwrap();
        assert_eq!(version, (first + expected).to_string());
    }
    for writer in writers {
        writer.join().unwrap();
    }
}
