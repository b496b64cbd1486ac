//! Who believes to hold the lock, and who waits for it.

use std::collections::BTreeMap;
use std::time::Duration;

use lease_client::Held;
use lease_core::{FencingToken, Timing};
use tokio::time::Instant;

use crate::host::Host;

/// A contender of ours, by its place in the cast: one after the other may sit there.
pub(crate) type Seat = usize;

/// How late news of the lock may be.
const LATEST_NEWS: Duration = Duration::from_secs(60);

/// What nobody can make up for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Upheaval {
    /// The lock was deleted: who comes new creates it again, and cannot know who still believes.
    Deleted,
    /// The server went back to an older state, in which somebody else may have held the lock.
    Restored,
}

pub(crate) struct Witness {
    timing: Timing,
    beliefs: BTreeMap<Seat, Belief>,
    /// When the peer that behaves as client-go stops to believe.
    peer: Option<Instant>,
    pub(crate) waiters: BTreeMap<Seat, Waiter>,
    /// The last token that was given out.
    token: Option<FencingToken>,
    /// When the lock was deleted last, and when everything was restored.
    deleted: Option<Instant>,
    restored: Option<Instant>,
    /// Whether somebody who came after the deletion held the lock, or another program may have.
    is_hereditary: bool,
    pub(crate) has_peers: bool,
    /// Since when nobody holds the lock.
    pub(crate) idle_since: Instant,
    pub(crate) reached: Reached,
}

struct Belief {
    held: Held<Host>,
    name: String,
    attempted: Instant,
}

pub(crate) struct Waiter {
    pub(crate) name: String,
    pub(crate) since: Instant,
    /// Whether it waits until it has the lock, in line.
    pub(crate) is_patient: bool,
}

/// How often what happened, so that a run in which nothing does is noticed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reached {
    /// How long it was played.
    pub(crate) time: Duration,
    pub(crate) writes: u64,
    pub(crate) hand_overs: u64,
    /// Hand-overs that nobody confirmed in time.
    pub(crate) dead_grants: u64,
    pub(crate) holds: u64,
    pub(crate) losses: u64,
    pub(crate) peer_holds: u64,
    /// Those who slept past their lease and found the lock lost.
    pub(crate) overslept: u64,
    pub(crate) upheavals: u64,
    pub(crate) longest_idle: Duration,
    pub(crate) longest_wait: Duration,
}

impl Reached {
    pub(crate) fn add(&mut self, other: &Self) {
        self.time += other.time;
        self.writes += other.writes;
        self.hand_overs += other.hand_overs;
        self.dead_grants += other.dead_grants;
        self.holds += other.holds;
        self.losses += other.losses;
        self.peer_holds += other.peer_holds;
        self.overslept += other.overslept;
        self.upheavals += other.upheavals;
        self.longest_idle = self.longest_idle.max(other.longest_idle);
        self.longest_wait = self.longest_wait.max(other.longest_wait);
    }
}

impl Witness {
    pub(crate) fn new(timing: Timing) -> Self {
        Self {
            timing,
            beliefs: BTreeMap::new(),
            peer: None,
            waiters: BTreeMap::new(),
            token: None,
            deleted: None,
            restored: None,
            is_hereditary: false,
            has_peers: false,
            idle_since: Instant::now(),
            reached: Reached::default(),
        }
    }

    /// The lock that came to be at this time is deleted, or everything is restored.
    pub(crate) fn happens(&mut self, upheaval: Upheaval, created: Instant) {
        self.reached.upheavals += 1;
        // Who was cut off all the while comes new to a young lock, and does not know of it. And
        // what was excused a moment ago still is.
        let is_young = created.elapsed() < self.timing.lease_duration() * 5 + LATEST_NEWS;
        self.is_hereditary = self.has_peers || is_young || self.is_excused();
        let now = Some(Instant::now());
        match upheaval {
            Upheaval::Deleted => self.deleted = now,
            Upheaval::Restored => {
                self.token = None;
                self.restored = now;
            }
        }
    }

    /// Whether what was known before a restore may still be acted on. Versions come again then,
    /// for other states: a write meets a version that it was not meant for, until everybody has
    /// heard of the new ones.
    pub(crate) fn is_restored(&self) -> bool {
        let known = self.timing.lease_duration() + LATEST_NEWS;
        self.restored.is_some_and(|at| self.is_recent(at, known))
    }

    /// Whether belief that began with what was known for so long may still last, on the slowest
    /// clock.
    fn is_recent(&self, at: Instant, known: Duration) -> bool {
        at.elapsed() < known + self.timing.renew_deadline() + Duration::from_secs(2)
    }

    fn is_excused(&self) -> bool {
        let is_deleted = |at| self.is_hereditary && self.is_recent(at, Duration::ZERO);
        self.deleted.is_some_and(is_deleted) || self.is_restored()
    }

    /// Somebody of ours begins to believe, with an attempt that began at this time.
    #[must_use]
    pub(crate) fn begins(
        &mut self,
        seat: Seat,
        name: String,
        held: Held<Host>,
        attempted: Instant,
    ) -> Option<String> {
        let token = held.token()?;
        self.reached.holds += 1;
        if let Some(at) = self.deleted
            // It may not have seen the lock before.
            && attempted + Duration::from_secs(30) > at
        {
            self.is_hereditary = true;
        }
        let last = self.token.take();
        let belief = Belief {
            held,
            name: name.clone(),
            attempted,
        };
        self.beliefs.insert(seat, belief);
        let is_behind = last.as_ref().is_some_and(|last| *last >= token);
        if is_behind && !self.is_excused() {
            return Some(format!("{name} has token {token} after {last:?}"));
        }
        if !self.is_restored() {
            self.token = if is_behind { last } else { Some(token) };
        }
        self.check()
    }

    /// Somebody of ours stops; if it lost the lock, so long after it last looked.
    pub(crate) fn ends(&mut self, seat: Seat, lost: Option<Duration>) {
        self.reached.losses += u64::from(lost.is_some());
        let overslept = lost.is_some_and(|slept| slept > self.timing.renew_deadline());
        self.reached.overslept += u64::from(overslept);
        if self.beliefs.remove(&seat).is_some() {
            self.idle_since = Instant::now();
        }
    }

    pub(crate) fn peer_believes_until(&mut self, until: Option<Instant>) -> Option<String> {
        if self.peer.is_none() && until.is_some() {
            self.reached.peer_holds += 1;
        }
        if self.peer.is_some() {
            self.idle_since = Instant::now();
        }
        self.peer = until;
        self.check()
    }

    /// Never two believers.
    #[must_use]
    pub(crate) fn check(&self) -> Option<String> {
        let believers: Vec<_> = self
            .beliefs
            .values()
            .filter(|belief| belief.held.is_held())
            .collect();
        let is_peers = self.peer.is_some_and(|until| Instant::now() < until);
        if believers.len() + usize::from(is_peers) < 2 || self.is_excused() {
            return None;
        }
        let mut names: Vec<_> = believers
            .iter()
            .map(|belief| format!("{} (since {:?})", belief.name, belief.attempted.elapsed()))
            .collect();
        if is_peers {
            names.push("client-go".to_owned());
        }
        Some(format!("{} believe to hold the lock", names.join(" and ")))
    }

    /// Whether anybody believes.
    pub(crate) fn is_held(&self) -> bool {
        self.beliefs.values().any(|belief| belief.held.is_held()) || self.peer.is_some()
    }
}
