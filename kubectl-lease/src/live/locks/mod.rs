//! The locks that are followed: what is known of them, and in which order they are shown.
//!
//! All of it moves by what changed, so that ten thousand locks cost little: a change takes one row
//! out of its place and puts it into another, and time alone touches only the locks that stand
//! otherwise by it.

mod happening;
mod history;
mod lock;
mod lock_id;
mod order;
mod seen;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

pub(crate) use happening::{Happening, What};
pub(crate) use history::{History, Tenure};
use lease_client::Change;
use lease_core::{Dialect, Instant, State, Uid};
pub(crate) use lock::Lock;
pub(crate) use lock_id::LockId;
pub(crate) use order::Sort;
pub(crate) use seen::Seen;

use super::filter::Filter;
use crate::sight::{Clock, Hearing};
use crate::tickets::Tickets;

/// How long a deleted lock is still shown.
const LINGERS: Duration = Duration::from_secs(10);

/// What is shown, and in which order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Arrangement {
    pub(crate) filter: Filter,
    pub(crate) sort: Sort,
    /// Whether heartbeats of nodes are left out, which are no locks.
    pub(crate) hides_heartbeats: bool,
}

/// All locks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Locks {
    /// Each lock has a place of its own, which stays as long as it does.
    places: Vec<Option<Lock>>,
    free_places: Vec<usize>,
    by_id: HashMap<LockId, usize>,
    by_uid: HashMap<Uid, usize>,
    tickets: Tickets,
    hearing: Hearing,
    arrangement: Arrangement,
    /// The places of the locks that are shown.
    shown: Vec<usize>,
    /// When which lock stands otherwise, or is to go, if nothing happens.
    due: BTreeSet<(Instant, usize)>,
    heartbeats: usize,
    stuck: usize,
    is_listed: bool,
    /// Whether the rows are to be sorted at the end: one sort instead of ten thousand insertions.
    is_listing: bool,
}

impl Locks {
    /// Shows other locks, or in another order.
    pub(crate) fn arrange(&mut self, arrangement: Arrangement) {
        self.arrangement = arrangement;
        let taken = (0..self.places.len()).filter(|place| self.is_shown(*place));
        self.shown = taken.collect();
        let (places, sort) = (&self.places, self.arrangement.sort);
        self.shown.sort_by(|a, b| match (&places[*a], &places[*b]) {
            (Some(a), Some(b)) => sort.compare(a, b),
            // Only taken places are shown.
            _ => a.cmp(b),
        });
    }

    /// What is shown, and in which order.
    pub(crate) fn arrangement(&self) -> &Arrangement {
        &self.arrangement
    }

    /// How many locks are shown.
    pub(crate) fn len(&self) -> usize {
        self.shown.len()
    }

    /// How many there are but for what the filter leaves out.
    pub(crate) fn total(&self) -> usize {
        self.by_id.len() - self.heartbeats
    }

    /// How many are expired or worse, heartbeats aside.
    pub(crate) fn stuck(&self) -> usize {
        self.stuck
    }

    /// How many heartbeats of nodes there are.
    pub(crate) fn heartbeats(&self) -> usize {
        self.heartbeats
    }

    /// Whether they were listed once.
    pub(crate) fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// The lock in this row.
    pub(crate) fn in_row(&self, row: usize) -> Option<&Lock> {
        self.places[*self.shown.get(row)?].as_ref()
    }

    /// The lock with this id.
    pub(crate) fn get(&self, id: &LockId) -> Option<&Lock> {
        self.places[*self.by_id.get(id)?].as_ref()
    }

    /// The row of a lock, if it is shown.
    pub(crate) fn row_of(&self, id: &LockId) -> Option<usize> {
        let place = *self.by_id.get(id)?;
        self.find(place)
            .ok()
            .filter(|row| self.shown[*row] == place)
    }

    /// The point in time at which locks are judged.
    pub(crate) fn clock(&self, local: Instant) -> Clock {
        self.hearing.clock(local)
    }

    /// Namespaces that were seen, in order.
    pub(crate) fn namespaces(&self) -> BTreeSet<&str> {
        self.by_id.keys().map(|id| id.namespace.as_str()).collect()
    }

