//! Locks that are followed: what is known of them, and how they stand as time passes.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures::{Stream, StreamExt, stream};
use lease_client::{Change, LeaseSummary, Listed, ReadError, Scope, Writer, clock};
use lease_core::{Instant, Observer, State, Timestamp, Uid, judge};
use serde_json::{Map, Value};

use super::Query;
use super::sorting::{Key, SortBy};
use crate::failure::Failure;
use crate::lock_row::Row;
use crate::output::Output;
use crate::session::Session;
use crate::sight::{self, Clock, Hearing};
use crate::tickets::Tickets;
use crate::waiters::tickets;

/// What is heard of locks, and of tickets where those are told apart.
pub(super) enum Heard {
    Locks(Result<Change<Seen>, ReadError>),
    Tickets(Result<Change<Seen>, ReadError>),
}

/// Follows what the query asks for.
pub(super) fn heard(
    session: &Session,
    query: &Arc<Query>,
) -> impl Stream<Item = Heard> + Unpin + use<> {
    let follow = |selection| {
        let kept = Arc::clone(query);
        session
            .store
            .watch_keeping(selection, move |listed| Seen::new(listed, &kept))
    };
    let locks = follow(query.selection.clone()).map(Heard::Locks);
    let apart = query.follows_tickets_apart().then(|| {
        let scope = match &query.selection.scope {
            Scope::One { namespace, .. } => Scope::Namespace(namespace.clone()),
            scope => scope.clone(),
        };
        follow(tickets(scope, None)).map(Heard::Tickets)
    });
    stream::select(locks, stream::iter(apart).flatten()).boxed()
}

/// What is kept of a lease when it is read.
pub(super) struct Seen {
    lease: LeaseSummary,
    /// The lock that it waits for, if it is a ticket that is counted and not shown.
    waits_for: Option<Uid>,
    /// What it is sorted by, if that is a field.
    key: Key,
    object: Option<Box<str>>,
}

/// A lock as it was seen last.
pub(super) struct Lock {
    observer: Observer,
    created: Option<Timestamp>,
    last_writer: Option<Writer>,
    key: Key,
    /// The object as text, where objects are shown.
    object: Option<Box<str>>,
    /// The state in which it was shown last, if it was.
    pub(super) shown: Option<State>,
}

/// All that is known.
#[derive(Default)]
pub(super) struct Followed {
    /// By namespace and name.
    locks: BTreeMap<(String, String), Lock>,
    pub(super) tickets: Tickets,
    /// Whether tickets are told apart from the locks.
    has_tickets_apart: bool,
    hearing: Hearing,
    /// Since when nothing is known of what happens, and why.
    pub(super) interrupted: Option<(Instant, ReadError)>,
}

/// What a change is news of.
#[derive(Default)]
pub(super) struct News {
    /// The locks that were created or changed.
    pub(super) changed: Vec<(String, String)>,
    /// The locks that more wait for, or fewer.
    pub(super) waited_for: Vec<(String, String)>,
    /// The locks that were deleted, as they were.
    pub(super) gone: Vec<Lock>,
    /// Whether the connection is back.
    pub(super) resumed: bool,
}

impl Seen {
    /// Keeps what the query needs.
    pub(super) fn new(listed: Listed<'_>, query: &Query) -> Self {
        let object = match query.output {
            Output::Json | Output::Yaml => {
                let mut object = listed.object();
                if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
                    metadata.remove("managedFields");
                }
                Some(Value::Object(object).to_string().into_boxed_str())
            }
            Output::Name | Output::Table | Output::Wide => None,
        };
        let key = match &query.sort {
            Some(sort) if !sort.is_moving() => {
                let row = Row::new(&listed.summary, listed.date);
                sort.key(&row, || listed.object())
            }
            _ => Key::Blank,
        };
        let waits_for = listed.summary.waits_for.clone();
        Self {
            key,
            object,
            waits_for: waits_for.filter(|_| !query.wants_tickets()),
            lease: listed.summary,
        }
    }
}

