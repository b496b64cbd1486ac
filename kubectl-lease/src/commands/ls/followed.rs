//! Locks that are followed: what is known of them, and how they stand as time passes.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::{Stream, StreamExt};
use lease_client::{Change, LeaseSummary, Listed, ReadError, Writer, clock};
use lease_core::{Instant, Look, Observer, State, Timestamp, judge};
use serde_json::{Map, Value};

use super::Query;
use super::sorting::{Key, SortBy};
use crate::failure::Failure;
use crate::lock_row::Row;
use crate::output::Output;

/// What is kept of a lease when it is read.
pub(super) struct Seen {
    lease: LeaseSummary,
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

/// A point in time.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    local: Instant,
    /// What the API server's clock shows.
    date: Option<Timestamp>,
}

/// All that is known.
#[derive(Default)]
pub(super) struct Followed {
    /// By namespace and name.
    locks: BTreeMap<(String, String), Lock>,
    /// What the API server's clock showed, and when that was on ours.
    date: Option<(Timestamp, Instant)>,
    /// Since when nothing is known of what happens, and why.
    pub(super) interrupted: Option<(Instant, ReadError)>,
}

/// What a change is news of.
#[derive(Default)]
pub(super) struct News {
    /// The locks that were created or changed.
    pub(super) changed: Vec<(String, String)>,
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
        Self {
            key,
            object,
            lease: listed.summary,
        }
    }
}

impl Lock {
    fn new(seen: Seen, at: Instant) -> Self {
        let Seen { lease, key, object } = seen;
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
        let Seen { lease, key, object } = seen;
        self.observer.observe(lease.snapshot, at);
        self.created = lease.created;
        self.last_writer = lease.last_writer;
        self.key = key;
        self.object = object;
    }

    /// How it stands at a point in time. What was seen to change is judged by that; else the API
    /// server's stamp tells more than the little that was observed.
    pub(super) fn row(&self, clock: Clock) -> Row<'_> {
        let snapshot = self.observer.latest();
        let look = match self.observer.look(clock.local) {
            seen @ Look::Observed {
                change_seen: true, ..
            } => seen,
            unseen => match Look::stamped_or_first(snapshot, clock.date) {
                stamped @ Look::Stamped { .. } => stamped,
                _ => unseen,
            },
        };
        Row {
            snapshot,
            created: self.created,
            last_writer: self.last_writer.as_ref(),
            standing: *judge(snapshot, look).standing(),
            now: clock.date.unwrap_or_else(clock::wall),
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
    pub(super) async fn begin(
        &mut self,
        changes: &mut (impl Stream<Item = Result<Change<Seen>, ReadError>> + Unpin),
    ) -> Result<(), Failure> {
        match changes.next().await {
            Some(Ok(Change::Interrupted(error)) | Err(error)) => Err(error.into()),
            Some(Ok(change)) => {
                self.take(change, clock::local());
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes in a change that arrived at `at`.
    pub(super) fn take(&mut self, change: Change<Seen>, at: Instant) -> News {
        let mut news = News::default();
        match change {
            Change::Interrupted(error) => {
                self.interrupted = Some((at, error));
                return news;
            }
            Change::Resumed => {}
            Change::Applied(seen) => news.changed.push(self.apply(seen, at)),
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
                self.date = date.map(|date| (date, at)).or(self.date);
                let mut before = std::mem::take(&mut self.locks);
                for seen in leases {
                    let id = id(&seen);
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
            }
        }
        news.resumed = self.interrupted.take().is_some();
        news
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

    /// The lock of this namespace and name.
    pub(super) fn get_mut(&mut self, id: &(String, String)) -> Option<&mut Lock> {
        self.locks.get_mut(id)
    }

    /// All locks, by namespace and name.
    pub(super) fn locks(&self) -> impl Iterator<Item = &Lock> {
        self.locks.values()
    }

    /// All locks, by namespace and name.
    pub(super) fn locks_mut(&mut self) -> impl Iterator<Item = &mut Lock> {
        self.locks.values_mut()
    }

    /// The time by which locks are judged. While the connection is broken, it stands still:
    /// whoever renews then does so unseen.
    pub(super) fn clock(&self, now: Instant) -> Clock {
        let now = self.interrupted.as_ref().map_or(now, |(since, _)| *since);
        let date = self.date.map(|(date, seen)| {
            // In whole seconds, as the server itself would say it.
            date.saturating_add(Duration::from_secs(now.since(seen).as_secs()))
        });
        Clock { local: now, date }
    }
}

fn id(seen: &Seen) -> (String, String) {
    let snapshot = &seen.lease.snapshot;
    (snapshot.namespace.clone(), snapshot.name.clone())
}
