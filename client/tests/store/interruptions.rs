//! What a follower learns after each kind of interruption.

use std::pin::Pin;

use futures::{Stream, StreamExt};
use lease_client::{Change, LeaseStore, ReadError, Selection, Store};
use lease_sandbox::{DeleteOptions, serve};
use tokio::time::timeout;

use crate::cable::Cable;
use crate::fixture::{
    NAMESPACE, SOON, all, cluster, create, held, holder_of, only, pass_on, store,
};

/// A follower, and what it says.
pub(crate) struct Follower(Pin<Box<dyn Stream<Item = Result<Change, ReadError>> + Send>>);

impl Follower {
    pub(crate) fn new(store: &LeaseStore, selection: Selection) -> Self {
        Self(Box::pin(store.watch(selection)))
    }

    /// The next change in few words.
    pub(crate) async fn next(&mut self) -> String {
        let change = loop {
            let change = timeout(SOON, self.0.next())
                .await
                .expect("a change in time");
            if !matches!(change, Some(Ok(Change::Progress))) {
                break change;
            }
        };
        match change {
            None => "the end".to_owned(),
            Some(Err(error)) => format!("failed: {error}"),
            Some(Ok(Change::Applied(lease))) => {
                format!("{} held by {}", lease.snapshot().name, holder_of(&lease))
            }
            Some(Ok(Change::Deleted(lease))) => format!("{} deleted", lease.snapshot().name),
            Some(Ok(Change::Interrupted(_))) => "interrupted".to_owned(),
            Some(Ok(Change::Progress)) => unreachable!("skipped above"),
            Some(Ok(Change::Resumed)) => "resumed".to_owned(),
            Some(Ok(Change::Listed { leases, date })) => {
                // A lock that does not exist is the only answer without one.
                assert!(date.is_some() || leases.is_empty());
                let names = leases.iter().map(|lease| {
                    let name = &lease.snapshot().name;
                    format!(" {name} held by {}", holder_of(lease))
                });
                format!("listed:{}", names.collect::<String>())
            }
        }
    }

    /// The next change that is no interruption, nor the end of one: after a cut there may be one
    /// or none.
    pub(crate) async fn next_news(&mut self) -> String {
        loop {
            let change = self.next().await;
            if !["interrupted", "resumed"].contains(&change.as_str()) {
                return change;
            }
        }
    }
}

fn delete(cluster: &lease_sandbox::Cluster, name: &str) {
    let options = DeleteOptions::default();
    cluster.delete(NAMESPACE, name, &options).unwrap();
}

#[tokio::test]
async fn after_a_cut_it_goes_on_where_it_was() {
    let (cluster, server) = cluster().await;
    let cable = Cable::sound(server.addr()).await;
    let store = store(&cable.url(), SOON).await;
    create(&cluster, &held("a", "one"));
    create(&cluster, &held("b", "one"));
    let mut follower = Follower::new(&store, all());
    assert_eq!(follower.next().await, "listed: a held by one b held by one");
    pass_on(&cluster, "a", "two");
    assert_eq!(follower.next().await, "a held by two");

    cable.unplug();
    pass_on(&cluster, "a", "three");
    pass_on(&cluster, "a", "four");
    delete(&cluster, "b");
    assert_eq!(follower.next().await, "interrupted");
    cable.plug_in();

    // No list: each state comes, the deletion too, and none twice.
    assert_eq!(follower.next_news().await, "a held by three");
    assert_eq!(follower.next_news().await, "a held by four");
    assert_eq!(follower.next_news().await, "b deleted");
}

/// Each interruption is told once, and its end once, also where nothing has changed meanwhile.
#[tokio::test]
async fn the_end_of_an_interruption_is_told() {
    let (cluster, server) = cluster().await;
    let cable = Cable::sound(server.addr()).await;
    let store = store(&cable.url(), SOON).await;
    create(&cluster, &held("a", "one"));
    for (selection, resumed) in [
        (all(), "resumed"),
        // It is read again.
        (only("a"), "listed: a held by one"),
    ] {
        let mut follower = Follower::new(&store, selection);
        assert_eq!(follower.next().await, "listed: a held by one");
        for _ in 0..2 {
            cable.unplug();
            assert_eq!(follower.next().await, "interrupted");
            cable.plug_in();
            assert_eq!(follower.next().await, resumed);
        }
    }
}

#[tokio::test]
async fn after_a_compaction_a_list_replaces_all() {
    let (cluster, server) = cluster().await;
    let cable = Cable::sound(server.addr()).await;
    let store = store(&cable.url(), SOON).await;
    create(&cluster, &held("a", "one"));
    create(&cluster, &held("b", "one"));
    let mut follower = Follower::new(&store, all());
    follower.next().await;

    cable.unplug();
    delete(&cluster, "b");
    create(&cluster, &held("c", "one"));
    pass_on(&cluster, "a", "two");
    cluster.compact();
    assert_eq!(follower.next().await, "interrupted");
    cable.plug_in();

    assert_eq!(
        follower.next_news().await,
        "listed: a held by two c held by one"
    );
    pass_on(&cluster, "c", "two");
    assert_eq!(follower.next_news().await, "c held by two");
}

#[tokio::test]
async fn a_server_that_comes_back_is_followed_again() {
    let (cluster, server) = cluster().await;
    let addr = server.addr();
    let store = store(&server.url(), SOON).await;
    create(&cluster, &held("a", "one"));
    let mut follower = Follower::new(&store, all());
    follower.next().await;

    server.shutdown().await;
    assert_eq!(follower.next().await, "interrupted");
    pass_on(&cluster, "a", "two");
    let _server = serve(cluster.clone(), addr).await.unwrap();

    assert_eq!(follower.next_news().await, "a held by two");
}

#[tokio::test]
async fn one_name_is_followed_through_its_whole_life() {
    let (cluster, server) = cluster().await;
    let cable = Cable::sound(server.addr()).await;
    let store = store(&cable.url(), SOON).await;
    create(&cluster, &held("other", "one"));
    let mut follower = Follower::new(&store, only("a"));
    assert_eq!(follower.next().await, "listed:");

    create(&cluster, &held("a", "one"));
    pass_on(&cluster, "other", "two");
    create(&cluster, &held("ab", "one"));
    assert_eq!(follower.next().await, "a held by one");
    pass_on(&cluster, "a", "two");
    assert_eq!(follower.next().await, "a held by two");

    cable.unplug();
    delete(&cluster, "a");
    create(&cluster, &held("a", "three"));
    assert_eq!(follower.next().await, "interrupted");
    cable.plug_in();
    // It is read again: it is enough to know how it stands.
    assert_eq!(follower.next_news().await, "listed: a held by three");
    delete(&cluster, "a");
    assert_eq!(follower.next_news().await, "a deleted");
}

#[tokio::test]
async fn the_deletion_of_one_name_is_learned_after_a_compaction_too() {
    let (cluster, server) = cluster().await;
    let cable = Cable::sound(server.addr()).await;
    let store = store(&cable.url(), SOON).await;
    create(&cluster, &held("a", "one"));
    let mut follower = Follower::new(&store, only("a"));
    assert_eq!(follower.next().await, "listed: a held by one");

    cable.unplug();
    delete(&cluster, "a");
    cluster.compact();
    assert_eq!(follower.next().await, "interrupted");
    cable.plug_in();

    assert_eq!(follower.next_news().await, "listed:");
    create(&cluster, &held("a", "two"));
    assert_eq!(follower.next_news().await, "a held by two");
}