    /// Nothing is heard of them from now on.
    pub(crate) fn lose(&mut self, at: Instant) {
        self.hearing.lose(at);
    }

    /// Takes in a change that arrived at `at`, and says what happened.
    pub(crate) fn take(&mut self, change: Change<Seen>, at: Instant) -> Vec<Happening> {
        let mut happenings = Vec::new();
        if !matches!(change, Change::Interrupted(_)) {
            self.hearing.hear(at);
        }
        match change {
            Change::Interrupted(_) => self.hearing.lose(at),
            Change::Progress | Change::Resumed => {}
            Change::Applied(seen) => match seen.waits_for.clone() {
                Some(lock) => {
                    let changed = self.tickets.apply(ticket(&seen), lock);
                    self.count_waiters(&changed, &mut happenings);
                }
                None => happenings.extend(self.apply(seen, at)),
            },
            Change::Deleted(seen) if seen.waits_for.is_some() => {
                let changed = self.tickets.remove(&ticket(&seen));
                self.count_waiters(&changed, &mut happenings);
            }
            Change::Deleted(seen) => happenings.extend(self.delete(&seen.id(), at)),
            Change::Listed { leases, date } => {
                self.hearing.list(date, at);
                self.list(leases, at, &mut happenings);
            }
        }
        happenings
    }

    /// Judges the locks again that stand otherwise only because time has passed.
    pub(crate) fn pass(&mut self, now: Instant) -> Vec<Happening> {
        let mut happenings = Vec::new();
        let clock = self.clock(now);
        while let Some((at, place)) = self.due.first().copied()
            && at <= clock.local
        {
            self.due.pop_first();
            let Some(lock) = &self.places[place] else {
                continue;
            };
            if lock.gone.is_some() {
                self.remove(place);
                continue;
            }
            let id = lock.id.clone();
            let mut state = None;
            self.alter(place, |lock| {
                if lock.judge(clock) {
                    state = Some(lock.state());
                }
            });
            if let Some(state) = state {
                let what = What::Stands { state };
                happenings.push(Happening { id, what });
            }
        }
        happenings
    }

