//! A follower whose connections are cut at random keeps the whole picture.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures::StreamExt;
use lease_client::Change;
use lease_sandbox::{Cluster, DeleteOptions, ListOptions, serve};
use tokio::time::{Duration, Instant, sleep, timeout_at};

use crate::cable::Cable;
use crate::fixture::{
    Dice, NAMESPACE, SOON, all, cluster, create, held, holder_of, pass_on, store, version,
    version_of,
};

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// At least so many changes are made, and more until there were so many interruptions.
const CHANGES: usize = 600;
const INTERRUPTIONS: usize = 10;

/// One change, as the writer made it and as the follower has to see it.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Seen {
    Applied(u64),
    Deleted(u64),
}

/// What a follower knows, checked with each change that comes.
#[derive(Default)]
struct Picture {
    leases: BTreeMap<String, (u64, String)>,
    /// The changes since the last list, which must be the writer's, without a gap.
    run: Vec<Seen>,
    /// The runs before.
    runs: Vec<Vec<Seen>>,
}

impl Picture {
    fn take(&mut self, change: Change) {
        match change {
            Change::Applied(lease) => {
                let (name, version) = (lease.snapshot().name.clone(), version_of(&lease));
                let entry = (version, holder_of(&lease).to_owned());
                let before = self.leases.insert(name.clone(), entry);
                assert!(
                    before.as_ref().is_none_or(|before| before.0 < version),
                    "{name} went from {before:?} to {version}"
                );
                self.run.push(Seen::Applied(version));
            }
            Change::Deleted(lease) => {
                let (name, version) = (&lease.snapshot().name, version_of(&lease));
                let before = self.leases.remove(name);
                assert!(
                    before.as_ref().is_some_and(|before| before.0 < version),
                    "{name} went from {before:?} to a deletion in {version}"
                );
                self.run.push(Seen::Deleted(version));
            }
            Change::Interrupted(_) | Change::Progress | Change::Resumed => {}
            Change::Listed { leases, .. } => {
                let listed = leases.iter().map(|lease| {
                    let entry = (version_of(lease), holder_of(lease).to_owned());
                    (lease.snapshot().name.clone(), entry)
                });
                let listed: BTreeMap<_, _> = listed.collect();
                for (name, (version, _)) in &listed {
                    let before = self.leases.get(name);
                    assert!(
                        before.is_none_or(|before| before.0 <= *version),
                        "{name} went back from {before:?} to {version}"
                    );
                }
                self.leases = listed;
                self.runs.push(std::mem::take(&mut self.run));
            }
        }
    }

    /// Each run is a piece of the history: nothing is missing in it, and nothing is told twice.
    fn check(mut self, history: &[Seen]) -> usize {
        self.runs.push(self.run);
        let mut longest = 0;
        for run in self.runs.iter().filter(|run| !run.is_empty()) {
            let start = history.iter().position(|change| *change == run[0]).unwrap();
            assert_eq!(run[..], history[start..start + run.len()]);
            longest = longest.max(run.len());
        }
        longest
    }
}

/// One change of one lease.
fn change(cluster: &Cluster, dice: &mut Dice, number: usize) -> Seen {
    let name = NAMES[dice.below(NAMES.len())];
    let holder = format!("holder-{number}");
    if cluster.get(NAMESPACE, name).is_err() {
        Seen::Applied(create(cluster, &held(name, &holder)))
    } else if dice.below(4) == 0 {
        let options = DeleteOptions::default();
        cluster.delete(NAMESPACE, name, &options).unwrap();
        Seen::Deleted(cluster.version())
    } else {
        Seen::Applied(pass_on(cluster, name, &holder))
    }
}

fn truth(cluster: &Cluster) -> BTreeMap<String, (u64, String)> {
    let list = cluster.list(&ListOptions::default()).unwrap();
    let leases = list.leases.iter().map(|lease| {
        let holder = lease["spec"]["holderIdentity"].as_str().unwrap().to_owned();
        let name = lease["metadata"]["name"].as_str().unwrap().to_owned();
        (name, (version(lease), holder))
    });
    leases.collect()
}

async fn follow_through(seed: u64) {
    let (cluster, server) = cluster().await;
    let addr = server.addr();
    let mut lengths = Dice(seed);
    let cable = Cable::new(addr, move || 2_000 + lengths.below(12_000)).await;
    let store = store(&cable.url(), SOON).await;
    let mut changes = pin!(lease_client::Store::watch(&store, all()));

    let interruptions = Arc::new(AtomicUsize::new(0));
    let (so_far, written) = (Arc::clone(&interruptions), cluster.clone());
    let mut writer = tokio::spawn(async move {
        let mut server = Some(server);
        let mut dice = Dice(seed + 1000);
        let mut history = Vec::new();
        let mut number = 0;
        while number < CHANGES || so_far.load(Relaxed) < INTERRUPTIONS {
            history.push(change(&written, &mut dice, number));
            match number % 200 {
                100 => written.compact(),
                150 => {
                    server.take().unwrap().shutdown().await;
                    // Another holder than the one before, or it would change nothing.
                    history.push(change(&written, &mut dice, number + 1_000_000));
                    server = Some(serve(written.clone(), addr).await.unwrap());
                }
                // A pace at which the follower has to take part in the story.
                _ => sleep(Duration::from_millis(3)).await,
            }
            number += 1;
        }
        (server, history)
    });

    let mut picture = Picture::default();
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut written = None;
    while written.is_none() || picture.leases != truth(&cluster) {
        tokio::select! {
            all = &mut writer, if written.is_none() => written = Some(all.unwrap()),
            change = timeout_at(deadline, changes.next()) => {
                let change = change.unwrap_or_else(|_| {
                    let truth = truth(&cluster);
                    panic!("seed {seed}: {:?} is not {truth:?}", picture.leases)
                });
                let change = change.unwrap().unwrap();
                if matches!(change, Change::Interrupted(_)) {
                    interruptions.fetch_add(1, Relaxed);
                }
                picture.take(change);
            }
        }
    }
    let (_server, history) = written.unwrap();
    let longest = picture.check(&history);
    // Else this would prove little.
    assert!(longest > 10, "no run is longer than {longest}");
}

#[tokio::test]
async fn a_follower_misses_nothing_whatever_happens_to_its_connections() {
    for seed in [1, 2, 3] {
        follow_through(seed).await;
    }
}
