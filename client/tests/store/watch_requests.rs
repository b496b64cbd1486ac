//! What a follower asks the server for.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::fixture::{SOON, all, cluster, create, held, only, pass_on, store};
use crate::front::{Fate, Front, Request, answer, watch_lines};
use crate::interruptions::Follower;

/// The answer to what is no watch: a list without leases at version 100; and to the question for
/// the newest version, `newest`.
fn list(request: &Request, newest: &str) -> Fate {
    let is_question = request.path.contains("limit=1");
    let version = if is_question { newest } else { "100" };
    answer(
        200,
        &["date: Sat, 21 Nov 2026 10:00:00 GMT"],
        &json!({"kind": "LeaseList", "metadata": {"resourceVersion": version}, "items": []}),
    )
}

/// A bookmark as the server sends it: an object with nothing but a version.
fn bookmark(version: u32) -> Value {
    json!({"type": "BOOKMARK", "object": {
        "kind": "Lease", "apiVersion": "coordination.k8s.io/v1",
        "metadata": {"resourceVersion": version.to_string(), "creationTimestamp": null},
        "spec": {},
    }})
}

/// How many whole lists were asked for.
fn lists(front: &Front) -> usize {
    let seen = front.seen().into_iter();
    let lists = seen.filter(|one| !one.is_watch() && !one.path.contains("limit="));
    lists.count()
}

fn line(kind: &str, name: &str, version: u32) -> Value {
    json!({"type": kind, "object": {
        "metadata": {"name": name, "namespace": "work", "uid": "u",
                     "resourceVersion": version.to_string()},
        "spec": {"holderIdentity": format!("at-{version}")},
    }})
}

fn since(path: &str) -> &str {
    path.rsplit_once("&resourceVersion=").unwrap().1
}

#[tokio::test]
async fn a_bookmark_moves_the_point_from_which_it_goes_on() {
    let mut watches = 0;
    let front = Front::alone(move |request| {
        if !request.is_watch() {
            return list(request, "1000");
        }
        watches += 1;
        match watches {
            1 => watch_lines(&[bookmark(150)]),
            2 => watch_lines(&[line("MODIFIED", "a", 160), bookmark(170)]),
            3 => watch_lines(&[line("A-KIND-OF-TOMORROW", "", 180)]),
            _ => Fate::Hang,
        }
    })
    .await;
    let store = store(&front.url(), SOON).await;
    let mut follower = Follower::new(&store, all());

    assert_eq!(follower.next().await, "listed:");
    assert_eq!(follower.next().await, "a held by at-160");
    tokio::select! {
        change = follower.next() => panic!("a bookmark was told: {change}"),
        () = until(|| front.watches().len() == 4) => {}
    }

    let watches = front.watches();
    assert!(
        watches[0].contains("allowWatchBookmarks=true"),
        "{watches:?}"
    );
    let versions: Vec<_> = watches.iter().map(|path| since(path)).collect();
    assert_eq!(versions, ["100", "150", "170", "180"]);
    assert_eq!(lists(&front), 1);
}

/// Waits for a condition that changes without telling.
async fn until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !condition() {
        assert!(Instant::now() < deadline, "not in time");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_server_that_went_back_is_listed_again() {
    let mut watches = 0;
    let front = Front::alone(move |request| {
        if !request.is_watch() {
            // Its etcd was restored from a backup of long ago.
            return list(request, "50");
        }
        watches += 1;
        match watches {
            1 => watch_lines(&[line("ADDED", "a", 160)]),
            _ => Fate::Hang,
        }
    })
    .await;
    let store = store(&front.url(), SOON).await;
    let mut follower = Follower::new(&store, all());
    assert_eq!(follower.next().await, "listed:");
    assert_eq!(follower.next().await, "a held by at-160");
    assert_eq!(follower.next_news().await, "listed:");
}

#[tokio::test]
async fn what_makes_no_sense_leads_to_a_new_list() {
    let mut watches = 0;
    let front = Front::alone(move |request| {
        if !request.is_watch() {
            return list(request, "1000");
        }
        watches += 1;
        match watches {
            1 => watch_lines(&[json!({"type": "MODIFIED", "object": "not a lease"})]),
            2 => {
                watch_lines(&[json!({"type": "ERROR", "object": {"kind": "Status", "code": 410}})])
            }
            3 => watch_lines(&[json!("no event")]),
            _ => Fate::Hang,
        }
    })
    .await;
    let store = store(&front.url(), SOON).await;
    let mut follower = Follower::new(&store, all());
    for _ in 0..4 {
        assert_eq!(follower.next_news().await, "listed:");
    }
}

#[tokio::test]
async fn who_may_not_watch_is_told_and_no_more_is_asked() {
    for code in [401, 403] {
        let front = Front::alone(move |request| {
            if request.is_watch() {
                answer(code, &[], &json!({"kind": "Status", "message": "no"}))
            } else {
                list(request, "1000")
            }
        })
        .await;
        let store = store(&front.url(), SOON).await;
        let mut follower = Follower::new(&store, all());
        assert_eq!(follower.next().await, "listed:");
        assert!(follower.next().await.starts_with("failed: no ("));
        assert_eq!(follower.next().await, "the end");
        assert_eq!(front.watches().len(), 1);
        assert_eq!(lists(&front), 1);
    }
}

/// How many requests come in the two seconds in which a follower is let run.
async fn requests_in_two_seconds(front: &Front, mut follower: Follower) -> usize {
    let before = front.seen().len();
    let end = sleep(Duration::from_secs(2));
    tokio::pin!(end);
    loop {
        tokio::select! {
            _ = follower.next() => {}
            () = &mut end => return front.seen().len() - before,
        }
    }
}

#[tokio::test]
async fn watches_that_end_at_once_are_not_opened_in_a_loop() {
    let front = Front::alone(|request| {
        if request.is_watch() {
            watch_lines(&[])
        } else {
            list(request, "1000")
        }
    })
    .await;
    let store = store(&front.url(), SOON).await;
    let requests = requests_in_two_seconds(&front, Follower::new(&store, all())).await;
    assert!(requests < 15, "{requests} requests in two seconds");
}

#[tokio::test]
async fn a_lock_that_rests_for_long_is_watched_and_not_asked_for_again_and_again() {
    let (cluster, server) = cluster().await;
    create(&cluster, &held("a", "one"));
    create(&cluster, &held("b", "one"));
    for round in 0..5 {
        pass_on(&cluster, "b", &round.to_string());
    }
    // The version of the lock itself is too old for a watch to begin at.
    cluster.compact();
    let front = Front::before(server.addr(), |_| Fate::Forward).await;
    let store = store(&front.url(), SOON).await;
    let requests = requests_in_two_seconds(&front, Follower::new(&store, only("a"))).await;
    assert!(requests < 10, "{requests} requests in two seconds");
}