impl Lock {
    fn new(seen: Seen, at: Instant) -> Self {
        let Seen {
            lease, key, object, ..
        } = seen;
        Self {
            observer: Observer::new(lease.snapshot, at),
            created: lease.created,
            last_writer: lease.last_writer,
            key,
            object,
            shown: None,
        }
    }

    fn update(&mut self, seen: Seen, at: Instant) {
        let Seen {
            lease, key, object, ..
        } = seen;
        self.observer.observe(lease.snapshot, at);
        self.created = lease.created;
        self.last_writer = lease.last_writer;
        self.key = key;
        self.object = object;
    }

    /// How it stands at a point in time.
    pub(super) fn row(&self, clock: Clock, tickets: &Tickets) -> Row<'_> {
        let snapshot = self.observer.latest();
        let look = sight::look(&self.observer, clock);
        Row {
            snapshot,
            created: self.created,
            last_writer: self.last_writer.as_ref(),
            standing: *judge(snapshot, look).standing(),
            now: clock.date.unwrap_or_else(clock::wall),
            waiters: tickets.count(&snapshot.version.uid),
            holder_object: None,
        }
    }

    /// What it is sorted by as it stands in this row.
    pub(super) fn key(&self, sort: Option<&SortBy>, row: &Row<'_>) -> Key {
        match sort {
            Some(sort) if sort.is_moving() => sort.key(row, Map::new),
            _ => self.key.clone(),
        }
    }

    /// The object as it was read, without `managedFields`.
    pub(super) fn object(&self) -> Map<String, Value> {
        let text = self.object.as_deref().unwrap_or_default();
        serde_json::from_str(text).unwrap_or_default()
    }
}

impl Followed {
    /// Waits for the first list. If that does not come about, there is no use in waiting longer.
    /// If only that of tickets does not, it tells why.
    pub(super) async fn begin(
        &mut self,
        heard: &mut (impl Stream<Item = Heard> + Unpin),
        query: &Query,
    ) -> Result<Option<Failure>, Failure> {
        let mut without_tickets = None;
        self.has_tickets_apart = query.lists_tickets_apart();
        let mut waits_for_tickets = query.follows_tickets_apart();
        let mut waits_for_locks = true;
        while waits_for_locks || waits_for_tickets {
            match heard.next().await {
                Some(Heard::Locks(Ok(Change::Interrupted(error)) | Err(error))) => {
                    return Err(error.into());
                }
                Some(Heard::Locks(Ok(change))) => {
                    self.take(change, clock::local());
                    waits_for_locks = false;
                }
                Some(Heard::Tickets(Ok(Change::Interrupted(error)) | Err(error))) => {
                    without_tickets = Some(error.into());
                    waits_for_tickets = false;
                }
                Some(Heard::Tickets(Ok(change))) => {
                    self.take_tickets(change);
                    waits_for_tickets = false;
                }
                None => break,
            }
        }
        Ok(without_tickets)
    }

    /// From now on it is not known who waits.
    pub(super) fn forget_tickets(&mut self) -> News {
        self.tickets = Tickets::default();
        News::default()
    }

    /// Takes in a change of tickets that are told apart from the locks.
    pub(super) fn take_tickets(&mut self, change: Change<Seen>) -> News {
        let id_and_lock = |seen: Seen| {
            let id = id(&seen);
            seen.lease.waits_for.map(|lock| (id, lock))
        };
        let changed = match change {
            Change::Interrupted(_) | Change::Progress | Change::Resumed => HashSet::new(),
            Change::Applied(seen) => match id_and_lock(seen) {
                Some((id, lock)) => self.tickets.apply(id, lock),
                None => HashSet::new(),
            },
            Change::Deleted(seen) => self.tickets.remove(&id(&seen)),
            Change::Listed { leases, .. } => self
                .tickets
                .list(leases.into_iter().filter_map(id_and_lock)),
        };
        News {
            waited_for: self.named(&changed),
            ..News::default()
        }
    }