    /// When a lock stands otherwise if nothing happens; never while nothing is heard.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let (due, _) = self.due.first()?;
        self.hearing.reaches(*due)
    }

    fn list(&mut self, leases: Vec<Seen>, at: Instant, happenings: &mut Vec<Happening>) {
        self.is_listed = true;
        self.is_listing = true;
        self.shown.clear();
        let mut gone: HashSet<LockId> = self.by_id.keys().cloned().collect();
        let mut tickets = Vec::new();
        for seen in leases {
            if let Some(lock) = seen.waits_for.clone() {
                tickets.push((ticket(&seen), lock));
                continue;
            }
            let id = seen.id();
            gone.remove(&id);
            let is_known = self.get(&id).is_some_and(|lock| {
                lock.gone.is_none() && lock.snapshot().version == seen.snapshot.version
            });
            if !is_known {
                happenings.extend(self.apply(seen, at));
            }
        }
        for id in gone {
            happenings.extend(self.delete(&id, at));
        }
        let changed = self.tickets.list(tickets);
        self.count_waiters(&changed, happenings);
        for place in 0..self.places.len() {
            let Some(lock) = &mut self.places[place] else {
                continue;
            };
            lock.waiters = self.tickets.count(&lock.snapshot().version.uid);
        }
        self.is_listing = false;
        self.arrange(self.arrangement.clone());
    }

    fn apply(&mut self, seen: Seen, at: Instant) -> Option<Happening> {
        let clock = self.clock(at);
        let id = seen.id();
        let uid = seen.snapshot.version.uid.clone();
        let waiters = self.tickets.count(&uid);
        if let Some(place) = self.by_id.get(&id).copied() {
            let before = self.places[place].as_ref()?.snapshot().version.uid.clone();
            if before != uid {
                self.by_uid.remove(&before);
                self.by_uid.insert(uid, place);
            }
            let mut what = None;
            self.alter(place, |lock| {
                what = Some(lock.update(seen, at, clock));
                lock.waiters = waiters;
            });
            return what.map(|what| Happening { id, what });
        }
        let mut lock = Lock::new(seen, at, clock);
        lock.waiters = waiters;
        let place = self.free_places.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.by_id.insert(id.clone(), place);
        self.by_uid.insert(uid, place);
        self.places[place] = Some(lock);
        self.enter(place);
        let what = What::Created;
        Some(Happening { id, what })
    }

    fn delete(&mut self, id: &LockId, at: Instant) -> Option<Happening> {
        let place = *self.by_id.get(id)?;
        if self.places[place].as_ref()?.gone.is_some() {
            return None;
        }
        self.alter(place, |lock| lock.gone = Some(at));
        Some(Happening {
            id: id.clone(),
            what: What::Deleted,
        })
    }

    fn remove(&mut self, place: usize) {
        self.leave(place);
        if let Some(lock) = self.places[place].take() {
            self.by_id.remove(&lock.id);
            self.by_uid.remove(&lock.snapshot().version.uid);
            self.free_places.push(place);
        }
    }

    fn count_waiters(&mut self, changed: &HashSet<Uid>, happenings: &mut Vec<Happening>) {
        for uid in changed {
            let (Some(place), Some(waiters)) = (self.by_uid.get(uid), self.tickets.count(uid))
            else {
                continue;
            };
            let place = *place;
            self.alter(place, |lock| lock.waiters = Some(waiters));
            if let Some(lock) = &self.places[place] {
                happenings.push(Happening {
                    id: lock.id.clone(),
                    what: What::WaitedFor { waiters },
                });
            }
        }
    }

    /// Changes a lock, and moves it to where it then belongs.
    fn alter(&mut self, place: usize, change: impl FnOnce(&mut Lock)) {
        self.leave(place);
        if let Some(lock) = &mut self.places[place] {
            change(lock);
        }
        self.enter(place);
    }

    /// Takes a lock out of everything that its changes matter to.
    fn leave(&mut self, place: usize) {
        if let Ok(row) = self.find(place)
            && self.shown.get(row) == Some(&place)
        {
            self.shown.remove(row);
        }
        let Some(lock) = &self.places[place] else {
            return;
        };
        let counts = counts(lock);
        if let Some(due) = when_due(lock) {
            self.due.remove(&(due, place));
        }
        self.heartbeats -= counts.0;
        self.stuck -= counts.1;
    }

    /// Puts a lock into it again.
    fn enter(&mut self, place: usize) {
        let Some(lock) = &self.places[place] else {
            return;
        };
        let counts = counts(lock);
        if let Some(due) = when_due(lock) {
            self.due.insert((due, place));
        }
        self.heartbeats += counts.0;
        self.stuck += counts.1;
        if !self.is_listing && self.is_shown(place) {
            let row = self.find(place).unwrap_or_else(|row| row);
            self.shown.insert(row, place);
        }
    }

    fn is_shown(&self, place: usize) -> bool {
        let Some(lock) = &self.places[place] else {
            return false;
        };
        let is_hidden = self.arrangement.hides_heartbeats && is_heartbeat(lock);
        !is_hidden && self.arrangement.filter.takes(lock)
    }

    /// The row of a place, or where it would have to be.
    fn find(&self, place: usize) -> Result<usize, usize> {
        let Some(lock) = &self.places[place] else {
            return Err(0);
        };
        self.shown
            .binary_search_by(|other| match &self.places[*other] {
                Some(other) => self.arrangement.sort.compare(other, lock),
                None => std::cmp::Ordering::Less,
            })
    }
}

fn ticket(seen: &Seen) -> (String, String) {
    let snapshot = &seen.snapshot;
    (snapshot.namespace.clone(), snapshot.name.clone())
}

fn is_heartbeat(lock: &Lock) -> bool {
    lock.snapshot().dialect == Dialect::NodeHeartbeat
}

/// When something is to be done about a lock though nothing happens to it.
fn when_due(lock: &Lock) -> Option<Instant> {
    match lock.gone {
        Some(gone) => Some(gone.saturating_add(LINGERS)),
        None => lock.due,
    }
}

/// By how much it counts as a heartbeat, and as stuck.
fn counts(lock: &Lock) -> (usize, usize) {
    let is_heartbeat = is_heartbeat(lock);
    let is_stuck = !is_heartbeat && lock.gone.is_none() && lock.state() >= State::Expired;
    (usize::from(is_heartbeat), usize::from(is_stuck))
}
