//! A small living cluster: some fifteen locks, as real programs would hold them, some of them
//! stuck.

mod elector;
mod lock;
mod record;
mod scene;

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use self::lock::Life;
use crate::cluster::Cluster;

/// Seeds the locks of the living cluster, written in the past by their holders, in the order of
/// time, with stamps that say so.
///
/// The namespaces that every cluster has are as old as the cluster: one that is to look lived in
/// is made with `Cluster::new(Clock::manual(long_ago)).with_clock(Clock::Real)`.
pub fn populate(cluster: &Cluster) {
    let mut writes = Vec::new();
    let now = cluster.now();
    for lock in scene::locks() {
        cluster
            .at(ago(now, lock.created))
            .add_namespace(lock.namespace);
        let lock = Arc::new(lock);
        for (age, deed) in lock.past() {
            writes.push((age, deed, Arc::clone(&lock)));
        }
    }
    writes.sort_by_key(|(age, ..)| Reverse(*age));
    for (age, deed, lock) in writes {
        record::write(&cluster.at(ago(now, age)), &lock, deed);
    }
}

/// The programs that hold the seeded locks: they renew, hand over, and take back what is free,
/// until this is dropped. The dead ones stay dead.
#[derive(Debug)]
pub struct Population {
    programs: JoinSet<()>,
}

impl Population {
    /// Starts them on a cluster that [`populate`] has seeded. To be called within a tokio
    /// runtime, which carries them.
    pub fn start(cluster: &Cluster) -> Self {
        let mut programs = JoinSet::new();
        for lock in scene::locks() {
            match lock.life {
                Life::Gone => {}
                Life::HandsOver { .. } => {
                    programs.spawn(elector::hand_over_for_ever(cluster.clone(), lock));
                }
                Life::Renews { .. } => {
                    programs.spawn(elector::hold_for_ever(cluster.clone(), lock));
                }
            }
        }
        Self { programs }
    }

    /// How many programs run.
    pub fn len(&self) -> usize {
        self.programs.len()
    }

    /// Whether none runs.
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }
}

fn ago(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_sub(SignedDuration::from_secs(seconds))
        .unwrap_or(now)
}