    /// Takes in a change that arrived at `at`.
    pub(super) fn take(&mut self, change: Change<Seen>, at: Instant) -> News {
        let mut news = News::default();
        match change {
            Change::Interrupted(error) => {
                self.hearing.lose(at);
                self.interrupted = Some((at, error));
                return news;
            }
            Change::Progress | Change::Resumed => {}
            Change::Applied(seen) => match seen.waits_for.clone() {
                Some(lock) => {
                    let changed = self.tickets.apply(id(&seen), lock);
                    news.waited_for = self.named(&changed);
                }
                None => news.changed.push(self.apply(seen, at)),
            },
            Change::Deleted(seen) if seen.waits_for.is_some() => {
                let changed = self.tickets.remove(&id(&seen));
                news.waited_for = self.named(&changed);
            }
            Change::Deleted(seen) => {
                news.gone.push(match self.locks.remove(&id(&seen)) {
                    Some(mut lock) => {
                        lock.update(seen, at);
                        lock
                    }
                    None => Lock::new(seen, at),
                });
            }
            Change::Listed { leases, date } => {
                self.hearing.list(date, at);
                let mut before = std::mem::take(&mut self.locks);
                let mut tickets = Vec::new();
                for seen in leases {
                    let id = id(&seen);
                    if let Some(lock) = seen.waits_for {
                        tickets.push((id, lock));
                        continue;
                    }
                    if let Some(lock) = before.remove(&id) {
                        let is_known =
                            lock.observer.latest().version == seen.lease.snapshot.version;
                        self.locks.insert(id.clone(), lock);
                        if is_known {
                            continue;
                        }
                    }
                    news.changed.push(self.apply(seen, at));
                }
                news.gone.extend(before.into_values());
                if !self.has_tickets_apart {
                    let changed = self.tickets.list(tickets);
                    news.waited_for = self.named(&changed);
                }
            }
        }
        self.hearing.hear(at);
        news.resumed = self.interrupted.take().is_some();
        news
    }

    /// The locks of these uids, by namespace and name.
    fn named(&self, uids: &HashSet<Uid>) -> Vec<(String, String)> {
        if uids.is_empty() {
            return Vec::new();
        }
        let locks = self.locks.iter();
        locks
            .filter(|(_, lock)| uids.contains(&lock.observer.latest().version.uid))
            .map(|(id, _)| id.clone())
            .collect()
    }

    fn apply(&mut self, seen: Seen, at: Instant) -> (String, String) {
        let id = id(&seen);
        match self.locks.get_mut(&id) {
            Some(lock) => lock.update(seen, at),
            None => _ = self.locks.insert(id.clone(), Lock::new(seen, at)),
        }
        id
    }

    /// Whether there is no lock at all.
    pub(super) fn is_empty(&self) -> bool {
        self.locks.is_empty()
    }

    /// The lock of this namespace and name, and all tickets.
    pub(super) fn get_mut(&mut self, id: &(String, String)) -> Option<(&mut Lock, &Tickets)> {
        Some((self.locks.get_mut(id)?, &self.tickets))
    }

    /// All locks, by namespace and name.
    pub(super) fn locks(&self) -> impl Iterator<Item = &Lock> {
        self.locks.values()
    }

    /// All locks, by namespace and name, and all tickets.
    pub(super) fn locks_mut(&mut self) -> (impl Iterator<Item = &mut Lock>, &Tickets) {
        (self.locks.values_mut(), &self.tickets)
    }

    /// The time by which locks are judged. While the connection is broken, it stands still:
    /// whoever renews then does so unseen.
    pub(super) fn clock(&self, now: Instant) -> Clock {
        self.hearing.clock(now)
    }
}

fn id(seen: &Seen) -> (String, String) {
    let snapshot = &seen.lease.snapshot;
    (snapshot.namespace.clone(), snapshot.name.clone())
}
